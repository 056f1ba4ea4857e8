/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * E01 as EnCase 6 has it, section for section what libewf writes for the same input. Chunks come
 * packed: here they are placed, listed in tables, and the sections are put around them.
 *
 * The same media, settings and stated times give the same bytes, also where the work was stopped
 * and gone on with: where a group or a file ends follows from the chunks alone. Only a full disk
 * ends a file early.
 */
#include "image/sink_ewf.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "inflate/inflate.h"

#define CHUNK ATHAR_EWF_SINK_CHUNK
#define GROUP ATHAR_EWF_SINK_GROUP
#define SEGMENT_DEFAULT UINT64_C(2146435072) /* 2047 MiB: offsets in tables have 31 bits */
#define SEGMENT_MIN UINT64_C(1048576)
#define CHUNKS_MAX UINT64_C(0x7FFFFFFF)
#define SECTORS_MAX UINT64_C(0xFFFFFFFF) /* what an error table can say */
/* data, digest, hash and done, for which every file keeps room; the error table may go over. */
#define TAIL (ATHAR_EWF_DESCRIPTOR + ATHAR_EWF_VOLUME + 156 + 112 + ATHAR_EWF_DESCRIPTOR)
#define HEADERS_MAX 131072
#define CHUNK_OVERHEAD 16 /* checksum, entry in the table and in its copy, share of the group's */
#define SEGMENT_OVERHEAD 8192
#define IMAGE_OVERHEAD (UINT64_C(4) << 20) /* headers, hashes, some errors */

static uint64_t segment_of(const athar_sink_spec *spec)
{
	return spec->segment_size == 0 ? SEGMENT_DEFAULT : spec->segment_size;
}

static uint32_t sector_of(const athar_sink_spec *spec)
{
	return spec->sector_size == 0 ? 512 : spec->sector_size;
}

static uint64_t ewf_worst(const athar_sink_spec *spec)
{
	const uint64_t segment = athar_max(segment_of(spec), SEGMENT_MIN);
	const uint64_t padded = athar_round_up(spec->media_size, sector_of(spec));
	/* Every other sector bad: 8 bytes for two, up to what a table can have. */
	const uint64_t errors =
		athar_min(padded / sector_of(spec) * 4, UINT64_C(8) * ATHAR_EWF_ERRORS_MAX);
	const uint64_t stored =
		padded + (padded / CHUNK + 1) * CHUNK_OVERHEAD + errors + IMAGE_OVERHEAD;

	if (spec->media_size == ATHAR_MEDIA_UNKNOWN)
		return UINT64_MAX;
	/* A segment is closed when the next chunk does not fit: one chunk may be left over. */
	return stored + (stored / (segment - CHUNK - SEGMENT_OVERHEAD) + 1) * SEGMENT_OVERHEAD;
}

static athar_status fail_many(const athar_sink_spec *spec, const char *could, athar_error *err)
{
	return athar_fail(err, ATHAR_EREFUSED,
	                  "the image %s more than %u files of %llu bytes: choose a larger "
	                  "--segment-size or --format raw",
	                  could, ATHAR_EWF_SEGMENTS_MAX, (unsigned long long)segment_of(spec));
}

static athar_status check_sizes(const athar_sink_spec *spec, athar_error *err)
{
	const uint64_t segment = segment_of(spec);

	if (sector_of(spec) < 512 || CHUNK % sector_of(spec) != 0)
		return athar_fail(err, ATHAR_EREFUSED,
		                  "an E01 cannot hold sectors of %u bytes: use --format raw",
		                  spec->sector_size);
	if (segment < SEGMENT_MIN || segment > SEGMENT_DEFAULT)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "the files of an E01 have from 1 MiB to 2047 MiB, not %llu bytes",
		                  (unsigned long long)segment);
	if (spec->media_size == ATHAR_MEDIA_UNKNOWN)
		return ATHAR_OK;
	/* A full disk ends one file early. */
	if (ewf_worst(spec) / segment + (spec->spill != NULL) >= ATHAR_EWF_SEGMENTS_MAX ||
	    spec->media_size / CHUNK >= CHUNKS_MAX)
		return fail_many(spec, "could need", err);
	return ATHAR_OK;
}

