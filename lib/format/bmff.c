/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ISO base media file format (ISO/IEC 14496-12) and QuickTime before it: films, sound and, with
 * ISO/IEC 23008-12, pictures. No box carries a checksum, so what proves such a file is that its
 * boxes follow one another to its end and that its index points to nothing but its media.
 */
#include "format/bmff.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"

#define BOXES 100000u
#define FTYP_MOST 1024u

#define FTYP ATHAR_BMFF('f', 't', 'y', 'p')
#define MOOV ATHAR_BMFF('m', 'o', 'o', 'v')
#define MOOF ATHAR_BMFF('m', 'o', 'o', 'f')
#define MFRA ATHAR_BMFF('m', 'f', 'r', 'a')
#define MDAT ATHAR_BMFF('m', 'd', 'a', 't')
#define META ATHAR_BMFF('m', 'e', 't', 'a')
#define SIDX ATHAR_BMFF('s', 'i', 'd', 'x')

/* What may stand at the top. The last two are Samsung's. */
static const char known[][5] = {
	"moov", "mdat", "free", "skip", "wide", "moof", "mfra", "sidx", "styp", "meta", "uuid",
	"pdin", "udta", "emsg", "ssix", "prft", "pnot", "junk", "imda", "mpvd", "sefd",
};

static bool is_known(uint32_t type)
{
	for (size_t i = 0; i < ATHAR_COUNT(known); i++) {
		if (athar_be32((const uint8_t *)known[i]) == type)
			return true;
	}
	return false;
}

/* Types and brands are printable; QuickTime's notes begin with a copyright sign. */
static bool is_type(uint32_t type)
{
	for (int shift = 0; shift < 32; shift += 8) {
		const uint8_t c = (uint8_t)(type >> shift);

		if ((c < 0x20 || c > 0x7E) && c != 0xA9)
			return false;
	}
	return true;
}

athar_status athar_bmff_box(athar_box *out, athar_bmff *b, uint64_t at, athar_error *err)
{
	athar_bytes head;

	if (++b->boxes > BOXES)
		return athar_walk_stop(b->w, "it has more than %u boxes", BOXES);
	ATHAR_TRY(athar_reader_get(&head, b->w->in, at, 8, err));
	uint64_t size = athar_be32(head.ptr), least = 8;

	*out = (athar_box){.at = at, .type = athar_be32(head.ptr + 4), .open = size == 0};
	if (size == 1) {
		ATHAR_TRY(athar_reader_get(&head, b->w->in, at, 16, err));
		size = athar_be64(head.ptr + 8);
		least = 16;
	}
	out->payload = at + least;
	out->end = out->payload;
	if (!out->open && (size < least || !athar_add(at, size, &out->end)))
		return athar_walk_stop(b->w, "a box claims an impossible size");
	return ATHAR_OK;
}

athar_status athar_bmff_child(athar_box *out, athar_bmff *b, uint64_t at, uint64_t end,
                              athar_error *err)
{
	ATHAR_TRY(athar_bmff_box(out, b, at, err));
	if (out->open || !is_type(out->type) || out->payload > end || out->end > end)
		return athar_walk_stop(b->w, "what stands inside the index is no box");
	return ATHAR_OK;
}

athar_status athar_bmff_get(athar_bytes *out, athar_bmff *b, const athar_box *box, uint64_t skip,
                            size_t len, athar_error *err)
{
	if (!athar_inside(skip, len, box->end - box->payload))
		return athar_walk_stop(b->w, "a box of the index is too short");
	return athar_reader_get(out, b->w->in, box->payload + skip, len, err);
}

/* The last box at the top that begins at or before `at`; there is one, ftyp begins at 0. */
static size_t find_top(const athar_bmff *b, uint64_t at)
{
	size_t low = 0, high = b->count;

	while (high - low > 1) {
		const size_t middle = low + (high - low) / 2;

		if (b->top[middle].at <= at)
			low = middle;
		else
			high = middle;
	}
	return low;
}

bool athar_bmff_holds(athar_bmff *b, uint64_t at, uint64_t len)
{
	const athar_box *box = &b->top[b->hit];

	if (at < box->at || at >= box->end) {
		b->hit = find_top(b, at);
		box = &b->top[b->hit];
	}
	if (box->type != MDAT || at < box->payload || at > box->end)
		return false;
	b->local = b->local || len != 0;
	return len <= box->end - at;
}

bool athar_bmff_has(const athar_bmff *b, uint64_t at, uint32_t type)
{
	const athar_box *box = &b->top[find_top(b, at)];

	return box->at == at && box->type == type;
}

athar_status athar_bmff_units(bool *fill, athar_bmff *b, uint64_t at, uint64_t len, unsigned prefix,
                              athar_error *err)
{
	*fill = true;
	if (len > b->budget)
		b->budget = 0;
	if (b->budget == 0)
		return ATHAR_OK;
	b->budget -= len;
	while (len != 0) {
		athar_bytes head;
		uint64_t unit = 0;

		*fill = false;
		if (len < prefix)
			return ATHAR_OK;
		ATHAR_TRY(athar_reader_get(&head, b->w->in, at, prefix, err));
		for (unsigned i = 0; i < prefix; i++)
			unit = unit << 8 | head.ptr[i];
		if (unit > len - prefix)
			return ATHAR_OK;
		at += prefix + unit;
		len -= prefix + unit;
		*fill = true;
		b->seen = athar_max(b->seen, at);
	}
	return ATHAR_OK;
}

