/* SPDX-License-Identifier: BSD-2-Clause */
#include "carve/pdf_table.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/sort.h"
#include "format/pdf_lex.h"
#include "inflate/inflate.h"

#define ENTRIES (1u << 20)
#define DICT 1024u          /* bytes that the dictionary of a section has at most */
#define PACKED (192u << 10) /* bytes of a section that is a stream */
#define UNPACKED (8u << 20)
#define ALLOCATED (32u << 10) /* work of taking memory for one */
#define ROW 20u               /* bytes of an entry in a table */

void athar_pdf_table_clear(athar_pdf_table *t)
{
	free(t->entry);
	*t = (athar_pdf_table){.count = 0};
}

athar_status athar_pdf_table_add(athar_pdf_table *t, athar_pdf_entry e, athar_error *err)
{
	if (t->count == ENTRIES)
		return ATHAR_OK;
	ATHAR_TRY(athar_grow(&t->entry, &t->capacity, t->count + 1, sizeof *t->entry, err));
	t->entry[t->count++] = e;
	return ATHAR_OK;
}

static int by_file(const void *a, const void *b, const void *user)
{
	const athar_pdf_entry *x = a, *y = b;

	(void)user;
	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	/* what has a place comes first */
	return (x->image > y->image) - (x->image < y->image);
}

void athar_pdf_table_sort(athar_pdf_table *t)
{
	size_t kept = 0;

	athar_sort(t->entry, t->count, sizeof *t->entry, by_file, NULL);
	for (size_t i = 0; i < t->count; i++) {
		if (kept == 0 || t->entry[i].file != t->entry[kept - 1].file)
			t->entry[kept++] = t->entry[i];
	}
	t->count = kept;
}

size_t athar_pdf_blank(const uint8_t *bytes, size_t len)
{
	size_t i = 0;

	while (i < len && pdf_is_space(bytes[i]))
		i++;
	return i;
}

size_t athar_pdf_number(uint64_t *out, const uint8_t *bytes, size_t len)
{
	size_t i = 0;

	*out = 0;
	for (; i < len && i < 15 && bytes[i] >= '0' && bytes[i] <= '9'; i++)
		*out = *out * 10 + (uint64_t)(bytes[i] - '0');
	return i;
}

/* Two numbers with white space before, between and behind. 0: they are not there. */
static size_t two_numbers(uint64_t *a, uint64_t *b, const uint8_t *bytes, size_t len)
{
	size_t at = athar_pdf_blank(bytes, len), n;

	n = athar_pdf_number(a, bytes + at, len - at);
	at += n;
	const size_t space = athar_pdf_blank(bytes + at, len - at);

	at += space;
	if (n == 0 || space == 0)
		return 0;
	n = athar_pdf_number(b, bytes + at, len - at);
	return n == 0 ? 0 : at + n + athar_pdf_blank(bytes + at + n, len - at - n);
}

bool athar_pdf_is_object(uint32_t *number, const uint8_t *bytes, size_t len)
{
	uint64_t n, generation;
	const size_t at = two_numbers(&n, &generation, bytes, len);

	*number = (uint32_t)n;
	return at != 0 && n < ATHAR_PDF_SECTION && len - at >= 3 &&
	       memcmp(bytes + at, "obj", 3) == 0;
}

/* The number behind a key of a dictionary. */
static bool key_number(uint64_t *out, const uint8_t *dict, size_t len, const char *key)
{
	const size_t key_len = strlen(key);
	const uint8_t *found = memmem(dict, len, key, key_len);

	if (found == NULL)
		return false;
	const size_t at = (size_t)(found - dict) + key_len;
	const size_t space = athar_pdf_blank(dict + at, len - at);

	return athar_pdf_number(out, dict + at + space, len - at - space) != 0;
}

/* ---- tables ---- */

typedef struct cursor {
	const athar_trail *trail;
	uint64_t at;    /* in the file */
	uint8_t *bytes; /* there */
	size_t len;
} cursor;

static athar_status look(cursor *c, size_t len, athar_error *err)
{
	return athar_trail_read(c->bytes, &c->len, c->trail, c->at, len, err);
}

