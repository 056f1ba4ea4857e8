/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pictures and films for the tools that classify them: JSON after the data model 2.0 of Project
 * VIC. One line a medium; written as it is read, so that a million of them need no memory.
 */
#include <string.h>

#include "athar/text.h"
#include "athar/version.h"
#include "base/alloc.h"
#include "case/place.h"
#include "report/renderer.h"
#include "report/values.h"

#define CONTEXT "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Cases"

struct export
{
	FILE *to;
	const athar_report *r;
	const athar_report_exhibit *x;
	const athar_report_run *run;
	uint64_t media;
};

static const struct kind {
	const char *type, *subtype; /* subtype NULL: any other */
	const char *mime;
} kinds[] = {
	{"jpeg", NULL, "image/jpeg"},
	{"png", NULL, "image/png"},
	{"gif", NULL, "image/gif"},
	{"netpbm", NULL, "image/x-portable-anymap"},
	{"xcf", NULL, "image/x-xcf"},
	{"bmff", "heic", "image/heic"},
	{"bmff", "avif", "image/avif"},
	{"bmff", "cr3", "image/x-canon-cr3"},
	{"bmff", "m4a", NULL},
	{"bmff", "mov", "video/quicktime"},
	{"bmff", "3gp", "video/3gpp"},
	{"bmff", NULL, "video/mp4"},
	{"avi", NULL, "video/x-msvideo"},
	{"mpeg", NULL, "video/mpeg"},
	{"ogg", "theora", "video/ogg"},
};

/* NULL: neither a picture nor a film. */
static const char *mime_of(const athar_item *item)
{
	for (size_t i = 0; i < ATHAR_COUNT(kinds); i++)
		if (strcmp(kinds[i].type, item->type) == 0 &&
		    (kinds[i].subtype == NULL || strcmp(kinds[i].subtype, item->subtype) == 0))
			return kinds[i].mime;
	return NULL;
}

/* ---- one of its places ---- */

/* The model's times have a zone: one whose zone nobody recorded is left out. */
static void set_times(athar_json *file, const athar_item *place)
{
	static const char *const meanings[][2] = {
		{"created", "Created"}, {"modified", "Written"}, {"accessed", "Accessed"}};
	char text[32];

	for (size_t m = 0; m < ATHAR_COUNT(meanings); m++)
		for (size_t i = 0; i < place->time_count && i < ATHAR_ITEM_TIMES; i++) {
			const athar_item_time *t = &place->times[i];

			if (strcmp(t->meaning, meanings[m][0]) != 0 || strcmp(t->zone, "utc") != 0)
				continue;
			athar_json_set_text(file, meanings[m][1],
			                    athar_text_time(text, sizeof text, t->seconds));
			break;
		}
}

/* The name is what stands behind the last slash; a file without one has its item's number. */
static void set_name(athar_json *file, const athar_item *place, uint64_t number)
{
	size_t name = place->path_len;
	char text[40];

	if (place->path == NULL) {
		(void)snprintf(text, sizeof text, "item %llu", (unsigned long long)number);
		athar_json_set_text(file, "FileName", text);
		athar_json_set_text(file, "FilePath", text);
		return;
	}
	while (name > 0 && place->path[name - 1] != '/')
		name--;
	athar_json_set_bytes(file, "FileName", place->path + name, place->path_len - name);
	athar_json_set_bytes(file, "FilePath", place->path, place->path_len);
}

static athar_json *file_json(const struct export *e, const athar_item *place,
                             const athar_item *item, const char *md5)
{
	athar_json *file = athar_json_object();

	athar_json_set_text(file, "MD5", md5);
	set_name(file, place, item->number);
	set_times(file, place);
	athar_json_set_bool(file, "Unallocated",
	                    place->state != ATHAR_STATE_LIVE && place->state != ATHAR_STATE_TRASH);
	athar_json_set_text(file, "SourceID", athar_report_label(e->x));
	if (place->extents.count > 0 && place->extents.extent[0].image != ATHAR_NOWHERE)
		athar_json_set_number(file, "PhysicalLocation", place->extents.extent[0].image);
	return file;
}

static athar_status add_files(athar_json *medium, const struct export *e, const athar_item *item,
                              const char *md5, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *files = athar_json_array();

	athar_json_append(files, file_json(e, item, item, md5));
	for (size_t i = 0; item->also != NULL && i < athar_json_count(item->also); i++) {
		ATHAR_AUTO(item) athar_item place = ATHAR_ITEM_INIT;

		ATHAR_TRY(athar_place_get(&place, athar_json_at(item->also, i), err));
		athar_json_append(files, file_json(e, &place, item, md5));
	}
	athar_json_set(medium, "MediaFiles", ATHAR_GIVE(files));
	return ATHAR_OK;
}

/* ---- one medium ---- */

