/* SPDX-License-Identifier: BSD-2-Clause */
/* The journal as a whole: where it lies, and what of the ring is a copy of which block. */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "base/sort.h"
#include "volume/crc32c.h"
#include "volume/jbd2.h"

#define RING_MOST \
	(UINT32_C(1) << 20) /* blocks: 1 GiB of the smallest, 4 GiB of the common ones \
	                     */
#define BEAT_EVERY 4096
#define SUPER 1024u

/* What a place in the ring holds by the newest word on it. */
typedef struct claim {
	athar_jbd2_copy copy;
	bool taken;   /* some descriptor has it */
	bool control; /* it is a block of the journal's own */
} claim;

typedef struct scan {
	athar_jbd2 *j;
	claim *claim; /* by block of the journal */
	uint8_t *block;
	athar_error *err;
} scan;

static void scan_end(scan *s)
{
	free(s->claim);
	free(s->block);
}
ATHAR_DEFINE_AUTO_VALUE(scan, scan, scan_end)

/* ---- opening ---- */

static bool get_home(void *user, uint8_t *buf, uint64_t block, unsigned later)
{
	return later == 0 && athar_ext_get_block(user, buf, block);
}

static athar_status read_map(athar_jbd2 *j, const athar_ext_inode *inode, athar_error *err)
{
	athar_ext_nodes nodes = {get_home, (void *)(uintptr_t)j->x, RING_MOST};

	return athar_ext_map_read(&j->map, j->x, inode, &nodes, err);
}

static bool read_super(athar_jbd2 *j)
{
	const uint64_t block = athar_ext_map_find(&j->map, 0);
	uint8_t bytes[SUPER];

	return block != 0 && athar_ext_get(j->x, bytes, sizeof bytes, block * j->x->layout.block) &&
	       athar_jbd2_super_read(&j->super, bytes) && j->super.block == j->x->layout.block;
}

static athar_status open_inode(bool *out, athar_jbd2 *j, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *bytes = athar_alloc(j->x->layout.inode, err);
	athar_ext_inode inode;
	uint64_t at;

	if (bytes == NULL)
		return ATHAR_ENOMEM;
	*out = athar_ext_inode_place(&at, j->x, j->x->journal_inode) &&
	       athar_ext_get(j->x, bytes, j->x->layout.inode, at) &&
	       athar_ext_inode_read(&inode, j->x, j->x->journal_inode, bytes) &&
	       athar_ext_inode_is_file(&inode);
	if (!*out)
		return ATHAR_OK;
	ATHAR_TRY(read_map(j, &inode, err));
	*out = read_super(j);
	return ATHAR_OK;
}

/* The superblock keeps a copy of the inode's map, for the day when the inode is lost. */
static athar_status open_copy(bool *out, athar_jbd2 *j, athar_error *err)
{
	athar_ext_inode inode = {.number = j->x->journal_inode, .size = j->x->journal_size};

	*out = false;
	if (!j->x->journal_copied)
		return ATHAR_OK;
	memcpy(inode.map, j->x->journal_map, ATHAR_EXT_MAP);
	if (athar_le16(inode.map) == 0xF30A)
		inode.flags = ATHAR_EXT_EXTENTS;
	ATHAR_TRY(read_map(j, &inode, err));
	*out = read_super(j);
	return ATHAR_OK;
}

athar_status athar_jbd2_open(athar_jbd2 *out, const athar_ext *x, athar_error *err)
{
	bool there = false;

	*out = (athar_jbd2){.x = x};
	if (x->journal_device != 0)
		return athar_fail(err, ATHAR_EFORMAT, "it is on another device");
	if (x->journal_inode == 0)
		return athar_fail(err, ATHAR_EFORMAT, "there is none");
	ATHAR_TRY(open_inode(&there, out, err));
	if (!there)
		ATHAR_TRY(open_copy(&there, out, err));
	if (!there)
		return athar_fail(err, ATHAR_EFORMAT, "its inode or its superblock cannot be read");
	if (out->super.blocks > RING_MOST)
		return athar_fail(err, ATHAR_ELIMIT, "it has more than %u blocks", RING_MOST);
	return ATHAR_OK;
}

