/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One carve run, being written.
 *
 * Recovered files are not brought to the disk one by one, which would cost a disk's turn each:
 * nothing of a run counts before its folder is renamed, and one syncfs before that rename makes all
 * of it last together.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/files.h"
#include "case/contents.h"
#include "case/incoming.h"
#include "case/places.h"
#include "case/private.h"
#include "case/run.h"
#include "case/run_name.h"
#include "case/run_tree.h"
#include "digest/digest.h"

struct athar_run_writer {
	const athar_case *c;
	char *slug, *folder, *final;
	char name[16];
	FILE *items, *findings;
	bool made, committed, has_volumes;
	athar_run_layout layout;
	uint64_t count; /* items so far; the last one's number */
	uint64_t
		folders; /* below recovered/ that are there: those of lower numbers, where needed */
	athar_incoming incoming;
	char *incoming_path; /* below folder, for a content that is too long to be held */
	athar_contents contents;
	athar_known *known; /* NULL: contents are not looked up */
	athar_places places;
};

#define SPOOL_NAME "places.partial"
/* What is left of a line's 16 MiB when all further places are there. */
#define ITEM_LINE_MAX (ATHAR_CASE_LINE_MAX - 3 * ATHAR_CASE_PLACES_MAX)

/* ---- new ---- */

static athar_status open_stream(FILE **out, const athar_run_writer *w, const char *name,
                                athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_join(w->folder, name, err);

	if (path == NULL)
		return err->status;
	ATHAR_TRY(athar_stream_create(out, path, err));
	return athar_case_hand_over(w->c, path, err);
}

static athar_status make_folder(const athar_run_writer *w, const char *name, athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_join(w->folder, name, err);

	if (path == NULL)
		return err->status;
	ATHAR_TRY(athar_folder_create(path, err));
	return athar_case_hand_over(w->c, path, err);
}

