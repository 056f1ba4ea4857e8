/* SPDX-License-Identifier: BSD-2-Clause */
/* A log comes with the evidence. The first byte chooses the format, past the last: the one that
 * bids. What is said of it goes to the supervisor and comes back the same. */
#include <stdlib.h>
#include <string.h>

#include "engine/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_as(athar_said *said, const uint8_t *data, size_t size)
{
	ATHAR_AUTO(log) athar_log log = {NULL, 0, NULL};
	const athar_log_format *format = athar_log_format_at(data[0]);
	athar_error err = ATHAR_ERROR_INIT;

	if (format == NULL) {
		if (athar_log_read(said, data + 1, size - 1, &err) != ATHAR_OK)
			abort();
		return;
	}
	if (athar_log_decode(&log, data + 1, size - 1, &err) != ATHAR_OK ||
	    strlen(log.text) != log.len || format->parse(said, &log, &err) != ATHAR_OK)
		abort();
}

static void check(const athar_said *said)
{
	for (size_t i = 0; i < said->hashes; i++)
		if (said->hash[i].algorithms == 0 || said->hash[i].hex[0] == '\0')
			abort();
	for (size_t i = 0; i < said->pieces; i++)
		if (said->piece[i].count == 0 ||
		    athar_digest_name(said->piece[i].algorithm) == NULL)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ATHAR_AUTO(said) athar_said said, back;
	ATHAR_AUTO(wire) athar_wire w = ATHAR_WIRE_INIT;
	ATHAR_AUTO(wire) athar_wire pieces = ATHAR_WIRE_INIT;
	ATHAR_AUTO(wire) athar_wire bad = ATHAR_WIRE_INIT;
	athar_error err = ATHAR_ERROR_INIT;

	athar_said_init(&said);
	athar_said_init(&back);
	if (size == 0)
		return 0;
	read_as(&said, data, size);
	check(&said);
	athar_said_wire(&w, &said);
	athar_said_wire_pieces(&pieces, &said, 0, said.pieces);
	athar_said_wire_bad(&bad, &said, 0, said.bad.count);
	if (athar_said_unwire(&back, (athar_bytes){.ptr = w.bytes, .len = w.len}, &err) !=
	            ATHAR_OK ||
	    athar_said_unwire_pieces(&back, (athar_bytes){.ptr = pieces.bytes, .len = pieces.len},
	                             &err) != ATHAR_OK ||
	    athar_said_unwire_bad(&back, (athar_bytes){.ptr = bad.bytes, .len = bad.len}, &err) !=
	            ATHAR_OK ||
	    back.hashes != said.hashes || back.pieces != said.pieces ||
	    athar_runs_total(&back.bad) != athar_runs_total(&said.bad))
		abort();
	return 0;
}
