/* SPDX-License-Identifier: BSD-2-Clause */
/* The exhibit's folder, the image or two in it, and what stands there of an earlier session. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "athar/version.h"
#include "base/alloc.h"
#include "base/check.h"
#include "base/files.h"
#include "engine/acquisition.h"
#include "engine/drivers.h"
#include "engine/pass.h"
#include "engine/record.h"
#include "engine/target.h"

#define MAP_MAX ((size_t)1 << 30)
/* Read again of the source before going on: what stood last. */
#define COMPARED (4u << 20)

char *athar_acquisition_path(const athar_acquisition *a, const char *end, athar_error *err)
{
	return athar_format_text(err, "%s/%s.%s", athar_exhibit_folder(a->exhibit),
	                         athar_exhibit_name(a->exhibit), end);
}

static const char *case_text(const athar_acquisition *a, const char *key)
{
	return athar_json_get_text(athar_case_fields(a->c), key);
}

void athar_acquisition_spec(athar_sink_spec *out, const athar_acquisition *a)
{
	const athar_acquire_options *o = &a->options;

	*out = (athar_sink_spec){
		.folder = athar_exhibit_folder(a->exhibit),
		.name = athar_exhibit_name(a->exhibit),
		.media_size = a->info->size,
		.sector_size = a->info->sector_size,
		.segment_size = o->segment_size,
		.spill = o->spill,
		.compression = o->compression,
		.fields =
			{
				.case_number = case_text(a, "number"),
				.evidence_number = o->exhibit,
				.description = o->description,
				.examiner = a->session.examiner,
				.notes = o->notes,
				/* Of a device that went away and is back these go on being
	                         * what they were. */
				.model = athar_json_get_text(a->session.source, "model"),
				.serial = athar_json_get_text(a->session.source, "serial"),
				.software = "athar " ATHAR_VERSION,
				.acquired = a->session.acquired,
			},
	};
}

/* ---- room ---- */

/* Of one file of the image. */
static uint64_t largest_file(const athar_sink_driver *driver, const athar_sink_spec *spec)
{
	if (spec->segment_size != 0)
		return athar_min(spec->segment_size, spec->media_size);
	return driver == &athar_sink_raw ? spec->media_size : 0;
}

/* A rescue needs room for what it reads in no order and for the image that is made of it. */
static athar_status check_room(const athar_acquisition *a, const athar_sink_spec *spec,
                               athar_error *err)
{
	const athar_sink_driver *driver = a->imaging.driver;
	const uint64_t blocks = (spec->media_size / ATHAR_BLOCK_SIZE + 1) * 90;
	uint64_t need = driver->worst(spec) + blocks + (1u << 20);
	const uint64_t twice = need + spec->media_size;

	if (spec->media_size == ATHAR_MEDIA_UNKNOWN)
		return ATHAR_OK;
	ATHAR_TRY(athar_target_file(spec->folder, largest_file(driver, spec), err));
	if (driver->write_at != NULL || !a->has_medium)
		return athar_target_room(spec->folder, need, err);
	if (a->session.rescue)
		return athar_target_room(spec->folder, twice, err);
	ATHAR_TRY(athar_target_room(spec->folder, need, err));
	if (a->info->device && athar_target_free(spec->folder) < twice)
		athar_watch_notice(
			a->watcher,
			"should the medium turn out to be damaged, %s will not have room "
			"for its rescue: --format raw needs half of it",
			spec->folder);
	return ATHAR_OK;
}

/* ---- a new image ---- */

