/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Databases made here, page by page as the file format of SQLite says: one table, whose root is
 * above some 60 leaves.
 */
#include "pieces.h"

#define LEAVES 60u
#define PAGES (LEAVES + 2)

typedef struct made {
	uint8_t *bytes;
	uint32_t size; /* of a page */
	uint64_t random;
	int64_t last[LEAVES]; /* the highest key of each leaf */
} made;

static void put(uint8_t *p, unsigned bytes, uint64_t v)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(v >> 8 * (bytes - 1 - i));
}

/* Numbers up to 16383, always in two bytes. */
static size_t put_number(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(0x80 | v >> 7);
	p[1] = (uint8_t)(v & 0x7F);
	return 2;
}

/* A row with one text. Returns the bytes it takes; p may be NULL. */
static size_t put_row(made *m, uint8_t *p, unsigned key, unsigned len)
{
	uint8_t head[8];
	size_t at = put_number(head, len + 3);

	at += put_number(head + at, key);
	head[at++] = 3; /* the record's header */
	at += put_number(head + at, 13 + 2 * len);
	if (p != NULL) {
		memcpy(p, head, at);
		for (unsigned i = 0; i < len; i++)
			p[at + i] = (uint8_t)('a' + pieces_random(&m->random) % 26);
	}
	return at + len;
}

static void put_head(uint8_t *p, uint8_t type, unsigned cells, size_t content)
{
	p[0] = type;
	put(p + 3, 2, cells);
	put(p + 5, 2, content);
}

/* Rows until the page is full; the key of the next one. */
static unsigned put_leaf(made *m, uint8_t *page, unsigned key)
{
	size_t content = m->size;
	unsigned cells = 0;

	for (;;) {
		const unsigned len = 60 + (unsigned)(pieces_random(&m->random) % 100);
		const size_t size = put_row(m, NULL, key, len);

		if (content < size + 8 + 2 * (cells + 1))
			break;
		content -= size;
		(void)put_row(m, page + content, key++, len);
		put(page + 8 + (size_t)2 * cells++, 2, content);
	}
	put_head(page, 13, cells, content);
	return key;
}

static void put_root(const made *m, uint8_t *page)
{
	size_t content = m->size;

	for (unsigned i = 0; i + 1 < LEAVES; i++) {
		content -= 6;
		put(page + content, 4, i + 3);
		(void)put_number(page + content + 4, (unsigned)m->last[i]);
		put(page + 12 + (size_t)2 * i, 2, content);
	}
	put_head(page, 5, LEAVES - 1, content);
	put(page + 8, 4, LEAVES + 2);
}

static void put_first(const made *m, uint8_t *page)
{
	static const char row[] = "\x1D\x01\x06\x17\x0F\x0F\x01\x2F"
				  "tablett\x02"
				  "create table t(a)";
	/* the length of the payload, the key, and the record that follows */
	const size_t len = sizeof row - 1;

	memcpy(page, "SQLite format 3", 16);
	put(page + 16, 2, m->size);
	memcpy(page + 18, "\1\1\0\x40\x20\x20", 6);
	put(page + 24, 4, 7);
	put(page + 28, 4, PAGES);
	put(page + 44, 4, 4);
	put(page + 56, 4, 1);
	put(page + 92, 4, 7);
	memcpy(page + m->size - len, row, len);
	page[m->size - len] = (uint8_t)(len - 2);
	put_head(page + 100, 13, 1, m->size - len);
	put(page + 108, 2, m->size - len);
}

static made make(uint64_t seed, uint32_t size)
{
	made m = {.bytes = calloc(PAGES, size), .size = size, .random = seed};
	unsigned key = 1;

	assert_non_null(m.bytes);
	put_first(&m, m.bytes);
	for (unsigned i = 0; i < LEAVES; i++) {
		key = put_leaf(&m, m.bytes + (size_t)(i + 2) * size, key);
		m.last[i] = key - 1;
	}
	put_root(&m, m.bytes + size);
	return m;
}

static pieces_file of(const made *m)
{
	return (pieces_file){m->bytes, (size_t)PAGES * m->size};
}

/* What lies between are pages of a table just like it. */
static void layouts(uint32_t size, uint32_t block, unsigned least)
{
	made m = make(1, size), other = make(2, size);

	for (layout_kind kind = PIECES_ONE; kind < PIECES_MISSING; kind++)
		pieces_expect("sqlite", of(&m), of(&other), kind, block,
		              kind == PIECES_MANY || kind == PIECES_SHUFFLED ? least : 18);
	pieces_expect("sqlite", of(&m), of(&other), PIECES_MISSING, block, 0);
	free(m.bytes);
	free(other.bytes);
}

static void a_page_a_block(void **state)
{
	(void)state;
	layouts(4096, 4096, 10);
}

static void blocks_in_a_page(void **state)
{
	(void)state;
	layouts(4096, 1024, 5);
}

static void pages_in_a_block(void **state)
{
	(void)state;
	layouts(1024, 4096, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_a_block),
		cmocka_unit_test(blocks_in_a_page),
		cmocka_unit_test(pages_in_a_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
