/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/ext_history.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "base/sort.h"
#include "volume/crc32c.h"

#define VERSIONS_MOST ((size_t)1 << 21)
#define BEAT_EVERY 256
#define SLOTS_MOST (ATHAR_EXT_BLOCK / 128)

enum { FOLDER = 0x4, FILE_PLAIN = 0x8 };

/* A version of one inode of the block at hand, with what tells lives apart. */
typedef struct seen_version {
	athar_ext_version version;
	uint32_t slot, generation, created;
} seen_version;

/* One block of an inode table and its copies. */
typedef struct table_block {
	athar_ext_history *out;
	const athar_jbd2 *j;
	uint64_t home;
	uint32_t first; /* number of its first inode */
	uint8_t *now, *before;
	bool have_before;
	bool have[SLOTS_MOST];   /* the inode's last version was read, */
	size_t last[SLOTS_MOST]; /* and is this one of `seen` */
	seen_version *seen;
	size_t count, capacity;
} table_block;

static void table_block_end(table_block *b)
{
	free(b->now);
	free(b->before);
	free(b->seen);
}
ATHAR_DEFINE_AUTO_VALUE(table_block, table_block, table_block_end)

static uint32_t slots_of(const table_block *b)
{
	return b->j->x->layout.block / b->j->x->layout.inode;
}

static bool is_zero(const uint8_t *bytes, size_t len)
{
	return bytes[0] == 0 && memcmp(bytes, bytes + 1, len - 1) == 0;
}

static seen_version describe(const athar_ext *x, const athar_ext_inode *i, const uint8_t *bytes)
{
	seen_version v = {.generation = i->generation};

	v.created = i->has_created ? (uint32_t)i->created.seconds : 0;
	v.version.mode = i->mode;
	v.version.deleted = i->links == 0 && i->deleted > x->inodes ? i->deleted : 0;
	v.version.in_use = athar_ext_inode_in_use(i);
	v.version.has_size = i->size > 0;
	v.version.has_place = i->blocks > 0 || (i->flags & ATHAR_EXT_INLINE) != 0;
	v.version.map = athar_crc32c_le32(athar_crc32c(ATHAR_CRC32C_BEGIN, i->map, ATHAR_EXT_MAP),
	                                  (uint32_t)i->size);
	if ((i->flags & ATHAR_EXT_INLINE) != 0)
		v.version.map = athar_crc32c(v.version.map, bytes, x->layout.inode);
	return v;
}

static athar_status add_seen(table_block *b, uint32_t slot, uint32_t copy, int32_t order,
                             athar_error *err)
{
	const athar_ext *x = b->j->x;
	const uint8_t *bytes = b->now + (size_t)slot * x->layout.inode;
	athar_ext_inode inode;
	seen_version v;

	if (b->out->versions + b->count >= VERSIONS_MOST) {
		b->out->full = true;
		return ATHAR_OK;
	}
	if (!is_zero(bytes, x->layout.inode) &&
	    !athar_ext_inode_read(&inode, x, b->first + slot, bytes))
		return ATHAR_OK;
	if (is_zero(bytes, x->layout.inode))
		inode = (athar_ext_inode){.number = b->first + slot};
	v = describe(x, &inode, bytes);
	v.slot = slot;
	v.version.copy = copy;
	v.version.order = order;
	v.version.seen = order;
	v.version.until = ATHAR_JBD2_NOW;
	ATHAR_TRY(athar_grow(&b->seen, &b->capacity, b->count + 1, sizeof *b->seen, err));
	if (b->have[slot])
		b->seen[b->last[slot]].version.until = order;
	b->have[slot] = true;
	b->last[slot] = b->count;
	b->seen[b->count++] = v;
	return ATHAR_OK;
}

static bool is_wanted(const athar_ext *x, uint32_t number)
{
	return number <= x->inodes && (number >= ATHAR_EXT_FIRST_FREE || number == ATHAR_EXT_ROOT);
}

/* What of b->now is not as it was in the copy before. */
static athar_status take_changes(table_block *b, uint32_t copy, int32_t order, athar_error *err)
{
	const size_t size = b->j->x->layout.inode;

	for (uint32_t slot = 0; slot < slots_of(b); slot++) {
		const bool same = b->have_before &&
		                  memcmp(b->now + slot * size, b->before + slot * size, size) == 0;

		if (same && b->have[slot])
			b->seen[b->last[slot]].version.seen = order;
		if (!is_wanted(b->j->x, b->first + slot) || same)
			continue;
		ATHAR_TRY(add_seen(b, slot, copy, order, err));
	}
	uint8_t *swap = b->before;
	b->before = b->now;
	b->now = swap;
	b->have_before = true;
	return ATHAR_OK;
}

