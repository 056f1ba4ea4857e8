/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tables of an SQLite database whose pages lie anywhere in the space. The keys of a page above
 * say which rows each page below it holds, so that such a page is known by its own keys.
 */
#ifndef ATHAR_CARVE_SQLITE_TREE_H
#define ATHAR_CARVE_SQLITE_TREE_H

#include "carve/trail.h"

/* A page that something leads to. Keys: more than `low`, `high` at most. */
typedef struct athar_sqlite_ref {
	uint32_t page;
	bool has_low, has_high;
	bool root;   /* of a table or of an index; which of them shows there only */
	bool index;  /* of an index, below its root */
	bool placed; /* and at `image` it is */
	bool sure;   /* its keys are just those that they have to be */
	int64_t low, high;
	uint64_t image;
} athar_sqlite_ref;

/* A page of some table, anywhere in the space. */
typedef struct athar_sqlite_leaf {
	int64_t first, last;
	uint64_t image;
	bool inner; /* it is no leaf, but above some */
} athar_sqlite_leaf;

typedef struct athar_sqlite_tree {
	athar_trail *trail;
	uint32_t size, usable, pages;
	uint8_t *bytes; /* of a page */
	uint8_t *taken; /* a bit a page: something leads to it */
	athar_sqlite_ref *ref;
	size_t count, capacity;
	athar_sqlite_leaf *by_first, *by_last; /* the same leaves in two orders */
	size_t leaves, leaves_capacity;
	bool looked;  /* for leaves */
	int64_t *row; /* that an index leads to */
	size_t rows, rows_capacity;
} athar_sqlite_tree;

/* Places all pages of tables that can be. What is `sure` has been proven to be of this file. */
athar_status athar_sqlite_tree_place(athar_sqlite_tree *t, athar_error *err);
/* As the trail leads now: are the keys of all pages of tables between those above them, and does no
 * index lead to a row twice? What is placed is forgotten. */
athar_status athar_sqlite_tree_check(bool *good, athar_sqlite_tree *t, athar_error *err);
void athar_sqlite_tree_clear(athar_sqlite_tree *t);

#endif
