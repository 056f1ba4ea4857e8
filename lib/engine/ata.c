/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/ata.h"

#include <errno.h>
#include <fcntl.h>
#include <scsi/sg.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/check.h"
#include "base/endian.h"

#define ADDRESSES (UINT64_C(1) << 48)

/* ---- what pages say ---- */

static uint16_t word(const uint8_t page[ATHAR_ATA_PAGE], unsigned n)
{
	return athar_le16(page + 2 * (size_t)n);
}

static bool bit(const uint8_t page[ATHAR_ATA_PAGE], unsigned n, unsigned b)
{
	return (word(page, n) >> b & 1) != 0;
}

/* Words that say of themselves that they are valid have 01 on top. */
static bool valid(const uint8_t page[ATHAR_ATA_PAGE], unsigned n)
{
	return word(page, n) >> 14 == 1;
}

/* All bytes together are 0, and the last but one is A5. */
static bool sum_is_right(const uint8_t page[ATHAR_ATA_PAGE])
{
	uint8_t sum = 0;

	for (size_t i = 0; i < ATHAR_ATA_PAGE; i++)
		sum = (uint8_t)(sum + page[i]);
	return page[ATHAR_ATA_PAGE - 2] == 0xA5 && sum == 0;
}

static void parse_sizes(athar_ata_identity *out, const uint8_t page[ATHAR_ATA_PAGE])
{
	const uint64_t short_count = word(page, 60) | (uint64_t)word(page, 61) << 16;
	const uint64_t long_count = athar_le64(page + 200) & (ADDRESSES - 1);
	uint64_t bytes = 512;

	out->long_addresses = valid(page, 83) && bit(page, 83, 10);
	out->sectors = out->long_addresses && long_count != 0 ? long_count : short_count;
	if (valid(page, 106) && bit(page, 106, 12))
		bytes = 2 * (uint64_t)athar_le32(page + 234);
	out->sector_size = bytes >= 512 && bytes <= 65536 ? (uint32_t)bytes : 512;
	out->physical_size = out->sector_size;
	if (valid(page, 106) && bit(page, 106, 13))
		out->physical_size <<= word(page, 106) & 15;
}

bool athar_ata_identity_parse(athar_ata_identity *out, const uint8_t page[ATHAR_ATA_PAGE])
{
	*out = (athar_ata_identity){.sectors = 0};
	/* Bit 15 is set by what is no disk (ATAPI). */
	if (bit(page, 0, 15) || word(page, 0) == 0x7FFF)
		return false;
	parse_sizes(out, page);
	if (valid(page, 83)) {
		out->has_hpa = bit(page, 82, 10);
		out->has_dco = bit(page, 83, 11);
		out->has_amac = valid(page, 119) && bit(page, 119, 8);
	}
	out->trim = bit(page, 169, 0);
	out->trim_certain = out->trim && bit(page, 69, 14);
	out->trim_zeros = out->trim_certain && bit(page, 69, 5);
	out->security = bit(page, 128, 0);
	out->enabled = out->security && bit(page, 128, 1);
	out->locked = out->security && bit(page, 128, 2);
	out->frozen = out->security && bit(page, 128, 3);
	out->rotation =
		word(page, 217) == 1 || (word(page, 217) > 0x400 && word(page, 217) < 0xFFFF)
			? word(page, 217)
			: 0;
	out->summed = sum_is_right(page);
	return out->sectors != 0;
}

bool athar_ata_dco_parse(uint64_t *sectors, const uint8_t page[ATHAR_ATA_PAGE])
{
	const uint64_t highest = athar_le64(page + 6);

	if (!sum_is_right(page) || highest >= ADDRESSES)
		return false;
	*sectors = highest + 1;
	return true;
}

/* ---- what registers say ---- */

/* Descriptors follow a header of eight bytes; that of ATA is number 9. */
static bool parse_descriptors(athar_ata_registers *out, const uint8_t *sense, size_t len)
{
	const size_t end = (size_t)athar_min(len, 8u + (uint64_t)sense[7]);

	for (size_t at = 8; at + 2 <= end; at += 2u + sense[at + 1]) {
		const uint8_t *d = sense + at;

		if (d[0] != 9 || d[1] != 12 || end - at < 14)
			continue;
		out->error = d[3];
		out->device = d[12];
		out->status = d[13];
		out->lba = d[7] | (uint64_t)d[9] << 8 | (uint64_t)d[11] << 16 |
		           (uint64_t)d[6] << 24 | (uint64_t)d[8] << 32 | (uint64_t)d[10] << 40;
		out->whole = true;
		return true;
	}
	return false;
}

