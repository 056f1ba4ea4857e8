/* SPDX-License-Identifier: BSD-2-Clause */
#include "rescue/pace.h"

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

athar_pace_verdict athar_pace_judge(athar_pace *pace, uint64_t good, int64_t took,
                                    uint64_t min_rate)
{
	const uint64_t least = least_rate(pace, min_rate);
	uint64_t recent = 0;

	pace->recent_bytes += good;
	pace->recent_took += took;
	if (good > 0) {
		pace->bytes += good;
		pace->took += took;
	}
	if (pace->recent_took < (int64_t)JUDGED_AFTER * MILLISECOND)
		return ATHAR_PACE_OPEN;
	recent = rate_of(pace->recent_bytes, (uint64_t)pace->recent_took / MILLISECOND);
	pace->recent_bytes = 0;
	pace->recent_took = 0;
	return recent < least ? ATHAR_PACE_SLOW : ATHAR_PACE_FINE;
}
