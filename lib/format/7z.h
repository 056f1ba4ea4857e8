/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The header of a 7z archive, in memory: where the packed streams lie, what they unpack to, and
 * what they sum up to. Nothing is copied out of it: cursors remember where each list begins, and
 * go through them together, folder by folder.
 */
#ifndef ATHAR_FORMAT_7Z_H
#define ATHAR_FORMAT_7Z_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct athar_7z_cursor {
	const uint8_t *next, *end;
	bool failed; /* it makes no sense; all that is read afterwards is 0 */
} athar_7z_cursor;

uint8_t athar_7z_byte(athar_7z_cursor *c);
uint64_t athar_7z_number(athar_7z_cursor *c);
uint32_t athar_7z_fixed(athar_7z_cursor *c);
void athar_7z_skip(athar_7z_cursor *c, uint64_t len);

/* CRCs of some of the members of a list. */
typedef struct athar_7z_sums {
	const uint8_t
		*defined; /* a bit each, the highest first; NULL: all, or where there are none */
	uint64_t at, count;
	athar_7z_cursor crc;
} athar_7z_sums;

/* The next one's; false: it has none. */
bool athar_7z_sum(uint32_t *crc, athar_7z_sums *s);

typedef struct athar_7z_streams {
	uint64_t pack_at, pack_count, folders;
	athar_7z_cursor pack_sizes, folder, lengths, counts, sub_lengths;
	athar_7z_sums folder_sums, sub_sums;
	bool has_counts; /* else each folder has one stream in it */
} athar_7z_streams;

enum {
	ATHAR_7Z_COPY = 0,
	ATHAR_7Z_LZMA2 = 0x21,
	ATHAR_7Z_LZMA = 0x030101,
	ATHAR_7Z_AES = 0x06F10701
};

/* One folder: what was packed together. */
typedef struct athar_7z_folder {
	uint64_t coders, packs; /* packed streams */
	uint64_t method;        /* of the only coder, else of the last */
	const uint8_t *properties;
	uint64_t properties_len;
	bool encrypted;
	uint64_t length;  /* unpacked */
	uint64_t streams; /* in it, with their CRCs in sub_sums, or just one, with the folder's */
	bool summed;
	uint32_t crc;
} athar_7z_folder;

/* Reads what begins with the id of the first list. False: it makes no sense. */
bool athar_7z_streams_read(athar_7z_streams *out, athar_7z_cursor *c);
/* The next folder. */
bool athar_7z_folder_next(athar_7z_folder *out, athar_7z_streams *s);

/* What a header says of the files. */
typedef struct athar_7z_files {
	uint64_t count;
	const uint8_t *name; /* the first, UTF-16 */
	size_t name_len;     /* bytes */
} athar_7z_files;

bool athar_7z_files_read(athar_7z_files *out, athar_7z_cursor *c);

/* Ids that begin a header, and its parts. */
enum {
	ATHAR_7Z_END = 0,
	ATHAR_7Z_HEADER = 1,
	ATHAR_7Z_ARCHIVE = 2,
	ATHAR_7Z_MORE = 3,
	ATHAR_7Z_MAIN = 4,
	ATHAR_7Z_FILES = 5,
	ATHAR_7Z_ENCODED = 0x17
};

#endif