/* ---- from versions to lives ---- */

static int by_slot(const void *a, const void *b, const void *user)
{
	const seen_version *x = a, *y = b;

	(void)user;
	if (x->slot != y->slot)
		return x->slot < y->slot ? -1 : 1;
	if (x->version.order != y->version.order)
		return x->version.order < y->version.order ? -1 : 1;
	return x->version.copy < y->version.copy ? -1 : x->version.copy > y->version.copy;
}

static bool same_life(const athar_ext_life *l, const seen_version *v, const athar_ext_version *last)
{
	if (v->version.mode == 0)
		return !v->version.in_use && v->generation == l->generation;
	if (v->generation != l->generation || v->version.mode >> 12 != l->type)
		return false;
	if (l->created != 0 && v->created != 0 && v->created != l->created && l->generation == 0)
		return false;
	/* Tools that make file systems give all files generation 0. */
	return l->generation != 0 || last->in_use || !v->version.in_use;
}

static athar_status begin_life(athar_ext_history *h, uint32_t number, const seen_version *v,
                               athar_error *err)
{
	ATHAR_TRY(athar_grow(&h->life, &h->capacity, h->count + 1, sizeof *h->life, err));
	h->life[h->count++] = (athar_ext_life){.number = number,
	                                       .generation = v->generation,
	                                       .created = v->created,
	                                       .since = v->version.order,
	                                       .until = ATHAR_JBD2_NOW,
	                                       .version = h->versions,
	                                       .type = (uint8_t)(v->version.mode >> 12),
	                                       .current = true};
	return ATHAR_OK;
}

static void note_end(athar_ext_life *l, const athar_ext_version *v)
{
	if (l->dead && v->in_use) { /* it was named only later */
		l->dead = false;
		l->until = ATHAR_JBD2_NOW;
	}
	if (!l->dead && !v->in_use) {
		l->dead = true;
		l->until = v->order;
	}
	if (v->deleted != 0)
		l->deleted = v->deleted;
}

static athar_status take_version(athar_ext_history *h, uint32_t number, const seen_version *v,
                                 athar_error *err)
{
	athar_ext_life *l = h->count > 0 ? &h->life[h->count - 1] : NULL;
	const bool follows = l != NULL && l->number == number;

	if (!follows || !same_life(l, v, &h->version[h->versions - 1])) {
		if (follows) {
			l->current = false;
			l->until = l->dead ? l->until : v->version.order;
			l->dead = true;
		}
		/* A number that was not used has no life. */
		if (v->version.mode == 0 && follows)
			return ATHAR_OK;
		ATHAR_TRY(begin_life(h, number, v, err));
		l = &h->life[h->count - 1];
		/* What came before the first known version is its own, too. */
		if (!follows)
			l->since = ATHAR_JBD2_OLD;
	}
	ATHAR_TRY(athar_grow(&h->version, &h->versions_capacity, h->versions + 1,
	                     sizeof *h->version, err));
	h->version[h->versions++] = v->version;
	l->count++;
	note_end(l, &v->version);
	return ATHAR_OK;
}

static athar_status take_seen(table_block *b, athar_error *err)
{
	athar_sort(b->seen, b->count, sizeof *b->seen, by_slot, NULL);
	for (size_t i = 0; i < b->count; i++)
		ATHAR_TRY(take_version(b->out, b->first + b->seen[i].slot, &b->seen[i], err));
	b->count = 0;
	return ATHAR_OK;
}

/* ---- from block to block ---- */

/* All copies of one block, and what lies in its place unless a mount would replace that. */
static athar_status take_block(table_block *b, size_t from, size_t to, athar_error *err)
{
	const athar_jbd2 *j = b->j;

	b->have_before = false;
	memset(b->have, 0, sizeof b->have);
	for (size_t i = from; i < to; i++) {
		if (athar_jbd2_get(j, &j->copy[i], b->now))
			ATHAR_TRY(take_changes(b, (uint32_t)i, j->copy[i].order, err));
	}
	if (!athar_jbd2_pending(j, j->copy[to - 1].order) &&
	    athar_ext_get_block(j->x, b->now, b->home))
		ATHAR_TRY(take_changes(b, ATHAR_EXT_HOME, ATHAR_JBD2_NOW - 1, err));
	return take_seen(b, err);
}

