/* SPDX-License-Identifier: BSD-2-Clause */
#include "carve/scan.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"

/* Bytes looked at together; each block is read with ATHAR_FORMAT_HEAD more behind it. */
#define BLOCK (1u << 20)

/* Magics begin at few different places (PNG at 0, MP4 at 4): one table for each such place. */
#define TABLES 24

/* Can any magic that stands at this place begin with these two bytes? */
typedef struct table {
	uint16_t at;
	uint8_t begins[65536];
} table;

struct athar_scanner {
	const athar_format *const *formats;
	uint32_t step;
	uint8_t *block;
	table *tables;
	size_t table_count;
};

static table *table_at(athar_scanner *s, uint16_t at)
{
	for (size_t i = 0; i < s->table_count; i++)
		if (s->tables[i].at == at)
			return &s->tables[i];
	if (s->table_count == TABLES)
		return NULL;
	s->tables[s->table_count].at = at;
	return &s->tables[s->table_count++];
}

static athar_status learn_magic(athar_scanner *s, const athar_format *format,
                                const athar_magic *magic, athar_error *err)
{
	table *t = table_at(s, magic->at);

	if (t == NULL || magic->len < 2 || magic->at + 2 > ATHAR_FORMAT_HEAD)
		return athar_fail(err, ATHAR_EUSAGE, "the magic of %s cannot be scanned for",
		                  format->name);
	t->begins[athar_le16(magic->bytes)] = 1;
	return ATHAR_OK;
}

static athar_status learn(athar_scanner *s, athar_error *err)
{
	for (size_t i = 0; s->formats[i] != NULL; i++)
		for (const athar_magic *m = s->formats[i]->magic; m->len != 0; m++)
			ATHAR_TRY(learn_magic(s, s->formats[i], m, err));
	return ATHAR_OK;
}

/* Most positions are done with after this look. */
static bool may_begin(const athar_scanner *s, const uint8_t *head, size_t len)
{
	for (size_t i = 0; i < s->table_count; i++) {
		const table *t = &s->tables[i];

		if (t->at + 2u <= len && t->begins[athar_le16(head + t->at)])
			return true;
	}
	return false;
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
	s->tables = athar_alloc_array(TABLES, sizeof(table), err);
	if (s->block == NULL || s->tables == NULL)
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
	free(s->tables);
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

static athar_status look(scan *x, uint64_t at, const uint8_t *head, size_t len, athar_error *err)
{
	for (size_t i = 0; x->scanner->formats[i] != NULL; i++) {
		athar_scan_hit hit = {.offset = at, .format = x->scanner->formats[i]};

		if (!athar_format_fits(hit.format, head, len))
			continue;
		ATHAR_TRY(measure(&hit, x, err));
		if (hit.given_up)
			ATHAR_TRY(x->hit(x->user, &hit, err));
		if (hit.given_up || !hit.claim.ours)
			continue;
		return x->hit(x->user, &hit, err);
	}
	return ATHAR_OK;
}

/* `have` bytes of the block are there; beginnings are looked for in its first `len`. */
static athar_status scan_block(scan *x, uint64_t at, size_t len, size_t have, athar_error *err)
{
	const athar_scanner *s = x->scanner;
	const uint8_t *block = s->block;
	size_t i = (size_t)(athar_round_up(at, s->step) - at);

	for (; i < len; i += s->step) {
		if (!may_begin(s, block + i, have - i))
			continue;
		ATHAR_TRY(look(x, at + i, block + i, (size_t)athar_min(have - i, ATHAR_FORMAT_HEAD),
		               err));
	}
	return ATHAR_OK;
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
