/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A format that proves pieces: it is fed the bytes of a file in their order and says as soon as it
 * can that they cannot be right. Its state can be copied, so that of ten thousand candidates for
 * the next block each costs its own bytes only, and not the whole file again.
 */
#ifndef ATHAR_FORMAT_VALIDATOR_H
#define ATHAR_FORMAT_VALIDATOR_H

#include "athar/error.h"
#include "base/idiom.h"

typedef enum athar_verdict {
	ATHAR_VERDICT_MORE, /* nothing is wrong so far */
	ATHAR_VERDICT_END,  /* the file ends here, whole */
	ATHAR_VERDICT_WRONG /* these bytes cannot follow those before */
} athar_verdict;

typedef struct athar_fed {
	athar_verdict verdict;
	uint64_t proven;   /* all bytes of the file before this are proven to belong together, by a
	                      checksum or by a full parse that chance cannot pass */
	uint64_t followed; /* where the next byte goes; when wrong: where it showed */
	uint64_t end;      /* of the file, when it ends */
	uint64_t need; /* nothing wrong can show before this place, since no byte is looked at but
	                  for a checksum; followed: at once */
	uint64_t work; /* done so far beyond looking at each byte once (unpacking), in bytes */
	bool lost;     /* nothing behind the proven place can be proven any more */
} athar_fed;

typedef struct athar_validator {
	const char *format; /* name */
	/* A file's state before its first byte. Its memory is bounded whatever is fed. */
	athar_status (*begin)(void **state, athar_error *err);
	athar_status (*copy)(void **out, const void *state, athar_error *err);
	void (*release)(void *state); /* takes NULL */
	/* The next bytes, in pieces of any size. Wrong bytes are no failure: only ATHAR_ENOMEM is.
	 * After WRONG or END it is not fed again. */
	athar_status (*feed)(athar_fed *out, void *state, const uint8_t *bytes, size_t len,
	                     athar_error *err);
	/* NULL, or: *at becomes the place in the file where the format's next landmark (a chunk, a
	 * member) must begin, at or behind `followed`. False: it is not known yet. */
	bool (*next)(uint64_t *at, const void *state);
} athar_validator;

/* NULL: the format has none. */
const athar_validator *athar_validator_find(const char *format);

#endif
