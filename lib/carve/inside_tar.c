/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of tar: ustar, GNU's long names, the paths of pax. Links, folders and sparse files are
 * none.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "carve/inside.h"

#define BLOCK 512u
#define LONG_MOST 65536u

/* Octal in text, or binary behind a first bit of one. */
static uint64_t number(const uint8_t *p, size_t len)
{
	uint64_t value = 0;

	if ((p[0] & 0x80) != 0) {
		for (size_t i = len - 8; i < len; i++)
			value = value << 8 | p[i];
		return value;
	}
	for (size_t i = 0; i < len; i++) {
		if (p[i] >= '0' && p[i] <= '7')
			value = value << 3 | (uint64_t)(p[i] - '0');
		else if (p[i] != ' ')
			break;
	}
	return value;
}

static size_t text_len(const uint8_t *p, size_t most)
{
	return strnlen((const char *)p, most);
}

/* prefix/name of ustar; GNU has other things where the prefix is. */
static void name_it(athar_layer *l, const uint8_t *head)
{
	const size_t name = text_len(head, 100);
	const size_t prefix = memcmp(head + 257, "ustar\0", 6) == 0 ? text_len(head + 345, 155) : 0;
	uint8_t path[256];

	memcpy(path, head + 345, prefix);
	path[prefix] = '/';
	memcpy(path + prefix + (prefix != 0), head, name);
	athar_layer_name(l, path, prefix + (prefix != 0) + name);
}

/* "27 path=some/name\n": the last one counts. */
static void pax_path(athar_layer *l, athar_bytes b)
{
	size_t at = 0;

	while (at < b.len) {
		size_t len = 0, digits = 0;

		while (at + digits < b.len && digits < 6 && b.ptr[at + digits] >= '0' &&
		       b.ptr[at + digits] <= '9')
			len = len * 10 + (size_t)(b.ptr[at + digits++] - '0');
		if (len <= digits + 1 || len > b.len - at)
			return;
		const size_t key = at + digits + 1;

		if (len > digits + 7 && memcmp(b.ptr + key, "path=", 5) == 0)
			athar_layer_name(l, b.ptr + key + 5, at + len - 1 - key - 5);
		at += len;
	}
}

/* What it says of the next file's name. */
static athar_status read_long(athar_layer *l, athar_listing *x, char kind, uint64_t at,
                              uint64_t size, athar_error *err)
{
	athar_bytes b;

	if (size == 0 || size > LONG_MOST)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, x->in, at, (size_t)size, err));
	if (kind == 'L')
		athar_layer_name(l, b.ptr, text_len(b.ptr, b.len));
	else if (kind == 'x')
		pax_path(l, b);
	return ATHAR_OK;
}

/* One block and what belongs to it. *at moves behind it, to the end where it makes no sense. */
static athar_status read_member(uint64_t *at, athar_layer *named, athar_listing *x,
                                athar_error *err)
{
	athar_bytes b;
	uint64_t next;

	ATHAR_TRY(athar_reader_get(&b, x->in, *at, BLOCK, err));
	const char kind = (char)b.ptr[156];
	const uint64_t size = number(b.ptr + 124, 12), data = *at + BLOCK;

	if (b.ptr[0] == 0 || !athar_inside(data, size, x->size)) {
		*at = x->size;
		return ATHAR_OK;
	}
	next = data + (size + BLOCK - 1) / BLOCK * BLOCK;
	*at = athar_min(next, x->size);
	if (kind == 'L' || kind == 'x' || kind == 'K' || kind == 'g')
		return read_long(named, x, kind, data, size, err);
	athar_layer l = *named;

	*named = (athar_layer){.offset = 0};
	if (kind != '0' && kind != '\0' && kind != '7')
		return ATHAR_OK;
	if (l.name_len == 0)
		name_it(&l, b.ptr);
	l.offset = data;
	l.stored = l.size = size;
	return athar_listing_give(x, &l, err);
}

static athar_status list(athar_listing *x, athar_error *err)
{
	athar_layer named = {.offset = 0};
	uint64_t at = 0;

	while (x->size - at >= BLOCK)
		ATHAR_TRY(read_member(&at, &named, x, err));
	return ATHAR_OK;
}

const athar_container athar_container_tar = {.format = "tar", .list = list};
