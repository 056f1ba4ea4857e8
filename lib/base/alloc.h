/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that reports its absence. Never allocate by a size that evidence claims: bound it first.
 */
#ifndef ATHAR_BASE_ALLOC_H
#define ATHAR_BASE_ALLOC_H

#include <stddef.h>

#include "athar/error.h"

/* Zeroed; NULL and *err set when there is none. Size 0 gives one byte. */
void *athar_alloc(size_t size, athar_error *err);
/* Zeroed, with count * size checked. */
void *athar_alloc_array(size_t count, size_t size, athar_error *err);
/* Aligned to 4096 for direct I/O; release with free. */
void *athar_alloc_pages(size_t size, athar_error *err);
/* Grows *array (element size `size`, *capacity elements) to hold `count`, doubling; what is new is
 * not zeroed. */
athar_status athar_grow(void *array, size_t *capacity, size_t count, size_t size, athar_error *err);
char *athar_copy_text(const char *text, athar_error *err);
uint8_t *athar_copy_bytes(const void *bytes, size_t len, athar_error *err); /* NUL after the end */
/* printf into new memory. */
char *athar_format_text(athar_error *err, const char *format, ...) ATHAR_PRINTF(2, 3);

#endif
