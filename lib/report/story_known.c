/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of known files: what of the items each of them has, in numbers. Never what is in them. */
#include "report/story.h"

#include <inttypes.h>

#include "report/values.h"

static const athar_json *lists_of(const athar_report_run *run)
{
	return athar_value_at(run->fields, "known.lists");
}

static size_t count_of(const athar_json *lists)
{
	return lists != NULL ? athar_json_count(lists) : 0;
}

void athar_story_known(athar_paper *p, const athar_report_run *run)
{
	static const athar_column columns[] = {
		{"List", 40, false},
		{"Entries", 14, true},
		{"Items", 0, true},
	};
	static const athar_table table = {"Known files: items whose content a list has", columns,
	                                  ATHAR_COUNT(columns)};
	const athar_json *lists = lists_of(run);

	if (count_of(lists) == 0)
		return;
	athar_paper_table(p, &table);
	for (size_t i = 0; i < athar_json_count(lists); i++) {
		const athar_json *list = athar_json_at(lists, i);

		athar_paper_row(p,
		                (athar_cell[]){athar_name_text(athar_value_words(list, "name")),
		                               athar_number(athar_value_count(list, "entries")),
		                               athar_number(athar_value_count(list, "matches"))});
		athar_paper_detail(p, "sha256 of the list",
		                   athar_code(athar_value_words(list, "sha256")));
	}
	athar_paper_close(p);
	athar_paper_fact(p, "Items that were looked up",
	                 athar_number(athar_value_count(run->fields, "known.compared")));
	athar_paper_fact(p, "Of these, in at least one list",
	                 athar_number(athar_value_count(run->fields, "known.matched")));
}

void athar_story_known_gaps(athar_paper *p, const athar_report_run *run)
{
	const athar_json *lists = lists_of(run);
	uint64_t unread = 0;

	if (count_of(lists) == 0)
		return;
	for (size_t i = 0; i < athar_json_count(lists); i++)
		unread += athar_value_count(athar_json_at(lists, i), "unread");
	if (unread > 0)
		athar_paper_entry(p,
		                  "Lines or records of the lists of known files that were not "
		                  "understood: %" PRIu64 ".",
		                  unread);
	if (athar_value_count(run->fields, "known.not_compared") > 0)
		athar_paper_entry(
			p,
			"Items that were not looked up among the known files, since their "
			"content was not taken out: %" PRIu64 ".",
			athar_value_count(run->fields, "known.not_compared"));
	if (athar_value_true(run->fields, "known.skip"))
		athar_paper_entry(p,
		                  "Content that a list of known files has was not written: %" PRIu64
		                  " items.",
		                  athar_value_count(run->fields, "known.matched"));
}
