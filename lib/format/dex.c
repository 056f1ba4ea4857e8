/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs of Android ("Dalvik executable format"): a header with the size of the whole, an
 * Adler-32 and a SHA-1 of what follows them.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "digest/digest.h"
#include "format/list.h"
#include "format/walk.h"
#include "inflate/inflate.h"

#define HEADER 112u
#define SUMMED 12u
#define DIGESTED 32u
#define DIGEST 20u
#define PIECE 65536u

static bool is_header(const uint8_t *h)
{
	return memcmp(h, "dex\n0", 5) == 0 && h[5] >= '3' && h[5] <= '4' && h[6] >= '0' &&
	       h[6] <= '9' && h[7] == 0 && athar_le32(h + 32) >= HEADER &&
	       athar_le32(h + 36) >= HEADER && athar_le32(h + 36) <= athar_le32(h + 32) &&
	       athar_le32(h + 40) == 0x12345678;
}

typedef struct sums {
	athar_digester *digester;
	uint32_t adler;
} sums;

static athar_status take(sums *s, athar_walk *w, uint64_t end, athar_error *err)
{
	for (uint64_t at = SUMMED; at < end;) {
		const size_t len = (size_t)athar_min((at < DIGESTED ? DIGESTED : end) - at, PIECE);
		athar_bytes b;

		ATHAR_TRY(athar_reader_some(&b, w->in, at, len, err));
		s->adler = athar_adler32(s->adler, b.ptr, b.len);
		if (at >= DIGESTED)
			ATHAR_TRY(athar_digester_update(s->digester, b.ptr, b.len, err));
		at += b.len;
		athar_walk_reach(w, at);
	}
	return ATHAR_OK;
}

static bool same_digest(const athar_digests *d, const uint8_t *raw)
{
	char hex[2 * DIGEST + 1];

	for (size_t i = 0; i < DIGEST; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", raw[i]);
	return strcmp(hex, athar_digests_get(d, ATHAR_SHA1)) == 0;
}

static athar_status check_sums(athar_walk *w, const uint8_t *head, uint64_t end, athar_error *err)
{
	ATHAR_AUTO(digester) athar_digester *d = NULL;
	athar_digests digests;

	ATHAR_TRY(athar_digester_new(&d, ATHAR_SHA1, err));
	sums s = {d, 1};

	ATHAR_TRY(take(&s, w, end, err));
	ATHAR_TRY(athar_digester_finish(&digests, d, err));
	if (s.adler != athar_le32(head + 8))
		return athar_walk_stop(w, "its Adler-32 does not hold");
	if (!same_digest(&digests, head + SUMMED))
		return athar_walk_stop(w, "its SHA-1 does not hold");
	athar_walk_close(w, ATHAR_GRADE_INTACT, end, "its Adler-32 and its SHA-1 hold");
	return ATHAR_OK;
}

static athar_status walk(athar_walk *w, athar_error *err)
{
	uint8_t head[HEADER];
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, w->in, 0, HEADER, err));
	memcpy(head, b.ptr, HEADER);
	if (!is_header(head))
		return athar_walk_stop(w, "its header is none");
	athar_walk_begin(w, HEADER);
	athar_walk_field(w, "version", "%c%c%c", head[4], head[5], head[6]);
	return check_sums(w, head, athar_le32(head + 32), err);
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&w, err), err);
}

static const athar_magic magic[] = {{0, 4, {'d', 'e', 'x', '\n'}}, {0, 0, {0}}};

const athar_format athar_format_dex = {
	.name = "dex",
	.extension = "dex",
	.mime = "application/vnd.android.dex",
	.summary = "programs of Android",
	.end = "the size in its header; Adler-32 and SHA-1 of all of it",
	.best = ATHAR_GRADE_INTACT,
	.magic = magic,
	.measure = measure,
};
