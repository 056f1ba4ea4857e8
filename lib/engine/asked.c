/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/asked.h"

#include <string.h>

#include "base/alloc.h"

typedef struct text_key {
	const char *key;
	size_t at;
} text_key;

static const text_key texts[] = {{"type", offsetof(athar_carve_options, types)},
                                 {"from", offsetof(athar_carve_options, from)},
                                 {"to", offsetof(athar_carve_options, to)},
                                 {"extract", offsetof(athar_carve_options, extract)},
                                 {"run", offsetof(athar_carve_options, of_run)}};

static const text_key flags[] = {{"whole", offsetof(athar_carve_options, whole)},
                                 {"every-byte", offsetof(athar_carve_options, every_byte)},
                                 {"allocated", offsetof(athar_carve_options, allocated)},
                                 {"list-only", offsetof(athar_carve_options, list_only)},
                                 {"tree", offsetof(athar_carve_options, tree)},
                                 {"set-times", offsetof(athar_carve_options, set_times)}};

static const char **text_of(athar_carve_options *o, size_t i)
{
	return (const char **)((char *)o + texts[i].at);
}

static bool *flag_of(athar_carve_options *o, size_t i)
{
	return (bool *)((char *)o + flags[i].at);
}

/* ---- writing ---- */

/* A pattern is a path: any bytes. */
static athar_json *patterns(const athar_carve_names *names)
{
	athar_json *list = athar_json_array();

	for (size_t i = 0; i < names->count; i++) {
		athar_json *one = athar_json_object();

		athar_json_set_bytes(one, "pattern", names->name[i], strlen(names->name[i]));
		athar_json_append(list, one);
	}
	return list;
}

athar_json *athar_asked_json(const athar_carve_options *options, const char *earlier)
{
	athar_carve_options o = *options;
	athar_json *json = athar_json_object();

	if (earlier != NULL)
		o.of_run = earlier;
	for (size_t i = 0; i < ATHAR_COUNT(texts); i++)
		athar_json_set_text(json, texts[i].key, *text_of(&o, i));
	for (size_t i = 0; i < ATHAR_COUNT(flags); i++)
		athar_json_set_bool(json, flags[i].key, *flag_of(&o, i));
	athar_json_set_number(json, "method", o.methods);
	athar_json_set_number(json, "effort", o.effort);
	athar_json_set_text(json, "grade", athar_grade_name(o.least));
	athar_json_set_number(json, "max-output", o.max_output);
	athar_json_set_bool(json, "known", o.known.count != 0);
	athar_json_set(json, "path", patterns(&o.path));
	athar_json_set(json, "exclude", patterns(&o.exclude));
	return json;
}

/* ---- reading ---- */

static athar_status senseless(athar_error *err)
{
	return athar_fail(err, ATHAR_EFORMAT,
	                  "the record of what was asked for makes no sense: carve without "
	                  "--resume");
}

static athar_status take_patterns(athar_carve_names *out, char ***owned, const athar_json *list,
                                  athar_error *err)
{
	const size_t count = athar_json_count(list);

	*owned = athar_alloc_array(count + 1, sizeof **owned, err);
	if (*owned == NULL)
		return ATHAR_ENOMEM;
	for (size_t i = 0; i < count; i++) {
		size_t len = 0;

		ATHAR_TRY(athar_json_get_bytes((uint8_t **)&(*owned)[i], &len,
		                               athar_json_at(list, i), "pattern", err));
	}
	*out = (athar_carve_names){.name = (const char *const *)*owned, .count = count};
	return ATHAR_OK;
}

/* How many contents a list has is counted as they come: half of them would be another number. */
static athar_status check_known(const athar_json *record, athar_error *err)
{
	bool known = false;

	if (athar_json_get_bool(record, "known", &known) && known)
		return athar_fail(err, ATHAR_EREFUSED,
		                  "the interrupted run looked its contents up in lists of known "
		                  "files; such a run cannot be gone on with: carve once more");
	return ATHAR_OK;
}

