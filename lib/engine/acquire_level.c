/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two images of which one stands farther than the other: what the other lacks is copied from there,
 * since the medium may not give it a second time.
 */
#include "engine/acquisition.h"

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
