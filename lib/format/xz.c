/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xz ("The .xz File Format", version 1.1.0): streams of a header, blocks, an index of the sizes of
 * the blocks, and a footer with the index's size. A block is a header, chunks of LZMA2 that say
 * their own sizes, and a check of what they unpack to. Header, index, footer and the blocks'
 * headers have a CRC-32 each.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/lzma.h"
#include "format/walk.h"
#include "inflate/inflate.h"

#define HEADER 12u
#define FOOTER 12u
#define BLOCK_HEADER_MOST 1024u
#define SECTOR 512u
#define LZMA2 0x21u
/* Output that may be made: for free, and for each byte of the file. */
#define OUTPUT_FREE (UINT64_C(64) << 20)
#define OUTPUT_A_BYTE 200u

enum { CHECK_CRC32 = 1, CHECK_CRC64 = 4 };

/* What blocks or the index say of the blocks, in short. */
typedef struct tally {
	uint64_t count, packed;
	uint32_t crc; /* of all their sizes */
} tally;

typedef struct xz {
	athar_walk *w;
	athar_lzma *lzma;
	uint64_t at;
	uint8_t check; /* its kind */
	uint8_t flags[2];
	tally blocks;
	uint64_t produced; /* by all blocks */
	uint64_t unseen;   /* packed bytes whose content was not checked */
	/* of the block being looked at */
	uint64_t begin, stated_packed, stated_length;
	bool plain; /* LZMA2 is its only filter */
	uint8_t dictionary;
	uint32_t crc32;
	uint64_t crc64;
	uint64_t table[256]; /* of the CRC-64 */
} xz;

/* ECMA-182, reflected. */
static void make_table(uint64_t table[256])
{
	for (unsigned i = 0; i < 256; i++) {
		uint64_t c = i;

		for (int k = 0; k < 8; k++)
			c = c & 1 ? c >> 1 ^ UINT64_C(0xC96C5795D7870F42) : c >> 1;
		table[i] = c;
	}
}

static unsigned check_size(uint8_t check)
{
	return check == 0 ? 0 : 4u << (check - 1u) / 3;
}

static void count_block(tally *t, uint64_t packed, uint64_t length)
{
	uint8_t sizes[16];

	athar_put_le64(sizes, packed);
	athar_put_le64(sizes + 8, length);
	t->crc = athar_crc32(t->crc, sizes, sizeof sizes);
	t->packed += athar_round_up(packed, 4);
	t->count++;
}

/* A number of 7 bits a byte, the lowest first, at most 9 of them. */
static bool number(uint64_t *out, const uint8_t **next, const uint8_t *end)
{
	*out = 0;
	for (unsigned i = 0; i < 9 && *next < end; i++) {
		const uint8_t byte = *(*next)++;

		*out |= (uint64_t)(byte & 0x7F) << 7 * i;
		if (byte < 0x80)
			return i == 0 || byte != 0;
	}
	return false;
}

/* ---- blocks ---- */

static bool read_filters(xz *x, unsigned count, const uint8_t *next, const uint8_t *end)
{
	uint64_t id = 0, len = 0;

	for (unsigned i = 0; i < count; i++) {
		if (!number(&id, &next, end) || !number(&len, &next, end) ||
		    len > (uint64_t)(end - next))
			return false;
		if ((id == LZMA2) != (i + 1 == count))
			return false;
		if (id == LZMA2) {
			if (len != 1 || *next > 40)
				return false;
			x->dictionary = *next;
		}
		next += len;
	}
	while (next < end)
		if (*next++ != 0)
			return false;
	x->plain = count == 1;
	return true;
}

static bool read_header(xz *x, const uint8_t *h, size_t len)
{
	const uint8_t *next = h + 2, *end = h + len - 4;

	x->stated_packed = x->stated_length = UINT64_MAX;
	if (h[1] & 0x3C || athar_crc32(0, h, len - 4) != athar_le32(h + len - 4))
		return false;
	if ((h[1] & 0x40) && !number(&x->stated_packed, &next, end))
		return false;
	if ((h[1] & 0x80) && !number(&x->stated_length, &next, end))
		return false;
	return read_filters(x, (h[1] & 3) + 1u, next, end);
}

static athar_status block_header(xz *x, athar_error *err)
{
	athar_bytes b;

	x->begin = x->at;
	ATHAR_TRY(athar_reader_get(&b, x->w->in, x->at, 1, err));
	const size_t len = (b.ptr[0] + (size_t)1) * 4;

	ATHAR_TRY(athar_reader_get(&b, x->w->in, x->at, len, err));
	if (!read_header(x, b.ptr, len))
		return athar_walk_stop(x->w, "the header of a block makes no sense");
	x->at += len;
	athar_walk_prove(x->w, x->at);
	return ATHAR_OK;
}

