/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The headers of LUKS volumes, versions 1 and 2 (their on-disk format specifications): what is
 * needed to unlock one. Where the volume behind them ends nothing says.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "digest/digest.h"
#include "format/list.h"
#include "format/walk.h"

#define HEADER_1 592u
#define SLOTS 8u
#define HEADER_2 4096u /* of version 2, before its JSON */
#define SUM_AT 448u
#define SUM_LEN 64u
#define PIECE 65536u
#define SLOTS_MOST (UINT64_C(256) << 20)

static void note(athar_walk *w, const char *version, const uint8_t *uuid)
{
	(void)snprintf(w->claim->subtype, sizeof w->claim->subtype, "luks%s", version);
	athar_walk_field(w, "encrypted", "yes");
	athar_walk_field(w, "version", "%s", version);
	athar_walk_field_bytes(w, "uuid", uuid, 40);
}

/* ---- version 1 ---- */

/* Where the key slots end; false where one makes no sense. */
static bool slots_end(uint64_t *out, const uint8_t *header, uint32_t key_len)
{
	*out = HEADER_1;
	for (size_t i = 0; i < SLOTS; i++) {
		const uint8_t *slot = header + 208 + 48 * i;
		const uint32_t state = athar_be32(slot), stripes = athar_be32(slot + 44);
		const uint64_t at = (uint64_t)athar_be32(slot + 40) * 512;

		if ((state != 0x00AC71F3 && state != 0x0000DEAD) || stripes != 4000 ||
		    at < HEADER_1)
			return false;
		*out = athar_max(*out, at + (uint64_t)key_len * stripes);
	}
	return true;
}

static athar_status version_1(athar_walk *w, athar_error *err)
{
	athar_bytes b;
	uint64_t end = 0;

	ATHAR_TRY(athar_reader_get(&b, w->in, 0, HEADER_1, err));
	const uint64_t payload = (uint64_t)athar_be32(b.ptr + 104) * 512;
	const uint32_t key_len = athar_be32(b.ptr + 108);

	if (key_len < 8 || key_len > 128 || !slots_end(&end, b.ptr, key_len) ||
	    (payload != 0 && payload < end) || payload > SLOTS_MOST)
		return athar_walk_stop(w, "its key slots make no sense");
	athar_walk_begin(w, HEADER_1);
	note(w, "1", b.ptr + 168);
	athar_walk_prove(w, HEADER_1);
	athar_walk_reach(w, athar_max(payload, end));
	w->claim->unseen = w->claim->length - HEADER_1;
	return athar_walk_stop(
		w, "a header with its key slots; what it encrypts has no end that shows");
}

/* ---- version 2 ---- */

/* SHA-256 over the header with its JSON, its own place taken as zeros. */
static athar_status sum_holds(bool *out, athar_walk *w, uint64_t at, uint64_t size,
                              athar_error *err)
{
	static const uint8_t zeros[SUM_LEN] = {0};
	ATHAR_AUTO(digester) athar_digester *d = NULL;
	athar_digests digests;
	char hex[65];
	athar_bytes b;

	ATHAR_TRY(athar_digester_new(&d, ATHAR_SHA256, err));
	ATHAR_TRY(athar_reader_get(&b, w->in, at, SUM_AT, err));
	ATHAR_TRY(athar_digester_update(d, b.ptr, SUM_AT, err));
	ATHAR_TRY(athar_digester_update(d, zeros, SUM_LEN, err));
	for (uint64_t done = SUM_AT + SUM_LEN; done < size; done += b.len) {
		ATHAR_TRY(athar_reader_some(&b, w->in, at + done,
		                            (size_t)athar_min(PIECE, size - done), err));
		ATHAR_TRY(athar_digester_update(d, b.ptr, b.len, err));
	}
	ATHAR_TRY(athar_digester_finish(&digests, d, err));
	ATHAR_TRY(athar_reader_get(&b, w->in, at + SUM_AT, 32, err));
	athar_digest_hex(hex, b.ptr);
	*out = strcmp(hex, athar_digests_get(&digests, ATHAR_SHA256)) == 0;
	return ATHAR_OK;
}

/* "keyslots_size":"16744448" in the JSON; 0 where there is none. */
static athar_status slots_size(uint64_t *out, athar_walk *w, uint64_t size, athar_error *err)
{
	static const char word[] = "\"keyslots_size\":\"";
	size_t met = 0;
	bool in_number = false;

	*out = 0;
	for (uint64_t at = HEADER_2; at < size;) {
		athar_bytes b;

		ATHAR_TRY(
			athar_reader_some(&b, w->in, at, (size_t)athar_min(PIECE, size - at), err));
		at += b.len;
		for (size_t i = 0; i < b.len; i++) {
			const uint8_t c = b.ptr[i];

			if (in_number && (c < '0' || c > '9' || *out > SLOTS_MOST))
				return ATHAR_OK;
			if (in_number)
				*out = *out * 10 + (uint64_t)(c - '0');
			met = c == (uint8_t)word[met] ? met + 1 : c == '"';
			in_number = in_number || met == sizeof word - 1;
			met = met == sizeof word - 1 ? 0 : met;
		}
	}
	return ATHAR_OK;
}

static athar_status version_2(athar_walk *w, athar_error *err)
{
	athar_bytes b;
	bool holds = false;
	uint64_t slots = 0;
	uint8_t text[SUM_AT];

	ATHAR_TRY(athar_reader_get(&b, w->in, 0, SUM_AT, err));
	memcpy(text, b.ptr, sizeof text);
	const uint64_t size = athar_be64(text + 8);

	if (size < 4 * HEADER_2 || size > 1024 * HEADER_2 || (size & (size - 1)) != 0 ||
	    memcmp(text + 72, "sha256\0", 7) != 0)
		return athar_walk_stop(w, "its header makes no sense");
	ATHAR_TRY(sum_holds(&holds, w, 0, size, err));
	if (!holds)
		return athar_walk_stop(w, "the SHA-256 of its header does not hold");
	athar_walk_begin(w, size);
	note(w, "2", text + 168);
	athar_walk_field_bytes(w, "name", text + 24, 48);
	athar_walk_prove(w, size);
	ATHAR_TRY(sum_holds(&holds, w, size, size, err));
	if (holds)
		athar_walk_prove(w, 2 * size);
	ATHAR_TRY(slots_size(&slots, w, size, err));
	athar_walk_reach(w, 2 * size + athar_min(slots, SLOTS_MOST));
	w->claim->unseen = w->claim->length - w->claim->proven;
	return athar_walk_stop(w, "the SHA-256 of its %s; what it encrypts has no end that shows",
	                       holds ? "headers hold" : "first header holds");
}

static athar_status walk(athar_walk *w, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, w->in, 0, 8, err));
	switch (athar_be16(b.ptr + 6)) {
	case 1:
		return version_1(w, err);
	case 2:
		return version_2(w, err);
	default:
		return athar_walk_stop(w, "it is of no known version");
	}
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&w, err), err);
}

static const athar_magic magic[] = {{0, 6, {'L', 'U', 'K', 'S', 0xBA, 0xBE}}, {0, 0, {0}}};

const athar_format athar_format_luks = {
	.name = "luks",
	.extension = "luks",
	.mime = "application/octet-stream",
	.summary = "headers of volumes encrypted with LUKS",
	.end = "the header says where its key slots end; the volume behind them has no end",
	.best = ATHAR_GRADE_PARTIAL,
	.magic = magic,
	.measure = measure,
};
