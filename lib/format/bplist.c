/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Binary property lists (Apple, CFBinaryPList.c): objects one behind another from 8 on, a table of
 * where each begins, a trailer of 32 bytes. How many bytes a reference to an object has stands in
 * the trailer only, so each size is tried until the table follows the objects that it lists.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/walk.h"

#define HEAD 8u
#define TRAILER 32u
#define PIECE 4096u
#define FEW 8u     /* objects; fewer may be anything */
#define TABLES 16u /* whose trailers agree; there is one, unless somebody means harm */

typedef struct bplist {
	athar_walk *w;
	size_t ref_size;
	uint64_t at;       /* of the next object */
	uint64_t objects;  /* met so far */
	uint64_t offsets;  /* theirs, as a sum of hashes */
	uint64_t greatest; /* reference */
	uint64_t length;   /* of the file, once its trailer was found */
	unsigned tables;   /* that were compared */
	bool containers;   /* met some, so that the size of references counts */
	bool keyed;        /* an archive of an object graph */
} bplist;

static uint64_t mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

static uint64_t number(const uint8_t *p, size_t size)
{
	uint64_t value = 0;

	for (size_t i = 0; i < size; i++)
		value = value << 8 | p[i];
	return value;
}

/* ---- objects ---- */

typedef bool (*looker)(bplist *p, const uint8_t *bytes, size_t len, uint64_t before);

/* Shows [at, at + len) to `look` in pieces of whole references; false stops it. */
static athar_status show(bplist *p, uint64_t at, uint64_t len, looker look, athar_error *err)
{
	for (uint64_t before = 0; before < len;) {
		const size_t piece = (size_t)athar_min(len - before, PIECE);
		athar_bytes b;

		ATHAR_TRY(athar_reader_get(&b, p->w->in, at + before, piece, err));
		if (!look(p, b.ptr, b.len, before))
			return ATHAR_EFORMAT;
		before += piece;
	}
	return ATHAR_OK;
}

static bool references(bplist *p, const uint8_t *bytes, size_t len, uint64_t before)
{
	(void)before;
	for (size_t i = 0; i + p->ref_size <= len; i += p->ref_size)
		p->greatest = athar_max(p->greatest, number(bytes + i, p->ref_size));
	return true;
}

static bool ascii(bplist *p, const uint8_t *bytes, size_t len, uint64_t before)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] >= 0x80 || bytes[i] == 0)
			return false;
	p->keyed |= before == 0 && len == 9 && memcmp(bytes, "$archiver", 9) == 0;
	return true;
}

/* How many there are of an object, and how long its marker with that number is. */
static bool read_count(uint64_t *count, uint64_t *head, const athar_bytes *b)
{
	*count = b->ptr[0] & 0xF;
	*head = 1;
	if (*count != 0xF)
		return true;
	if (b->len < 2 || b->ptr[1] >> 4 != 1 || (b->ptr[1] & 0xF) > 3)
		return false;
	const size_t size = (size_t)1 << (b->ptr[1] & 0xF);

	if (b->len < 2 + size)
		return false;
	*count = number(b->ptr + 2, size);
	*head = 2 + size;
	return *count < UINT64_C(1) << 40;
}

/* Objects of one size; 0: the marker is another's, UINT64_MAX: nobody's. */
static uint64_t fixed_size(uint8_t marker)
{
	const uint8_t low = marker & 0xF;

	switch (marker >> 4) {
	case 0:
		return low == 0 || low == 8 || low == 9 || low == 15 ? 1 : UINT64_MAX;
	case 1:
		return low <= 4 ? 1 + (UINT64_C(1) << low) : UINT64_MAX;
	case 2:
		return low == 2 || low == 3 ? 1 + (UINT64_C(1) << low) : UINT64_MAX;
	case 3:
		return low == 3 ? 9 : UINT64_MAX;
	case 8:
		return 2 + (uint64_t)low;
	case 4:
	case 5:
	case 6:
	case 7:
	case 0xA:
	case 0xB:
	case 0xC:
	case 0xD:
		return 0;
	default:
		return UINT64_MAX;
	}
}

static athar_status counted(uint64_t *size, bplist *p, const athar_bytes *b, athar_error *err)
{
	const uint8_t kind = b->ptr[0] >> 4;
	uint64_t count = 0, head = 0;

	if (!read_count(&count, &head, b))
		return ATHAR_EFORMAT;
	*size = head + count * (kind == 6 ? 2 : 1);
	if (kind == 5)
		return show(p, p->at + head, count, ascii, err);
	if (kind < 0xA)
		return ATHAR_OK;
	count *= kind == 0xD ? 2 : 1;
	*size = head + count * p->ref_size;
	p->containers = true;
	return show(p, p->at + head, count * p->ref_size, references, err);
}

/* ---- the table ---- */