static athar_status copy_folder(athar_acquisition *a, athar_error *err)
{
	if (a->options.copy == NULL)
		return ATHAR_OK;
	a->copy_folder = athar_format_text(err, "%s/%s.partial", a->options.copy,
	                                   athar_exhibit_name(a->exhibit));
	return a->copy_folder == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

/* The second image is worth as much as the first: its name must be free too. */
static athar_status new_copy(athar_acquisition *a, const athar_sink_spec *first, athar_error *err)
{
	ATHAR_AUTO(free)
	char *final = athar_join(a->options.copy, athar_exhibit_name(a->exhibit), err);
	athar_sink_spec spec = *first;
	struct stat st;

	if (final == NULL)
		return ATHAR_ENOMEM;
	if (lstat(final, &st) == 0)
		return athar_fail(err, ATHAR_EREFUSED, "%s exists: nothing is overwritten", final);
	ATHAR_TRY(athar_folder_create(a->copy_folder, err));
	a->copy_made = true;
	spec.folder = a->copy_folder;
	ATHAR_TRY(check_room(a, &spec, err));
	return athar_outlet_new(&a->imaging.outlets, a->imaging.driver, &spec, err);
}

/* What is asked for that reading in order cannot do. */
static bool wants_rescue(const athar_acquisition *a)
{
	const athar_acquire_options *o = &a->options;

	return o->rescue || a->earlier_image != NULL || o->domain != NULL || o->reverse ||
	       o->stop_after != 0 || o->first != 0 || o->as_is;
}

static athar_status begin_target(athar_acquisition *a, athar_error *err)
{
	athar_sink_spec spec;

	ATHAR_TRY(athar_session_begin(&a->session, &a->options, a->info, a->context, err));
	a->session.rescue = wants_rescue(a);
	athar_acquisition_spec(&spec, a);
	ATHAR_TRY(check_room(a, &spec, err));
	ATHAR_TRY(athar_session_save(&a->session, a->exhibit, err));
	athar_acquisition_keep_room(a);
	ATHAR_TRY(athar_outlet_new(&a->imaging.outlets, a->imaging.driver, &spec, err));
	ATHAR_TRY(copy_folder(a, err));
	return a->copy_folder == NULL ? ATHAR_OK : new_copy(a, &spec, err);
}

static athar_status new_target(athar_acquisition *a, athar_error *err)
{
	ATHAR_TRY(athar_exhibit_new(&a->exhibit, a->c, a->options.exhibit, err));
	return begin_target(a, err);
}

/* ---- what stands ---- */

/* Of a medium that is read in order there may be one of an earlier end: what stands tells more. */
static athar_status load_map(athar_acquisition *a, athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_acquisition_path(a, "map", err);
	ATHAR_AUTO(free) uint8_t *text = NULL;
	size_t len = 0;
	struct stat st;

	if (path == NULL)
		return ATHAR_ENOMEM;
	if ((a->has_medium && !a->session.rescue) || (lstat(path, &st) != 0 && errno == ENOENT))
		return ATHAR_OK;
	ATHAR_TRY(athar_file_load(&text, &len, path, MAP_MAX, err));
	if (athar_map_parse(&a->map, (const char *)text, len, err) != ATHAR_OK)
		return athar_within(err, "%s", path);
	return athar_map_resize(&a->map, a->info->size, err);
}

/* Bytes of a container are known to be good or bad as far as the map goes. */
static uint64_t known_until(const athar_acquisition *a)
{
	if (a->has_medium || a->session.rescue)
		return a->info->size;
	for (size_t i = 0; i < a->map.count; i++)
		if (athar_map_at(&a->map, i).state == ATHAR_MAP_NONTRIED)
			return athar_round_down(athar_map_at(&a->map, i).offset, ATHAR_BLOCK_SIZE);
	return a->map.count == 0 ? 0 : a->info->size;
}

static athar_status open_list(FILE **out, const char *folder, const athar_acquisition *a,
                              athar_error *err)
{
	ATHAR_AUTO(free)
	char *path = athar_outlet_blocks_path(folder, athar_exhibit_name(a->exhibit), err);

	if (path == NULL)
		return ATHAR_ENOMEM;
	/* Where there is no list nothing stands. */
	*out = fopen(path, "re");
	if (*out == NULL && errno == ENOENT)
		*out = fmemopen(NULL, 1, "r");
	return *out == NULL ? athar_fail_errno(err, "cannot read %s", path) : ATHAR_OK;
}

static athar_status measure_one(uint64_t *out, const athar_acquisition *a,
                                const athar_sink_spec *spec, athar_error *err)
{
	ATHAR_AUTO(source) athar_source *standing = NULL;
	ATHAR_AUTO(file) FILE *list = NULL;

	ATHAR_TRY(a->imaging.driver->standing(&standing, spec, err));
	ATHAR_TRY(open_list(&list, spec->folder, a, err));
	return athar_imaging_measure(out, &a->imaging, standing, list, err);
}

/* Of two images how far each stands; of one it is seen when it is taken on. */
static athar_status measure_both(athar_acquisition *a, const athar_sink_spec *first,
                                 athar_error *err)
{
	athar_sink_spec second = *first;

	if (a->copy_folder == NULL)
		return ATHAR_OK;
	second.folder = a->copy_folder;
	ATHAR_TRY(measure_one(&a->stood[0], a, first, err));
	return measure_one(&a->stood[1], a, &second, err);
}

/* Of images that grew in no order the lists say little: both go on from where both stand. */
static bool may_level(const athar_acquisition *a)
{
	return !(a->session.rescue && athar_acquisition_in_place(a));
}

/* The one that stands farther, and how far they are taken on. */
static const char *farther(uint64_t *until, const athar_acquisition *a, const char *first)
{
	if (a->copy_folder == NULL)
		return first;
	if (!may_level(a))
		*until = athar_min(*until, athar_min(a->stood[0], a->stood[1]));
	return may_level(a) && a->stood[1] > a->stood[0] ? a->copy_folder : first;
}

/* One piece of what stands against what the source gives now; *same stays where it gives nothing.
 */
static athar_status compare_piece(bool *same, athar_acquisition *a, athar_source *standing,
                                  uint8_t *was, uint8_t *is, uint64_t at, size_t len,
                                  athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;
	athar_attempt how = ATHAR_ATTEMPT_READ;
	size_t got = 0;

	ATHAR_TRY(athar_source_read(standing, was, len, at, &got, &bad, err));
	if (a->has_medium)
		ATHAR_TRY(athar_medium_read(&a->medium, false, is, len, at, &got, &how, err));
	else
		ATHAR_TRY(athar_source_read(a->source, is, len, at, &got, &bad, err));
	if (how != ATHAR_ATTEMPT_READ)
		return ATHAR_OK;
	for (size_t i = 0; i < bad.count; i++)
		memset(was + (bad.run[i].offset - at), 0, bad.run[i].length);
	*same = memcmp(is, was, len) == 0;
	return ATHAR_OK;
}

/* A disk of the same kind may hang on the bus now, or this one was written to. */
static athar_status compare_with_source(athar_acquisition *a, athar_source *standing,
                                        athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *was = athar_alloc_pages(ATHAR_BLOCK_SIZE, err);
	ATHAR_AUTO(free) uint8_t *is = athar_alloc_pages(ATHAR_BLOCK_SIZE, err);
	const uint64_t end = a->imaging.at;
	uint64_t at = athar_round_down(end - athar_min(end, COMPARED), ATHAR_BLOCK_SIZE);
	bool same = true;

	if (is == NULL || was == NULL)
		return ATHAR_ENOMEM;
	/* Nothing is read of it any more; and what could not be read is zeros there. */
	if (a->session.sealing || a->options.as_is)
		return ATHAR_OK;
	for (; at < end && same; at += ATHAR_BLOCK_SIZE)
		ATHAR_TRY(compare_piece(&same, a, standing, was, is, at,
		                        (size_t)athar_min(ATHAR_BLOCK_SIZE, end - at), err));
	if (same)
		return ATHAR_OK;
	return athar_fail_at(err, ATHAR_EREFUSED, at - ATHAR_BLOCK_SIZE,
	                     "%s does not hold what was read from it before: it is another medium, "
	                     "or it was written to",
	                     a->options.source);
}

/* What is known to lack in what stands. A medium that is read in order lacks nothing there. */
static athar_status add_known_bad(athar_acquisition *a, athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs lacking = ATHAR_RUNS_INIT;

	if (a->map.count == 0 || (a->has_medium && !a->session.rescue))
		return ATHAR_OK;
	ATHAR_TRY(athar_map_lacking(&lacking, &a->map, err));
	for (size_t i = 0; i < lacking.count; i++) {
		const athar_run *r = &lacking.run[i];

		if (r->offset < a->imaging.at)
			ATHAR_TRY(athar_runs_add(&a->imaging.bad, r->offset,
			                         athar_min(r->length, a->imaging.at - r->offset),
			                         r->kind, err));
	}
	return ATHAR_OK;
}

/* Of what is read in order the map follows from how far it came. */
static athar_status take_map(athar_acquisition *a, athar_error *err)
{
	ATHAR_TRY(add_known_bad(a, err));
	if (!a->session.rescue)
		athar_map_clear(&a->map);
	return ATHAR_OK;
}

/* A kill may have taken the end of what was read in order: it is read again, also where nothing
 * more was to be read. */
static athar_status forget_lost(athar_acquisition *a, athar_error *err)
{
	const uint64_t at = a->imaging.at;

	if (!a->session.rescue || at >= a->session.healthy)
		return ATHAR_OK;
	if (a->map.count != 0)
		ATHAR_TRY(athar_map_change(&a->map, at, a->session.healthy - at, ATHAR_MAP_NONTRIED,
		                           err));
	a->session.healthy = at;
	a->session.sealing = false;
	return ATHAR_OK;
}

static athar_status stand(athar_acquisition *a, const athar_sink_spec *first, athar_error *err)
{
	ATHAR_AUTO(source) athar_source *standing = NULL;
	ATHAR_AUTO(file) FILE *list = NULL;
	athar_sink_spec spec = *first;
	uint64_t until = known_until(a);

	ATHAR_TRY(measure_both(a, first, err));
	spec.folder = farther(&until, a, first->folder);
	ATHAR_TRY(a->imaging.driver->standing(&standing, &spec, err));
	a->standing = athar_source_describe(standing)->size;
	ATHAR_TRY(open_list(&list, spec.folder, a, err));
	ATHAR_TRY(athar_imaging_stands(&a->imaging, standing, list, until, err));
	ATHAR_TRY(forget_lost(a, err));
	ATHAR_TRY(compare_with_source(a, standing, err));
	return take_map(a, err);
}

/* What grew in no order stays whole; what grew in order is cut behind what stands. */
static uint64_t kept(const athar_acquisition *a)
{
	const bool whole =
		a->session.rescue && athar_acquisition_in_place(a) && a->standing == a->info->size;

	if (whole)
		return a->info->size;
	/* The last chunk is filled up to a whole sector. */
	return a->imaging.at == a->info->size && a->imaging.sector != 0
	               ? athar_round_up(a->imaging.at, a->imaging.sector)
	               : a->imaging.at;
}

static athar_status take_on(athar_acquisition *a, const athar_sink_spec *spec, athar_error *err)
{
	return athar_outlet_resume(&a->imaging.outlets, a->imaging.driver, spec, kept(a),
	                           a->imaging.at, err);
}

/* The one that stands less far comes up before the other is touched. */
static athar_status level(athar_acquisition *a, const athar_sink_spec *behind,
                          const athar_sink_spec *ahead, uint64_t stood, athar_error *err)
{
	ATHAR_AUTO(source) athar_source *from = NULL;

	ATHAR_TRY(a->imaging.driver->standing(&from, ahead, err));
	return athar_acquisition_level(a, behind, stood, from, err);
}

/* In the end each is in its place, whichever of them was taken on first. */
static athar_status go_on(athar_acquisition *a, const athar_sink_spec *first, athar_error *err)
{
	athar_outlets *o = &a->imaging.outlets;
	athar_sink_spec second = *first;

	if (a->copy_folder == NULL)
		return take_on(a, first, err);
	second.folder = a->copy_folder;
	if (may_level(a) && a->stood[0] < a->imaging.at) {
		ATHAR_TRY(level(a, first, &second, a->stood[0], err));
		return take_on(a, &second, err);
	}
	if (!may_level(a) || a->stood[1] >= a->imaging.at) {
		ATHAR_TRY(take_on(a, first, err));
		return take_on(a, &second, err);
	}
	ATHAR_TRY(level(a, &second, first, a->stood[1], err));
	ATHAR_TRY(take_on(a, first, err));
	const athar_outlet swapped = o->one[0];
	o->one[0] = o->one[1];
	o->one[1] = swapped;
	return ATHAR_OK;
}

static bool is_rescued(const athar_acquisition *a)
{
	return a->map.count != 0 &&
	       athar_map_total(&a->map, ATHAR_MAP_FINISHED) > a->session.healthy;
}

/* The map tells of bytes: they must be where they are looked for. */
static athar_status check_rescued(const athar_acquisition *a, athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_acquisition_path(a, ATHAR_SALVAGE, err);
	const bool in_place = athar_acquisition_in_place(a);
	struct stat st;
	bool there;

	if (path == NULL)
		return ATHAR_ENOMEM;
	if (!a->session.rescue)
		return ATHAR_OK;
	there = lstat(path, &st) == 0;
	if (!a->has_medium)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "the acquisition began as a rescue of a medium, and can go on as "
		                  "one only");
	if (a->session.sealing && a->map.count == 0)
		return athar_fail(err, ATHAR_EREFUSED,
		                  "the map in %s is gone: nobody knows what could not be read",
		                  athar_exhibit_folder(a->exhibit));
	if (in_place && is_rescued(a) && a->standing != a->info->size)
		return athar_fail(err, ATHAR_EREFUSED,
		                  "the image in %s lost bytes that its map tells of",
		                  athar_exhibit_folder(a->exhibit));
	if (in_place == there && a->imaging.driver->write_at != NULL && is_rescued(a))
		return athar_fail(err, ATHAR_EUSAGE,
		                  "the acquisition began %s --first: give it as it was",
		                  there ? "with" : "without");
	if (in_place || there || !is_rescued(a) || a->imaging.at == a->imaging.size)
		return ATHAR_OK;
	return athar_fail(err, ATHAR_EREFUSED, "%s is gone, with what was rescued", path);
}

