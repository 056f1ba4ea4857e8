/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SQLite 3 (fileformat2): pages of one size; page 1 begins with the header and is the root of the
 * schema, whose rows name the roots of all other trees. Every page has just one place: in a tree,
 * in the overflow chain of a cell, on the free list, as a pointer map. There is no checksum, so
 * what is proven is that all pages are accounted for, each once, and that those of trees are well
 * formed; what overflow and free pages hold is not.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/sqlite_page.h"
#include "format/walk.h"

#define HEADER 100u
#define PAGE_MOST 65536u
#define PAGES_MOST (1u << 28) /* whose places are kept: 32 MiB of bits */
#define LOCK_BYTE (1u << 30)  /* the page around it is never used */
#define RECORD_MOST 4096u     /* of a schema row, whose root page comes early */

typedef struct task {
	uint32_t page;
	bool schema; /* the rows of its leaves name further roots */
} task;

typedef struct database {
	athar_walk *w;
	uint32_t page_size, usable;
	uint32_t pages;   /* that there may be: what the header says, or the range holds */
	bool counted;     /* the header says it */
	uint32_t highest; /* page met */
	uint8_t *seen;    /* a bit for each page */
	task *todo;
	size_t tasks, capacity;
	uint8_t page[PAGE_MOST];
	uint8_t record[RECORD_MOST];
	size_t record_len;
} database;

static void database_free(database *db)
{
	free(db->seen);
	free(db->todo);
	free(db);
}
ATHAR_DEFINE_AUTO(database, database *, database_free)

/* ---- pages, each once ---- */

static bool is_seen(const database *db, uint32_t page)
{
	return db->seen[page / 8] >> (page % 8) & 1;
}

static void see(database *db, uint32_t page)
{
	db->seen[page / 8] = (uint8_t)(db->seen[page / 8] | 1u << (page % 8));
}

/* Gives a page its place; false is a flaw. */
static bool take(database *db, uint32_t page)
{
	if (page == 0 || page > db->pages) {
		athar_walk_flaw(db->w, "it points to page %u, which it does not have", page);
		return false;
	}
	if (is_seen(db, page)) {
		athar_walk_flaw(db->w, "page %u has two places", page);
		return false;
	}
	see(db, page);
	db->highest = (uint32_t)athar_max(db->highest, page);
	return true;
}

static athar_status get(athar_bytes *out, const database *db, uint32_t page, size_t len,
                        athar_error *err)
{
	return athar_reader_get(out, db->w->in, (uint64_t)(page - 1) * db->page_size, len, err);
}

static athar_status push(database *db, uint32_t page, bool schema, athar_error *err)
{
	if (!take(db, page))
		return ATHAR_OK;
	ATHAR_TRY(athar_grow(&db->todo, &db->capacity, db->tasks + 1, sizeof *db->todo, err));
	db->todo[db->tasks++] = (task){page, schema};
	return ATHAR_OK;
}

/* The chain behind a cell: as many pages as its payload needs. What fits goes to the record. */
static athar_status follow_overflow(database *db, uint32_t page, uint64_t left, athar_error *err)
{
	const uint32_t room = db->usable - 4;

	while (left != 0) {
		athar_bytes b;

		if (!take(db, page))
			return ATHAR_OK;
		ATHAR_TRY(get(&b, db, page, db->usable, err));
		const size_t here = (size_t)athar_min(left, room);
		const size_t keep = (size_t)athar_min(here, RECORD_MOST - db->record_len);

		memcpy(db->record + db->record_len, b.ptr + 4, keep);
		db->record_len += keep;
		left -= here;
		page = athar_be32(b.ptr);
	}
	if (page != 0)
		athar_walk_flaw(db->w, "an overflow chain goes on behind its end");
	return ATHAR_OK;
}

/* ---- trees ---- */

