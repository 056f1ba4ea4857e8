/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names that lives of inodes had, with their folder and when: out of them come paths as they were.
 */
#ifndef ATHAR_VOLUME_EXT_NAMES_H
#define ATHAR_VOLUME_EXT_NAMES_H

#include "volume/ext_dir.h"
#include "volume/ext_history.h"

#define ATHAR_EXT_DEPTH 64u

typedef struct athar_ext_name {
	size_t next; /* a further name of that life; 0: none */
	uint32_t parent;
	int32_t first, last; /* transactions in which it was seen; OLD: nothing dates it */
	size_t text;         /* in athar_ext_names.text */
	uint8_t len;
} athar_ext_name;

typedef struct athar_ext_names {
	athar_ext_history *history; /* borrowed; its lives lead to their names */
	athar_ext_name *name;       /* from 1 */
	size_t count, capacity;
	uint8_t *text;
	size_t text_len, text_capacity;
	uint8_t *block;
	uint64_t left; /* blocks of live folders that may still be searched */
	bool full;     /* a bound was reached */
} athar_ext_names;

athar_status athar_ext_names_open(athar_ext_names *out, athar_ext_history *history,
                                  athar_error *err);
void athar_ext_names_close(athar_ext_names *n);
ATHAR_DEFINE_AUTO_VALUE(ext_names, athar_ext_names, athar_ext_names_close)

/* An entry of folder `parent` as it was in a transaction; ATHAR_JBD2_OLD: at some time. */
athar_status athar_ext_names_add(athar_ext_names *n, uint32_t parent, int32_t order,
                                 const athar_ext_entry *entry, athar_error *err);

/* The deleted entries of a live folder, whether the journal knows it or not. */
athar_status athar_ext_names_add_slack(athar_ext_names *n, uint32_t folder, athar_error *err);

/* The path of the life at its end, '/' between components, '\0' behind; *whole: it begins at the
 * root. Empty: there is no name. malloc'd. */
athar_status athar_ext_names_path(char **out, size_t *len, bool *whole, athar_ext_names *n,
                                  const athar_ext_life *life, athar_error *err);

#endif
