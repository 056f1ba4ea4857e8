/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands at the end: tools, limits, how to check all this, terms, signatures. */
#include "report/story.h"

#include <inttypes.h>
#include <string.h>

#include "report/values.h"
#include "report/words.h"

/* ---- tools ---- */

void athar_story_tools(athar_paper *p, const athar_report *r)
{
	athar_paper_say(
		p, "Versions that wrote this report. Those that took part in an acquisition or "
		   "in a search stand in sections 4 and 5.");
	for (size_t i = 0; athar_json_key(r->libraries, i) != NULL; i++)
		athar_paper_fact_of(p, athar_json_key(r->libraries, i), r->libraries,
		                    athar_json_key(r->libraries, i), ATHAR_INK_NAME);
}

/* ---- limits ---- */

void athar_story_limits(athar_paper *p, const athar_report *r)
{
	(void)r;
	athar_paper_entry(
		p, "A hash shows that bytes are the same as when it was computed. It does not "
		   "show that they came from the right device, nor what they mean.");
	athar_paper_entry(
		p, "The chain of the log shows that no line was changed, put in, taken out or "
		   "moved. It does not show that a line was true when it was written, nor that "
		   "lines were not cut off at the end: for that, compare the custody head with "
		   "the paper register or a seal.");
	athar_paper_entry(
		p, "Times come from clocks: of the examiner's machine in the log, of the "
		   "examined device in files. Neither was checked against a reference unless "
		   "the report says so. FAT keeps local time without a zone; such times are "
		   "shown as recorded and not converted.");
	athar_paper_entry(p,
	                  "Where a file system does not record when a file was deleted, the other "
	                  "times do not show it.");
	athar_paper_entry(
		p, "Grades say what was checked. Intact: the checks that the format carries "
		   "hold. Complete: the structure closes, or the file system describes all of "
		   "it, but its content cannot be checked. Partial: part of it. Header: a "
		   "beginning only. A grade is no statement on who made a file or when.");
	athar_paper_entry(p,
	                  "A file that the file system describes may hold bytes that another file "
	                  "has written since. Where that is known the item says so.");
	athar_paper_entry(p,
	                  "Contents that are encrypted, and on solid state media contents that the "
	                  "device has erased on its own, are not recovered.");
}

/* ---- how to check ---- */

/* An E01 that another tool than ours can check by its own hash. */
static bool is_ewf(const athar_report_exhibit *x)
{
	const char *format = athar_value_words(x->acquisition, "settings.format");
	const char *name = athar_value_words(x->acquisition, "image.name");

	return format != NULL && strcmp(format, "ewf") == 0 && name != NULL &&
	       strpbrk(name, "'\\\n/") == NULL;
}

static void tell_image_check(athar_paper *p, const athar_report_exhibit *x)
{
	const char *sha256 = athar_value_words(x->acquisition, "hashes.sha256");
	const char *raw = athar_words_raw_image(x);

	if (raw != NULL && sha256 != NULL) {
		athar_paper_command(p, "sha256sum '%s/%s'\n# %s", x->slug, raw, sha256);
	} else if (sha256 != NULL && !(athar_made_elsewhere(x->acquisition) &&
	                               athar_value_count(x->acquisition, "bad_bytes") > 0)) {
		if (is_ewf(x))
			athar_paper_command(p, "ewfverify '%s/%s'", x->slug,
			                    athar_value_words(x->acquisition, "image.name"));
		athar_paper_command(p, "athar cat . --exhibit '%s' | sha256sum\n# %s", x->slug,
		                    sha256);
	}
	for (size_t i = 0; i < x->run_count; i++)
		athar_paper_command(p, "(cd '%s/%s' && sha256sum -c manifest.sha256)", x->slug,
		                    x->run[i].name);
}

