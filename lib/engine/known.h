/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lists of known files that a carve was given.
 */
#ifndef ATHAR_ENGINE_KNOWN_H
#define ATHAR_ENGINE_KNOWN_H

#include "athar/known.h"
#include "case/known.h"

/* Opens a set, or compiles a list into a nameless one below `folder`, and adds it. What was not
 * understood of it is a notice. */
athar_status athar_known_load(athar_known *known, const char *path, const char *folder,
                              const athar_watcher *watcher, athar_error *err);

#endif
