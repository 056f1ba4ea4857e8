/* SPDX-License-Identifier: BSD-2-Clause */
/* The packing of an embedded file, undone in memory. */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "carve/inside.h"
#include "inflate/inflate.h"

/* Above this, contents that are so many times larger than their packed form are bombs. */
#define BOMB_LEAST (1u << 20)
#define BOMB_TIMES 200u

typedef struct content {
	uint8_t *bytes;
	size_t len;
} content;

static athar_status load(uint8_t **out, const athar_layer *l, athar_source *in, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *bytes = athar_alloc((size_t)l->stored, err);
	ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;
	size_t got = 0;

	if (bytes == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(athar_source_read(in, bytes, (size_t)l->stored, l->offset, &got, &bad, err));
	if (got != l->stored || bad.count != 0)
		return athar_fail(err, ATHAR_EFORMAT, "not all of its packed bytes could be read");
	*out = ATHAR_GIVE(bytes);
	return ATHAR_OK;
}

static int base64_value(uint8_t c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at == NULL ? -1 : (int)(at - digits);
}

/* As RFC 2045 has it: what is no digit is passed over, = ends it. */
static athar_status undo_base64(content *out, const uint8_t *in, size_t len, athar_error *err)
{
	uint32_t bits = 0;
	unsigned count = 0;

	out->bytes = athar_alloc(len / 4 * 3 + 3, err);
	if (out->bytes == NULL)
		return ATHAR_ENOMEM;
	for (size_t i = 0; i < len && in[i] != '='; i++) {
		const int value = base64_value(in[i]);

		if (value < 0)
			continue;
		bits = bits << 6 | (uint32_t)value;
		count += 6;
		if (count < 8)
			continue;
		count -= 8;
		out->bytes[out->len++] = (uint8_t)(bits >> count);
	}
	return ATHAR_OK;
}

static int hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* After an =: the byte it stands for, or the end of a line that goes on. Returns how many bytes it
 * takes; 0: it stands for itself. */
static size_t quoted(int *value, const uint8_t *in, size_t len)
{
	*value = -1;
	if (len >= 1 && in[0] == '\n')
		return 1;
	if (len >= 2 && in[0] == '\r' && in[1] == '\n')
		return 2;
	if (len < 2 || hex_value(in[0]) < 0 || hex_value(in[1]) < 0)
		return 0;
	*value = hex_value(in[0]) * 16 + hex_value(in[1]);
	return 2;
}

static athar_status undo_quoted(content *out, const uint8_t *in, size_t len, athar_error *err)
{
	out->bytes = athar_alloc(len, err);
	if (out->bytes == NULL)
		return ATHAR_ENOMEM;
	for (size_t i = 0; i < len; i++) {
		int value = in[i];

		if (in[i] == '=') {
			const size_t used = quoted(&value, in + i + 1, len - i - 1);

			i += used;
			value = used == 0 ? '=' : value;
		}
		if (value >= 0)
			out->bytes[out->len++] = (uint8_t)value;
	}
	return ATHAR_OK;
}

static size_t bound(const athar_layer *l, size_t most)
{
	return (size_t)athar_min(most, athar_max(BOMB_LEAST, l->stored * BOMB_TIMES));
}

static athar_status undo(content *out, const athar_layer *l, const uint8_t *in, size_t most,
                         athar_error *err)
{
	size_t used;

	switch (l->transform) {
	case ATHAR_TRANSFORM_DEFLATE:
		return athar_inflate_whole(&out->bytes, &out->len, &used, in, (size_t)l->stored,
		                           bound(l, most), err);
	case ATHAR_TRANSFORM_BASE64:
		return undo_base64(out, in, (size_t)l->stored, err);
	case ATHAR_TRANSFORM_QUOTED:
		return undo_quoted(out, in, (size_t)l->stored, err);
	default:
		return athar_fail(err, ATHAR_EFORMAT, "no transform that can be undone here");
	}
}

athar_status athar_layer_unpack(uint8_t **out, athar_layer *layer, athar_source *in, size_t most,
                                athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *packed = NULL;
	ATHAR_AUTO(free) uint8_t *bytes = NULL;
	content c = {.bytes = NULL};

	if (!athar_inside(layer->offset, layer->stored, athar_source_describe(in)->size))
		return athar_fail(err, ATHAR_EFORMAT, "it is not inside its container");
	if (layer->stored > most || (layer->size != UINT64_MAX && layer->size > most))
		return athar_fail(err, ATHAR_ELIMIT, "it is larger than is unpacked");
	ATHAR_TRY(load(&packed, layer, in, err));
	const athar_status status = undo(&c, layer, packed, most, err);

	bytes = c.bytes;
	ATHAR_TRY(status);
	if (layer->size != UINT64_MAX && layer->size != c.len)
		return athar_fail(err, ATHAR_EFORMAT, "it unpacks to another size than it says");
	layer->size = c.len;
	*out = ATHAR_GIVE(bytes);
	return ATHAR_OK;
}
