/* SPDX-License-Identifier: BSD-2-Clause */
/* Sorting inside the confined worker: the C library's qsort() asks the system how much memory there
 * is, which ends the process there. */
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
