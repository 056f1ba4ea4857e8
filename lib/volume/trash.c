/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/trash.h"

#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/sort.h"
#include "volume/trash_record.h"
#include "volume/walk.h"

#define ENTRIES_MOST ((size_t)1000000)
#define PATHS_MOST ((size_t)256 << 20)
#define RECORD_MOST ((size_t)8 << 20) /* of INFO2; the others are small */

void athar_trash_clear(athar_trash *trash)
{
	free(trash->entry);
	free(trash->paths);
}

/* ---- which files ---- */

/* Length of the component at `from`. */
static size_t component(const uint8_t *path, size_t len, size_t from)
{
	size_t n = 0;

	while (from + n < len && path[from + n] != '/')
		n++;
	return n;
}

static bool is_named(const uint8_t *path, size_t len, const char *name)
{
	return len == strlen(name) && strncasecmp((const char *)path, name, len) == 0;
}

/* With the folder of one user in it. */
static size_t of_user(const uint8_t *path, size_t len, size_t first)
{
	const size_t user = component(path, len, first + 1);

	return first + 1 + user < len ? first + 1 + user : 0;
}

static size_t home_bin(const uint8_t *path, size_t len)
{
	static const char home[] = ".local/share/Trash/";
	const size_t n = sizeof home - 1;
	const uint8_t *at = path;

	while ((at = memmem(at, len - (size_t)(at - path), home, n)) != NULL) {
		if (at == path || at[-1] == '/')
			return (size_t)(at - path) + n - 1;
		at++;
	}
	return 0;
}

size_t athar_trash_bin(const uint8_t *path, size_t len)
{
	const size_t first = component(path, len, 0);

	if (first < len && (path[0] == '$' || path[0] == 'R' || path[0] == 'r')) {
		if (is_named(path, first, "$Recycle.Bin") || is_named(path, first, "RECYCLER"))
			return of_user(path, len, first);
		if (is_named(path, first, "RECYCLED"))
			return first;
	}
	if (first < len && path[0] == '.') {
		if (is_named(path, first, ".Trash"))
			return of_user(path, len, first);
		if (first > 7 && memcmp(path, ".Trash-", 7) == 0)
			return first;
	}
	return len == 0 ? 0 : home_bin(path, len);
}

athar_status athar_trash_see(athar_walk *w, uint64_t address, bool folder, athar_error *err)
{
	const size_t bin = athar_trash_bin(w->path, w->path_len);
	athar_trash *t = &w->trash;

	if (bin == 0)
		return ATHAR_OK;
	if (t->count >= ENTRIES_MOST || t->paths_len >= PATHS_MOST) {
		t->full = true;
		return ATHAR_OK;
	}
	ATHAR_TRY(athar_grow(&t->entry, &t->capacity, t->count + 1, sizeof *t->entry, err));
	ATHAR_TRY(athar_grow(&t->paths, &t->paths_capacity, t->paths_len + w->path_len, 1, err));
	memcpy(t->paths + t->paths_len, w->path, w->path_len);
	t->entry[t->count++] = (athar_trash_entry){.address = address,
	                                           .path = t->paths_len,
	                                           .path_len = (uint32_t)w->path_len,
	                                           .bin = (uint32_t)bin,
	                                           .folder = folder};
	t->paths_len += w->path_len;
	return ATHAR_OK;
}

/* ---- by path ---- */

static int compare_paths(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	const int order = memcmp(a, b, (size_t)athar_min(a_len, b_len));

	if (order != 0)
		return order;
	return a_len < b_len ? -1 : a_len > b_len;
}

static int by_path(const void *a, const void *b, const void *user)
{
	const athar_trash_entry *x = a;
	const athar_trash_entry *y = b;
	const uint8_t *paths = user;

	return compare_paths(paths + x->path, x->path_len, paths + y->path, y->path_len);
}

