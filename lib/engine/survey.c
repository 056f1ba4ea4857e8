/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/survey.h"

#include "athar/text.h"
#include "base/alloc.h"

/* As many as athar_volumes_each gives. */
#define VOLUMES_MOST 512u

/* ---- one request ---- */

typedef struct single {
	const athar_wire *request;
	const athar_single *calls;
	athar_jail_end *end;
	bool given;
	bool garbled; /* what the worker says from now on does not count */
} single;

static athar_status single_next(void *user, athar_bytes *request, bool *end, athar_error *err)
{
	single *s = user;

	(void)err;
	*end = s->given;
	s->given = true;
	*request = (athar_bytes){.ptr = s->request->bytes, .len = s->request->len};
	return ATHAR_OK;
}

static athar_status single_message(void *user, uint64_t task, uint32_t type, athar_bytes payload,
                                   athar_error *err)
{
	single *s = user;

	(void)task;
	if (s->garbled)
		return ATHAR_OK;
	athar_status status = s->calls->message(s->calls->user, type, payload, err);
	if (status != ATHAR_EFORMAT)
		return status;
	s->garbled = true;
	return ATHAR_OK;
}

static athar_status single_ended(void *user, uint64_t task, const athar_jail_end *end,
                                 athar_error *err)
{
	single *s = user;

	(void)task, (void)err;
	*s->end = *end;
	if (s->garbled) {
		s->end->kind = ATHAR_JAIL_GARBLED;
		(void)athar_fail(&s->end->error, ATHAR_EFORMAT,
		                 "a worker's messages made no sense");
	}
	return ATHAR_OK;
}

static bool single_tick(void *user, uint64_t done)
{
	const single *s = user;

	return s->calls->tick != NULL && s->calls->tick(s->calls->user, done);
}

athar_status athar_serve_single(athar_jail_end *end, athar_jail *jail, const athar_wire *request,
                                const athar_single *calls, athar_error *err)
{
	single s = {.request = request, .calls = calls, .end = end};
	athar_jail_run run = {.next = single_next,
	                      .message = single_message,
	                      .ended = single_ended,
	                      .tick = single_tick,
	                      .user = &s};

	ATHAR_TRY(athar_wire_check(request, err));
	return athar_jail_serve(jail, &run, err);
}

/* ---- the survey ---- */

static athar_status take_volume(athar_survey *s, athar_bytes payload, athar_error *err)
{
	athar_unwire u = athar_unwire_begin(payload);
	athar_volume_info info;

	athar_volume_unwire(&info, &u);
	ATHAR_TRY(athar_unwire_end(&u, err));
	if (s->count == VOLUMES_MOST)
		return athar_fail(err, ATHAR_EFORMAT, "a worker's message makes no sense");
	ATHAR_TRY(athar_grow(&s->volume, &s->capacity, s->count + 1, sizeof *s->volume, err));
	ATHAR_TRY(athar_grow(&s->use, &s->use_capacity, s->count + 1, sizeof *s->use, err));
	s->use[s->count] = (athar_last_use){.mounted = 0};
	s->volume[s->count++] = info;
	return ATHAR_OK;
}

static athar_status take_last_use(athar_survey *s, athar_bytes payload, athar_error *err)
{
	athar_unwire u = athar_unwire_begin(payload);
	athar_last_use use;

	athar_last_use_unwire(&use, &u);
	ATHAR_TRY(athar_unwire_end(&u, err));
	if (s->count == 0)
		return athar_fail(err, ATHAR_EFORMAT, "a worker's message makes no sense");
	s->use[s->count - 1] = use;
	return ATHAR_OK;
}

static athar_status take_image(athar_survey *s, athar_bytes payload, athar_error *err)
{
	athar_unwire u = athar_unwire_begin(payload);

	s->size = athar_unwire_number(&u);
	s->sector_size = (uint32_t)athar_unwire_below(&u, UINT64_C(1) << 32);
	s->known_bad = athar_unwire_number(&u);
	ATHAR_TRY(athar_unwire_end(&u, err));
	return s->size <= INT64_MAX
	               ? ATHAR_OK
	               : athar_fail(err, ATHAR_EFORMAT, "a worker's message makes no sense");
}

