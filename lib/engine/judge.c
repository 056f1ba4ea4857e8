/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *athar_check_name(athar_check check)
{
	static const char *const names[] = {"same", "DIFFERS", "nothing to compare with",
	                                    "could not be checked"};

	return names[check];
}

static void count(athar_verify_result *out, athar_check check)
{
	switch (check) {
	case ATHAR_CHECK_SAME:
		out->same++;
		break;
	case ATHAR_CHECK_DIFFERS:
		out->differs++;
		break;
	case ATHAR_CHECK_NOTHING:
		out->nothing++;
		break;
	case ATHAR_CHECK_FAILED:
		out->failed++;
		break;
	}
}

void athar_judge_row(athar_judge *judge, athar_check check, const char *what, const char *format,
                     ...)
{
	char detail[1024];
	va_list args;

	count(judge->out, check);
	if (judge->sink == NULL || judge->sink->row == NULL)
		return;
	if (format == NULL) {
		judge->sink->row(judge->sink->user, check, what, NULL);
		return;
	}
	va_start(args, format);
	(void)vsnprintf(detail, sizeof detail, format, args);
	va_end(args);
	judge->sink->row(judge->sink->user, check, what, detail);
}

void athar_judge_hashes(athar_judge *judge, const char *what, const athar_digests *recorded,
                        const athar_digests *computed, unsigned *compared)
{
	for (unsigned bit = 0; bit < ATHAR_DIGEST_COUNT; bit++) {
		char row[200];

		if ((recorded->algorithms & computed->algorithms & 1u << bit) == 0)
			continue;
		const char *a = athar_digests_get(recorded, 1u << bit);
		const char *b = athar_digests_get(computed, 1u << bit);
		(void)snprintf(row, sizeof row, "%s %s", what, athar_digest_name(1u << bit));
		if (compared != NULL)
			(*compared)++;
		if (strcmp(a, b) == 0)
			athar_judge_row(judge, ATHAR_CHECK_SAME, row, NULL);
		else
			athar_judge_row(judge, ATHAR_CHECK_DIFFERS, row, "on record %s, now %s", a,
			                b);
	}
}