/* From here on, where it was read in order before. */
static void begin_rescue(athar_acquisition *a)
{
	if (a->session.rescue || !a->has_medium || !wants_rescue(a))
		return;
	a->session.rescue = true;
	a->session.healthy = a->imaging.at;
}

/* The power may have failed before there was a second one. */
static athar_status make_copy_folder(athar_acquisition *a, athar_error *err)
{
	struct stat st;

	if (a->copy_folder == NULL)
		return ATHAR_OK;
	if (lstat(a->copy_folder, &st) != 0)
		ATHAR_TRY(athar_folder_create(a->copy_folder, err));
	a->copy_made = true;
	return ATHAR_OK;
}

/* The power failed before the state was written: the folder is there, and nothing was read. */
static bool never_began(const athar_acquisition *a)
{
	const char *folder = athar_exhibit_folder(a->exhibit);
	athar_error ignored = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) char *state = athar_join(folder, ATHAR_SESSION_FILE, &ignored);
	ATHAR_AUTO(free)
	char *list = athar_outlet_blocks_path(folder, athar_exhibit_name(a->exhibit), &ignored);
	struct stat st;

	return state != NULL && list != NULL && lstat(state, &st) != 0 && errno == ENOENT &&
	       lstat(list, &st) != 0 && errno == ENOENT;
}

