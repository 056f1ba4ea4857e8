/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The mapfile of GNU ddrescue, and of athar: what was read, in its blocks; by whom and when, in its
 * comments. ddrescue ends the image where what it could read ends, so that an image whose last
 * sectors are bad is shorter than the map.
 */
#include <string.h>

#include "engine/log.h"
#include "rescue/map.h"

/* The first comment; other comments may have been put above it. */
static int bid(const char *head)
{
	static const char *const titles[] = {"# Mapfile. Created by GNU ddrescue",
	                                     "# Mapfile. Created by athar ", "# Rescue Logfile."};

	for (const char *line = head; *line == '#';) {
		for (size_t i = 0; i < ATHAR_COUNT(titles); i++)
			if (athar_log_begins(line, titles[i]))
				return 90;
		line += strcspn(line, "\n");
		line += *line == '\n' ? 1 : 0;
	}
	return 0;
}

/* ---- comments ---- */

/* One word of the command line: -o, also behind other letters, or --output-position. */
static bool is_output_position(const char *word)
{
	static const char with_value[] = "abceEFHiKmPrsTxXZ";

	if (word[0] != '-')
		return false;
	if (word[1] == '-')
		return strncmp(word, "--ou", 4) == 0;
	for (word++; *word != '\0' && *word != ' ' && strchr(with_value, *word) == NULL; word++)
		if (*word == 'o')
			return true;
	return false;
}

/* The bytes lie elsewhere in the image than they did in the medium, and the map tells of the
 * latter. */
static bool moves(const char *command)
{
	while (*command != '\0') {
		if (is_output_position(command))
			return true;
		command += strcspn(command, " ");
		command += strspn(command, " ");
	}
	return false;
}

/* "Mapfile. Created by GNU ddrescue version 1.27" and "Mapfile. Created by athar 0.1.0" */
static void take_maker(athar_said *out, char *line)
{
	const char *maker = athar_log_find(line, "Created by ");
	const char *end, *between = " version ";

	if (maker == NULL || out->text[ATHAR_SAID_TOOL][0] != '\0')
		return;
	maker += strlen("Created by ");
	end = athar_log_find(maker, between);
	if (end == NULL) {
		between = " ";
		end = strchr(maker, ' ');
	}
	if (end != NULL) {
		athar_said_set_text(out, ATHAR_SAID_VERSION, end + strlen(between));
		line[end - line] = '\0';
	}
	athar_said_set_text(out, ATHAR_SAID_TOOL, maker);
}

static void take_comment(athar_said *out, bool *moved, char *line)
{
	static const athar_log_label labels[] = {
		{"Command line", ATHAR_LOG_TEXT, ATHAR_SAID_COMMAND},
		{"Start time", ATHAR_LOG_TEXT, ATHAR_SAID_STARTED},
		{"Current time", ATHAR_LOG_TEXT, ATHAR_SAID_ENDED},
		{NULL, ATHAR_LOG_TEXT, 0}};
	const char *command;

	if (*line != '#')
		return;
	line += 1 + strspn(line + 1, " ");
	command = athar_log_value(line, "Command line");
	*moved = *moved || (command != NULL && moves(command));
	if (!athar_log_take(out, labels, line))
		take_maker(out, line);
}

/* ---- blocks ---- */

static const char *phase_name(athar_map_phase phase)
{
	switch (phase) {
	case ATHAR_MAP_COPYING:
		return "copying";
	case ATHAR_MAP_TRIMMING:
		return "trimming";
	case ATHAR_MAP_SCRAPING:
		return "scraping";
	case ATHAR_MAP_RETRYING:
		return "retrying";
	case ATHAR_MAP_FILLING:
		return "filling";
	case ATHAR_MAP_GENERATING:
		return "generating";
	case ATHAR_MAP_DONE:
		break;
	}
	return "finished";
}

/* Where there are more than can be kept, the rest is one range that nobody read: no file over any
 * of them is to be called whole. */
static athar_status take_lacking(athar_said *out, const athar_runs *lacking, athar_error *err)
{
	const bool all = lacking->count <= ATHAR_SAID_BAD_MOST;
	const size_t kept = all ? lacking->count : ATHAR_SAID_BAD_MOST - 1;

	for (size_t i = 0; i < kept; i++)
		ATHAR_TRY(athar_runs_add(&out->bad, lacking->run[i].offset, lacking->run[i].length,
		                         lacking->run[i].kind, err));
	if (all)
		return ATHAR_OK;
	const athar_run *first = &lacking->run[kept];
	const athar_run *last = &lacking->run[lacking->count - 1];
	out->dropped += lacking->count - kept;
	return athar_runs_add(&out->bad, first->offset, last->offset + last->length - first->offset,
	                      ATHAR_RUN_UNREAD, err);
}

/* A rescue of a medium whose size nobody knew has a map that ends with the last number. */
static athar_status take_map(athar_said *out, const athar_map *map, athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs lacking = ATHAR_RUNS_INIT;

	if (map->size != INT64_MAX)
		athar_said_set_number(out, ATHAR_SAID_SIZE, map->size);
	athar_said_set_text(out, ATHAR_SAID_STATE, phase_name(map->phase));
	ATHAR_TRY(athar_map_lacking(&lacking, map, err));
	return take_lacking(out, &lacking, err);
}

/* Half a map could be worse than none: it is taken as a whole, or counts as not understood. */
static athar_status parse(athar_said *out, athar_log *log, athar_error *err)
{
	ATHAR_AUTO(map) athar_map map = {0};
	const athar_status status = athar_map_parse(&map, log->text, log->len, err);
	bool moved = false;

	if (status == ATHAR_ENOMEM)
		return status;
	for (char *line; (line = athar_log_line(log)) != NULL; out->lines++)
		take_comment(out, &moved, line);
	if (status == ATHAR_OK && !moved)
		return take_map(out, &map, err);
	out->dropped++;
	return ATHAR_OK;
}

const athar_log_format athar_log_ddrescue = {.name = "ddrescue", .bid = bid, .parse = parse};
