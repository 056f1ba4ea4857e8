/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How the device fares while it is read: what it says of itself, asked now and then through the
 * gate. A long rescue heats a disk, and a hot disk fails sooner.
 */
#include "engine/acquisition.h"

#define NANOSECONDS INT64_C(1000000000)
#define EVERY (300 * NANOSECONDS)
/* Degrees Celsius; makers of disks name 55 to 60 as the most, of flash disks 70. */
#define HOT 60u
#define HOTTER 5u

static void tell(athar_acquisition *a, const athar_json *health)
{
	uint64_t degrees = 0;
	bool passed = true;

	if (athar_json_get_number(health, "temperature", &degrees) && degrees >= HOT &&
	    degrees >= a->hottest + HOTTER) {
		a->hottest = degrees;
		athar_watch_notice(a->watcher, "%s says that it has %llu degrees Celsius: cool it",
		                   a->options.source, (unsigned long long)degrees);
	}
	if (athar_json_get_bool(health, "passed", &passed) && !passed && !a->ailing) {
		a->ailing = true;
		athar_watch_notice(a->watcher, "%s says of itself that it is failing (SMART)",
		                   a->options.source);
	}
}

void athar_acquisition_watch(athar_acquisition *a)
{
	ATHAR_AUTO(json) athar_json *health = NULL;
	athar_error ignored = ATHAR_ERROR_INIT;
	int64_t now;

	if (a->gate == NULL || !a->info->device || a->context->steady == NULL)
		return;
	now = a->context->steady(a->context->user);
	if (a->asked != 0 && now - a->asked < EVERY)
		return;
	/* The sheet has what it said at the start. */
	if (a->asked != 0 && athar_gate_health(&health, a->gate, &ignored) == ATHAR_OK)
		tell(a, health);
	else if (a->asked == 0 && a->sheet != NULL)
		tell(a, athar_json_get(a->sheet, "smart"));
	a->asked = now;
}
