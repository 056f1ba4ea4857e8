/* SPDX-License-Identifier: BSD-2-Clause */
/* Sorts in place, by a heap. qsort() asks how much memory the machine has, which a confined worker
 * may not. */
#ifndef ATHAR_VOLUME_SORT_H
#define ATHAR_VOLUME_SORT_H

#include <stddef.h>

/* As qsort(); size is at most 128. Not stable. */
void athar_sort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *));

#endif