athar_status athar_ewf_sink_name(char **out, const athar_sink_spec *spec, size_t number,
                                 athar_error *err)
{
	ATHAR_AUTO(free) char *first = athar_format_text(err, "%s.E01", spec->name);

	if (first == NULL)
		return err->status;
	return athar_ewf_name(out, first, (uint32_t)number, err);
}

static uint64_t padded_size(const athar_ewf_sink *w, uint64_t size)
{
	return size == ATHAR_MEDIA_UNKNOWN ? 0 : athar_round_up(size, w->spec.sector_size);
}

/* The texts have to leave the first file most of its room. */
static athar_status check_fields(const athar_sink_fields *f, athar_error *err)
{
	const char *const texts[] = {f->case_number, f->evidence_number, f->description,
	                             f->examiner,    f->notes,           f->model,
	                             f->serial,      f->software};
	size_t len = 0;

	for (size_t i = 0; i < ATHAR_COUNT(texts); i++)
		len += texts[i] == NULL ? 0 : strlen(texts[i]);
	/* Two headers of two bytes a character, and one of one. */
	if (len > HEADERS_MAX / 6)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "an E01 has room for %u bytes of case fields and notes, not %zu",
		                  HEADERS_MAX / 6, len);
	return ATHAR_OK;
}

athar_status athar_ewf_sink_new(athar_sink *sink, const athar_sink_spec *spec, athar_error *err)
{
	athar_ewf_sink *w;

	ATHAR_TRY(check_sizes(spec, err));
	ATHAR_TRY(check_fields(&spec->fields, err));
	sink->state = w = athar_alloc(sizeof *w, err);
	if (w == NULL)
		return err->status;
	w->out.fd = -1;
	w->spec = *spec;
	w->spec.sector_size = sector_of(spec);
	w->spec.segment_size = segment_of(spec);
	ATHAR_TRY(athar_ewf_volume(w->volume, &w->spec, CHUNK, padded_size(w, spec->media_size),
	                           err));
	return athar_output_open(&w->out, spec->folder, spec->name, spec->spill, err);
}

static athar_status refuse(const athar_sink_spec *spec, const char *name, uint32_t number,
                           size_t kept, athar_error *err)
{
	(void)number;
	(void)kept;
	return athar_fail(err, ATHAR_EREFUSED, "%s/%s exists: nothing is overwritten", spec->folder,
	                  name);
}

static athar_status ewf_open(athar_sink *sink, const athar_sink_spec *spec, athar_error *err)
{
	ATHAR_TRY(athar_ewf_sink_new(sink, spec, err));
	return athar_ewf_sink_each(spec, refuse, 0, err);
}

static athar_status ewf_pack(athar_chunk *chunk, athar_packer *packer, const uint8_t *media,
                             size_t len, athar_error *err)
{
	if (len > CHUNK || len > chunk->capacity)
		return athar_fail(err, ATHAR_EUSAGE, "a chunk has room for %u bytes, not %zu",
		                  CHUNK, len);
	chunk->media = len;
	chunk->damaged = false;
	chunk->sum = 0;
	chunk->length = packer == NULL ? 0
	                               : athar_packer_deflate(packer, chunk->data, chunk->capacity,
	                                                      media, len);
	chunk->packed = chunk->length != 0;
	if (chunk->packed)
		return ATHAR_OK;
	memcpy(chunk->data, media, len);
	chunk->length = len;
	chunk->sum = athar_adler32(1, media, len);
	return ATHAR_OK;
}

