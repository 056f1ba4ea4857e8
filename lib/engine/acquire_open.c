/* SPDX-License-Identifier: BSD-2-Clause */
/* The source, what must be true of it, and confinement: all before the first byte is read. */
#include <string.h>

#include "base/check.h"
#include "base/files.h"
#include "digest/digest.h"
#include "engine/acquisition.h"
#include "engine/drivers.h"
#include "engine/seizure.h"
#include "engine/target.h"
#include "image/stream.h"
#include "image/window.h"
#include "jail/confine.h"

#define MAP_MAX ((size_t)1 << 30)

static athar_status load_map(athar_map *out, const char *path, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *text = NULL;
	size_t len = 0;

	ATHAR_TRY(athar_file_load(&text, &len, path, MAP_MAX, err));
	if (athar_map_parse(out, (const char *)text, len, err) != ATHAR_OK)
		return athar_within(err, "%s", path);
	return ATHAR_OK;
}

/* What a map calls finished, within the medium. */
static athar_status add_finished(athar_runs *out, const athar_map *map, uint64_t size,
                                 athar_error *err)
{
	for (size_t i = 0; i < map->count; i++) {
		const athar_map_block b = athar_map_at(map, i);

		if (b.state == ATHAR_MAP_FINISHED && b.offset < size)
			ATHAR_TRY(athar_runs_add(out, b.offset,
			                         athar_min(b.length, size - b.offset),
			                         ATHAR_RUN_DATA, err));
	}
	return ATHAR_OK;
}

static athar_status load_domain(athar_acquisition *a, athar_error *err)
{
	ATHAR_AUTO(map) athar_map map = {.count = 0};

	if (a->options.domain == NULL)
		return ATHAR_OK;
	ATHAR_TRY(load_map(&map, a->options.domain, err));
	ATHAR_TRY(add_finished(&a->domain, &map, a->info->size, err));
	if (a->domain.count == 0)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "%s calls nothing of the medium finished: there is nothing to "
		                  "read",
		                  a->options.domain);
	return ATHAR_OK;
}

/* A map of another medium would put bytes where they never were. */
static athar_status check_earlier(const athar_acquisition *a, athar_error *err)
{
	if (a->earlier.size <= a->info->size)
		return ATHAR_OK;
	return athar_fail(err, ATHAR_EREFUSED,
	                  "%s speaks of %llu bytes, %s has %llu: it is the map of another medium",
	                  a->options.from_map, (unsigned long long)a->earlier.size,
	                  a->options.source, (unsigned long long)a->info->size);
}

/* The image of a map without one of its own is the source itself: what the map says it lacks is
 * known to be bad, and nothing more is read. */
static athar_status load_earlier(athar_acquisition *a, athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs lacking = ATHAR_RUNS_INIT;

	if (a->options.from_map == NULL)
		return ATHAR_OK;
	ATHAR_TRY(load_map(&a->earlier, a->options.from_map, err));
	ATHAR_TRY(check_earlier(a, err));
	ATHAR_TRY(athar_map_resize(&a->earlier, a->info->size, err));
	if (a->options.from_image != NULL)
		return athar_source_open(&a->earlier_image, a->options.from_image, err);
	if (a->info->device)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "%s is a device: --from-image names the image that the map "
		                  "speaks of",
		                  a->options.source);
	ATHAR_TRY(athar_map_lacking(&lacking, &a->earlier, err));
	return athar_source_mark(a->source, &lacking, err);
}

/* From here on the process can read and write below its targets only: the source is open, all files
 * of it. */
static athar_status confine(athar_acquisition *a, athar_error *err)
{
	const char *write[4] = {athar_case_folder(a->c)};
	size_t count = 1;

	if (a->options.copy != NULL)
		write[count++] = a->options.copy;
	if (a->options.spill != NULL)
		write[count] = a->options.spill;
	athar_digest_prepare();
	ATHAR_TRY(athar_drop_privileges(athar_case_folder(a->c), err));
	ATHAR_TRY(athar_acquisition_worth_open(a, err));
	return athar_confine(&a->confinement,
	                     &(athar_confine_spec){.kind = ATHAR_CONFINE_IMAGER,
	                                           .write = write,
	                                           .links = a->options.spill != NULL,
	                                           .unconfined = a->context->unconfined},
	                     err);
}

static athar_status check_targets(athar_acquisition *a, athar_error *err)
{
	a->notes = athar_json_array();
	ATHAR_TRY(athar_target_source_allowed(a->notes, a->info, a->options.force_own_disk, err));
	ATHAR_TRY(athar_target_apart(a->info, athar_case_folder(a->c), err));
	if (a->options.copy != NULL)
		ATHAR_TRY(athar_target_apart(a->info, a->options.copy, err));
	if (a->options.spill != NULL)
		ATHAR_TRY(athar_target_apart(a->info, a->options.spill, err));
	return ATHAR_OK;
}

