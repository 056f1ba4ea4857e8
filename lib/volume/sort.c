/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/sort.h"

#include <stdint.h>
#include <string.h>

#define SIZE_MOST 128u

typedef struct heap {
	uint8_t *base;
	size_t size;
	int (*compare)(const void *, const void *);
} heap;

static void swap(const heap *h, size_t a, size_t b)
{
	uint8_t kept[SIZE_MOST];

	memcpy(kept, h->base + a * h->size, h->size);
	memcpy(h->base + a * h->size, h->base + b * h->size, h->size);
	memcpy(h->base + b * h->size, kept, h->size);
}

/* Lets the element sink to its place among the first `count`, the greatest on top. */
static void sink(const heap *h, size_t at, size_t count)
{
	for (;;) {
		size_t best = at;

		for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < count; child++) {
			if (h->compare(h->base + child * h->size, h->base + best * h->size) > 0)
				best = child;
		}
		if (best == at)
			return;
		swap(h, at, best);
		at = best;
	}
}

void athar_sort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	const heap h = {base, size, compare};

	if (count < 2 || size > SIZE_MOST)
		return;
	for (size_t i = count / 2; i-- > 0;)
		sink(&h, i, count);
	for (size_t end = count - 1; end > 0; end--) {
		swap(&h, 0, end);
		sink(&h, 0, end);
	}
}
