/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Databases of KeePass: KDBX 4 (a header under SHA-256, then blocks by their lengths), KDBX 3 and
 * KDB (a header, then what is encrypted as a whole and has no end that shows).
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "digest/digest.h"
#include "format/list.h"
#include "format/walk.h"

#define HEADER_MOST 65536u
#define KDB_HEADER 124u
#define CIPHER_BLOCK 16u
#define PIECE 65536u
#define FOLLOWED (UINT64_C(64) << 20)

typedef struct keepass {
	athar_walk *w;
	uint16_t major, minor;
	uint64_t at; /* behind the header */
} keepass;

/* ---- KDBX ---- */

/* Fields by number and length, up to number 0; at least the five that both versions need. */
static athar_status fields(keepass *k, athar_error *err)
{
	const size_t head = k->major == 4 ? 5 : 3;
	unsigned met = 0;
	athar_bytes b;

	k->at = 12;
	for (;;) {
		ATHAR_TRY(athar_reader_get(&b, k->w->in, k->at, head, err));
		const uint8_t id = b.ptr[0];
		const uint64_t len = head == 5 ? athar_le32(b.ptr + 1) : athar_le16(b.ptr + 1);

		if (id > 12 || len > HEADER_MOST || k->at + head + len > HEADER_MOST)
			return athar_walk_stop(k->w, "a field of the header is none");
		if ((id == 2 && len != 16) || (id == 3 && len != 4) || (id == 4 && len != 32))
			return athar_walk_stop(k->w, "a field of the header has a wrong length");
		met |= 1u << id;
		k->at += head + len;
		if (id == 0)
			break;
	}
	const unsigned needed = 1u << 2 | 1u << 3 | 1u << 4 | 1u << 7;

	if ((met & needed) != needed)
		return athar_walk_stop(k->w, "the header lacks a field");
	return ATHAR_OK;
}

static athar_status header_holds(bool *out, keepass *k, athar_error *err)
{
	uint8_t sum[32];
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, k->w->in, 0, (size_t)k->at, err));
	ATHAR_TRY(athar_digest_sha256_raw(sum, b.ptr, b.len, err));
	ATHAR_TRY(athar_reader_get(&b, k->w->in, k->at, sizeof sum, err));
	*out = memcmp(sum, b.ptr, sizeof sum) == 0;
	return ATHAR_OK;
}

/* Blocks: HMAC, length, data; an empty one is the last. */
static athar_status blocks(keepass *k, athar_error *err)
{
	uint64_t at = k->at + 64, count = 0;
	bool holds = false;
	athar_bytes b;

	ATHAR_TRY(header_holds(&holds, k, err));
	if (!holds)
		return athar_walk_stop(k->w, "the SHA-256 of the header does not hold");
	athar_walk_begin(k->w, k->at + 32);
	for (;; count++) {
		ATHAR_TRY(athar_reader_get(&b, k->w->in, at, 36, err));
		const uint64_t len = athar_le32(b.ptr + 32);

		if (len > INT32_MAX)
			return athar_walk_stop(k->w, "a block is longer than blocks may be");
		at += 36 + len;
		athar_walk_reach(k->w, at);
		k->w->claim->unseen += len;
		if (len == 0)
			break;
	}
	if (count == 0)
		return athar_walk_stop(k->w, "there is nothing in it");
	athar_walk_close(k->w, ATHAR_GRADE_COMPLETE, at,
	                 "the SHA-256 of the header holds, its %llu blocks end with an empty one",
	                 (unsigned long long)count);
	return ATHAR_OK;
}

/* ---- what has no end that shows ---- */

static bool all_zero(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] != 0)
			return false;
	return true;
}

