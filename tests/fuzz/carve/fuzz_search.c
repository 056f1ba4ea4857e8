/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first byte says how, the first line is a pattern, the rest a text. Whatever is understood has
 * hits that lie in the window, in order, each once, within their bounds; and each of them is a hit
 * again where nothing but it is left of the text.
 */
#include <stdlib.h>
#include <string.h>

#include "carve/search.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void require_text(const athar_window *w, const athar_spot *spot)
{
	ATHAR_AUTO(free) char *before = NULL;
	ATHAR_AUTO(free) char *text = NULL;
	ATHAR_AUTO(free) char *after = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	size_t len = 0;

	require(athar_spot_before(&before, &len, w, spot, 20, &err) == ATHAR_OK && len <= 80);
	require(athar_spot_after(&after, &len, w, spot, 20, &err) == ATHAR_OK && len <= 80);
	require(athar_spot_text(&text, &len, w, spot->encoding, spot->at, spot->length, &err) ==
	        ATHAR_OK);
	require(len > 0);
}

static void require_order(const athar_spots_found *found, const athar_window *w)
{
	require(found->count <= ATHAR_WINDOW_HITS);
	for (size_t i = 0; i < found->count; i++) {
		const athar_spot *s = &found->spot[i];

		require(s->at >= w->from && s->at < w->to && s->length > 0);
		require(s->length <= ATHAR_SEARCH_LONGEST && s->at + s->length <= w->bytes.len);
		require(i == 0 || s->at > found->spot[i - 1].at ||
		        (s->at == found->spot[i - 1].at && s->length <= found->spot[i - 1].length));
		require_text(w, s);
	}
}

/* Edges see what lies beside a match: only without them is it one by itself. */
static void require_again(athar_searcher *s, const athar_spot *spot, const uint8_t *bytes)
{
	const athar_window w = {.bytes = {.ptr = bytes, .len = spot->length}, .to = spot->length};
	athar_error err = ATHAR_ERROR_INIT;
	athar_spots_found found;

	require(athar_searcher_run(&found, s, &w, NULL, NULL, &err) == ATHAR_OK);
	require(found.count >= 1 && found.spot[0].at == 0 && found.spot[0].length == spot->length);
}

static void search(const athar_search_options *options, const uint8_t *text, size_t len)
{
	ATHAR_AUTO(patterns) athar_patterns *patterns = NULL;
	ATHAR_AUTO(searcher) athar_searcher *s = NULL;
	const athar_window w = {.bytes = {.ptr = text, .len = len}, .from = len / 8, .to = len};
	athar_error err = ATHAR_ERROR_INIT;
	athar_spots_found found;

	if (athar_patterns_new(&patterns, options, &err) != ATHAR_OK) {
		require(err.text[0] != '\0' && patterns == NULL);
		return;
	}
	require(athar_searcher_new(&s, patterns, &err) == ATHAR_OK);
	require(athar_searcher_run(&found, s, &w, NULL, NULL, &err) == ATHAR_OK);
	require_order(&found, &w);
	if (found.count > 0 && options->pattern->kind == ATHAR_SEARCH_WORD &&
	    !options->whole_words) {
		const athar_spot first = found.spot[0];

		require_again(s, &first, text + first.at);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size < 2 ? NULL : memchr(data + 1, '\n', size - 1);
	athar_search_options options = ATHAR_SEARCH_OPTIONS_INIT;
	athar_search_pattern pattern;
	char text[1100];
	size_t len;

	if (end == NULL || (size_t)(end - data - 1) >= sizeof text)
		return 0;
	len = (size_t)(end - data - 1);
	memcpy(text, data + 1, len);
	text[len] = '\0';
	pattern = (athar_search_pattern){(athar_search_kind)((data[0] & 7) % 5), text};
	options.pattern = &pattern;
	options.patterns = 1;
	options.whole_words = data[0] & 8;
	options.case_sensitive = data[0] & 16;
	options.encodings = 1 + data[0] / 32 % 7;
	search(&options, end + 1, size - len - 2);
	return 0;
}
