/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar/adopt.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/files.h"
#include "case/exhibit.h"
#include "digest/digest.h"
#include "engine/adopt_record.h"
#include "engine/drivers.h"
#include "engine/reach.h"
#include "engine/record.h"
#include "engine/target.h"
#include "jail/confine.h"

/* One image being taken in. */
typedef struct work {
	athar_case *c;
	const athar_adopt_options *options;
	const athar_context *context;
	const athar_watcher *watcher;
	athar_adopt_result *out;
	char *path; /* of the image, absolute */
	bool was_root;
	athar_logs logs;
	athar_source *source; /* the image; where it is copied, at last the copy */
	athar_image_files files;
	athar_exhibit *exhibit;
	athar_reading seen;
	athar_comparison comparison;
	const char *confinement;
	athar_json *written; /* for the custody line */
	int64_t started;
} work;

static void clear(work *w)
{
	athar_exhibit_close(w->exhibit);
	athar_source_close(w->source);
	athar_logs_clear(&w->logs);
	athar_image_files_clear(&w->files);
	athar_reading_clear(&w->seen);
	athar_comparison_clear(&w->comparison);
	athar_json_free(w->written);
	free(w->path);
}

ATHAR_DEFINE_AUTO_VALUE(work, work, clear)

void athar_adopt_result_clear(athar_adopt_result *result)
{
	athar_json_free(result->differences);
	athar_json_free(result->notes);
	free(result->made_by);
	free(result->slug);
	free(result->image);
	*result = (athar_adopt_result){.size = 0};
}

static athar_status check_options(const athar_adopt_options *o, athar_error *err)
{
	if (o->image == NULL || o->exhibit == NULL || o->exhibit[0] == '\0')
		return athar_fail(err, ATHAR_EUSAGE, "an image and an exhibit id are needed");
	if (o->hashes == 0)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "at least one hash is needed: --hash md5,sha256");
	return ATHAR_OK;
}

/* ---- opened, and only then nothing else can be ---- */

/* Who owns the case may not be allowed to read what root can: later nobody could verify it. */
static athar_status within_owner(const work *w, athar_status status, athar_error *err)
{
	if (status != ATHAR_EIO || err->os_errno != EACCES || !w->was_root)
		return status;
	return athar_within(err, "as the owner of the case folder");
}

static athar_status check_image(const char *path, athar_error *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return athar_fail_errno(err, "cannot open %s", path);
	if (S_ISBLK(st.st_mode) || S_ISCHR(st.st_mode))
		return athar_fail(err, ATHAR_EREFUSED,
		                  "%s is a device, not an image: athar acquire makes one of it",
		                  path);
	return ATHAR_OK;
}

/* From here on the process reads where the image lies, and writes below the case folder. */
static athar_status confine(work *w, athar_error *err)
{
	ATHAR_AUTO(reach) athar_reach reach = {.read = NULL};
	const char *write[] = {athar_case_folder(w->c), NULL};

	ATHAR_TRY(athar_reach_image(&reach, w->path, err));
	athar_digest_prepare();
	ATHAR_TRY(athar_allow_files(2 * ATHAR_SEGMENT_FILES, err));
	return athar_confine(&w->confinement,
	                     &(athar_confine_spec){.kind = ATHAR_CONFINE_IMAGER,
	                                           .read = (const char *const *)reach.read,
	                                           .write = write,
	                                           .unconfined = w->context->unconfined},
	                     err);
}

/* The worker that reads the logs is forked before this process closes itself in. */
static athar_status prepare(work *w, athar_error *err)
{
	const athar_adopt_options *o = w->options;

	w->was_root = geteuid() == 0;
	ATHAR_TRY(check_image(o->image, err));
	w->path = realpath(o->image, NULL);
	if (w->path == NULL)
		return athar_fail_errno(err, "cannot open %s", o->image);
	ATHAR_TRY(athar_drop_privileges(athar_case_folder(w->c), err));
	ATHAR_TRY(within_owner(w, athar_logs_load(&w->logs, o->logs, o->log_count, err), err));
	ATHAR_TRY(athar_logs_read(&w->logs, w->context, err));
	return confine(w, err);
}

static athar_status open_image(work *w, const char *path, athar_error *err)
{
	athar_source_close(ATHAR_GIVE(w->source));
	ATHAR_TRY(within_owner(w, athar_source_open(&w->source, path, err), err));
	if (athar_source_describe(w->source)->size == 0)
		return athar_fail(err, ATHAR_EREFUSED, "%s holds no bytes", path);
	return ATHAR_OK;
}

/* ---- the exhibit's folder ---- */

static athar_status save_logs(work *w, athar_error *err)
{
	for (size_t i = 0; i < w->logs.count; i++) {
		const athar_log_file *f = &w->logs.file[i];

		ATHAR_TRY(athar_exhibit_save(w->exhibit, f->name, f->bytes, f->len, err));
	}
	return ATHAR_OK;
}

