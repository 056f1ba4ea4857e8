/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the acquisition record says could not be read: a source opened later is told.
 */
#ifndef ATHAR_ENGINE_MARKS_H
#define ATHAR_ENGINE_MARKS_H

#include "athar/case.h"
#include "base/idiom.h"

/* Empty where the exhibit has no acquisition record. */
athar_status athar_marks_load(athar_runs *out, const athar_case *c, const char *slug,
                              athar_error *err);
/* The same of a record that is there already. */
athar_status athar_marks_of(athar_runs *out, const athar_json *record, athar_error *err);

#endif
