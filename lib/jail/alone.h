/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ATHAR_JAIL_ALONE_H
#define ATHAR_JAIL_ALONE_H

#include <stdbool.h>

/* Has this process one thread only? Both a fork and a confinement leave the others out. True where
 * nobody can tell. */
bool athar_alone(void);

#endif
