/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Landlock: the kernel refuses this process every file but those named, for good.
 */
#ifndef ATHAR_JAIL_LANDLOCK_H
#define ATHAR_JAIL_LANDLOCK_H

#include "jail/confine.h"

/* The version of the interface that the running kernel speaks; 0: it has no Landlock. */
int athar_landlock_version(void);

/* Needs no_new_privs. What spec names may be opened, nothing else; descriptors that are open stay
 * as they are. */
athar_status athar_landlock_restrict(int version, const athar_confine_spec *spec, athar_error *err);

#endif
