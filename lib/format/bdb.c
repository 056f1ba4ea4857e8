/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Berkeley DB, trees and hashes (db_page.h of version 5.3), as old wallets of Bitcoin are. The
 * first page says how large pages are and which is the last; each page knows its own number.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/walk.h"

#define BTREE 0x053162u
#define HASH 0x061561u
#define HEAD 512u /* of the first page, which all sizes have */
#define PAGE_HEAD 26u
#define PAGES_MOST (1u << 24)

enum { INVALID = 0, OVERFLOW_PAGE = 7, HASH_META = 8, BTREE_META = 9, LAST_TYPE = 13 };

typedef struct bdb {
	athar_walk *w;
	bool big;
	uint32_t magic, page_size, last;
	bool sums;              /* pages have a checksum, and their index lies elsewhere */
	bool main, key, locked; /* names that a wallet has, met in pages */
} bdb;

static uint32_t get32(const bdb *d, const uint8_t *p)
{
	return d->big ? athar_be32(p) : athar_le32(p);
}

static uint16_t get16(const bdb *d, const uint8_t *p)
{
	return d->big ? athar_be16(p) : athar_le16(p);
}

static bool has(const uint8_t *page, size_t len, const char *word)
{
	const size_t n = strlen(word);
	const uint8_t *at = page, *const end = page + len;

	while (at + n <= end && (at = memchr(at, word[0], (size_t)(end - at))) != NULL) {
		if (at + n <= end && memcmp(at, word, n) == 0)
			return true;
		at++;
	}
	return false;
}

/* Is every item of the index inside the page, behind the index? */
static bool index_holds(const bdb *d, const uint8_t *page)
{
	const size_t count = get16(d, page + 20), items = get16(d, page + 22);
	const size_t end = PAGE_HEAD + 2 * count;

	if (end > d->page_size || (items < end && !(items == 0 && d->page_size == 65536)) ||
	    items > d->page_size)
		return false;
	for (size_t i = 0; i < count; i++) {
		const size_t at = get16(d, page + PAGE_HEAD + 2 * i);

		if (at < end || at >= d->page_size)
			return false;
	}
	return true;
}

/* A page that was taken and never written is zero; only hashes take more than they write. */
static bool is_unwritten(const bdb *d, const uint8_t *page)
{
	for (size_t i = 0; i < d->page_size; i++)
		if (page[i] != 0)
			return false;
	return d->magic == HASH;
}

static bool page_holds(const bdb *d, const uint8_t *page, uint32_t number)
{
	const uint8_t type = page[25];

	if (get32(d, page + 8) != number)
		return is_unwritten(d, page);
	if (type > LAST_TYPE)
		return false;
	if (type == HASH_META || type == BTREE_META)
		return get32(d, page + 12) == (type == HASH_META ? HASH : BTREE) &&
		       get32(d, page + 20) == d->page_size;
	if (type == INVALID || type == OVERFLOW_PAGE || type == 10 || type == 11 || d->sums)
		return true;
	return index_holds(d, page);
}

static void look_for_wallet(bdb *d, const uint8_t *page)
{
	if (page[25] != 5)
		return;
	d->main = d->main || has(page, d->page_size, "main");
	d->locked = d->locked || has(page, d->page_size, "\x04mkey");
	d->key = d->key ||
	         has(page, d->page_size,
	             "\x04"
	             "ckey") ||
	         has(page, d->page_size, "\x03key\x21") || has(page, d->page_size, "\x03key\x41");
}

static athar_status pages(bdb *d, athar_error *err)
{
	athar_bytes b;

	for (uint32_t n = 0; n <= d->last; n++) {
		const uint64_t at = (uint64_t)n * d->page_size;

		ATHAR_TRY(athar_reader_get(&b, d->w->in, at, d->page_size, err));
		if (!page_holds(d, b.ptr, n))
			return athar_walk_stop(d->w, "page %lu is not its own", (unsigned long)n);
		look_for_wallet(d, b.ptr);
		athar_walk_prove(d->w, at + d->page_size);
	}
	return ATHAR_OK;
}

static athar_status header(bdb *d, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, d->w->in, 0, HEAD, err));
	d->big = b.ptr[12] == 0;
	d->magic = get32(d, b.ptr + 12);
	d->page_size = get32(d, b.ptr + 20);
	d->last = get32(d, b.ptr + 32);
	const uint32_t version = get32(d, b.ptr + 16);
	const bool power = (d->page_size & (d->page_size - 1)) == 0;

	d->sums = b.ptr[26] & 1;
	if ((d->magic != BTREE && d->magic != HASH) || version < 7 || version > 10 || !power ||
	    d->page_size < 512 || d->page_size > 65536 || d->last > PAGES_MOST ||
	    get32(d, b.ptr + 8) != 0 || b.ptr[25] != (d->magic == HASH ? HASH_META : BTREE_META))
		return athar_walk_stop(d->w, "its first page makes no sense");
	athar_walk_begin(d->w, 72);
	athar_walk_field(d->w, "version", "%lu", (unsigned long)version);
	if (b.ptr[24] != 0) {
		athar_walk_field(d->w, "encrypted", "yes");
		athar_walk_reach(d->w, ((uint64_t)d->last + 1) * d->page_size);
		return athar_walk_stop(d->w, "its pages are encrypted");
	}
	return ATHAR_OK;
}

static athar_status walk(bdb *d, athar_error *err)
{
	ATHAR_TRY(header(d, err));
	d->w->claim->alike = true; /* no page says which database it is of */
	const athar_status status = pages(d, err);

	if (d->main && (d->key || d->locked)) {
		(void)snprintf(d->w->claim->subtype, sizeof d->w->claim->subtype, "wallet");
		(void)snprintf(d->w->claim->extension, sizeof d->w->claim->extension, "dat");
		if (d->locked)
			athar_walk_field(d->w, "encrypted", "yes");
	}
	ATHAR_TRY(status);
	athar_walk_close(d->w, ATHAR_GRADE_COMPLETE, ((uint64_t)d->last + 1) * d->page_size,
	                 "each of its %lu pages has its own number and a sound index",
	                 (unsigned long)d->last + 1);
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	bdb d = {.w = &w};

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&d, err), err);
}

static const athar_magic magic[] = {{12, 4, {0x62, 0x31, 0x05, 0x00}},
                                    {12, 4, {0x00, 0x05, 0x31, 0x62}},
                                    {12, 4, {0x61, 0x15, 0x06, 0x00}},
                                    {12, 4, {0x00, 0x06, 0x15, 0x61}},
                                    {0, 0, {0}}};

const athar_format athar_format_bdb = {
	.name = "bdb",
	.extension = "db",
	.mime = "application/x-dbm",
	.summary = "Berkeley DB, and wallets of Bitcoin that are kept in it",
	.end = "the last page that the first one counts, each with its own number",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
