/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where an image goes: one folder or two. Each has an image being made and the list of its block
 * hashes. Both get the same packed chunks; one that fails is left behind and does not stop the
 * other.
 */
#ifndef ATHAR_ENGINE_OUTLET_H
#define ATHAR_ENGINE_OUTLET_H

#include "image/sink.h"

#define ATHAR_OUTLETS 2

typedef struct athar_outlet {
	char *folder; /* owned */
	athar_sink *sink;
	FILE *blocks;
	char *blocks_path;
	athar_error failed; /* why nothing more goes here; status ATHAR_OK while it works */
	bool told;
} athar_outlet;

typedef struct athar_outlets {
	athar_outlet one[ATHAR_OUTLETS];
	size_t count;
} athar_outlets;

/* Where the block hashes of `name` stand in a folder. */
char *athar_outlet_blocks_path(const char *folder, const char *name, athar_error *err);

/* Adds one, and makes its files. spec->folder is copied. */
athar_status athar_outlet_new(athar_outlets *o, const athar_sink_driver *driver,
                              const athar_sink_spec *spec, athar_error *err);
/* Adds one that goes on behind the first `keep` bytes of what stands. The list of hashes is cut
 * behind those of the first `listed` bytes. */
athar_status athar_outlet_resume(athar_outlets *o, const athar_sink_driver *driver,
                                 const athar_sink_spec *spec, uint64_t keep, uint64_t listed,
                                 athar_error *err);

/* Each of these goes to all that work, and fails when none is left, with the first one's failure.
 */
athar_status athar_outlets_put(athar_outlets *o, const athar_chunk *chunk, athar_error *err);
/* Where the form of the image allows it. */
athar_status athar_outlets_write_at(athar_outlets *o, const void *bytes, size_t len,
                                    uint64_t offset, athar_error *err);
athar_status athar_outlets_line(athar_outlets *o, uint64_t offset, const uint8_t hash[32],
                                athar_error *err);
/* All of it is on the disk afterwards, so that a cut power loses nothing before this place. */
athar_status athar_outlets_checkpoint(athar_outlets *o, athar_error *err);
athar_status athar_outlets_set_size(athar_outlets *o, uint64_t size, athar_error *err);
athar_status athar_outlets_commit(athar_outlets *o, const athar_digests *media,
                                  const athar_runs *bad, athar_error *err);
/* A bit for each that failed while the other goes on; 0 where none or all failed. */
unsigned athar_outlets_behind(const athar_outlets *o);
/* The first one that works; NULL: none does. */
athar_outlet *athar_outlets_working(athar_outlets *o);
/* Those that do not get the whole image are told of, each once. On the thread of the caller. */
void athar_outlets_tell(athar_outlets *o, const athar_watcher *watcher);

/* keep: what stands is left for a later resume; else what was not committed is removed. */
void athar_outlets_close(athar_outlets *o, bool keep);

#endif
