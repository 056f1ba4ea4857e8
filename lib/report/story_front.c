/* SPDX-License-Identifier: BSD-2-Clause */
/* What is read first: whose report this is, what came of it in plain words, who asked for it. */
#include "report/story.h"

#include <inttypes.h>
#include <string.h>

#include "report/stated.h"
#include "report/values.h"
#include "report/words.h"

struct section {
	const char *title;
	void (*tell)(athar_paper *p, const athar_report *r);
};

/* Texts refer to sections by their numbers: 4 acquisition, 5 method, 7 what was not examined. */
static const struct section sections[] = {
	{"Summary", athar_story_summary},
	{"Case and request", athar_story_request},
	{"Exhibits and devices", athar_story_exhibits},
	{"Acquisition", athar_story_acquisition},
	{"Method", athar_story_method},
	{"Findings", athar_story_findings},
	{"What was not examined", athar_story_gaps},
	{"Chain of custody and activity log", athar_story_custody},
	{"Tools and versions", athar_story_tools},
	{"Known limits", athar_story_limits},
	{"How to check this yourself", athar_story_check},
	{"Terms used", athar_story_terms},
	{"Signatures", athar_story_signatures},
};

const char *athar_story_title(size_t index)
{
	return index < ATHAR_COUNT(sections) ? sections[index].title : NULL;
}

void athar_story_tell(athar_paper *p, const athar_report *r)
{
	athar_paper_begin(p, r);
	athar_story_cover(p, r);
	for (size_t i = 0; i < ATHAR_COUNT(sections); i++) {
		athar_paper_section(p, sections[i].title);
		sections[i].tell(p, r);
	}
	athar_paper_say(p, "End of report %s.", r->id);
}

/* ---- cover ---- */

static void tell_broken(athar_paper *p, const athar_report *r)
{
	if (!athar_report_broken(r))
		return;
	athar_paper_notice(p, ATHAR_NOTICE_BROKEN,
	                   "THE CUSTODY LOG IS BROKEN at line %" PRIu64
	                   ": %s. From this line on the log is not what was written, or cannot be "
	                   "shown to be. Nothing in this report that rests on it can be relied on "
	                   "until this is explained.",
	                   r->custody.broken_at, r->custody.why);
}

static void tell_draft(athar_paper *p, const athar_report *r)
{
	if (!athar_report_draft(r))
		return;
	athar_paper_notice(
		p, ATHAR_NOTICE_DRAFT,
		"DRAFT. %zu field%s of this report %s NOT STATED. They are the examiner's to "
		"state; the tool fills none of them.",
		r->missing_count, r->missing_count == 1 ? "" : "s",
		r->missing_count == 1 ? "is" : "are");
}

void athar_story_cover(athar_paper *p, const athar_report *r)
{
	const athar_json *fields = athar_case_fields(r->c);

	tell_broken(p, r);
	athar_paper_title(p, "Examination of digital evidence",
	                  "Technical report, factual: what was found, without opinion");
	tell_draft(p, r);
	athar_paper_fact(p, "Report id", athar_code(r->id));
	athar_paper_fact_of(p, "Case number", fields, "number", ATHAR_INK_STATED);
	athar_paper_fact_of(p, "Laboratory", fields, "lab.name", ATHAR_INK_STATED);
	athar_paper_fact_say(p, "Status", "%s",
	                     athar_report_draft(r) ? "DRAFT: fields are not stated"
	                                           : "All fields are stated; not signed");
	athar_paper_fact(p, "Written at", athar_word(r->written));
	athar_paper_fact_say(p, "Written by", "athar %s",
	                     athar_value_words(r->libraries, "athar") != NULL
	                             ? athar_value_words(r->libraries, "athar")
	                             : "(version not known)");
	athar_paper_fact_say(p, "Custody log", "lines 1 to %" PRIu64, r->covers);
	athar_paper_fact(p, "Custody head", athar_code(r->head));
	athar_paper_fact(p, "Chain",
	                 athar_word(athar_report_broken(r)
	                                    ? "BROKEN: see above"
	                                    : "Each line follows the one before it"));
	athar_paper_contents(p);
}

/* ---- summary ---- */

