/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar/source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/check.h"
#include "image/driver.h"
#include "image/media.h"
#include "image/source_new.h"

#define HEAD 4096

athar_status athar_source_new(athar_source **out, const athar_source_driver *driver,
                              const char *path, athar_error *err)
{
	/* The path lives behind the source, in one piece of memory. */
	const size_t room = strlen(path) + 1;
	athar_source *s = athar_alloc(sizeof *s + room, err);

	if (s == NULL)
		return err->status;
	memcpy(s + 1, path, room);
	s->driver = driver;
	s->info.driver = driver->name;
	s->info.path = (const char *)(s + 1);
	s->info.sector_size = s->info.physical_sector_size = 512;
	s->info.segments = 1;
	s->info.read_only = true;
	*out = s;
	return ATHAR_OK;
}

void athar_source_close(athar_source *source)
{
	if (source == NULL)
		return;
	if (source->driver->close != NULL)
		source->driver->close(source);
	athar_runs_clear(&source->known_bad);
	free(source);
}

/* What the file begins with; nothing of a device, which is not touched before it is chosen. */
static athar_status read_head(uint8_t head[HEAD], size_t *len, const char *path,
                              const struct stat *st, athar_error *err)
{
	ATHAR_AUTO(media) athar_media m = ATHAR_MEDIA_INIT;
	ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;

	*len = 0;
	if (!S_ISREG(st->st_mode))
		return ATHAR_OK;
	ATHAR_TRY(athar_media_open(&m, path, err));
	*len = (size_t)athar_min(HEAD, (uint64_t)st->st_size);
	return athar_media_read(&m, head, *len, 0, 0, &bad, err);
}

/* Only files and disks can be read at an offset. */
static athar_status check_kind(const char *path, const struct stat *st, athar_error *err)
{
	if (S_ISDIR(st->st_mode))
		return athar_fail(err, ATHAR_EUSAGE,
		                  "%s is a folder: name an image file or a device", path);
	if (!S_ISREG(st->st_mode) && !S_ISBLK(st->st_mode))
		return athar_fail(err, ATHAR_EUSAGE,
		                  "%s is neither a file nor a block device: it cannot be read at "
		                  "an offset",
		                  path);
	if (S_ISREG(st->st_mode) && st->st_size == 0)
		return athar_fail(err, ATHAR_EFORMAT, "%s is empty: there is nothing to read",
		                  path);
	return ATHAR_OK;
}

static const athar_source_driver *choose(const athar_source_driver *const *drivers,
                                         athar_bytes head, const char *path, unsigned mode)
{
	const athar_source_driver *best = NULL;
	int highest = 0;

	for (; *drivers != NULL; drivers++) {
		const int bid = (*drivers)->bid(head, path, mode);

		if (bid > highest) {
			highest = bid;
			best = *drivers;
		}
	}
	return best;
}

athar_status athar_source_choose(const athar_source_driver **out, const char *path,
                                 const athar_source_driver *const *drivers, athar_error *err)
{
	uint8_t head[HEAD];
	struct stat st;
	size_t len;

	if (stat(path, &st) != 0)
		return athar_fail_errno(err, "cannot open %s", path);
	ATHAR_TRY(check_kind(path, &st, err));
	ATHAR_TRY(read_head(head, &len, path, &st, err));
	*out = choose(drivers, (athar_bytes){head, len, 0}, path, st.st_mode);
	return *out != NULL ? ATHAR_OK
	                    : athar_fail(err, ATHAR_EFORMAT, "%s is of no kind that athar can read",
	                                 path);
}

athar_status athar_source_open_with(athar_source **out, const char *path,
                                    const athar_source_driver *const *drivers, athar_error *err)
{
	ATHAR_AUTO(source) athar_source *s = NULL;
	const athar_source_driver *driver = NULL;

	ATHAR_TRY(athar_source_choose(&driver, path, drivers, err));
	ATHAR_TRY(athar_source_new(&s, driver, path, err));
	ATHAR_TRY(driver->open(s, path, err));
	*out = ATHAR_GIVE(s);
	return ATHAR_OK;
}

const athar_source_info *athar_source_describe(const athar_source *source)
{
	return &source->info;
}

/* Known-bad ranges are not read: on a failing medium each try costs seconds, and by contract they
 * are zeros whatever the container holds there. */
static athar_status read_around(athar_source *s, uint8_t *buf, size_t len, uint64_t offset,
                                athar_runs *bad, athar_error *err)
{
	const athar_runs *known = &s->known_bad;
	size_t i = athar_runs_find(known, offset);
	size_t done = 0;

	while (done < len) {
		const uint64_t at = offset + done;
		size_t piece = len - done;

		if (i < known->count && known->run[i].offset <= at) {
			const athar_run *run = &known->run[i++];

			piece = (size_t)athar_min(piece, run->offset + run->length - at);
			memset(buf + done, 0, piece);
			ATHAR_TRY(athar_runs_add(bad, at, piece, run->kind, err));
		} else {
			if (i < known->count)
				piece = (size_t)athar_min(piece, known->run[i].offset - at);
			ATHAR_TRY(s->driver->read(s, buf + done, piece, at, bad, err));
		}
		done += piece;
	}
	return ATHAR_OK;
}

/* Hands what failed to the caller, or refuses to hide it. */
static athar_status tell(athar_source *s, const athar_runs *failed, athar_runs *bad,
                         athar_error *err)
{
	if (failed->count == 0)
		return ATHAR_OK;
	if (bad == NULL)
		return athar_fail_at(err, ATHAR_EIO, failed->run[0].offset,
		                     "%s: %llu bytes at byte %llu are unreadable or were never "
		                     "read",
		                     s->info.path, (unsigned long long)failed->run[0].length,
		                     (unsigned long long)failed->run[0].offset);
	for (size_t i = 0; i < failed->count; i++)
		ATHAR_TRY(athar_runs_add(bad, failed->run[i].offset, failed->run[i].length,
		                         failed->run[i].kind, err));
	return ATHAR_OK;
}

athar_status athar_source_read(athar_source *source, void *buf, size_t len, uint64_t offset,
                               size_t *got, athar_runs *bad, athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs failed = ATHAR_RUNS_INIT;

	*got = 0;
	if (source->driver->stream != NULL)
		return source->driver->stream(source, buf, len, offset, got, err);
	if (offset >= source->info.size)
		return ATHAR_OK;
	len = (size_t)athar_min(len, source->info.size - offset);
	ATHAR_TRY(read_around(source, buf, len, offset, &failed, err));
	ATHAR_TRY(tell(source, &failed, bad, err));
	*got = len;
	return ATHAR_OK;
}

const athar_runs *athar_source_known_bad(const athar_source *source)
{
	return &source->known_bad;
}

athar_status athar_source_mark(athar_source *source, const athar_runs *bad, athar_error *err)
{
	for (size_t i = 0; i < bad->count; i++) {
		const athar_run *run = &bad->run[i];

		if (run->kind < ATHAR_RUN_UNREAD || run->offset >= source->info.size)
			continue;
		ATHAR_TRY(athar_runs_add(&source->known_bad, run->offset,
		                         athar_min(run->length, source->info.size - run->offset),
		                         run->kind, err));
	}
	return ATHAR_OK;
}

const char *athar_source_segment(athar_source *source, uint64_t offset)
{
	if (source->driver->segment == NULL || offset >= source->info.size)
		return NULL;
	return source->driver->segment(source, offset);
}
