/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The index of a picture: iloc says for each item (a tile, a thumbnail, Exif) where its extents
 * lie. What the items hold is not looked at.
 */
#include "base/check.h"
#include "base/endian.h"
#include "format/bmff.h"

#define FOURCC ATHAR_BMFF
#define ILOC FOURCC('i', 'l', 'o', 'c')
#define IINF FOURCC('i', 'i', 'n', 'f')

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
	return ATHAR_OK;
}

static athar_status check_item(places *p, athar_error *err)
{
	uint64_t id, method = 0, source, base, extents;

	ATHAR_TRY(take(&id, &p->f, p->version < 2 ? 2 : 4, err));
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

static athar_status check_places(athar_bmff *b, const athar_box *iloc, athar_error *err)
{
	places p = {.f = {b, iloc->payload, iloc->end}};
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

/* Boxes that fill the rest of a box, `skip` bytes into it. */
static athar_status check_list(athar_bmff *b, const athar_box *box, uint64_t skip, athar_error *err)
{
	uint64_t at = box->payload + skip;

	while (at < box->end) {
		athar_box child;

		ATHAR_TRY(athar_bmff_child(&child, b, at, box->end, err));
		at = child.end;
	}
	if (at != box->end)
		return athar_walk_stop(b->w, "a list of items does not close");
	return ATHAR_OK;
}

/* The lists of items, of what they refer to and of their properties. */
static athar_status check_inside(athar_bmff *b, const athar_box *box, athar_error *err)
{
	athar_bytes f;

	switch (box->type) {
	case ILOC:
		return check_places(b, box, err);
	case IINF:
		ATHAR_TRY(athar_bmff_get(&f, b, box, 0, 4, err));
		return check_list(b, box, f.ptr[0] == 0 ? 6 : 8, err);
	case FOURCC('i', 'r', 'e', 'f'):
		return check_list(b, box, 4, err);
	case FOURCC('i', 'p', 'r', 'p'):
	case FOURCC('i', 'p', 'c', 'o'):
		return check_list(b, box, 0, err);
	default:
		return ATHAR_OK;
	}
}

/* A meta box may also stand at the top of a film and hold notes only. */
athar_status athar_bmff_picture(athar_bmff *b, const athar_box *meta, athar_error *err)
{
	athar_bytes f;

	ATHAR_TRY(athar_bmff_get(&f, b, meta, 0, 4, err));
	for (uint64_t at = meta->payload + 4; at < meta->end;) {
		athar_box box;

		ATHAR_TRY(athar_bmff_child(&box, b, at, meta->end, err));
		ATHAR_TRY(check_inside(b, &box, err));
		at = box.end;
	}
	return ATHAR_OK;
}
