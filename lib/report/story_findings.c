/* SPDX-License-Identifier: BSD-2-Clause */
/* How was looked, and what was found: counts first, then each item with its place. */
#include "report/story.h"

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "report/stated.h"
#include "report/values.h"
#include "report/words.h"

/* Extents written out for each item; the rest stand in items.jsonl. */
#define MOST_EXTENTS 12
#define MOST_PLACES 8

static const char *const method_words[ATHAR_METHODS] = {
	"the file system still describes it",
	"the journal of the file system still describes it",
	"found by its content; original name, path and times are not available",
	"pieces joined where the format proves that they belong together",
	"found inside another item",
};

static const char *const state_words[ATHAR_STATES] = {
	"a file that is there",
	"in the recycle bin",
	"deleted",
	"described without a name or a folder",
	"an earlier state of a file that is there",
	"in space that no file owns",
	"in space of which it is not known whether a file owns it",
};

static const char *const grade_words[ATHAR_GRADES] = {
	"a beginning; nothing more is proven",
	"part of it, or over bytes that are unreadable or belong to another file now",
	"its structure closes, or the file system describes all of it",
	"the checks that its format carries hold",
};

void athar_story_run_heading(athar_paper *p, unsigned level, const athar_report_exhibit *x,
                             const athar_report_run *run)
{
	char text[64];

	/* The case room names them: "carve-001". */
	(void)snprintf(text, sizeof text, "Run %.32s, exhibit", run->name);
	athar_paper_heading(p, level, text, athar_name_text(athar_report_label(x)));
}

/* ---- method ---- */

static void tell_run_method(athar_paper *p, const athar_report_exhibit *x,
                            const athar_report_run *run)
{
	static const athar_field fields[] = {
		{"image", NULL, "Image examined"},
		{"methods", NULL, "Methods asked for"},
		{"scope", NULL, "Scope of the authority"},
		{"every_byte", NULL, "Looked at every byte"},
		{"whole", NULL, "Searched all of the image"},
		{"effort", NULL, "Seconds of work for the pieces of a file"},
		{"least", NULL, "Content written from this grade on"},
		{"max_output", NULL, "Bytes of content written at most"},
		{"extract", NULL, "Items taken out"},
		{"of_run", NULL, "Of run"},
		{"allocated", NULL, "Files that are there exported"},
		{"list_only", NULL, "Listed only"},
		{"started", NULL, "Started"},
		{"ended", NULL, "Ended"},
		{"result", NULL, "Result"},
		{"limits", NULL, "Limits of each worker"},
		{"workers_lost", NULL, "Workers lost"},
		{"confinement", NULL, "Confinement"},
		{"versions", NULL, "Versions that took part"},
		{NULL, NULL, NULL},
	};
	char size[64];
	uint64_t searched = 0;

	athar_story_run_heading(p, 2, x, run);
	for (const athar_field *f = fields; f->key != NULL; f++)
		athar_paper_fact_of(p, f->label, run->fields, f->key, ATHAR_INK_NAME);
	if (athar_value_stated(run->fields, "types"))
		athar_paper_fact_of(p, "Formats looked for by content", run->fields, "types",
		                    ATHAR_INK_NAME);
	else
		athar_paper_fact(p, "Formats looked for by content",
		                 athar_word("all that this version knows"));
	if (athar_value_number(run->fields, "searched", &searched))
		athar_paper_fact(p, "Searched by content",
		                 athar_word(athar_words_size(size, sizeof size, searched)));
}