static athar_status old_target(athar_acquisition *a, athar_error *err)
{
	athar_sink_spec spec;

	ATHAR_TRY(athar_exhibit_resume(&a->exhibit, a->c, a->options.exhibit, err));
	athar_exhibit_keep(a->exhibit);
	if (never_began(a))
		return begin_target(a, err);
	ATHAR_TRY(athar_session_resume(&a->session, &a->options, a->exhibit, a->info, a->context,
	                               err));
	ATHAR_TRY(copy_folder(a, err));
	ATHAR_TRY(make_copy_folder(a, err));
	ATHAR_TRY(load_map(a, err));
	athar_acquisition_spec(&spec, a);
	ATHAR_TRY(stand(a, &spec, err));
	ATHAR_TRY(check_rescued(a, err));
	begin_rescue(a);
	a->session.from = a->imaging.at;
	ATHAR_TRY(athar_session_save(&a->session, a->exhibit, err));
	athar_acquisition_keep_room(a);
	return go_on(a, &spec, err);
}

static athar_status check_resumable(const athar_acquisition *a, athar_error *err)
{
	if (a->options.as_is && !a->options.resume)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "--as-is makes an exhibit of what stands: it goes with --resume");
	if (a->options.resume && a->info->size == ATHAR_MEDIA_UNKNOWN)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "a pipe cannot be gone on with: what it gave is gone");
	return ATHAR_OK;
}

