/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/ntfs_claims.h"

#include "base/alloc.h"
#include "base/check.h"
#include "base/sort.h"

#define CLAIMS_MOST ((size_t)4000000)
#define STEPS_MOST (UINT64_C(1) << 30)

static athar_status add(athar_ntfs_claims *claims, const athar_ntfs_claim *claim, athar_error *err)
{
	if (claims->count >= CLAIMS_MOST || claim->at >= claim->end)
		return ATHAR_OK;
	ATHAR_TRY(athar_grow(&claims->claim, &claims->capacity, claims->count + 1,
	                     sizeof *claims->claim, err));
	claims->claim[claims->count++] = *claim;
	return ATHAR_OK;
}

static athar_status add_stream(athar_ntfs_claims *claims, const athar_ntfs_attr *attr,
                               uint64_t time, const athar_ntfs_ground *ground, athar_error *err)
{
	ATHAR_AUTO(ntfs_stream) athar_ntfs_stream s = {.count = 0};
	bool good;

	ATHAR_TRY(athar_ntfs_stream_part(&s, attr, ground, &good, err));
	for (size_t i = 0; good && i < s.count; i++) {
		const uint64_t at = ground->base + s.run[i].cluster * ground->cluster;
		const athar_ntfs_claim c = {at, at + s.run[i].count * ground->cluster, time};

		if (s.run[i].kind == ATHAR_EXTENT_DATA)
			ATHAR_TRY(add(claims, &c, err));
	}
	return ATHAR_OK;
}

athar_status athar_ntfs_claims_add(athar_ntfs_claims *claims, const athar_ntfs_record *r,
                                   const athar_ntfs_ground *ground, athar_error *err)
{
	athar_ntfs_standard standard;
	athar_ntfs_attr attr;

	if (!athar_ntfs_record_standard(&standard, r))
		return ATHAR_OK;
	for (uint32_t at = 0; athar_ntfs_attr_next(&attr, r, &at);) {
		if (attr.type == ATHAR_NTFS_TYPE_DATA && !attr.resident)
			ATHAR_TRY(add_stream(claims, &attr, standard.changed, ground, err));
	}
	return ATHAR_OK;
}

/* ---- the last at each place ---- */

static int by_place(const void *a, const void *b, const void *user)
{
	const athar_ntfs_claim *x = a;
	const athar_ntfs_claim *y = b;

	(void)user;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->time < y->time ? -1 : x->time > y->time;
}

/* Those that reach over the place at hand, the latest first: a heap of indexes. */
typedef struct open {
	const athar_ntfs_claim *claim;
	size_t *heap;
	size_t count;
} open;

static uint64_t time_of(const open *o, size_t i)
{
	return o->claim[o->heap[i]].time;
}

static void swap(const open *o, size_t a, size_t b)
{
	const size_t held = o->heap[a];

	o->heap[a] = o->heap[b];
	o->heap[b] = held;
}

static void open_push(open *o, size_t index)
{
	size_t i = o->count++;

	for (o->heap[i] = index; i > 0 && time_of(o, (i - 1) / 2) < time_of(o, i); i = (i - 1) / 2)
		swap(o, i, (i - 1) / 2);
}

static void open_pop(open *o)
{
	o->heap[0] = o->heap[--o->count];
	for (size_t i = 0, child; (child = 2 * i + 1) < o->count; i = child) {
		if (child + 1 < o->count && time_of(o, child) < time_of(o, child + 1))
			child++;
		if (time_of(o, i) >= time_of(o, child))
			break;
		swap(o, i, child);
	}
}

static athar_status put_last(athar_ntfs_claims *claims, uint64_t at, uint64_t end, uint64_t time,
                             athar_error *err)
{
	athar_ntfs_claim *before =
		claims->last_count == 0 ? NULL : &claims->last[claims->last_count - 1];

	if (before != NULL && before->end == at && before->time == time) {
		before->end = end;
		return ATHAR_OK;
	}
	ATHAR_TRY(athar_grow(&claims->last, &claims->last_capacity, claims->last_count + 1,
	                     sizeof *claims->last, err));
	claims->last[claims->last_count++] = (athar_ntfs_claim){at, end, time};
	return ATHAR_OK;
}

/* From *at on until `until`: whatever of the open ones is the latest, as far as it reaches. */
static athar_status settle_until(athar_ntfs_claims *claims, open *o, uint64_t *at, uint64_t until,
                                 athar_error *err)
{
	while (o->count > 0 && *at < until) {
		const athar_ntfs_claim *latest = &o->claim[o->heap[0]];
		const uint64_t end = athar_min(latest->end, until);

		if (latest->end > *at) {
			ATHAR_TRY(put_last(claims, *at, end, latest->time, err));
			*at = end;
		}
		if (latest->end <= *at)
			open_pop(o);
	}
	*at = until;
	return ATHAR_OK;
}

athar_status athar_ntfs_claims_settle(athar_ntfs_claims *claims, athar_error *err)
{
	ATHAR_AUTO(free) size_t *heap = athar_alloc_array(claims->count, sizeof *heap, err);
	open o = {claims->claim, heap, 0};
	uint64_t at = 0;

	if (heap == NULL)
		return err->status;
	claims->last_count = 0;
	athar_sort(claims->claim, claims->count, sizeof *claims->claim, by_place, NULL);
	for (size_t i = 0; i < claims->count; i++) {
		ATHAR_TRY(settle_until(claims, &o, &at, claims->claim[i].at, err));
		open_push(&o, i);
	}
	return settle_until(claims, &o, &at, UINT64_MAX, err);
}

/* ---- questions ---- */

static size_t first_behind(const athar_ntfs_claims *claims, uint64_t at)
{
	size_t from = 0;
	size_t to = claims->last_count;

	while (from < to) {
		const size_t middle = from + (to - from) / 2;

		if (claims->last[middle].end <= at)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

uint64_t athar_ntfs_claims_later(athar_ntfs_claims *claims, const athar_extents *extents,
                                 uint64_t time)
{
	uint64_t total = 0;

	for (size_t i = 0; i < extents->count; i++) {
		const athar_extent *x = &extents->extent[i];
		const uint64_t end = x->image + x->stored;

		if (x->kind != ATHAR_EXTENT_DATA && x->kind != ATHAR_EXTENT_DERIVED)
			continue;
		for (size_t k = first_behind(claims, x->image);
		     k < claims->last_count && claims->last[k].at < end; k++) {
			if (claims->steps++ >= STEPS_MOST)
				return UINT64_MAX;
			const athar_ntfs_claim *c = &claims->last[k];

			if (c->time > time)
				total += athar_min(c->end, end) - athar_max(c->at, x->image);
		}
	}
	return total;
}

void athar_ntfs_claims_clear(athar_ntfs_claims *claims)
{
	free(claims->claim);
	free(claims->last);
}
