/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Captured network packets (pcap-savefile(5)): a header, then each packet behind its time and its
 * lengths, in the byte order of the machine. There is no checksum and no end mark: a capture ends
 * where nothing follows that could be a packet of it.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/windows.h"

#define HEADER 24u
#define RECORD 16u
#define PACKET_MOST 262144u  /* what libpcap takes */
#define LINKS 400u           /* kinds of networks: fewer are given out */
#define CLUSTER 4096u        /* a foreign one shows unless a packet is longer */
#define CLOCK_MOST 315360000 /* seconds between two packets: a capture of ten years */

typedef struct pcap {
	athar_walk *w;
	bool big, nano;
	uint32_t most; /* bytes of a packet that were kept */
	uint64_t at, count;
	int64_t first, last; /* seconds */
} pcap;

static uint32_t get32(const pcap *p, const uint8_t *b)
{
	return p->big ? athar_be32(b) : athar_le32(b);
}

static bool read_header(pcap *p, const uint8_t *h)
{
	const uint32_t magic = athar_be32(h);

	p->big = magic == 0xA1B2C3D4 || magic == 0xA1B23C4D;
	p->nano = magic == 0xA1B23C4D || magic == 0x4D3CB2A1;
	const uint32_t version = get32(p, h + 4), network = get32(p, h + 20);

	p->most = get32(p, h + 16);
	/* The upper bits of the network tell of the check sequence behind each frame. */
	return version == (p->big ? 0x00020004u : 0x00040002u) && get32(p, h + 12) == 0 &&
	       (network & 0x03FFFFFF) < LINKS && p->most != 0;
}

/* The packet whose head this is; *size is of both. */
static bool is_packet(uint32_t *size, int64_t *time, const pcap *p, const uint8_t *r)
{
	const uint32_t kept = get32(p, r + 8), whole = get32(p, r + 12);
	const uint32_t fraction = get32(p, r + 4);
	const int64_t from = p->count == 0 ? 0 : p->last;

	*time = get32(p, r);
	*size = RECORD + kept;
	if (fraction >= (p->nano ? 1000000000u : 1000000u) || kept == 0 || kept > whole ||
	    kept > PACKET_MOST || kept > p->most)
		return false;
	return p->count == 0 || (*time - from < CLOCK_MOST && from - *time < CLOCK_MOST);
}

/* The packet at p->at; false in *more: none follows. */
static athar_status pass_packet(bool *more, pcap *p, athar_error *err)
{
	const uint64_t size = athar_reader_size(p->w->in);
	uint32_t len = 0;
	int64_t time = 0;
	athar_bytes b;

	*more = false;
	if (!athar_inside(p->at, RECORD, size))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, p->w->in, p->at, RECORD, err));
	if (!is_packet(&len, &time, p, b.ptr))
		return ATHAR_OK;
	/* That a packet follows proves where the one before ends. */
	if (p->count != 0)
		athar_walk_prove(p->w, p->at);
	ATHAR_TRY(athar_reader_get(&b, p->w->in, p->at + len - 1, 1, err));
	p->first = p->count == 0 ? time : p->first;
	p->last = time;
	p->count++;
	p->at += len;
	p->w->claim->unseen += len > CLUSTER ? len : 0;
	athar_walk_reach(p->w, p->at);
	*more = true;
	return ATHAR_OK;
}

static athar_status walk_packets(pcap *p, athar_error *err)
{
	bool more = true;

	while (more)
		ATHAR_TRY(pass_packet(&more, p, err));
	return ATHAR_OK;
}

static void note_fields(pcap *p)
{
	if (p->count == 0)
		return;
	athar_walk_field(p->w, "count", "%llu", (unsigned long long)p->count);
	athar_windows_seconds(p->w, "from", p->first);
	athar_windows_seconds(p->w, "to", p->last);
}

static athar_status walk(pcap *p, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, p->w->in, 0, HEADER, err));
	if (!read_header(p, b.ptr))
		return athar_walk_stop(p->w, "its header is none");
	p->at = HEADER;
	athar_walk_begin(p->w, HEADER);
	const athar_status status = walk_packets(p, err);

	note_fields(p);
	ATHAR_TRY(status);
	if (p->count == 0)
		return athar_walk_stop(p->w, "no packet follows its header");
	if (p->at == athar_reader_size(p->w->in))
		athar_walk_prove(p->w, p->at);
	p->w->claim->open = true;
	return athar_walk_stop(p->w, "%llu packets follow one another; there is no end mark",
	                       (unsigned long long)p->count);
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	pcap p = {.w = &w};

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&p, err), err);
}

static const athar_magic magic[] = {
	{0, 8, {0xA1, 0xB2, 0xC3, 0xD4, 0, 2, 0, 4}},
	{0, 8, {0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0}},
	{0, 8, {0xA1, 0xB2, 0x3C, 0x4D, 0, 2, 0, 4}},
	{0, 8, {0x4D, 0x3C, 0xB2, 0xA1, 2, 0, 4, 0}},
	{0, 0, {0}},
};

const athar_format athar_format_pcap = {
	.name = "pcap",
	.extension = "pcap",
	.mime = "application/vnd.tcpdump.pcap",
	.summary = "captured network packets",
	.end = "nothing follows that could be another packet",
	.best = ATHAR_GRADE_PARTIAL,
	.magic = magic,
	.measure = measure,
};
