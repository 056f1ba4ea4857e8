/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A disk played by the test, with pages and registers as the standards (ACS, SAT) have them; hdparm
 * reads the same page where it is installed.
 */
#include "device_support.h"

#include "engine/ata.h"

#define SECTORS UINT64_C(1953525168)

typedef struct disk {
	uint8_t identify[512], dco[512];
	uint64_t native; /* highest address; 0: the command is aborted */
	bool no_dco, silent, fixed_sense;
	unsigned asked;
} disk;

static void set_word(uint8_t *page, unsigned n, unsigned value)
{
	page[2 * n] = (uint8_t)value;
	page[2 * n + 1] = (uint8_t)(value >> 8);
}

static void set_sum(uint8_t *page)
{
	uint8_t sum = 0;

	page[510] = 0xA5;
	page[511] = 0;
	for (size_t i = 0; i < 511; i++)
		sum = (uint8_t)(sum + page[i]);
	page[511] = (uint8_t)-sum;
}

/* Two characters a word, the first in the upper half. */
static void set_string(uint8_t *page, unsigned n, unsigned words, const char *text)
{
	for (unsigned i = 0; i < 2 * words; i++)
		page[2 * n + (i ^ 1)] = (uint8_t)(i < strlen(text) ? text[i] : ' ');
}

static void set_count(disk *d, uint64_t sectors)
{
	const uint64_t low = sectors < 0x0FFFFFFF ? sectors : 0x0FFFFFFF;

	set_word(d->identify, 60, (unsigned)(low & 0xFFFF));
	set_word(d->identify, 61, (unsigned)(low >> 16));
	for (unsigned i = 0; i < 4; i++)
		set_word(d->identify, 100 + i, (unsigned)(sectors >> 16 * i & 0xFFFF));
	set_sum(d->identify);
}

/* A 1 TB disk with HPA, DCO, 48-bit addresses, security and 512e. */
static disk make_disk(void)
{
	disk d = {.native = SECTORS - 1};

	set_word(d.identify, 0, 0x0040);
	set_string(d.identify, 10, 10, "WD-WCC4N123");
	set_string(d.identify, 23, 4, "01.01A01");
	set_string(d.identify, 27, 20, "WDC WD10EZEX-08WN4A0");
	set_word(d.identify, 49, 0x2F00);
	set_word(d.identify, 80, 0x1FE);
	set_word(d.identify, 82, 0x0403);
	set_word(d.identify, 83, 0x4C00);
	set_word(d.identify, 84, 0x4100);
	set_word(d.identify, 85, 0x0403);
	set_word(d.identify, 86, 0x0C00);
	set_word(d.identify, 87, 0x4100);
	set_word(d.identify, 106, 0x6003);
	set_word(d.identify, 119, 0x4000);
	set_word(d.identify, 128, 0x0001);
	set_word(d.identify, 217, 7200);
	set_count(&d, SECTORS);
	set_word(d.dco, 0, 2);
	for (unsigned i = 0; i < 4; i++)
		set_word(d.dco, 3 + i, (unsigned)((SECTORS - 1) >> 16 * i & 0xFFFF));
	set_sum(d.dco);
	return d;
}

/* Registers as the ATA status return descriptor has them. */
static void put_registers(uint8_t *sense, size_t *len, uint64_t lba, bool failed)
{
	static const uint8_t at[] = {7, 9, 11, 6, 8, 10}; /* of bytes 0 to 5 of the address */

	memset(sense, 0, 32);
	sense[0] = 0x72;
	sense[1] = 1;
	sense[3] = 0x1D;
	sense[7] = 14;
	sense[8] = 9;
	sense[9] = 12;
	sense[10] = 1;
	sense[11] = failed ? 4 : 0;
	for (unsigned i = 0; i < 6; i++)
		sense[8 + at[i]] = (uint8_t)(lba >> 8 * i);
	sense[20] = 0x40;
	sense[21] = failed ? 0x51 : 0x50;
	*len = 22;
}

static void put_fixed(uint8_t *sense, size_t *len, uint64_t lba)
{
	memset(sense, 0, 32);
	sense[0] = 0x70;
	sense[4] = 0x50;
	sense[5] = 0x40 | (uint8_t)(lba >> 24 & 15);
	sense[7] = 10;
	sense[8] = lba >> 24 != 0 ? 0x20 : 0;
	sense[9] = (uint8_t)lba;
	sense[10] = (uint8_t)(lba >> 8);
	sense[11] = (uint8_t)(lba >> 16);
	sense[13] = 0x1D;
	*len = 18;
}