static const struct brand {
	char brand[5];
	char subtype[5];
} brands[] = {
	{"qt  ", "mov"},  {"3gp", "3gp"},   {"3g2", "3gp"},   {"3ge", "3gp"},
	{"3gs", "3gp"},   {"M4A ", "m4a"},  {"M4B ", "m4a"},  {"avif", "avif"},
	{"avis", "avif"}, {"heic", "heic"}, {"heix", "heic"}, {"heim", "heic"},
	{"heis", "heic"}, {"hevc", "heic"}, {"hevx", "heic"}, {"crx ", "cr3"},
};

static const char *subtype_of(const uint8_t brand[4])
{
	for (size_t i = 0; i < ATHAR_COUNT(brands); i++) {
		if (memcmp(brand, brands[i].brand, strlen(brands[i].brand)) == 0)
			return brands[i].subtype;
	}
	return NULL;
}

/* mif1 and msf1 only say that it is a picture; the brands it is compatible with say the coding. */
static const char *subtype_among(const uint8_t *brand, size_t count)
{
	const char *subtype = subtype_of(brand);

	if (subtype == NULL && (memcmp(brand, "mif1", 4) == 0 || memcmp(brand, "msf1", 4) == 0)) {
		for (size_t i = 2; i < count && subtype == NULL; i++)
			subtype = subtype_of(brand + 4 * i);
		if (subtype == NULL)
			subtype = "heic";
	}
	return subtype == NULL ? "mp4" : subtype;
}

/* The file type box; not ours unless it is one. */
static athar_status check_type(athar_bmff *b, athar_box *ftyp, athar_error *err)
{
	athar_claim *claim = b->w->claim;
	athar_bytes brand;

	ATHAR_TRY(athar_bmff_box(ftyp, b, 0, err));
	const uint64_t len = ftyp->end - ftyp->payload;

	if (ftyp->type != FTYP || ftyp->open || len < 8 || len > FTYP_MOST || len % 4 != 0)
		return athar_walk_stop(b->w, "it does not begin with a file type");
	ATHAR_TRY(athar_reader_get(&brand, b->w->in, ftyp->payload, (size_t)len, err));
	for (size_t i = 0; i < len; i += 4) {
		const uint32_t name = athar_be32(brand.ptr + i);

		if (i != 4 && !is_type(name) && (i == 0 || name != 0))
			return athar_walk_stop(b->w, "a brand is not printable");
	}
	athar_walk_begin(b->w, ftyp->end);
	const char *subtype = subtype_among(brand.ptr, (size_t)len / 4);

	(void)snprintf(claim->subtype, sizeof claim->subtype, "%s", subtype);
	(void)snprintf(claim->extension, sizeof claim->extension, "%s", subtype);
	return ATHAR_OK;
}

static athar_status add_top(athar_bmff *b, const athar_box *box, athar_error *err)
{
	ATHAR_TRY(athar_grow(&b->top, &b->capacity, b->count + 1, sizeof *b->top, err));
	b->top[b->count++] = *box;
	return ATHAR_OK;
}

/* The first of each kind says what it is of. */
static athar_status note_top(athar_bmff *b, const athar_box *box, athar_error *err)
{
	bool *noted = box->type == MOOV ? &b->film_noted : &b->picture_noted;

	if ((box->type != MOOV && box->type != META) || *noted)
		return ATHAR_OK;
	*noted = true;
	return box->type == MOOV ? athar_bmff_note_film(b, box, err)
	                         : athar_bmff_note_picture(b, box, err);
}

/* Does a box that may stand at the top begin here? */
static athar_status follows(bool *known_one, athar_bmff *b, uint64_t at, athar_error *err)
{
	athar_bytes head;

	*known_one = false;
	if (!athar_inside(at, 8, athar_reader_size(b->w->in)))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&head, b->w->in, at, 8, err));
	*known_one = is_known(athar_be32(head.ptr + 4));
	return ATHAR_OK;
}

/* The boxes at the top, as long as they follow one another. What lies before the first one that
 * holds media or an index is proven by its shape alone. */
static athar_status walk_top(athar_bmff *b, uint64_t at, athar_error *err)
{
	bool more, shape = true;

	for (;;) {
		athar_box box;

		ATHAR_TRY(follows(&more, b, at, err));
		if (!more)
			return ATHAR_OK;
		ATHAR_TRY(athar_bmff_box(&box, b, at, err));
		if (box.open)
			return athar_walk_stop(b->w, "the last box is open: its end is not known");
		shape = shape && box.type != MDAT && box.type != MOOV && box.type != META &&
		        box.type != MOOF;
		if (box.end > athar_reader_size(b->w->in))
			return ATHAR_EOF;
		ATHAR_TRY(add_top(b, &box, err));
		ATHAR_TRY(note_top(b, &box, err));
		at = box.end;
		if (shape)
			athar_walk_prove(b->w, at);
		else
			athar_walk_reach(b->w, at);
	}
}