/* Its sectors section gets its size, and the tables follow. */
static athar_status close_group(athar_ewf_sink *w, athar_error *err)
{
	athar_output *o = &w->out;
	uint8_t d[ATHAR_EWF_DESCRIPTOR];

	if (w->count == 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_output_room(o, ATHAR_EWF_TABLES(w->count), err));
	athar_ewf_descriptor(d, "sectors", w->group,
	                     athar_output_at(o) - w->group - ATHAR_EWF_DESCRIPTOR);
	ATHAR_TRY(athar_output_patch(o, d, sizeof d, w->group, err));
	athar_ewf_put_tables(o, w->group, w->entry, w->count);
	w->count = 0;
	return ATHAR_OK;
}

static bool at_group_end(const athar_ewf_sink *w)
{
	return w->count != 0 && w->media % ((uint64_t)CHUNK * GROUP) == 0;
}

static athar_status end_segment(athar_ewf_sink *w, athar_error *err)
{
	ATHAR_TRY(close_group(w, err));
	if (!w->linked)
		ATHAR_TRY(athar_ewf_put_end(&w->out, "next", err));
	w->linked = true;
	ATHAR_TRY(athar_output_finish(&w->out, err));
	w->linked = false;
	return ATHAR_OK;
}

static athar_status put_beginning(athar_ewf_sink *w, uint32_t number, athar_error *err)
{
	athar_output *o = &w->out;

	ATHAR_TRY(athar_ewf_put_file_header(o, number, err));
	if (number > 1)
		return athar_ewf_put_section(o, "data", w->volume, sizeof w->volume, err);
	ATHAR_TRY(athar_ewf_put_headers(o, &w->spec.fields, err));
	w->volume_at = athar_output_at(o) + ATHAR_EWF_DESCRIPTOR;
	return athar_ewf_put_section(o, "volume", w->volume, sizeof w->volume, err);
}

static athar_status begin_segment(athar_sink *sink, athar_ewf_sink *w, athar_error *err)
{
	ATHAR_AUTO(free) char *name = NULL;

	if (sink->segments >= ATHAR_EWF_SEGMENTS_MAX)
		return fail_many(&w->spec, "needs", err);
	ATHAR_TRY(athar_ewf_sink_name(&name, &w->spec, sink->segments + 1, err));
	if (!athar_output_reserve(&w->out) && w->out.spill != NULL)
		w->out.spilling = true;
	ATHAR_TRY(athar_output_create(&w->out, name, err));
	(void)athar_output_reserve(&w->out);
	sink->segments++;
	sink->spilled += w->out.spilling;
	/* It fits into the buffer: this fails only when memory runs out. */
	w->out.lost = put_beginning(w, (uint32_t)sink->segments, err) != ATHAR_OK;
	return w->out.lost ? err->status : ATHAR_OK;
}

static bool fits(const athar_ewf_sink *w, uint64_t stored)
{
	const uint64_t begun = w->count != 0 ? 0 : ATHAR_EWF_DESCRIPTOR;

	return athar_output_at(&w->out) + begun + stored + ATHAR_EWF_TABLES(w->count + 1) + TAIL <=
	       w->spec.segment_size;
}

/* The reserve is used up: what was begun is ended with it, and the rest goes to the spill folder.
 * Where there is none, somebody may have made room meanwhile. */
static athar_status go_elsewhere(athar_ewf_sink *w, athar_error *err)
{
	if (w->out.spill != NULL && !w->out.spilling) {
		ATHAR_TRY(end_segment(w, err));
		w->out.spilling = true;
		w->out.full = false;
		return ATHAR_OK;
	}
	return athar_output_reserve(&w->out) ? ATHAR_OK : athar_output_fail_full(&w->out, err);
}

/* A segment that has room for a chunk, and the chunk's bytes can be put without a failure. */
static athar_status make_place(athar_sink *sink, athar_ewf_sink *w, size_t stored, athar_error *err)
{
	do {
		if (w->out.full)
			ATHAR_TRY(go_elsewhere(w, err));
		if (at_group_end(w))
			ATHAR_TRY(close_group(w, err));
		if (w->out.fd >= 0 && (w->linked || !fits(w, stored)))
			ATHAR_TRY(end_segment(w, err));
		if (w->out.fd < 0)
			ATHAR_TRY(begin_segment(sink, w, err));
		ATHAR_TRY(athar_output_room(&w->out, ATHAR_EWF_DESCRIPTOR + stored, err));
	} while (w->out.full);
	return ATHAR_OK;
}

