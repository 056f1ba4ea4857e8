/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/imaging.h"

#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "digest/digest.h"
#include "engine/pass.h"

#define CHUNK_SLACK 4096u

/* What a slab carries besides its data: its chunks, packed, and its hash. */
typedef struct extra {
	uint8_t hash[32];
	size_t chunks;
	athar_chunk chunk[]; /* as many as fit a slab; their buffers lie behind */
} extra;

typedef struct copying {
	athar_imaging *m;
	athar_leg *leg;
	uint64_t start;
	_Atomic uint64_t size; /* the image's, as far as it is known */
	uint32_t chunk_size;
	size_t chunks;   /* to a slab */
	unsigned slabs;  /* of the pipeline */
	athar_runs *bad; /* of each slab under way: the reader's until it hands the slab on */
	_Atomic uint64_t bad_bytes;
	_Atomic bool stop; /* a pipe may have nothing to say while somebody wants to end */
} copying;

static uint8_t *chunk_buffer(const copying *c, extra *x, size_t i)
{
	uint8_t *first = (uint8_t *)&x->chunk[c->chunks];

	return first + i * (c->chunk_size + CHUNK_SLACK);
}

/* ---- reading ---- */

/* All of the block, or the leg ends before it: what of it was good is kept for who rescues. */
static athar_status read_medium(copying *c, athar_slab *slab, bool *end, athar_error *err)
{
	athar_leg *leg = c->leg;

	ATHAR_TRY(athar_medium_read(leg->medium, false, slab->data, slab->length, slab->offset,
	                            &leg->good, &leg->ended, err));
	*end = leg->ended != ATHAR_ATTEMPT_READ;
	if (*end)
		memcpy(leg->medium->spare, slab->data, leg->good);
	return ATHAR_OK;
}

static athar_status meet_end(copying *c, athar_slab *slab, size_t got, bool *end, athar_error *err)
{
	*end = c->stop || got == 0;
	if (c->stop)
		return ATHAR_OK;
	if (c->size != ATHAR_MEDIA_UNKNOWN)
		return athar_fail_at(
			err, ATHAR_EIO, slab->offset + got,
			"the source ends before its size says: was it changed meanwhile?");
	slab->length = got;
	c->size = slab->offset + got;
	return ATHAR_OK;
}

/* Reads are large and never stop at a bad place: the source gives zeros for it and says so. A pipe
 * may give less at a time; it ends where it ends. */
static athar_status read_source(copying *c, athar_slab *slab, bool *end, athar_error *err)
{
	const athar_source_info *info = athar_source_describe(c->leg->source);
	athar_runs *bad = &c->bad[slab->index % c->slabs];
	size_t done = 0, got = 0;

	bad->count = 0;
	while (done < slab->length && !c->stop) {
		ATHAR_TRY(athar_source_read(c->leg->source, slab->data + done, slab->length - done,
		                            slab->offset + done, &got, bad, err));
		done += got;
		if (got == 0 && !(info->streamed && info->size == ATHAR_SIZE_UNKNOWN))
			break;
	}
	(void)atomic_fetch_add_explicit(&c->bad_bytes, athar_runs_total(bad), memory_order_relaxed);
	return done == slab->length ? ATHAR_OK : meet_end(c, slab, done, end, err);
}

static athar_status read_slab(void *user, athar_slab *slab, bool *end, athar_error *err)
{
	copying *c = user;
	const uint64_t until = athar_min(c->leg->until, c->size);

	slab->offset = c->start + slab->index * ATHAR_BLOCK_SIZE;
	if (slab->offset >= until) {
		*end = true;
		return ATHAR_OK;
	}
	slab->length = (size_t)athar_min(ATHAR_BLOCK_SIZE, until - slab->offset);
	return c->leg->medium != NULL ? read_medium(c, slab, end, err)
	                              : read_source(c, slab, end, err);
}

/* ---- packing ---- */

/* An E01 holds whole sectors. */
static size_t fill_sector(const copying *c, const athar_slab *slab)
{
	const uint32_t sector = c->m->sector;
	size_t length = slab->length;

	if (sector == 0 || length % sector == 0)
		return length;
	length = (size_t)athar_round_up(length, sector);
	memset(slab->data + slab->length, 0, length - slab->length);
	return length;
}

