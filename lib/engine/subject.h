/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a verb works on: an exhibit of a case and its image.
 */
#ifndef ATHAR_ENGINE_SUBJECT_H
#define ATHAR_ENGINE_SUBJECT_H

#include "athar/case.h"
#include "base/idiom.h"

ATHAR_DEFINE_AUTO(case, athar_case *, athar_case_close)

typedef struct athar_subject {
	char *slug;
	char *id;    /* as on the label */
	char *image; /* path of its image */
} athar_subject;

/* With `image` NULL: the exhibit `id`, or the only one there is, and its own image. With an image:
 * the exhibit `id` when there is one; else a new exhibit that refers to the image where it lies,
 * called `id` or, without one, as the image's file. */
athar_status athar_subject_find(athar_subject *out, athar_case *c, const char *image,
                                const char *id, athar_error *err);
void athar_subject_clear(athar_subject *subject);
ATHAR_DEFINE_AUTO_VALUE(subject, athar_subject, athar_subject_clear)

#endif
