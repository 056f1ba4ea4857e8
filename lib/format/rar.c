/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RAR from version 1.5 to 4 (technote.txt of RAR 4.20): a signature that is a block itself, then
 * blocks: CRC 2, type 1, flags 2, size 2, and if a flag says so the size of the data behind it 4.
 * The CRC is over the header. The CRC of a member is that of its unpacked content, which for a
 * stored one are the data; for one that goes on in the next volume it is that of the packed data
 * here. RAR 5 is in rar5.c.
 */
#include "format/rar.h"

#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "inflate/inflate.h"

#define SIGNATURE 7u
#define HEADER 7u

enum { MAIN = 0x73, FILE_BLOCK = 0x74, SERVICE = 0x7A, END = 0x7B };
enum { MAIN_ENCRYPTED = 0x80 };
enum { FILE_FROM = 0x01, FILE_GOES_ON = 0x02, FILE_ENCRYPTED = 0x04, FILE_LARGE = 0x100 };
enum { END_SUM = 0x02, END_NUMBER = 0x08 };
enum { HAS_DATA = 0x8000 };

typedef struct block {
	uint8_t type;
	uint16_t flags, size;
	const uint8_t *bytes;
} block;

athar_status athar_rar_pass(athar_rar *r, const athar_rar_data *data, athar_error *err)
{
	uint64_t end = 0;
	uint32_t crc = 0;

	if (!athar_add(data->at, data->len, &end) || end > INT64_MAX)
		return athar_walk_stop(r->w, "a block claims an impossible size");
	athar_walk_reach(r->w, end);
	if (data->summed) {
		ATHAR_TRY(athar_walk_crc(&crc, r->w->in, data->at, data->len, err));
		if (crc != data->crc)
			athar_walk_flaw(r->w, "the CRC of member %llu does not hold",
			                (unsigned long long)r->count);
	} else {
		r->unseen += data->len;
	}
	r->at = end;
	return ATHAR_OK;
}

athar_status athar_rar_close(athar_rar *r)
{
	athar_walk_field(r->w, "count", "%llu", (unsigned long long)r->count);
	r->w->claim->unseen = r->unseen;
	if (r->unseen == 0)
		athar_walk_close(r->w, ATHAR_GRADE_INTACT, r->at,
		                 "the CRC of every block and member holds, an end block closes it");
	else
		athar_walk_close(r->w, ATHAR_GRADE_COMPLETE, r->at,
		                 "the CRC of every block holds, an end block closes it; packed "
		                 "data are not looked at");
	return ATHAR_OK;
}

/* ---- RAR 1.5 to 4 ---- */

static athar_status get_block(block *out, athar_rar *r, athar_error *err)
{
	athar_bytes b;

	if (r->at == athar_reader_size(r->w->in))
		r->w->claim->open = true;
	ATHAR_TRY(athar_reader_get(&b, r->w->in, r->at, HEADER, err));
	*out = (block){
		.type = b.ptr[2], .flags = athar_le16(b.ptr + 3), .size = athar_le16(b.ptr + 5)};
	if (out->type < MAIN || out->type > END || out->size < HEADER) {
		r->w->claim->open = true; /* before version 3 nothing closed an archive */
		return athar_walk_stop(r->w, "what follows the last good block is none");
	}
	ATHAR_TRY(athar_reader_get(&b, r->w->in, r->at, out->size, err));
	out->bytes = b.ptr;
	if ((athar_crc32(0, b.ptr + 2, out->size - 2u) & 0xFFFF) != athar_le16(b.ptr))
		return athar_walk_stop(r->w, "the CRC of a block's header does not hold");
	return ATHAR_OK;
}

