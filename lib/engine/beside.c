/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/beside.h"

#include <string.h>

#include "athar/json.h"
#include "base/alloc.h"
#include "base/files.h"
#include "engine/marks.h"
#include "rescue/map.h"

#define MAP_LIMIT (256u << 20)
#define RECORD_LIMIT (64u << 20)

static athar_status load_record(athar_json **out, const char *folder, athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_format_text(err, "%sacquisition.json", folder);
	ATHAR_AUTO(free) uint8_t *text = NULL;
	athar_error none = ATHAR_ERROR_INIT;
	size_t len = 0;

	if (path == NULL)
		return ATHAR_ENOMEM;
	if (athar_file_load(&text, &len, path, RECORD_LIMIT, &none) != ATHAR_OK ||
	    athar_json_parse(out, (const char *)text, len, &none) != ATHAR_OK)
		*out = NULL;
	return none.status == ATHAR_ENOMEM ? athar_fail(err, ATHAR_ENOMEM, "%s", none.text)
	                                   : ATHAR_OK;
}

static athar_status take_record(athar_beside *out, const char *folder, const athar_json *record,
                                athar_error *err)
{
	const char *blocks = athar_json_get_text(athar_json_get(record, "block_hashes"), "name");

	if (athar_json_get(record, "padded_hashes") != NULL)
		(void)athar_json_get_number(athar_json_get(record, "source"), "size",
		                            &out->true_size);
	ATHAR_TRY(athar_marks_of(&out->lacking, record, err));
	if (blocks == NULL || strchr(blocks, '/') != NULL)
		return ATHAR_OK;
	out->blocks = athar_format_text(err, "%s%s", folder, blocks);
	return out->blocks == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

/* A map that is there and makes no sense says nothing. */
static athar_status take_map(athar_runs *out, const char *path, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *text = NULL;
	ATHAR_AUTO(map) athar_map map = {.size = 0};
	athar_error none = ATHAR_ERROR_INIT;
	size_t len = 0;

	if (path == NULL)
		return ATHAR_ENOMEM;
	if (athar_file_load(&text, &len, path, MAP_LIMIT, &none) != ATHAR_OK ||
	    athar_map_parse(&map, (const char *)text, len, &none) != ATHAR_OK)
		return none.status == ATHAR_ENOMEM ? athar_fail(err, ATHAR_ENOMEM, "%s", none.text)
		                                   : ATHAR_OK;
	return athar_map_lacking(out, &map, err);
}

/* What ddrescue left: disk.img and disk.map, or disk.img.map. */
static athar_status take_maps(athar_beside *out, const char *image, athar_error *err)
{
	const char *dot = strrchr(image, '.');
	const size_t stem = dot == NULL ? strlen(image) : (size_t)(dot - image);
	ATHAR_AUTO(free) char *instead = athar_format_text(err, "%.*s.map", (int)stem, image);
	ATHAR_AUTO(free) char *behind = athar_format_text(err, "%s.map", image);

	ATHAR_TRY(take_map(&out->lacking, instead, err));
	return out->lacking.count != 0 ? ATHAR_OK : take_map(&out->lacking, behind, err);
}

athar_status athar_beside_load(athar_beside *out, const char *image, athar_error *err)
{
	const char *slash = strrchr(image, '/');
	const char *base = slash == NULL ? image : slash + 1;
	ATHAR_AUTO(free)
	char *folder = athar_format_text(err, "%.*s", (int)(base - image), image);
	ATHAR_AUTO(json) athar_json *record = NULL;
	const char *name;

	if (folder == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(load_record(&record, folder, err));
	name = athar_json_get_text(athar_json_get(record, "image"), "name");
	if (name == NULL || strcmp(name, base) != 0)
		return take_maps(out, image, err);
	return take_record(out, folder, record, err);
}

void athar_beside_clear(athar_beside *beside)
{
	athar_runs_clear(&beside->lacking);
	free(beside->blocks);
	*beside = (athar_beside){.blocks = NULL};
}
