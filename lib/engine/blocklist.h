/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The block hashes that acquire leaves beside an image (NAME.sha256), read in order: one line a
 * block of ATHAR_BLOCK_SIZE, the SHA-256 and the block's offset.
 */
#ifndef ATHAR_ENGINE_BLOCKLIST_H
#define ATHAR_ENGINE_BLOCKLIST_H

#include "base/idiom.h"

typedef struct athar_block_list {
	FILE *file; /* NULL: none is open */
	bool ended; /* a block was asked for that it does not have */
} athar_block_list;

/* ATHAR_EFORMAT for what is no regular file: a case that came from elsewhere may hold anything
 * under that name, and a pipe would never answer. */
athar_status athar_block_list_open(athar_block_list *out, const char *path, athar_error *err);
/* The same for a file that may not be one of ours; it must begin as they do. */
athar_status athar_block_list_open_known(athar_block_list *out, const char *path, athar_error *err);
/* The hash of the block at `offset`, which is the next one; false: the list has no such line. */
bool athar_block_list_next(char hex[65], athar_block_list *list, uint64_t offset);
/* Is there anything behind what was read? */
bool athar_block_list_more(athar_block_list *list);
void athar_block_list_close(athar_block_list *list);
ATHAR_DEFINE_AUTO_VALUE(block_list, athar_block_list, athar_block_list_close)

#endif