static athar_status pack(const copying *c, athar_packer *packer, athar_slab *slab, athar_error *err)
{
	const size_t length = fill_sector(c, slab);
	extra *x = slab->extra;

	x->chunks = 0;
	for (size_t at = 0; at < length; at += c->chunk_size) {
		athar_chunk *chunk = &x->chunk[x->chunks];

		*chunk = (athar_chunk){.data = chunk_buffer(c, x, x->chunks),
		                       .capacity = c->chunk_size + CHUNK_SLACK};
		ATHAR_TRY(c->m->driver->pack(chunk, packer, slab->data + at,
		                             (size_t)athar_min(c->chunk_size, length - at), err));
		x->chunks++;
	}
	return ATHAR_OK;
}

static athar_status work(void *user, void *local, athar_slab *slab, athar_error *err)
{
	const copying *c = user;
	extra *x = slab->extra;

	ATHAR_TRY(athar_block_hash(x->hash, slab->data, slab->length, err));
	return pack(c, local, slab, err);
}

static athar_status worker_new(void **local, void *user, athar_error *err)
{
	const copying *c = user;
	athar_packer *packer = NULL;

	ATHAR_TRY(athar_packer_new(&packer, c->m->compression, err));
	*local = packer;
	return ATHAR_OK;
}

static void worker_free(void *local)
{
	athar_packer_free(local);
}

/* ---- storing ---- */

static athar_status add_runs(athar_runs *to, const athar_runs *from, athar_error *err)
{
	for (size_t i = 0; i < from->count; i++) {
		const athar_run *r = &from->run[i];

		ATHAR_TRY(athar_runs_add(to, r->offset, r->length, r->kind, err));
	}
	return ATHAR_OK;
}

static athar_status checkpoint(athar_imaging *m, athar_error *err)
{
	ATHAR_TRY(athar_outlets_checkpoint(&m->outlets, err));
	return m->stored == NULL ? ATHAR_OK : m->stored(m->user, err);
}

static athar_status commit(void *user, const athar_slab *slab, athar_error *err)
{
	copying *c = user;
	athar_imaging *m = c->m;
	const extra *x = slab->extra;

	for (size_t i = 0; i < x->chunks; i++)
		ATHAR_TRY(athar_outlets_put(&m->outlets, &x->chunk[i], err));
	ATHAR_TRY(athar_outlets_line(&m->outlets, slab->offset, x->hash, err));
	ATHAR_TRY(add_runs(&m->bad, &c->bad[slab->index % c->slabs], err));
	m->at = slab->offset + slab->length;
	return m->at % ATHAR_CHECKPOINT == 0 ? checkpoint(m, err) : ATHAR_OK;
}

static bool tick(void *user, uint64_t slabs)
{
	copying *c = user;
	const uint64_t size = c->size;
	athar_progress progress = {.phase = c->leg->phase};

	progress.total = size == ATHAR_MEDIA_UNKNOWN ? 0 : size;
	progress.done = athar_min(c->start + slabs * ATHAR_BLOCK_SIZE, size);
	progress.bad = atomic_load_explicit(&c->bad_bytes, memory_order_relaxed);
	athar_watch_progress(c->m->watcher, &progress);
	athar_outlets_tell(&c->m->outlets, c->m->watcher);
	if (c->m->watch != NULL)
		c->m->watch(c->m->user);
	c->stop = athar_watch_cancelled(c->m->watcher);
	return c->stop;
}

static athar_status run(copying *c, athar_error *err)
{
	const unsigned workers = athar_pass_workers(c->m->threads);
	const athar_pipe_spec spec = {
		.slab_size = ATHAR_BLOCK_SIZE,
		.extra_size = sizeof(extra) +
	                      c->chunks * (sizeof(athar_chunk) + c->chunk_size + CHUNK_SLACK),
		.slabs = c->slabs,
		.workers = workers,
		.read = read_slab,
		.work = work,
		.worker_new = worker_new,
		.worker_free = worker_free,
		.commit = commit,
		.taps = c->m->taps.tap,
		.tap_count = c->m->taps.count,
		.user = c,
		.tick = tick,
	};

	return athar_pipe_run(&spec, err);
}

athar_status athar_imaging_copy(athar_imaging *m, athar_leg *leg, athar_error *err)
{
	const uint32_t chunk_size = m->driver->chunk_size;
	copying c = {.m = m,
	             .leg = leg,
	             .start = m->at,
	             .size = m->size,
	             .chunk_size = chunk_size,
	             .chunks = ATHAR_BLOCK_SIZE / chunk_size,
	             .slabs = athar_pass_workers(m->threads) + 14,
	             .bad_bytes = athar_runs_total(&m->bad)};
	athar_status status;

	leg->ended = ATHAR_ATTEMPT_READ;
	c.bad = athar_alloc_array(c.slabs, sizeof *c.bad, err);
	if (c.bad == NULL)
		return ATHAR_ENOMEM;
	status = run(&c, err);
	m->size = c.size;
	for (unsigned i = 0; i < c.slabs; i++)
		athar_runs_clear(&c.bad[i]);
	free(c.bad);
	athar_outlets_tell(&m->outlets, m->watcher);
	return status;
}