static void tell_item_check(athar_paper *p, const athar_report_exhibit *x)
{
	const char *run = x->run_count > 0 ? x->run[x->run_count - 1].name : NULL;

	if (run == NULL)
		return;
	athar_paper_say(p, "One item, its record and its bytes out of the image (here item 1):");
	athar_paper_command(p,
	                    "jq 'select(.item == 1)' '%s/%s/items.jsonl'\n"
	                    "athar cat . --exhibit '%s' --run %s --item 1 | sha256sum",
	                    x->slug, run, x->slug, run);
	if (athar_words_raw_image(x) != NULL)
		athar_paper_say(
			p,
			"The image is raw: items whose bytes are the image's own carry a line "
			"\"check\" with a command of dd and sha256sum that gives their SHA-256.");
}

void athar_story_check(athar_paper *p, const athar_report *r)
{
	athar_paper_say(p,
	                "These commands need bash, coreutils and jq, and athar where it is named. "
	                "Run them in the case folder. The chain of the custody log; the last line "
	                "printed is the hash of the last line of the log, and nothing else is "
	                "printed:");
	athar_paper_command(p, "p=$(printf '0%%.0s' {1..64})\n"
	                       "while IFS= read -r l; do\n"
	                       "  [ \"$(jq -r .prev <<<\"$l\")\" = \"$p\" ] || echo \"BAD: $l\"\n"
	                       "  p=$(printf '%%s\\n' \"$l\" | sha256sum | cut -c1-64)\n"
	                       "done < custody.jsonl; echo \"$p\"");
	athar_paper_say(
		p, "A line that was cut off by a crash, and the line \"recovery\" after it, show "
		   "as BAD here; athar-case(5) has a longer form that knows them. The files "
		   "that the log tells of; nothing is printed where they are as they were:");
	athar_paper_command(p,
	                    "jq -Rr 'fromjson? | .data.files[]? | select(.sha256) |\n"
	                    "  \"\\(.sha256)  \\(.name)\"' custody.jsonl | sha256sum --quiet -c");
	athar_paper_say(p, "The custody head of this report:");
	athar_paper_command(p, "head -n %" PRIu64 " custody.jsonl | tail -n 1 | sha256sum\n# %s",
	                    r->covers, r->head);
	for (size_t i = 0; i < r->exhibit_count; i++) {
		athar_paper_heading(p, 2, "Exhibit",
		                    athar_name_text(athar_report_label(&r->exhibit[i])));
		tell_image_check(p, r->exhibit + i);
		tell_item_check(p, r->exhibit + i);
	}
	athar_paper_say(p, "All of it at once:");
	athar_paper_command(p, "athar verify .");
}

/* ---- terms ---- */

/* What a report speaks of, and so what its glossary has to explain. */
enum {
	ABOUT_ALL = 1u << 0,
	ABOUT_EXHIBITS = 1u << 1,
	ABOUT_RUNS = 1u << 2,
	ABOUT_VOLUMES = 1u << 3,
	ABOUT_BAD = 1u << 4,
	ABOUT_CONTENT = 1u << 5,
	ABOUT_METADATA = 1u << 6,
	ABOUT_HEADER = 1u << 7, /* and the other grades, in their order */
	ABOUT_PARTIAL = 1u << 8,
	ABOUT_COMPLETE = 1u << 9,
	ABOUT_INTACT = 1u << 10
};

