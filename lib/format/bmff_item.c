/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The index of a picture: iloc says for each item (a tile, a thumbnail, Exif) where its extents
 * lie. What the items hold is not looked at, but for the notes of Exif.
 */
#include "base/check.h"
#include "base/endian.h"
#include "format/bmff.h"
#include "format/exif.h"

#define FOURCC ATHAR_BMFF
#define ILOC FOURCC('i', 'l', 'o', 'c')
#define IINF FOURCC('i', 'i', 'n', 'f')

#define IPRP FOURCC('i', 'p', 'r', 'p')
#define IPCO FOURCC('i', 'p', 'c', 'o')

/* What is told of the picture, whatever the judgement. */
typedef struct notes {
	uint64_t exif;    /* the item that holds Exif; 0: none */
	uint64_t at, len; /* where that lies; 0: nowhere in the file */
} notes;

/* Numbers in order, none beyond the box. */
typedef struct fields {
	athar_bmff *b;
	uint64_t at, end;
} fields;

static athar_status take(uint64_t *out, fields *f, unsigned width, athar_error *err)
{
	athar_bytes bytes;

	*out = 0;
	if (width == 0)
		return ATHAR_OK;
	if (f->end - f->at < width)
		return athar_walk_stop(f->b->w, "the places of the items end early");
	ATHAR_TRY(athar_reader_get(&bytes, f->b->w->in, f->at, width, err));
	for (unsigned i = 0; i < width; i++)
		*out = *out << 8 | bytes.ptr[i];
	f->at += width;
	return ATHAR_OK;
}

typedef struct places {
	fields f;
	notes *n;
	uint64_t id; /* of the item that is being read */
	uint8_t version;
	unsigned offset, length, base, index; /* widths of the fields */
} places;

static athar_status check_extent(places *p, uint64_t method, uint64_t base, athar_error *err)
{
	athar_bmff *b = p->f.b;
	uint64_t index, offset, length, at;

	ATHAR_TRY(take(&index, &p->f, p->index, err));
	ATHAR_TRY(take(&offset, &p->f, p->offset, err));
	ATHAR_TRY(take(&length, &p->f, p->length, err));
	if (method != 0) /* not in the file but in this index or in another item */
		return ATHAR_OK;
	if (!athar_add(base, offset, &at) || length == 0 || !athar_bmff_holds(b, at, length))
		return athar_walk_stop(b->w, "an item lies where no media are");
	if (p->id == p->n->exif && p->n->len == 0) {
		p->n->at = at;
		p->n->len = length;
	}
	return ATHAR_OK;
}

static athar_status check_item(places *p, athar_error *err)
{
	uint64_t method = 0, source, base, extents;

	ATHAR_TRY(take(&p->id, &p->f, p->version < 2 ? 2 : 4, err));
	if (p->version != 0)
		ATHAR_TRY(take(&method, &p->f, 2, err));
	ATHAR_TRY(take(&source, &p->f, 2, err));
	ATHAR_TRY(take(&base, &p->f, p->base, err));
	ATHAR_TRY(take(&extents, &p->f, 2, err));
	if ((method & 15) > 2 || source != 0)
		return athar_walk_stop(p->f.b->w, "an item lies in another file");
	for (uint64_t i = 0; i < extents; i++) {
		if (p->index + p->offset + p->length == 0)
			return athar_walk_stop(p->f.b->w, "an item has extents of no size");
		ATHAR_TRY(check_extent(p, method & 15, base, err));
	}
	return ATHAR_OK;
}

static bool is_width(unsigned width)
{
	return width == 0 || width == 4 || width == 8;
}

static athar_status check_places(athar_bmff *b, const athar_box *iloc, notes *n, athar_error *err)
{
	places p = {.f = {b, iloc->payload, iloc->end}, .n = n};
	uint64_t version, widths, count;

	ATHAR_TRY(take(&version, &p.f, 4, err));
	ATHAR_TRY(take(&widths, &p.f, 2, err));
	p.version = (uint8_t)(version >> 24);
	p.offset = (unsigned)widths >> 12;
	p.length = (unsigned)widths >> 8 & 15;
	p.base = (unsigned)widths >> 4 & 15;
	p.index = p.version == 0 ? 0 : (unsigned)widths & 15;
	if (p.version > 2 || !is_width(p.offset) || !is_width(p.length) || !is_width(p.base) ||
	    !is_width(p.index))
		return athar_walk_stop(b->w, "the places of the items are in no known form");
	ATHAR_TRY(take(&count, &p.f, p.version < 2 ? 2 : 4, err));
	for (uint64_t i = 0; i < count; i++)
		ATHAR_TRY(check_item(&p, err));
	return ATHAR_OK;
}

