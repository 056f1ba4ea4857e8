/* SPDX-License-Identifier: BSD-2-Clause */
#include "packed.h"

#include "base/endian.h"
#include "base/idiom.h"

#define HEAD ((size_t)10)
#define MADE_BEFORE ((size_t)0xABCDEF)

/* What comes next of data of this kind, at most 64 bytes. */
static size_t piece(uint8_t out[64], unsigned kind, uint64_t *seed, size_t at)
{
	static const char *const words[] = {
		"the", "quick", "brown",   "fox",    "jumps",  "over",      "a",   "lazy",
		"dog", "and",   "cluster", "sector", "volume", "attribute", "run", "stream"};

	switch (kind) {
	case PACKED_RANDOM:
		out[0] = (uint8_t)athar_test_random(seed);
		return 1;
	case PACKED_TEXT:
		return (size_t)snprintf((char *)out, 64, "%s ",
		                        words[athar_test_random(seed) % ATHAR_COUNT(words)]);
	case PACKED_RECORDS:
		return (size_t)snprintf((char *)out, 64,
		                        "record %06zu of the same kind, state %u\n", at,
		                        (unsigned)(athar_test_random(seed) % 4));
	case PACKED_PROGRAM:
		memcpy(out, "\x48\x89\xE8\xE8", 4);
		athar_put_le32(out + 4,
		               (uint32_t)(athar_test_random(seed) % 5 * 1000 - (uint64_t)at));
		return 8;
	default:
		memset(out, 0, 64);
		return 64;
	}
}

void packed_make(uint8_t *out, size_t length, unsigned kind)
{
	uint64_t seed = kind + 1;
	size_t at = 0;

	while (at < length) {
		uint8_t next[64];
		const size_t size = piece(next, kind, &seed, at);
		const size_t part = size < length - at ? size : length - at;

		memcpy(out + at, next, part);
		at += part;
	}
}

static bool next_vector(packed_vector *v, FILE *f)
{
	uint8_t head[HEAD];

	if (fread(head, 1, HEAD, f) != HEAD)
		return false;
	v->length = athar_le32(head + 2);
	v->size = athar_le32(head + 6);
	v->data = malloc(v->length + 1);
	v->packed = malloc(v->size);
	assert_non_null(v->data);
	assert_non_null(v->packed);
	packed_make(v->data, v->length, head[0]);
	assert_int_equal(fread(v->packed, 1, v->size, f), v->size);
	return true;
}

size_t packed_each(const char *name, void (*each)(const packed_vector *v, void *user), void *user)
{
	char path[4096];
	ATHAR_AUTO(file) FILE *f = NULL;
	packed_vector v;
	size_t count = 0;

	snprintf(path, sizeof path, "%s/packed/%s.vectors", ATHAR_TESTDATA, name);
	f = fopen(path, "rb");
	assert_non_null(f);
	for (; next_vector(&v, f); count++) {
		each(&v, user);
		free(v.data);
		free(v.packed);
	}
	return count;
}

size_t packed_try(packed_unpack *unpack, const uint8_t *in, size_t len, size_t room,
                  const uint8_t *expected)
{
	/* Of just these sizes, so that a sanitizer sees a byte too far. */
	ATHAR_AUTO(free) uint8_t *packed = malloc(len == 0 ? 1 : len);
	ATHAR_AUTO(free) uint8_t *out = malloc(room == 0 ? 1 : room);
	athar_error err = ATHAR_ERROR_INIT;
	size_t made = MADE_BEFORE;

	assert_non_null(packed);
	assert_non_null(out);
	memcpy(packed, in, len);
	const athar_status status = unpack(&made, out, room, packed, len, &err);

	if (status != ATHAR_OK) {
		assert_int_equal(status, ATHAR_EFORMAT);
		assert_true(err.text[0] != '\0');
		assert_int_equal(made, MADE_BEFORE);
		return PACKED_REFUSED;
	}
	assert_in_range(made, 0, room);
	if (expected != NULL)
		assert_memory_equal(out, expected, made);
	return made;
}

static void assert_whole(const packed_vector *v, void *user)
{
	packed_unpack *const *unpack = user;

	assert_int_equal(packed_try(*unpack, v->packed, v->size, v->length, v->data), v->length);
}

void packed_assert_whole(packed_unpack *unpack, const char *name, size_t count)
{
	assert_int_equal(packed_each(name, assert_whole, &unpack), count);
}

typedef struct damage {
	packed_unpack *unpack;
	size_t most, tried, refused;
	bool shorter;
} damage;

static void cut(const packed_vector *v, const damage *d)
{
	for (size_t at = 0; at < v->size; at++) {
		const size_t made = packed_try(d->unpack, v->packed, at, v->length, v->data);

		assert_true(made == PACKED_REFUSED || !d->shorter || made < v->length);
	}
}

static void flip_bits(const packed_vector *v, damage *d)
{
	for (size_t bit = 0; bit < 8 * v->size; bit++) {
		v->packed[bit / 8] = (uint8_t)(v->packed[bit / 8] ^ 1u << bit % 8);
		d->tried++;
		if (packed_try(d->unpack, v->packed, v->size, v->length, NULL) == PACKED_REFUSED)
			d->refused++;
		v->packed[bit / 8] = (uint8_t)(v->packed[bit / 8] ^ 1u << bit % 8);
	}
}

static void damage_one(const packed_vector *v, void *user)
{
	damage *d = user;

	if (v->size > d->most)
		return;
	cut(v, d);
	flip_bits(v, d);
}

void packed_assert_damage(packed_unpack *unpack, const char *name, size_t most, bool shorter)
{
	damage d = {.unpack = unpack, .most = most, .shorter = shorter};

	packed_each(name, damage_one, &d);
	/* Not all damage can be seen, but where none was, none was looked at. */
	assert_true(d.tried > 1000 && d.refused > d.tried / 50);
}
