/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A set of known hashes, compiled into one file that is looked up where it lies: fifty million of
 * them cost no memory of their own and about a microsecond a question.
 *
 *     0    "athar known set\n"
 *     16   version (1), number of origins, 4 bytes each
 *     24   when it was made, 8 bytes, seconds since 1970
 *     32   size of the file, 8 bytes
 *     40   for md5, sha1, sha256: offset of its part, number of its hashes, 8 bytes each
 *     88   for the same: bits of its index, 4 bytes each
 *     128  the origins, 256 bytes each: what lists it came from
 *     ...  the parts: an index of 2^bits + 1 numbers of 8 bytes, where the hashes that begin with
 *          each value of these bits lie; then the hashes in order, each with a byte for its
 *          category behind it
 *     end  SHA-256 of all before
 *
 * Numbers are little-endian. What a set holds is checked as a whole when it is opened, so that a
 * set that opens is one that was written.
 */
#ifndef ATHAR_DIGEST_HASH_SET_H
#define ATHAR_DIGEST_HASH_SET_H

#include "athar/watcher.h"
#include "base/idiom.h"

#define ATHAR_HASH_SET_MAGIC "athar known set\n"
#define ATHAR_HASH_NO_CATEGORY 0xFFu
#define ATHAR_HASH_ORIGINS 1024u

/* A list that a set came from. */
typedef struct athar_hash_origin {
	char name[160]; /* of its file */
	char sha256[65];
	uint64_t entries; /* before those that are there twice were dropped */
	uint64_t unread;  /* lines that were not understood */
	int64_t date;     /* as its file has it */
} athar_hash_origin;

/* ---- looking up ---- */

typedef struct athar_hash_set athar_hash_set;

/* Of an open file, which may be closed afterwards; name is what messages call it. ATHAR_EFORMAT:
 * cut off, changed or none. ATHAR_ECANCELED where the watcher says so. */
athar_status athar_hash_set_open(athar_hash_set **out, int fd, const char *name,
                                 const athar_watcher *watcher, athar_error *err);
/* Takes back what forked processes need not have, too: they never see it. */
void athar_hash_set_close(athar_hash_set *set);
ATHAR_DEFINE_AUTO(hash_set, athar_hash_set *, athar_hash_set_close)

/* One hash of the algorithm's length. *category, which may be NULL: 0 to 254, or
 * ATHAR_HASH_NO_CATEGORY. */
bool athar_hash_set_has(uint8_t *category, const athar_hash_set *set, unsigned algorithm,
                        const uint8_t *hash);
/* Any of those that digests has. */
bool athar_hash_set_find(uint8_t *category, const athar_hash_set *set,
                         const athar_digests *digests);
/* Mask of those it has hashes of. */
unsigned athar_hash_set_algorithms(const athar_hash_set *set);
/* Hashes of one algorithm, or of several together. */
uint64_t athar_hash_set_count(const athar_hash_set *set, unsigned algorithms);
size_t athar_hash_set_origins(const athar_hash_set *set);
athar_hash_origin athar_hash_set_origin(const athar_hash_set *set, size_t index);
/* Hex, of the whole file. */
const char *athar_hash_set_sha256(const athar_hash_set *set);
int64_t athar_hash_set_made(const athar_hash_set *set);

/* ---- making one ---- */

typedef struct athar_hash_maker athar_hash_maker;

/* Working files lie nameless in the folder; memory stays below about 300 MiB. */
athar_status athar_hash_maker_new(athar_hash_maker **out, const char *folder, athar_error *err);
void athar_hash_maker_free(athar_hash_maker *maker);
ATHAR_DEFINE_AUTO(hash_maker, athar_hash_maker *, athar_hash_maker_free)

/* In any order, any number of times; of several categories of one hash the lowest is kept. */
athar_status athar_hash_maker_add(athar_hash_maker *maker, unsigned algorithm, const uint8_t *hash,
                                  uint8_t category, athar_error *err);
/* All that another set has. */
athar_status athar_hash_maker_add_set(athar_hash_maker *maker, const athar_hash_set *set,
                                      athar_error *err);
athar_status athar_hash_maker_origin(athar_hash_maker *maker, const athar_hash_origin *origin,
                                     athar_error *err);
/* The whole set, to an empty file that can be read too. Nothing can be added after it. The same
 * entries give the same bytes. ATHAR_ELIMIT for what cannot be hashes: too many begin alike. */
athar_status athar_hash_maker_write(athar_hash_maker *maker, int fd, const char *name, int64_t made,
                                    const athar_watcher *watcher, athar_error *err);

/* Numbers of these bits, for both sides. */
typedef struct athar_hash_layout {
	uint32_t origins;
	int64_t made;
	uint64_t size;
	struct {
		uint64_t offset, count;
		uint32_t bits;
	} part[3]; /* md5, sha1, sha256: the number of the algorithm's bit */
} athar_hash_layout;

#define ATHAR_HASH_PARTS 3u
#define ATHAR_HASH_HEAD 128u
#define ATHAR_HASH_ORIGIN 256u

/* Bytes of a hash; of its record one more. */
size_t athar_hash_width(unsigned part);
/* The first `bits` of a hash, at most 24. */
uint32_t athar_hash_prefix(const uint8_t *hash, uint32_t bits);
/* A nameless file there that can be written and read; -1 with *err set. */
int athar_hash_nameless(const char *folder, athar_error *err);

#endif
