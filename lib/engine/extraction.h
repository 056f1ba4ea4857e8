/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finds on their way to becoming items; what carve_ask.c (what is asked of the workers) and
 * carve_extract.c (what comes of it) share.
 */
#ifndef ATHAR_ENGINE_EXTRACTION_H
#define ATHAR_ENGINE_EXTRACTION_H

#include "engine/carving.h"

/* A find whose task is under way. */
typedef struct athar_pending {
	athar_find find;
	uint64_t task;
	bool content;  /* its bytes are asked for */
	bool together; /* with others, in one task */
	struct athar_pending *next;
} athar_pending;

typedef struct athar_extraction {
	athar_carving *k;
	athar_spool *finds, *again; /* again: those whose check did a worker in */
	athar_spool *apart;         /* those in whose company a worker was lost */
	const char *phase;
	bool identify, alone;
	uint64_t total, done;
	uint64_t tasks; /* so far */
	athar_wire request, part;
	athar_pending *first, *last; /* in the order of the tasks */
	athar_pending *ahead;        /* taken, but not asked for yet */
	/* Of the first one: */
	bool claimed, open, told, stored, garbled;
	uint64_t written, bad;
	uint64_t number; /* of the item it became; 0: of none that is new */
	/* Of all: */
	uint64_t room; /* bytes that may still be written */
	uint64_t crowded, crowded_bytes, hollow;
} athar_extraction;

/* The `why` of items that were found, but not looked at when somebody said stop. */
extern const char athar_extraction_interrupted[];
/* How the `why` of those begins that no worker could take out. */
extern const char athar_extraction_untaken[];

/* The next find is `ahead`, unless there is none. One that an interrupted run has looked at already
 * is passed over: its item stands. */
athar_status athar_extraction_take(athar_extraction *x, bool *end, athar_error *err);
/* It gets in line. */
athar_pending *athar_extraction_line_up(athar_extraction *x);
/* The next task, for athar_jail_run; user is the extraction. Of one find, or of some small ones
 * together. */
athar_status athar_extraction_ask(void *user, athar_bytes *request, bool *end, athar_error *err);
/* Its bytes cannot be more than a few of what it claims to be. */
bool athar_extraction_is_hollow(const athar_find *find);
/* *stands: this find has an item. What the item took off the table is taken off again. */
athar_status athar_extraction_stands(bool *stands, athar_extraction *x, athar_find *find,
                                     athar_error *err);

#endif
