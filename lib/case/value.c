/* SPDX-License-Identifier: BSD-2-Clause */
#include "case/value.h"
#include "base/idiom.h"

/* Numbers, null, true, false, {} and [] are told apart by how they are written: short in any case,
 * since what has members was settled before. */
static athar_kind kind_by_text(const athar_json *value)
{
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) char *line = NULL;

	if (athar_json_line(&line, value, &err) != ATHAR_OK)
		return ATHAR_KIND_NONE;
	switch (line[0]) {
	case 'n':
		return ATHAR_KIND_NULL;
	case 't':
	case 'f':
		return ATHAR_KIND_BOOL;
	case '[':
		return ATHAR_KIND_ARRAY;
	case '{':
		return ATHAR_KIND_OBJECT;
	default:
		return ATHAR_KIND_NUMBER;
	}
}

athar_kind athar_value_kind(const athar_json *value)
{
	if (value == NULL)
		return ATHAR_KIND_NONE;
	if (athar_json_text(value) != NULL)
		return ATHAR_KIND_TEXT;
	if (athar_json_count(value) != 0)
		return athar_json_key(value, 0) != NULL ? ATHAR_KIND_OBJECT : ATHAR_KIND_ARRAY;
	return kind_by_text(value);
}