static bool send_page(disk *d, const uint8_t *page, bool refused, uint8_t *data, size_t len,
                      uint8_t *sense, size_t *sense_len)
{
	if (refused) {
		put_registers(sense, sense_len, 0, true);
		return true;
	}
	assert_int_equal(len, 512);
	memcpy(data, page, len);
	d->asked++;
	return true;
}

/* The only commands that may come are those that ask. */
static bool play(void *user, const uint8_t cdb[16], uint8_t *data, size_t len, uint8_t sense[32],
                 size_t *sense_len)
{
	disk *d = user;
	const bool extended = (cdb[1] & 1) != 0;

	assert_int_equal(cdb[0], 0x85);
	if (d->silent)
		return false;
	if (cdb[14] == 0xEC)
		return send_page(d, d->identify, false, data, len, sense, sense_len);
	if (cdb[14] == 0xB1 && cdb[4] == 0xC2)
		return send_page(d, d->dco, d->no_dco, data, len, sense, sense_len);
	assert_null(data);
	assert_int_equal(cdb[1] >> 1, 3);
	assert_true((cdb[14] == 0x27 && extended) || (cdb[14] == 0xF8 && !extended) ||
	            (cdb[14] == 0x78 && extended && cdb[3] == 0 && cdb[4] == 0));
	if (d->fixed_sense)
		put_fixed(sense, sense_len, d->native);
	else
		put_registers(sense, sense_len, d->native, d->native == 0);
	return true;
}

static athar_json *ask(disk *d)
{
	const athar_ata_port port = {play, d};

	return athar_ata_hidden(&port);
}

static void a_whole_disk_hides_nothing(void **state)
{
	disk d = make_disk();
	athar_json *o = ask(&d);

	(void)state;
	assert_text(o, "identify", "read");
	assert_number(o, "sectors", SECTORS);
	assert_number(o, "native_sectors", SECTORS);
	assert_number(o, "factory_sectors", SECTORS);
	assert_text(o, "hpa", "none");
	assert_text(o, "dco", "none");
	assert_number(o, "sector_size", 512);
	assert_number(o, "physical_sector_size", 4096);
	assert_text(o, "security", "not set");
	assert_text(o, "checksum", "right");
	assert_text(o, "trim", "not supported");
	assert_number(o, "rotation", 7200);
	athar_json_free(o);
}

static void what_is_hidden_is_counted(void **state)
{
	disk d = make_disk();
	athar_json *o;

	(void)state;
	set_count(&d, SECTORS - 5000);
	d.native = SECTORS - 1001;
	o = ask(&d);
	assert_text(o, "hpa", "present");
	assert_number(o, "hpa_sectors", 4000);
	assert_text(o, "dco", "present");
	assert_number(o, "dco_sectors", 1000);
	athar_json_free(o);
}

static void what_is_refused_is_not_called_none(void **state)
{
	disk d = make_disk();
	athar_json *o;

	(void)state;
	d.native = 0;
	d.no_dco = true;
	o = ask(&d);
	assert_text(o, "identify", "read");
	assert_text(o, "hpa", "not readable");
	assert_text(o, "dco", "not readable");
	athar_json_free(o);
	d = make_disk();
	d.dco[100] ^= 1; /* its sum is wrong now */
	o = ask(&d);
	assert_text(o, "dco", "not readable");
	athar_json_free(o);
	d = make_disk();
	d.silent = true;
	o = ask(&d);
	assert_non_null(strstr(athar_json_get_text(o, "identify"), "not readable"));
	assert_text(o, "hpa", "not readable");
	athar_json_free(o);
}

static void what_a_disk_does_not_have_is_not_asked(void **state)
{
	disk d = make_disk();
	athar_json *o;

	(void)state;
	set_word(d.identify, 82, 0x0003);
	set_word(d.identify, 83, 0x4400);
	set_sum(d.identify);
	o = ask(&d);
	assert_text(o, "hpa", "not applicable");
	assert_text(o, "dco", "not applicable");
	assert_int_equal(d.asked, 1);
	athar_json_free(o);
	set_word(d.identify, 119, 0x4100); /* ACS-3: accessible max address */
	d.native = SECTORS + 99;
	set_sum(d.identify);
	o = ask(&d);
	assert_text(o, "hpa", "present");
	assert_number(o, "hpa_sectors", 100);
	athar_json_free(o);
}

/* Fixed sense data has room for 24 bits of an address: longer ones are not known, not cut. */
static void half_an_address_is_none(void **state)
{
	disk d = make_disk();
	athar_json *o;

	(void)state;
	d.fixed_sense = true;
	o = ask(&d);
	assert_text(o, "hpa", "not readable");
	athar_json_free(o);
	set_word(d.identify, 83, 0x4800); /* 28 bits */
	set_count(&d, 10000);
	d.native = 11999;
	o = ask(&d);
	assert_text(o, "hpa", "present");
	assert_number(o, "hpa_sectors", 2000);
	athar_json_free(o);
}

