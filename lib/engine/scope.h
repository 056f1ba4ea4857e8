/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an authority allows to be looked at: files of some folders, files of some time. What lies
 * outside is counted, never opened.
 */
#ifndef ATHAR_ENGINE_SCOPE_H
#define ATHAR_ENGINE_SCOPE_H

#include "athar/carve.h"
#include "engine/find.h"

typedef struct athar_scope {
	const athar_carve_options *options; /* borrowed: the words */
	int64_t from, to;                   /* seconds since 1970, both included */
	bool limited;                       /* anything was asked for */
	uint64_t left_out;
} athar_scope;

/* ATHAR_EUSAGE where a date is none, or where methods are asked for whose finds have neither path
 * nor time. */
athar_status athar_scope_make(athar_scope *out, const athar_carve_options *options,
                              athar_error *err);

/* Is the file inside? One without a name is in no folder; one without a time is of no time. A time
 * that was recorded without its zone is taken as UTC. Counts those that are not. */
bool athar_scope_holds(athar_scope *scope, const athar_find *find);

/* Does the path, or a folder that it lies in, match? '*' stands for any bytes, '?' for any one, but
 * neither for a '/'; the letters a to z match in either case, since FAT and NTFS take them for the
 * same. */
bool athar_scope_matches(const char *pattern, const uint8_t *path, size_t len);

/* {from, to, path, exclude, left_out}; NULL: nothing was asked for. */
athar_json *athar_scope_json(const athar_scope *scope);

#endif
