/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Project VIC's lists: JSON of gigabytes, read a byte at a time and never held. An entry is an
 * object of an array that is called "Media" or "value", or that is the whole file.
 */
#include <string.h>

#include "base/alloc.h"
#include "digest/hash_list.h"

#define DEPTH_MOST 64u
#define TEXT_MOST 96u /* longer than any hash or key that matters */

typedef enum expecting {
	VALUE,
	FIRST_VALUE, /* or the end of the array */
	KEY,
	FIRST_KEY, /* or the end of the object */
	COLON,
	AFTER, /* a value: a comma or the end */
	STRING,
	ESCAPE,
	UNICODE,
	WORD /* a number, true, false, null */
} expecting;

typedef struct frame {
	bool object;
	bool entries; /* an array of them */
	bool entry, media;
	athar_listed e;
} frame;

struct athar_list_vics {
	athar_list_sink *sink;
	frame stack[DEPTH_MOST];
	size_t depth;
	expecting state;
	bool is_key, ended;
	unsigned digits; /* of a \u that are still to come */
	char key[TEXT_MOST], text[TEXT_MOST];
	size_t used; /* may be more than text holds: then it is none that matters */
	uint64_t offset, records;
};

athar_status athar_list_vics_new(athar_list_vics **out, athar_list_sink *sink, athar_error *err)
{
	athar_list_vics *v = athar_alloc(sizeof *v, err);

	if (v == NULL)
		return err->status;
	v->sink = sink;
	v->state = VALUE;
	*out = v;
	return ATHAR_OK;
}

void athar_list_vics_free(athar_list_vics *v)
{
	free(v);
}

static athar_status broken(const athar_list_vics *v, athar_error *err)
{
	return athar_fail_at(err, ATHAR_EFORMAT, v->offset, "it is no JSON from byte %llu on",
	                     (unsigned long long)v->offset);
}

static frame *top(athar_list_vics *v)
{
	return v->depth == 0 ? NULL : &v->stack[v->depth - 1];
}

/* ---- what is said ---- */

/* The value that just ended belongs to the key of the object it stands in. */
static void take_value(athar_list_vics *v)
{
	frame *f = top(v);
	const unsigned algorithm = athar_listed_by_name(v->key, strlen(v->key));

	if (f == NULL || !f->object || !f->entry)
		return;
	f->media = f->media || strcmp(v->key, "MediaID") == 0 || strcmp(v->key, "Category") == 0;
	if (v->used >= TEXT_MOST)
		return;
	if (algorithm != 0)
		(void)athar_listed_set(&f->e, algorithm, v->text, v->used);
	else if (strcmp(v->key, "Category") == 0)
		(void)athar_listed_category(&f->e, v->text, v->used);
}

/* Objects around the entries have no hashes, and are no broken entries either. */
static athar_status take_object(athar_list_vics *v, const frame *f, athar_error *err)
{
	if (!f->entry || (!f->media && f->e.algorithms == 0))
		return ATHAR_OK;
	return athar_list_take(v->sink, &f->e, ++v->records, err);
}

/* ---- the grammar ---- */

static athar_status open_frame(athar_list_vics *v, bool object, athar_error *err)
{
	const frame *above = top(v);
	const bool named = above != NULL && above->object &&
	                   (strcmp(v->key, "Media") == 0 || strcmp(v->key, "value") == 0);
	frame *f;

	if (v->depth >= DEPTH_MOST)
		return broken(v, err);
	f = &v->stack[v->depth];
	*f = (frame){.object = object, .e = ATHAR_LISTED_INIT};
	f->entries = !object && (v->depth == 0 || named);
	f->entry = object && above != NULL && above->entries;
	f->media = object ? f->entry && above->media : named && strcmp(v->key, "Media") == 0;
	v->depth++;
	v->state = object ? FIRST_KEY : FIRST_VALUE;
	return ATHAR_OK;
}

static void end_value(athar_list_vics *v)
{
	v->state = AFTER;
	v->ended = v->depth == 0;
}

static athar_status close_frame(athar_list_vics *v, bool object, athar_error *err)
{
	frame *f = top(v);

	if (f == NULL || f->object != object)
		return broken(v, err);
	if (object)
		ATHAR_TRY(take_object(v, f, err));
	v->depth--;
	v->key[0] = '\0';
	end_value(v);
	return ATHAR_OK;
}

static void add_character(athar_list_vics *v, char c)
{
	if (v->used < TEXT_MOST)
		v->text[v->used] = c;
	v->used += v->used < TEXT_MOST;
}

static void end_string(athar_list_vics *v)
{
	if (!v->is_key) {
		take_value(v);
		end_value(v);
		return;
	}
	if (v->used >= TEXT_MOST)
		v->used = 0;
	memcpy(v->key, v->text, v->used);
	v->key[v->used] = '\0';
	v->state = COLON;
}

