/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was not read, not understood and not tried. Absence must never look like failure, nor
 * failure like absence: this section stands in every report, also where there is little to say.
 */
#include "report/story.h"

#include <inttypes.h>
#include <string.h>

#include "case/run.h"
#include "report/values.h"
#include "report/words.h"

/* ---- records of the case itself ---- */

static void tell_problems(athar_paper *p, const athar_report *r)
{
	static const athar_column columns[] = {{"Record", 34, false}, {"Why", 0, false}};
	static const athar_table table = {"Records of the case that could not be read", columns,
	                                  ATHAR_COUNT(columns)};

	if (r->problem_count == 0)
		return;
	athar_paper_table(p, &table);
	for (size_t i = 0; i < r->problem_count; i++)
		athar_paper_row(p, (athar_cell[]){athar_name_text(r->problem[i].where),
		                                  athar_name_text(r->problem[i].text)});
	athar_paper_close(p);
}

static void tell_interrupted(athar_paper *p, const athar_report *r)
{
	if (r->custody.open > 0)
		athar_paper_entry(p,
		                  "Actions that were begun and never ended: %" PRIu64
		                  ". They are marked in the activity log.",
		                  r->custody.open);
	if (r->custody.torn)
		athar_paper_entry(
			p, "The last line of the custody log is torn: it was being written when "
			   "the machine stopped.");
}

/* ---- what the copy lacks ---- */

static void tell_copy_gaps(athar_paper *p, const athar_json *a)
{
	const char *read_back = athar_value_words(a, "read_back");
	const uint64_t bad = athar_value_count(a, "bad_bytes");
	const uint64_t unread = athar_value_count(a, "unread_bytes");
	char size[64];

	if (athar_made_elsewhere(a)) {
		athar_story_elsewhere_gaps(p, a);
		return;
	}
	if (athar_value_true(a, "by_reference")) {
		athar_paper_entry(
			p, "The image was made elsewhere: what of the medium could not be read "
			   "then is not known to this report.");
		return;
	}
	if (unread > 0)
		athar_paper_entry(p, "%s of the medium were not tried, or given up.",
		                  athar_words_size(size, sizeof size, unread));
	if (bad > 0)
		athar_paper_entry(
			p, "%s of the medium could not be read; the ranges stand in section 4.",
			athar_words_size(size, sizeof size, bad));
	if (bad == 0 && unread == 0)
		athar_paper_entry(p, "Every byte of the medium was read.");
	if (read_back == NULL || strcmp(read_back, "same") != 0)
		athar_paper_entry(p, "The copy was not shown to hold what was read: read-back %s.",
		                  read_back != NULL ? read_back : "not recorded");
}

/* ---- what a run lacks ---- */

static bool lists(const athar_json *record, const char *path, const char *word)
{
	const athar_json *list = athar_value_at(record, path);

	for (size_t i = 0; list != NULL && i < athar_json_count(list); i++) {
		const char *text = athar_json_text(athar_json_at(list, i));

		if (text != NULL && strcmp(text, word) == 0)
			return true;
	}
	return false;
}

static void tell_not_tried(athar_paper *p, const athar_report_run *run)
{
	static const char *const words[] = {
		"deleted files that a file system still describes",
		"files that the journal of a file system describes",
		"formats in what is left",
		"files in pieces of which no file system remembers where they lie",
		"files inside recovered files",
	};

	for (size_t i = 0; i < ATHAR_COUNT(words); i++) {
		const char *method = athar_method_name((athar_method)i);

		if (athar_value_stated(run->fields, "methods") &&
		    !lists(run->fields, "methods", method))
			athar_paper_entry(p, "Not tried: %s (method \"%s\").", words[i], method);
	}
	if (lists(run->fields, "methods", "content") && athar_value_stated(run->fields, "types"))
		athar_paper_entry(p, "Formats other than those that section 5 names were not "
		                     "looked for by content.");
	if (lists(run->fields, "methods", "content") &&
	    !athar_value_true(run->fields, "every_byte"))
		athar_paper_entry(
			p, "Beginnings of files were looked for at the beginnings of sectors "
			   "only, not at every byte.");
	if (!athar_value_true(run->fields, "allocated"))
		athar_paper_entry(p, "Files that are there and not deleted were not exported.");
}

/* By the authority's word, or by the wish of who asked. */
static void tell_left_out(athar_paper *p, const athar_report_run *run)
{
	const athar_json *scope = athar_json_get(run->fields, "scope");
	const char *least = athar_value_words(run->fields, "least");
	const char *earlier = athar_value_words(run->fields, "of_run");

	if (athar_value_count(scope, "left_out") > 0)
		athar_paper_entry(p,
		                  "Files outside the scope of the authority, which were neither "
		                  "listed nor read: %" PRIu64 ".",
		                  athar_value_count(scope, "left_out"));
	if (earlier != NULL)
		athar_paper_entry(p,
		                  "Nothing new was looked for: items of run %.32s were taken out.",
		                  earlier);
	else if (least != NULL && strcmp(least, "header") != 0)
		athar_paper_entry(
			p,
			"Items graded lower than %.16s were listed without their content; "
			"it can be taken out later.",
			least);
	if (athar_value_count(run->fields, "joins_given_up") > 0)
		athar_paper_entry(
			p,
			"Beginnings of files whose other pieces would have taken more work "
			"to look for than was allowed: %" PRIu64 ".",
			athar_value_count(run->fields, "joins_given_up"));
}

