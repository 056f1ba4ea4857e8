/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SQLite 3: a header of 100 bytes, then pages of one size, the header being part of the first. Each
 * page belongs to one thing: a b-tree, the rest of a long row, the list of free pages. The schema,
 * a b-tree in page 1, names the roots of the others. Nothing has a checksum, so what proves a
 * database is that everything leads to pages that are sound, and everything together to each page
 * once.
 */
#include "format/sqlite.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"

#define DEPTH 40u
#define PAGES (1u << 24) /* more are not looked at */
#define LOCK 0x40000000u /* the page with this offset is never used */

typedef struct task {
	uint32_t page;
	uint8_t depth;
	bool schema;
	bool root; /* it decides whether it is a table or an index */
	bool index;
} task;

typedef struct database {
	athar_walk *w;
	uint32_t size, usable;
	uint32_t pages; /* as the header says; UINT32_MAX: it does not */
	uint32_t have;  /* those that can be there */
	uint8_t *bytes; /* of the page being looked at */
	uint8_t *taken; /* a bit a page: something leads to it */
	uint8_t *sound; /* a bit a page: and it is what it should be */
	uint32_t bad;   /* the first page that is not */
	task *tasks;
	size_t count, capacity;
	uint32_t first_free, free_pages, largest_root; /* from the header */
} database;

static bool bit(const uint8_t *bits, uint32_t page)
{
	return (bits[page / 8] >> page % 8 & 1) != 0;
}

static void set_bit(uint8_t *bits, uint32_t page)
{
	bits[page / 8] = (uint8_t)(bits[page / 8] | 1u << page % 8);
}

static void spoil(database *d, uint32_t page, const char *what)
{
	athar_walk_flaw(d->w, "page %u %s", page, what);
	d->bad = (uint32_t)athar_min(d->bad, page);
}

/* Something leads to the page. False: it cannot, or something else does already. */
static bool take_page(database *d, uint32_t page)
{
	if (page < 2 || page > d->have || bit(d->taken, page))
		return false;
	set_bit(d->taken, page);
	return true;
}

/* The page is in the database, but the file has been cut before it. */
static bool is_cut(const database *d, uint32_t page)
{
	return page > d->have && page <= d->pages;
}

static athar_status read_page(athar_bytes *out, const database *d, uint32_t page, size_t len,
                              athar_error *err)
{
	return athar_reader_get(out, d->w->in, (uint64_t)(page - 1) * d->size, len, err);
}

/* A number of the payload, taken out of the pages it is spread over. */
typedef struct wanted {
	uint64_t at;
	unsigned len;
	uint64_t value;
} wanted;

static void gather(wanted *v, uint64_t from, const uint8_t *bytes, uint64_t len)
{
	for (unsigned i = 0; i < v->len; i++) {
		if (v->at + i >= from && v->at + i - from < len)
			v->value |= (uint64_t)bytes[v->at + i - from] << 8 * (v->len - 1 - i);
	}
}

/* The rest of a payload: a chain of pages, each with the number of the next before its part. */
static athar_status follow(database *d, uint32_t from, const athar_sqlite_cell *c, wanted *v,
                           athar_error *err)
{
	uint64_t at = c->local_len;
	uint32_t page = from, next = c->overflow;

	while (at < c->payload) {
		const uint64_t part = athar_min(c->payload - at, d->usable - 4);
		athar_bytes b;

		if (is_cut(d, next))
			return ATHAR_OK;
		if (!take_page(d, next)) {
			spoil(d, page, "leads to a page that cannot follow");
			return ATHAR_OK;
		}
		if (page != from)
			set_bit(d->sound, page);
		ATHAR_TRY(read_page(&b, d, next, (size_t)part + 4, err));
		gather(v, at, b.ptr + 4, part);
		page = next;
		next = athar_be32(b.ptr);
		at += part;
	}
	if (next != 0)
		spoil(d, page, "goes on behind the end of its row");
	else if (page != from)
		set_bit(d->sound, page);
	return ATHAR_OK;
}

