/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar/info.h"

#include "engine/drivers.h"
#include "engine/survey.h"
#include "image/driver.h"
#include "jail/confine.h"

/* The container is described in the worker too: its header is evidence like everything else. */

static const athar_format *const no_formats[] = {NULL};

typedef struct inquiry {
	athar_json *container;
} inquiry;

static athar_status take_container(void *user, uint32_t type, athar_bytes payload, athar_error *err)
{
	inquiry *q = user;

	if (type != ATHAR_MESSAGE_CONTAINER || q->container != NULL)
		return athar_fail(err, ATHAR_EFORMAT, "a worker's message makes no sense");
	return athar_json_parse(&q->container, (const char *)payload.ptr, payload.len, err);
}

static athar_status ask_container(athar_json **out, athar_jail *jail, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire request = ATHAR_WIRE_INIT;
	athar_jail_end end = {.kind = ATHAR_JAIL_DONE};
	inquiry q = {.container = NULL};
	athar_single calls = {.message = take_container, .user = &q};

	athar_wire_number(&request, ATHAR_TASK_CONTAINER);
	athar_status status = athar_serve_single(&end, jail, &request, &calls, err);
	if (status == ATHAR_OK && end.kind == ATHAR_JAIL_DONE && q.container == NULL)
		status = athar_fail(err, ATHAR_EFORMAT, "the container was not described");
	else if (status == ATHAR_OK && end.kind != ATHAR_JAIL_DONE) {
		*err = end.error;
		status = athar_within(err, "the container could not be described");
	}
	if (status != ATHAR_OK)
		athar_json_free(q.container);
	else
		*out = q.container;
	return status;
}

static void add_volumes(athar_json *out, const athar_survey *survey, size_t *findings)
{
	athar_json *volumes = athar_json_array();
	athar_json *list = athar_json_array();

	if (survey->finding[0] != '\0')
		athar_json_append_text(list, survey->finding);
	*findings = survey->finding[0] != '\0';
	for (size_t i = 0; i < survey->count; i++) {
		const athar_volume_info *v = &survey->volume[i];

		athar_json *o = athar_survey_volume_json(v);
		athar_json *use = athar_survey_use_json(&survey->use[i]);

		if (use != NULL)
			athar_json_set(o, "last_use", use);
		athar_json_append(volumes, o);
		if (v->finding[0] == '\0')
			continue;
		athar_json_append_text(list, v->finding);
		(*findings)++;
	}
	athar_json_set_text(out, "partition_table", survey->table);
	athar_json_set(out, "volumes", volumes);
	athar_json_set(out, "findings", list);
}

static athar_status ask(athar_json **out, athar_jail *jail, athar_error *err)
{
	ATHAR_AUTO(survey) athar_survey survey = {.size = 0};
	ATHAR_AUTO(json) athar_json *o = athar_json_object();
	athar_json *container = NULL;
	size_t findings = 0;

	ATHAR_TRY(ask_container(&container, jail, err));
	athar_json_set(o, "container", container);
	ATHAR_TRY(athar_survey_run(&survey, jail, err));
	add_volumes(o, &survey, &findings);
	*out = ATHAR_GIVE(o);
	if (findings == 0)
		return ATHAR_OK;
	return athar_fail(err, ATHAR_EINCOMPLETE, "%zu things could not be examined", findings);
}

athar_status athar_info(athar_json **out, const char *path, const athar_context *context,
                        athar_error *err)
{
	ATHAR_AUTO(jail) athar_jail *jail = NULL;
	athar_worker_spec worker = {.image = path, .formats = no_formats, .step = 512};
	athar_jail_spec spec = {.workers = 1,
	                        .unconfined = context->unconfined,
	                        .setup = athar_worker_setup,
	                        .task = athar_worker_task,
	                        .user = &worker};

	ATHAR_TRY(athar_allow_files(ATHAR_SEGMENT_FILES, err));
	ATHAR_TRY(athar_jail_open(&jail, &spec, err));
	return ask(out, jail, err);
}