static void sum_up_reading(athar_paper *p, const athar_json *a)
{
	char size[64], bad[64];
	const uint64_t bytes = athar_value_count(a, "source.size");
	const uint64_t bad_bytes = athar_value_count(a, "bad_bytes");
	const uint64_t unread = athar_value_count(a, "unread_bytes");

	athar_paper_entry(p, "The medium holds %s. A copy of it was made.",
	                  athar_words_size(size, sizeof size, bytes));
	if (bad_bytes == 0 && unread == 0)
		athar_paper_entry(p, "All of it could be read.");
	if (unread > 0)
		athar_paper_entry(
			p,
			"%s of it were not read: not tried, or given up. They are zeros in the "
			"copy, and the hash of the copy covers these zeros.",
			athar_words_size(bad, sizeof bad, unread));
	if (bad_bytes > 0)
		athar_paper_entry(
			p,
			"%s could not be read. They are zeros in the copy, and the hash of the "
			"copy covers these zeros.",
			athar_words_size(bad, sizeof bad, bad_bytes));
}

static void sum_up_read_back(athar_paper *p, const athar_json *a)
{
	const char *read_back = athar_value_words(a, "read_back");

	if (read_back == NULL)
		athar_paper_entry(p, "Whether the copy was read back is not recorded.");
	else if (strcmp(read_back, "same") == 0)
		athar_paper_entry(
			p, "The copy was read again after it was made: it holds the same bytes "
			   "that were read from the medium.");
	else if (strcmp(read_back, "differs") == 0)
		athar_paper_entry(
			p, "THE COPY DIFFERS from what was read from the medium: reading it back "
			   "gave other bytes.");
	else
		athar_paper_entry(p, "The copy was not read back after it was made.");
}

static void sum_up_copy(athar_paper *p, const athar_json *a)
{
	if (athar_made_elsewhere(a)) {
		athar_story_elsewhere_summary(p, a);
		return;
	}
	if (athar_value_true(a, "by_reference")) {
		athar_paper_entry(
			p,
			"Its image lies outside the case. How it was made is not on record here.");
		return;
	}
	sum_up_reading(p, a);
	sum_up_read_back(p, a);
}

static void sum_up_items(athar_paper *p, const athar_tally *t)
{
	athar_paper_entry(
		p,
		"It found files: %" PRIu64 ". Of them intact: %" PRIu64 ", complete: %" PRIu64
		", partial: %" PRIu64 ", only the beginning: %" PRIu64 ".",
		t->items, t->by_grade[ATHAR_GRADE_INTACT], t->by_grade[ATHAR_GRADE_COMPLETE],
		t->by_grade[ATHAR_GRADE_PARTIAL], t->by_grade[ATHAR_GRADE_HEADER]);
	athar_paper_entry(
		p,
		"Of them by what the file system still records: %" PRIu64
		"; by their content, without a name: %" PRIu64 "; in other ways: %" PRIu64 ".",
		t->by_method[ATHAR_METHOD_METADATA] + t->by_method[ATHAR_METHOD_JOURNAL],
		t->by_method[ATHAR_METHOD_CONTENT],
		t->by_method[ATHAR_METHOD_FRAGMENTS] + t->by_method[ATHAR_METHOD_EMBEDDED]);
}

static void sum_up_volumes(athar_paper *p, const athar_report_run *run)
{
	const size_t count = run->volumes != NULL ? athar_json_count(run->volumes) : 0;
	size_t known = 0;

	for (size_t i = 0; i < count; i++)
		known += athar_volume_known(athar_json_at(run->volumes, i));
	athar_paper_entry(p,
	                  "Run %s met volumes: %zu. Of them with a file system that it knows: %zu.",
	                  run->name, count, known);
}

static void sum_up_run(athar_paper *p, const athar_report_run *run)
{
	const athar_tally *t = &run->tally;

	sum_up_volumes(p, run);

	if (t->items == 0)
		athar_paper_entry(p, "It looked for files and found none.");
	else
		sum_up_items(p, t);
	if (run->findings > 0)
		athar_paper_entry(p, "Places or things that it could not examine: %" PRIu64 ".",
		                  run->findings);
}