static athar_status add_task(database *d, uint32_t from, task t, athar_error *err)
{
	if (is_cut(d, t.page))
		return ATHAR_OK;
	if (t.depth > DEPTH || !take_page(d, t.page)) {
		spoil(d, from, "leads to a page that cannot be below it");
		return ATHAR_OK;
	}
	ATHAR_TRY(athar_grow(&d->tasks, &d->capacity, d->count + 1, sizeof *d->tasks, err));
	d->tasks[d->count++] = t;
	return ATHAR_OK;
}

/* A row of the schema has the root of its table or index in column 3; views and triggers 0. */
static athar_status take_row(database *d, const task *t, const athar_sqlite_cell *c,
                             athar_error *err)
{
	wanted v = {.len = 0};

	if (t->schema && !athar_sqlite_column(&v.at, &v.len, &v.value, c, 3)) {
		spoil(d, t->page, "has a row that is not of a schema");
		return ATHAR_OK;
	}
	gather(&v, 0, c->local, c->local_len);
	if (c->overflow != 0 || c->local_len < c->payload)
		ATHAR_TRY(follow(d, t->page, c, &v, err));
	if (v.value == 0)
		return ATHAR_OK;
	return add_task(d, t->page,
	                (task){.page = (uint32_t)athar_min(v.value, UINT32_MAX), .root = true},
	                err);
}

static athar_status take_cells(database *d, const task *t, const athar_sqlite_page *p,
                               athar_error *err)
{
	const task below = {.depth = (uint8_t)(t->depth + 1),
	                    .schema = t->schema,
	                    .index = p->type == ATHAR_SQLITE_INDEX_INNER};

	for (uint32_t i = 0; i <= p->cells; i++) {
		athar_sqlite_cell c = {.child = p->right};
		task child = below;

		if (i < p->cells)
			(void)athar_sqlite_cell_get(&c, p, i);
		child.page = c.child;
		if (athar_sqlite_inner(p->type))
			ATHAR_TRY(add_task(d, t->page, child, err));
		if (c.local != NULL)
			ATHAR_TRY(take_row(d, t, &c, err));
	}
	return ATHAR_OK;
}

static athar_status take_tree_page(database *d, const task *t, athar_error *err)
{
	const uint32_t head = t->page == 1 ? ATHAR_SQLITE_HEADER : 0;
	athar_sqlite_page p;
	athar_bytes b;

	ATHAR_TRY(read_page(&b, d, t->page, d->size, err));
	memcpy(d->bytes, b.ptr, d->size);
	if (!athar_sqlite_page_open(&p, d->bytes, d->usable, head)) {
		spoil(d, t->page, "is not the page of a tree that it should be");
		return ATHAR_OK;
	}
	const bool index = p.type == ATHAR_SQLITE_INDEX_INNER || p.type == ATHAR_SQLITE_INDEX_LEAF;

	if (!t->root && index != t->index) {
		spoil(d, t->page, "is of another kind of tree than the page above it");
		return ATHAR_OK;
	}
	set_bit(d->sound, t->page);
	return take_cells(d, t, &p, err);
}

static athar_status walk_trees(database *d, athar_error *err)
{
	set_bit(d->taken, 1);
	ATHAR_TRY(athar_grow(&d->tasks, &d->capacity, 1, sizeof *d->tasks, err));
	d->tasks[d->count++] = (task){.page = 1, .schema = true};
	while (d->count != 0) {
		const task t = d->tasks[--d->count];

		ATHAR_TRY(take_tree_page(d, &t, err));
	}
	return ATHAR_OK;
}

/* A page that lists free pages: the next such page, how many it lists, their numbers. */
static athar_status take_trunk(uint32_t *next, uint32_t *free_pages, database *d, uint32_t page,
                               athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(read_page(&b, d, page, d->usable, err));
	const uint32_t count = athar_be32(b.ptr + 4);

	*next = 0;
	if (count > d->usable / 4 - 2) {
		spoil(d, page, "is no list of free pages");
		return ATHAR_OK;
	}
	for (uint32_t i = 0; i < count; i++) {
		const uint32_t leaf = athar_be32(b.ptr + 8 + (size_t)4 * i);

		if (is_cut(d, leaf))
			continue;
		if (!take_page(d, leaf)) {
			spoil(d, page, "lists a free page that cannot be one");
			return ATHAR_OK;
		}
		set_bit(d->sound, leaf);
	}
	set_bit(d->sound, page);
	*next = athar_be32(b.ptr);
	*free_pages += count + 1;
	return ATHAR_OK;
}