/* A member or what belongs to one. */
static athar_status file_block(athar_rar *r, const block *b, athar_error *err)
{
	const size_t fixed = b->flags & FILE_LARGE ? 40 : 32;
	athar_rar_data data = {.at = r->at + b->size};

	if (b->size < fixed || (b->flags & HAS_DATA) == 0)
		return athar_walk_stop(r->w, "a block of a member is too short");
	const uint8_t method = b->bytes[25];
	const size_t name = athar_min(athar_le16(b->bytes + 26), b->size - fixed);

	data.len = athar_le32(b->bytes + 7);
	if (b->flags & FILE_LARGE)
		data.len |= (uint64_t)athar_le32(b->bytes + 32) << 32;
	data.crc = athar_le32(b->bytes + 16);
	if (b->type == FILE_BLOCK) {
		data.summed = (b->flags & FILE_GOES_ON) != 0 ||
		              (method == 0x30 && (b->flags & (FILE_FROM | FILE_ENCRYPTED)) == 0);
		r->count += (b->flags & FILE_FROM) == 0;
		athar_walk_field_bytes(r->w, "name", b->bytes + fixed, name);
		if (b->flags & FILE_ENCRYPTED)
			athar_walk_field(r->w, "encrypted", "yes");
	}
	return athar_rar_pass(r, &data, err);
}

static athar_status other_block(athar_rar *r, const block *b, athar_error *err)
{
	athar_rar_data data = {.at = r->at + b->size};

	if (b->flags & HAS_DATA) {
		if (b->size < HEADER + 4)
			return athar_walk_stop(r->w, "a block is too short");
		data.len = athar_le32(b->bytes + 7);
	}
	return athar_rar_pass(r, &data, err);
}

static void end_block(athar_rar *r, const block *b)
{
	const size_t at = HEADER + (b->flags & END_SUM ? 4u : 0u);

	if ((b->flags & END_NUMBER) && b->size >= at + 2)
		athar_walk_field(r->w, "part", "%u", athar_le16(b->bytes + at) + 1u);
	r->at += b->size;
}

static athar_status main_block(athar_rar *r, athar_error *err)
{
	block b;

	ATHAR_TRY(get_block(&b, r, err));
	if (b.type != MAIN || b.size < 13)
		return athar_walk_stop(r->w,
		                       "the signature is not followed by an archive's header");
	r->at += b.size;
	athar_walk_begin(r->w, r->at);
	athar_walk_field(r->w, "version", "4");
	if ((b.flags & MAIN_ENCRYPTED) == 0)
		return ATHAR_OK;
	athar_walk_field(r->w, "encrypted", "yes");
	return athar_walk_stop(r->w,
	                       "its headers are encrypted, so that nothing says where it ends");
}

static athar_status rar4_walk(athar_rar *r, athar_error *err)
{
	block b;

	ATHAR_TRY(main_block(r, err));
	for (;;) {
		ATHAR_TRY(get_block(&b, r, err));
		athar_walk_prove(r->w, r->at + b.size);
		if (b.type == END)
			break;
		if (b.type == MAIN)
			return athar_walk_stop(r->w, "another archive begins before this one ends");
		if (b.type == FILE_BLOCK || b.type == SERVICE)
			ATHAR_TRY(file_block(r, &b, err));
		else
			ATHAR_TRY(other_block(r, &b, err));
	}
	end_block(r, &b);
	return athar_rar_close(r);
}

static athar_status walk(athar_rar *r, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, r->w->in, 0, SIGNATURE + 1, err));
	if (memcmp(b.ptr, "Rar!\x1A\x07", 6) != 0)
		return athar_walk_stop(r->w, "it does not begin with a signature");
	if (b.ptr[6] == 0) {
		r->at = SIGNATURE;
		return rar4_walk(r, err);
	}
	if (b.ptr[6] != 1 || b.ptr[7] != 0)
		return athar_walk_stop(r->w, "it is of a later version");
	r->at = SIGNATURE + 1;
	return athar_rar5_walk(r, err);
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	athar_rar r = {.w = &w};

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&r, err), err);
}

static const athar_magic magic[] = {{0, 6, {'R', 'a', 'r', '!', 0x1A, 7}}, {0, 0, {0}}};

const athar_format athar_format_rar = {
	.name = "rar",
	.extension = "rar",
	.mime = "application/vnd.rar",
	.summary = "RAR archives from version 1.5 on",
	.end = "the CRC of every block's header up to the end block",
	.best = ATHAR_GRADE_INTACT,
	.magic = magic,
	.measure = measure,
};
