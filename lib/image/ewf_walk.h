/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the walk through a file's sections (ewf_open.c) and the reading of each (ewf_sections.c)
 * share.
 */
#ifndef ATHAR_IMAGE_EWF_WALK_H
#define ATHAR_IMAGE_EWF_WALK_H

#include "image/ewf.h"

/* One section: its descriptor stands at `at`, its content is [content, next). */
typedef struct athar_ewf_section {
	char type[17];
	uint64_t at, content, next;
	bool last;
} athar_ewf_section;

/* What the walk through one file remembers between sections. */
typedef struct athar_ewf_walk {
	athar_ewf_set *set;
	const athar_ewf_segment *segment;
	uint32_t index;
	uint64_t sectors;     /* where the last sectors section begins */
	uint64_t sectors_end; /* and where it ends; 0: none since the last table */
	uint64_t broken;      /* a table whose header is damaged: its copy has to serve */
	bool done;            /* the file ends the set */
} athar_ewf_walk;

/* Notes what the section says. ATHAR_EFORMAT: the image cannot be understood. */
athar_status athar_ewf_take(athar_ewf_walk *w, const athar_ewf_section *s, athar_error *err);
/* Bytes that have to be readable for the image to be understood. */
athar_status athar_ewf_get(const athar_ewf_segment *g, void *out, size_t len, uint64_t at,
                           athar_error *err);
/* Does the Adler-32 of the first `len` bytes stand behind them? */
bool athar_ewf_sum_holds(const uint8_t *bytes, size_t len);
athar_status athar_ewf_damaged(const athar_ewf_segment *g, uint64_t at, const char *what,
                               athar_error *err);

#endif
