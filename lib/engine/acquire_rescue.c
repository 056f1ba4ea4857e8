/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When the medium fails: what can be read is read in the order that saves most. An image whose form
 * allows it grows in place, with holes; for one that does not, a raw file beside it does, and the
 * image is made of that in the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/files.h"
#include "engine/acquisition.h"
#include "engine/drivers.h"
#include "engine/pass.h"
#include "engine/target.h"

#define SALVAGE ATHAR_SALVAGE
#define NANOSECONDS INT64_C(1000000000)
/* Of 64 KiB: reads of the size that the medium takes at once. */
#define STRIDES (ATHAR_MEDIUM_READ / 65536u)

/* Whatever its first bytes look like, it is the medium's bytes and nothing else. */
static const athar_source_driver *const raw_only[] = {&athar_source_raw, NULL};

/* Who says what is worth most looks at one file. */
bool athar_acquisition_in_place(const athar_acquisition *a)
{
	const bool one_file = a->options.segment_size == 0;

	return a->imaging.driver->write_at != NULL && (a->options.first == 0 || one_file);
}

/* ---- where the bytes go ---- */

/* Holes in front and between: its places are those of the medium. */
static athar_status open_salvage(athar_acquisition *a, athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_acquisition_path(a, SALVAGE, err);
	struct stat st;

	if (path == NULL)
		return ATHAR_ENOMEM;
	if (lstat(path, &st) != 0 && errno == ENOENT) {
		ATHAR_TRY(athar_target_file(athar_exhibit_folder(a->exhibit), a->info->size, err));
		ATHAR_TRY(athar_target_room(athar_exhibit_folder(a->exhibit),
		                            a->info->size - a->imaging.at, err));
		ATHAR_TRY(athar_file_create(&a->salvage, path, err));
	} else {
		a->salvage = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	}
	if (a->salvage < 0 || ftruncate(a->salvage, (off_t)a->info->size) != 0)
		return athar_fail_errno(err, "cannot open %s", path);
	return ATHAR_OK;
}

