/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What supervisor and workers say to each other, as bytes. The supervisor takes a worker's bytes
 * for hostile: every read is bounded, and a message that does not come out even is refused whole.
 */
#ifndef ATHAR_ENGINE_WIRE_H
#define ATHAR_ENGINE_WIRE_H

#include "base/idiom.h"

/* Being written. A failure (memory) is remembered; athar_wire_check reports it. */
typedef struct athar_wire {
	uint8_t *bytes;
	size_t len, capacity;
	bool failed;
} athar_wire;

#define ATHAR_WIRE_INIT \
	{ \
		NULL, 0, 0, false \
	}

void athar_wire_number(athar_wire *w, uint64_t value);
void athar_wire_bytes(athar_wire *w, const void *bytes, size_t len);
/* What is not UTF-8 (a character cut in two) and what is a control becomes a question mark. */
void athar_wire_text(athar_wire *w, const char *text);
void athar_wire_extents(athar_wire *w, const athar_extents *extents);
athar_status athar_wire_check(const athar_wire *w, athar_error *err);
void athar_wire_clear(athar_wire *w);
ATHAR_DEFINE_AUTO_VALUE(wire, athar_wire, athar_wire_clear)

/* Being read. A failure is remembered, and everything after it reads as zeros. */
typedef struct athar_unwire {
	const uint8_t *at;
	size_t left;
	bool failed;
} athar_unwire;

/* Extents of one file that a message may carry. */
#define ATHAR_WIRE_EXTENTS 400000u

athar_unwire athar_unwire_begin(athar_bytes message);
uint64_t athar_unwire_number(athar_unwire *u);
/* A number that must be below `bound`. */
uint64_t athar_unwire_below(athar_unwire *u, uint64_t bound);
/* Borrowed from the message. */
athar_bytes athar_unwire_bytes(athar_unwire *u);
/* Into a buffer of `size`; longer texts and texts that are not UTF-8 or hold controls fail. */
void athar_unwire_text(athar_unwire *u, char *out, size_t size);
/* Any bytes as a text that can be shown: as athar_wire_text does it, cut to `size`. */
void athar_unwire_calm(char *out, size_t size, athar_bytes text);
athar_status athar_unwire_extents(athar_extents *out, athar_unwire *u, athar_error *err);
/* ATHAR_EFORMAT unless all was there and nothing is left. */
athar_status athar_unwire_end(const athar_unwire *u, athar_error *err);

#endif
