/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar/case.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "athar/text.h"
#include "events.h"
#include "facts.h"
#include "terminal.h"

/* ---- case new ---- */

typedef struct new_values {
	athar_common common;
	const char *number, *description, *time_zone;
	const char *examiner_name, *examiner_role, *examiner_qualification;
	const char *request_authority, *request_number, *request_date, *request_questions;
	const char *authority_type, *authority_number, *authority_issuer, *authority_scope,
		*authority_from, *authority_to, *authority_jurisdiction;
	const char *lab_name, *lab_address, *lab_accreditation;
} new_values;

static const new_values new_defaults = {.number = NULL};

#define TEXT(long_name, argument, member, group, help) \
	{ \
		long_name, 0, argument, ATHAR_OPTION_TEXT, offsetof(new_values, member), group, \
			help, NULL \
	}
#define WHO "Who examines"
#define REQUEST "Who asked, and what"
#define AUTHORITY "By which authority"
#define LAB "Where"

static const athar_option new_options[] = {
	TEXT("number", "TEXT", number, "The case", "the case's number"),
	TEXT("description", "TEXT", description, "The case", "what it is about"),
	ATHAR_OPTION_EXAMINER,
	TEXT("examiner-name", "TEXT", examiner_name, WHO, "name of the examiner with that ID"),
	TEXT("examiner-role", "TEXT", examiner_role, WHO, "role, as \"examiner\""),
	TEXT("examiner-qualification", "TEXT", examiner_qualification, WHO, "qualification"),
	TEXT("request-authority", "TEXT", request_authority, REQUEST, "who asks"),
	TEXT("request-number", "TEXT", request_number, REQUEST, "number of the letter"),
	TEXT("request-date", "TEXT", request_date, REQUEST, "its date"),
	TEXT("request-questions", "TEXT", request_questions, REQUEST, "what is asked"),
	TEXT("authority-type", "TEXT", authority_type, AUTHORITY, "as \"search warrant\""),
	TEXT("authority-number", "TEXT", authority_number, AUTHORITY, "its number; needed"),
	TEXT("authority-issuer", "TEXT", authority_issuer, AUTHORITY, "who gave it"),
	TEXT("authority-scope", "TEXT", authority_scope, AUTHORITY, "what it covers"),
	TEXT("authority-from", "DATE", authority_from, AUTHORITY, "valid from, as 2026-11-22"),
	TEXT("authority-to", "DATE", authority_to, AUTHORITY, "valid until, as 2026-11-22"),
	TEXT("authority-jurisdiction", "TEXT", authority_jurisdiction, AUTHORITY, "where it holds"),
	TEXT("lab-name", "TEXT", lab_name, LAB, "name of the laboratory"),
	TEXT("lab-address", "TEXT", lab_address, LAB, "its address"),
	TEXT("lab-accreditation", "TEXT", lab_accreditation, LAB, "its accreditation"),
	TEXT("time-zone", "NAME", time_zone, LAB, "of the place, as +03:00"),
	ATHAR_OPTIONS_OUTPUT,
	ATHAR_OPTIONS_END,
};

typedef struct member {
	const char *key, *value;
} member;

/* An object of what is stated; NULL where nothing is. */
static athar_json *object_of(const member *members, size_t count)
{
	athar_json *object = NULL;

	for (size_t i = 0; i < count; i++) {
		if (members[i].value == NULL)
			continue;
		if (object == NULL)
			object = athar_json_object();
		athar_json_set_text(object, members[i].key, members[i].value);
	}
	return object;
}

static void set_object(athar_json *fields, const char *key, athar_json *object)
{
	if (object != NULL)
		athar_json_set(fields, key, object);
}

/* An array of one, for the lists that later get more. */
static void set_list(athar_json *fields, const char *key, athar_json *object)
{
	athar_json *array;

	if (object == NULL)
		return;
	array = athar_json_array();
	athar_json_append(array, object);
	athar_json_set(fields, key, array);
}