athar_status athar_acquisition_target(athar_acquisition *a, athar_error *err)
{
	athar_imaging *m = &a->imaging;

	if (a->exhibit != NULL)
		return ATHAR_OK;
	ATHAR_TRY(check_resumable(a, err));
	m->driver = athar_sink_driver_find(a->options.format);
	m->compression = a->options.compression;
	m->threads = a->context->threads;
	m->watcher = a->watcher;
	m->size = a->info->size;
	m->streamed = a->info->streamed;
	m->sector = m->driver == &athar_sink_ewf ? a->info->sector_size : 0;
	ATHAR_TRY(athar_imaging_begin(m, a->options.hashes, err));
	ATHAR_TRY(a->options.resume ? old_target(a, err) : new_target(a, err));
	a->out->slug = athar_copy_text(athar_exhibit_name(a->exhibit), err);
	return a->out->slug == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

/* ---- the map and the state ---- */

/* While nothing was rescued the map is what was read in order. */
static athar_status map_in_order(athar_map *out, const athar_acquisition *a, athar_error *err)
{
	const athar_imaging *m = &a->imaging;

	ATHAR_TRY(athar_map_init(out, m->size, err));
	ATHAR_TRY(athar_map_change(out, 0, m->at, ATHAR_MAP_FINISHED, err));
	for (size_t i = 0; i < m->bad.count; i++) {
		const athar_run *r = &m->bad.run[i];

		ATHAR_TRY(athar_map_change(
			out, r->offset, r->length,
			r->kind == ATHAR_RUN_BAD ? ATHAR_MAP_BAD : ATHAR_MAP_NONTRIED, err));
	}
	out->position = m->at;
	out->phase = m->at == m->size ? ATHAR_MAP_DONE : ATHAR_MAP_COPYING;
	out->pass = 1;
	return ATHAR_OK;
}

athar_status athar_acquisition_map(char **out, const athar_acquisition *a, athar_error *err)
{
	ATHAR_AUTO(map) athar_map map = {.count = 0};

	if (a->map.count != 0)
		return athar_map_print(out, &a->map, ATHAR_MAP_TITLE, err);
	ATHAR_TRY(map_in_order(&map, a, err));
	return athar_map_print(out, &map, ATHAR_MAP_TITLE, err);
}

athar_status athar_acquisition_save(athar_acquisition *a, athar_error *err)
{
	ATHAR_AUTO(free)
	char *name = athar_format_text(err, "%s.map", athar_exhibit_name(a->exhibit));
	ATHAR_AUTO(free) char *text = NULL;

	if (name == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(athar_acquisition_map(&text, a, err));
	return athar_exhibit_replace(a->exhibit, name, text, strlen(text), err);
}
