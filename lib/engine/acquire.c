/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar/acquire.h"

#include <errno.h>
#include <string.h>

#include "athar/text.h"
#include "base/files.h"
#include "engine/acquisition.h"
#include "engine/drivers.h"
#include "engine/record.h"

/* Bad ranges in the log's line, which has a bound; the map, whose hash stands there, has them all.
 */
#define LOGGED_RANGES 100000u

/* A second image that nobody can go on with, and that is not whole, would only be in the way. */
static void clear_copy(const athar_acquisition *a)
{
	athar_error ignored = ATHAR_ERROR_INIT;

	if (a->copy_made && !a->out->resumable && a->second.image == NULL)
		(void)athar_remove_tree(a->copy_folder, &ignored);
}

static void clear(athar_acquisition *a)
{
	athar_imaging_close(&a->imaging, a->out->resumable);
	clear_copy(a);
	athar_exhibit_close(a->exhibit);
	if (a->salvage >= 0)
		(void)close(a->salvage);
	athar_medium_close(&a->medium);
	athar_gate_close(a->gate);
	athar_worth_close(a->worth);
	athar_hold_release(&a->hold);
	athar_json_free(a->sheet);
	athar_json_free(a->notes);
	athar_json_free(a->health);
	athar_json_free(a->uses);
	athar_source_close(a->earlier_image);
	athar_source_close(a->source);
	athar_runs_clear(&a->domain);
	athar_map_clear(&a->earlier);
	athar_map_clear(&a->map);
	athar_session_clear(&a->session);
	athar_place_clear(&a->first);
	athar_place_clear(&a->second);
	athar_json_free(a->files);
	free(a->copy_folder);
}

ATHAR_DEFINE_AUTO_VALUE(acquisition, athar_acquisition, clear)

void athar_acquire_result_clear(athar_acquire_result *result)
{
	free(result->slug);
	free(result->image);
	free(result->copy);
	*result = (athar_acquire_result){.size = 0};
}

static athar_status check_options(const athar_acquire_options *o, athar_error *err)
{
	if (o->source == NULL || o->exhibit == NULL || o->exhibit[0] == '\0')
		return athar_fail(err, ATHAR_EUSAGE, "a source and an exhibit id are needed");
	if (o->hashes == 0)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "at least one hash is needed: --hash md5,sha256");
	if (athar_sink_driver_find(o->format) == NULL)
		return athar_fail(err, ATHAR_EUSAGE, "no image format is called %s: ewf or raw",
		                  o->format);
	if (o->from_image != NULL && o->from_map == NULL)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "--from-image needs the map of that image: --from-map");
	return ATHAR_OK;
}

/* A source that is an image itself may not be what it says it is. */
static void check_source(const athar_acquisition *a)
{
	const athar_source_info *info = a->info;

	for (unsigned bit = 0; bit < ATHAR_DIGEST_COUNT; bit++) {
		if ((info->stored.algorithms & a->imaging.hashes.algorithms & 1u << bit) == 0)
			continue;
		if (strcmp(athar_digests_get(&info->stored, 1u << bit),
		           athar_digests_get(&a->imaging.hashes, 1u << bit)) != 0)
			athar_watch_notice(a->watcher,
			                   "%s has another %s on record than its bytes give: athar "
			                   "verify tells more",
			                   a->options.source, athar_digest_name(1u << bit));
	}
	if (info->finding != NULL)
		athar_watch_notice(a->watcher, "%s: %s", a->options.source, info->finding);
}

/* ---- what ends in between ---- */

static uint64_t saved(const athar_acquisition *a)
{
	return a->map.count != 0 ? athar_map_total(&a->map, ATHAR_MAP_FINISHED) : a->imaging.at;
}

/* A pipe's bytes are gone; what never began needs no going on; what a session found standing stays,
 * whatever came of the session. */
static bool is_resumable(const athar_acquisition *a)
{
	if (a->exhibit == NULL || a->files != NULL || a->info->streamed)
		return false;
	return a->options.resume || saved(a) != 0;
}

/* Where nobody knows whether the bytes are on the disk, the map that was saved before stands. */
static athar_status save_map(athar_acquisition *a, athar_error *err)
{
	if (!a->session.rescue || a->map.count == 0)
		return athar_acquisition_save(a, err);
	if (athar_acquisition_in_place(a) && athar_outlets_working(&a->imaging.outlets) == NULL)
		return ATHAR_OK;
	if (a->salvage >= 0 || athar_acquisition_in_place(a))
		ATHAR_TRY(athar_acquisition_make_durable(a, err));
	return athar_acquisition_save(a, err);
}

/* The state is written for the next session; that this fails costs the map at most. */
static void leave(athar_acquisition *a, athar_status status, const athar_error *why)
{
	athar_error err = ATHAR_ERROR_INIT;

	a->out->resumable = true;
	a->out->saved_bytes = saved(a);
	athar_exhibit_keep(a->exhibit);
	a->session.ended = a->context->now(a->context->user);
	a->session.to = a->imaging.at;
	a->session.result = athar_custody_result(status);
	if (a->session.context == NULL || a->imaging.outlets.count == 0)
		return;
	athar_acquisition_give_room(a);
	if (save_map(a, &err) == ATHAR_OK &&
	    athar_session_save(&a->session, a->exhibit, &err) == ATHAR_OK)
		return;
	/* Of a full disk the last line tells anyway. */
	if (why->os_errno != ENOSPC || err.os_errno != ENOSPC)
		athar_watch_notice(a->watcher, "%s", err.text);
}

