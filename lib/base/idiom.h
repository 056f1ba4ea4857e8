/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Straight lines: return at once on failure, release on the way out.
 */
#ifndef ATHAR_BASE_IDIOM_H
#define ATHAR_BASE_IDIOM_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "athar/bytes.h"
#include "athar/digest.h"
#include "athar/error.h"
#include "athar/extents.h"
#include "athar/item.h"
#include "athar/json.h"
#include "athar/source.h"

/* Returns at once what the expression returns, unless it is ATHAR_OK. Safe because locals release
 * themselves. Never inside a condition or an argument. */
#define ATHAR_TRY(expr) \
	do { \
		const athar_status athar_try_ = (expr); \
		if (athar_try_ != ATHAR_OK) \
			return athar_try_; \
	} while (0)

/* ATHAR_AUTO(free) char *p = NULL;   releases p when it leaves scope. */
#define ATHAR_AUTO(how) __attribute__((cleanup(athar_auto_##how)))
#define ATHAR_DEFINE_AUTO(how, type, release) \
	static inline void athar_auto_##how(type *p) \
	{ \
		if (*p) \
			release(*p); \
	}
/* For values whose release takes a pointer to them: ATHAR_AUTO(runs) athar_runs r = ...; */
#define ATHAR_DEFINE_AUTO_VALUE(how, type, release) \
	static inline void athar_auto_##how(type *p) \
	{ \
		release(p); \
	}

/* Hands an owned pointer on; the local forgets it. */
#define ATHAR_GIVE(p) \
	__extension__({ \
		__typeof__(p) athar_give_ = (p); \
		(p) = NULL; \
		athar_give_; \
	})

#define ATHAR_COUNT(array) (sizeof(array) / sizeof(array)[0])

static inline void athar_auto_free(void *p)
{
	free(*(void **)p);
}

/* A descriptor; -1 is none. */
static inline void athar_auto_fd(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static inline void athar_auto_file(FILE **f)
{
	if (*f != NULL)
		(void)fclose(*f);
}

ATHAR_DEFINE_AUTO(source, athar_source *, athar_source_close)
ATHAR_DEFINE_AUTO(digester, athar_digester *, athar_digester_free)
ATHAR_DEFINE_AUTO(json, athar_json *, athar_json_free)
ATHAR_DEFINE_AUTO_VALUE(runs, athar_runs, athar_runs_clear)
ATHAR_DEFINE_AUTO_VALUE(extents, athar_extents, athar_extents_clear)
ATHAR_DEFINE_AUTO_VALUE(item, athar_item, athar_item_clear)

#endif
