/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/outlet.h"

#include <fcntl.h>
#include <string.h>

#include "base/alloc.h"
#include "base/files.h"
#include "digest/digest.h"
#include "engine/pass.h"

#define LINE_MOST 88 /* bytes of a line */
#define TITLE "# athar block hashes 1: SHA-256 of each %u bytes, offset\n"

char *athar_outlet_blocks_path(const char *folder, const char *name, athar_error *err)
{
	return athar_format_text(err, "%s/%s.sha256", folder, name);
}

static void clear(athar_outlet *one)
{
	athar_sink_close(one->sink);
	if (one->blocks != NULL)
		(void)fclose(one->blocks);
	free(one->blocks_path);
	free(one->folder);
	*one = (athar_outlet){.folder = NULL};
}

/* The next place, with its texts; the spec's folder is then the copy. */
static athar_status begin(athar_outlet **out, athar_outlets *o, athar_sink_spec *spec,
                          athar_error *err)
{
	athar_outlet *one = &o->one[o->count];

	if (o->count == ATHAR_OUTLETS)
		return athar_fail(err, ATHAR_EUSAGE, "an image goes to two places at most");
	*one = (athar_outlet){.failed = ATHAR_ERROR_INIT};
	o->count++;
	one->folder = athar_copy_text(spec->folder, err);
	one->blocks_path = athar_outlet_blocks_path(spec->folder, spec->name, err);
	if (one->folder == NULL || one->blocks_path == NULL)
		return ATHAR_ENOMEM;
	spec->folder = one->folder;
	*out = one;
	return ATHAR_OK;
}

/* For the list when the disk is full and the image goes on elsewhere; only a wish. */
static void keep_room(int fd, uint64_t media_size)
{
	if (media_size != ATHAR_MEDIA_UNKNOWN)
		(void)fallocate(fd, FALLOC_FL_KEEP_SIZE, 0,
		                (off_t)((media_size / ATHAR_BLOCK_SIZE + 2) * LINE_MOST));
}

athar_status athar_outlet_new(athar_outlets *o, const athar_sink_driver *driver,
                              const athar_sink_spec *spec, athar_error *err)
{
	ATHAR_AUTO(fd) int fd = -1;
	athar_sink_spec own = *spec;
	athar_outlet *one;

	ATHAR_TRY(begin(&one, o, &own, err));
	ATHAR_TRY(athar_sink_open(&one->sink, driver, &own, err));
	ATHAR_TRY(athar_file_create(&fd, one->blocks_path, err));
	one->blocks = fdopen(fd, "w");
	if (one->blocks == NULL)
		return athar_fail_errno(err, "cannot write %s", one->blocks_path);
	keep_room(fd, spec->media_size);
	fd = -1;
	if (fprintf(one->blocks, TITLE, ATHAR_BLOCK_SIZE) < 0)
		return athar_fail_errno(err, "cannot write %s", one->blocks_path);
	return ATHAR_OK;
}

/* A process that was killed at once wrote not even the title, or no list at all. */
static athar_status begin_anew(athar_outlet *one, athar_error *err)
{
	if (fprintf(one->blocks, TITLE, ATHAR_BLOCK_SIZE) < 0)
		return athar_fail_errno(err, "cannot write %s", one->blocks_path);
	return ATHAR_OK;
}

/* Leaves the first `lines` lines behind the title, and the place behind them. */
static athar_status cut_lines(athar_outlet *one, uint64_t lines, athar_error *err)
{
	char line[128];
	long at;

	for (uint64_t i = 0; i <= lines; i++)
		if (fgets(line, sizeof line, one->blocks) == NULL || strchr(line, '\n') == NULL)
			return athar_fail(err, ATHAR_EFORMAT, "%s ends too early",
			                  one->blocks_path);
	at = ftell(one->blocks);
	if (at < 0 || ftruncate(fileno(one->blocks), at) != 0 ||
	    fseek(one->blocks, at, SEEK_SET) != 0)
		return athar_fail_errno(err, "cannot cut %s", one->blocks_path);
	return ATHAR_OK;
}

athar_status athar_outlet_resume(athar_outlets *o, const athar_sink_driver *driver,
                                 const athar_sink_spec *spec, uint64_t keep, uint64_t listed,
                                 athar_error *err)
{
	athar_sink_spec own = *spec;
	athar_outlet *one;

	ATHAR_TRY(begin(&one, o, &own, err));
	ATHAR_TRY(athar_sink_resume(&one->sink, driver, &own, keep, err));
	one->blocks = fopen(one->blocks_path, listed == 0 ? "w+e" : "r+e");
	if (one->blocks == NULL)
		return athar_fail_errno(err, "cannot open %s", one->blocks_path);
	if (listed == 0)
		return begin_anew(one, err);
	return cut_lines(one, (listed + ATHAR_BLOCK_SIZE - 1) / ATHAR_BLOCK_SIZE, err);
}

/* ---- to all that work ---- */

static bool works(const athar_outlet *one)
{
	return one->failed.status == ATHAR_OK;
}