static bool is_number(const char *text, size_t len)
{
	return len > 0 && strspn(text, "+-0123456789.eE") == len &&
	       strcspn(text, "0123456789") < len;
}

static athar_status end_word(athar_list_vics *v, athar_error *err)
{
	if (v->used >= TEXT_MOST)
		return broken(v, err);
	v->text[v->used] = '\0';
	if (!is_number(v->text, v->used) && strcmp(v->text, "true") != 0 &&
	    strcmp(v->text, "false") != 0 && strcmp(v->text, "null") != 0)
		return broken(v, err);
	take_value(v);
	end_value(v);
	return ATHAR_OK;
}

static void begin_text(athar_list_vics *v, bool is_key, expecting state)
{
	v->used = 0;
	v->is_key = is_key;
	v->state = state;
}

static athar_status begin_value(athar_list_vics *v, char c, athar_error *err)
{
	if (v->ended)
		return broken(v, err);
	if (c == '{' || c == '[')
		return open_frame(v, c == '{', err);
	if (c == ']' && v->state == FIRST_VALUE)
		return close_frame(v, false, err);
	begin_text(v, false, c == '"' ? STRING : WORD);
	if (c == '"')
		return ATHAR_OK;
	if (strchr("+-0123456789tfn", c) == NULL || c == '\0')
		return broken(v, err);
	add_character(v, c);
	return ATHAR_OK;
}

static athar_status begin_key(athar_list_vics *v, char c, athar_error *err)
{
	if (c == '}' && v->state == FIRST_KEY)
		return close_frame(v, true, err);
	if (c != '"')
		return broken(v, err);
	begin_text(v, true, STRING);
	return ATHAR_OK;
}

static athar_status after_value(athar_list_vics *v, char c, athar_error *err)
{
	const frame *f = top(v);

	if (c == '}' || c == ']')
		return close_frame(v, c == '}', err);
	if (c != ',' || f == NULL)
		return broken(v, err);
	v->state = f->object ? KEY : VALUE;
	return ATHAR_OK;
}

/* Escaped characters occur in names only: which they are does not matter. */
static athar_status in_string(athar_list_vics *v, char c, athar_error *err)
{
	if (v->state == UNICODE) {
		if (strchr("0123456789abcdefABCDEF", c) == NULL || c == '\0')
			return broken(v, err);
		v->state = --v->digits == 0 ? STRING : UNICODE;
	} else if (v->state == ESCAPE) {
		if (strchr("\"\\/bfnrtu", c) == NULL || c == '\0')
			return broken(v, err);
		add_character(v, '?');
		v->digits = 4;
		v->state = c == 'u' ? UNICODE : STRING;
	} else if (c == '\\') {
		v->state = ESCAPE;
	} else if (c == '"') {
		end_string(v);
	} else {
		add_character(v, c == '\0' ? '?' : c);
	}
	return ATHAR_OK;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static athar_status structure(athar_list_vics *v, char c, athar_error *err)
{
	if (is_space(c))
		return ATHAR_OK;
	switch (v->state) {
	case VALUE:
	case FIRST_VALUE:
		return begin_value(v, c, err);
	case KEY:
	case FIRST_KEY:
		return begin_key(v, c, err);
	case COLON:
		v->state = VALUE;
		return c == ':' ? ATHAR_OK : broken(v, err);
	default:
		return after_value(v, c, err);
	}
}

static athar_status take(athar_list_vics *v, char c, athar_error *err)
{
	if (v->state == STRING || v->state == ESCAPE || v->state == UNICODE)
		return in_string(v, c, err);
	if (v->state == WORD) {
		if (!is_space(c) && c != ',' && c != '}' && c != ']') {
			add_character(v, c);
			return ATHAR_OK;
		}
		ATHAR_TRY(end_word(v, err));
	}
	return structure(v, c, err);
}

athar_status athar_list_vics_feed(athar_list_vics *v, const uint8_t *bytes, size_t len,
                                  athar_error *err)
{
	for (size_t i = 0; i < len; i++, v->offset++) {
		const bool mark = v->offset < 3 && bytes[i] == (uint8_t) "\xEF\xBB\xBF"[v->offset];

		if (!mark)
			ATHAR_TRY(take(v, (char)bytes[i], err));
	}
	return ATHAR_OK;
}

athar_status athar_list_vics_end(athar_list_vics *v, athar_error *err)
{
	if (!v->ended)
		return athar_fail_at(err, ATHAR_EFORMAT, v->offset,
		                     "it is cut off: its JSON does not end");
	return ATHAR_OK;
}
