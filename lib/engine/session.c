/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/session.h"

#include <string.h>

#include "base/alloc.h"
#include "base/files.h"
#include "engine/record.h"

#define SESSION_MAX ((size_t)16 << 20)

static athar_json *source_of(const athar_acquire_options *o, const athar_source_info *info)
{
	athar_json *s = athar_json_object();

	athar_json_set_text(s, "path", o->source);
	athar_json_set_text(s, "driver", info->driver);
	athar_json_set_number(s, "size", info->size);
	athar_json_set_number(s, "sector_size", info->sector_size);
	athar_json_set_number(s, "offset", info->origin);
	athar_json_set_text(s, "model", info->model);
	athar_json_set_text(s, "serial", info->serial);
	athar_json_set_text(s, "wwn", info->wwn);
	return s;
}

static athar_json *setting_of(const athar_acquire_options *o)
{
	athar_json *s = athar_json_object();

	athar_json_set_text(s, "format", o->format);
	athar_json_set_number(s, "compression", o->compression);
	athar_json_set_number(s, "hash", o->hashes);
	athar_json_set_number(s, "segment-size", o->segment_size);
	athar_json_set_text(s, "copy", o->copy);
	return s;
}

/* The words of an examiner, and where they go. */
#define WORDS 5
static const char *const word_key[WORDS] = {"description", "notes", "seal", "condition",
                                            "write_blocker"};

static const char **word_of(athar_acquire_options *o, size_t i)
{
	const char **word[WORDS] = {&o->description, &o->notes, &o->seal, &o->condition,
	                            &o->write_blocker};

	return word[i];
}

static athar_json *stated_of(const athar_acquire_options *o)
{
	athar_acquire_options own = *o;
	athar_json *s = athar_json_object();

	for (size_t i = 0; i < WORDS; i++)
		athar_json_set_text(s, word_key[i], *word_of(&own, i));
	return s;
}

