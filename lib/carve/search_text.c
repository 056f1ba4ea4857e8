/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands in a hit and around it, as UTF-8. */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/utf8.h"
#include "carve/search.h"
#include "carve/search_code.h"

/* Where text ends: what cannot be shown tells nothing. */
static bool is_text(uint32_t character)
{
	return character >= 0x20 && (character < 0x7F || character > 0x9F) && character != 0xFFFE &&
	       character != 0xFFFF;
}

athar_status athar_spot_text(char **out, size_t *len, const athar_window *window,
                             athar_search_encoding encoding, size_t at, size_t length,
                             athar_error *err)
{
	/* A byte of Windows-1256 makes up to three. */
	char *text = athar_alloc_array(length + 1, 4, err);
	const uint8_t *p = window->bytes.ptr + at, *const end = p + length;

	*len = 0;
	if (text == NULL)
		return ATHAR_ENOMEM;
	while (p < end) {
		uint32_t character = 0;
		const size_t n = athar_code_read(&character, encoding, p, (size_t)(end - p));

		if (n != 0)
			*len += athar_utf8_encode((uint8_t *)text + *len, character);
		else
			text[(*len)++] = (char)*p;
		p += n == 0 ? 1 : n;
	}
	*out = text;
	return ATHAR_OK;
}

athar_status athar_spot_before(char **out, size_t *len, const athar_window *window,
                               const athar_spot *spot, unsigned most, athar_error *err)
{
	size_t at = spot->at;

	for (unsigned i = 0; i < most; i++) {
		uint32_t character = 0;
		const size_t n = athar_code_read_back(&character, spot->encoding,
		                                      window->bytes.ptr + at, at);

		if (n == 0 || !is_text(character))
			break;
		at -= n;
	}
	return athar_spot_text(out, len, window, spot->encoding, at, spot->at - at, err);
}

athar_status athar_spot_after(char **out, size_t *len, const athar_window *window,
                              const athar_spot *spot, unsigned most, athar_error *err)
{
	const size_t from = spot->at + spot->length;
	size_t at = from;

	for (unsigned i = 0; i < most; i++) {
		uint32_t character = 0;
		const size_t n = athar_code_read(&character, spot->encoding, window->bytes.ptr + at,
		                                 window->bytes.len - at);

		if (n == 0 || !is_text(character))
			break;
		at += n;
	}
	return athar_spot_text(out, len, window, spot->encoding, from, at - from, err);
}
