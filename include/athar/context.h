/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the library must know of the world and never finds out on its own: the time, the machine,
 * who is at work and with which command line. It goes into the custody log with every action.
 */
#ifndef ATHAR_CONTEXT_H
#define ATHAR_CONTEXT_H

#include "athar/error.h"

ATHAR_BEGIN

typedef struct athar_context {
	int64_t (*now)(void *user); /* Unix time; constant under SOURCE_DATE_EPOCH */
	/* Nanoseconds that only grow, for telling slow from fast; NULL: nothing is told by time. */
	int64_t (*steady)(void *user);
	void *user;
	const char *host;        /* name of the machine */
	const char *boot;        /* id of this boot, or NULL: two clocks can be told apart by it */
	const char *system;      /* "Linux 6.1.0-28-amd64 x86_64" */
	const char *login;       /* who logged in; survives sudo */
	const char *examiner;    /* the examiner's id, as given; NULL when not stated */
	const char *command;     /* the command line as typed, arguments quoted */
	const char *tool_sha256; /* of the running program, or NULL */
	unsigned threads;        /* 0: one for each processor the process may use */
	bool unconfined;         /* go on where the kernel has no Landlock or seccomp; recorded */
} athar_context;

ATHAR_END

#endif
