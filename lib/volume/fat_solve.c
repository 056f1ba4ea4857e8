/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the deleted files of a volume lie. What is recorded comes first; then what the content's
 * own format proves, which takes its clusters out of the others' way, again and again until
 * nothing changes; then the rule, which proves nothing.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "volume/content.h"
#include "volume/fat_solver.h"
#include "volume/times.h"

#define ROUNDS 8
#define WORK_BASE (UINT64_C(1) << 30)
#define WORK_BRIDGE_LEAST (UINT64_C(512) << 20)
#define WORK_BRIDGE_MOST (UINT64_C(1) << 30)
#define HALVES 64u /* values of a lost upper half that are tried */

/* ---- what is recorded ---- */

static bool in_use(const athar_fat_solver *s, uint64_t cluster)
{
	return athar_fat_map_has(&s->map, ATHAR_FAT_BUSY, cluster);
}

static bool exists(const athar_fat_solver *s, uint64_t cluster)
{
	return athar_fat_place(s->fat, cluster) != ATHAR_NOWHERE;
}

/* Recorded as one piece: what others own now shows as reused. */
static athar_status one_piece(athar_fat_solver *s, athar_fat_held *h, athar_error *err)
{
	const uint64_t left = s->fat->clusters - (h->first - 2);

	if (athar_fat_count(s->fat, h->size) > left) {
		h->how = ATHAR_FAT_LOST;
		return ATHAR_OK;
	}
	h->how = ATHAR_FAT_RECORDED;
	return athar_extents_add_data(&h->extents, athar_fat_place(s->fat, h->first), h->size, err);
}

/* exFAT leaves the chain of a deleted file in its table. It is the file's own as long as it has the
 * right length and nobody has taken a cluster of it since. */
static athar_status follow_chain(athar_fat_solver *s, athar_fat_held *h, athar_error *err)
{
	ATHAR_AUTO(extents) athar_extents chain = ATHAR_EXTENTS_INIT;
	uint64_t left = h->size, cluster = h->first;

	while (left > 0) {
		const uint64_t length = athar_min(left, s->fat->cluster);

		if (!exists(s, cluster) || in_use(s, cluster) || s->work == 0)
			return ATHAR_OK;
		ATHAR_TRY(athar_extents_add_data(&chain, athar_fat_place(s->fat, cluster), length,
		                                 err));
		if (!athar_fat_next(s->fat, s->w->volume->image, cluster, &cluster))
			return ATHAR_OK;
		left -= length;
		ATHAR_TRY(athar_fat_step(s, 256, err));
	}
	if (cluster < 0xFFFFFFF8)
		return ATHAR_OK;
	h->how = ATHAR_FAT_RECORDED;
	h->chained = true;
	h->extents = chain;
	chain = (athar_extents)ATHAR_EXTENTS_INIT;
	return ATHAR_OK;
}

/* A first cluster that can be the file's; else it is lost, unless half of the number is. */
static bool begins(const athar_fat_solver *s, const athar_fat_held *h)
{
	return exists(s, h->first) && !in_use(s, h->first);
}

static athar_status read_record(athar_fat_solver *s, athar_fat_held *h, athar_error *err)
{
	if (h->size == 0) {
		h->how = ATHAR_FAT_RECORDED;
		return ATHAR_OK;
	}
	if (s->fat->exfat && h->contiguous && h->recorded && exists(s, h->first))
		return one_piece(s, h, err);
	if (!begins(s, h)) {
		h->how = h->doubtful ? ATHAR_FAT_OPEN : ATHAR_FAT_LOST;
		return ATHAR_OK;
	}
	if (athar_fat_count(s->fat, h->size) == 1 && !h->doubtful)
		return one_piece(s, h, err);
	return s->fat->exfat ? follow_chain(s, h, err) : ATHAR_OK;
}

/* ---- a first cluster of which the upper half is gone ---- */

/* Whether the first sector there holds anything at all. */
static bool holds_something(const athar_fat_solver *s, uint64_t cluster)
{
	uint8_t sector[512];

	if (!athar_tsk_image_get(s->w->volume->image, sector, sizeof sector,
	                         athar_fat_place(s->fat, cluster)))
		return true;
	return sector[0] != 0 || memcmp(sector, sector + 1, sizeof sector - 1) != 0;
}

