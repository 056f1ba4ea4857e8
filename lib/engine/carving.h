/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One carve under way: what its steps share. Each step takes its runs off the table for the next.
 */
#ifndef ATHAR_ENGINE_CARVING_H
#define ATHAR_ENGINE_CARVING_H

#include "athar/carve.h"
#include "case/exhibit.h"
#include "case/run.h"
#include "engine/known.h"
#include "engine/resumed.h"
#include "engine/scope.h"
#include "engine/spool.h"
#include "engine/survey.h"
#include "engine/taken.h"

typedef struct athar_carving {
	athar_case *c;
	const athar_carve_options *options;
	const athar_context *context;
	const athar_watcher *watcher;
	athar_carve_result *out;
	void (*item)(void *user, const athar_item *item);
	void *user;

	const athar_format **formats; /* asked for; NULL-terminated */
	athar_jail *jail;
	athar_run_writer *run;
	athar_survey survey;
	athar_volume_counts *counts; /* one a volume of the survey */
	bool *walked;                /* its walk came to an end */
	bool *mapped;                /* which of its blocks are in use is known */
	char (*note)[600];           /* of its walk, one after the other; "" */
	athar_scope scope;
	athar_known known;   /* lists of known files */
	athar_taken taken;   /* in use by live files, or proven to be a recovered one's */
	athar_taken live;    /* with options.whole: in use by live files */
	athar_runs not_live; /* the rest of the image */
	char *earlier;       /* with options.extract: the run that the items are from */
	athar_spool *starts; /* where items from metadata begin, with their grades */
	athar_resumed resumed;
	int64_t started;
	athar_spool *holders;    /* files that may hold others, with their items' numbers */
	uint64_t closed_holders; /* those that the file system has compressed */
} athar_carving;

/* Which blocks the live files hold; nothing is recovered. */
athar_status athar_carving_map(athar_carving *k, athar_error *err);
/* Deleted files that the file systems describe (and live ones when asked for). */
athar_status athar_carving_undelete(athar_carving *k, athar_error *err);
/* Formats in what is left; with fragments, pieces of them too. */
athar_status athar_carving_search(athar_carving *k, athar_error *err);
/* beginnings: hits that are whole, and those that are not but may be joined. What is joined goes to
 * `joined`; *hits loses what is only a part of that. *wanted grows by the bytes that were joined.
 * Cancelled, both hold what there is so far. */
athar_status athar_carving_join(athar_spool **hits, athar_spool *joined, uint64_t *wanted,
                                athar_carving *k, athar_spool *beginnings,
                                const athar_runs *open_space, athar_error *err);
/* The first volume there; -1: none. */
int athar_carving_volume_at(const athar_carving *k, uint64_t offset);
/* Unallocated is said only where a table of partitions or a file system says so. */
athar_state athar_carving_state_at(const athar_carving *k, uint64_t offset);
typedef struct athar_extract_plan {
	const char *phase; /* for progress */
	uint64_t total;    /* bytes expected */
	bool identify;     /* no format has been asked yet */
	bool alone;        /* each find has a task of its own */
} athar_extract_plan;

/* Turns finds into items: content through the workers into the run, in order. Cancelled, it lists
 * what is left and returns ATHAR_ECANCELED. */
athar_status athar_carving_extract(athar_carving *k, athar_spool *finds,
                                   const athar_extract_plan *plan, athar_error *err);
/* Turns finds into items without a look at their content: what was found when somebody said stop.
 */
athar_status athar_carving_list(athar_carving *k, athar_spool *finds, athar_error *err);

/* A file that became item `number` (0: none): one that may hold others is looked into later. */
athar_status athar_carving_note_holder(athar_carving *k, const athar_find *f, uint64_t number,
                                       athar_error *err);
/* What is inside of those. */
athar_status athar_carving_inside(athar_carving *k, athar_error *err);

/* Items of an earlier run; which one that is. */
athar_status athar_carving_again(athar_carving *k, athar_error *err);
athar_status athar_carving_earlier(athar_carving *k, athar_error *err);
/* An item more. */
void athar_carving_count(athar_carving *k, const athar_item *item);

/* A line in findings.jsonl, counted. */
athar_status athar_carving_finding(athar_carving *k, const char *kind, const char *where,
                                   uint64_t offset, uint64_t length, const char *text,
                                   athar_error *err);
/* Was its format asked for? */
bool athar_carving_wants(const athar_carving *k, const athar_find *find);
/* And is it good enough for its bytes to be written? */
bool athar_carving_writes(const athar_carving *k, const athar_find *find);
/* Which grade that is. */
athar_grade athar_carving_least(const athar_carving *k);

#endif
