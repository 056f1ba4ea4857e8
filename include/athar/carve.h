/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Carve: what was deleted, cheapest evidence first. Everything that interprets evidence runs in
 * confined worker processes; the result does not depend on how many there are.
 */
#ifndef ATHAR_CARVE_H
#define ATHAR_CARVE_H

#include "athar/case.h"
#include "athar/item.h"
#include "athar/source.h"

ATHAR_BEGIN

enum {
	/* deleted files that a file system still describes: in its tables, its journal, in blocks
	 * that map others */
	ATHAR_CARVE_METADATA = 1u << 0,
	ATHAR_CARVE_CONTENT = 1u << 1,   /* formats found in what is left */
	ATHAR_CARVE_FRAGMENTS = 1u << 2, /* with content: files in pieces, joined where their
	                                    formats prove it */
	ATHAR_CARVE_EMBEDDED = 1u << 3   /* with any of them: files inside of what they found */
};

/* Borrowed. */
typedef struct athar_carve_names {
	const char *const *name;
	size_t count;
} athar_carve_names;

typedef struct athar_carve_options {
	const char *image;   /* NULL: the image of the exhibit */
	const char *exhibit; /* id or slug; NULL where the case has just one */
	const char *types;   /* "jpeg,pdf"; NULL: all */
	unsigned methods;    /* mask of ATHAR_CARVE_* */
	uint64_t effort;     /* seconds of work, about, that the pieces of one file are worth */
	athar_grade least;   /* files are written from this grade on; those below it are listed */
	uint64_t max_output; /* bytes of recovered files; the rest is listed */
	/* The scope: a day or a moment, folders or files by patterns (athar-carve(1) has the
	 * rules). With any of them only metadata is asked. */
	const char *from, *to;
	/* Nothing new is looked for: items of an earlier run, "17,20-25", are taken out now,
	 * whatever their grade, into a run of their own. of_run NULL: the last one. */
	const char *extract, *of_run;
	athar_carve_names path, exclude;
	athar_carve_names known; /* lists of known files, or sets: items that they have say so */
	bool skip_known;         /* and are not written */
	bool whole;              /* search what live files and recovered ones hold, too */
	bool every_byte;         /* look for beginnings at every byte, not only at sectors */
	bool allocated;          /* export live files too */
	bool list_only;          /* items.jsonl, but no recovered files */
	bool tree;               /* recovered files also as links under their paths */
	bool set_times;          /* recovered files get the time of their last change */
	/* Go on with the newest run that was interrupted, as it was asked for: the options above
	 * are those of its record, and one that differs from both that and its default is
	 * refused. image is NULL. */
	bool resume;
} athar_carve_options;

#define ATHAR_CARVE_OPTIONS_INIT \
	{ \
		.methods = ATHAR_CARVE_METADATA | ATHAR_CARVE_CONTENT | ATHAR_CARVE_FRAGMENTS | \
		           ATHAR_CARVE_EMBEDDED, \
		.effort = 5, .least = ATHAR_GRADE_COMPLETE, .max_output = UINT64_MAX \
	}

typedef struct athar_carve_result {
	char *run; /* "carve-001" */
	char *slug;
	uint64_t items;
	uint64_t by_grade[4];  /* index: athar_grade */
	uint64_t by_method[5]; /* index: athar_method */
	uint64_t by_state[7];  /* index: athar_state */
	uint64_t volumes;
	uint64_t searched, total; /* bytes looked at for content; bytes of the image */
	uint64_t findings;        /* what could not be examined, in findings.jsonl */
	uint64_t left_out;        /* files outside the scope */
	uint64_t joins_given_up;  /* beginnings whose pieces were worth more work than allowed */
	uint64_t workers_lost;    /* crashed, or ran out of their limits */
	uint64_t bytes_recovered;
	uint64_t known, not_compared; /* items that a list has; that could not be looked up */
	char custody_head[65];
} athar_carve_result;

ATHAR_API void athar_carve_result_clear(athar_carve_result *result);

/* ATHAR_EINCOMPLETE when areas, volumes or workers could not be examined; partial items are not
 * failures. The item callback may be NULL. Call before any other thread exists in the process. */
ATHAR_API ATHAR_MUST athar_status athar_carve(athar_carve_result *out, athar_case *c,
                                              const athar_carve_options *options,
                                              void (*item)(void *user, const athar_item *item),
                                              void *user, const athar_watcher *watcher,
                                              athar_error *err);

/* The formats that content carving knows, in name order; ends with a NULL name. */
typedef struct athar_carve_type {
	const char *name, *extension, *summary;
	const char *end; /* how its end is proven */
	athar_grade best;
} athar_carve_type;
ATHAR_API const athar_carve_type *athar_carve_types(void);

ATHAR_END

#endif