static athar_json *fields_of(const new_values *v)
{
	const member top[] = {{"number", v->number},
	                      {"description", v->description},
	                      {"time_zone", v->time_zone}};
	const member person[] = {{"id", v->examiner_name != NULL ? v->common.examiner : NULL},
	                         {"name", v->examiner_name},
	                         {"role", v->examiner_role},
	                         {"qualification", v->examiner_qualification}};
	const member request[] = {{"authority", v->request_authority},
	                          {"number", v->request_number},
	                          {"date", v->request_date},
	                          {"questions", v->request_questions}};
	const member authority[] = {{"type", v->authority_type},
	                            {"number", v->authority_number},
	                            {"issuer", v->authority_issuer},
	                            {"scope", v->authority_scope},
	                            {"from", v->authority_from},
	                            {"to", v->authority_to},
	                            {"jurisdiction", v->authority_jurisdiction}};
	const member lab[] = {{"name", v->lab_name},
	                      {"address", v->lab_address},
	                      {"accreditation", v->lab_accreditation}};
	athar_json *fields = object_of(top, ATHAR_COUNT_OF(top));

	if (fields == NULL)
		fields = athar_json_object();
	set_list(fields, "people", object_of(person, ATHAR_COUNT_OF(person)));
	set_object(fields, "request", object_of(request, ATHAR_COUNT_OF(request)));
	set_list(fields, "authorities", object_of(authority, ATHAR_COUNT_OF(authority)));
	set_object(fields, "lab", object_of(lab, ATHAR_COUNT_OF(lab)));
	return fields;
}

static athar_status check_person(const new_values *v, athar_error *err)
{
	if (v->examiner_name != NULL && v->common.examiner == NULL)
		return athar_fail(err, ATHAR_EUSAGE, "--examiner-name needs --examiner ID");
	if (v->examiner_name == NULL &&
	    (v->examiner_role != NULL || v->examiner_qualification != NULL))
		return athar_fail(err, ATHAR_EUSAGE,
		                  "the examiner's role and qualification need "
		                  "--examiner-name and --examiner");
	return ATHAR_OK;
}

static athar_status run_new(athar_call *call, athar_error *err)
{
	const new_values *v = call->values;
	athar_json *fields;
	athar_status status;

	if (check_person(v, err) != ATHAR_OK)
		return err->status;
	fields = fields_of(v);
	status = athar_case_new(call->operands.word[0], fields, &call->context, err);
	athar_json_free(fields);
	athar_call_done(call, "new case %s", call->operands.word[0]);
	return status;
}

/* ---- case set ---- */

typedef struct plain_values {
	athar_common common;
	const char *exhibit;
} plain_values;

static const plain_values plain_defaults = {.exhibit = NULL};

static const athar_option set_options[] = {
	ATHAR_OPTION_EXAMINER,
	ATHAR_OPTIONS_OUTPUT,
	ATHAR_OPTIONS_END,
};

/* The two lists are written as JSON; all else is text. */
static bool is_list(const char *key)
{
	return strcmp(key, "people") == 0 || strcmp(key, "authorities") == 0;
}

/* *holder owns what *value is part of. */
static athar_status value_of(athar_json **holder, const athar_json **value, const char *key,
                             const char *text, athar_error *err)
{
	if (is_list(key)) {
		if (athar_json_parse(holder, text, strlen(text), err) != ATHAR_OK)
			return athar_fail(err, ATHAR_EUSAGE,
			                  "%s takes a JSON array, as [{\"id\":\"...\"}]", key);
		*value = *holder;
		return ATHAR_OK;
	}
	*holder = athar_json_object();
	athar_json_set_text(*holder, "value", text);
	*value = athar_json_get(*holder, "value");
	if (*value == NULL)
		return athar_fail(err, ATHAR_ENOMEM, "no memory for the value of %s", key);
	return ATHAR_OK;
}

static athar_status set_one(athar_case *c, const char *assignment, athar_error *err)
{
	const size_t len = strcspn(assignment, "=");
	const athar_json *value = NULL;
	athar_json *holder = NULL;
	char key[128];
	athar_status status;

	(void)snprintf(key, sizeof key, "%.*s", (int)(len < sizeof key ? len : sizeof key - 1),
	               assignment);
	status = value_of(&holder, &value, key, assignment + len + 1, err);
	if (status == ATHAR_OK)
		status = athar_case_set(c, key, value, err);
	athar_json_free(holder);
	return status;
}

