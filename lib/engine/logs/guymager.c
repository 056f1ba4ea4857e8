/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * guymager: IMAGE.info. What smartctl and hdparm said stands in it indented, and only the part
 * about the acquisition is read for labels.
 */
#include <string.h>

#include "engine/log.h"

static int bid(const char *head)
{
	return athar_log_find(head, "GUYMAGER ACQUISITION INFO FILE") != NULL ? 90 : 0;
}

static const athar_log_label labels[] = {
	{"Version", ATHAR_LOG_TEXT, ATHAR_SAID_VERSION},
	{"Linux device", ATHAR_LOG_TEXT, ATHAR_SAID_SOURCE},
	{"Device size", ATHAR_LOG_NUMBER, ATHAR_SAID_SIZE},
	{"Case number", ATHAR_LOG_TEXT, ATHAR_SAID_CASE},
	{"Evidence number", ATHAR_LOG_TEXT, ATHAR_SAID_EVIDENCE},
	{"Examiner", ATHAR_LOG_TEXT, ATHAR_SAID_EXAMINER},
	{"Description", ATHAR_LOG_TEXT, ATHAR_SAID_DESCRIPTION},
	{"Notes", ATHAR_LOG_TEXT, ATHAR_SAID_NOTES},
	{"State", ATHAR_LOG_TEXT, ATHAR_SAID_STATE},
	{"Acquisition started", ATHAR_LOG_TEXT, ATHAR_SAID_STARTED},
	{"Ended", ATHAR_LOG_TEXT, ATHAR_SAID_ENDED},
	{NULL, ATHAR_LOG_TEXT, 0},
};

/* As smartctl and hdparm have them. */
static const athar_log_label device_labels[] = {
	{"Device Model", ATHAR_LOG_TEXT, ATHAR_SAID_MODEL},
	{"Model Number", ATHAR_LOG_TEXT, ATHAR_SAID_MODEL},
	{"Product", ATHAR_LOG_TEXT, ATHAR_SAID_MODEL},
	{"Vendor", ATHAR_LOG_TEXT, ATHAR_SAID_VENDOR},
	{"Serial Number", ATHAR_LOG_TEXT, ATHAR_SAID_SERIAL},
	{"Firmware Version", ATHAR_LOG_TEXT, ATHAR_SAID_FIRMWARE},
	{"Firmware Revision", ATHAR_LOG_TEXT, ATHAR_SAID_FIRMWARE},
	{NULL, ATHAR_LOG_TEXT, 0},
};

typedef struct state {
	enum { HEAD, DEVICE, ACQUISITION, FILES } part;
	bool bad; /* in the list of sectors that could not be read */
} state;

/* "MD5 hash verified image    : HEX" */
static athar_status take_hash(athar_said *out, const char *line, athar_error *err)
{
	static const struct {
		const char *label;
		athar_said_of of;
	} kinds[] = {{"hash", ATHAR_OF_MEDIUM},
	             {"hash verified image", ATHAR_OF_READ_BACK},
	             {"hash verified source", ATHAR_OF_REREAD}};
	const char *rest = NULL;
	unsigned algorithm = athar_log_algorithm(line, &rest);

	for (size_t i = 0; algorithm != 0 && i < ATHAR_COUNT(kinds); i++) {
		const char *value = athar_log_value(rest, kinds[i].label);

		if (value != NULL)
			return athar_log_hash(out, kinds[i].of, algorithm, value, err);
	}
	return ATHAR_OK;
}

/* "300-11556, 12002-18758, 26406" */
static athar_status take_bad(athar_said *out, const char *line, athar_error *err)
{
	for (;;) {
		const char *rest = line;
		uint64_t first = 0, last = 0;

		if (!athar_log_number(&first, line, &rest)) {
			out->dropped++;
			return ATHAR_OK;
		}
		last = first;
		if ((*rest == '-' && !athar_log_number(&last, rest + 1, &rest)) || last < first) {
			out->dropped++;
			return ATHAR_OK;
		}
		/* guymager counts in sectors of 512 bytes. */
		ATHAR_TRY(athar_said_add_bad(out, first, last - first + 1, 512, err));
		line = rest + strspn(rest, ", ");
		if (*line == '\0')
			return ATHAR_OK;
	}
}

/* "During acquisition, 24773 bad sectors have been encountered. ..." The list of a second reading
 * tells of that reading, not of the image. */
static void take_bad_count(athar_said *out, state *s, const char *line)
{
	static const char begin[] = "During acquisition, ";
	uint64_t count = 0;

	s->bad = athar_log_begins(line, begin);
	if (!s->bad)
		return;
	if (athar_log_number(&count, line + sizeof begin - 1, NULL))
		athar_said_set_number(out, ATHAR_SAID_BAD_SECTORS, count);
	else
		out->dropped++;
}

/* "HEX   image.E01" */
static athar_status take_file(athar_said *out, const char *line, athar_error *err)
{
	char hex[33];

	if (athar_log_hex(line) != 32 || (line[32] != ' ' && line[32] != '\t'))
		return ATHAR_OK;
	(void)snprintf(hex, sizeof hex, "%.32s", line);
	line += 32 + strspn(line + 32, " \t");
	/* A second hash is that of the file as it was read again. */
	if (athar_log_hex(line) == 32 && (line[32] == ' ' || line[32] == '\t'))
		line += 32 + strspn(line + 32, " \t");
	return athar_said_add_hash(out, ATHAR_OF_FILE, ATHAR_MD5, hex, line, err);
}

static athar_status take_acquisition(athar_said *out, state *s, const char *line, athar_error *err)
{
	if (s->bad && line[0] >= '0' && line[0] <= '9')
		return take_bad(out, line, err);
	take_bad_count(out, s, line);
	if (athar_log_begins(line, "No bad sectors encountered during acquisition"))
		athar_said_set_number(out, ATHAR_SAID_BAD_SECTORS, 0);
	if (athar_log_begins(line, "Image verification OK") ||
	    athar_log_begins(line, "Image verification FAILED") ||
	    athar_log_begins(line, "Source verification FAILED"))
		athar_said_set_text(out, ATHAR_SAID_VERIFIED, line);
	if (athar_log_take(out, labels, line))
		return ATHAR_OK;
	return take_hash(out, line, err);
}

static void enter(state *s, const char *line)
{
	if (strcmp(line, "Device information") == 0)
		s->part = DEVICE;
	else if (strcmp(line, "Acquisition") == 0)
		s->part = ACQUISITION;
	else if (athar_log_begins(line, "Generated image files"))
		s->part = FILES;
}

static athar_status parse(athar_said *out, athar_log *log, athar_error *err)
{
	state s = {.part = HEAD};

	athar_said_set_text(out, ATHAR_SAID_TOOL, "guymager");
	for (const char *line; (line = athar_log_line(log)) != NULL; out->lines++) {
		enter(&s, line);
		if (s.part == HEAD)
			(void)athar_log_take(out, labels, line);
		else if (s.part == DEVICE)
			(void)athar_log_take(out, device_labels, line);
		else if (s.part == ACQUISITION)
			ATHAR_TRY(take_acquisition(out, &s, line, err));
		else
			ATHAR_TRY(take_file(out, line, err));
	}
	return ATHAR_OK;
}

const athar_log_format athar_log_guymager = {.name = "guymager", .bid = bid, .parse = parse};
