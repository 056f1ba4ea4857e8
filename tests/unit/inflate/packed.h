/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The vectors of testdata/packed, which others than athar packed, and what every decompressor has
 * to stand: cuts, flipped bits, too little room.
 */
#ifndef ATHAR_TEST_PACKED_H
#define ATHAR_TEST_PACKED_H

#include "athar_test.h"

#include "inflate/unpack.h"

typedef athar_status packed_unpack(size_t *made, uint8_t *out, size_t room, const uint8_t *in,
                                   size_t len, athar_error *err);

typedef struct packed_vector {
	uint8_t *data; /* what was packed, made anew by the rule of testdata/packed/make.py */
	size_t length;
	uint8_t *packed; /* as the maker wrote it; an allocation of just this length */
	size_t size;
} packed_vector;

/* Calls `each` for every vector of testdata/packed/NAME.vectors; returns how many there were. */
size_t packed_each(const char *name, void (*each)(const packed_vector *v, void *user), void *user);

/* The data of a kind, by the rule of make.py: zeros, random, text, records, program. */
enum packed_kind { PACKED_ZEROS, PACKED_RANDOM, PACKED_TEXT, PACKED_RECORDS, PACKED_PROGRAM };
void packed_make(uint8_t *out, size_t length, unsigned kind);

/* Unpacks in memory of just that room and says how many bytes came out; they have to be the first
 * of `expected`, unless that is NULL. Failures have to be ATHAR_EFORMAT. */
#define PACKED_REFUSED SIZE_MAX
size_t packed_try(packed_unpack *unpack, const uint8_t *in, size_t len, size_t room,
                  const uint8_t *expected);

/* Each vector unpacks to its data. */
void packed_assert_whole(packed_unpack *unpack, const char *name, size_t count);
/* Of the vectors up to `most` bytes: each cut is refused or gives the data's beginning, which is
 * shorter with `shorter`; each flipped bit is refused or gives bytes that fit. */
void packed_assert_damage(packed_unpack *unpack, const char *name, size_t most, bool shorter);

#endif
