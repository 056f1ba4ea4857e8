/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers with a value each, in order. */
#ifndef ATHAR_VOLUME_ORDER_H
#define ATHAR_VOLUME_ORDER_H

#include <stddef.h>
#include <stdint.h>

typedef struct athar_keyed {
	uint64_t key;
	size_t value;
} athar_keyed;

/* By key, then by value; in place, in the time of n log n whatever the order was. */
void athar_order(athar_keyed *list, size_t count);
/* Index of the first whose key is not less; count: none. */
size_t athar_order_find(const athar_keyed *list, size_t count, uint64_t key);

#endif
