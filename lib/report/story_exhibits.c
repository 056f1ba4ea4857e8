/* SPDX-License-Identifier: BSD-2-Clause */
/* The exhibits, what their devices say of themselves, how they were copied, what later checks gave.
 */
#include "report/story.h"

#include <inttypes.h>

#include "report/stated.h"
#include "report/values.h"
#include "report/words.h"

/* ---- exhibits and devices ---- */

/* What stands in exhibit.json beside the fields that must be stated. */
static void tell_more(athar_paper *p, const athar_json *fields)
{
	static const athar_field more[] = {
		{"parent", NULL, "Taken from"},
		{"repeats", NULL, "Repeats the acquisition"},
		{"clock_offset", NULL, "Clock offset"},
		{"notes", NULL, "Notes"},
		{NULL, NULL, NULL},
	};

	for (const athar_field *f = more; f->key != NULL; f++)
		if (athar_value_stated(fields, f->key))
			athar_paper_fact_of(p, f->label, fields, f->key, ATHAR_INK_STATED);
}

static void tell_device(athar_paper *p, const athar_json *a)
{
	static const athar_field sheet[] = {
		{"source.path", NULL, "Opened as"},
		{"source.driver", NULL, "Read through"},
		{"source.model", NULL, "Model"},
		{"source.serial", NULL, "Serial number"},
		{"source.firmware", NULL, "Firmware"},
		{"source.wwn", NULL, "World wide name"},
		{"source.bus", NULL, "Bus"},
		{"source.sector_size", NULL, "Bytes in a sector"},
		{"source.physical_sector_size", NULL, "Bytes in a physical sector"},
		{"source.read_only", NULL, "The system had it read-only"},
		{NULL, NULL, NULL},
	};
	char size[64];

	for (const athar_field *f = sheet; f->key != NULL; f++)
		athar_paper_fact_of(p, f->label, a, f->key, ATHAR_INK_NAME);
	athar_paper_fact(p, "Size",
	                 athar_word(athar_words_size(size, sizeof size,
	                                             athar_value_count(a, "source.size"))));
}

static void tell_exhibit(athar_paper *p, const athar_report_exhibit *x)
{
	athar_paper_heading(p, 2, "Exhibit", athar_name_text(athar_report_label(x)));
	athar_paper_fact_of(p, "Id on the label", x->fields, "id", ATHAR_INK_NAME);
	for (const athar_field *f = athar_exhibit_fields_wanted; f->key != NULL; f++)
		athar_paper_fact_of(p, f->label, x->fields, f->key, ATHAR_INK_STATED);
	tell_more(p, x->fields);
	if (athar_value_at(x->acquisition, "source") == NULL)
		return;
	athar_paper_heading(p, 3, "What the device says of itself", athar_word(NULL));
	tell_device(p, x->acquisition);
}

void athar_story_exhibits(athar_paper *p, const athar_report *r)
{
	if (r->exhibit_count == 0)
		athar_paper_say(p, "This case holds no exhibit.");
	for (size_t i = 0; i < r->exhibit_count; i++)
		tell_exhibit(p, r->exhibit + i);
}

/* ---- acquisition ---- */

static void tell_bad_ranges(athar_paper *p, const athar_json *a)
{
	static const athar_column columns[] = {{"Offset in bytes", 20, true},
	                                       {"Length in bytes", 20, true}};
	static const athar_table table = {"Ranges that could not be read; zeros in the copy",
	                                  columns, ATHAR_COUNT(columns)};
	const athar_json *bad = athar_value_at(a, "bad");

	if (bad == NULL || athar_json_count(bad) == 0)
		return;
	athar_paper_table(p, &table);
	for (size_t i = 0; i < athar_json_count(bad); i++) {
		uint64_t offset = 0, length = 0;

		if (athar_value_range(athar_json_at(bad, i), &offset, &length))
			athar_paper_row(p,
			                (athar_cell[]){athar_number(offset), athar_number(length)});
		else
			athar_paper_row(
				p, (athar_cell[]){athar_word("not readable"), athar_word(NULL)});
	}
	athar_paper_close(p);
}

static void tell_hashes(athar_paper *p, const athar_json *a)
{
	const athar_json *hashes = athar_value_at(a, "hashes");
	const athar_json *padded = athar_value_at(a, "padded_hashes");

	if (hashes == NULL || athar_json_count(hashes) == 0)
		athar_paper_fact(p, "Hashes", athar_name(NULL, 0));
	for (size_t i = 0; hashes != NULL && athar_json_key(hashes, i) != NULL; i++)
		athar_paper_fact(
			p, athar_json_key(hashes, i),
			athar_code(athar_json_get_text(hashes, athar_json_key(hashes, i))));
	for (size_t i = 0; padded != NULL && athar_json_key(padded, i) != NULL; i++) {
		athar_paper_fact_say(p, "Padded media", "%s %s", athar_json_key(padded, i),
		                     athar_value_words(padded, athar_json_key(padded, i)) != NULL
		                             ? athar_value_words(padded, athar_json_key(padded, i))
		                             : "not recorded");
	}
}

