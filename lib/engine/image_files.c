/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/image_files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/files.h"
#include "engine/target.h"
#include "image/ewf.h"

#define PIECE (1u << 20)

/* ---- listed ---- */

static athar_status add(athar_image_files *out, const char *path, athar_error *err)
{
	athar_image_file *f;
	const char *slash;
	struct stat st;

	if (stat(path, &st) != 0)
		return athar_fail_errno(err, "cannot look at %s", path);
	ATHAR_TRY(athar_grow(&out->file, &out->capacity, out->count + 1, sizeof *out->file, err));
	f = &out->file[out->count];
	*f = (athar_image_file){.size = (uint64_t)st.st_size, .path = athar_copy_text(path, err)};
	if (f->path == NULL)
		return ATHAR_ENOMEM;
	slash = strrchr(f->path, '/');
	f->name = slash == NULL ? f->path : slash + 1;
	out->count++;
	return athar_add(out->bytes, f->size, &out->bytes)
	               ? ATHAR_OK
	               : athar_fail(err, ATHAR_ELIMIT, "the files are too large together");
}

/* Parts of a raw image lie one after the other. */
static athar_status list_parts(athar_image_files *out, athar_source *source, athar_error *err)
{
	const uint64_t size = athar_source_describe(source)->size;

	for (uint64_t at = 0; at < size; at = out->bytes)
		ATHAR_TRY(add(out, athar_source_segment(source, at), err));
	return ATHAR_OK;
}

static athar_status list_segments(athar_image_files *out, const athar_source_info *info,
                                  athar_error *err)
{
	for (uint32_t i = 1; i <= info->segments; i++) {
		ATHAR_AUTO(free) char *name = NULL;

		if (i > 1)
			ATHAR_TRY(athar_ewf_name(&name, info->path, i, err));
		ATHAR_TRY(add(out, i > 1 ? name : info->path, err));
	}
	return ATHAR_OK;
}

athar_status athar_image_files_list(athar_image_files *out, athar_source *source, athar_error *err)
{
	const athar_source_info *info = athar_source_describe(source);

	out->driver = info->driver;
	if (strcmp(info->driver, "split") == 0)
		return list_parts(out, source, err);
	return list_segments(out, info, err);
}

athar_image_file *athar_image_files_find(const athar_image_files *files, const char *name)
{
	for (size_t i = 0; i < files->count; i++)
		if (strcmp(files->file[i].name, name) == 0)
			return &files->file[i];
	return NULL;
}

void athar_image_files_clear(athar_image_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		free(files->file[i].path);
		free(files->file[i].copy);
	}
	free(files->file);
	*files = (athar_image_files){.file = NULL};
}

/* ---- read ---- */

typedef struct reading {
	const char *phase;
	const athar_watcher *watcher;
	uint64_t done, total;
	uint8_t *piece;
} reading;

static athar_status tick(const reading *r, athar_error *err)
{
	athar_progress progress = {.phase = r->phase, .done = r->done, .total = r->total};

	athar_watch_progress(r->watcher, &progress);
	return athar_watch_cancelled(r->watcher)
	               ? athar_fail(err, ATHAR_ECANCELED, "stopped on request; no exhibit was made")
	               : ATHAR_OK;
}

static athar_status read_piece(size_t *got, reading *r, int fd, const char *path, athar_error *err)
{
	ssize_t n;

	ATHAR_TRY(tick(r, err));
	do
		n = read(fd, r->piece, PIECE);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return athar_fail_errno(err, "cannot read %s", path);
	*got = (size_t)n;
	r->done += *got;
	return ATHAR_OK;
}

static athar_status hash(athar_digests *out, reading *r, const char *path, unsigned algorithms,
                         athar_error *err)
{
	ATHAR_AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ATHAR_AUTO(digester) athar_digester *d = NULL;
	size_t got = 0;

	if (fd < 0)
		return athar_fail_errno(err, "cannot open %s", path);
	/* From the medium, not from memory. */
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	ATHAR_TRY(athar_digester_new(&d, algorithms, err));
	do {
		ATHAR_TRY(read_piece(&got, r, fd, path, err));
		ATHAR_TRY(athar_digester_update(d, r->piece, got, err));
	} while (got != 0);
	return athar_digester_finish(out, d, err);
}

athar_status athar_image_file_hash(athar_image_file *file, unsigned algorithms,
                                   const athar_watcher *watcher, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *piece = NULL;
	reading r = {.phase = "hash", .watcher = watcher, .total = file->size};

	if ((algorithms & ~file->had.algorithms) == 0)
		return ATHAR_OK;
	r.piece = piece = athar_alloc(PIECE, err);
	if (piece == NULL)
		return ATHAR_ENOMEM;
	return hash(&file->had, &r, file->path, algorithms | file->had.algorithms, err);
}

