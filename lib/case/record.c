/* SPDX-License-Identifier: BSD-2-Clause */
/* One line of the custody log: which members it has, and of which kind. */
#include <string.h>

#include "case/private.h"
#include "case/value.h"

enum { TEXT = 1 << ATHAR_KIND_TEXT, NONE = 1 << ATHAR_KIND_NULL, OBJECT = 1 << ATHAR_KIND_OBJECT };

static const struct member {
	const char *name;
	int kinds;
} members[] = {
	{"action", TEXT},      {"actor", OBJECT}, {"auth", 1 << ATHAR_KIND_ARRAY},
	{"case", TEXT | NONE}, {"data", OBJECT},  {"exhibit", TEXT | NONE},
	{"host", OBJECT},      {"prev", TEXT},    {"seq", 1 << ATHAR_KIND_NUMBER},
	{"time", TEXT},        {"tool", OBJECT},  {"v", 1 << ATHAR_KIND_NUMBER},
};

static bool wrong(char why[160], const char *what, const char *name)
{
	snprintf(why, 160, "%s %s", what, name);
	return false;
}

static bool form(const athar_json *record, char why[160])
{
	const char *prev = athar_json_get_text(record, "prev");

	for (size_t i = 0; i < ATHAR_COUNT(members); i++) {
		const athar_json *value = athar_json_get(record, members[i].name);

		if (value == NULL)
			return wrong(why, "there is no", members[i].name);
		if ((1 << athar_value_kind(value) & members[i].kinds) == 0)
			return wrong(why, "of the wrong kind is", members[i].name);
	}
	if (athar_json_count(record) != ATHAR_COUNT(members))
		return wrong(why, "there are members that do not belong in", "a record");
	if (strlen(prev) != 64 || strspn(prev, "0123456789abcdef") != 64)
		return wrong(why, "no SHA-256 is in", "prev");
	return true;
}

athar_status athar_record_parse(athar_json **out, char why[160], const void *bytes, size_t len,
                                athar_error *err)
{
	ATHAR_AUTO(json) athar_json *record = NULL;
	athar_error parse = ATHAR_ERROR_INIT;
	uint64_t version = 0;

	*out = NULL;
	if (athar_json_parse(&record, bytes, len, &parse) != ATHAR_OK) {
		if (parse.status != ATHAR_EFORMAT && parse.status != ATHAR_ELIMIT)
			return *err = parse, parse.status;
		snprintf(why, 160, "it is no JSON: %.140s", parse.text);
		return ATHAR_OK;
	}
	if (!athar_json_get_number(record, "v", &version) || version == 0) {
		wrong(why, "there is no", "v");
		return ATHAR_OK;
	}
	if (version > ATHAR_CASE_VERSION)
		return athar_fail(err, ATHAR_EFORMAT,
		                  "a line of the custody log is in form %llu, this athar knows up "
		                  "to %u: use a newer athar",
		                  (unsigned long long)version, ATHAR_CASE_VERSION);
	if (form(record, why))
		*out = ATHAR_GIVE(record);
	return ATHAR_OK;
}
