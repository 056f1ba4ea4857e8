/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * XCF, GIMP's own format ("Documentation of the XCF file format", GIMP's developers): an image with
 * properties and pointers to layers and channels; each of them points to a hierarchy of levels, and
 * the first level to the tiles that hold the pixels. Nothing has a length but properties, and there
 * is no checksum; what proves such a file is that all pointers lead to structures that fit each
 * other, that each tile gives just its pixels, and that together they fill the file without a gap.
 */
#include "format/xcf.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "base/sort.h"
#include "format/list.h"
#include "format/walk.h"

#define VERSION_WIDE 11u /* the first with pointers of 64 bits */
#define VERSION_MOST 17u /* later ones have structures that are not followed */
#define SIDE_MOST 524288u
#define DEPTH_MOST 32u
#define NAME_MOST (1u << 20)
#define ITEMS 65536u /* layers, or channels */
#define LEVELS 32u
#define TILE 64u
#define POINTERS 4096u /* of tiles, read at a time */
#define PIECES (1u << 20)
#define PROPERTY_MOST 63u

#define COLORMAP 1u
#define COMPRESSION 17u
#define PARASITES 21u

typedef struct piece {
	uint64_t at, end;
	uint64_t last; /* where the last of its structures begins */
} piece;

typedef struct xcf {
	athar_walk *w;
	unsigned version, wide; /* bytes of a pointer */
	uint64_t at;            /* of the field that is read next */
	xcf_packing packing;
	athar_unpacker unpacker;
	piece *pieces; /* of the file that are accounted for */
	size_t count, capacity;
	uint64_t spent;  /* bytes of structures, good and bad: no more than the file has */
	uint64_t *tiles; /* pointers, POINTERS + 1 of them */
	const char *bad; /* what does not hold first; NULL: all does */
	uint64_t bad_at;
} xcf;

typedef struct drawable {
	uint32_t width, height;
	uint64_t hierarchy, mask; /* 0: there is none */
} drawable;

static void spoil(xcf *x, uint64_t at, const char *what)
{
	if (x->bad != NULL)
		return;
	x->bad = what;
	x->bad_at = at;
}

/* Bytes were looked at; as each belongs to one structure, there are not more than the file has. */
static athar_status spend(xcf *x, uint64_t bytes)
{
	x->spent += bytes;
	if (x->spent > athar_reader_size(x->w->in))
		return athar_walk_stop(x->w, "its structures lie in one another");
	return ATHAR_OK;
}

/* A structure that is sound. */
static athar_status take(xcf *x, uint64_t at, uint64_t end, athar_error *err)
{
	ATHAR_TRY(spend(x, end - at));
	if (x->count != 0 && x->pieces[x->count - 1].end == at) {
		x->pieces[x->count - 1].end = end;
		x->pieces[x->count - 1].last = at;
		return ATHAR_OK;
	}
	if (x->count == PIECES)
		return athar_walk_stop(x->w, "its structures are scattered beyond reason");
	ATHAR_TRY(athar_grow(&x->pieces, &x->capacity, x->count + 1, sizeof *x->pieces, err));
	x->pieces[x->count++] = (piece){at, end, at};
	return ATHAR_OK;
}

/* ---- fields ---- */

static athar_status field(uint32_t *out, xcf *x, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, x->w->in, x->at, 4, err));
	*out = athar_be32(b.ptr);
	x->at += 4;
	return ATHAR_OK;
}

static athar_status pointer(uint64_t *out, xcf *x, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, x->w->in, x->at, x->wide, err));
	*out = x->wide == 8 ? athar_be64(b.ptr) : athar_be32(b.ptr);
	x->at += x->wide;
	return ATHAR_OK;
}

static athar_status skip(xcf *x, uint64_t len)
{
	if (!athar_inside(x->at, len, athar_reader_size(x->w->in)))
		return ATHAR_EOF;
	x->at += len;
	return ATHAR_OK;
}