static void put_chunk(athar_ewf_sink *w, const athar_chunk *chunk)
{
	static const uint8_t later[ATHAR_EWF_DESCRIPTOR];
	athar_output *o = &w->out;
	uint8_t sum[4];

	if (w->count == 0) {
		w->group = athar_output_at(o);
		athar_output_put(o, later, sizeof later);
	}
	athar_put_le32(w->entry + 4 * (size_t)w->count,
	               (uint32_t)(athar_output_at(o) - w->group) |
	                       (chunk->packed ? ATHAR_EWF_PACKED : 0));
	w->count++;
	athar_output_put(o, chunk->data, chunk->length);
	athar_put_le32(sum, chunk->sum);
	if (!chunk->packed)
		athar_output_put(o, sum, sizeof sum);
	w->media += chunk->media;
	w->ended = chunk->media != CHUNK;
}

/* Only the last chunk may be short. */
static bool in_order(const athar_sink *sink, const athar_ewf_sink *w, const athar_chunk *chunk)
{
	const uint64_t padded = padded_size(w, sink->spec.media_size);

	if (w->ended || chunk->media == 0 || chunk->media > CHUNK ||
	    chunk->media % w->spec.sector_size != 0 ||
	    chunk->length > (chunk->packed ? CHUNK : chunk->media))
		return false;
	if (padded == 0)
		return w->media / CHUNK < CHUNKS_MAX;
	return chunk->media <= padded - w->media &&
	       (chunk->media == CHUNK || chunk->media == padded - w->media);
}

static athar_status ewf_put(athar_sink *sink, const athar_chunk *chunk, athar_error *err)
{
	athar_ewf_sink *w = sink->state;

	if (!in_order(sink, w, chunk))
		return athar_fail(err, ATHAR_EUSAGE, "more or other bytes than the image has");
	if (w->out.lost)
		return athar_output_sync(&w->out, err);
	ATHAR_TRY(make_place(sink, w, chunk->length + 4, err));
	put_chunk(w, chunk);
	return ATHAR_OK;
}

/* Nothing is cut short for it: a group that is open is not safe before it is full. */
static athar_status ewf_checkpoint(athar_sink *sink, athar_error *err)
{
	athar_ewf_sink *w = sink->state;

	if (at_group_end(w))
		ATHAR_TRY(close_group(w, err));
	return athar_output_sync(&w->out, err);
}

static athar_status ewf_bad(athar_sink *sink, const athar_runs *bad, athar_error *err)
{
	athar_ewf_sink *w = sink->state;
	const uint64_t sector = w->spec.sector_size;

	for (size_t i = 0; i < bad->count; i++) {
		const athar_run *run = &bad->run[i];
		const uint64_t first = run->offset / sector;
		const uint64_t end = athar_min(
			athar_round_up(run->offset + run->length, sector) / sector, SECTORS_MAX);

		if (run->kind >= ATHAR_RUN_UNREAD && first < end)
			ATHAR_TRY(athar_runs_add(&w->bad, first * sector, (end - first) * sector,
			                         ATHAR_RUN_BAD, err));
	}
	return ATHAR_OK;
}

/* One file of the set, that says nothing yet of the medium's size. */
static athar_status patch_size(athar_sink *sink, athar_ewf_sink *w, size_t number, athar_error *err)
{
	const uint64_t at =
		number == 1 ? w->volume_at : ATHAR_EWF_FILE_HEADER + ATHAR_EWF_DESCRIPTOR;
	ATHAR_AUTO(free) char *name = NULL;
	ATHAR_AUTO(free) char *path = NULL;
	ATHAR_AUTO(fd) int fd = -1;
	bool linked;

	if (number == sink->segments)
		return athar_output_patch(&w->out, w->volume, sizeof w->volume, at, err);
	ATHAR_TRY(athar_ewf_sink_name(&name, &w->spec, number, err));
	ATHAR_TRY(athar_output_find(&path, &linked, w->spec.folder, name, err));
	fd = path == NULL ? -1 : open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || pwrite(fd, w->volume, sizeof w->volume, (off_t)at) != sizeof w->volume ||
	    fsync(fd) != 0)
		return athar_fail_errno(err, "cannot write the size of the medium into %s", name);
	return ATHAR_OK;
}

