/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qsort() asks how much memory the machine has, which a confined worker may not. This one takes no
 * memory, and its time does not depend on what the evidence has made of the order.
 */
#ifndef ATHAR_BASE_SORT_H
#define ATHAR_BASE_SORT_H

#include <stddef.h>

/* Of elements up to 128 bytes. Equal ones come in any order. */
void athar_sort(void *array, size_t count, size_t size,
                int (*compare)(const void *a, const void *b, const void *user), const void *user);

#endif
