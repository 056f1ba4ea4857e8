/* SPDX-License-Identifier: BSD-2-Clause */
/* A line of items.jsonl: what is read and written again is read as the same. */
#include <string.h>

#include "athar/item.h"
#include "base/idiom.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool read_item(athar_item *item, const char *line, size_t len)
{
	ATHAR_AUTO(json) athar_json *json = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	return athar_json_parse(&json, line, len, &err) == ATHAR_OK &&
	       athar_item_from_json(item, json, &err) == ATHAR_OK;
}

static char *write_item(const athar_item *item)
{
	ATHAR_AUTO(json) athar_json *json = athar_item_to_json(item, "carve-001", "1");
	athar_error err = ATHAR_ERROR_INIT;
	char *line = NULL;

	if (athar_json_line(&line, json, &err) != ATHAR_OK)
		abort();
	return line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ATHAR_AUTO(item) athar_item item = ATHAR_ITEM_INIT, back = ATHAR_ITEM_INIT;
	ATHAR_AUTO(free) char *line = NULL;
	ATHAR_AUTO(free) char *again = NULL;

	if (!read_item(&item, (const char *)data, size))
		return 0;
	line = write_item(&item);
	if (!read_item(&back, line, strlen(line)))
		abort();
	again = write_item(&back);
	if (strcmp(line, again) != 0)
		abort();
	return 0;
}
