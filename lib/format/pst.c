/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mail stores of Outlook ([MS-PST]; libpff for the pages of 4 KiB): a header, and two trees of
 * pages, one of what there is and one of the blocks it is stored in. Header, pages and blocks each
 * have a CRC, and know their number and their place. Maps at fixed places say what is in use.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/windows.h"
#include "inflate/inflate.h"

#define HEADER 564u
#define PARTIAL 471u /* bytes behind the first 8 that the first CRC is of */
#define FULL 516u    /* and that the second is of, where there is one */
#define DEPTH 8u
#define PAGE_MOST 4096u
#define MAP_FIRST UINT64_C(0x4400)
#define MAP_EACH UINT64_C(253952)
#define BLOCKS_MOST (UINT64_C(4) << 30) /* bytes of blocks that are checked */

#define BLOCKS 0x80u
#define NODES 0x81u
#define MAP 0x84u

/* Where things lie, in the three forms that there are. */
typedef struct form {
	uint32_t page, count, trailer; /* of a page: its size, where the entries are counted */
	uint32_t unit, tail;           /* of a block: its size is a multiple; its trailer */
	uint32_t number;               /* bytes of a number or a place */
	uint32_t root;                 /* in the header */
	uint32_t crypt;
	uint32_t crc, id; /* in a trailer */
	bool wide_count;
} form;

static const form narrow = {.page = 512,
                            .count = 496,
                            .trailer = 500,
                            .unit = 64,
                            .tail = 12,
                            .number = 4,
                            .root = 164,
                            .crypt = 461,
                            .crc = 8,
                            .id = 4};
static const form wide = {.page = 512,
                          .count = 488,
                          .trailer = 496,
                          .unit = 64,
                          .tail = 16,
                          .number = 8,
                          .root = 180,
                          .crypt = 513,
                          .crc = 4,
                          .id = 8};
static const form large = {.page = 4096,
                           .count = 4056,
                           .trailer = 4072,
                           .unit = 512,
                           .tail = 24,
                           .number = 8,
                           .root = 180,
                           .crypt = 513,
                           .crc = 4,
                           .id = 8,
                           .wide_count = true};

typedef struct place {
	uint64_t id, at;
} place;

typedef struct pst {
	athar_walk *w;
	const form *f;
	uint64_t end, last_map;
	place nodes, blocks;
	bool maps_hold;
	bool hidden;  /* a page that leads to others is bad */
	bool skipped; /* some blocks were not looked at */
	uint64_t bad; /* the first place that does not hold */
	uint64_t page_count, block_count, seen, summed;
	uint8_t *pages; /* one for each level */
} pst;

/* Without the inversions at both ends. */
static uint32_t crc(const uint8_t *bytes, size_t len)
{
	return ~athar_crc32(UINT32_MAX, bytes, len);
}

static uint64_t number(const pst *p, const uint8_t *at)
{
	return p->f->number == 8 ? athar_le64(at) : athar_le32(at);
}

static place reference(const pst *p, const uint8_t *at)
{
	return (place){number(p, at), number(p, at + p->f->number)};
}

/* What a trailer has of place and number; not known of pages of 4 KiB. */
static bool signature_holds(const pst *p, const uint8_t *trailer, const place *from)
{
	const uint32_t mixed = (uint32_t)(from->at ^ from->id);

	return p->f == &large || athar_le16(trailer + 2) == (uint16_t)(mixed >> 16 ^ mixed);
}

/* ---- the header ---- */

static const form *form_of(const uint8_t *h)
{
	switch (athar_le16(h + 10)) {
	case 14:
	case 15:
		return &narrow;
	case 21:
	case 23:
		return &wide;
	case 36:
	case 37:
		return &large;
	default:
		return NULL;
	}
}

static void set_kind(pst *p, const uint8_t *h)
{
	const char *kind = memcmp(h + 8, "SO", 2) == 0 ? "ost" : "pst";

	if (memcmp(h + 8, "AB", 2) == 0)
		kind = "pab";
	(void)snprintf(p->w->claim->subtype, sizeof p->w->claim->subtype, "%s", kind);
	(void)snprintf(p->w->claim->extension, sizeof p->w->claim->extension, "%s", kind);
	athar_walk_field(p->w, "version", "%u", athar_le16(h + 10));
	/* The two old ways are known to all and need no password. */
	if (h[p->f->crypt] == 0x10)
		athar_walk_field(p->w, "encrypted", "yes");
}

