/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opening a set of segment files and walking the sections of each.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "image/ewf_walk.h"
#include "inflate/inflate.h"

static const uint8_t signature[8] = {'E', 'V', 'F', 0x09, 0x0D, 0x0A, 0xFF, 0x00};

static athar_status fail_cut(const athar_ewf_segment *g, uint64_t at, athar_error *err)
{
	return athar_fail_at(err, ATHAR_EFORMAT, at,
	                     "%s is cut short: it has %llu bytes, and its section at byte %llu "
	                     "goes on; get the whole file again",
	                     g->media.path, (unsigned long long)g->size, (unsigned long long)at);
}

athar_status athar_ewf_damaged(const athar_ewf_segment *g, uint64_t at, const char *what,
                               athar_error *err)
{
	return athar_fail_at(err, ATHAR_EFORMAT, at, "%s: the %s at byte %llu is damaged",
	                     g->media.path, what, (unsigned long long)at);
}

/* Bytes that have to be readable for the image to be understood. */
athar_status athar_ewf_get(const athar_ewf_segment *g, void *out, size_t len, uint64_t at,
                           athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;

	ATHAR_TRY(athar_media_read(&g->media, out, len, at, at, &bad, err));
	if (bad.count == 0)
		return ATHAR_OK;
	return athar_fail_at(err, ATHAR_EIO, bad.run[0].offset, "cannot read %s at byte %llu",
	                     g->media.path, (unsigned long long)bad.run[0].offset);
}

/* Does the Adler-32 of the first `len` bytes stand behind them? */
bool athar_ewf_sum_holds(const uint8_t *bytes, size_t len)
{
	return athar_adler32(1, bytes, len) == athar_le32(bytes + len);
}

static athar_status read_section(athar_ewf_section *s, const athar_ewf_segment *g, uint64_t at,
                                 athar_error *err)
{
	uint8_t d[ATHAR_EWF_DESCRIPTOR];

	if (!athar_inside(at, ATHAR_EWF_DESCRIPTOR, g->size))
		return fail_cut(g, at, err);
	ATHAR_TRY(athar_ewf_get(g, d, sizeof d, at, err));
	if (!athar_ewf_sum_holds(d, ATHAR_EWF_DESCRIPTOR - 4))
		return athar_ewf_damaged(g, at, "section descriptor", err);
	memcpy(s->type, d, 16);
	s->type[16] = '\0';
	s->at = at;
	s->content = at + ATHAR_EWF_DESCRIPTOR;
	s->next = athar_le64(d + 16);
	s->last = strcmp(s->type, "next") == 0 || strcmp(s->type, "done") == 0;
	if (s->last)
		s->next = s->content;
	if (s->next < s->content)
		return athar_ewf_damaged(g, at, "section descriptor", err);
	return s->next > g->size ? fail_cut(g, at, err) : ATHAR_OK;
}

static athar_status check_file_header(const athar_ewf_segment *g, uint32_t number, athar_error *err)
{
	uint8_t h[ATHAR_EWF_FILE_HEADER];

	if (g->size < sizeof h)
		return fail_cut(g, 0, err);
	ATHAR_TRY(athar_ewf_get(g, h, sizeof h, 0, err));
	if (memcmp(h, signature, sizeof signature) != 0)
		return athar_fail(err, ATHAR_EFORMAT,
		                  "%s does not begin like a file of an E01 set: it is damaged or "
		                  "something else",
		                  g->media.path);
	if (athar_le16(h + 9) != number)
		return athar_fail(err, ATHAR_EFORMAT,
		                  "%s says that it is segment %u and not %u of its set: name the "
		                  "first file, and keep the names they were made with",
		                  g->media.path, athar_le16(h + 9), number);
	return ATHAR_OK;
}

static athar_status walk_segment(athar_ewf_walk *w, athar_error *err)
{
	uint64_t at = ATHAR_EWF_FILE_HEADER;
	athar_ewf_section s;

	ATHAR_TRY(check_file_header(w->segment, w->index + 1, err));
	do {
		ATHAR_TRY(read_section(&s, w->segment, at, err));
		ATHAR_TRY(athar_ewf_take(w, &s, err));
		at = s.next;
	} while (!s.last);
	w->done = strcmp(s.type, "done") == 0;
	return ATHAR_OK;
}