void athar_jbd2_close(athar_jbd2 *j)
{
	athar_ext_map_clear(&j->map);
	free(j->copy);
	free(j->commit);
	j->copy = NULL;
	j->commit = NULL;
}

/* ---- the ring ---- */

static bool get_at(const athar_jbd2 *j, uint8_t *buf, uint32_t at)
{
	const uint64_t block = athar_ext_map_find(&j->map, at);

	return block != 0 && athar_ext_get_block(j->x, buf, block);
}

static uint32_t after(const athar_jbd2_super *s, uint32_t at)
{
	return at + 1 < s->end ? at + 1 : s->first;
}

/* The blocks behind a descriptor, one for each tag. Of two claims on one place the newer holds: it
 * was written there later. */
static void take_descriptor(scan *s, uint32_t at, int32_t order)
{
	const athar_jbd2_super *super = &s->j->super;
	athar_jbd2_copy copy;
	uint32_t tag = 0;
	uint32_t place = at;

	while (athar_jbd2_tag_next(&copy, super, s->block, &tag)) {
		claim *c = &s->claim[place = after(super, place)];

		copy.order = order;
		copy.at = place;
		if (c->taken && c->copy.order >= order)
			continue;
		c->copy = copy;
		c->taken = true;
	}
}

static athar_status take_commit(scan *s, int32_t order)
{
	athar_jbd2 *j = s->j;

	ATHAR_TRY(athar_grow(&j->commit, &j->commits_capacity, j->commits + 1, sizeof *j->commit,
	                     s->err));
	j->commit[j->commits++] = (athar_jbd2_commit){order, athar_jbd2_commit_time(s->block)};
	return ATHAR_OK;
}

static athar_status take_block(scan *s, uint32_t at)
{
	athar_jbd2 *j = s->j;
	athar_jbd2_type type;
	int32_t order;

	if (!get_at(j, s->block, at)) {
		j->broken++;
		s->claim[at].control = true;
		return ATHAR_OK;
	}
	type = athar_jbd2_type_of(&j->super, s->block);
	if (type == ATHAR_JBD2_NONE)
		return ATHAR_OK;
	order = athar_jbd2_order_of(&j->super, s->block);
	s->claim[at].control = true;
	if (type == ATHAR_JBD2_DESCRIPTOR)
		take_descriptor(s, at, order);
	return type == ATHAR_JBD2_COMMIT ? take_commit(s, order) : ATHAR_OK;
}

