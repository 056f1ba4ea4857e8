/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a film or picture says of itself: size, length, when and with what it was taken. Facts:
 * ISO/IEC 14496-12, 23008-12 for pictures, Apple's QuickTime File Format for the notes of cameras.
 * What makes no sense is left out, and is no flaw.
 */
#include <string.h>

#include "athar/text.h"
#include "base/check.h"
#include "base/endian.h"
#include "format/bmff.h"

#define FOURCC ATHAR_BMFF
#define EPOCH INT64_C(2082844800) /* seconds from 1904 to 1970 */
#define KEYS_MOST 64u
#define DEPTH 4u
#define TEXT_MOST 256u

/* Which note a key stands for. */
typedef enum note {
	NOTHING,
	MAKE,
	MODEL,
	SOFTWARE,
	TITLE,
	AUTHOR,
	COMMENT,
	DATE,
	TAKEN,
	LOCATION
} note;

static const char *const fields[] = {"",       "",        "",     "software", "title",
                                     "author", "comment", "date", "taken",    "location"};

typedef struct notes {
	athar_bmff *b;
	note key[KEYS_MOST]; /* of the list that is read */
	char make[80], model[80];
} notes;

/* The next box inside another one, whatever its type. */
static athar_status child(athar_box *out, notes *n, uint64_t at, uint64_t end, athar_error *err)
{
	ATHAR_TRY(athar_bmff_box(out, n->b, at, err));
	return out->open || out->end > end ? ATHAR_EFORMAT : ATHAR_OK;
}

static void put(notes *n, note what, const uint8_t *b, size_t len)
{
	char *to = what == MAKE ? n->make : what == MODEL ? n->model : NULL;

	if (to == NULL && what != NOTHING)
		athar_walk_field_bytes(n->b->w, fields[what], b, len);
	if (to != NULL && to[0] == '\0')
		(void)snprintf(to, sizeof n->make, "%.*s", (int)len, (const char *)b);
}

/* ---- notes by their type ---- */

static note note_of(uint32_t type)
{
	static const struct {
		uint8_t type[4];
		note what;
	} known[] = {
		{{0xA9, 'm', 'a', 'k'}, MAKE},     {{0xA9, 'm', 'o', 'd'}, MODEL},
		{{0xA9, 's', 'w', 'r'}, SOFTWARE}, {{0xA9, 't', 'o', 'o'}, SOFTWARE},
		{{0xA9, 'n', 'a', 'm'}, TITLE},    {{0xA9, 'A', 'R', 'T'}, AUTHOR},
		{{0xA9, 'a', 'u', 't'}, AUTHOR},   {{0xA9, 'c', 'm', 't'}, COMMENT},
		{{0xA9, 'd', 'a', 'y'}, DATE},     {{0xA9, 'x', 'y', 'z'}, LOCATION},
	};

	for (size_t i = 0; i < ATHAR_COUNT(known); i++) {
		if (athar_be32(known[i].type) == type)
			return known[i].what;
	}
	return NOTHING;
}

static note note_of_key(const uint8_t *b, size_t len)
{
	static const struct {
		const char *key;
		note what;
	} known[] = {
		{"com.apple.quicktime.make", MAKE},
		{"com.apple.quicktime.model", MODEL},
		{"com.apple.quicktime.software", SOFTWARE},
		{"com.apple.quicktime.title", TITLE},
		{"com.apple.quicktime.author", AUTHOR},
		{"com.apple.quicktime.comment", COMMENT},
		{"com.apple.quicktime.creationdate", TAKEN},
		{"com.apple.quicktime.location.ISO6709", LOCATION},
		{"com.android.manufacturer", MAKE},
		{"com.android.model", MODEL},
	};

	for (size_t i = 0; i < ATHAR_COUNT(known); i++) {
		if (strlen(known[i].key) == len && memcmp(known[i].key, b, len) == 0)
			return known[i].what;
	}
	return NOTHING;
}

/* The names of what a list gives by number. */
static athar_status read_keys(notes *n, const athar_box *keys, athar_error *err)
{
	uint64_t at = keys->payload + 8;

	memset(n->key, 0, sizeof n->key);
	for (size_t i = 1; i < KEYS_MOST && at < keys->end; i++) {
		athar_bytes b;
		athar_box key;

		ATHAR_TRY(child(&key, n, at, keys->end, err));
		const size_t len = (size_t)athar_min(key.end - key.payload, TEXT_MOST);

		if (len != 0) {
			ATHAR_TRY(athar_reader_get(&b, n->b->w->in, key.payload, len, err));
			n->key[i] = note_of_key(b.ptr, len);
		}
		at = key.end;
	}
	return ATHAR_OK;
}

