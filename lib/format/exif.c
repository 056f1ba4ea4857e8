/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exif (CIPA DC-008) in the structure of TIFF 6.0 (Adobe, 1992). Only what an examiner looks for is
 * read, and nothing is judged by it.
 */
#include "format/exif.h"

#include <string.h>

#include "base/check.h"
#include "base/endian.h"

#define ENTRIES_MOST 1024u /* of a directory, that are looked at for fields */
#define TEXT_MOST 256u

#define MAKE 0x010Fu
#define MODEL 0x0110u
#define SOFTWARE 0x0131u
#define CHANGED 0x0132u
#define ARTIST 0x013Bu
#define EXIF 0x8769u
#define TAKEN 0x9003u
#define OFFSET_CHANGED 0x9010u
#define OFFSET_TAKEN 0x9011u
#define SERIAL 0xA431u

uint16_t athar_tiff_16(const athar_tiff *t, const uint8_t *b)
{
	return t->big ? athar_be16(b) : athar_le16(b);
}

uint32_t athar_tiff_32(const athar_tiff *t, const uint8_t *b)
{
	return t->big ? athar_be32(b) : athar_le32(b);
}

athar_status athar_tiff_begin(athar_tiff *out, uint64_t *ifd, athar_reader *in, uint64_t at,
                              uint64_t len, athar_error *err)
{
	const uint64_t size = athar_reader_size(in);
	athar_bytes b;

	*ifd = 0;
	*out = (athar_tiff){.in = in, .base = at};
	if (!athar_inside(at, 8, size) || len < 8)
		return ATHAR_OK;
	out->len = athar_min(len, size - at);
	ATHAR_TRY(athar_reader_get(&b, in, at, 8, err));
	out->big = b.ptr[0] == 'M';
	if ((b.ptr[0] == 'I' || b.ptr[0] == 'M') && b.ptr[0] == b.ptr[1])
		*ifd = athar_tiff_32(out, b.ptr + 4);
	return ATHAR_OK;
}

athar_status athar_tiff_count(size_t *out, const athar_tiff *t, uint64_t ifd, athar_error *err)
{
	athar_bytes b;

	*out = 0;
	if (!athar_inside(ifd, 2, t->len))
		return ATHAR_EOF;
	ATHAR_TRY(athar_reader_get(&b, t->in, t->base + ifd, 2, err));
	*out = athar_tiff_16(t, b.ptr);
	return athar_inside(ifd + 2, ATHAR_TIFF_ENTRY * (uint64_t)*out, t->len) ? ATHAR_OK
	                                                                        : ATHAR_EOF;
}

athar_status athar_tiff_entry_get(athar_tiff_entry *out, const athar_tiff *t, uint64_t ifd,
                                  size_t i, athar_error *err)
{
	/* BYTE, ASCII, SHORT, LONG, RATIONAL, their signed kinds, FLOAT, DOUBLE, IFD. */
	static const uint8_t units[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};
	const uint64_t at = ifd + 2 + ATHAR_TIFF_ENTRY * (uint64_t)i;
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, t->in, t->base + at, ATHAR_TIFF_ENTRY, err));
	*out = (athar_tiff_entry){.tag = athar_tiff_16(t, b.ptr),
	                          .type = athar_tiff_16(t, b.ptr + 2),
	                          .count = athar_tiff_32(t, b.ptr + 4)};
	out->unit = out->type < ATHAR_COUNT(units) ? units[out->type] : 0;
	out->size = (uint64_t)out->count * out->unit;
	out->at = out->size <= 4 ? at + 8 : athar_tiff_32(t, b.ptr + 8);
	return ATHAR_OK;
}

athar_status athar_tiff_number(uint64_t *out, const athar_tiff *t, const athar_tiff_entry *e,
                               uint64_t i, athar_error *err)
{
	const uint64_t at = e->at + i * e->unit;
	athar_bytes b;

	*out = 0;
	if (i >= e->count || e->unit == 0 || e->unit > 4 || !athar_inside(at, e->unit, t->len))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, t->in, t->base + at, e->unit, err));
	*out = e->unit == 1   ? b.ptr[0]
	       : e->unit == 2 ? athar_tiff_16(t, b.ptr)
	                      : athar_tiff_32(t, b.ptr);
	return ATHAR_OK;
}

/* ---- fields ---- */

typedef struct exif {
	char make[64], model[64];
	char taken[32], taken_offset[8], changed[32], changed_offset[8];
	uint64_t more; /* the directory of Exif; 0: none */
} exif;

/* A text into a buffer, without blanks at its ends. */
static athar_status text(char *out, size_t size, const athar_tiff *t, const athar_tiff_entry *e,
                         athar_error *err)
{
	athar_bytes b;
	size_t n, front = 0;

	out[0] = '\0';
	if (e->type != 2 || e->size == 0 || !athar_inside(e->at, e->size, t->len))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, t->in, t->base + e->at, (size_t)athar_min(e->size, size - 1),
	                           err));
	n = strnlen((const char *)b.ptr, b.len);
	while (n != 0 && b.ptr[n - 1] == ' ')
		n--;
	while (front < n && b.ptr[front] == ' ')
		front++;
	memcpy(out, b.ptr + front, n - front);
	out[n - front] = '\0';
	return ATHAR_OK;
}

