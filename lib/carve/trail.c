/* SPDX-License-Identifier: BSD-2-Clause */
#include "carve/trail.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/sort.h"

/* How far pieces are looked for. */
#define BEHIND (UINT64_C(1) << 30)
#define BEFORE (UINT64_C(256) << 20)

athar_status athar_trail_begin(athar_trail *t, athar_joining *j, athar_error *err)
{
	*t = (athar_trail){.j = j};
	return athar_trail_lead(t, 0, athar_joining_start(j), err);
}

void athar_trail_clear(athar_trail *t)
{
	free(t->mark);
	*t = (athar_trail){.j = NULL};
}

/* The piece that holds this byte. */
static size_t find(const athar_trail *t, uint64_t file)
{
	size_t low = 0, high = t->count;

	while (high - low > 1) {
		const size_t middle = low + (high - low) / 2;

		if (t->mark[middle].file <= file)
			low = middle;
		else
			high = middle;
	}
	return low;
}

uint64_t athar_trail_place(const athar_trail *t, uint64_t file)
{
	const athar_mark *m = &t->mark[find(t, file)];

	return m->image + (file - m->file);
}

athar_status athar_trail_lead(athar_trail *t, uint64_t file, uint64_t image, athar_error *err)
{
	while (t->count != 0 && t->mark[t->count - 1].file >= file)
		t->count--;
	if (t->count != 0 && athar_trail_place(t, file) == image)
		return ATHAR_OK;
	ATHAR_TRY(athar_grow(&t->mark, &t->capacity, t->count + 1, sizeof *t->mark, err));
	t->mark[t->count++] = (athar_mark){file, image};
	return ATHAR_OK;
}

/* Bytes of piece i from `file` on. */
static uint64_t left_of(const athar_trail *t, size_t i, uint64_t file)
{
	return i + 1 == t->count ? UINT64_MAX : t->mark[i + 1].file - file;
}

athar_status athar_trail_read(uint8_t *out, size_t *got, const athar_trail *t, uint64_t file,
                              size_t len, athar_error *err)
{
	size_t i = find(t, file);

	*got = 0;
	while (*got < len) {
		athar_bytes b;
		const uint64_t want = athar_min(len - *got, left_of(t, i, file + *got));

		if (want == 0) {
			i++;
			continue;
		}
		ATHAR_TRY(athar_joining_read(&b, t->j,
		                             t->mark[i].image + (file + *got - t->mark[i].file),
		                             (size_t)want, err));
		if (b.len == 0)
			return ATHAR_OK;
		memcpy(out + *got, b.ptr, b.len);
		*got += b.len;
	}
	return ATHAR_OK;
}

static int by_image(const void *a, const void *b, const void *user)
{
	const athar_extent *x = a, *y = b;

	(void)user;
	return (x->image > y->image) - (x->image < y->image);
}

/* The last block of a file is taken whole, so that nothing else lies in it. */
static bool overlap(athar_extent *e, size_t count, uint32_t block)
{
	athar_sort(e, count, sizeof *e, by_image, NULL);
	for (size_t i = 1; i < count; i++) {
		if (athar_round_up(e[i - 1].length, block) > e[i].image - e[i - 1].image)
			return true;
	}
	return false;
}

athar_status athar_trail_extents(athar_extents *out, bool *fits, const athar_trail *t,
                                 uint64_t size, athar_error *err)
{
	ATHAR_AUTO(extents) athar_extents sorted = ATHAR_EXTENTS_INIT;
	const athar_space *space = athar_joining_space(t->j);

	*fits = false;
	for (size_t i = 0; i < t->count && t->mark[i].file < size; i++) {
		const athar_mark *m = &t->mark[i];
		const uint64_t len = athar_min(size - m->file, left_of(t, i, m->file));

		if (len > athar_space_left(space, m->image))
			return ATHAR_OK;
		ATHAR_TRY(athar_extents_add_data(out, m->image, len, err));
	}
	ATHAR_TRY(athar_extents_copy(&sorted, out, err));
	*fits = !overlap(sorted.extent, sorted.count, space->block);
	return ATHAR_OK;
}

bool athar_trail_even(const athar_trail *t, uint64_t file, uint64_t image)
{
	const uint32_t block = athar_joining_space(t->j)->block;

	return image % block == (athar_joining_start(t->j) + file) % block;
}

uint64_t athar_trail_border(const athar_trail *t, uint64_t file)
{
	const uint32_t block = athar_joining_space(t->j)->block;

	return athar_round_down(file, block) + block;
}

void athar_trail_near(size_t *first, size_t *count, athar_joining *j, const athar_spots *spots)
{
	const uint64_t start = athar_joining_start(j);

	*first = athar_spots_from(spots, start - athar_min(start, BEFORE));
	*count = athar_spots_from(spots, start + BEHIND) - *first;
}

uint64_t athar_trail_cost(const athar_spots *spots, size_t i)
{
	const uint64_t gap = i == 0 ? UINT64_MAX : spots->at[i] - spots->at[i - 1];

	/* a few reads for many neighbours, else one of 256 KiB each, which is only copied */
	return 64 + athar_min(gap / 4, UINT64_C(32) << 10);
}