/* The lowest that a list gave; 0, not categorized, where none did. */
static void set_category(athar_json *medium, const athar_item *item)
{
	uint64_t category = UINT64_MAX, one = 0;

	for (size_t i = 0; item->known != NULL && i < athar_json_count(item->known); i++)
		if (athar_json_get_number(athar_json_at(item->known, i), "category", &one) &&
		    one < category)
			category = one;
	athar_json_set_number(medium, "Category", category == UINT64_MAX ? 0 : category);
	athar_json_set_bool(medium, "IsPrecategorized", category != UINT64_MAX);
}

/* As the model writes hashes. */
static void upper(char out[130], const char *hex)
{
	size_t i = 0;

	for (; hex[i] != '\0' && i < 129; i++)
		out[i] = (char)(hex[i] >= 'a' && hex[i] <= 'f' ? hex[i] - 'a' + 'A' : hex[i]);
	out[i] = '\0';
}

/* From the case folder on, in the way of the systems where these tools run. */
static athar_status set_path(athar_json *medium, const struct export *e, const athar_item *item,
                             athar_error *err)
{
	ATHAR_AUTO(free) char *path = NULL;

	if (item->file[0] == '\0')
		return ATHAR_OK;
	path = athar_format_text(err, "%s/%s/%s", e->x->slug, e->run->name, item->file);
	if (path == NULL)
		return err->status;
	for (char *p = path; *p != '\0'; p++)
		*p = *p == '/' ? '\\' : *p;
	athar_json_set_text(medium, "RelativeFilePath", path);
	return ATHAR_OK;
}

static athar_status put_json(struct export *e, const athar_json *medium, athar_error *err)
{
	ATHAR_AUTO(free) char *line = NULL;

	ATHAR_TRY(athar_json_line(&line, medium, err));
	(void)fprintf(e->to, "%s%s", e->media > 1 ? ",\n" : "", line);
	return ferror(e->to) ? athar_fail_errno(err, "cannot write the report") : ATHAR_OK;
}

static athar_status put_item(void *user, const athar_item *item, athar_error *err)
{
	struct export *e = user;
	ATHAR_AUTO(json) athar_json *medium = NULL;
	const char *mime = mime_of(item);
	char hex[130];

	/* What is only listed has no hash, which is what the model knows a medium by. */
	if (mime == NULL || athar_digests_get(&item->hashes, ATHAR_MD5)[0] == '\0')
		return ATHAR_OK;
	medium = athar_json_object();
	athar_json_set_number(medium, "MediaID", ++e->media);
	set_category(medium, item);
	upper(hex, athar_digests_get(&item->hashes, ATHAR_SHA1));
	if (hex[0] != '\0')
		athar_json_set_text(medium, "SHA1", hex);
	upper(hex, athar_digests_get(&item->hashes, ATHAR_MD5));
	athar_json_set_text(medium, "MD5", hex);
	athar_json_set_number(medium, "MediaSize", item->size);
	athar_json_set_text(medium, "MimeType", mime);
	ATHAR_TRY(set_path(medium, e, item, err));
	ATHAR_TRY(add_files(medium, e, item, hex, err));
	return put_json(e, medium, err);
}

/* ---- the case ---- */

static void set_stated(athar_json *to, const char *key, const athar_json *from, const char *path)
{
	const char *words = athar_value_words(from, path);

	if (words != NULL)
		athar_json_set_text(to, key, words);
}

/* All of it but its media, which follow: without the brace that ends it. */
static athar_status put_case(const struct export *e, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *c = athar_json_object();
	ATHAR_AUTO(free) char *line = NULL;
	const athar_json *fields = athar_case_fields(e->r->c);

	athar_json_set_text(c, "CaseID", athar_report_id(e->r));
	set_stated(c, "CaseNumber", fields, "number");
	set_stated(c, "ContactOrganization", fields, "lab.name");
	athar_json_set_text(c, "SourceApplicationName", "athar");
	athar_json_set_text(c, "SourceApplicationVersion", ATHAR_VERSION);
	ATHAR_TRY(athar_json_line(&line, c, err));
	(void)fprintf(e->to, "{\"@odata.context\":\"%s\",\"value\":[\n%.*s,\"Media\":[\n", CONTEXT,
	              (int)strlen(line) - 1, line);
	return ATHAR_OK;
}

static athar_status render_vics(const athar_report *r, FILE *to, athar_error *err)
{
	struct export e = {.to = to, .r = r};

	ATHAR_TRY(put_case(&e, err));
	for (size_t i = 0; i < r->exhibit_count; i++) {
		e.x = r->exhibit + i;
		for (size_t k = 0; k < e.x->run_count; k++) {
			e.run = e.x->run + k;
			ATHAR_TRY(athar_report_each_item(r, e.x, e.run, put_item, &e, err));
		}
	}
	(void)fputs("\n]}]}\n", to);
	return ATHAR_OK;
}

const athar_renderer athar_renderer_vics = {
	.name = "vics",
	.extension = "vics.json",
	.render = render_vics,
};