static int by_home(const void *a, const void *b, const void *user)
{
	const athar_jbd2_copy *x = a, *y = b;

	(void)user;
	if (x->home != y->home)
		return x->home < y->home ? -1 : 1;
	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static int by_order(const void *a, const void *b, const void *user)
{
	const athar_jbd2_commit *x = a, *y = b;

	(void)user;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* A transaction has one; a second with its number is from another time around. */
static void keep_one_commit(athar_jbd2 *j)
{
	size_t kept = 0;

	for (size_t i = 0; i < j->commits; i++) {
		if (kept == 0 || j->commit[i].order != j->commit[kept - 1].order)
			j->commit[kept++] = j->commit[i];
	}
	j->commits = kept;
}

static bool is_trusted(const athar_jbd2 *j, const claim *c)
{
	if (!c->taken || c->control || c->copy.home >= j->x->layout.blocks)
		return false;
	return j->super.sums != 0 || athar_jbd2_commit_of(j, c->copy.order) != NULL;
}

static athar_status keep_copies(scan *s)
{
	athar_jbd2 *j = s->j;

	athar_sort(j->commit, j->commits, sizeof *j->commit, by_order, NULL);
	keep_one_commit(j);
	for (uint32_t at = j->super.first; at < j->super.end; at++) {
		if (!is_trusted(j, &s->claim[at]))
			continue;
		ATHAR_TRY(
			athar_grow(&j->copy, &j->capacity, j->count + 1, sizeof *j->copy, s->err));
		j->copy[j->count++] = s->claim[at].copy;
	}
	athar_sort(j->copy, j->count, sizeof *j->copy, by_home, NULL);
	return ATHAR_OK;
}

/* Their area begins with a tag of 4 bytes; the first is the head's, 10 and its length, 8. */
static bool has_fast_commits(const athar_jbd2 *j, uint8_t *buf)
{
	return j->super.fast && get_at(j, buf, j->super.end) && athar_le16(buf) == 10 &&
	       athar_le16(buf + 2) == 8;
}

athar_status athar_jbd2_scan(athar_jbd2 *j, athar_status (*beat)(void *user, athar_error *err),
                             void *user, athar_error *err)
{
	ATHAR_AUTO(scan) scan s = {.j = j, .err = err};

	/* The superblock's word on the length, bounded when it was opened. */
	s.claim = athar_alloc_array(j->super.end, sizeof *s.claim, err);
	s.block = athar_alloc(j->super.block, err);
	if (s.claim == NULL || s.block == NULL)
		return ATHAR_ENOMEM;
	for (uint32_t at = j->super.first; at < j->super.end; at++) {
		ATHAR_TRY(take_block(&s, at));
		if (at % BEAT_EVERY == 0)
			ATHAR_TRY(beat(user, err));
	}
	j->fast_commits = has_fast_commits(j, s.block);
	return keep_copies(&s);
}

/* ---- what is in it ---- */

uint64_t athar_jbd2_place(const athar_jbd2 *j, const athar_jbd2_copy *copy)
{
	return athar_ext_map_find(&j->map, copy->at) * j->super.block;
}

static bool copy_sum_holds(const athar_jbd2 *j, const athar_jbd2_copy *copy, const uint8_t *buf)
{
	const uint32_t sequence = (uint32_t)copy->order + j->super.sequence;
	const uint8_t said[4] = {(uint8_t)(sequence >> 24), (uint8_t)(sequence >> 16),
	                         (uint8_t)(sequence >> 8), (uint8_t)sequence};
	const uint32_t sum =
		athar_crc32c(athar_crc32c(j->super.seed, said, 4), buf, j->super.block);

	return j->super.sums == 3 ? sum == copy->sum : (sum & 0xFFFF) == copy->sum;
}

bool athar_jbd2_get(const athar_jbd2 *j, const athar_jbd2_copy *copy, uint8_t *buf)
{
	static const uint8_t magic[4] = {0xC0, 0x3B, 0x39, 0x98};

	if (!get_at(j, buf, copy->at))
		return false;
	if (j->super.sums != 0 && !copy_sum_holds(j, copy, buf))
		return false;
	if (copy->escaped)
		memcpy(buf, magic, sizeof magic);
	return true;
}

const athar_jbd2_copy *athar_jbd2_newest(const athar_jbd2 *j, uint64_t home, int32_t before)
{
	const athar_jbd2_copy key = {.home = home, .order = before};
	size_t low = 0, high = j->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (by_home(&j->copy[middle], &key, NULL) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && j->copy[low - 1].home == home ? &j->copy[low - 1] : NULL;
}

const athar_jbd2_commit *athar_jbd2_commit_of(const athar_jbd2 *j, int32_t order)
{
	size_t low = 0, high = j->commits;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (j->commit[middle].order < order)
			low = middle + 1;
		else
			high = middle;
	}
	return low < j->commits && j->commit[low].order == order ? &j->commit[low] : NULL;
}

bool athar_jbd2_pending(const athar_jbd2 *j, int32_t order)
{
	return j->super.replay && order >= 0 && athar_jbd2_commit_of(j, order) != NULL;
}

/* How many commits there are up to the transaction. */
static size_t commits_to(const athar_jbd2 *j, int64_t order)
{
	size_t low = 0, high = j->commits;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (j->commit[middle].order <= order)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint64_t athar_jbd2_lost(const athar_jbd2 *j, int32_t order)
{
	const int64_t last = j->commits > 0 ? j->commit[j->commits - 1].order : order;

	if (last <= order)
		return 0;
	return (uint64_t)(last - order) - (j->commits - commits_to(j, order));
}
