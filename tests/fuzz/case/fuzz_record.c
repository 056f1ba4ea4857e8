/* SPDX-License-Identifier: BSD-2-Clause */
/* A custody log of any bytes: it is checked, or refused, and the answer makes sense. */
#include <stdio.h>

#include "case/private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One line by itself. */
static void parse_record(const uint8_t *data, size_t size)
{
	ATHAR_AUTO(json) athar_json *record = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	char why[160] = "";

	if (athar_record_parse(&record, why, data, size, &err) != ATHAR_OK) {
		if (record != NULL || err.text[0] == '\0')
			abort();
		return;
	}
	if ((record == NULL) != (why[0] != '\0'))
		abort();
}

/* The bytes as a whole log. */
static void check_log(const uint8_t *data, size_t size)
{
	char folder[] = "/tmp/athar-fuzz-XXXXXX", path[64];
	athar_custody_state state;
	athar_error err = ATHAR_ERROR_INIT;
	FILE *f;

	if (mkdtemp(folder) == NULL)
		abort();
	snprintf(path, sizeof path, "%s/custody.jsonl", folder);
	f = fopen(path, "wb");
	if (f == NULL || fwrite(data, 1, size, f) != size || fclose(f) != 0)
		abort();
	if (athar_custody_check(&state, folder, &err) == ATHAR_OK) {
		if (state.broken_at > state.lines + 1 || (size == 0 && state.broken_at != 1))
			abort();
		if ((state.broken_at != 0) != (state.why[0] != '\0'))
			abort();
	}
	(void)unlink(path);
	(void)rmdir(folder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	parse_record(data, size);
	check_log(data, size);
	return 0;
}
