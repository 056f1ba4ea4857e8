/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The medium's bytes as they are, in one file or in parts of exactly the size asked for: since a
 * part that ends early would move all that follow, one that finds its disk full goes to the spill
 * folder as a whole.
 */
#include "image/sink_raw.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/files.h"
#include "image/source_new.h"

#define CHUNK (1u << 18)

char *athar_raw_sink_name(const char *name, uint64_t part, size_t number, athar_error *err)
{
	if (part == 0)
		return athar_format_text(err, "%s.dd", name);
	return athar_format_text(err, "%s.%03zu", name, number);
}

size_t athar_raw_sink_parts(const athar_sink_spec *spec)
{
	if (spec->segment_size == 0)
		return 1;
	return (size_t)((spec->media_size - 1) / spec->segment_size) + 1;
}

uint64_t athar_raw_sink_part(const athar_sink_spec *spec, size_t number)
{
	if (spec->segment_size == 0)
		return spec->media_size;
	return athar_min(spec->segment_size,
	                 spec->media_size - spec->segment_size * (uint64_t)(number - 1));
}

static athar_status fail_many(const athar_sink_spec *spec, athar_error *err)
{
	return athar_fail(err, ATHAR_EREFUSED,
	                  "the image in parts of %llu bytes would be more than %u files: choose "
	                  "larger parts",
	                  (unsigned long long)spec->segment_size, ATHAR_RAW_PARTS_MAX);
}

static athar_status raw_open(athar_sink *sink, const athar_sink_spec *spec, athar_error *err)
{
	athar_raw_sink *r;

	if (spec->spill != NULL && spec->segment_size == 0)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "a raw image can spill to another folder only in parts: choose a "
		                  "--segment-size");
	if (spec->segment_size != 0 && spec->media_size != ATHAR_MEDIA_UNKNOWN &&
	    (spec->media_size - 1) / spec->segment_size >= ATHAR_RAW_PARTS_MAX)
		return fail_many(spec, err);
	sink->state = r = athar_alloc(sizeof *r, err);
	if (r == NULL)
		return err->status;
	r->fd = r->out.fd = -1;
	return athar_output_open(&r->out, spec->folder, spec->name, spec->spill, err);
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

static uint64_t part_size(const athar_sink *sink)
{
	return sink->spec.segment_size == 0 ? UINT64_MAX : sink->spec.segment_size;
}

static athar_status next_part(athar_sink *sink, athar_raw_sink *r, athar_error *err)
{
	ATHAR_AUTO(free) char *name = NULL;

	if (sink->segments >= ATHAR_RAW_PARTS_MAX)
		return fail_many(&sink->spec, err);
	name = athar_raw_sink_name(sink->spec.name, sink->spec.segment_size, sink->segments + 1,
	                           err);
	if (name == NULL)
		return err->status;
	ATHAR_TRY(athar_output_create(&r->out, name, err));
	sink->segments++;
	sink->spilled += r->out.spilling;
	return ATHAR_OK;
}

/* The whole part goes to the spill folder, and the rest with it. */
static athar_status go_elsewhere(athar_sink *sink, athar_raw_sink *r, athar_error *err)
{
	ATHAR_AUTO(free)
	char *name =
		athar_raw_sink_name(sink->spec.name, sink->spec.segment_size, sink->segments, err);

	if (name == NULL)
		return err->status;
	*err = (athar_error)ATHAR_ERROR_INIT;
	ATHAR_TRY(athar_output_move(&r->out, name, err));
	sink->spilled++;
	return ATHAR_OK;
}

static athar_status write_piece(athar_sink *sink, athar_raw_sink *r, const uint8_t *bytes,
                                size_t len, athar_error *err)
{
	const athar_status status = athar_output_write(&r->out, bytes, len, err);

	if (status == ATHAR_OK || !athar_output_is_full(err) || r->out.spill == NULL ||
	    r->out.spilling)
		return status;
	ATHAR_TRY(go_elsewhere(sink, r, err));
	return athar_output_write(&r->out, bytes, len, err);
}

/* A chunk that failed half way may be put again: what of it is in the files is passed over. */
static athar_status raw_put(athar_sink *sink, const athar_chunk *chunk, athar_error *err)
{
	athar_raw_sink *r = sink->state;

	if (chunk->packed || r->whole ||
	    (sink->spec.media_size != ATHAR_MEDIA_UNKNOWN &&
	     chunk->length > sink->spec.media_size - r->total))
		return athar_fail(err, ATHAR_EUSAGE, "more or other bytes than the image has");
	if (r->out.lost)
		return athar_output_sync(&r->out, err);
	r->put = true;
	while (r->begun < chunk->length) {
		size_t piece;

		if (r->out.fd >= 0 && athar_output_at(&r->out) == part_size(sink))
			ATHAR_TRY(athar_output_finish(&r->out, err));
		if (r->out.fd < 0)
			ATHAR_TRY(next_part(sink, r, err));
		piece = (size_t)athar_min(chunk->length - r->begun,
		                          part_size(sink) - athar_output_at(&r->out));
		ATHAR_TRY(write_piece(sink, r, chunk->data + r->begun, piece, err));
		r->begun += piece;
	}
	r->total += chunk->length;
	r->begun = 0;
	return ATHAR_OK;
}

