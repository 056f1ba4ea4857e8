/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar/cat.h"

#include <string.h>

#include "base/alloc.h"
#include "case/run.h"
#include "engine/drivers.h"
#include "engine/marks.h"
#include "engine/subject.h"
#include "engine/survey.h"
#include "jail/confine.h"

static const athar_format *const no_formats[] = {NULL};

/* Bytes under way to the caller's stream. */
typedef struct flow {
	FILE *to;
	const athar_watcher *watcher;
	uint64_t written, bad, size;
} flow;

static athar_status take(void *user, uint32_t type, athar_bytes payload, athar_error *err)
{
	flow *f = user;
	athar_unwire u = athar_unwire_begin(payload);

	if (type == ATHAR_MESSAGE_BAD) {
		f->bad = athar_unwire_number(&u);
		return athar_unwire_end(&u, err);
	}
	if (type != ATHAR_MESSAGE_DATA || payload.len > f->size - f->written)
		return athar_fail(err, ATHAR_EFORMAT, "a worker's message makes no sense");
	f->written += payload.len;
	if (fwrite(payload.ptr, 1, payload.len, f->to) != payload.len)
		return athar_fail_errno(err, "cannot write the bytes");
	return ATHAR_OK;
}

static bool tick(void *user, uint64_t done)
{
	const flow *f = user;
	athar_progress progress = {.phase = "cat", .done = f->written, .total = f->size};

	(void)done;
	athar_watch_progress(f->watcher, &progress);
	return athar_watch_cancelled(f->watcher);
}

static athar_status pour(flow *f, athar_jail *jail, const athar_find *find,
                         const athar_volume_info *volume, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire request = ATHAR_WIRE_INIT;
	athar_jail_end end = {.kind = ATHAR_JAIL_DONE};
	athar_single calls = {.message = take, .tick = tick, .user = f};

	f->size = find->size;
	athar_request_extract(&request, find, volume, ATHAR_EXTRACT_CONTENT);
	ATHAR_TRY(athar_serve_single(&end, jail, &request, &calls, err));
	if (end.kind != ATHAR_JAIL_DONE) {
		*err = end.error;
		return athar_within(err, "after %llu bytes", (unsigned long long)f->written);
	}
	if (f->bad != 0 || f->written != f->size)
		return athar_fail(
			err, ATHAR_EINCOMPLETE,
			"%llu bytes could not be read and are zeros, %llu are missing at the end",
			(unsigned long long)f->bad, (unsigned long long)(f->size - f->written));
	return ATHAR_OK;
}

/* ---- a range ---- */

static athar_status cat_range(flow *f, athar_jail *jail, const athar_cat_options *options,
                              athar_error *err)
{
	ATHAR_AUTO(survey) athar_survey survey = {.size = 0};
	ATHAR_AUTO(find) athar_find find = ATHAR_FIND_INIT;

	ATHAR_TRY(athar_survey_size(&survey, jail, err));
	if (options->offset > survey.size)
		return athar_fail(err, ATHAR_EUSAGE, "the image ends at byte %llu",
		                  (unsigned long long)survey.size);
	find.size = survey.size - options->offset;
	if (options->size != UINT64_MAX && options->size > find.size)
		return athar_fail(err, ATHAR_EUSAGE, "the image ends at byte %llu",
		                  (unsigned long long)survey.size);
	if (options->size < find.size)
		find.size = options->size;
	ATHAR_TRY(athar_extents_add_data(&find.extents, options->offset, find.size, err));
	return pour(f, jail, &find, NULL, err);
}

/* ---- an item ---- */

/* By its file system. */
static bool is_derived(const athar_item *item)
{
	for (size_t i = 0; i < item->extents.count && item->via_count == 0; i++)
		if (item->extents.extent[i].kind == ATHAR_EXTENT_DERIVED)
			return true;
	return false;
}

