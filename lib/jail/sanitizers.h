/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sanitizers need more of the kernel than the code they watch. Everything that is looser in
 * their builds hangs on these two names; a build for use has neither.
 */
#ifndef ATHAR_JAIL_SANITIZERS_H
#define ATHAR_JAIL_SANITIZERS_H

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
	__has_feature(memory_sanitizer)
#define ATHAR_SANITIZED 1
#endif
#if __has_feature(thread_sanitizer)
#define ATHAR_SANITIZED_THREADS 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ATHAR_SANITIZED 1
#endif
#if defined(__SANITIZE_THREAD__)
#define ATHAR_SANITIZED_THREADS 1
#endif

/* They reserve terabytes of address space, read /proc, and stop their own process to look at it. */
#ifndef ATHAR_SANITIZED
#define ATHAR_SANITIZED 0
#endif
/* They keep a thread of their own. */
#ifndef ATHAR_SANITIZED_THREADS
#define ATHAR_SANITIZED_THREADS 0
#endif

#endif
