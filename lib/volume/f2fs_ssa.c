/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Summaries: whose each block of a segment is. Of full segments they lie in an area of their own,
 * of those that are being written in the checkpoint, with the latest changes of NAT and SIT.
 */
#include <string.h>

#include "base/endian.h"
#include "volume/f2fs_state.h"

#define ENTRY 7u
#define ENTRIES (ENTRY * ATHAR_F2FS_SEGMENT)
#define JOURNAL 507u
#define FOOTER 5u
#define TYPE_AT (ATHAR_F2FS_BLOCK - FOOTER)
#define TYPE_NODE 1
#define NAT_ENTRY 13u
#define SIT_ENTRY 78u
#define ALLOC_TYPES 176u /* in the head of the checkpoint */
#define TYPE_REUSE 1     /* freed blocks are written between those in use */
#define HOT 0
#define COLD 2

static void apply_nat(athar_f2fs *fs, const uint8_t *journal)
{
	const size_t count = athar_le16(journal);

	for (size_t i = 0; i < count && 2 + (i + 1) * NAT_ENTRY <= JOURNAL; i++) {
		const uint8_t *e = journal + 2 + i * NAT_ENTRY;

		athar_f2fs_nat_set(fs, athar_le32(e), athar_le32(e + 5), athar_le32(e + 9));
	}
}

static void apply_sit(athar_f2fs *fs, const uint8_t *journal)
{
	const size_t count = athar_le16(journal);

	for (size_t i = 0; i < count && 2 + (i + 1) * SIT_ENTRY <= JOURNAL; i++) {
		const uint8_t *e = journal + 2 + i * SIT_ENTRY;

		athar_f2fs_sit_segment(fs, athar_le32(e), e + 4 + 2);
	}
}

/* Of a log that fills what was freed, the summary tells of all its segment. */
static uint16_t log_end(const athar_f2fs *fs, const uint8_t *head, size_t log)
{
	return head[ALLOC_TYPES + log] == TYPE_REUSE ? ATHAR_F2FS_SEGMENT
	                                             : fs->checkpoint.data[log].offset;
}

/* Both journals, then the entries of one log behind those of another, over block borders. */
static bool read_compact(athar_f2fs *fs, const uint8_t *head)
{
	uint32_t address = fs->checkpoint.address + fs->checkpoint.start;
	uint8_t block[ATHAR_F2FS_BLOCK];
	size_t at = 2 * JOURNAL;

	if (!athar_f2fs_get(fs, block, address, 1))
		return false;
	apply_nat(fs, block);
	apply_sit(fs, block + JOURNAL);
	for (size_t log = HOT; log <= COLD; log++) {
		fs->ssa.log_end[log] = log_end(fs, head, log);
		for (size_t i = 0; i < fs->ssa.log_end[log]; i++) {
			if (at + ENTRY > TYPE_AT) {
				at = 0;
				if (!athar_f2fs_get(fs, block, ++address, 1))
					return true; /* what they are for can do without */
			}
			memcpy(fs->ssa.log[log] + i * ENTRY, block + at, ENTRY);
			at += ENTRY;
		}
		fs->ssa.log_known[log] = true;
	}
	return true;
}

static bool read_normal(athar_f2fs *fs, const uint8_t *head)
{
	const athar_f2fs_checkpoint *c = &fs->checkpoint;
	const bool nodes = (c->flags & (ATHAR_F2FS_UNMOUNTED | ATHAR_F2FS_FASTBOOT)) != 0;
	const uint32_t behind = nodes ? 7 : 4; /* summaries, and the copy of the head */

	if (c->blocks < behind)
		return false;
	for (uint32_t log = HOT; log <= COLD; log++) {
		fs->ssa.log_known[log] = athar_f2fs_get(fs, fs->ssa.log[log],
		                                        c->address + c->blocks - behind + log, 1);
		fs->ssa.log_end[log] = log_end(fs, head, log);
	}
	if (fs->ssa.log_known[HOT])
		apply_nat(fs, fs->ssa.log[HOT] + ENTRIES);
	if (fs->ssa.log_known[COLD])
		apply_sit(fs, fs->ssa.log[COLD] + ENTRIES);
	return fs->ssa.log_known[HOT] && fs->ssa.log_known[COLD];
}

athar_status athar_f2fs_journals_load(athar_f2fs *fs, athar_error *err)
{
	uint8_t head[ATHAR_F2FS_BLOCK];
	bool read;

	fs->ssa.segment = UINT32_MAX;
	if (!athar_f2fs_get(fs, head, fs->checkpoint.address, 1))
		return athar_fail(err, ATHAR_EIO, "the checkpoint cannot be read");
	if ((fs->checkpoint.flags & ATHAR_F2FS_COMPACT) != 0)
		read = read_compact(fs, head);
	else
		read = read_normal(fs, head);
	if (!read)
		fs->nat_lost = fs->sit_lost = true;
	return ATHAR_OK;
}

static athar_f2fs_owner entry_of(const uint8_t *entries, uint32_t offset)
{
	const uint8_t *e = entries + offset * ENTRY;

	return (athar_f2fs_owner){.known = true, .nid = athar_le32(e), .slot = athar_le16(e + 5)};
}

athar_f2fs_owner athar_f2fs_owner_of(athar_f2fs *fs, uint32_t address)
{
	const uint32_t segment = (address - fs->super.main) / ATHAR_F2FS_SEGMENT;
	const uint32_t offset = (address - fs->super.main) % ATHAR_F2FS_SEGMENT;
	const athar_f2fs_checkpoint *c = &fs->checkpoint;
	athar_f2fs_ssa *ssa = &fs->ssa;
	athar_f2fs_owner owner = {.known = false};

	for (size_t i = 0; i < 3; i++) {
		if (c->data[i].segment == segment && offset < ssa->log_end[i])
			return ssa->log_known[i] ? entry_of(ssa->log[i], offset) : owner;
		if (c->node[i].segment == segment && offset < c->node[i].offset)
			return (athar_f2fs_owner){.known = true, .node = true};
	}
	if (ssa->segment != segment) {
		ssa->segment = UINT32_MAX;
		if (!athar_f2fs_get(fs, ssa->block, fs->super.ssa + segment, 1))
			return owner;
		ssa->segment = segment;
	}
	owner = entry_of(ssa->block, offset);
	owner.node = ssa->block[TYPE_AT] == TYPE_NODE;
	return owner;
}
