/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/record.h"

#include <string.h>

#include "athar/text.h"
#include "athar/version.h"
#include "engine/pass.h"

const char *athar_read_back_name(athar_read_back read_back)
{
	static const char *const names[] = {"not done", "same", "differs"};

	return names[read_back];
}

void athar_record_time(athar_json *object, const char *key, int64_t seconds)
{
	char text[32];

	athar_json_set_text(object, key, athar_text_time(text, sizeof text, seconds));
}

athar_json *athar_record_ranges(const athar_runs *runs, size_t most)
{
	athar_json *list = athar_json_array();

	for (size_t i = 0; i < runs->count && i < most; i++) {
		athar_json *range = athar_json_object();

		athar_json_set_number(range, "offset", runs->run[i].offset);
		athar_json_set_number(range, "length", runs->run[i].length);
		athar_json_set_text(range, "kind",
		                    runs->run[i].kind == ATHAR_RUN_BAD ? "bad" : "unread");
		athar_json_append(list, range);
	}
	return list;
}

static const char *compression_name(athar_compression compression)
{
	static const char *const names[] = {"none", "fast", "best"};

	return names[compression];
}

static athar_json *source_of(const athar_source_info *info)
{
	athar_json *o = athar_json_object();

	athar_json_set_text(o, "path", info->path);
	athar_json_set_text(o, "driver", info->driver);
	athar_json_set_number(o, "size", info->size);
	athar_json_set_number(o, "sector_size", info->sector_size);
	athar_json_set_number(o, "physical_sector_size", info->physical_sector_size);
	athar_json_set_bool(o, "device", info->device);
	athar_json_set_bool(o, "read_only", info->read_only);
	athar_json_set_text(o, "model", info->model);
	athar_json_set_text(o, "serial", info->serial);
	athar_json_set_text(o, "firmware", info->firmware);
	athar_json_set_text(o, "wwn", info->wwn);
	athar_json_set_text(o, "bus", info->bus);
	if (info->stored.algorithms != 0)
		athar_json_set(o, "stored_hashes", athar_digests_to_json(&info->stored));
	if (info->finding != NULL)
		athar_json_set_text(o, "finding", info->finding);
	return o;
}

static athar_json *settings_of(const athar_record *r)
{
	athar_json *o = athar_json_object();
	athar_json *hashes = athar_json_array();

	for (unsigned bit = 0; bit < ATHAR_DIGEST_COUNT; bit++)
		if (r->options->hashes & 1u << bit)
			athar_json_append_text(hashes, athar_digest_name(1u << bit));
	athar_json_set_text(o, "format", r->options->format);
	athar_json_set_text(o, "compression", compression_name(r->options->compression));
	athar_json_set_text(o, "deflate", athar_inflate_engine());
	athar_json_set_number(o, "segment_size", r->sink->spec.segment_size);
	athar_json_set(o, "hashes", hashes);
	return o;
}

static athar_json *image_of(const athar_record *r)
{
	athar_json *o = athar_json_object();
	uint64_t size = r->source->size, sector = r->sink->spec.sector_size;
	bool padded = r->imaging->padded.algorithms != 0;
	uint64_t media = padded ? size + (sector - size % sector) : size;

	athar_json_set_text(o, "name", r->image_name);
	athar_json_set_number(o, "segments", r->result->segments);
	athar_json_set_number(o, "bytes", r->result->image_bytes);
	athar_json_set_number(o, "media_size", media);
	athar_json_set_number(o, "padded_bytes", media - size);
	return o;
}

static athar_json *blocks_of(const athar_record *r)
{
	athar_json *o = athar_json_object();
	char name[300];

	(void)snprintf(name, sizeof name, "%s.sha256", r->sink->spec.name);
	athar_json_set_text(o, "name", name);
	athar_json_set_text(o, "algorithm", "sha256");
	athar_json_set_number(o, "block_size", ATHAR_BLOCK_SIZE);
	return o;
}

static void set_host(athar_json *o, const athar_context *context)
{
	athar_json_set_text(o, "host", context->host);
	athar_json_set_text(o, "system", context->system);
	athar_json_set_text(o, "login", context->login);
	athar_json_set_text(o, "examiner", context->examiner);
	athar_json_set_text(o, "command", context->command);
}

