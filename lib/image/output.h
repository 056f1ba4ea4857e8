/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The files of an image being made: one after the other, written through a buffer, on the disk when
 * asked, and in a second folder when the first one is full.
 *
 * Writes go to fixed places. So a call that fails changes nothing: what did not reach the file is
 * still in the buffer, and the same call can be made again, perhaps with more room.
 */
#ifndef ATHAR_IMAGE_OUTPUT_H
#define ATHAR_IMAGE_OUTPUT_H

#include "athar/error.h"

#define ATHAR_OUTPUT_BUFFER (UINT32_C(1) << 18)

typedef struct athar_output {
	const char *folder, *name; /* borrowed; what the names of all files begin with */
	char *spill;               /* absolute; NULL: there is none */
	bool spilling;             /* further files are made there */
	bool full;                 /* the reserve is used up */
	bool lost;                 /* something was written and could not be brought to the disk */
	bool unnamed;              /* the folder does not hold the file's name for good yet */
	int fd;                    /* of the file being written; -1: none */
	char *path;                /* where it really is */
	uint64_t flushed;          /* bytes of it that are in the file */
	uint64_t pushed;           /* of these, what is on its way to the disk */
	uint8_t *buffer;
	size_t used;
	char *reserve; /* path of the reserve while there is one */
} athar_output;

/* `spill` may be NULL; ATHAR_EUSAGE where it is no folder. */
athar_status athar_output_open(athar_output *o, const char *folder, const char *name,
                               const char *spill, athar_error *err);
/* Gives back the reserve and the memory; files stay as they are, and what is in the buffer is
 * lost. Any number of times. */
void athar_output_close(athar_output *o);

/* Begins the file of this name. In the spill folder it gets a link from the first one, so that
 * every tool sees one set. ATHAR_EREFUSED where something has the name. */
athar_status athar_output_create(athar_output *o, const char *name, athar_error *err);
/* Goes on with a file that is there, behind its first `size` bytes; what is behind them goes. It
 * may be a link that athar_output_create made. */
athar_status athar_output_reopen(athar_output *o, const char *name, uint64_t size,
                                 athar_error *err);
/* Where the next byte goes. */
uint64_t athar_output_at(const athar_output *o);

/* Room for `len` bytes (at most ATHAR_OUTPUT_BUFFER), which can then be put without a failure. */
athar_status athar_output_room(athar_output *o, size_t len, athar_error *err);
void athar_output_put(athar_output *o, const void *bytes, size_t len);
/* Any number of bytes, past the buffer where they are many. */
athar_status athar_output_write(athar_output *o, const void *bytes, size_t len, athar_error *err);
/* In place of bytes that were put before. */
athar_status athar_output_patch(athar_output *o, const void *bytes, size_t len, uint64_t at,
                                athar_error *err);
/* All that was put is in the file. */
athar_status athar_output_flush(athar_output *o, athar_error *err);
/* It is on the disk, and so is the file's name. */
athar_status athar_output_sync(athar_output *o, athar_error *err);
/* The same, and the file is closed. */
athar_status athar_output_finish(athar_output *o, athar_error *err);

/* Keeps a few MiB back in the folder where files are made now, in a file named .reserve (in a spill
 * folder, which others may use too, .NAME.reserve). A write that finds the disk full gives it up,
 * so that what was begun can be ended; `full` is then set. False: there is no room for one. */
bool athar_output_reserve(athar_output *o);
void athar_output_unreserve(athar_output *o);
/* One that was left behind when a process died. */
void athar_output_remove_reserves(const athar_output *o);

/* "the disk is full ...", ATHAR_EIO with ENOSPC. */
athar_status athar_output_fail_full(const athar_output *o, athar_error *err);
/* Is it a failure that another disk would help against? */
bool athar_output_is_full(const athar_error *err);

/* Takes the file being written to the spill folder, for images whose files must not end early; what
 * comes after it is made there too. On failure all is as before. */
athar_status athar_output_move(athar_output *o, const char *name, athar_error *err);

/* The file of this name that an output made, wherever it is; *linked: in a spill folder. NULL with
 * ATHAR_OK: there is none. ATHAR_EIO: there is a link, and what it leads to is not there. */
athar_status athar_output_find(char **real, bool *linked, const char *folder, const char *name,
                               athar_error *err);
/* Removes it, and the link that leads to it. */
void athar_output_remove(const char *folder, const char *name);

#endif
