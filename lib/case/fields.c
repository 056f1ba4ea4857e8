/* SPDX-License-Identifier: BSD-2-Clause */
/* The form of case.json: its members, their defaults, and one change at a time. */
#include <ctype.h>
#include <string.h>

#include "athar/text.h"
#include "base/alloc.h"
#include "case/private.h"
#include "case/value.h"
#include "digest/digest.h"

static const struct member {
	const char *name;
	athar_kind kind; /* texts may be null */
} members[] = {
	{"authorities", ATHAR_KIND_ARRAY}, {"description", ATHAR_KIND_TEXT},
	{"lab", ATHAR_KIND_OBJECT},        {"number", ATHAR_KIND_TEXT},
	{"people", ATHAR_KIND_ARRAY},      {"request", ATHAR_KIND_OBJECT},
	{"time_zone", ATHAR_KIND_TEXT},
};

#define KEYS "number, description, request, people, authorities, time_zone, lab"

static const struct member *find_member(const char *name, size_t len)
{
	for (size_t i = 0; i < ATHAR_COUNT(members); i++)
		if (strlen(members[i].name) == len && memcmp(members[i].name, name, len) == 0)
			return &members[i];
	return NULL;
}

/* ---- form ---- */

/* "2026-11-22", or with "T23:57:55Z" behind. */
static bool date_form(const char *text)
{
	static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
	const size_t len = strlen(text);

	if (len != 10 && len != sizeof form - 1)
		return false;
	for (size_t i = 0; i < len; i++)
		if (form[i] == 'd' ? !isdigit((unsigned char)text[i]) : text[i] != form[i])
			return false;
	return true;
}

static athar_status check_authority(const athar_json *authority, size_t index, athar_error *err)
{
	static const char *const bounds[] = {"from", "to"};

	if (athar_json_get_text(authority, "number") == NULL)
		return athar_fail(err, ATHAR_EUSAGE, "authority %zu has no number", index + 1);
	for (size_t i = 0; i < ATHAR_COUNT(bounds); i++) {
		const athar_json *bound = athar_json_get(authority, bounds[i]);

		if (bound == NULL || athar_value_kind(bound) == ATHAR_KIND_NULL)
			continue;
		if (athar_json_text(bound) == NULL || !date_form(athar_json_text(bound)))
			return athar_fail(err, ATHAR_EUSAGE,
			                  "authority %zu: \"%s\" is no date: write 2026-11-22 or "
			                  "2026-11-22T23:57:55Z",
			                  index + 1, bounds[i]);
	}
	return ATHAR_OK;
}

static athar_status check_member(const athar_json *fields, const struct member *m, athar_error *err)
{
	static const char *const names[] = {[ATHAR_KIND_TEXT] = "a text",
	                                    [ATHAR_KIND_ARRAY] = "an array",
	                                    [ATHAR_KIND_OBJECT] = "an object"};
	const athar_json *value = athar_json_get(fields, m->name);
	athar_kind kind;

	if (value == NULL)
		return ATHAR_OK;
	kind = athar_value_kind(value);
	if (kind != m->kind && !(m->kind == ATHAR_KIND_TEXT && kind == ATHAR_KIND_NULL))
		return athar_fail(err, ATHAR_EUSAGE, "%s has to be %s", m->name, names[m->kind]);
	return ATHAR_OK;
}

athar_status athar_fields_check(const athar_json *fields, athar_error *err)
{
	const athar_json *people = athar_json_get(fields, "people");
	const athar_json *authorities = athar_json_get(fields, "authorities");

	for (size_t i = 0; i < ATHAR_COUNT(members); i++)
		ATHAR_TRY(check_member(fields, &members[i], err));
	for (size_t i = 0; i < athar_json_count(people); i++)
		if (athar_value_kind(athar_json_at(people, i)) != ATHAR_KIND_OBJECT)
			return athar_fail(err, ATHAR_EUSAGE, "person %zu has to be an object",
			                  i + 1);
	for (size_t i = 0; i < athar_json_count(authorities); i++)
		ATHAR_TRY(check_authority(athar_json_at(authorities, i), i, err));
	return ATHAR_OK;
}

/* ---- new, set ---- */

static void set_default(athar_json *fields, const struct member *m)
{
	if (m->kind == ATHAR_KIND_TEXT)
		athar_json_set_null(fields, m->name);
	else
		athar_json_set(fields, m->name,
		               m->kind == ATHAR_KIND_ARRAY ? athar_json_array()
		                                           : athar_json_object());
}

athar_status athar_fields_new(athar_json **out, const athar_json *fields, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *made = athar_json_object();

	athar_json_set_number(made, "v", ATHAR_CASE_VERSION);
	for (size_t i = 0; i < ATHAR_COUNT(members); i++)
		set_default(made, &members[i]);
	for (size_t i = 0; fields != NULL && i < athar_json_count(fields); i++) {
		const char *key = athar_json_key(fields, i);

		if (key == NULL || find_member(key, strlen(key)) == NULL)
			return athar_fail(err, ATHAR_EUSAGE,
			                  "\"%.64s\" is no member of a case: there are " KEYS,
			                  key == NULL ? "" : key);
		athar_json_set(made, key, athar_json_copy(athar_json_get(fields, key)));
	}
	ATHAR_TRY(athar_fields_check(made, err));
	*out = ATHAR_GIVE(made);
	return ATHAR_OK;
}

