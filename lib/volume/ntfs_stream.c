/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/ntfs_stream.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "image/driver.h"
#include "inflate/unpack.h"

#define CLUSTER_MOST (UINT64_C(2) << 20)
#define UNIT_BYTES_MOST (UINT64_C(1) << 20)
/* More pieces than this are not the record of a file but an attack on memory. */
#define EXTENTS_MOST ((size_t)1 << 20)

void athar_ntfs_stream_clear(athar_ntfs_stream *s)
{
	free(s->run);
	*s = (athar_ntfs_stream){.count = 0};
}

uint64_t athar_ntfs_attr_cluster(const athar_ntfs_attr *attr)
{
	const uint64_t count = attr->last + 1;
	uint64_t size;

	if (attr->resident || attr->first != 0 || count == 0 || attr->allocated % count != 0)
		return 0;
	size = attr->allocated / count;
	return size >= 512 && size <= CLUSTER_MOST && (size & (size - 1)) == 0 ? size : 0;
}

/* ---- runs ---- */

static uint64_t little(const uint8_t *p, unsigned width)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < width; i++)
		value |= (uint64_t)p[i] << 8 * i;
	return value;
}

static uint64_t difference(const uint8_t *p, unsigned width)
{
	const uint64_t value = little(p, width);

	return width < 8 && (p[width - 1] & 0x80) != 0 ? value | UINT64_MAX << 8 * width : value;
}

/* The run at *at; false: it makes no sense. *cluster is where the one before it began. */
static bool decode_run(athar_ntfs_run *out, const athar_ntfs_attr *part, size_t *at,
                       uint64_t *cluster)
{
	const uint8_t *p = part->bytes + *at;
	const unsigned of_length = p[0] & 15;
	const unsigned of_place = p[0] >> 4;

	if (of_length == 0 || of_length > 8 || of_place > 8 ||
	    part->len - *at - 1 < of_length + of_place)
		return false;
	*at += 1 + of_length + of_place;
	out->count = little(p + 1, of_length);
	out->kind = of_place == 0 ? ATHAR_EXTENT_HOLE : ATHAR_EXTENT_DATA;
	if (of_place != 0)
		*cluster += difference(p + 1 + of_length, of_place);
	out->cluster = *cluster;
	return out->count != 0 && out->count <= INT64_MAX / CLUSTER_MOST;
}

static athar_status push(athar_ntfs_stream *s, athar_ntfs_run run, athar_error *err)
{
	ATHAR_TRY(athar_grow(&s->run, &s->capacity, s->count + 1, sizeof *s->run, err));
	s->run[s->count++] = run;
	s->clusters += run.count;
	return ATHAR_OK;
}

static athar_status add_runs(athar_ntfs_stream *s, const athar_ntfs_attr *part,
                             const athar_ntfs_ground *ground, bool *good, athar_error *err)
{
	const uint64_t end = part->last + 1;
	uint64_t cluster = 0;
	size_t at = 0;

	while (*good && at < part->len && part->bytes[at] != 0) {
		athar_ntfs_run run;

		*good = decode_run(&run, part, &at, &cluster) && s->clusters <= end &&
		        run.count <= end - s->clusters &&
		        (run.kind == ATHAR_EXTENT_HOLE ||
		         athar_inside(run.cluster, run.count, ground->clusters));
		if (*good)
			ATHAR_TRY(push(s, run, err));
	}
	*good = *good && s->clusters == end;
	return ATHAR_OK;
}

athar_status athar_ntfs_stream_part(athar_ntfs_stream *s, const athar_ntfs_attr *part,
                                    const athar_ntfs_ground *ground, bool *good, athar_error *err)
{
	const athar_ntfs_run gap = {.kind = ATHAR_EXTENT_MISSING,
	                            .count = part->first - s->clusters};

	*good = !part->resident && part->first >= s->clusters &&
	        part->last + 1 <= INT64_MAX / CLUSTER_MOST && part->last + 1 >= part->first;
	if (!*good)
		return ATHAR_OK;
	if (part->first == 0) {
		s->size = part->size;
		s->initialized = athar_min(part->size, part->initialized);
		s->unit = (part->flags & ATHAR_NTFS_COMPRESSED) != 0 ? part->unit : 0;
	}
	if (gap.count > 0)
		ATHAR_TRY(push(s, gap, err));
	*good = s->unit * ground->cluster <= UNIT_BYTES_MOST;
	return add_runs(s, part, ground, good, err);
}

/* ---- places ---- */

static athar_status add_kind(athar_extents *out, athar_extent_kind kind, uint64_t length,
                             athar_error *err)
{
	const athar_extent x = {.image = ATHAR_NOWHERE, .length = length, .kind = kind};

	return length == 0 ? ATHAR_OK : athar_extents_add(out, x, err);
}

/* What lies past the end of the image is missing. */
static athar_status add_data(athar_extents *out, const athar_ntfs_ground *ground, uint64_t cluster,
                             uint64_t length, athar_error *err)
{
	const uint64_t at = ground->base + cluster * ground->cluster;
	const uint64_t there = at < ground->end ? athar_min(length, ground->end - at) : 0;

	if (there > 0)
		ATHAR_TRY(athar_extents_add_data(out, at, there, err));
	return add_kind(out, ATHAR_EXTENT_MISSING, length - there, err);
}

