/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is on record of files, by name, in the order in which the records were met.
 */
#ifndef ATHAR_CASE_RECORD_SET_H
#define ATHAR_CASE_RECORD_SET_H

#include "base/idiom.h"

typedef struct athar_file_record {
	char *name;      /* from the case folder on */
	char sha256[65]; /* "": none on record */
	uint64_t size;   /* ATHAR_NOWHERE: none on record */
} athar_file_record;

typedef struct athar_record_set {
	athar_file_record *record;
	size_t count, capacity;
	uint32_t *slot; /* index + 1 into record, 0: free; a power of two of them */
	size_t slots;
} athar_record_set;

/* A name that is there already takes the new values and keeps its turn. hex: 64 digits follow, or
 * "". */
athar_status athar_record_set_add(athar_record_set *s, const char *name, const char *hex,
                                  uint64_t size, athar_error *err);
bool athar_record_set_has(const athar_record_set *s, const char *name);
void athar_record_set_clear(athar_record_set *s);

/* Begins with 64 lower-case hex digits, and no more of them. */
bool athar_record_hex_form(const char *text);
/* A path that stays in its folder: no empty part, no "." and "..". */
bool athar_record_name_form(const char *name);

#endif