static athar_status patch_sizes(athar_sink *sink, athar_ewf_sink *w, athar_error *err)
{
	if (w->spec.media_size != ATHAR_MEDIA_UNKNOWN)
		return ATHAR_OK;
	ATHAR_TRY(athar_ewf_volume(w->volume, &w->spec, CHUNK, w->media, err));
	for (size_t i = 1; i <= sink->segments; i++)
		ATHAR_TRY(patch_size(sink, w, i, err));
	return ATHAR_OK;
}

static athar_status put_tail(athar_sink *sink, athar_ewf_sink *w, const athar_digests *media,
                             athar_error *err)
{
	athar_output *o = &w->out;

	/* The only file has none at its beginning. */
	if (sink->segments == 1)
		ATHAR_TRY(athar_ewf_put_section(o, "data", w->volume, sizeof w->volume, err));
	ATHAR_TRY(athar_ewf_put_errors(o, &w->bad, w->spec.sector_size, err));
	ATHAR_TRY(athar_ewf_put_hashes(o, media, err));
	return athar_ewf_put_end(o, "done", err);
}

static athar_status ewf_commit(athar_sink *sink, const athar_digests *media, athar_error *err)
{
	athar_ewf_sink *w = sink->state;
	const uint64_t padded = padded_size(w, sink->spec.media_size);

	if (padded == 0 || w->media != padded)
		return athar_fail(err, ATHAR_EUSAGE, "the image got %llu of its %llu bytes",
		                  (unsigned long long)w->media, (unsigned long long)padded);
	ATHAR_TRY(close_group(w, err));
	w->ended = true;
	ATHAR_TRY(patch_sizes(sink, w, err));
	ATHAR_TRY(put_tail(sink, w, media, err));
	ATHAR_TRY(athar_output_finish(&w->out, err));
	athar_output_unreserve(&w->out);
	return ATHAR_OK;
}

static void remove_segments(athar_sink *sink, const athar_ewf_sink *w)
{
	athar_error err = ATHAR_ERROR_INIT;

	for (size_t i = 1; i <= sink->segments; i++) {
		ATHAR_AUTO(free) char *name = NULL;

		if (athar_ewf_sink_name(&name, &w->spec, i, &err) == ATHAR_OK)
			athar_output_remove(w->spec.folder, name);
	}
}

/* Tables for what was put, so that it stands. */
static void leave(athar_ewf_sink *w)
{
	athar_error err = ATHAR_ERROR_INIT;

	if (w->out.fd >= 0 && !w->out.lost && close_group(w, &err) == ATHAR_OK)
		(void)athar_output_sync(&w->out, &err);
}

static void ewf_abandon(athar_sink *sink)
{
	athar_ewf_sink *w = sink->state;

	if (w == NULL)
		return;
	if (!sink->committed && sink->keep)
		leave(w);
	athar_output_close(&w->out);
	if (!sink->committed && !sink->keep)
		remove_segments(sink, w);
	athar_runs_clear(&w->bad);
	free(w);
	sink->state = NULL;
}

const athar_sink_driver athar_sink_ewf = {
	.name = "ewf",
	.chunk_size = CHUNK,
	.open = ewf_open,
	.pack = ewf_pack,
	.put = ewf_put,
	.bad = ewf_bad,
	.commit = ewf_commit,
	.abandon = ewf_abandon,
	.checkpoint = ewf_checkpoint,
	.standing = athar_ewf_sink_standing,
	.resume = athar_ewf_sink_resume,
	.worst = ewf_worst,
};
