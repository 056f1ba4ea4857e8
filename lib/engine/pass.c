/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/pass.h"

#include <string.h>

#include "base/check.h"
#include "digest/digest.h"
#include "engine/taps.h"
#include "image/driver.h"
#include "pipe/pipe.h"

/* Room for a stored chunk: a little more than its media bytes, for writers whose deflate grew. */
#define CHUNK_SLACK 8192u
/* Smaller chunks would need more room for their slack than for themselves: they are read. */
#define CHUNK_LEAST 4096u

/* What a slab carries besides its data. */
typedef struct extra {
	uint8_t hash[32], expected[32];
	size_t chunks;
	athar_chunk chunk[]; /* as many as fit a slab; their buffers lie behind */
} extra;

typedef struct pass {
	const athar_pass_spec *spec;
	athar_pass *out;
	athar_source *source;
	uint64_t size;
	uint32_t chunk_size; /* 0: the source is read, not fetched */
	size_t chunks;       /* to a slab */
	athar_runs read_bad; /* the reader thread's own until the end */
} pass;

unsigned athar_pass_workers(unsigned threads)
{
	return threads == 0 ? athar_pipe_processors() : threads;
}

static uint8_t *chunk_buffer(const pass *p, extra *x, size_t i)
{
	uint8_t *first = (uint8_t *)&x->chunk[p->chunks];

	return first + i * (p->chunk_size + CHUNK_SLACK);
}

static size_t extra_size(const pass *p)
{
	return sizeof(extra) + p->chunks * (sizeof(athar_chunk) + p->chunk_size + CHUNK_SLACK);
}

/* The chunks of one slab as the container stores them. */
static athar_status fetch(pass *p, athar_slab *slab, athar_error *err)
{
	extra *x = slab->extra;
	uint64_t first = slab->offset / p->chunk_size;
	uint64_t left = slab->length;

	for (x->chunks = 0; left > 0 && x->chunks < p->chunks; x->chunks++) {
		athar_chunk *c = &x->chunk[x->chunks];

		*c = (athar_chunk){.data = chunk_buffer(p, x, x->chunks),
		                   .capacity = p->chunk_size + CHUNK_SLACK};
		ATHAR_TRY(p->source->driver->fetch(p->source, first + x->chunks, c, err));
		if (c->media == 0 || c->media > p->chunk_size)
			return athar_fail_at(err, ATHAR_EFORMAT, slab->offset,
			                     "%s: chunk %llu has no sensible size",
			                     p->source->info.path,
			                     (unsigned long long)(first + x->chunks));
		left -= athar_min(left, c->media);
	}
	return ATHAR_OK;
}

/* Past athar_source_read, which gives zeros for what was known to be bad when the image was made:
 * the hashes on record are of what the container holds there. */
static athar_status read_slab(void *user, athar_slab *slab, bool *end, athar_error *err)
{
	pass *p = user;
	extra *x = slab->extra;

	slab->offset = p->spec->start + slab->index * ATHAR_BLOCK_SIZE;
	if (slab->offset >= p->size ||
	    (p->spec->expected != NULL &&
	     !p->spec->expected(p->spec->user, slab->offset, x->expected))) {
		*end = true;
		return ATHAR_OK;
	}
	slab->length = (size_t)athar_min(ATHAR_BLOCK_SIZE, p->size - slab->offset);
	if (p->chunk_size != 0)
		return fetch(p, slab, err);
	return p->source->driver->read(p->source, slab->data, slab->length, slab->offset,
	                               &p->read_bad, err);
}

/* A damaged chunk becomes zeros; commit sees that it is and records its range. */
static void unpack(const pass *p, athar_slab *slab)
{
	extra *x = slab->extra;

	for (size_t i = 0; i < x->chunks; i++) {
		athar_chunk *c = &x->chunk[i];
		uint8_t *out = slab->data + i * p->chunk_size;

		if (!c->damaged)
			c->damaged = !athar_chunk_unpack(out, c, c->why);
		if (c->damaged)
			memset(out, 0, c->media);
	}
}

/* Zeros in a damaged chunk's stead may be just what its block held. */
static bool is_damaged(const pass *p, const extra *x)
{
	for (size_t i = 0; p->chunk_size != 0 && i < x->chunks; i++)
		if (x->chunk[i].damaged)
			return true;
	return false;
}

static athar_status work(void *user, void *local, athar_slab *slab, athar_error *err)
{
	const pass *p = user;
	extra *x = slab->extra;

	(void)local;
	if (p->chunk_size != 0)
		unpack(p, slab);
	if (!p->spec->block_hashes && p->spec->expected == NULL)
		return ATHAR_OK;
	ATHAR_TRY(athar_block_hash(x->hash, slab->data, slab->length, err));
	if (p->spec->expected == NULL ||
	    (memcmp(x->hash, x->expected, sizeof x->hash) == 0 && !is_damaged(p, x)))
		return ATHAR_OK;
	return athar_fail_at(err, ATHAR_EMISMATCH, slab->offset, "the block is another one");
}