/* The number stands as it is where all others that it could have been are in use or empty. */
static bool undoubted(const athar_fat_solver *s, const athar_fat_held *h)
{
	if (!begins(s, h) || !holds_something(s, h->first))
		return false;
	for (uint64_t high = 1; high <= HALVES; high++) {
		const uint64_t other = high << 16 | h->first;

		if (!exists(s, other))
			return true;
		if (!in_use(s, other) && holds_something(s, other))
			return false;
	}
	return false;
}

/* What a file may begin with for its format to be asked. */
static bool known_head(const athar_fat_solver *s, uint64_t cluster)
{
	uint8_t head[ATHAR_FORMAT_HEAD];

	if (!athar_tsk_image_get(s->w->volume->image, head, sizeof head,
	                         athar_fat_place(s->fat, cluster)))
		return false;
	for (const athar_format *const *f = athar_formats(); *f != NULL; f++)
		if (athar_format_fits(*f, head, sizeof head))
			return true;
	return false;
}

/* Lays the file from each cluster that the number could have been. *proofs: how many of them its
 * format proves, the last one of them in *extents. */
static athar_status try_halves(athar_extents *extents, unsigned *proofs, athar_fat_solver *s,
                               const athar_fat_held *h, athar_error *err)
{
	for (uint64_t high = 0; high <= HALVES && *proofs < 2; high++) {
		ATHAR_AUTO(extents) athar_extents places = ATHAR_EXTENTS_INIT;
		const athar_fat_plan plan = {.first = high << 16 | h->first};
		athar_claim claim;
		bool proven = false, whole = false;

		if (!exists(s, plan.first) || in_use(s, plan.first) || !known_head(s, plan.first))
			continue;
		ATHAR_TRY(athar_fat_lay(&places, &whole, s, h, &plan, err));
		if (whole)
			ATHAR_TRY(athar_fat_ask(&proven, &claim, s, h->size, &places, err));
		if (!proven)
			continue;
		(*proofs)++;
		athar_extents_clear(extents);
		*extents = places;
		places = (athar_extents)ATHAR_EXTENTS_INIT;
	}
	return ATHAR_OK;
}

static athar_status settle_doubt(athar_fat_solver *s, athar_fat_held *h, athar_error *err)
{
	ATHAR_AUTO(extents) athar_extents extents = ATHAR_EXTENTS_INIT;
	unsigned proofs = 0;

	if (undoubted(s, h)) {
		h->doubtful = false;
		return read_record(s, h, err);
	}
	ATHAR_TRY(try_halves(&extents, &proofs, s, h, err));
	if (proofs == 1) {
		h->first = (extents.extent[0].image - s->fat->data) / s->fat->cluster + 2;
		h->doubtful = false;
		athar_fat_take(s, h, &extents);
	} else if (!begins(s, h)) {
		h->how = ATHAR_FAT_LOST;
	} else if (proofs > 1) {
		h->how = ATHAR_FAT_GUESSED; /* either may be it */
	}
	return ATHAR_OK;
}

/* ---- what the content proves ---- */

static athar_status prove(bool *proven, athar_fat_solver *s, athar_fat_held *h, athar_error *err)
{
	static const unsigned ways[] = {
		ATHAR_FAT_IN_ONE,
		0,
		ATHAR_FAT_SKIP_BEGUN,
		ATHAR_FAT_SKIP_RANGES,
		ATHAR_FAT_SKIP_KEPT,
		ATHAR_FAT_SKIP_KEPT | ATHAR_FAT_SKIP_BEGUN,
		ATHAR_FAT_SKIP_KEPT | ATHAR_FAT_SKIP_RANGES,
	};
	athar_claim claim;

	*proven = false;
	for (size_t i = 0; i < ATHAR_COUNT(ways) && !*proven; i++) {
		const athar_fat_plan plan = {.first = h->first, .skip = ways[i]};

		ATHAR_TRY(athar_fat_try(proven, &claim, s, h, &plan, err));
	}
	return ATHAR_OK;
}