/* ---- what stands already ---- */

/* The next line that is a hash, and for this place. */
static bool read_line(void *user, uint64_t offset, uint8_t hash[32])
{
	FILE *list = user;
	char line[128];

	do {
		if (fgets(line, sizeof line, list) == NULL || strchr(line, '\n') == NULL)
			return false;
	} while (line[0] == '#');
	return athar_digest_unhex(hash, line) && strtoull(line + 64, NULL, 10) == offset;
}

static athar_status check_standing(uint64_t *stood, const athar_imaging *m, athar_taps *taps,
                                   athar_source *standing, FILE *list, uint64_t until,
                                   athar_error *err)
{
	ATHAR_AUTO(pass) athar_pass pass = {.bytes = 0};
	const athar_pass_spec spec = {.source = standing,
	                              .size = until,
	                              .taps = taps,
	                              .threads = m->threads,
	                              .expected = read_line,
	                              .user = list,
	                              .phase = "check what stands",
	                              .watcher = m->watcher};

	ATHAR_TRY(athar_pass_run(&pass, &spec, err));
	*stood = pass.bytes;
	return ATHAR_OK;
}

athar_status athar_imaging_stands(athar_imaging *m, athar_source *standing, FILE *list,
                                  uint64_t until, athar_error *err)
{
	return check_standing(&m->at, m, &m->taps, standing, list, until, err);
}

athar_status athar_imaging_measure(uint64_t *out, const athar_imaging *m, athar_source *standing,
                                   FILE *list, athar_error *err)
{
	return check_standing(out, m, NULL, standing, list, m->size, err);
}

static athar_status list_block(void *user, uint64_t offset, const uint8_t *data, size_t len,
                               const uint8_t hash[32], athar_error *err)
{
	athar_imaging *m = user;

	(void)data;
	m->at = offset + len;
	return athar_outlets_line(&m->outlets, offset, hash, err);
}

athar_status athar_imaging_list(athar_imaging *m, athar_source *standing, const athar_runs *lacking,
                                athar_error *err)
{
	ATHAR_AUTO(pass) athar_pass pass = {.bytes = 0};
	const athar_pass_spec spec = {.source = standing,
	                              .start = m->at,
	                              .size = m->size,
	                              .taps = &m->taps,
	                              .threads = m->threads,
	                              .block = list_block,
	                              .block_hashes = true,
	                              .user = m,
	                              .phase = "hash",
	                              .watcher = m->watcher};

	ATHAR_TRY(athar_pass_run(&pass, &spec, err));
	if (pass.bad.count != 0)
		return athar_fail_at(err, ATHAR_EIO, pass.bad.run[0].offset,
		                     "%s cannot be read where it was just written",
		                     athar_source_describe(standing)->path);
	return add_runs(&m->bad, lacking, err);
}

/* ---- the beginning and the end ---- */

athar_status athar_imaging_begin(athar_imaging *m, unsigned hashes, athar_error *err)
{
	return athar_taps_add(&m->taps, hashes, err);
}

athar_status athar_imaging_end(athar_imaging *m, athar_error *err)
{
	const uint64_t rest = m->sector == 0 ? 0 : m->size % m->sector;

	if (m->at != m->size)
		return athar_fail(err, ATHAR_EUSAGE, "the image has %llu of its %llu bytes",
		                  (unsigned long long)m->at, (unsigned long long)m->size);
	if (rest != 0)
		ATHAR_TRY(athar_taps_padded(&m->padded, &m->taps, m->sector - rest, err));
	ATHAR_TRY(athar_taps_finish(&m->hashes, &m->taps, err));
	if (m->streamed)
		ATHAR_TRY(athar_outlets_set_size(&m->outlets, m->size, err));
	return athar_outlets_commit(&m->outlets, rest != 0 ? &m->padded : &m->hashes, &m->bad, err);
}

void athar_imaging_close(athar_imaging *m, bool keep)
{
	athar_outlets_close(&m->outlets, keep);
	athar_taps_clear(&m->taps);
	athar_runs_clear(&m->bad);
}
