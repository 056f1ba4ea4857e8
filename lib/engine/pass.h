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
#include "engine/blockhash.h"
#include "engine/taps.h"

typedef struct athar_pass_spec {
	athar_source *source;
	uint64_t start;   /* where to begin: a multiple of ATHAR_BLOCK_SIZE */
	uint64_t size;    /* where to end: true bytes of a padded image; UINT64_MAX: all */
	unsigned hashes;  /* mask; 0: none */
	athar_taps *taps; /* instead of `hashes`: what these took before goes on */
	unsigned threads;
	/* Each block in order, its last one short; NULL: not wanted. `hash` is NULL unless
	 * block_hashes. */
	athar_status (*block)(void *user, uint64_t offset, const uint8_t *data, size_t len,
	                      const uint8_t hash[32], athar_error *err);
	bool block_hashes;
	/* What the next block's hash has to be; called in order, on one thread. False: it is not
	 * known, and the pass ends before that block. It also ends before the first block that is
	 * damaged or has another hash: no tap has seen it then. NULL: not wanted. */
	bool (*expected)(void *user, uint64_t offset, uint8_t hash[32]);
	void *user;
	const char *phase;
	const athar_watcher *watcher;
} athar_pass_spec;

#define ATHAR_PASS_WHYS 20

typedef struct athar_pass {
	athar_digests hashes;
	athar_runs bad; /* damaged since the image was made; zeros stood in for them */
	bool coarse;    /* the last range of bad holds good bytes too: see athar_damage_add */
	/* Of the first ranges of bad; "" past them and where nothing is to say. Of one that joins
	 * several chunks it is that of the first. */
	char why[ATHAR_PASS_WHYS][120];
	uint64_t bytes; /* all before this place was taken */
} athar_pass;

/* Ranges kept apart: 24 MiB. */
#define ATHAR_DAMAGE_MOST 1000000u

/* Adds a range behind those that are there. Past the bound it is joined to the last one, with what
 * lies between them: *coarse becomes true. */
athar_status athar_damage_add(athar_runs *runs, bool *coarse, uint64_t offset, uint64_t length,
                              athar_run_kind kind, athar_error *err);

athar_status athar_pass_run(athar_pass *out, const athar_pass_spec *spec, athar_error *err);
void athar_pass_clear(athar_pass *pass);
ATHAR_DEFINE_AUTO_VALUE(pass, athar_pass, athar_pass_clear)

/* Workers to use for `threads` of a context (0: one a processor). */
unsigned athar_pass_workers(unsigned threads);

#endif
