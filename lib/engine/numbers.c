/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/numbers.h"

#include "base/check.h"

/* Digits, and nothing before them. */
static bool parse_one(uint64_t *out, const char **at)
{
	*out = 0;
	if (**at < '0' || **at > '9')
		return false;
	for (; **at >= '0' && **at <= '9'; (*at)++)
		if (!athar_mul(*out, 10, out) || !athar_add(*out, (uint64_t)(**at - '0'), out))
			return false;
	return *out != 0 && *out != UINT64_MAX;
}

static bool parse_range(uint64_t *first, uint64_t *last, const char **at)
{
	if (!parse_one(first, at))
		return false;
	*last = *first;
	if (**at != '-')
		return true;
	(*at)++;
	return parse_one(last, at) && *last >= *first;
}

athar_status athar_numbers_parse(athar_numbers *out, const char *text, athar_error *err)
{
	const char *at = text;

	for (;;) {
		uint64_t first, last;

		if (!parse_range(&first, &last, &at) || (*at != ',' && *at != '\0'))
			return athar_fail(err, ATHAR_EUSAGE, "%s is no list of items like 17,20-25",
			                  text);
		ATHAR_TRY(athar_runs_add(&out->runs, first, last - first + 1, ATHAR_RUN_DATA, err));
		if (*at++ == '\0')
			return ATHAR_OK;
	}
}

bool athar_numbers_have(const athar_numbers *numbers, uint64_t number)
{
	return athar_runs_overlap(&numbers->runs, number, 1) != 0;
}

uint64_t athar_numbers_count(const athar_numbers *numbers)
{
	return athar_runs_total(&numbers->runs);
}

void athar_numbers_clear(athar_numbers *numbers)
{
	athar_runs_clear(&numbers->runs);
}