/* What is encrypted is whole blocks of the cipher, and none of them is all zero. */
static athar_status encrypted(keepass *k, athar_error *err)
{
	uint64_t at = k->at;
	const uint64_t most = athar_min(athar_reader_size(k->w->in), at + FOLLOWED);
	bool zeros = false;
	athar_bytes b;

	while (!zeros && at + CIPHER_BLOCK <= most) {
		ATHAR_TRY(athar_reader_some(&b, k->w->in, at, (size_t)athar_min(PIECE, most - at),
		                            err));
		for (size_t i = 0; !zeros && i + CIPHER_BLOCK <= b.len; i += CIPHER_BLOCK) {
			zeros = all_zero(b.ptr + i, CIPHER_BLOCK);
			at += zeros ? 0 : CIPHER_BLOCK;
		}
		if (b.len < CIPHER_BLOCK)
			break;
	}
	athar_walk_reach(k->w, at);
	if (at == k->at)
		return athar_walk_stop(k->w, "there is nothing in it");
	k->w->claim->alike = true;
	return athar_walk_stop(k->w, "encrypted as a whole; %s",
	                       zeros ? "zeros follow it" : "nothing says where it ends");
}

static bool is_kdb(const athar_bytes *b)
{
	return b->len >= KDB_HEADER && athar_le32(b->ptr + 8) >> 4 == 0 &&
	       (athar_le32(b->ptr + 12) & 0xFFFFFF00u) == 0x00030000u &&
	       athar_le32(b->ptr + 48) != 0 && athar_le32(b->ptr + 48) < 1u << 20 &&
	       athar_le32(b->ptr + 52) < 1u << 20;
}

static void name_kind(keepass *k, const char *subtype, const char *extension)
{
	(void)snprintf(k->w->claim->subtype, sizeof k->w->claim->subtype, "%s", subtype);
	(void)snprintf(k->w->claim->extension, sizeof k->w->claim->extension, "%s", extension);
	athar_walk_field(k->w, "encrypted", "yes");
}

static athar_status kdb(keepass *k, const athar_bytes *b, athar_error *err)
{
	if (!is_kdb(b))
		return athar_walk_stop(k->w, "its header makes no sense");
	const uint32_t groups = athar_le32(b->ptr + 48), entries = athar_le32(b->ptr + 52);

	k->at = KDB_HEADER;
	athar_walk_begin(k->w, k->at);
	name_kind(k, "kdb", "kdb");
	athar_walk_field(k->w, "version", "1");
	athar_walk_field(k->w, "count", "%lu", (unsigned long)(groups + entries));
	return encrypted(k, err);
}

static athar_status walk(keepass *k, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_some(&b, k->w->in, 0, KDB_HEADER, err));
	if (b.len < 12)
		return athar_walk_stop(k->w, "it is shorter than its header");
	if (b.ptr[4] == 0x65)
		return kdb(k, &b, err);
	k->minor = athar_le16(b.ptr + 8);
	k->major = athar_le16(b.ptr + 10);
	if (k->minor > 16 || (k->major != 3 && k->major != 4))
		return athar_walk_stop(k->w, "it is of no known version");
	ATHAR_TRY(fields(k, err));
	if (k->major == 3)
		athar_walk_begin(k->w, k->at);
	const athar_status status = k->major == 3 ? encrypted(k, err) : blocks(k, err);

	if (k->w->claim->ours) {
		name_kind(k, "kdbx", "kdbx");
		athar_walk_field(k->w, "version", "%u.%u", k->major, k->minor);
	}
	return status;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	keepass k = {.w = &w};

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&k, err), err);
}

static const athar_magic magic[] = {{0, 8, {0x03, 0xD9, 0xA2, 0x9A, 0x67, 0xFB, 0x4B, 0xB5}},
                                    {0, 8, {0x03, 0xD9, 0xA2, 0x9A, 0x65, 0xFB, 0x4B, 0xB5}},
                                    {0, 0, {0}}};

const athar_format athar_format_keepass = {
	.name = "keepass",
	.extension = "kdbx",
	.mime = "application/x-keepass2",
	.summary = "databases of passwords of KeePass and its kin",
	.end = "the empty block behind those that follow a header under SHA-256 (KDBX 4)",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
