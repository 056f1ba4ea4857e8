/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "engine/log.h"

/* The beginning of a log that formats look at. */
#define HEAD (16u << 10)

static const athar_log_format *const formats[] = {
	&athar_log_ftk,      &athar_log_guymager, &athar_log_tableau, &athar_log_ewfacquire,
	&athar_log_dc3dd,    &athar_log_dcfldd,   &athar_log_atola,   &athar_log_hashes,
	&athar_log_ddrescue, &athar_log_any,
};

const athar_log_format *athar_log_format_at(size_t index)
{
	return index < ATHAR_COUNT(formats) ? formats[index] : NULL;
}

static const athar_log_format *find(const athar_log *log)
{
	const athar_log_format *best = &athar_log_any;
	char head[HEAD + 1];
	int highest = 0;

	(void)snprintf(head, sizeof head, "%s", log->text);
	for (size_t i = 0; i < ATHAR_COUNT(formats); i++) {
		const int bid = formats[i]->bid(head);

		if (bid > highest) {
			highest = bid;
			best = formats[i];
		}
	}
	return best;
}

athar_status athar_log_read(athar_said *out, const uint8_t *bytes, size_t len, athar_error *err)
{
	ATHAR_AUTO(log) athar_log log = {NULL, 0, NULL};
	const athar_log_format *format;

	ATHAR_TRY(athar_log_decode(&log, bytes, len, err));
	format = find(&log);
	(void)snprintf(out->format, sizeof out->format, "%s", format->name);
	return format->parse(out, &log, err);
}
