/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Members of ZIP, as the directory lists them: those that are stored or deflated and not encrypted.
 * Of an office document the parts that are the document itself, its XML, are no files of their own.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "carve/inside.h"

#define CENTRAL 0x02014B50u
#define END 0x06054B50u
#define END64 0x06064B50u
#define LOCATOR64 0x07064B50u
#define FULL 0xFFFFFFFFu
#define TAIL (22u + 65535u)

typedef struct directory {
	uint64_t at, end, count;
} directory;

/* The last end record: a comment may follow it. False: there is none. */
static bool find_end(uint64_t *out, athar_bytes tail, uint64_t origin)
{
	for (size_t i = tail.len < 22 ? 0 : tail.len - 21; i-- > 0;)
		if (athar_le32(tail.ptr + i) == END) {
			*out = origin + i;
			return true;
		}
	return false;
}

static athar_status read_wide(directory *d, athar_listing *x, uint64_t end, athar_error *err)
{
	athar_bytes b;

	if (end < 20)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, x->in, end - 20, 20, err));
	const uint64_t at = athar_le64(b.ptr + 8);

	if (athar_le32(b.ptr) != LOCATOR64 || !athar_inside(at, 56, x->size))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, x->in, at, 56, err));
	if (athar_le32(b.ptr) != END64)
		return ATHAR_OK;
	d->count = athar_le64(b.ptr + 32);
	d->at = athar_le64(b.ptr + 48);
	if (!athar_add(d->at, athar_le64(b.ptr + 40), &d->end))
		d->end = 0;
	return ATHAR_OK;
}

static athar_status find_directory(directory *d, athar_listing *x, athar_error *err)
{
	const uint64_t origin = x->size - athar_min(x->size, TAIL);
	uint64_t end = 0;
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, x->in, origin, (size_t)(x->size - origin), err));
	if (!find_end(&end, b, origin))
		return ATHAR_OK;
	const uint8_t *p = b.ptr + (end - origin);

	d->count = athar_le16(p + 10);
	d->at = athar_le32(p + 16);
	d->end = d->at + athar_le32(p + 12);
	if (d->count == 0xFFFF || d->at == FULL)
		ATHAR_TRY(read_wide(d, x, end, err));
	d->end = athar_min(d->end, x->size);
	return ATHAR_OK;
}

/* The zip64 field: 64-bit values for those of the 32-bit ones that are full. */
static void widen(uint64_t *const values[3], const uint8_t *extra, size_t len)
{
	for (size_t at = 0; len - at >= 4;) {
		const size_t end = athar_min(len, at + 4 + athar_le16(extra + at + 2));
		const bool wide = athar_le16(extra + at) == 1;

		at += 4;
		for (size_t i = 0; i < 3 && wide; i++) {
			if (*values[i] != FULL || end - at < 8)
				continue;
			*values[i] = athar_le64(extra + at);
			at += 8;
		}
		at = end;
	}
}

static bool is_document(const athar_listing *x)
{
	static const char *const kinds[] = {"docx", "xlsx", "pptx", "odt",  "ods",  "odp",
	                                    "odg",  "epub", "vsdx", "docm", "xlsm", "pptm"};

	for (size_t i = 0; i < ATHAR_COUNT(kinds); i++)
		if (strcmp(x->subtype, kinds[i]) == 0)
			return true;
	return false;
}

static bool ends_with(const athar_layer *l, const char *end)
{
	const size_t len = strlen(end);

	return l->name_len >= len && memcmp(l->name + l->name_len - len, end, len) == 0;
}

static bool is_own_part(const athar_listing *x, const athar_layer *l)
{
	return is_document(x) && (ends_with(l, ".xml") || ends_with(l, ".rels") ||
	                          ends_with(l, ".rdf") || ends_with(l, "mimetype"));
}

/* The local header at l->offset says where the data begin. */
static athar_status give(athar_listing *x, athar_layer *l, athar_error *err)
{
	athar_bytes b;

	if (!athar_inside(l->offset, 30, x->size))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, x->in, l->offset, 30, err));
	l->offset += 30u + athar_le16(b.ptr + 26) + athar_le16(b.ptr + 28);
	return athar_listing_give(x, l, err);
}

static athar_status read_entry(directory *d, athar_listing *x, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, x->in, d->at, 46, err));
	const uint16_t flags = athar_le16(b.ptr + 8), method = athar_le16(b.ptr + 10);
	const size_t name = athar_le16(b.ptr + 28), extra = athar_le16(b.ptr + 30);
	const bool ours = athar_le32(b.ptr) == CENTRAL;
	athar_layer l = {.stored = athar_le32(b.ptr + 20),
	                 .size = athar_le32(b.ptr + 24),
	                 .offset = athar_le32(b.ptr + 42),
	                 .transform = method == 8 ? ATHAR_TRANSFORM_DEFLATE : ATHAR_TRANSFORM_NONE};
	const uint64_t next = d->at + 46 + name + extra + athar_le16(b.ptr + 32);

	if (!ours || next > d->end) {
		d->at = d->end;
		return ATHAR_OK;
	}
	ATHAR_TRY(athar_reader_get(&b, x->in, d->at + 46, name + extra, err));
	athar_layer_name(&l, b.ptr, name);
	widen((uint64_t *const[]){&l.size, &l.stored, &l.offset}, b.ptr + name, extra);
	d->at = next;
	if ((flags & 1) != 0 || (method != 0 && method != 8) || is_own_part(x, &l) ||
	    (method == 0 && l.stored != l.size))
		return ATHAR_OK;
	return give(x, &l, err);
}

static athar_status list(athar_listing *x, athar_error *err)
{
	directory d = {.at = 0};

	ATHAR_TRY(find_directory(&d, x, err));
	for (uint64_t i = 0; i < d.count && d.end - d.at >= 46 && d.at < d.end; i++)
		ATHAR_TRY(read_entry(&d, x, err));
	return ATHAR_OK;
}

const athar_container athar_container_zip = {.format = "zip", .list = list};
