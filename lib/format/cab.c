/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cabinets ([MS-CAB]): a header that says how long the file is, folders, files, then the data of
 * each folder in blocks with a checksum each, which may be left out as 0. A signature stands behind
 * all that, and the area that is reserved in the header says where.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/walk.h"

#define HEADER 36u
#define FOLDER 8u
#define FILE_HEADER 16u
#define BLOCK_MOST (32768u + 6144u)
#define NAME_MOST 257u
#define FROM_BEFORE \
	0xFFFDu /* a file of this folder number, or a greater one, is in two cabinets \
	         */

enum { HAS_PREVIOUS = 1, HAS_NEXT = 2, HAS_RESERVE = 4 };

typedef struct cab {
	athar_walk *w;
	uint64_t at;
	uint32_t size, files_at;
	uint16_t folders, files, flags;
	uint16_t header_reserve;
	uint8_t folder_reserve, data_reserve;
	uint64_t signature_end; /* 0: there is none */
	uint64_t unseen;
} cab;

/* XOR of numbers of four bytes; the bytes that are left over count the other way round. */
static uint32_t checksum(const uint8_t *p, size_t len, uint32_t sum)
{
	uint32_t rest = 0;

	for (; len >= 4; p += 4, len -= 4)
		sum ^= athar_le32(p);
	for (; len != 0; len--)
		rest |= (uint32_t)*p++ << 8 * (len - 1);
	return sum ^ rest;
}

/* ---- the header ---- */

static athar_status text(cab *c, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_some(&b, c->w->in, c->at, NAME_MOST, err));
	const size_t len = strnlen((const char *)b.ptr, b.len);

	if (len == b.len)
		return b.len < NAME_MOST ? ATHAR_EOF : athar_walk_stop(c->w, "a name does not end");
	c->at += len + 1;
	return ATHAR_OK;
}

/* Of 20 bytes, as signatures have it: 0x100000, where it is, how long it is. */
static void note_signature(cab *c, const uint8_t *reserve)
{
	if (c->header_reserve != 20 || athar_le32(reserve) != 0x100000 ||
	    athar_le32(reserve + 4) != c->size)
		return;
	c->signature_end = (uint64_t)c->size + athar_le32(reserve + 8);
}

static athar_status reserve(cab *c, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, c->w->in, c->at, 4, err));
	c->header_reserve = athar_le16(b.ptr);
	c->folder_reserve = b.ptr[2];
	c->data_reserve = b.ptr[3];
	if (c->header_reserve > 60000)
		return athar_walk_stop(c->w, "the header is not of a cabinet");
	c->at += 4;
	if (c->header_reserve != 0) {
		ATHAR_TRY(athar_reader_get(&b, c->w->in, c->at, c->header_reserve, err));
		note_signature(c, b.ptr);
	}
	c->at += c->header_reserve;
	return ATHAR_OK;
}

static athar_status header(cab *c, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, c->w->in, 0, HEADER, err));
	const uint16_t number = athar_le16(b.ptr + 34);

	c->size = athar_le32(b.ptr + 8);
	c->files_at = athar_le32(b.ptr + 16);
	c->folders = athar_le16(b.ptr + 26);
	c->files = athar_le16(b.ptr + 28);
	c->flags = athar_le16(b.ptr + 30);
	if (memcmp(b.ptr, "MSCF\0\0\0\0", 8) != 0 || athar_le32(b.ptr + 12) != 0 ||
	    athar_le32(b.ptr + 20) != 0 || b.ptr[25] != 1 || c->folders == 0 || c->flags > 7 ||
	    c->files_at < HEADER + FOLDER || c->files_at >= c->size)
		return athar_walk_stop(c->w, "the header is not of a cabinet");
	athar_walk_begin(c->w, HEADER);
	c->at = HEADER;
	if (c->flags & (HAS_PREVIOUS | HAS_NEXT) || number != 0)
		athar_walk_field(c->w, "part", "%u", number + 1u);
	athar_walk_field(c->w, "count", "%u", c->files);
	if (c->flags & HAS_RESERVE)
		ATHAR_TRY(reserve(c, err));
	for (unsigned i = c->flags & HAS_PREVIOUS ? 2 : 0; i != 0; i--)
		ATHAR_TRY(text(c, err));
	for (unsigned i = c->flags & HAS_NEXT ? 2 : 0; i != 0; i--)
		ATHAR_TRY(text(c, err));
	return ATHAR_OK;
}

/* ---- files ---- */

