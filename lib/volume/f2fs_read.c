/* SPDX-License-Identifier: BSD-2-Clause */
/* Content of files that have compressed clusters. */
#include "volume/f2fs_read.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "volume/f2fs_map.h"
#include "volume/f2fs_packed.h"

struct athar_f2fs_reader {
	uint64_t meta;
	athar_f2fs_file file;
	athar_f2fs_map map;
	uint8_t *packed, *cluster;
	uint64_t number; /* of the cluster that was unpacked last; UINT64_MAX: none */
};

void athar_f2fs_reader_free(athar_f2fs_reader *r)
{
	if (r == NULL)
		return;
	athar_f2fs_map_clear(&r->map);
	free(r->packed);
	free(r->cluster);
	free(r);
}
ATHAR_DEFINE_AUTO(f2fs_reader, athar_f2fs_reader *, athar_f2fs_reader_free)

/* The version whose inode lies there. */
static bool open_stale(athar_f2fs_file *out, athar_f2fs *fs, uint64_t offset)
{
	const uint64_t address = (offset - fs->base) / ATHAR_F2FS_BLOCK;
	const athar_f2fs_stale_node *n;
	athar_f2fs_footer footer;
	uint8_t block[ATHAR_F2FS_BLOCK];
	size_t count;

	if (offset < fs->base || address > UINT32_MAX ||
	    !athar_f2fs_get(fs, block, (uint32_t)address, 1))
		return false;
	athar_f2fs_footer_read(&footer, block);
	n = athar_f2fs_stale_find(&count, fs, footer.ino, 0, ATHAR_F2FS_ANY);
	for (size_t i = 0; i < count; i++)
		if (n[i].address == address)
			return athar_f2fs_file_stale(out, fs, n, count, i);
	return false;
}

static athar_status open_file(athar_f2fs_reader *r, athar_f2fs *fs, uint64_t meta, athar_error *err)
{
	bool found;

	if ((meta & ATHAR_META_AT) != 0) {
		ATHAR_TRY(athar_f2fs_stale_load(fs, NULL, err));
		found = open_stale(&r->file, fs, meta & ~ATHAR_META_AT);
	} else {
		found = meta <= UINT32_MAX && athar_f2fs_file_live(&r->file, fs, (uint32_t)meta);
	}
	if (!found)
		return athar_fail(err, ATHAR_EFORMAT, "there is no such inode");
	r->meta = meta;
	r->number = UINT64_MAX;
	ATHAR_TRY(athar_f2fs_map_fill(&r->map, &r->file, err));
	r->packed = athar_alloc(ATHAR_F2FS_CLUSTER_MOST, err);
	r->cluster = athar_alloc(ATHAR_F2FS_CLUSTER_MOST, err);
	return r->packed == NULL || r->cluster == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

static athar_status unpack(athar_f2fs_reader *r, uint64_t number, athar_error *err)
{
	const athar_f2fs_inode *inode = &r->file.inode;
	const size_t first = (size_t)number * inode->cluster;
	size_t len = 0;

	if (r->number == number)
		return ATHAR_OK;
	r->number = UINT64_MAX;
	for (size_t i = first + 1; i < first + inode->cluster && i < r->map.count; i++) {
		const uint32_t address = r->map.address[i];

		if (address == ATHAR_F2FS_HOLE || address == ATHAR_F2FS_RESERVED)
			break;
		if (!athar_f2fs_in_main(r->file.fs, address) ||
		    !athar_f2fs_get(r->file.fs, r->packed + len, address, 1))
			return athar_fail(err, ATHAR_EIO, "a compressed cluster cannot be read");
		len += ATHAR_F2FS_BLOCK;
	}
	ATHAR_TRY(athar_f2fs_unpack(r->cluster, inode, r->packed, len, err));
	r->number = number;
	return ATHAR_OK;
}

/* Whether a block of a cluster has become another file's: it is MISSING in the extents. */
static bool is_lost(const athar_f2fs_reader *r, size_t first)
{
	for (size_t i = first; i < first + r->file.inode.cluster && i < r->map.count; i++)
		if (r->map.address[i] == ATHAR_F2FS_LOST)
			return true;
	return false;
}

/* One block of the file. What its extents call missing is zeros, as everywhere. */
static athar_status read_block(athar_f2fs_reader *r, uint8_t *out, size_t index, athar_error *err)
{
	const uint32_t cluster = r->file.inode.cluster;
	const size_t first = index - index % cluster;
	const uint32_t address = r->map.address[index];

	memset(out, 0, ATHAR_F2FS_BLOCK);
	if (cluster > 1 && r->map.address[first] == ATHAR_F2FS_COMPRESSED) {
		if (is_lost(r, first))
			return ATHAR_OK;
		ATHAR_TRY(unpack(r, first / cluster, err));
		memcpy(out, r->cluster + (index - first) * ATHAR_F2FS_BLOCK, ATHAR_F2FS_BLOCK);
		return ATHAR_OK;
	}
	if (athar_f2fs_in_main(r->file.fs, address) && !athar_f2fs_get(r->file.fs, out, address, 1))
		return athar_fail(err, ATHAR_EIO, "a block of the file cannot be read");
	return ATHAR_OK;
}

static athar_status read_inline(size_t *got, const athar_f2fs_reader *r, uint8_t *buf, size_t len,
                                uint64_t offset)
{
	const athar_f2fs_inode *inode = &r->file.inode;

	if (offset >= inode->inline_len)
		return ATHAR_OK;
	*got = (size_t)athar_min(len, inode->inline_len - offset);
	memcpy(buf, r->file.block + inode->inline_at + offset, *got);
	return ATHAR_OK;
}

athar_status athar_f2fs_read(size_t *got, athar_f2fs *fs, uint64_t meta, void *buf, size_t len,
                             uint64_t offset, athar_error *err)
{
	ATHAR_AUTO(f2fs_reader) athar_f2fs_reader *r = fs->reader;
	uint8_t block[ATHAR_F2FS_BLOCK];

	fs->reader = NULL;
	*got = 0;
	if (r == NULL || r->meta != meta) {
		athar_f2fs_reader_free(r);
		r = athar_alloc(sizeof *r, err);
		if (r == NULL)
			return ATHAR_ENOMEM;
		ATHAR_TRY(open_file(r, fs, meta, err));
	}
	len = (size_t)athar_min(len, offset < r->file.inode.size ? r->file.inode.size - offset : 0);
	if (r->file.inode.inline_data && len > 0)
		ATHAR_TRY(read_inline(got, r, buf, len, offset));
	while (*got < len && (offset + *got) / ATHAR_F2FS_BLOCK < r->map.count) {
		const uint64_t at = offset + *got;
		const size_t skip = (size_t)(at % ATHAR_F2FS_BLOCK);
		const size_t n = (size_t)athar_min(ATHAR_F2FS_BLOCK - skip, len - *got);

		ATHAR_TRY(read_block(r, block, (size_t)(at / ATHAR_F2FS_BLOCK), err));
		memcpy((uint8_t *)buf + *got, block + skip, n);
		*got += n;
	}
	fs->reader = ATHAR_GIVE(r);
	return ATHAR_OK;
}