/* One of a list: its value is a box inside it, with a kind (1: UTF-8) and a language before. */
static athar_status read_item(notes *n, const athar_box *item, athar_error *err)
{
	const note what = item->type < KEYS_MOST ? n->key[item->type] : note_of(item->type);
	athar_bytes b;
	athar_box data;

	if (what == NOTHING || item->end - item->payload < 16)
		return ATHAR_OK;
	ATHAR_TRY(child(&data, n, item->payload, item->end, err));
	const size_t len = (size_t)athar_min(data.end - data.payload, TEXT_MOST);

	if (data.type != FOURCC('d', 'a', 't', 'a') || len <= 8)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, n->b->w->in, data.payload, len, err));
	if (athar_be32(b.ptr) == 1)
		put(n, what, b.ptr + 8, len - 8);
	return ATHAR_OK;
}

/* QuickTime's: a length, a language, the text. */
static athar_status read_text(notes *n, const athar_box *box, athar_error *err)
{
	const note what = note_of(box->type);
	athar_bytes b;

	if (what == NOTHING || box->end - box->payload < 4)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, n->b->w->in, box->payload, 4, err));
	const size_t len = athar_be16(b.ptr);

	if (len == 0 || len > box->end - box->payload - 4)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, n->b->w->in, box->payload + 4,
	                           (size_t)athar_min(len, TEXT_MOST), err));
	put(n, what, b.ptr, b.len);
	return ATHAR_OK;
}

/* ---- boxes ---- */

/* Version 1 has times of 64 bits. */
static athar_status read_film(notes *n, const athar_box *mvhd, athar_error *err)
{
	char text[32];
	athar_bytes b;

	ATHAR_TRY(athar_bmff_get(&b, n->b, mvhd, 0, 32, err));
	const bool wide = b.ptr[0] == 1;
	const uint64_t created = wide ? athar_be64(b.ptr + 4) : athar_be32(b.ptr + 4);
	const uint32_t scale = athar_be32(b.ptr + (wide ? 20 : 12));
	const uint64_t length = wide ? athar_be64(b.ptr + 24) : athar_be32(b.ptr + 16);

	if (created != 0 && created < UINT64_C(1) << 36)
		athar_walk_field(n->b->w, "created", "%s",
		                 athar_text_time(text, sizeof text, (int64_t)created - EPOCH));
	if (length != 0 && length < UINT64_C(1) << 50 && length != UINT32_MAX && scale != 0)
		athar_walk_field(n->b->w, "duration_ms", "%llu",
		                 (unsigned long long)(length * 1000 / scale));
	return ATHAR_OK;
}

/* Numbers of 16 bits and as many behind the point, at the end; 0 for sound. */
static athar_status read_track(notes *n, const athar_box *tkhd, athar_error *err)
{
	const uint64_t len = tkhd->end - tkhd->payload;
	athar_bytes b;

	if (len < 84)
		return ATHAR_OK;
	ATHAR_TRY(athar_bmff_get(&b, n->b, tkhd, len - 8, 8, err));
	if (athar_be32(b.ptr) >> 16 == 0 || athar_be32(b.ptr + 4) >> 16 == 0)
		return ATHAR_OK;
	athar_walk_field(n->b->w, "width", "%u", athar_be32(b.ptr) >> 16);
	athar_walk_field(n->b->w, "height", "%u", athar_be32(b.ptr + 4) >> 16);
	return ATHAR_OK;
}

typedef enum inside { LEAF, BOXES, ITEMS, META } inside;

static athar_status read_box(inside *kind, notes *n, const athar_box *box, athar_error *err)
{
	*kind = LEAF;
	switch (box->type) {
	case FOURCC('m', 'v', 'h', 'd'):
		return read_film(n, box, err);
	case FOURCC('t', 'k', 'h', 'd'):
		return read_track(n, box, err);
	case FOURCC('k', 'e', 'y', 's'):
		return read_keys(n, box, err);
	case FOURCC('t', 'r', 'a', 'k'):
	case FOURCC('u', 'd', 't', 'a'):
		*kind = BOXES;
		return ATHAR_OK;
	case FOURCC('i', 'l', 's', 't'):
		*kind = ITEMS;
		return ATHAR_OK;
	case FOURCC('m', 'e', 't', 'a'):
		*kind = META;
		return ATHAR_OK;
	default:
		return read_text(n, box, err);
	}
}

static athar_status read_inside(notes *n, uint64_t at, uint64_t end, unsigned depth, bool items,
                                athar_error *err)
{
	while (at < end && end - at >= 8) {
		inside kind = LEAF;
		athar_bytes b;
		athar_box box;

		ATHAR_TRY(child(&box, n, at, end, err));
		ATHAR_TRY(items ? read_item(n, &box, err) : read_box(&kind, n, &box, err));
		at = box.end;
		if (kind == LEAF || depth == DEPTH || box.end - box.payload < 8)
			continue;
		/* QuickTime's has no version before its boxes. */
		ATHAR_TRY(athar_reader_get(&b, n->b->w->in, box.payload, 8, err));
		if (kind == META && athar_be32(b.ptr + 4) != FOURCC('h', 'd', 'l', 'r'))
			box.payload += 4;
		ATHAR_TRY(read_inside(n, box.payload, box.end, depth + 1, kind == ITEMS, err));
	}
	return ATHAR_OK;
}

