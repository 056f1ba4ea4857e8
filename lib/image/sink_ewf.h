/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the E01 sink and its resuming share.
 */
#ifndef ATHAR_IMAGE_SINK_EWF_H
#define ATHAR_IMAGE_SINK_EWF_H

#include "image/ewf.h"
#include "image/ewf_make.h"

#define ATHAR_EWF_SINK_CHUNK 32768u
/* A group of chunks ends at multiples of this, counted from the beginning of the image, and at the
 * end of a file: so the groups do not depend on where somebody stopped. */
#define ATHAR_EWF_SINK_GROUP 8192u

typedef struct athar_ewf_sink {
	athar_sink_spec spec; /* with the defaults filled in */
	athar_output out;     /* its file is the segment being written */
	uint64_t media;       /* bytes put */
	uint8_t volume[ATHAR_EWF_VOLUME];
	uint64_t volume_at; /* of its content in the first segment */
	uint64_t group;     /* where its sectors section begins */
	uint32_t count;     /* chunks in it; 0: no group is open */
	uint8_t entry[4 * ATHAR_EWF_SINK_GROUP];
	athar_runs bad; /* in whole sectors */
	bool linked;    /* the segment says that there is a next one */
	bool ended;     /* a chunk that is not whole was put, or the end was begun */
} athar_ewf_sink;

/* Everything but files. */
athar_status athar_ewf_sink_new(athar_sink *sink, const athar_sink_spec *spec, athar_error *err);
/* "img.E01" ..., malloc'd. */
athar_status athar_ewf_sink_name(char **out, const athar_sink_spec *spec, size_t number,
                                 athar_error *err);
/* Calls `visit` for all files in the folder that have the name of a segment; their number goes with
 * it. */
athar_status athar_ewf_sink_each(const athar_sink_spec *spec,
                                 athar_status (*visit)(const athar_sink_spec *spec,
                                                       const char *name, uint32_t number,
                                                       size_t kept, athar_error *err),
                                 size_t kept, athar_error *err);

athar_status athar_ewf_sink_standing(athar_source **out, const athar_sink_spec *spec,
                                     athar_error *err);
athar_status athar_ewf_sink_resume(athar_sink *sink, const athar_sink_spec *spec, uint64_t keep,
                                   athar_error *err);

#endif
