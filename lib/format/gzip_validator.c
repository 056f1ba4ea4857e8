/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gzip (RFC 1952) in pieces: the deflate stream shows what is foreign, its CRC-32 and size behind
 * it prove the whole.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "format/feeding.h"
#include "format/validators.h"

#define HEADER_CRC 2u
#define EXTRA 4u
#define NAME 8u
#define COMMENT 16u
#define TEXT_MOST 65536u
#define SECTOR 512u

/* In the order of the file. */
typedef enum part {
	PART_HEAD,
	PART_EXTRA_LEN,
	PART_EXTRA,
	PART_NAME,
	PART_COMMENT,
	PART_HEADER_CRC,
	PART_STREAM,
	PART_SUMS,
	PART_AFTER
} part;

typedef struct gzip {
	athar_fed fed;
	part part;
	athar_held held;
	uint8_t flags;
	uint32_t crc;  /* of the header so far */
	uint32_t left; /* of the extra field; of a text, before it is too long */
	athar_fed_deflate deflate;
} gzip;

static bool is_member(const uint8_t *head)
{
	return head[0] == 0x1F && head[1] == 0x8B && head[2] == 8 && (head[3] & 0xE0) == 0 &&
	       (head[8] == 0 || head[8] == 2 || head[8] == 4) && (head[9] <= 13 || head[9] == 255);
}

/* To the next part of the header that there is. */
static void go_on(gzip *g)
{
	static const uint8_t flag[] = {
		[PART_EXTRA_LEN] = EXTRA, [PART_EXTRA] = EXTRA,           [PART_NAME] = NAME,
		[PART_COMMENT] = COMMENT, [PART_HEADER_CRC] = HEADER_CRC,
	};

	g->held.count = 0;
	g->left = g->part == PART_EXTRA_LEN ? g->left : TEXT_MOST;
	do {
		g->part++;
	} while (g->part < PART_STREAM && (g->flags & flag[g->part]) == 0);
}

static bool head(gzip *g)
{
	g->flags = g->held.bytes[3];
	g->crc = athar_crc32(0, g->held.bytes, 10);
	if (!is_member(g->held.bytes))
		return false;
	go_on(g);
	return true;
}

static bool text(gzip *g, athar_feeding *in)
{
	const uint8_t c = *in->next;

	g->crc = athar_crc32(g->crc, &c, 1);
	(void)athar_feeding_take(in, 1);
	if (c == 0)
		go_on(g);
	else if (--g->left == 0)
		return false;
	return c == 0 || c == '\n' || c == '\t' || (c >= 0x20 && c != 0x7F);
}

static void extra(gzip *g, athar_feeding *in)
{
	const uint8_t *from = in->next;
	const size_t len = athar_feeding_take(in, g->left);

	g->crc = athar_crc32(g->crc, from, len);
	g->left -= (uint32_t)len;
	if (g->left == 0)
		go_on(g);
}

static void extra_len(gzip *g)
{
	g->crc = athar_crc32(g->crc, g->held.bytes, 2);
	g->left = athar_le16(g->held.bytes);
	go_on(g);
	if (g->left == 0)
		go_on(g);
}

static void end(gzip *g, uint64_t at)
{
	g->fed.verdict = ATHAR_VERDICT_END;
	g->fed.end = at;
}

static bool sums(gzip *g, uint64_t at)
{
	const athar_inflated *sum = &g->deflate.sum;
	const uint8_t *said = g->held.bytes;

	if (athar_le32(said) != sum->crc32 || athar_le32(said + 4) != (uint32_t)sum->produced)
		return false;
	g->fed.proven = at;
	g->part = PART_AFTER;
	g->held.count = 0;
	/* another member at the beginning of a sector is another file rather */
	if (at % SECTOR == 0)
		end(g, at);
	return true;
}

/* Another member, or the end. */
static void after(gzip *g, athar_feeding *in)
{
	const bool whole = athar_held_fill(&g->held, in, 10);
	static const uint8_t magic[] = {0x1F, 0x8B, 8};

	if (memcmp(g->held.bytes, magic, athar_min(g->held.count, sizeof magic)) != 0 ||
	    (whole && !is_member(g->held.bytes)))
		end(g, g->fed.proven);
	else if (whole)
		g->part = PART_HEAD;
}

static athar_status stream(gzip *g, bool *wrong, athar_feeding *in, athar_error *err)
{
	if (g->held.count == 0)
		ATHAR_TRY(athar_fed_deflate_begin(&g->deflate, err));
	g->held.count = 1;
	ATHAR_TRY(athar_fed_deflate_feed(&g->deflate, wrong, in, UINT64_MAX, NULL, NULL, err));
	if (g->deflate.sum.ended) {
		g->part = PART_SUMS;
		g->held.count = 0;
	}
	return ATHAR_OK;
}

static athar_status step(gzip *g, bool *wrong, athar_feeding *in, athar_error *err)
{
	switch (g->part) {
	case PART_HEAD:
		if (athar_held_fill(&g->held, in, 10))
			*wrong = !head(g);
		break;
	case PART_EXTRA_LEN:
		if (athar_held_fill(&g->held, in, 2))
			extra_len(g);
		break;
	case PART_EXTRA:
		extra(g, in);
		break;
	case PART_NAME:
	case PART_COMMENT:
		*wrong = !text(g, in);
		break;
	case PART_HEADER_CRC:
		if (athar_held_fill(&g->held, in, 2)) {
			*wrong = athar_le16(g->held.bytes) != (g->crc & 0xFFFF);
			go_on(g);
		}
		break;
	case PART_STREAM:
		return stream(g, wrong, in, err);
	case PART_SUMS:
		if (athar_held_fill(&g->held, in, 8))
			*wrong = !sums(g, in->at);
		break;
	case PART_AFTER:
		after(g, in);
		break;
	}
	return ATHAR_OK;
}

static athar_status feed(athar_fed *out, void *state, const uint8_t *bytes, size_t len,
                         athar_error *err)
{
	gzip *g = state;
	athar_feeding in = {.next = bytes, .left = len, .at = g->fed.followed};
	bool wrong = false;

	while (in.left > 0 && !wrong && g->fed.verdict == ATHAR_VERDICT_MORE)
		ATHAR_TRY(step(g, &wrong, &in, err));
	if (wrong)
		g->fed.verdict = ATHAR_VERDICT_WRONG;
	g->fed.followed = g->fed.need = in.at;
	g->fed.work = g->deflate.sum.produced / 4;
	*out = g->fed;
	return ATHAR_OK;
}

static athar_status begin(void **state, athar_error *err)
{
	*state = athar_alloc(sizeof(gzip), err);
	return *state == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

static void release(void *state)
{
	gzip *g = state;

	if (g == NULL)
		return;
	athar_fed_deflate_clear(&g->deflate);
	free(g);
}

static athar_status copy(void **out, const void *state, athar_error *err)
{
	const gzip *g = state;
	ATHAR_AUTO(free) gzip *made = athar_alloc(sizeof *made, err);

	if (made == NULL)
		return ATHAR_ENOMEM;
	*made = *g;
	ATHAR_TRY(athar_fed_deflate_copy(&made->deflate, &g->deflate, err));
	*out = ATHAR_GIVE(made);
	return ATHAR_OK;
}

const athar_validator athar_validator_gzip = {
	.format = "gzip",
	.begin = begin,
	.copy = copy,
	.release = release,
	.feed = feed,
};