static athar_status raw_checkpoint(athar_sink *sink, athar_error *err)
{
	athar_raw_sink *r = sink->state;

	return r->whole ? athar_raw_sink_sync(sink, err) : athar_output_sync(&r->out, err);
}

static athar_status raw_commit(athar_sink *sink, const athar_digests *media, athar_error *err)
{
	athar_raw_sink *r = sink->state;

	(void)media;
	if (r->whole)
		return athar_raw_sink_check(sink, err);
	if (r->total != sink->spec.media_size)
		return athar_fail(err, ATHAR_EUSAGE, "the image got %llu of its %llu bytes",
		                  (unsigned long long)r->total,
		                  (unsigned long long)sink->spec.media_size);
	ATHAR_TRY(athar_output_finish(&r->out, err));
	return athar_folder_sync(sink->spec.folder, err);
}

static void remove_parts(const athar_sink *sink, size_t from)
{
	athar_error err = ATHAR_ERROR_INIT;

	for (size_t part = from; part <= sink->segments; part++) {
		ATHAR_AUTO(free)
		char *name =
			athar_raw_sink_name(sink->spec.name, sink->spec.segment_size, part, &err);

		if (name != NULL)
			athar_output_remove(sink->spec.folder, name);
	}
}

static void raw_abandon(athar_sink *sink)
{
	athar_raw_sink *r = sink->state;
	athar_error err = ATHAR_ERROR_INIT;

	if (r == NULL)
		return;
	if (!sink->committed && sink->keep && !r->out.lost)
		(void)raw_checkpoint(sink, &err);
	athar_output_close(&r->out);
	if (r->fd >= 0)
		(void)close(r->fd);
	if (!sink->committed && !sink->keep)
		remove_parts(sink, 1);
	free(r);
	sink->state = NULL;
}

static athar_status raw_standing(athar_source **out, const athar_sink_spec *spec, athar_error *err)
{
	return athar_source_raw_standing(out, spec->folder, spec->name, spec->segment_size, err);
}

/* Counts the parts that are there, and those of them behind a link. */
static athar_status count_parts(athar_sink *sink, size_t kept, athar_error *err)
{
	sink->segments = sink->spilled = 0;
	while (sink->segments < ATHAR_RAW_PARTS_MAX) {
		ATHAR_AUTO(free)
		char *name = athar_raw_sink_name(sink->spec.name, sink->spec.segment_size,
		                                 sink->segments + 1, err);
		ATHAR_AUTO(free) char *path = NULL;
		bool linked;

		if (name == NULL)
			return err->status;
		ATHAR_TRY(athar_output_find(&path, &linked, sink->spec.folder, name, err));
		if (path == NULL)
			return ATHAR_OK;
		sink->segments++;
		sink->spilled += linked && sink->segments <= kept;
		if (sink->spec.segment_size == 0)
			return ATHAR_OK;
	}
	return ATHAR_OK;
}

/* What stands of the last part that is kept. */
static athar_status reopen(athar_sink *sink, athar_raw_sink *r, uint64_t keep, athar_error *err)
{
	const uint64_t size = part_size(sink);
	ATHAR_AUTO(free)
	char *name =
		athar_raw_sink_name(sink->spec.name, sink->spec.segment_size, sink->segments, err);

	if (name == NULL)
		return err->status;
	r->total = keep;
	r->put = true;
	return athar_output_reopen(&r->out, name, (keep - 1) % size + 1, err);
}

static athar_status check_keep(const athar_sink_spec *spec, uint64_t keep, athar_error *err)
{
	ATHAR_AUTO(source) athar_source *standing = NULL;
	uint64_t size;

	ATHAR_TRY(raw_standing(&standing, spec, err));
	size = athar_source_describe(standing)->size;
	if (keep <= size && (keep % CHUNK == 0 || keep == spec->media_size))
		return ATHAR_OK;
	return athar_fail(err, ATHAR_EUSAGE,
	                  "%llu bytes cannot be kept of an image of which %llu stand",
	                  (unsigned long long)keep, (unsigned long long)size);
}

static athar_status raw_resume(athar_sink *sink, const athar_sink_spec *spec, uint64_t keep,
                               athar_error *err)
{
	const size_t kept = keep == 0 ? 0 : (size_t)((keep - 1) / part_size(sink)) + 1;
	athar_raw_sink *r;

	ATHAR_TRY(raw_open(sink, spec, err));
	r = sink->state;
	ATHAR_TRY(check_keep(spec, keep, err));
	ATHAR_TRY(count_parts(sink, kept, err));
	remove_parts(sink, kept + 1);
	sink->segments = kept;
	if (keep == 0)
		return ATHAR_OK;
	if (keep != spec->media_size)
		return reopen(sink, r, keep, err);
	r->whole = true;
	memset(r->dirty, 1, sizeof r->dirty);
	return ATHAR_OK;
}

static uint64_t raw_worst(const athar_sink_spec *spec)
{
	return spec->media_size; /* not known: that is the highest number */
}

const athar_sink_driver athar_sink_raw = {
	.name = "raw",
	.chunk_size = CHUNK,
	.open = raw_open,
	.pack = raw_pack,
	.put = raw_put,
	.commit = raw_commit,
	.abandon = raw_abandon,
	.checkpoint = raw_checkpoint,
	.standing = raw_standing,
	.resume = raw_resume,
	.write_at = athar_raw_sink_write_at,
	.worst = raw_worst,
};