void athar_story_method(athar_paper *p, const athar_report *r)
{
	athar_paper_say(p,
	                "The image was read, never the original medium, and never written to. "
	                "Evidence is taken in the order of its cost, and each step takes what it "
	                "proved off the table for the next:");
	athar_paper_entry(p, "Areas of files that are there belong to these files.");
	athar_paper_entry(p, "Deleted files that the file system still describes (method "
	                     "\"metadata\"): name, folder and times are those it recorded.");
	athar_paper_entry(p,
	                  "What these descriptions gave is checked against the rules of the file's "
	                  "own format.");
	athar_paper_entry(p, "In what is left, beginnings of known formats are looked for (method "
	                     "\"content\"); where such a file ends is taken from its structure.");
	athar_paper_entry(p,
	                  "Beginnings that lead nowhere are joined with pieces that lie elsewhere, "
	                  "where checksums or the structure of the format prove the joints "
	                  "(method \"fragments\").");
	athar_paper_say(p, "The same content found again is the same item with one more place.");
	for (size_t i = 0; i < r->exhibit_count; i++)
		for (size_t k = 0; k < r->exhibit[i].run_count; k++)
			tell_run_method(p, r->exhibit + i, r->exhibit[i].run + k);
}

/* ---- volumes ---- */

bool athar_volume_known(const athar_json *volume)
{
	return athar_value_true(volume, "file_system") ||
	       athar_value_words(volume, "file_system") != NULL;
}

static void tell_volumes(athar_paper *p, const athar_report_run *run)
{
	static const athar_column columns[] = {
		{"No.", 4, true},           {"Offset", 14, true}, {"Length", 16, true},
		{"File system", 12, false}, {"Block", 7, true},   {"Label, description", 0, false},
	};
	static const athar_table table = {"Volumes found; offset, length and block size in bytes",
	                                  columns, ATHAR_COUNT(columns)};

	if (run->volumes == NULL || athar_json_count(run->volumes) == 0) {
		athar_paper_say(p, "No volume was found.");
		return;
	}
	athar_paper_table(p, &table);
	for (size_t i = 0; i < athar_json_count(run->volumes); i++) {
		const athar_json *v = athar_json_at(run->volumes, i);
		const char *label = athar_value_words(v, "label");
		const char *kind = athar_value_words(v, "kind");

		athar_paper_row(
			p, (athar_cell[]){
				   athar_number(athar_value_count(v, "number")),
				   athar_number(athar_value_count(v, "offset")),
				   athar_number(athar_value_count(v, "length")),
				   athar_volume_known(v) ? athar_name_text(kind)
							 : athar_word("none known"),
				   athar_number(athar_value_count(v, "block_size")),
				   athar_name_text(label != NULL
		                                           ? label
		                                           : athar_value_words(v, "description"))});
	}
	athar_paper_close(p);
}

/* ---- counts ---- */

static void tell_count_rows(athar_paper *p, const char *caption, const char *what,
                            const uint64_t *counts, const char *const *words,
                            const char *(*name)(size_t index), size_t count)
{
	const athar_column columns[] = {{what, 13, false}, {"Items", 9, true}, {"Means", 0, false}};
	const athar_table table = {caption, columns, ATHAR_COUNT(columns)};

	athar_paper_table(p, &table);
	for (size_t i = 0; i < count; i++)
		if (counts[i] > 0)
			athar_paper_row(p,
			                (athar_cell[]){athar_word(name(i)), athar_number(counts[i]),
			                               athar_word(words[i])});
	athar_paper_close(p);
}

static const char *method_at(size_t i)
{
	return athar_method_name((athar_method)i);
}

static const char *state_at(size_t i)
{
	return athar_state_name((athar_state)i);
}

static const char *grade_at(size_t i)
{
	return athar_grade_name((athar_grade)i);
}

static void tell_types(athar_paper *p, const athar_tally *t)
{
	static const athar_column columns[] = {
		{"Format", 14, false}, {"Items", 9, true},   {"Intact", 9, true},
		{"Complete", 9, true}, {"Partial", 9, true}, {"Header", 9, true},
		{"Bytes", 20, true},
	};
	static const athar_table table = {"By format and grade", columns, ATHAR_COUNT(columns)};

	athar_paper_table(p, &table);
	for (size_t i = 0; i < t->type_count; i++) {
		const athar_tally_type *type = t->type + i;

		athar_paper_row(p,
		                (athar_cell[]){type->name[0] != '\0' ? athar_name_text(type->name)
		                                                     : athar_word("not recognised"),
		                               athar_number(type->items),
		                               athar_number(type->by_grade[ATHAR_GRADE_INTACT]),
		                               athar_number(type->by_grade[ATHAR_GRADE_COMPLETE]),
		                               athar_number(type->by_grade[ATHAR_GRADE_PARTIAL]),
		                               athar_number(type->by_grade[ATHAR_GRADE_HEADER]),
		                               athar_number(type->bytes)});
	}
	athar_paper_close(p);
}