bool athar_ata_registers_parse(athar_ata_registers *out, const uint8_t *sense, size_t len)
{
	*out = (athar_ata_registers){.lba = 0};
	if (len >= 8 && (sense[0] & 0x7F) == 0x72)
		return parse_descriptors(out, sense, len);
	/* Fixed format, of ATA only where it says "ATA pass-through information available". */
	if (len < 14 || (sense[0] & 0x7F) != 0x70 || sense[12] != 0 || sense[13] != 0x1D)
		return false;
	out->error = sense[3];
	out->status = sense[4];
	out->device = sense[5];
	out->lba = sense[9] | (uint64_t)sense[10] << 8 | (uint64_t)sense[11] << 16;
	out->whole = (sense[8] & 0x20) == 0;
	return true;
}

/* ---- commands ---- */

enum {
	PASS_THROUGH = 0x85,
	NON_DATA = 3,
	PIO_IN = 4,
	ERR = 0x01,
	DEVICE_FAULT = 0x20,
	IDENTIFY = 0xEC,
	READ_NATIVE_MAX = 0xF8,
	READ_NATIVE_MAX_EXT = 0x27,
	GET_NATIVE_MAX_EXT = 0x78,
	DEVICE_CONFIGURATION = 0xB1,
	CONFIGURATION_IDENTIFY = 0xC2
};

static bool read_page(const athar_ata_port *port, uint8_t command, uint8_t feature,
                      uint8_t page[ATHAR_ATA_PAGE])
{
	/* One block of 512 bytes, from the device. */
	const uint8_t cdb[16] = {[0] = PASS_THROUGH, [1] = PIO_IN << 1, [2] = 0x0E,
	                         [4] = feature,      [6] = 1,           [14] = command};
	uint8_t sense[32] = {0};
	size_t sense_len = 0;
	athar_ata_registers r;

	memset(page, 0, ATHAR_ATA_PAGE);
	if (!port->send(port->user, cdb, page, ATHAR_ATA_PAGE, sense, &sense_len))
		return false;
	return !athar_ata_registers_parse(&r, sense, sense_len) ||
	       (r.status & (ERR | DEVICE_FAULT)) == 0;
}

/* The highest address there is, which the command leaves in the registers. */
static bool read_highest(const athar_ata_port *port, uint8_t command, bool extended, uint64_t *out)
{
	const uint8_t cdb[16] = {[0] = PASS_THROUGH,
	                         [1] = (uint8_t)(NON_DATA << 1 | extended),
	                         [2] = 0x20, /* registers, please */
	                         [13] = 0x40,
	                         [14] = command};
	uint8_t sense[32] = {0};
	size_t sense_len = 0;
	athar_ata_registers r;

	if (!port->send(port->user, cdb, NULL, 0, sense, &sense_len) ||
	    !athar_ata_registers_parse(&r, sense, sense_len) ||
	    (r.status & (ERR | DEVICE_FAULT)) != 0 || !r.whole)
		return false;
	*out = extended ? r.lba : (r.lba & 0xFFFFFF) | (uint64_t)(r.device & 15) << 24;
	return *out != 0;
}

static bool read_native(const athar_ata_port *port, const athar_ata_identity *id, uint64_t *highest)
{
	if (id->has_amac)
		return read_highest(port, GET_NATIVE_MAX_EXT, true, highest);
	if (id->long_addresses)
		return read_highest(port, READ_NATIVE_MAX_EXT, true, highest);
	return read_highest(port, READ_NATIVE_MAX, false, highest);
}

/* ---- the object ---- */

static void set_area(athar_json *o, const char *key, const char *key_sectors, uint64_t shown,
                     uint64_t real)
{
	athar_json_set_text(o, key, real > shown ? "present" : "none");
	athar_json_set_number(o, key_sectors, real > shown ? real - shown : 0);
}

/* The number of sectors up to the end of the protected area, as far as that is known. */
static uint64_t set_hpa(athar_json *o, const athar_ata_port *port, const athar_ata_identity *id)
{
	uint64_t highest = 0;

	if (!id->has_hpa && !id->has_amac) {
		athar_json_set_text(o, "hpa", "not applicable");
		return id->sectors;
	}
	if (!read_native(port, id, &highest)) {
		athar_json_set_text(o, "hpa", "not readable");
		return id->sectors;
	}
	athar_json_set_number(o, "native_sectors", highest + 1);
	set_area(o, "hpa", "hpa_sectors", id->sectors, highest + 1);
	return athar_max(highest + 1, id->sectors);
}

