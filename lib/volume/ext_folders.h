/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finds the blocks of folders, among the journal's copies and in their places, and takes the names
 * out of them.
 */
#ifndef ATHAR_VOLUME_EXT_FOLDERS_H
#define ATHAR_VOLUME_EXT_FOLDERS_H

#include "volume/ext_names.h"

/* Adds all names that folders known to n->history have or had. */
athar_status athar_ext_folders_read(athar_ext_names *n, athar_ext_nodes *nodes,
                                    athar_status (*beat)(void *user, athar_error *err), void *user,
                                    athar_error *err);

#endif
