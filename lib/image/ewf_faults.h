/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two halves of the look at an E01 set: which files are there (ewf_faults.c), and what is in
 * each (ewf_faults_file.c).
 */
#ifndef ATHAR_IMAGE_EWF_FAULTS_H
#define ATHAR_IMAGE_EWF_FAULTS_H

#include <string.h>

#include "image/ewf.h"
#include "image/faults.h"

/* What is known of the set so far. */
typedef struct athar_ewf_look {
	athar_fault_sink *sink;
	const char *first;
	uint8_t present[ATHAR_EWF_SEGMENTS_MAX / 8 + 1];
	uint32_t last; /* file that is there */
	uint32_t next; /* number that the last one looked at says must follow; 0: none */
	bool ended;    /* one says that it is the last */

	bool begun; /* the first file begins like one */
	bool has_volume, smart;
	uint8_t id[16], md5[16];
	uint8_t sizes[16]; /* sectors to a chunk, bytes to a sector, sectors */
	bool has_md5;
	unsigned texts;
	uint64_t need, placed; /* chunks of the medium, and those in tables */
} athar_ewf_look;

/* Tells what is wrong with one file, and notes what it says of the rest. */
athar_status athar_ewf_look_at(athar_ewf_look *look, const char *path, uint32_t number,
                               athar_error *err);

static inline const char *athar_ewf_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

#endif
