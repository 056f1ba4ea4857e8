/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/pieces.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"

static uint64_t unit_of(const athar_said *said, uint64_t size)
{
	uint64_t end = 0, bytes = 0;

	if (!said->in_sectors)
		return 1;
	for (size_t i = 0; i < said->pieces; i++)
		end = athar_max(end, said->piece[i].first + said->piece[i].count);
	return athar_mul(end, 4096, &bytes) && bytes == size ? 4096 : 512;
}

static int by_place(const void *a, const void *b)
{
	const athar_piece *x = a, *y = b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	if (x->length != y->length)
		return x->length < y->length ? -1 : 1;
	return x->said->algorithm < y->said->algorithm ? -1
	                                               : x->said->algorithm > y->said->algorithm;
}

static bool one_place(const athar_piece *a, const athar_piece *b)
{
	return a->offset == b->offset && a->length == b->length;
}

/* Of what overlaps only the first is kept; of what is said twice, one. */
static void keep_apart(athar_pieces *p)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->count; i++) {
		const athar_piece *last = kept == 0 ? NULL : &p->piece[kept - 1];
		const athar_piece *x = &p->piece[i];
		bool again = last != NULL && one_place(last, x);

		if ((last != NULL && !again && x->offset < last->offset + last->length) ||
		    (again && last->said->algorithm == x->said->algorithm))
			p->outside++;
		else
			p->piece[kept++] = *x;
	}
	p->count = kept;
}

athar_status athar_pieces_init(athar_pieces *out, const athar_said *said, uint64_t size,
                               athar_error *err)
{
	const uint64_t unit = unit_of(said, size);

	*out = (athar_pieces){.count = 0};
	out->piece = athar_alloc_array(said->pieces, sizeof *out->piece, err);
	if (out->piece == NULL)
		return ATHAR_ENOMEM;
	for (size_t i = 0; i < said->pieces; i++) {
		athar_piece x = {.said = &said->piece[i]};

		if (!athar_mul(x.said->first, unit, &x.offset) ||
		    !athar_mul(x.said->count, unit, &x.length) ||
		    !athar_inside(x.offset, x.length, size))
			out->outside++;
		else
			out->piece[out->count++] = x;
	}
	qsort(out->piece, out->count, sizeof *out->piece, by_place);
	keep_apart(out);
	return ATHAR_OK;
}

/* The pieces of the next place, and one digester for all of them. */
static athar_status begin(athar_pieces *p, athar_error *err)
{
	unsigned algorithms = 0;

	p->group = 0;
	p->fed = 0;
	while (p->at + p->group < p->count &&
	       one_place(&p->piece[p->at], &p->piece[p->at + p->group]))
		algorithms |= p->piece[p->at + p->group++].said->algorithm;
	return athar_digester_new(&p->digester, algorithms, err);
}

void athar_piece_said(char hex[2 * ATHAR_DIGEST_MAX_SIZE + 1], const athar_said_piece *said)
{
	hex[0] = '\0';
	for (size_t i = 0; i < athar_digest_hex_length(said->algorithm) / 2; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", said->value[i]);
}

static athar_status judge(athar_piece *x, const char *seen, athar_error *err)
{
	char said[2 * ATHAR_DIGEST_MAX_SIZE + 1];

	athar_piece_said(said, x->said);
	x->state = strcmp(said, seen) == 0 ? ATHAR_PIECE_SAME : ATHAR_PIECE_DIFFERS;
	if (x->state == ATHAR_PIECE_DIFFERS)
		x->seen = athar_copy_text(seen, err);
	return x->state == ATHAR_PIECE_DIFFERS && x->seen == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

static athar_status finish(athar_pieces *p, athar_error *err)
{
	athar_digests d;

	ATHAR_TRY(athar_digester_finish(&d, p->digester, err));
	for (size_t i = p->at; i < p->at + p->group; i++)
		ATHAR_TRY(judge(&p->piece[i], athar_digests_get(&d, p->piece[i].said->algorithm),
		                err));
	athar_digester_free(ATHAR_GIVE(p->digester));
	p->at += p->group;
	return ATHAR_OK;
}

athar_status athar_pieces_feed(athar_pieces *p, uint64_t offset, const uint8_t *data, size_t len,
                               athar_error *err)
{
	const uint64_t end = offset + len;

	while (p->at < p->count && p->piece[p->at].offset < end) {
		const athar_piece *x = &p->piece[p->at];
		const uint64_t from = athar_max(x->offset, offset);
		const uint64_t to = athar_min(x->offset + x->length, end);

		if (p->digester == NULL)
			ATHAR_TRY(begin(p, err));
		ATHAR_TRY(athar_digester_update(p->digester, data + (from - offset),
		                                (size_t)(to - from), err));
		p->fed += to - from;
		if (p->fed < x->length)
			return ATHAR_OK;
		ATHAR_TRY(finish(p, err));
	}
	return ATHAR_OK;
}

size_t athar_pieces_in(const athar_pieces *p, int state)
{
	size_t n = 0;

	for (size_t i = 0; i < p->count; i++)
		n += p->piece[i].state == (unsigned)state;
	return n;
}

void athar_pieces_clear(athar_pieces *p)
{
	athar_digester_free(p->digester);
	for (size_t i = 0; i < p->count; i++)
		free(p->piece[i].seen);
	free(p->piece);
	*p = (athar_pieces){.count = 0};
}
