/* SPDX-License-Identifier: BSD-2-Clause */
#include "case/told.h"

#include <string.h>

#include "base/alloc.h"

athar_status athar_told_add(athar_told *told, const char *text, size_t len, athar_error *err)
{
	char *copy = (char *)athar_copy_bytes(text, len, err);

	if (copy == NULL)
		return ATHAR_ENOMEM;
	if (athar_grow(&told->line, &told->capacity, told->count + 1, sizeof *told->line, err) !=
	    ATHAR_OK) {
		free(copy);
		return ATHAR_ENOMEM;
	}
	told->line[told->count++] = (athar_told_line){.text = copy};
	told->sorted = false;
	return ATHAR_OK;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(((const athar_told_line *)a)->text, ((const athar_told_line *)b)->text);
}

bool athar_told_take(athar_told *told, const char *text)
{
	size_t low = 0, high = told->count;

	if (!told->sorted && told->count != 0)
		qsort(told->line, told->count, sizeof *told->line, by_text);
	told->sorted = true;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (strcmp(told->line[middle].text, text) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == told->count)
		return false;
	const size_t next = low + told->line[low].came;
	if (next == told->count || strcmp(told->line[next].text, text) != 0)
		return false;
	told->line[low].came++;
	return true;
}

void athar_told_clear(athar_told *told)
{
	for (size_t i = 0; i < told->count; i++)
		free(told->line[i].text);
	free(told->line);
	*told = (athar_told){NULL, 0, 0, false};
}
