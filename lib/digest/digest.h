/* SPDX-License-Identifier: BSD-2-Clause */
/* The room is its public header; this one line lets rooms include it like any other. */
#ifndef ATHAR_DIGEST_DIGEST_H
#define ATHAR_DIGEST_DIGEST_H

#include "athar/digest.h"

/* Makes OpenSSL read its configuration and load its algorithms now. Call it before a process locks
 * itself in; elsewhere the first digester does it. Any number of times, from any thread. */
void athar_digest_prepare(void);
/* A second digester that has taken what `d` has taken: two ways to go on from one place. */
athar_status athar_digester_copy(athar_digester **out, const athar_digester *d, athar_error *err);

/* "3.0.15": of the OpenSSL loaded. */
const char *athar_digest_engine(void);
/* SHA-256 of a buffer, hex. */
athar_status athar_digest_sha256(char hex[65], const void *bytes, size_t len, athar_error *err);
/* The hex form of 32 raw bytes. */
void athar_digest_hex(char hex[65], const uint8_t raw[32]);
/* 64 hex digits, either case, back to 32 bytes; false where they are none. */
bool athar_digest_unhex(uint8_t raw[32], const char *hex);
/* SHA-256 of a buffer, 32 raw bytes; cheap to call often. */
athar_status athar_digest_sha256_raw(uint8_t out[32], const void *bytes, size_t len,
                                     athar_error *err);
/* Of a file of our own. size may be NULL. */
athar_status athar_digest_file(athar_digests *out, uint64_t *size, const char *path,
                               unsigned algorithms, athar_error *err);

#endif
