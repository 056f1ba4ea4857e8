/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One carve run, being written.
 *
 * Recovered files are not brought to the disk one by one, which would cost a disk's turn each:
 * nothing of a run counts before its folder is renamed, and one syncfs before that rename makes all
 * of it last together. Each line is given to the kernel soon, after the file that it names: a
 * process that is killed loses next to nothing, and what a power cut took the hashes show.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/files.h"
#include "case/run_name.h"
#include "case/run_tree.h"
#include "case/run_writer.h"
#include "digest/digest.h"

/* Lines of items without a file, and bytes of them, that may be lost to a kill. */
#define UNSYNCED_LINES 64u
#define BUFFER_BYTES ((size_t)64 << 10)
/* What is left of a line's 16 MiB when all further places are there. */
#define ITEM_LINE_MAX (ATHAR_CASE_LINE_MAX - 3 * ATHAR_CASE_PLACES_MAX)

/* ---- new ---- */

static athar_status go_on(FILE **out, const char *path, athar_error *err)
{
	const int fd = open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);

	*out = fd < 0 ? NULL : fdopen(fd, "a");
	if (*out != NULL)
		return ATHAR_OK;
	if (fd >= 0)
		(void)close(fd);
	return athar_fail_errno(err, "cannot open %s", path);
}

athar_status athar_run_stream(FILE **out, const athar_run_writer *w, const char *name, bool again,
                              athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_join(w->folder, name, err);

	if (path == NULL)
		return err->status;
	if (again && access(path, F_OK) == 0)
		return go_on(out, path, err);
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

athar_status athar_run_writer_name(athar_run_writer *w, const char *name, athar_error *err)
{
	ATHAR_AUTO(free) char *exhibit = athar_join(w->c->folder, w->slug, err);

	if (exhibit == NULL)
		return err->status;
	(void)snprintf(w->name, sizeof w->name, "%s", name);
	free(w->final);
	free(w->folder);
	free(w->incoming_path);
	w->folder = w->incoming_path = NULL;
	w->final = athar_join(exhibit, w->name, err);
	if (w->final == NULL ||
	    (w->folder = athar_format_text(err, "%s.partial", w->final)) == NULL)
		return err->status;
	w->incoming_path = athar_join(w->folder, ATHAR_RUN_INCOMING, err);
	return w->incoming_path == NULL ? err->status : ATHAR_OK;
}

/* Takes the number by making its .partial; ATHAR_EREFUSED when another process was faster. */
static athar_status take_number(athar_run_writer *w, unsigned number, athar_error *err)
{
	char name[sizeof w->name];

	(void)snprintf(name, sizeof name, "carve-%03u", number);
	ATHAR_TRY(athar_run_writer_name(w, name, err));
	ATHAR_TRY(athar_folder_create(w->folder, err));
	if (access(w->final, F_OK) != 0) {
		w->made = true;
		ATHAR_TRY(athar_case_lock(&w->lock, w->folder, err));
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
		const athar_status status = take_number(w, number, err);

		if (status != ATHAR_EREFUSED)
			return status;
	}
	return athar_fail(err, ATHAR_EREFUSED,
	                  "%s has run %d already, the last number: carve into another case",
	                  w->slug, ATHAR_RUN_LAST);
}

athar_status athar_run_open_lists(athar_run_writer *w, bool again, athar_error *err)
{
	ATHAR_TRY(athar_run_stream(&w->items, w, "items.jsonl", again, err));
	w->buffer = athar_alloc(BUFFER_BYTES, err);
	if (w->buffer == NULL || setvbuf(w->items, w->buffer, _IOFBF, BUFFER_BYTES) != 0)
		return athar_fail(err, ATHAR_ENOMEM, "memory ran out at %s", w->folder);
	return athar_run_stream(&w->findings, w, "findings.jsonl", again, err);
}

athar_status athar_run_writer_new(athar_run_writer **out, const athar_case *c, const char *slug,
                                  athar_error *err)
{
	ATHAR_AUTO(run_writer) athar_run_writer *w = athar_alloc(sizeof *w, err);

	if (w == NULL)
		return err->status;
	w->c = c;
	w->lock = -1;
	w->incoming = (athar_incoming)ATHAR_INCOMING_INIT;
	ATHAR_TRY(athar_case_must_write(c, err));
	w->slug = athar_copy_text(slug, err);
	if (w->slug == NULL)
		return err->status;
	*out = ATHAR_GIVE(w);
	return ATHAR_OK;
}

athar_status athar_run_new(athar_run_writer **out, athar_case *c, const char *slug,
                           athar_error *err)
{
	ATHAR_AUTO(run_writer) athar_run_writer *w = NULL;

	ATHAR_TRY(athar_run_writer_new(&w, c, slug, err));
	ATHAR_TRY(choose_number(w, err));
	ATHAR_TRY(make_folder(w, "recovered", err));
	ATHAR_TRY(athar_run_open_lists(w, false, err));
	*out = ATHAR_GIVE(w);
	return ATHAR_OK;
}

bool athar_run_is_left(const athar_run_writer *w)
{
	athar_error ignored = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) char *joins = NULL;

	if (w->committed || w->folder == NULL)
		return false;
	joins = athar_join(w->folder, ATHAR_RUN_JOINS, &ignored);
	return !w->made || w->count != 0 || (joins != NULL && access(joins, F_OK) == 0);
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
	athar_told_clear(&w->told);
	if (w->made && !w->committed && !athar_run_is_left(w))
		(void)athar_remove_tree(w->folder, &ignored);
	if (w->lock >= 0)
		(void)close(w->lock);
	free(w->buffer);
	free(w->incoming_path);
	free(w->slug);
	free(w->folder);
	free(w->final);
	free(w);
}

