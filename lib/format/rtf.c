/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rich Text Format (Microsoft, version 1.9.1): groups in braces, words behind backslashes. The
 * brace that closes the first group ends it.
 */
#include <string.h>

#include "format/list.h"
#include "format/text_scan.h"

#define WORD 32u
#define DEPTH 4096u

typedef struct rtf {
	athar_walk *w;
	athar_scan scan;
	uint32_t depth, info; /* groups that are open; which of them says of the document, or 0 */
	char word[WORD + 1];
	bool has_number;
	int64_t number;
	const char *key; /* of the field that the group is */
	uint32_t key_depth;
	athar_snip snip;
	int fallback; /* characters to pass, since the one before stood for them */
	int64_t time[5];
} rtf;

/* ---- what it says of itself ---- */

static void character(rtf *r, uint32_t c)
{
	if (r->fallback > 0)
		r->fallback--;
	else if (r->key != NULL && r->depth == r->key_depth)
		athar_snip_character(&r->snip, c);
}

static void note_time(rtf *r)
{
	const int64_t *t = r->time;

	if (t[0] < 1980 || t[0] > 9999 || t[1] < 1 || t[1] > 12 || t[2] < 1 || t[2] > 31 ||
	    t[3] < 0 || t[3] > 23 || t[4] < 0 || t[4] > 59)
		return;
	athar_walk_field(r->w, r->key, "%04d-%02d-%02dT%02d:%02d:00", (int)t[0], (int)t[1],
	                 (int)t[2], (int)t[3], (int)t[4]);
}

static bool is_time(const rtf *r)
{
	return strcmp(r->key, "created") == 0 || strcmp(r->key, "modified") == 0;
}

/* The group that says something ends. */
static void end_field(rtf *r)
{
	if (is_time(r))
		note_time(r);
	else
		athar_walk_field_bytes(r->w, r->key, r->snip.text, r->snip.len);
	r->key = NULL;
}

static void begin_field(rtf *r)
{
	static const char *const keys[][2] = {
		{"title", "title"},     {"author", "author"},   {"subject", "subject"},
		{"creatim", "created"}, {"revtim", "modified"}, {"doccomm", "comment"},
	};

	for (size_t i = 0; i < ATHAR_COUNT(keys); i++)
		if (strcmp(r->word, keys[i][0]) == 0)
			r->key = keys[i][1];
	r->key_depth = r->depth;
	r->snip.len = 0;
	memset(r->time, 0, sizeof r->time);
}

/* Words that only matter inside \info. */
static void info_word(rtf *r)
{
	static const char *const parts[] = {"yr", "mo", "dy", "hr", "min"};

	if (r->depth == r->info + 1 && r->key == NULL)
		begin_field(r);
	for (size_t i = 0; r->key != NULL && i < ATHAR_COUNT(parts); i++)
		if (strcmp(r->word, parts[i]) == 0)
			r->time[i] = r->number;
	if (strcmp(r->word, "u") == 0 && r->has_number) {
		character(r, (uint32_t)(r->number < 0 ? r->number + 65536 : r->number));
		r->fallback = 1;
	}
}

/* ---- its grammar ---- */

static athar_status read_number(rtf *r, int *c, athar_error *err)
{
	bool minus = *c == '-';

	r->has_number = false;
	r->number = 0;
	if (minus)
		ATHAR_TRY(athar_scan_next(c, &r->scan, err));
	while (athar_is_digit(*c)) {
		r->has_number = true;
		if (r->number < INT32_MAX)
			r->number = r->number * 10 + (*c - '0');
		ATHAR_TRY(athar_scan_next(c, &r->scan, err));
	}
	if (minus)
		r->number = -r->number;
	return ATHAR_OK;
}

