/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files that Windows has compressed through its overlay filter, WOF ("CompactOS"; compact /exe).
 * NTFS then has an unnamed stream that is one hole, the packed bytes in the stream
 * WofCompressedData, and a reparse point that says how they were packed. In the packed stream a
 * table of offsets comes first, one for each chunk but the first, relative to the table's end: of
 * 32 bits, or of 64 where the file has 4 GiB or more. A chunk that is as long packed as unpacked is
 * stored as it is.
 *
 * Source: MS-FSCC, 2.1.2.1 for the tag; wofapi.h and ntifs.h of the Windows kits for the data; the
 * stream as ntfs-3g-system-compression and wimlib describe it.
 */
#ifndef ATHAR_VOLUME_WOF_H
#define ATHAR_VOLUME_WOF_H

#include "base/idiom.h"

#define ATHAR_WOF_STREAM "WofCompressedData"
#define ATHAR_WOF_CHUNK_MOST ((size_t)32768)

typedef enum athar_wof_packing {
	ATHAR_WOF_XPRESS4K,
	ATHAR_WOF_LZX, /* in chunks of 32 KiB */
	ATHAR_WOF_XPRESS8K,
	ATHAR_WOF_XPRESS16K
} athar_wof_packing;

/* Is this the content of a $REPARSE_POINT (type 0xC0) of WOF's? */
bool athar_wof_is(const uint8_t *reparse, size_t len);

/* What it says. ATHAR_EFORMAT, with a text that can be given as a reason: not WOF's, cut short, of
 * a kind that is not known, or of a file whose content lies in a WIM archive elsewhere. */
athar_status athar_wof_parse(athar_wof_packing *out, const uint8_t *reparse, size_t len,
                             athar_error *err);

/* The packed stream: where its chunks lie, as far as sizes tell. */
typedef struct athar_wof_layout {
	athar_wof_packing packing;
	uint64_t size;   /* of the file */
	uint64_t packed; /* of the packed stream */
	uint64_t chunks; /* 0 for an empty file */
	uint64_t table;  /* bytes of the table */
	uint32_t chunk;  /* bytes of the file in each chunk but the last */
	uint32_t entry;  /* bytes of an entry of the table: 4 or 8 */
} athar_wof_layout;

/* ATHAR_EFORMAT: the packed stream is too short for its table. */
athar_status athar_wof_lay_out(athar_wof_layout *out, athar_wof_packing packing, uint64_t size,
                               uint64_t packed, athar_error *err);

typedef struct athar_wof_chunk {
	uint64_t at;   /* in the packed stream */
	size_t packed; /* bytes there; as many as `size`: stored */
	size_t size;   /* bytes of the file */
} athar_wof_chunk;

/* Gives just len bytes of the packed stream at the offset, or fails. */
typedef athar_status athar_wof_source(void *user, void *buf, size_t len, uint64_t offset,
                                      athar_error *err);

/* Where chunk n lies, n < layout->chunks; one or two entries of the table are read. ATHAR_EFORMAT:
 * not in the stream, empty, or longer than it would be unpacked. */
athar_status athar_wof_locate(athar_wof_chunk *out, const athar_wof_layout *layout, uint64_t n,
                              athar_wof_source *read, void *user, athar_error *err);

/* Delivers the file's bytes; one chunk is kept. Takes some 64 KiB, whatever the sizes are. */
typedef struct athar_wof_reader athar_wof_reader;
athar_status athar_wof_open(athar_wof_reader **out, const athar_wof_layout *layout,
                            athar_wof_source *read, void *user, athar_error *err);
void athar_wof_close(athar_wof_reader *reader);
ATHAR_DEFINE_AUTO(wof_reader, athar_wof_reader *, athar_wof_close)

/* Up to len bytes at any offset, none past the end. Fewer before a chunk that cannot be had: a read
 * at its offset then says why, and reads behind it go on. */
athar_status athar_wof_read(size_t *got, athar_wof_reader *reader, void *buf, size_t len,
                            uint64_t offset, athar_error *err);

#endif
