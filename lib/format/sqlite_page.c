/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/sqlite_page.h"

#include "base/check.h"
#include "base/endian.h"

enum { INDEX_INTERIOR = 2, TABLE_INTERIOR = 5, INDEX_LEAF = 10, TABLE_LEAF = 13 };

/* A varint: seven bits a byte, big end first; all eight of a ninth. Its length, or 0. */
static size_t varint(uint64_t *out, const uint8_t *p, size_t len)
{
	*out = 0;
	for (size_t i = 0; i < 8 && i < len; i++) {
		*out = *out << 7 | (p[i] & 0x7F);
		if (p[i] < 0x80)
			return i + 1;
	}
	if (len < 9)
		return 0;
	*out = *out << 8 | p[8];
	return 9;
}

bool sqlite_page_read(sqlite_page *page, const uint8_t *bytes, uint32_t usable, uint32_t header)
{
	const uint8_t *h = bytes + header, type = h[0];

	*page = (sqlite_page){.bytes = bytes, .usable = usable, .header = header};
	page->table = type == TABLE_INTERIOR || type == TABLE_LEAF;
	page->leaf = type == INDEX_LEAF || type == TABLE_LEAF;
	if (!page->table && type != INDEX_INTERIOR && type != INDEX_LEAF)
		return false;
	page->cells = athar_be16(h + 3);
	page->content = athar_be16(h + 5) == 0 ? 65536 : athar_be16(h + 5);
	if (!page->leaf) {
		page->right = athar_be32(h + 8);
		if (page->right == 0)
			return false;
	}
	const uint32_t array = header + (page->leaf ? 8 : 12);

	return page->content <= usable && array + 2 * page->cells <= page->content && h[7] <= 60;
}

/* How much of a payload a cell keeps: fileformat2, 1.6. */
static uint32_t local_part(const sqlite_page *page, uint64_t payload)
{
	const uint32_t u = page->usable;
	const uint32_t most = page->table ? u - 35 : (u - 12) * 64 / 255 - 23;
	const uint32_t least = (u - 12) * 32 / 255 - 23;

	if (payload <= most)
		return (uint32_t)payload;
	const uint64_t k = least + (payload - least) % (u - 4);

	return k <= most ? (uint32_t)k : least;
}

/* Keys of a table ascend; the last of an interior page may be that of its right neighbour. */
static bool key_ascends(sqlite_page *page, int64_t key)
{
	const bool good = !page->has_last || key > page->last;

	page->last = key;
	page->has_last = true;
	return good;
}

bool sqlite_page_cell(sqlite_cell *cell, sqlite_page *page, uint32_t index)
{
	const uint32_t array = page->header + (page->leaf ? 8 : 12);
	const uint32_t start = athar_be16(page->bytes + array + 2 * index);
	uint32_t at = start;
	uint64_t key;
	size_t n;

	*cell = (sqlite_cell){.child = 0};
	if (at < page->content || at + 4 > page->usable)
		return false;
	if (!page->leaf) {
		cell->child = athar_be32(page->bytes + at);
		at += 4;
	}
	if (page->leaf || !page->table) {
		n = varint(&cell->payload, page->bytes + at, page->usable - at);
		at += (uint32_t)n;
		if (n == 0 || cell->payload > INT32_MAX)
			return false;
	}
	if (page->table) {
		n = varint(&key, page->bytes + at, page->usable - at);
		at += (uint32_t)n;
		if (n == 0 || !key_ascends(page, (int64_t)key))
			return false;
	}
	cell->payload_at = at;
	cell->local = local_part(page, cell->payload);
	if (!athar_inside(at, (uint64_t)cell->local + (cell->local < cell->payload ? 4 : 0),
	                  page->usable))
		return false;
	at += cell->local;
	if (cell->local < cell->payload) {
		cell->overflow = athar_be32(page->bytes + at);
		at += 4;
	}
	page->filled += at - start < 4 ? 4 : at - start;
	return page->leaf || cell->child != 0;
}

bool sqlite_page_adds_up(const sqlite_page *page)
{
	const uint8_t *h = page->bytes + page->header;
	uint64_t sum = (uint64_t)page->filled + h[7];
	uint32_t at = athar_be16(h + 1);

	/* Free blocks are in order of their place, so that the chain ends. */
	for (uint32_t before = 0; at != 0;) {
		if (at <= before || at < page->content || at + 4 > page->usable)
			return false;
		sum += athar_be16(page->bytes + at + 2);
		before = at;
		at = athar_be16(page->bytes + at);
	}
	return sum == page->usable - page->content;
}

/* Bytes of a value by its serial type: fileformat2, 2.1. */
static uint64_t value_size(uint64_t type)
{
	static const uint8_t sizes[12] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};

	return type < 12 ? sizes[type] : (type - 12) / 2;
}

static bool read_root(uint32_t *root, uint64_t type, const uint8_t *p, size_t len)
{
	const uint64_t size = value_size(type);
	uint64_t value = type == 9 ? 1 : 0;

	if (type > 9 || type == 7 || size > len)
		return false;
	for (uint64_t i = 0; i < size; i++)
		value = value << 8 | p[i];
	*root = (uint32_t)value;
	return value <= UINT32_MAX;
}

bool sqlite_schema_root(uint32_t *root, const uint8_t *record, size_t len)
{
	uint64_t header, types[4], at;
	size_t n = varint(&header, record, len);

	if (n == 0 || header > len)
		return false;
	for (size_t i = 0, place = n; i < 4; i++, place += n) {
		n = varint(&types[i], record + place, (size_t)header - place);
		if (n == 0)
			return false;
	}
	at = header;
	for (size_t i = 0; i < 3; i++) {
		if (!athar_add(at, value_size(types[i]), &at))
			return false;
	}
	return at <= len && read_root(root, types[3], record + at, len - (size_t)at);
}
