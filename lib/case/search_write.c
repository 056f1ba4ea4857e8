/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/files.h"
#include "case/manifest.h"
#include "case/private.h"
#include "case/search_run.h"

#define LAST 999u

struct athar_search_writer {
	const athar_case *c;
	char *slug, *folder, *final;
	char name[16];
	FILE *hits, *findings;
	bool made, committed;
};

const char *athar_search_run_name(const athar_search_writer *w)
{
	return w->name;
}

/* ---- new ---- */

static athar_status open_stream(FILE **out, const athar_search_writer *w, const char *name,
                                athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_join(w->folder, name, err);

	if (path == NULL)
		return err->status;
	ATHAR_TRY(athar_stream_create(out, path, err));
	return athar_case_hand_over(w->c, path, err);
}

/* Of "search-001" or "search-001.partial"; 0: another name. */
static unsigned number_of(const char *name)
{
	unsigned number = 0;

	if (strncmp(name, "search-", 7) != 0)
		return 0;
	for (int i = 7; i < 10; i++) {
		if (name[i] < '0' || name[i] > '9')
			return 0;
		number = number * 10 + (unsigned)(name[i] - '0');
	}
	return name[10] == '\0' || strcmp(name + 10, ".partial") == 0 ? number : 0;
}

/* Takes the number by making its .partial; ATHAR_EREFUSED when another process was faster. */
static athar_status take_number(athar_search_writer *w, const char *exhibit, unsigned number,
                                athar_error *err)
{
	(void)snprintf(w->name, sizeof w->name, "search-%03u", number % 1000);
	free(w->final);
	free(w->folder);
	w->folder = NULL;
	w->final = athar_join(exhibit, w->name, err);
	if (w->final == NULL ||
	    (w->folder = athar_format_text(err, "%s.partial", w->final)) == NULL)
		return err->status;
	ATHAR_TRY(athar_folder_create(w->folder, err));
	if (access(w->final, F_OK) != 0) {
		w->made = true;
		return athar_case_hand_over(w->c, w->folder, err);
	}
	(void)rmdir(w->folder);
	return athar_fail(err, ATHAR_EREFUSED, "%s exists already", w->final);
}

/* After the highest number ever given here, finished or not. */
static athar_status choose_number(athar_search_writer *w, athar_error *err)
{
	ATHAR_AUTO(free) char *exhibit = athar_join(w->c->folder, w->slug, err);
	ATHAR_AUTO(names) athar_names names = {NULL, 0, 0};
	unsigned number = 0;

	if (exhibit == NULL)
		return err->status;
	ATHAR_TRY(athar_names_load(&names, exhibit, err));
	for (size_t i = 0; i < names.count; i++) {
		const unsigned taken = number_of(names.name[i]);

		number = taken > number ? taken : number;
	}
	while (number++ < LAST) {
		const athar_status status = take_number(w, exhibit, number, err);

		if (status != ATHAR_EREFUSED)
			return status;
	}
	return athar_fail(err, ATHAR_EREFUSED,
	                  "%s has search %u already, the last number: search in another case",
	                  w->slug, LAST);
}

athar_status athar_search_run_new(athar_search_writer **out, athar_case *c, const char *slug,
                                  athar_error *err)
{
	ATHAR_AUTO(search_writer) athar_search_writer *w = athar_alloc(sizeof *w, err);

	if (w == NULL)
		return err->status;
	w->c = c;
	ATHAR_TRY(athar_case_must_write(c, err));
	w->slug = athar_copy_text(slug, err);
	if (w->slug == NULL)
		return err->status;
	ATHAR_TRY(choose_number(w, err));
	ATHAR_TRY(open_stream(&w->hits, w, "hits.jsonl", err));
	ATHAR_TRY(open_stream(&w->findings, w, "findings.jsonl", err));
	*out = ATHAR_GIVE(w);
	return ATHAR_OK;
}