athar_status athar_bmff_note_film(athar_bmff *b, const athar_box *moov, athar_error *err)
{
	notes n = {.b = b};
	const athar_status status = read_inside(&n, moov->payload, moov->end, 0, false, err);

	/* Models mostly do not repeat who made them. */
	athar_walk_field(b->w, "camera", "%s%s%s", n.make, n.make[0] != '\0' ? " " : "", n.model);
	return status == ATHAR_EFORMAT ? ATHAR_OK : status;
}

/* ---- pictures ---- */

/* The box of this type inside [at, end); of type 0: none is there. */
static athar_status find(athar_box *out, athar_bmff *b, uint64_t at, uint64_t end, uint32_t type,
                         athar_error *err)
{
	for (; at < end && end - at >= 8; at = out->end) {
		ATHAR_TRY(athar_bmff_child(out, b, at, end, err));
		if (out->type == type)
			return ATHAR_OK;
	}
	*out = (athar_box){.type = 0};
	return ATHAR_OK;
}

/* The number'th property, counted from 1: is it the size of the picture? */
static athar_status read_property(athar_bmff *b, const athar_box *all, uint32_t number,
                                  athar_error *err)
{
	uint64_t at = all->payload;
	athar_bytes f;
	athar_box box = {.type = 0};

	for (uint32_t i = 0; i < number && at < all->end; i++, at = box.end)
		ATHAR_TRY(athar_bmff_child(&box, b, at, all->end, err));
	if (box.type != FOURCC('i', 's', 'p', 'e'))
		return ATHAR_OK;
	ATHAR_TRY(athar_bmff_get(&f, b, &box, 4, 8, err));
	athar_walk_field(b->w, "width", "%u", athar_be32(f.ptr));
	athar_walk_field(b->w, "height", "%u", athar_be32(f.ptr + 4));
	return ATHAR_OK;
}

/* The properties of one item, out of those of all. */
static athar_status read_properties(athar_bmff *b, const athar_box *all, const athar_box *ipma,
                                    uint32_t item, athar_error *err)
{
	athar_bytes f;
	uint64_t skip = 8;

	ATHAR_TRY(athar_bmff_get(&f, b, ipma, 0, 8, err));
	const unsigned id = f.ptr[0] == 0 ? 2 : 4, width = (f.ptr[3] & 1) + 1u;

	for (uint32_t left = athar_be32(f.ptr + 4); left != 0; left--) {
		ATHAR_TRY(athar_bmff_get(&f, b, ipma, skip, id + 1, err));
		const bool ours = (id == 2 ? athar_be16(f.ptr) : athar_be32(f.ptr)) == item;
		const uint32_t count = f.ptr[id];

		skip += id + 1;
		for (uint32_t i = 0; ours && i < count; i++) {
			ATHAR_TRY(athar_bmff_get(&f, b, ipma, skip + (uint64_t)i * width, width,
			                         err));
			const uint32_t number =
				width == 1 ? f.ptr[0] & 0x7Fu : athar_be16(f.ptr) & 0x7FFFu;

			ATHAR_TRY(read_property(b, all, number, err));
		}
		if (ours)
			return ATHAR_OK;
		skip += (uint64_t)count * width;
	}
	return ATHAR_OK;
}

static athar_status read_picture(athar_bmff *b, const athar_box *meta, athar_error *err)
{
	athar_box pitm, iprp, ipco, ipma;
	athar_bytes f;

	ATHAR_TRY(find(&pitm, b, meta->payload + 4, meta->end, FOURCC('p', 'i', 't', 'm'), err));
	ATHAR_TRY(find(&iprp, b, meta->payload + 4, meta->end, FOURCC('i', 'p', 'r', 'p'), err));
	if (pitm.type == 0 || iprp.type == 0)
		return ATHAR_OK;
	ATHAR_TRY(find(&ipco, b, iprp.payload, iprp.end, FOURCC('i', 'p', 'c', 'o'), err));
	ATHAR_TRY(find(&ipma, b, iprp.payload, iprp.end, FOURCC('i', 'p', 'm', 'a'), err));
	if (ipco.type == 0 || ipma.type == 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_bmff_get(&f, b, &pitm, 0, 6, err));
	const bool wide = f.ptr[0] != 0;

	ATHAR_TRY(athar_bmff_get(&f, b, &pitm, 4, wide ? 4 : 2, err));
	return read_properties(b, &ipco, &ipma, wide ? athar_be32(f.ptr) : athar_be16(f.ptr), err);
}

athar_status athar_bmff_note_picture(athar_bmff *b, const athar_box *meta, athar_error *err)
{
	const athar_status status = read_picture(b, meta, err);

	return status == ATHAR_EFORMAT ? ATHAR_OK : status;
}
