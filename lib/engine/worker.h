/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What runs in the confined workers: everything that interprets evidence for carve, info and cat.
 */
#ifndef ATHAR_ENGINE_WORKER_H
#define ATHAR_ENGINE_WORKER_H

#include "engine/find.h"
#include "engine/join_task.h"
#include "jail/jail.h"
#include "volume/last_use.h"

/* Tasks: the first number of a request. */
enum {
	ATHAR_TASK_SURVEY = 1, /* -> IMAGE, VOLUME and LAST_USE ..., TABLE */
	ATHAR_TASK_IMAGE,      /* -> IMAGE */
	ATHAR_TASK_CONTAINER,  /* -> CONTAINER */
	ATHAR_TASK_WALK,       /* volume, depth -> ALLOCATED ..., MAPPED, FIND ..., COUNTS */
	ATHAR_TASK_SCAN,       /* start, length, limit -> FIND ..., GIVEN_UP ... */
	ATHAR_TASK_EXTRACT, /* what, extents | volume and address, size -> CLAIM, DATA ..., BAD */
	ATHAR_TASK_EXTRACT_MANY, /* several of these requests -> what each gives, NEXT after each */
	ATHAR_TASK_JOIN,         /* see join_task.h -> FIND or GIVEN_UP, or neither */
	ATHAR_TASK_LOCATE,       /* volume, ranges -> PLACE ..., LOCATED */
	ATHAR_TASK_SEARCH,       /* start, length -> UNREAD, HIT ..., CUT ...; see search_task.h */
	ATHAR_TASK_OWNERS,       /* volume, offsets -> OWNER ..., OTHERS; see owners.h */
	ATHAR_TASK_INSIDE        /* a find -> FIND ... for what it holds, FINDING */
};

/* How far a walk goes. */
typedef enum athar_walk_depth {
	ATHAR_WALK_MAP,     /* only which blocks are in use */
	ATHAR_WALK_DELETED, /* and the files that are not live */
	ATHAR_WALK_ALL      /* and those that are */
} athar_walk_depth;

/* What is wanted of a find: a mask. */
enum {
	ATHAR_EXTRACT_CONTENT = 1u << 0, /* its bytes */
	ATHAR_EXTRACT_IDENTIFY = 1u << 1 /* first, what its format says of them */
};

/* Messages. */
enum {
	ATHAR_MESSAGE_IMAGE = 1, /* size, sector size, known bad bytes */
	ATHAR_MESSAGE_TABLE,     /* kind of partition table */
	ATHAR_MESSAGE_CONTAINER, /* JSON */
	ATHAR_MESSAGE_VOLUME,
	ATHAR_MESSAGE_ALLOCATED, /* pairs of offset, length */
	ATHAR_MESSAGE_MAPPED,    /* these were all */
	ATHAR_MESSAGE_FIND,
	ATHAR_MESSAGE_FINDING, /* text: something that could not be looked at */
	ATHAR_MESSAGE_NOTE,    /* text: something to be known, though nothing was missed */
	ATHAR_MESSAGE_COUNTS,
	ATHAR_MESSAGE_GIVEN_UP, /* offset, name of the format: a beginning too costly to follow */
	ATHAR_MESSAGE_CLAIM,    /* as athar_find_claim_wire writes it */
	ATHAR_MESSAGE_DATA,     /* content in order, as it is */
	ATHAR_MESSAGE_BAD,      /* bytes of the content that could not be read */
	ATHAR_MESSAGE_NEXT,     /* that was all of one of several */
	ATHAR_MESSAGE_LAST_USE, /* of the volume before: mounted, written, source */
	ATHAR_MESSAGE_PLACE,    /* what lies in a range: see locate.h */
	ATHAR_MESSAGE_LOCATED, /* files and deleted ones in all ranges; files not named, by range */
	ATHAR_MESSAGE_HIT,     /* of a search: as athar_search_found_wire writes it */
	ATHAR_MESSAGE_UNREAD,  /* pairs of offset, length: they could not be searched */
	ATHAR_MESSAGE_CUT, /* pattern that was given up in the window, from which offset on, why */
	ATHAR_MESSAGE_OWNER, /* as athar_owner_wire writes it */
	ATHAR_MESSAGE_OTHERS /* pairs of index, deleted files besides the owner */
};

/* What every worker is born with. */
typedef struct athar_worker_spec {
	const char *image;
	const athar_runs *known_bad;        /* from the exhibit's record; may be NULL */
	const athar_format *const *formats; /* to scan for; NULL-terminated */
	bool only_formats; /* the content of finds that none of them claims is not wanted */
	athar_grade least; /* content of a lower grade is not wanted either */
	uint32_t step;     /* of the scan */
	const struct athar_search_plan *search; /* see search_task.h; NULL: no text is looked for */
} athar_worker_spec;

/* For athar_jail_spec: setup with an athar_worker_spec as user, and task. */
athar_status athar_worker_setup(void **state, void *user, athar_error *err);
athar_status athar_worker_task(void *state, athar_bytes request, athar_jail_reply *reply,
                               athar_error *err);

/* Requests. */
void athar_request_survey(athar_wire *w);
void athar_request_walk(athar_wire *w, const athar_volume_info *volume, athar_walk_depth depth);
void athar_request_scan(athar_wire *w, uint64_t start, uint64_t length, uint64_t limit);
void athar_request_join(athar_wire *w, const athar_join_request *request);
/* volume NULL: by extents. what: of ATHAR_EXTRACT_*. */
void athar_request_extract(athar_wire *w, const athar_find *find, const athar_volume_info *volume,
                           unsigned what);

void athar_volume_wire(athar_wire *w, const athar_volume_info *volume);
void athar_volume_unwire(athar_volume_info *out, athar_unwire *u);
void athar_last_use_wire(athar_wire *w, const athar_last_use *use);
void athar_last_use_unwire(athar_last_use *out, athar_unwire *u);
void athar_counts_wire(athar_wire *w, const athar_volume_counts *counts);
void athar_counts_unwire(athar_volume_counts *out, athar_unwire *u);

#endif
