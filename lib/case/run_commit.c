/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of a run: its lists become whole, are hashed, brought to the disk and given their name.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/alloc.h"
#include "base/files.h"
#include "case/manifest.h"
#include "case/place.h"
#include "case/run_tree.h"
#include "case/run_writer.h"

static athar_status save_pretty(const athar_run_writer *w, const char *name, const athar_json *json,
                                athar_status (*save)(const char *path, const void *bytes,
                                                     size_t len, athar_error *err),
                                athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_join(w->folder, name, err);
	ATHAR_AUTO(free) char *pretty = NULL;
	ATHAR_AUTO(free) char *text = NULL;

	ATHAR_TRY(athar_json_pretty(&pretty, json, err));
	text = athar_format_text(err, "%s\n", pretty);
	if (path == NULL || text == NULL)
		return err->status;
	ATHAR_TRY(save(path, text, strlen(text), err));
	return athar_case_hand_over(w->c, path, err);
}

athar_status athar_run_volumes(athar_run_writer *w, const athar_json *volumes, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *file = athar_json_object();

	athar_json_set_number(file, "v", ATHAR_CASE_VERSION);
	athar_json_set(file, "volumes", athar_json_copy(volumes));
	ATHAR_TRY(save_pretty(w, "volumes.json", file, athar_file_save, err));
	w->has_volumes = true;
	return ATHAR_OK;
}

athar_status athar_run_save_asked(athar_run_writer *w, const athar_json *asked, athar_error *err)
{
	return save_pretty(w, ATHAR_RUN_ASKED, asked, athar_file_replace, err);
}

/* ---- links ---- */

static athar_status link_places(const athar_run_writer *w, const athar_item *item, athar_error *err)
{
	for (size_t i = 0; i < athar_json_count(item->also); i++) {
		ATHAR_AUTO(item) athar_item place = ATHAR_ITEM_INIT;

		ATHAR_TRY(athar_place_get(&place, athar_json_at(item->also, i), err));
		place.number = item->number;
		memcpy(place.file, item->file, sizeof place.file);
		ATHAR_TRY(athar_run_tree_add(w->c, w->folder, &place, err));
	}
	return ATHAR_OK;
}

/* All at the end, when all further places are in their lines: whoever was interrupted has the same
 * links as who was not. */
static athar_status link_items(const athar_run_writer *w, const char *items, athar_error *err)
{
	ATHAR_AUTO(lines) athar_lines lines = {NULL, NULL, 0, NULL};
	athar_line line = {0};
	athar_status status;

	ATHAR_TRY(athar_lines_open(&lines, items, err));
	while ((status = athar_lines_next(&lines, &line, err)) == ATHAR_OK) {
		ATHAR_AUTO(item) athar_item item = ATHAR_ITEM_INIT;
		ATHAR_AUTO(json) athar_json *json = NULL;

		ATHAR_TRY(athar_json_parse(&json, (const char *)line.bytes, line.len, err));
		ATHAR_TRY(athar_item_from_json(&item, json, err));
		/* What is inside of a file has no place beside it: its path goes through that one.
		 */
		if (item.method == ATHAR_METHOD_EMBEDDED)
			continue;
		ATHAR_TRY(athar_run_tree_add(w->c, w->folder, &item, err));
		ATHAR_TRY(link_places(w, &item, err));
	}
	return status == ATHAR_EOF ? ATHAR_OK : status;
}

/* ---- commit ---- */

/* Without a spool the merged list is whole, with one it is not: so says the order of the two steps
 * to whoever finds the run interrupted here. */
static athar_status merge_places(athar_run_writer *w, const char *items, athar_error *err)
{
	ATHAR_AUTO(free) char *merged = athar_join(w->folder, ATHAR_RUN_MERGED, err);
	ATHAR_AUTO(free) char *spool = athar_join(w->folder, ATHAR_RUN_SPOOL, err);

	if (merged == NULL || spool == NULL)
		return err->status;
	ATHAR_TRY(athar_places_merge(&w->places, items, merged, err));
	if (unlink(spool) != 0 || rename(merged, items) != 0)
		return athar_fail_errno(err, "cannot replace %s", items);
	return athar_case_hand_over(w->c, items, err);
}