static void sum_up_exhibit(athar_paper *p, const athar_report_exhibit *x)
{
	athar_paper_heading(p, 3, "Exhibit", athar_name_text(athar_report_label(x)));
	if (x->acquisition != NULL)
		sum_up_copy(p, x->acquisition);
	else
		athar_paper_entry(p, "No acquisition is on record in this case.");
	if (x->run_count == 0)
		athar_paper_entry(p, "No search for deleted or lost files is on record.");
	for (size_t i = 0; i < x->run_count; i++)
		sum_up_run(p, x->run + i);
}

void athar_story_summary(athar_paper *p, const athar_report *r)
{
	char exhibits[64];

	athar_paper_say(
		p,
		"This report tells what was done with %s and what was found. It states facts: "
		"what a program read, and what the examiner wrote down. It gives no opinion on "
		"what they mean, and it does not say who did anything.",
		athar_words_count(exhibits, sizeof exhibits, r->exhibit_count, "exhibit"));
	for (size_t i = 0; i < r->exhibit_count; i++)
		sum_up_exhibit(p, r->exhibit + i);
	if (r->problem_count > 0)
		athar_paper_notice(
			p, ATHAR_NOTICE_NOTE,
			"Records of this case that could not be read: %zu. Section 7 lists them. "
			"What they hold is missing from this report.",
			r->problem_count);
	athar_paper_say(p,
	                "The results relate only to the exhibits listed here. That a file is not "
	                "listed does not mean that it was absent from areas not examined or not "
	                "readable; section 7 lists these.");
	athar_paper_say(p, "This report shall not be reproduced except in full without the "
	                   "laboratory's written approval.");
}

/* ---- who asked, who answers ---- */

static void tell_fields(athar_paper *p, const athar_json *record, const athar_field *fields)
{
	for (const athar_field *f = fields; f->key != NULL; f++)
		athar_paper_fact_of(p, f->label, record, f->key, ATHAR_INK_STATED);
}

static void tell_list(athar_paper *p, const athar_json *list, const athar_field *fields)
{
	for (size_t i = 0; list != NULL && i < athar_json_count(list); i++) {
		if (i > 0)
			athar_paper_close(p);
		tell_fields(p, athar_json_at(list, i), fields);
	}
}

/* The log names in each line the stated authorities that were in force. */
static void tell_coverage(athar_paper *p, const athar_report *r)
{
	athar_paper_close(p);
	athar_paper_fact_say(p, "Log lines that no stated authority covers",
	                     "%" PRIu64 " of %" PRIu64, r->uncovered, r->covers);
}

static void tell_not_stated(athar_paper *p, const athar_report *r)
{
	if (r->missing_count == 0)
		return;
	athar_paper_heading(p, 2, "Fields not stated", athar_word(NULL));
	for (size_t i = 0; i < r->missing_count; i++)
		athar_paper_entry_cell(p, athar_name_text(r->missing[i]));
}

void athar_story_request(athar_paper *p, const athar_report *r)
{
	const athar_json *fields = athar_case_fields(r->c);
	const athar_json *authorities = athar_value_at(fields, "authorities");
	const athar_json *people = athar_value_at(fields, "people");

	tell_fields(p, fields, athar_case_fields_wanted);
	athar_paper_heading(p, 2, "Request", athar_word(NULL));
	tell_fields(p, fields, athar_request_fields_wanted);
	athar_paper_heading(p, 2, "Legal authorities", athar_word(NULL));
	if (authorities == NULL || athar_json_count(authorities) == 0)
		athar_paper_fact(p, "Legal authority", athar_stated(NULL));
	tell_list(p, authorities, athar_authority_fields_wanted);
	tell_coverage(p, r);
	athar_paper_heading(p, 2, "Laboratory", athar_word(NULL));
	tell_fields(p, fields, athar_lab_fields_wanted);
	athar_paper_heading(p, 2, "People", athar_word(NULL));
	if (people == NULL || athar_json_count(people) == 0)
		athar_paper_fact(p, "Examiner", athar_stated(NULL));
	tell_list(p, people, athar_person_fields_wanted);
	tell_not_stated(p, r);
}
