/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RAR 5 ("RAR 5.0 archive format", rarlab.com/technote.htm): blocks of a CRC-32, the size of the
 * header, its type and flags, the sizes of what is added to it and of the data behind it, and what
 * its type demands. Numbers are of 7 bits a byte, the lowest first.
 */
#include "base/check.h"
#include "base/endian.h"
#include "format/rar.h"
#include "inflate/inflate.h"

#define HEADER_MOST \
	(2u << 20) /* what the format allows; more than the reader hands out at once \
	            */
#define HEADER_READ (1u << 20)

enum { MAIN = 1, MEMBER, SERVICE, ENCRYPTION, END };
enum { HAS_EXTRA = 0x01, HAS_DATA = 0x02, FROM = 0x08, GOES_ON = 0x10 };
enum { MAIN_VOLUME = 0x01, MAIN_NUMBER = 0x02 };
enum { MEMBER_TIME = 0x02, MEMBER_CRC = 0x04 };
enum { EXTRA_ENCRYPTION = 1 };

/* Bytes of a header that are still to be read. */
typedef struct cursor {
	const uint8_t *next, *end;
	bool failed;
} cursor;

typedef struct block {
	uint64_t type, flags, extra, data, size; /* size: of the header, with its CRC */
	cursor rest;
} block;

static uint64_t number(cursor *c)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 63 && c->next < c->end; shift += 7) {
		value |= (uint64_t)(*c->next & 0x7F) << shift;
		if (*c->next++ < 0x80)
			return value;
	}
	c->failed = true;
	return 0;
}

static uint32_t fixed(cursor *c)
{
	if (c->end - c->next < 4) {
		c->failed = true;
		return 0;
	}
	c->next += 4;
	return athar_le32(c->next - 4);
}

/* The size of the header, of at most three bytes, and those bytes. */
static athar_status header_size(uint64_t *out, const athar_rar *r, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, r->w->in, r->at + 4, 3, err));
	cursor c = {.next = b.ptr, .end = b.ptr + 3};
	const uint64_t size = number(&c);

	if (c.failed || size == 0 || size > HEADER_MOST)
		return athar_walk_stop(r->w, "what follows the last good block is none");
	*out = 4 + (uint64_t)(c.next - b.ptr) + size;
	if (*out > HEADER_READ)
		return athar_walk_stop(r->w, "the header of a block is too large");
	return ATHAR_OK;
}

static athar_status get_block(block *out, athar_rar *r, athar_error *err)
{
	uint64_t size = 0;
	athar_bytes b;

	ATHAR_TRY(header_size(&size, r, err));
	ATHAR_TRY(athar_reader_get(&b, r->w->in, r->at, (size_t)size, err));
	if (athar_crc32(0, b.ptr + 4, b.len - 4) != athar_le32(b.ptr))
		return athar_walk_stop(r->w, "the CRC of a block's header does not hold");
	*out = (block){.size = size, .rest = {.next = b.ptr + 4, .end = b.ptr + b.len}};
	(void)number(&out->rest);
	out->type = number(&out->rest);
	out->flags = number(&out->rest);
	out->extra = out->flags & HAS_EXTRA ? number(&out->rest) : 0;
	out->data = out->flags & HAS_DATA ? number(&out->rest) : 0;
	if (out->rest.failed || out->extra > (uint64_t)(out->rest.end - out->rest.next))
		return athar_walk_stop(r->w, "the header of a block makes no sense");
	return ATHAR_OK;
}

/* Is there a record of this type among what is added to a header? */
static bool has_extra(const block *b, uint64_t type)
{
	cursor c = {.next = b->rest.end - b->extra, .end = b->rest.end};

	while (c.next < c.end) {
		const uint64_t size = number(&c);

		if (c.failed || size == 0 || size > (uint64_t)(c.end - c.next))
			return false;
		cursor record = {.next = c.next, .end = c.next + size};

		if (number(&record) == type)
			return !record.failed;
		c.next += size;
	}
	return false;
}

static void note_member(athar_rar *r, const block *b, cursor *c, bool encrypted)
{
	(void)number(c); /* the system */
	const uint64_t len = number(c);

	if (b->type != MEMBER)
		return;
	r->count += (b->flags & FROM) == 0;
	if (!c->failed && len <= (uint64_t)(c->end - c->next))
		athar_walk_field_bytes(r->w, "name", c->next, (size_t)len);
	if (encrypted)
		athar_walk_field(r->w, "encrypted", "yes");
}

static athar_status member_block(athar_rar *r, const block *b, athar_error *err)
{
	cursor c = {.next = b->rest.next, .end = b->rest.end - b->extra};
	const bool encrypted = has_extra(b, EXTRA_ENCRYPTION);
	athar_rar_data data = {.at = r->at + b->size, .len = b->data};
	const uint64_t flags = number(&c);

	(void)number(&c); /* unpacked size */
	(void)number(&c); /* attributes */
	if (flags & MEMBER_TIME)
		(void)fixed(&c);
	if (flags & MEMBER_CRC)
		data.crc = fixed(&c);
	const uint64_t compression = number(&c);

	if (c.failed)
		return athar_walk_stop(r->w, "the header of a member makes no sense");
	/* The CRC of an encrypted member is another one. */
	data.summed = b->type == MEMBER && (flags & MEMBER_CRC) != 0 && !encrypted &&
	              ((b->flags & GOES_ON) != 0 ||
	               ((compression >> 7 & 7) == 0 && (b->flags & FROM) == 0));
	note_member(r, b, &c, encrypted);
	return athar_rar_pass(r, &data, err);
}

static athar_status main_block(athar_rar *r, athar_error *err)
{
	block b;

	ATHAR_TRY(get_block(&b, r, err));
	if (b.type != MAIN && b.type != ENCRYPTION)
		return athar_walk_stop(r->w,
		                       "the signature is not followed by an archive's header");
	const uint64_t flags = number(&b.rest);

	r->at += b.size;
	athar_walk_begin(r->w, r->at);
	athar_walk_field(r->w, "version", "5");
	if (b.type == ENCRYPTION) {
		athar_walk_field(r->w, "encrypted", "yes");
		return athar_walk_stop(
			r->w, "its headers are encrypted, so that nothing says where it ends");
	}
	if (flags & MAIN_VOLUME)
		athar_walk_field(
			r->w, "part", "%llu",
			1 + (unsigned long long)(flags & MAIN_NUMBER ? number(&b.rest) : 0));
	return ATHAR_OK;
}

athar_status athar_rar5_walk(athar_rar *r, athar_error *err)
{
	block b;

	ATHAR_TRY(main_block(r, err));
	for (;;) {
		ATHAR_TRY(get_block(&b, r, err));
		athar_walk_prove(r->w, r->at + b.size);
		if (b.type == END)
			break;
		if (b.type == MAIN || b.type == ENCRYPTION)
			return athar_walk_stop(r->w, "another archive begins before this one ends");
		if (b.type == MEMBER || b.type == SERVICE)
			ATHAR_TRY(member_block(r, &b, err));
		else
			ATHAR_TRY(athar_rar_pass(
				r, &(athar_rar_data){.at = r->at + b.size, .len = b.data}, err));
	}
	r->at += b.size;
	return athar_rar_close(r);
}
