/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JPEG in pieces. The blocks of the space that follow the beginning are fed to the judge
 * (jpeg_judge.h) until it says that they cannot be right. The break lies there or some way before:
 * Huffman codes find into step again in foreign data. Places that may be it are those where the
 * picture did not go on as it did above, and the last few; for each, all blocks that may go on
 * there are tried, and what improves the picture most is taken. A file is joined only when the last
 * MCU is followed by the end marker and each joint is clearly better than all others at its place.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "carve/jpeg_joints.h"

#define PATH_MOST (1u << 17) /* blocks of a file */
#define NODES_MOST 96u       /* joints that are made, also such that lead nowhere */
#define LAST_MOST 8u         /* of them just before where it showed */
#define MORE_NODES 32u       /* joints made to see if there is a better way than the first */
#define CLEAR_BITS 24        /* by which a joint is better than all others at its place */
/* Around a break, tried first and at last. */
#define NEAR (UINT64_C(4) << 20)          /* bytes */
#define FAR (1u << 22)                    /* blocks */
#define FURTHER_MOST (UINT64_C(16) << 20) /* bytes of pictures behind the first */

static void search_clear(search *s)
{
	jpeg_judge_free(s->judge);
	free(s->path);
	free(s->level);
	free(s->best.index);
}
ATHAR_DEFINE_AUTO_VALUE(search, search, search_clear)

static const joint *chosen(const level *l)
{
	return &l->choice[l->next - 1];
}

/* Takes the next joint of the last level that has one; false: there is NONE left. */
static athar_status take_joint(bool *taken, search *s, athar_error *err)
{
	*taken = false;
	while (s->levels > 0) {
		level *l = &s->level[s->levels - 1];

		if (l->next == l->count || s->nodes == s->nodes_most) {
			s->levels--;
			continue;
		}
		const joint *x = &l->choice[l->next++];

		/* a way with a joint that is not clear is only looked at to doubt another */
		if (!s->found && x->gain < BITS(CLEAR_BITS))
			continue;
		s->nodes++;
		*taken = true;
		s->count = (size_t)athar_min(l->kept, x->at);
		l->kept = s->count;
		/* what a choice before it has cut off lay in a row */
		if (s->count < x->at)
			ATHAR_TRY(jpeg_path_extend(s, s->path[s->count - 1].index + 1, x->at, err));
		return jpeg_path_extend(s, x->index, PATH_MOST, err);
	}
	return ATHAR_OK;
}

static int64_t least_clear(const search *s)
{
	int64_t least = BITS(4096);

	for (size_t i = 0; i < s->levels; i++)
		if (chosen(&s->level[i])->gain < least)
			least = chosen(&s->level[i])->gain;
	return least;
}

/* The path leads to the end. */
static athar_status note_way(search *s, athar_error *err)
{
	const jpeg_state *last = jpeg_path_state(s, s->count);

	if (!s->found)
		s->nodes_most = (unsigned)athar_min(s->nodes + MORE_NODES, NODES_MOST);
	else if (last->gained <= s->best.total) {
		s->second = last->gained > s->second ? last->gained : s->second;
		return ATHAR_OK;
	}
	s->second = s->found ? s->best.total : INT64_MIN / 2;
	s->found = true;
	free(s->best.index);
	s->best = (way){.count = s->count,
	                .end = last->end,
	                .more = last->indexed,
	                .total = last->gained,
	                .clear = least_clear(s)};
	s->best.index = athar_alloc_array(s->count, sizeof *s->best.index, err);
	if (s->best.index == NULL)
		return ATHAR_ENOMEM;
	for (size_t i = 0; i < s->count; i++)
		s->best.index[i] = s->path[i].index;
	return ATHAR_OK;
}

static bool is_clear(const search *s)
{
	return s->found && s->best.clear >= BITS(CLEAR_BITS) &&
	       s->best.total - s->second >= BITS(CLEAR_BITS);
}

static athar_status give(athar_joined *out, const search *s, athar_error *err)
{
	uint64_t left = s->best.end;

	for (size_t i = 0; i < s->best.count; i++) {
		const uint64_t n = athar_min(left, s->space->block);

		ATHAR_TRY(athar_extents_add_data(
			&out->extents, athar_space_at(s->space, s->best.index[i]), n, err));
		left -= n;
	}
	(void)snprintf(out->proof, sizeof out->proof,
	               "every block decodes, and at each joint the picture goes on");
	return ATHAR_OK;
}