void athar_search_run_close(athar_search_writer *w)
{
	athar_error ignored = ATHAR_ERROR_INIT;

	if (w == NULL)
		return;
	if (w->hits != NULL)
		(void)fclose(w->hits);
	if (w->findings != NULL)
		(void)fclose(w->findings);
	if (w->made && !w->committed)
		(void)athar_remove_tree(w->folder, &ignored);
	free(w->slug);
	free(w->folder);
	free(w->final);
	free(w);
}

/* ---- lines ---- */

static athar_status put_line(FILE *to, const athar_search_writer *w, const athar_json *json,
                             athar_error *err)
{
	ATHAR_AUTO(free) char *line = NULL;

	ATHAR_TRY(athar_json_line(&line, json, err));
	if (fprintf(to, "%s\n", line) < 0)
		return athar_fail_errno(err, "cannot write into %s", w->folder);
	return ATHAR_OK;
}

athar_status athar_search_run_hit(athar_search_writer *w, athar_json *hit, athar_error *err)
{
	athar_json_set_number(hit, "v", ATHAR_CASE_VERSION);
	return put_line(w->hits, w, hit, err);
}

athar_status athar_search_run_finding(athar_search_writer *w, const char *kind, const char *where,
                                      uint64_t offset, uint64_t length, const char *text,
                                      athar_error *err)
{
	ATHAR_AUTO(json) athar_json *finding = athar_json_object();

	athar_json_set_text(finding, "kind", kind);
	athar_json_set_number(finding, "length", length);
	if (offset == ATHAR_NOWHERE)
		athar_json_set_null(finding, "offset");
	else
		athar_json_set_number(finding, "offset", offset);
	athar_json_set_text(finding, "text", text);
	athar_json_set_number(finding, "v", ATHAR_CASE_VERSION);
	athar_json_set_text(finding, "where", where);
	return put_line(w->findings, w, finding, err);
}

/* ---- commit ---- */

static athar_status save_search(const athar_search_writer *w, athar_json *search, athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_join(w->folder, "search.json", err);
	ATHAR_AUTO(free) char *pretty = NULL;
	ATHAR_AUTO(free) char *text = NULL;

	athar_json_set_number(search, "v", ATHAR_CASE_VERSION);
	athar_json_set_text(search, "run", w->name);
	athar_json_set_text(search, "exhibit", w->slug);
	ATHAR_TRY(athar_json_pretty(&pretty, search, err));
	text = athar_format_text(err, "%s\n", pretty);
	if (path == NULL || text == NULL)
		return err->status;
	ATHAR_TRY(athar_file_save(path, text, strlen(text), err));
	return athar_case_hand_over(w->c, path, err);
}

static athar_status write_manifest(athar_json *files, const athar_search_writer *w,
                                   athar_error *err)
{
	const athar_manifest_place in = {w->folder, w->slug, w->name};
	ATHAR_AUTO(file) FILE *manifest = NULL;

	ATHAR_TRY(open_stream(&manifest, w, "manifest.sha256", err));
	ATHAR_TRY(athar_manifest_add(manifest, files, &in, "findings.jsonl", err));
	ATHAR_TRY(athar_manifest_add(manifest, files, &in, "hits.jsonl", err));
	ATHAR_TRY(athar_manifest_add(manifest, files, &in, "search.json", err));
	ATHAR_TRY(athar_stream_close(&manifest, w->folder, err));
	return athar_manifest_add(NULL, files, &in, "manifest.sha256", err);
}

athar_status athar_search_run_commit(athar_json **files, athar_search_writer *w, athar_json *search,
                                     athar_error *err)
{
	ATHAR_AUTO(json) athar_json *owned = search;
	ATHAR_AUTO(json) athar_json *list = athar_json_array();

	ATHAR_TRY(athar_stream_close(&w->hits, w->folder, err));
	ATHAR_TRY(athar_stream_close(&w->findings, w->folder, err));
	ATHAR_TRY(save_search(w, owned, err));
	ATHAR_TRY(write_manifest(list, w, err));
	ATHAR_TRY(athar_folder_sync_all(w->folder, err));
	ATHAR_TRY(athar_rename_new(w->folder, w->final, err));
	w->committed = true;
	*files = ATHAR_GIVE(list);
	return ATHAR_OK;
}
