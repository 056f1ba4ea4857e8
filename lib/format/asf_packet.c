/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One packet: what its fields are wide, then payloads, each with the stream it is of and where in a
 * piece of that stream it belongs. Pieces that do not go on where they stopped tell that packets
 * are missing or of another file.
 */
#include "base/check.h"
#include "base/endian.h"
#include "format/asf.h"

/* Fields of a packet in order; what lies past its end shows at the end. */
typedef struct fields {
	const uint8_t *b;
	uint32_t at, end;
	bool broken;
} fields;

/* Two bits say how wide a field is: 0, 1, 2 or 4 bytes. */
static uint32_t take(fields *f, unsigned code)
{
	const uint32_t width = code == 3 ? 4 : code;
	uint32_t value = 0;

	if (f->broken || f->end - f->at < width) {
		f->broken = true;
		return 0;
	}
	for (uint32_t i = 0; i < width; i++)
		value |= (uint32_t)f->b[f->at + i] << (8 * i);
	f->at += width;
	return value;
}

static void pass(fields *f, uint32_t len)
{
	if (f->broken || f->end - f->at < len)
		f->broken = true;
	else
		f->at += len;
}

typedef struct payload {
	uint32_t stream, number, offset, copied; /* copied: bytes of replicated data */
	uint32_t size;                           /* of the piece; 0: not told */
} payload;

static void read_payload(payload *p, fields *f, unsigned widths)
{
	p->stream = take(f, 1) & 0x7F;
	p->number = take(f, widths >> 4 & 3);
	p->offset = take(f, widths >> 2 & 3);
	p->copied = take(f, widths & 3);
	p->size = 0;
	if (p->copied >= 8 && !f->broken && f->end - f->at >= 8)
		p->size = athar_le32(f->b + f->at);
	pass(f, p->copied);
	f->broken = f->broken || p->stream == 0 || (p->copied > 1 && p->copied < 8);
}

/* Several pieces in one payload, each with a byte that tells how long it is. */
static void read_small(fields *f, uint32_t end)
{
	while (!f->broken && f->at < end)
		pass(f, take(f, 1));
	f->broken = f->broken || f->at != end;
}

/* Where the payload belongs: at the beginning of a piece, or where the one before stopped. */
static void join(asf *a, const payload *p, uint32_t len)
{
	asf_piece *piece = &a->piece[p->stream];
	const bool whole = !piece->sized || piece->have == piece->size;

	if (p->offset == 0) {
		if (piece->begun && !whole)
			athar_walk_flaw(a->w, "a piece of stream %u lacks its end", p->stream);
		*piece = (asf_piece){.begun = true, .number = p->number};
	} else if (piece->begun && (piece->number != p->number || piece->have != p->offset)) {
		athar_walk_flaw(a->w, "a piece of stream %u goes on where it did not stop",
		                p->stream);
	}
	piece->begun = true;
	piece->number = p->number;
	piece->sized = p->size != 0;
	piece->size = p->size;
	piece->have = p->offset + len;
	if (piece->sized && (piece->have < len || piece->have > piece->size))
		athar_walk_flaw(a->w, "a piece of stream %u is longer than it says", p->stream);
}

/* One payload; with `code` its length comes before it, else it has the rest. */
static void one(asf *a, fields *f, unsigned widths, unsigned code, uint64_t at)
{
	payload p;

	read_payload(&p, f, widths);
	const uint32_t told = code == 0 ? 0 : take(f, code);
	const uint32_t len = code == 0 && !f->broken ? f->end - f->at : told;

	if (f->broken || len > f->end - f->at) {
		f->broken = true;
		return;
	}
	a->last = at + f->at;
	if (p.copied == 1) {
		read_small(f, f->at + len);
		return;
	}
	f->at += len;
	join(a, &p, len);
}

/* The bytes for error correction, which say how many they are. */
static void correction(fields *f)
{
	if (f->end == 0 || (f->b[0] & 0x80) == 0)
		return;
	f->broken = (f->b[0] & 0x70) != 0 || (f->b[0] & 15) != 2;
	f->at = 3;
}

static void payloads(asf *a, fields *f, unsigned widths, bool several, uint64_t at)
{
	const unsigned flags = several ? take(f, 1) : 1;

	f->broken = f->broken || (flags & 63) == 0 || (several && flags >> 6 == 0);
	for (unsigned i = 0; i < (flags & 63) && !f->broken; i++)
		one(a, f, widths, flags >> 6, at);
}

athar_status asf_packet(bool *fits, asf *a, uint64_t at, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, a->w->in, at, a->packet_size, err));
	fields f = {.b = b.ptr, .end = a->packet_size};

	correction(&f);
	const unsigned lengths = take(&f, 1), widths = take(&f, 1);
	const uint32_t told = take(&f, lengths >> 5 & 3);
	const uint32_t len = (lengths >> 5 & 3) == 0 ? a->packet_size : told;

	(void)take(&f, lengths >> 1 & 3);
	const uint32_t padding = take(&f, lengths >> 3 & 3);

	pass(&f, 6); /* when it is sent, how long it lasts */
	f.broken = f.broken || (lengths & 0x80) != 0 || widths >> 6 != 1 || len > a->packet_size ||
	           padding > len || len - padding < f.at;
	if (!f.broken) {
		f.end = len - padding;
		payloads(a, &f, widths, (lengths & 1) != 0, at);
	}
	*fits = !f.broken && f.at == f.end;
	return ATHAR_OK;
}
