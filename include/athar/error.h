/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A failure is a value on the caller's stack. Reporting one never allocates, so that it can also
 * report that memory ran out; it can be copied into a thread's result, a log line or a report.
 */
#ifndef ATHAR_ERROR_H
#define ATHAR_ERROR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define ATHAR_BEGIN extern "C" {
#define ATHAR_END }
#else
#define ATHAR_BEGIN
#define ATHAR_END
#endif
#define ATHAR_API __attribute__((visibility("default")))
#define ATHAR_MUST __attribute__((warn_unused_result))
#define ATHAR_PRINTF(format_at, first_at) __attribute__((format(printf, format_at, first_at)))

ATHAR_BEGIN

typedef enum athar_status {
	ATHAR_OK = 0,
	ATHAR_EOF = -1,       /* the bytes asked for lie past the end */
	ATHAR_EIO = -2,       /* the medium, the file system or the system failed */
	ATHAR_EFORMAT = -3,   /* the bytes do not follow their format */
	ATHAR_EMISMATCH = -4, /* done, and the answer is no: a hash differs, a chain is broken */
	ATHAR_EREFUSED = -5,  /* doing it could harm evidence or overwrite work */
	ATHAR_ELIMIT = -6,    /* a stated bound was reached */
	ATHAR_ENOMEM = -7,
	ATHAR_ECANCELED = -8,   /* the watcher said stop; what was done is saved */
	ATHAR_EUSAGE = -9,      /* the caller asked for something that has no meaning */
	ATHAR_EINCOMPLETE = -10 /* done, but something could not be examined; it is recorded */
} athar_status;

#define ATHAR_NOWHERE UINT64_MAX

typedef struct athar_error {
	athar_status status;
	int os_errno;    /* 0 when no system call failed */
	uint64_t offset; /* where in the source, or ATHAR_NOWHERE */
	char text[488];  /* one line, no newline, safe to print */
} athar_error;

#define ATHAR_ERROR_INIT \
	{ \
		ATHAR_OK, 0, ATHAR_NOWHERE, "" \
	}

/* Sets *err and returns status, so that `return athar_fail(err, ...)` is the whole handling. The
 * text is escaped on the way in: it may quote names from evidence. */
ATHAR_API athar_status athar_fail(athar_error *err, athar_status status, const char *format, ...)
	ATHAR_PRINTF(3, 4);

/* The same, with the place in the source. */
ATHAR_API athar_status athar_fail_at(athar_error *err, athar_status status, uint64_t offset,
                                     const char *format, ...) ATHAR_PRINTF(4, 5);

/* ATHAR_EIO with what errno says appended: "cannot open x: No such file or directory". */
ATHAR_API athar_status athar_fail_errno(athar_error *err, const char *format, ...)
	ATHAR_PRINTF(2, 3);

/* Puts context before the text that *err has already ("segment 3: ...") and returns its status. */
ATHAR_API athar_status athar_within(athar_error *err, const char *format, ...) ATHAR_PRINTF(2, 3);

/* The exit status of a program that ends with this failure: see athar(1), EXIT STATUS. */
ATHAR_API int athar_status_exit(athar_status status);

/* Of two exit statuses the one that counts: the first of 130, 2, 5, 4, 1, 3, 0. */
ATHAR_API int athar_exit_gravest(int a, int b);

ATHAR_END

#endif