/* Each proof makes the others' ways shorter. */
static athar_status prove_all(bool *any, athar_fat_solver *s,
                              athar_status (*way)(bool *proven, athar_fat_solver *s,
                                                  athar_fat_held *h, athar_error *err),
                              athar_error *err)
{
	*any = false;
	for (size_t i = 0; i < s->open; i++) {
		athar_fat_held *h = &s->holding->held[s->by_first[i].value];
		bool proven = false;

		if (h->how == ATHAR_FAT_OPEN && h->known && s->work > 0)
			ATHAR_TRY(way(&proven, s, h, err));
		*any = *any || proven;
	}
	return ATHAR_OK;
}

static athar_status prove_rounds(athar_fat_solver *s, athar_error *err)
{
	bool any = true;

	for (unsigned i = 0; i < ROUNDS && any; i++)
		ATHAR_TRY(prove_all(&any, s, prove, err));
	return ATHAR_OK;
}

static athar_status bridge_rounds(athar_fat_solver *s, athar_error *err)
{
	bool any = true;

	for (unsigned i = 0; i < ROUNDS && any; i++) {
		ATHAR_TRY(prove_all(&any, s, athar_fat_bridge, err));
		if (any)
			ATHAR_TRY(prove_rounds(s, err));
	}
	return ATHAR_OK;
}

/* ---- all of them ---- */

static athar_status list_open(athar_fat_solver *s, athar_error *err)
{
	athar_fat_holding *all = s->holding;

	s->by_first = athar_alloc_array(all->count + 1, sizeof *s->by_first, err);
	if (s->by_first == NULL)
		return err->status;
	for (size_t i = 0; i < all->count; i++) {
		athar_fat_held *h = &all->held[i];

		if (h->how != ATHAR_FAT_OPEN)
			continue;
		athar_fat_map_set(&s->map, ATHAR_FAT_BEGUN, h->first);
		h->known = known_head(s, h->first);
		s->by_first[s->open++] = (athar_keyed){h->first, i};
	}
	athar_order(s->by_first, s->open);
	return ATHAR_OK;
}

static athar_status read_records(athar_fat_solver *s, athar_error *err)
{
	for (size_t i = 0; i < s->holding->count; i++) {
		athar_fat_held *h = &s->holding->held[i];

		ATHAR_TRY(read_record(s, h, err));
		if (h->how == ATHAR_FAT_OPEN && h->doubtful)
			ATHAR_TRY(settle_doubt(s, h, err));
		if (h->how == ATHAR_FAT_RECORDED)
			h->overwritten = h->valid == h->size && athar_fat_overwritten(s, h);
		h->ended = h->how == ATHAR_FAT_RECORDED && athar_fat_ended(s, h);
		if (h->how == ATHAR_FAT_RECORDED && !h->overwritten)
			athar_fat_map_mark(&s->map, ATHAR_FAT_KEPT, s->fat, &h->extents);
		ATHAR_TRY(athar_fat_step(s, 512, err));
	}
	return ATHAR_OK;
}

static athar_status place_all(athar_fat_solver *s, athar_error *err)
{
	const uint64_t unused = s->map.unused * s->fat->cluster;

	s->work = WORK_BASE + 4 * athar_min(unused, UINT64_MAX / 8);
	ATHAR_TRY(read_records(s, err));
	ATHAR_TRY(list_open(s, err));
	if (!s->w->named_only) {
		ATHAR_TRY(prove_rounds(s, err));
		s->work = athar_min(s->work,
		                    athar_min(unused / 2, WORK_BRIDGE_MOST) + WORK_BRIDGE_LEAST);
		ATHAR_TRY(bridge_rounds(s, err));
	}
	s->work = WORK_BASE;
	return athar_fat_guess_all(s, err);
}

/* ---- giving ---- */

static void say(athar_volume_file *file, bool assumed, const char *why)
{
	file->assumed = assumed;
	snprintf(file->why, sizeof file->why, "%s", why);
}

