/* SPDX-License-Identifier: BSD-2-Clause */
/* A device that went away is waited for, and opened again where it is the same. */
#include <time.h>

#include "engine/acquisition.h"

#define NANOSECONDS INT64_C(1000000000)
#define BETWEEN (NANOSECONDS / 5)

static int64_t steady(const athar_acquisition *a)
{
	return a->context->steady == NULL ? 0 : a->context->steady(a->context->user);
}

/* A place that was read; without one the first sector has to answer. */
static uint64_t good_place(const athar_acquisition *a)
{
	for (size_t i = 0; i < a->map.count; i++)
		if (athar_map_at(&a->map, i).state == ATHAR_MAP_FINISHED)
			return athar_map_at(&a->map, i).offset;
	return 0;
}

/* It is there, and can be read. */
static bool answers(athar_acquisition *a)
{
	athar_attempt how = ATHAR_ATTEMPT_FAILED;
	athar_error err = ATHAR_ERROR_INIT;
	size_t got = 0;
	uint8_t byte;

	if (athar_medium_read(&a->medium, true, &byte, 1, good_place(a), &got, &how, &err) !=
	    ATHAR_OK)
		return false;
	return how == ATHAR_ATTEMPT_READ;
}

/* One try; *back where it worked. */
static athar_status try_again(bool *back, athar_acquisition *a, athar_error *err)
{
	ATHAR_AUTO(source) athar_source *found = NULL;
	const athar_status status = athar_gate_reopen(&found, a->gate, err);

	if (status == ATHAR_EIO)
		return ATHAR_OK;
	ATHAR_TRY(status);
	athar_source_close(a->source);
	a->source = ATHAR_GIVE(found);
	ATHAR_TRY(athar_acquisition_window(a, err));
	a->info = athar_source_describe(a->source);
	a->medium.source = a->source;
	*back = answers(a);
	return ATHAR_OK;
}

static athar_status pause_for(const athar_acquisition *a, athar_error *err)
{
	const struct timespec t = {0, BETWEEN};
	const athar_progress progress = {.phase = "waiting for the device"};

	(void)nanosleep(&t, NULL);
	athar_watch_progress(a->watcher, &progress);
	if (athar_watch_cancelled(a->watcher))
		return athar_fail(err, ATHAR_ECANCELED, "stopped on request");
	return ATHAR_OK;
}

athar_status athar_acquisition_wait(bool *back, athar_acquisition *a, athar_error *err)
{
	const int64_t until = steady(a) + a->options.wait_device * NANOSECONDS;

	*back = false;
	if (a->options.wait_device == 0 || a->gate == NULL || a->context->steady == NULL)
		return ATHAR_OK;
	athar_watch_notice(a->watcher, "%s does not answer any more: waiting for it, %u seconds",
	                   a->options.source, a->options.wait_device);
	while (!*back && steady(a) < until) {
		ATHAR_TRY(pause_for(a, err));
		ATHAR_TRY(try_again(back, a, err));
	}
	if (*back)
		athar_watch_notice(a->watcher, "%s is back, as %s", a->options.source,
		                   a->info->path);
	return ATHAR_OK;
}