static size_t count_top(const athar_bmff *b, uint32_t type)
{
	size_t count = 0;

	for (size_t i = 0; i < b->count; i++)
		count += b->top[i].type == type;
	return count;
}

/* A segment index before the first fragment says how long all of them are. */
static athar_status indexed(bool *out, athar_bmff *b, const athar_box *sidx, uint64_t end,
                            athar_error *err)
{
	athar_bytes f;
	uint64_t to = sidx->end;

	*out = false;
	ATHAR_TRY(athar_bmff_get(&f, b, sidx, 0, 32, err));
	const bool wide = f.ptr[0] != 0;
	const uint8_t *rest = f.ptr + (wide ? 20 : 16);

	to += wide ? athar_be64(rest) : athar_be32(rest);
	rest += wide ? 8 : 4;
	const uint32_t count = athar_be16(rest + 2);

	for (uint32_t i = 0; i < count; i++) {
		ATHAR_TRY(
			athar_bmff_get(&f, b, sidx, (wide ? 32 : 24) + UINT64_C(12) * i, 12, err));
		to += athar_be32(f.ptr) & INT32_MAX;
	}
	*out = count != 0 && to == end;
	return ATHAR_OK;
}

/* Fragments follow one another without saying which is the last; an index of them does. */
static athar_status check_fragments(athar_bmff *b, athar_error *err)
{
	uint64_t end = 0;
	const athar_box *sidx = NULL;
	bool closed = b->top[b->count - 1].type == MFRA;

	for (size_t i = 0; i < b->count; i++) {
		const athar_box *box = &b->top[i];

		if (box->type == SIDX && end == 0)
			sidx = box;
		if (box->type == MOOF || (box->type == MDAT && end != 0))
			end = box->end;
	}
	if (!closed && sidx != NULL && count_top(b, SIDX) == 1)
		ATHAR_TRY(indexed(&closed, b, sidx, end, err));
	if (!closed)
		athar_walk_flaw(b->w, "fragments follow one another, nothing says which is last");
	return ATHAR_OK;
}

static athar_status check_index(athar_bmff *b, athar_error *err)
{
	for (size_t i = 0; i < b->count; i++) {
		const athar_box *box = &b->top[i];

		if (box->type == MOOV || box->type == MOOF || box->type == MFRA)
			ATHAR_TRY(athar_bmff_film(b, box, err));
		else if (box->type == META)
			ATHAR_TRY(athar_bmff_picture(b, box, err));
	}
	return ATHAR_OK;
}

/* Media at the end that are not of units have no shape of their own: sound, still pictures. */
static uint64_t unseen(const athar_bmff *b)
{
	const athar_box *last = &b->top[b->count - 1];

	return last->type != MDAT ? 0 : last->end - athar_max(last->payload, b->seen);
}

static athar_status judge(athar_bmff *b, athar_error *err)
{
	const size_t films = count_top(b, MOOV), pictures = count_top(b, META);
	const size_t fragments = count_top(b, MOOF);

	if (films > 1 || pictures > 1)
		return athar_walk_stop(b->w, "a second index follows");
	if (films + pictures == 0)
		return athar_walk_stop(b->w, "the boxes end without an index of the media");
	for (size_t i = 0; i < b->count; i++) {
		if (b->top[i].type == MDAT)
			b->budget += b->top[i].end - b->top[i].at;
	}
	ATHAR_TRY(check_index(b, err));
	if (fragments != 0)
		ATHAR_TRY(check_fragments(b, err));
	else if (b->fragments)
		athar_walk_flaw(b->w, "the index announces fragments, and none is there");
	if (!b->local)
		athar_walk_flaw(b->w, "the index points to no media");
	athar_walk_close(b->w, ATHAR_GRADE_COMPLETE, b->top[b->count - 1].end,
	                 "the boxes close, and all the index points to lies in media boxes");
	b->w->claim->unseen = unseen(b);
	return ATHAR_OK;
}

static athar_status walk(athar_bmff *b, athar_error *err)
{
	athar_box ftyp;

	ATHAR_TRY(check_type(b, &ftyp, err));
	ATHAR_TRY(add_top(b, &ftyp, err));
	ATHAR_TRY(walk_top(b, ftyp.end, err));
	if (b->count == 1)
		return athar_walk_stop(b->w, "no box follows the file type");
	return judge(b, err);
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	athar_bmff b = {.w = &w};

	athar_walk_init(&w, out, in);
	const athar_status status = walk(&b, err);

	free(b.top);
	return athar_walk_settle(&w, status, err);
}

static const athar_magic magic[] = {{4, 4, {'f', 't', 'y', 'p'}}, {0, 0, {0}}};

const athar_format athar_format_bmff = {
	.name = "bmff",
	.extension = "mp4",
	.mime = "video/mp4",
	.summary = "films, sound and pictures in ISO media files: MP4, MOV, 3GP, M4A, HEIC, AVIF",
	.end = "boxes that follow one another, and an index that points to nothing but their media",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
