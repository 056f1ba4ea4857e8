/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/judge_ranges.h"

#include "base/check.h"

void athar_ranges_clear(athar_ranges *ranges)
{
	athar_located_clear(&ranges->located);
}

void athar_ranges_add(athar_ranges *ranges, athar_range_group group)
{
	if (group.runs->count == 0 || ranges->groups == ATHAR_RANGE_GROUPS)
		return;
	group.first = SIZE_MAX;
	ranges->group[ranges->groups++] = group;
}

/* ---- what lies there ---- */

/* The group whose next range comes first; SIZE_MAX: all are through. */
static size_t earliest(const athar_ranges *ranges, const size_t *next)
{
	size_t best = SIZE_MAX;

	for (size_t i = 0; i < ranges->groups; i++) {
		const athar_range_group *g = &ranges->group[i];

		if (g->there || next[i] == g->runs->count)
			continue;
		if (best == SIZE_MAX ||
		    g->runs->run[next[i]].offset < ranges->group[best].runs->run[next[best]].offset)
			best = i;
	}
	return best;
}

/* In the order of their offsets, so that each lands at the end. */
static athar_status unite(athar_runs *out, const athar_ranges *ranges, athar_error *err)
{
	size_t next[ATHAR_RANGE_GROUPS] = {0};

	for (size_t i = earliest(ranges, next); i != SIZE_MAX; i = earliest(ranges, next)) {
		const athar_run *r = &ranges->group[i].runs->run[next[i]++];

		ATHAR_TRY(athar_runs_add(out, r->offset, r->length, r->kind, err));
	}
	return ATHAR_OK;
}

/* The first ranges of each group, as far as there is room. */
static size_t choose(athar_run shown[ATHAR_LOCATE_RANGES], athar_ranges *ranges)
{
	size_t count = 0;

	for (size_t i = 0; i < ranges->groups; i++) {
		athar_range_group *g = &ranges->group[i];
		const size_t of_it = (size_t)athar_min(g->runs->count, ATHAR_RANGES_SHOWN);

		if (g->there || count + of_it > ATHAR_LOCATE_RANGES)
			continue;
		g->first = count;
		for (size_t k = 0; k < of_it; k++)
			shown[count++] = g->runs->run[k];
	}
	return count;
}

static athar_status ask(athar_ranges *ranges, const char *path, const athar_runs *all,
                        athar_error *err)
{
	athar_judge *judge = ranges->judge;
	athar_locator *locator = athar_verifier_locator(judge->verifier, path);
	athar_run shown[ATHAR_LOCATE_RANGES];
	const size_t count = choose(shown, ranges);

	if (count == 0)
		return ATHAR_OK;
	ranges->asked = true;
	if (locator == NULL) {
		(void)snprintf(ranges->located.finding, sizeof ranges->located.finding,
		               "too many images were given at once: verify this one alone");
		ranges->located.findings = 1;
		return ATHAR_OK;
	}
	return athar_locator_ask(&ranges->located, locator, shown, count, all, judge->watcher, err);
}

athar_status athar_ranges_locate(athar_ranges *ranges, const char *path, athar_error *err)
{
	athar_verify_result *out = ranges->judge->out;
	ATHAR_AUTO(runs) athar_runs all = ATHAR_RUNS_INIT;

	ATHAR_TRY(unite(&all, ranges, err));
	ATHAR_TRY(ask(ranges, path, &all, err));
	out->files += ranges->located.files;
	out->deleted += ranges->located.deleted;
	athar_runs_clear(&out->bad);
	out->bad = all;
	all = (athar_runs)ATHAR_RUNS_INIT;
	return ATHAR_OK;
}

/* ---- rows ---- */

static void set_places(athar_verify_row *row, const athar_ranges *ranges,
                       const athar_range_group *g, size_t i)
{
	if (g->first == SIZE_MAX || g->first + i >= ranges->located.ranges)
		return;
	const athar_located_range *r = &ranges->located.range[g->first + i];
	row->place = r->place;
	row->places = r->count;
	row->more = r->more;
}

static void range_row(const athar_ranges *ranges, const athar_range_group *g, size_t i)
{
	athar_source *source = g->there ? ranges->other : ranges->image;
	const athar_run *r = &g->runs->run[i];
	const char *why = g->whys != NULL ? g->whys[i] : g->why;
	const uint64_t sector = athar_source_describe(source)->sector_size;
	const char *file = athar_source_segment(source, r->offset);
	char detail[700];
	athar_verify_row row = {.check = g->check,
	                        .kind = g->kind,
	                        .what = g->what,
	                        .detail = detail,
	                        .ranged = true,
	                        .offset = r->offset,
	                        .length = r->length,
	                        .sector_size = (uint32_t)sector,
	                        .segment = file,
	                        .twin = g->twin};

	(void)snprintf(detail, sizeof detail, "sectors %llu to %llu%s%.400s%s%s",
	               (unsigned long long)(r->offset / sector),
	               (unsigned long long)((r->offset + r->length - 1) / sector),
	               file != NULL ? ", in " : "", file != NULL ? file : "",
	               why[0] != '\0' ? ": " : "", why);
	set_places(&row, ranges, g, i);
	athar_judge_tell(ranges->judge, &row);
}

static void group_rows(const athar_ranges *ranges, const athar_range_group *g)
{
	for (size_t i = 0; i < g->runs->count && i < ATHAR_RANGES_SHOWN; i++)
		range_row(ranges, g, i);
	if (g->runs->count <= ATHAR_RANGES_SHOWN)
		return;
	char detail[300];
	const athar_verify_row row = {.check = g->check,
	                              .kind = g->kind,
	                              .what = g->what,
	                              .detail = detail,
	                              .twin = g->twin};

	(void)snprintf(detail, sizeof detail, "%zu more ranges%s%s",
	               g->runs->count - ATHAR_RANGES_SHOWN, g->why[0] != '\0' ? ": " : "", g->why);
	athar_judge_tell(ranges->judge, &row);
}

void athar_ranges_rows(athar_ranges *ranges, athar_verify_kind kind)
{
	for (size_t i = 0; i < ranges->groups; i++)
		if (ranges->group[i].kind == kind)
			group_rows(ranges, &ranges->group[i]);
}

void athar_ranges_doubt(athar_ranges *ranges, const char *what)
{
	const athar_located *l = &ranges->located;
	char name[200];

	if (!ranges->asked || (l->findings == 0 && l->left_out == 0))
		return;
	(void)snprintf(name, sizeof name, "%s places", what);
	if (l->findings != 0)
		athar_judge_row(ranges->judge, ATHAR_CHECK_FAILED, ATHAR_VERIFY_PLACES, name,
		                "not all that lies there could be told: %s", l->finding);
	if (l->left_out != 0)
		athar_judge_row(ranges->judge, ATHAR_CHECK_FAILED, ATHAR_VERIFY_PLACES, name,
		                "the files of %llu further ranges were not looked for",
		                (unsigned long long)l->left_out);
}
