/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A log of a tool that is not known, also marked up as HTML or XML: every run of digits that has
 * the length of a hash. What it is of, it does not say; so a match says that the log speaks of this
 * image, and no match says nothing.
 */
#include <ctype.h>
#include <string.h>

#include "engine/hashlist.h"
#include "engine/log.h"

/* Distinct values; a log of files has more, and is none of an image. */
#define MOST 256u

static int bid(const char *head)
{
	return *head != '\0' ? 1 : 0;
}

static athar_status take(athar_said *out, const char *at, size_t len, athar_error *err)
{
	char hex[2 * ATHAR_DIGEST_MAX_SIZE + 1];
	unsigned algorithms = athar_hash_guess(at, len);

	if (algorithms == 0 || len >= sizeof hex || out->hashes >= MOST)
		return ATHAR_OK;
	(void)snprintf(hex, sizeof hex, "%.*s", (int)len, at);
	return athar_said_add_hash(out, ATHAR_OF_UNKNOWN, algorithms, hex, NULL, err);
}

static athar_status take_line(athar_said *out, const char *line, athar_error *err)
{
	for (const char *p = line; *p != '\0';) {
		size_t len = athar_log_hex(p), word = len;

		while (isalnum((unsigned char)p[word]))
			word++;
		if (word == len)
			ATHAR_TRY(take(out, p, len, err));
		p += word == 0 ? 1 : word;
	}
	return ATHAR_OK;
}

static athar_status parse(athar_said *out, athar_log *log, athar_error *err)
{
	for (const char *line; (line = athar_log_line(log)) != NULL; out->lines++)
		ATHAR_TRY(take_line(out, line, err));
	return ATHAR_OK;
}

const athar_log_format athar_log_any = {.name = "", .bid = bid, .parse = parse};
