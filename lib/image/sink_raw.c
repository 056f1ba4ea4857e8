/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The medium's bytes as they are, in one file or in parts of exactly the size asked for.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/files.h"
#include "image/sink.h"

#define CHUNK (1u << 18)
#define PARTS_MAX 999u /* .001 ... .999: what every tool can follow */

struct raw {
	int fd;
	char *path;          /* of the file being written */
	uint64_t part_bytes; /* in it so far */
	uint64_t total;
};

/* The file number `part` (from 1). */
static char *path_of(const athar_sink_spec *spec, size_t part, athar_error *err)
{
	if (spec->segment_size == 0)
		return athar_format_text(err, "%s/%s.dd", spec->folder, spec->name);
	return athar_format_text(err, "%s/%s.%03zu", spec->folder, spec->name, part);
}

static athar_status raw_open(athar_sink *sink, const athar_sink_spec *spec, athar_error *err)
{
	struct raw *r;

	if (spec->segment_size != 0 && (spec->media_size - 1) / spec->segment_size >= PARTS_MAX)
		return athar_fail(err, ATHAR_EREFUSED,
		                  "%llu bytes in parts of %llu would be more than %u files: choose "
		                  "larger parts",
		                  (unsigned long long)spec->media_size,
		                  (unsigned long long)spec->segment_size, PARTS_MAX);
	sink->state = r = athar_alloc(sizeof *r, err);
	if (r == NULL)
		return err->status;
	r->fd = -1;
	return ATHAR_OK;
}

static athar_status raw_pack(athar_chunk *chunk, athar_packer *packer, const uint8_t *media,
                             size_t len, athar_error *err)
{
	(void)packer;
	if (len > chunk->capacity)
		return athar_fail(err, ATHAR_EUSAGE, "a chunk has room for %zu bytes, not %zu",
		                  chunk->capacity, len);
	memcpy(chunk->data, media, len);
	chunk->length = chunk->media = len;
	chunk->packed = chunk->damaged = false;
	chunk->sum = 0;
	return ATHAR_OK;
}

static athar_status finish_part(struct raw *r, athar_error *err)
{
	ATHAR_TRY(athar_file_finish(&r->fd, r->path, err));
	free(r->path);
	r->path = NULL;
	return ATHAR_OK;
}

static athar_status next_part(athar_sink *sink, struct raw *r, athar_error *err)
{
	free(r->path);
	r->path = path_of(&sink->spec, sink->segments + 1, err);
	if (r->path == NULL)
		return err->status;
	ATHAR_TRY(athar_file_create(&r->fd, r->path, err));
	sink->segments++;
	r->part_bytes = 0;
	return ATHAR_OK;
}

static athar_status raw_put(athar_sink *sink, const athar_chunk *chunk, athar_error *err)
{
	struct raw *r = sink->state;
	const uint64_t most = sink->spec.segment_size == 0 ? UINT64_MAX : sink->spec.segment_size;

	if (chunk->packed || chunk->length > sink->spec.media_size - r->total)
		return athar_fail(err, ATHAR_EUSAGE, "more or other bytes than the image has");
	for (size_t done = 0; done < chunk->length;) {
		size_t piece;

		if (r->fd < 0)
			ATHAR_TRY(next_part(sink, r, err));
		piece = (size_t)athar_min(chunk->length - done, most - r->part_bytes);
		ATHAR_TRY(athar_file_write(r->fd, chunk->data + done, piece, r->path, err));
		r->part_bytes += piece;
		r->total += piece;
		done += piece;
		if (r->part_bytes == most)
			ATHAR_TRY(finish_part(r, err));
	}
	return ATHAR_OK;
}

static athar_status raw_commit(athar_sink *sink, const athar_digests *media, athar_error *err)
{
	struct raw *r = sink->state;

	(void)media;
	if (r->total != sink->spec.media_size)
		return athar_fail(err, ATHAR_EUSAGE, "the image got %llu of its %llu bytes",
		                  (unsigned long long)r->total,
		                  (unsigned long long)sink->spec.media_size);
	if (r->fd >= 0)
		ATHAR_TRY(finish_part(r, err));
	return athar_folder_sync(sink->spec.folder, err);
}

static void raw_abandon(athar_sink *sink)
{
	struct raw *r = sink->state;
	athar_error err = ATHAR_ERROR_INIT;

	if (r == NULL)
		return;
	if (r->fd >= 0)
		(void)close(r->fd);
	for (size_t part = 1; !sink->committed && part <= sink->segments; part++) {
		ATHAR_AUTO(free) char *path = path_of(&sink->spec, part, &err);

		if (path != NULL)
			(void)unlink(path);
	}
	free(r->path);
	free(r);
	sink->state = NULL;
}

static uint64_t raw_worst(const athar_sink_spec *spec)
{
	return spec->media_size;
}

const athar_sink_driver athar_sink_raw = {
	.name = "raw",
	.chunk_size = CHUNK,
	.open = raw_open,
	.pack = raw_pack,
	.put = raw_put,
	.commit = raw_commit,
	.abandon = raw_abandon,
	.worst = raw_worst,
};
