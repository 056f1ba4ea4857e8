/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/walk.h"

#include <string.h>

#include "athar/text.h"
#include "base/check.h"
#include "base/utf8.h"
#include "inflate/inflate.h"

#define PIECE (1u << 16)
#define PIECE_FIRST (1u << 11)

void athar_walk_init(athar_walk *w, athar_claim *claim, athar_reader *in)
{
	*claim = (athar_claim){.ours = false};
	*w = (athar_walk){.in = in, .claim = claim};
}

/* A structure may lead past the range; what lies there is not in the claim, and the next read stops
 * the walk. */
static uint64_t at_most(const athar_walk *w, uint64_t at)
{
	return athar_min(at, athar_reader_size(w->in));
}

void athar_walk_begin(athar_walk *w, uint64_t at)
{
	w->claim->ours = true;
	w->claim->grade = ATHAR_GRADE_HEADER;
	w->claim->length = at_most(w, at);
	w->claim->proven = w->claim->length;
}

void athar_walk_reach(athar_walk *w, uint64_t at)
{
	w->claim->grade = ATHAR_GRADE_PARTIAL;
	w->claim->length = athar_max(w->claim->length, at_most(w, at));
}

void athar_walk_prove(athar_walk *w, uint64_t at)
{
	athar_walk_reach(w, at);
	if (!w->flawed)
		w->claim->proven = at_most(w, at);
}

static void say(athar_walk *w, const char *why, va_list args)
{
	(void)vsnprintf(w->claim->why, sizeof w->claim->why, why, args);
}

void athar_walk_flaw(athar_walk *w, const char *why, ...)
{
	va_list args;

	if (w->flawed)
		return;
	va_start(args, why);
	say(w, why, args);
	va_end(args);
	w->flawed = true;
}

athar_status athar_walk_stop(athar_walk *w, const char *why, ...)
{
	va_list args;

	va_start(args, why);
	if (!w->flawed)
		say(w, why, args);
	va_end(args);
	return ATHAR_EFORMAT;
}

void athar_walk_close(athar_walk *w, athar_grade grade, uint64_t length, const char *why, ...)
{
	va_list args;

	athar_walk_prove(w, length);
	w->claim->length = length;
	if (w->flawed)
		return;
	va_start(args, why);
	say(w, why, args);
	va_end(args);
	w->claim->grade = grade;
}

/* ---- fields ---- */

/* Where the value of this key goes; NULL: it has one, or there is no more room. */
static athar_item_field *new_field(athar_claim *claim, const char *key)
{
	for (size_t i = 0; i < claim->field_count; i++)
		if (strcmp(claim->field[i].key, key) == 0)
			return NULL;
	return claim->field_count < ATHAR_ITEM_FIELDS ? &claim->field[claim->field_count] : NULL;
}

static uint32_t calm(uint32_t character)
{
	return character < ' ' || (character >= 0x7f && character < 0xa0) ? ' ' : character;
}

/* As UTF-8, whole characters only; the length. */
static size_t spell(char *out, size_t size, const uint8_t *bytes, size_t len)
{
	const bool utf8 = athar_text_is_utf8(bytes, len);
	size_t n = 0;

	for (size_t i = 0, took; i < len; i += took) {
		uint32_t character = bytes[i];
		uint8_t form[4];

		took = utf8 ? athar_utf8_decode(&character, bytes + i, len - i) : 1;
		const size_t need = athar_utf8_encode(form, calm(character));
		if (n + need >= size)
			break;
		memcpy(out + n, form, need);
		n += need;
	}
	return n;
}

void athar_walk_field_bytes(athar_walk *w, const char *key, const uint8_t *bytes, size_t len)
{
	athar_item_field *f = new_field(w->claim, key);
	size_t n, front;

	if (f == NULL)
		return;
	n = spell(f->value, sizeof f->value, bytes, strnlen((const char *)bytes, len));
	while (n != 0 && f->value[n - 1] == ' ')
		n--;
	f->value[n] = '\0';
	front = strspn(f->value, " ");
	memmove(f->value, f->value + front, n - front + 1);
	if (n == front)
		return;
	(void)snprintf(f->key, sizeof f->key, "%s", key);
	w->claim->field_count++;
}

void athar_walk_field(athar_walk *w, const char *key, const char *value, ...)
{
	char text[sizeof w->claim->field[0].value];
	va_list args;

	va_start(args, value);
	(void)vsnprintf(text, sizeof text, value, args);
	va_end(args);
	athar_walk_field_bytes(w, key, (const uint8_t *)text, strlen(text));
}

athar_status athar_walk_settle(athar_walk *w, athar_status status, athar_error *err)
{
	if (status == ATHAR_OK)
		return ATHAR_OK;
	if (status != ATHAR_EOF && status != ATHAR_EFORMAT)
		return status;
	if (status == ATHAR_EOF && !w->flawed)
		(void)athar_walk_stop(w, "the space that could be searched ends before the file");
	*err = (athar_error)ATHAR_ERROR_INIT;
	return ATHAR_OK;
}

void athar_stream_seek(athar_stream *s, athar_reader *in, uint64_t at)
{
	*s = (athar_stream){.in = in, .at = at, .piece = PIECE_FIRST};
}

athar_status athar_stream_fill(athar_stream *s, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_some(&b, s->in, s->at, s->piece, err));
	s->piece = (size_t)athar_min(2 * s->piece, PIECE);
	s->next = b.ptr;
	s->end = b.ptr + b.len;
	s->at += b.len;
	return ATHAR_OK;
}

void athar_stream_skip(athar_stream *s, uint64_t len)
{
	uint64_t to;

	if (len <= (uint64_t)(s->end - s->next)) {
		s->next += len;
		return;
	}
	if (!athar_add(athar_stream_at(s), len, &to))
		to = UINT64_MAX;
	athar_stream_seek(s, s->in, to);
}

athar_status athar_walk_crc(uint32_t *crc, athar_reader *in, uint64_t at, uint64_t len,
                            athar_error *err)
{
	*crc = 0;
	while (len != 0) {
		athar_bytes b;

		ATHAR_TRY(athar_reader_some(&b, in, at, (size_t)athar_min(len, PIECE), err));
		*crc = athar_crc32(*crc, b.ptr, b.len);
		at += b.len;
		len -= b.len;
	}
	return ATHAR_OK;
}