static void tell_not_searched(athar_paper *p, const athar_report_run *run)
{
	uint64_t searched = 0, total = 0;
	char a[64], b[64];

	if (lists(run->fields, "methods", "content") &&
	    athar_value_number(run->fields, "searched", &searched) &&
	    athar_value_number(run->fields, "total", &total) && searched < total)
		athar_paper_entry(
			p,
			"Searched by content: %s of %s. The rest belongs to files that are there "
			"or that the file system described, or is among what could not be "
			"examined.",
			athar_words_size(a, sizeof a, searched),
			athar_words_size(b, sizeof b, total));
	if (athar_value_count(run->fields, "workers_lost") > 0)
		athar_paper_entry(p,
		                  "Workers that crashed or ran out of their limits: %" PRIu64
		                  ". Each one's task is among the findings below.",
		                  athar_value_count(run->fields, "workers_lost"));
	if (run->tally.over_bad > 0)
		athar_paper_entry(p,
		                  "Items over bytes that could not be read: %" PRIu64
		                  ". None of them is called intact.",
		                  run->tally.over_bad);
}

static void tell_volume_gaps(athar_paper *p, const athar_json *v)
{
	const uint64_t number = athar_value_count(v, "number");
	const char *finding = athar_value_words(v, "finding");
	const char *note = athar_value_words(v, "note");

	if (!athar_volume_known(v))
		athar_paper_entry(
			p,
			"Volume %" PRIu64
			" has no file system that this version knows; it may be encrypted, "
			"damaged, empty or of another kind.",
			number);
	if (finding != NULL)
		athar_paper_entry(p, "Volume %" PRIu64 ": %s", number, finding);
	if (note != NULL)
		athar_paper_entry(p, "Volume %" PRIu64 ": %s", number, note);
	if (athar_value_count(v, "counts.failed_reads") > 0)
		athar_paper_entry(p,
		                  "Volume %" PRIu64
		                  ": reads that failed while its files were listed: %" PRIu64,
		                  number, athar_value_count(v, "counts.failed_reads"));
	if (athar_value_count(v, "counts.errors") > 0)
		athar_paper_entry(
			p, "Volume %" PRIu64 ": errors while its files were listed: %" PRIu64,
			number, athar_value_count(v, "counts.errors"));
	if (athar_value_true(v, "counts.partial"))
		athar_paper_entry(p, "Volume %" PRIu64 ": its files were not listed to the end.",
		                  number);
}

static athar_status tell_finding(void *user, uint64_t number, const athar_json *finding,
                                 athar_error *err)
{
	athar_paper *p = user;
	uint64_t offset = 0, length = 0;
	const bool placed = athar_value_number(finding, "offset", &offset);
	const bool sized = athar_value_number(finding, "length", &length);

	(void)err;
	if (!athar_run_finding_is_gap(finding))
		return ATHAR_OK;
	athar_paper_row(p, (athar_cell[]){athar_number(number),
	                                  athar_word(athar_value_words(finding, "kind")),
	                                  athar_word(athar_value_words(finding, "where")),
	                                  placed ? athar_number(offset) : athar_word(NULL),
	                                  sized ? athar_number(length) : athar_word(NULL),
	                                  athar_name_text(athar_value_words(finding, "text"))});
	return athar_paper_status(p);
}

static void tell_findings(athar_paper *p, const athar_report *r, const athar_report_exhibit *x,
                          const athar_report_run *run)
{
	static const athar_column columns[] = {
		{"No.", 5, true},     {"Kind", 8, false},
		{"Place", 16, false}, {"Offset", 14, true},
		{"Length", 14, true}, {"What could not be examined", 0, false},
	};
	static const athar_table table = {"What could not be examined", columns,
	                                  ATHAR_COUNT(columns)};

	if (run->findings == 0)
		return;
	athar_paper_table(p, &table);
	athar_paper_fail(p, athar_report_each_finding(r, x, run, tell_finding, p, p->err));
	athar_paper_close(p);
}

static void tell_run_gaps(athar_paper *p, const athar_report *r, const athar_report_exhibit *x,
                          const athar_report_run *run)
{
	athar_story_run_heading(p, 3, x, run);
	tell_left_out(p, run);
	athar_story_known_gaps(p, run);
	tell_not_searched(p, run);
	tell_not_tried(p, run);
	for (size_t i = 0; run->volumes != NULL && i < athar_json_count(run->volumes); i++)
		tell_volume_gaps(p, athar_json_at(run->volumes, i));
	if (run->findings == 0)
		athar_paper_entry(p, "The run recorded nothing else that it could not examine.");
	tell_findings(p, r, x, run);
}

void athar_story_gaps(athar_paper *p, const athar_report *r)
{
	athar_paper_say(
		p, "\"Not found\" means looked, and nothing there. What follows was not looked "
		   "at, or could not be.");
	tell_problems(p, r);
	tell_interrupted(p, r);
	for (size_t i = 0; i < r->exhibit_count; i++) {
		const athar_report_exhibit *x = r->exhibit + i;

		athar_paper_heading(p, 2, "Exhibit", athar_name_text(athar_report_label(x)));
		if (x->acquisition != NULL)
			tell_copy_gaps(p, x->acquisition);
		else
			athar_paper_entry(
				p,
				"No acquisition is on record: what was read of the medium is not "
				"known to this report.");
		if (x->run_count == 0)
			athar_paper_entry(p, "It was not searched for deleted or lost files.");
		for (size_t k = 0; k < x->run_count; k++)
			tell_run_gaps(p, r, x, x->run + k);
	}
}