static void what_is_no_disk_is_not_believed(void **state)
{
	athar_ata_registers r;
	athar_ata_identity id;
	uint8_t page[512];
	uint64_t n = 0;

	(void)state;
	memset(page, 0, sizeof page);
	assert_false(athar_ata_identity_parse(&id, page)); /* no sectors */
	memset(page, 0xFF, sizeof page);
	assert_false(athar_ata_identity_parse(&id, page)); /* ATAPI */
	assert_false(athar_ata_dco_parse(&n, page));
	memset(page, 0, sizeof page);
	page[0] = 0x72;
	for (size_t len = 0; len < 30; len++)
		assert_false(athar_ata_registers_parse(&r, page, len));
	page[7] = 255; /* says it is longer than what came */
	page[8] = 9;
	page[9] = 12;
	for (size_t len = 0; len < 22; len++)
		assert_false(athar_ata_registers_parse(&r, page, len));
	assert_true(athar_ata_registers_parse(&r, page, 22));
}

static void write_words(const uint8_t *page)
{
	FILE *f = fopen(below("words"), "w");

	assert_non_null(f);
	for (unsigned i = 0; i < 256; i++)
		fprintf(f, "%02x%02x%c", page[2 * i + 1], page[2 * i], i % 8 == 7 ? '\n' : ' ');
	fclose(f);
}

/* "  LBA48  user addressable sectors:  1953525168": the number behind the words; 0: none. */
static uint64_t judged_number(const char *words)
{
	const char *at = strstr(shell_said(), words);

	return at == NULL ? 0 : strtoull(at + strlen(words), NULL, 10);
}

static void agrees_with_hdparm(const disk *d)
{
	athar_ata_identity id;

	write_words(d->identify);
	if (shell("command -v hdparm && hdparm --Istdin <words") != 0)
		skip();
	assert_true(athar_ata_identity_parse(&id, d->identify));
	assert_int_equal(id.sectors, judged_number("LBA48  user addressable sectors:"));
	assert_int_equal(id.sector_size, judged_number("Logical  Sector size:"));
	assert_int_equal(id.physical_size, judged_number("Physical Sector size:"));
	assert_int_equal(id.has_hpa, strstr(shell_said(), "Host Protected Area") != NULL);
	assert_int_equal(id.has_dco, strstr(shell_said(), "Device Configuration Ov") != NULL);
	assert_int_equal(id.trim, strstr(shell_said(), "TRIM supported") != NULL);
	assert_int_equal(id.trim_certain, strstr(shell_said(), "Deterministic read") != NULL);
	assert_int_equal(id.trim_zeros, strstr(shell_said(), "read ZEROs after TRIM") != NULL);
	assert_int_equal(id.locked, strstr(shell_said(), "\t\tlocked") != NULL);
	assert_int_equal(id.enabled, strstr(shell_said(), "\t\tenabled") != NULL);
	assert_int_equal(id.frozen, strstr(shell_said(), "\t\tfrozen") != NULL);
	assert_int_equal(id.rotation == 1, strstr(shell_said(), "Solid State Device") != NULL);
	assert_int_equal(id.summed, strstr(shell_said(), "Checksum: correct") != NULL);
}

static void hdparm_reads_the_same(void **state)
{
	disk d = make_disk();

	(void)state;
	agrees_with_hdparm(&d);
	set_word(d.identify, 82, 0x0003);
	set_word(d.identify, 83, 0x4400);
	set_word(d.identify, 128, 0x0027);
	set_word(d.identify, 217, 1);
	set_word(d.identify, 169, 1);
	set_count(&d, 500118192);
	agrees_with_hdparm(&d);
	set_word(d.identify, 69, 0x4020);
	set_word(d.identify, 128, 0x002B);
	set_sum(d.identify);
	agrees_with_hdparm(&d);
	set_word(d.identify, 106, 0x5000); /* 4Kn */
	set_word(d.identify, 117, 2048);
	d.identify[511] ^= 0x55;
	agrees_with_hdparm(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_disk_hides_nothing),
		cmocka_unit_test(what_is_hidden_is_counted),
		cmocka_unit_test(what_is_refused_is_not_called_none),
		cmocka_unit_test(what_a_disk_does_not_have_is_not_asked),
		cmocka_unit_test(half_an_address_is_none),
		cmocka_unit_test(what_is_no_disk_is_not_believed),
		cmocka_unit_test(hdparm_reads_the_same),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
