/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a claim says of the content.
 */
#ifndef ATHAR_TEST_FIELDS_H
#define ATHAR_TEST_FIELDS_H

#include "judge.h"

/* "": it says nothing of it. */
static inline const char *field_of(const athar_claim *c, const char *key)
{
	for (size_t i = 0; i < c->field_count; i++)
		if (strcmp(c->field[i].key, key) == 0)
			return c->field[i].value;
	return "";
}

static inline void expect_field(const athar_format *format, const char *name, const char *key,
                                const char *value)
{
	const athar_claim c = judge_file(format, name);

	if (strcmp(field_of(&c, key), value) != 0)
		fail_msg("%s: %s is \"%s\", not \"%s\"", name, key, field_of(&c, key), value);
}

static inline void expect_said(const athar_claim *c, const char *key, const char *value)
{
	assert_string_equal(field_of(c, key), value);
}

/* The notes that make.py puts into pictures. */
static inline void expect_notes(const athar_format *format, const char *name)
{
	expect_field(format, name, "camera", "Athar Model 7");
	expect_field(format, name, "software", "make.py");
	expect_field(format, name, "author", "Nobody");
	expect_field(format, name, "serial", "SN 0042");
	expect_field(format, name, "taken", "2024-03-01T12:34:56+02:00");
	expect_field(format, name, "modified", "2024-03-02T08:00:00");
}

#endif