/* A length, and as many bytes, the last of which is 0; of length 0 it is no text at all. */
static athar_status text(xcf *x, athar_error *err)
{
	uint32_t len = 0;
	athar_bytes b;

	ATHAR_TRY(field(&len, x, err));
	if (len == 0)
		return ATHAR_OK;
	if (len > NAME_MOST)
		return athar_walk_stop(x->w, "a name is longer than any");
	ATHAR_TRY(athar_reader_get(&b, x->w->in, x->at + len - 1, 1, err));
	if (b.ptr[0] != 0)
		return athar_walk_stop(x->w, "a name has no end");
	return skip(x, len);
}

static athar_status size_of(uint32_t *width, uint32_t *height, xcf *x, athar_error *err)
{
	ATHAR_TRY(field(width, x, err));
	ATHAR_TRY(field(height, x, err));
	if (*width == 0 || *width > SIDE_MOST || *height == 0 || *height > SIDE_MOST)
		return athar_walk_stop(x->w, "something has a size that cannot be");
	return ATHAR_OK;
}

/* ---- properties ---- */

/* Parasites fill their property to `end`. */
static athar_status parasites(xcf *x, uint64_t end, athar_error *err)
{
	uint32_t flags, size = 0;

	while (x->at < end) {
		ATHAR_TRY(text(x, err));
		ATHAR_TRY(field(&flags, x, err));
		ATHAR_TRY(field(&size, x, err));
		ATHAR_TRY(skip(x, size));
	}
	if (x->at != end)
		return athar_walk_stop(x->w, "what is attached to it does not fit");
	return ATHAR_OK;
}

/* Length of the payload by type, and one more; 0: any. */
static const uint8_t lengths[PROPERTY_MOST + 1] = {
	[2] = 1,  [3] = 1,  [4] = 1,  [6] = 5,  [7] = 5,  [8] = 5,  [9] = 5,
	[10] = 5, [11] = 5, [12] = 5, [13] = 5, [14] = 5, [15] = 9, [16] = 4,
	[17] = 2, [19] = 9, [20] = 5, [22] = 5, [26] = 5, [28] = 5, [29] = 1,
	[31] = 5, [32] = 5, [33] = 5, [34] = 5, [35] = 5, [36] = 5, [37] = 5,
};

/* One byte: how tiles are packed. */
static athar_status compression(xcf *x, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, x->w->in, x->at, 1, err));
	if (b.ptr[0] > XCF_ZLIB)
		return athar_walk_stop(x->w, "its tiles are packed in a way that is not known");
	x->packing = (xcf_packing)b.ptr[0];
	return skip(x, 1);
}

/* Old versions wrote a wrong length for it; the count of colours is right. */
static athar_status colormap(xcf *x, athar_error *err)
{
	uint32_t colours = 0;

	ATHAR_TRY(field(&colours, x, err));
	if (colours > 256)
		return athar_walk_stop(x->w, "its colour map has more than 256 colours");
	return skip(x, UINT64_C(3) * colours);
}

static athar_status property(bool *last, xcf *x, athar_error *err)
{
	uint32_t type = 0, len = 0;

	ATHAR_TRY(field(&type, x, err));
	ATHAR_TRY(field(&len, x, err));
	*last = type == 0;
	if (type > PROPERTY_MOST || (*last && len != 0) ||
	    (lengths[type] != 0 && len != lengths[type] - 1u))
		return athar_walk_stop(x->w, "what should be a property is none");
	if (type == COLORMAP)
		return colormap(x, err);
	if (type == COMPRESSION)
		return compression(x, err);
	if (type == PARASITES)
		return parasites(x, x->at + len, err);
	return skip(x, len);
}

static athar_status properties(xcf *x, athar_error *err)
{
	bool last = false;

	while (!last)
		ATHAR_TRY(property(&last, x, err));
	return ATHAR_OK;
}

/* ---- tiles ---- */

/* next: where the tile behind it begins; 0: there is none. */
static athar_status check_tile(xcf *x, const xcf_tile *tile, uint64_t next, athar_error *err)
{
	xcf_verdict v;
	const athar_status status =
		xcf_tile_check(&v, tile, x->packing, x->w->in, &x->unpacker, err);

	if (status == ATHAR_EOF) {
		*err = (athar_error)ATHAR_ERROR_INIT;
		if (tile->at < athar_reader_size(x->w->in))
			athar_walk_reach(x->w, athar_reader_size(x->w->in));
		spoil(x, tile->at, "a tile reaches past the space that could be searched");
		return spend(x, x->wide);
	}
	ATHAR_TRY(status);
	if (v.good && (next == 0 || v.end == next))
		return take(x, tile->at, v.end, err);
	spoil(x, tile->at, "is a tile that does not give just its pixels");
	return spend(x, athar_min(v.end - tile->at, tile->limit));
}

