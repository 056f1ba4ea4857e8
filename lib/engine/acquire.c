/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar/acquire.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "athar/version.h"
#include "base/alloc.h"
#include "base/check.h"
#include "base/files.h"
#include "case/exhibit.h"
#include "digest/digest.h"
#include "engine/drivers.h"
#include "engine/imaging.h"
#include "engine/pass.h"
#include "engine/record.h"
#include "engine/target.h"
#include "jail/confine.h"

/* Bad ranges in the log's line, which has a bound; the map, whose hash stands there, has them all.
 */
#define LOGGED_RANGES 100000u

/* One acquisition under way. */
typedef struct work {
	athar_case *c;
	const athar_acquire_options *options;
	const athar_context *context;
	const athar_watcher *watcher;
	athar_acquire_result *out;
	athar_source *source;
	const athar_source_info *info;
	athar_exhibit *exhibit;
	athar_sink *sink;
	athar_imaging imaging;
	const char *confinement;
	char *image_name;
	athar_json *files;      /* for the custody line */
	athar_status read_back; /* how the read-back ended, and its failure */
	athar_error unread;
	int64_t started;
} work;

static void clear(work *w)
{
	athar_sink_close(w->sink);
	athar_exhibit_close(w->exhibit);
	athar_source_close(w->source);
	athar_imaging_clear(&w->imaging);
	athar_json_free(w->files);
	free(w->image_name);
}

ATHAR_DEFINE_AUTO_VALUE(work, work, clear)

void athar_acquire_result_clear(athar_acquire_result *result)
{
	free(result->slug);
	free(result->image);
	*result = (athar_acquire_result){.size = 0};
}

static athar_status check_options(const athar_acquire_options *o, athar_error *err)
{
	if (o->source == NULL || o->exhibit == NULL || o->exhibit[0] == '\0')
		return athar_fail(err, ATHAR_EUSAGE, "a source and an exhibit id are needed");
	if (o->hashes == 0)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "at least one hash is needed: --hash md5,sha256");
	if (athar_sink_driver_find(o->format) == NULL)
		return athar_fail(err, ATHAR_EUSAGE, "no image format is called %s: ewf or raw",
		                  o->format);
	return ATHAR_OK;
}

/* From here on the process can read and write below the case folder only: the source is open, all
 * files of it. */
static athar_status confine(work *w, athar_error *err)
{
	const char *write[] = {athar_case_folder(w->c), NULL};

	athar_digest_prepare();
	ATHAR_TRY(athar_drop_privileges(athar_case_folder(w->c), err));
	return athar_confine(&w->confinement,
	                     &(athar_confine_spec){.kind = ATHAR_CONFINE_IMAGER,
	                                           .write = write,
	                                           .unconfined = w->context->unconfined},
	                     err);
}

static athar_status open_source(work *w, athar_error *err)
{
	/* The source's files stay open while the image's are read back. */
	ATHAR_TRY(athar_allow_files(2 * ATHAR_SEGMENT_FILES, err));
	ATHAR_TRY(athar_source_open(&w->source, w->options->source, err));
	w->info = athar_source_describe(w->source);
	if (w->info->size == 0)
		return athar_fail(err, ATHAR_EREFUSED, "%s holds no bytes", w->options->source);
	ATHAR_TRY(athar_target_source_idle(w->info, err));
	ATHAR_TRY(athar_target_apart(w->info, athar_case_folder(w->c), err));
	return confine(w, err);
}

static const char *case_text(const work *w, const char *key)
{
	return athar_json_get_text(athar_case_fields(w->c), key);
}

static athar_sink_spec sink_spec(const work *w)
{
	return (athar_sink_spec){
		.folder = athar_exhibit_folder(w->exhibit),
		.name = athar_exhibit_name(w->exhibit),
		.media_size = w->info->size,
		.sector_size = w->info->sector_size,
		.segment_size = w->options->segment_size,
		.compression = w->options->compression,
		.fields =
			{
				.case_number = case_text(w, "number"),
				.evidence_number = w->options->exhibit,
				.description = w->options->description,
				.examiner = w->context->examiner,
				.notes = w->options->notes,
				.model = w->info->model,
				.serial = w->info->serial,
				.software = "athar " ATHAR_VERSION,
				.acquired = w->started,
			},
	};
}

