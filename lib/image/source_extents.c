/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A source over extents of another: a recovered file that can be read like an image.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/idiom.h"
#include "image/driver.h"
#include "image/source_new.h"

struct view {
	athar_source *base;
	athar_extents extents;
};

/* Index of the extent that holds `offset`, which is inside the file. */
static size_t find(const athar_extents *x, uint64_t offset)
{
	size_t low = 0, high = x->count;

	while (high - low > 1) {
		const size_t middle = low + (high - low) / 2;

		if (x->extent[middle].logical <= offset)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* Failures below are told in offsets of the file. */
static athar_status read_base(struct view *v, uint8_t *buf, size_t len, uint64_t image,
                              uint64_t logical, athar_runs *bad, athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs below = ATHAR_RUNS_INIT;
	size_t got;

	ATHAR_TRY(athar_source_read(v->base, buf, len, image, &got, &below, err));
	for (size_t i = 0; i < below.count; i++)
		ATHAR_TRY(athar_runs_add(bad, below.run[i].offset - image + logical,
		                         below.run[i].length, below.run[i].kind, err));
	/* An extent that runs past the end of the image: a cut image, or a lie. */
	memset(buf + got, 0, len - got);
	return athar_runs_add(bad, logical + got, len - got, ATHAR_RUN_BAD, err);
}

static athar_status read_extent(struct view *v, const athar_extent *e, uint8_t *buf, size_t len,
                                uint64_t offset, athar_runs *bad, athar_error *err)
{
	if (e->kind == ATHAR_EXTENT_DATA)
		return read_base(v, buf, len, e->image + (offset - e->logical), offset, bad, err);
	memset(buf, 0, len);
	if (e->kind == ATHAR_EXTENT_HOLE)
		return ATHAR_OK;
	return athar_runs_add(bad, offset, len, ATHAR_RUN_UNREAD, err);
}

static athar_status view_read(athar_source *source, void *buf, size_t len, uint64_t offset,
                              athar_runs *bad, athar_error *err)
{
	struct view *v = source->state;
	size_t i = find(&v->extents, offset);

	for (size_t done = 0; done < len; i++) {
		const athar_extent *e = &v->extents.extent[i];
		const uint64_t at = offset + done;
		const size_t piece = (size_t)athar_min(len - done, e->logical + e->length - at);

		ATHAR_TRY(read_extent(v, e, (uint8_t *)buf + done, piece, at, bad, err));
		done += piece;
	}
	return ATHAR_OK;
}

static void view_close(athar_source *source)
{
	struct view *v = source->state;

	if (v != NULL)
		athar_extents_clear(&v->extents);
	free(v);
}

static const athar_source_driver view_driver = {
	.name = "extents",
	.summary = "parts of another source",
	.read = view_read,
	.close = view_close,
};

/* In order, without gaps, inside 64 bits: all of it was checked when the list was built, but what
 * reads through it must not depend on that. */
static athar_status check(const athar_extents *x, athar_error *err)
{
	uint64_t next = 0, end;

	for (size_t i = 0; i < x->count; i++) {
		const athar_extent *e = &x->extent[i];

		if (e->kind == ATHAR_EXTENT_DERIVED)
			return athar_fail(err, ATHAR_EUSAGE,
			                  "bytes %llu on are derived: they have no plain address",
			                  (unsigned long long)e->logical);
		if (e->logical != next || !athar_add(next, e->length, &next) ||
		    (e->kind == ATHAR_EXTENT_DATA && !athar_add(e->image, e->length, &end)))
			return athar_fail(err, ATHAR_EUSAGE, "extent %zu does not follow the last",
			                  i);
	}
	return ATHAR_OK;
}

athar_status athar_source_extents(athar_source **out, athar_source *base,
                                  const athar_extents *extents, athar_error *err)
{
	ATHAR_AUTO(source) athar_source *s = NULL;
	struct view *v;

	ATHAR_TRY(check(extents, err));
	ATHAR_TRY(athar_source_new(&s, &view_driver, base->info.path, err));
	s->state = v = athar_alloc(sizeof *v, err);
	if (v == NULL)
		return err->status;
	v->base = base;
	ATHAR_TRY(athar_extents_copy(&v->extents, extents, err));
	s->info.size = athar_extents_size(extents);
	s->info.sector_size = base->info.sector_size;
	s->info.physical_sector_size = base->info.physical_sector_size;
	*out = ATHAR_GIVE(s);
	return ATHAR_OK;
}
