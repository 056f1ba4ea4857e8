/* SPDX-License-Identifier: BSD-2-Clause */
#include "carve/scan.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "base/sort.h"

/* Bytes looked at together; each block is read with ATHAR_FORMAT_HEAD more behind it. */
#define BLOCK (1u << 20)

/* Places in a file at which magics stand (PNG at 0, MP4 at 4, tar at 257). */
#define PLACES 32
/* Formats that may have magics at one place, by chance or malice. */
#define FITTING 8

/* One magic of one format. */
typedef struct entry {
	const athar_format *format;
	const athar_magic *magic;
	size_t rank; /* of the format among those that are asked */
} entry;

/*
 * Whatever a magic is, its first two bytes lead to it: `first` has, for each pair of bytes, the
 * first of the entries that begin so, counted from 1; 0: none does. One look a place is all that
 * most of an image costs.
 */
struct athar_scanner {
	const athar_format *const *formats;
	uint32_t step;
	uint8_t *block;
	uint16_t *first;
	entry *entry; /* by pair, then by rank; the last one has no format */
	size_t count;
	uint64_t *marks; /* a bit for each byte of the block */
	uint64_t *chain; /* by rank, of chained formats: where the last one's proof ends */
	uint16_t place[PLACES];
	size_t places;
};

static uint16_t pair_of(const entry *e)
{
	return athar_le16(e->magic->bytes);
}