/* Of one file of the image. */
static uint64_t largest_file(const athar_sink_driver *driver, const athar_sink_spec *spec)
{
	if (spec->segment_size != 0)
		return athar_min(spec->segment_size, spec->media_size);
	return driver == &athar_sink_raw ? spec->media_size : 0;
}

static athar_status open_target(work *w, athar_error *err)
{
	const athar_sink_driver *driver = athar_sink_driver_find(w->options->format);
	uint64_t blocks = (w->info->size / ATHAR_BLOCK_SIZE + 1) * 90;

	ATHAR_TRY(athar_exhibit_new(&w->exhibit, w->c, w->options->exhibit, err));
	w->out->slug = athar_copy_text(athar_exhibit_name(w->exhibit), err);
	if (w->out->slug == NULL)
		return ATHAR_ENOMEM;
	athar_sink_spec spec = sink_spec(w);
	ATHAR_TRY(athar_target_file(spec.folder, largest_file(driver, &spec), err));
	ATHAR_TRY(athar_target_room(spec.folder, driver->worst(&spec) + blocks + (1u << 20), err));
	return athar_sink_open(&w->sink, driver, &spec, err);
}

static athar_status blocks_path(char **out, const work *w, athar_error *err)
{
	*out = athar_format_text(err, "%s/%s.sha256", athar_exhibit_folder(w->exhibit),
	                         athar_exhibit_name(w->exhibit));
	return *out == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

static athar_status copy_source(work *w, athar_error *err)
{
	ATHAR_AUTO(free) char *path = NULL;
	ATHAR_AUTO(file) FILE *blocks = NULL;
	ATHAR_AUTO(fd) int fd = -1;

	ATHAR_TRY(blocks_path(&path, w, err));
	ATHAR_TRY(athar_file_create(&fd, path, err));
	blocks = fdopen(fd, "w");
	if (blocks == NULL)
		return athar_fail_errno(err, "cannot write %s", path);
	fd = -1;
	(void)fprintf(blocks, "# athar block hashes 1: SHA-256 of each %u bytes, offset\n",
	              ATHAR_BLOCK_SIZE);
	athar_imaging_spec spec = {.source = w->source,
	                           .sink = w->sink,
	                           .hashes = w->options->hashes,
	                           .threads = w->context->threads,
	                           .blocks = blocks,
	                           .watcher = w->watcher};
	ATHAR_TRY(athar_imaging_run(&w->imaging, &spec, err));
	if (fflush(blocks) != 0 || fsync(fileno(blocks)) != 0)
		return athar_fail_errno(err, "cannot write %s", path);
	return ATHAR_OK;
}

/* Of the names of an image's files the first one sorts lowest: .E01, .001, .dd. */
static athar_status note_file(work *w, int folder, const char *name, athar_error *err)
{
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		w->out->image_bytes += (uint64_t)st.st_size;
	if (w->image_name != NULL && strcmp(w->image_name, name) <= 0)
		return ATHAR_OK;
	free(w->image_name);
	w->image_name = athar_copy_text(name, err);
	return w->image_name == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

/* The image files are what the folder holds besides the block hashes. */
static athar_status measure_image(work *w, athar_error *err)
{
	const char *folder = athar_exhibit_folder(w->exhibit);
	DIR *dir = opendir(folder);
	athar_status status = ATHAR_OK;

	if (dir == NULL)
		return athar_fail_errno(err, "cannot list %s", folder);
	for (struct dirent *e = readdir(dir); e != NULL && status == ATHAR_OK; e = readdir(dir)) {
		const char *end = strrchr(e->d_name, '.');

		if (e->d_name[0] != '.' && end != NULL && strcmp(end, ".sha256") != 0)
			status = note_file(w, dirfd(dir), e->d_name, err);
	}
	(void)closedir(dir);
	w->out->segments = w->sink->segments;
	if (status == ATHAR_OK && w->image_name == NULL)
		return athar_fail(err, ATHAR_EIO, "no image file was written in %s", folder);
	return status;
}

/* ---- read-back: the written image against the block hashes of what was read ---- */

typedef struct read_back {
	FILE *blocks;
	uint64_t differ_at; /* ATHAR_NOWHERE: nowhere */
} read_back;

static athar_status compare_block(void *user, uint64_t offset, const uint8_t *data, size_t len,
                                  const uint8_t hash[32], athar_error *err)
{
	read_back *r = user;
	char line[128], hex[65];

	(void)data, (void)len, (void)err;
	athar_digest_hex(hex, hash);
	bool same = fgets(line, sizeof line, r->blocks) != NULL && strncmp(line, hex, 64) == 0 &&
	            strtoull(line + 64, NULL, 10) == offset;
	if (!same && r->differ_at == ATHAR_NOWHERE)
		r->differ_at = offset;
	return ATHAR_OK;
}

static athar_status open_blocks(FILE **out, const work *w, athar_error *err)
{
	ATHAR_AUTO(free) char *path = NULL;
	char line[128];

	ATHAR_TRY(blocks_path(&path, w, err));
	*out = fopen(path, "re");
	if (*out == NULL || fgets(line, sizeof line, *out) == NULL)
		return athar_fail_errno(err, "cannot read %s back", path);
	return ATHAR_OK;
}

/* What the container itself says must be what was computed, as far as it says anything. */
static bool stored_agree(const athar_source_info *image, const athar_imaging *m)
{
	const athar_digests *ours = m->padded.algorithms != 0 ? &m->padded : &m->hashes;

	for (unsigned bit = 0; bit < ATHAR_DIGEST_COUNT; bit++)
		if (image->stored.algorithms & ours->algorithms & 1u << bit &&
		    strcmp(athar_digests_get(&image->stored, 1u << bit),
		           athar_digests_get(ours, 1u << bit)) != 0)
			return false;
	return true;
}

/* What is still in memory would be compared with itself: the medium is to be read. */
static void forget_cached(const work *w)
{
	DIR *dir = opendir(athar_exhibit_folder(w->exhibit));

	if (dir == NULL)
		return;
	for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
		ATHAR_AUTO(fd)
		int fd = openat(dirfd(dir), e->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

		if (fd >= 0 && e->d_name[0] != '.')
			(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	}
	(void)closedir(dir);
}

/* Media bytes that the image has to have. */
static uint64_t media_size(const work *w)
{
	if (w->imaging.padded.algorithms == 0)
		return w->info->size;
	return athar_round_up(w->info->size, w->info->sector_size);
}

/* A chunk that is damaged differs even where zeros stood in it. */
static bool reads_same(const work *w, const athar_source_info *image, const athar_pass *pass,
                       const read_back *r)
{
	return r->differ_at == ATHAR_NOWHERE && pass->bad.count == 0 && image->finding == NULL &&
	       pass->bytes == w->info->size && image->size == media_size(w) &&
	       stored_agree(image, &w->imaging);
}

static athar_status read_back_image(work *w, athar_error *err)
{
	ATHAR_AUTO(free)
	char *path = athar_join(athar_exhibit_folder(w->exhibit), w->image_name, err);
	ATHAR_AUTO(source) athar_source *image = NULL;
	ATHAR_AUTO(file) FILE *blocks = NULL;
	ATHAR_AUTO(pass) athar_pass pass = {.bytes = 0};
	read_back r = {.differ_at = ATHAR_NOWHERE};

	if (path == NULL)
		return ATHAR_ENOMEM;
	forget_cached(w);
	ATHAR_TRY(athar_source_open(&image, path, err));
	ATHAR_TRY(open_blocks(&blocks, w, err));
	r.blocks = blocks;
	athar_pass_spec spec = {.source = image,
	                        .size = w->info->size,
	                        .threads = w->context->threads,
	                        .block = compare_block,
	                        .block_hashes = true,
	                        .user = &r,
	                        .phase = "read back",
	                        .watcher = w->watcher};
	ATHAR_TRY(athar_pass_run(&pass, &spec, err));
	bool same = reads_same(w, athar_source_describe(image), &pass, &r);
	w->out->read_back = same ? ATHAR_READ_BACK_SAME : ATHAR_READ_BACK_DIFFERS;
	return ATHAR_OK;
}

/* The image is made, and the medium may not live to be read again: whatever comes of the read-back,
 * the exhibit stands, and its record says how far it can be trusted. */
static void read_back_or_say(work *w)
{
	w->read_back = read_back_image(w, &w->unread);
	if (w->read_back != ATHAR_OK && w->read_back != ATHAR_ECANCELED &&
	    w->read_back != ATHAR_ENOMEM)
		w->out->read_back = ATHAR_READ_BACK_DIFFERS;
}

/* ---- the record ---- */

static athar_status save(work *w, const char *name, char *text, athar_error *err)
{
	ATHAR_AUTO(free) char *owned = text;

	return athar_exhibit_save(w->exhibit, name, owned, strlen(owned), err);
}

static athar_status save_map(work *w, athar_error *err)
{
	ATHAR_AUTO(free) char *name = athar_format_text(err, "%s.map", w->out->slug);
	char *text = NULL;

	if (name == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(athar_record_map(&text, &w->imaging.bad, w->info->size, err));
	return save(w, name, text, err);
}

static athar_status save_records(work *w, athar_error *err)
{
	athar_record record = {.options = w->options,
	                       .context = w->context,
	                       .source = w->info,
	                       .sink = w->sink,
	                       .imaging = &w->imaging,
	                       .result = w->out,
	                       .confinement = w->confinement,
	                       .image_name = w->image_name,
	                       .started = w->started,
	                       .ended = w->context->now(w->context->user)};
	char *text = NULL;

	ATHAR_TRY(athar_record_acquisition(&text, &record, err));
	ATHAR_TRY(save(w, "acquisition.json", text, err));
	ATHAR_TRY(athar_record_exhibit(&text, w->options, err));
	ATHAR_TRY(save(w, "exhibit.json", text, err));
	return save_map(w, err);
}

/* The block hashes vouch for the image: the log vouches for them. */
static athar_status hash_blocks(athar_json *known, const work *w, athar_error *err)
{
	ATHAR_AUTO(free) char *path = NULL;
	athar_digests digests;
	const char *name;

	ATHAR_TRY(blocks_path(&path, w, err));
	name = strrchr(path, '/') + 1;
	ATHAR_TRY(athar_digest_file(&digests, NULL, path, ATHAR_SHA256, err));
	athar_json_set_text(known, name, athar_digests_get(&digests, ATHAR_SHA256));
	return ATHAR_OK;
}

/* The exhibit stands; what is to be said of it besides. */
static athar_status verdict(const work *w, athar_error *err)
{
	const athar_acquire_result *out = w->out;

	if (w->read_back == ATHAR_ECANCELED)
		return athar_fail(
			err, ATHAR_ECANCELED,
			"%s is whole, but reading it back was interrupted: athar verify %s",
			out->image, athar_case_folder(w->c));
	if (out->read_back == ATHAR_READ_BACK_DIFFERS)
		return athar_fail(err, ATHAR_EMISMATCH,
		                  "%s does not read back as it was written%s%s: the target disk is "
		                  "not to be trusted",
		                  out->image, w->read_back == ATHAR_OK ? "" : ": ", w->unread.text);
	if (w->read_back != ATHAR_OK)
		return athar_fail(err, ATHAR_EINCOMPLETE, "%s was not read back: %s", out->image,
		                  w->unread.text);
	if (out->bad_bytes != 0)
		return athar_fail_at(err, ATHAR_EINCOMPLETE, w->imaging.bad.run[0].offset,
		                     "%llu bytes of %s could not be read; %s.map lists them",
		                     (unsigned long long)out->bad_bytes, w->options->source,
		                     out->slug);
	return ATHAR_OK;
}

static athar_status finish(work *w, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *known = athar_json_object();

	ATHAR_TRY(hash_blocks(known, w, err));
	w->out->image = athar_format_text(err, "%s/%s/%s", athar_case_folder(w->c), w->out->slug,
	                                  w->image_name);
	if (w->out->image == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(athar_exhibit_commit(&w->files, w->exhibit, known, err));
	return verdict(w, err);
}

/* A source that is an image itself may not be what it says it is. */
static void check_source(const work *w)
{
	const athar_source_info *info = w->info;

	for (unsigned bit = 0; bit < ATHAR_DIGEST_COUNT; bit++) {
		if ((info->stored.algorithms & w->imaging.hashes.algorithms & 1u << bit) == 0)
			continue;
		if (strcmp(athar_digests_get(&info->stored, 1u << bit),
		           athar_digests_get(&w->imaging.hashes, 1u << bit)) != 0)
			athar_watch_notice(w->watcher,
			                   "%s has another %s on record than its bytes give: athar "
			                   "verify tells more",
			                   w->options->source, athar_digest_name(1u << bit));
	}
	if (info->finding != NULL)
		athar_watch_notice(w->watcher, "%s: %s", w->options->source, info->finding);
}

/* Half an image is no exhibit: nothing of it stays, and the examiner hears so. */
static athar_status copy_whole(work *w, athar_error *err)
{
	athar_status status = copy_source(w, err);

	if (status != ATHAR_ECANCELED)
		return status;
	return athar_fail(
		err, ATHAR_ECANCELED,
		"stopped on request; no exhibit was made, the acquisition begins anew next time");
}

static athar_status acquire(work *w, athar_error *err)
{
	ATHAR_TRY(open_source(w, err));
	ATHAR_TRY(open_target(w, err));
	w->out->size = w->info->size;
	ATHAR_TRY(copy_whole(w, err));
	w->out->hashes = w->imaging.hashes;
	w->out->padded = w->imaging.padded;
	w->out->bad_bytes = athar_runs_total(&w->imaging.bad);
	check_source(w);
	ATHAR_TRY(measure_image(w, err));
	if (!w->options->no_verify)
		read_back_or_say(w);
	ATHAR_TRY(save_records(w, err));
	return finish(w, err);
}

/* ---- custody ---- */

static athar_json *begin_data(const work *w)
{
	athar_json *o = athar_json_object();

	athar_json_set_text(o, "source", w->options->source);
	athar_json_set_text(o, "format", w->options->format);
	athar_json_set_bool(o, "unconfined", w->context->unconfined);
	return o;
}

static athar_json *end_data(const work *w, athar_status status, const athar_error *err)
{
	athar_json *o = athar_json_object();

	if (status != ATHAR_OK)
		athar_json_set_text(o, "error", err->text);
	if (w->files == NULL)
		return o;
	athar_json_set_number(o, "bytes", w->out->size);
	athar_json_set_number(o, "bad_bytes", w->out->bad_bytes);
	athar_json_set(o, "hashes", athar_digests_to_json(&w->out->hashes));
	if (w->out->padded.algorithms != 0)
		athar_json_set(o, "padded_hashes", athar_digests_to_json(&w->out->padded));
	athar_json_set_text(o, "read_back", athar_read_back_name(w->out->read_back));
	athar_json_set_text(o, "confinement", w->confinement);
	athar_json_set_number(o, "bad_ranges", w->imaging.bad.count);
	athar_json_set(o, "bad", athar_record_ranges(&w->imaging.bad, LOGGED_RANGES));
	return o;
}

athar_status athar_acquire(athar_acquire_result *out, athar_case *c,
                           const athar_acquire_options *options, const athar_watcher *watcher,
                           athar_error *err)
{
	const athar_context *context = athar_case_context(c);
	ATHAR_AUTO(work)
	work w = {.c = c, .options = options, .context = context, .watcher = watcher, .out = out};
	athar_error logged = ATHAR_ERROR_INIT;
	uint64_t begin = 0;

	*out = (athar_acquire_result){.size = 0};
	ATHAR_TRY(check_options(options, err));
	w.started = context->now(context->user);
	ATHAR_TRY(athar_custody_begin(&begin, c, "acquire", options->exhibit, begin_data(&w), err));
	athar_status status = acquire(&w, err);
	athar_json *files = w.files == NULL ? NULL : athar_json_copy(w.files);
	athar_status end = athar_custody_end(c, begin, "acquire", options->exhibit,
	                                     athar_custody_result(status), files,
	                                     end_data(&w, status, err), &logged);
	if (end == ATHAR_OK)
		end = athar_custody_head(out->custody_head, c, &logged);
	if (end == ATHAR_OK)
		return status;
	if (status == ATHAR_OK) {
		*err = logged;
		return end;
	}
	athar_watch_notice(watcher, "the custody log does not tell how this ended: %s",
	                   logged.text);
	return status;
}
