/* SPDX-License-Identifier: BSD-2-Clause */
#include "image/window.h"

#include "base/alloc.h"
#include "base/check.h"
#include "base/idiom.h"
#include "image/source_new.h"

struct window {
	athar_source *base;
	uint64_t origin;            /* in the base */
	athar_source_driver driver; /* can what the base's can */
};

/* Past athar_source_read: what the base knows to be bad, the window knows too. */
static athar_status window_read(athar_source *source, void *buf, size_t len, uint64_t offset,
                                athar_runs *bad, athar_error *err)
{
	const struct window *w = source->state;
	ATHAR_AUTO(runs) athar_runs below = ATHAR_RUNS_INIT;

	ATHAR_TRY(w->base->driver->read(w->base, buf, len, w->origin + offset, &below, err));
	source->info.finding = w->base->info.finding;
	for (size_t i = 0; i < below.count; i++)
		ATHAR_TRY(athar_runs_add(bad, below.run[i].offset - w->origin, below.run[i].length,
		                         below.run[i].kind, err));
	return ATHAR_OK;
}

static void window_close(athar_source *source)
{
	struct window *w = source->state;

	if (w != NULL)
		athar_source_close(w->base);
	free(w);
}

static const char *window_segment(athar_source *source, uint64_t offset)
{
	const struct window *w = source->state;

	return athar_source_segment(w->base, w->origin + offset);
}

static athar_status window_fetch(athar_source *source, uint64_t index, athar_chunk *chunk,
                                 athar_error *err)
{
	const struct window *w = source->state;
	const uint64_t first = w->origin / w->base->info.chunk_size;

	return w->base->driver->fetch(w->base, first + index, chunk, err);
}

static int window_medium(const athar_source *source, bool direct)
{
	const struct window *w = source->state;

	return w->base->driver->medium(w->base, direct);
}

static bool chunks_fit(const athar_source *base, uint64_t offset, uint64_t size)
{
	const uint32_t chunk = base->info.chunk_size;

	return base->driver->fetch != NULL && chunk != 0 && offset % chunk == 0 &&
	       (size % chunk == 0 || offset + size == base->info.size);
}

static athar_status check(const athar_source_info *base, uint64_t offset, uint64_t size,
                          athar_error *err)
{
	if (base->streamed)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "%s is a stream: a part of it is cut out before it is sent",
		                  base->path);
	if (size == 0 || !athar_inside(offset, size, base->size))
		return athar_fail(err, ATHAR_EUSAGE,
		                  "%llu bytes at byte %llu are no part of %s, which has %llu",
		                  (unsigned long long)size, (unsigned long long)offset, base->path,
		                  (unsigned long long)base->size);
	if (offset % base->sector_size != 0 ||
	    (size % base->sector_size != 0 && offset + size != base->size))
		return athar_fail(err, ATHAR_EUSAGE,
		                  "a part of %s begins and ends with a sector: multiples of %u",
		                  base->path, base->sector_size);
	return ATHAR_OK;
}

static void describe(athar_source *source, const struct window *w, uint64_t size)
{
	athar_source_info *info = &source->info;
	const char *path = info->path;

	*info = w->base->info;
	info->path = path;
	info->size = size;
	info->origin += w->origin;
	info->stored = (athar_digests){.algorithms = 0};
	if (w->driver.fetch == NULL)
		info->chunk_size = 0;
}

static athar_status inherit_bad(athar_source *source, const struct window *w, athar_error *err)
{
	const athar_runs *known = &w->base->known_bad;
	const uint64_t begin = w->origin, end = begin + source->info.size;

	for (size_t i = 0; i < known->count; i++) {
		const athar_run *run = &known->run[i];
		const uint64_t lo = athar_max(run->offset, begin);
		const uint64_t hi = athar_min(run->offset + run->length, end);

		if (lo < hi)
			ATHAR_TRY(athar_runs_add(&source->known_bad, lo - begin, hi - lo, run->kind,
			                         err));
	}
	return ATHAR_OK;
}

static struct window *window_new(athar_source *base, uint64_t offset, uint64_t size,
                                 athar_error *err)
{
	struct window *w = athar_alloc(sizeof *w, err);

	if (w == NULL)
		return NULL;
	w->origin = offset;
	w->driver = (athar_source_driver){
		.name = base->driver->name,
		.summary = base->driver->summary,
		.read = window_read,
		.close = window_close,
		.segment = window_segment,
		.fetch = chunks_fit(base, offset, size) ? window_fetch : NULL,
		.medium = base->driver->medium != NULL ? window_medium : NULL,
	};
	return w;
}

athar_status athar_source_window(athar_source **out, athar_source *base, uint64_t offset,
                                 uint64_t size, athar_error *err)
{
	ATHAR_AUTO(source) athar_source *owned = base;
	ATHAR_AUTO(source) athar_source *s = NULL;
	ATHAR_AUTO(free) struct window *w = NULL;

	if (size == ATHAR_SIZE_UNKNOWN && offset <= base->info.size)
		size = base->info.size - offset;
	ATHAR_TRY(check(&base->info, offset, size, err));
	w = window_new(base, offset, size, err);
	if (w == NULL)
		return err->status;
	ATHAR_TRY(athar_source_new(&s, &w->driver, base->info.path, err));
	w->base = ATHAR_GIVE(owned);
	s->state = ATHAR_GIVE(w);
	describe(s, s->state, size);
	ATHAR_TRY(inherit_bad(s, s->state, err));
	*out = ATHAR_GIVE(s);
	return ATHAR_OK;
}
