/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tar (POSIX.1-2017, pax, "ustar Interchange Format" and "pax Interchange Format"; GNU tar, "Basic
 * Tar Format"): blocks of 512 bytes, for each member a header with a sum over itself, then its
 * data. Two blocks of zeros end it, and most programs go on with zeros to the end of a record of 20
 * blocks. The sum is over the header only.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/walk.h"

#define BLOCK 512u
#define RECORD 10240u
#define PAX_MOST (1u << 16) /* of an extended header, as much is looked at */

typedef struct tar {
	athar_walk *w;
	uint64_t at; /* of the next header */
	uint64_t count;
	uint64_t pax_size; /* what the extended header says of the next member */
	bool has_pax_size;
	bool records; /* its last one may have been filled with zeros */
} tar;

static bool octal(uint64_t *out, const uint8_t *p, size_t len)
{
	size_t i = 0;

	*out = 0;
	while (i < len && p[i] == ' ')
		i++;
	for (; i < len && p[i] >= '0' && p[i] <= '7'; i++)
		*out = *out << 3 | (uint64_t)(p[i] - '0');
	return i == len || p[i] == 0 || p[i] == ' ';
}

/* Large numbers of GNU tar: the first bit set, then binary, the highest byte first. */
static bool number(uint64_t *out, const uint8_t *p, size_t len)
{
	if (p[0] < 0x80)
		return octal(out, p, len);
	if (p[0] != 0x80)
		return false;
	*out = 0;
	for (size_t i = 1; i < len; i++) {
		if (*out >> 55 != 0)
			return false;
		*out = *out << 8 | p[i];
	}
	return true;
}

/* The sum counts its own field as spaces; some old programs added signed bytes. */
static bool is_header(const uint8_t *h)
{
	uint64_t sum = 0;
	int64_t plain = 8 * ' ', with_sign = 8 * ' ';

	for (size_t i = 0; i < BLOCK; i++) {
		if (i >= 148 && i < 156)
			continue;
		plain += h[i];
		with_sign += (int8_t)h[i];
	}
	return memcmp(h + 257, "ustar", 5) == 0 && octal(&sum, h + 148, 8) && sum != 0 &&
	       ((int64_t)sum == plain || (int64_t)sum == with_sign);
}

static bool is_zero(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

/* Headers that say something of the member that follows. */
static bool is_extension(uint8_t type)
{
	return type != 0 && strchr("xgLKXNV", type) != NULL;
}

/* A record of an extended header, "LENGTH KEY=VALUE\n", of which the first digit is at `p`. */
static size_t pax_record(tar *t, const uint8_t *p, size_t len)
{
	size_t digits = 0, length = 0;

	while (digits < len && digits < 6 && p[digits] >= '0' && p[digits] <= '9')
		length = length * 10 + (size_t)(p[digits++] - '0');
	if (digits == 0 || digits >= len || p[digits] != ' ' || length > len ||
	    length < digits + 4 || p[length - 1] != '\n')
		return 0;
	const uint8_t *key = p + digits + 1;
	const size_t rest = length - digits - 2; /* without the line end */

	if (rest > 5 && memcmp(key, "path=", 5) == 0 && t->count == 0)
		athar_walk_field_bytes(t->w, "name", key + 5, rest - 5);
	if (rest > 5 && memcmp(key, "size=", 5) == 0) {
		t->pax_size = 0;
		t->has_pax_size = true;
		for (size_t i = 5; i < rest && i < 24; i++)
			t->pax_size = t->pax_size * 10 + (uint64_t)(key[i] - '0');
	}
	return length;
}

/* What stands in an extension before a member. */
static athar_status extension(tar *t, uint8_t type, uint64_t size, athar_error *err)
{
	athar_bytes b;
	size_t took = 1;

	if (size == 0 || (type != 'x' && type != 'L'))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, t->w->in, t->at + BLOCK, (size_t)athar_min(size, PAX_MOST),
	                           err));
	if (type == 'L') {
		if (t->count == 0)
			athar_walk_field_bytes(t->w, "name", b.ptr, b.len);
		return ATHAR_OK;
	}
	for (size_t i = 0; i < b.len && took != 0; i += took)
		took = pax_record(t, b.ptr + i, b.len - i);
	return ATHAR_OK;
}

static void note_name(tar *t, const uint8_t *h)
{
	uint8_t name[256];
	const size_t prefix =
		memcmp(h + 257, "ustar", 6) == 0 ? strnlen((const char *)h + 345, 155) : 0;
	const size_t len = strnlen((const char *)h, 100);

	if (t->count != 0)
		return;
	memcpy(name, h + 345, prefix);
	name[prefix] = '/';
	memcpy(name + (prefix == 0 ? 0 : prefix + 1), h, len);
	athar_walk_field_bytes(t->w, "name", name, len + (prefix == 0 ? 0 : prefix + 1));
}

/* The maps of a sparse file of GNU tar, which come before its data; *at is of the first. */
static athar_status sparse_maps(uint64_t *at, tar *t, athar_error *err)
{
	athar_bytes b;
	bool more = true;

	while (more) {
		ATHAR_TRY(athar_reader_get(&b, t->w->in, *at, BLOCK, err));
		more = b.ptr[504] == 1;
		if (b.ptr[504] > 1 || !is_zero(b.ptr + 505, BLOCK - 505))
			return athar_walk_stop(t->w, "the map of a sparse member is none");
		*at += BLOCK;
	}
	return ATHAR_OK;
}

