/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/imaging.h"

#include <stdatomic.h>
#include <string.h>

#include "base/check.h"
#include "digest/digest.h"
#include "engine/pass.h"
#include "engine/taps.h"

#define CHUNK_SLACK 4096u

/* What a slab carries besides its data: its chunks, packed, and its hash. */
typedef struct extra {
	uint8_t hash[32];
	size_t chunks;
	athar_chunk chunk[]; /* as many as fit a slab; their buffers lie behind */
} extra;

typedef struct imaging {
	const athar_imaging_spec *spec;
	athar_imaging *out;
	uint64_t size;
	uint32_t chunk_size, pad; /* pad 0: the container takes any length */
	size_t chunks;
	_Atomic uint64_t bad_bytes;
} imaging;

static uint8_t *chunk_buffer(const imaging *m, extra *x, size_t i)
{
	uint8_t *first = (uint8_t *)&x->chunk[m->chunks];

	return first + i * (m->chunk_size + CHUNK_SLACK);
}

/* Counted as they come: a sick disk may have a million of them. */
static athar_status note_bad(imaging *m, const athar_runs *bad, athar_error *err)
{
	for (size_t i = 0; i < bad->count; i++) {
		const athar_run *r = &bad->run[i];

		ATHAR_TRY(athar_runs_add(&m->out->bad, r->offset, r->length, r->kind, err));
		(void)atomic_fetch_add_explicit(&m->bad_bytes, r->length, memory_order_relaxed);
	}
	return ATHAR_OK;
}

/* Reads are large and never stop at a bad sector: the source gives zeros for it and says so. */
static athar_status read_slab(void *user, athar_slab *slab, bool *end, athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;
	imaging *m = user;
	size_t got = 0;

	slab->offset = slab->index * ATHAR_BLOCK_SIZE;
	if (slab->offset >= m->size) {
		*end = true;
		return ATHAR_OK;
	}
	slab->length = (size_t)athar_min(ATHAR_BLOCK_SIZE, m->size - slab->offset);
	ATHAR_TRY(athar_source_read(m->spec->source, slab->data, slab->length, slab->offset, &got,
	                            &bad, err));
	if (got != slab->length)
		return athar_fail_at(
			err, ATHAR_EIO, slab->offset + got,
			"the source ends before its size says: was it changed meanwhile?");
	return note_bad(m, &bad, err);
}

static athar_status pack(const imaging *m, athar_packer *packer, athar_slab *slab, athar_error *err)
{
	extra *x = slab->extra;
	size_t length = slab->length;

	if (m->pad != 0 && length % m->pad != 0) {
		length = (size_t)athar_round_up(length, m->pad);
		memset(slab->data + slab->length, 0, length - slab->length);
	}
	x->chunks = 0;
	for (size_t at = 0; at < length; at += m->chunk_size) {
		athar_chunk *c = &x->chunk[x->chunks];

		*c = (athar_chunk){.data = chunk_buffer(m, x, x->chunks),
		                   .capacity = m->chunk_size + CHUNK_SLACK};
		ATHAR_TRY(m->spec->sink->driver->pack(c, packer, slab->data + at,
		                                      (size_t)athar_min(m->chunk_size, length - at),
		                                      err));
		x->chunks++;
	}
	return ATHAR_OK;
}

static athar_status work(void *user, void *local, athar_slab *slab, athar_error *err)
{
	const imaging *m = user;
	extra *x = slab->extra;

	ATHAR_TRY(athar_digest_sha256_raw(x->hash, slab->data, slab->length, err));
	return pack(m, local, slab, err);
}

static athar_status worker_new(void **local, void *user, athar_error *err)
{
	const imaging *m = user;
	athar_packer *packer = NULL;

	ATHAR_TRY(athar_packer_new(&packer, m->spec->sink->spec.compression, err));
	*local = packer;
	return ATHAR_OK;
}

