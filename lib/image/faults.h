/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is wrong with the files of a container, each thing by name, without reading the media: for
 * verify. A source opens or it does not, and reads around what has a copy; this says all of it,
 * also of sets that do not open.
 */
#ifndef ATHAR_IMAGE_FAULTS_H
#define ATHAR_IMAGE_FAULTS_H

#include "image/driver.h"

typedef enum athar_fault_kind {
	ATHAR_FAULT_STRUCTURE, /* a section is damaged */
	ATHAR_FAULT_CUT,       /* a file ends too early */
	ATHAR_FAULT_MISSING,   /* a file is not there */
	ATHAR_FAULT_FOREIGN,   /* a file belongs to another set */
	ATHAR_FAULT_EXTRA,     /* a file goes on after the set's end */
	ATHAR_FAULT_TABLE,     /* a table of chunks and its copy do not say the same */
	ATHAR_FAULT_SIZE,      /* the parts do not make up the medium */
	ATHAR_FAULT_TRAILING,  /* bytes behind the end of a file's last section */
	ATHAR_FAULT_HASH       /* two stored hashes contradict each other */
} athar_fault_kind;

#define ATHAR_FAULT_KINDS 9

typedef struct athar_fault {
	athar_fault_kind kind;
	const char *text; /* a line, with the file and the place in it */
} athar_fault;

typedef struct athar_fault_sink {
	void (*fault)(void *user, const athar_fault *fault);
	void *user;
	uint64_t told; /* counted here */
} athar_fault_sink;

void athar_fault_tell(athar_fault_sink *sink, athar_fault_kind kind, const char *format, ...)
	ATHAR_PRINTF(3, 4);

/* By the driver that would open `path`; one without such a look tells nothing. Only what keeps the
 * files from being looked at is a failure. */
athar_status athar_faults_find(athar_fault_sink *sink, const char *path,
                               const athar_source_driver *const *drivers, athar_error *err);

/* For the drivers. */
athar_status athar_ewf_faults(athar_fault_sink *sink, const char *path, athar_error *err);

#endif