/* A link to another member may state a size, and has data only where no header follows. */
static athar_status link_has_data(bool *out, tar *t, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_some(&b, t->w->in, t->at + BLOCK, BLOCK, err));
	*out = b.len == BLOCK && !is_header(b.ptr) && !is_zero(b.ptr, BLOCK);
	return ATHAR_OK;
}

/* Where the member whose header is at t->at ends. */
static athar_status member_end(uint64_t *out, tar *t, const uint8_t *h, athar_error *err)
{
	const uint8_t type = h[156];
	uint64_t size = 0;
	bool data = type < '1' || type > '6';

	if (!number(&size, h + 124, 12))
		return athar_walk_stop(t->w, "the size of a member is no number");
	if (t->has_pax_size && !is_extension(type))
		size = t->pax_size;
	*out = t->at + BLOCK;
	if (type == 'S' && h[482] == 1)
		ATHAR_TRY(sparse_maps(out, t, err));
	if (type == '1' && size != 0)
		ATHAR_TRY(link_has_data(&data, t, err));
	if (!data)
		size = 0;
	if (!athar_add(*out, size, out) || *out > INT64_MAX)
		return athar_walk_stop(t->w, "a member claims an impossible size");
	*out = athar_round_up(*out, BLOCK);
	t->w->claim->unseen += size;
	return ATHAR_OK;
}

static athar_status member(tar *t, const uint8_t *h, athar_error *err)
{
	const uint8_t type = h[156];
	uint64_t end = 0, size = 0;

	ATHAR_TRY(member_end(&end, t, h, err));
	if (is_extension(type)) {
		(void)number(&size, h + 124, 12);
		ATHAR_TRY(extension(t, type, size, err));
	} else {
		note_name(t, h);
		t->has_pax_size = false;
		t->count++;
	}
	t->at = end;
	return ATHAR_OK;
}

/* Two blocks of zeros are at t->at: does the last record go on to its end? */
static athar_status close_archive(tar *t, athar_error *err)
{
	const uint64_t close = t->at + 2ul * BLOCK, record = athar_round_up(close, RECORD);
	bool filled = t->records && record > close && record <= athar_reader_size(t->w->in);
	athar_bytes b;

	if (filled) {
		ATHAR_TRY(athar_reader_get(&b, t->w->in, close, (size_t)(record - close), err));
		filled = is_zero(b.ptr, b.len);
	}
	t->w->claim->alike = true; /* no member says which archive it is of */
	athar_walk_field(t->w, "count", "%llu", (unsigned long long)t->count);
	athar_walk_close(t->w, ATHAR_GRADE_COMPLETE, filled ? record : close,
	                 "the sum of every header holds, blocks of zeros %s; the data have no sum",
	                 filled ? "fill its last record" : "close it");
	return ATHAR_OK;
}

/* What stands where the next header should: *more, or the end. */
static athar_status next(bool *more, tar *t, uint8_t h[BLOCK], athar_error *err)
{
	athar_bytes b;

	if (t->at == athar_reader_size(t->w->in))
		t->w->claim->open = true;
	ATHAR_TRY(athar_reader_get(&b, t->w->in, t->at, BLOCK, err));
	memcpy(h, b.ptr, BLOCK);
	*more = is_header(h);
	if (*more)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_some(&b, t->w->in, t->at, 2ul * BLOCK, err));
	if (b.len == 2ul * BLOCK && is_zero(b.ptr, b.len)) {
		athar_walk_prove(t->w, t->at);
		return close_archive(t, err);
	}
	t->w->claim->open = true;
	return athar_walk_stop(t->w, "behind the last member is neither a header nor the end");
}

static athar_status walk(tar *t, athar_error *err)
{
	uint8_t h[BLOCK];
	athar_bytes b;
	bool more = true;

	ATHAR_TRY(athar_reader_get(&b, t->w->in, 0, BLOCK, err));
	memcpy(h, b.ptr, BLOCK);
	if (!is_header(h))
		return athar_walk_stop(t->w, "the sum of the first header does not hold");
	/* libarchive ends its numbers with a space, and its files without filling a record. */
	t->records = h[135] != ' ';
	athar_walk_begin(t->w, BLOCK);
	while (more) {
		ATHAR_TRY(member(t, h, err));
		athar_walk_reach(t->w, t->at);
		ATHAR_TRY(next(&more, t, h, err));
		if (more)
			athar_walk_prove(t->w, t->at + BLOCK);
	}
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	tar t = {.w = &w};

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&t, err), err);
}

static const athar_magic magic[] = {
	{257, 6, {'u', 's', 't', 'a', 'r', 0}},
	{257, 6, {'u', 's', 't', 'a', 'r', ' '}},
	{0, 0, {0}},
};

const athar_format athar_format_tar = {
	.name = "tar",
	.extension = "tar",
	.mime = "application/x-tar",
	.summary = "tar archives: ustar, pax, GNU",
	.end = "a sum for each header, two blocks of zeros",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.chained = true,
	.measure = measure,
};
