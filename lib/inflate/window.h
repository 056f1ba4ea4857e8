/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The output of a decompressor, which is its own dictionary: matches copy from what was written
 * before. Nothing leaves the room, and nothing is read from before its beginning.
 */
#ifndef ATHAR_INFLATE_WINDOW_H
#define ATHAR_INFLATE_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct athar_window {
	uint8_t *bytes;
	size_t at; /* bytes written */
	size_t room;
} athar_window;

static inline bool athar_window_fits(const athar_window *w, size_t length)
{
	return length <= w->room - w->at;
}

/* The caller has checked that len bytes are there. False: no room. */
static inline bool athar_window_literals(athar_window *w, const uint8_t *from, size_t len)
{
	if (!athar_window_fits(w, len))
		return false;
	if (len > 0)
		memcpy(w->bytes + w->at, from, len);
	w->at += len;
	return true;
}

static inline bool athar_window_zeros(athar_window *w, size_t len)
{
	if (!athar_window_fits(w, len))
		return false;
	if (len > 0)
		memset(w->bytes + w->at, 0, len);
	w->at += len;
	return true;
}

/* A match: length bytes from distance before the end; where it is longer than its distance it
 * repeats what it writes. False: no room, or it begins before the beginning. */
static inline bool athar_window_match(athar_window *w, size_t distance, size_t length)
{
	uint8_t *to = w->bytes + w->at;

	if (distance == 0 || distance > w->at || !athar_window_fits(w, length))
		return false;
	if (distance >= length)
		memcpy(to, to - distance, length);
	else
		for (size_t i = 0; i < length; i++)
			to[i] = to[(ptrdiff_t)i - (ptrdiff_t)distance];
	w->at += length;
	return true;
}

#endif