/* An index may name pictures behind the first: they are looked for right behind it only. */
static athar_status add_further(athar_joined *out, const search *s, athar_error *err)
{
	ATHAR_AUTO(extents) athar_extents x = ATHAR_EXTENTS_INIT;
	const uint64_t size = s->best.end, block = s->space->block;
	const uint64_t last = athar_space_at(s->space, s->best.index[s->best.count - 1]);
	const uint64_t used = size - (s->best.count - 1) * block;
	const uint64_t more = athar_min(athar_space_left(s->space, last) - used, FURTHER_MOST);
	athar_claim claim;

	if (!s->best.more || more == 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_extents_copy(&x, &out->extents, err));
	ATHAR_TRY(athar_extents_add_data(&x, last + used, more, err));
	ATHAR_TRY(athar_joining_measure(&claim, s->j, &x, err));
	if (!claim.ours || claim.grade < ATHAR_GRADE_COMPLETE || claim.length <= size)
		return ATHAR_OK;
	athar_extents_truncate(&x, claim.length);
	athar_extents_clear(&out->extents);
	out->extents = x;
	x = (athar_extents)ATHAR_EXTENTS_INIT;
	return ATHAR_OK;
}

static athar_status begin(search *s, athar_joining *j, athar_error *err)
{
	s->j = j;
	s->space = athar_joining_space(j);
	s->first = jpeg_judge_begin();
	s->nodes_most = NODES_MOST;
	s->level = athar_alloc_array(JOINTS_MOST, sizeof *s->level, err);
	if (s->level == NULL)
		return ATHAR_ENOMEM;
	return jpeg_judge_new(&s->judge, err);
}

static bool is_end(const search *s)
{
	return s->count > 0 && s->path[s->count - 1].state.verdict == ATHAR_VERDICT_END;
}

/* Looks for a way to the end from the block `index`, with the width as it is. */
static athar_status walk(search *s, uint64_t index, athar_error *err)
{
	bool taken = true;

	s->count = 0;
	s->levels = 0;
	s->nodes = 0;
	ATHAR_TRY(jpeg_path_extend(s, index, PATH_MOST, err));
	while (s->count > 0 && taken) {
		if (is_end(s)) {
			ATHAR_TRY(note_way(s, err));
		} else if (!s->found && s->levels < JOINTS_MOST) {
			const size_t from =
				s->levels == 0 ? 1 : chosen(&s->level[s->levels - 1])->at + 1;

			ATHAR_TRY(jpeg_joints_look(&s->level[s->levels++], s, from, err));
		}
		ATHAR_TRY(take_joint(&taken, s, err));
	}
	return ATHAR_OK;
}

/* What was found before the work was used up holds. */
static athar_status widen(search *s, uint64_t index, athar_error *err)
{
	s->width = NEAR / s->space->block + 1;
	s->breaks = BREAKS_MOST / 3;
	s->last = LAST_MOST / 2;
	for (;;) {
		const athar_status status = walk(s, index, err);

		if (status == ATHAR_ELIMIT && s->found)
			return ATHAR_OK;
		ATHAR_TRY(status);
		if (s->found || (s->breaks == BREAKS_MOST &&
		                 (s->width >= FAR || s->width / 4 >= athar_space_count(s->space))))
			return ATHAR_OK;
		/* harder, then farther */
		s->width *= s->breaks == BREAKS_MOST ? 8 : 1;
		s->breaks = BREAKS_MOST;
		s->last = LAST_MOST;
	}
}

athar_status athar_join_jpeg(athar_joined *out, bool *done, athar_joining *j, athar_error *err)
{
	ATHAR_AUTO(search) search s = {.count = 0};
	uint64_t index = 0;

	*done = false;
	ATHAR_TRY(begin(&s, j, err));
	if (!athar_space_index(&index, s.space, athar_joining_start(j)))
		return ATHAR_OK;
	ATHAR_TRY(widen(&s, index, err));
	*done = is_clear(&s);
	if (!*done)
		return ATHAR_OK;
	ATHAR_TRY(give(out, &s, err));
	return add_further(out, &s, err);
}