static void say_how(athar_volume_file *file, const athar_fat_held *h)
{
	if (h->how == ATHAR_FAT_RECORDED && h->chained)
		say(file, false, "its chain is still in the allocation table");
	else if (h->how == ATHAR_FAT_PROVEN && h->extents.count > 1)
		say(file, false,
		    "first cluster and size are recorded; its content proves which "
		    "clusters follow");
	else if (h->how == ATHAR_FAT_PROVEN)
		say(file, false, "");
	else if (h->how == ATHAR_FAT_FITTING)
		say(file, true,
		    "first cluster and size are recorded; that these free clusters "
		    "follow is assumed: the last one ends where the size does");
	else if (h->how == ATHAR_FAT_GUESSED)
		say(file, true,
		    "first cluster and size are recorded; that the free clusters "
		    "behind it follow is assumed");
	if (h->overwritten)
		say(file, true,
		    "its places are recorded, but what stands behind its end is not what "
		    "a system leaves there: another file may have had them since");
	if (h->doubtful && h->how != ATHAR_FAT_PROVEN)
		say(file, true,
		    "the upper half of its first cluster's number may have been "
		    "cleared at deletion");
}

static athar_status set_lost(athar_volume_file *file, const athar_fat_solver *s,
                             const athar_fat_held *h, athar_error *err)
{
	const unsigned long long first = h->first;

	if (!exists(s, h->first))
		return athar_content_lost(file, err, "its first cluster, %llu, does not exist",
		                          first);
	if (s->fat->exfat && h->contiguous)
		return athar_content_lost(file, err,
		                          "its recorded clusters do not fit into the volume");
	return athar_content_lost(file, err, "its first cluster, %llu, is in use again", first);
}

static athar_status set_places(athar_volume_file *file, athar_fat_solver *s, athar_fat_held *h,
                               athar_error *err)
{
	bool whole = true;

	if (h->how == ATHAR_FAT_LOST)
		return set_lost(file, s, h, err);
	if (h->how == ATHAR_FAT_GUESSED)
		ATHAR_TRY(athar_fat_guess(&file->extents, &whole, s, h, err));
	else
		ATHAR_TRY(athar_extents_copy(&file->extents, &h->extents, err));
	if (!whole)
		return athar_content_lost(
			file, err, "fewer free clusters follow its first one, %llu, than it had",
			(unsigned long long)h->first);
	say_how(file, h);
	if (h->how == ATHAR_FAT_PROVEN && h->extents.count > 1)
		file->method = ATHAR_METHOD_FRAGMENTS;
	if (h->how == ATHAR_FAT_RECORDED && !h->ended && s->map.clusters > 0 &&
	    (s->work == 0 || athar_fat_map_any(&s->map, ATHAR_FAT_REACHED, s->fat, &file->extents)))
		say(file, true,
		    "its places are recorded, but another deleted file, whose places "
		    "are not, may have had some of them since");
	if (h->how != ATHAR_FAT_PROVEN && s->map.clusters > 0 &&
	    athar_fat_map_any(&s->map, ATHAR_FAT_SHARED, s->fat, &file->extents))
		say(file, true,
		    "another deleted file has clusters of it as well: nothing says "
		    "which of them was the last to have them");
	return ATHAR_OK;
}

/* What was never written reads as zeros. */
static athar_status cut_unwritten(athar_volume_file *file, const athar_fat_held *h,
                                  athar_error *err)
{
	const athar_extent zeros = {
		.image = ATHAR_NOWHERE, .length = h->size - h->valid, .kind = ATHAR_EXTENT_HOLE};

	if (h->valid >= h->size || !file->readable)
		return ATHAR_OK;
	athar_extents_truncate(&file->extents, h->valid);
	return athar_extents_add(&file->extents, zeros, err);
}

