/* SPDX-License-Identifier: BSD-2-Clause */
#include "image/sink.h"

#include <string.h>

#include "base/alloc.h"

static athar_status check_size(uint64_t media_size, athar_error *err)
{
	if (media_size == 0 || media_size > INT64_MAX)
		return athar_fail(err, ATHAR_EUSAGE, "an image of %llu bytes cannot be made",
		                  (unsigned long long)media_size);
	return ATHAR_OK;
}

static athar_status check_spec(const athar_sink_spec *spec, athar_error *err)
{
	if (spec->folder == NULL || spec->name == NULL || spec->name[0] == '\0' ||
	    strchr(spec->name, '/') != NULL)
		return athar_fail(err, ATHAR_EUSAGE, "an image needs a folder and a plain name");
	return spec->media_size == ATHAR_MEDIA_UNKNOWN ? ATHAR_OK
	                                               : check_size(spec->media_size, err);
}

static athar_status new_sink(athar_sink **out, const athar_sink_driver *driver,
                             const athar_sink_spec *spec, athar_error *err)
{
	if (driver == NULL)
		return athar_fail(err, ATHAR_EUSAGE, "no such image format");
	ATHAR_TRY(check_spec(spec, err));
	*out = athar_alloc(sizeof **out, err);
	if (*out == NULL)
		return err->status;
	(*out)->driver = driver;
	(*out)->spec = *spec;
	return ATHAR_OK;
}

athar_status athar_sink_open(athar_sink **out, const athar_sink_driver *driver,
                             const athar_sink_spec *spec, athar_error *err)
{
	ATHAR_AUTO(sink) athar_sink *sink = NULL;

	ATHAR_TRY(new_sink(&sink, driver, spec, err));
	ATHAR_TRY(driver->open(sink, spec, err));
	*out = ATHAR_GIVE(sink);
	return ATHAR_OK;
}

athar_status athar_sink_resume(athar_sink **out, const athar_sink_driver *driver,
                               const athar_sink_spec *spec, uint64_t keep, athar_error *err)
{
	ATHAR_AUTO(sink) athar_sink *sink = NULL;

	ATHAR_TRY(new_sink(&sink, driver, spec, err));
	/* What cannot be gone on with must not be lost for that. */
	sink->keep = true;
	ATHAR_TRY(driver->resume(sink, spec, keep, err));
	sink->keep = false;
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

athar_status athar_sink_checkpoint(athar_sink *sink, athar_error *err)
{
	return sink->driver->checkpoint(sink, err);
}

athar_status athar_sink_set_size(athar_sink *sink, uint64_t media_size, athar_error *err)
{
	if (sink->spec.media_size != ATHAR_MEDIA_UNKNOWN && sink->spec.media_size != media_size)
		return athar_fail(err, ATHAR_EUSAGE, "the size of the medium was known: %llu bytes",
		                  (unsigned long long)sink->spec.media_size);
	ATHAR_TRY(check_size(media_size, err));
	sink->spec.media_size = media_size;
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