static athar_status set_examiner(athar_session *s, const char *examiner, athar_error *err)
{
	if (examiner == NULL)
		return ATHAR_OK;
	s->examiner = athar_copy_text(examiner, err);
	return s->examiner == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

athar_status athar_session_begin(athar_session *s, const athar_acquire_options *options,
                                 const athar_source_info *source, const athar_context *context,
                                 athar_error *err)
{
	s->context = context;
	s->started = s->acquired = context->now(context->user);
	s->source = source_of(options, source);
	s->setting = setting_of(options);
	s->stated = stated_of(options);
	s->past = athar_json_array();
	return set_examiner(s, context->examiner, err);
}

/* ---- going on ---- */

static bool same_text(const athar_json *a, const athar_json *b, const char *key)
{
	const char *x = athar_json_get_text(a, key), *y = athar_json_get_text(b, key);

	return x == NULL || y == NULL ? x == y : strcmp(x, y) == 0;
}

static bool same_number(const athar_json *a, const athar_json *b, const char *key)
{
	uint64_t x = 0, y = 0;

	return athar_json_get_number(a, key, &x) == athar_json_get_number(b, key, &y) && x == y;
}

/* A device may have got another node meanwhile; what it says of itself stays. */
static athar_status check_source(const athar_json *was, const athar_json *is, const char *path,
                                 athar_error *err)
{
	static const char *const texts[] = {"driver", "model", "serial", "wwn"};
	static const char *const numbers[] = {"size", "sector_size", "offset"};

	for (size_t i = 0; i < ATHAR_COUNT(texts); i++)
		if (!same_text(was, is, texts[i]))
			return athar_fail(err, ATHAR_EREFUSED,
			                  "%s is not what the acquisition began with: its %s is "
			                  "%.100s, it was %.100s",
			                  path, texts[i], athar_json_get_text(is, texts[i]),
			                  athar_json_get_text(was, texts[i]));
	for (size_t i = 0; i < ATHAR_COUNT(numbers); i++)
		if (!same_number(was, is, numbers[i]))
			return athar_fail(err, ATHAR_EREFUSED,
			                  "%s is not what the acquisition began with: its %s is "
			                  "another one",
			                  path, numbers[i]);
	return ATHAR_OK;
}

static athar_status check_setting(const athar_json *was, const athar_json *is, athar_error *err)
{
	static const char *const texts[] = {"format", "copy"};
	static const char *const numbers[] = {"compression", "hash", "segment-size"};
	const char *other = NULL;

	for (size_t i = 0; i < ATHAR_COUNT(texts); i++)
		if (!same_text(was, is, texts[i]))
			other = texts[i];
	for (size_t i = 0; i < ATHAR_COUNT(numbers); i++)
		if (!same_number(was, is, numbers[i]))
			other = numbers[i];
	if (other == NULL)
		return ATHAR_OK;
	return athar_fail(err, ATHAR_EUSAGE,
	                  "the acquisition began with another --%s: give it as it was", other);
}

static athar_status load(athar_json **out, const athar_exhibit *x, athar_error *err)
{
	ATHAR_AUTO(free)
	char *path = athar_join(athar_exhibit_folder(x), ATHAR_SESSION_FILE, err);
	ATHAR_AUTO(free) uint8_t *text = NULL;
	size_t len = 0;

	if (path == NULL)
		return ATHAR_ENOMEM;
	if (athar_file_load(&text, &len, path, SESSION_MAX, err) != ATHAR_OK)
		return athar_within(err, "what was begun cannot be gone on with");
	if (athar_json_parse(out, (const char *)text, len, err) != ATHAR_OK)
		return athar_within(err, "%s", path);
	return ATHAR_OK;
}

/* Missing members are empty: the checks then say what differs. */
static athar_json *part(const athar_json *state, const char *key, athar_json *empty)
{
	const athar_json *found = athar_json_get(state, key);

	if (found == NULL)
		return empty;
	athar_json_free(empty);
	return athar_json_copy(found);
}

static athar_status take(athar_session *s, const athar_json *state, athar_error *err)
{
	s->source = part(state, "source", athar_json_object());
	s->setting = part(state, "settings", athar_json_object());
	s->stated = part(state, "stated", athar_json_object());
	s->past = part(state, "sessions", athar_json_array());
	if (!athar_json_get_signed(state, "acquired", &s->acquired) ||
	    !athar_json_get_number(state, "healthy", &s->healthy) ||
	    !athar_json_get_bool(state, "rescue", &s->rescue) ||
	    !athar_json_get_bool(state, "sealing", &s->sealing))
		return athar_fail(err, ATHAR_EFORMAT, "%s is no state of an acquisition",
		                  ATHAR_SESSION_FILE);
	(void)athar_json_get_number(state, "behind", &s->behind);
	return set_examiner(s, athar_json_get_text(state, "examiner"), err);
}

athar_status athar_session_resume(athar_session *s, athar_acquire_options *options,
                                  const athar_exhibit *x, const athar_source_info *source,
                                  const athar_context *context, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *state = NULL;
	ATHAR_AUTO(json) athar_json *now = source_of(options, source);
	ATHAR_AUTO(json) athar_json *setting = setting_of(options);

	ATHAR_TRY(load(&state, x, err));
	ATHAR_TRY(take(s, state, err));
	s->context = context;
	s->started = context->now(context->user);
	for (size_t i = 0; i < WORDS; i++)
		if (*word_of(options, i) == NULL)
			*word_of(options, i) = athar_json_get_text(s->stated, word_key[i]);
	ATHAR_TRY(check_source(s->source, now, options->source, err));
	return check_setting(s->setting, setting, err);
}

/* ---- writing ---- */

static athar_json *this_one(const athar_session *s)
{
	athar_json *o = athar_json_object();

	athar_record_time(o, "started", s->started);
	if (s->ended != 0)
		athar_record_time(o, "ended", s->ended);
	athar_json_set_number(o, "from", s->from);
	if (s->ended != 0)
		athar_json_set_number(o, "to", s->to);
	athar_json_set_text(o, "result", s->result);
	athar_json_set_text(o, "host", s->context->host);
	athar_json_set_text(o, "login", s->context->login);
	athar_json_set_text(o, "examiner", s->context->examiner);
	athar_json_set_text(o, "command", s->context->command);
	return o;
}

athar_json *athar_session_list(const athar_session *s)
{
	athar_json *list = athar_json_copy(s->past);

	athar_json_append(list, this_one(s));
	return list;
}

athar_status athar_session_save(const athar_session *s, athar_exhibit *x, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *state = athar_json_object();
	ATHAR_AUTO(free) char *text = NULL;

	athar_json_set_number(state, "v", 1);
	athar_json_set_signed(state, "acquired", s->acquired);
	athar_json_set_text(state, "examiner", s->examiner);
	athar_json_set_number(state, "healthy", s->healthy);
	athar_json_set_bool(state, "rescue", s->rescue);
	athar_json_set_bool(state, "sealing", s->sealing);
	if (s->behind != 0)
		athar_json_set_number(state, "behind", s->behind);
	athar_json_set(state, "source", athar_json_copy(s->source));
	athar_json_set(state, "settings", athar_json_copy(s->setting));
	athar_json_set(state, "stated", athar_json_copy(s->stated));
	athar_json_set(state, "sessions", athar_session_list(s));
	ATHAR_TRY(athar_json_pretty(&text, state, err));
	return athar_exhibit_replace(x, ATHAR_SESSION_FILE, text, strlen(text), err);
}

void athar_session_clear(athar_session *s)
{
	athar_json_free(s->source);
	athar_json_free(s->setting);
	athar_json_free(s->stated);
	athar_json_free(s->past);
	free(s->examiner);
	*s = (athar_session){.context = NULL};
}