static athar_status line_of(char **out, const athar_json *json, athar_error *err)
{
	ATHAR_AUTO(free) char *line = NULL;

	ATHAR_TRY(athar_json_pretty(&line, json, err));
	size_t len = strlen(line);
	char *grown = realloc(line, len + 2);
	if (grown == NULL)
		return athar_fail(err, ATHAR_ENOMEM, "out of memory");
	(void)memcpy(grown + len, "\n", 2);
	line = NULL;
	*out = grown;
	return ATHAR_OK;
}

athar_status athar_record_acquisition(char **out, const athar_record *r, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *o = athar_json_object();
	char map[300];

	(void)snprintf(map, sizeof map, "%s.map", r->sink->spec.name);
	athar_json_set_number(o, "v", 1);
	athar_json_set_text(o, "exhibit", r->options->exhibit);
	athar_json_set(o, "source", source_of(r->source));
	athar_json_set(o, "settings", settings_of(r));
	athar_record_time(o, "started", r->started);
	athar_record_time(o, "ended", r->ended);
	athar_json_set(o, "image", image_of(r));
	athar_json_set(o, "hashes", athar_digests_to_json(&r->imaging->hashes));
	if (r->imaging->padded.algorithms != 0)
		athar_json_set(o, "padded_hashes", athar_digests_to_json(&r->imaging->padded));
	athar_json_set_text(o, "read_back", athar_read_back_name(r->result->read_back));
	athar_json_set_number(o, "bad_bytes", r->result->bad_bytes);
	athar_json_set(o, "bad", athar_record_ranges(&r->imaging->bad, SIZE_MAX));
	athar_json_set_text(o, "fill", "zeros");
	athar_json_set(o, "block_hashes", blocks_of(r));
	athar_json_set_text(o, "map", map);
	athar_json_set(o, "versions", athar_version_libraries());
	athar_json_set_text(o, "confinement", r->confinement);
	set_host(o, r->context);
	return line_of(out, o, err);
}

athar_status athar_record_exhibit(char **out, const athar_acquire_options *options,
                                  athar_error *err)
{
	ATHAR_AUTO(json) athar_json *o = athar_json_object();

	athar_json_set_number(o, "v", 1);
	athar_json_set_text(o, "id", options->exhibit);
	athar_json_set_text(o, "description", options->description);
	athar_json_set_text(o, "notes", options->notes);
	athar_json_set_text(o, "seal", options->seal);
	athar_json_set_text(o, "condition", options->condition);
	athar_json_set_text(o, "write_blocker", options->write_blocker);
	return line_of(out, o, err);
}

static int map_line(FILE *f, uint64_t offset, uint64_t length, char status)
{
	return fprintf(f, "0x%08llX  0x%08llX  %c\n", (unsigned long long)offset,
	               (unsigned long long)length, status);
}

static void map_body(FILE *f, const athar_runs *bad, uint64_t size)
{
	uint64_t at = 0;

	for (size_t i = 0; i < bad->count; i++) {
		const athar_run *r = &bad->run[i];

		if (r->offset > at)
			(void)map_line(f, at, r->offset - at, '+');
		(void)map_line(f, r->offset, r->length, r->kind == ATHAR_RUN_BAD ? '-' : '?');
		at = r->offset + r->length;
	}
	if (at < size)
		(void)map_line(f, at, size - at, '+');
}

athar_status athar_record_map(char **out, const athar_runs *bad, uint64_t size, athar_error *err)
{
	size_t len = 0;
	FILE *f = open_memstream(out, &len);

	if (f == NULL)
		return athar_fail_errno(err, "cannot build the map");
	(void)fprintf(f, "# Mapfile. Created by athar %s\n", athar_version());
	(void)fprintf(f, "# current_pos  current_status  current_pass\n");
	(void)fprintf(f, "0x%08llX     +               1\n", (unsigned long long)size);
	(void)fprintf(f, "#      pos        size  status\n");
	map_body(f, bad, size);
	if (fclose(f) == 0)
		return ATHAR_OK;
	free(*out);
	*out = NULL;
	return athar_fail(err, ATHAR_ENOMEM, "out of memory for the map");
}
