/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One page of a tree of an SQLite database, as bytes. Nothing here trusts them.
 */
#ifndef ATHAR_FORMAT_SQLITE_PAGE_H
#define ATHAR_FORMAT_SQLITE_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct sqlite_page {
	const uint8_t *bytes;
	uint32_t usable, header; /* size without the reserved tail; where the page header is */
	uint32_t cells, content; /* count; where their area begins */
	uint32_t right;          /* child right of all cells; 0: a leaf */
	bool table, leaf;
	uint32_t filled; /* bytes of the cells read so far */
	int64_t last;    /* key of the last cell of a table */
	bool has_last;
} sqlite_page;

typedef struct sqlite_cell {
	uint32_t child; /* 0: none */
	uint64_t payload;
	uint32_t payload_at, local; /* where it begins, how much of it is in the page */
	uint32_t overflow;          /* page where it goes on, when payload > local */
} sqlite_cell;

/* bytes: usable of them at least. False: this is no page of a tree. */
bool sqlite_page_read(sqlite_page *page, const uint8_t *bytes, uint32_t usable, uint32_t header);
/* Cells are read in order, each once: their keys must ascend. */
bool sqlite_page_cell(sqlite_cell *cell, sqlite_page *page, uint32_t index);
/* After all cells: they, the free blocks and the fragments fill the content area. */
bool sqlite_page_adds_up(const sqlite_page *page);

/* The root page that a row of the schema names; 0 for views and triggers. record: its first bytes.
 * False: it is no such row. */
bool sqlite_schema_root(uint32_t *root, const uint8_t *record, size_t len);

#endif
