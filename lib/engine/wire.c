/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/wire.h"

#include <string.h>

#include "athar/text.h"
#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "base/utf8.h"

/* Question marks for what a terminal or a record could stumble over. */
static void calm_down(uint8_t *text, size_t len)
{
	size_t size = 1;

	for (size_t i = 0; i < len; i += size) {
		uint32_t character = 0;

		size = athar_utf8_decode(&character, text + i, len - i);
		if (size != 0 && character >= 0x20 && character != 0x7F)
			continue;
		text[i] = '?';
		size = 1;
	}
}

void athar_wire_bytes(athar_wire *w, const void *bytes, size_t len)
{
	athar_error err = ATHAR_ERROR_INIT;

	athar_wire_number(w, len);
	if (w->failed || athar_grow(&w->bytes, &w->capacity, w->len + len, 1, &err) != ATHAR_OK) {
		w->failed = true;
		return;
	}
	if (len != 0)
		memcpy(w->bytes + w->len, bytes, len);
	w->len += len;
}

void athar_wire_number(athar_wire *w, uint64_t value)
{
	athar_error err = ATHAR_ERROR_INIT;

	if (w->failed || athar_grow(&w->bytes, &w->capacity, w->len + 8, 1, &err) != ATHAR_OK) {
		w->failed = true;
		return;
	}
	athar_put_le64(w->bytes + w->len, value);
	w->len += 8;
}

void athar_wire_text(athar_wire *w, const char *text)
{
	size_t begin = w->len + 8;

	athar_wire_bytes(w, text, strlen(text));
	if (!w->failed)
		calm_down(w->bytes + begin, w->len - begin);
}

void athar_wire_extents(athar_wire *w, const athar_extents *extents)
{
	athar_wire_number(w, extents->count);
	for (size_t i = 0; i < extents->count; i++) {
		const athar_extent *e = &extents->extent[i];

		athar_wire_number(w, e->image);
		athar_wire_number(w, e->length);
		athar_wire_number(w, e->stored);
		athar_wire_number(w, e->kind);
		athar_wire_number(w, e->transform);
	}
}

athar_status athar_wire_check(const athar_wire *w, athar_error *err)
{
	return w->failed ? athar_fail(err, ATHAR_ENOMEM, "out of memory for a message") : ATHAR_OK;
}

void athar_wire_clear(athar_wire *w)
{
	free(w->bytes);
	*w = (athar_wire)ATHAR_WIRE_INIT;
}

athar_unwire athar_unwire_begin(athar_bytes message)
{
	return (athar_unwire){.at = message.ptr, .left = message.len};
}

uint64_t athar_unwire_number(athar_unwire *u)
{
	if (u->failed || u->left < 8) {
		u->failed = true;
		return 0;
	}
	uint64_t value = athar_le64(u->at);
	u->at += 8;
	u->left -= 8;
	return value;
}

uint64_t athar_unwire_below(athar_unwire *u, uint64_t bound)
{
	uint64_t value = athar_unwire_number(u);

	if (value >= bound) {
		u->failed = true;
		return 0;
	}
	return value;
}

athar_bytes athar_unwire_bytes(athar_unwire *u)
{
	uint64_t len = athar_unwire_number(u);
	athar_bytes out = {.ptr = u->at, .len = 0};

	if (u->failed || len > u->left) {
		u->failed = true;
		return out;
	}
	out.len = (size_t)len;
	u->at += out.len;
	u->left -= out.len;
	return out;
}

static bool calm(athar_bytes text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] < 0x20 || text.ptr[i] == 0x7F)
			return false;
	return athar_text_is_utf8(text.ptr, text.len);
}

void athar_unwire_text(athar_unwire *u, char *out, size_t size)
{
	athar_bytes text = athar_unwire_bytes(u);

	out[0] = '\0';
	if (u->failed || text.len >= size || !calm(text)) {
		u->failed = true;
		return;
	}
	if (text.len != 0)
		memcpy(out, text.ptr, text.len);
	out[text.len] = '\0';
}

void athar_unwire_calm(char *out, size_t size, athar_bytes text)
{
	size_t len = (size_t)athar_min(text.len, size - 1);

	if (len != 0)
		memcpy(out, text.ptr, len);
	calm_down((uint8_t *)out, len);
	out[len] = '\0';
}

athar_status athar_unwire_extents(athar_extents *out, athar_unwire *u, athar_error *err)
{
	uint64_t count = athar_unwire_below(u, ATHAR_WIRE_EXTENTS + 1);

	for (uint64_t i = 0; i < count && !u->failed; i++) {
		athar_extent e = {.image = athar_unwire_number(u)};

		e.length = athar_unwire_number(u);
		e.stored = athar_unwire_number(u);
		e.kind = (athar_extent_kind)athar_unwire_below(u, ATHAR_EXTENT_MISSING + 1);
		e.transform = (athar_transform)athar_unwire_below(u, ATHAR_TRANSFORM_QUOTED + 1);
		if (!u->failed)
			ATHAR_TRY(athar_extents_add(out, e, err));
	}
	return ATHAR_OK;
}

athar_status athar_unwire_end(const athar_unwire *u, athar_error *err)
{
	if (u->failed || u->left != 0)
		return athar_fail(err, ATHAR_EFORMAT, "a worker's message makes no sense");
	return ATHAR_OK;
}
