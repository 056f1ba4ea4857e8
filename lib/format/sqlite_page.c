/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A page of a b-tree: a header, an array of pointers, and cells that grow from the end of the page
 * towards it. Between the cells lie free blocks in a chain and fragments that are only counted, so
 * that all bytes behind the first cell add up.
 */
#include "format/sqlite.h"

#include "base/check.h"
#include "base/endian.h"

/* A number of 1 to 9 bytes; false: it does not end before `end`. */
static bool take(uint64_t *out, const uint8_t **p, const uint8_t *end)
{
	*out = 0;
	for (int i = 0; i < 9 && *p < end; i++) {
		const uint8_t c = *(*p)++;

		if (i == 8) {
			*out = *out << 8 | c;
			return true;
		}
		*out = *out << 7 | (c & 0x7F);
		if (c < 0x80)
			return true;
	}
	return false;
}

/* How much of a payload stays in the page. */
static uint32_t local_part(const athar_sqlite_page *p, uint64_t payload)
{
	const uint32_t u = p->usable, least = (u - 12) * 32 / 255 - 23;
	const uint32_t most =
		p->type == ATHAR_SQLITE_TABLE_LEAF ? u - 35 : (u - 12) * 64 / 255 - 23;

	if (payload <= most)
		return (uint32_t)payload;
	const uint32_t some = least + (uint32_t)((payload - least) % (u - 4));

	return some <= most ? some : least;
}

static bool take_payload(athar_sqlite_cell *c, const athar_sqlite_page *p, const uint8_t **at,
                         const uint8_t *end)
{
	c->local_len = local_part(p, c->payload);
	c->local = *at;
	const bool spills = c->local_len < c->payload;

	if (c->payload > INT32_MAX || (size_t)(end - *at) < c->local_len + (spills ? 4u : 0u))
		return false;
	*at += c->local_len;
	if (spills) {
		c->overflow = athar_be32(*at);
		*at += 4;
	}
	return true;
}

static uint32_t pointers(const athar_sqlite_page *p)
{
	return p->head + (athar_sqlite_inner(p->type) ? 12 : 8);
}

bool athar_sqlite_cell_get(athar_sqlite_cell *c, const athar_sqlite_page *p, uint32_t index)
{
	const uint32_t place = athar_be16(p->bytes + pointers(p) + (size_t)2 * index);
	const uint8_t *start = p->bytes + place, *at = start, *end = p->bytes + p->usable;
	uint64_t key = 0;

	*c = (athar_sqlite_cell){.child = 0};
	if (place > p->usable - 4)
		return false;
	if (athar_sqlite_inner(p->type)) {
		c->child = athar_be32(at);
		at += 4;
	}
	if (p->type != ATHAR_SQLITE_TABLE_INNER && !take(&c->payload, &at, end))
		return false;
	if (p->type == ATHAR_SQLITE_TABLE_INNER || p->type == ATHAR_SQLITE_TABLE_LEAF) {
		if (!take(&key, &at, end))
			return false;
		c->key = (int64_t)key;
	}
	if (p->type != ATHAR_SQLITE_TABLE_INNER && !take_payload(c, p, &at, end))
		return false;
	c->size = (uint32_t)athar_max((uint64_t)(at - start), 4);
	return true;
}

/* Bytes of a value of this serial type; 10 and 11 are never written. */
static bool value_size(uint64_t *out, uint64_t type)
{
	static const uint8_t fixed[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0};

	if (type == 10 || type == 11)
		return false;
	*out = type < 10 ? fixed[type] : (type - 12) / 2;
	return true;
}

/* The header of a record: where it ends, and where in it the types begin. */
static bool open_record(const uint8_t **types, const uint8_t **end, uint64_t *len,
                        const athar_sqlite_cell *c)
{
	*types = c->local;
	*end = c->local + c->local_len;
	return take(len, types, *end) && *len <= c->payload;
}

/* Do the sizes of the values and the header add up to the payload? A header that goes on in another
 * page is not looked at. */
static bool record_fits(const athar_sqlite_cell *c)
{
	const uint8_t *at, *end;
	uint64_t sum, type, size;

	if (!open_record(&at, &end, &sum, c))
		return false;
	if (sum > c->local_len)
		return true;
	end = c->local + sum;
	while (at < end) {
		if (!take(&type, &at, end) || !value_size(&size, type) ||
		    !athar_add(sum, size, &sum))
			return false;
	}
	return at == end && sum == c->payload;
}

bool athar_sqlite_column(uint64_t *at, unsigned *len, uint64_t *fixed, const athar_sqlite_cell *c,
                         unsigned column)
{
	const uint8_t *p, *end;
	uint64_t type, size;

	if (!open_record(&p, &end, at, c) || *at > c->local_len)
		return false;
	end = c->local + *at;
	for (unsigned i = 0; i < column; i++) {
		if (!take(&type, &p, end) || !value_size(&size, type))
			return false;
		*at += size;
	}
	if (!take(&type, &p, end) || type > 9 || type == 7)
		return false;
	(void)value_size(&size, type);
	*len = (unsigned)size;
	*fixed = type == 9;
	return true;
}

/* The chain of free blocks: in order, none touching the next. */
static bool add_free(uint32_t *sum, const athar_sqlite_page *p, uint32_t content)
{
	uint32_t at = athar_be16(p->bytes + p->head + 1), least = content;

	while (at != 0) {
		if (at < least || at > p->usable - 4)
			return false;
		const uint32_t size = athar_be16(p->bytes + at + 2);

		if (size < 4 || size > p->usable - at)
			return false;
		*sum += size;
		least = at + size;
		at = athar_be16(p->bytes + at);
	}
	return true;
}

/* The cells: each behind `content`, each a record that adds up, keys in order. */
static bool add_cells(uint64_t *sum, const athar_sqlite_page *p, uint32_t content)
{
	const bool keyed =
		p->type == ATHAR_SQLITE_TABLE_LEAF || p->type == ATHAR_SQLITE_TABLE_INNER;
	athar_sqlite_cell c;
	int64_t last = 0;

	for (uint32_t i = 0; i < p->cells; i++) {
		if (athar_be16(p->bytes + pointers(p) + (size_t)2 * i) < content ||
		    !athar_sqlite_cell_get(&c, p, i) || (c.local != NULL && !record_fits(&c)))
			return false;
		if (keyed && i != 0 && c.key <= last)
			return false;
		last = c.key;
		*sum += c.size;
	}
	return true;
}

bool athar_sqlite_page_open(athar_sqlite_page *p, const uint8_t *bytes, uint32_t usable,
                            uint32_t head)
{
	const uint8_t *h = bytes + head, type = h[0];
	const uint32_t stored = athar_be16(h + 5), content = stored == 0 ? 65536 : stored;
	uint64_t sum = h[7];
	uint32_t free_bytes = 0;

	if (type != ATHAR_SQLITE_INDEX_INNER && type != ATHAR_SQLITE_TABLE_INNER &&
	    type != ATHAR_SQLITE_INDEX_LEAF && type != ATHAR_SQLITE_TABLE_LEAF)
		return false;
	*p = (athar_sqlite_page){bytes, usable, head, (athar_sqlite_type)type, athar_be16(h + 3),
	                         0};
	if (athar_sqlite_inner(p->type))
		p->right = athar_be32(h + 8);
	if (content > usable || pointers(p) + 2 * p->cells > content)
		return false;
	if (!add_free(&free_bytes, p, content) || !add_cells(&sum, p, content))
		return false;
	return sum + free_bytes == usable - content;
}
