/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of an item, and its release. */
#include "athar/item.h"

#include <string.h>

#include "base/idiom.h"

static const char *const methods[] = {"metadata", "journal", "content", "fragments", "embedded"};
static const char *const states[] = {"live",    "trash",       "deleted", "orphan",
                                     "earlier", "unallocated", "unknown"};
static const char *const grades[] = {"header", "partial", "complete", "intact"};

static const char *word(const char *const *words, size_t count, unsigned value)
{
	return value < count ? words[value] : NULL;
}

/* -1 for none of them. */
static int find(const char *const *words, size_t count, const char *name)
{
	for (size_t i = 0; name != NULL && i < count; i++)
		if (strcmp(words[i], name) == 0)
			return (int)i;
	return -1;
}

const char *athar_method_name(athar_method method)
{
	return word(methods, ATHAR_COUNT(methods), (unsigned)method);
}

const char *athar_state_name(athar_state state)
{
	return word(states, ATHAR_COUNT(states), (unsigned)state);
}

const char *athar_grade_name(athar_grade grade)
{
	return word(grades, ATHAR_COUNT(grades), (unsigned)grade);
}

bool athar_method_parse(athar_method *out, const char *name)
{
	const int i = find(methods, ATHAR_COUNT(methods), name);

	if (i >= 0)
		*out = (athar_method)i;
	return i >= 0;
}

bool athar_state_parse(athar_state *out, const char *name)
{
	const int i = find(states, ATHAR_COUNT(states), name);

	if (i >= 0)
		*out = (athar_state)i;
	return i >= 0;
}

bool athar_grade_parse(athar_grade *out, const char *name)
{
	const int i = find(grades, ATHAR_COUNT(grades), name);

	if (i >= 0)
		*out = (athar_grade)i;
	return i >= 0;
}

void athar_item_clear(athar_item *item)
{
	free(item->path);
	athar_extents_clear(&item->extents);
	athar_extents_clear(&item->packed);
	athar_runs_clear(&item->reused_at);
	athar_json_free(item->also);
	athar_json_free(item->known);
	*item = (athar_item)ATHAR_ITEM_INIT;
}
