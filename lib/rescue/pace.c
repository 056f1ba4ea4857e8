/* SPDX-License-Identifier: BSD-2-Clause */
#include "rescue/pace.h"

#include <stdbool.h>

#include "base/check.h"

enum { MILLISECOND = 1000 * 1000, JUDGED_AFTER = 100, AVERAGE_AFTER = 1000, SLOW_PART = 10 };

/* Bytes a second, of a time that is not nothing. */
static uint64_t rate_of(uint64_t bytes, uint64_t milliseconds)
{
	uint64_t scaled = 0;

	return athar_mul(bytes, 1000, &scaled) ? scaled / milliseconds
	                                       : bytes / milliseconds * 1000;
}

static uint64_t least_rate(const athar_pace *pace, uint64_t min_rate)
{
	const uint64_t milliseconds = (uint64_t)pace->took / MILLISECOND;

	if (min_rate != 0)
		return min_rate;
	return milliseconds < AVERAGE_AFTER ? 0 : rate_of(pace->bytes, milliseconds) / SLOW_PART;
}

static athar_pace_verdict close_recent(athar_pace *pace, uint64_t least)
{
	const uint64_t milliseconds = (uint64_t)pace->recent_took / MILLISECOND;
	const bool slow = rate_of(pace->recent_bytes, milliseconds) < least;

	if (!slow) {
		pace->bytes += pace->recent_bytes;
		pace->took += pace->recent_good;
	}
	pace->recent_bytes = 0;
	pace->recent_took = 0;
	pace->recent_good = 0;
	return slow ? ATHAR_PACE_SLOW : ATHAR_PACE_FINE;
}

athar_pace_verdict athar_pace_judge(athar_pace *pace, uint64_t good, int64_t took,
                                    uint64_t min_rate)
{
	pace->recent_bytes += good;
	pace->recent_took += took;
	pace->recent_good += good > 0 ? took : 0;
	if (pace->recent_took < (int64_t)JUDGED_AFTER * MILLISECOND)
		return ATHAR_PACE_OPEN;
	return close_recent(pace, least_rate(pace, min_rate));
}
