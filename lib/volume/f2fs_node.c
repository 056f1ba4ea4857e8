/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/f2fs_node.h"

#include "base/check.h"
#include "base/endian.h"

#define FOOTER 4072u
#define FIRST_PLACE 360u
#define NIDS 4052u
#define INLINE_XATTR_PLACES 50u /* where its size is not recorded */

/* i_inline, i_advise, i_flags, i_compress_flag */
#define IN_XATTR 0x01
#define IN_DATA 0x02
#define IN_ENTRIES 0x04
#define IN_EXTRA 0x20
#define IN_RELEASED 0x80 /* its compressed blocks' spare room was given back */
#define ADVISE_ENCRYPTED 0x04
#define FLAG_COMPRESSED 0x4
#define COMPRESS_SUMMED 0x1

void athar_f2fs_footer_read(athar_f2fs_footer *out, const uint8_t *block)
{
	const uint8_t *f = block + FOOTER;
	const uint32_t flags = athar_le32(f + 8);

	*out = (athar_f2fs_footer){.nid = athar_le32(f),
	                           .ino = athar_le32(f + 4),
	                           .place = flags >> 3,
	                           .synced = (flags & 2) != 0,
	                           .new_name = (flags & 4) != 0,
	                           .version = athar_le64(f + 12),
	                           .next = athar_le32(f + 20)};
}

/* What the extra attributes hold depends on how far they reach. */
static void read_extra(athar_f2fs_inode *out, const athar_f2fs_super *super, uint32_t extra,
                       const uint8_t *b)
{
	if ((super->features & ATHAR_F2FS_CREATION_TIME) != 0 && extra >= 24) {
		out->has_created = true;
		out->created = (int64_t)athar_le64(b + 372);
		out->created_ns = athar_le32(b + 380);
	}
	if ((super->features & ATHAR_F2FS_COMPRESSION) == 0 || extra < 36 ||
	    (athar_le32(b + 80) & FLAG_COMPRESSED) == 0 || !athar_f2fs_is_file(out))
		return;
	out->compressed = true;
	out->algorithm = b[392];
	out->summed = (athar_le16(b + 394) & COMPRESS_SUMMED) != 0;
	out->cluster = b[393] >= 2 && b[393] <= 8 ? 1u << b[393] : 0;
}

static uint32_t xattr_places(const athar_f2fs_super *super, uint32_t extra, const uint8_t *b)
{
	if ((super->features & ATHAR_F2FS_INLINE_XATTR_SIZE) != 0 && extra >= 4)
		return athar_le16(b + 362);
	return (b[3] & (IN_XATTR | IN_ENTRIES)) != 0 ? INLINE_XATTR_PLACES : 0;
}

/* Where addresses and inline content lie. */
static bool read_places(athar_f2fs_inode *out, const athar_f2fs_super *super, const uint8_t *b)
{
	const uint32_t extra = (b[3] & IN_EXTRA) != 0 ? athar_le16(b + FIRST_PLACE) : 0;
	const uint32_t xattr = xattr_places(super, extra, b);

	if (extra % 4 != 0 || extra / 4 + xattr + 1 > ATHAR_F2FS_INODE_PLACES)
		return false;
	read_extra(out, super, extra, b);
	out->places_at = FIRST_PLACE + extra;
	out->places = ATHAR_F2FS_INODE_PLACES - extra / 4 - xattr;
	out->node_places = ATHAR_F2FS_NODE_PLACES;
	out->inline_at = out->places_at + 4;
	out->inline_len = (out->places - 1) * 4;
	if (out->cluster == 0)
		return false;
	out->places -= out->places % out->cluster;
	out->node_places -= out->node_places % out->cluster;
	return true;
}

static void read_times(athar_f2fs_inode *out, const uint8_t *b)
{
	out->accessed = (int64_t)athar_le64(b + 32);
	out->changed = (int64_t)athar_le64(b + 40);
	out->modified = (int64_t)athar_le64(b + 48);
	out->accessed_ns = athar_le32(b + 56);
	out->changed_ns = athar_le32(b + 60);
	out->modified_ns = athar_le32(b + 64);
}

static bool kind_exists(uint16_t mode)
{
	const unsigned kind = mode >> 12;

	return kind == 1 || kind == 2 || kind == 4 || kind == 6 || kind == 8 || kind == 10 ||
	       kind == 12;
}

bool athar_f2fs_inode_read(athar_f2fs_inode *out, const athar_f2fs_super *super, const uint8_t *b)
{
	*out = (athar_f2fs_inode){.mode = athar_le16(b),
	                          .encrypted = (b[2] & ADVISE_ENCRYPTED) != 0,
	                          .inline_data = (b[3] & IN_DATA) != 0,
	                          .inline_entries = (b[3] & IN_ENTRIES) != 0,
	                          .cluster = 1,
	                          .owner = athar_le32(b + 4),
	                          .group = athar_le32(b + 8),
	                          .links = athar_le32(b + 12),
	                          .size = athar_le64(b + 16),
	                          .generation = athar_le32(b + 68),
	                          .parent = athar_le32(b + 84),
	                          .name = b + 92,
	                          .name_len = athar_le32(b + 88)};
	if (!kind_exists(out->mode) || out->name_len > ATHAR_F2FS_NAME ||
	    out->size > INT64_MAX / 2 || !read_places(out, super, b))
		return false;
	read_times(out, b);
	for (size_t i = 0; i < ATHAR_COUNT(out->nid); i++)
		out->nid[i] = athar_le32(b + NIDS + i * 4);
	return true;
}