/* The same failure, with what is to be done. */
static athar_status say_left(const athar_acquisition *a, athar_status status, athar_error *err)
{
	char done[32], all[32];

	if (status == ATHAR_EREFUSED || status == ATHAR_EUSAGE)
		return status;
	athar_text_size(done, sizeof done, a->out->saved_bytes);
	athar_text_size(all, sizeof all, a->info->size);
	athar_error why = *err;
	(void)athar_fail(err, status,
	                 "%.300s; %s of %s are saved, no exhibit was made: the same command with "
	                 "--resume goes on",
	                 why.text, done, all);
	err->offset = why.offset;
	err->os_errno = why.os_errno;
	return status;
}

static athar_status read_all(athar_acquisition *a, athar_error *err)
{
	ATHAR_TRY(athar_acquisition_open(a, err));
	ATHAR_TRY(athar_acquisition_target(a, err));
	a->out->size = a->info->size;
	ATHAR_TRY(athar_acquisition_read(a, err));
	a->out->size = a->imaging.size;
	check_source(a);
	return athar_acquisition_end(a, err);
}

static athar_status acquire(athar_acquisition *a, athar_error *err)
{
	const athar_status status = read_all(a, err);

	if (status == ATHAR_OK || !is_resumable(a))
		return status;
	leave(a, status, err);
	return say_left(a, status, err);
}

/* ---- custody ---- */

static athar_json *begin_data(const athar_acquisition *a)
{
	athar_json *o = athar_json_object();

	athar_json_set_text(o, "source", a->options.source);
	athar_json_set_text(o, "format", a->options.format);
	athar_json_set_bool(o, "resume", a->options.resume);
	athar_json_set_bool(o, "unconfined", a->context->unconfined);
	return o;
}

static void set_exhibit(athar_json *o, const athar_acquisition *a)
{
	const athar_acquire_result *out = a->out;

	athar_json_set_number(o, "bytes", out->size);
	athar_json_set_number(o, "bad_bytes", out->bad_bytes);
	athar_json_set_number(o, "unread_bytes", out->unread_bytes);
	athar_json_set(o, "hashes", athar_digests_to_json(&out->hashes));
	if (out->padded.algorithms != 0)
		athar_json_set(o, "padded_hashes", athar_digests_to_json(&out->padded));
	athar_json_set_text(o, "read_back", athar_read_back_name(out->read_back));
	athar_json_set_text(o, "confinement", a->confinement);
	athar_json_set_number(o, "bad_ranges", a->imaging.bad.count);
	athar_json_set(o, "bad", athar_record_ranges(&a->imaging.bad, LOGGED_RANGES));
	if (out->copy != NULL)
		athar_json_set_text(o, "copy", out->copy);
}

static athar_json *end_data(const athar_acquisition *a, athar_status status, const athar_error *err)
{
	athar_json *o = athar_json_object();

	if (status != ATHAR_OK)
		athar_json_set_text(o, "error", err->text);
	if (a->files != NULL)
		set_exhibit(o, a);
	else if (a->out->resumable)
		athar_json_set_number(o, "saved_bytes", a->out->saved_bytes);
	return o;
}

static athar_status end_custody(athar_acquisition *a, uint64_t begin, athar_status status,
                                athar_error *err)
{
	athar_error logged = ATHAR_ERROR_INIT;
	const char *exhibit = a->options.exhibit;
	athar_json *files = a->files == NULL ? NULL : athar_json_copy(a->files);
	athar_status end =
		athar_custody_end(a->c, begin, "acquire", exhibit, athar_custody_result(status),
	                          files, end_data(a, status, err), &logged);

	if (end == ATHAR_OK)
		end = athar_custody_head(a->out->custody_head, a->c, &logged);
	if (end == ATHAR_OK)
		return status;
	if (status == ATHAR_OK) {
		*err = logged;
		return end;
	}
	athar_watch_notice(a->watcher, "the custody log does not tell how this ended: %s",
	                   logged.text);
	return status;
}

athar_status athar_acquire(athar_acquire_result *out, athar_case *c,
                           const athar_acquire_options *options, const athar_watcher *watcher,
                           athar_error *err)
{
	ATHAR_AUTO(acquisition)
	athar_acquisition a = {.c = c,
	                       .options = *options,
	                       .context = athar_case_context(c),
	                       .watcher = watcher,
	                       .out = out,
	                       .hold = ATHAR_HOLD_INIT,
	                       .salvage = -1};
	uint64_t begin = 0;

	*out = (athar_acquire_result){.size = 0};
	ATHAR_TRY(check_options(options, err));
	ATHAR_TRY(athar_custody_begin(&begin, c, "acquire", options->exhibit, begin_data(&a), err));
	return end_custody(&a, begin, acquire(&a, err), err);
}
