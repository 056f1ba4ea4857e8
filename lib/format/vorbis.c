/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/vorbis.h"

#include <string.h>
#include <strings.h>

#include "base/check.h"
#include "base/endian.h"

#define TEXT_MOST 256u

/* Titles of all pieces of an album have other keys. */
static const char *const keys[][2] = {
	{"TITLE=", "title"},     {"ARTIST=", "author"},       {"DATE=", "date"},
	{"COMMENT=", "comment"}, {"DESCRIPTION=", "comment"},
};

static void note(athar_walk *w, const uint8_t *text, size_t len)
{
	for (size_t i = 0; i < ATHAR_COUNT(keys); i++) {
		const size_t key = strlen(keys[i][0]);

		if (len > key && strncasecmp((const char *)text, keys[i][0], key) == 0)
			athar_walk_field_bytes(w, keys[i][1], text + key, len - key);
	}
}

/* A length, and so many bytes; *at moves behind them. *fits: they do. */
static athar_status take(athar_bytes *text, bool *fits, athar_walk *w, uint64_t *at, uint64_t end,
                         athar_error *err)
{
	athar_bytes b;

	*fits = false;
	if (!athar_inside(*at, 4, end))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, w->in, *at, 4, err));
	const uint64_t len = athar_le32(b.ptr);

	*at += 4;
	*fits = athar_inside(*at, len, end);
	*text = (athar_bytes){.ptr = b.ptr, .len = 0};
	if (*fits && len != 0)
		ATHAR_TRY(
			athar_reader_get(text, w->in, *at, (size_t)athar_min(len, TEXT_MOST), err));
	if (*fits)
		*at += len;
	return ATHAR_OK;
}

athar_status athar_vorbis_comments(uint64_t *behind, athar_walk *w, uint64_t at, uint64_t end,
                                   athar_error *err)
{
	athar_bytes b;
	bool fits;

	*behind = 0;
	ATHAR_TRY(take(&b, &fits, w, &at, end, err));
	if (!fits)
		return ATHAR_OK;
	athar_walk_field_bytes(w, "software", b.ptr, b.len);
	if (!athar_inside(at, 4, end))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, w->in, at, 4, err));
	const uint32_t count = athar_le32(b.ptr);

	at += 4;
	for (uint32_t i = 0; i < count; i++) {
		ATHAR_TRY(take(&b, &fits, w, &at, end, err));
		if (!fits)
			return ATHAR_OK;
		note(w, b.ptr, b.len);
	}
	*behind = at;
	return ATHAR_OK;
}
