/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tableau's imagers (TD2u, TD3, TX1): the text log, not the HTML one. Sections are headed by a name
 * between dashes.
 */
#include <string.h>

#include "engine/log.h"

/* "-----Start of TX1 Log Entry-----" */
static int bid(const char *head)
{
	const char *start = athar_log_find(head, "---Start of T");

	return start != NULL && athar_log_find(start, " Log Entry---") != NULL ? 90 : 0;
}

static const athar_log_label head_labels[] = {
	{"Imager App", ATHAR_LOG_TEXT, ATHAR_SAID_TOOL},
	{"Imager Ver", ATHAR_LOG_TEXT, ATHAR_SAID_VERSION},
	{"Status", ATHAR_LOG_TEXT, ATHAR_SAID_STATE},
	{"Started", ATHAR_LOG_TEXT, ATHAR_SAID_STARTED},
	{"Closed", ATHAR_LOG_TEXT, ATHAR_SAID_ENDED},
	{"User", ATHAR_LOG_TEXT, ATHAR_SAID_EXAMINER},
	{"Examiner", ATHAR_LOG_TEXT, ATHAR_SAID_EXAMINER},
	{"Case ID", ATHAR_LOG_TEXT, ATHAR_SAID_CASE},
	{"Case Number", ATHAR_LOG_TEXT, ATHAR_SAID_CASE},
	{"Evidence ID", ATHAR_LOG_TEXT, ATHAR_SAID_EVIDENCE},
	{"Case Notes", ATHAR_LOG_TEXT, ATHAR_SAID_NOTES},
	{NULL, ATHAR_LOG_TEXT, 0},
};

static const athar_log_label source_labels[] = {
	{"Interface", ATHAR_LOG_TEXT, ATHAR_SAID_BUS},
	{"Vendor", ATHAR_LOG_TEXT, ATHAR_SAID_VENDOR},
	{"Model", ATHAR_LOG_TEXT, ATHAR_SAID_MODEL},
	{"Firmware revision", ATHAR_LOG_TEXT, ATHAR_SAID_FIRMWARE},
	{"Serial number", ATHAR_LOG_TEXT, ATHAR_SAID_SERIAL},
	{"USB Serial number", ATHAR_LOG_TEXT, ATHAR_SAID_SERIAL},
	{"Capacity in bytes", ATHAR_LOG_NUMBER, ATHAR_SAID_SIZE},
	{"Block Size", ATHAR_LOG_NUMBER, ATHAR_SAID_SECTOR_SIZE},
	{"Block Count", ATHAR_LOG_NUMBER, ATHAR_SAID_SECTORS},
	{NULL, ATHAR_LOG_TEXT, 0},
};

static const athar_log_label result_labels[] = {
	{"Total errors", ATHAR_LOG_NUMBER, ATHAR_SAID_ERRORS},
	{NULL, ATHAR_LOG_TEXT, 0},
};

static const athar_log_label verify_labels[] = {
	{"Status", ATHAR_LOG_TEXT, ATHAR_SAID_VERIFIED},
	{NULL, ATHAR_LOG_TEXT, 0},
};

typedef enum section { HEAD, SOURCE, RESULT, VERIFY, OTHER } section;

static section section_of(const char *line)
{
	if (strstr(line, "Start of ") != NULL)
		return HEAD;
	if (strstr(line, "Source") != NULL)
		return SOURCE;
	if (strstr(line, "Verification") != NULL)
		return VERIFY;
	if (strstr(line, "Result") != NULL || strstr(line, "Error") != NULL)
		return RESULT;
	return OTHER;
}

static athar_status take_hash(athar_said *out, const char *line, athar_error *err)
{
	static const struct {
		const char *word;
		athar_said_of of;
	} kinds[] = {{"Acquisition ", ATHAR_OF_MEDIUM}, {"Verification ", ATHAR_OF_READ_BACK}};

	for (size_t i = 0; i < ATHAR_COUNT(kinds); i++) {
		const char *rest = NULL;
		unsigned algorithm;

		if (!athar_log_begins(line, kinds[i].word))
			continue;
		algorithm = athar_log_algorithm(line + strlen(kinds[i].word), &rest);
		if (algorithm != 0 && *rest == ':')
			return athar_log_hash(out, kinds[i].of, algorithm, rest + 1, err);
	}
	return ATHAR_OK;
}

/* "Error # 1: Read error (source), byte offset=2123809280, byte length=512" */
static athar_status take_error(athar_said *out, const char *line, athar_error *err)
{
	const char *offset = athar_log_find(line, "byte offset=");
	const char *length = athar_log_find(line, "byte length=");
	uint64_t first = 0, count = 0;

	if (!athar_log_begins(line, "Error #") || athar_log_find(line, "(source)") == NULL)
		return ATHAR_OK;
	if (offset == NULL || length == NULL ||
	    !athar_log_number(&first, offset + strlen("byte offset="), NULL) ||
	    !athar_log_number(&count, length + strlen("byte length="), NULL)) {
		out->dropped++;
		return ATHAR_OK;
	}
	return athar_said_add_bad(out, first, count, 1, err);
}

/* "TX1 S/N: 000ecc11d370f2" */
static void take_serial(athar_said *out, const char *line)
{
	const char *at = strstr(line, " S/N");
	const char *value = at == NULL ? NULL : athar_log_value(at + 1, "S/N");

	if (value != NULL && at - line <= 12)
		athar_said_set_text(out, ATHAR_SAID_TOOL_SERIAL, value);
}

static athar_status take(athar_said *out, section where, const char *line, athar_error *err)
{
	switch (where) {
	case HEAD:
		if (!athar_log_take(out, head_labels, line))
			take_serial(out, line);
		return ATHAR_OK;
	case SOURCE:
		(void)athar_log_take(out, source_labels, line);
		return ATHAR_OK;
	case VERIFY:
		if (athar_log_take(out, verify_labels, line))
			return ATHAR_OK;
		return take_hash(out, line, err);
	case RESULT:
		if (athar_log_take(out, result_labels, line))
			return ATHAR_OK;
		ATHAR_TRY(take_hash(out, line, err));
		return take_error(out, line, err);
	case OTHER:
		break;
	}
	return ATHAR_OK;
}

static athar_status parse(athar_said *out, athar_log *log, athar_error *err)
{
	section where = OTHER;

	for (const char *line; (line = athar_log_line(log)) != NULL; out->lines++)
		if (athar_log_begins(line, "----"))
			where = section_of(line);
		else
			ATHAR_TRY(take(out, where, line, err));
	athar_said_set_text(out, ATHAR_SAID_TOOL, "Tableau");
	return ATHAR_OK;
}

const athar_log_format athar_log_tableau = {.name = "tableau", .bid = bid, .parse = parse};