static athar_status take_all(athar_asked *a, athar_error *err)
{
	athar_carve_options *o = &a->options;
	const athar_json *r = a->record;
	uint64_t methods = 0;

	for (size_t i = 0; i < ATHAR_COUNT(texts); i++)
		*text_of(o, i) = athar_json_get_text(r, texts[i].key);
	for (size_t i = 0; i < ATHAR_COUNT(flags); i++)
		if (!athar_json_get_bool(r, flags[i].key, flag_of(o, i)))
			return senseless(err);
	if (!athar_json_get_number(r, "method", &methods) || methods > UINT32_MAX ||
	    !athar_json_get_number(r, "effort", &o->effort) ||
	    !athar_json_get_number(r, "max-output", &o->max_output) ||
	    !athar_grade_parse(&o->least, athar_json_get_text(r, "grade")))
		return senseless(err);
	o->methods = (unsigned)methods;
	ATHAR_TRY(check_known(r, err));
	ATHAR_TRY(take_patterns(&o->path, &a->path, athar_json_get(r, "path"), err));
	return take_patterns(&o->exclude, &a->exclude, athar_json_get(r, "exclude"), err);
}

/* Are both the same under this key? */
static athar_status compare(bool *same, const athar_json *a, const athar_json *b, const char *key,
                            athar_error *err)
{
	ATHAR_AUTO(json) athar_json *x = athar_json_array(), *y = athar_json_array();
	ATHAR_AUTO(free) char *left = NULL, *right = NULL;

	if (athar_json_get(a, key) != NULL)
		athar_json_append(x, athar_json_copy(athar_json_get(a, key)));
	if (athar_json_get(b, key) != NULL)
		athar_json_append(y, athar_json_copy(athar_json_get(b, key)));
	ATHAR_TRY(athar_json_line(&left, x, err));
	ATHAR_TRY(athar_json_line(&right, y, err));
	*same = strcmp(left, right) == 0;
	return ATHAR_OK;
}

static athar_status check_given(const athar_json *record, const athar_carve_options *options,
                                athar_error *err)
{
	const athar_carve_options defaults = ATHAR_CARVE_OPTIONS_INIT;

	if (options->known.count != 0)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "--known goes with a run from its beginning, not with --resume");
	ATHAR_AUTO(json) athar_json *given = athar_asked_json(options, NULL);
	ATHAR_AUTO(json) athar_json *usual = athar_asked_json(&defaults, NULL);

	for (size_t i = 0; i < athar_json_count(usual); i++) {
		const char *key = athar_json_key(usual, i);
		bool left_out = false, same = false;

		ATHAR_TRY(compare(&left_out, given, usual, key, err));
		ATHAR_TRY(compare(&same, given, record, key, err));
		if (!left_out && !same)
			return athar_fail(err, ATHAR_EUSAGE,
			                  "the run began with another --%s: give it as it was, or "
			                  "leave it out",
			                  key);
	}
	return ATHAR_OK;
}

athar_status athar_asked_take(athar_asked *out, const athar_json *record,
                              const athar_carve_options *given, athar_error *err)
{
	out->options = *given;
	if (record == NULL)
		return senseless(err);
	ATHAR_TRY(check_given(record, given, err));
	out->record = athar_json_copy(record);
	if (out->record == NULL)
		return athar_fail(err, ATHAR_ENOMEM, "memory ran out at a record");
	return take_all(out, err);
}

static void free_all(char **texts_of)
{
	for (size_t i = 0; texts_of != NULL && texts_of[i] != NULL; i++)
		free(texts_of[i]);
	free(texts_of);
}

void athar_asked_clear(athar_asked *a)
{
	athar_json_free(a->record);
	free_all(a->path);
	free_all(a->exclude);
	*a = (athar_asked){.record = NULL};
}