static athar_status file(cab *c, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_some(&b, c->w->in, c->at, FILE_HEADER + NAME_MOST, err));
	if (b.len <= FILE_HEADER)
		return ATHAR_EOF;
	const uint16_t folder = athar_le16(b.ptr + 8);
	const size_t most = b.len - FILE_HEADER;
	const size_t len = strnlen((const char *)b.ptr + FILE_HEADER, most);

	if (len == most && most < NAME_MOST)
		return ATHAR_EOF;
	if (len == 0 || len == most || (folder >= c->folders && folder < FROM_BEFORE))
		return athar_walk_stop(c->w, "the list of files makes no sense");
	athar_walk_field_bytes(c->w, "name", b.ptr + FILE_HEADER, len);
	c->at += FILE_HEADER + len + 1;
	return ATHAR_OK;
}

static athar_status files(cab *c, athar_error *err)
{
	c->at = c->files_at;
	for (unsigned i = 0; i < c->files; i++)
		ATHAR_TRY(file(c, err));
	athar_walk_prove(c->w, c->at);
	return ATHAR_OK;
}

/* ---- data ---- */

static athar_status block(cab *c, athar_error *err)
{
	const size_t head = 8u + c->data_reserve;
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, c->w->in, c->at, head, err));
	const uint32_t sum = athar_le32(b.ptr);
	const uint16_t len = athar_le16(b.ptr + 4), unpacked = athar_le16(b.ptr + 6);

	if (len > BLOCK_MOST || unpacked > 32768 || len == 0)
		return athar_walk_stop(c->w, "what follows the last good block is none");
	if (c->at + head + len > c->size)
		return athar_walk_stop(c->w, "a block leads past the end");
	athar_walk_reach(c->w, c->at + head + len);
	ATHAR_TRY(athar_reader_get(&b, c->w->in, c->at, head + len, err));
	/* What is reserved may be under the sum or not. */
	if (sum == 0 || c->data_reserve != 0)
		c->unseen += len;
	else if (checksum(b.ptr + 4, 4, checksum(b.ptr + head, len, 0)) != sum)
		athar_walk_flaw(c->w, "the checksum of the block at %llu does not hold",
		                (unsigned long long)c->at);
	c->at += head + len;
	athar_walk_prove(c->w, c->at);
	return ATHAR_OK;
}

/* The folder whose entry is at `entry`. Folders follow each other; a gap belongs to nobody. */
static athar_status folder(cab *c, uint64_t entry, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, c->w->in, entry, FOLDER, err));
	const uint32_t begin = athar_le32(b.ptr);
	const uint16_t blocks = athar_le16(b.ptr + 4), method = athar_le16(b.ptr + 6);

	if (begin < c->at || begin > c->size || (method & 0x0F) > 3)
		return athar_walk_stop(c->w, "a folder cannot be where it should");
	c->unseen += begin - c->at;
	c->at = begin;
	for (unsigned i = 0; i < blocks; i++)
		ATHAR_TRY(block(c, err));
	return ATHAR_OK;
}

static athar_status signature(cab *c)
{
	if (c->signature_end == 0)
		return ATHAR_OK;
	if (c->signature_end > athar_reader_size(c->w->in))
		return ATHAR_EOF;
	c->unseen += c->signature_end - c->at;
	c->at = c->signature_end;
	return ATHAR_OK;
}

static athar_status walk(cab *c, athar_error *err)
{
	ATHAR_TRY(header(c, err));
	const uint64_t list = c->at, step = FOLDER + (uint64_t)c->folder_reserve;

	if (list + c->folders * step > c->files_at)
		return athar_walk_stop(c->w, "the lists of folders and files overlap");
	c->unseen = c->files_at - (list + c->folders * step);
	ATHAR_TRY(files(c, err));
	for (unsigned i = 0; i < c->folders; i++)
		ATHAR_TRY(folder(c, list + i * step, err));
	if (c->at != c->size)
		return athar_walk_stop(c->w, "its data do not end where the header says");
	if (c->at > athar_reader_size(c->w->in)) /* without data nothing was read there */
		return ATHAR_EOF;
	ATHAR_TRY(signature(c));
	c->w->claim->unseen = c->unseen;
	if (c->unseen == 0)
		athar_walk_close(c->w, ATHAR_GRADE_INTACT, c->at,
		                 "the checksum of every block holds, and they fill the file");
	else
		athar_walk_close(c->w, ATHAR_GRADE_COMPLETE, c->at,
		                 "its blocks fill the file; not all of it has a checksum");
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	cab c = {.w = &w};

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&c, err), err);
}

static const athar_magic magic[] = {{0, 8, {'M', 'S', 'C', 'F', 0, 0, 0, 0}}, {0, 0, {0}}};

const athar_format athar_format_cab = {
	.name = "cab",
	.extension = "cab",
	.mime = "application/vnd.ms-cab-compressed",
	.summary = "cabinets of Windows",
	.end = "the size in the header, filled by blocks with checksums",
	.best = ATHAR_GRADE_INTACT,
	.magic = magic,
	.measure = measure,
};