/* Pixels of tile `index` of a level. */
static uint32_t pixels_of(const drawable *d, uint64_t index)
{
	const uint32_t columns = (d->width + TILE - 1) / TILE;
	const uint32_t left = (uint32_t)(index % columns) * TILE;
	const uint32_t top = (uint32_t)(index / columns) * TILE;

	return (uint32_t)(athar_min(d->width - left, TILE) * athar_min(d->height - top, TILE));
}

/* Tiles `first` and on, `count` of them; the pointer behind them is known as well. */
static athar_status check_tiles(xcf *x, const drawable *d, uint32_t depth, uint64_t first,
                                size_t count, athar_error *err)
{
	for (size_t i = 0; i < count; i++) {
		const uint64_t next = x->tiles[i + 1];
		xcf_tile tile = {
			.at = x->tiles[i], .pixels = pixels_of(d, first + i), .depth = depth};

		tile.limit = (uint64_t)tile.pixels * depth * 3 / 2 + TILE;
		if (tile.at == 0 || (next != 0 && (next <= tile.at || next - tile.at > tile.limit)))
			spoil(x, tile.at, "is no place for a tile, by the place of the next");
		else if (next != 0)
			tile.limit = next - tile.at;
		ATHAR_TRY(check_tile(x, &tile, next, err));
	}
	return ATHAR_OK;
}

/* `count` pointers from x->at on. */
static athar_status read_pointers(xcf *x, size_t count, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, x->w->in, x->at, count * x->wide, err));
	for (size_t i = 0; i < count; i++)
		x->tiles[i] = x->wide == 8 ? athar_be64(b.ptr + 8 * i) : athar_be32(b.ptr + 4 * i);
	return ATHAR_OK;
}

/* A level's size, pointers to its tiles row by row, and a 0. */
static athar_status level(xcf *x, const drawable *d, uint32_t depth, uint64_t at, athar_error *err)
{
	const uint64_t tiles =
		(uint64_t)((d->width + TILE - 1) / TILE) * ((d->height + TILE - 1) / TILE);
	drawable mine = {0};

	x->at = at;
	ATHAR_TRY(size_of(&mine.width, &mine.height, x, err));
	if (mine.width != d->width || mine.height != d->height)
		return athar_walk_stop(x->w, "a level is not as large as what it belongs to");
	if (!athar_inside(x->at, (tiles + 1) * x->wide, athar_reader_size(x->w->in)))
		return ATHAR_EOF;
	ATHAR_TRY(take(x, at, x->at + (tiles + 1) * x->wide, err));
	for (uint64_t i = 0; i < tiles; i += POINTERS) {
		const size_t count = (size_t)athar_min(tiles - i, POINTERS);

		ATHAR_TRY(read_pointers(x, count + 1, err));
		x->at += count * x->wide;
		ATHAR_TRY(check_tiles(x, d, depth, i, count, err));
	}
	if (x->tiles[tiles % POINTERS == 0 ? POINTERS : tiles % POINTERS] != 0)
		spoil(x, x->at, "is one tile more than there are");
	return ATHAR_OK;
}

/* Levels other than the first are remains of an idea: a size, and a 0 for no tiles. GIMP writes
 * this one with 32 bits, also where pointers have 64. */
static athar_status empty_level(xcf *x, uint64_t at, uint64_t len, athar_error *err)
{
	uint32_t width, height, tiles = 0;

	x->at = at;
	ATHAR_TRY(field(&width, x, err));
	ATHAR_TRY(field(&height, x, err));
	ATHAR_TRY(field(&tiles, x, err));
	if (tiles != 0)
		spoil(x, at, "is a level with tiles that should have none");
	ATHAR_TRY(skip(x, len - 12));
	return take(x, at, x->at, err);
}

/* ---- layers and channels ---- */