/* What one of them answered: a failure counts when no other is left. */
static athar_status settle(athar_outlets *o, athar_outlet *one, athar_status status,
                           athar_error *err)
{
	if (status == ATHAR_OK)
		return ATHAR_OK;
	one->failed = *err;
	one->failed.status = status;
	for (size_t i = 0; i < o->count; i++)
		if (works(&o->one[i]))
			return ATHAR_OK;
	*err = o->one[0].failed;
	return err->status;
}

athar_status athar_outlets_put(athar_outlets *o, const athar_chunk *chunk, athar_error *err)
{
	for (size_t i = 0; i < o->count; i++)
		if (works(&o->one[i]))
			ATHAR_TRY(settle(o, &o->one[i], athar_sink_put(o->one[i].sink, chunk, err),
			                 err));
	return ATHAR_OK;
}

athar_status athar_outlets_write_at(athar_outlets *o, const void *bytes, size_t len,
                                    uint64_t offset, athar_error *err)
{
	for (size_t i = 0; i < o->count; i++) {
		athar_outlet *one = &o->one[i];

		if (works(one))
			ATHAR_TRY(settle(
				o, one,
				one->sink->driver->write_at(one->sink, bytes, len, offset, err),
				err));
	}
	return ATHAR_OK;
}

static athar_status line(const athar_outlet *one, uint64_t offset, const char hex[65],
                         athar_error *err)
{
	if (fprintf(one->blocks, "%s  %llu\n", hex, (unsigned long long)offset) < 0)
		return athar_fail_errno(err, "cannot write %s", one->blocks_path);
	return ATHAR_OK;
}

athar_status athar_outlets_line(athar_outlets *o, uint64_t offset, const uint8_t hash[32],
                                athar_error *err)
{
	char hex[65];

	athar_digest_hex(hex, hash);
	for (size_t i = 0; i < o->count; i++)
		if (works(&o->one[i]))
			ATHAR_TRY(settle(o, &o->one[i], line(&o->one[i], offset, hex, err), err));
	return ATHAR_OK;
}

/* The image first: a hash that stands must have its block. */
static athar_status checkpoint(const athar_outlet *one, athar_error *err)
{
	ATHAR_TRY(athar_sink_checkpoint(one->sink, err));
	if (fflush(one->blocks) != 0 || fdatasync(fileno(one->blocks)) != 0)
		return athar_fail_errno(err, "cannot write %s", one->blocks_path);
	return ATHAR_OK;
}

athar_status athar_outlets_checkpoint(athar_outlets *o, athar_error *err)
{
	for (size_t i = 0; i < o->count; i++)
		if (works(&o->one[i]))
			ATHAR_TRY(settle(o, &o->one[i], checkpoint(&o->one[i], err), err));
	return ATHAR_OK;
}

athar_status athar_outlets_set_size(athar_outlets *o, uint64_t size, athar_error *err)
{
	for (size_t i = 0; i < o->count; i++)
		if (works(&o->one[i]))
			ATHAR_TRY(settle(o, &o->one[i],
			                 athar_sink_set_size(o->one[i].sink, size, err), err));
	return ATHAR_OK;
}

static athar_status commit(const athar_outlet *one, const athar_digests *media,
                           const athar_runs *bad, athar_error *err)
{
	const athar_sink_driver *driver = one->sink->driver;

	if (driver->bad != NULL && bad->count != 0)
		ATHAR_TRY(driver->bad(one->sink, bad, err));
	ATHAR_TRY(athar_sink_commit(one->sink, media, err));
	if (fflush(one->blocks) != 0 || ftruncate(fileno(one->blocks), ftell(one->blocks)) != 0 ||
	    fsync(fileno(one->blocks)) != 0)
		return athar_fail_errno(err, "cannot write %s", one->blocks_path);
	return ATHAR_OK;
}

athar_status athar_outlets_commit(athar_outlets *o, const athar_digests *media,
                                  const athar_runs *bad, athar_error *err)
{
	for (size_t i = 0; i < o->count; i++)
		if (works(&o->one[i]))
			ATHAR_TRY(settle(o, &o->one[i], commit(&o->one[i], media, bad, err), err));
	return ATHAR_OK;
}

unsigned athar_outlets_behind(const athar_outlets *o)
{
	unsigned behind = 0, working = 0;

	for (size_t i = 0; i < o->count; i++) {
		behind |= works(&o->one[i]) ? 0 : 1u << i;
		working += works(&o->one[i]) ? 1 : 0;
	}
	return working == 0 ? 0 : behind;
}

athar_outlet *athar_outlets_working(athar_outlets *o)
{
	for (size_t i = 0; i < o->count; i++)
		if (works(&o->one[i]))
			return &o->one[i];
	return NULL;
}

void athar_outlets_tell(athar_outlets *o, const athar_watcher *watcher)
{
	for (size_t i = 0; i < o->count && o->count > 1; i++) {
		athar_outlet *one = &o->one[i];

		if (works(one) || one->told)
			continue;
		one->told = true;
		athar_watch_notice(watcher, "%s gets nothing more, the other image goes on: %s",
		                   one->folder, one->failed.text);
	}
}

void athar_outlets_close(athar_outlets *o, bool keep)
{
	for (size_t i = 0; i < o->count; i++) {
		if (o->one[i].sink != NULL)
			o->one[i].sink->keep = keep;
		clear(&o->one[i]);
	}
	o->count = 0;
}
