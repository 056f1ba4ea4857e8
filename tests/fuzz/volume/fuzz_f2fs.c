/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * F2FS. The first byte chooses: 0 and 1 patch a small volume that is walked (with 1 its checkpoints
 * are summed again, so that what they say is believed), the others give a block to the pure
 * readers. A patch: block (2 bytes), offset in it (2), length (1), bytes.
 */
#include <stdint.h>
#include <string.h>

#include "base/endian.h"
#include "base/idiom.h"
#include "f2fs_image.h"
#include "image/driver.h"
#include "volume/f2fs_dentry.h"
#include "volume/f2fs_packed.h"
#include "volume/volume.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FILES_MOST 500
#define BEATS_MOST 20000

static uint8_t image[F2FS_SIZE];
static uint32_t touched[256];
static size_t touches;

/* ---- a volume ---- */

typedef struct walk {
	athar_volume *volume;
	unsigned files;
} walk;

static athar_status on_file(void *user, const athar_volume_file *f, athar_error *err)
{
	walk *w = user;
	athar_error mine = ATHAR_ERROR_INIT;
	uint8_t buf[8192];
	uint64_t at = 0;
	size_t got = 0;
	bool derived = false;

	for (size_t i = 0; i < f->extents.count; i++) {
		const athar_extent *x = &f->extents.extent[i];

		if (x->logical != at || x->length == 0)
			__builtin_trap();
		at += x->length;
		derived = derived || x->kind == ATHAR_EXTENT_DERIVED;
		if (x->kind == ATHAR_EXTENT_DATA &&
		    (x->image > F2FS_SIZE || x->length > F2FS_SIZE - x->image))
			__builtin_trap();
	}
	if (!f->folder && f->readable && at != f->size)
		__builtin_trap();
	if (!f->readable && f->why[0] == '\0')
		__builtin_trap();
	if (derived &&
	    athar_volume_read(&got, w->volume, f->meta, 0, 0, buf, sizeof buf, 0, &mine) ==
	            ATHAR_OK &&
	    got > sizeof buf)
		__builtin_trap();
	return ++w->files < FILES_MOST ? ATHAR_OK : athar_fail(err, ATHAR_ECANCELED, "enough");
}

static athar_status on_text(void *user, const char *text, athar_error *err)
{
	(void)user, (void)err;
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
	ATHAR_AUTO(runs) athar_runs runs = ATHAR_RUNS_INIT;
	walk w = {NULL, 0};
	const athar_volume_walk to = {on_file, on_text, on_text, on_beat, &w};
	athar_error mine = ATHAR_ERROR_INIT;
	athar_volume_counts counts;

	(void)err;
	if (strcmp(info->kind, "f2fs") != 0 || !info->file_system ||
	    athar_volume_open(&w.volume, user, info, &mine) != ATHAR_OK)
		return ATHAR_OK;
	if (athar_volume_allocated(&runs, w.volume, &mine) == ATHAR_OK &&
	    (runs.count == 0 ||
	     runs.run[runs.count - 1].offset + runs.run[runs.count - 1].length > F2FS_SIZE))
		__builtin_trap();
	if (athar_volume_walk_files(&counts, w.volume, &to, &mine) != ATHAR_OK &&
	    mine.text[0] == '\0')
		__builtin_trap();
	athar_volume_close(w.volume);
	return ATHAR_OK;
}

/* A live file, a deleted one with a node of its own, and an earlier version of the live one. */
static void build(void)
{
	uint8_t *b;

	f2fs_entry(f2fs_make(image), 0, 5, "live");
	for (uint32_t i = 0; i < 2; i++) {
		b = f2fs_inode(image, F2FS_NODE(2 - i), 5, F2FS_NOW - 1 - i, 0100644, 8192,
		               F2FS_ROOT, "live");
		f2fs_place(b, 0, F2FS_DATA(i));
		f2fs_fill(image, F2FS_DATA(i), i == 0 ? "now" : "then");
		f2fs_owner(image, F2FS_DATA(i), 5, 0);
	}
	f2fs_nat(image, 5, 5, F2FS_NODE(2));
	f2fs_valid(image, F2FS_NODE(2));
	f2fs_valid(image, F2FS_DATA(0));
	b = f2fs_inode(image, F2FS_NODE(3), 20, F2FS_NOW - 3, 0100644, 930 * 4096, F2FS_ROOT,
	               "gone");
	f2fs_put(b + 4052, 21, 4);
	b = f2fs_node(image, F2FS_NODE(4), 21, 20, 1, F2FS_NOW - 3);
	f2fs_slot(b, 2, F2FS_DATA(3));
	f2fs_fill(image, F2FS_DATA(3), "gone");
}

static void note_touch(uint32_t block)
{
	if (touches < sizeof touched / sizeof *touched)
		touched[touches++] = block;
}