/* Rows of ten digits, five digits, n or f. */
static athar_status read_rows(bool *good, athar_pdf_table *t, cursor *c, uint64_t first,
                              uint64_t count, athar_error *err)
{
	*good = count <= ENTRIES;
	for (uint64_t i = 0; i < count && *good; i++, c->at += ROW) {
		uint64_t offset, generation;

		ATHAR_TRY(look(c, ROW, err));
		*good = c->len == ROW && athar_pdf_blank(c->bytes, 1) == 0 &&
		        two_numbers(&offset, &generation, c->bytes, ROW) == 17 &&
		        (c->bytes[17] == 'n' || c->bytes[17] == 'f') &&
		        athar_pdf_blank(c->bytes + 18, 2) == 2;
		if (*good && c->bytes[17] == 'n' && offset != 0)
			ATHAR_TRY(athar_pdf_table_add(
				t, (athar_pdf_entry){offset, ATHAR_NOWHERE, (uint32_t)(first + i)},
				err));
	}
	return athar_joining_spend(c->trail->j, count * ROW, err);
}

/* Where "startxref" stands behind a section; that of the first pages of a linearised file may be
 * far from it, and leads nowhere. */
static uint64_t find_end(uint64_t at, const uint8_t *bytes, size_t len)
{
	const uint8_t *found = memmem(bytes, len, "startxref", 9);

	return found == NULL ? 0 : at + (uint64_t)(found - bytes);
}

static athar_status read_trailer(athar_pdf_section *out, cursor *c, athar_error *err)
{
	ATHAR_TRY(look(c, 4 * DICT, err));
	if (c->len < 7 || memcmp(c->bytes, "trailer", 7) != 0)
		return ATHAR_OK;
	out->end = find_end(c->at, c->bytes, c->len);
	if (out->end == 0)
		return ATHAR_OK;
	(void)key_number(&out->prev, c->bytes, (size_t)(out->end - c->at), "/Prev");
	out->encrypted = memmem(c->bytes, (size_t)(out->end - c->at), "/Encrypt", 8) != NULL;
	out->good = true;
	return ATHAR_OK;
}

/* Behind "xref". */
static athar_status read_table(athar_pdf_section *out, athar_pdf_table *t, cursor *c,
                               athar_error *err)
{
	const uint64_t from = c->at - 4;
	bool good = true;

	for (;;) {
		uint64_t first, count;

		ATHAR_TRY(look(c, 40, err));
		c->at += athar_pdf_blank(c->bytes, c->len);
		ATHAR_TRY(look(c, 40, err));
		const size_t len = two_numbers(&first, &count, c->bytes, c->len);

		if (len == 0)
			return read_trailer(out, c, err);
		c->at += len;
		if (count <= ENTRIES)
			out->length = c->at + count * ROW - from;
		ATHAR_TRY(read_rows(&good, t, c, first, count, err));
		if (!good)
			return ATHAR_OK;
	}
}

/* ---- streams ---- */

typedef struct packed {
	uint64_t length, prev, columns, predictor, size;
	uint64_t width[3];
	uint64_t first[64], count[64]; /* the numbers of the objects, in runs */
	size_t runs;
} packed;

/* Numbers in brackets behind a key. */
static size_t key_numbers(uint64_t *out, size_t most, const uint8_t *dict, size_t len,
                          const char *key)
{
	const uint8_t *found = memmem(dict, len, key, strlen(key));
	size_t at, count = 0, n = 1;

	if (found == NULL)
		return 0;
	at = (size_t)(found - dict) + strlen(key);
	at += athar_pdf_blank(dict + at, len - at);
	if (at == len || dict[at++] != '[')
		return 0;
	while (count < most && n != 0) {
		at += athar_pdf_blank(dict + at, len - at);
		n = athar_pdf_number(&out[count], dict + at, len - at);
		at += n;
		count += n != 0;
	}
	return count;
}