static athar_status walk_free(database *d, athar_error *err)
{
	uint32_t count = 0, page = 1;

	for (uint32_t next = d->first_free; next != 0;) {
		if (is_cut(d, next))
			return ATHAR_OK;
		if (!take_page(d, next)) {
			spoil(d, page, "leads to a list of free pages that is none");
			return ATHAR_OK;
		}
		page = next;
		ATHAR_TRY(take_trunk(&next, &count, d, page, err));
	}
	if (count != d->free_pages)
		athar_walk_flaw(d->w, "%u pages are free, the header says %u", count,
		                d->free_pages);
	return ATHAR_OK;
}

/* A page that says of each of those behind it what it is (1 to 5) and what leads to it. */
static athar_status take_map(database *d, uint32_t page, uint32_t entries, athar_error *err)
{
	const uint32_t lock = LOCK / d->size + 1;
	athar_bytes b;

	if (!take_page(d, page)) {
		spoil(d, page, "is used twice");
		return ATHAR_OK;
	}
	ATHAR_TRY(read_page(&b, d, page, d->usable, err));
	for (uint32_t i = 0; i < entries && page + 1 + i <= d->pages; i++) {
		const uint8_t kind = b.ptr[(size_t)5 * i];

		if (kind > 5 || (kind == 0 && page + 1 + i != lock && d->pages != UINT32_MAX)) {
			spoil(d, page, "is no map of pages");
			return ATHAR_OK;
		}
	}
	set_bit(d->sound, page);
	return ATHAR_OK;
}

/* Databases that vacuum themselves have maps at fixed places. */
static athar_status walk_maps(database *d, uint32_t last, athar_error *err)
{
	const uint32_t lock = LOCK / d->size + 1, entries = d->usable / 5;

	if (lock <= d->have && !bit(d->taken, lock)) {
		set_bit(d->taken, lock);
		set_bit(d->sound, lock);
	}
	if (d->largest_root == 0)
		return ATHAR_OK;
	for (uint32_t page = 2; page <= last; page += entries + 1)
		ATHAR_TRY(take_map(d, page == lock ? page + 1 : page, entries, err));
	return ATHAR_OK;
}

/* How many pages from the beginning on are sound. */
static uint32_t sound_run(const database *d)
{
	uint32_t page = 1;

	while (page <= d->have && bit(d->sound, page) && page != d->bad)
		page++;
	return page - 1;
}

static uint32_t last_taken(const database *d)
{
	uint32_t page = d->have;

	while (page > 1 && !bit(d->taken, page))
		page--;
	return page;
}

/* What did not hold has been told; now the rest: pages that are missing or that nothing leads to.
 */
static void judge_rest(database *d, uint32_t run)
{
	const uint64_t size = d->size;

	if (d->have < d->pages)
		athar_walk_flaw(d->w, "it is cut behind page %u", d->have);
	else
		athar_walk_flaw(d->w, "nothing leads to page %u", run + 1);
	/* It reaches to the first page that is not its own. */
	athar_walk_reach(d->w, (athar_min(d->bad, (uint64_t)d->have + 1) - 1) * size);
}

static void judge(database *d)
{
	const uint32_t run = sound_run(d);
	const uint64_t len = (uint64_t)run * d->size;

	if (run == 0)
		return;
	athar_walk_reach(d->w, len);
	d->w->claim->proven = len;
	d->w->claim->alike = true; /* no page says which database it is of */
	if (d->pages == UINT32_MAX)
		athar_walk_flaw(d->w, "the header does not say how many pages it has");
	else if (run == d->pages)
		athar_walk_close(d->w, ATHAR_GRADE_COMPLETE, len,
		                 "all %u pages are sound, and each is used once", run);
	else
		judge_rest(d, run);
}

