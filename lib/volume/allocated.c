/* SPDX-License-Identifier: BSD-2-Clause */
/* What the file system says is in use. NTFS and FAT are read as bitmaps, the others block by block
 * through libtsk. */
#include "base/alloc.h"
#include "base/check.h"
#include "volume/volume_state.h"

#define BITMAP_ADDRESS 6 /* $Bitmap of NTFS */
#define PIECE ((size_t)1 << 20)
#define BEAT_EVERY 64 /* reads */

/* Neighbours are joined before they reach the runs. */
typedef struct blocks {
	athar_runs *out;
	const athar_volume *volume;
	uint64_t first, count;
	uint64_t unknown; /* blocks of which libtsk cannot say it */
	athar_error *err;
	athar_status status;
} blocks;

static athar_status blocks_end(blocks *b)
{
	const athar_volume_info *info = &b->volume->info;
	const uint64_t size = b->volume->fs->block_size;
	uint64_t offset, length;

	if (b->count == 0)
		return ATHAR_OK;
	if (!athar_mul(b->first, size, &offset) || !athar_mul(b->count, size, &length) ||
	    offset >= info->length)
		return ATHAR_OK;
	length = athar_min(length, info->length - offset);
	b->count = 0;
	return athar_runs_add(b->out, b->volume->base + offset, length, ATHAR_RUN_DATA, b->err);
}

static athar_status blocks_add(blocks *b, uint64_t block, uint64_t count)
{
	if (b->count > 0 && b->first + b->count == block) {
		b->count += count;
		return ATHAR_OK;
	}
	ATHAR_TRY(blocks_end(b));
	b->first = block;
	b->count = count;
	return ATHAR_OK;
}

static TSK_WALK_RET_ENUM on_block(const TSK_FS_BLOCK *block, void *user)
{
	blocks *b = user;

	/* libtsk gives blocks of a group whose bitmap it cannot read without a word on them. */
	if ((block->flags & TSK_FS_BLOCK_FLAG_ALLOC) == 0) {
		b->unknown++;
		return TSK_WALK_CONT;
	}
	b->status = blocks_add(b, block->addr, 1);
	return b->status == ATHAR_OK ? TSK_WALK_CONT : TSK_WALK_STOP;
}

static athar_status walk_blocks(blocks *b, athar_error *err)
{
	TSK_FS_INFO *fs = b->volume->fs;
	/* The file system's own count may be anything. */
	const uint64_t end = athar_min(fs->last_block_act, b->volume->info.length / fs->block_size);
	char reason[256];

	if (end < fs->first_block)
		return ATHAR_OK;
	if (tsk_fs_block_walk(fs, fs->first_block, end,
	                      TSK_FS_BLOCK_WALK_FLAG_ALLOC | TSK_FS_BLOCK_WALK_FLAG_META |
	                              TSK_FS_BLOCK_WALK_FLAG_CONT | TSK_FS_BLOCK_WALK_FLAG_AONLY,
	                      on_block, b) != 0)
		return athar_fail(err, ATHAR_EFORMAT, "what is allocated cannot be read: %s",
		                  athar_tsk_error(reason, sizeof reason));
	ATHAR_TRY(b->status);
	ATHAR_TRY(blocks_end(b));
	if (b->unknown == 0)
		return ATHAR_OK;
	return athar_fail(err, ATHAR_EINCOMPLETE, "of %llu blocks it is not recorded: %s",
	                  (unsigned long long)b->unknown, athar_tsk_error(reason, sizeof reason));
}

static athar_status take_bits(blocks *b, const uint8_t *bits, size_t bytes, uint64_t first)
{
	for (size_t i = 0; i < bytes; i++) {
		if (bits[i] == 0xFF)
			ATHAR_TRY(blocks_add(b, first + i * 8, 8));
		for (unsigned bit = 0; bits[i] != 0 && bits[i] != 0xFF && bit < 8; bit++) {
			if ((bits[i] >> bit & 1) != 0)
				ATHAR_TRY(blocks_add(b, first + i * 8 + bit, 1));
		}
	}
	return ATHAR_OK;
}

static athar_status read_bitmap(blocks *b, athar_error *err)
{
	ATHAR_AUTO_TSK_FILE TSK_FS_FILE *file =
		tsk_fs_file_open_meta(b->volume->fs, NULL, BITMAP_ADDRESS);
	const TSK_FS_ATTR *attr = file != NULL ? tsk_fs_file_attr_get(file) : NULL;
	ATHAR_AUTO(free) char *piece = athar_alloc(PIECE, err);
	uint64_t size;
	char reason[256];

	if (piece == NULL)
		return err->status;
	if (attr == NULL || attr->size <= 0)
		return athar_fail(err, ATHAR_EFORMAT, "$Bitmap cannot be opened: %s",
		                  athar_tsk_error(reason, sizeof reason));
	size = athar_min((uint64_t)attr->size, b->volume->fs->block_count / 8 + 1);
	for (uint64_t done = 0; done < size; done += PIECE) {
		const size_t want = (size_t)athar_min(PIECE, size - done);
		const ssize_t got = tsk_fs_attr_read(attr, (TSK_OFF_T)done, piece, want,
		                                     TSK_FS_FILE_READ_FLAG_NONE);

		if (got != (ssize_t)want)
			return athar_fail(err, ATHAR_EFORMAT, "$Bitmap cannot be read: %s",
			                  athar_tsk_error(reason, sizeof reason));
		ATHAR_TRY(take_bits(b, (const uint8_t *)piece, want, done * 8));
	}
	return blocks_end(b);
}

