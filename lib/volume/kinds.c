/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/kinds.h"

#include <string.h>

#include "base/endian.h"

const athar_kind_family athar_kind_families[] = {
	{"ntfs", TSK_FS_TYPE_NTFS_DETECT}, {"fat", TSK_FS_TYPE_FAT_DETECT},
	{"ext", TSK_FS_TYPE_EXT_DETECT},   {"hfs", TSK_FS_TYPE_HFS_DETECT},
	{"ufs", TSK_FS_TYPE_FFS_DETECT},   {"iso9660", TSK_FS_TYPE_ISO9660_DETECT},
	{NULL, TSK_FS_TYPE_UNSUPP},
};

const char *athar_kind_name(TSK_FS_TYPE_ENUM type)
{
	switch ((unsigned)type) {
	case TSK_FS_TYPE_NTFS:
		return "ntfs";
	case TSK_FS_TYPE_FAT12:
		return "fat12";
	case TSK_FS_TYPE_FAT16:
		return "fat16";
	case TSK_FS_TYPE_FAT32:
		return "fat32";
	case TSK_FS_TYPE_EXFAT:
		return "exfat";
	case TSK_FS_TYPE_EXT2:
		return "ext2";
	case TSK_FS_TYPE_EXT3:
		return "ext3";
	case TSK_FS_TYPE_EXT4:
		return "ext4";
	case TSK_FS_TYPE_HFS:
		return "hfs+";
	case TSK_FS_TYPE_HFS_LEGACY:
		return "hfs";
	case TSK_FS_TYPE_FFS1:
	case TSK_FS_TYPE_FFS1B:
		return "ufs1";
	case TSK_FS_TYPE_FFS2:
		return "ufs2";
	case TSK_FS_TYPE_ISO9660:
		return "iso9660";
	case TSK_FS_TYPE_APFS:
		return "apfs";
	default:
		return "unknown";
	}
}

const athar_kind_family *athar_kind_family_of(const char *kind)
{
	static const struct {
		const char *begins;
		size_t family;
	} known[] = {{"ntfs", 0}, {"fat", 1}, {"exfat", 1},  {"ext", 2},
	             {"hfs", 3},  {"ufs", 4}, {"iso9660", 5}};

	for (size_t i = 0; i < ATHAR_COUNT(known); i++) {
		if (strncmp(kind, known[i].begins, strlen(known[i].begins)) == 0)
			return &athar_kind_families[known[i].family];
	}
	return NULL;
}

#define EXT_SUPER 1024u
#define EXT_CLUSTERS 0x200u /* ro_compat */

#define ENCRYPTED "encrypted: only its key opens it; look for one before carving"
#define NO_READER "a file system that is not read here: only carving sees its content"
#define CONTAINER "a container of volumes that is not opened here: only carving sees its content"

static const athar_kind_unread unread[] = {
	{"luks", "LUKS, " ENCRYPTED, 0, 6, "LUKS\xba\xbe"},
	{"bitlocker", "BitLocker, " ENCRYPTED, 3, 8, "-FVE-FS-"},
	{"corestorage", "CoreStorage (FileVault), " CONTAINER, 88, 2, "CS"},
	{"refs", "ReFS, " NO_READER, 3, 8, "ReFS\0\0\0\0"},
	{"xfs", "XFS, " NO_READER, 0, 4, "XFSB"},
	{"btrfs", "btrfs, " NO_READER, 0x10040, 8, "_BHRfS_M"},
	{"f2fs", "F2FS whose superblocks are broken: only carving sees its content", 1024, 4,
         "\x10\x20\xf5\xf2"},
	{"erofs", "EROFS, " NO_READER, 1024, 4, "\xe2\xe1\xf5\xe0"},
	{"squashfs", "SquashFS, " NO_READER, 0, 4, "hsqs"},
	{"reiserfs", "ReiserFS, " NO_READER, 0x10034, 8, "ReIsEr2F"},
	{"jfs", "JFS, " NO_READER, 0x8000, 4, "JFS1"},
	{"zfs", "ZFS, " NO_READER, 0x20000, 8, "\x0c\xb1\xba\x00\x00\x00\x00\x00"},
	{"udf", "UDF, " NO_READER, 0x8801, 4, "NSR0"},
	{"lvm", "LVM2, " CONTAINER, 0x218, 8, "LVM2 001"},
	{"raid", "Linux RAID, " CONTAINER, 0x1000, 4, "\xfc\x4e\x2b\xa9"},
	{"apfs", "APFS whose container could not be opened: only carving sees its content", 32, 4,
         "NXSB"},
	{"swap", "swap space: it has no files; carving sees its content", 4086, 10, "SWAPSPACE2"},
};

/* The library opens those that it can read. */
static const athar_kind_unread ext_clusters = {.kind = "ext4",
                                               .finding = "ext4 with bigalloc, " NO_READER};
static const athar_kind_unread ext_broken = {
	.kind = "ext",
	.finding = "an ext file system that could not be opened: only carving sees its content"};

/* Each group may begin with a copy of the superblock, which knows its group. */
static const athar_kind_unread *recognise_ext(athar_tsk_image *image, uint64_t offset)
{
	uint8_t super[EXT_SUPER];

	if (!athar_tsk_image_get(image, super, sizeof super, offset + 1024) ||
	    athar_le16(super + 56) != 0xEF53 || athar_le16(super + 90) != 0 ||
	    athar_le32(super + 24) > 6 || athar_le32(super + 32) == 0 ||
	    athar_le32(super + 40) == 0)
		return NULL;
	return (athar_le32(super + 100) & EXT_CLUSTERS) != 0 ? &ext_clusters : &ext_broken;
}

const athar_kind_unread *athar_kind_recognise(athar_tsk_image *image, uint64_t offset)
{
	char found[16];

	for (size_t i = 0; i < ATHAR_COUNT(unread); i++) {
		if (athar_tsk_image_get(image, found, unread[i].len, offset + unread[i].at) &&
		    memcmp(found, unread[i].magic, unread[i].len) == 0)
			return &unread[i];
	}
	return recognise_ext(image, offset);
}