static bool read_dict(packed *p, const uint8_t *dict, size_t len)
{
	uint64_t index[128] = {0};
	const size_t numbers = key_numbers(index, 128, dict, len, "/Index");

	*p = (packed){.predictor = 1};
	if (!key_number(&p->length, dict, len, "/Length") ||
	    !key_number(&p->size, dict, len, "/Size") ||
	    key_numbers(p->width, 3, dict, len, "/W") != 3 ||
	    memmem(dict, len, "/FlateDecode", 12) == NULL)
		return false;
	(void)key_number(&p->prev, dict, len, "/Prev");
	(void)key_number(&p->predictor, dict, len, "/Predictor");
	(void)key_number(&p->columns, dict, len, "/Columns");
	p->runs = numbers / 2;
	for (size_t i = 0; i < p->runs; i++) {
		p->first[i] = index[2 * i];
		p->count[i] = index[2 * i + 1];
	}
	if (p->runs == 0) {
		p->runs = 1;
		p->count[0] = p->size;
	}
	for (size_t i = 0; i < 3; i++) {
		if (p->width[i] > 8)
			return false;
	}
	return p->length <= PACKED && p->width[1] != 0;
}

/* Rows with one byte more in front that says how they differ from the one above. */
static bool undo_rows(uint8_t *bytes, size_t *len, size_t row)
{
	const size_t rows = *len / (row + 1);

	for (size_t r = 0; r < rows; r++) {
		const uint8_t how = bytes[r * (row + 1)];
		const uint8_t *from = bytes + r * (row + 1) + 1;
		uint8_t *to = bytes + r * row;

		if (how > 2)
			return false;
		for (size_t i = 0; i < row; i++) {
			const unsigned before = how == 2             ? (r == 0 ? 0 : (to - row)[i])
			                        : how == 1 && i != 0 ? to[i - 1]
			                                             : 0;

			to[i] = (uint8_t)(from[i] + before);
		}
	}
	*len = rows * row;
	return true;
}

static uint64_t field(const uint8_t *bytes, uint64_t width)
{
	uint64_t v = 0;

	for (uint64_t i = 0; i < width; i++)
		v = v << 8 | bytes[i];
	return v;
}

static athar_status add_rows(athar_pdf_table *t, const packed *p, const uint8_t *bytes, size_t len,
                             athar_error *err)
{
	const size_t row = (size_t)(p->width[0] + p->width[1] + p->width[2]);
	size_t at = 0;

	for (size_t r = 0; r < p->runs; r++) {
		for (uint64_t i = 0; i < p->count[r] && len - at >= row; i++, at += row) {
			const uint64_t kind = p->width[0] == 0 ? 1 : field(bytes + at, p->width[0]);
			const uint64_t file = field(bytes + at + p->width[0], p->width[1]);

			if (kind == 1)
				ATHAR_TRY(athar_pdf_table_add(
					t,
					(athar_pdf_entry){file, ATHAR_NOWHERE,
				                          (uint32_t)(p->first[r] + i)},
					err));
		}
	}
	return ATHAR_OK;
}

/* The rows of a stream, unpacked. */
static athar_status take_rows(bool *good, athar_pdf_table *t, const packed *p, const uint8_t *in,
                              size_t len, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *bytes = athar_alloc(UNPACKED, err);
	athar_error damaged = ATHAR_ERROR_INIT;
	const size_t row = (size_t)(p->width[0] + p->width[1] + p->width[2]);
	size_t made = 0;

	if (bytes == NULL)
		return ATHAR_ENOMEM;
	*good = athar_inflate_zlib(bytes, UNPACKED, &made, in, len, &damaged) == ATHAR_OK;
	if (*good && p->predictor >= 10)
		*good = p->columns == row && undo_rows(bytes, &made, row);
	return *good ? add_rows(t, p, bytes, made, err) : ATHAR_OK;
}

/* An object that is a stream of a cross-reference. */
static athar_status read_stream(athar_pdf_section *out, athar_pdf_table *t, cursor *c,
                                athar_error *err)
{
	packed p;

	ATHAR_TRY(look(c, 4 * DICT, err));
	const uint8_t *dict = c->bytes;
	const uint8_t *stream = memmem(dict, athar_min(c->len, 4 * DICT), "stream", 6);

	if (stream == NULL || !read_dict(&p, dict, (size_t)(stream - dict)))
		return ATHAR_OK;
	out->encrypted = memmem(dict, (size_t)(stream - dict), "/Encrypt", 8) != NULL;
	size_t at = (size_t)(stream - dict) + 6;

	at += at < c->len && dict[at] == '\r' ? 2 : 1;
	out->length = at + p.length;
	ATHAR_TRY(athar_joining_spend(c->trail->j, p.length * 8 + ALLOCATED, err));
	ATHAR_TRY(look(c, at + (size_t)p.length + 4 * DICT, err));
	if (!athar_inside(at, p.length, c->len))
		return ATHAR_OK;
	const size_t end = at + (size_t)p.length;

	out->prev = p.prev;
	out->end = find_end(c->at + end, c->bytes + end, (size_t)athar_min(c->len - end, 4 * DICT));
	return take_rows(&out->good, t, &p, dict + at, (size_t)p.length, err);
}