/* Does a table of that size of entry begin at p->at and list just the objects that were met? */
static athar_status try_table(bplist *p, uint64_t size, athar_error *err)
{
	const uint64_t end = p->at + p->objects * size;
	uint64_t offsets = 0;
	athar_stream s;
	athar_bytes b;
	uint8_t byte;

	if (p->tables == TABLES || !athar_inside(end, TRAILER, athar_reader_size(p->w->in)))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, p->w->in, end, TRAILER, err));
	if (b.ptr[6] != size || b.ptr[7] != p->ref_size || athar_be64(b.ptr + 8) != p->objects ||
	    athar_be64(b.ptr + 16) >= p->objects || athar_be64(b.ptr + 24) != p->at ||
	    number(b.ptr, 5) != 0 || p->greatest >= p->objects)
		return ATHAR_OK;
	p->tables++;
	athar_stream_seek(&s, p->w->in, p->at);
	for (uint64_t n = 0; n < p->objects; n++) {
		uint64_t offset = 0;

		for (uint64_t i = 0; i < size; i++) {
			ATHAR_TRY(athar_stream_byte(&byte, &s, err));
			offset = offset << 8 | byte;
		}
		offsets += mix(offset);
	}
	if (offsets == p->offsets)
		p->length = end + TRAILER;
	return ATHAR_OK;
}

/* Could a table with entries of that size begin so? The first object is the one behind the header,
 * and the second one lies behind it. */
static bool begins_table(const bplist *p, const uint8_t head[16], size_t size)
{
	const uint64_t second = number(head + size, size);

	return number(head, size) == HEAD && (p->objects == 1 || (second > HEAD && second < p->at));
}

static athar_status find_table(bplist *p, const uint8_t head[16], athar_error *err)
{
	static const uint8_t sizes[] = {1, 2, 3, 4, 8};

	for (size_t i = 0; i < sizeof sizes && p->length == 0 && p->objects != 0; i++)
		if (begins_table(p, head, sizes[i]))
			ATHAR_TRY(try_table(p, sizes[i], err));
	return ATHAR_OK;
}

/* Objects up to the table, with references of ref_size bytes. */
static athar_status try_size(bplist *p, athar_error *err)
{
	p->at = HEAD;
	p->objects = p->offsets = p->greatest = 0;
	p->keyed = false;
	for (;;) {
		uint8_t head[16] = {0};
		athar_bytes b;

		ATHAR_TRY(athar_reader_some(&b, p->w->in, p->at, sizeof head, err));
		memcpy(head, b.ptr, b.len);
		b.ptr = head;
		ATHAR_TRY(find_table(p, head, err));
		if (p->length != 0)
			return ATHAR_OK;
		uint64_t size = fixed_size(head[0]);

		if (size == UINT64_MAX)
			return ATHAR_EFORMAT;
		if (size == 0)
			ATHAR_TRY(counted(&size, p, &b, err));
		p->offsets += mix(p->at);
		p->objects++;
		p->at += size;
	}
}

static athar_status walk(bplist *p, athar_error *err)
{
	uint64_t reach = 0;
	athar_bytes b;
	bool cut = false;

	ATHAR_TRY(athar_reader_get(&b, p->w->in, 0, HEAD + 1, err));
	if (memcmp(b.ptr, "bplist00", HEAD) != 0 || fixed_size(b.ptr[HEAD]) == UINT64_MAX)
		return athar_walk_stop(p->w, "it does not begin as one");
	athar_walk_begin(p->w, HEAD);
	p->w->claim->alike = true; /* what the objects hold is not looked at */
	for (p->ref_size = 1; p->ref_size <= 8; p->ref_size *= 2) {
		const athar_status status = try_size(p, err);

		if (status == ATHAR_OK)
			break;
		if (status != ATHAR_EFORMAT && status != ATHAR_EOF)
			return status;
		*err = (athar_error)ATHAR_ERROR_INIT;
		cut |= status == ATHAR_EOF;
		if (p->objects >= FEW)
			reach = athar_max(reach, p->at);
		if (!p->containers)
			break;
	}
	if (p->length == 0) {
		if (reach != 0)
			athar_walk_reach(p->w, reach);
		return athar_walk_stop(p->w, "no table follows the objects%s",
		                       cut ? " before the space that could be searched ends" : "");
	}
	if (p->keyed)
		(void)snprintf(p->w->claim->subtype, sizeof p->w->claim->subtype, "keyed");
	athar_walk_field(p->w, "count", "%llu", (unsigned long long)p->objects);
	athar_walk_close(p->w, ATHAR_GRADE_COMPLETE, p->length,
	                 "its table lists just its %llu objects, and the trailer follows",
	                 (unsigned long long)p->objects);
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	bplist p = {.w = &w};

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&p, err), err);
}

static const athar_magic magic[] = {{0, 8, {'b', 'p', 'l', 'i', 's', 't', '0', '0'}}, {0, 0, {0}}};

const athar_format athar_format_bplist = {
	.name = "bplist",
	.extension = "plist",
	.mime = "application/x-plist",
	.summary = "binary property lists of Apple's systems",
	.end = "the trailer behind a table that lists just the objects before it",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
