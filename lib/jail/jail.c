/* SPDX-License-Identifier: BSD-2-Clause */
#include "jail/jail.h"

#include <poll.h>

#include "base/alloc.h"
#include "jail/pool.h"

enum { DEFAULT_SECONDS = 600, DEFAULT_IDLE = 120, FAREWELL = 1000 /* milliseconds */ };
#define DEFAULT_MEMORY (UINT64_C(1) << 30)
#define DEFAULT_BUFFER ((size_t)4 << 20)

static void fill_defaults(athar_jail_spec *spec)
{
	athar_jail_limits *limits = &spec->limits;

	limits->memory = limits->memory != 0 ? limits->memory : DEFAULT_MEMORY;
	limits->seconds = limits->seconds != 0 ? limits->seconds : DEFAULT_SECONDS;
	limits->idle_seconds = limits->idle_seconds != 0 ? limits->idle_seconds : DEFAULT_IDLE;
	limits->output = limits->output != 0 ? limits->output : UINT64_MAX;
	limits->messages = limits->messages != 0 ? limits->messages : UINT64_MAX;
	spec->buffer = spec->buffer != 0 ? spec->buffer : DEFAULT_BUFFER;
}

athar_status athar_jail_open(athar_jail **out, const athar_jail_spec *spec, athar_error *err)
{
	ATHAR_AUTO(jail) athar_jail *jail = NULL;

	if (spec->workers == 0 || spec->task == NULL)
		return athar_fail(err, ATHAR_EUSAGE, "a jail needs workers and something to do");
	jail = athar_alloc(sizeof *jail, err);
	if (jail == NULL)
		return ATHAR_ENOMEM;
	jail->spec = *spec;
	fill_defaults(&jail->spec);
	jail->slot = athar_alloc_array(spec->workers, sizeof *jail->slot, err);
	if (jail->slot == NULL)
		return ATHAR_ENOMEM;
	for (unsigned i = 0; i < spec->workers; i++)
		ATHAR_TRY(athar_slot_start(&jail->slot[i], &jail->spec, err));
	ATHAR_TRY(athar_jail_settle(jail, err));
	*out = ATHAR_GIVE(jail);
	return ATHAR_OK;
}

/* Workers hold nothing that a kill could harm. One that cannot die yet is left to do so. */
void athar_jail_close(athar_jail *jail)
{
	if (jail == NULL)
		return;
	for (unsigned i = 0; jail->slot != NULL && i < jail->spec.workers; i++) {
		athar_slot_stop(&jail->slot[i], &jail->dying);
		athar_slot_free(&jail->slot[i]);
	}
	for (int waited = 0; waited < FAREWELL && jail->dying.count > 0; waited++) {
		athar_slot_reap(&jail->dying);
		if (jail->dying.count > 0)
			(void)poll(NULL, 0, 1);
	}
	free(jail->dying.pid);
	free(jail->slot);
	free(jail);
}

const char *athar_jail_confinement(const athar_jail *jail)
{
	return jail->confinement;
}

uint64_t athar_jail_lost(const athar_jail *jail)
{
	return jail->lost;
}
