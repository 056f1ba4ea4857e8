/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One pass over a source: hashes of the whole, a SHA-256 of each block, what could not be read.
 * Stored chunks are unpacked by the workers.
 */
#ifndef ATHAR_ENGINE_PASS_H
#define ATHAR_ENGINE_PASS_H

#include "athar/source.h"
#include "athar/watcher.h"
#include "base/idiom.h"

/* The block hashes of athar are of blocks of this size. */
#define ATHAR_BLOCK_SIZE (1u << 20)

typedef struct athar_pass_spec {
	athar_source *source;
	uint64_t size;   /* bytes to take: true bytes of a padded image; UINT64_MAX: all */
	unsigned hashes; /* mask; 0: none */
	unsigned threads;
	/* Each block in order, its last one short; NULL: not wanted. `hash` is NULL unless
	 * block_hashes. */
	athar_status (*block)(void *user, uint64_t offset, const uint8_t *data, size_t len,
	                      const uint8_t hash[32], athar_error *err);
	bool block_hashes;
	void *user;
	const char *phase;
	const athar_watcher *watcher;
} athar_pass_spec;

typedef struct athar_pass {
	athar_digests hashes;
	athar_runs bad; /* damaged since the image was made; zeros stood in for them */
	char why[120];  /* of the first damaged chunk; "" */
	uint64_t bytes;
} athar_pass;

athar_status athar_pass_run(athar_pass *out, const athar_pass_spec *spec, athar_error *err);
void athar_pass_clear(athar_pass *pass);
ATHAR_DEFINE_AUTO_VALUE(pass, athar_pass, athar_pass_clear)

/* Workers to use for `threads` of a context (0: one a processor). */
unsigned athar_pass_workers(unsigned threads);

#endif