/* A word, its number, the space that ends it; and what it stands for if it is \bin. */
static athar_status word(rtf *r, int c, athar_error *err)
{
	size_t n = 0;

	while (athar_is_letter(c)) {
		if (n == WORD)
			return athar_walk_stop(r->w, "a word is longer than words may be");
		r->word[n++] = (char)c;
		ATHAR_TRY(athar_scan_next(&c, &r->scan, err));
	}
	r->word[n] = '\0';
	ATHAR_TRY(read_number(r, &c, err));
	if (c != ' ')
		athar_scan_back(&r->scan);
	if (strcmp(r->word, "bin") == 0 && r->number > 0)
		athar_scan_skip(&r->scan, (uint64_t)r->number);
	if (strcmp(r->word, "info") == 0 && r->info == 0)
		r->info = r->depth;
	else if (r->info != 0)
		info_word(r);
	return ATHAR_OK;
}

static int hex(int c)
{
	if (athar_is_digit(c))
		return c - '0';
	c = athar_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What follows a backslash. */
static athar_status control(rtf *r, athar_error *err)
{
	int c = 0, high = 0, low = 0;

	ATHAR_TRY(athar_scan_next(&c, &r->scan, err));
	if (athar_is_letter(c))
		return word(r, c, err);
	if (c == ATHAR_TEXT_END) {
		athar_scan_back(&r->scan);
		return ATHAR_OK;
	}
	if (c != '\'') {
		character(r, (uint32_t)c);
		return ATHAR_OK;
	}
	ATHAR_TRY(athar_scan_next(&high, &r->scan, err));
	ATHAR_TRY(athar_scan_next(&low, &r->scan, err));
	if (hex(high) < 0 || hex(low) < 0)
		return athar_walk_stop(r->w, "a character in hexadecimal is none");
	character(r, (uint32_t)(hex(high) << 4 | hex(low)));
	return ATHAR_OK;
}

static void end_group(rtf *r)
{
	if (r->key != NULL && r->depth == r->key_depth)
		end_field(r);
	if (r->info == r->depth)
		r->info = UINT32_MAX; /* there is one only */
	r->depth--;
	r->fallback = 0;
	athar_walk_prove(r->w, r->scan.at);
}

static athar_status group(rtf *r, athar_error *err)
{
	int c = 0;

	r->depth = 1;
	while (r->depth != 0) {
		ATHAR_TRY(athar_scan_next(&c, &r->scan, err));
		if (c == ATHAR_TEXT_END) {
			athar_walk_reach(r->w, r->scan.at);
			return athar_walk_stop(r->w, "text ends before its last group");
		}
		if (c == '{' && ++r->depth > DEPTH)
			return athar_walk_stop(r->w, "too many groups lie in one another");
		if (c == '}')
			end_group(r);
		else if (c == '\\')
			ATHAR_TRY(control(r, err));
		else if (r->key != NULL && c != '{' && c != '\r' && c != '\n')
			character(r, (uint32_t)c);
	}
	return ATHAR_OK;
}

static athar_status walk(rtf *r, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, r->w->in, 0, 7, err));
	if (memcmp(b.ptr, "{\\rtf", 5) != 0 || b.ptr[5] != '1' ||
	    strchr("\\{ \r\n", b.ptr[6]) == NULL)
		return athar_walk_stop(r->w, "it does not begin as one");
	athar_walk_begin(r->w, 6);
	r->w->claim->alike = true; /* text of another is text as well */
	athar_scan_begin(&r->scan, r->w->in, 6, ATHAR_CHARSET_BYTES);
	ATHAR_TRY(group(r, err));
	uint64_t end = r->scan.at;

	ATHAR_TRY(athar_text_line_ends(&end, r->w->in, err));
	athar_walk_close(r->w, ATHAR_GRADE_COMPLETE, end,
	                 "the brace that closes its first group follows");
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	rtf r = {.w = &w};

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&r, err), err);
}

static const athar_magic magic[] = {{0, 5, {'{', '\\', 'r', 't', 'f'}}, {0, 0, {0}}};

const athar_format athar_format_rtf = {
	.name = "rtf",
	.extension = "rtf",
	.mime = "application/rtf",
	.summary = "Rich Text Format",
	.end = "the brace that closes the first group",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