static athar_status check_header(pst *p, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, p->w->in, 0, HEADER, err));
	const uint8_t *h = b.ptr;

	p->f = form_of(h);
	if (p->f == NULL || athar_le32(h + 4) != crc(h + 8, PARTIAL))
		return athar_walk_stop(p->w, "the CRC of its header does not hold");
	if (p->f != &narrow && athar_le32(h + 524) != crc(h + 8, FULL))
		return athar_walk_stop(p->w, "the second CRC of its header does not hold");
	const uint8_t *root = h + p->f->root;
	const uint32_t n = p->f->number;

	p->end = number(p, root + 4);
	p->last_map = number(p, root + 4 + n);
	p->nodes = reference(p, root + 4 + 4 * n);
	p->blocks = reference(p, root + 4 + 6 * n);
	p->maps_hold = root[4 + 8 * n] != 0;
	athar_walk_begin(p->w, HEADER);
	set_kind(p, h);
	if (p->end < MAP_FIRST || p->end > INT64_MAX)
		return athar_walk_stop(p->w, "its header has an impossible size");
	return ATHAR_OK;
}

/* ---- pages and blocks ---- */

static void spoil(pst *p, const char *what, uint64_t at)
{
	athar_walk_flaw(p->w, "the CRC of the %s at %llu does not hold", what,
	                (unsigned long long)at);
	p->bad = athar_min(p->bad, at);
}

/* More than there can be: it would go on for ever. */
static athar_status spend(pst *p, uint64_t len)
{
	p->seen += len;
	return p->seen <= athar_min(p->end, athar_reader_size(p->w->in))
	               ? ATHAR_OK
	               : athar_walk_stop(p->w, "its trees hold more than the file");
}

static bool page_holds(const pst *p, const uint8_t *page, uint8_t type, const place *from)
{
	const uint8_t *t = page + p->f->trailer;

	return t[0] == type && t[1] == type && number(p, t + p->f->id) == from->id &&
	       athar_le32(t + p->f->crc) == crc(page, p->f->trailer) && signature_holds(p, t, from);
}

static athar_status check_block(pst *p, const uint8_t *entry, athar_error *err)
{
	const place from = reference(p, entry);
	const uint32_t len = athar_le16(entry + 2 * p->f->number);
	const uint32_t size = (uint32_t)athar_round_up(len + p->f->tail, p->f->unit);
	athar_bytes b;

	ATHAR_TRY(spend(p, size));
	p->block_count++;
	if (p->summed > BLOCKS_MOST) {
		p->skipped = true;
		return ATHAR_OK;
	}
	p->summed += size;
	if (!athar_inside(from.at, size, p->end)) {
		spoil(p, "block", p->end);
		return ATHAR_OK;
	}
	ATHAR_TRY(athar_reader_get(&b, p->w->in, from.at, size, err));
	const uint8_t *t = b.ptr + size - p->f->tail;

	if (athar_le16(t) != len || number(p, t + p->f->id) != from.id ||
	    athar_le32(t + p->f->crc) != crc(b.ptr, len) || !signature_holds(p, t, &from))
		spoil(p, "block", from.at);
	return ATHAR_OK;
}

/* Entries of the page on this level of the tree. */
typedef struct node {
	const uint8_t *bytes;
	uint32_t count, size, level;
} node;

static bool read_node(node *out, const pst *p, uint32_t level, bool root)
{
	const uint8_t *page = p->pages + (size_t)level * PAGE_MOST, *c = page + p->f->count;
	const bool two = p->f->wide_count;

	*out = (node){.bytes = page,
	              .count = two ? athar_le16(c) : c[0],
	              .size = two ? c[4] : c[2],
	              .level = two ? c[5] : c[3]};
	return out->size >= 3 * p->f->number && out->count * out->size <= p->f->count &&
	       out->level < DEPTH && (root || out->level == level);
}

/* The page that `from` leads to, into the place of its level; false in *good: it is none. The level
 * of a root is what it says. */
static athar_status load(bool *good, node *out, pst *p, uint8_t type, const place *from,
                         uint32_t level, bool root, athar_error *err)
{
	uint8_t *into = p->pages + (size_t)level * PAGE_MOST;
	athar_bytes b;

	*good = false;
	ATHAR_TRY(spend(p, p->f->page));
	p->page_count++;
	if (!athar_inside(from->at, p->f->page, p->end))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, p->w->in, from->at, p->f->page, err));
	memcpy(into, b.ptr, p->f->page);
	*good = page_holds(p, into, type, from) && read_node(out, p, level, root);
	return ATHAR_OK;
}