static int by_pair(const void *a, const void *b, const void *user)
{
	const entry *x = a, *y = b;

	(void)user;
	if (pair_of(x) != pair_of(y))
		return pair_of(x) < pair_of(y) ? -1 : 1;
	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

static bool note_place(athar_scanner *s, uint16_t at)
{
	for (size_t i = 0; i < s->places; i++)
		if (s->place[i] == at)
			return true;
	if (s->places == PLACES)
		return false;
	s->place[s->places++] = at;
	return true;
}

static athar_status learn_magic(athar_scanner *s, size_t rank, const athar_magic *magic,
                                athar_error *err)
{
	if (magic->len < 2 || magic->at + magic->len > ATHAR_FORMAT_HEAD ||
	    !note_place(s, magic->at))
		return athar_fail(err, ATHAR_EUSAGE, "the magic of %s cannot be scanned for",
		                  s->formats[rank]->name);
	s->entry[s->count++] = (entry){s->formats[rank], magic, rank};
	return ATHAR_OK;
}

static size_t count_formats(const athar_format *const *formats)
{
	size_t n = 0;

	while (formats[n] != NULL)
		n++;
	return n;
}

static size_t count_magics(const athar_format *const *formats)
{
	size_t n = 0;

	for (size_t i = 0; formats[i] != NULL; i++)
		for (const athar_magic *m = formats[i]->magic; m->len != 0; m++)
			n++;
	return n;
}

static athar_status learn(athar_scanner *s, athar_error *err)
{
	s->entry = athar_alloc_array(count_magics(s->formats) + 1, sizeof *s->entry, err);
	s->first = athar_alloc_array(1u << 16, sizeof *s->first, err);
	s->chain = athar_alloc_array(count_formats(s->formats) + 1, sizeof *s->chain, err);
	if (s->entry == NULL || s->first == NULL || s->chain == NULL)
		return ATHAR_ENOMEM;
	for (size_t i = 0; s->formats[i] != NULL; i++)
		for (const athar_magic *m = s->formats[i]->magic; m->len != 0; m++)
			ATHAR_TRY(learn_magic(s, i, m, err));
	athar_sort(s->entry, s->count, sizeof *s->entry, by_pair, NULL);
	for (size_t i = s->count; i-- > 0;)
		s->first[pair_of(&s->entry[i])] = (uint16_t)(i + 1);
	return ATHAR_OK;
}

athar_status athar_scanner_new(athar_scanner **out, const athar_format *const *formats,
                               uint32_t step, athar_error *err)
{
	ATHAR_AUTO(scanner) athar_scanner *s = athar_alloc(sizeof *s, err);

	if (s == NULL)
		return ATHAR_ENOMEM;
	if (step == 0)
		return athar_fail(err, ATHAR_EUSAGE, "a scan needs a step of at least one byte");
	s->formats = formats;
	s->step = step;
	s->block = athar_alloc(BLOCK + ATHAR_FORMAT_HEAD, err);
	s->marks = athar_alloc(BLOCK / 8, err);
	if (s->block == NULL || s->marks == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(learn(s, err));
	*out = ATHAR_GIVE(s);
	return ATHAR_OK;
}

void athar_scanner_free(athar_scanner *s)
{
	if (s == NULL)
		return;
	free(s->block);
	free(s->entry);
	free(s->first);
	free(s->marks);
	free(s->chain);
	free(s);
}

/* One pass over a range. */
typedef struct scan {
	athar_scanner *scanner;
	athar_reader *reader;
	uint64_t limit;
	const athar_runs *known_bad;
	athar_status (*hit)(void *user, const athar_scan_hit *hit, athar_error *err);
	void *user;
} scan;

/* A claim that goes on where nobody looked is taken for what it proves up to there. */
static void bound(athar_scan_hit *hit, const scan *x)
{
	if (hit->claim.length <= x->limit - hit->offset)
		return;
	hit->claim.length = x->limit - hit->offset;
	if (hit->claim.grade > ATHAR_GRADE_PARTIAL)
		hit->claim.grade = ATHAR_GRADE_PARTIAL;
}

/* A beginning whose measuring ran out of its bound is still one that somebody should know of. */
static athar_status measure(athar_scan_hit *hit, scan *x, athar_error *err)
{
	athar_reader_move(x->reader, hit->offset, x->limit - hit->offset);
	athar_status status = hit->format->measure(&hit->claim, x->reader, err);

	if (status == ATHAR_ELIMIT) {
		hit->given_up = true;
		return ATHAR_OK;
	}
	if (status != ATHAR_OK || !hit->claim.ours)
		return status;
	bound(hit, x);
	hit->bad = athar_max(athar_reader_bad(x->reader, hit->claim.length),
	                     athar_runs_overlap(x->known_bad, hit->offset, hit->claim.length));
	return ATHAR_OK;
}

/* Formats whose magics fit at one place, in their order; a format has several magics. */
typedef struct fitting {
	size_t rank[FITTING];
	size_t count;
} fitting;

static void note_fitting(fitting *f, size_t rank)
{
	size_t i = f->count;

	while (i > 0 && f->rank[i - 1] > rank)
		i--;
	if (f->count == FITTING || (i > 0 && f->rank[i - 1] == rank))
		return;
	memmove(&f->rank[i + 1], &f->rank[i], (f->count - i) * sizeof f->rank[0]);
	f->rank[i] = rank;
	f->count++;
}

static bool fits(const entry *e, const uint8_t *head, size_t len)
{
	const athar_magic *m = e->magic;

	return (size_t)m->at + m->len <= len && memcmp(head + m->at, m->bytes, m->len) == 0;
}

/* Those with a magic at `place` of what begins at head. */
static void find_fitting(fitting *f, const athar_scanner *s, uint16_t place, const uint8_t *head,
                         size_t len)
{
	if (place + 2u > len)
		return;
	const uint16_t pair = athar_le16(head + place);
	const uint16_t first = s->first[pair];

	for (size_t i = first; first != 0 && i <= s->count && pair_of(&s->entry[i - 1]) == pair;
	     i++) {
		const entry *e = &s->entry[i - 1];

		if (e->magic->at == place && fits(e, head, len))
			note_fitting(f, e->rank);
	}
}

/* A member of a file that was measured already is no other file; without this a file of many
 * members would be measured from each of them. */
static bool is_member(const scan *x, size_t rank, uint64_t at)
{
	return x->scanner->formats[rank]->chained && at < x->scanner->chain[rank];
}

static void note_hit(scan *x, size_t rank, const athar_scan_hit *hit)
{
	x->scanner->chain[rank] = hit->offset + athar_min(hit->claim.proven, hit->claim.length);
}

static athar_status ask(scan *x, uint64_t at, const fitting *f, athar_error *err)
{
	for (size_t i = 0; i < f->count; i++) {
		athar_scan_hit hit = {.offset = at, .format = x->scanner->formats[f->rank[i]]};

		if (is_member(x, f->rank[i], at))
			continue;
		ATHAR_TRY(measure(&hit, x, err));
		if (hit.given_up)
			ATHAR_TRY(x->hit(x->user, &hit, err));
		if (hit.given_up || !hit.claim.ours)
			continue;
		note_hit(x, f->rank[i], &hit);
		return x->hit(x->user, &hit, err);
	}
	return ATHAR_OK;
}

static athar_status look(scan *x, uint64_t at, const uint8_t *head, size_t len, athar_error *err)
{
	const athar_scanner *s = x->scanner;
	fitting f = {.count = 0};

	for (size_t i = 0; i < s->places; i++)
		find_fitting(&f, s, s->place[i], head, len);
	return f.count == 0 ? ATHAR_OK : ask(x, at, &f, err);
}

/* At a step of a sector or more: each place is looked at where a file may begin. */
static athar_status scan_steps(scan *x, uint64_t at, size_t len, size_t have, athar_error *err)
{
	const athar_scanner *s = x->scanner;
	size_t i = (size_t)(athar_round_up(at, s->step) - at);

	for (; i < len; i += s->step)
		ATHAR_TRY(look(x, at + i, s->block + i,
		               (size_t)athar_min(have - i, ATHAR_FORMAT_HEAD), err));
	return ATHAR_OK;
}

/* ---- every byte ---- */

/* Marks where the magics that begin with the pair at block[i] say that a file begins. */
static void mark(athar_scanner *s, size_t i, size_t len, size_t have)
{
	const uint16_t pair = athar_le16(s->block + i);

	for (size_t k = s->first[pair]; k <= s->count && pair_of(&s->entry[k - 1]) == pair; k++) {
		const athar_magic *m = s->entry[k - 1].magic;
		const size_t begin = i - m->at;

		if (m->at <= i && begin < len && m->len <= have - i &&
		    memcmp(s->block + i, m->bytes, m->len) == 0)
			s->marks[begin / 64] |= UINT64_C(1) << begin % 64;
	}
}

/* Most of a disk is zeros, or nothing that any magic begins with. */
static void mark_all(athar_scanner *s, size_t len, size_t have)
{
	const bool zeros_begin_nothing = s->first[0] == 0;

	memset(s->marks, 0, BLOCK / 8);
	for (size_t i = 0; i + 2 <= have; i++) {
		while (zeros_begin_nothing && i + 8 <= have && athar_le64(s->block + i) == 0)
			i += 7;
		if (i + 2 <= have && s->first[athar_le16(s->block + i)] != 0)
			mark(s, i, len, have);
	}
}

static athar_status scan_every_byte(scan *x, uint64_t at, size_t len, size_t have, athar_error *err)
{
	athar_scanner *s = x->scanner;

	mark_all(s, len, have);
	for (size_t i = 0; i < len; i++) {
		if (s->marks[i / 64] == 0) {
			i |= 63;
			continue;
		}
		if ((s->marks[i / 64] >> i % 64 & 1) != 0)
			ATHAR_TRY(look(x, at + i, s->block + i,
			               (size_t)athar_min(have - i, ATHAR_FORMAT_HEAD), err));
	}
	return ATHAR_OK;
}

/* `have` bytes of the block are there; beginnings are looked for in its first `len`. */
static athar_status scan_block(scan *x, uint64_t at, size_t len, size_t have, athar_error *err)
{
	return x->scanner->step == 1 ? scan_every_byte(x, at, len, have, err)
	                             : scan_steps(x, at, len, have, err);
}

/* What the medium could not give is zeros here and begins nothing; who extracts a file learns of
 * it. */
static athar_status load(size_t *got, scan *x, athar_source *source, uint64_t at, athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;
	size_t want = (size_t)athar_min(BLOCK + ATHAR_FORMAT_HEAD, x->limit - at);

	return athar_source_read(source, x->scanner->block, want, at, got, &bad, err);
}

athar_status athar_scanner_run(athar_scanner *s, athar_source *source, uint64_t start,
                               uint64_t length, uint64_t limit,
                               athar_status (*hit)(void *user, const athar_scan_hit *hit,
                                                   athar_error *err),
                               void *user, athar_error *err)
{
	ATHAR_AUTO(reader) athar_reader *reader = NULL;
	scan x = {.scanner = s, .limit = limit, .hit = hit, .user = user};

	if (!athar_inside(start, length, limit))
		return athar_fail(err, ATHAR_EUSAGE, "a scan must end before its limit");
	ATHAR_TRY(athar_reader_new(&reader, source, start, limit - start, 0, err));
	x.reader = reader;
	memset(s->chain, 0, count_formats(s->formats) * sizeof *s->chain);
	x.known_bad = athar_source_known_bad(source);
	for (uint64_t done = 0; done < length; done += BLOCK) {
		size_t got = 0;

		ATHAR_TRY(load(&got, &x, source, start + done, err));
		if (got == 0)
			break;
		ATHAR_TRY(scan_block(&x, start + done,
		                     (size_t)athar_min(BLOCK, athar_min(length - done, got)), got,
		                     err));
	}
	return ATHAR_OK;
}
