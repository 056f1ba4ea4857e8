/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/inside_worker.h"

#include <string.h>

#include "base/check.h"
#include "engine/inside_task.h"

#define DATA_SIZE (256u << 10)

typedef struct answer {
	const athar_worker_spec *spec;
	athar_jail_reply *reply;
} answer;

bool athar_inside_chosen(const athar_worker_spec *spec, const athar_find *find)
{
	for (size_t i = 0; spec->only_formats && spec->formats[i] != NULL; i++)
		if (strcmp(spec->formats[i]->name, find->format) == 0)
			return true;
	return !spec->only_formats;
}

static athar_status found(void *user, const athar_find *f, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire message = ATHAR_WIRE_INIT;
	const answer *a = user;

	if (!athar_inside_chosen(a->spec, f))
		return ATHAR_OK;
	athar_find_wire(&message, f);
	ATHAR_TRY(athar_wire_check(&message, err));
	return athar_jail_send(a->reply, ATHAR_MESSAGE_FIND, message.bytes, message.len, err);
}

static athar_status limited(void *user, const char *text, athar_error *err)
{
	const answer *a = user;

	return athar_jail_send(a->reply, ATHAR_MESSAGE_FINDING, text, strlen(text), err);
}

static athar_status beat(void *user, athar_error *err)
{
	const answer *a = user;

	return athar_jail_beat(a->reply, 0, err);
}

athar_status athar_inside_answer(athar_source *image, const athar_worker_spec *spec,
                                 const athar_unwire *u, athar_jail_reply *reply, athar_error *err)
{
	ATHAR_AUTO(find) athar_find parent = ATHAR_FIND_INIT;
	answer a = {.spec = spec, .reply = reply};
	const athar_inside_task task = {
		.image = image, .found = found, .limited = limited, .beat = beat, .user = &a};

	ATHAR_TRY(athar_find_unwire(&parent, (athar_bytes){.ptr = u->at, .len = u->left}, err));
	return athar_inside_run(&task, &parent, err);
}

athar_status athar_inside_send(athar_source *image, const athar_find *find, athar_jail_reply *reply,
                               athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *memory = NULL;
	ATHAR_AUTO(wire) athar_wire bad = ATHAR_WIRE_INIT;
	const uint8_t *at = NULL;
	size_t len = 0;

	ATHAR_TRY(athar_inside_unwrap(&memory, &at, &len, image, find, err));
	for (size_t done = 0; done < len; done += athar_min(DATA_SIZE, len - done))
		ATHAR_TRY(athar_jail_send(reply, ATHAR_MESSAGE_DATA, at + done,
		                          athar_min(DATA_SIZE, len - done), err));
	athar_wire_number(&bad, 0);
	ATHAR_TRY(athar_wire_check(&bad, err));
	return athar_jail_send(reply, ATHAR_MESSAGE_BAD, bad.bytes, bad.len, err);
}
