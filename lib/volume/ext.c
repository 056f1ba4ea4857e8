/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/ext.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "base/sort.h"
#include "volume/crc32c.h"

#define HAS_JOURNAL 0x4u      /* compat */
#define CSUM_SEED 0x2000u     /* incompat */
#define LARGE_FOLDERS 0x4000u /* incompat */
#define HUGE_FILES 0x8u       /* ro_compat */
#define CLUSTERS 0x200u       /* ro_compat */
#define METADATA_SUMS 0x400u  /* ro_compat */
#define GROUPS_MOST (UINT64_C(1) << 22)

bool athar_ext_get(const athar_ext *x, void *buf, size_t len, uint64_t offset)
{
	ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	size_t got = 0;

	return athar_inside(offset, len, x->length) &&
	       athar_source_read(x->source, buf, len, x->base + offset, &got, &bad, &err) ==
	               ATHAR_OK &&
	       got == len && bad.count == 0;
}

bool athar_ext_get_block(const athar_ext *x, void *buf, uint64_t block)
{
	return block < x->layout.blocks &&
	       athar_ext_get(x, buf, x->layout.block, block * x->layout.block);
}

static void read_journal_fields(athar_ext *x, const uint8_t *super)
{
	if ((x->layout.compat & HAS_JOURNAL) == 0)
		return;
	x->journal_inode = athar_le32(super + 224);
	x->journal_device = x->journal_inode == 0 ? athar_le32(super + 228) : 0;
	x->journal_copied = super[253] == 1;
	memcpy(x->journal_map, super + 268, ATHAR_EXT_MAP);
	x->journal_size = (uint64_t)athar_le32(super + 328) << 32 | athar_le32(super + 332);
}

static bool read_super(athar_ext *x)
{
	uint8_t super[ATHAR_EXT_SUPER];

	if (!athar_ext_get(x, super, sizeof super, ATHAR_EXT_SUPER) ||
	    !athar_ext_layout_read(&x->layout, super))
		return false;
	x->inodes = athar_le32(super);
	x->sums = (x->layout.ro_compat & METADATA_SUMS) != 0;
	x->seed = (x->layout.incompat & CSUM_SEED) != 0
	                  ? athar_le32(super + 624)
	                  : athar_crc32c(ATHAR_CRC32C_BEGIN, super + 104, 16);
	x->clusters = (x->layout.ro_compat & CLUSTERS) != 0;
	x->huge = (x->layout.ro_compat & HUGE_FILES) != 0;
	x->large_folders = (x->layout.incompat & LARGE_FOLDERS) != 0;
	read_journal_fields(x, super);
	return true;
}

static int by_block(const void *a, const void *b, const void *user)
{
	const athar_ext_table *x = a, *y = b;

	(void)user;
	if (x->block != y->block)
		return x->block < y->block ? -1 : 1;
	return x->group < y->group ? -1 : x->group > y->group;
}

/* The descriptors of groups whose descriptors share a block. */
static bool read_groups(athar_ext *x, uint64_t first, uint8_t *buf)
{
	const uint64_t per_block = x->layout.block / x->layout.descriptor;
	const uint64_t count = athar_min(per_block, x->groups - first);

	if (!athar_ext_get(x, buf, x->layout.block, athar_ext_descriptor(&x->layout, first)))
		return false;
	for (uint64_t i = 0; i < count; i++) {
		athar_ext_group g;

		athar_ext_group_read(&g, &x->layout, buf + i * x->layout.descriptor);
		x->table_of[first + i] =
			g.inode_table == ATHAR_NOWHERE ? 0 : g.inode_table / x->layout.block;
		x->bitmap_of[first + i] =
			g.block_bitmap == ATHAR_NOWHERE ? 0 : g.block_bitmap / x->layout.block;
		x->table[first + i] =
			(athar_ext_table){x->table_of[first + i], (uint32_t)(first + i)};
	}
	return true;
}

static athar_status read_tables(athar_ext *x, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *buf = athar_alloc(ATHAR_EXT_BLOCK, err);

	x->table = athar_alloc_array((size_t)x->groups, sizeof *x->table, err);
	x->table_of = athar_alloc_array((size_t)x->groups, sizeof *x->table_of, err);
	x->bitmap_of = athar_alloc_array((size_t)x->groups, sizeof *x->bitmap_of, err);
	if (buf == NULL || x->bitmap_of == NULL || x->table == NULL || x->table_of == NULL)
		return ATHAR_ENOMEM;
	for (uint64_t g = 0; g < x->groups; g += x->layout.block / x->layout.descriptor) {
		if (!read_groups(x, g, buf))
			return athar_fail(err, ATHAR_EFORMAT,
			                  "the descriptors of its groups cannot be read");
	}
	athar_sort(x->table, (size_t)x->groups, sizeof *x->table, by_block, NULL);
	return ATHAR_OK;
}

athar_status athar_ext_open(athar_ext *out, athar_source *source, uint64_t base, uint64_t length,
                            athar_error *err)
{
	*out = (athar_ext){.source = source, .base = base, .length = length};
	if (!read_super(out))
		return athar_fail(err, ATHAR_EFORMAT, "its superblock cannot be read");
	/* The volume's own count may be anything; groups that begin behind its end are not there.
	 */
	out->groups = athar_min(out->layout.groups,
	                        length / out->layout.block / out->layout.blocks_per_group + 1);
	if (out->groups > GROUPS_MOST)
		return athar_fail(err, ATHAR_ELIMIT, "it has more than %llu groups",
		                  (unsigned long long)GROUPS_MOST);
	out->inodes = (uint32_t)athar_min(out->inodes, out->groups * out->layout.inodes_per_group);
	out->table_blocks = (uint32_t)(((uint64_t)out->layout.inodes_per_group * out->layout.inode +
	                                out->layout.block - 1) /
	                               out->layout.block);
	return read_tables(out, err);
}

void athar_ext_close(athar_ext *x)
{
	free(x->table);
	free(x->table_of);
	free(x->bitmap_of);
	x->bitmap_of = NULL;
	x->table = NULL;
	x->table_of = NULL;
}

bool athar_ext_inode_place(uint64_t *out, const athar_ext *x, uint32_t number)
{
	uint64_t group;

	if (number == 0 || number > x->inodes)
		return false;
	group = (number - 1) / x->layout.inodes_per_group;
	if (group >= x->groups || x->table_of[group] == 0)
		return false;
	*out = x->table_of[group] * x->layout.block +
	       (uint64_t)((number - 1) % x->layout.inodes_per_group) * x->layout.inode;
	return true;
}

uint32_t athar_ext_inodes_at(const athar_ext *x, uint64_t block)
{
	const uint32_t per_block = x->layout.block / x->layout.inode;
	size_t low = 0, high = (size_t)x->groups;
	uint64_t number;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (x->table[middle].block <= block)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || x->table[low - 1].block == 0 ||
	    block - x->table[low - 1].block >= x->table_blocks)
		return 0;
	number = (uint64_t)x->table[low - 1].group * x->layout.inodes_per_group +
	         (block - x->table[low - 1].block) * per_block + 1;
	return number <= x->inodes ? (uint32_t)number : 0;
}

uint32_t athar_ext_inode_seed(const athar_ext *x, uint32_t number, uint32_t generation)
{
	return athar_crc32c_le32(athar_crc32c_le32(x->seed, number), generation);
}
