/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a source into an image: hashes, block hashes, chunks packed by the workers, written in
 * order. An image is made in legs, one behind the other: what stands from an earlier run, what a
 * healthy medium gives, what was rescued of a sick one. The hashes go through all of them.
 */
#ifndef ATHAR_ENGINE_IMAGING_H
#define ATHAR_ENGINE_IMAGING_H

#include "athar/watcher.h"
#include "base/idiom.h"
#include "engine/medium.h"
#include "engine/outlet.h"
#include "engine/taps.h"

/* A power cut costs at most so much. */
#define ATHAR_CHECKPOINT (UINT64_C(256) << 20)

typedef struct athar_imaging {
	athar_outlets outlets;
	const athar_sink_driver *driver;
	athar_compression compression;
	unsigned threads;
	const athar_watcher *watcher;
	/* After each checkpoint, on the thread that stores; NULL: nothing. */
	athar_status (*stored)(void *user, athar_error *err);
	void (*watch)(void *user); /* about ten times a second, on the caller's thread; or NULL */
	void *user;

	uint64_t size;   /* true bytes; ATHAR_MEDIA_UNKNOWN until the end of a pipe was met */
	bool streamed;   /* the size comes last */
	uint64_t at;     /* all before this place is hashed and stored */
	uint32_t sector; /* of an E01, whose media are whole ones; 0: any size will do */
	athar_runs bad;
	athar_taps taps;

	athar_digests hashes; /* of the true bytes; what could not be read as zeros */
	athar_digests padded; /* of the media as the container has it, where it was padded */
} athar_imaging;

/* One leg, from m->at on. */
typedef struct athar_leg {
	athar_source *source; /* whatever it cannot give is zeros, and bad */
	athar_medium *medium; /* instead: the leg ends before the first block that fails */
	uint64_t until;       /* where it ends at the latest */
	const char *phase;
	athar_attempt ended; /* of a medium: how its last read ended */
	size_t good;         /* then: so many bytes from m->at on are in medium->spare */
} athar_leg;

athar_status athar_imaging_begin(athar_imaging *m, unsigned hashes, athar_error *err);
/* Reads, packs, stores. */
athar_status athar_imaging_copy(athar_imaging *m, athar_leg *leg, athar_error *err);
/* What stands in the image already, read from there: up to the first block that is not what the
 * list of hashes says, or to `until`. */
athar_status athar_imaging_stands(athar_imaging *m, athar_source *standing, FILE *list,
                                  uint64_t until, athar_error *err);
/* The same of a second image, whose hashes nobody needs: how far it stands. */
athar_status athar_imaging_measure(uint64_t *out, const athar_imaging *m, athar_source *standing,
                                   FILE *list, athar_error *err);
/* What stands in the image although it came in no order: all of it, its hashes are listed now. Of
 * `lacking` there are zeros. */
athar_status athar_imaging_list(athar_imaging *m, athar_source *standing, const athar_runs *lacking,
                                athar_error *err);
/* When all is there: the hashes, and the image is committed. */
athar_status athar_imaging_end(athar_imaging *m, athar_error *err);
/* keep: what stands is left for a later run. */
void athar_imaging_close(athar_imaging *m, bool keep);

#endif
