/* SPDX-License-Identifier: BSD-2-Clause */
/* An image that another tool made: what was said of it, what was seen, what differs. */
#include "report/story.h"

#include <inttypes.h>

#include "report/stated.h"
#include "report/values.h"
#include "report/words.h"

bool athar_made_elsewhere(const athar_json *a)
{
	return athar_json_key(athar_value_at(a, "made_by"), 0) != NULL;
}

/* ---- in the summary and among the gaps ---- */

static size_t count_of(const athar_json *a, const char *path)
{
	const athar_json *list = athar_value_at(a, path);

	return list == NULL ? 0 : athar_json_count(list);
}

void athar_story_elsewhere_summary(athar_paper *p, const athar_json *a)
{
	const uint64_t compared = athar_value_count(a, "compared");
	const size_t differ = count_of(a, "differences");
	char size[64];

	athar_paper_entry(p, "Its image was made elsewhere, with another tool. It holds %s.",
	                  athar_words_size(size, sizeof size, athar_value_count(a, "seen.size")));
	if (differ > 0)
		athar_paper_entry(p,
		                  "THE IMAGE DIFFERS from what was said of it when it was made. "
		                  "Points in which it does: %zu; section 4 lists them.",
		                  differ);
	else if (compared > 0)
		athar_paper_entry(p,
		                  "It was read here from end to end. Hashes recorded when it was "
		                  "made that could be checked: %" PRIu64 ". All of them are right.",
		                  compared);
	else
		athar_paper_entry(p, "No hash came with it: that it is what was read from the "
		                     "medium could not be checked here.");
}

void athar_story_elsewhere_gaps(athar_paper *p, const athar_json *a)
{
	const uint64_t bad = athar_value_count(a, "bad_bytes");
	char size[64];

	athar_paper_entry(p, "The image was made elsewhere: what of the medium could not be read "
	                     "then is known only as far as what came with it tells.");
	if (bad > 0)
		athar_paper_entry(p,
		                  "By that, %s of the medium could not be read and are zeros; the "
		                  "ranges stand in section 4.",
		                  athar_words_size(size, sizeof size, bad));
	if (athar_value_count(a, "seen.damaged_bytes") > 0)
		athar_paper_entry(p, "%s of the image itself are damaged and could not be read.",
		                  athar_words_size(size, sizeof size,
		                                   athar_value_count(a, "seen.damaged_bytes")));
}

/* ---- in the section on the acquisition ---- */

static void tell_said(athar_paper *p, const athar_json *said)
{
	static const athar_field fields[] = {
		{"tool", NULL, "Tool"},
		{"version", NULL, "Version"},
		{"tool_serial", NULL, "Serial number of the imager"},
		{"command", NULL, "Command line"},
		{"case_number", NULL, "Case number"},
		{"evidence_number", NULL, "Evidence number"},
		{"description", NULL, "Description"},
		{"examiner", NULL, "Examiner"},
		{"notes", NULL, "Notes"},
		{"source", NULL, "Read from"},
		{"vendor", NULL, "Vendor"},
		{"model", NULL, "Model"},
		{"serial", NULL, "Serial number"},
		{"firmware", NULL, "Firmware"},
		{"bus", NULL, "Bus"},
		{"size", NULL, "Bytes of the medium"},
		{"sectors", NULL, "Sectors"},
		{"sector_size", NULL, "Bytes in a sector"},
		{"started", NULL, "Started"},
		{"acquired", NULL, "Acquired"},
		{"ended", NULL, "Ended"},
		{"state", NULL, "How it ended"},
		{"verification", NULL, "Its own verification"},
		{"bad_sectors", NULL, "Sectors that could not be read"},
		{"errors", NULL, "Errors of reading"},
		{NULL, NULL, NULL},
	};

	for (const athar_field *f = fields; f->key != NULL; f++)
		if (athar_value_stated(said, f->key))
			athar_paper_fact_of(p, f->label, said, f->key, ATHAR_INK_NAME);
	if (athar_value_count(said, "not_understood") > 0)
		athar_paper_fact_of(p, "Lines not understood", said, "not_understood",
		                    ATHAR_INK_NAME);
}

static void tell_said_hashes(athar_paper *p, const athar_json *said)
{
	const athar_json *hashes = athar_value_at(said, "hashes");
	const athar_json *stored = athar_value_at(said, "stored_hashes");

	for (size_t i = 0; stored != NULL && athar_json_key(stored, i) != NULL; i++)
		athar_paper_fact_say(p, "Hash", "%s of the medium: %s", athar_json_key(stored, i),
		                     athar_value_words(stored, athar_json_key(stored, i)));
	for (size_t i = 0; hashes != NULL && i < athar_json_count(hashes); i++) {
		const athar_json *h = athar_json_at(hashes, i);
		const char *algorithm = athar_value_words(h, "algorithm");
		const char *of = athar_value_words(h, "of");
		const char *value = athar_value_words(h, "value");

		if (algorithm != NULL && of != NULL && value != NULL)
			athar_paper_fact_say(p, "Hash", "%s (%s): %s", algorithm, of, value);
	}
}

static void tell_differences(athar_paper *p, const athar_json *a)
{
	static const athar_column columns[] = {{"What", 24, false},
	                                       {"Said by", 12, false},
	                                       {"Said", 34, false},
	                                       {"Seen", 0, false}};
	static const athar_table table = {"What differs from what was said", columns,
	                                  ATHAR_COUNT(columns)};
	const athar_json *list = athar_value_at(a, "differences");

	if (count_of(a, "differences") == 0)
		return;
	athar_paper_table(p, &table);
	for (size_t i = 0; i < athar_json_count(list); i++) {
		const athar_json *d = athar_json_at(list, i);

		athar_paper_row(p, (athar_cell[]){athar_name_text(athar_value_words(d, "what")),
		                                  athar_name_text(athar_value_words(d, "by")),
		                                  athar_code(athar_value_words(d, "said")),
		                                  athar_code(athar_value_words(d, "seen"))});
	}
	athar_paper_close(p);
}

static void tell_notes(athar_paper *p, const athar_json *a)
{
	const athar_json *notes = athar_value_at(a, "notes");

	for (size_t i = 0; notes != NULL && i < athar_json_count(notes); i++)
		athar_paper_entry_cell(p,
		                       athar_name_text(athar_json_text(athar_json_at(notes, i))));
}

void athar_story_elsewhere(athar_paper *p, const athar_json *a)
{
	const athar_json *said = athar_value_at(a, "said");

	athar_paper_fact(p, "Acquired",
	                 athar_word("elsewhere, with another tool; taken into this case, read and "
	                            "compared with what was said of it"));
	athar_paper_fact_of(p, "Image", a,
	                    athar_value_true(a, "by_reference") ? "image.path" : "image.name",
	                    ATHAR_INK_NAME);
	athar_paper_fact_of(p, "Hashes that could be checked", a, "compared", ATHAR_INK_NAME);
	for (size_t i = 0; said != NULL && i < athar_json_count(said); i++) {
		const athar_json *s = athar_json_at(said, i);

		athar_paper_heading(p, 3, "Said by", athar_name_text(athar_value_words(s, "by")));
		tell_said(p, s);
		tell_said_hashes(p, s);
	}
	tell_differences(p, a);
	tell_notes(p, a);
	athar_paper_heading(p, 3, "Seen here", athar_word(NULL));
}