static void tell_counts(athar_paper *p, const athar_tally *t)
{
	char size[64];

	athar_paper_fact(p, "Items", athar_number(t->items));
	athar_paper_fact(p, "Bytes in them",
	                 athar_word(athar_words_size(size, sizeof size, t->bytes)));
	athar_paper_fact(p, "Further places of their contents", athar_number(t->places));
	athar_paper_fact(p, "Items over unreadable bytes", athar_number(t->over_bad));
	athar_paper_fact(p, "Items over reused bytes", athar_number(t->over_live));
	athar_paper_fact(p, "Items without a recovered file", athar_number(t->listed));
	tell_count_rows(p, "By method", "Method", t->by_method, method_words, method_at,
	                ATHAR_METHODS);
	tell_count_rows(p, "By state", "State", t->by_state, state_words, state_at, ATHAR_STATES);
	tell_count_rows(p, "By grade", "Grade", t->by_grade, grade_words, grade_at, ATHAR_GRADES);
	tell_types(p, t);
}

/* ---- items ---- */

struct listing {
	athar_paper *p;
	const athar_report_exhibit *x;
};

static void tell_time(athar_paper *p, const athar_item_time *time)
{
	char value[48], meaning[40];
	const bool utc = strcmp(time->zone, "utc") == 0;

	(void)athar_words_item_time(value, sizeof value, time);
	(void)snprintf(meaning, sizeof meaning, "%s", time->meaning);
	ATHAR_AUTO(free)
	char *text = athar_format_text(
		p->err, "%s%s (%s)", value,
		utc ? "" : ", local time of a clock whose zone is not recorded", time->source);
	if (text == NULL)
		athar_paper_fail(p, p->err->status);
	athar_paper_detail(p, meaning, athar_name_text(text));
}

static void tell_place(athar_paper *p, const athar_item *item)
{
	ATHAR_AUTO(free) char *extents = NULL;
	char volume[16];

	athar_paper_fail(p, athar_words_extents(&extents, &item->extents, MOST_EXTENTS, p->err));
	athar_paper_detail(p, "bytes", athar_code(extents));
	if (item->volume >= 0) {
		(void)snprintf(volume, sizeof volume, "%d", item->volume);
		athar_paper_detail(p, "volume", athar_code(volume));
	}
	if (item->address[0] != '\0')
		athar_paper_detail(p, "address", athar_name_text(item->address));
}

static void tell_quality(athar_paper *p, const athar_item *item)
{
	char size[64];

	if (item->bytes_bad > 0)
		athar_paper_detail(
			p, "not readable",
			athar_word(athar_words_size(size, sizeof size, item->bytes_bad)));
	if (item->bytes_reused > 0)
		athar_paper_detail(
			p, "owned by another file now",
			athar_word(athar_words_size(size, sizeof size, item->bytes_reused)));
}

static void tell_other_places(athar_paper *p, const athar_item *item)
{
	const size_t count = item->also != NULL ? athar_json_count(item->also) : 0;
	char more[64];

	for (size_t i = 0; i < count && i < MOST_PLACES; i++) {
		const athar_json *place = athar_json_at(item->also, i);
		ATHAR_AUTO(free) uint8_t *path = NULL;
		athar_error none = ATHAR_ERROR_INIT;
		size_t len = 0;

		if (athar_json_get_bytes(&path, &len, place, "path", &none) == ATHAR_OK)
			athar_paper_detail(p, "also", athar_name(path, len));
		else
			athar_paper_detail(p, "also", athar_word("a place without a name"));
	}
	if (count > MOST_PLACES) {
		(void)snprintf(more, sizeof more, "and %zu more places: see items.jsonl",
		               count - MOST_PLACES);
		athar_paper_detail(p, "also", athar_word(more));
	}
}

