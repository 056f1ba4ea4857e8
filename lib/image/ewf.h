/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Expert Witness Compression Format, version 1: E01 and its kin (s01, FTK, linen, ewfx).
 *
 * An image is a set of segment files. A file is a header of 13 bytes and a chain of sections, each
 * with a descriptor of 76 bytes that says what it is and where the next one begins. `sectors` holds
 * chunks of media, deflated or as they are with an Adler-32 behind; the `table` after it says where
 * each chunk begins; `table2` is its copy. The last section of a file is `next`, that of the last
 * file `done`: so a missing file and a cut one are known before any media are read.
 *
 * This room reads and writes the format itself, because of what libewf does not give. Reading:
 * precise damage, bounded memory, and that nothing is opened after the start, since a confined
 * process may open nothing. Writing: files that are on the disk when it is said, that can be gone
 * on with after any interruption, and that may go to a second disk. libewf judges (ewf_judge.h).
 */
#ifndef ATHAR_IMAGE_EWF_H
#define ATHAR_IMAGE_EWF_H

#include "athar/source.h"
#include "image/chunk.h"
#include "image/media.h"

#define ATHAR_EWF_SEGMENTS_MAX 14971u            /* E01 ... E99, EAA ... ZZZ */
#define ATHAR_EWF_CHUNK_MAX (UINT32_C(1) << 27)  /* 32768 sectors of 4096 bytes */
#define ATHAR_EWF_TABLE_MAX (UINT32_C(1) << 22)  /* entries; writers make at most 65,534 */
#define ATHAR_EWF_ERRORS_MAX (UINT32_C(1) << 20) /* ranges of the error table */
#define ATHAR_EWF_PACKED UINT32_C(0x80000000)    /* in an entry: the chunk is deflated */

/* Bytes of the parts that have a fixed size. */
#define ATHAR_EWF_FILE_HEADER 13
#define ATHAR_EWF_DESCRIPTOR 76
#define ATHAR_EWF_VOLUME 1052
#define ATHAR_EWF_TABLE_HEADER 24
#define ATHAR_EWF_ERRORS_HEADER 520

/* The name of segment `number` (from 1) of the set whose first file is `first`: the last three
 * characters change. ATHAR_ELIMIT past ZZZ, ATHAR_EUSAGE when `first` does not end like .E01. */
athar_status athar_ewf_name(char **out, const char *first, uint32_t number, athar_error *err);

typedef struct athar_ewf_segment {
	athar_media media;
	uint64_t size;
} athar_ewf_segment;

typedef struct athar_ewf_table {
	uint64_t first;   /* number of its first chunk */
	uint64_t sectors; /* where the section that holds its chunks begins */
	uint64_t base;    /* is added to each entry */
	uint64_t entries; /* where they stand in the file */
	uint64_t copy;    /* where table2 has them again, or 0 */
	uint64_t end;     /* of the last chunk's bytes */
	uint32_t count;
	uint32_t segment; /* index of the file */
	bool summed;      /* an Adler-32 stands behind the entries; the older layout has none */
} athar_ewf_table;

/* Where a chunk is stored. */
typedef struct athar_ewf_place {
	uint32_t segment;
	uint64_t offset, length;
	bool packed;
} athar_ewf_place;

enum {
	ATHAR_EWF_DESCRIPTION,
	ATHAR_EWF_CASE,
	ATHAR_EWF_EVIDENCE,
	ATHAR_EWF_EXAMINER,
	ATHAR_EWF_NOTES,
	ATHAR_EWF_SOFTWARE,
	ATHAR_EWF_ACQUIRED,
	ATHAR_EWF_SYSTEM,
	ATHAR_EWF_FIELDS
};

typedef struct athar_ewf_set {
	athar_ewf_segment *segment;
	size_t segments, segment_capacity;
	athar_ewf_table *table;
	size_t tables, table_capacity;
	uint64_t chunks; /* that the tables place */

	bool standing;          /* opened by athar_ewf_open_standing */
	bool has_volume, smart; /* smart: the older layout, chunks always deflated */
	uint64_t volume;        /* where its content stands in the first file */
	uint8_t id[16];         /* of the set; zeros where the writer gave none */
	uint32_t sector_size, chunk_size;
	uint64_t media_size;

	char *field[ATHAR_EWF_FIELDS]; /* escaped */
	bool has_header2, has_errors;
	unsigned texts; /* header sections looked at */
	athar_digests stored;
	athar_runs errors; /* what the writer could not read */
	char finding[200]; /* what is damaged although the media can be read; empty: nothing */

	uint32_t *entry; /* of the table looked at last */
	size_t entry_capacity, loaded, overflow;
	bool sound; /* its checksum held */
} athar_ewf_set;

/* Opens every file of the set and reads all but the media. */
athar_status athar_ewf_open(athar_ewf_set *set, const char *path, athar_error *err);
/* Opens what stands of a set that was never finished: all groups of chunks from the first on whose
 * tables hold, up to the first place that is cut off, missing or damaged. media_size is that of
 * their chunks, at most what the volume section says. No error table is looked at. The first file
 * has to be there; without a group in it, media_size is 0. */
athar_status athar_ewf_open_standing(athar_ewf_set *set, const char *path, athar_error *err);
void athar_ewf_close(athar_ewf_set *set);
ATHAR_DEFINE_AUTO_VALUE(ewf_set, athar_ewf_set, athar_ewf_close)

/* Notes the first damage that costs no media. */
void athar_ewf_find(athar_ewf_set *set, const athar_ewf_segment *g, uint64_t at, const char *what);

/* Chunk `index` as it is stored. What cannot be given is chunk->damaged, with why. */
athar_status athar_ewf_fetch(athar_ewf_set *set, uint64_t index, athar_chunk *chunk,
                             athar_error *err);
/* Do the entries of the table hold, and place their chunks one after the other where they can be?
 * Afterwards set->entry has them. */
athar_status athar_ewf_check_table(athar_ewf_set *set, size_t index, bool *sound, athar_error *err);
/* Index of the table that places the chunk. */
size_t athar_ewf_table_of(const athar_ewf_set *set, uint64_t index);

/* Fields out of the text of a header section: 8-bit, or UTF-16 with its byte order mark. */
athar_status athar_ewf_fields(athar_ewf_set *set, const uint8_t *text, size_t len,
                              athar_error *err);

#endif