static void patch(const uint8_t *data, size_t size)
{
	while (size >= 5 && touches < 200) {
		const uint32_t block = athar_le16(data) % F2FS_BLOCKS;
		const uint32_t offset = athar_le16(data + 2) % F2FS_BLOCK;
		size_t len = data[4];

		data += 5;
		size -= 5;
		len = len < size ? len : size;
		len = len < F2FS_BLOCK - offset ? len : F2FS_BLOCK - offset;
		memcpy(f2fs_block(image, block) + offset, data, len);
		note_touch(block);
		data += len;
		size -= len;
	}
}

static void sum_again(void)
{
	for (uint32_t pack = 0; pack < 2; pack++) {
		uint8_t *c = f2fs_block(image, F2FS_CP + pack * 512);
		const uint32_t blocks = athar_le32(c + 136) % 512;

		f2fs_put(c + 164, 4092, 4);
		f2fs_put(c + 4092, f2fs_crc(0xF2F52010u, c, 4092), 4);
		if (blocks > 1) {
			memcpy(c + (blocks - 1) * F2FS_BLOCK, c, F2FS_BLOCK);
			note_touch(F2FS_CP + pack * 512 + blocks - 1);
		}
	}
}

static void fuzz_volume(const uint8_t *data, size_t size, bool believed)
{
	ATHAR_AUTO(source) athar_source *source = NULL;
	const athar_volume_info info = {.length = F2FS_SIZE, .kind = "f2fs", .file_system = true};
	athar_error err = ATHAR_ERROR_INIT;
	char table[32];

	build();
	patch(data, size);
	if (believed)
		sum_again();
	if (athar_source_memory(&source, image, F2FS_SIZE, &err) != ATHAR_OK)
		return;
	if (believed) /* libtsk need not look for other file systems each time */
		(void)on_volume(source, &info, &err);
	else if (athar_volumes_each(source, table, on_volume, source, &err) != ATHAR_OK &&
	         err.text[0] == '\0')
		__builtin_trap();
	for (size_t i = 0; i < touches; i++)
		memset(f2fs_block(image, touched[i]), 0, F2FS_BLOCK);
	for (uint32_t area = F2FS_SIT; area <= F2FS_SSA; area += 1024)
		memset(f2fs_block(image, area), 0, 4 * F2FS_BLOCK);
	touches = 0;
}

/* ---- one block ---- */

static void fuzz_entries(athar_f2fs_entries x, const uint8_t *bytes, size_t len)
{
	athar_f2fs_entry e;
	size_t count = 0;

	while (athar_f2fs_entries_next(&e, &x))
		if (++count > 400 || e.name_len == 0 || e.name_len > ATHAR_F2FS_NAME ||
		    e.name < bytes || e.name + e.name_len > bytes + len)
			__builtin_trap();
}

static void fuzz_block(const uint8_t *block, const athar_f2fs_super *super)
{
	ATHAR_AUTO(free) uint8_t *out = malloc(ATHAR_F2FS_CLUSTER_MOST);
	athar_f2fs_checkpoint checkpoint;
	athar_f2fs_footer footer;
	athar_f2fs_inode inode;
	athar_error err = ATHAR_ERROR_INIT;

	athar_f2fs_footer_read(&footer, block);
	fuzz_entries(athar_f2fs_entries_of_block(block), block, F2FS_BLOCK);
	(void)athar_f2fs_checkpoint_read(&checkpoint, super, block);
	if (!athar_f2fs_inode_read(&inode, super, block))
		return;
	if (inode.places_at + inode.places * 4 > 4052 || inode.cluster == 0 ||
	    inode.inline_at + inode.inline_len > 4052 || inode.places % inode.cluster != 0 ||
	    inode.name_len > ATHAR_F2FS_NAME)
		__builtin_trap();
	fuzz_entries(athar_f2fs_entries_inline(block + inode.inline_at, inode.inline_len), block,
	             F2FS_BLOCK);
	if (out != NULL && inode.compressed)
		(void)athar_f2fs_unpack(out, &inode, block, F2FS_BLOCK, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	athar_f2fs_super super = {.features = UINT32_MAX, .sit_segments = 2, .nat_segments = 2};
	char why[160];

	if (size == 0)
		return 0;
	if (data[0] < 2) {
		fuzz_volume(data + 1, size - 1, data[0] == 1);
		return 0;
	}
	super.main_segments = data[0];
	super.payload = data[0] % 3;
	ATHAR_AUTO(free) uint8_t *block = calloc(1, F2FS_BLOCK);
	if (block == NULL)
		return 0;
	memcpy(block, data + 1, size - 1 < F2FS_BLOCK ? size - 1 : F2FS_BLOCK);
	fuzz_block(block, &super);
	(void)athar_f2fs_super_read(&super, why, block);
	return 0;
}
