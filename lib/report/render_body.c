/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A body file, version 3.x, as mactime of The Sleuth Kit reads it: one line for each place of an
 * item that has times.
 *
 *     MD5|name|inode|mode|UID|GID|size|atime|mtime|ctime|crtime
 *
 * mactime undoes %XX, so '|', '%' and what is no printable UTF-8 are written so. Lines that begin
 * with '#' it passes over: what the report is stands there. A body file has no word for a zone:
 * times recorded without one stand as if they were UTC, and their lines say "(local time)".
 */
#include <inttypes.h>
#include <string.h>

#include "athar/text.h"
#include "case/place.h"
#include "report/renderer.h"

struct body {
	FILE *to;
	const athar_report *r;
	const athar_report_exhibit *x;
	const athar_report_run *run;
};

/* In the order of the format. */
static const char *const columns[] = {"accessed", "modified", "changed", "created"};
#define COLUMNS 4

static bool is_plain(uint8_t c)
{
	return c >= 0x20 && c != 0x7F && c != '|' && c != '%';
}

/* UTF-8 stays; all else that a line cannot carry is escaped byte by byte. */
static athar_status put_name(FILE *to, const uint8_t *name, size_t len, athar_error *err)
{
	ATHAR_AUTO(free) char *shown = NULL;
	bool plain;

	ATHAR_TRY(athar_text_visible(&shown, name, len, err));
	plain = strlen(shown) == len && (len == 0 || memcmp(shown, name, len) == 0);
	for (size_t i = 0; i < len; i++) {
		if (is_plain(name[i]) && (plain || name[i] < 0x80))
			(void)fputc(name[i], to);
		else
			(void)fprintf(to, "%%%02X", name[i]);
	}
	return ATHAR_OK;
}

/* 0 stands for what is not recorded. */
static athar_status put_field(FILE *to, const char *text, athar_error *err)
{
	(void)fputc('|', to);
	if (text[0] == '\0')
		text = "0";
	return put_name(to, (const uint8_t *)text, strlen(text), err);
}

static const char *word_for(athar_state state)
{
	switch (state) {
	case ATHAR_STATE_LIVE:
		return "";
	case ATHAR_STATE_TRASH:
		return " (in the trash)";
	case ATHAR_STATE_ORPHAN:
		return " (orphan)";
	case ATHAR_STATE_EARLIER:
		return " (earlier)";
	default:
		return " (deleted)";
	}
}

/* One record of times of a file: NTFS keeps two. */
typedef struct times {
	const char *source;
	int64_t at[COLUMNS]; /* 0: not recorded */
	bool local;
} times;

/* The times of one source; false: it has none that a column can hold. */
static bool collect(times *out, const athar_item *item, const char *source)
{
	bool any = false;

	*out = (times){.source = source};
	for (size_t i = 0; i < item->time_count && i < ATHAR_ITEM_TIMES; i++) {
		const athar_item_time *t = &item->times[i];

		for (size_t c = 0; c < COLUMNS; c++) {
			if (strcmp(t->source, source) != 0 || strcmp(t->meaning, columns[c]) != 0)
				continue;
			out->at[c] = t->seconds > 0 ? t->seconds : 0;
			out->local = out->local || strcmp(t->zone, "utc") != 0;
			any = any || t->seconds > 0;
		}
	}
	return any;
}

static athar_status put_line(struct body *b, const athar_item *place, const athar_item *item,
                             const times *t, athar_error *err)
{
	const char *md5 = athar_digests_get(&item->hashes, ATHAR_MD5);

	(void)fprintf(b->to, "%s|%s/", md5[0] != '\0' ? md5 : "0", b->x->slug);
	if (place->volume >= 0)
		(void)fprintf(b->to, "volume %d/", place->volume);
	if (place->path != NULL)
		ATHAR_TRY(put_name(b->to, place->path, place->path_len, err));
	else
		(void)fprintf(b->to, "item %" PRIu64, item->number);
	(void)fprintf(b->to, "%s%s%s", strcmp(t->source, "ntfs.fn") == 0 ? " ($FILE_NAME)" : "",
	              word_for(place->state), t->local ? " (local time)" : "");
	ATHAR_TRY(put_field(b->to, place->address, err));
	ATHAR_TRY(put_field(b->to, place->mode, err));
	ATHAR_TRY(put_field(b->to, place->owner, err));
	ATHAR_TRY(put_field(b->to, place->group, err));
	(void)fprintf(b->to, "|%" PRIu64, item->size);
	for (size_t c = 0; c < COLUMNS; c++)
		(void)fprintf(b->to, "|%" PRId64, t->at[c]);
	(void)fputc('\n', b->to);
	return ferror(b->to) ? athar_fail_errno(err, "cannot write the report") : ATHAR_OK;
}

static bool is_first_of_source(const athar_item *item, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(item->times[i].source, item->times[index].source) == 0)
			return false;
	return true;
}

static athar_status put_place(struct body *b, const athar_item *place, const athar_item *item,
                              athar_error *err)
{
	times t;

	for (size_t i = 0; i < place->time_count && i < ATHAR_ITEM_TIMES; i++)
		if (is_first_of_source(place, i) && collect(&t, place, place->times[i].source))
			ATHAR_TRY(put_line(b, place, item, &t, err));
	return ATHAR_OK;
}

static athar_status put_item(void *user, const athar_item *item, athar_error *err)
{
	struct body *b = user;

	ATHAR_TRY(put_place(b, item, item, err));
	for (size_t i = 0; item->also != NULL && i < athar_json_count(item->also); i++) {
		ATHAR_AUTO(item) athar_item place = ATHAR_ITEM_INIT;

		ATHAR_TRY(athar_place_get(&place, athar_json_at(item->also, i), err));
		ATHAR_TRY(put_place(b, &place, item, err));
	}
	return ATHAR_OK;
}

static athar_status render_body(const athar_report *r, FILE *to, athar_error *err)
{
	struct body b = {to, r, NULL, NULL};

	(void)fprintf(to, "# report %s%s, custody chain %s\n", r->id,
	              athar_report_draft(r) ? ", DRAFT" : "",
	              athar_report_broken(r) ? "BROKEN" : "holds");
	(void)fputs("# MD5|name|inode|mode|UID|GID|size|atime|mtime|ctime|crtime\n", to);
	for (size_t i = 0; i < r->exhibit_count; i++) {
		b.x = r->exhibit + i;
		for (size_t k = 0; k < b.x->run_count; k++) {
			b.run = b.x->run + k;
			ATHAR_TRY(athar_report_each_item(r, b.x, b.run, put_item, &b, err));
		}
	}
	return ATHAR_OK;
}

const athar_renderer athar_renderer_body = {
	.name = "body",
	.extension = "body",
	.render = render_body,
};