/* Takes the number by making its .partial; ATHAR_EREFUSED when another process was faster. */
static athar_status take_number(athar_run_writer *w, const char *exhibit, unsigned number,
                                athar_error *err)
{
	snprintf(w->name, sizeof w->name, "carve-%03u", number);
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
static athar_status choose_number(athar_run_writer *w, athar_error *err)
{
	ATHAR_AUTO(free) char *exhibit = athar_join(w->c->folder, w->slug, err);
	ATHAR_AUTO(names) athar_names names = {NULL, 0, 0};
	unsigned number = 0;

	if (exhibit == NULL)
		return err->status;
	if (access(exhibit, F_OK) != 0 && errno == ENOENT)
		return athar_fail(err, ATHAR_EUSAGE, "there is no exhibit %.80s", w->slug);
	ATHAR_TRY(athar_names_load(&names, exhibit, err));
	for (size_t i = 0; i < names.count; i++) {
		const unsigned taken = athar_run_number(names.name[i], true);

		number = taken > number ? taken : number;
	}
	while (number++ < ATHAR_RUN_LAST) {
		const athar_status status = take_number(w, exhibit, number, err);

		if (status != ATHAR_EREFUSED)
			return status;
	}
	return athar_fail(err, ATHAR_EREFUSED,
	                  "%s has run %d already, the last number: carve into another case",
	                  w->slug, ATHAR_RUN_LAST);
}

athar_status athar_run_new(athar_run_writer **out, athar_case *c, const char *slug,
                           athar_error *err)
{
	ATHAR_AUTO(run_writer) athar_run_writer *w = athar_alloc(sizeof *w, err);

	if (w == NULL)
		return err->status;
	w->c = c;
	w->incoming = (athar_incoming)ATHAR_INCOMING_INIT;
	ATHAR_TRY(athar_case_must_write(c, err));
	w->slug = athar_copy_text(slug, err);
	if (w->slug == NULL)
		return err->status;
	ATHAR_TRY(choose_number(w, err));
	w->incoming_path = athar_join(w->folder, "content.partial", err);
	if (w->incoming_path == NULL)
		return err->status;
	ATHAR_TRY(make_folder(w, "recovered", err));
	ATHAR_TRY(open_stream(&w->items, w, "items.jsonl", err));
	ATHAR_TRY(open_stream(&w->findings, w, "findings.jsonl", err));
	*out = ATHAR_GIVE(w);
	return ATHAR_OK;
}

void athar_run_close(athar_run_writer *w)
{
	athar_error ignored = ATHAR_ERROR_INIT;

	if (w == NULL)
		return;
	if (w->items != NULL)
		(void)fclose(w->items);
	if (w->findings != NULL)
		(void)fclose(w->findings);
	athar_run_content_drop(w);
	athar_incoming_clear(&w->incoming);
	athar_contents_clear(&w->contents);
	athar_places_clear(&w->places);
	if (w->made && !w->committed)
		(void)athar_remove_tree(w->folder, &ignored);
	free(w->incoming_path);
	free(w->slug);
	free(w->folder);
	free(w->final);
	free(w);
}

const char *athar_run_name(const athar_run_writer *w)
{
	return w->name;
}

void athar_run_lay_out(athar_run_writer *w, athar_run_layout layout)
{
	w->layout = layout;
}

void athar_run_recognise(athar_run_writer *w, athar_known *known)
{
	w->known = known;
	w->incoming.more = athar_known_algorithms(known) & ATHAR_SHA1;
}

/* ---- content ---- */

athar_status athar_run_content_begin(athar_run_writer *w, athar_error *err)
{
	athar_run_content_drop(w);
	return athar_incoming_begin(&w->incoming, err);
}

athar_status athar_run_content_write(athar_run_writer *w, const void *bytes, size_t len,
                                     athar_error *err)
{
	return athar_incoming_write(&w->incoming, bytes, len, w->incoming_path, err);
}

void athar_run_content_drop(athar_run_writer *w)
{
	athar_incoming_drop(&w->incoming, w->incoming_path);
}

/* ---- item ---- */

/* What may stand behind the dot of a recovered file: [a-z0-9]{1,7}, "bin" where nothing is left. */
static void clean_extension(char out[8], const char *extension)
{
	size_t len = 0;

	for (; extension != NULL && *extension != '\0' && len < 7; extension++)
		if (isalnum((unsigned char)*extension) && (unsigned char)*extension < 0x80)
			out[len++] = (char)tolower((unsigned char)*extension);
	out[len] = '\0';
	if (len == 0)
		strcpy(out, "bin");
}

static void name_file(char file[64], uint64_t number, const char *extension)
{
	snprintf(file, 64, "recovered/%03llu/%06llu.%s", (unsigned long long)(number / 1000),
	         (unsigned long long)number, extension);
}

static athar_status write_item(athar_run_writer *w, const char *line, athar_error *err)
{
	if (fprintf(w->items, "%s\n", line) < 0)
		return athar_fail_errno(err, "cannot write %s/items.jsonl", w->folder);
	w->count++;
	return ATHAR_OK;
}

/* The line under the next number, unless it would be too long to be read again. */
static athar_status render_item(char **line, const athar_run_writer *w, const athar_item *item,
                                athar_error *err)
{
	ATHAR_AUTO(json) athar_json *json = athar_item_to_json(item, w->name, w->slug);

	ATHAR_TRY(athar_json_line(line, json, err));
	if (strlen(*line) > ITEM_LINE_MAX)
		return athar_fail(err, ATHAR_ELIMIT,
		                  "a file is in too many pieces to be listed: its line would have "
		                  "%zu bytes",
		                  strlen(*line));
	return ATHAR_OK;
}

/* Every thousandth item begins a new folder. It is not brought to the disk by itself. */
static athar_status make_parent(athar_run_writer *w, const athar_item *item, athar_error *err)
{
	const uint64_t thousand = item->number / 1000;
	ATHAR_AUTO(free) char *path = NULL;

	if (thousand < w->folders)
		return ATHAR_OK;
	path = athar_format_text(err, "%s/recovered/%03llu", w->folder,
	                         (unsigned long long)thousand);
	if (path == NULL)
		return err->status;
	if (mkdir(path, 0700) != 0)
		return athar_fail_errno(err, "cannot create the folder %s", path);
	w->folders = thousand + 1;
	return athar_case_hand_over(w->c, path, err);
}

/* Gives the content its name. */
static athar_status store_content(athar_run_writer *w, const athar_item *item, athar_error *err)
{
	ATHAR_AUTO(free) char *to = athar_join(w->folder, item->file, err);

	if (to == NULL)
		return err->status;
	ATHAR_TRY(make_parent(w, item, err));
	ATHAR_TRY(athar_incoming_store(&w->incoming, w->incoming_path, to, err));
	if (w->layout.times)
		ATHAR_TRY(athar_run_set_time(to, item, err));
	return athar_case_hand_over(w->c, to, err);
}

/* The same content again: a place more for the item that has it. *added is false when that item has
 * as many as its line can hold; then the content is stored once more, so that no place is lost. */
static athar_status add_place(bool *added, athar_run_writer *w, athar_content *older,
                              athar_item *item, athar_error *err)
{
	ATHAR_AUTO(free) char *spool = athar_join(w->folder, SPOOL_NAME, err);
	athar_status status;
	uint32_t len = 0;

	*added = false;
	if (spool == NULL)
		return err->status;
	if (older->places >= ATHAR_CASE_PLACES_MAX)
		return ATHAR_OK;
	status = athar_places_add(&w->places, &len, older->number, item, spool, err);
	older->places += len;
	if (status != ATHAR_OK)
		return status == ATHAR_ELIMIT ? ATHAR_OK : status;
	*added = true;
	item->number = older->number;
	item->file[0] = '\0';
	if (!older->absent)
		name_file(item->file, older->number, older->extension);
	return ATHAR_OK;
}

static athar_status add_new(athar_run_writer *w, athar_item *item, athar_content *content,
                            athar_error *err)
{
	ATHAR_AUTO(free) char *line = NULL;

	item->number = content->number = w->count + 1;
	item->file[0] = '\0';
	if (!content->absent)
		name_file(item->file, item->number, content->extension);
	ATHAR_TRY(render_item(&line, w, item, err));
	if (!content->absent)
		ATHAR_TRY(store_content(w, item, err));
	ATHAR_TRY(athar_contents_add(&w->contents, content, item->size != 0, err));
	if (w->known != NULL)
		athar_known_count(w->known);
	return write_item(w, line, err);
}

static athar_status add_with_content(athar_run_writer *w, athar_item *item, const char *extension,
                                     bool *is_new, athar_error *err)
{
	athar_content content = {.size = w->incoming.size};
	athar_content *older;
	bool added = false;

	ATHAR_TRY(athar_incoming_finish(&item->hashes, &w->incoming, err));
	item->size = w->incoming.size;
	if (w->known != NULL)
		ATHAR_TRY(athar_known_look_up(&item->known, w->known, &item->hashes, err));
	content.absent = item->known != NULL && w->known->skip;
	clean_extension(content.extension, extension);
	athar_content_set_hex(&content, athar_digests_get(&item->hashes, ATHAR_SHA256));
	older = content.size == 0 ? NULL
	                          : athar_contents_find(&w->contents, content.sha256, content.size);
	if (older != NULL)
		ATHAR_TRY(add_place(&added, w, older, item, err));
	*is_new = !added;
	return added ? ATHAR_OK : add_new(w, item, &content, err);
}

static athar_status add_listed(athar_run_writer *w, athar_item *item, athar_error *err)
{
	ATHAR_AUTO(free) char *line = NULL;

	item->number = w->count + 1;
	item->file[0] = '\0';
	if (w->known != NULL)
		w->known->not_compared++;
	ATHAR_TRY(render_item(&line, w, item, err));
	return write_item(w, line, err);
}

athar_status athar_run_add(athar_run_writer *w, athar_item *item, const char *extension,
                           bool *is_new, athar_error *err)
{
	athar_status status;

	*is_new = true;
	if (w->incoming.digester == NULL)
		return add_listed(w, item, err);
	status = add_with_content(w, item, extension, is_new, err);
	athar_run_content_drop(w);
	if (status == ATHAR_OK && w->layout.tree)
		status = athar_run_tree_add(w->c, w->folder, item, err);
	return status;
}

/* ---- findings, volumes ---- */

athar_status athar_run_finding(athar_run_writer *w, const char *kind, const char *where,
                               uint64_t offset, uint64_t length, const char *text, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *finding = athar_json_object();
	ATHAR_AUTO(free) char *line = NULL;

	athar_json_set_text(finding, "kind", kind);
	athar_json_set_number(finding, "length", length);
	if (offset == ATHAR_NOWHERE)
		athar_json_set_null(finding, "offset");
	else
		athar_json_set_number(finding, "offset", offset);
	athar_json_set_text(finding, "text", text);
	athar_json_set_number(finding, "v", ATHAR_CASE_VERSION);
	athar_json_set_text(finding, "where", where);
	ATHAR_TRY(athar_json_line(&line, finding, err));
	if (fprintf(w->findings, "%s\n", line) < 0)
		return athar_fail_errno(err, "cannot write %s/findings.jsonl", w->folder);
	return ATHAR_OK;
}

static athar_status save_pretty(const athar_run_writer *w, const char *name, const athar_json *json,
                                athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_join(w->folder, name, err);
	ATHAR_AUTO(free) char *pretty = NULL;
	ATHAR_AUTO(free) char *text = NULL;

	ATHAR_TRY(athar_json_pretty(&pretty, json, err));
	text = athar_format_text(err, "%s\n", pretty);
	if (path == NULL || text == NULL)
		return err->status;
	ATHAR_TRY(athar_file_save(path, text, strlen(text), err));
	return athar_case_hand_over(w->c, path, err);
}

athar_status athar_run_volumes(athar_run_writer *w, const athar_json *volumes, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *file = athar_json_object();

	athar_json_set_number(file, "v", ATHAR_CASE_VERSION);
	athar_json_set(file, "volumes", athar_json_copy(volumes));
	ATHAR_TRY(save_pretty(w, "volumes.json", file, err));
	w->has_volumes = true;
	return ATHAR_OK;
}

/* ---- commit ---- */

static athar_status finish_items(athar_run_writer *w, athar_error *err)
{
	ATHAR_AUTO(free) char *items = athar_join(w->folder, "items.jsonl", err);
	ATHAR_AUTO(free) char *merged = athar_join(w->folder, "items.partial", err);
	ATHAR_AUTO(free) char *spool = athar_join(w->folder, SPOOL_NAME, err);

	if (items == NULL || merged == NULL || spool == NULL)
		return err->status;
	ATHAR_TRY(athar_stream_close(&w->items, items, err));
	if (w->places.count == 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_places_merge(&w->places, items, merged, err));
	if (rename(merged, items) != 0 || unlink(spool) != 0)
		return athar_fail_errno(err, "cannot replace %s", items);
	return athar_case_hand_over(w->c, items, err);
}

/* Hashes a file of the run: a line of the manifest (where there is one), an element of files. */
static athar_status record_file(FILE *manifest, athar_json *files, const athar_run_writer *w,
                                const char *name, athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_join(w->folder, name, err);
	ATHAR_AUTO(free) char *shown = athar_format_text(err, "%s/%s/%s", w->slug, w->name, name);
	athar_json *file = NULL;
	athar_digests digests;
	uint64_t size = 0;
	const char *hex;

	if (path == NULL || shown == NULL)
		return err->status;
	ATHAR_TRY(athar_digest_file(&digests, &size, path, ATHAR_SHA256, err));
	hex = athar_digests_get(&digests, ATHAR_SHA256);
	if (manifest != NULL && fprintf(manifest, "%s  %s\n", hex, name) < 0)
		return athar_fail_errno(err, "cannot write the manifest of %s", w->folder);
	file = athar_json_object();
	athar_json_set_text(file, "name", shown);
	athar_json_set_text(file, "sha256", hex);
	athar_json_set_number(file, "size", size);
	athar_json_append(files, file);
	return ATHAR_OK;
}

static athar_status list_recovered(FILE *manifest, const athar_run_writer *w, athar_error *err)
{
	for (size_t i = 0; i < w->contents.count; i++) {
		const athar_content *c = &w->contents.content[i];
		char hex[65], file[64];

		if (c->absent)
			continue;
		athar_content_get_hex(hex, c);
		name_file(file, c->number, c->extension);
		if (fprintf(manifest, "%s  %s\n", hex, file) < 0)
			return athar_fail_errno(err, "cannot write the manifest of %s", w->folder);
	}
	return ATHAR_OK;
}

/* In the order of the names. */
static athar_status write_manifest(athar_json *files, const athar_run_writer *w, athar_error *err)
{
	ATHAR_AUTO(file) FILE *manifest = NULL;

	ATHAR_TRY(open_stream(&manifest, w, "manifest.sha256", err));
	ATHAR_TRY(record_file(manifest, files, w, "findings.jsonl", err));
	ATHAR_TRY(record_file(manifest, files, w, "items.jsonl", err));
	ATHAR_TRY(list_recovered(manifest, w, err));
	ATHAR_TRY(record_file(manifest, files, w, "run.json", err));
	ATHAR_TRY(record_file(manifest, files, w, "volumes.json", err));
	ATHAR_TRY(athar_stream_close(&manifest, w->folder, err));
	return record_file(NULL, files, w, "manifest.sha256", err);
}

static athar_status sync_all(const athar_run_writer *w, athar_error *err)
{
	ATHAR_AUTO(fd) int fd = open(w->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || syncfs(fd) != 0)
		return athar_fail_errno(err, "cannot bring %s to the disk", w->folder);
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
	return save_pretty(w, "run.json", run, err);
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
	ATHAR_TRY(sync_all(w, err));
	ATHAR_TRY(athar_rename_new(w->folder, w->final, err));
	w->committed = true;
	*files = ATHAR_GIVE(list);
	return ATHAR_OK;
}
