/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two images of which one stands farther than the other: what the other lacks is copied from there,
 * since the medium may not give it a second time.
 */
#include "base/alloc.h"
#include "base/check.h"
#include "engine/acquisition.h"
#include "engine/pass.h"

/* Chunks are packed as they were: what comes of it is what an undisturbed run would have written.
 */
static athar_status copy_on(athar_imaging *m, const athar_sink_spec *spec, athar_source *from,
                            uint64_t until, athar_error *err)
{
	athar_leg leg = {.source = from, .until = until, .phase = "level the images"};

	ATHAR_TRY(athar_outlet_resume(&m->outlets, m->driver, spec, m->at, m->at, err));
	ATHAR_TRY(athar_imaging_copy(m, &leg, err));
	return athar_outlets_checkpoint(&m->outlets, err);
}

/* One that cannot be brought up is left behind, as it is while both are made. */
static bool is_left(athar_status status)
{
	return status != ATHAR_OK && status != ATHAR_ECANCELED && status != ATHAR_ENOMEM;
}

athar_status athar_acquisition_level(athar_acquisition *a, const athar_sink_spec *spec,
                                     uint64_t stood, athar_source *from, athar_error *err)
{
	athar_outlets *outlets = &a->imaging.outlets;
	athar_imaging m = {.driver = a->imaging.driver,
	                   .compression = a->imaging.compression,
	                   .threads = a->imaging.threads,
	                   .watcher = a->imaging.watcher,
	                   .size = a->imaging.size,
	                   .sector = a->imaging.sector,
	                   .at = stood};
	const athar_status status = copy_on(&m, spec, from, a->imaging.at, err);

	athar_runs_clear(&m.bad);
	outlets->one[outlets->count] = m.outlets.one[0];
	if (is_left(status)) {
		outlets->one[outlets->count].failed = *err;
		outlets->one[outlets->count].failed.status = status;
	}
	outlets->count++;
	return is_left(status) ? ATHAR_OK : status;
}

/* ---- images that grew in no order ---- */

athar_status athar_acquisition_note_behind(athar_acquisition *a, athar_error *err)
{
	const uint64_t behind = a->session.behind | athar_outlets_behind(&a->imaging.outlets);

	if (behind == a->session.behind)
		return ATHAR_OK;
	a->session.behind = behind;
	return athar_session_save(&a->session, a->exhibit, err);
}

static athar_status copy_range(athar_outlet *to, athar_source *from, uint8_t *buf, uint64_t at,
                               uint64_t end, athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;

	for (size_t got = 0; at < end; at += got) {
		const size_t len = (size_t)athar_min(ATHAR_BLOCK_SIZE, end - at);

		ATHAR_TRY(athar_source_read(from, buf, len, at, &got, &bad, err));
		if (got != len || bad.count != 0)
			return athar_fail_at(err, ATHAR_EIO, at, "%s cannot be read",
			                     athar_source_describe(from)->path);
		ATHAR_TRY(to->sink->driver->write_at(to->sink, buf, len, at, err));
	}
	return ATHAR_OK;
}

static athar_status copy_finished(const athar_acquisition *a, athar_outlet *to, athar_source *from,
                                  athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *buf = athar_alloc_pages(ATHAR_BLOCK_SIZE, err);

	if (buf == NULL)
		return ATHAR_ENOMEM;
	for (size_t i = 0; i < a->map.count; i++) {
		const athar_map_block b = athar_map_at(&a->map, i);

		if (b.state == ATHAR_MAP_FINISHED)
			ATHAR_TRY(copy_range(to, from, buf, b.offset, b.offset + b.length, err));
		if (athar_watch_cancelled(a->watcher))
			return athar_fail(err, ATHAR_ECANCELED, "stopped on request");
	}
	return athar_sink_checkpoint(to->sink, err);
}

athar_status athar_acquisition_catch_up(athar_acquisition *a, athar_error *err)
{
	ATHAR_AUTO(source) athar_source *from = NULL;
	athar_outlets *o = &a->imaging.outlets;
	athar_sink_spec spec;
	athar_status status;

	if (a->session.behind == 0 || o->count != ATHAR_OUTLETS)
		return ATHAR_OK;
	athar_outlet *to = &o->one[a->session.behind & 1 ? 0 : 1];
	athar_acquisition_spec(&spec, a);
	spec.folder = o->one[a->session.behind & 1 ? 1 : 0].folder;
	ATHAR_TRY(a->imaging.driver->standing(&from, &spec, err));
	status = copy_finished(a, to, from, err);
	if (is_left(status)) {
		to->failed = *err;
		to->failed.status = status;
		return ATHAR_OK;
	}
	ATHAR_TRY(status);
	a->session.behind = 0;
	return athar_session_save(&a->session, a->exhibit, err);
}
