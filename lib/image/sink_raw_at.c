/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A raw image that is written in any order. All its files are made first, in full size, as holes.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/files.h"
#include "image/sink_raw.h"

static athar_status make_part(athar_sink *sink, size_t number, athar_error *err)
{
	const athar_sink_spec *spec = &sink->spec;
	ATHAR_AUTO(free)
	char *name = athar_raw_sink_name(spec->name, spec->segment_size, number, err);
	ATHAR_AUTO(free) char *path = name == NULL ? NULL : athar_join(spec->folder, name, err);
	ATHAR_AUTO(fd) int fd = -1;

	if (path == NULL)
		return err->status;
	ATHAR_TRY(athar_file_create(&fd, path, err));
	sink->segments++;
	if (ftruncate(fd, (off_t)athar_raw_sink_part(spec, number)) == 0)
		return ATHAR_OK;
	(void)athar_fail_errno(err, "cannot make %s as large as the medium", path);
	(void)unlink(path);
	sink->segments--;
	return err->status;
}

/* Only one is open at a time: a limit on open files is not met by a thousand parts. */
static athar_status open_part(athar_sink *sink, athar_raw_sink *r, size_t number, athar_error *err)
{
	const athar_sink_spec *spec = &sink->spec;
	ATHAR_AUTO(free) char *name = NULL;
	ATHAR_AUTO(free) char *path = NULL;
	bool linked;

	if (r->fd >= 0 && r->at == number)
		return ATHAR_OK;
	if (r->fd >= 0)
		(void)close(r->fd);
	r->fd = -1;
	name = athar_raw_sink_name(spec->name, spec->segment_size, number, err);
	if (name == NULL)
		return err->status;
	ATHAR_TRY(athar_output_find(&path, &linked, spec->folder, name, err));
	if (path == NULL)
		return athar_fail(err, ATHAR_EIO, "%s/%s is gone", spec->folder, name);
	r->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
	if (r->fd < 0)
		return athar_fail_errno(err, "cannot open %s", path);
	r->at = number;
	return ATHAR_OK;
}

/* What was put in order before stays; its last file grows to the size it will have. */
static athar_status end_order(athar_sink *sink, athar_raw_sink *r, athar_error *err)
{
	if (!r->put)
		return ATHAR_OK;
	ATHAR_TRY(athar_output_finish(&r->out, err));
	if (sink->segments == 0)
		return ATHAR_OK;
	ATHAR_TRY(open_part(sink, r, sink->segments, err));
	if (ftruncate(r->fd, (off_t)athar_raw_sink_part(&sink->spec, sink->segments)) != 0)
		return athar_fail_errno(err, "cannot make %s/%s, file %zu, as large as the medium",
		                        sink->spec.folder, sink->spec.name, sink->segments);
	r->dirty[sink->segments] = true;
	return ATHAR_OK;
}

static athar_status make_parts(athar_sink *sink, athar_raw_sink *r, athar_error *err)
{
	if (sink->spec.media_size == ATHAR_MEDIA_UNKNOWN)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "an image is written at places only where its size is known");
	ATHAR_TRY(end_order(sink, r, err));
	while (sink->segments < athar_raw_sink_parts(&sink->spec)) {
		ATHAR_TRY(make_part(sink, sink->segments + 1, err));
		r->dirty[sink->segments] = true;
	}
	ATHAR_TRY(athar_folder_sync(sink->spec.folder, err));
	r->whole = true;
	return ATHAR_OK;
}

static athar_status fail_write(const athar_sink *sink, const athar_raw_sink *r, athar_error *err)
{
	if (errno == ENOSPC || errno == EDQUOT)
		return athar_output_fail_full(&r->out, err);
	return athar_fail_errno(err, "cannot write %s/%s, file %zu", sink->spec.folder,
	                        sink->spec.name, r->at);
}

static athar_status write_piece(athar_sink *sink, athar_raw_sink *r, const uint8_t *bytes,
                                size_t len, uint64_t at, athar_error *err)
{
	while (len > 0) {
		const ssize_t n = pwrite(r->fd, bytes, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return fail_write(sink, r, err);
		bytes += n;
		len -= (size_t)n;
		at += (uint64_t)n;
	}
	return ATHAR_OK;
}

athar_status athar_raw_sink_write_at(athar_sink *sink, const void *bytes, size_t len,
                                     uint64_t offset, athar_error *err)
{
	athar_raw_sink *r = sink->state;
	const uint64_t part = athar_raw_sink_part(&sink->spec, 1);

	if (!r->whole)
		ATHAR_TRY(make_parts(sink, r, err));
	if (!athar_inside(offset, len, sink->spec.media_size))
		return athar_fail(err, ATHAR_EUSAGE, "more bytes than the image has");
	for (size_t done = 0; done < len;) {
		const uint64_t at = offset + done;
		const size_t number = (size_t)(at / part) + 1;
		const size_t piece = (size_t)athar_min(len - done, part - at % part);

		ATHAR_TRY(open_part(sink, r, number, err));
		r->dirty[number] = true;
		ATHAR_TRY(
			write_piece(sink, r, (const uint8_t *)bytes + done, piece, at % part, err));
		done += piece;
	}
	return ATHAR_OK;
}

athar_status athar_raw_sink_sync(athar_sink *sink, athar_error *err)
{
	athar_raw_sink *r = sink->state;

	if (r->out.lost)
		return athar_output_sync(&r->out, err);
	for (size_t number = 1; number <= sink->segments; number++) {
		if (!r->dirty[number])
			continue;
		ATHAR_TRY(open_part(sink, r, number, err));
		if (fdatasync(r->fd) != 0) {
			r->out.lost = true;
			return athar_fail_errno(err, "cannot bring %s/%s, file %zu, to the disk",
			                        sink->spec.folder, sink->spec.name, number);
		}
		r->dirty[number] = false;
	}
	return ATHAR_OK;
}

athar_status athar_raw_sink_check(athar_sink *sink, athar_error *err)
{
	athar_raw_sink *r = sink->state;

	ATHAR_TRY(athar_raw_sink_sync(sink, err));
	for (size_t number = 1; number <= sink->segments; number++) {
		struct stat st;

		ATHAR_TRY(open_part(sink, r, number, err));
		if (fstat(r->fd, &st) != 0 || fsync(r->fd) != 0)
			return athar_fail_errno(err, "cannot finish %s/%s, file %zu",
			                        sink->spec.folder, sink->spec.name, number);
		if ((uint64_t)st.st_size != athar_raw_sink_part(&sink->spec, number))
			return athar_fail(err, ATHAR_EIO, "%s/%s, file %zu, has not its size",
			                  sink->spec.folder, sink->spec.name, number);
	}
	return athar_folder_sync(sink->spec.folder, err);
}
