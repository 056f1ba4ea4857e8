/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Blocks of bzip2, unpacked for their CRC.
 */
#ifndef ATHAR_FORMAT_BUNZIP_H
#define ATHAR_FORMAT_BUNZIP_H

#include "format/walk.h"

struct athar_bunzip_block;

typedef struct athar_bunzip {
	athar_stream in;
	uint64_t held; /* bits loaded, the next one highest of the last `count` */
	unsigned count;
	athar_status status; /* of loading; then all bits are 0 */
	athar_error *err;
	struct athar_bunzip_block *block; /* what is known of it; taken with the first */
	uint32_t *table;                  /* its bytes and places; likewise */
	uint32_t room, length;
	uint32_t crc;
	uint64_t made; /* bytes, by all blocks */
} athar_bunzip;

void athar_bunzip_seek(athar_bunzip *z, athar_reader *in, uint64_t at);
void athar_bunzip_clear(athar_bunzip *z);
/* n is at most 32. */
uint32_t athar_bunzip_bits(athar_bunzip *z, unsigned n);
/* Offset of the byte that has the next bit. */
uint64_t athar_bunzip_at(const athar_bunzip *z);

/* What follows the CRC of a block of up to `room` bytes before the first coding. With `unpack` its
 * CRC is in z->crc, else only its codes are followed. ATHAR_EFORMAT: it is damaged. */
athar_status athar_bunzip_block(athar_bunzip *z, uint32_t room, bool unpack, athar_error *err);

#endif