static athar_status hierarchy(xcf *x, const drawable *d, athar_error *err)
{
	uint64_t levels[LEVELS];
	uint32_t depth = 0;
	drawable mine = {0};
	size_t count = 0;

	x->at = d->hierarchy;
	ATHAR_TRY(size_of(&mine.width, &mine.height, x, err));
	ATHAR_TRY(field(&depth, x, err));
	if (mine.width != d->width || mine.height != d->height || depth == 0 || depth > DEPTH_MOST)
		return athar_walk_stop(x->w, "a hierarchy does not fit what it belongs to");
	for (;; count++) {
		if (count == LEVELS)
			return athar_walk_stop(x->w, "a hierarchy has more than %u levels", LEVELS);
		ATHAR_TRY(pointer(&levels[count], x, err));
		if (levels[count] == 0)
			break;
	}
	ATHAR_TRY(take(x, d->hierarchy, x->at, err));
	if (count == 0)
		return athar_walk_stop(x->w, "a hierarchy has no level");
	ATHAR_TRY(level(x, d, depth, levels[0], err));
	const bool apart = count > 2 && levels[2] - levels[1] == 16;

	for (size_t i = 1; i < count; i++)
		ATHAR_TRY(empty_level(x, levels[i], apart ? 16 : 12, err));
	return ATHAR_OK;
}

/* A layer, or with `layer` false a channel or mask. */
static athar_status read_drawable(drawable *out, xcf *x, uint64_t at, bool layer, athar_error *err)
{
	uint32_t type = 0;

	*out = (drawable){0};
	x->at = at;
	ATHAR_TRY(size_of(&out->width, &out->height, x, err));
	if (layer)
		ATHAR_TRY(field(&type, x, err));
	if (type > 5)
		return athar_walk_stop(x->w, "a layer is of a type that is none");
	ATHAR_TRY(text(x, err));
	ATHAR_TRY(properties(x, err));
	ATHAR_TRY(pointer(&out->hierarchy, x, err));
	if (layer)
		ATHAR_TRY(pointer(&out->mask, x, err));
	return take(x, at, x->at, err);
}

static athar_status follow(xcf *x, uint64_t at, bool layer, athar_error *err)
{
	drawable d, mask;

	ATHAR_TRY(read_drawable(&d, x, at, layer, err));
	ATHAR_TRY(hierarchy(x, &d, err));
	if (d.mask == 0)
		return ATHAR_OK;
	ATHAR_TRY(read_drawable(&mask, x, d.mask, false, err));
	return hierarchy(x, &mask, err);
}

/* ---- the image ---- */

/* Pointers up to a 0. */
static athar_status list(uint64_t **out, size_t *count, xcf *x, athar_error *err)
{
	size_t capacity = 0;
	uint64_t at = 0;

	for (*count = 0; *count < ITEMS; (*count)++) {
		ATHAR_TRY(pointer(&at, x, err));
		if (at == 0)
			return ATHAR_OK;
		ATHAR_TRY(athar_grow(out, &capacity, *count + 1, sizeof **out, err));
		(*out)[*count] = at;
	}
	return athar_walk_stop(x->w, "it has more than %u layers or channels", ITEMS);
}

/* "file" is version 0, others are a v and three digits. */
static bool version_of(unsigned *out, const uint8_t *s)
{
	*out = 0;
	if (memcmp(s, "file", 5) == 0)
		return true;
	for (int i = 1; i < 4; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		*out = 10 * *out + (unsigned)(s[i] - '0');
	}
	return s[0] == 'v' && s[4] == 0;
}

static athar_status header(xcf *x, athar_error *err)
{
	uint32_t width, height, type = 0, precision;
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, x->w->in, 0, 14, err));
	if (memcmp(b.ptr, "gimp xcf ", 9) != 0 || !version_of(&x->version, b.ptr + 9))
		return athar_walk_stop(x->w, "it does not begin with a version");
	x->wide = x->version >= VERSION_WIDE ? 8 : 4;
	x->at = 14;
	ATHAR_TRY(size_of(&width, &height, x, err));
	ATHAR_TRY(field(&type, x, err));
	if (x->version >= 4)
		ATHAR_TRY(field(&precision, x, err));
	if (type > 2)
		return athar_walk_stop(x->w, "its type is none");
	athar_walk_begin(x->w, x->at);
	athar_walk_field(x->w, "width", "%u", width);
	athar_walk_field(x->w, "height", "%u", height);
	if (x->version > VERSION_MOST)
		return athar_walk_stop(x->w, "versions after %u are not followed", VERSION_MOST);
	return ATHAR_OK;
}

