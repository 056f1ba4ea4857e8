/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cmocka with assertions that print the error, and what tests build on: a private folder, bytes
 * from a seed.
 */
#ifndef ATHAR_TEST_H
#define ATHAR_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "athar/error.h"

/* The call succeeds; else its error's text is printed. `err` is the athar_error it was given. */
#define assert_ok(call, err) \
	do { \
		if ((call) != ATHAR_OK) { \
			print_error("%s:%d: %s: %s\n", __FILE__, __LINE__, #call, (err).text); \
			fail(); \
		} \
	} while (0)

/* The call fails with this status, and says something. */
#define assert_status(call, expected, err) \
	do { \
		const athar_status athar_got_ = (call); \
		if (athar_got_ != (expected)) \
			print_error("%s:%d: %s gave %d, not %d: %s\n", __FILE__, __LINE__, #call, \
			            (int)athar_got_, (int)(expected), (err).text); \
		assert_int_equal(athar_got_, expected); \
		if ((expected) != ATHAR_OK) \
			assert_true((err).text[0] != '\0'); \
	} while (0)

/* A folder of this test's own below $TMPDIR or /tmp; removed by athar_test_rmdir. */
static inline char *athar_test_mkdir(void)
{
	const char *top = getenv("TMPDIR");
	char *path = malloc(4096);

	assert_non_null(path);
	snprintf(path, 4096, "%s/athar-test-XXXXXX", top != NULL ? top : "/tmp");
	assert_non_null(mkdtemp(path));
	return path;
}

static inline void athar_test_rmdir(char *path)
{
	char command[4200];

	snprintf(command, sizeof command, "rm -rf '%s'", path);
	assert_int_equal(system(command), 0);
	free(path);
}

/* splitmix64: the same bytes for the same seed on every machine. */
static inline uint64_t athar_test_random(uint64_t *seed)
{
	uint64_t z = (*seed += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

static inline void athar_test_fill(uint8_t *out, size_t len, uint64_t seed)
{
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)athar_test_random(&seed);
}

#endif