static const struct {
	unsigned about;
	const char *term, *meaning;
} terms[] = {
	{ABOUT_EXHIBITS, "acquisition", "The copying of a medium, byte for byte."},
	{ABOUT_ALL, "activity log",
         "The file custody.jsonl: one line for each action, each carrying the hash of the line "
         "before "
         "it."},
	{ABOUT_ALL, "chain of custody", "Who had the exhibit, from when to when."},
	{ABOUT_COMPLETE, "complete",
         "A grade: the structure of the file closes, or the file system describes all of it."},
	{ABOUT_CONTENT, "content, found by",
         "Recognised by the bytes themselves, where no record names the file any more."},
	{ABOUT_ALL, "custody head",
         "The hash of the last line of the activity log. It stands for the whole log."},
	{ABOUT_RUNS, "deleted file",
         "A file whose entry is marked as removed; its bytes may still be there."},
	{ABOUT_ALL, "exhibit", "A seized item, as labelled."},
	{ABOUT_VOLUMES, "file system",
         "The order in which a volume keeps names, folders and the places of files."},
	{ABOUT_EXHIBITS, "forensic image", "The copy of a medium in one or more files."},
	{ABOUT_ALL, "hash value",
         "A number computed from bytes (MD5, SHA-1, SHA-256). Other bytes give, as far as anyone "
         "knows "
         "for SHA-256, another."},
	{ABOUT_HEADER, "header", "A grade: the beginning of a file, nothing more is proven."},
	{ABOUT_INTACT, "intact", "A grade: the checks that the file's own format carries hold."},
	{ABOUT_METADATA, "metadata",
         "What the file system records of a file: name, folder, times, places."},
	{ABOUT_EXHIBITS, "offset",
         "A distance in bytes from the beginning of the image; the first byte has offset 0."},
	{ABOUT_PARTIAL, "partial",
         "A grade: part of a file, or a file over bytes that are unreadable or reused."},
	{ABOUT_EXHIBITS, "sector", "The smallest piece that a medium reads, 512 or 4096 bytes."},
	{ABOUT_RUNS, "unallocated space", "Areas that no file owns at present."},
	{ABOUT_ALL, "verified",
         "Said of images and logs only: the hash computed again is the one on record."},
	{ABOUT_VOLUMES, "volume",
         "A part of a medium with a beginning and a length, which may hold a file system."},
	{ABOUT_BAD, "zero-filled", "Zeros in the place of bytes that could not be read."},
};

static unsigned topics_of_run(const athar_report_run *run)
{
	const athar_tally *t = &run->tally;
	unsigned topics = ABOUT_RUNS;

	topics |= run->volumes != NULL && athar_json_count(run->volumes) > 0 ? ABOUT_VOLUMES : 0u;
	topics |= t->by_method[ATHAR_METHOD_CONTENT] > 0 ? ABOUT_CONTENT : 0u;
	topics |= t->by_method[ATHAR_METHOD_METADATA] > 0 ? ABOUT_METADATA : 0u;
	for (size_t g = 0; g < ATHAR_GRADES; g++)
		topics |= t->by_grade[g] > 0 ? (unsigned)ABOUT_HEADER << g : 0u;
	return topics;
}

static unsigned topics_of(const athar_report *r)
{
	unsigned topics = ABOUT_ALL;

	for (size_t i = 0; i < r->exhibit_count; i++) {
		const athar_report_exhibit *x = r->exhibit + i;

		topics |= ABOUT_EXHIBITS;
		topics |= athar_value_count(x->acquisition, "bad_bytes") > 0 ||
		                          athar_value_count(x->acquisition, "unread_bytes") > 0
		                  ? ABOUT_BAD
		                  : 0u;
		for (size_t k = 0; k < x->run_count; k++)
			topics |= topics_of_run(x->run + k);
	}
	return topics;
}

void athar_story_terms(athar_paper *p, const athar_report *r)
{
	const unsigned topics = topics_of(r);

	for (size_t i = 0; i < ATHAR_COUNT(terms); i++)
		if (terms[i].about & topics)
			athar_paper_fact(p, terms[i].term, athar_word(terms[i].meaning));
}

/* ---- signatures ---- */

void athar_story_signatures(athar_paper *p, const athar_report *r)
{
	static const char *const roles[] = {"Examiner", "Technical reviewer", "Approver"};
	static const athar_column columns[] = {{"Role", 22, false},
	                                       {"Name", 18, false},
	                                       {"Date", 18, false},
	                                       {"Signature", 0, false}};
	static const athar_table table = {NULL, columns, ATHAR_COUNT(columns)};
	const athar_cell empty = athar_stated(NULL);

	athar_paper_say(p,
	                "To be filled by hand, or by an electronic signature over this file. The "
	                "tool fills nothing here.");
	athar_paper_table(p, &table);
	for (size_t i = 0; i < ATHAR_COUNT(roles); i++)
		athar_paper_row(p, (athar_cell[]){athar_word(roles[i]), empty, empty, empty});
	(void)r;
}
