/* SPDX-License-Identifier: BSD-2-Clause */
/* The exhibits that a case holds: listed, found, their records and images. */
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/files.h"
#include "case/private.h"

static bool ends_with(const char *text, const char *end)
{
	const size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static bool is_file(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* A folder of the case is an exhibit when it holds exhibit.json and is not being made. */
static athar_status visit(const athar_case *c, const char *slug,
                          athar_status (*exhibit)(void *user, const char *slug,
                                                  const athar_json *fields, athar_error *err),
                          void *user, athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_case_path(c, slug, "exhibit.json", err);
	ATHAR_AUTO(json) athar_json *fields = NULL;

	if (path == NULL)
		return err->status;
	if (slug[0] == '.' || ends_with(slug, ".partial") || !is_file(path))
		return ATHAR_OK;
	ATHAR_TRY(athar_case_load_json(&fields, path, err));
	return exhibit(user, slug, fields, err);
}

athar_status athar_case_each_exhibit(const athar_case *c,
                                     athar_status (*exhibit)(void *user, const char *slug,
                                                             const athar_json *fields,
                                                             athar_error *err),
                                     void *user, athar_error *err)
{
	ATHAR_AUTO(names) athar_names names = {NULL, 0, 0};

	ATHAR_TRY(athar_names_load(&names, c->folder, err));
	for (size_t i = 0; i < names.count; i++)
		ATHAR_TRY(visit(c, names.name[i], exhibit, user, err));
	return ATHAR_OK;
}

/* ---- find ---- */

typedef struct search {
	const char *id; /* NULL: any */
	char *by_id, *by_slug;
	size_t count;
	char known[320]; /* the ids there are, for the refusal */
} search;

static void search_clear(search *s)
{
	free(s->by_id);
	free(s->by_slug);
}
ATHAR_DEFINE_AUTO_VALUE(search, search, search_clear)

static athar_status look_at(void *user, const char *slug, const athar_json *fields,
                            athar_error *err)
{
	search *s = user;
	const char *id = athar_json_get_text(fields, "id");
	const size_t used = strlen(s->known);

	s->count++;
	snprintf(s->known + used, sizeof s->known - used, "%s%.100s", used == 0 ? "" : ", ", slug);
	if (s->by_slug == NULL && (s->id == NULL || strcmp(s->id, slug) == 0))
		if ((s->by_slug = athar_copy_text(slug, err)) == NULL)
			return err->status;
	if (s->by_id == NULL && s->id != NULL && id != NULL && strcmp(s->id, id) == 0)
		if ((s->by_id = athar_copy_text(slug, err)) == NULL)
			return err->status;
	return ATHAR_OK;
}

athar_status athar_case_find_exhibit(char **slug, const athar_case *c, const char *id,
                                     athar_error *err)
{
	ATHAR_AUTO(search) search s = {.id = id};

	ATHAR_TRY(athar_case_each_exhibit(c, look_at, &s, err));
	if (s.count == 0)
		return athar_fail(err, ATHAR_EUSAGE, "%s holds no exhibit yet: acquire one",
		                  c->folder);
	if (id == NULL && s.count > 1)
		return athar_fail(err, ATHAR_EUSAGE, "say which exhibit: there are %s", s.known);
	if (s.by_id == NULL && s.by_slug == NULL)
		return athar_fail(err, ATHAR_EUSAGE, "there is no exhibit %.80s: there are %s", id,
		                  s.known);
	*slug = s.by_id != NULL ? ATHAR_GIVE(s.by_id) : ATHAR_GIVE(s.by_slug);
	return ATHAR_OK;
}

/* ---- record and image ---- */

athar_status athar_case_acquisition(athar_json **out, const athar_case *c, const char *slug,
                                    athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_case_path(c, slug, "acquisition.json", err);

	if (path == NULL)
		return err->status;
	return athar_case_load_json(out, path, err);
}

/* SLUG.E01 and so on, for an exhibit whose record does not name its image. */
static athar_status image_by_name(char **path, const athar_case *c, const char *slug,
                                  athar_error *err)
{
	static const char *const ends[] = {".E01", ".dd", ".001"};

	for (size_t i = 0; i < ATHAR_COUNT(ends); i++) {
		ATHAR_AUTO(free) char *name = athar_format_text(err, "%s%s", slug, ends[i]);
		ATHAR_AUTO(free) char *tried = NULL;

		if (name == NULL || (tried = athar_case_path(c, slug, name, err)) == NULL)
			return err->status;
		if (!is_file(tried))
			continue;
		*path = ATHAR_GIVE(tried);
		return ATHAR_OK;
	}
	return athar_fail(err, ATHAR_EFORMAT, "%s/%s holds no image and its record names none",
	                  c->folder, slug);
}

athar_status athar_case_image(char **path, const athar_case *c, const char *slug, athar_error *err)
{
	ATHAR_AUTO(free) char *record = athar_case_path(c, slug, "acquisition.json", err);
	ATHAR_AUTO(json) athar_json *acquisition = NULL;
	const athar_json *image;
	const char *name, *elsewhere;

	if (record == NULL)
		return err->status;
	if (!is_file(record))
		return image_by_name(path, c, slug, err);
	ATHAR_TRY(athar_case_acquisition(&acquisition, c, slug, err));
	image = athar_json_get(acquisition, "image");
	name = athar_json_get_text(image, "name");
	elsewhere = athar_json_get_text(image, "path");
	if (name == NULL && elsewhere == NULL)
		return image_by_name(path, c, slug, err);
	if (name != NULL && (name[0] == '.' || name[0] == '\0' || strchr(name, '/') != NULL))
		return athar_fail(err, ATHAR_EFORMAT,
		                  "%s: image.name has to be a name in the exhibit's folder",
		                  record);
	*path = name != NULL ? athar_case_path(c, slug, name, err)
	                     : athar_copy_text(elsewhere, err);
	return *path == NULL ? err->status : ATHAR_OK;
}
