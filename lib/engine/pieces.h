/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hashes of pieces of a medium, checked while it is read once from end to end.
 */
#ifndef ATHAR_ENGINE_PIECES_H
#define ATHAR_ENGINE_PIECES_H

#include "engine/said.h"

typedef struct athar_piece {
	const athar_said_piece *said; /* borrowed */
	uint64_t offset, length;      /* bytes */
	char *seen;                   /* the hash that it has, where it differs */
	enum { ATHAR_PIECE_UNREAD, ATHAR_PIECE_SAME, ATHAR_PIECE_DIFFERS } state;
} athar_piece;

/* Pieces of one log. */
typedef struct athar_pieces {
	athar_piece *piece; /* by offset */
	size_t count;
	size_t at, group;         /* the pieces under way: of one place, one an algorithm */
	athar_digester *digester; /* of these */
	uint64_t fed;             /* bytes of the present place */
	size_t outside;           /* lie past the end, or in one another: not compared */
} athar_pieces;

/* `size`: of the medium. Sectors of a size that the log does not tell have 512 bytes, or 4096 where
 * that alone makes the pieces end with the medium. */
athar_status athar_pieces_init(athar_pieces *out, const athar_said *said, uint64_t size,
                               athar_error *err);
/* Blocks in order, from 0, without gaps. */
athar_status athar_pieces_feed(athar_pieces *p, uint64_t offset, const uint8_t *data, size_t len,
                               athar_error *err);
/* The hash that it should have. */
void athar_piece_said(char hex[2 * ATHAR_DIGEST_MAX_SIZE + 1], const athar_said_piece *said);
size_t athar_pieces_in(const athar_pieces *p, int state);
void athar_pieces_clear(athar_pieces *p);
ATHAR_DEFINE_AUTO_VALUE(pieces, athar_pieces, athar_pieces_clear)

#endif
