/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ewfacquire: its log (-l) holds hashes and errors only; what it wrote on the terminal, saved, says
 * more. Both begin their hashes alike.
 */
#include <string.h>

#include "engine/log.h"

static int bid(const char *head)
{
	if (athar_log_begins(head, "ewfacquire "))
		return 90;
	return athar_log_find(head, "hash calculated over data:") != NULL ? 80 : 0;
}

static const athar_log_label labels[] = {
	{"Vendor", ATHAR_LOG_TEXT, ATHAR_SAID_VENDOR},
	{"Model", ATHAR_LOG_TEXT, ATHAR_SAID_MODEL},
	{"Serial", ATHAR_LOG_TEXT, ATHAR_SAID_SERIAL},
	{"Bus type", ATHAR_LOG_TEXT, ATHAR_SAID_BUS},
	{"Case number", ATHAR_LOG_TEXT, ATHAR_SAID_CASE},
	{"Description", ATHAR_LOG_TEXT, ATHAR_SAID_DESCRIPTION},
	{"Evidence number", ATHAR_LOG_TEXT, ATHAR_SAID_EVIDENCE},
	{"Examiner name", ATHAR_LOG_TEXT, ATHAR_SAID_EXAMINER},
	{"Notes", ATHAR_LOG_TEXT, ATHAR_SAID_NOTES},
	{"Acquiry started at", ATHAR_LOG_TEXT, ATHAR_SAID_STARTED},
	{"Acquiry completed at", ATHAR_LOG_TEXT, ATHAR_SAID_ENDED},
	{"ewfacquire", ATHAR_LOG_TEXT, ATHAR_SAID_STATE},
	{"Bytes per sector", ATHAR_LOG_NUMBER, ATHAR_SAID_SECTOR_SIZE},
	{NULL, ATHAR_LOG_TEXT, 0},
};

/* "Media size:  3.0 MB (3000320 bytes)" */
static bool take_size(athar_said *out, const char *line)
{
	const char *value = athar_log_value(line, "Media size");
	const char *open = value == NULL ? NULL : strchr(value, '(');
	uint64_t size = 0;

	if (value == NULL)
		return false;
	if (athar_log_number(&size, open == NULL ? value : open + 1, NULL))
		athar_said_set_number(out, ATHAR_SAID_SIZE, size);
	else
		out->dropped++;
	return true;
}

/* "at sector(s): 64 - 112 number: 48 (offset: 0x00008000 of size: 24576)" */
static athar_status take_error(athar_said *out, const char *line, athar_error *err)
{
	const char *offset = strstr(line, "(offset: 0x");
	const char *size = strstr(line, "of size: ");
	uint64_t length = 0;

	if (!athar_log_begins(line, "at sector(s):"))
		return ATHAR_OK;
	if (offset == NULL || size == NULL || athar_log_hex(offset + 11) == 0 ||
	    athar_log_hex(offset + 11) > 16 || !athar_log_number(&length, size + 9, NULL)) {
		out->dropped++;
		return ATHAR_OK;
	}
	return athar_said_add_bad(out, strtoull(offset + 11, NULL, 16), length, 1, err);
}

static athar_status take(athar_said *out, const char *line, athar_error *err)
{
	const char *rest = NULL;
	unsigned algorithm = athar_log_algorithm(line, &rest);
	const char *value =
		algorithm == 0 ? NULL : athar_log_value(rest, "hash calculated over data");

	if (value != NULL)
		return athar_log_hash(out, ATHAR_OF_MEDIUM, algorithm, value, err);
	if (athar_log_take(out, labels, line) || take_size(out, line))
		return ATHAR_OK;
	if (athar_log_begins(line, "ewfacquire "))
		athar_said_set_text(out, ATHAR_SAID_VERSION, line + strlen("ewfacquire "));
	return take_error(out, line, err);
}

static athar_status parse(athar_said *out, athar_log *log, athar_error *err)
{
	athar_said_set_text(out, ATHAR_SAID_TOOL, "ewfacquire");
	for (const char *line; (line = athar_log_line(log)) != NULL; out->lines++)
		ATHAR_TRY(take(out, line, err));
	return ATHAR_OK;
}

const athar_log_format athar_log_ewfacquire = {.name = "ewfacquire", .bid = bid, .parse = parse};
