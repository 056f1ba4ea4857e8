/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Previews in TIFF and the raw formats of cameras made of it: a JPEG that a directory points to
 * (JPEGInterchangeFormat), or that is its only strip, in the chain of directories and one level of
 * SubIFDs below it.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "carve/inside.h"

#define DIRECTORIES_MOST 32u
#define ENTRIES_MOST 1024u

enum {
	COMPRESSION = 0x103,
	STRIP_OFFSETS = 0x111,
	STRIP_LENGTHS = 0x117,
	SUB_IFDS = 0x14A,
	JPEG_OFFSET = 0x201,
	JPEG_LENGTH = 0x202
};

typedef struct tiff {
	athar_listing *x;
	bool big;
	uint64_t queue[DIRECTORIES_MOST]; /* directories to be looked at */
	size_t count;
} tiff;

/* What a directory says of its picture; 0: nothing. */
typedef struct picture {
	uint32_t compression, strip, strip_length, jpeg, jpeg_length;
} picture;

static uint16_t get16(const tiff *t, const uint8_t *p)
{
	return t->big ? athar_be16(p) : athar_le16(p);
}

static uint32_t get32(const tiff *t, const uint8_t *p)
{
	return t->big ? athar_be32(p) : athar_le32(p);
}

/* None twice: directories may point in circles. */
static void enqueue(tiff *t, uint64_t at)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->queue[i] == at)
			return;
	if (at != 0 && t->count < DIRECTORIES_MOST)
		t->queue[t->count++] = at;
}

/* Of the SubIFDs, which may be more than fit into the entry. */
static athar_status enqueue_below(tiff *t, uint32_t count, const uint8_t *value, athar_error *err)
{
	athar_bytes b = {.ptr = value, .len = 4};

	if (count == 0 || count > DIRECTORIES_MOST)
		return ATHAR_OK;
	if (count > 1) {
		const uint64_t at = get32(t, value);

		if (!athar_inside(at, 4ull * count, t->x->size))
			return ATHAR_OK;
		ATHAR_TRY(athar_reader_get(&b, t->x->in, at, 4 * (size_t)count, err));
	}
	for (size_t i = 0; i < count; i++)
		enqueue(t, get32(t, b.ptr + 4 * i));
	return ATHAR_OK;
}

static athar_status read_entry(picture *p, tiff *t, const uint8_t e[12], athar_error *err)
{
	const uint32_t count = get32(t, e + 4);
	const uint32_t value = get16(t, e + 2) == 3 ? get16(t, e + 8) : get32(t, e + 8);

	switch (get16(t, e)) {
	case SUB_IFDS:
		return enqueue_below(t, count, e + 8, err);
	case COMPRESSION:
		p->compression = value;
		break;
	case STRIP_OFFSETS:
		p->strip = count == 1 ? value : 0;
		break;
	case STRIP_LENGTHS:
		p->strip_length = count == 1 ? value : 0;
		break;
	case JPEG_OFFSET:
		p->jpeg = value;
		break;
	case JPEG_LENGTH:
		p->jpeg_length = value;
		break;
	default:
		break;
	}
	return ATHAR_OK;
}

static athar_status give(athar_listing *x, size_t number, uint32_t at, uint32_t len,
                         athar_error *err)
{
	athar_layer l = {.offset = at, .stored = len, .size = len};
	char name[32];

	athar_layer_name(&l, name, (size_t)snprintf(name, sizeof name, "directory %zu", number));
	return athar_listing_give(x, &l, err);
}

static athar_status read_directory(tiff *t, size_t index, athar_error *err)
{
	const uint64_t at = t->queue[index];
	picture p = {.compression = 0};
	athar_bytes b;

	if (!athar_inside(at, 2, t->x->size))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, t->x->in, at, 2, err));
	const size_t count = get16(t, b.ptr);

	if (count > ENTRIES_MOST || !athar_inside(at, 2 + 12 * count + 4, t->x->size))
		return ATHAR_OK;
	for (size_t i = 0; i < count; i++) {
		uint8_t entry[12];

		ATHAR_TRY(athar_reader_get(&b, t->x->in, at + 2 + 12 * i, 12, err));
		memcpy(entry, b.ptr, sizeof entry);
		ATHAR_TRY(read_entry(&p, t, entry, err));
	}
	ATHAR_TRY(athar_reader_get(&b, t->x->in, at + 2 + 12 * count, 4, err));
	enqueue(t, get32(t, b.ptr));
	if (p.jpeg != 0)
		ATHAR_TRY(give(t->x, index + 1, p.jpeg, p.jpeg_length, err));
	if ((p.compression == 6 || p.compression == 7) && p.strip != 0 && p.strip != p.jpeg)
		ATHAR_TRY(give(t->x, index + 1, p.strip, p.strip_length, err));
	return ATHAR_OK;
}

static athar_status list(athar_listing *x, athar_error *err)
{
	tiff t = {.x = x};
	athar_bytes b;

	if (x->size < 8)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, x->in, 0, 8, err));
	t.big = b.ptr[0] == 'M';
	enqueue(&t, get32(&t, b.ptr + 4));
	for (size_t i = 0; i < t.count; i++)
		ATHAR_TRY(read_directory(&t, i, err));
	return ATHAR_OK;
}

const athar_container athar_container_tiff = {.format = "tiff", .list = list};
