/* SPDX-License-Identifier: BSD-2-Clause */
/* The legs of an image: in order while that goes well, then what is rescued. */
#include "base/check.h"
#include "engine/acquisition.h"

/* Where each checkpoint is: the map of a container's bad places is durable with it. */
static athar_status stored(void *user, athar_error *err)
{
	athar_acquisition *a = user;

	return a->has_medium ? ATHAR_OK : athar_acquisition_save(a, err);
}

/* A container or a pipe: what it cannot give is zeros, and known to be. */
static athar_status read_container(athar_acquisition *a, athar_error *err)
{
	athar_leg leg = {.source = a->source, .until = a->imaging.size, .phase = "acquire"};

	ATHAR_TRY(athar_imaging_copy(&a->imaging, &leg, err));
	if (a->imaging.size == 0)
		return athar_fail(err, ATHAR_EREFUSED, "%s holds no bytes", a->options.source);
	return ATHAR_OK;
}

static athar_status fail_gone(const athar_acquisition *a, athar_error *err)
{
	return athar_fail_at(err, ATHAR_EIO, a->imaging.at, "%s is not there any more",
	                     a->options.source);
}

/* One leg of large reads in order; again when the device was away and is back. */
static athar_status read_leg(athar_attempt *ended, athar_acquisition *a, athar_error *err)
{
	bool back = true;

	while (back) {
		athar_leg leg = {
			.medium = &a->medium, .until = a->imaging.size, .phase = "acquire"};

		ATHAR_TRY(athar_imaging_copy(&a->imaging, &leg, err));
		a->session.healthy = a->imaging.at;
		*ended = leg.ended;
		a->spare = leg.ended == ATHAR_ATTEMPT_FAILED ? leg.good : 0;
		if (leg.ended != ATHAR_ATTEMPT_GONE)
			return ATHAR_OK;
		ATHAR_TRY(athar_acquisition_wait(&back, a, err));
	}
	return fail_gone(a, err);
}

/* In order, until a read fails. */
static athar_status read_healthy(athar_acquisition *a, athar_error *err)
{
	athar_attempt ended = ATHAR_ATTEMPT_READ;

	ATHAR_TRY(read_leg(&ended, a, err));
	if (ended == ATHAR_ATTEMPT_READ)
		return ATHAR_OK;
	a->session.rescue = true;
	athar_watch_notice(a->watcher,
	                   "%s fails at byte %llu: what was read stands, the rest is rescued now",
	                   a->options.source, (unsigned long long)a->imaging.at);
	return ATHAR_OK;
}

athar_status athar_acquisition_same(athar_acquisition *a, athar_error *err)
{
	athar_error own = ATHAR_ERROR_INIT;
	athar_status status;

	if (a->gate == NULL || a->options.as_is)
		return ATHAR_OK;
	status = athar_gate_check(a->gate, &own);
	a->after = status == ATHAR_OK ? "same" : status == ATHAR_EREFUSED ? "another" : "away";
	if (status == ATHAR_OK)
		return ATHAR_OK;
	if (status != ATHAR_EREFUSED) {
		athar_watch_notice(a->watcher, "after the last read: %s", own.text);
		return ATHAR_OK;
	}
	return athar_fail(err, ATHAR_EIO, "%s is not what it was when it was opened: %.200s",
	                  a->options.source, own.text);
}

static void watch(void *user)
{
	athar_acquisition_watch(user);
}

athar_status athar_acquisition_read(athar_acquisition *a, athar_error *err)
{
	a->imaging.stored = stored;
	a->imaging.watch = watch;
	a->imaging.user = a;
	if (!a->has_medium)
		return read_container(a, err);
	if (!a->session.rescue && !a->options.as_is)
		ATHAR_TRY(read_healthy(a, err));
	if (a->imaging.at != a->imaging.size)
		return athar_acquisition_rescue(a, err);
	return athar_acquisition_same(a, err);
}
