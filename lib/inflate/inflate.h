/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deflate and inflate: ISA-L where athar was built with it, zlib otherwise. All functions are pure
 * and may run in any number of threads, each with its own packer.
 */
#ifndef ATHAR_INFLATE_INFLATE_H
#define ATHAR_INFLATE_INFLATE_H

#include "athar/acquire.h"
#include "athar/error.h"

/* State of one thread's compressor. */
typedef struct athar_packer athar_packer;
athar_status athar_packer_new(athar_packer **out, athar_compression level, athar_error *err);
void athar_packer_free(athar_packer *p);

/* A zlib stream (RFC 1950) of `in`, at most `cap` bytes; 0 when it would not get smaller than
 * `len`, or when a byte histogram says trying is in vain. The same input gives the same stream,
 * whatever went before, for one build on one kind of processor: ISA-L has code for each. Zeros go
 * through zlib and are remembered: their stream is the same on all. */
size_t athar_packer_deflate(athar_packer *p, uint8_t *out, size_t cap, const uint8_t *in,
                            size_t len);

/* One whole zlib stream into at most cap bytes. ATHAR_EFORMAT when it is damaged (its Adler-32 is
 * checked) or would be longer. *len is what came out. Bytes after the stream's end are passed over.
 */
athar_status athar_inflate_zlib(uint8_t *out, size_t cap, size_t *len, const uint8_t *in,
                                size_t in_len, athar_error *err);

/* One whole raw stream (RFC 1951) into new memory, yours to free, that grows to at most `most`
 * bytes (ATHAR_ELIMIT beyond). ATHAR_EFORMAT when it is damaged or cut. *used: bytes of `in` that
 * belong to it; what follows is passed over. */
athar_status athar_inflate_whole(uint8_t **out, size_t *len, size_t *used, const uint8_t *in,
                                 size_t in_len, size_t most, athar_error *err);

/* Raw deflate (RFC 1951), streaming, for members of archives: the output is only summed. */
typedef struct athar_inflater athar_inflater;
athar_status athar_inflater_new(athar_inflater **out, athar_error *err);
void athar_inflater_free(athar_inflater *x);
void athar_inflater_reset(athar_inflater *x);
/* One more in the same place of the same stream. */
athar_status athar_inflater_copy(athar_inflater **out, const athar_inflater *x, athar_error *err);
typedef struct athar_inflated {
	uint64_t consumed; /* bytes of input that belong to the stream so far */
	uint64_t produced;
	uint32_t crc32;   /* of what was produced */
	uint32_t adler32; /* likewise */
	bool ended;       /* the final block has closed */
} athar_inflated;
/* Feeds input and adds to *sum (zero it first). Output is discarded after summing. Input after the
 * end is not consumed. ATHAR_EFORMAT for a damaged stream, ATHAR_ELIMIT when more than max_out
 * came. */
athar_status athar_inflater_feed(athar_inflater *x, athar_inflated *sum, const uint8_t *in,
                                 size_t len, uint64_t max_out, athar_error *err);

/* Sees what came out; false: it cannot be right. */
typedef bool athar_inflater_sink(void *user, const uint8_t *bytes, size_t len);
/* Feeds at most 1 GiB of input and shows the output in small pieces. ATHAR_EFORMAT for a damaged
 * stream, and when the sink refused. */
athar_status athar_inflater_show(athar_inflater *x, athar_inflated *sum, const uint8_t *in,
                                 size_t len, athar_inflater_sink *sink, void *user,
                                 athar_error *err);

uint32_t athar_adler32(uint32_t adler, const void *bytes, size_t len); /* start with 1 */
uint32_t athar_crc32(uint32_t crc, const void *bytes,
                     size_t len); /* as in ZIP, PNG; start with 0 */

/* "isa-l 2.30.0, zlib 1.2.13" or "zlib 1.2.13": whose deflate it is; goes into the record. */
const char *athar_inflate_engine(void);

#endif
