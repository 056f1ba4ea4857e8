/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lists of hashes as others write them: sha256sum and its sisters (also --tag), hashdeep.
 */
#ifndef ATHAR_ENGINE_HASHLIST_H
#define ATHAR_ENGINE_HASHLIST_H

#include "base/idiom.h"

typedef struct athar_hash_entry {
	char *name; /* as the list has it, unescaped */
	athar_digests digests;
} athar_hash_entry;

typedef struct athar_hash_list {
	athar_hash_entry *entry;
	size_t count, capacity;
	unsigned algorithms; /* that occur */
} athar_hash_list;

/* ATHAR_EFORMAT when no line is one of a list; lines that are not (comments) are passed over. */
athar_status athar_hash_list_parse(athar_hash_list *out, const char *text, size_t len,
                                   athar_error *err);
/* ATHAR_EFORMAT: not a list; a file over 16 MiB never is. */
athar_status athar_hash_list_load(athar_hash_list *out, const char *path, athar_error *err);
void athar_hash_list_clear(athar_hash_list *list);
ATHAR_DEFINE_AUTO_VALUE(hash_list, athar_hash_list, athar_hash_list_clear)

/* The algorithms whose hex has this length: SHA-512 and BLAKE2b are equally long; 0: none. */
unsigned athar_hash_guess(const char *hex, size_t len);
/* One value for all of them; false when it is no hex. */
bool athar_hash_set(athar_digests *out, unsigned algorithms, const char *hex);
/* Of a value that could be SHA-512 or BLAKE2b, keeps what `computed` shows it to be; SHA-512 where
 * neither fits. */
void athar_hash_settle(athar_digests *given, const athar_digests *computed);

#endif
