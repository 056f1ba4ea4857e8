/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/f2fs_stale.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "base/sort.h"
#include "volume/walk.h"

#define BATCH 256u /* blocks read at once: 1 MiB */
#define XATTR_PLACE 0x1FFFFFFFu
/* Segments whose claims are remembered, of 4 KiB each. */
#define CLAIMS_MOST (UINT32_C(64) << 10)

typedef struct scan {
	athar_f2fs *fs;
	athar_f2fs_stale *stale;
	uint32_t claims; /* pages in use */
	athar_error *err;
} scan;

void athar_f2fs_stale_free(athar_f2fs_stale *stale)
{
	if (stale == NULL)
		return;
	for (uint32_t i = 0; stale->claim != NULL && i < stale->segments; i++)
		free(stale->claim[i]);
	free(stale->claim);
	free(stale->node);
	free(stale->zero);
	free(stale->link);
	free(stale);
}
ATHAR_DEFINE_AUTO(stale, athar_f2fs_stale *, athar_f2fs_stale_free)

/* Nodes that hold the numbers of other nodes, not addresses. */
static bool is_indirect(uint32_t place)
{
	const uint32_t doubly = 5 + 2 * ATHAR_F2FS_NODE_PLACES;

	if (place == 3 || place == 4 + ATHAR_F2FS_NODE_PLACES || place == doubly)
		return true;
	return place > doubly && (place - doubly - 1) % (ATHAR_F2FS_NODE_PLACES + 1) == 0;
}

static athar_status claim(scan *s, uint32_t address, const athar_f2fs_footer *f, uint32_t node)
{
	const uint32_t n = address - s->fs->super.main;
	athar_f2fs_claim **page = &s->stale->claim[n / ATHAR_F2FS_SEGMENT];
	athar_f2fs_claim *c;

	if (*page == NULL) {
		if (s->claims >= CLAIMS_MOST)
			return ATHAR_OK;
		*page = athar_alloc_array(ATHAR_F2FS_SEGMENT, sizeof **page, s->err);
		if (*page == NULL)
			return ATHAR_ENOMEM;
		s->claims++;
	}
	c = &(*page)[n % ATHAR_F2FS_SEGMENT];
	if (c->node == 0 || (int32_t)((uint32_t)f->version - c->version) >= 0)
		*c = (athar_f2fs_claim){(uint32_t)f->version, node};
	return ATHAR_OK;
}

static athar_status claim_places(scan *s, const uint8_t *block, const athar_f2fs_footer *f,
                                 uint32_t address)
{
	athar_f2fs_inode inode = {.places_at = 0, .places = ATHAR_F2FS_NODE_PLACES};

	ATHAR_TRY(claim(s, address, f, address));
	if (f->place == XATTR_PLACE || is_indirect(f->place))
		return ATHAR_OK;
	if (f->place == 0 && (!athar_f2fs_inode_read(&inode, &s->fs->super, block) ||
	                      inode.inline_data || inode.inline_entries))
		return ATHAR_OK;
	for (uint32_t i = 0; i < inode.places; i++) {
		const uint32_t to = athar_le32(block + inode.places_at + i * 4);

		if (athar_f2fs_in_main(s->fs, to) && !athar_f2fs_is_valid(s->fs, to))
			ATHAR_TRY(claim(s, to, f, address));
	}
	return ATHAR_OK;
}

/* What a node cannot be is data that looks a little like one. */
static bool plausible(const athar_f2fs *fs, const athar_f2fs_footer *f, const uint8_t *block)
{
	athar_f2fs_inode inode;

	if (f->nid == 0 || f->ino == 0 || f->nid >= fs->nat.count || f->ino >= fs->nat.count ||
	    (f->place == 0) != (f->nid == f->ino) || (uint32_t)f->version == 0 ||
	    (int32_t)((uint32_t)fs->checkpoint.version - (uint32_t)f->version) < 0)
		return false;
	if (f->next != 0 && f->next != UINT32_MAX && !athar_f2fs_in_main(fs, f->next) &&
	    f->next - fs->super.main != fs->sit.blocks)
		return false;
	return f->place != 0 || athar_f2fs_inode_read(&inode, &fs->super, block);
}

static athar_status look(scan *s, const uint8_t *block, uint32_t address)
{
	const uint32_t segment = (address - s->fs->super.main) / ATHAR_F2FS_SEGMENT;
	athar_f2fs_stale *stale = s->stale;
	athar_f2fs_footer f;

	athar_f2fs_footer_read(&f, block);
	if (!plausible(s->fs, &f, block))
		return ATHAR_OK;
	if (athar_f2fs_in_main(s->fs, f.next))
		ATHAR_TRY(athar_f2fs_links_add(stale, (uint32_t)f.version, segment,
		                               (f.next - s->fs->super.main) / ATHAR_F2FS_SEGMENT,
		                               s->err));
	if (athar_f2fs_is_valid(s->fs, address))
		return ATHAR_OK;
	if (stale->count >= ATHAR_F2FS_STALE_MOST) {
		stale->full = true;
		return ATHAR_OK;
	}
	ATHAR_TRY(athar_grow(&stale->node, &stale->capacity, stale->count + 1, sizeof *stale->node,
	                     s->err));
	stale->node[stale->count++] =
		(athar_f2fs_stale_node){f.ino, f.place, (uint32_t)f.version, 0, address, f.nid};
	return claim_places(s, block, &f, address);
}

static bool all_zero(const uint8_t *block)
{
	return block[0] == 0 && memcmp(block, block + 1, ATHAR_F2FS_BLOCK - 1) == 0;
}

