/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/idiom.h"

/* Far more than there are formats: a bound for files that somebody changed. */
#define MOST_TYPES 512

static size_t place_of(const athar_tally *tally, const char *name)
{
	size_t low = 0, high = tally->type_count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (strcmp(tally->type[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The line of a type; made where it is new. Past the bound all are counted without a name. */
static athar_status line_of(athar_tally_type **out, athar_tally *tally, const char *name,
                            athar_error *err)
{
	size_t at = place_of(tally, name);
	bool known = at < tally->type_count && strcmp(tally->type[at].name, name) == 0;

	if (!known && tally->type_count >= MOST_TYPES) {
		name = "";
		at = 0;
		known = tally->type[0].name[0] == '\0';
	}
	if (!known) {
		ATHAR_TRY(athar_grow(&tally->type, &tally->type_capacity, tally->type_count + 1,
		                     sizeof *tally->type, err));
		memmove(tally->type + at + 1, tally->type + at,
		        (tally->type_count - at) * sizeof *tally->type);
		memset(tally->type + at, 0, sizeof *tally->type);
		memcpy(tally->type[at].name, name, strnlen(name, sizeof tally->type->name - 1));
		tally->type_count++;
	}
	*out = tally->type + at;
	return ATHAR_OK;
}

/* Sizes come out of files that somebody may have changed: the sum stops at the highest number. */
static uint64_t sum(uint64_t a, uint64_t b)
{
	uint64_t out = 0;

	return athar_add(a, b, &out) ? out : UINT64_MAX;
}

athar_status athar_tally_add(athar_tally *tally, const athar_item *item, athar_error *err)
{
	athar_tally_type *type = NULL;

	ATHAR_TRY(line_of(&type, tally, item->type, err));
	type->items++;
	type->bytes = sum(type->bytes, item->size);
	type->by_grade[item->grade]++;
	tally->items++;
	tally->bytes = sum(tally->bytes, item->size);
	tally->by_method[item->method]++;
	tally->by_state[item->state]++;
	tally->by_grade[item->grade]++;
	tally->listed += item->file[0] == '\0';
	tally->over_bad += item->bytes_bad > 0;
	tally->over_live += item->bytes_reused > 0;
	tally->places += item->also != NULL ? athar_json_count(item->also) : 0;
	return ATHAR_OK;
}

void athar_tally_clear(athar_tally *tally)
{
	free(tally->type);
	memset(tally, 0, sizeof *tally);
}
