/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading records of a case by path ("source.serial"). Records of other versions, and records that
 * somebody wrote by hand, lack members: what is not there is NULL, 0 or not stated, never a
 * failure.
 */
#ifndef ATHAR_REPORT_VALUES_H
#define ATHAR_REPORT_VALUES_H

#include "athar/json.h"

const athar_json *athar_value_at(const athar_json *record, const char *path);
/* Text, or NULL where there is none or only blanks. */
const char *athar_value_words(const athar_json *record, const char *path);
bool athar_value_number(const athar_json *record, const char *path, uint64_t *out);
/* The number, or 0. */
uint64_t athar_value_count(const athar_json *record, const char *path);
bool athar_value_true(const athar_json *record, const char *path);

/* Whether somebody wrote anything there: text with a visible character, a number, a non-empty list.
 */
bool athar_value_stated(const athar_json *record, const char *path);
/* A value of any type for people, malloc'd: text as it is, the parts of a list with `between`
 * between them, a record as "key: value; key: value". *out is NULL where nothing is stated. */
athar_status athar_value_text(char **out, const athar_json *record, const char *path,
                              const char *between, athar_error *err);
/* The members of a record in one line; long lists and lists of records count only ("files: 5
 * entries"). */
athar_status athar_value_brief(char **out, const athar_json *record, athar_error *err);

/* {"offset":...,"length":...} */
bool athar_value_range(const athar_json *range, uint64_t *offset, uint64_t *length);

#endif
