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

const char *athar_verify_kind_name(athar_verify_kind kind)
{
	static const char *const names[] = {"hash",
	                                    "chunk",
	                                    "blocks",
	                                    "structure",
	                                    "cut",
	                                    "missing-segment",
	                                    "foreign-segment",
	                                    "extra-segment",
	                                    "table",
	                                    "size",
	                                    "trailing",
	                                    "against",
	                                    "list",
	                                    "custody",
	                                    "file",
	                                    "media",
	                                    "places"};

	return names[kind];
}

const char *athar_twin_name(athar_twin twin)
{
	static const char *const names[ATHAR_TWINS] = {
		NULL, "here", "there", "neither", "either", "only-here", "only-there"};

	return names[twin];
}

const char *athar_place_kind_name(athar_place_kind kind)
{
	static const char *const names[] = {"file",        "slack",    "metadata",  "in-use",
	                                    "unallocated", "unmapped", "partition", "outside"};

	return names[kind];
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

void athar_judge_tell(athar_judge *judge, const athar_verify_row *row)
{
	count(judge->out, row->check);
	if (judge->sink != NULL && judge->sink->row != NULL)
		judge->sink->row(judge->sink->user, row);
}

void athar_judge_row(athar_judge *judge, athar_check check, athar_verify_kind kind,
                     const char *what, const char *format, ...)
{
	athar_verify_row row = {.check = check, .kind = kind, .what = what};
	char detail[1024];
	va_list args;

	if (format != NULL) {
		va_start(args, format);
		(void)vsnprintf(detail, sizeof detail, format, args);
		va_end(args);
		row.detail = detail;
	}
	athar_judge_tell(judge, &row);
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
			athar_judge_row(judge, ATHAR_CHECK_SAME, ATHAR_VERIFY_HASH, row, NULL);
		else
			athar_judge_row(judge, ATHAR_CHECK_DIFFERS, ATHAR_VERIFY_HASH, row,
			                "on record %s, now %s", a, b);
	}
}
