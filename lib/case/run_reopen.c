/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A run that was interrupted, opened again. What was written last may be torn, and after a power
 * cut anything of the last moments may be missing: lists stand up to the first line that does not
 * hold, and whatever follows comes again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/files.h"
#include "case/run_name.h"
#include "case/run_writer.h"
#include "digest/digest.h"

typedef struct reopening {
	athar_run_writer *w;
	const athar_run_visit *visit;
	uint64_t end;     /* bytes of items.jsonl that stand */
	char reason[300]; /* why it ends there; "" */
} reopening;

/* ---- what was half done ---- */

static athar_status drop(const athar_run_writer *w, const char *name, athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_join(w->folder, name, err);
	struct stat st;

	if (path == NULL)
		return err->status;
	return lstat(path, &st) != 0 && errno == ENOENT ? ATHAR_OK : athar_remove_tree(path, err);
}

static bool is_there(const athar_run_writer *w, const char *name)
{
	athar_error ignored = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) char *path = athar_join(w->folder, name, &ignored);

	return path != NULL && access(path, F_OK) == 0;
}

/* A commit that did not come to its end. */
static athar_status undo_commit(const athar_run_writer *w, athar_error *err)
{
	static const char *const names[] = {ATHAR_RUN_INCOMING,
	                                    ATHAR_RUN_ASKED ".partial",
	                                    "run.json.partial",
	                                    "volumes.json",
	                                    "volumes.json.partial",
	                                    "manifest.sha256",
	                                    "tree"};
	ATHAR_AUTO(free) char *items = athar_join(w->folder, "items.jsonl", err);
	ATHAR_AUTO(free) char *merged = athar_join(w->folder, ATHAR_RUN_MERGED, err);

	if (items == NULL || merged == NULL)
		return err->status;
	for (size_t i = 0; i < ATHAR_COUNT(names); i++)
		ATHAR_TRY(drop(w, names[i], err));
	/* Until it is written again it may be all that tells what was asked for. */
	if (is_there(w, ATHAR_RUN_ASKED))
		ATHAR_TRY(drop(w, "run.json", err));
	if (is_there(w, ATHAR_RUN_SPOOL) || !is_there(w, ATHAR_RUN_MERGED))
		return drop(w, ATHAR_RUN_MERGED, err);
	return rename(merged, items) == 0 ? ATHAR_OK
	                                  : athar_fail_errno(err, "cannot replace %s", items);
}

/* ---- items ---- */

/* Is the file there, and what its item says? */
static bool has_file(const reopening *r, const athar_item *item)
{
	athar_error ignored = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) char *path = athar_join(r->w->folder, item->file, &ignored);
	athar_digests digests;
	struct stat st;

	if (path == NULL || lstat(path, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (uint64_t)st.st_size != item->size)
		return false;
	return athar_digest_file(&digests, NULL, path, ATHAR_SHA256, &ignored) == ATHAR_OK &&
	       strcmp(athar_digests_get(&digests, ATHAR_SHA256),
	              athar_digests_get(&item->hashes, ATHAR_SHA256)) == 0;
}

/* The item of a line that stands; else why it does not. */
static bool read_item(reopening *r, athar_item *out, const athar_line *line)
{
	ATHAR_AUTO(json) athar_json *json = NULL;
	athar_error why = ATHAR_ERROR_INIT;

	if (line->torn ||
	    athar_json_parse(&json, (const char *)line->bytes, line->len, &why) != 0 ||
	    athar_item_from_json(out, json, &why) != ATHAR_OK || out->number != line->number) {
		(void)snprintf(r->reason, sizeof r->reason, "line %llu of items.jsonl was torn",
		               (unsigned long long)line->number);
		return false;
	}
	if (out->file[0] == '\0' || has_file(r, out))
		return true;
	(void)snprintf(r->reason, sizeof r->reason, "%s is missing or not as it was written",
	               out->file);
	return false;
}

/* What its further places take of its line, when a commit has merged them already. */
static athar_status measure_places(uint32_t *len, const athar_item *item, athar_error *err)
{
	ATHAR_AUTO(free) char *text = NULL;

	*len = 0;
	if (item->also == NULL)
		return ATHAR_OK;
	ATHAR_TRY(athar_json_line(&text, item->also, err));
	*len = (uint32_t)strlen(text);
	return ATHAR_OK;
}

static athar_status index_content(athar_run_writer *w, const athar_item *item, athar_error *err)
{
	const char *dot = strrchr(item->file, '.');
	athar_content content = {.size = item->size, .number = item->number};

	if (item->file[0] == '\0')
		return ATHAR_OK;
	ATHAR_TRY(measure_places(&content.places, item, err));
	(void)snprintf(content.extension, sizeof content.extension, "%s",
	               dot == NULL ? "" : dot + 1);
	athar_content_set_hex(&content, athar_digests_get(&item->hashes, ATHAR_SHA256));
	w->folders = item->number / 1000 + 1;
	return athar_contents_add(&w->contents, &content, item->size != 0, err);
}