/* What athar records of each acquisition of its own; of an image that another tool made it may not
 * be there, and is then not called missing. */
static void tell_own(athar_paper *p, const athar_json *a, const char *label, const char *path)
{
	if (!athar_made_elsewhere(a) || athar_value_stated(a, path))
		athar_paper_fact_of(p, label, a, path, ATHAR_INK_NAME);
}

static void tell_image(athar_paper *p, const athar_json *a)
{
	char size[64];

	tell_own(p, a, "Image file", "image.name");
	athar_paper_fact_of(p, "Number of image files", a, "image.segments", ATHAR_INK_NAME);
	athar_paper_fact(p, "Size of the image files",
	                 athar_word(athar_words_size(size, sizeof size,
	                                             athar_value_count(a, "image.bytes"))));
	athar_paper_fact(p, "Size of the media in them",
	                 athar_word(athar_words_size(size, sizeof size,
	                                             athar_value_count(a, "image.media_size"))));
	if (athar_value_count(a, "image.padded_bytes") > 0)
		athar_paper_fact_of(p, "Zeros added to fill the last sector", a,
		                    "image.padded_bytes", ATHAR_INK_NAME);
	tell_own(p, a, "Settings", "settings");
	athar_paper_fact_of(p, "Hashes of its blocks", a, "block_hashes", ATHAR_INK_NAME);
}

static void tell_circumstances(athar_paper *p, const athar_json *a)
{
	static const athar_field fields[] = {
		{"started", NULL, "Started"},
		{"ended", NULL, "Ended"},
		{"read_back", NULL, "Read back and compared"},
		{"bad_bytes", NULL, "Bytes that could not be read"},
		{"examiner", NULL, "Examiner's id as given"},
		{"login", NULL, "Login"},
		{"host", NULL, "Machine"},
		{"system", NULL, "System"},
		{"command", NULL, "Command line"},
		{"confinement", NULL, "Confinement of the process"},
		{"versions", NULL, "Versions that took part"},
		{NULL, NULL, NULL},
	};

	for (const athar_field *f = fields; f->key != NULL; f++)
		tell_own(p, a, f->label, f->key);
}

static void tell_acquisitions(athar_paper *p, const athar_report *r)
{
	athar_paper_say(
		p, "The hash values below cover the bytes of the medium as they were read, with "
		   "zeros where it could not be read. Times are UTC.");
	for (size_t i = 0; i < r->exhibit_count; i++) {
		const athar_report_exhibit *x = r->exhibit + i;

		athar_paper_heading(p, 2, "Exhibit", athar_name_text(athar_report_label(x)));
		if (x->acquisition == NULL) {
			athar_paper_say(p, "No acquisition is on record.");
			continue;
		}
		if (athar_made_elsewhere(x->acquisition)) {
			athar_story_elsewhere(p, x->acquisition);
		} else if (athar_value_true(x->acquisition, "by_reference")) {
			athar_paper_fact(p, "Acquired",
			                 athar_word("not in this case: the image was made "
			                            "elsewhere and is examined where it lies"));
			athar_paper_fact_of(p, "Image", x->acquisition, "image.path",
			                    ATHAR_INK_NAME);
			continue;
		}
		tell_circumstances(p, x->acquisition);
		tell_image(p, x->acquisition);
		tell_hashes(p, x->acquisition);
		tell_bad_ranges(p, x->acquisition);
	}
}

/* ---- verification ---- */

static athar_status tell_check(void *user, uint64_t number, const athar_json *line,
                               athar_error *err)
{
	athar_paper *p = user;
	const athar_json *data = athar_value_at(line, "data");
	ATHAR_AUTO(free) char *brief = NULL;

	(void)err;
	if (!athar_line_is_verification(line))
		return ATHAR_OK;
	if (data != NULL)
		athar_paper_fail(p, athar_value_brief(&brief, data, p->err));
	athar_paper_row(p, (athar_cell[]){athar_number(number),
	                                  athar_word(athar_value_words(line, "time")),
	                                  athar_name_text(athar_value_words(line, "exhibit")),
	                                  athar_name_text(brief)});
	return athar_paper_status(p);
}

static void tell_checks(athar_paper *p, const athar_report *r)
{
	static const athar_column columns[] = {{"Line", 6, true},
	                                       {"Time", 21, false},
	                                       {"Exhibit", 12, false},
	                                       {"Result", 0, false}};
	static const athar_table table = {"Checks of images and records, from the custody log",
	                                  columns, ATHAR_COUNT(columns)};

	athar_paper_heading(p, 2, "Later verification", athar_word(NULL));
	if (r->verifications == 0) {
		athar_paper_say(p, "No verification after the acquisition is on record.");
		return;
	}
	athar_paper_table(p, &table);
	athar_paper_fail(p, athar_report_each_line(r, tell_check, p, p->err));
	athar_paper_close(p);
}

void athar_story_acquisition(athar_paper *p, const athar_report *r)
{
	tell_acquisitions(p, r);
	tell_checks(p, r);
}
