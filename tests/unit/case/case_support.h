/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A case in a folder of the test's own, a clock that stands still until it is moved, and the shell.
 */
#ifndef CASE_SUPPORT_H
#define CASE_SUPPORT_H

#include <sys/stat.h>
#include <unistd.h>

#include "athar/case.h"
#include "athar_test.h"
#include "base/idiom.h"

ATHAR_DEFINE_AUTO(case, athar_case *, athar_case_close)

#define TEST_NOW INT64_C(1795391875) /* 2026-11-22T23:57:55Z */

static inline int64_t test_now(void *user)
{
	return *(int64_t *)user;
}

static inline athar_context test_context(int64_t *clock)
{
	return (athar_context){.now = test_now,
	                       .user = clock,
	                       .host = "ws3",
	                       .boot = "b00t",
	                       .system = "Linux 6.1 x86_64",
	                       .login = "huda",
	                       .examiner = "E-014",
	                       .command = "athar case new c",
	                       .tool_sha256 = NULL};
}

typedef struct fixture {
	char *top, *folder; /* folder: top/c */
	int64_t clock;
	athar_context context;
} fixture;

static inline int fixture_setup(void **state)
{
	fixture *f = calloc(1, sizeof *f);

	assert_non_null(f);
	f->top = athar_test_mkdir();
	assert_true(asprintf(&f->folder, "%s/c", f->top) > 0);
	f->clock = TEST_NOW;
	f->context = test_context(&f->clock);
	*state = f;
	return 0;
}

static inline int fixture_teardown(void **state)
{
	fixture *f = *state;

	athar_test_rmdir(f->top);
	free(f->folder);
	free(f);
	return 0;
}

/* case.json text to a new case, opened for work. */
static inline athar_case *fixture_case(fixture *f, const char *fields)
{
	ATHAR_AUTO(json) athar_json *json = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	athar_case *c = NULL;

	assert_ok(athar_json_parse(&json, fields, strlen(fields), &err), err);
	assert_ok(athar_case_new(f->folder, json, &f->context, &err), err);
	assert_ok(athar_case_open(&c, f->folder, &f->context, &err), err);
	return c;
}

/* What a shell command, run in the fixture's folder, prints; its exit status in *status. */
static inline char *shell(const fixture *f, const char *command, int *status)
{
	char *whole = NULL, *out = calloc(1, 65536);
	FILE *pipe;
	size_t len;

	assert_non_null(out);
	assert_true(asprintf(&whole, "cd '%s' && { %s\n} 2>&1", f->top, command) > 0);
	pipe = popen(whole, "r");
	assert_non_null(pipe);
	len = fread(out, 1, 65535, pipe);
	out[len] = '\0';
	*status = pclose(pipe);
	free(whole);
	return out;
}

/* The command succeeds and prints exactly this. */
static inline void assert_shell(const fixture *f, const char *command, const char *expected)
{
	int status = 0;
	char *out = shell(f, command, &status);

	if (status != 0)
		print_error("%s: status %d: %s\n", command, status, out);
	assert_int_equal(status, 0);
	assert_string_equal(out, expected);
	free(out);
}

static inline bool have(const char *tool)
{
	char command[128];

	snprintf(command, sizeof command, "command -v %s >/dev/null 2>&1", tool);
	return system(command) == 0;
}

#endif