static athar_status walk_node(pst *p, uint8_t type, const node *n, athar_error *err);

static athar_status walk_child(pst *p, uint8_t type, const node *n, uint32_t i, athar_error *err)
{
	const place from = reference(p, n->bytes + (size_t)i * n->size + p->f->number);
	bool good = false;
	node child;

	ATHAR_TRY(load(&good, &child, p, type, &from, n->level - 1, false, err));
	if (good)
		return walk_node(p, type, &child, err);
	spoil(p, "page", athar_min(from.at, p->end));
	p->hidden = true;
	return ATHAR_OK;
}

/* Each child is a level lower, so that this ends. */
static athar_status walk_node(pst *p, uint8_t type, const node *n, athar_error *err)
{
	for (uint32_t i = 0; i < n->count; i++) {
		if (n->level != 0)
			ATHAR_TRY(walk_child(p, type, n, i, err));
		else if (type == BLOCKS)
			ATHAR_TRY(check_block(p, n->bytes + (size_t)i * n->size, err));
	}
	return ATHAR_OK;
}

/* Nothing is known of a file whose trees have no roots. */
static athar_status walk_tree(pst *p, uint8_t type, const place *from, athar_error *err)
{
	bool good = false;
	node root;

	ATHAR_TRY(load(&good, &root, p, type, from, DEPTH, true, err));
	if (!good)
		return athar_walk_stop(p->w, "a tree of pages is not where its header says");
	memcpy(p->pages + (size_t)root.level * PAGE_MOST, root.bytes, p->f->page);
	root.bytes = p->pages + (size_t)root.level * PAGE_MOST;
	athar_walk_reach(p->w, p->end);
	return walk_node(p, type, &root, err);
}

/* ---- the maps ---- */

static athar_status check_maps(pst *p, athar_error *err)
{
	const uint64_t end = athar_min(p->end, p->last_map + 1);

	if (!p->maps_hold || p->f == &large)
		return ATHAR_OK;
	for (uint64_t at = MAP_FIRST; at < end; at += MAP_EACH) {
		athar_bytes b;

		ATHAR_TRY(athar_reader_get(&b, p->w->in, at, p->f->page, err));
		const uint8_t *t = b.ptr + p->f->trailer;

		p->seen += p->f->page;
		if (t[0] != MAP || t[1] != MAP || number(p, t + p->f->id) != at ||
		    athar_le32(t + p->f->crc) != crc(b.ptr, p->f->trailer))
			spoil(p, "map", at);
	}
	return ATHAR_OK;
}

static athar_status close_store(pst *p, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, p->w->in, p->end - 1, 1, err));
	p->w->claim->unseen = p->end - athar_min(p->seen + HEADER, p->end);
	athar_walk_close(p->w, p->skipped ? ATHAR_GRADE_COMPLETE : ATHAR_GRADE_INTACT, p->end,
	                 p->skipped ? "the CRCs of all %llu pages and of the first 4 GiB of "
	                              "%llu blocks hold"
	                            : "the CRCs of its %llu pages and %llu blocks hold",
	                 (unsigned long long)p->page_count, (unsigned long long)p->block_count);
	if (p->w->flawed && !p->hidden && !p->skipped)
		p->w->claim->proven = athar_min(p->bad, p->w->claim->length);
	return ATHAR_OK;
}

static athar_status walk(pst *p, athar_error *err)
{
	ATHAR_TRY(check_header(p, err));
	p->bad = p->end;
	p->pages = athar_alloc_array(DEPTH + 1, PAGE_MOST, err);
	if (p->pages == NULL)
		return err->status;
	ATHAR_TRY(walk_tree(p, NODES, &p->nodes, err));
	ATHAR_TRY(walk_tree(p, BLOCKS, &p->blocks, err));
	ATHAR_TRY(check_maps(p, err));
	return close_store(p, err);
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	pst p = {.w = &w};

	athar_walk_init(&w, out, in);
	const athar_status status = walk(&p, err);

	free(p.pages);
	return athar_walk_settle(&w, status, err);
}

static const athar_magic magic[] = {{0, 4, {'!', 'B', 'D', 'N'}}, {0, 0, {0}}};

const athar_format athar_format_pst = {
	.name = "pst",
	.extension = "pst",
	.mime = "application/vnd.ms-outlook-pst",
	.summary = "mail stores of Outlook: PST, OST",
	.end = "the CRCs of its pages and blocks, and the size in its header",
	.best = ATHAR_GRADE_INTACT,
	.magic = magic,
	.measure = measure,
};
