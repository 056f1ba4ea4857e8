/* SPDX-License-Identifier: BSD-2-Clause */
/* Heap sort: J. W. J. Williams, Algorithm 232, 1964; the heap made as Floyd does. */
#include "base/sort.h"

#include <stdint.h>
#include <string.h>

#define SIZE_MOST 128

typedef struct heap {
	uint8_t *array;
	size_t size;
	int (*compare)(const void *a, const void *b, const void *user);
	const void *user;
} heap;

static uint8_t *at(const heap *h, size_t i)
{
	return h->array + i * h->size;
}

/* Lets the element at i sink to where none below it is greater. */
static void sink(const heap *h, size_t i, size_t count)
{
	uint8_t held[SIZE_MOST];

	memcpy(held, at(h, i), h->size);
	for (size_t child; (child = 2 * i + 1) < count; i = child) {
		if (child + 1 < count && h->compare(at(h, child), at(h, child + 1), h->user) < 0)
			child++;
		if (h->compare(held, at(h, child), h->user) >= 0)
			break;
		memcpy(at(h, i), at(h, child), h->size);
	}
	memcpy(at(h, i), held, h->size);
}

void athar_sort(void *array, size_t count, size_t size,
                int (*compare)(const void *a, const void *b, const void *user), const void *user)
{
	const heap h = {array, size, compare, user};
	uint8_t held[SIZE_MOST];

	if (count < 2 || size > SIZE_MOST)
		return;
	for (size_t i = count / 2; i > 0; i--)
		sink(&h, i - 1, count);
	for (size_t end = count - 1; end > 0; end--) {
		memcpy(held, at(&h, 0), size);
		memcpy(at(&h, 0), at(&h, end), size);
		memcpy(at(&h, end), held, size);
		sink(&h, 0, end);
	}
}