static athar_status plain_extents(athar_extents *out, const athar_ntfs_stream *s,
                                  const athar_ntfs_ground *ground, uint64_t size, athar_error *err)
{
	uint64_t left = size;

	for (size_t i = 0; i < s->count && left > 0 && out->count < EXTENTS_MOST; i++) {
		const athar_ntfs_run *run = &s->run[i];
		const uint64_t length = athar_min(left, run->count * ground->cluster);

		if (run->kind == ATHAR_EXTENT_DATA)
			ATHAR_TRY(add_data(out, ground, run->cluster, length, err));
		else
			ATHAR_TRY(add_kind(out, run->kind, length, err));
		left -= length;
	}
	return ATHAR_OK;
}

/* Place in the runs. */
typedef struct cursor {
	const athar_ntfs_stream *s;
	size_t run;
	uint64_t used; /* clusters of it */
} cursor;

static bool cursor_take(cursor *c, uint64_t most, athar_ntfs_run *piece)
{
	while (c->run < c->s->count && c->used >= c->s->run[c->run].count) {
		c->run++;
		c->used = 0;
	}
	if (c->run == c->s->count)
		return false;
	*piece = c->s->run[c->run];
	piece->cluster += c->used;
	piece->count = athar_min(most, piece->count - c->used);
	c->used += piece->count;
	return true;
}

static void cursor_skip(cursor *c, uint64_t clusters)
{
	athar_ntfs_run piece;

	while (clusters > 0 && cursor_take(c, clusters, &piece))
		clusters -= piece.count;
}

/* One unit of compression. */
typedef struct unit {
	uint64_t first;           /* cluster of the first that is stored */
	uint64_t stored, missing; /* clusters */
} unit;

static unit unit_take(cursor *c)
{
	unit u = {.stored = 0};
	athar_ntfs_run piece;
	uint64_t left = c->s->unit;

	for (; left > 0 && cursor_take(c, left, &piece); left -= piece.count) {
		if (piece.kind == ATHAR_EXTENT_MISSING)
			u.missing += piece.count;
		if (piece.kind != ATHAR_EXTENT_DATA)
			continue;
		if (u.stored == 0)
			u.first = piece.cluster;
		u.stored += piece.count;
	}
	u.missing += left;
	return u;
}

/* All its clusters stored, a unit is plain; none, it is a hole; else compressed. */
static athar_status unit_extents(athar_extents *out, cursor *c, const athar_ntfs_ground *ground,
                                 uint64_t length, athar_error *err)
{
	cursor start = *c;
	const unit u = unit_take(c);
	const athar_extent packed = {.image = ground->base + u.first * ground->cluster,
	                             .length = length,
	                             .stored = u.stored * ground->cluster,
	                             .kind = ATHAR_EXTENT_DERIVED,
	                             .transform = ATHAR_TRANSFORM_LZNT1};
	athar_ntfs_run piece;

	if (u.missing > 0)
		return add_kind(out, ATHAR_EXTENT_MISSING, length, err);
	if (u.stored == 0)
		return add_kind(out, ATHAR_EXTENT_HOLE, length, err);
	if (u.stored < c->s->unit)
		return athar_extents_add(out, packed, err);
	for (uint64_t left = c->s->unit; length > 0 && cursor_take(&start, left, &piece);
	     left -= piece.count) {
		const uint64_t bytes = athar_min(piece.count * ground->cluster, length);

		ATHAR_TRY(add_data(out, ground, piece.cluster, bytes, err));
		length -= bytes;
	}
	return ATHAR_OK;
}

/* Whole units at once where one run without data has them all: there may be 2^40 of them. */
static uint64_t empty_units(cursor *c, athar_extent_kind *kind)
{
	athar_ntfs_run piece;
	cursor ahead = *c;
	uint64_t count;

	if (!cursor_take(&ahead, UINT64_MAX, &piece) || piece.kind == ATHAR_EXTENT_DATA)
		return 0;
	*kind = piece.kind;
	count = piece.count - piece.count % c->s->unit;
	cursor_skip(c, count);
	return count;
}

static athar_status packed_extents(athar_extents *out, const athar_ntfs_stream *s,
                                   const athar_ntfs_ground *ground, uint64_t size, athar_error *err)
{
	const uint64_t bytes = s->unit * ground->cluster;
	cursor c = {s, 0, 0};

	for (uint64_t left = size; left > 0 && c.run < s->count && out->count < EXTENTS_MOST;) {
		athar_extent_kind kind;
		const uint64_t empty = empty_units(&c, &kind);
		const uint64_t length =
			athar_min(left, empty > 0 ? empty * ground->cluster : bytes);

		if (empty > 0)
			ATHAR_TRY(add_kind(out, kind, length, err));
		else
			ATHAR_TRY(unit_extents(out, &c, ground, length, err));
		left -= length;
	}
	return ATHAR_OK;
}