static athar_status finish_items(athar_run_writer *w, athar_error *err)
{
	ATHAR_AUTO(free) char *items = athar_join(w->folder, "items.jsonl", err);
	ATHAR_AUTO(free) char *spool = athar_join(w->folder, ATHAR_RUN_SPOOL, err);

	if (items == NULL || spool == NULL)
		return err->status;
	ATHAR_TRY(athar_stream_close(&w->items, items, err));
	if (w->places.count != 0)
		ATHAR_TRY(merge_places(w, items, err));
	else if (w->places.spool != NULL)
		(void)unlink(spool);
	return w->layout.tree ? link_items(w, items, err) : ATHAR_OK;
}

static athar_status list_recovered(FILE *manifest, const athar_run_writer *w, athar_error *err)
{
	for (size_t i = 0; i < w->contents.count; i++) {
		const athar_content *c = &w->contents.content[i];
		char hex[65], file[64];

		if (c->absent)
			continue;
		athar_content_get_hex(hex, c);
		athar_run_name_file(file, c->number, c->extension);
		if (fprintf(manifest, "%s  %s\n", hex, file) < 0)
			return athar_fail_errno(err, "cannot write the manifest of %s", w->folder);
	}
	return ATHAR_OK;
}

/* In the order of the names. */
static athar_status write_manifest(athar_json *files, const athar_run_writer *w, athar_error *err)
{
	const athar_manifest_place in = {w->folder, w->slug, w->name};
	ATHAR_AUTO(file) FILE *manifest = NULL;

	ATHAR_TRY(athar_run_stream(&manifest, w, "manifest.sha256", false, err));
	ATHAR_TRY(athar_manifest_add(manifest, files, &in, "findings.jsonl", err));
	ATHAR_TRY(athar_manifest_add(manifest, files, &in, "items.jsonl", err));
	ATHAR_TRY(list_recovered(manifest, w, err));
	ATHAR_TRY(athar_manifest_add(manifest, files, &in, "run.json", err));
	ATHAR_TRY(athar_manifest_add(manifest, files, &in, "volumes.json", err));
	ATHAR_TRY(athar_stream_close(&manifest, w->folder, err));
	return athar_manifest_add(NULL, files, &in, "manifest.sha256", err);
}

/* What only an interrupted run needs; what was asked for is in run.json by now. */
static athar_status drop_states(const athar_run_writer *w, athar_error *err)
{
	static const char *const names[] = {ATHAR_RUN_ASKED, ATHAR_RUN_JOINS};

	for (size_t i = 0; i < ATHAR_COUNT(names); i++) {
		ATHAR_AUTO(free) char *path = athar_join(w->folder, names[i], err);

		if (path == NULL)
			return err->status;
		if (unlink(path) != 0 && errno != ENOENT)
			return athar_fail_errno(err, "cannot remove %s", path);
	}
	return ATHAR_OK;
}

static athar_status save_run(athar_run_writer *w, athar_json *run, athar_error *err)
{
	athar_json_set_number(run, "v", ATHAR_CASE_VERSION);
	athar_json_set_text(run, "run", w->name);
	athar_json_set_text(run, "exhibit", w->slug);
	if (!w->has_volumes) {
		ATHAR_AUTO(json) athar_json *none = athar_json_array();

		ATHAR_TRY(athar_run_volumes(w, none, err));
	}
	return save_pretty(w, "run.json", run, athar_file_replace, err);
}

athar_status athar_run_commit(athar_json **files, athar_run_writer *w, athar_json *run,
                              athar_error *err)
{
	ATHAR_AUTO(json) athar_json *owned = run;
	ATHAR_AUTO(json) athar_json *list = athar_json_array();

	athar_run_content_drop(w);
	ATHAR_TRY(finish_items(w, err));
	ATHAR_TRY(athar_stream_close(&w->findings, w->folder, err));
	ATHAR_TRY(save_run(w, owned, err));
	ATHAR_TRY(write_manifest(list, w, err));
	ATHAR_TRY(athar_folder_sync_all(w->folder, err));
	ATHAR_TRY(drop_states(w, err));
	ATHAR_TRY(athar_rename_new(w->folder, w->final, err));
	w->committed = true;
	*files = ATHAR_GIVE(list);
	return ATHAR_OK;
}
