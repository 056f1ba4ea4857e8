/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Recovered files under the paths they had: links below tree/, for people who look for a file where
 * it was. The names are evidence, so they are escaped; what counts are the numbered files.
 */
#ifndef ATHAR_CASE_RUN_TREE_H
#define ATHAR_CASE_RUN_TREE_H

#include "case/private.h"

/*
 * A link to item->file, below `folder`: tree/volume-0/PATH. Of each component, what is a control,
 * hidden, no UTF-8, or means something to some system (/ \ : * ? " < > | %) becomes %XX of its
 * bytes, as do a dot or blank at its end and all of "." and ".."; what is longer than 180 bytes is
 * cut. A name that is taken already gets "~" and the item's number before its extension. An item
 * without a path gets no link.
 */
athar_status athar_run_tree_add(const athar_case *c, const char *folder, const athar_item *item,
                                athar_error *err);

/* One component of it; malloc'd. */
athar_status athar_run_tree_name(char **out, const uint8_t *name, size_t len, athar_error *err);

/* Gives the recovered file the time of its last change that the file system recorded; a time
 * without a zone is taken as UTC. Nothing where none is recorded. */
athar_status athar_run_set_time(const char *path, const athar_item *item, athar_error *err);

#endif