static athar_status take_table(athar_survey *s, athar_bytes payload, athar_error *err)
{
	athar_unwire u = athar_unwire_begin(payload);

	athar_unwire_text(&u, s->table, sizeof s->table);
	return athar_unwire_end(&u, err);
}

static athar_status take(void *user, uint32_t type, athar_bytes payload, athar_error *err)
{
	switch (type) {
	case ATHAR_MESSAGE_VOLUME:
		return take_volume(user, payload, err);
	case ATHAR_MESSAGE_LAST_USE:
		return take_last_use(user, payload, err);
	case ATHAR_MESSAGE_IMAGE:
		return take_image(user, payload, err);
	case ATHAR_MESSAGE_TABLE:
		return take_table(user, payload, err);
	default:
		return athar_fail(err, ATHAR_EFORMAT, "a worker's message makes no sense");
	}
}

athar_status athar_survey_run(athar_survey *out, athar_jail *jail, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire request = ATHAR_WIRE_INIT;
	athar_jail_end end = {.kind = ATHAR_JAIL_DONE};
	athar_single calls = {.message = take, .user = out};

	*out = (athar_survey){.size = 0};
	athar_request_survey(&request);
	ATHAR_TRY(athar_serve_single(&end, jail, &request, &calls, err));
	if (end.kind != ATHAR_JAIL_DONE)
		(void)snprintf(out->finding, sizeof out->finding, "%s be found: %.240s",
		               out->count > 0 ? "not all volumes could" : "the volumes could not",
		               end.error.text);
	return ATHAR_OK;
}

athar_status athar_survey_size(athar_survey *out, athar_jail *jail, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire request = ATHAR_WIRE_INIT;
	athar_jail_end end = {.kind = ATHAR_JAIL_DONE};
	athar_single calls = {.message = take, .user = out};

	*out = (athar_survey){.size = 0};
	athar_wire_number(&request, ATHAR_TASK_IMAGE);
	ATHAR_TRY(athar_serve_single(&end, jail, &request, &calls, err));
	if (end.kind == ATHAR_JAIL_DONE)
		return ATHAR_OK;
	*err = end.error;
	return err->status == ATHAR_OK ? athar_fail(err, ATHAR_EIO, "the image cannot be read")
	                               : err->status;
}

void athar_survey_clear(athar_survey *survey)
{
	free(survey->volume);
	free(survey->use);
	*survey = (athar_survey){.size = 0};
}

const athar_volume_info *athar_survey_volume(const athar_survey *survey, unsigned number)
{
	for (size_t i = 0; i < survey->count; i++)
		if (survey->volume[i].number == number)
			return &survey->volume[i];
	return NULL;
}

athar_json *athar_survey_volume_json(const athar_volume_info *v)
{
	athar_json *o = athar_json_object();

	athar_json_set_number(o, "number", v->number);
	athar_json_set_number(o, "offset", v->offset);
	athar_json_set_number(o, "length", v->length);
	athar_json_set_text(o, "kind", v->kind);
	athar_json_set_text(o, "description", v->description);
	athar_json_set_text(o, "label", v->label);
	athar_json_set_number(o, "block_size", v->block_size);
	athar_json_set_number(o, "blocks", v->blocks);
	athar_json_set_bool(o, "file_system", v->file_system);
	athar_json_set_text(o, "finding", v->finding[0] == '\0' ? NULL : v->finding);
	return o;
}

static void set_time(athar_json *o, const char *key, int64_t seconds)
{
	char text[32];

	athar_json_set_text(o, key,
	                    seconds != 0 ? athar_text_time(text, sizeof text, seconds) : NULL);
}

athar_json *athar_survey_use_json(const athar_last_use *use)
{
	athar_json *o;

	if (use->source[0] == '\0')
		return NULL;
	o = athar_json_object();
	set_time(o, "mounted", use->mounted);
	set_time(o, "written", use->written);
	athar_json_set_text(o, "source", use->source);
	return o;
}