/* Which version of SQLite wrote it last, and what the program that uses it has left for itself. */
static void note_header(athar_walk *w, const uint8_t *h)
{
	const unsigned long version = athar_be32(h + 96), user = athar_be32(h + 60);
	const unsigned long application = athar_be32(h + 68);

	if (version >= 3000000 && version < 4000000)
		athar_walk_field(w, "version", "%lu.%lu.%lu", version / 1000000,
		                 version / 1000 % 1000, version % 1000);
	if (user != 0)
		athar_walk_field(w, "user_version", "%lu", user);
	if (application != 0)
		athar_walk_field(w, "application", "0x%08lx", application);
}

/* The header; not ours unless it is one. */
static athar_status check_header(database *d, athar_error *err)
{
	static const uint8_t none[20];
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, d->w->in, 0, ATHAR_SQLITE_HEADER, err));
	const uint8_t *h = b.ptr;
	const uint32_t stored = athar_be16(h + 16);

	d->size = stored == 1 ? 65536 : stored;
	d->usable = d->size - h[20];
	if (memcmp(h, "SQLite format 3", 16) != 0 || d->size < 512 ||
	    (d->size & (d->size - 1)) != 0 || d->usable < 480)
		return athar_walk_stop(d->w, "it does not begin with the header of a database");
	if (h[18] < 1 || h[18] > 2 || h[19] < 1 || h[19] > 2 || h[21] != 64 || h[22] != 32 ||
	    h[23] != 32 || athar_be32(h + 44) > 4 || athar_be32(h + 56) > 3 ||
	    memcmp(h + 72, none, sizeof none) != 0)
		return athar_walk_stop(d->w, "the header is not of a database");
	const bool counted = athar_be32(h + 24) == athar_be32(h + 92) && athar_be32(h + 28) != 0;

	d->pages = counted ? athar_be32(h + 28) : UINT32_MAX;
	d->first_free = athar_be32(h + 32);
	d->free_pages = athar_be32(h + 36);
	d->largest_root = athar_be32(h + 52);
	athar_walk_begin(d->w, ATHAR_SQLITE_HEADER);
	note_header(d->w, h);
	return ATHAR_OK;
}

static athar_status walk(database *d, athar_error *err)
{
	ATHAR_TRY(check_header(d, err));
	const uint64_t there = athar_reader_size(d->w->in) / d->size;

	if (there == 0)
		return ATHAR_EOF;
	if (d->pages != UINT32_MAX && d->pages > PAGES)
		return athar_walk_stop(d->w, "it has more than %u pages", PAGES);
	d->have = (uint32_t)athar_min(athar_min(there, PAGES), d->pages);
	d->bad = UINT32_MAX;
	d->bytes = athar_alloc(d->size, err);
	d->taken = athar_alloc(d->have / 8 + 1, err);
	d->sound = athar_alloc(d->have / 8 + 1, err);
	if (d->bytes == NULL || d->taken == NULL || d->sound == NULL)
		return err->status;
	ATHAR_TRY(walk_trees(d, err));
	ATHAR_TRY(walk_free(d, err));
	ATHAR_TRY(walk_maps(d, d->pages == UINT32_MAX ? last_taken(d) : d->have, err));
	judge(d);
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	database d = {.w = &w};

	athar_walk_init(&w, out, in);
	const athar_status status = walk(&d, err);

	free(d.bytes);
	free(d.taken);
	free(d.sound);
	free(d.tasks);
	return athar_walk_settle(&w, status, err);
}

static const athar_magic magic[] = {
	{0, 16, {'S', 'Q', 'L', 'i', 't', 'e', ' ', 'f', 'o', 'r', 'm', 'a', 't', ' ', '3', 0}},
	{0, 0, {0}},
};

const athar_format athar_format_sqlite = {
	.name = "sqlite",
	.extension = "sqlite",
	.mime = "application/vnd.sqlite3",
	.summary = "SQLite 3 databases",
	.end = "the page count of the header, every page sound and used once",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