/* Changes the member that the rest of the key names, through at most `depth` objects; objects on
 * the way that are missing are made. */
static athar_status set_below(athar_json **old, athar_json *object, const char *key,
                              const athar_json *value, unsigned depth, athar_error *err)
{
	ATHAR_AUTO(free) char *name = athar_copy_text(key, err);
	ATHAR_AUTO(json) athar_json *child = NULL;
	const athar_json *there;
	char *dot;

	if (name == NULL)
		return err->status;
	dot = strchr(name, '.');
	if (dot != NULL)
		*dot = '\0';
	if (*name == '\0' || depth == 0)
		return athar_fail(err, ATHAR_EUSAGE, "the name has an empty or too deep part");
	there = athar_json_get(object, name);
	if (dot == NULL) {
		*old = there == NULL ? NULL : athar_json_copy(there);
		athar_json_set(object, name, athar_json_copy(value));
		return ATHAR_OK;
	}
	if (there != NULL && athar_value_kind(there) != ATHAR_KIND_OBJECT)
		return athar_fail(err, ATHAR_EUSAGE, "%.64s has no members", name);
	child = there == NULL ? athar_json_object() : athar_json_copy(there);
	ATHAR_TRY(set_below(old, child, dot + 1, value, depth - 1, err));
	athar_json_set(object, name, ATHAR_GIVE(child));
	return ATHAR_OK;
}

athar_status athar_fields_set(athar_json **out, athar_json **old, const athar_json *fields,
                              const char *key, const athar_json *value, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *made = NULL;

	if (value == NULL)
		return athar_fail(err, ATHAR_EUSAGE, "no value is given for %.64s", key);
	if (find_member(key, strcspn(key, ".")) == NULL)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "\"%.64s\" is no member of a case: there are " KEYS, key);
	made = athar_json_copy(fields);
	if (set_below(old, made, key, value, 8, err) != ATHAR_OK)
		return athar_within(err, "\"%.64s\"", key);
	ATHAR_TRY(athar_fields_check(made, err));
	*out = ATHAR_GIVE(made);
	return ATHAR_OK;
}

athar_status athar_fields_render(char **text, char hex[65], const athar_json *fields,
                                 athar_error *err)
{
	ATHAR_AUTO(free) char *pretty = NULL;
	ATHAR_AUTO(free) char *whole = NULL;

	ATHAR_TRY(athar_json_pretty(&pretty, fields, err));
	whole = athar_format_text(err, "%s\n", pretty);
	if (whole == NULL)
		return err->status;
	ATHAR_TRY(athar_digest_sha256(hex, whole, strlen(whole), err));
	*text = ATHAR_GIVE(whole);
	return ATHAR_OK;
}

/* ---- authorities ---- */

/* Seconds that the case's zone is ahead of UTC, where it is written as "+03:00"; a zone by name
 * would need the system's tables, which change: its days are taken as UTC. */
static int64_t zone_ahead(const athar_json *fields)
{
	const char *zone = athar_json_get_text(fields, "time_zone");
	unsigned hours, minutes;
	char sign, after;

	if (zone == NULL || sscanf(zone, "%c%2u:%2u%c", &sign, &hours, &minutes, &after) != 3 ||
	    (sign != '+' && sign != '-') || hours > 14 || minutes > 59)
		return 0;
	return (sign == '-' ? -1 : 1) * (int64_t)(hours * 3600 + minutes * 60);
}

/* A date counts in the zone of the case and with its whole day, a time in UTC. < 0: now lies
 * before the bound. */
static int compare_bound(const char *bound, int64_t now, int64_t ahead)
{
	const bool day = strlen(bound) == 10;
	char text[32];

	athar_text_time(text, sizeof text, day ? now + ahead : now);
	return strncmp(text, bound, day ? 10 : sizeof text);
}

athar_json *athar_fields_in_force(const athar_json *fields, int64_t now)
{
	const athar_json *authorities = athar_json_get(fields, "authorities");
	const int64_t ahead = zone_ahead(fields);
	athar_json *out = athar_json_array();

	for (size_t i = 0; i < athar_json_count(authorities); i++) {
		const athar_json *a = athar_json_at(authorities, i);
		const char *from = athar_json_get_text(a, "from");
		const char *to = athar_json_get_text(a, "to");

		if (from != NULL && compare_bound(from, now, ahead) < 0)
			continue;
		if (to != NULL && compare_bound(to, now, ahead) > 0)
			continue;
		athar_json_append_text(out, athar_json_get_text(a, "number"));
	}
	return out;
}