/* Index of the first that is not before the path. */
static size_t first_from(const athar_trash *t, const uint8_t *path, size_t len)
{
	size_t from = 0;
	size_t to = t->count;

	while (from < to) {
		const size_t middle = from + (to - from) / 2;
		const athar_trash_entry *e = &t->entry[middle];

		if (compare_paths(t->paths + e->path, e->path_len, path, len) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static bool begins_with(const athar_trash *t, size_t i, const uint8_t *path, size_t len)
{
	return i < t->count && t->entry[i].path_len >= len &&
	       memcmp(t->paths + t->entry[i].path, path, len) == 0;
}

/* ---- giving ---- */

/* The path that a find gets: where it was, and what follows `skip` bytes of its own. */
static athar_status set_path(athar_walk *w, const athar_trash_record *r, const athar_trash_entry *e,
                             size_t skip, athar_error *err)
{
	const uint8_t *own = w->trash.paths + e->path;
	const uint8_t *top = own;
	size_t top_len = 0;

	/* Noted below the folder that has the bin, which is the volume's root but for homes. */
	if (r->drive == 0 && !r->absolute && home_bin(own, e->path_len) > 0)
		top_len = e->bin - athar_min(e->bin, sizeof ".local/share/Trash");
	ATHAR_TRY(athar_walk_path(w, top, top_len, err));
	ATHAR_TRY(athar_walk_push(w, r->path, r->path_len, err));
	return skip < e->path_len ? athar_walk_push(w, own + skip + 1, e->path_len - skip - 1, err)
	                          : ATHAR_OK;
}

static athar_status give_entry(athar_walk *w, const athar_trash_record *r,
                               const athar_trash_entry *e, size_t skip, athar_error *err)
{
	ATHAR_AUTO_TSK_FILE TSK_FS_FILE *tsk =
		tsk_fs_file_open_meta(w->volume->fs, NULL, e->address);
	athar_status status;

	if (w->counts->files + w->counts->folders >= ATHAR_WALK_FILES) {
		w->full = true;
		return ATHAR_OK;
	}
	if (tsk == NULL || tsk->meta == NULL) {
		tsk_error_reset();
		w->counts->errors++;
		return ATHAR_OK;
	}
	ATHAR_TRY(athar_walk_beat(w, err));
	ATHAR_TRY(set_path(w, r, e, skip, err));
	w->deleted_at = r->deleted.meaning[0] != '\0' ? &r->deleted : NULL;
	status = athar_walk_give(w, tsk, ATHAR_STATE_TRASH, err);
	w->deleted_at = NULL;
	w->path_len = 0;
	return status;
}

/* The file or folder with this path in the bin, and all below it. */
static athar_status give_from(athar_walk *w, const athar_trash_record *r, const uint8_t *path,
                              size_t len, athar_error *err)
{
	const athar_trash *t = &w->trash;
	size_t i = first_from(t, path, len);
	ATHAR_AUTO(free) uint8_t *below = NULL;

	if (!begins_with(t, i, path, len) || t->entry[i].path_len != len)
		return ATHAR_OK;
	ATHAR_TRY(give_entry(w, r, &t->entry[i], len, err));
	if (!t->entry[i].folder)
		return ATHAR_OK;
	below = athar_copy_bytes(path, len, err);
	if (below == NULL)
		return err->status;
	below[len] = '/'; /* in place of the NUL */
	for (i = first_from(t, below, len + 1); begins_with(t, i, below, len + 1) && !w->full; i++)
		ATHAR_TRY(give_entry(w, r, &t->entry[i], len, err));
	return ATHAR_OK;
}

/* A file's name in its bin; NULL where it lies deeper. */
static const uint8_t *own_name(const athar_trash *t, const athar_trash_entry *e, size_t *len)
{
	const uint8_t *name = t->paths + e->path + e->bin + 1;

	if (e->path_len <= e->bin + 1)
		return NULL;
	*len = e->path_len - e->bin - 1;
	return memchr(name, '/', *len) == NULL ? name : NULL;
}

static athar_status load(uint8_t **out, size_t *len, athar_walk *w, const athar_trash_entry *e,
                         athar_error *err)
{
	ATHAR_AUTO_TSK_FILE TSK_FS_FILE *tsk =
		tsk_fs_file_open_meta(w->volume->fs, NULL, e->address);
	ssize_t got = 0;

	*len = 0;
	if (tsk == NULL || tsk->meta == NULL || tsk->meta->size <= 0 ||
	    (uint64_t)tsk->meta->size > RECORD_MOST) {
		tsk_error_reset();
		return ATHAR_OK;
	}
	*out = athar_alloc((size_t)tsk->meta->size, err);
	if (*out == NULL)
		return err->status;
	got = tsk_fs_file_read(tsk, 0, (char *)*out, (size_t)tsk->meta->size,
	                       TSK_FS_FILE_READ_FLAG_NONE);
	*len = got > 0 ? (size_t)got : 0;
	return ATHAR_OK;
}

/* $Ixxxxxx tells of $Rxxxxxx beside it. */
static athar_status walk_i(athar_walk *w, const athar_trash_entry *e, const uint8_t *bytes,
                           size_t len, athar_error *err)
{
	ATHAR_AUTO(trash_record) athar_trash_record r = {.path = NULL};
	ATHAR_AUTO(free) uint8_t *path = NULL;
	bool good;

	ATHAR_TRY(athar_trash_parse_i(&r, &good, bytes, len, err));
	if (!good)
		return ATHAR_OK;
	path = athar_copy_bytes(w->trash.paths + e->path, e->path_len, err);
	if (path == NULL)
		return err->status;
	path[e->bin + 2] = 'R';
	return give_from(w, &r, path, e->path_len, err);
}

/* Gives what has this name in the bin, or begins with it and goes on with its extension. */
static athar_status give_named(athar_walk *w, const athar_trash_entry *info,
                               const athar_trash_record *r, const char *name, bool *given,
                               athar_error *err)
{
	const athar_trash *t = &w->trash;
	const size_t name_len = strlen(name);
	const size_t len = info->bin + 1 + name_len;
	ATHAR_AUTO(free) uint8_t *path = athar_alloc(len + 1, err);

	if (path == NULL)
		return err->status;
	memcpy(path, t->paths + info->path, info->bin + 1);
	memcpy(path + info->bin + 1, name, name_len);
	for (size_t dot = 0; dot <= 1 && !*given; dot++) {
		size_t i, n;

		path[len] = '.';
		i = first_from(t, path, len + dot);
		*given = begins_with(t, i, path, len + dot) &&
		         own_name(t, &t->entry[i], &n) != NULL &&
		         (dot == 1 || t->entry[i].path_len == len);
		if (*given)
			return give_from(w, r, t->paths + t->entry[i].path, t->entry[i].path_len,
			                 err);
	}
	return ATHAR_OK;
}

/* Of XP: D, the drive's letter, the number, and the extension that it had. */
static athar_status give_numbered(athar_walk *w, const athar_trash_entry *info,
                                  const athar_trash_record *r, athar_error *err)
{
	char name[32];
	bool given = false;

	for (int upper = 0; upper <= 1 && !given; upper++) {
		snprintf(name, sizeof name, "D%c%u", upper != 0 ? r->drive - 'a' + 'A' : r->drive,
		         r->number);
		ATHAR_TRY(give_named(w, info, r, name, &given, err));
	}
	return ATHAR_OK;
}

static athar_status walk_info2(athar_walk *w, const athar_trash_entry *e, const uint8_t *bytes,
                               size_t len, athar_error *err)
{
	bool good = true;

	for (size_t at = 0; good && !w->full;) {
		ATHAR_AUTO(trash_record) athar_trash_record r = {.path = NULL};

		ATHAR_TRY(athar_trash_parse_info2(&r, &good, bytes, len, &at, err));
		if (good)
			ATHAR_TRY(give_numbered(w, e, &r, err));
		ATHAR_TRY(athar_walk_beat(w, err));
	}
	return ATHAR_OK;
}

/* info/NAME.trashinfo tells of files/NAME. */
static athar_status walk_trashinfo(athar_walk *w, const athar_trash_entry *e, const uint8_t *bytes,
                                   size_t len, athar_error *err)
{
	static const size_t info = sizeof "info/" - 1;
	static const size_t suffix = sizeof ".trashinfo" - 1;
	ATHAR_AUTO(trash_record) athar_trash_record r = {.path = NULL};
	const size_t name_len = e->path_len - e->bin - 1 - info - suffix;
	ATHAR_AUTO(free) uint8_t *path = NULL;
	bool good;

	ATHAR_TRY(athar_trash_parse_info(&r, &good, bytes, len, err));
	if (!good)
		return ATHAR_OK;
	path = athar_alloc(e->path_len + 2, err);
	if (path == NULL)
		return err->status;
	memcpy(path, w->trash.paths + e->path, e->bin + 1);
	memcpy(path + e->bin + 1, "files/", info + 1);
	memcpy(path + e->bin + 2 + info, w->trash.paths + e->path + e->bin + 1 + info, name_len);
	return give_from(w, &r, path, e->bin + 2 + info + name_len, err);
}

typedef athar_status (*walk_record)(athar_walk *w, const athar_trash_entry *e, const uint8_t *bytes,
                                    size_t len, athar_error *err);

/* How the entry tells of others; NULL: it does not. */
static walk_record record_kind(const athar_trash *t, const athar_trash_entry *e)
{
	const uint8_t *rest = t->paths + e->path + e->bin + 1;
	const size_t len = e->path_len > e->bin + 1 ? e->path_len - e->bin - 1 : 0;

	if (e->folder || len == 0)
		return NULL;
	if (len > 15 && memcmp(rest, "info/", 5) == 0 &&
	    memcmp(rest + len - 10, ".trashinfo", 10) == 0 &&
	    memchr(rest + 5, '/', len - 5) == NULL)
		return walk_trashinfo;
	if (len > 2 && rest[0] == '$' && (rest[1] == 'I' || rest[1] == 'i') &&
	    memchr(rest, '/', len) == NULL)
		return walk_i;
	return is_named(rest, len, "INFO2") || is_named(rest, len, "INFO") ? walk_info2 : NULL;
}

athar_status athar_trash_walk(athar_walk *w, athar_error *err)
{
	athar_trash *t = &w->trash;

	athar_sort(t->entry, t->count, sizeof *t->entry, by_path, t->paths);
	for (size_t i = 0; i < t->count && !w->full; i++) {
		const walk_record walk = record_kind(t, &t->entry[i]);
		ATHAR_AUTO(free) uint8_t *bytes = NULL;
		size_t len;

		if (walk == NULL)
			continue;
		ATHAR_TRY(load(&bytes, &len, w, &t->entry[i], err));
		ATHAR_TRY(walk(w, &t->entry[i], bytes, len, err));
	}
	return t->full ? athar_walk_finding(w, false, err,
	                                    "the recycle bins have more than %zu entries: the "
	                                    "rest is not given as trash",
	                                    ENTRIES_MOST)
	               : ATHAR_OK;
}
