/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * seccomp: the kernel refuses this process every system call that is not on a list, for good.
 */
#ifndef ATHAR_JAIL_FILTER_H
#define ATHAR_JAIL_FILTER_H

#include "jail/confine.h"

/* What is not on the worker's list kills it; what is not on the imager's fails with ENOSYS, because
 * an acquisition must not die of a new libc. Needs no_new_privs. */
athar_status athar_filter_load(athar_confine_kind kind, athar_error *err);

#endif