athar_status athar_acquisition_window(athar_acquisition *a, athar_error *err)
{
	const athar_acquire_options *o = &a->options;
	athar_source *whole;

	if (o->offset == 0 && o->size == 0)
		return ATHAR_OK;
	whole = ATHAR_GIVE(a->source);
	return athar_source_window(&a->source, whole, o->offset,
	                           o->size == 0 ? ATHAR_SIZE_UNKNOWN : o->size, err);
}

static athar_status open_source(athar_acquisition *a, athar_error *err)
{
	const athar_acquire_options *o = &a->options;

	/* The source's files stay open while the image's are read back. */
	ATHAR_TRY(athar_allow_files(2 * ATHAR_SEGMENT_FILES, err));
	ATHAR_TRY(athar_stream_is(o->source) ? athar_source_stream(&a->source, o->source, err)
	                                     : athar_source_open(&a->source, o->source, err));
	/* The way back leads to the whole of it. */
	if (athar_medium_is(a->source))
		ATHAR_TRY(athar_gate_open(&a->gate, a->source, o->force_own_disk == NULL, err));
	ATHAR_TRY(athar_acquisition_window(a, err));
	a->info = athar_source_describe(a->source);
	if (a->info->size == 0)
		return athar_fail(err, ATHAR_EREFUSED, "%s holds no bytes", o->source);
	return ATHAR_OK;
}

/* A source whose lacking ranges are known from a map is an image: it is read in order. */
static athar_status open_medium(athar_acquisition *a, athar_error *err)
{
	if (a->options.first != 0 && a->options.domain != NULL)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "--first and --domain both say what is read: give one of them");
	a->has_medium = athar_medium_is(a->source) &&
	                (a->options.from_map == NULL || a->earlier_image != NULL);
	if (a->has_medium)
		return athar_medium_open(&a->medium, a->source, a->options.timeout, err);
	if (a->options.rescue || a->options.domain != NULL || a->options.reverse ||
	    a->options.stop_after != 0 || a->options.first != 0 || a->earlier_image != NULL ||
	    a->options.as_is)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "%s is no medium that can be rescued: its bytes come from a "
		                  "container or a pipe",
		                  a->options.source);
	return ATHAR_OK;
}

/* ---- the device ---- */

static athar_status check_serial(const athar_acquisition *a, athar_error *err)
{
	const char *expected = a->options.expect_serial;

	if (expected == NULL || athar_serial_matches(expected, a->info))
		return ATHAR_OK;
	return athar_fail(
		err, ATHAR_EREFUSED, "%s has the serial number %s, not %s: is it the right device?",
		a->options.source, a->info->serial == NULL ? "(none)" : a->info->serial, expected);
}

static void tell_notes(const athar_acquisition *a, const athar_json *notes)
{
	for (size_t i = 0; notes != NULL && i < athar_json_count(notes); i++)
		athar_watch_notice(a->watcher, "%s", athar_json_text(athar_json_at(notes, i)));
}

static void tell_use(const athar_acquisition *a, const athar_json *use)
{
	const char *what = athar_json_get_text(use, "what");
	const char *time = athar_json_get_text(use, "time");
	const char *kind = athar_json_get_text(use, "kind");

	athar_watch_notice(a->watcher,
	                   "its %s file system was %s at %s: the seizure is stated as %s",
	                   kind == NULL ? "" : kind, what == NULL ? "used" : what,
	                   time == NULL ? "an unknown time" : time, a->options.seized);
}

/* Superblocks are read in a confined worker of their own. */
static athar_status check_seizure(athar_acquisition *a, athar_error *err)
{
	athar_seizure seizure;
	char finding[300] = "";

	if (a->options.seized == NULL)
		return ATHAR_OK;
	ATHAR_TRY(athar_seizure_parse(&seizure, a->options.seized, err));
	ATHAR_TRY(athar_seizure_check(&a->uses, finding, a->options.source, &seizure, a->context,
	                              err));
	if (finding[0] != '\0')
		athar_watch_notice(a->watcher, "%s", finding);
	for (size_t i = 0; i < athar_json_count(a->uses); i++)
		tell_use(a, athar_json_at(a->uses, i));
	return ATHAR_OK;
}

/* All that is known of it, before its first sector is read; and others are kept off it. */
static athar_status take_sheet(athar_acquisition *a, athar_error *err)
{
	const char *path = a->options.source;

	if (a->info->streamed || !a->has_medium)
		return ATHAR_OK;
	ATHAR_TRY(athar_sheet_take(&a->sheet, path, err));
	if (a->info->device)
		tell_notes(a, athar_json_get(a->sheet, "notes"));
	tell_notes(a, a->notes);
	ATHAR_TRY(athar_hold_take(&a->hold, path, false, err));
	ATHAR_TRY(check_seizure(a, err));
	return ATHAR_OK;
}

athar_status athar_acquisition_open(athar_acquisition *a, athar_error *err)
{
	ATHAR_TRY(open_source(a, err));
	ATHAR_TRY(check_serial(a, err));
	ATHAR_TRY(check_targets(a, err));
	ATHAR_TRY(load_earlier(a, err));
	ATHAR_TRY(load_domain(a, err));
	ATHAR_TRY(open_medium(a, err));
	ATHAR_TRY(take_sheet(a, err));
	return confine(a, err);
}