/* All are looked at before any is set. */
static athar_status check_assignments(const athar_call *call, athar_error *err)
{
	for (size_t i = 1; i < call->operands.count; i++) {
		const char *word = call->operands.word[i];
		const size_t len = strcspn(word, "=");

		if (len == 0 || len >= 100 || word[len] != '=')
			return athar_fail(err, ATHAR_EUSAGE, "\"%s\" is not KEY=VALUE", word);
	}
	return ATHAR_OK;
}

static athar_status run_set(athar_call *call, athar_error *err)
{
	const char *folder = call->operands.word[0];
	athar_case *c = NULL;
	char count[48];
	athar_status status = check_assignments(call, err);

	if (status == ATHAR_OK)
		status = athar_case_open(&c, folder, &call->context, err);
	for (size_t i = 1; i < call->operands.count && status == ATHAR_OK; i++)
		status = set_one(c, call->operands.word[i], err);
	athar_case_close(c);
	athar_call_done(call, "%s set",
	                athar_facts_count(count, sizeof count, call->operands.count - 1, "field",
	                                  "fields"));
	return status;
}

/* ---- case note ---- */

static const athar_option note_options[] = {
	{"exhibit", 0, "ID", ATHAR_OPTION_TEXT, offsetof(plain_values, exhibit), "The note",
         "which exhibit it is about", NULL},
	ATHAR_OPTION_EXAMINER,
	ATHAR_OPTIONS_OUTPUT,
	ATHAR_OPTIONS_END,
};

static athar_status run_note(athar_call *call, athar_error *err)
{
	const plain_values *v = call->values;
	athar_case *c = NULL;
	athar_status status = athar_case_open(&c, call->operands.word[0], &call->context, err);

	if (status == ATHAR_OK)
		status = athar_case_note(c, v->exhibit, call->operands.word[1], err);
	athar_case_close(c);
	athar_call_done(call, "the note is in the log");
	return status;
}

/* ---- case show ---- */

static const athar_option show_options[] = {
	ATHAR_OPTIONS_OUTPUT,
	ATHAR_OPTIONS_END,
};

static void put_value(const char *label, const athar_json *parent, const char *key)
{
	uint64_t n = 0;

	if (athar_json_get_text(parent, key) != NULL)
		athar_terminal_fact(stdout, label, athar_json_get_text(parent, key));
	else if (athar_json_get_number(parent, key, &n))
		(void)printf("  %-14s %" PRIu64 "\n", label, n);
}

/* Members of an object, in sorted order, under the name of the object. */
static void put_members(const char *name, const athar_json *object)
{
	for (size_t i = 0; i < athar_json_count(object); i++) {
		const char *key = athar_json_key(object, i);
		char label[80];

		if (key == NULL)
			return;
		(void)snprintf(label, sizeof label, "%s.%s", name, key);
		put_value(label, object, key);
	}
}

static void put_list(const char *name, const athar_json *array)
{
	for (size_t i = 0; i < athar_json_count(array); i++)
		put_members(name, athar_json_at(array, i));
}

static void put_fields(const char *folder, const athar_json *fields)
{
	athar_terminal_fact(stdout, "Case", folder);
	put_value("number", fields, "number");
	put_value("description", fields, "description");
	put_value("time_zone", fields, "time_zone");
	put_members("request", athar_json_get(fields, "request"));
	put_list("people", athar_json_get(fields, "people"));
	put_list("authorities", athar_json_get(fields, "authorities"));
	put_members("lab", athar_json_get(fields, "lab"));
}

static athar_status show_exhibit(void *user, const char *slug, const athar_json *fields,
                                 athar_error *err)
{
	const athar_call *call = user;

	(void)err;
	if (call->common->json) {
		athar_json *event = athar_json_object();

		athar_json_set_text(event, "folder", slug);
		athar_json_set(event, "exhibit", athar_json_copy(fields));
		athar_event(call, "row", event);
		return ATHAR_OK;
	}
	athar_terminal_fact(stdout, "Exhibit", athar_json_get_text(fields, "id"));
	athar_terminal_fact(stdout, "  in", slug);
	athar_terminal_fact(stdout, "  is", athar_json_get_text(fields, "description"));
	return ATHAR_OK;
}