static athar_status give(athar_fat_solver *s, athar_fat_held *h, athar_error *err)
{
	athar_volume_file file = {.state = h->state, .readable = true, .size = h->size, .type = 1};
	uint8_t entry[ATHAR_FAT_ENTRY];
	athar_status status;

	file.meta = athar_fat_address(s->fat, h->at);
	snprintf(file.address, sizeof file.address, "%llu", (unsigned long long)file.meta);
	if (athar_tsk_image_get(s->w->volume->image, entry, sizeof entry, h->at))
		athar_times_fat(&file, s->fat->exfat, entry);
	ATHAR_TRY(athar_walk_path(s->w, s->holding->paths + h->path, h->path_len, err));
	status = set_places(&file, s, h, err);
	if (status == ATHAR_OK)
		status = cut_unwritten(&file, h, err);
	if (status == ATHAR_OK)
		status = athar_walk_hand_over(s->w, &file, err);
	athar_extents_clear(&file.extents);
	return status;
}

/* Whatever can have been its, were all others older. */
static athar_status reach(athar_fat_solver *s, const athar_fat_held *h, athar_error *err)
{
	const athar_fat_plan plan = {.first = h->first};
	ATHAR_AUTO(extents) athar_extents extents = ATHAR_EXTENTS_INIT;
	bool whole;

	if (s->work == 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_fat_lay(&extents, &whole, s, h, &plan, err));
	athar_fat_map_mark(&s->map, ATHAR_FAT_REACHED, s->fat, &extents);
	return ATHAR_OK;
}

/* Which clusters two of them have, or may have had. */
static athar_status count_claims(athar_fat_solver *s, athar_error *err)
{
	for (size_t i = 0; i < s->holding->count; i++) {
		const athar_fat_held *h = &s->holding->held[i];
		ATHAR_AUTO(extents) athar_extents extents = ATHAR_EXTENTS_INIT;
		bool whole;

		if (h->how == ATHAR_FAT_GUESSED || h->how == ATHAR_FAT_FITTING)
			ATHAR_TRY(reach(s, h, err));
		if (h->how == ATHAR_FAT_GUESSED) {
			ATHAR_TRY(athar_fat_guess(&extents, &whole, s, h, err));
			athar_fat_map_claim(&s->map, s->fat, &extents);
		} else {
			athar_fat_map_claim(&s->map, s->fat, &h->extents);
		}
		ATHAR_TRY(athar_fat_step(s, 512, err));
	}
	return ATHAR_OK;
}

static void solver_clear(athar_fat_solver *s)
{
	athar_fat_map_clear(&s->map);
	free(s->by_first);
}
ATHAR_DEFINE_AUTO_VALUE(solver, athar_fat_solver, solver_clear)

/* What is free is not known: that each lies in one piece is all that can be said. */
static athar_status give_blindly(athar_fat_solver *s, athar_error *err)
{
	s->work = 0;
	for (size_t i = 0; i < s->holding->count; i++) {
		athar_fat_held *h = &s->holding->held[i];

		h->how = h->size == 0          ? ATHAR_FAT_RECORDED
		         : exists(s, h->first) ? ATHAR_FAT_GUESSED
		                               : ATHAR_FAT_LOST;
		ATHAR_TRY(give(s, h, err));
	}
	return ATHAR_OK;
}

static athar_status solve(athar_fat_solver *s, athar_error *err)
{
	athar_status status = athar_fat_map_open(&s->map, s->w->volume, err);

	if (status == ATHAR_EFORMAT || status == ATHAR_ELIMIT) {
		ATHAR_TRY(athar_walk_finding(s->w, false, err,
		                             "the clusters of deleted files are guessed: %s",
		                             err->text));
		return give_blindly(s, err);
	}
	ATHAR_TRY(status);
	ATHAR_TRY(place_all(s, err));
	ATHAR_TRY(count_claims(s, err));
	for (size_t i = 0; i < s->holding->count; i++)
		ATHAR_TRY(give(s, &s->holding->held[i], err));
	return ATHAR_OK;
}

athar_status athar_fat_solve(athar_fat_holding *holding, athar_walk *w, athar_error *err)
{
	ATHAR_AUTO(solver)
	athar_fat_solver s = {.w = w, .fat = &w->volume->fat, .holding = holding};

	if (holding->count > 0)
		ATHAR_TRY(solve(&s, err));
	w->path_len = 0;
	return ATHAR_OK;
}