athar_status athar_damage_add(athar_runs *runs, bool *coarse, uint64_t offset, uint64_t length,
                              athar_run_kind kind, athar_error *err)
{
	uint64_t from = offset;

	if (runs->count >= ATHAR_DAMAGE_MOST) {
		const athar_run *last = &runs->run[runs->count - 1];

		from = athar_min(offset, last->offset + last->length);
		*coarse = *coarse || from < offset;
		length += offset - from;
		kind = last->kind;
	}
	return athar_runs_add(runs, from, length, kind, err);
}

/* Of the range that was added last. */
static void note_why(athar_pass *out, const char *why)
{
	const size_t last = out->bad.count - 1;

	if (last < ATHAR_PASS_WHYS && out->why[last][0] == '\0')
		(void)snprintf(out->why[last], sizeof out->why[last], "%s", why);
}

static athar_status note_damage(pass *p, const athar_slab *slab, const extra *x, athar_error *err)
{
	for (size_t i = 0; i < x->chunks; i++) {
		const athar_chunk *c = &x->chunk[i];

		if (!c->damaged)
			continue;
		ATHAR_TRY(athar_damage_add(&p->out->bad, &p->out->coarse,
		                           slab->offset + i * p->chunk_size, c->media,
		                           ATHAR_RUN_BAD, err));
		note_why(p->out, c->why);
	}
	return ATHAR_OK;
}

static athar_status commit(void *user, const athar_slab *slab, athar_error *err)
{
	pass *p = user;
	const extra *x = slab->extra;

	if (p->chunk_size != 0)
		ATHAR_TRY(note_damage(p, slab, x, err));
	p->out->bytes = slab->offset + slab->length;
	if (p->spec->block == NULL)
		return ATHAR_OK;
	return p->spec->block(p->spec->user, slab->offset, slab->data, slab->length,
	                      p->spec->block_hashes ? x->hash : NULL, err);
}

static bool tick(void *user, uint64_t slabs)
{
	const pass *p = user;
	athar_progress progress = {.phase = p->spec->phase, .total = p->size};

	progress.done = athar_min(p->spec->start + slabs * ATHAR_BLOCK_SIZE, p->size);
	athar_watch_progress(p->spec->watcher, &progress);
	return athar_watch_cancelled(p->spec->watcher);
}

static athar_status keep_damage(pass *p, athar_error *err)
{
	for (size_t i = 0; i < p->read_bad.count; i++) {
		const athar_run *r = &p->read_bad.run[i];

		ATHAR_TRY(athar_damage_add(&p->out->bad, &p->out->coarse, r->offset, r->length,
		                           r->kind, err));
		note_why(p->out, "it cannot be read");
	}
	return ATHAR_OK;
}

static athar_status run(pass *p, athar_taps *taps, athar_error *err)
{
	unsigned workers = athar_pass_workers(p->spec->threads);
	athar_pipe_spec spec = {
		.slab_size = ATHAR_BLOCK_SIZE,
		.extra_size = extra_size(p),
		.slabs = workers + 14,
		.workers = workers,
		.taps_after_work = p->chunk_size != 0 || p->spec->expected != NULL,
		.read = read_slab,
		.work = work,
		.commit = commit,
		.taps = taps->tap,
		.tap_count = taps->count,
		.user = p,
		.tick = tick,
	};
	athar_status status = athar_pipe_run(&spec, err);

	if (status != ATHAR_OK && !(status == ATHAR_EMISMATCH && p->spec->expected != NULL))
		return status;
	return keep_damage(p, err);
}

athar_status athar_pass_run(athar_pass *out, const athar_pass_spec *spec, athar_error *err)
{
	ATHAR_AUTO(taps) athar_taps taps = {.count = 0};
	const athar_source_info *info = athar_source_describe(spec->source);
	pass p = {.spec = spec, .out = out, .source = spec->source};

	*out = (athar_pass){.bytes = spec->start};
	p.size = athar_min(info->size, spec->size);
	if (spec->source->driver->fetch != NULL && info->chunk_size >= CHUNK_LEAST &&
	    ATHAR_BLOCK_SIZE % info->chunk_size == 0) {
		p.chunk_size = info->chunk_size;
		p.chunks = ATHAR_BLOCK_SIZE / info->chunk_size;
	}
	ATHAR_TRY(athar_taps_add(&taps, spec->taps == NULL ? spec->hashes : 0, err));
	athar_status status = run(&p, spec->taps == NULL ? &taps : spec->taps, err);
	athar_runs_clear(&p.read_bad);
	if (status != ATHAR_OK)
		return status;
	return athar_taps_finish(&out->hashes, &taps, err);
}

void athar_pass_clear(athar_pass *done)
{
	athar_runs_clear(&done->bad);
}
