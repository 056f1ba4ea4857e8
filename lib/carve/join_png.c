/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PNG: a chunk says where the next begins, and the name of that shows where it lies.
 */
#include "carve/join_marks.h"
#include "carve/joiners.h"

static const athar_spot_kind data = {.pattern = {'I', 'D', 'A', 'T'}, .len = 4};
static const athar_spot_kind end = {.pattern = {'I', 'E', 'N', 'D', 0xAE, 0x42, 0x60, 0x82},
                                    .len = 8};
static const athar_spot_kind *const kinds[] = {&data, &end, NULL};

typedef struct guide {
	join_marks marks;
	const athar_validator *v;
	uint64_t near;
} guide;

static athar_status places(uint64_t *out, size_t *count, void *user, const void *state, uint64_t at,
                           athar_error *err)
{
	guide *g = user;
	uint64_t mark;

	*count = 0;
	if (!g->v->next(&mark, state) || mark < at)
		return ATHAR_OK;
	return join_marks_places(out, count, &g->marks, at, mark, g->near, err);
}

static athar_status join(athar_joined *out, bool *done, athar_joining *j, athar_error *err)
{
	guide g = {.marks = {.j = j, .kinds = kinds, .lead = 4}, .v = athar_validator_find("png")};
	const athar_join_guide how = {.user = &g, .places = places};
	athar_status status;

	(void)athar_space_index(&g.near, athar_joining_space(j), athar_joining_start(j));
	status = athar_join_guided(out, done, j, g.v, &how,
	                           "the CRC of every chunk, and the picture unpacks whole", err);
	join_marks_clear(&g.marks);
	return status;
}

const athar_joiner athar_joiner_png = {.format = "png", .join = join};
