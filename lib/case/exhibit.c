/* SPDX-License-Identifier: BSD-2-Clause */
/* An exhibit being made. */
#include "case/exhibit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/files.h"
#include "case/private.h"
#include "digest/digest.h"

struct athar_exhibit {
	const athar_case *c;
	char *slug, *folder, *final;
	athar_json *saved; /* name -> SHA-256 of what was written here */
	char *last;        /* the file that goes when the rest has its name; NULL: none */
	int lock;          /* of the folder */
	bool made, committed, keep;
};

static bool ends_with(const char *text, const char *end)
{
	const size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* Names that a case keeps for itself. */
static const char *const reserved[] = {"case.json", "custody.jsonl", "selection.jsonl", "seals",
                                       "reports"};

static athar_status check_name(const char *slug, const char *id, athar_error *err)
{
	for (size_t i = 0; i < ATHAR_COUNT(reserved); i++)
		if (strcasecmp(slug, reserved[i]) == 0)
			return athar_fail(err, ATHAR_EREFUSED,
			                  "a case keeps the name %s for itself: give exhibit "
			                  "%.100s another id",
			                  slug, id);
	if (ends_with(slug, ".partial"))
		return athar_fail(err, ATHAR_EREFUSED,
		                  "a folder that ends in .partial is one being made: give exhibit "
		                  "%.100s another id",
		                  id);
	return ATHAR_OK;
}

static bool is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 || errno != ENOENT;
}

/* Says whose name it is that is taken. */
static athar_status refuse_taken(const athar_exhibit *x, const char *id, athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_join(x->final, "exhibit.json", err);
	ATHAR_AUTO(json) athar_json *fields = NULL;
	athar_error ignored = ATHAR_ERROR_INIT;
	const char *other;

	if (path == NULL)
		return err->status;
	(void)athar_case_load_json(&fields, path, &ignored);
	other = athar_json_get_text(fields, "id");
	if (other != NULL && strcmp(other, id) != 0)
		return athar_fail(err, ATHAR_EREFUSED,
		                  "exhibit %.100s has the folder %s, which %.100s would need too: "
		                  "give another id",
		                  other, x->slug, id);
	return athar_fail(err, ATHAR_EREFUSED,
	                  "exhibit %.100s is there already (%s): give a further acquisition an id "
	                  "of its own, such as %.100s-2",
	                  id, x->slug, id);
}

static athar_status make_folder(athar_exhibit *x, const char *id, athar_error *err)
{
	if (is_there(x->final))
		return refuse_taken(x, id, err);
	if (is_there(x->folder))
		return athar_fail(err, ATHAR_EREFUSED,
		                  "%s is left of an interrupted acquisition or belongs to one that "
		                  "runs: go on with it by --resume, or look at it and move it away",
		                  x->folder);
	ATHAR_TRY(athar_folder_create(x->folder, err));
	x->made = true;
	ATHAR_TRY(athar_case_lock(&x->lock, x->folder, err));
	return athar_case_hand_over(x->c, x->folder, err);
}

static athar_status find_folder(athar_exhibit *x, const char *id, athar_error *err)
{
	if (is_there(x->final))
		return refuse_taken(x, id, err);
	if (!is_there(x->folder))
		return athar_fail(err, ATHAR_EREFUSED,
		                  "there is no %s to go on with: leave --resume out", x->folder);
	return athar_case_lock(&x->lock, x->folder, err);
}

/* Its names; the folder is not touched yet. */
static athar_status name(athar_exhibit **out, athar_case *c, const char *id, athar_error *err)
{
	ATHAR_AUTO(exhibit) athar_exhibit *x = athar_alloc(sizeof *x, err);

	if (x == NULL)
		return err->status;
	x->lock = -1;
	x->c = c;
	ATHAR_TRY(athar_case_must_write(c, err));
	ATHAR_TRY(athar_exhibit_slug(&x->slug, id, err));
	ATHAR_TRY(check_name(x->slug, id, err));
	x->final = athar_join(c->folder, x->slug, err);
	x->folder = athar_format_text(err, "%s/%s.partial", c->folder, x->slug);
	if (x->final == NULL || x->folder == NULL)
		return err->status;
	x->saved = athar_json_object();
	*out = ATHAR_GIVE(x);
	return ATHAR_OK;
}

athar_status athar_exhibit_new(athar_exhibit **out, athar_case *c, const char *id, athar_error *err)
{
	ATHAR_AUTO(exhibit) athar_exhibit *x = NULL;

	ATHAR_TRY(name(&x, c, id, err));
	ATHAR_TRY(make_folder(x, id, err));
	*out = ATHAR_GIVE(x);
	return ATHAR_OK;
}

athar_status athar_exhibit_resume(athar_exhibit **out, athar_case *c, const char *id,
                                  athar_error *err)
{
	ATHAR_AUTO(exhibit) athar_exhibit *x = NULL;

	ATHAR_TRY(name(&x, c, id, err));
	ATHAR_TRY(find_folder(x, id, err));
	*out = ATHAR_GIVE(x);
	return ATHAR_OK;
}

void athar_exhibit_keep(athar_exhibit *x)
{
	x->keep = true;
}

const char *athar_exhibit_name(const athar_exhibit *x)
{
	return x->slug;
}

const char *athar_exhibit_folder(const athar_exhibit *x)
{
	return x->committed ? x->final : x->folder;
}

