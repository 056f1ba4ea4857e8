/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/order.h"

#include "base/sort.h"

static int by_key(const void *a, const void *b, const void *user)
{
	const athar_keyed *x = a, *y = b;

	(void)user;
	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->value < y->value ? -1 : x->value > y->value;
}

void athar_order(athar_keyed *list, size_t count)
{
	athar_sort(list, count, sizeof *list, by_key, NULL);
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
