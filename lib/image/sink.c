/* SPDX-License-Identifier: BSD-2-Clause */
#include "image/sink.h"

#include <string.h>

#include "base/alloc.h"

static athar_status check_spec(const athar_sink_spec *spec, athar_error *err)
{
	if (spec->folder == NULL || spec->name == NULL || spec->name[0] == '\0' ||
	    strchr(spec->name, '/') != NULL)
		return athar_fail(err, ATHAR_EUSAGE, "an image needs a folder and a plain name");
	if (spec->media_size == 0 || spec->media_size > INT64_MAX)
		return athar_fail(err, ATHAR_EUSAGE, "an image of %llu bytes cannot be made",
		                  (unsigned long long)spec->media_size);
	return ATHAR_OK;
}

athar_status athar_sink_open(athar_sink **out, const athar_sink_driver *driver,
                             const athar_sink_spec *spec, athar_error *err)
{
	ATHAR_AUTO(sink) athar_sink *sink = NULL;

	if (driver == NULL)
		return athar_fail(err, ATHAR_EUSAGE, "no such image format");
	ATHAR_TRY(check_spec(spec, err));
	sink = athar_alloc(sizeof *sink, err);
	if (sink == NULL)
		return err->status;
	sink->driver = driver;
	sink->spec = *spec;
	ATHAR_TRY(driver->open(sink, spec, err));
	*out = ATHAR_GIVE(sink);
	return ATHAR_OK;
}

athar_status athar_sink_put(athar_sink *sink, const athar_chunk *chunk, athar_error *err)
{
	return sink->driver->put(sink, chunk, err);
}

athar_status athar_sink_commit(athar_sink *sink, const athar_digests *media, athar_error *err)
{
	ATHAR_TRY(sink->driver->commit(sink, media, err));
	sink->committed = true;
	return ATHAR_OK;
}

void athar_sink_close(athar_sink *sink)
{
	if (sink == NULL)
		return;
	/* After a commit there is only memory left to give back. */
	sink->driver->abandon(sink);
	free(sink);
}
