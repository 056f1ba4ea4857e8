/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which of an examiner's fields nobody stated. The renderers show the same fields as NOT STATED:
 * what stands here and what stands there must agree, and a test compares them.
 */
#include "report/model.h"

#include "base/alloc.h"
#include "report/stated.h"
#include "report/values.h"

const athar_field athar_case_fields_wanted[] = {
	{"number", "case.number", "Case number"},
	{"description", "case.description", "Description"},
	{"time_zone", "case.time_zone", "Time zone of the case"},
	{NULL, NULL, NULL},
};

const athar_field athar_request_fields_wanted[] = {
	{"request.authority", "request.authority", "Requesting authority"},
	{"request.number", "request.number", "Number of the request"},
	{"request.date", "request.date", "Date of the request"},
	{"request.questions", "request.questions", "Questions put"},
	{NULL, NULL, NULL},
};

const athar_field athar_authority_fields_wanted[] = {
	{"type", "type", "Type"},
	{"number", "number", "Number"},
	{"issuer", "issuer", "Issued by"},
	{"scope", "scope", "Scope"},
	{"from", "from", "Valid from"},
	{"to", "to", "Valid to"},
	{"jurisdiction", "jurisdiction", "Jurisdiction"},
	{NULL, NULL, NULL},
};

const athar_field athar_lab_fields_wanted[] = {
	{"lab.name", "lab.name", "Laboratory"},
	{"lab.address", "lab.address", "Address"},
	{"lab.accreditation", "lab.accreditation", "Accreditation"},
	{NULL, NULL, NULL},
};

const athar_field athar_person_fields_wanted[] = {
	{"id", "id", "Id"},       {"name", "name", "Name"},
	{"role", "role", "Role"}, {"qualification", "qualification", "Qualification"},
	{NULL, NULL, NULL},
};

const athar_field athar_exhibit_fields_wanted[] = {
	{"description", "description", "Description"},
	{"seal", "seal", "Seal"},
	{"condition", "condition", "Condition on receipt"},
	{"write_blocker", "write blocker", "Write blocker"},
	{NULL, NULL, NULL},
};

static athar_status add_missing(athar_report *r, char *name, athar_error *err)
{
	ATHAR_AUTO(free) char *held = name;

	if (held == NULL)
		return err->status;
	ATHAR_TRY(athar_grow(&r->missing, &r->missing_capacity, r->missing_count + 2,
	                     sizeof *r->missing, err));
	r->missing[r->missing_count++] = ATHAR_GIVE(held);
	r->missing[r->missing_count] = NULL;
	return ATHAR_OK;
}

/* `of` is put before the names: "exhibit 3-1"; NULL for fields whose names stand alone. */
static athar_status check_fields(athar_report *r, const athar_json *record,
                                 const athar_field *fields, const char *of, athar_error *err)
{
	for (const athar_field *f = fields; f->key != NULL; f++) {
		if (athar_value_stated(record, f->key))
			continue;
		ATHAR_TRY(add_missing(r,
		                      of != NULL ? athar_format_text(err, "%s: %s", of, f->name)
		                                 : athar_copy_text(f->name, err),
		                      err));
	}
	return ATHAR_OK;
}

/* Lists of the case: each entry's fields, or the list itself where it is empty. */
static athar_status check_list(athar_report *r, const char *key, const char *nothing,
                               const char *entry, const athar_field *fields, athar_error *err)
{
	const athar_json *list = athar_value_at(athar_case_fields(r->c), key);
	const size_t count = list != NULL ? athar_json_count(list) : 0;

	if (count == 0)
		return add_missing(r, athar_copy_text(nothing, err), err);
	for (size_t i = 0; i < count; i++) {
		ATHAR_AUTO(free) char *of = athar_format_text(err, "%s %zu", entry, i + 1);

		if (of == NULL)
			return err->status;
		ATHAR_TRY(check_fields(r, athar_json_at(list, i), fields, of, err));
	}
	return ATHAR_OK;
}

static athar_status check_exhibits(athar_report *r, athar_error *err)
{
	for (size_t i = 0; i < r->exhibit_count; i++) {
		const athar_report_exhibit *x = r->exhibit + i;
		ATHAR_AUTO(free) char *of = athar_format_text(err, "exhibit %s", x->slug);

		if (of == NULL)
			return err->status;
		ATHAR_TRY(check_fields(r, x->fields, athar_exhibit_fields_wanted, of, err));
	}
	return ATHAR_OK;
}

athar_status athar_report_find_missing(athar_report *r, athar_error *err)
{
	const athar_json *fields = athar_case_fields(r->c);

	/* The list ends with NULL even where it is empty. */
	ATHAR_TRY(athar_grow(&r->missing, &r->missing_capacity, 1, sizeof *r->missing, err));
	r->missing[0] = NULL;
	ATHAR_TRY(check_fields(r, fields, athar_case_fields_wanted, NULL, err));
	ATHAR_TRY(check_fields(r, fields, athar_request_fields_wanted, NULL, err));
	ATHAR_TRY(check_list(r, "authorities", "authorities", "authority",
	                     athar_authority_fields_wanted, err));
	ATHAR_TRY(check_fields(r, fields, athar_lab_fields_wanted, NULL, err));
	ATHAR_TRY(check_list(r, "people", "examiner", "person", athar_person_fields_wanted, err));
	return check_exhibits(r, err);
}