static athar_status take_line(reopening *r, bool *stands, const athar_line *line, athar_error *err)
{
	ATHAR_AUTO(item) athar_item item = ATHAR_ITEM_INIT;

	*stands = read_item(r, &item, line);
	if (*stands)
		ATHAR_TRY(r->visit->item(r->visit->user, stands, &item, err));
	if (!*stands)
		return ATHAR_OK;
	r->w->count++;
	r->end += line->len + 1;
	return index_content(r->w, &item, err);
}

static athar_status read_items(reopening *r, const char *path, athar_error *err)
{
	ATHAR_AUTO(lines) athar_lines lines = {NULL, NULL, 0, NULL};
	athar_line line = {0};
	athar_status status = ATHAR_OK;
	bool stands = true;

	if (access(path, F_OK) != 0 && errno == ENOENT)
		return ATHAR_OK;
	ATHAR_TRY(athar_lines_open(&lines, path, err));
	while (stands && (status = athar_lines_next(&lines, &line, err)) == ATHAR_OK)
		ATHAR_TRY(take_line(r, &stands, &line, err));
	return status == ATHAR_EOF || status == ATHAR_ELIMIT ? ATHAR_OK : status;
}

static athar_status cut(const char *path, uint64_t size, athar_error *err)
{
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return ATHAR_OK;
	return truncate(path, (off_t)size) == 0 ? ATHAR_OK
	                                        : athar_fail_errno(err, "cannot cut %s", path);
}

/* ---- files ---- */

