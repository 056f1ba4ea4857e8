/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Captured network packets in blocks (IETF draft "PCAP Next Generation"): each block has its length
 * before and behind it. The first may say how long all that follow are, which few programs do; else
 * a capture ends where nothing follows that is a block of it.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/windows.h"

#define SECTION 0x0A0D0D0Au
#define INTERFACE 1u
#define PACKET_SIMPLE 3u
#define PACKET 6u
#define BLOCK_LEAST 12u
#define BLOCK_MOST (64u << 20)
#define CLUSTER 4096u /* a foreign one shows unless a block is longer */
#define SECTION_LEAST 28u
#define INTERFACES 16u
#define HARDWARE 2u /* options of a section, and one of an interface */
#define SOFTWARE 4u
#define RESOLUTION 9u
#define OPTIONS_MOST 65536u

typedef struct pcapng {
	athar_walk *w;
	bool big;
	uint64_t end; /* as the section says; UINT64_MAX: it does not */
	uint64_t at, packets, timed;
	uint8_t resolution[INTERFACES];
	uint32_t interfaces;
	int64_t first, last;
} pcapng;

static uint16_t get16(const pcapng *p, const uint8_t *b)
{
	return p->big ? athar_be16(b) : athar_le16(b);
}

static uint32_t get32(const pcapng *p, const uint8_t *b)
{
	return p->big ? athar_be32(b) : athar_le32(b);
}

/* ---- what is noted ---- */

static void take_option(pcapng *p, uint32_t type, uint32_t code, const uint8_t *value, uint32_t len)
{
	if (type == SECTION && code == SOFTWARE)
		athar_walk_field_bytes(p->w, "software", value, len);
	else if (type == SECTION && code == HARDWARE)
		athar_walk_field_bytes(p->w, "machine", value, len);
	else if (type == INTERFACE && code == RESOLUTION && len == 1)
		p->resolution[p->interfaces] = value[0];
}

static athar_status read_options(pcapng *p, uint32_t type, uint64_t at, uint64_t end,
                                 athar_error *err)
{
	const uint32_t len = (uint32_t)athar_min(end - at, OPTIONS_MOST);
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, p->w->in, at, len, err));
	for (uint32_t i = 0; len - i >= 4;) {
		const uint32_t code = get16(p, b.ptr + i), size = get16(p, b.ptr + i + 2);

		if (code == 0 || size > len - i - 4)
			break;
		take_option(p, type, code, b.ptr + i + 4, size);
		i += 4 + (uint32_t)athar_min(athar_round_up(size, 4), len - i - 4);
	}
	return ATHAR_OK;
}

/* A time in units of 10 or of 2 to the power of what its interface says. */
static int64_t seconds(uint64_t time, uint8_t resolution)
{
	if ((resolution & 0x80) != 0)
		return (int64_t)((resolution & 0x7F) < 64 ? time >> (resolution & 0x7F) : 0);
	for (unsigned i = 0; i < resolution && time != 0; i++)
		time /= 10;
	return (int64_t)athar_min(time, INT64_MAX);
}

static athar_status read_packet(pcapng *p, uint32_t len, athar_error *err)
{
	athar_bytes b;

	p->packets++;
	if (len < 32)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, p->w->in, p->at + 8, 12, err));
	const uint32_t number = get32(p, b.ptr);
	const uint64_t time = (uint64_t)get32(p, b.ptr + 4) << 32 | get32(p, b.ptr + 8);

	if (number >= athar_min(p->interfaces, INTERFACES))
		return ATHAR_OK;
	p->last = seconds(time, p->resolution[number]);
	p->first = p->timed == 0 ? p->last : p->first;
	p->timed++;
	return ATHAR_OK;
}

static athar_status read_interface(pcapng *p, uint32_t len, athar_error *err)
{
	if (p->interfaces < INTERFACES) {
		p->resolution[p->interfaces] = 6;
		if (len > 20)
			ATHAR_TRY(read_options(p, INTERFACE, p->at + 16, p->at + len - 4, err));
	}
	p->interfaces++;
	return ATHAR_OK;
}

/* ---- blocks ---- */