/* APFS keeps one map for all volumes of the container, of what is free. */
static athar_status read_pool(athar_runs *out, const athar_volume *volume, athar_error *err)
{
	const uint64_t size = volume->pool->block_size;
	TSK_FS_ATTR_RUN *free_runs = tsk_pool_unallocated_runs(volume->pool);
	athar_status status =
		athar_runs_add(out, volume->base, volume->info.length, ATHAR_RUN_DATA, err);

	for (const TSK_FS_ATTR_RUN *r = free_runs; r != NULL && status == ATHAR_OK; r = r->next) {
		uint64_t offset, length;

		if (athar_mul(r->addr, size, &offset) && athar_mul(r->len, size, &length) &&
		    offset < volume->info.length)
			status = athar_runs_remove(out, volume->base + offset,
			                           athar_min(length, volume->info.length - offset),
			                           err);
	}
	if (free_runs != NULL)
		tsk_fs_attr_run_free(free_runs);
	return status;
}

static athar_status read_allocated(athar_runs *out, athar_volume *volume, athar_error *err)
{
	blocks b = {.out = out, .volume = volume, .err = err};

	athar_tsk_image_bound(volume->image, volume->info.length);
	if (volume->f2fs != NULL)
		return athar_f2fs_allocated(out, volume->f2fs, err);
	if (volume->pool != NULL)
		return read_pool(out, volume, err);
	if (volume->has_fat)
		return athar_fat_allocated(out, &volume->fat, volume->image, volume->base, err);
	if (athar_volume_is_ntfs(volume))
		return read_bitmap(&b, err);
	return walk_blocks(&b, err);
}

static athar_status sum_up(athar_volume *volume, athar_error *err)
{
	const athar_runs *runs = &volume->allocated;
	uint64_t total = 0;

	free(volume->allocated_before);
	volume->allocated_before =
		athar_alloc_array(runs->count + 1, sizeof *volume->allocated_before, err);
	if (volume->allocated_before == NULL)
		return ATHAR_ENOMEM;
	for (size_t i = 0; i < runs->count; i++) {
		volume->allocated_before[i] = total;
		total += runs->run[i].length;
	}
	volume->allocated_before[runs->count] = total;
	return ATHAR_OK;
}

void athar_volume_watch(athar_volume *volume,
                        athar_status (*beat)(void *user, uint64_t done, athar_error *err),
                        void *user)
{
	volume->watch = beat;
	volume->watcher = user;
}

static athar_status on_read(void *user, athar_error *err)
{
	athar_volume *volume = user;

	volume->watched++;
	return volume->watch == NULL || volume->watched % BEAT_EVERY != 0
	               ? ATHAR_OK
	               : volume->watch(volume->watcher, volume->watched, err);
}

/* A walk that is under way has its own eye on the reads. */
static athar_status read_watched(athar_runs *out, athar_volume *volume, athar_error *err)
{
	athar_tsk_image *image = volume->image;
	const bool mine = image->beat == NULL;

	if (mine) {
		image->beat = on_read;
		image->user = volume;
		image->stopped = ATHAR_OK;
	}
	athar_status status = read_allocated(out, volume, err);
	if (mine)
		image->beat = NULL;
	if (mine && image->stopped != ATHAR_OK) {
		*err = image->error;
		status = image->stopped;
	}
	return status;
}

static athar_status load(athar_volume *volume, athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs runs = ATHAR_RUNS_INIT;

	const uint64_t failed = volume->image->failed;

	if (volume->allocated_known)
		return ATHAR_OK;
	athar_status status = read_watched(&runs, volume, err);
	/* Zeros for what could not be read would say that all of it is free. */
	if (status == ATHAR_OK && volume->image->failed != failed)
		status = athar_fail(err, ATHAR_EINCOMPLETE,
		                    "a part of what says it could not be read");
	if (status != ATHAR_OK && status != ATHAR_EINCOMPLETE)
		return status;
	athar_runs_clear(&volume->allocated);
	volume->allocated = runs;
	runs = (athar_runs)ATHAR_RUNS_INIT;
	ATHAR_TRY(sum_up(volume, err));
	volume->allocated_known = status == ATHAR_OK;
	return status;
}

const athar_runs *athar_volume_allocated_runs(athar_volume *volume)
{
	athar_error err = ATHAR_ERROR_INIT;

	if (volume->allocated_failed)
		return NULL;
	volume->allocated_failed = load(volume, &err) != ATHAR_OK;
	return volume->allocated_failed ? NULL : &volume->allocated;
}

/* Of the bytes before a place. */
static uint64_t in_use_before(const athar_volume *volume, uint64_t at)
{
	const athar_runs *runs = &volume->allocated;
	const size_t i = athar_runs_find(runs, at);
	const uint64_t before = volume->allocated_before[i];

	if (i == runs->count || runs->run[i].offset >= at)
		return before;
	return before + (at - runs->run[i].offset);
}

uint64_t athar_volume_in_use(athar_volume *volume, uint64_t offset, uint64_t length)
{
	/* What passes the end of addresses is not in use. */
	const uint64_t end = length > UINT64_MAX - offset ? UINT64_MAX : offset + length;

	if (athar_volume_allocated_runs(volume) == NULL)
		return 0;
	return in_use_before(volume, end) - in_use_before(volume, offset);
}

athar_status athar_volume_allocated(athar_runs *out, athar_volume *volume, athar_error *err)
{
	athar_status status = load(volume, err);

	if (status != ATHAR_OK && status != ATHAR_EINCOMPLETE)
		return status;
	for (size_t i = 0; i < volume->allocated.count; i++) {
		const athar_run *run = &volume->allocated.run[i];

		ATHAR_TRY(athar_runs_add(out, run->offset, run->length, run->kind, err));
	}
	return status;
}
