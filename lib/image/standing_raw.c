/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A source over a raw image that was never finished. A raw image has no sums: what stands is what
 * the files hold, and whether a power cut left zeros in it shows only against other hashes.
 */
#include "base/alloc.h"
#include "base/check.h"
#include "image/media.h"
#include "image/output.h"
#include "image/sink_raw.h"
#include "image/source_new.h"

struct standing {
	athar_media *part;
	size_t parts, capacity;
	uint64_t part_size; /* of all but the last */
};

static athar_status standing_read(athar_source *source, void *buf, size_t len, uint64_t offset,
                                  athar_runs *bad, athar_error *err)
{
	const struct standing *s = source->state;

	for (size_t done = 0; done < len;) {
		const uint64_t at = offset + done;
		const uint64_t inside = at % s->part_size;
		const size_t piece = (size_t)athar_min(len - done, s->part_size - inside);

		ATHAR_TRY(athar_media_read(&s->part[at / s->part_size], (uint8_t *)buf + done,
		                           piece, inside, at, bad, err));
		done += piece;
	}
	return ATHAR_OK;
}

static void standing_close(athar_source *source)
{
	struct standing *s = source->state;

	if (s == NULL)
		return;
	for (size_t i = 0; i < s->parts; i++)
		athar_media_close(&s->part[i]);
	free(s->part);
	free(s);
}

static const char *standing_segment(athar_source *source, uint64_t offset)
{
	const struct standing *s = source->state;

	return s->part[offset / s->part_size].path;
}

static const athar_source_driver standing_driver = {
	.name = "raw",
	.summary = "what stands of a raw image",
	.read = standing_read,
	.close = standing_close,
	.segment = standing_segment,
};

static athar_status add_part(struct standing *s, uint64_t *size, const char *path, athar_error *err)
{
	athar_media *m;

	ATHAR_TRY(athar_grow(&s->part, &s->capacity, s->parts + 1, sizeof *s->part, err));
	m = &s->part[s->parts++];
	*m = (athar_media)ATHAR_MEDIA_INIT;
	ATHAR_TRY(athar_media_open(m, path, err));
	return athar_media_size(size, m, err);
}

static athar_status add_parts(athar_source *source, const char *folder, const char *name,
                              uint64_t part, athar_error *err)
{
	struct standing *s = source->state;

	for (size_t number = 1;; number++) {
		ATHAR_AUTO(free) char *file = athar_raw_sink_name(name, part, number, err);
		ATHAR_AUTO(free) char *path = NULL;
		uint64_t size = 0;
		bool linked;

		if (file == NULL)
			return err->status;
		ATHAR_TRY(athar_output_find(&path, &linked, folder, file, err));
		if (path == NULL)
			return ATHAR_OK;
		ATHAR_TRY(add_part(s, &size, path, err));
		source->info.size += athar_min(size, s->part_size);
		if (part == 0 || size < part || number == ATHAR_RAW_PARTS_MAX)
			return ATHAR_OK;
	}
}

athar_status athar_source_raw_standing(athar_source **out, const char *folder, const char *name,
                                       uint64_t part, athar_error *err)
{
	ATHAR_AUTO(source) athar_source *source = NULL;
	struct standing *s;

	ATHAR_TRY(athar_source_new(&source, &standing_driver, folder, err));
	source->state = s = athar_alloc(sizeof *s, err);
	if (s == NULL)
		return err->status;
	s->part_size = part == 0 ? INT64_MAX : part;
	ATHAR_TRY(add_parts(source, folder, name, part, err));
	source->info.segments = s->parts;
	*out = ATHAR_GIVE(source);
	return ATHAR_OK;
}