/* The block at p->at, of which both lengths agree. False in *good: there is none. */
static athar_status check_block(bool *good, uint32_t *type, uint32_t *len, pcapng *p,
                                athar_error *err)
{
	const uint64_t size = athar_reader_size(p->w->in);
	athar_bytes b;

	*good = false;
	if (!athar_inside(p->at, BLOCK_LEAST, size))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, p->w->in, p->at, 8, err));
	*type = get32(p, b.ptr);
	*len = get32(p, b.ptr + 4);
	if (*type == 0 || *len < BLOCK_LEAST || *len > BLOCK_MOST || *len % 4 != 0 ||
	    !athar_inside(p->at, *len, size))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, p->w->in, p->at + *len - 4, 4, err));
	*good = get32(p, b.ptr) == *len;
	return ATHAR_OK;
}

static athar_status take_block(pcapng *p, uint32_t type, uint32_t len, athar_error *err)
{
	if (type == PACKET)
		return read_packet(p, len, err);
	if (type == PACKET_SIMPLE)
		p->packets++;
	if (type == INTERFACE)
		return read_interface(p, len, err);
	return ATHAR_OK;
}

/* Another section is taken for another file: few have two. */
static athar_status walk_blocks(pcapng *p, athar_error *err)
{
	uint32_t type = 0, len = 0;
	bool good = true;

	for (;;) {
		if (p->at == p->end)
			return ATHAR_OK;
		ATHAR_TRY(check_block(&good, &type, &len, p, err));
		if (!good || type == SECTION)
			return ATHAR_OK;
		ATHAR_TRY(take_block(p, type, len, err));
		p->at += len;
		p->w->claim->unseen += len > CLUSTER ? len : 0;
		athar_walk_prove(p->w, p->at);
	}
}

static athar_status check_section(pcapng *p, athar_error *err)
{
	uint32_t type = 0, len = 0;
	bool good = false;
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, p->w->in, 0, SECTION_LEAST, err));
	p->big = athar_be32(b.ptr + 8) == 0x1A2B3C4D;
	if (!p->big && athar_le32(b.ptr + 8) != 0x1A2B3C4D)
		return athar_walk_stop(p->w, "its header is none");
	const uint32_t major = get16(p, b.ptr + 12);
	const uint64_t length = p->big ? athar_be64(b.ptr + 16) : athar_le64(b.ptr + 16);

	ATHAR_TRY(check_block(&good, &type, &len, p, err));
	if (!good || type != SECTION || len < SECTION_LEAST || major != 1)
		return athar_walk_stop(p->w, "its header is none");
	p->at = len;
	p->end = length > INT64_MAX || length % 4 != 0 ? UINT64_MAX : len + length;
	athar_walk_begin(p->w, len);
	return read_options(p, SECTION, 24, len - 4, err);
}

static void note_fields(pcapng *p)
{
	if (p->packets != 0)
		athar_walk_field(p->w, "count", "%llu", (unsigned long long)p->packets);
	if (p->timed == 0)
		return;
	athar_windows_seconds(p->w, "from", p->first);
	athar_windows_seconds(p->w, "to", p->last);
}

static athar_status walk(pcapng *p, athar_error *err)
{
	ATHAR_TRY(check_section(p, err));
	const athar_status status = walk_blocks(p, err);

	note_fields(p);
	ATHAR_TRY(status);
	if (p->interfaces == 0)
		return athar_walk_stop(p->w, "it has no interface");
	if (p->at == p->end) {
		athar_walk_close(p->w, ATHAR_GRADE_COMPLETE, p->end,
		                 "its blocks end where the length of the section says");
		return ATHAR_OK;
	}
	p->w->claim->open = p->end == UINT64_MAX;
	return athar_walk_stop(p->w,
	                       "blocks with %llu packets follow one another; there is no end mark",
	                       (unsigned long long)p->packets);
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	pcapng p = {.w = &w};

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&p, err), err);
}

static const athar_magic magic[] = {{0, 4, {0x0A, 0x0D, 0x0D, 0x0A}}, {0, 0, {0}}};

const athar_format athar_format_pcapng = {
	.name = "pcapng",
	.extension = "pcapng",
	.mime = "application/x-pcapng",
	.summary = "captured network packets, in blocks",
	.end = "the length of the section, or that no block follows",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