static int by_number(const void *a, const void *b, const void *user)
{
	const athar_ext_life *x = a, *y = b;

	(void)user;
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->version < y->version ? -1 : x->version > y->version;
}

athar_status athar_ext_history_read(athar_ext_history *out, const athar_jbd2 *j,
                                    athar_status (*beat)(void *user, athar_error *err), void *user,
                                    athar_error *err)
{
	ATHAR_AUTO(table_block) table_block b = {.out = out, .j = j};
	size_t end;

	*out = (athar_ext_history){.journal = j};
	b.now = athar_alloc(ATHAR_EXT_BLOCK, err);
	b.before = athar_alloc(ATHAR_EXT_BLOCK, err);
	if (b.now == NULL || b.before == NULL)
		return ATHAR_ENOMEM;
	for (size_t i = 0; i < j->count && !out->full; i = end) {
		b.home = j->copy[i].home;
		for (end = i; end < j->count && j->copy[end].home == b.home;)
			end++;
		if (i / BEAT_EVERY != end / BEAT_EVERY)
			ATHAR_TRY(beat(user, err));
		b.first = athar_ext_inodes_at(j->x, b.home);
		if (b.first != 0)
			ATHAR_TRY(take_block(&b, i, end, err));
	}
	athar_sort(out->life, out->count, sizeof *out->life, by_number, NULL);
	return ATHAR_OK;
}

void athar_ext_history_clear(athar_ext_history *h)
{
	free(h->life);
	free(h->version);
	*h = (athar_ext_history){.journal = NULL};
}

/* ---- asking it ---- */

/* Index behind the last life of the number that began at `order` or before. */
static size_t lives_until(const athar_ext_history *h, uint32_t number, int32_t order)
{
	size_t low = 0, high = h->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const athar_ext_life *l = &h->life[middle];

		if (l->number < number || (l->number == number && l->since <= order))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

athar_ext_life *athar_ext_history_at(const athar_ext_history *h, uint32_t number, int32_t order)
{
	const size_t end = lives_until(h, number, order);
	athar_ext_life *l = end > 0 ? &h->life[end - 1] : NULL;

	if (l == NULL || l->number != number)
		return NULL;
	return order < l->until || (order == ATHAR_JBD2_NOW && !l->dead) ? l : NULL;
}

athar_ext_life *athar_ext_history_before(const athar_ext_history *h, uint32_t number, int32_t order)
{
	for (size_t end = lives_until(h, number, order); end > 0; end--) {
		athar_ext_life *l = &h->life[end - 1];

		if (l->number != number)
			return NULL;
		if (l->dead && l->until <= order)
			return l;
	}
	return NULL;
}

const uint8_t *athar_ext_version_get(athar_ext_inode *out, uint64_t *place,
                                     const athar_ext_history *h, const athar_ext_life *life,
                                     const athar_ext_version *version, uint8_t *buf)
{
	const athar_jbd2 *j = h->journal;
	const athar_ext *x = j->x;
	uint64_t home;
	uint32_t within;

	if (!athar_ext_inode_place(&home, x, life->number))
		return NULL;
	within = (uint32_t)(home % x->layout.block);
	*place = home;
	if (version->copy != ATHAR_EXT_HOME) {
		*place = athar_jbd2_place(j, &j->copy[version->copy]) + within;
		if (!athar_jbd2_get(j, &j->copy[version->copy], buf))
			return NULL;
	} else if (!athar_ext_get_block(x, buf, home / x->layout.block)) {
		return NULL;
	}
	return athar_ext_inode_read(out, x, life->number, buf + within) ? buf + within : NULL;
}

bool athar_ext_past_get(void *user, uint8_t *buf, uint64_t block, unsigned later)
{
	const athar_ext_past *p = user;
	const athar_jbd2_copy *copy = NULL;

	/* What was checkpointed lies in its place. */
	copy = athar_jbd2_newest(p->journal, block, p->before);
	if (copy != NULL && p->before == ATHAR_JBD2_NOW &&
	    !athar_jbd2_pending(p->journal, copy->order))
		copy = NULL;
	if (later == 0 && copy != NULL && athar_jbd2_get(p->journal, copy, buf))
		return true;
	/* The copy cannot be read, or was no node. */
	return later <= (copy != NULL ? 1u : 0u) && athar_ext_get_block(p->journal->x, buf, block);
}
