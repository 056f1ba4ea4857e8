/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dc3dd: log=, hlog= and mlog=. Its hashes stand under the name of the input, and again, checked,
 * under that of each output. A further run is added to the same file: what the last one says
 * counts.
 */
#include <string.h>

#include "engine/log.h"

static int bid(const char *head)
{
	const char *at = athar_log_find(head, "dc3dd ");

	return at != NULL && athar_log_find(at, " started at ") != NULL ? 90 : 0;
}

typedef struct state {
	bool output; /* below "output results for" */
} state;

/* "dc3dd 7.2.646 started at 2026-11-25 13:21:55 +0000" */
static void take_run(athar_said *out, state *s, const char *line)
{
	const char *version = line + strlen("dc3dd ");
	const char *started = athar_log_find(line, " started at ");
	const char *ended = athar_log_find(line, " completed at ");
	char text[64];

	if (started != NULL) {
		*s = (state){.output = false};
		athar_said_forget(out);
		athar_said_set_text(out, ATHAR_SAID_TOOL, "dc3dd");
		(void)snprintf(text, sizeof text, "%.*s", (int)(started - version), version);
		athar_said_set_text(out, ATHAR_SAID_VERSION, text);
		athar_said_set_text(out, ATHAR_SAID_STARTED, started + strlen(" started at "));
	} else if (ended != NULL) {
		athar_said_set_text(out, ATHAR_SAID_ENDED, ended + strlen(" completed at "));
		athar_said_set_text(out, ATHAR_SAID_STATE, "completed");
	} else if (athar_log_find(line, " aborted at ") != NULL) {
		athar_said_set_text(out, ATHAR_SAID_STATE, "aborted");
	}
}

/* "device size: 4096 sectors (probed),        2,097,152 bytes" and "sector size: 512 bytes" */
static bool take_size(athar_said *out, const char *line)
{
	const char *device = athar_log_value(line, "device size");
	const char *sector = athar_log_value(line, "sector size");
	athar_said_number which = device != NULL ? ATHAR_SAID_SECTORS : ATHAR_SAID_SECTOR_SIZE;
	uint64_t n = 0;

	if (device == NULL && sector == NULL)
		return false;
	if (athar_log_number(&n, device != NULL ? device : sector, NULL))
		athar_said_set_number(out, which, n);
	else
		out->dropped++;
	return true;
}

/* "3000320 bytes ( 2.9 M ) copied ( 100% ), 0.16 s, 17 M/s" */
static bool take_copied(athar_said *out, const char *line)
{
	const char *rest = NULL;
	uint64_t n = 0;

	if (!athar_log_number(&n, line, &rest) || !athar_log_begins(rest, " bytes") ||
	    strstr(rest, ") copied") == NULL)
		return false;
	athar_said_set_number(out, ATHAR_SAID_SIZE, n);
	return true;
}

/* "[!!] 8 occurrences while reading `/dev/sdb' from sector 100 to sector 107 : Input/output error"
 * and "[!!] reading `/dev/sdb' at sector 2000 : Input/output error" */
static athar_status take_error(athar_said *out, const char *line, athar_error *err)
{
	const uint64_t size = out->number[ATHAR_SAID_SECTOR_SIZE];
	const char *from = athar_log_find(line, " from sector ");
	const char *to = athar_log_find(line, " to sector ");
	const char *at = athar_log_find(line, " at sector ");
	uint64_t first = 0, last = 0;
	bool good;

	if (athar_log_find(line, "reading `") == NULL)
		return ATHAR_OK;
	if (from != NULL && to != NULL)
		good = athar_log_number(&first, from + strlen(" from sector "), NULL) &&
		       athar_log_number(&last, to + strlen(" to sector "), NULL);
	else
		good = at != NULL && athar_log_number(&first, at + strlen(" at sector "), NULL);
	last = from != NULL ? last : first;
	if (!good || last < first) {
		out->dropped++;
		return ATHAR_OK;
	}
	return athar_said_add_bad(out, first, last - first + 1, size == ATHAR_NOWHERE ? 512 : size,
	                          err);
}

/* "39 bad sectors replaced by zeros" */
static bool take_bad(athar_said *out, const char *line)
{
	const char *rest = NULL;
	uint64_t n = 0;

	if (!athar_log_number(&n, line, &rest) || !athar_log_begins(rest, " bad sector"))
		return false;
	athar_said_set_number(out, ATHAR_SAID_BAD_SECTORS, n);
	return true;
}

/* "HEX (md5)", with "[ok] " before it where an output was read again, and "HEX| (FINAL: md5)". What
 * a piece of the input gave has ", sectors" behind it. */
static athar_status take_hash(athar_said *out, const state *s, const char *line, athar_error *err)
{
	const char *hex = line[0] == '[' ? line + strcspn(line, "]") : line;
	const char *name;
	size_t len;
	unsigned algorithm;

	hex += hex != line && *hex == ']' ? 1 + strspn(hex + 1, " ") : 0;
	len = athar_log_hex(hex);
	name = hex + len + strspn(hex + len, "| ");
	if (len < 32 || *name != '(')
		return ATHAR_OK;
	name += athar_log_begins(name, "(FINAL: ") ? strlen("(FINAL: ") : 1;
	algorithm = athar_log_algorithm(name, NULL);
	if (algorithm == 0)
		return ATHAR_OK;
	if (s->output && athar_log_begins(line, "[ok]"))
		athar_said_set_text(out, ATHAR_SAID_VERIFIED, "ok");
	return athar_log_hash(out, s->output ? ATHAR_OF_READ_BACK : ATHAR_OF_MEDIUM, algorithm, hex,
	                      err);
}

/* "input results for device `/dev/sdb':" */
static void take_source(athar_said *out, const char *line)
{
	const char *open = strchr(line, '`');
	const char *close = strrchr(line, '\'');
	char text[ATHAR_SAID_TEXT_MOST];

	if (open == NULL || close == NULL || close <= open)
		return;
	(void)snprintf(text, sizeof text, "%.*s", (int)(close - open - 1), open + 1);
	athar_said_set_text(out, ATHAR_SAID_SOURCE, text);
}

static athar_status take(athar_said *out, state *s, const char *line, athar_error *err)
{
	const char *command = athar_log_value(line, "command line");

	if (athar_log_begins(line, "dc3dd "))
		take_run(out, s, line);
	else if (command != NULL)
		athar_said_set_text(out, ATHAR_SAID_COMMAND, command);
	else if (athar_log_begins(line, "input results for "))
		take_source(out, line);
	else if (athar_log_begins(line, "output results for "))
		s->output = true;
	else if (athar_log_begins(line, "[!!]"))
		return take_error(out, line, err);
	else if (!take_size(out, line) && !take_copied(out, line) && !take_bad(out, line))
		return take_hash(out, s, line, err);
	return ATHAR_OK;
}

static athar_status parse(athar_said *out, athar_log *log, athar_error *err)
{
	state s = {.output = false};

	for (const char *line; (line = athar_log_line(log)) != NULL; out->lines++)
		ATHAR_TRY(take(out, &s, line, err));
	return ATHAR_OK;
}

const athar_log_format athar_log_dc3dd = {.name = "dc3dd", .bid = bid, .parse = parse};