static const athar_content *content_of(const athar_contents *t, uint64_t number)
{
	size_t low = 0, high = t->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (t->content[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < t->count && t->content[low].number == number ? &t->content[low] : NULL;
}

/* Has it a line? */
static bool is_listed(const athar_run_writer *w, const char *name)
{
	const athar_content *c = content_of(&w->contents, strtoull(name, NULL, 10));
	char file[64];

	if (c == NULL)
		return false;
	athar_run_name_file(file, c->number, c->extension);
	return strcmp(strrchr(file, '/') + 1, name) == 0;
}

static athar_status clean_folder(const athar_run_writer *w, const char *folder, athar_error *err)
{
	ATHAR_AUTO(names) athar_names names = {NULL, 0, 0};

	ATHAR_TRY(athar_names_load(&names, folder, err));
	for (size_t i = 0; i < names.count; i++) {
		ATHAR_AUTO(free) char *path = athar_join(folder, names.name[i], err);

		if (path == NULL)
			return err->status;
		if (!is_listed(w, names.name[i]))
			ATHAR_TRY(athar_remove_tree(path, err));
	}
	return ATHAR_OK;
}

/* Recovered files without a line. */
static athar_status clean_files(const athar_run_writer *w, athar_error *err)
{
	ATHAR_AUTO(free) char *recovered = athar_join(w->folder, "recovered", err);
	ATHAR_AUTO(names) athar_names names = {NULL, 0, 0};

	if (recovered == NULL)
		return err->status;
	if (access(recovered, F_OK) != 0 && errno == ENOENT) {
		ATHAR_TRY(athar_folder_create(recovered, err));
		return athar_case_hand_over(w->c, recovered, err);
	}
	ATHAR_TRY(athar_names_load(&names, recovered, err));
	for (size_t i = 0; i < names.count; i++) {
		ATHAR_AUTO(free) char *folder = athar_join(recovered, names.name[i], err);

		if (folder == NULL)
			return err->status;
		ATHAR_TRY(clean_folder(w, folder, err));
		(void)rmdir(folder);
	}
	return ATHAR_OK;
}

/* ---- further places ---- */

static athar_status take_place(void *user, const athar_item *place, uint32_t len, athar_error *err)
{
	const reopening *r = user;
	athar_content *content = (athar_content *)content_of(&r->w->contents, place->number);

	if (content != NULL)
		content->places += len;
	return r->visit->place(r->visit->user, place, err);
}

static athar_status read_places(reopening *r, athar_error *err)
{
	ATHAR_AUTO(free) char *spool = athar_join(r->w->folder, ATHAR_RUN_SPOOL, err);

	if (spool == NULL)
		return err->status;
	if (!is_there(r->w, ATHAR_RUN_SPOOL))
		return ATHAR_OK;
	return athar_places_reopen(&r->w->places, spool, r->w->count, take_place, r, err);
}

/* ---- findings ---- */

static bool is_whole(const athar_line *line)
{
	ATHAR_AUTO(json) athar_json *json = NULL;
	athar_error why = ATHAR_ERROR_INIT;

	return !line->torn &&
	       athar_json_parse(&json, (const char *)line->bytes, line->len, &why) == ATHAR_OK;
}

static bool is_about_resuming(const athar_line *line)
{
	static const char beginning[] = "{\"kind\":\"" ATHAR_RUN_RESUME "\",";

	return strncmp((const char *)line->bytes, beginning, sizeof beginning - 1) == 0;
}

static athar_status read_findings(reopening *r, const char *path, athar_error *err)
{
	ATHAR_AUTO(lines) athar_lines lines = {NULL, NULL, 0, NULL};
	athar_line line = {0};
	athar_status status;
	uint64_t end = 0;

	if (access(path, F_OK) != 0 && errno == ENOENT)
		return ATHAR_OK;
	ATHAR_TRY(athar_lines_open(&lines, path, err));
	while ((status = athar_lines_next(&lines, &line, err)) == ATHAR_OK && is_whole(&line)) {
		ATHAR_TRY(athar_told_add(&r->w->told, (const char *)line.bytes, line.len, err));
		r->w->findings_count += !is_about_resuming(&line);
		end += line.len + 1;
	}
	if (status != ATHAR_OK && status != ATHAR_EOF && status != ATHAR_ELIMIT)
		return status;
	return cut(path, end, err);
}

/* Nothing is lost: what was cut off comes again. */
static athar_status tell_cut(reopening *r, athar_error *err)
{
	char text[500];

	if (r->reason[0] == '\0')
		return ATHAR_OK;
	(void)snprintf(text, sizeof text,
	               "%s when the run was gone on with: what was found from item %llu on was "
	               "looked at again",
	               r->reason, (unsigned long long)(r->w->count + 1));
	return athar_run_finding(r->w, ATHAR_RUN_RESUME, NULL, ATHAR_NOWHERE, 0, text, err);
}

/* ---- all of it ---- */

static athar_status reopen(reopening *r, athar_error *err)
{
	athar_run_writer *w = r->w;
	ATHAR_AUTO(free) char *items = athar_join(w->folder, "items.jsonl", err);
	ATHAR_AUTO(free) char *findings = athar_join(w->folder, "findings.jsonl", err);

	if (items == NULL || findings == NULL)
		return err->status;
	ATHAR_TRY(undo_commit(w, err));
	ATHAR_TRY(read_items(r, items, err));
	ATHAR_TRY(cut(items, r->end, err));
	ATHAR_TRY(read_places(r, err));
	ATHAR_TRY(read_findings(r, findings, err));
	ATHAR_TRY(clean_files(w, err));
	ATHAR_TRY(athar_run_open_lists(w, true, err));
	return tell_cut(r, err);
}

athar_status athar_run_reopen(athar_run_writer **out, athar_case *c, const char *slug,
                              const char *run, const athar_run_visit *visit, athar_error *err)
{
	ATHAR_AUTO(run_writer) athar_run_writer *w = NULL;
	reopening r = {.visit = visit};

	ATHAR_TRY(athar_run_writer_new(&w, c, slug, err));
	ATHAR_TRY(athar_run_writer_name(w, run, err));
	ATHAR_TRY(athar_case_lock(&w->lock, w->folder, err));
	r.w = w;
	ATHAR_TRY(reopen(&r, err));
	*out = ATHAR_GIVE(w);
	return ATHAR_OK;
}

athar_status athar_run_load_asked(athar_json **out, const athar_case *c, const char *slug,
                                  const char *run, athar_error *err)
{
	static const char *const names[] = {ATHAR_RUN_ASKED, "run.json"};

	for (size_t i = 0; i < ATHAR_COUNT(names); i++) {
		ATHAR_AUTO(free)
		char *path = athar_format_text(err, "%s/%s/%s.partial/%s", c->folder, slug, run,
		                               names[i]);

		if (path == NULL)
			return err->status;
		if (access(path, F_OK) == 0)
			return athar_case_load_json(out, path, err);
	}
	return athar_fail(err, ATHAR_EOF, "%s.partial has no record", run);
}

athar_status athar_runs_interrupted(const athar_case *c, const char *slug,
                                    athar_status (*run)(void *user, const char *name,
                                                        athar_error *err),
                                    void *user, athar_error *err)
{
	ATHAR_AUTO(free) char *exhibit = athar_case_path(c, NULL, slug, err);
	ATHAR_AUTO(names) athar_names names = {NULL, 0, 0};

	if (exhibit == NULL)
		return err->status;
	ATHAR_TRY(athar_names_load(&names, exhibit, err));
	for (size_t i = 0; i < names.count; i++) {
		char name[16];

		if (athar_run_number(names.name[i], true) == 0 ||
		    athar_run_number(names.name[i], false) != 0)
			continue;
		(void)snprintf(name, sizeof name, "%.9s", names.name[i]);
		ATHAR_TRY(run(user, name, err));
	}
	return ATHAR_OK;
}
