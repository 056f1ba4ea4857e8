/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What somebody else says of an image: the log of the tool that made it. Nothing here is true
 * because it stands here; it is kept beside what was seen.
 */
#ifndef ATHAR_ENGINE_SAID_H
#define ATHAR_ENGINE_SAID_H

#include "engine/wire.h"

/* Texts, as the log has them. */
typedef enum athar_said_text {
	ATHAR_SAID_TOOL,
	ATHAR_SAID_VERSION,
	ATHAR_SAID_TOOL_SERIAL, /* of an imager that is a machine of its own */
	ATHAR_SAID_COMMAND,
	ATHAR_SAID_CASE,
	ATHAR_SAID_EVIDENCE,
	ATHAR_SAID_DESCRIPTION,
	ATHAR_SAID_EXAMINER,
	ATHAR_SAID_NOTES,
	ATHAR_SAID_SOURCE, /* the device or file that was read */
	ATHAR_SAID_VENDOR,
	ATHAR_SAID_MODEL,
	ATHAR_SAID_SERIAL,
	ATHAR_SAID_FIRMWARE,
	ATHAR_SAID_BUS,
	ATHAR_SAID_STARTED, /* times are not interpreted: logs rarely say in which zone */
	ATHAR_SAID_ENDED,
	ATHAR_SAID_STATE,    /* how the tool says it ended */
	ATHAR_SAID_VERIFIED, /* what it says of its own verification */
	ATHAR_SAID_TEXTS
} athar_said_text;

typedef enum athar_said_number {
	ATHAR_SAID_SIZE,        /* bytes of the medium */
	ATHAR_SAID_SECTORS,     /* sectors of it */
	ATHAR_SAID_SECTOR_SIZE, /* bytes of a sector */
	ATHAR_SAID_BAD_SECTORS, /* that could not be read */
	ATHAR_SAID_ERRORS,      /* of reading, where only they are counted */
	ATHAR_SAID_NUMBERS
} athar_said_number;

/* What a hash is of. */
typedef enum athar_said_of {
	ATHAR_OF_MEDIUM,    /* the bytes as they were read from the medium */
	ATHAR_OF_READ_BACK, /* the image, read again by the tool */
	ATHAR_OF_REREAD,    /* the medium, read again by the tool */
	ATHAR_OF_FILE,      /* one file of the image */
	ATHAR_OF_UNKNOWN    /* the log's form is not known: only a match means anything */
} athar_said_of;

typedef struct athar_said_hash {
	athar_said_of of;
	unsigned algorithms; /* one bit; two where the length leaves it open */
	char hex[2 * ATHAR_DIGEST_MAX_SIZE + 1];
	char file[256]; /* of ATHAR_OF_FILE: its name, without folders */
} athar_said_hash;

/* A hash of a piece of the medium. */
typedef struct athar_said_piece {
	uint64_t first, count;
	unsigned algorithm;
	uint8_t value[ATHAR_DIGEST_MAX_SIZE];
} athar_said_piece;

#define ATHAR_SAID_TEXT_MOST 512u
#define ATHAR_SAID_HASHES_MOST 20000u
#define ATHAR_SAID_PIECES_MOST (1u << 19)
#define ATHAR_SAID_BAD_MOST (1u << 20)

typedef struct athar_said {
	char format[24]; /* of the log; "" where none was recognised */
	char text[ATHAR_SAID_TEXTS][ATHAR_SAID_TEXT_MOST]; /* "": not said */
	uint64_t number[ATHAR_SAID_NUMBERS];               /* ATHAR_NOWHERE: not said */
	athar_said_hash *hash;
	size_t hashes, hash_capacity;
	athar_said_piece *piece;
	size_t pieces, piece_capacity;
	bool in_sectors; /* pieces count sectors, of a size the log does not tell */
	athar_runs bad;  /* what could not be read, in bytes */
	uint64_t lines;
	uint64_t dropped; /* lines of a known kind that make no sense or are too many */
} athar_said;

void athar_said_init(athar_said *said);
/* All but the format and the counts of lines: a log that was added to begins anew. */
void athar_said_forget(athar_said *said);
void athar_said_clear(athar_said *said);
ATHAR_DEFINE_AUTO_VALUE(said, athar_said, athar_said_clear)

/* What is said first stays. Texts are cut to what is kept. */
void athar_said_set_text(athar_said *said, athar_said_text which, const char *text);
void athar_said_set_number(athar_said *said, athar_said_number which, uint64_t number);
/* `file` may be NULL. A hash said twice is kept once. */
athar_status athar_said_add_hash(athar_said *said, athar_said_of of, unsigned algorithms,
                                 const char *hex, const char *file, athar_error *err);
athar_status athar_said_add_piece(athar_said *said, uint64_t first, uint64_t count,
                                  unsigned algorithm, const char *hex, athar_error *err);
/* Sectors [first, first + count) of `sector_size`. */
athar_status athar_said_add_bad(athar_said *said, uint64_t first, uint64_t count,
                                uint64_t sector_size, athar_error *err);
/* Does it say anything at all? */
bool athar_said_anything(const athar_said *said);
/* Bytes of the medium: as said, or sectors by their size; ATHAR_NOWHERE: not said. */
uint64_t athar_said_media(const athar_said *said);

/* As it stands in acquisition.json, at most `most` bad ranges. */
athar_json *athar_said_json(const athar_said *said, size_t most);
/* "the medium", "the image as the tool read it again", ... */
const char *athar_said_of_name(athar_said_of of);

/* All but pieces and bad ranges, which may be too many for one message. */
void athar_said_wire(athar_wire *w, const athar_said *said);
athar_status athar_said_unwire(athar_said *out, athar_bytes message, athar_error *err);
/* Pieces [from, from + count); likewise bad ranges. */
void athar_said_wire_pieces(athar_wire *w, const athar_said *said, size_t from, size_t count);
athar_status athar_said_unwire_pieces(athar_said *out, athar_bytes message, athar_error *err);
void athar_said_wire_bad(athar_wire *w, const athar_said *said, size_t from, size_t count);
athar_status athar_said_unwire_bad(athar_said *out, athar_bytes message, athar_error *err);

#endif
