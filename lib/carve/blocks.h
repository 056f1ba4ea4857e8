/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the blocks of a space look like at a glance, so that joiners ask the likely ones first.
 * Nothing is proven by it.
 */
#ifndef ATHAR_CARVE_BLOCKS_H
#define ATHAR_CARVE_BLOCKS_H

#include "base/idiom.h"

typedef enum athar_block_kind {
	ATHAR_BLOCK_BLANK = 1, /* one byte again and again */
	ATHAR_BLOCK_TEXT,
	ATHAR_BLOCK_MIXED,
	ATHAR_BLOCK_DENSE /* as packed data are */
} athar_block_kind;

#define ATHAR_BLOCK_KIND 0x0Fu
#define ATHAR_BLOCK_BEGINS 0x80u

/* Bytes from the beginning of a block that are looked at. */
#define ATHAR_BLOCK_LOOK 1024u

uint8_t athar_block_look(const uint8_t *bytes, size_t len);

/* What was seen, in pages that are made when they are needed. Zero-initialise. */
typedef struct athar_blocks {
	uint8_t **page;
	size_t pages;
} athar_blocks;

/* count: of the space. *out is 0 where that block was not looked at. */
athar_status athar_blocks_get(uint8_t *out, athar_blocks *b, uint64_t count, uint64_t index,
                              athar_error *err);
/* Of an index that was asked for before. */
void athar_blocks_put(athar_blocks *b, uint64_t index, uint8_t look);
void athar_blocks_clear(athar_blocks *b);

#endif