static void sum(void *user, const uint8_t *bytes, size_t len)
{
	xz *x = user;

	if (x->check == CHECK_CRC32)
		x->crc32 = athar_crc32(x->crc32, bytes, len);
	if (x->check != CHECK_CRC64)
		return;
	for (size_t i = 0; i < len; i++)
		x->crc64 = x->table[(uint8_t)x->crc64 ^ bytes[i]] ^ x->crc64 >> 8;
}

/* The chunks without their content: control byte, sizes, data. */
static athar_status skip_chunks(uint64_t *length, xz *x, athar_error *err)
{
	athar_bytes b;

	*length = 0;
	for (;;) {
		ATHAR_TRY(athar_reader_get(&b, x->w->in, x->at, 1, err));
		const uint8_t control = b.ptr[0];

		if (control == 0)
			break;
		if (control > 2 && control < 0x80)
			return athar_walk_stop(x->w, "what follows the last good chunk is none");
		ATHAR_TRY(athar_reader_get(&b, x->w->in, x->at, 5, err));
		const uint32_t first = athar_be16(b.ptr + 1);

		if (control < 0x80) {
			*length += first + 1u;
			x->at += 3 + (first + UINT64_C(1));
		} else {
			*length += ((control & 0x1Fu) << 16 | first) + UINT64_C(1);
			x->at +=
				(control >= 0xC0 ? 6u : 5u) + (athar_be16(b.ptr + 3) + UINT64_C(1));
		}
		athar_walk_prove(x->w, x->at);
	}
	x->at++;
	return ATHAR_OK;
}

/* The chunks, unpacked; *dear: not all of them. */
static athar_status unpack_chunks(uint64_t *length, bool *dear, xz *x, athar_error *err)
{
	const uint64_t most = OUTPUT_FREE + OUTPUT_A_BYTE * x->at;
	athar_lzma_job job = {.in = x->w->in, .at = x->at, .take = sum, .user = x};

	job.limit = UINT64_MAX - x->at;
	job.dictionary = athar_lzma2_dictionary(x->dictionary);
	job.most = most > x->produced ? most - x->produced : 0;
	x->crc32 = 0;
	x->crc64 = UINT64_MAX;
	const athar_status status = athar_lzma2_run(x->lzma, &job, err);

	athar_walk_reach(x->w, x->at + job.consumed);
	if (status == ATHAR_EFORMAT)
		return athar_walk_stop(x->w, "the packed data are damaged before %llu",
		                       (unsigned long long)(x->at + job.consumed));
	ATHAR_TRY(status);
	*dear = job.dear;
	*length = job.produced;
	x->at += job.dear ? 0 : job.consumed;
	return ATHAR_OK;
}

static bool check_holds(const xz *x, const uint8_t *check)
{
	if (x->check == CHECK_CRC32)
		return athar_le32(check) == x->crc32;
	return x->check != CHECK_CRC64 || athar_le64(check) == ~x->crc64;
}

/* Padding to four bytes, then the check. */
static athar_status block_end(xz *x, bool unpacked, athar_error *err)
{
	const unsigned padding = (unsigned)(-x->at & 3), size = check_size(x->check);
	athar_bytes b;

	if (padding + size == 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, x->w->in, x->at, padding + size, err));
	for (unsigned i = 0; i < padding; i++)
		if (b.ptr[i] != 0)
			return athar_walk_stop(x->w, "a block is followed by no padding");
	if (unpacked && !check_holds(x, b.ptr + padding))
		return athar_walk_stop(x->w, "the check of what a block unpacks to does not hold");
	x->at += padding + size;
	return ATHAR_OK;
}

static athar_status block(xz *x, athar_error *err)
{
	uint64_t length = 0;
	bool dear = true;

	ATHAR_TRY(block_header(x, err));
	const uint64_t data = x->at;

	if (x->plain)
		ATHAR_TRY(unpack_chunks(&length, &dear, x, err));
	if (dear)
		ATHAR_TRY(skip_chunks(&length, x, err));
	const uint64_t packed = x->at - data;

	if ((x->stated_packed != UINT64_MAX && x->stated_packed != packed) ||
	    (x->stated_length != UINT64_MAX && x->stated_length != length))
		return athar_walk_stop(x->w, "a block is not as long as its header says");
	if (dear || (x->check != CHECK_CRC32 && x->check != CHECK_CRC64))
		x->unseen += packed;
	x->produced += length;
	count_block(&x->blocks, data - x->begin + packed + check_size(x->check), length);
	ATHAR_TRY(block_end(x, !dear, err));
	athar_walk_prove(x->w, x->at);
	return ATHAR_OK;
}

/* ---- streams ---- */

static athar_status index_number(uint64_t *out, xz *x, athar_stream *s, athar_error *err)
{
	uint8_t bytes[9];
	const uint8_t *next = bytes;
	size_t n = 0;

	do
		ATHAR_TRY(athar_stream_byte(&bytes[n], s, err));
	while (bytes[n++] >= 0x80 && n < sizeof bytes);
	if (!number(out, &next, bytes + n))
		return athar_walk_stop(x->w, "the index makes no sense");
	return ATHAR_OK;
}