static athar_status open_exhibit(work *w, athar_error *err)
{
	const uint64_t size = athar_source_describe(w->source)->size;

	ATHAR_TRY(athar_exhibit_new(&w->exhibit, w->c, w->options->exhibit, err));
	w->out->slug = athar_copy_text(athar_exhibit_name(w->exhibit), err);
	if (w->out->slug == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(athar_target_room(athar_exhibit_folder(w->exhibit),
	                            (size / ATHAR_BLOCK_SIZE + 1) * 90 +
	                                    (w->options->copy ? w->files.bytes : 0) + (1u << 20),
	                            err));
	return save_logs(w, err);
}

/* What is checked and kept from then on is the copy. */
static athar_status copy_image(work *w, athar_error *err)
{
	ATHAR_AUTO(free) char *path = NULL;

	if (!w->options->copy)
		return ATHAR_OK;
	ATHAR_TRY(athar_image_files_copy(&w->files, athar_exhibit_folder(w->exhibit), w->out->slug,
	                                 w->watcher, err));
	path = athar_join(athar_exhibit_folder(w->exhibit), w->files.file[0].copy, err);
	return path == NULL ? ATHAR_ENOMEM : open_image(w, path, err);
}

static athar_status look(work *w, athar_error *err)
{
	ATHAR_AUTO(free)
	char *path = athar_format_text(err, "%s/%s.sha256", athar_exhibit_folder(w->exhibit),
	                               w->out->slug);
	ATHAR_AUTO(file) FILE *blocks = NULL;
	ATHAR_AUTO(fd) int fd = -1;

	if (path == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(athar_file_create(&fd, path, err));
	blocks = fdopen(fd, "w");
	if (blocks == NULL)
		return athar_fail_errno(err, "cannot write %s", path);
	fd = -1;
	ATHAR_TRY(athar_reading_run(&w->seen,
	                            &(athar_reading_spec){.source = w->source,
	                                                  .logs = &w->logs,
	                                                  .hashes = w->options->hashes,
	                                                  .blocks = blocks,
	                                                  .context = w->context,
	                                                  .watcher = w->watcher},
	                            err));
	if (fflush(blocks) != 0 || fsync(fileno(blocks)) != 0)
		return athar_fail_errno(err, "cannot write %s", path);
	return athar_compare(&w->comparison, &w->logs, &w->seen, athar_source_describe(w->source),
	                     &w->files, w->watcher, err);
}

/* ---- the record ---- */

static athar_status save_record(work *w, athar_error *err)
{
	athar_adopt_record record = {.options = w->options,
	                             .context = w->context,
	                             .image = athar_source_describe(w->source),
	                             .path = w->path,
	                             .slug = w->out->slug,
	                             .files = &w->files,
	                             .logs = &w->logs,
	                             .seen = &w->seen,
	                             .comparison = &w->comparison,
	                             .confinement = w->confinement,
	                             .started = w->started,
	                             .ended = w->context->now(w->context->user)};
	ATHAR_AUTO(json) athar_json *json = athar_adopt_record_json(&record);
	ATHAR_AUTO(free) char *text = NULL;
	ATHAR_AUTO(free) char *line = NULL;

	ATHAR_TRY(athar_json_pretty(&text, json, err));
	line = athar_format_text(err, "%s\n", text);
	if (line == NULL)
		return ATHAR_ENOMEM;
	return athar_exhibit_save(w->exhibit, "acquisition.json", line, strlen(line), err);
}

static athar_status save_label(work *w, athar_error *err)
{
	const athar_adopt_options *o = w->options;
	const athar_acquire_options label = {.exhibit = o->exhibit,
	                                     .description = o->description,
	                                     .notes = o->notes,
	                                     .seal = o->seal,
	                                     .condition = o->condition,
	                                     .write_blocker = o->write_blocker};
	ATHAR_AUTO(free) char *text = NULL;

	ATHAR_TRY(athar_record_exhibit(&text, &label, err));
	return athar_exhibit_save(w->exhibit, "exhibit.json", text, strlen(text), err);
}

static athar_status fill_result(work *w, athar_error *err)
{
	const athar_source_info *info = athar_source_describe(w->source);
	athar_adopt_result *out = w->out;

	out->size = info->size;
	out->hashes = w->seen.pass.hashes;
	out->bad_bytes = athar_runs_total(&w->seen.bad);
	out->compared = w->comparison.hashes;
	out->differs = w->comparison.differs;
	out->differences = athar_json_copy(w->comparison.differences);
	out->notes = athar_json_copy(w->comparison.notes);
	out->segments = w->files.count;
	out->image_bytes = w->files.bytes;
	out->image = w->options->copy ? athar_format_text(err, "%s/%s/%s", athar_case_folder(w->c),
	                                                  out->slug, w->files.file[0].copy)
	                              : athar_copy_text(w->path, err);
	if (out->image == NULL)
		return ATHAR_ENOMEM;
	return athar_adopt_maker(&out->made_by, &w->logs, info, err);
}

/* The hashes of copied image files are known from their copying. */
static athar_status commit(work *w, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *known = athar_json_object();

	for (size_t i = 0; i < w->files.count; i++)
		if (w->files.file[i].copy != NULL)
			athar_json_set_text(known, w->files.file[i].copy, w->files.file[i].sha256);
	return athar_exhibit_commit(&w->written, w->exhibit, known, err);
}

/* ---- how it ended ---- */

/* The exhibit stands; what is to be said of it besides. */
static athar_status verdict(const work *w, athar_error *err)
{
	const athar_comparison *k = &w->comparison;

	if (k->differs != 0)
		return athar_fail(err, ATHAR_EMISMATCH,
		                  "%s is not what was said of it; points that differ: %llu",
		                  w->out->image, (unsigned long long)k->differs);
	if (k->hashes == 0)
		return athar_fail(err, ATHAR_EINCOMPLETE,
		                  "%s: no hash is on record to compare with", w->out->image);
	for (size_t i = 0; i < w->logs.count; i++)
		if (!athar_said_anything(&w->logs.file[i].said))
			return athar_fail(err, ATHAR_EINCOMPLETE, "%s: nothing in it is understood",
			                  w->logs.file[i].path);
	return ATHAR_OK;
}

static athar_status adopt(work *w, athar_error *err)
{
	ATHAR_TRY(prepare(w, err));
	ATHAR_TRY(open_image(w, w->path, err));
	ATHAR_TRY(athar_image_files_list(&w->files, w->source, err));
	ATHAR_TRY(open_exhibit(w, err));
	ATHAR_TRY(copy_image(w, err));
	ATHAR_TRY(look(w, err));
	ATHAR_TRY(fill_result(w, err));
	ATHAR_TRY(save_record(w, err));
	ATHAR_TRY(save_label(w, err));
	ATHAR_TRY(commit(w, err));
	return verdict(w, err);
}

static athar_json *begin_data(const work *w)
{
	athar_json *o = athar_json_object();

	athar_json_set_text(o, "image", w->options->image);
	athar_json_set_bool(o, "copy", w->options->copy);
	athar_json_set_bool(o, "unconfined", w->context->unconfined);
	return o;
}

static athar_json *end_data(const work *w, athar_status status, const athar_error *err)
{
	athar_json *o = athar_json_object();

	if (status != ATHAR_OK)
		athar_json_set_text(o, "error", err->text);
	if (w->written == NULL)
		return o;
	athar_json_set_text(o, "image", w->path);
	athar_json_set_text(o, "made_by", w->out->made_by);
	athar_json_set_number(o, "bytes", w->out->size);
	athar_json_set(o, "hashes", athar_digests_to_json(&w->out->hashes));
	athar_json_set_number(o, "bad_bytes", w->out->bad_bytes);
	athar_json_set_number(o, "compared", w->out->compared);
	athar_json_set_number(o, "differ", w->out->differs);
	athar_json_set(o, "differences", athar_json_copy(w->out->differences));
	athar_json_set(o, "logs", athar_adopt_logs_json(&w->logs));
	athar_json_set_text(o, "confinement", w->confinement);
	return o;
}

static athar_status end(work *w, uint64_t begin, athar_status status, athar_error *err)
{
	athar_error logged = ATHAR_ERROR_INIT;
	athar_json *files = w->written == NULL ? NULL : athar_json_copy(w->written);
	athar_status ended = athar_custody_end(w->c, begin, "exhibit.add", w->options->exhibit,
	                                       athar_custody_result(status), files,
	                                       end_data(w, status, err), &logged);

	if (ended == ATHAR_OK)
		ended = athar_custody_head(w->out->custody_head, w->c, &logged);
	if (ended == ATHAR_OK)
		return status;
	if (status == ATHAR_OK) {
		*err = logged;
		return ended;
	}
	athar_watch_notice(w->watcher, "the custody log does not tell how this ended: %s",
	                   logged.text);
	return status;
}

athar_status athar_adopt(athar_adopt_result *out, athar_case *c, const athar_adopt_options *options,
                         const athar_watcher *watcher, athar_error *err)
{
	const athar_context *context = athar_case_context(c);
	ATHAR_AUTO(work)
	work w = {.c = c, .options = options, .context = context, .watcher = watcher, .out = out};
	uint64_t begin = 0;

	*out = (athar_adopt_result){.size = 0};
	ATHAR_TRY(check_options(options, err));
	w.started = context->now(context->user);
	ATHAR_TRY(athar_custody_begin(&begin, c, "exhibit.add", options->exhibit, begin_data(&w),
	                              err));
	return end(&w, begin, adopt(&w, err), err);
}
