/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A run being written; what run_write.c (items), run_commit.c (its end) and run_reopen.c (one that
 * was interrupted) share.
 */
#ifndef ATHAR_CASE_RUN_WRITER_H
#define ATHAR_CASE_RUN_WRITER_H

#include "case/contents.h"
#include "case/incoming.h"
#include "case/places.h"
#include "case/private.h"
#include "case/run.h"
#include "case/told.h"

struct athar_run_writer {
	const athar_case *c;
	char *slug, *folder, *final;
	char name[16];
	FILE *items, *findings;
	char *buffer; /* of items: no library has it smaller than it is asked for */
	int lock;     /* of the folder; -1: none */
	bool made, committed, has_volumes;
	athar_run_layout layout;
	uint64_t count;    /* items so far; the last one's number */
	unsigned unsynced; /* of them, that the kernel has not been given yet */
	size_t unsynced_bytes;
	uint64_t
		folders; /* below recovered/ that are there: those of lower numbers, where needed */
	athar_incoming incoming;
	char *incoming_path; /* below folder, for a content that is too long to be held */
	athar_contents contents;
	athar_known *known; /* NULL: contents are not looked up */
	athar_places places;
	athar_told told; /* findings of earlier sessions that were not made again yet */
	uint64_t findings_count;
};

#define ATHAR_RUN_SPOOL "places.partial"
#define ATHAR_RUN_MERGED "items.partial"
#define ATHAR_RUN_INCOMING "content.partial"

/* A new file of lines, or one that is there, to go on at its end. */
athar_status athar_run_stream(FILE **out, const athar_run_writer *w, const char *name, bool again,
                              athar_error *err);
/* items.jsonl and findings.jsonl. */
athar_status athar_run_open_lists(athar_run_writer *w, bool again, athar_error *err);
/* With everything but its folder's content. */
athar_status athar_run_writer_new(athar_run_writer **out, const athar_case *c, const char *slug,
                                  athar_error *err);
/* Its name, its folders. */
athar_status athar_run_writer_name(athar_run_writer *w, const char *name, athar_error *err);
/* recovered/000/000001.jpg */
void athar_run_name_file(char file[64], uint64_t number, const char *extension);

#endif