athar_status athar_ntfs_stream_extents(athar_extents *out, const athar_ntfs_stream *s,
                                       const athar_ntfs_ground *ground, athar_error *err)
{
	const uint64_t written = athar_min(s->size, s->initialized);

	if (s->unit > 0)
		ATHAR_TRY(packed_extents(out, s, ground, written, err));
	else
		ATHAR_TRY(plain_extents(out, s, ground, written, err));
	ATHAR_TRY(add_kind(out, ATHAR_EXTENT_MISSING, written - athar_extents_size(out), err));
	return add_kind(out, ATHAR_EXTENT_HOLE, s->size - written, err);
}

/* ---- content ---- */

static athar_status read_image(athar_source *source, uint8_t *buf, uint64_t len, uint64_t at,
                               athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;
	size_t got = 0;

	ATHAR_TRY(athar_source_read(source, buf, (size_t)len, at, &got, &bad, err));
	if (got < len || bad.count > 0)
		return athar_fail_at(err, ATHAR_EIO, at, "the image has an unreadable range there");
	return ATHAR_OK;
}

/* All that is stored of the unit, one after the other. */
static athar_status unit_load(uint8_t *out, cursor *c, const athar_ntfs_ground *ground,
                              athar_source *source, athar_error *err)
{
	athar_ntfs_run piece;

	for (uint64_t left = c->s->unit; left > 0 && cursor_take(c, left, &piece);
	     left -= piece.count) {
		const uint64_t bytes = piece.count * ground->cluster;

		if (piece.kind != ATHAR_EXTENT_DATA)
			continue;
		ATHAR_TRY(read_image(source, out, bytes,
		                     ground->base + piece.cluster * ground->cluster, err));
		out += bytes;
	}
	return ATHAR_OK;
}

/* The whole unit into out; what no record says is zeros, as its extent tells. */
static athar_status unit_read(uint8_t *out, cursor *c, const athar_ntfs_ground *ground,
                              athar_source *source, uint8_t *stored, athar_error *err)
{
	const uint64_t bytes = c->s->unit * ground->cluster;
	cursor start = *c;
	const unit u = unit_take(c);
	size_t made = 0;

	memset(out, 0, (size_t)bytes);
	if (u.stored == 0 || u.missing > 0)
		return ATHAR_OK;
	if (u.stored == c->s->unit)
		return unit_load(out, &start, ground, source, err);
	ATHAR_TRY(unit_load(stored, &start, ground, source, err));
	return athar_lznt1_unpack(&made, out, (size_t)bytes, stored,
	                          (size_t)(u.stored * ground->cluster), err);
}

static athar_status read_packed(size_t *got, const athar_ntfs_stream *s,
                                const athar_ntfs_ground *ground, athar_source *source, uint8_t *buf,
                                size_t len, uint64_t offset, athar_error *err)
{
	const uint64_t bytes = s->unit * ground->cluster;
	ATHAR_AUTO(free) uint8_t *whole = athar_alloc((size_t)bytes, err);
	ATHAR_AUTO(free) uint8_t *stored = athar_alloc((size_t)bytes, err);
	cursor c = {s, 0, 0};

	if (whole == NULL || stored == NULL)
		return err->status;
	cursor_skip(&c, offset / bytes * s->unit);
	while (*got < len) {
		const uint64_t skip = (offset + *got) % bytes;
		const size_t n = (size_t)athar_min(len - *got, bytes - skip);

		ATHAR_TRY(unit_read(whole, &c, ground, source, stored, err));
		memcpy(buf + *got, whole + skip, n);
		*got += n;
	}
	return ATHAR_OK;
}

static athar_status read_plain(size_t *got, const athar_ntfs_stream *s,
                               const athar_ntfs_ground *ground, athar_source *source, uint8_t *buf,
                               size_t len, uint64_t offset, athar_error *err)
{
	ATHAR_AUTO(extents) athar_extents extents = ATHAR_EXTENTS_INIT;
	ATHAR_AUTO(source) athar_source *content = NULL;

	ATHAR_TRY(athar_ntfs_stream_extents(&extents, s, ground, err));
	ATHAR_TRY(athar_source_extents(&content, source, &extents, err));
	ATHAR_TRY(read_image(content, buf, len, offset, err));
	*got = len;
	return ATHAR_OK;
}

athar_status athar_ntfs_stream_read(size_t *got, const athar_ntfs_stream *s,
                                    const athar_ntfs_ground *ground, athar_source *source,
                                    uint8_t *buf, size_t len, uint64_t offset, athar_error *err)
{
	const uint64_t written = athar_min(s->size, s->initialized);
	size_t from_runs;

	*got = 0;
	if (offset >= s->size)
		return ATHAR_OK;
	len = (size_t)athar_min(len, s->size - offset);
	from_runs = (size_t)athar_min(len, written - athar_min(written, offset));
	if (from_runs > 0 && s->unit > 0)
		ATHAR_TRY(read_packed(got, s, ground, source, buf, from_runs, offset, err));
	else if (from_runs > 0)
		ATHAR_TRY(read_plain(got, s, ground, source, buf, from_runs, offset, err));
	memset(buf + *got, 0, len - *got);
	*got = len;
	return ATHAR_OK;
}
