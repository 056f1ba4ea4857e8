/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the SQLite format share: pages on their way to being proven (sqlite.c), and one
 * page of a b-tree with its cells (sqlite_page.c).
 */
#ifndef ATHAR_FORMAT_SQLITE_H
#define ATHAR_FORMAT_SQLITE_H

#include "format/walk.h"

#define ATHAR_SQLITE_HEADER 100u

typedef enum athar_sqlite_type {
	ATHAR_SQLITE_INDEX_INNER = 2,
	ATHAR_SQLITE_TABLE_INNER = 5,
	ATHAR_SQLITE_INDEX_LEAF = 10,
	ATHAR_SQLITE_TABLE_LEAF = 13
} athar_sqlite_type;

/* A page of a b-tree, in memory. */
typedef struct athar_sqlite_page {
	const uint8_t *bytes;
	uint32_t usable; /* bytes, without those reserved at the end of each page */
	uint32_t head;   /* where its header begins: 100 in the first page */
	athar_sqlite_type type;
	uint32_t cells;
	uint32_t right; /* the last child; 0: it has no children */
} athar_sqlite_page;

typedef struct athar_sqlite_cell {
	uint32_t child; /* 0: none */
	uint64_t payload;
	int64_t key;
	const uint8_t *local; /* what of the payload is in the page; NULL: it has none */
	uint32_t local_len;
	uint32_t overflow; /* the page where the payload goes on; 0: nowhere */
	uint32_t size;     /* of the cell */
} athar_sqlite_cell;

/* Is it a page of a b-tree, every byte of it accounted for? */
bool athar_sqlite_page_open(athar_sqlite_page *p, const uint8_t *bytes, uint32_t usable,
                            uint32_t head);
/* Of a page that is open; false: what its pointer leads to is no cell. */
bool athar_sqlite_cell_get(athar_sqlite_cell *c, const athar_sqlite_page *p, uint32_t index);
/* Where column `column` lies in the payload; false: the record has no such number in it. */
bool athar_sqlite_column(uint64_t *at, unsigned *len, uint64_t *fixed, const athar_sqlite_cell *c,
                         unsigned column);

static inline bool athar_sqlite_inner(athar_sqlite_type type)
{
	return type == ATHAR_SQLITE_INDEX_INNER || type == ATHAR_SQLITE_TABLE_INNER;
}

#endif
