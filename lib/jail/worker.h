/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The worker's side of the channel.
 */
#ifndef ATHAR_JAIL_WORKER_H
#define ATHAR_JAIL_WORKER_H

#include <sys/types.h>

#include "jail/jail.h"

/* A request: eight bytes of length, eight of origin, then as many bytes. */
#define ATHAR_REQUEST_HEADER 16u

/* The whole life of a worker, in the child of a fork with all signals blocked. Ends with the
 * process. */
_Noreturn void athar_worker_live(const athar_jail_spec *spec, int channel, pid_t supervisor);

#endif