/* ---- copied ---- */

/* What is read is hashed on its way. */
static athar_status pour(reading *r, athar_image_file *f, int from, int to, const char *path,
                         athar_error *err)
{
	ATHAR_AUTO(digester) athar_digester *d = NULL;
	athar_digests digests;
	uint64_t size = 0;
	size_t got = 0;

	ATHAR_TRY(athar_digester_new(&d, ATHAR_SHA256, err));
	do {
		ATHAR_TRY(read_piece(&got, r, from, f->path, err));
		ATHAR_TRY(athar_digester_update(d, r->piece, got, err));
		ATHAR_TRY(athar_file_write(to, r->piece, got, path, err));
		size += got;
	} while (got != 0);
	if (size != f->size)
		return athar_fail(err, ATHAR_EIO, "%s changed while it was copied", f->path);
	ATHAR_TRY(athar_digester_finish(&digests, d, err));
	(void)snprintf(f->sha256, sizeof f->sha256, "%s",
	               athar_digests_get(&digests, ATHAR_SHA256));
	return ATHAR_OK;
}

static athar_status compare(reading *r, const athar_image_file *f, const char *path,
                            athar_error *err)
{
	athar_digests digests;

	ATHAR_TRY(hash(&digests, r, path, ATHAR_SHA256, err));
	if (strcmp(athar_digests_get(&digests, ATHAR_SHA256), f->sha256) == 0)
		return ATHAR_OK;
	return athar_fail(err, ATHAR_EIO,
	                  "the copy of %s does not read back as it was written: the target disk is "
	                  "not to be trusted",
	                  f->path);
}

static athar_status copy_one(reading *r, athar_image_file *f, const char *folder, athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_join(folder, f->copy, err);
	ATHAR_AUTO(fd) int from = open(f->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ATHAR_AUTO(fd) int to = -1;

	if (path == NULL)
		return ATHAR_ENOMEM;
	if (from < 0)
		return athar_fail_errno(err, "cannot open %s", f->path);
	ATHAR_TRY(athar_file_create(&to, path, err));
	ATHAR_TRY(pour(r, f, from, to, path, err));
	ATHAR_TRY(athar_file_finish(&to, path, err));
	return compare(r, f, path, err);
}

/* The end of a name tells a reader what the file is and where in the set it belongs; the rest of it
 * is kept in the record. An E01 can have any name where it is the only file. */
static const char *end_of(const athar_image_files *files, const athar_image_file *f)
{
	const char *dot = strrchr(f->name, '.');

	if (dot == NULL || strcmp(files->driver, "raw") == 0)
		return strcmp(files->driver, "ewf") == 0 ? ".E01" : ".dd";
	if (strcmp(files->driver, "ewf") == 0 && files->count == 1 &&
	    (strlen(dot) != 4 || strcmp(dot + 2, "01") != 0))
		return ".E01";
	return dot;
}

static athar_status name_copies(athar_image_files *files, const char *slug, athar_error *err)
{
	for (size_t i = 0; i < files->count; i++) {
		athar_image_file *f = &files->file[i];

		f->copy = athar_format_text(err, "%s%s", slug, end_of(files, f));
		if (f->copy == NULL)
			return ATHAR_ENOMEM;
	}
	return ATHAR_OK;
}

static uint64_t largest(const athar_image_files *files)
{
	uint64_t most = 0;

	for (size_t i = 0; i < files->count; i++)
		most = athar_max(most, files->file[i].size);
	return most;
}

athar_status athar_image_files_copy(athar_image_files *files, const char *folder, const char *slug,
                                    const athar_watcher *watcher, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *piece = athar_alloc(PIECE, err);
	reading r = {.phase = "copy", .watcher = watcher, .piece = piece};

	if (piece == NULL)
		return ATHAR_ENOMEM;
	/* Read, and read back. */
	if (!athar_mul(files->bytes, 2, &r.total))
		r.total = 0;
	ATHAR_TRY(athar_target_file(folder, largest(files), err));
	ATHAR_TRY(athar_target_room(folder, files->bytes, err));
	ATHAR_TRY(name_copies(files, slug, err));
	for (size_t i = 0; i < files->count; i++)
		ATHAR_TRY(copy_one(&r, &files->file[i], folder, err));
	return ATHAR_OK;
}