athar_status athar_exhibit_save(athar_exhibit *x, const char *name, const void *bytes, size_t len,
                                athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_join(x->folder, name, err);
	char hex[65];

	if (path == NULL)
		return err->status;
	ATHAR_TRY(athar_digest_sha256(hex, bytes, len, err));
	ATHAR_TRY(athar_file_save(path, bytes, len, err));
	athar_json_set_text(x->saved, name, hex);
	return athar_case_hand_over(x->c, path, err);
}

athar_status athar_exhibit_replace(athar_exhibit *x, const char *name, const void *bytes,
                                   size_t len, athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_join(x->folder, name, err);
	char hex[65];

	if (path == NULL)
		return err->status;
	ATHAR_TRY(athar_digest_sha256(hex, bytes, len, err));
	ATHAR_TRY(athar_file_replace(path, bytes, len, err));
	athar_json_set_text(x->saved, name, hex);
	return athar_case_hand_over(x->c, path, err);
}

static athar_status drop(const char *path, athar_error *err)
{
	if (unlink(path) != 0 && errno != ENOENT)
		return athar_fail_errno(err, "cannot remove %s", path);
	return ATHAR_OK;
}

athar_status athar_exhibit_drop(athar_exhibit *x, const char *name, athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_join(x->folder, name, err);
	ATHAR_AUTO(free) char *half = NULL;

	if (path == NULL)
		return err->status;
	half = athar_format_text(err, "%s.partial", path);
	if (half == NULL)
		return err->status;
	ATHAR_TRY(drop(half, err));
	return drop(path, err);
}

athar_status athar_exhibit_drop_last(athar_exhibit *x, const char *name, athar_error *err)
{
	free(x->last);
	x->last = athar_copy_text(name, err);
	return x->last == NULL ? err->status : ATHAR_OK;
}

/* That it cannot be taken away costs a superfluous file. */
static void drop_last(const athar_exhibit *x)
{
	athar_error ignored = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free)
	char *path = x->last == NULL ? NULL : athar_join(x->final, x->last, &ignored);

	if (path != NULL && unlink(path) == 0)
		(void)athar_folder_sync(x->final, &ignored);
}

static bool goes_last(const athar_exhibit *x, const char *name)
{
	return x->last != NULL && strcmp(x->last, name) == 0;
}

/* The hash of a file: as saved, as known, or read now for the block hashes, which are short and
 * vouch for the image. "" for an image file that nobody knows. */
static athar_status find_hash(char hex[65], const athar_exhibit *x, const char *name,
                              const athar_json *known, athar_error *err)
{
	ATHAR_AUTO(free) char *path = NULL;
	const char *found = athar_json_get_text(x->saved, name);
	athar_digests digests;
	uint64_t size = 0;

	if (found == NULL)
		found = athar_json_get_text(known, name);
	if (found == NULL && ends_with(name, ".sha256")) {
		path = athar_join(x->folder, name, err);
		if (path == NULL)
			return err->status;
		ATHAR_TRY(athar_digest_file(&digests, &size, path, ATHAR_SHA256, err));
		found = athar_digests_get(&digests, ATHAR_SHA256);
	}
	snprintf(hex, 65, "%s", found == NULL ? "" : found);
	return ATHAR_OK;
}

static athar_status list_file(athar_json *files, const athar_exhibit *x, const char *name,
                              const athar_json *known, athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_join(x->folder, name, err);
	ATHAR_AUTO(free) char *shown = athar_join(x->slug, name, err);
	athar_json *file;
	struct stat st;
	char hex[65];

	if (path == NULL || shown == NULL)
		return err->status;
	ATHAR_TRY(find_hash(hex, x, name, known, err));
	/* A file of the image may be where there was room, behind a link. */
	if ((hex[0] == '\0' ? stat(path, &st) : lstat(path, &st)) != 0)
		return athar_fail_errno(err, "cannot look at %s", path);
	if (!S_ISREG(st.st_mode))
		return athar_fail(err, ATHAR_EREFUSED, "%s is no file of athar's", path);
	file = athar_json_object();
	athar_json_set_text(file, "name", shown);
	athar_json_set_number(file, "size", (uint64_t)st.st_size);
	if (hex[0] != '\0')
		athar_json_set_text(file, "sha256", hex);
	athar_json_append(files, file);
	return ATHAR_OK;
}

athar_status athar_exhibit_commit(athar_json **files, athar_exhibit *x, const athar_json *known,
                                  athar_error *err)
{
	ATHAR_AUTO(json) athar_json *list = athar_json_array();
	ATHAR_AUTO(names) athar_names names = {NULL, 0, 0};

	ATHAR_TRY(athar_names_load(&names, x->folder, err));
	for (size_t i = 0; i < names.count; i++)
		if (!goes_last(x, names.name[i]))
			ATHAR_TRY(list_file(list, x, names.name[i], known, err));
	ATHAR_TRY(athar_folder_sync(x->folder, err));
	ATHAR_TRY(athar_rename_new(x->folder, x->final, err));
	x->committed = true;
	drop_last(x);
	*files = ATHAR_GIVE(list);
	return ATHAR_OK;
}

void athar_exhibit_close(athar_exhibit *x)
{
	athar_error ignored = ATHAR_ERROR_INIT;

	if (x == NULL)
		return;
	if (x->made && !x->committed && !x->keep)
		(void)athar_remove_tree(x->folder, &ignored);
	if (x->lock >= 0)
		(void)close(x->lock);
	athar_json_free(x->saved);
	free(x->last);
	free(x->slug);
	free(x->folder);
	free(x->final);
	free(x);
}