static athar_status write_salvage(const athar_acquisition *a, const uint8_t *bytes, size_t len,
                                  uint64_t offset, athar_error *err)
{
	for (size_t done = 0; done < len;) {
		const ssize_t n =
			pwrite(a->salvage, bytes + done, len - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return athar_fail_errno(err, "cannot write %s/%s." SALVAGE,
			                        athar_exhibit_folder(a->exhibit),
			                        athar_exhibit_name(a->exhibit));
		done += (size_t)n;
	}
	return ATHAR_OK;
}

static athar_status put(athar_acquisition *a, const void *bytes, size_t len, uint64_t offset,
                        athar_error *err)
{
	if (athar_acquisition_in_place(a))
		return athar_outlets_write_at(&a->imaging.outlets, bytes, len, offset, err);
	return write_salvage(a, bytes, len, offset, err);
}

athar_status athar_acquisition_make_durable(athar_acquisition *a, athar_error *err)
{
	if (athar_acquisition_in_place(a)) {
		ATHAR_TRY(athar_outlets_checkpoint(&a->imaging.outlets, err));
		return athar_acquisition_note_behind(a, err);
	}
	if (fdatasync(a->salvage) != 0)
		return athar_fail_errno(err, "cannot write %s/%s." SALVAGE,
		                        athar_exhibit_folder(a->exhibit),
		                        athar_exhibit_name(a->exhibit));
	return ATHAR_OK;
}

/* ---- what the rescue asks for ---- */

static athar_status on_read(void *user, void *buf, size_t len, uint64_t offset, size_t *got,
                            athar_attempt *how, athar_error *err)
{
	athar_acquisition *a = user;

	return athar_medium_read(&a->medium, true, buf, len, offset, got, how, err);
}

static athar_status on_write(void *user, const void *buf, size_t len, uint64_t offset,
                             athar_error *err)
{
	return put(user, buf, len, offset, err);
}

static athar_status on_save(void *user, const athar_map *map, athar_error *err)
{
	athar_acquisition *a = user;

	(void)map; /* it is the acquisition's own */
	ATHAR_TRY(athar_acquisition_make_durable(a, err));
	return athar_acquisition_save(a, err);
}

static int64_t on_now(void *user)
{
	const athar_context *context = ((athar_acquisition *)user)->context;

	return context->steady == NULL ? 0 : context->steady(context->user);
}

static const char *phase_name(athar_map_phase phase)
{
	switch (phase) {
	case ATHAR_MAP_TRIMMING:
		return "rescue: trim";
	case ATHAR_MAP_SCRAPING:
		return "rescue: scrape";
	case ATHAR_MAP_RETRYING:
		return "rescue: retry";
	default:
		return "rescue: copy";
	}
}

static bool on_tick(void *user, const athar_rescue_progress *p)
{
	athar_acquisition *a = user;
	athar_progress progress = {.phase = phase_name(p->phase),
	                           .done = p->read,
	                           .total = p->read + p->bad + p->left,
	                           .bad = p->bad};

	athar_watch_progress(a->watcher, &progress);
	athar_outlets_tell(&a->imaging.outlets, a->watcher);
	athar_acquisition_watch(a);
	return athar_watch_cancelled(a->watcher);
}

/* ---- what somebody read before ---- */

static athar_status copy_earlier(athar_acquisition *a, uint8_t *buf, uint64_t offset,
                                 uint64_t length, athar_error *err)
{
	while (length > 0) {
		const size_t len = (size_t)athar_min(length, ATHAR_BLOCK_SIZE);
		size_t got = 0;

		ATHAR_TRY(athar_source_read(a->earlier_image, buf, len, offset, &got, NULL, err));
		if (got == 0)
			return athar_fail_at(err, ATHAR_EREFUSED, offset,
			                     "%s ends before its map does", a->options.from_image);
		ATHAR_TRY(put(a, buf, got, offset, err));
		ATHAR_TRY(athar_map_change(&a->map, offset, got, ATHAR_MAP_FINISHED, err));
		if (athar_watch_cancelled(a->watcher))
			return athar_fail(err, ATHAR_ECANCELED, "stopped on request");
		offset += got;
		length -= got;
	}
	return ATHAR_OK;
}

/* What is finished there is copied; the other states are taken where here nothing was tried. */
static athar_status take_earlier(athar_acquisition *a, uint8_t *buf, bool finished,
                                 athar_error *err)
{
	for (size_t i = 0; i < a->earlier.count; i++) {
		const athar_map_block b = athar_map_at(&a->earlier, i);
		uint64_t at = b.offset;

		while ((b.state == ATHAR_MAP_FINISHED) == finished && at < b.offset + b.length) {
			const athar_map_block here =
				athar_map_at(&a->map, athar_map_find(&a->map, at));
			const uint64_t end =
				athar_min(here.offset + here.length, b.offset + b.length);

			if (finished && here.state != ATHAR_MAP_FINISHED)
				ATHAR_TRY(copy_earlier(a, buf, at, end - at, err));
			else if (!finished && here.state == ATHAR_MAP_NONTRIED)
				ATHAR_TRY(athar_map_change(&a->map, at, end - at, b.state, err));
			at = end;
		}
	}
	return ATHAR_OK;
}

static athar_status bring_earlier(athar_acquisition *a, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *buf = NULL;

	if (a->earlier_image == NULL)
		return ATHAR_OK;
	buf = athar_alloc_pages(ATHAR_BLOCK_SIZE, err);
	if (buf == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(take_earlier(a, buf, true, err));
	ATHAR_TRY(take_earlier(a, buf, false, err));
	return on_save(a, &a->map, err);
}

/* ---- the run ---- */

/* The good beginning of the read that failed. */
static athar_status keep_spare(athar_acquisition *a, athar_error *err)
{
	const uint64_t at = a->session.healthy;
	const size_t len = (size_t)athar_round_down(a->spare, a->info->sector_size);

	if (len == 0)
		return ATHAR_OK;
	ATHAR_TRY(put(a, a->medium.spare, len, at, err));
	return athar_map_change(&a->map, at, len, ATHAR_MAP_FINISHED, err);
}

static athar_status begin_map(athar_acquisition *a, athar_error *err)
{
	if (a->map.count == 0)
		ATHAR_TRY(athar_map_init(&a->map, a->info->size, err));
	ATHAR_TRY(athar_map_change(&a->map, 0, a->session.healthy, ATHAR_MAP_FINISHED, err));
	ATHAR_TRY(athar_outlets_checkpoint(&a->imaging.outlets, err));
	ATHAR_TRY(keep_spare(a, err));
	ATHAR_TRY(on_save(a, &a->map, err));
	return athar_session_save(&a->session, a->exhibit, err);
}

/* Tries count over the whole acquisition. */
static void add_up(athar_acquisition *a, const athar_rescue *one)
{
	const uint64_t reads = a->rescued.reads + one->reads;
	const uint64_t failures = a->rescued.failures + one->failures;

	a->rescued = *one;
	a->rescued.reads = reads;
	a->rescued.failures = failures;
}

/* Seconds that are left of those given for all rescues together; at least one. */
static unsigned time_left(athar_acquisition *a)
{
	const int64_t now = on_now(a);
	uint64_t spent;

	if (a->options.stop_after == 0)
		return 0;
	if (a->rescuing_since == 0)
		a->rescuing_since = now;
	spent = (uint64_t)((now - a->rescuing_since) / NANOSECONDS);
	return spent < a->options.stop_after ? a->options.stop_after - (unsigned)spent : 1;
}

static athar_rescue_spec spec_of(athar_acquisition *a)
{
	const athar_acquire_options *o = &a->options;

	return (athar_rescue_spec){.size = a->info->size,
	                           .sector = a->info->sector_size,
	                           .strides = STRIDES,
	                           .read = on_read,
	                           .write = on_write,
	                           .save = on_save,
	                           .now = on_now,
	                           .tick = on_tick,
	                           .user = a,
	                           .reverse = o->reverse,
	                           .max_bad = o->max_bad,
	                           .min_rate = o->min_rate,
	                           .stop_after = time_left(a)};
}

athar_status athar_acquisition_rescue_ranges(athar_acquisition *a, const athar_runs *ranges,
                                             bool hasty, athar_error *err)
{
	athar_rescue_spec spec = spec_of(a);
	athar_rescue one = {.reads = 0};

	spec.domain = ranges;
	spec.copy_only = hasty;
	ATHAR_TRY(athar_rescue_run(&one, &a->map, &spec, err));
	add_up(a, &one);
	return ATHAR_OK;
}

static athar_status run_once(athar_acquisition *a, athar_error *err)
{
	athar_rescue_spec spec = spec_of(a);
	athar_rescue one = {.reads = 0};

	a->rescued.end = ATHAR_RESCUE_DONE;
	ATHAR_TRY(athar_acquisition_worth(a, err));
	if (a->rescued.end != ATHAR_RESCUE_DONE)
		return ATHAR_OK;
	spec.retries = a->options.retries;
	spec.domain = a->options.domain == NULL ? NULL : &a->domain;
	ATHAR_TRY(athar_rescue_run(&one, &a->map, &spec, err));
	add_up(a, &one);
	return ATHAR_OK;
}

static bool is_lost(athar_rescue_end end)
{
	return end == ATHAR_RESCUE_GONE || end == ATHAR_RESCUE_DYING || end == ATHAR_RESCUE_HUNG;
}

/* Again when the device was away and is back; but not for ever with one that gives nothing more. */
static athar_status run(athar_acquisition *a, athar_error *err)
{
	bool back = true;

	while (back) {
		const uint64_t before = athar_map_total(&a->map, ATHAR_MAP_FINISHED);

		ATHAR_TRY(run_once(a, err));
		back = false;
		if (is_lost(a->rescued.end) &&
		    athar_map_total(&a->map, ATHAR_MAP_FINISHED) > before)
			ATHAR_TRY(athar_acquisition_wait(&back, a, err));
	}
	return ATHAR_OK;
}

/* Why it cannot go on now; what was saved stands. */
static athar_status stopped(const athar_acquisition *a, athar_error *err)
{
	const char *source = a->options.source;
	const uint64_t at = a->rescued.last_bad;

	switch (a->rescued.end) {
	case ATHAR_RESCUE_DONE:
		return ATHAR_OK;
	case ATHAR_RESCUE_CANCELLED:
		return athar_fail(err, ATHAR_ECANCELED, "stopped on request");
	case ATHAR_RESCUE_TIME:
		return athar_fail(err, ATHAR_EIO, "%s: the time given for reading it is over",
		                  source);
	case ATHAR_RESCUE_MAX_BAD:
		return athar_fail_at(err, ATHAR_EIO, at,
		                     "%s has more bad bytes than --max-bad says", source);
	case ATHAR_RESCUE_DYING:
		return athar_fail_at(err, ATHAR_EIO, at,
		                     "%s is dying: places that were read before fail now; let it "
		                     "rest, or switch its power off and on",
		                     source);
	case ATHAR_RESCUE_GONE:
		return athar_fail_at(err, ATHAR_EIO, at, "%s is not there any more", source);
	case ATHAR_RESCUE_HUNG:
		return athar_fail_at(err, ATHAR_EIO, at,
		                     "%s does not answer: its reads hang; switch its power off and "
		                     "on",
		                     source);
	}
	return athar_fail(err, ATHAR_EIO, "%s cannot be read on", source);
}

/* ---- the image is made of it ---- */

static athar_status seal_in_place(athar_acquisition *a, const athar_runs *lacking, athar_error *err)
{
	ATHAR_AUTO(source) athar_source *standing = NULL;
	athar_sink_spec spec;

	athar_acquisition_spec(&spec, a);
	ATHAR_TRY(athar_outlets_checkpoint(&a->imaging.outlets, err));
	/* Of two the one that has all of it. */
	const athar_outlet *whole = athar_outlets_working(&a->imaging.outlets);
	spec.folder = whole == NULL ? spec.folder : whole->folder;
	ATHAR_TRY(a->imaging.driver->standing(&standing, &spec, err));
	return athar_imaging_list(&a->imaging, standing, lacking, err);
}

static athar_status seal_salvage(athar_acquisition *a, const athar_runs *lacking, athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_acquisition_path(a, SALVAGE, err);
	ATHAR_AUTO(source) athar_source *salvage = NULL;
	athar_leg leg = {.until = a->imaging.size, .phase = "seal"};

	if (path == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(athar_source_open_with(&salvage, path, raw_only, err));
	ATHAR_TRY(athar_source_mark(salvage, lacking, err));
	leg.source = salvage;
	return athar_imaging_copy(&a->imaging, &leg, err);
}

static athar_status seal(athar_acquisition *a, athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs lacking = ATHAR_RUNS_INIT;

	a->session.sealing = true;
	ATHAR_TRY(athar_session_save(&a->session, a->exhibit, err));
	ATHAR_TRY(athar_map_lacking(&lacking, &a->map, err));
	return athar_acquisition_in_place(a) ? seal_in_place(a, &lacking, err)
	                                     : seal_salvage(a, &lacking, err);
}

athar_status athar_acquisition_rescue_open(athar_acquisition *a, athar_error *err)
{
	if (athar_acquisition_in_place(a))
		return athar_outlets_write_at(&a->imaging.outlets, NULL, 0, 0, err);
	return a->salvage >= 0 ? ATHAR_OK : open_salvage(a, err);
}

athar_status athar_acquisition_rescue(athar_acquisition *a, athar_error *err)
{
	ATHAR_TRY(athar_acquisition_rescue_open(a, err));
	ATHAR_TRY(athar_acquisition_catch_up(a, err));
	if (!a->session.sealing) {
		ATHAR_TRY(begin_map(a, err));
		ATHAR_TRY(bring_earlier(a, err));
		if (!a->options.as_is) {
			ATHAR_TRY(run(a, err));
			ATHAR_TRY(stopped(a, err));
			ATHAR_TRY(athar_acquisition_same(a, err));
		}
	}
	return seal(a, err);
}