/* The records of the index at x->at, which must be the blocks that were met. */
static athar_status index_records(uint64_t *end, xz *x, athar_error *err)
{
	tally listed = {.count = 0};
	uint64_t count = 0, packed = 0, length = 0;
	athar_stream s;

	athar_stream_seek(&s, x->w->in, x->at + 1);
	ATHAR_TRY(index_number(&count, x, &s, err));
	while (listed.count < count && listed.count <= x->blocks.count) {
		ATHAR_TRY(index_number(&packed, x, &s, err));
		ATHAR_TRY(index_number(&length, x, &s, err));
		count_block(&listed, packed, length);
	}
	if (count != x->blocks.count || listed.crc != x->blocks.crc)
		return athar_walk_stop(x->w, "the index does not list the blocks that are there");
	*end = athar_stream_at(&s);
	return ATHAR_OK;
}

static athar_status index_and_footer(xz *x, athar_error *err)
{
	uint64_t end = 0;
	uint32_t crc = 0;
	athar_bytes b;

	ATHAR_TRY(index_records(&end, x, err));
	end += (x->at - end) & 3;
	const uint64_t size = end - x->at;

	ATHAR_TRY(athar_walk_crc(&crc, x->w->in, x->at, size, err));
	ATHAR_TRY(athar_reader_get(&b, x->w->in, end, 4 + FOOTER, err));
	if (athar_le32(b.ptr) != crc)
		return athar_walk_stop(x->w, "the CRC of the index does not hold");
	const uint8_t *f = b.ptr + 4;

	if (athar_crc32(0, f + 4, 6) != athar_le32(f) || memcmp(f + 8, x->flags, 2) != 0 ||
	    memcmp(f + 10, "YZ", 2) != 0 || (athar_le32(f + 4) + UINT64_C(1)) * 4 != size + 4)
		return athar_walk_stop(x->w, "the index is not followed by the stream's footer");
	x->at = end + 4 + FOOTER;
	athar_walk_prove(x->w, x->at);
	return ATHAR_OK;
}

static bool is_header(const uint8_t *h)
{
	return memcmp(h,
	              "\xFD"
	              "7zXZ\0",
	              7) == 0 &&
	       h[7] <= 0x0F && athar_crc32(0, h + 6, 2) == athar_le32(h + 8);
}

static athar_status stream(xz *x, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, x->w->in, x->at, HEADER, err));
	if (!is_header(b.ptr))
		return athar_walk_stop(x->w, "it does not begin with a stream");
	memcpy(x->flags, b.ptr + 6, 2);
	x->check = b.ptr[7];
	x->blocks = (tally){.count = 0};
	if (x->at == 0)
		athar_walk_begin(x->w, HEADER);
	x->at += HEADER;
	for (;;) {
		ATHAR_TRY(athar_reader_get(&b, x->w->in, x->at, 1, err));
		if (b.ptr[0] == 0)
			return index_and_footer(x, err);
		ATHAR_TRY(block(x, err));
	}
}

/* Does another stream follow? Where a sector begins, it is another file rather. */
static athar_status goes_on(bool *out, xz *x, athar_error *err)
{
	athar_bytes b;

	*out = false;
	if (x->at % SECTOR == 0 || x->at >= athar_reader_size(x->w->in))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_some(&b, x->w->in, x->at, HEADER, err));
	*out = b.len == HEADER && is_header(b.ptr);
	return ATHAR_OK;
}

static athar_status walk(xz *x, athar_error *err)
{
	bool more = true;

	while (more) {
		ATHAR_TRY(stream(x, err));
		ATHAR_TRY(goes_on(&more, x, err));
	}
	x->w->claim->unseen = x->unseen;
	if (x->unseen == 0)
		athar_walk_close(x->w, ATHAR_GRADE_INTACT, x->at,
		                 "it unpacks, the check of each block and the index hold");
	else
		athar_walk_close(x->w, ATHAR_GRADE_COMPLETE, x->at,
		                 "its chunks lead to an index that lists its blocks; not all of it "
		                 "was checked");
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	ATHAR_AUTO(lzma) athar_lzma *lzma = NULL;
	athar_walk w;
	xz x = {.w = &w};

	athar_walk_init(&w, out, in);
	ATHAR_TRY(athar_lzma_new(&lzma, err));
	make_table(x.table);
	x.lzma = lzma;
	return athar_walk_settle(&w, walk(&x, err), err);
}

static const athar_magic magic[] = {{0, 7, {0xFD, '7', 'z', 'X', 'Z', 0, 0}}, {0, 0, {0}}};

const athar_format athar_format_xz = {
	.name = "xz",
	.extension = "xz",
	.mime = "application/x-xz",
	.summary = "files packed by xz",
	.end = "the check of what each block unpacks to, the index of the blocks",
	.best = ATHAR_GRADE_INTACT,
	.magic = magic,
	.measure = measure,
};
