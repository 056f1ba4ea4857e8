/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A piece of an image in the form its container stores it. Packing and unpacking are pure, so that
 * workers do them; fetching and putting are in order, on one thread.
 */
#ifndef ATHAR_IMAGE_CHUNK_H
#define ATHAR_IMAGE_CHUNK_H

#include "athar/error.h"

typedef struct athar_chunk {
	uint8_t *data; /* `capacity` bytes, the caller's */
	size_t capacity;
	size_t length; /* stored bytes in data */
	size_t media;  /* bytes of media it stands for */
	bool packed;   /* data is a zlib stream; else the bytes themselves */
	uint32_t sum;  /* Adler-32 of unpacked data, where the container keeps one beside it */
	bool damaged;  /* fetch: the container could not give it; why is in the text */
	char why[120];
} athar_chunk;

/* Media bytes of `chunk` into out (at least chunk->media). False: it is damaged, *why (120) says
 * how. */
bool athar_chunk_unpack(uint8_t *out, const athar_chunk *chunk, char why[120]);

#endif
