/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tests of devices share: a folder laid out as sysfs is, loop devices over files, shell
 * commands.
 */
#ifndef ATHAR_TEST_DEVICE_SUPPORT_H
#define ATHAR_TEST_DEVICE_SUPPORT_H

#include "athar_test.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "athar/json.h"

static char *top;

static inline int set_up(void **state)
{
	(void)state;
	top = athar_test_mkdir();
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	athar_test_rmdir(top);
	return 0;
}

/* A path below the test's folder; good for four calls. */
static inline char *below(const char *name)
{
	static char path[4][4200];
	static unsigned turn;
	char *p = path[turn++ % 4];

	snprintf(p, sizeof path[0], "%s/%s", top, name);
	return p;
}

static inline int shell(const char *command)
{
	char line[6000];

	snprintf(line, sizeof line, "cd '%s' && (%s) >out.txt 2>err.txt", top, command);
	return system(line);
}

/* What the last command wrote, without its last line feed; good until the next call. */
static inline const char *shell_said(void)
{
	static char text[65536];
	FILE *f = fopen(below("out.txt"), "rb");
	size_t len;

	assert_non_null(f);
	len = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	text[len] = '\0';
	if (len > 0 && text[len - 1] == '\n')
		text[len - 1] = '\0';
	return text;
}

/* A file and the folders it lies in. */
static inline void put_text(const char *name, const char *text)
{
	char command[4400];
	FILE *f = fopen(below(name), "wb");

	if (f == NULL) {
		snprintf(command, sizeof command, "mkdir -p \"$(dirname '%s')\"", name);
		assert_int_equal(shell(command), 0);
		f = fopen(below(name), "wb");
	}
	assert_non_null(f);
	assert_int_equal(fputs(text, f) < 0, 0);
	assert_int_equal(fclose(f), 0);
}

/* A loop device over a file of the test's folder; skips the test where there is none to be had. */
static inline void attach(char node[64], const char *options, const char *file)
{
	char command[500];

	snprintf(command, sizeof command, "losetup %s -f --show '%s'", options, below(file));
	if (geteuid() != 0 || shell(command) != 0)
		skip();
	snprintf(node, 64, "%.63s", shell_said());
}

static inline void detach(const char *node)
{
	char command[100];

	snprintf(command, sizeof command, "losetup -d %s", node);
	assert_int_equal(shell(command), 0);
}

static inline void assert_text(const athar_json *object, const char *key, const char *expected)
{
	const char *text = athar_json_get_text(object, key);

	if (text == NULL || strcmp(text, expected) != 0)
		print_error("%s is %s, not %s\n", key, text != NULL ? text : "(none)", expected);
	assert_non_null(text);
	assert_string_equal(text, expected);
}

static inline void assert_number(const athar_json *object, const char *key, uint64_t expected)
{
	uint64_t n = 0;

	if (!athar_json_get_number(object, key, &n))
		print_error("there is no %s\n", key);
	assert_true(athar_json_get_number(object, key, &n));
	assert_int_equal(n, expected);
}

static inline void assert_flag(const athar_json *object, const char *key, bool expected)
{
	bool value = !expected;

	assert_true(athar_json_get_bool(object, key, &value));
	assert_int_equal(value, expected);
}

#endif
