/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several hashes in one pass over the data (OpenSSL EVP).
 */
#ifndef ATHAR_DIGEST_H
#define ATHAR_DIGEST_H

#include "athar/error.h"
#include "athar/json.h"

ATHAR_BEGIN

/* Bits of a mask. */
enum {
	ATHAR_MD5 = 1u << 0,
	ATHAR_SHA1 = 1u << 1,
	ATHAR_SHA256 = 1u << 2,
	ATHAR_SHA512 = 1u << 3,
	ATHAR_BLAKE2B = 1u << 4 /* BLAKE2b-512 */
};
#define ATHAR_DIGEST_ALL 0x1Fu
#define ATHAR_DIGEST_COUNT 5
#define ATHAR_DIGEST_MAX_SIZE 64

typedef struct athar_digester athar_digester;

/* ATHAR_EREFUSED with a clear line when OpenSSL has an algorithm switched off (FIPS). */
ATHAR_API ATHAR_MUST athar_status athar_digester_new(athar_digester **out, unsigned algorithms,
                                                     athar_error *err);
ATHAR_API ATHAR_MUST athar_status athar_digester_update(athar_digester *d, const void *bytes,
                                                        size_t len, athar_error *err);
ATHAR_API void athar_digester_free(athar_digester *d);

/* The values, hex lower case; empty string for an algorithm that was not asked for. */
typedef struct athar_digests {
	unsigned algorithms;
	char hex[ATHAR_DIGEST_COUNT][2 * ATHAR_DIGEST_MAX_SIZE + 1]; /* index: the bit's number */
} athar_digests;

/* Ends the pass; the digester can then only be freed. */
ATHAR_API ATHAR_MUST athar_status athar_digester_finish(athar_digests *out, athar_digester *d,
                                                        athar_error *err);

ATHAR_API const char *athar_digests_get(const athar_digests *digests, unsigned algorithm);
/* Sets one value; false when hex has not the algorithm's length or is no hex. Case is folded. */
ATHAR_API bool athar_digests_set(athar_digests *digests, unsigned algorithm, const char *hex);
/* {"md5":"...","sha256":"..."} and back; members that are no known algorithm are passed over. */
ATHAR_API athar_json *athar_digests_to_json(const athar_digests *digests);
ATHAR_API void athar_digests_from_json(athar_digests *out, const athar_json *object);

/* "md5", "sha1", "sha256", "sha512", "blake2b"; NULL for no single known bit. */
ATHAR_API const char *athar_digest_name(unsigned algorithm);
/* Length of the hex form. */
ATHAR_API size_t athar_digest_hex_length(unsigned algorithm);
/* "md5,sha256" to a mask; ATHAR_EUSAGE names the word that is none. */
ATHAR_API ATHAR_MUST athar_status athar_digest_parse(unsigned *out, const char *list,
                                                     athar_error *err);

ATHAR_END

#endif