/* A file that the one before it says must be there. */
static athar_status fail_missing(const athar_ewf_set *set, const char *path, athar_error *err)
{
	struct stat st;

	/* What stands there must not be taken for all that there is. */
	if (lstat(path, &st) == 0)
		return athar_fail(err, ATHAR_EIO,
		                  "%s leads to another disk, which is not there now", path);
	return athar_fail(err, ATHAR_EFORMAT,
	                  "%s is missing: %s says that the image goes on there; put all files of "
	                  "the set into one folder",
	                  path, set->segment[set->segments - 1].media.path);
}

static athar_status open_segment(athar_ewf_set *set, const char *path, athar_error *err)
{
	athar_ewf_segment *g;

	ATHAR_TRY(athar_grow(&set->segment, &set->segment_capacity, set->segments + 1,
	                     sizeof *set->segment, err));
	g = &set->segment[set->segments];
	*g = (athar_ewf_segment){ATHAR_MEDIA_INIT, 0};
	set->segments++;
	ATHAR_TRY(athar_media_open(&g->media, path, err));
	return athar_media_size(&g->size, &g->media, err);
}

static athar_status walk_set(athar_ewf_set *set, const char *path, athar_error *err)
{
	for (uint32_t number = 1;; number++) {
		ATHAR_AUTO(free) char *name = NULL;
		athar_ewf_walk w = {.set = set, .index = number - 1};
		struct stat st;

		if (number > 1) {
			ATHAR_TRY(athar_ewf_name(&name, path, number, err));
			if (stat(name, &st) != 0 && errno == ENOENT)
				return fail_missing(set, name, err);
		}
		ATHAR_TRY(open_segment(set, number > 1 ? name : path, err));
		w.segment = &set->segment[number - 1];
		ATHAR_TRY(walk_segment(&w, err));
		if (w.done)
			return ATHAR_OK;
	}
}

/* Do the tables place all of the media? */
static athar_status check_whole(const athar_ewf_set *set, const char *path, athar_error *err)
{
	const uint64_t need = !set->has_volume ? 0
	                                       : set->media_size / set->chunk_size +
	                                                 (set->media_size % set->chunk_size != 0);

	if (!set->has_volume)
		return athar_fail(err, ATHAR_EFORMAT,
		                  "%s has no volume section: it is damaged or holds no medium",
		                  path);
	if (set->chunks < need)
		return athar_fail(
			err, ATHAR_EFORMAT,
			"%s: its tables place %llu of the %llu chunks that the medium has: "
			"the set is not complete",
			path, (unsigned long long)set->chunks, (unsigned long long)need);
	return ATHAR_OK;
}

athar_status athar_ewf_open(athar_ewf_set *set, const char *path, athar_error *err)
{
	set->loaded = SIZE_MAX;
	ATHAR_TRY(walk_set(set, path, err));
	return check_whole(set, path, err);
}

/* A file behind the last group adds nothing. */
static void drop_segments(athar_ewf_set *set)
{
	const size_t used = set->tables == 0 ? 1 : set->table[set->tables - 1].segment + 1;

	while (set->segments > used)
		athar_media_close(&set->segment[--set->segments].media);
}

athar_status athar_ewf_open_standing(athar_ewf_set *set, const char *path, athar_error *err)
{
	uint64_t placed;

	set->loaded = SIZE_MAX;
	set->standing = true;
	/* What does not follow the format is where the writing stopped. */
	if (walk_set(set, path, err) != ATHAR_OK && err->status != ATHAR_EFORMAT)
		return err->status;
	*err = (athar_error)ATHAR_ERROR_INIT;
	set->finding[0] = '\0';
	drop_segments(set);
	if (!athar_mul(set->chunks, set->chunk_size, &placed) || placed > INT64_MAX)
		return athar_fail(err, ATHAR_ELIMIT, "%s: more than an image can have", path);
	/* A writer that does not know the size leaves it open. */
	set->media_size = set->media_size == 0 ? placed : athar_min(set->media_size, placed);
	return ATHAR_OK;
}

void athar_ewf_close(athar_ewf_set *set)
{
	for (size_t i = 0; i < set->segments; i++)
		athar_media_close(&set->segment[i].media);
	for (size_t i = 0; i < ATHAR_EWF_FIELDS; i++)
		free(set->field[i]);
	free(set->segment);
	free(set->table);
	free(set->entry);
	athar_runs_clear(&set->errors);
	*set = (athar_ewf_set){0};
}
