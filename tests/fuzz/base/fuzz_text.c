/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes: what the escapers give is UTF-8 without hidden characters, and the terminal's form can
 * be undone exactly. */
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

static void require_shown(const char *text)
{
	const size_t len = strlen(text);
	uint32_t character = 0;

	for (size_t i = 0; i < len;) {
		const size_t size =
			athar_utf8_decode(&character, (const uint8_t *)text + i, len - i);

		require(size > 0 && !athar_utf8_hidden(character));
		i += size;
	}
}

static void try_terminal(const uint8_t *data, size_t size)
{
	ATHAR_AUTO(free) char *text = NULL;
	ATHAR_AUTO(free) uint8_t *back = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	size_t len = 0;

	require(athar_text_terminal(&text, data, size, &err) == ATHAR_OK);
	require_shown(text);
	require(athar_text_unescape(&back, &len, text, &err) == ATHAR_OK);
	require(len == size && memcmp(back, data, len) == 0);
}

/* Whatever can be undone is what the escaper writes. */
static void try_unescape(const uint8_t *data, size_t size)
{
	ATHAR_AUTO(free) char *text = calloc(1, size + 1);
	ATHAR_AUTO(free) uint8_t *bytes = NULL;
	ATHAR_AUTO(free) char *again = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	size_t len = 0;

	require(text != NULL);
	memcpy(text, data, size);
	if (athar_text_unescape(&bytes, &len, text, &err) == ATHAR_OK) {
		require(athar_text_terminal(&again, bytes, len, &err) == ATHAR_OK);
		require(strcmp(again, text) == 0);
	} else {
		require_shown(err.text);
	}
}

static void try_others(const uint8_t *data, size_t size)
{
	ATHAR_AUTO(free) char *visible = NULL;
	ATHAR_AUTO(free) char *csv = NULL;
	ATHAR_AUTO(free) char *utf8 = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	bool changed = false;

	require(athar_text_visible(&visible, data, size, &err) == ATHAR_OK);
	require_shown(visible);
	require(athar_text_csv(&csv, data, size, &err) == ATHAR_OK);
	require_shown(csv);
	require(csv[0] == '"' && csv[strlen(csv) - 1] == '"' && strchr("=+-@", csv[1]) == NULL);
	require(athar_text_utf8(&utf8, data, size, &changed, &err) == ATHAR_OK);
	require(athar_text_is_utf8(utf8, strlen(utf8)));
	require(changed == (strlen(utf8) != size || memcmp(utf8, data, size) != 0));
}

static void try_json(const uint8_t *data, size_t size)
{
	ATHAR_AUTO(json) athar_json *json = athar_json_object();
	ATHAR_AUTO(json) athar_json *again = NULL;
	ATHAR_AUTO(free) char *line = NULL;
	ATHAR_AUTO(free) uint8_t *back = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	size_t len = 0;

	athar_json_set_bytes(json, "name", data, size);
	require(athar_json_line(&line, json, &err) == ATHAR_OK);
	require_shown(line);
	require(athar_json_parse(&again, line, strlen(line), &err) == ATHAR_OK);
	require(athar_json_get_bytes(&back, &len, again, "name", &err) == ATHAR_OK);
	require(len == size && memcmp(back, data, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t number = 0;
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) char *text = calloc(1, size + 1);

	require(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	try_terminal((const uint8_t *)text, size);
	try_unescape((const uint8_t *)text, size);
	try_others((const uint8_t *)text, size);
	try_json((const uint8_t *)text, size);
	if (athar_text_parse_size(&number, text, &err) == ATHAR_OK)
		require(number <= INT64_MAX);
	return 0;
}