static athar_status look_at_batch(scan *s, const uint8_t *bytes, uint32_t first, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *block = bytes + (size_t)i * ATHAR_F2FS_BLOCK;
		const uint32_t n = first + i;

		if (!athar_f2fs_bit(s->fs->sit.valid, n) && all_zero(block))
			s->stale->zero[n / 8] |= (uint8_t)(0x80 >> n % 8);
		else
			ATHAR_TRY(look(s, block, s->fs->super.main + n));
	}
	return ATHAR_OK;
}

static bool all_valid(const athar_f2fs *fs, uint32_t first, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (!athar_f2fs_bit(fs->sit.valid, first + i))
			return false;
	return true;
}

static athar_status scan_all(scan *s, athar_walk *w)
{
	ATHAR_AUTO(free)
	uint8_t *bytes = athar_alloc((size_t)BATCH * ATHAR_F2FS_BLOCK, s->err);
	const uint32_t blocks = s->fs->sit.blocks;

	if (bytes == NULL)
		return ATHAR_ENOMEM;
	for (uint32_t n = 0; n < blocks; n += BATCH) {
		const uint32_t count = (uint32_t)athar_min(BATCH, blocks - n);

		if (all_valid(s->fs, n, count))
			continue;
		if (w != NULL)
			ATHAR_TRY(athar_walk_beat(w, s->err));
		(void)athar_f2fs_get(s->fs, bytes, s->fs->super.main + n, count);
		ATHAR_TRY(look_at_batch(s, bytes, n, count));
	}
	return ATHAR_OK;
}

int athar_f2fs_stale_compare(const athar_f2fs_stale_node *a, const athar_f2fs_stale_node *b)
{
	const int32_t age = (int32_t)(a->version - b->version);

	if (age != 0)
		return age < 0 ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return a->address < b->address ? -1 : a->address > b->address;
}

static int by_inode_place_number_age(const void *a, const void *b, const void *user)
{
	const athar_f2fs_stale_node *x = a, *y = b;

	(void)user;
	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	if (x->nid != y->nid)
		return x->nid < y->nid ? -1 : 1;
	return athar_f2fs_stale_compare(x, y);
}

static athar_status make_room(athar_f2fs_stale *stale, const athar_f2fs *fs, athar_error *err)
{
	stale->segments = fs->sit.blocks / ATHAR_F2FS_SEGMENT + 1;
	stale->zero = athar_alloc((size_t)fs->sit.blocks / 8 + 1, err);
	stale->claim = athar_alloc_array(stale->segments, sizeof *stale->claim, err);
	return stale->zero == NULL || stale->claim == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

athar_status athar_f2fs_stale_load(athar_f2fs *fs, athar_walk *w, athar_error *err)
{
	ATHAR_AUTO(stale) athar_f2fs_stale *stale = NULL;
	scan s = {.fs = fs, .err = err};

	if (fs->stale != NULL)
		return ATHAR_OK;
	stale = athar_alloc(sizeof *stale, err);
	if (stale == NULL)
		return ATHAR_ENOMEM;
	s.stale = stale;
	ATHAR_TRY(make_room(stale, fs, err));
	ATHAR_TRY(scan_all(&s, w));
	athar_f2fs_links_order(stale);
	fs->stale = ATHAR_GIVE(stale);
	for (size_t i = 0; i < fs->stale->count; i++) {
		athar_f2fs_stale_node *n = &fs->stale->node[i];

		n->rank = athar_f2fs_stale_rank(fs, n->version, n->address);
	}
	if (fs->stale->count > 0)
		athar_sort(fs->stale->node, fs->stale->count, sizeof *fs->stale->node,
		           by_inode_place_number_age, NULL);
	return ATHAR_OK;
}

/* The first that is not before this inode, place and number. */
static size_t lower(const athar_f2fs *fs, uint32_t ino, uint32_t place, uint32_t nid)
{
	size_t from = 0, to = fs->stale->count;

	while (from < to) {
		const size_t middle = from + (to - from) / 2;
		const athar_f2fs_stale_node *n = &fs->stale->node[middle];

		if (n->ino < ino || (n->ino == ino && n->place < place) ||
		    (n->ino == ino && n->place == place && n->nid < nid))
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

const athar_f2fs_stale_node *athar_f2fs_stale_find(size_t *count, const athar_f2fs *fs,
                                                   uint32_t ino, uint32_t place, uint32_t nid)
{
	size_t first;

	*count = 0;
	if (fs->stale == NULL || fs->stale->count == 0)
		return NULL;
	first = lower(fs, ino, place, nid == ATHAR_F2FS_ANY ? 0 : nid);
	*count = (nid == ATHAR_F2FS_ANY ? lower(fs, ino, place + 1, 0)
	                                : lower(fs, ino, place, nid + 1)) -
	         first;
	return &fs->stale->node[first];
}

bool athar_f2fs_stale_any(const athar_f2fs *fs, uint32_t ino, uint32_t from, uint32_t to)
{
	return fs->stale != NULL && lower(fs, ino, from, 0) < lower(fs, ino, to, 0);
}

athar_f2fs_claim athar_f2fs_stale_claim(const athar_f2fs *fs, uint32_t address)
{
	const uint32_t n = address - fs->super.main;
	const athar_f2fs_claim *page = fs->stale->claim[n / ATHAR_F2FS_SEGMENT];

	return page == NULL ? (athar_f2fs_claim){0, 0} : page[n % ATHAR_F2FS_SEGMENT];
}

bool athar_f2fs_stale_zero(const athar_f2fs *fs, uint32_t address)
{
	return athar_f2fs_bit(fs->stale->zero, address - fs->super.main);
}
