/* SPDX-License-Identifier: BSD-2-Clause */
#include "events.h"

#include <stdlib.h>

FILE *athar_events_stream(const athar_call *call)
{
	return call->command != NULL && call->command->data ? stderr : stdout;
}

void athar_event(const athar_call *call, const char *type, athar_json *event)
{
	athar_error err = ATHAR_ERROR_INIT;
	FILE *to = athar_events_stream(call);
	char *line = NULL;

	if (call->common != NULL && call->common->json) {
		athar_json_set_text(event, "type", type);
		if (athar_json_line(&line, event, &err) == ATHAR_OK)
			(void)fprintf(to, "%s\n", line);
		else
			(void)fprintf(stderr, "athar: an event is lost: %s\n", err.text);
		(void)fflush(to);
	}
	free(line);
	athar_json_free(event);
}

void athar_event_notice(const athar_call *call, const char *text)
{
	athar_json *event = athar_json_object();

	athar_json_set_text(event, "text", text);
	athar_event(call, "notice", event);
}

static const char *status_name(athar_status status)
{
	switch (status) {
	case ATHAR_OK:
		return "ok";
	case ATHAR_EOF:
		return "end";
	case ATHAR_EIO:
		return "io";
	case ATHAR_EFORMAT:
		return "format";
	case ATHAR_EMISMATCH:
		return "mismatch";
	case ATHAR_EREFUSED:
		return "refused";
	case ATHAR_ELIMIT:
		return "limit";
	case ATHAR_ENOMEM:
		return "memory";
	case ATHAR_ECANCELED:
		return "canceled";
	case ATHAR_EUSAGE:
		return "usage";
	case ATHAR_EINCOMPLETE:
		return "incomplete";
	}
	return "unknown";
}

athar_json *athar_event_error(const athar_error *err)
{
	athar_json *object = athar_json_object();

	athar_json_set_text(object, "status", status_name(err->status));
	athar_json_set_text(object, "text", err->text);
	if (err->offset != ATHAR_NOWHERE)
		athar_json_set_number(object, "offset", err->offset);
	if (err->os_errno != 0)
		athar_json_set_signed(object, "errno", err->os_errno);
	return object;
}