static athar_status follow_all(xcf *x, const uint64_t *at, size_t count, bool layer,
                               athar_error *err)
{
	for (size_t i = 0; i < count; i++)
		ATHAR_TRY(follow(x, at[i], layer, err));
	return ATHAR_OK;
}

static athar_status image(xcf *x, athar_error *err)
{
	ATHAR_AUTO(free) uint64_t *layers = NULL;
	ATHAR_AUTO(free) uint64_t *channels = NULL;
	size_t layer_count = 0, channel_count = 0;

	ATHAR_TRY(header(x, err));
	ATHAR_TRY(properties(x, err));
	ATHAR_TRY(list(&layers, &layer_count, x, err));
	ATHAR_TRY(list(&channels, &channel_count, x, err));
	ATHAR_TRY(take(x, 0, x->at, err));
	ATHAR_TRY(follow_all(x, layers, layer_count, true, err));
	ATHAR_TRY(follow_all(x, channels, channel_count, false, err));
	if (layer_count + channel_count == 0)
		spoil(x, x->at, "it ends without a layer");
	return ATHAR_OK;
}

/* ---- what it all comes to ---- */

static int by_place(const void *a, const void *b, const void *user)
{
	const piece *x = a, *y = b;

	(void)user;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* Where the pieces no longer join, from the beginning on, and the highest byte of any. A structure
 * that should join what follows and does not is not proven itself. */
static void account(xcf *x, uint64_t *joined, uint64_t *end)
{
	uint64_t last = 0;
	bool gap = false;

	*joined = *end = 0;
	if (x->count != 0)
		athar_sort(x->pieces, x->count, sizeof *x->pieces, by_place, NULL);
	for (size_t i = 0; i < x->count; i++) {
		gap = gap || x->pieces[i].at != *joined;
		if (!gap) {
			*joined = x->pieces[i].end;
			last = x->pieces[i].last;
		}
		*end = athar_max(*end, x->pieces[i].end);
	}
	if (!gap)
		return;
	spoil(x, *joined, "bytes belong to nothing, or to two things");
	*joined = last;
}

static void conclude(xcf *x, bool followed)
{
	uint64_t joined = 0, end = 0;

	account(x, &joined, &end);
	if (end == 0)
		return;
	athar_walk_prove(x->w, joined);
	athar_walk_reach(x->w, end);
	if (x->bad != NULL)
		athar_walk_flaw(x->w, "at %llu %s", (unsigned long long)x->bad_at, x->bad);
	if (followed && x->bad == NULL)
		athar_walk_close(
			x->w, ATHAR_GRADE_COMPLETE, end,
			"every tile gives just its pixels, and no byte belongs to nothing");
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	xcf x = {.w = &w, .packing = XCF_PLAIN};

	athar_walk_init(&w, out, in);
	ATHAR_TRY(athar_unpacker_init(&x.unpacker, err));
	x.tiles = athar_alloc_array(POINTERS + 1, sizeof *x.tiles, err);
	const athar_status status = x.tiles == NULL ? err->status : image(&x, err);

	if (status == ATHAR_OK || status == ATHAR_EOF || status == ATHAR_EFORMAT)
		conclude(&x, status == ATHAR_OK);
	athar_unpacker_clear(&x.unpacker);
	free(x.tiles);
	free(x.pieces);
	return athar_walk_settle(&w, status, err);
}

static const athar_magic magic[] = {
	{0, 14, {'g', 'i', 'm', 'p', ' ', 'x', 'c', 'f', ' ', 'f', 'i', 'l', 'e', 0}},
	{0, 11, {'g', 'i', 'm', 'p', ' ', 'x', 'c', 'f', ' ', 'v', '0'}},
	{0, 0, {0}}};

const athar_format athar_format_xcf = {
	.name = "xcf",
	.extension = "xcf",
	.mime = "image/x-xcf",
	.summary = "pictures of GIMP",
	.end = "structures that fill the file without a gap, with tiles that give just their "
	       "pixels",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