static athar_status note_text(athar_walk *w, const char *key, const athar_tiff *t,
                              const athar_tiff_entry *e, athar_error *err)
{
	char value[TEXT_MOST];

	ATHAR_TRY(text(value, sizeof value, t, e, err));
	athar_walk_field_bytes(w, key, (const uint8_t *)value, strlen(value));
	return ATHAR_OK;
}

static athar_status note_entry(exif *x, athar_walk *w, const athar_tiff *t,
                               const athar_tiff_entry *e, athar_error *err)
{
	switch (e->tag) {
	case MAKE:
		return text(x->make, sizeof x->make, t, e, err);
	case MODEL:
		return text(x->model, sizeof x->model, t, e, err);
	case SOFTWARE:
		return note_text(w, "software", t, e, err);
	case ARTIST:
		return note_text(w, "author", t, e, err);
	case SERIAL:
		return note_text(w, "serial", t, e, err);
	case CHANGED:
		return text(x->changed, sizeof x->changed, t, e, err);
	case TAKEN:
		return text(x->taken, sizeof x->taken, t, e, err);
	case OFFSET_CHANGED:
		return text(x->changed_offset, sizeof x->changed_offset, t, e, err);
	case OFFSET_TAKEN:
		return text(x->taken_offset, sizeof x->taken_offset, t, e, err);
	case EXIF:
		return athar_tiff_number(&x->more, t, e, 0, err);
	default:
		return ATHAR_OK;
	}
}

static athar_status note_directory(exif *x, athar_walk *w, const athar_tiff *t, uint64_t ifd,
                                   athar_error *err)
{
	size_t count;
	const athar_status status = athar_tiff_count(&count, t, ifd, err);

	if (status == ATHAR_EOF)
		return ATHAR_OK;
	ATHAR_TRY(status);
	for (size_t i = 0; i < count && i < ENTRIES_MOST; i++) {
		athar_tiff_entry e;

		ATHAR_TRY(athar_tiff_entry_get(&e, t, ifd, i, err));
		ATHAR_TRY(note_entry(x, w, t, &e, err));
	}
	return ATHAR_OK;
}

/* Does the text look like this one, any digit for a 0? */
static bool is_like(const char *text, const char *form)
{
	for (; *form != '\0'; text++, form++) {
		const bool digit = *text >= '0' && *text <= '9';

		if (*form == '0' ? !digit : *text != *form)
			return false;
	}
	return *text == '\0';
}

/* "2024:03:01 12:00:00", and "+01:00" where the zone is told. */
static void note_time(athar_walk *w, const char *key, const char *time, const char *offset)
{
	if (!is_like(time, "0000:00:00 00:00:00") || strncmp(time, "0000", 4) == 0)
		return;
	if (!is_like(offset, "+00:00") && !is_like(offset, "-00:00"))
		offset = "";
	if (strcmp(offset, "+00:00") == 0)
		offset = "Z";
	athar_walk_field(w, key, "%.4s-%.2s-%.2s%c%s%s", time, time + 5, time + 8, 'T', time + 11,
	                 offset);
}

/* Many makers repeat their name in the model. */
static void note_camera(athar_walk *w, const exif *x)
{
	char both[sizeof x->make + sizeof x->model], first[sizeof x->model];

	(void)snprintf(first, sizeof first, "%.*s", (int)strcspn(x->model, " "), x->model);
	if (x->model[0] == '\0')
		(void)snprintf(both, sizeof both, "%s", x->make);
	else if (x->make[0] == '\0' || strstr(x->make, first) != NULL)
		(void)snprintf(both, sizeof both, "%s", x->model);
	else
		(void)snprintf(both, sizeof both, "%s %s", x->make, x->model);
	athar_walk_field_bytes(w, "camera", (const uint8_t *)both, strlen(both));
}

athar_status athar_exif_fields(athar_walk *w, uint64_t at, uint64_t len, athar_error *err)
{
	exif x = {.more = 0};
	athar_tiff t;
	uint64_t ifd;

	ATHAR_TRY(athar_tiff_begin(&t, &ifd, w->in, at, len, err));
	if (ifd == 0)
		return ATHAR_OK;
	ATHAR_TRY(note_directory(&x, w, &t, ifd, err));
	if (x.more != 0)
		ATHAR_TRY(note_directory(&x, w, &t, x.more, err));
	note_camera(w, &x);
	note_time(w, "taken", x.taken, x.taken_offset);
	note_time(w, "modified", x.changed, x.changed_offset);
	return ATHAR_OK;
}