static void worker_free(void *local)
{
	athar_packer_free(local);
}

static athar_status write_block_line(const imaging *m, const athar_slab *slab,
                                     const uint8_t hash[32], athar_error *err)
{
	char hex[65];

	athar_digest_hex(hex, hash);
	if (fprintf(m->spec->blocks, "%s  %llu\n", hex, (unsigned long long)slab->offset) < 0)
		return athar_fail_errno(err, "cannot write the block hashes");
	return ATHAR_OK;
}

static athar_status commit(void *user, const athar_slab *slab, athar_error *err)
{
	const imaging *m = user;
	const extra *x = slab->extra;

	for (size_t i = 0; i < x->chunks; i++)
		ATHAR_TRY(athar_sink_put(m->spec->sink, &x->chunk[i], err));
	return write_block_line(m, slab, x->hash, err);
}

static bool tick(void *user, uint64_t slabs)
{
	imaging *m = user;
	athar_progress progress = {.phase = "acquire", .total = m->size};

	progress.done = athar_min(slabs * ATHAR_BLOCK_SIZE, m->size);
	progress.bad = atomic_load_explicit(&m->bad_bytes, memory_order_relaxed);
	athar_watch_progress(m->spec->watcher, &progress);
	return athar_watch_cancelled(m->spec->watcher);
}

static athar_status run(imaging *m, athar_taps *taps, athar_error *err)
{
	unsigned workers = athar_pass_workers(m->spec->threads);
	athar_pipe_spec spec = {
		.slab_size = ATHAR_BLOCK_SIZE,
		.extra_size = sizeof(extra) +
	                      m->chunks * (sizeof(athar_chunk) + m->chunk_size + CHUNK_SLACK),
		.slabs = workers + 14,
		.workers = workers,
		.read = read_slab,
		.work = work,
		.worker_new = worker_new,
		.worker_free = worker_free,
		.commit = commit,
		.taps = taps->tap,
		.tap_count = taps->count,
		.user = m,
		.tick = tick,
	};

	return athar_pipe_run(&spec, err);
}

/* An E01 holds whole sectors: a source that does not is padded, and both hashes are kept. */
static athar_status open_taps(athar_taps *taps, imaging *m, bool ewf, athar_error *err)
{
	uint32_t sector = m->spec->sink->spec.sector_size;

	if (ewf && m->size % sector != 0)
		m->pad = sector;
	ATHAR_TRY(athar_taps_add(taps, m->spec->hashes, 0, err));
	return m->pad == 0 ? ATHAR_OK : athar_taps_add(taps, m->spec->hashes, m->pad, err);
}

athar_status athar_imaging_run(athar_imaging *out, const athar_imaging_spec *spec, athar_error *err)
{
	ATHAR_AUTO(taps) athar_taps taps = {.count = 0};
	const athar_sink_driver *driver = spec->sink->driver;
	imaging m = {.spec = spec, .out = out, .size = athar_source_describe(spec->source)->size};

	*out = (athar_imaging){.hashes = {0}};
	m.chunk_size = driver->chunk_size;
	m.chunks = ATHAR_BLOCK_SIZE / driver->chunk_size;
	ATHAR_TRY(open_taps(&taps, &m, strcmp(driver->name, "ewf") == 0, err));
	ATHAR_TRY(run(&m, &taps, err));
	ATHAR_TRY(athar_taps_finish(&out->hashes, &taps, 0, err));
	if (m.pad != 0)
		ATHAR_TRY(athar_taps_finish(&out->padded, &taps, m.pad, err));
	if (driver->bad != NULL && out->bad.count != 0)
		ATHAR_TRY(driver->bad(spec->sink, &out->bad, err));
	return athar_sink_commit(spec->sink, m.pad != 0 ? &out->padded : &out->hashes, err);
}

void athar_imaging_clear(athar_imaging *done)
{
	athar_runs_clear(&done->bad);
}
