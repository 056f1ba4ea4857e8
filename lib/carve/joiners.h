/* SPDX-License-Identifier: BSD-2-Clause */
/* The joiners, one file each: what join.c lists. */
#ifndef ATHAR_CARVE_JOINERS_H
#define ATHAR_CARVE_JOINERS_H

#include "carve/join.h"

extern const athar_joiner athar_joiner_png, athar_joiner_zip;

/* For formats with a validator: block after block in the order of the file, from anywhere in the
 * space. */
athar_status athar_join_in_order(athar_joined *out, bool *done, athar_joining *j, athar_error *err);
/* JPEG, baseline and progressive: by how the picture goes on. */
athar_status athar_join_jpeg(athar_joined *out, bool *done, athar_joining *j, athar_error *err);

/* For those whose pieces say where they belong. */
extern const athar_joiner athar_joiner_bmff, athar_joiner_flac, athar_joiner_ogg, athar_joiner_pdf,
	athar_joiner_sqlite;

#endif
