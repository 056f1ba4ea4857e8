/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What vCard and iCalendar are made of: lines "NAME;PARAMETER:VALUE" between BEGIN:X and END:X, and
 * such objects in one another (RFC 5545, RFC 6350, vCard 2.1).
 */
#ifndef ATHAR_FORMAT_VOBJECT_H
#define ATHAR_FORMAT_VOBJECT_H

#include "format/text_scan.h"

typedef struct athar_vline {
	const char *name; /* without its group */
	size_t name_len;
	const char *value;
	size_t value_len;
	bool quoted; /* quoted-printable */
	size_t depth;
} athar_vline;

typedef struct athar_vobject_kind {
	const char *name; /* of the outermost object */
	/* May be NULL: told of every object inside one that begins. */
	void (*begin)(athar_walk *w, void *context, const char *name);
	void (*line)(athar_walk *w, void *context, const athar_vline *v);
} athar_vobject_kind;

/* Objects of that kind, one behind another; *count says how many closed. */
athar_status athar_vobject_walk(uint64_t *count, athar_walk *w, const athar_vobject_kind *kind,
                                void *context, athar_error *err);

bool athar_vline_is(const athar_vline *v, const char *name);
/* Notes its value. */
void athar_vline_note(athar_walk *w, const char *key, const athar_vline *v);

#endif
