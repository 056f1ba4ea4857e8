/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Going on with an E01 that was never finished. The group of chunks that holds the last kept one is
 * opened again: its tables go, its entries are taken back into memory, and the file ends behind
 * that chunk, as if the writer had just put it.
 */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "base/files.h"
#include "image/sink_ewf.h"
#include "image/source_new.h"

#define CHUNK ATHAR_EWF_SINK_CHUNK

static bool is_letter(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* E01 ... E99, EAA ... ZZZ; 0: the name of something else. */
static uint32_t number_of(const char *suffix)
{
	if (strlen(suffix) != 3 || suffix[0] < 'E' || suffix[0] > 'Z')
		return 0;
	if (suffix[0] == 'E' && is_digit(suffix[1]) && is_digit(suffix[2]))
		return (uint32_t)(suffix[1] - '0') * 10 + (uint32_t)(suffix[2] - '0');
	if (!is_letter(suffix[1]) || !is_letter(suffix[2]))
		return 0;
	return 100 + (uint32_t)(suffix[0] - 'E') * 676 + (uint32_t)(suffix[1] - 'A') * 26 +
	       (uint32_t)(suffix[2] - 'A');
}

athar_status athar_ewf_sink_each(const athar_sink_spec *spec,
                                 athar_status (*visit)(const athar_sink_spec *spec,
                                                       const char *name, uint32_t number,
                                                       size_t kept, athar_error *err),
                                 size_t kept, athar_error *err)
{
	const size_t len = strlen(spec->name);
	athar_status status = ATHAR_OK;
	DIR *dir = opendir(spec->folder);

	if (dir == NULL)
		return athar_fail_errno(err, "cannot list %s", spec->folder);
	for (struct dirent *e = readdir(dir); e != NULL && status == ATHAR_OK; e = readdir(dir)) {
		uint32_t number = 0;

		if (strncmp(e->d_name, spec->name, len) == 0 && e->d_name[len] == '.')
			number = number_of(e->d_name + len + 1);
		if (number != 0)
			status = visit(spec, e->d_name, number, kept, err);
	}
	(void)closedir(dir);
	return status;
}

static athar_status remove_later(const athar_sink_spec *spec, const char *name, uint32_t number,
                                 size_t kept, athar_error *err)
{
	(void)err;
	if (number > kept)
		athar_output_remove(spec->folder, name);
	return ATHAR_OK;
}

/* NULL with ATHAR_OK: there is no first file. */
static athar_status find_first(char **path, const athar_sink_spec *spec, athar_error *err)
{
	ATHAR_AUTO(free) char *name = NULL;
	ATHAR_AUTO(free) char *real = NULL;
	bool linked;

	ATHAR_TRY(athar_ewf_sink_name(&name, spec, 1, err));
	ATHAR_TRY(athar_output_find(&real, &linked, spec->folder, name, err));
	if (real == NULL)
		return ATHAR_OK;
	*path = athar_join(spec->folder, name, err);
	return *path == NULL ? err->status : ATHAR_OK;
}

athar_status athar_ewf_sink_standing(athar_source **out, const athar_sink_spec *spec,
                                     athar_error *err)
{
	ATHAR_AUTO(free) char *path = NULL;

	ATHAR_TRY(find_first(&path, spec, err));
	if (path == NULL)
		return athar_source_memory(out, "", 0, err);
	return athar_source_ewf_standing(out, path, err);
}

/* Its volume section has to be the one that this sink would write: the set id in it follows from
 * all that was stated. */
static athar_status check_same(const athar_ewf_sink *w, const athar_ewf_set *set, athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;
	uint8_t volume[ATHAR_EWF_VOLUME];

	ATHAR_TRY(athar_media_read(&set->segment[0].media, volume, sizeof volume, set->volume,
	                           set->volume, &bad, err));
	if (bad.count == 0 && memcmp(volume, w->volume, sizeof volume) == 0)
		return ATHAR_OK;
	return athar_fail(err, ATHAR_EREFUSED,
	                  "%s was begun with other settings, another medium or another time: it "
	                  "cannot be gone on with",
	                  set->segment[0].media.path);
}

static athar_status check_keep(const athar_ewf_set *set, uint64_t keep, athar_error *err)
{
	if (keep <= set->media_size && (keep % CHUNK == 0 || keep == set->media_size))
		return ATHAR_OK;
	return athar_fail(err, ATHAR_EUSAGE,
	                  "%llu bytes cannot be kept of an image of which %llu stand",
	                  (unsigned long long)keep, (unsigned long long)set->media_size);
}

/* Chunks [0, last] are kept: the group of the last one is taken back. Its bytes end at *end. */
static athar_status take_group(athar_ewf_sink *w, uint64_t *end, athar_ewf_set *set, uint64_t last,
                               athar_error *err)
{
	const size_t index = athar_ewf_table_of(set, last);
	const athar_ewf_table *t = &set->table[index];
	bool sound = false;

	ATHAR_TRY(athar_ewf_check_table(set, index, &sound, err));
	if (!sound || t->count > ATHAR_EWF_SINK_GROUP || t->base != t->sectors)
		return athar_fail(err, ATHAR_EREFUSED,
		                  "%s was not written by this program: it cannot be gone on with",
		                  set->segment[t->segment].media.path);
	w->count = (uint32_t)(last - t->first + 1);
	w->group = t->sectors;
	for (size_t i = 0; i < w->count; i++)
		athar_put_le32(w->entry + 4 * i, set->entry[i]);
	*end = w->count == t->count ? t->end : t->base + (set->entry[w->count] & ~ATHAR_EWF_PACKED);
	return ATHAR_OK;
}

static athar_status count_spilled(athar_sink *sink, const athar_ewf_sink *w, athar_error *err)
{
	sink->spilled = 0;
	for (size_t i = 1; i <= sink->segments; i++) {
		ATHAR_AUTO(free) char *name = NULL;
		ATHAR_AUTO(free) char *real = NULL;
		bool linked;

		ATHAR_TRY(athar_ewf_sink_name(&name, &w->spec, i, err));
		ATHAR_TRY(athar_output_find(&real, &linked, w->spec.folder, name, err));
		sink->spilled += linked;
	}
	return ATHAR_OK;
}

/* Until it is closed again, the group is not to be found. */
static athar_status reopen(athar_sink *sink, athar_ewf_sink *w, size_t number, uint64_t end,
                           athar_error *err)
{
	static const uint8_t later[ATHAR_EWF_DESCRIPTOR];
	ATHAR_AUTO(free) char *name = NULL;

	ATHAR_TRY(athar_ewf_sink_name(&name, &w->spec, number, err));
	ATHAR_TRY(athar_ewf_sink_each(&w->spec, remove_later, number, err));
	ATHAR_TRY(athar_output_reopen(&w->out, name, end, err));
	ATHAR_TRY(athar_output_patch(&w->out, later, sizeof later, w->group, err));
	sink->segments = number;
	ATHAR_TRY(count_spilled(sink, w, err));
	(void)athar_output_reserve(&w->out);
	return ATHAR_OK;
}

static athar_status take_back(athar_sink *sink, athar_ewf_sink *w, const char *path, uint64_t keep,
                              athar_error *err)
{
	ATHAR_AUTO(ewf_set) athar_ewf_set set = {0};
	uint64_t end = 0;
	size_t number;

	ATHAR_TRY(athar_ewf_open_standing(&set, path, err));
	ATHAR_TRY(check_keep(&set, keep, err));
	ATHAR_TRY(check_same(w, &set, err));
	ATHAR_TRY(take_group(w, &end, &set, (keep - 1) / CHUNK, err));
	w->media = keep;
	w->ended = keep % CHUNK != 0;
	w->volume_at = set.volume;
	number = set.table[athar_ewf_table_of(&set, (keep - 1) / CHUNK)].segment + 1;
	return reopen(sink, w, number, end, err);
}

athar_status athar_ewf_sink_resume(athar_sink *sink, const athar_sink_spec *spec, uint64_t keep,
                                   athar_error *err)
{
	ATHAR_AUTO(free) char *path = NULL;
	athar_ewf_sink *w;

	ATHAR_TRY(athar_ewf_sink_new(sink, spec, err));
	w = sink->state;
	athar_output_remove_reserves(&w->out);
	if (keep == 0)
		return athar_ewf_sink_each(spec, remove_later, 0, err);
	ATHAR_TRY(find_first(&path, spec, err));
	if (path == NULL)
		return athar_fail(err, ATHAR_EUSAGE, "nothing of the image stands in %s",
		                  spec->folder);
	return take_back(sink, w, path, keep, err);
}
