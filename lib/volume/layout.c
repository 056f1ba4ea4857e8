/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/layout.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/sort.h"
#include "image/lacking.h"
#include "volume/plan.h"

#define BEAT_EVERY 256

void athar_layout_clear(athar_layout *layout)
{
	athar_runs_clear(&layout->maps);
	athar_runs_clear(&layout->metadata);
	*layout = (athar_layout)ATHAR_LAYOUT_INIT;
}

athar_status athar_plan_add(athar_plan *p, athar_plan_pile *pile, uint64_t offset, uint64_t length,
                            athar_error *err)
{
	if (offset >= p->info->length || length == 0 || p->full)
		return ATHAR_OK;
	length = athar_min(length, p->info->length - offset);
	if (pile->count >= ATHAR_PLAN_PIECES) {
		p->full = true;
		p->whole = false;
		return ATHAR_OK;
	}
	ATHAR_TRY(athar_grow(&pile->piece, &pile->capacity, pile->count + 1, sizeof *pile->piece,
	                     err));
	pile->piece[pile->count++] = (athar_run){offset, length, ATHAR_RUN_DATA};
	return ATHAR_OK;
}

static int by_offset(const void *a, const void *b, const void *user)
{
	const athar_run *x = a, *y = b;

	(void)user;
	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return x->length < y->length ? -1 : x->length > y->length;
}

/* In order, each byte once. */
static void put_in_order(athar_plan_pile *pile)
{
	size_t kept = 0;

	if (pile->count == 0)
		return;
	athar_sort(pile->piece, pile->count, sizeof *pile->piece, by_offset, NULL);
	for (size_t i = 1; i < pile->count; i++) {
		athar_run *last = &pile->piece[kept];
		const athar_run *r = &pile->piece[i];

		if (r->offset <= last->offset + last->length)
			last->length =
				athar_max(last->offset + last->length, r->offset + r->length) -
				last->offset;
		else
			pile->piece[++kept] = *r;
	}
	pile->count = kept + 1;
}

static athar_status settle(const athar_plan *p, athar_plan_pile *pile, bool *there,
                           athar_error *err)
{
	put_in_order(pile);
	for (size_t i = 0; i < pile->count; i++) {
		const athar_run *r = &pile->piece[i];
		const uint64_t at = p->info->offset + r->offset;

		*there = *there && athar_lacking_has(p->source, at, r->length);
		ATHAR_TRY(athar_lacking_want(p->source, at, r->length, err));
	}
	return ATHAR_OK;
}

athar_status athar_plan_settle(athar_plan *p, bool *there, athar_error *err)
{
	*there = true;
	ATHAR_TRY(settle(p, &p->maps, there, err));
	ATHAR_TRY(settle(p, &p->rest, there, err));
	p->whole = p->whole && *there;
	return ATHAR_OK;
}

athar_status athar_plan_get(athar_plan *p, athar_plan_pile *pile, bool *there, uint64_t offset,
                            void *buf, size_t len, athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;
	size_t got = 0;

	*there = false;
	if (athar_inside(offset, len, p->info->length)) {
		ATHAR_TRY(athar_plan_add(p, pile, offset, len, err));
		*there = athar_lacking_has(p->source, p->info->offset + offset, len);
	}
	if (*there) {
		ATHAR_TRY(athar_source_read(p->source, buf, len, p->info->offset + offset, &got,
		                            &bad, err));
		*there = got == len && bad.count == 0;
	}
	p->whole = p->whole && *there;
	return ATHAR_OK;
}

athar_status athar_plan_read(athar_plan *p, athar_source *source, uint64_t offset, void *buf,
                             size_t len, athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;
	size_t got = 0;

	ATHAR_TRY(athar_plan_beat(p, err));
	ATHAR_TRY(athar_source_read(source, buf, len, offset, &got, &bad, err));
	memset((uint8_t *)buf + got, 0, len - got);
	p->whole = p->whole && got == len && bad.count == 0;
	return ATHAR_OK;
}

athar_status athar_plan_extend(const athar_plan *p, athar_extents *x, uint64_t offset,
                               uint64_t length, athar_error *err)
{
	const athar_extent missing = {
		.image = ATHAR_NOWHERE, .length = length, .kind = ATHAR_EXTENT_MISSING};

	if (length > p->info->length)
		return athar_fail(err, ATHAR_ELIMIT, "a part of a file is larger than its volume");
	if (!athar_inside(offset, length, p->info->length))
		return athar_extents_add(x, missing, err);
	return athar_extents_add_data(x, p->info->offset + offset, length, err);
}

athar_status athar_plan_beat(athar_plan *p, athar_error *err)
{
	return p->beat != NULL && ++p->met % BEAT_EVERY == 0 ? p->beat(p->user, err) : ATHAR_OK;
}

static void plan_clear(athar_plan *p)
{
	free(p->maps.piece);
	free(p->rest.piece);
	free(p->buffer);
}
ATHAR_DEFINE_AUTO_VALUE(plan, athar_plan, plan_clear)

static athar_status take_pile(athar_runs *out, const athar_plan *p, athar_plan_pile *pile,
                              athar_error *err)
{
	put_in_order(pile);
	for (size_t i = 0; i < pile->count; i++)
		ATHAR_TRY(athar_runs_add(out, p->info->offset + pile->piece[i].offset,
		                         pile->piece[i].length, ATHAR_RUN_DATA, err));
	return ATHAR_OK;
}

/* All is metadata, the maps as well. */
static athar_status take(athar_layout *out, athar_plan *p, athar_error *err)
{
	ATHAR_TRY(take_pile(&out->maps, p, &p->maps, err));
	for (size_t i = 0; i < p->maps.count; i++)
		ATHAR_TRY(athar_plan_add(p, &p->rest, p->maps.piece[i].offset,
		                         p->maps.piece[i].length, err));
	ATHAR_TRY(take_pile(&out->metadata, p, &p->rest, err));
	out->whole = p->whole;
	return ATHAR_OK;
}

static athar_status find(athar_layout *out, athar_plan *p, athar_error *err)
{
	const char *kind = p->info->kind;

	out->exact = true;
	if (strcmp(kind, "ntfs") == 0)
		return athar_plan_ntfs(p, err);
	if (strncmp(kind, "ext", 3) == 0)
		return athar_plan_ext(p, err);
	if (strncmp(kind, "fat", 3) == 0 || strcmp(kind, "exfat") == 0)
		return athar_plan_fat(p, kind[0] == 'e', err);
	out->exact = false;
	p->whole = false;
	return ATHAR_OK;
}

athar_status athar_layout_find(athar_layout *out, athar_source *source,
                               const athar_volume_info *info, bool maps_only,
                               athar_status (*beat)(void *user, athar_error *err), void *user,
                               athar_error *err)
{
	ATHAR_AUTO(plan)
	athar_plan p = {.source = source,
	                .info = info,
	                .maps_only = maps_only,
	                .beat = beat,
	                .user = user,
	                .whole = true};
	bool there;

	if (!athar_inside(info->offset, info->length, athar_source_describe(source)->size))
		return athar_fail(err, ATHAR_EUSAGE, "the volume does not lie in this image");
	p.buffer = athar_alloc(ATHAR_PLAN_BUFFER, err);
	if (p.buffer == NULL)
		return ATHAR_ENOMEM;
	athar_status status = find(out, &p, err);
	/* A bound that was reached ends the plan; what it came upon stands. */
	if (status == ATHAR_ELIMIT)
		p.whole = false;
	else
		ATHAR_TRY(status);
	ATHAR_TRY(athar_plan_settle(&p, &there, err));
	return take(out, &p, err);
}
