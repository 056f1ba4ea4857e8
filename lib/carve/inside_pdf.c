/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Streams of a PDF (ISO 32000-1, 7.3.8) that are files as they stand: pictures packed by nothing
 * but DCTDecode (JPEG) or JPXDecode (JPEG 2000), and attached files, packed by FlateDecode or not
 * at all. Those of an encrypted PDF are nothing that a format knows.
 */
#include <string.h>

#include "base/check.h"
#include "carve/inside.h"

/* Little at a time, since most streams are small and the reader counts what it hands out. */
#define BLOCK 4096u
#define LARGE_BLOCK 65536u
/* A dictionary before its stream; longer ones are not those of pictures. */
#define DICT_MOST 2048u

typedef struct stream {
	const char *dict; /* from behind "obj" to before "stream" */
	size_t len;
	char name[32];
	uint64_t data; /* where its bytes begin */
} stream;

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\0';
}

static bool ends_name(char c)
{
	return is_space(c) || (c != '\0' && strchr("/[]<>(){}%", c) != NULL);
}

/* Behind a key of the dictionary and white space; NULL: it is not there. */
static const char *find_key(const stream *s, const char *key)
{
	const size_t len = strlen(key);
	const char *at = s->dict, *end = s->dict + s->len;

	while ((at = memmem(at, (size_t)(end - at), key, len)) != NULL) {
		at += len;
		if (at < end && ends_name(*at))
			break;
	}
	while (at != NULL && at < end && is_space(*at))
		at++;
	return at == end ? NULL : at;
}

/* The one filter that it has; "" for none. False: there are several. */
static bool only_filter(char out[16], const stream *s)
{
	const char *at = find_key(s, "/Filter"), *end = s->dict + s->len;
	size_t n = 0;

	out[0] = '\0';
	if (at == NULL)
		return true;
	const bool array = *at == '[';

	while (at < end && (is_space(*at) || *at == '['))
		at++;
	if (at == end || *at++ != '/')
		return false;
	while (at < end && !ends_name(*at) && n < 15)
		out[n++] = *at++;
	out[n] = '\0';
	while (at < end && is_space(*at))
		at++;
	return !array || (at < end && *at == ']');
}

static const char *digits(uint64_t *value, const char *at, const char *end)
{
	*value = 0;
	while (at < end && *at >= '0' && *at <= '9' && *value < UINT64_MAX / 100)
		*value = *value * 10 + (uint64_t)(*at++ - '0');
	return at;
}

/* What it says its length is, where it says so itself; 0 else. */
static uint64_t stated(const stream *s)
{
	const char *at = find_key(s, "/Length"), *end = s->dict + s->len;
	uint64_t length = 0, generation;

	if (at == NULL)
		return 0;
	at = digits(&length, at, end);
	while (at < end && is_space(*at))
		at++;
	return at < end && digits(&generation, at, end) != at ? 0 : length;
}

/* "12 0 obj" before the dictionary. */
static void name_it(stream *s, const char *from, const char *obj)
{
	const char *at = obj;
	uint64_t number = 0;

	for (int part = 0; part < 2; part++) {
		while (at > from && is_space(at[-1]))
			at--;
		while (at > from && at[-1] >= '0' && at[-1] <= '9')
			at--;
	}
	(void)digits(&number, at, obj);
	(void)snprintf(s->name, sizeof s->name, "object %llu", (unsigned long long)number);
}

/* The dictionary that ends at `end`; false: no stream's. */
static bool find_dict(stream *s, const char *from, const char *end)
{
	while (end > from && is_space(end[-1]))
		end--;
	if (end - from < 2 || memcmp(end - 2, ">>", 2) != 0)
		return false;
	for (const char *at = end - 3; at > from + 3; at--) {
		if (memcmp(at, "obj", 3) != 0)
			continue;
		if (memcmp(at - 3, "end", 3) == 0)
			return false;
		s->dict = at + 3;
		s->len = (size_t)(end - s->dict);
		name_it(s, from, at);
		return true;
	}
	return false;
}

/* Does "endstream" stand at `at`, behind white space? */
static athar_status ends_here(bool *out, athar_listing *x, uint64_t at, athar_error *err)
{
	athar_bytes b;
	size_t i = 0;

	*out = false;
	if (at >= x->size)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_some(&b, x->in, at, 16, err));
	while (i < b.len && is_space((char)b.ptr[i]))
		i++;
	*out = b.len - i >= 9 && memcmp(b.ptr + i, "endstream", 9) == 0;
	return ATHAR_OK;
}