const char *athar_run_folder(const athar_run_writer *w)
{
	return w->folder;
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

void athar_run_name_file(char file[64], uint64_t number, const char *extension)
{
	snprintf(file, 64, "recovered/%03llu/%06llu.%s", (unsigned long long)(number / 1000),
	         (unsigned long long)number, extension);
}

/* What has a file cost work: its line does not wait. */
static bool is_due(const athar_run_writer *w, const athar_item *item)
{
	return item->file[0] != '\0' || w->unsynced >= UNSYNCED_LINES;
}

static athar_status hand_items_over(athar_run_writer *w, athar_error *err)
{
	w->unsynced = 0;
	w->unsynced_bytes = 0;
	if (fflush(w->items) != 0)
		return athar_fail_errno(err, "cannot write %s/items.jsonl", w->folder);
	return ATHAR_OK;
}

static athar_status write_item(athar_run_writer *w, const athar_item *item, const char *line,
                               athar_error *err)
{
	/* No line is given in two halves where that can be helped. */
	if (w->unsynced_bytes + strlen(line) >= BUFFER_BYTES)
		ATHAR_TRY(hand_items_over(w, err));
	if (fprintf(w->items, "%s\n", line) < 0)
		return athar_fail_errno(err, "cannot write %s/items.jsonl", w->folder);
	w->count++;
	w->unsynced++;
	w->unsynced_bytes += strlen(line) + 1;
	return is_due(w, item) ? hand_items_over(w, err) : ATHAR_OK;
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
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
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
	ATHAR_AUTO(free) char *spool = athar_join(w->folder, ATHAR_RUN_SPOOL, err);
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
		athar_run_name_file(item->file, older->number, older->extension);
	return ATHAR_OK;
}

static athar_status add_new(athar_run_writer *w, athar_item *item, athar_content *content,
                            athar_error *err)
{
	ATHAR_AUTO(free) char *line = NULL;

	item->number = content->number = w->count + 1;
	item->file[0] = '\0';
	if (!content->absent)
		athar_run_name_file(item->file, item->number, content->extension);
	ATHAR_TRY(render_item(&line, w, item, err));
	if (!content->absent)
		ATHAR_TRY(store_content(w, item, err));
	ATHAR_TRY(athar_contents_add(&w->contents, content, item->size != 0, err));
	if (w->known != NULL)
		athar_known_count(w->known);
	return write_item(w, item, line, err);
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
	return write_item(w, item, line, err);
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
	if (athar_told_take(&w->told, line))
		return ATHAR_OK;
	if (fprintf(w->findings, "%s\n", line) < 0 || fflush(w->findings) != 0)
		return athar_fail_errno(err, "cannot write %s/findings.jsonl", w->folder);
	w->findings_count += strcmp(kind, ATHAR_RUN_RESUME) != 0;
	return ATHAR_OK;
}

uint64_t athar_run_finding_count(const athar_run_writer *w)
{
	return w->findings_count;
}

uint64_t athar_run_count(const athar_run_writer *w)
{
	return w->count;
}
