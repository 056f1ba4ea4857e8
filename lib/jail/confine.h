/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Confinement of the calling process, and giving up root. Before any thread exists.
 */
#ifndef ATHAR_JAIL_CONFINE_H
#define ATHAR_JAIL_CONFINE_H

#include "athar/error.h"

typedef enum athar_confine_kind {
	ATHAR_CONFINE_WORKER, /* no files, no network, no processes: read, write and lseek on what
	                         is open */
	ATHAR_CONFINE_IMAGER  /* files below the folders given; threads; no network, no exec */
} athar_confine_kind;

typedef struct athar_confine_spec {
	athar_confine_kind kind;
	const char *const *read; /* folders or files that may be read; NULL-terminated, or NULL */
	const char *const
		*write;  /* folders below which files may be made, renamed, removed; likewise */
	bool links;      /* symbolic links may be made there, too */
	bool unconfined; /* go on where the kernel lacks it */
} athar_confine_spec;

/* *had says what was had ("landlock 7, seccomp"; static). ATHAR_EREFUSED names what is missing and
 * --unconfined. Without Landlock, seccomp alone is still used under unconfined. */
athar_status athar_confine(const char **had, const athar_confine_spec *spec, athar_error *err);

/* As root: become the owner of `folder` (groups, gid, uid; no way back) unless that is root. */
athar_status athar_drop_privileges(const char *folder, athar_error *err);

/* Raises the soft RLIMIT_NOFILE to at least `files`, as far as the hard limit goes. */
athar_status athar_allow_files(uint64_t files, athar_error *err);

#endif
