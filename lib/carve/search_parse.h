/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Words and regular expressions as trees. What they are written in has been typed by the examiner,
 * or by whoever wrote a list of words: their size and depth are bounded.
 */
#ifndef ATHAR_CARVE_SEARCH_PARSE_H
#define ATHAR_CARVE_SEARCH_PARSE_H

#include "carve/search_set.h"

typedef enum athar_node_kind {
	ATHAR_NODE_EMPTY,
	ATHAR_NODE_SET,    /* a character of set[a] */
	ATHAR_NODE_BOTH,   /* a, then b */
	ATHAR_NODE_EITHER, /* a or b */
	ATHAR_NODE_REPEAT  /* a, least to most times */
} athar_node_kind;

#define ATHAR_NODE_ENDLESS UINT32_MAX

typedef struct athar_node {
	athar_node_kind kind;
	uint32_t a, b;
	uint32_t least, most;
} athar_node;

typedef struct athar_expression {
	athar_node *node; /* [0] is the empty one */
	size_t count, capacity;
	athar_set *set;
	size_t sets, set_capacity;
	uint32_t root;
	bool edge_before, edge_after; /* \b */
} athar_expression;

/* Bytes of its text. */
#define ATHAR_EXPRESSION_LONGEST 1000u

/* fold: of ATHAR_FOLD_*. ATHAR_EUSAGE says at which byte it cannot be understood. What could match
 * nothing at all is refused. */
athar_status athar_expression_parse(athar_expression *out, const char *text, unsigned fold,
                                    athar_error *err);
/* A word: every character is itself, but for marks on Arabic letters, which are dropped. */
athar_status athar_expression_word(athar_expression *out, const char *text, unsigned fold,
                                   athar_error *err);
void athar_expression_clear(athar_expression *expression);
ATHAR_DEFINE_AUTO_VALUE(expression, athar_expression, athar_expression_clear)

#endif
