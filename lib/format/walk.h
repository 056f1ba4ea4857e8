/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the formats share: a walk through a file that grows into a claim.
 *
 * A format begins its walk once the header checks out, proves one place after the other, and closes
 * it where the structure does. On the way two things can go wrong. A stop: the walk cannot go on,
 * and the function that met it returns ATHAR_EFORMAT, which nobody between it and measure() has to
 * look at. A flaw: something does not hold, but the structure leads on; then all the rest is
 * measured, and the grade is partial whatever comes. The end of the range is a stop as well
 * (ATHAR_EOF, from the reader).
 */
#ifndef ATHAR_FORMAT_WALK_H
#define ATHAR_FORMAT_WALK_H

#include "format/format.h"

typedef struct athar_walk {
	athar_reader *in;
	athar_claim *claim;
	bool flawed;
} athar_walk;

/* An empty claim: not ours. */
void athar_walk_init(athar_walk *w, athar_claim *claim, athar_reader *in);
/* The file is ours; its first `at` bytes are proven to be a header. May be called again for a
 * header that goes on. */
void athar_walk_begin(athar_walk *w, uint64_t at);
/* The file reaches to `at` at least, and unless there is a flaw all before it is proven. */
void athar_walk_prove(athar_walk *w, uint64_t at);
/* The same without the proof: the structure leads to `at`. */
void athar_walk_reach(athar_walk *w, uint64_t at);
/* Something between the proven place and `at` does not hold; only the first flaw is told. */
void athar_walk_flaw(athar_walk *w, const char *why, ...) ATHAR_PRINTF(2, 3);
/* Returns ATHAR_EFORMAT. */
athar_status athar_walk_stop(athar_walk *w, const char *why, ...) ATHAR_PRINTF(2, 3);
/* The end is at `length`, exactly. */
void athar_walk_close(athar_walk *w, athar_grade grade, uint64_t length, const char *why, ...)
	ATHAR_PRINTF(4, 5);
/* Notes something of the content: a key of lower case letters, digits and '_', and its value. One
 * key is noted once, an empty value never; what is more than ATHAR_ITEM_FIELDS is dropped. */
void athar_walk_field(athar_walk *w, const char *key, const char *value, ...) ATHAR_PRINTF(3, 4);
/* The same with bytes of the evidence, up to the first NUL: UTF-8 where they are valid as such,
 * else each byte is a character of Latin-1. Control characters become spaces, those at the ends go.
 */
void athar_walk_field_bytes(athar_walk *w, const char *key, const uint8_t *bytes, size_t len);

/* What measure() returns: stops and the end of the range have become a claim. */
athar_status athar_walk_settle(athar_walk *w, athar_status status, athar_error *err);

/* Bytes in order, fetched in large pieces. Whoever asks the reader for anything else in between
 * calls athar_stream_seek before going on, since pieces are borrowed. */
typedef struct athar_stream {
	athar_reader *in;
	const uint8_t *next, *end;
	uint64_t at;  /* of *end */
	size_t piece; /* how much to fetch next: little after a seek, more as it goes on */
} athar_stream;

void athar_stream_seek(athar_stream *s, athar_reader *in, uint64_t at);
/* Offset of the next byte. */
static inline uint64_t athar_stream_at(const athar_stream *s)
{
	return s->at - (uint64_t)(s->end - s->next);
}
/* Makes next < end; ATHAR_EOF where nothing follows. */
athar_status athar_stream_fill(athar_stream *s, athar_error *err);
static inline athar_status athar_stream_byte(uint8_t *out, athar_stream *s, athar_error *err)
{
	if (s->next == s->end)
		ATHAR_TRY(athar_stream_fill(s, err));
	*out = *s->next++;
	return ATHAR_OK;
}
/* len may be anything; what lies past the end shows with the next byte. */
void athar_stream_skip(athar_stream *s, uint64_t len);

/* CRC-32 over [at, at + len), which may be any length. */
athar_status athar_walk_crc(uint32_t *crc, athar_reader *in, uint64_t at, uint64_t len,
                            athar_error *err);

#endif
