/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An open F2FS, as its files share it. What is in memory is the state after recovery, which the
 * image itself never sees: nodes that fsync wrote after the last checkpoint count, inodes that were
 * unlinked while they were open are deleted.
 */
#ifndef ATHAR_VOLUME_F2FS_STATE_H
#define ATHAR_VOLUME_F2FS_STATE_H

#include "volume/f2fs.h"
#include "volume/f2fs_node.h"

/* ---- where live nodes are ---- */

typedef struct athar_f2fs_nat {
	uint32_t *address; /* by nid; 0: the node does not exist */
	uint8_t *inode;    /* a bit by nid: it is an inode */
	uint32_t count;
} athar_f2fs_nat;

/* ---- which blocks of the main area are in use, and since when ---- */

typedef struct athar_f2fs_sit {
	uint8_t *valid;  /* a bit a block, as on the disk */
	uint32_t blocks; /* of the main area that the image has */
} athar_f2fs_sit;

/* ---- who owns a block, by the summary of its segment ---- */

typedef struct athar_f2fs_owner {
	bool known, node; /* node: the segment holds nodes, the rest says nothing */
	uint32_t nid;
	uint32_t slot; /* which address of the node */
} athar_f2fs_owner;

typedef struct athar_f2fs_ssa {
	uint8_t log[3][ATHAR_F2FS_BLOCK]; /* of the data segments that are being written */
	bool log_known[3];
	uint16_t log_end[3]; /* blocks of which it says something */
	uint8_t block[ATHAR_F2FS_BLOCK];
	uint32_t segment; /* that `block` is of; UINT32_MAX: none */
} athar_f2fs_ssa;

/* ---- nodes that fsync wrote after the last checkpoint ---- */

typedef struct athar_f2fs_rolled {
	uint32_t ino, place, nid, address;
	uint32_t position; /* in the chain */
	bool synced, new_name;
} athar_f2fs_rolled;

/* An inode whose name is to be entered in its folder. */
typedef struct athar_f2fs_new_name {
	uint32_t parent, ino;
} athar_f2fs_new_name;

typedef struct athar_f2fs_roll {
	athar_f2fs_rolled *node; /* by inode and place */
	size_t count, capacity;
	athar_f2fs_new_name *name; /* by folder */
	size_t names, name_capacity;
} athar_f2fs_roll;

struct athar_f2fs_stale;
typedef struct athar_f2fs_reader athar_f2fs_reader;

struct athar_f2fs {
	athar_tsk_image *image;
	uint64_t base;
	uint32_t blocks; /* of the volume that the image has */
	athar_f2fs_super super;
	athar_f2fs_checkpoint checkpoint;
	athar_f2fs_nat nat;
	athar_f2fs_sit sit;
	athar_f2fs_ssa ssa;
	athar_f2fs_roll roll;
	struct athar_f2fs_stale *stale; /* NULL until it is asked for */
	athar_f2fs_reader *reader;      /* of athar_f2fs_read, or NULL */
	uint32_t orphans;               /* inodes unlinked while they were open */
	bool second_super, older_pack;  /* what should count was broken */
	bool nat_lost, sit_lost;        /* a part of it could not be read */
	bool cut;                       /* the image ends before the file system does */
};

/* Whole blocks; false where one of them could not be had: its bytes are zeros then. */
bool athar_f2fs_get(athar_f2fs *fs, uint8_t *out, uint32_t address, uint32_t count);

/* Loads what their name says. Called once, in this order, while the file system is opened. */
athar_status athar_f2fs_nat_load(athar_f2fs *fs, const uint8_t *bitmap, athar_error *err);
athar_status athar_f2fs_sit_load(athar_f2fs *fs, const uint8_t *bitmap, athar_error *err);
athar_status athar_f2fs_journals_load(athar_f2fs *fs, athar_error *err);
athar_status athar_f2fs_roll_load(athar_f2fs *fs, athar_error *err);
athar_status athar_f2fs_orphans_load(athar_f2fs *fs, athar_error *err);

void athar_f2fs_nat_set(athar_f2fs *fs, uint32_t nid, uint32_t ino, uint32_t address);
static inline uint32_t athar_f2fs_nat_find(const athar_f2fs *fs, uint32_t nid)
{
	return nid < fs->nat.count ? fs->nat.address[nid] : 0;
}
static inline bool athar_f2fs_nat_is_inode(const athar_f2fs *fs, uint32_t nid)
{
	return athar_f2fs_nat_find(fs, nid) != 0 && athar_f2fs_bit(fs->nat.inode, nid);
}

/* Whether the address is one of the main area that the image has. */
static inline bool athar_f2fs_in_main(const athar_f2fs *fs, uint32_t address)
{
	return address >= fs->super.main && address - fs->super.main < fs->sit.blocks;
}
static inline bool athar_f2fs_is_valid(const athar_f2fs *fs, uint32_t address)
{
	return athar_f2fs_bit(fs->sit.valid, address - fs->super.main);
}
void athar_f2fs_sit_set(athar_f2fs *fs, uint32_t address, bool valid);
/* A segment's bits, 64 bytes. */
void athar_f2fs_sit_segment(athar_f2fs *fs, uint32_t segment, const uint8_t *bits);

/* Who was given the block last, before the last checkpoint. The address is in the main area. */
athar_f2fs_owner athar_f2fs_owner_of(athar_f2fs *fs, uint32_t address);

/* The rolled node at this place of the inode's tree, NULL for none; the first at or behind it. */
const athar_f2fs_rolled *athar_f2fs_roll_find(const athar_f2fs *fs, uint32_t ino, uint32_t place);
const athar_f2fs_rolled *athar_f2fs_roll_from(const athar_f2fs *fs, uint32_t ino, uint32_t place);

/* The first new name that is not before this folder's; roll.names where there is none. */
size_t athar_f2fs_names_find(const athar_f2fs *fs, uint32_t parent);

#endif
