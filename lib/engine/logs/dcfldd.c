/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dcfldd: hashlog=, with the hashes of windows where hashwindow= was given.
 */
#include <string.h>

#include "engine/hashlist.h"
#include "engine/log.h"

static int bid(const char *head)
{
	const char *total = athar_log_find(head, "Total (");
	const char *rest = NULL;
	unsigned first = 0;

	if (total != NULL && athar_log_algorithm(total + strlen("Total ("), NULL) != 0)
		return 80;
	/* Windows only: a log that was cut. "0 - 1048576: HEX" */
	uint64_t n = 0;
	head += strspn(head, " \t\r\n");
	if (!athar_log_number(&n, head, &rest) || !athar_log_begins(rest, " - ") ||
	    !athar_log_number(&n, rest + 3, &rest) || *rest != ':')
		return 0;
	rest += 1 + strspn(rest + 1, " ");
	first = athar_hash_guess(rest, athar_log_hex(rest));
	return first != 0 ? 60 : 0;
}

/* "Total (md5): HEX" */
static athar_status take_total(athar_said *out, const char *line, athar_error *err)
{
	const char *name = line + strlen("Total (");
	unsigned algorithm = athar_log_algorithm(name, NULL);
	const char *colon = strstr(name, "): ");

	if (algorithm == 0 || colon == NULL) {
		out->dropped++;
		return ATHAR_OK;
	}
	return athar_log_hash(out, ATHAR_OF_MEDIUM, algorithm, colon + 3, err);
}

/* "1048576 - 2097152: HEX": the end is the first byte that does not belong to it. */
static athar_status take_window(athar_said *out, const char *line, athar_error *err)
{
	char hex[2 * ATHAR_DIGEST_MAX_SIZE + 1];
	const char *rest = NULL;
	uint64_t first = 0, end = 0;

	if (!athar_log_number(&first, line, &rest) || !athar_log_begins(rest, " - "))
		return ATHAR_OK;
	if (!athar_log_number(&end, rest + 3, &rest) || *rest != ':' || end <= first) {
		out->dropped++;
		return ATHAR_OK;
	}
	rest += 1 + strspn(rest + 1, " ");
	(void)snprintf(hex, sizeof hex, "%.*s", (int)athar_log_hex(rest), rest);
	/* dcfldd has no BLAKE2b: 128 digits are SHA-512. */
	unsigned algorithm = athar_hash_guess(hex, strlen(hex)) & ~(unsigned)ATHAR_BLAKE2B;
	return athar_said_add_piece(out, first, end - first, algorithm, hex, err);
}

static athar_status parse(athar_said *out, athar_log *log, athar_error *err)
{
	athar_said_set_text(out, ATHAR_SAID_TOOL, "dcfldd");
	for (const char *line; (line = athar_log_line(log)) != NULL; out->lines++) {
		if (athar_log_begins(line, "Total ("))
			ATHAR_TRY(take_total(out, line, err));
		else
			ATHAR_TRY(take_window(out, line, err));
	}
	return ATHAR_OK;
}

const athar_log_format athar_log_dcfldd = {.name = "dcfldd", .bid = bid, .parse = parse};
