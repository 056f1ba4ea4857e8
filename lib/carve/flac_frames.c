/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/alloc.h"
#include "base/check.h"
#include "base/sort.h"
#include "carve/flac_walk.h"

static bool holds(const uint8_t *bytes, size_t len)
{
	flac_frame f;
	size_t header;

	return flac_header_in(&f, &header, NULL, bytes, len);
}

static const athar_spot_kind by_frame = {.pattern = {0xFF, 0xF8}, .len = 2, .holds = holds};
static const athar_spot_kind by_sample = {.pattern = {0xFF, 0xF9}, .len = 2, .holds = holds};

static athar_status take(athar_flac_marks *out, athar_joining *j, const flac_info *info,
                         uint64_t at, athar_error *err)
{
	flac_frame f;
	athar_bytes b;
	size_t len;

	ATHAR_TRY(athar_joining_read(&b, j, at, FLAC_HEADER_MOST, err));
	if (!flac_header_in(&f, &len, info, b.ptr, b.len))
		return ATHAR_OK;
	ATHAR_TRY(athar_grow(&out->mark, &out->capacity, out->count + 1, sizeof *out->mark, err));
	out->mark[out->count++] = (athar_flac_mark){at, f.number, f.by_sample};
	return ATHAR_OK;
}

static athar_status find_kind(athar_flac_marks *out, athar_joining *j, const flac_info *info,
                              const athar_spot_kind *kind, athar_error *err)
{
	const athar_spots *spots;
	size_t first, count;

	ATHAR_TRY(athar_joining_spots(&spots, j, kind, err));
	athar_trail_near(&first, &count, j, spots);
	for (size_t i = first; i < first + count; i++) {
		ATHAR_TRY(athar_joining_spend(j, athar_trail_cost(spots, i), err));
		ATHAR_TRY(take(out, j, info, spots->at[i], err));
	}
	return ATHAR_OK;
}

static int by_number(const void *a, const void *b, const void *user)
{
	const athar_flac_mark *x = a, *y = b;

	(void)user;
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

athar_status athar_flac_marks_find(athar_flac_marks *out, athar_joining *j, const flac_info *info,
                                   athar_error *err)
{
	ATHAR_TRY(find_kind(out, j, info, &by_frame, err));
	ATHAR_TRY(find_kind(out, j, info, &by_sample, err));
	athar_sort(out->mark, out->count, sizeof *out->mark, by_number, NULL);
	return ATHAR_OK;
}

size_t athar_flac_marks_from(const athar_flac_marks *marks, uint64_t number)
{
	size_t low = 0, high = marks->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (marks->mark[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void athar_flac_marks_clear(athar_flac_marks *marks)
{
	free(marks->mark);
	*marks = (athar_flac_marks){.count = 0};
}
