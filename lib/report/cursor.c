/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/model.h"

#include <string.h>

#include "case/run.h"

/*
 * Between the reader of a record and the one who asked: a failure of the asker is kept apart from
 * one of the record.
 */
struct relay {
	athar_report_item_fn *item;
	athar_report_line_fn *line;
	void *user;
	uint64_t number, last; /* of lines; last 0: no bound */
	athar_status failed;   /* of the callback */
};

static athar_status relay_item(void *user, const athar_item *item, athar_error *err)
{
	struct relay *relay = user;

	relay->failed = relay->item(relay->user, item, err);
	return relay->failed;
}

static athar_status relay_finding(void *user, const athar_json *finding, athar_error *err)
{
	struct relay *relay = user;

	relay->failed = relay->line(relay->user, ++relay->number, finding, err);
	return relay->failed;
}

static athar_status relay_line(void *user, uint64_t number, const athar_json *line,
                               athar_error *err)
{
	struct relay *relay = user;

	if (number > relay->last)
		return athar_fail(err, ATHAR_EOF, "line %llu is past what the report covers",
		                  (unsigned long long)number);
	relay->failed = relay->line(relay->user, number, line, err);
	return relay->failed;
}

/* A failure of the record itself is among the problems of the model already. Memory is not. */
static athar_status end_of(const struct relay *relay, athar_status status)
{
	if (relay->failed != ATHAR_OK)
		return relay->failed;
	return status == ATHAR_ENOMEM ? status : ATHAR_OK;
}

athar_status athar_report_each_item(const athar_report *r, const athar_report_exhibit *x,
                                    const athar_report_run *run, athar_report_item_fn *item,
                                    void *user, athar_error *err)
{
	struct relay relay = {.item = item, .user = user};

	return end_of(&relay,
	              athar_run_each_item(r->c, x->slug, run->name, relay_item, &relay, err));
}

athar_status athar_report_each_finding(const athar_report *r, const athar_report_exhibit *x,
                                       const athar_report_run *run, athar_report_line_fn *finding,
                                       void *user, athar_error *err)
{
	struct relay relay = {.line = finding, .user = user};

	return end_of(&relay,
	              athar_run_each_finding(r->c, x->slug, run->name, relay_finding, &relay, err));
}

athar_status athar_report_each_line(const athar_report *r, athar_report_line_fn *line, void *user,
                                    athar_error *err)
{
	struct relay relay = {.line = line, .user = user, .last = r->covers};

	return end_of(&relay, athar_custody_each(r->folder, relay_line, &relay, err));
}

static bool begins_with(const char *text, const char *start)
{
	return text != NULL && strncmp(text, start, strlen(start)) == 0;
}

bool athar_line_is_report(const athar_json *line)
{
	return begins_with(athar_json_get_text(line, "action"), "report.");
}

bool athar_line_is_verification(const athar_json *line)
{
	const char *action = athar_json_get_text(line, "action");

	return begins_with(action, "verify") && strcmp(action, "verify.begin") != 0;
}

bool athar_line_is_transfer(const athar_json *line)
{
	static const char *const actions[] = {"receive", "hand-over", "hand_over", "handover",
	                                      "return",  "seal",      "transfer",  "dispose"};
	const char *action = athar_json_get_text(line, "action");

	for (size_t i = 0; action != NULL && i < ATHAR_COUNT(actions); i++)
		if (strcmp(action, actions[i]) == 0)
			return true;
	return false;
}
