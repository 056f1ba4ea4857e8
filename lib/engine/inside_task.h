/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is inside of a file that a format calls whole: runs in a worker. Containers in containers
 * are gone into, ATHAR_ITEM_DEPTH deep at most; all that is looked at is bounded, whatever they
 * claim.
 */
#ifndef ATHAR_ENGINE_INSIDE_TASK_H
#define ATHAR_ENGINE_INSIDE_TASK_H

#include "engine/find.h"

/* Files that one file may hold, those in others counted too. */
#define ATHAR_INSIDE_MOST 10000u

typedef struct athar_inside_task {
	athar_source *image;
	/* Each file that a format claims as complete: all of a find but path, state and volume. */
	athar_status (*found)(void *user, const athar_find *find, athar_error *err);
	/* One line: what of it was not looked at. */
	athar_status (*limited)(void *user, const char *text, athar_error *err);
	/* Now and then. */
	athar_status (*beat)(void *user, athar_error *err);
	void *user;
} athar_inside_task;

/* All of parent's bytes are the image's own, or zeros. */
athar_status athar_inside_run(const athar_inside_task *task, const athar_find *parent,
                              athar_error *err);

/* Is any of its content made by undoing a container's packing? */
bool athar_find_wrapped(const athar_find *find);
/* The content of such a find: *len bytes at *at, inside of *memory, which is yours to free. */
athar_status athar_inside_unwrap(uint8_t **memory, const uint8_t **at, size_t *len,
                                 athar_source *image, const athar_find *find, athar_error *err);

#endif