static void show_custody(athar_call *call, const athar_custody_state *custody)
{
	if (call->common->json) {
		call->summary = athar_json_object();
		athar_json_set_number(call->summary, "custody_lines", custody->lines);
		athar_json_set_text(call->summary, "custody_head", custody->head);
		athar_json_set_number(call->summary, "custody_open", custody->open);
		return;
	}
	(void)printf("  %-14s %" PRIu64 "\n", "Custody lines", custody->lines);
	if (custody->open != 0)
		(void)printf("  %-14s %" PRIu64 " begun and not ended\n", "Interrupted",
		             custody->open);
	athar_terminal_fact(stdout, "Custody head", custody->head);
}

static athar_status show(athar_call *call, const athar_case *c, athar_error *err)
{
	const char *folder = athar_case_folder(c);
	athar_custody_state custody;

	if (call->common->json) {
		athar_json *event = athar_json_object();

		athar_json_set(event, "case", athar_json_copy(athar_case_fields(c)));
		athar_event(call, "row", event);
	} else {
		put_fields(folder, athar_case_fields(c));
	}
	if (athar_case_each_exhibit(c, show_exhibit, call, err) != ATHAR_OK ||
	    athar_custody_check(&custody, folder, err) != ATHAR_OK)
		return err->status;
	show_custody(call, &custody);
	if (custody.broken_at != 0)
		return athar_fail(err, ATHAR_EMISMATCH,
		                  "the custody chain is broken at line %" PRIu64 ": %s",
		                  custody.broken_at, custody.why);
	athar_call_done(call, "the custody chain is whole");
	return ATHAR_OK;
}

static athar_status run_show(athar_call *call, athar_error *err)
{
	athar_case *c = NULL;
	athar_status status = athar_case_open_readonly(&c, call->operands.word[0], err);

	if (status == ATHAR_OK)
		status = show(call, c, err);
	athar_case_close(c);
	return status;
}

/* ---- the parts ---- */

static const athar_command part_new = {
	.name = "case new",
	.operands = "DIR",
	.least = 1,
	.most = 1,
	.summary = "make a case folder",
	.about = "Makes a case folder. All fields can be left out, and stated later with case set.",
	.options = new_options,
	.defaults = &new_defaults,
	.values_size = sizeof new_defaults,
	.run = run_new,
};

static const athar_command part_set = {
	.name = "case set",
	.operands = "DIR KEY=VALUE...",
	.least = 2,
	.most = SIZE_MAX,
	.summary = "state fields of a case; the log keeps old and new",
	.about = "States fields of a case: number, description, time_zone, request.authority,\n"
		 "request.number, request.date, request.questions, lab.name, lab.address,\n"
		 "lab.accreditation; and, as JSON arrays, people and authorities.",
	.options = set_options,
	.defaults = &plain_defaults,
	.values_size = sizeof plain_defaults,
	.run = run_set,
};

static const athar_command part_note = {
	.name = "case note",
	.operands = "DIR TEXT",
	.least = 2,
	.most = 2,
	.summary = "write a note into the custody log",
	.about = "Writes a note into the custody log. Nothing in the log is ever changed: a "
		 "correction\n"
		 "is another note.",
	.options = note_options,
	.defaults = &plain_defaults,
	.values_size = sizeof plain_defaults,
	.run = run_note,
};

static const athar_command part_show = {
	.name = "case show",
	.operands = "DIR",
	.least = 1,
	.most = 1,
	.summary = "what is stated, the exhibits, the state of the log",
	.about = "Shows what is stated of a case, its exhibits, and whether the custody log is "
		 "whole.",
	.options = show_options,
	.defaults = &plain_defaults,
	.values_size = sizeof plain_defaults,
	.run = run_show,
};

static const athar_command *const parts[] = {&part_new,  &part_set,  &athar_command_case_add,
                                             &part_note, &part_show, NULL};

const athar_command athar_command_case = {
	.name = "case",
	.operands = "new|set|add|note|show ...",
	.summary = "make a case, state its fields, add an image, note, show",
	.about = "A case is a folder: exhibits, records, and a log of everything that was done.",
	.parts = parts,
};
