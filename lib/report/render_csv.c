/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One row an item, for a spreadsheet: RFC 4180, UTF-8. Every field is in quotes, and none is
 * computed (athar_text_csv). What a spreadsheet cannot carry, the sections of the report, is in the
 * other formats; whether it is a draft and whether the chain holds stands in every row.
 */
#include <inttypes.h>
#include <string.h>

#include "athar/text.h"
#include "report/renderer.h"
#include "report/words.h"

static const char *const header[] = {
	"report",    "draft",        "chain",          "exhibit", "run",     "item",
	"method",    "state",        "grade",          "why",     "path",    "path_hex",
	"file",      "type",         "subtype",        "size",    "bytes",   "volume",
	"address",   "md5",          "sha1",           "sha256",  "sha512",  "blake2b",
	"modified",  "accessed",     "changed",        "created", "deleted", "time_zones",
	"bytes_bad", "bytes_reused", "further_places",
};

struct sheet {
	FILE *to;
	const athar_report *r;
	const athar_report_exhibit *x;
	const athar_report_run *run;
	bool begun; /* the row has a field */
};

static athar_status put(struct sheet *sheet, const void *bytes, size_t len, athar_error *err)
{
	ATHAR_AUTO(free) char *field = NULL;

	ATHAR_TRY(athar_text_csv(&field, bytes, len, err));
	(void)fprintf(sheet->to, "%s%s", sheet->begun ? "," : "", field);
	sheet->begun = true;
	return ATHAR_OK;
}

static athar_status put_text(struct sheet *sheet, const char *text, athar_error *err)
{
	return put(sheet, text, strlen(text), err);
}

static athar_status put_number(struct sheet *sheet, uint64_t number, athar_error *err)
{
	char text[24];

	(void)snprintf(text, sizeof text, "%" PRIu64, number);
	return put_text(sheet, text, err);
}

static athar_status end_row(struct sheet *sheet, athar_error *err)
{
	(void)fputs("\r\n", sheet->to);
	sheet->begun = false;
	return ferror(sheet->to) ? athar_fail_errno(err, "cannot write the report") : ATHAR_OK;
}

/* The raw bytes where the path is not the text that stands beside it. */
static athar_status put_path(struct sheet *sheet, const athar_item *item, athar_error *err)
{
	const char *path = item->path != NULL ? (const char *)item->path : "";
	ATHAR_AUTO(free) char *shown = NULL;
	ATHAR_AUTO(free) char *hex = NULL;

	ATHAR_TRY(put(sheet, path, item->path_len, err));
	ATHAR_TRY(athar_text_visible(&shown, path, item->path_len, err));
	if (strlen(shown) == item->path_len && memcmp(shown, path, item->path_len) == 0)
		return put_text(sheet, "", err);
	ATHAR_TRY(athar_text_hex(&hex, path, item->path_len, err));
	return put_text(sheet, hex, err);
}

static athar_status put_place(struct sheet *sheet, const athar_item *item, athar_error *err)
{
	ATHAR_AUTO(free) char *extents = NULL;
	char volume[16] = "";

	ATHAR_TRY(athar_words_extents(&extents, &item->extents, 0, err));
	ATHAR_TRY(put_text(sheet, extents, err));
	if (item->volume >= 0)
		(void)snprintf(volume, sizeof volume, "%d", item->volume);
	ATHAR_TRY(put_text(sheet, volume, err));
	return put_text(sheet, item->address, err);
}

static athar_status put_hashes(struct sheet *sheet, const athar_item *item, athar_error *err)
{
	for (unsigned bit = 0; bit < ATHAR_DIGEST_COUNT; bit++)
		ATHAR_TRY(put_text(sheet, athar_digests_get(&item->hashes, 1u << bit), err));
	return ATHAR_OK;
}

/* One time of each meaning, the first that is recorded; all are in the JSON. */
static athar_status put_times(struct sheet *sheet, const athar_item *item, athar_error *err)
{
	static const char *const meanings[] = {"modified", "accessed", "changed", "created",
	                                       "deleted"};
	const athar_item_time *zone = NULL;

	for (size_t m = 0; m < ATHAR_COUNT(meanings); m++) {
		const athar_item_time *time = NULL;
		char text[48] = "";

		for (size_t i = 0; i < item->time_count && i < ATHAR_ITEM_TIMES && time == NULL;
		     i++)
			if (strcmp(item->times[i].meaning, meanings[m]) == 0)
				time = item->times + i;
		if (time != NULL)
			(void)athar_words_item_time(text, sizeof text, time);
		zone = zone == NULL ? time : zone;
		ATHAR_TRY(put_text(sheet, text, err));
	}
	return put_text(sheet, zone != NULL ? zone->zone : "", err);
}

static athar_status put_item(void *user, const athar_item *item, athar_error *err)
{
	struct sheet *sheet = user;

	ATHAR_TRY(put_text(sheet, sheet->r->id, err));
	ATHAR_TRY(put_text(sheet, athar_report_draft(sheet->r) ? "DRAFT" : "no", err));
	ATHAR_TRY(put_text(sheet, athar_report_broken(sheet->r) ? "BROKEN" : "holds", err));
	ATHAR_TRY(put_text(sheet, sheet->x->slug, err));
	ATHAR_TRY(put_text(sheet, sheet->run->name, err));
	ATHAR_TRY(put_number(sheet, item->number, err));
	ATHAR_TRY(put_text(sheet, athar_method_name(item->method), err));
	ATHAR_TRY(put_text(sheet, athar_state_name(item->state), err));
	ATHAR_TRY(put_text(sheet, athar_grade_name(item->grade), err));
	ATHAR_TRY(put_text(sheet, item->why, err));
	ATHAR_TRY(put_path(sheet, item, err));
	ATHAR_TRY(put_text(sheet, item->file, err));
	ATHAR_TRY(put_text(sheet, item->type, err));
	ATHAR_TRY(put_text(sheet, item->subtype, err));
	ATHAR_TRY(put_number(sheet, item->size, err));
	ATHAR_TRY(put_place(sheet, item, err));
	ATHAR_TRY(put_hashes(sheet, item, err));
	ATHAR_TRY(put_times(sheet, item, err));
	ATHAR_TRY(put_number(sheet, item->bytes_bad, err));
	ATHAR_TRY(put_number(sheet, item->bytes_reused, err));
	ATHAR_TRY(put_number(sheet, item->also != NULL ? athar_json_count(item->also) : 0, err));
	return end_row(sheet, err);
}

static athar_status render_csv(const athar_report *r, FILE *to, athar_error *err)
{
	struct sheet sheet = {to, r, NULL, NULL, false};

	for (size_t i = 0; i < ATHAR_COUNT(header); i++)
		ATHAR_TRY(put_text(&sheet, header[i], err));
	ATHAR_TRY(end_row(&sheet, err));
	for (size_t i = 0; i < r->exhibit_count; i++) {
		sheet.x = r->exhibit + i;
		for (size_t k = 0; k < sheet.x->run_count; k++) {
			sheet.run = sheet.x->run + k;
			ATHAR_TRY(athar_report_each_item(r, sheet.x, sheet.run, put_item, &sheet,
			                                 err));
		}
	}
	return ATHAR_OK;
}

const athar_renderer athar_renderer_csv = {
	.name = "csv",
	.extension = "csv",
	.render = render_csv,
};
