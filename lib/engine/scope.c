/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/scope.h"

#include <string.h>

#include "engine/seizure.h"

/* ---- patterns ---- */

static uint8_t fold(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

static bool same(char pattern, uint8_t c)
{
	if (pattern == '?')
		return c != '/';
	return fold((uint8_t)pattern) == fold(c);
}

/* Goes back to the last star only: what a star before it has taken can never help. That holds
 * within one component, so a '/' forgets the star. */
bool athar_scope_matches(const char *pattern, const uint8_t *path, size_t len)
{
	const char *star = NULL;
	size_t i = 0, tried = 0;

	for (;;) {
		if (*pattern == '\0' &&
		    (i == len || path[i] == '/' || (i > 0 && path[i - 1] == '/')))
			return true;
		if (*pattern == '*') {
			star = ++pattern;
			tried = i;
		} else if (i < len && *pattern != '\0' && same(*pattern, path[i])) {
			if (path[i] == '/')
				star = NULL;
			pattern++;
			i++;
		} else if (star != NULL && tried < len && path[tried] != '/') {
			pattern = star;
			i = ++tried;
		} else {
			return false;
		}
	}
}

static bool any_matches(const athar_carve_names *names, const athar_find *f)
{
	for (size_t i = 0; i < names->count; i++) {
		const char *pattern = names->name[i];

		while (*pattern == '/')
			pattern++;
		if (f->path != NULL && athar_scope_matches(pattern, f->path, f->path_len))
			return true;
	}
	return false;
}

/* ---- the scope ---- */

static athar_status set_times(athar_scope *s, athar_error *err)
{
	athar_seizure day;

	if (s->options->from != NULL) {
		ATHAR_TRY(athar_seizure_parse(&day, s->options->from, err));
		s->from = day.from;
	}
	if (s->options->to != NULL) {
		ATHAR_TRY(athar_seizure_parse(&day, s->options->to, err));
		s->to = day.to;
	}
	return s->from <= s->to ? ATHAR_OK
	                        : athar_fail(err, ATHAR_EUSAGE, "--from lies behind --to");
}

athar_status athar_scope_make(athar_scope *out, const athar_carve_options *options,
                              athar_error *err)
{
	*out = (athar_scope){.options = options, .from = INT64_MIN, .to = INT64_MAX};
	out->limited = options->from != NULL || options->to != NULL || options->path.count != 0 ||
	               options->exclude.count != 0;
	if (out->limited && (options->methods & (ATHAR_CARVE_CONTENT | ATHAR_CARVE_FRAGMENTS)) != 0)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "what is found by its content has no path and no time: with "
		                  "--from, --to, --path or --exclude only --method metadata");
	return set_times(out, err);
}

static bool in_time(const athar_scope *s, const athar_find *f)
{
	if (s->options->from == NULL && s->options->to == NULL)
		return true;
	for (size_t i = 0; i < f->time_count; i++)
		if (f->times[i].seconds >= s->from && f->times[i].seconds <= s->to)
			return true;
	return false;
}

bool athar_scope_holds(athar_scope *s, const athar_find *f)
{
	const athar_carve_options *o = s->options;
	const bool inside =
		in_time(s, f) && (o->path.count == 0 || any_matches(&o->path, f)) &&
		(o->exclude.count == 0 || (f->path != NULL && !any_matches(&o->exclude, f)));

	s->left_out += !inside;
	return inside;
}

static athar_json *names_json(const athar_carve_names *names)
{
	athar_json *list = athar_json_array();

	for (size_t i = 0; i < names->count; i++)
		athar_json_append_text(list, names->name[i]);
	return list;
}

athar_json *athar_scope_json(const athar_scope *s)
{
	athar_json *o;

	if (!s->limited)
		return NULL;
	o = athar_json_object();
	athar_json_set_text(o, "from", s->options->from);
	athar_json_set_text(o, "to", s->options->to);
	athar_json_set(o, "path", names_json(&s->options->path));
	athar_json_set(o, "exclude", names_json(&s->options->exclude));
	athar_json_set_number(o, "left_out", s->left_out);
	return o;
}