static void tell_hashes(athar_paper *p, const athar_item *item)
{
	for (unsigned bit = 0; bit < ATHAR_DIGEST_COUNT; bit++) {
		const char *hex = athar_digests_get(&item->hashes, 1u << bit);

		if (hex != NULL && hex[0] != '\0')
			athar_paper_detail(p, athar_digest_name(1u << bit), athar_code(hex));
	}
}

static void tell_check(athar_paper *p, const athar_report_exhibit *x, const athar_item *item)
{
	ATHAR_AUTO(free) char *command = NULL;

	if (!athar_words_plain(x, item))
		return;
	athar_paper_fail(p, athar_words_dd(&command, x, item, p->err));
	athar_paper_detail(p, "check", athar_code(command));
}

static athar_status tell_item(void *user, const athar_item *item, athar_error *err)
{
	const struct listing *listing = user;
	athar_paper *p = listing->p;

	(void)err;
	athar_paper_row(p, (athar_cell[]){athar_number(item->number),
	                                  athar_name(item->path, item->path_len),
	                                  athar_name_text(item->subtype[0] != '\0' ? item->subtype
	                                                  : item->type[0] != '\0'  ? item->type
	                                                                           : "unknown"),
	                                  athar_number(item->size),
	                                  athar_word(athar_grade_name(item->grade)),
	                                  athar_word(athar_method_name(item->method)),
	                                  athar_word(athar_state_name(item->state))});
	if (item->why[0] != '\0')
		athar_paper_detail(p, "why", athar_name_text(item->why));
	if (item->file[0] != '\0')
		athar_paper_detail(p, "file", athar_name_text(item->file));
	for (size_t i = 0; i < item->time_count && i < ATHAR_ITEM_TIMES; i++)
		tell_time(p, item->times + i);
	tell_place(p, item);
	tell_quality(p, item);
	tell_other_places(p, item);
	tell_hashes(p, item);
	tell_check(p, listing->x, item);
	return athar_paper_status(p);
}

static void tell_items(athar_paper *p, const athar_report *r, const athar_report_exhibit *x,
                       const athar_report_run *run)
{
	static const athar_column columns[] = {
		{"Item", 6, true},    {"Path as recorded", 28, false},
		{"Format", 8, false}, {"Bytes", 12, true},
		{"Grade", 9, false},  {"Method", 9, false},
		{"State", 0, false},
	};
	static const athar_table table = {"Items", columns, ATHAR_COUNT(columns)};
	struct listing listing = {p, x};

	athar_paper_table(p, &table);
	athar_paper_fail(p, athar_report_each_item(r, x, run, tell_item, &listing, p->err));
	athar_paper_close(p);
}

static void tell_run(athar_paper *p, const athar_report *r, const athar_report_exhibit *x,
                     const athar_report_run *run)
{
	athar_story_run_heading(p, 2, x, run);
	tell_volumes(p, run);
	if (run->tally.items == 0) {
		athar_paper_say(p, "No item was found.");
		return;
	}
	tell_counts(p, &run->tally);
	athar_story_known(p, run);
	tell_items(p, r, x, run);
}

void athar_story_findings(athar_paper *p, const athar_report *r)
{
	size_t runs = 0;

	athar_paper_say(
		p, "Every item has an address: \"bytes\" gives its pieces in the order of the "
		   "file, as offset+length in the image. The presence of a file does not by "
		   "itself show who created or viewed it. A time of deletion is given only where "
		   "the file system records one.");
	for (size_t i = 0; i < r->exhibit_count; i++) {
		const athar_report_exhibit *x = r->exhibit + i;

		for (size_t k = 0; k < x->run_count; k++, runs++)
			tell_run(p, r, x, x->run + k);
	}
	if (runs == 0)
		athar_paper_say(p,
		                "No search for deleted or lost files is on record in this case.");
}