/* Is this entry of the list of items the one of Exif? Version 2: numbers of 16 bits. */
static athar_status note_item(athar_bmff *b, const athar_box *infe, notes *n, athar_error *err)
{
	athar_bytes f;

	if (infe->end - infe->payload < 12)
		return ATHAR_OK;
	ATHAR_TRY(athar_bmff_get(&f, b, infe, 0, 12, err));
	const bool wide = f.ptr[0] == 3;

	if (f.ptr[0] != 2 && !wide)
		return ATHAR_OK;
	ATHAR_TRY(athar_bmff_get(&f, b, infe, 4, 8, err));
	const uint64_t id = wide ? athar_be32(f.ptr) : athar_be16(f.ptr);

	if (wide) {
		if (infe->end - infe->payload < 14)
			return ATHAR_OK;
		ATHAR_TRY(athar_bmff_get(&f, b, infe, 6, 8, err));
	}
	if (athar_be32(f.ptr + 4) == FOURCC('E', 'x', 'i', 'f') && n->exif == 0)
		n->exif = id;
	return ATHAR_OK;
}

/* Boxes that fill the rest of a box, `skip` bytes into it. */
static athar_status check_list(athar_bmff *b, const athar_box *box, uint64_t skip, notes *n,
                               athar_error *err)
{
	uint64_t at = box->payload + skip;

	while (at < box->end) {
		athar_box child;

		ATHAR_TRY(athar_bmff_child(&child, b, at, box->end, err));
		if (child.type == FOURCC('i', 'n', 'f', 'e'))
			ATHAR_TRY(note_item(b, &child, n, err));
		else if (child.type == IPCO && box->type == IPRP)
			ATHAR_TRY(check_list(b, &child, 0, n, err));
		at = child.end;
	}
	if (at != box->end)
		return athar_walk_stop(b->w, "a list of items does not close");
	return ATHAR_OK;
}

/* The lists of items, of what they refer to and of their properties. */
static athar_status check_inside(athar_bmff *b, const athar_box *box, notes *n, athar_error *err)
{
	athar_bytes f;

	switch (box->type) {
	case IINF:
		ATHAR_TRY(athar_bmff_get(&f, b, box, 0, 4, err));
		return check_list(b, box, f.ptr[0] == 0 ? 6 : 8, n, err);
	case FOURCC('i', 'r', 'e', 'f'):
		return check_list(b, box, 4, n, err);
	case IPRP:
	case IPCO:
		return check_list(b, box, 0, n, err);
	default:
		return ATHAR_OK;
	}
}

/* Behind four bytes that say how far into it the TIFF lies. */
static athar_status note_exif(athar_bmff *b, const notes *n, athar_error *err)
{
	athar_bytes f;

	if (n->len < 4 || !athar_inside(n->at, n->len, athar_reader_size(b->w->in)))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&f, b->w->in, n->at, 4, err));
	const uint64_t skip = 4 + (uint64_t)athar_be32(f.ptr);

	if (skip >= n->len)
		return ATHAR_OK;
	return athar_exif_fields(b->w, n->at + skip, n->len - skip, err);
}

/* The boxes inside meta: at first the lists of items, then their places. */
static athar_status check_boxes(athar_bmff *b, const athar_box *meta, bool located, notes *n,
                                athar_error *err)
{
	for (uint64_t at = meta->payload + 4; at < meta->end;) {
		athar_box box;

		ATHAR_TRY(athar_bmff_child(&box, b, at, meta->end, err));
		if (!located)
			ATHAR_TRY(check_inside(b, &box, n, err));
		else if (box.type == ILOC)
			ATHAR_TRY(check_places(b, &box, n, err));
		at = box.end;
	}
	return ATHAR_OK;
}

/* A meta box may also stand at the top of a film and hold notes only. */
athar_status athar_bmff_picture(athar_bmff *b, const athar_box *meta, athar_error *err)
{
	notes n = {.exif = 0};
	athar_bytes f;

	ATHAR_TRY(athar_bmff_get(&f, b, meta, 0, 4, err));
	ATHAR_TRY(check_boxes(b, meta, false, &n, err));
	ATHAR_TRY(check_boxes(b, meta, true, &n, err));
	return note_exif(b, &n, err);
}
