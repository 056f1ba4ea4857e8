/* SPDX-License-Identifier: BSD-2-Clause */
/* What is read and written is read again as the same, and is safe to show. */
#include <stdlib.h>
#include <string.h>

#include "athar/json.h"
#include "athar/text.h"
#include "base/idiom.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void require_shown(const char *line)
{
	const size_t len = strlen(line);
	uint32_t character = 0;

	for (size_t i = 0; i < len;) {
		const size_t size =
			athar_utf8_decode(&character, (const uint8_t *)line + i, len - i);

		require(size > 0 && !athar_utf8_hidden(character));
		i += size;
	}
}

static void ask_everything(const athar_json *json, unsigned depth)
{
	athar_error err = ATHAR_ERROR_INIT;

	for (size_t i = 0; i < athar_json_count(json) && i < 50 && depth < 5; i++) {
		ATHAR_AUTO(free) uint8_t *bytes = NULL;
		const char *key = athar_json_key(json, i);
		uint64_t number = 0;
		int64_t negative = 0;
		size_t len = 0;
		bool truth = false;

		ask_everything(athar_json_at(json, i), depth + 1);
		if (key == NULL)
			continue;
		require(athar_json_get(json, key) != NULL);
		(void)athar_json_get_bool(json, key, &truth);
		if (athar_json_get_number(json, key, &number) && number <= INT64_MAX)
			require(athar_json_get_signed(json, key, &negative) &&
			        (uint64_t)negative == number);
		if (athar_json_get_bytes(&bytes, &len, json, key, &err) == ATHAR_OK)
			require(bytes[len] == 0);
		ask_everything(athar_json_get(json, key), depth + 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ATHAR_AUTO(json) athar_json *json = NULL;
	ATHAR_AUTO(json) athar_json *again = NULL;
	ATHAR_AUTO(json) athar_json *copy = NULL;
	ATHAR_AUTO(free) char *line = NULL;
	ATHAR_AUTO(free) char *line_again = NULL;
	ATHAR_AUTO(free) char *line_copy = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	if (athar_json_parse(&json, (const char *)data, size, &err) != ATHAR_OK)
		return 0;
	ask_everything(json, 0);
	require(athar_json_line(&line, json, &err) == ATHAR_OK);
	require_shown(line);
	require(athar_json_parse(&again, line, strlen(line), &err) == ATHAR_OK);
	require(athar_json_line(&line_again, again, &err) == ATHAR_OK);
	require(strcmp(line, line_again) == 0);
	copy = athar_json_copy(json);
	require(athar_json_line(&line_copy, copy, &err) == ATHAR_OK);
	require(strcmp(line, line_copy) == 0);
	return 0;
}