static athar_status read_section(athar_pdf_section *out, athar_pdf_table *t, cursor *c,
                                 athar_error *err)
{
	uint32_t number;

	ATHAR_TRY(look(c, 40, err));
	c->at += athar_pdf_blank(c->bytes, c->len);
	ATHAR_TRY(look(c, 40, err));
	if (c->len >= 4 && memcmp(c->bytes, "xref", 4) == 0) {
		c->at += 4;
		return read_table(out, t, c, err);
	}
	return athar_pdf_is_object(&number, c->bytes, c->len) ? read_stream(out, t, c, err)
	                                                      : ATHAR_OK;
}

athar_status athar_pdf_section_read(athar_pdf_section *out, athar_pdf_table *t,
                                    const athar_trail *trail, uint64_t file, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *room = athar_alloc(PACKED + 9 * DICT, err);
	cursor c = {.trail = trail, .at = file, .bytes = room};
	const size_t before = t->count;

	*out = (athar_pdf_section){.good = false};
	if (room == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(athar_joining_spend(trail->j, ALLOCATED, err));
	ATHAR_TRY(read_section(out, t, &c, err));
	if (!out->good)
		t->count = before;
	return ATHAR_OK;
}

/* ---- where they are ---- */

/* Two numbers behind the word: not "startxref". */
static bool is_table(const uint8_t *bytes, size_t len)
{
	uint64_t a, b;

	return two_numbers(&a, &b, bytes + 4, len - 4) != 0;
}

static const athar_spot_kind tables = {
	.pattern = {'x', 'r', 'e', 'f'}, .len = 4, .holds = is_table};
static const athar_spot_kind streams = {.pattern = {'/', 'X', 'R', 'e', 'f'}, .len = 5};

static athar_status add_spot(athar_spots *s, uint64_t at, athar_error *err)
{
	ATHAR_TRY(athar_grow(&s->at, &s->capacity, s->count + 1, sizeof *s->at, err));
	s->at[s->count++] = at;
	return ATHAR_OK;
}

/* The beginning of the object whose dictionary has something at `at`. */
static athar_status add_object(athar_spots *s, athar_joining *j, uint64_t at, athar_error *err)
{
	const uint64_t back = athar_min(at, DICT / 2);
	athar_bytes b;
	uint32_t number;

	ATHAR_TRY(athar_joining_spend(j, ATHAR_JOIN_TRY, err));
	ATHAR_TRY(athar_joining_read(&b, j, at - back, (size_t)back, err));
	for (size_t i = b.len; i > 0; i--) {
		const uint8_t *p = b.ptr + i - 1;

		/* the first digit of a number */
		if (*p >= '0' && *p <= '9' && (i == 1 || p[-1] < '0' || p[-1] > '9') &&
		    athar_pdf_is_object(&number, p, b.len - i + 1))
			return add_spot(s, at - back + i - 1, err);
	}
	return ATHAR_OK;
}

static int by_place(const void *a, const void *b, const void *user)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	(void)user;
	return (x > y) - (x < y);
}

athar_status athar_pdf_sections_find(athar_spots *out, athar_joining *j, athar_error *err)
{
	const athar_spots *found;
	size_t first, count;

	ATHAR_TRY(athar_joining_spots(&found, j, &tables, err));
	athar_trail_near(&first, &count, j, found);
	for (size_t i = first; i < first + count; i++)
		ATHAR_TRY(add_spot(out, found->at[i], err));
	ATHAR_TRY(athar_joining_spots(&found, j, &streams, err));
	athar_trail_near(&first, &count, j, found);
	for (size_t i = first; i < first + count; i++) {
		ATHAR_TRY(athar_joining_spend(j, athar_trail_cost(found, i), err));
		ATHAR_TRY(add_object(out, j, found->at[i], err));
	}
	athar_sort(out->at, out->count, sizeof *out->at, by_place, NULL);
	return ATHAR_OK;
}
