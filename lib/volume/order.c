/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/order.h"

#include <stdbool.h>

static bool less(const athar_keyed *a, const athar_keyed *b)
{
	return a->key != b->key ? a->key < b->key : a->value < b->value;
}

/* Lets the element at `at` sink in a heap of so many. */
static void sink(athar_keyed *heap, size_t at, size_t count)
{
	const athar_keyed element = heap[at];

	for (size_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
		if (child + 1 < count && less(&heap[child], &heap[child + 1]))
			child++;
		if (!less(&element, &heap[child]))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = element;
}

void athar_order(athar_keyed *list, size_t count)
{
	for (size_t i = count / 2; i > 0; i--)
		sink(list, i - 1, count);
	for (size_t left = count; left > 1; left--) {
		const athar_keyed largest = list[0];

		list[0] = list[left - 1];
		list[left - 1] = largest;
		sink(list, 0, left - 1);
	}
}

size_t athar_order_find(const athar_keyed *list, size_t count, uint64_t key)
{
	size_t low = 0, high = count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (list[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