static athar_status read_cell(database *db, const sqlite_cell *c, bool schema, athar_error *err)
{
	uint32_t root;

	if (c->child != 0)
		ATHAR_TRY(push(db, c->child, schema, err));
	db->record_len = (size_t)athar_min(c->local, RECORD_MOST);
	memcpy(db->record, db->page + c->payload_at, db->record_len);
	if (c->payload > c->local)
		ATHAR_TRY(follow_overflow(db, c->overflow, c->payload - c->local, err));
	if (!schema || c->payload == 0)
		return ATHAR_OK;
	if (!sqlite_schema_root(&root, db->record, db->record_len)) {
		athar_walk_flaw(db->w, "a row of its schema makes no sense");
		return ATHAR_OK;
	}
	return root == 0 ? ATHAR_OK : push(db, root, false, err);
}

static athar_status read_tree_page(database *db, task t, athar_error *err)
{
	sqlite_page page;
	sqlite_cell cell;
	athar_bytes b;

	ATHAR_TRY(get(&b, db, t.page, db->page_size, err));
	memcpy(db->page, b.ptr, b.len);
	if (!sqlite_page_read(&page, db->page, db->usable, t.page == 1 ? HEADER : 0) ||
	    (t.schema && !page.table)) {
		athar_walk_flaw(db->w, "page %u is no page of a tree", t.page);
		return ATHAR_OK;
	}
	if (page.right != 0)
		ATHAR_TRY(push(db, page.right, t.schema, err));
	for (uint32_t i = 0; i < page.cells; i++) {
		if (!sqlite_page_cell(&cell, &page, i)) {
			athar_walk_flaw(db->w, "a cell of page %u makes no sense", t.page);
			return ATHAR_OK;
		}
		ATHAR_TRY(read_cell(db, &cell, t.schema, err));
	}
	if (!sqlite_page_adds_up(&page))
		athar_walk_flaw(db->w, "the cells and gaps of page %u do not fill it", t.page);
	return ATHAR_OK;
}

static athar_status read_trees(database *db, athar_error *err)
{
	ATHAR_TRY(push(db, 1, true, err));
	while (db->tasks != 0) {
		const task t = db->todo[--db->tasks];

		ATHAR_TRY(read_tree_page(db, t, err));
	}
	return ATHAR_OK;
}

/* ---- the rest of the pages ---- */

static athar_status read_free_list(database *db, uint32_t trunk, uint32_t count, athar_error *err)
{
	athar_bytes b;

	while (trunk != 0) {
		if (!take(db, trunk))
			return ATHAR_OK;
		ATHAR_TRY(get(&b, db, trunk, db->usable, err));
		const uint32_t leaves = athar_be32(b.ptr + 4);

		if (leaves > db->usable / 4 - 2 || leaves >= count) {
			athar_walk_flaw(db->w, "page %u is no page of the free list", trunk);
			return ATHAR_OK;
		}
		for (uint32_t i = 0; i < leaves; i++)
			(void)take(db, athar_be32(b.ptr + 8 + 4 * (size_t)i));
		count -= leaves + 1;
		trunk = athar_be32(b.ptr);
		if (trunk != 0 && count == 0)
			break;
	}
	if (count != 0 || trunk != 0)
		athar_walk_flaw(db->w, "the free list has another length than its header says");
	return ATHAR_OK;
}

/* A pointer map entry for each page that follows: what it is used for (1 to 5), and its parent. */
static athar_status read_pointer_map(database *db, uint32_t map, uint32_t covers, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(get(&b, db, map, db->usable, err));
	for (uint32_t i = 0; i < covers && map + 1 + i <= db->highest; i++) {
		if (b.ptr[5 * (size_t)i] < 1 || b.ptr[5 * (size_t)i] > 5) {
			athar_walk_flaw(db->w, "page %u is no pointer map", map);
			return ATHAR_OK;
		}
	}
	return ATHAR_OK;
}

/* Databases that can vacuum themselves: page 2, and one behind every usable / 5 pages. */
static athar_status read_pointer_maps(database *db, athar_error *err)
{
	const uint32_t covers = db->usable / 5, lock = LOCK_BYTE / db->page_size + 1;

	for (uint64_t map = 2; map <= db->highest; map += covers + 1) {
		const uint32_t page = (uint32_t)(map == lock ? map + 1 : map);

		if (page <= db->pages && take(db, page))
			ATHAR_TRY(read_pointer_map(db, page, map == lock ? 0 : covers, err));
	}
	return ATHAR_OK;
}

