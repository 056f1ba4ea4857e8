/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/record.h"

#include <string.h>

#include "athar/text.h"
#include "athar/version.h"
#include "base/check.h"
#include "engine/acquisition.h"
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

static athar_json *names_of(unsigned hashes)
{
	athar_json *names = athar_json_array();

	for (unsigned bit = 0; bit < ATHAR_DIGEST_COUNT; bit++)
		if (hashes & 1u << bit)
			athar_json_append_text(names, athar_digest_name(1u << bit));
	return names;
}

static athar_json *settings_of(const athar_acquisition *a)
{
	const athar_acquire_options *set = &a->options;
	athar_json *o = athar_json_object();

	athar_json_set_text(o, "format", set->format);
	athar_json_set_text(o, "compression", compression_name(set->compression));
	athar_json_set_text(o, "deflate", athar_inflate_engine());
	athar_json_set_number(o, "segment_size", set->segment_size);
	athar_json_set(o, "hashes", names_of(set->hashes));
	if (set->offset != 0 || set->size != 0)
		athar_json_set_number(o, "offset", set->offset);
	return o;
}

static athar_json *image_of(const athar_acquisition *a)
{
	const athar_imaging *m = &a->imaging;
	const bool padded = m->padded.algorithms != 0;
	const uint64_t media = padded ? athar_round_up(m->size, m->sector) : m->size;
	athar_json *o = athar_json_object();

	athar_json_set_text(o, "name", a->first.image);
	athar_json_set_number(o, "segments", a->out->segments);
	athar_json_set_number(o, "bytes", a->out->image_bytes);
	athar_json_set_number(o, "media_size", media);
	athar_json_set_number(o, "padded_bytes", media - m->size);
	if (m->outlets.one[0].sink->spilled != 0) {
		athar_json_set_number(o, "spilled", m->outlets.one[0].sink->spilled);
		athar_json_set_text(o, "spill", a->options.spill);
	}
	return o;
}

static athar_json *blocks_of(const athar_acquisition *a)
{
	athar_json *o = athar_json_object();
	char name[300];

	(void)snprintf(name, sizeof name, "%s.sha256", a->out->slug);
	athar_json_set_text(o, "name", name);
	athar_json_set_text(o, "algorithm", "sha256");
	athar_json_set_number(o, "block_size", ATHAR_BLOCK_SIZE);
	return o;
}

/* How often the medium was asked when it failed; NULL where it did not. */
static athar_json *rescue_of(const athar_acquisition *a)
{
	const athar_acquire_options *set = &a->options;
	athar_json *o;

	if (!a->session.rescue)
		return NULL;
	o = athar_json_object();
	athar_json_set_number(o, "from", a->session.healthy);
	athar_json_set_number(o, "reads", a->rescued.reads);
	athar_json_set_number(o, "failures", a->rescued.failures);
	athar_json_set_number(o, "retries", set->retries);
	athar_json_set_number(o, "timeout", set->timeout);
	athar_json_set_bool(o, "reverse", set->reverse);
	athar_json_set_bool(o, "as_is", set->as_is);
	athar_json_set_text(o, "domain", set->domain);
	athar_json_set_text(o, "from_map", set->from_map);
	athar_json_set_text(o, "from_image", set->from_image);
	return o;
}

/* The second image: where it is, or why there is none. NULL where none was asked for. */
static athar_json *copy_of(const athar_acquisition *a)
{
	const athar_outlets *outlets = &a->imaging.outlets;
	athar_json *o;

	if (a->options.copy == NULL)
		return NULL;
	o = athar_json_object();
	athar_json_set_text(o, "folder", a->options.copy);
	athar_json_set_text(o, "name", a->second.image);
	if (a->second.image != NULL)
		athar_json_set_text(o, "read_back", athar_read_back_name(a->second.read_back));
	else if (outlets->count > 1)
		athar_json_set_text(o, "error", outlets->one[1].failed.text);
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

static void set_optional(athar_json *o, const char *key, athar_json *value)
{
	if (value != NULL)
		athar_json_set(o, key, value);
}

/* What was read, and what came of it. */
static void set_content(athar_json *o, const athar_acquisition *a)
{
	const athar_imaging *m = &a->imaging;
	char map[300];

	(void)snprintf(map, sizeof map, "%s.map", a->out->slug);
	athar_json_set(o, "image", image_of(a));
	athar_json_set(o, "hashes", athar_digests_to_json(&m->hashes));
	if (m->padded.algorithms != 0)
		athar_json_set(o, "padded_hashes", athar_digests_to_json(&m->padded));
	athar_json_set_text(o, "read_back", athar_read_back_name(a->out->read_back));
	set_optional(o, "judged", athar_json_copy(a->first.judged));
	athar_json_set_number(o, "bad_bytes", a->out->bad_bytes);
	athar_json_set_number(o, "unread_bytes", a->out->unread_bytes);
	athar_json_set(o, "bad", athar_record_ranges(&m->bad, SIZE_MAX));
	athar_json_set_text(o, "fill", "zeros");
	athar_json_set(o, "block_hashes", blocks_of(a));
	athar_json_set_text(o, "map", map);
	set_optional(o, "rescue", rescue_of(a));
	set_optional(o, "copy", copy_of(a));
}

athar_status athar_record_acquisition(char **out, const athar_record *r, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *o = athar_json_object();
	const athar_acquisition *a = r->acquisition;

	athar_json_set_number(o, "v", 1);
	athar_json_set_text(o, "exhibit", a->options.exhibit);
	athar_json_set(o, "source", source_of(a->info));
	set_optional(o, "device", athar_json_copy(a->sheet));
	set_optional(o, "held", athar_json_copy(a->hold.told));
	set_optional(o, "health_after", athar_json_copy(a->health));
	athar_json_set_text(o, "identity_after", a->after);
	athar_json_set_text(o, "seized", a->options.seized);
	set_optional(o, "used_since", athar_json_copy(a->uses));
	set_optional(o, "notes", athar_json_copy(a->notes));
	athar_json_set(o, "settings", settings_of(a));
	athar_record_time(o, "started", a->session.acquired);
	athar_record_time(o, "ended", r->ended);
	set_content(o, a);
	athar_json_set(o, "sessions", athar_session_list(&a->session));
	athar_json_set(o, "versions", athar_version_libraries());
	athar_json_set_text(o, "confinement", a->confinement);
	set_host(o, a->context);
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
