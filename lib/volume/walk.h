/* SPDX-License-Identifier: BSD-2-Clause */
/* The state of one walk over a volume. */
#ifndef ATHAR_VOLUME_WALK_H
#define ATHAR_VOLUME_WALK_H

#include "volume/seen.h"
#include "volume/trash.h"
#include "volume/usn.h"
#include "volume/volume_state.h"

#define ATHAR_WALK_DEPTH 64
#define ATHAR_WALK_FILES UINT64_C(10000000)

/* A live folder that holds deleted names: they are given after all live files. */
typedef struct athar_walk_later {
	uint64_t address;
	size_t path, path_len; /* in athar_walk.paths */
} athar_walk_later;

struct athar_ntfs_present;

typedef struct athar_walk {
	athar_volume *volume;
	const athar_volume_walk *to;
	athar_volume_counts *counts;
	uint8_t *path; /* of what is being given */
	size_t path_len, path_capacity;
	unsigned depth;
	athar_seen folders;         /* entered already */
	athar_seen given;           /* addresses that were given as deleted or orphaned */
	athar_seen recovered;       /* addresses of which the journal knows more than is left */
	athar_seen recovered_names; /* athar_walk_name_key() of the names it gave */
	athar_walk_later *later;
	size_t later_count, later_capacity;
	uint8_t *paths;
	size_t paths_len, paths_capacity;
	uint64_t beats, entries;
	athar_usn usn;                     /* NTFS: deletions by its journal of changes */
	athar_trash trash;                 /* live files in recycle bins */
	const athar_item_time *deleted_at; /* of what is being given; NULL: not known */
	athar_seen uses; /* NTFS: athar_ntfs_ref_key of what was given as deleted or orphaned */
	struct athar_ntfs_present *present; /* NTFS: the table of files; NULL until it is known */
	uint64_t left_out;                  /* orphans that cannot be what they seem */
	bool has_orphans;                   /* libtsk knows of orphans here */
	bool named_only;                    /* they are not to be given */
	bool full;                          /* a bound was reached */
} athar_walk;

/* Tells the walk's user what could not be looked at; the path at hand is added after `format`'s
 * text when with_path. */
athar_status athar_walk_finding(athar_walk *w, bool with_path, athar_error *err, const char *format,
                                ...) ATHAR_PRINTF(4, 5);

/* Gives a file under the path at hand as it is: what live files own is added to `reused`
 * here, the rest is the caller's. What could be told and what is folder, deleted and orphan is
 * counted. */
athar_status athar_walk_hand_over(athar_walk *w, athar_volume_file *file, athar_error *err);

/* The same for content that lies inside metadata, whose blocks are in use whatever they hold:
 * `reused` is the caller's. */
athar_status athar_walk_hand_over_inside(athar_walk *w, athar_volume_file *file, athar_error *err);

/* A number for an address under the path at hand; address 0: for the path. */
uint64_t athar_walk_name_key(const athar_walk *w, uint64_t address);

/* Sets the path at hand to these raw bytes, which may have '/' in them; or adds one component. */
athar_status athar_walk_path(athar_walk *w, const uint8_t *path, size_t len, athar_error *err);
athar_status athar_walk_push(athar_walk *w, const uint8_t *name, size_t len, athar_error *err);

/* Work that gives no file for long shows that it goes on. */
athar_status athar_walk_beat(athar_walk *w, athar_error *err);
/* The same as a callback: `walk` is an athar_walk. */
athar_status athar_walk_beat_of(void *walk, athar_error *err);

/* Reads what the walk looks through. What cannot be had is zeros, and counted: it ends no walk. */
athar_status athar_walk_read(athar_walk *w, athar_source *source, void *buf, size_t len,
                             uint64_t at, size_t *got, athar_error *err);

/* Something to be known, though nothing was missed. */
athar_status athar_walk_note(athar_walk *w, const char *text, athar_error *err);

/* Gives a file, each of its streams, or a folder, under the path at hand. */
athar_status athar_walk_give(athar_walk *w, TSK_FS_FILE *tsk, athar_state state, athar_error *err);

#endif
