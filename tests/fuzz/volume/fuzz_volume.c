/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A disk, all volumes of it opened and walked. So that a file system fits into a small input, it is
 * given by the sectors that are not zero: the number of sectors (2 bytes), then for each that is
 * given its number (2 bytes) and its 512 bytes.
 *
 * libtsk has faults of its own, which is why the product walks in confined processes; what is
 * looked for here is what this room makes of its answers.
 */
#include <stdint.h>
#include <string.h>

#include "base/endian.h"
#include "base/idiom.h"
#include "image/driver.h"
#include "volume/volume.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SECTOR 512
#define SECTORS_MOST 4096
#define FILES_MOST 500
#define BEATS_MOST 20000

typedef struct walk {
	athar_source *source;
	athar_volume *volume;
	unsigned files;
} walk;

static uint8_t disk[SECTORS_MOST * SECTOR];

static size_t expand(const uint8_t *data, size_t size)
{
	const size_t sectors = size < 2 ? 0 : athar_le16(data) % (SECTORS_MOST + 1);

	memset(disk, 0, sizeof disk);
	for (size_t at = 2; at + 2 + SECTOR <= size; at += 2 + SECTOR) {
		const size_t sector = athar_le16(data + at);

		if (sector < sectors)
			memcpy(disk + sector * SECTOR, data + at + 2, SECTOR);
	}
	return sectors * SECTOR;
}

/* Extents go on without a gap, cover the size, and data lies in the image. */
static void check(const walk *w, const athar_volume_file *f)
{
	const uint64_t size = athar_source_describe(w->source)->size;
	uint64_t at = 0;

	for (size_t i = 0; i < f->extents.count; i++) {
		const athar_extent *x = &f->extents.extent[i];

		if (x->logical != at || x->length == 0)
			__builtin_trap();
		at += x->length;
		if (x->kind == ATHAR_EXTENT_DATA &&
		    (x->image > size || x->length > size - x->image))
			__builtin_trap();
	}
	if (at != f->size || (!f->readable && f->why[0] == '\0') ||
	    f->time_count > ATHAR_ITEM_TIMES)
		__builtin_trap();
}

static athar_status on_file(void *user, const athar_volume_file *f, athar_error *err)
{
	walk *w = user;
	athar_error mine = ATHAR_ERROR_INIT;
	uint8_t buf[4096];
	size_t got = 0;

	check(w, f);
	if (f->extents.count > 0 && f->extents.extent[0].kind == ATHAR_EXTENT_DERIVED &&
	    athar_volume_read(&got, w->volume, f->meta, f->type, f->id, buf, sizeof buf, 0,
	                      &mine) == ATHAR_OK &&
	    got > sizeof buf)
		__builtin_trap();
	return ++w->files < FILES_MOST ? ATHAR_OK : athar_fail(err, ATHAR_ECANCELED, "enough");
}

static athar_status on_finding(void *user, const char *text, athar_error *err)
{
	(void)user;
	(void)err;
	if (text[0] == '\0' || strchr(text, '\n') != NULL)
		__builtin_trap();
	return ATHAR_OK;
}

static athar_status on_beat(void *user, uint64_t done, athar_error *err)
{
	(void)user;
	return done < BEATS_MOST ? ATHAR_OK : athar_fail(err, ATHAR_ECANCELED, "enough");
}

static athar_status on_volume(void *user, const athar_volume_info *info, athar_error *err)
{
	athar_source *source = user;
	ATHAR_AUTO(runs) athar_runs runs = ATHAR_RUNS_INIT;
	walk w = {.source = source};
	const athar_volume_walk to = {on_file, on_finding, on_finding, on_beat, &w};
	athar_error mine = ATHAR_ERROR_INIT;
	athar_volume_counts counts;

	(void)err;
	if (!info->file_system || athar_volume_open(&w.volume, source, info, &mine) != ATHAR_OK)
		return ATHAR_OK;
	if (athar_volume_allocated(&runs, w.volume, &mine) == ATHAR_OK && runs.count > 0 &&
	    runs.run[runs.count - 1].offset + runs.run[runs.count - 1].length >
	            info->offset + info->length)
		__builtin_trap();
	if (athar_volume_walk_files(&counts, w.volume, &to, &mine) != ATHAR_OK &&
	    mine.text[0] == '\0')
		__builtin_trap();
	athar_volume_close(w.volume);
	return ATHAR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t len = expand(data, size);
	ATHAR_AUTO(source) athar_source *source = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	char table[32];

	if (len == 0 || athar_source_memory(&source, disk, len, &err) != ATHAR_OK)
		return 0;
	if (athar_volumes_each(source, table, on_volume, source, &err) != ATHAR_OK &&
	    err.text[0] == '\0')
		__builtin_trap();
	return 0;
}
