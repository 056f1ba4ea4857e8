/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Segmented hashes, as Atola's imagers and seghash write them: "Hash,start LBA,end LBA", the end
 * included. The size of a sector stands nowhere.
 */
#include <string.h>

#include "engine/hashlist.h"
#include "engine/log.h"

/* "75c9...6602 ,0,8388608" */
static bool split(char hex[], size_t size, uint64_t *first, uint64_t *last, const char *line)
{
	const size_t len = athar_log_hex(line);
	const char *rest = line + len + strspn(line + len, " ");

	if (len == 0 || len >= size || *rest != ',' || athar_hash_guess(line, len) == 0)
		return false;
	(void)snprintf(hex, size, "%.*s", (int)len, line);
	/* Not athar_log_number: here a comma ends a number. */
	char *end = NULL;
	*first = strtoull(rest + 1, &end, 10);
	if (end == rest + 1 || *end != ',')
		return false;
	rest = end + 1;
	*last = strtoull(rest, &end, 10);
	return end != rest && *end == '\0' && *last >= *first && *last < UINT64_C(1) << 48;
}

static int bid(const char *head)
{
	char line[256], hex[2 * ATHAR_DIGEST_MAX_SIZE + 1];
	uint64_t first = 0, last = 0;

	if (athar_log_begins(head, "Hash,start LBA,end LBA"))
		return 90;
	(void)snprintf(line, sizeof line, "%.*s", (int)strcspn(head, "\r\n"), head);
	return split(hex, sizeof hex, &first, &last, line) ? 70 : 0;
}

static athar_status take(athar_said *out, const char *line, athar_error *err)
{
	char hex[2 * ATHAR_DIGEST_MAX_SIZE + 1];
	uint64_t first = 0, last = 0;

	if (*line == '\0' || athar_log_begins(line, "Hash,"))
		return ATHAR_OK;
	if (!split(hex, sizeof hex, &first, &last, line)) {
		out->dropped++;
		return ATHAR_OK;
	}
	unsigned algorithm = athar_hash_guess(hex, strlen(hex)) & ~(unsigned)ATHAR_BLAKE2B;
	return athar_said_add_piece(out, first, last - first + 1, algorithm, hex, err);
}

static athar_status parse(athar_said *out, athar_log *log, athar_error *err)
{
	out->in_sectors = true;
	for (const char *line; (line = athar_log_line(log)) != NULL; out->lines++)
		ATHAR_TRY(take(out, line, err));
	return ATHAR_OK;
}

const athar_log_format athar_log_atola = {.name = "segmented-hashes", .bid = bid, .parse = parse};
