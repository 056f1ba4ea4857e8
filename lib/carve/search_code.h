/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Characters and the bytes that stand for them, in each encoding.
 */
#ifndef ATHAR_CARVE_SEARCH_CODE_H
#define ATHAR_CARVE_SEARCH_CODE_H

#include "athar/search.h"
#include "carve/search_set.h"

uint32_t athar_cp1256_character(uint8_t byte);

/* The character at p, of len bytes at most: its length, 0 for none. */
size_t athar_code_read(uint32_t *character, athar_search_encoding encoding, const uint8_t *p,
                       size_t len);
/* The one that ends before `end`. */
size_t athar_code_read_back(uint32_t *character, athar_search_encoding encoding, const uint8_t *end,
                            size_t len);

/* One byte of a sequence: any from `from` to `to`. */
typedef struct athar_code_byte {
	uint8_t from, to;
} athar_code_byte;

typedef struct athar_code_sink {
	athar_status (*sequence)(void *user, const athar_code_byte *byte, unsigned count,
	                         athar_error *err);
	void *user;
} athar_code_sink;

/* The sequences, of 1 to 4 bytes, that together stand for just the characters of a settled set
 * without surrogates. None where the encoding has none of them. */
athar_status athar_code_set(const athar_code_sink *sink, athar_search_encoding encoding,
                            const athar_set *set, athar_error *err);

#endif