static void set_dco(athar_json *o, const athar_ata_port *port, const athar_ata_identity *id,
                    uint64_t native)
{
	uint8_t page[ATHAR_ATA_PAGE];
	uint64_t factory = 0;

	if (!id->has_dco) {
		athar_json_set_text(o, "dco", "not applicable");
		return;
	}
	if (!read_page(port, DEVICE_CONFIGURATION, CONFIGURATION_IDENTIFY, page) ||
	    !athar_ata_dco_parse(&factory, page)) {
		athar_json_set_text(o, "dco", "not readable");
		return;
	}
	athar_json_set_number(o, "factory_sectors", factory);
	set_area(o, "dco", "dco_sectors", native, factory);
}

static const char *security_of(const athar_ata_identity *id)
{
	if (!id->security)
		return "not supported";
	if (id->locked)
		return "locked";
	return id->enabled ? "set" : "not set";
}

static void set_identity(athar_json *o, const athar_ata_identity *id)
{
	athar_json_set_text(o, "identify", "read");
	athar_json_set_number(o, "sectors", id->sectors);
	athar_json_set_number(o, "sector_size", id->sector_size);
	athar_json_set_number(o, "physical_sector_size", id->physical_size);
	athar_json_set_text(o, "security", security_of(id));
	athar_json_set_bool(o, "frozen", id->frozen);
	athar_json_set_text(o, "checksum", id->summed ? "right" : "none or wrong");
	athar_json_set_text(o, "trim",
	                    !id->trim        ? "not supported"
	                    : id->trim_zeros ? "supported, reads as zeros afterwards"
	                    : id->trim_certain
	                            ? "supported, reads the same afterwards"
	                            : "supported, what is read afterwards is not certain");
	if (id->rotation != 0)
		athar_json_set_number(o, "rotation", id->rotation);
}

athar_json *athar_ata_hidden(const athar_ata_port *port)
{
	athar_json *o = athar_json_object();
	uint8_t page[ATHAR_ATA_PAGE];
	athar_ata_identity id;

	if (!read_page(port, IDENTIFY, 0, page) || !athar_ata_identity_parse(&id, page)) {
		athar_json_set_text(o, "identify", "not readable: the device does not answer it");
		athar_json_set_text(o, "hpa", "not readable");
		athar_json_set_text(o, "dco", "not readable");
		return o;
	}
	set_identity(o, &id);
	set_dco(o, port, &id, set_hpa(o, port, &id));
	return o;
}

/* ---- the way to a disk ---- */

enum { TIMEOUT = 10000 /* milliseconds */ };

static bool send_by_sg(void *user, const uint8_t cdb[16], uint8_t *data, size_t len,
                       uint8_t sense[32], size_t *sense_len)
{
	const int *fd = user;
	uint8_t command[16];
	struct sg_io_hdr io = {.interface_id = 'S',
	                       .dxfer_direction = data != NULL ? SG_DXFER_FROM_DEV : SG_DXFER_NONE,
	                       .cmd_len = sizeof command,
	                       .mx_sb_len = 32,
	                       .dxfer_len = (unsigned)len,
	                       .dxferp = data,
	                       .cmdp = command,
	                       .sbp = sense,
	                       .timeout = TIMEOUT};

	memcpy(command, cdb, sizeof command);
	if (ioctl(*fd, SG_IO, &io) != 0 || io.host_status != 0)
		return false;
	*sense_len = (size_t)athar_min(io.sb_len_wr, 32);
	/* What is answered with sense data only has no data. */
	return data == NULL || ((io.status & 0x7E) == 0 && io.resid == 0);
}

athar_json *athar_ata_hidden_of(const char *node)
{
	ATHAR_AUTO(fd) int fd = open(node, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	const athar_ata_port port = {send_by_sg, &fd};
	athar_json *o;
	char text[200];

	if (fd >= 0)
		return athar_ata_hidden(&port);
	(void)snprintf(text, sizeof text, "not readable: %s", strerrordesc_np(errno));
	o = athar_json_object();
	athar_json_set_text(o, "identify", text);
	athar_json_set_text(o, "hpa", "not readable");
	athar_json_set_text(o, "dco", "not readable");
	return o;
}