static uint32_t count_lost(const database *db, uint32_t pages)
{
	const uint32_t lock = LOCK_BYTE / db->page_size + 1;
	uint32_t lost = 0;

	for (uint32_t page = 1; page <= pages; page++)
		lost += !is_seen(db, page) && page != lock;
	return lost;
}

/* ---- the header ---- */

static uint32_t page_size_of(const uint8_t *h)
{
	const uint32_t size = athar_be16(h + 16);

	return size == 1 ? PAGE_MOST : size;
}

static bool header_fits(const uint8_t *h)
{
	const uint32_t size = page_size_of(h);

	if (size < 512 || (size & (size - 1)) != 0 || size - h[20] < 480)
		return false;
	if (h[18] < 1 || h[18] > 2 || h[19] < 1 || h[19] > 2)
		return false;
	if (h[21] != 64 || h[22] != 32 || h[23] != 32)
		return false;
	if (athar_be32(h + 44) > 4 || athar_be32(h + 56) > 3)
		return false;
	for (size_t i = 72; i < 92; i++) {
		if (h[i] != 0)
			return false;
	}
	return true;
}

/* How many pages there are: the header's word, where the version that wrote it kept it. */
static athar_status count_pages(database *db, const uint8_t *h, athar_error *err)
{
	const uint64_t fit = athar_reader_size(db->w->in) / db->page_size;
	const uint32_t said = athar_be32(h + 28);

	db->counted = said != 0 && athar_be32(h + 24) == athar_be32(h + 92);
	if (db->counted && said > fit) {
		athar_walk_reach(db->w, fit * db->page_size);
		return athar_walk_stop(db->w,
		                       "the space that could be searched ends before the file");
	}
	if (db->counted && said > PAGES_MOST)
		return athar_walk_stop(db->w, "it has more pages than can be followed");
	db->pages = db->counted ? said : (uint32_t)athar_min(fit, PAGES_MOST);
	db->seen = athar_alloc(db->pages / 8 + 1, err);
	return db->seen == NULL ? err->status : ATHAR_OK;
}

static athar_status walk(database *db, athar_error *err)
{
	athar_walk *w = db->w;
	uint8_t h[HEADER];
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, w->in, 0, HEADER, err));
	memcpy(h, b.ptr, HEADER);
	if (!header_fits(h))
		return athar_walk_stop(w, "its header makes no sense");
	athar_walk_begin(w, HEADER);
	db->page_size = page_size_of(h);
	db->usable = db->page_size - h[20];
	ATHAR_TRY(count_pages(db, h, err));
	ATHAR_TRY(athar_reader_get(&b, w->in, 0, db->page_size, err));
	ATHAR_TRY(read_trees(db, err));
	ATHAR_TRY(read_free_list(db, athar_be32(h + 32), athar_be32(h + 36), err));
	if (db->counted)
		db->highest = db->pages;
	if (athar_be32(h + 52) != 0)
		ATHAR_TRY(read_pointer_maps(db, err));
	const uint32_t lost = count_lost(db, db->highest);

	if (lost != 0)
		athar_walk_flaw(w, "%u of %u pages have no place in it", lost, db->highest);
	athar_walk_close(w, ATHAR_GRADE_COMPLETE, (uint64_t)db->highest * db->page_size,
	                 "all %u pages have their place in the trees or the free list",
	                 db->highest);
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	ATHAR_AUTO(database) database *db = athar_alloc(sizeof *db, err);
	athar_walk w;

	if (db == NULL)
		return err->status;
	athar_walk_init(&w, out, in);
	db->w = &w;
	return athar_walk_settle(&w, walk(db, err), err);
}

static const athar_magic magic[] = {
	{0, 16, {'S', 'Q', 'L', 'i', 't', 'e', ' ', 'f', 'o', 'r', 'm', 'a', 't', ' ', '3', 0}},
	{0, 0, {0}}};

const athar_format athar_format_sqlite = {
	.name = "sqlite",
	.extension = "sqlite",
	.mime = "application/vnd.sqlite3",
	.summary = "SQLite 3 database",
	.end = "the header's count of pages, each of which has its place in a tree or the free "
               "list",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
