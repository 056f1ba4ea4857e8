/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hash of a block of the medium: SHA-256. Much of a medium is zeros, whose hash is known.
 */
#ifndef ATHAR_ENGINE_BLOCKHASH_H
#define ATHAR_ENGINE_BLOCKHASH_H

#include "athar/error.h"

/* The block hashes of athar are of blocks of this size. */
#define ATHAR_BLOCK_SIZE (1u << 20)

/* 32 raw bytes. Any thread. */
athar_status athar_block_hash(uint8_t out[32], const uint8_t *block, size_t len, athar_error *err);

#endif
