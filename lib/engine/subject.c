/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/subject.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "athar/version.h"
#include "base/alloc.h"
#include "case/exhibit.h"
#include "engine/record.h"

void athar_subject_clear(athar_subject *subject)
{
	free(subject->slug);
	free(subject->id);
	free(subject->image);
	*subject = (athar_subject){NULL, NULL, NULL};
}

/* ---- the id of an exhibit that is there ---- */

typedef struct lookup {
	athar_subject *subject;
} lookup;

static athar_status note_id(void *user, const char *slug, const athar_json *fields,
                            athar_error *err)
{
	athar_subject *s = ((lookup *)user)->subject;
	const char *id = athar_json_get_text(fields, "id");

	if (strcmp(slug, s->slug) != 0)
		return ATHAR_OK;
	free(s->id);
	s->id = athar_copy_text(id == NULL ? slug : id, err);
	return s->id == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

static athar_status find_id(athar_subject *s, const athar_case *c, athar_error *err)
{
	lookup l = {s};

	return athar_case_each_exhibit(c, note_id, &l, err);
}

/* ---- an image that stays where it is ---- */

static athar_json *reference_record(const athar_subject *s)
{
	athar_json *o = athar_json_object();
	athar_json *image = athar_json_object();

	athar_json_set_text(image, "path", s->image);
	athar_json_set_number(o, "v", 1);
	athar_json_set_text(o, "exhibit", s->id);
	athar_json_set_bool(o, "by_reference", true);
	athar_json_set(o, "image", image);
	athar_json_set(o, "versions", athar_version_libraries());
	return o;
}

static athar_status save_json(athar_exhibit *x, const char *name, const athar_json *json,
                              athar_error *err)
{
	ATHAR_AUTO(free) char *text = NULL;

	ATHAR_TRY(athar_json_pretty(&text, json, err));
	return athar_exhibit_save(x, name, text, strlen(text), err);
}

static athar_status save_reference(athar_exhibit *x, const athar_subject *s, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *record = reference_record(s);
	ATHAR_AUTO(free) char *exhibit = NULL;
	athar_acquire_options options = {.exhibit = s->id};

	ATHAR_TRY(save_json(x, "acquisition.json", record, err));
	ATHAR_TRY(athar_record_exhibit(&exhibit, &options, err));
	return athar_exhibit_save(x, "exhibit.json", exhibit, strlen(exhibit), err);
}

/* The line has the hashes of the files: it is added when they are there. */
static athar_status add_reference(athar_subject *s, athar_case *c, athar_error *err)
{
	ATHAR_AUTO(exhibit) athar_exhibit *x = NULL;
	athar_json *files = NULL;
	athar_json *data;

	ATHAR_TRY(athar_exhibit_new(&x, c, s->id, err));
	s->slug = athar_copy_text(athar_exhibit_name(x), err);
	if (s->slug == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(save_reference(x, s, err));
	ATHAR_TRY(athar_exhibit_commit(&files, x, NULL, err));
	data = athar_json_object();
	athar_json_set_text(data, "image", s->image);
	athar_json_set(data, "files", files);
	return athar_custody_add(c, "exhibit.refer", s->id, data, err);
}

/* An exhibit that is there is meant only when it has this very image. */
static athar_status check_same(const athar_subject *s, const athar_case *c, athar_error *err)
{
	ATHAR_AUTO(free) char *own = NULL;
	struct stat a, b;

	ATHAR_TRY(athar_case_image(&own, c, s->slug, err));
	if (stat(own, &a) == 0 && stat(s->image, &b) == 0 && a.st_dev == b.st_dev &&
	    a.st_ino == b.st_ino)
		return ATHAR_OK;
	return athar_fail(err, ATHAR_EREFUSED,
	                  "exhibit %.100s has another image, %s: give %s an id of its own with "
	                  "--exhibit",
	                  s->slug, own, s->image);
}

static athar_status name_reference(athar_subject *s, const char *image, const char *id,
                                   athar_error *err)
{
	const char *slash = strrchr(image, '/');

	s->image = realpath(image, NULL);
	if (s->image == NULL)
		return athar_fail_errno(err, "cannot open %s", image);
	s->id = athar_copy_text(id != NULL ? id : slash == NULL ? image : slash + 1, err);
	return s->id == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

athar_status athar_subject_find(athar_subject *out, athar_case *c, const char *image,
                                const char *id, athar_error *err)
{
	athar_error none = ATHAR_ERROR_INIT;

	if (image == NULL) {
		ATHAR_TRY(athar_case_find_exhibit(&out->slug, c, id, err));
		ATHAR_TRY(find_id(out, c, err));
		return athar_case_image(&out->image, c, out->slug, err);
	}
	ATHAR_TRY(name_reference(out, image, id, err));
	if (athar_case_find_exhibit(&out->slug, c, out->id, &none) != ATHAR_OK)
		return add_reference(out, c, err);
	ATHAR_TRY(find_id(out, c, err));
	return check_same(out, c, err);
}