/* Where its bytes end, by the word behind them, without the line's end before that. */
static athar_status seek_end(uint64_t *end, athar_listing *x, uint64_t data, athar_error *err)
{
	uint64_t at = data;

	*end = x->size;
	while (x->size - at >= 9) {
		athar_bytes b;

		ATHAR_TRY(athar_reader_some(&b, x->in, at, at == data ? BLOCK : LARGE_BLOCK, err));
		const uint8_t *word = memmem(b.ptr, b.len, "endstream", 9);

		if (word != NULL) {
			const uint8_t *to = word;

			to -= to > b.ptr && to[-1] == '\n';
			to -= to > b.ptr && to[-1] == '\r';
			*end = at + (uint64_t)(to - b.ptr);
			return ATHAR_OK;
		}
		at += b.len - athar_min(b.len - 1, 10);
	}
	return ATHAR_OK;
}

/* Is it a file? Its packing then. */
static bool is_file(athar_transform *transform, const stream *s)
{
	char filter[16];
	const bool attached = memmem(s->dict, s->len, "/EmbeddedFile", 13) != NULL;

	if (!only_filter(filter, s))
		return false;
	*transform = ATHAR_TRANSFORM_NONE;
	if (strcmp(filter, "DCTDecode") == 0 || strcmp(filter, "DCT") == 0 ||
	    strcmp(filter, "JPXDecode") == 0)
		return true;
	if (strcmp(filter, "FlateDecode") == 0)
		*transform = ATHAR_TRANSFORM_DEFLATE;
	return attached && (filter[0] == '\0' || *transform == ATHAR_TRANSFORM_DEFLATE);
}

/* *at moves behind it. A stream of zlib is raw deflate between two bytes and four. */
static athar_status give(uint64_t *at, athar_listing *x, const stream *s, athar_error *err)
{
	athar_layer l = {.offset = s->data, .size = UINT64_MAX};
	const bool file = is_file(&l.transform, s);
	const uint64_t length = stated(s);
	uint64_t end;
	bool ends = false;

	athar_layer_name(&l, s->name, strlen(s->name));
	if (length != 0 && athar_add(s->data, length, &end))
		ATHAR_TRY(ends_here(&ends, x, end, err));
	if (!ends)
		ATHAR_TRY(seek_end(&end, x, s->data, err));
	*at = end;
	l.stored = end - s->data;
	if (l.transform == ATHAR_TRANSFORM_DEFLATE) {
		l.offset += athar_min(l.stored, 2);
		l.stored -= athar_min(l.stored, 2);
	}
	return file ? athar_listing_give(x, &l, err) : ATHAR_OK;
}

/* The first stream that begins in the block at `at`; *at moves behind it, or to the next block. */
static athar_status step(uint64_t *at, athar_listing *x, athar_error *err)
{
	const uint64_t from = *at - athar_min(*at, DICT_MOST);
	const size_t before = (size_t)(*at - from);
	athar_bytes b;
	stream s;

	ATHAR_TRY(athar_reader_some(&b, x->in, from, before + BLOCK, err));
	const char *text = (const char *)b.ptr, *end = text + b.len;

	for (const char *p = text + before; end - p > 8; p += 6) {
		p = memmem(p, (size_t)(end - p), "stream", 6);
		if (p == NULL || end - p < 8)
			break;
		const size_t line = p[6] == '\n' ? 1 : p[6] == '\r' && p[7] == '\n' ? 2 : 0;

		if (line == 0 || !find_dict(&s, p - text > DICT_MOST ? p - DICT_MOST : text, p))
			continue;
		s.data = from + (uint64_t)(p - text) + 6 + line;
		return give(at, x, &s, err);
	}
	*at = from + b.len >= x->size ? x->size : from + b.len - 8;
	return ATHAR_OK;
}

static athar_status list(athar_listing *x, athar_error *err)
{
	uint64_t at = 0;

	while (at < x->size)
		ATHAR_TRY(step(&at, x, err));
	return ATHAR_OK;
}

const athar_container athar_container_pdf = {.format = "pdf", .list = list};