static athar_status cat_item(flow *f, athar_jail *jail, const athar_item *item, athar_error *err)
{
	ATHAR_AUTO(survey) athar_survey survey = {.size = 0};
	ATHAR_AUTO(find) athar_find find = ATHAR_FIND_INIT;
	const athar_volume_info *volume = NULL;

	find.size = item->size;
	find.volume = item->volume;
	memcpy(find.via, item->via, sizeof find.via);
	find.via_count = item->via_count;
	ATHAR_TRY(athar_extents_copy(&find.packed, &item->packed, err));
	ATHAR_TRY(athar_extents_copy(&find.extents, &item->extents, err));
	if (is_derived(item)) {
		ATHAR_TRY(athar_survey_run(&survey, jail, err));
		if (item->volume >= 0)
			volume = athar_survey_volume(&survey, (unsigned)item->volume);
		if (volume == NULL || !athar_find_parse_address(&find, item->address))
			return athar_fail(err, ATHAR_EFORMAT,
			                  "item %llu: its volume or address is not there",
			                  (unsigned long long)item->number);
	}
	return pour(f, jail, &find, volume, err);
}

/* ---- the verb ---- */

static athar_status last_run(void *user, const char *name, const athar_json *fields,
                             athar_error *err)
{
	char **last = user;

	(void)fields;
	free(*last);
	*last = athar_copy_text(name, err);
	return *last == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

static athar_status find_item(athar_item *out, const athar_case *c, const char *slug,
                              const athar_cat_options *options, athar_error *err)
{
	ATHAR_AUTO(free) char *run = NULL;

	if (options->run != NULL)
		return athar_run_find_item(out, c, slug, options->run, options->item, err);
	ATHAR_TRY(athar_runs_of_exhibit(c, slug, last_run, &run, err));
	if (run == NULL)
		return athar_fail(err, ATHAR_EUSAGE, "exhibit %s has no carve run", slug);
	return athar_run_find_item(out, c, slug, run, options->item, err);
}

static athar_status open_jail(athar_jail **out, athar_worker_spec *worker,
                              const athar_context *context, athar_error *err)
{
	athar_jail_spec spec = {.workers = 1,
	                        .limits = {.seconds = 7 * 24 * 3600},
	                        .unconfined = context->unconfined,
	                        .setup = athar_worker_setup,
	                        .task = athar_worker_task,
	                        .user = worker};

	ATHAR_TRY(athar_allow_files(ATHAR_SEGMENT_FILES, err));
	return athar_jail_open(out, &spec, err);
}

static athar_status cat_case(flow *f, const athar_cat_options *options,
                             const athar_context *context, athar_error *err)
{
	ATHAR_AUTO(case) athar_case *c = NULL;
	ATHAR_AUTO(free) char *slug = NULL;
	ATHAR_AUTO(free) char *image = NULL;
	ATHAR_AUTO(runs) athar_runs marks = ATHAR_RUNS_INIT;
	ATHAR_AUTO(item) athar_item item = ATHAR_ITEM_INIT;
	ATHAR_AUTO(jail) athar_jail *jail = NULL;
	athar_worker_spec worker = {.known_bad = &marks, .formats = no_formats, .step = 512};

	ATHAR_TRY(athar_case_open_readonly(&c, options->path, err));
	ATHAR_TRY(athar_case_find_exhibit(&slug, c, options->exhibit, err));
	ATHAR_TRY(athar_case_image(&image, c, slug, err));
	ATHAR_TRY(athar_marks_load(&marks, c, slug, err));
	if (options->item != 0)
		ATHAR_TRY(find_item(&item, c, slug, options, err));
	worker.image = image;
	ATHAR_TRY(open_jail(&jail, &worker, context, err));
	if (options->item != 0)
		return cat_item(f, jail, &item, err);
	return cat_range(f, jail, options, err);
}

static athar_status cat_image(flow *f, const athar_cat_options *options,
                              const athar_context *context, athar_error *err)
{
	ATHAR_AUTO(jail) athar_jail *jail = NULL;
	athar_worker_spec worker = {.image = options->path, .formats = no_formats, .step = 512};

	if (options->item != 0)
		return athar_fail(err, ATHAR_EUSAGE, "items belong to a case: give its folder");
	ATHAR_TRY(open_jail(&jail, &worker, context, err));
	return cat_range(f, jail, options, err);
}

athar_status athar_cat(FILE *to, const athar_cat_options *options, const athar_context *context,
                       const athar_watcher *watcher, athar_error *err)
{
	flow f = {.to = to, .watcher = watcher};
	athar_status status = athar_case_exists(options->path)
	                              ? cat_case(&f, options, context, err)
	                              : cat_image(&f, options, context, err);

	if (fflush(to) != 0 && status == ATHAR_OK)
		return athar_fail_errno(err, "cannot write the bytes");
	return status;
}
