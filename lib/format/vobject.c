/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/vobject.h"

#include <string.h>

#include "format/text_code.h"

#define DEPTH 8u
#define NAME 24u

typedef struct vobject {
	athar_walk *w;
	const athar_vobject_kind *kind;
	void *context;
	athar_lines lines;
	char open[DEPTH][NAME]; /* names of the objects that have begun */
	size_t depth;
	bool quoted;         /* the line before says, quoted-printable, that it goes on */
	bool base64;         /* the property before is in base64 */
	uint64_t count, end; /* objects that closed; behind the last of them */
	bool last;           /* no line end follows it */
} vobject;

static bool is_name(int c)
{
	return athar_is_letter(c) || athar_is_digit(c) || c == '-' || c == '_';
}

/* Is the word anywhere in the parameters? */
static bool has_word(const char *text, size_t len, const char *word)
{
	for (size_t i = 0; i < len; i++)
		if (athar_text_starts(text + i, len - i, word))
			return true;
	return false;
}

/* The first colon outside quotes. */
static size_t find_colon(const char *text, size_t from, size_t len)
{
	bool quotes = false;

	while (from < len && (text[from] != ':' || quotes)) {
		quotes ^= text[from] == '"';
		from++;
	}
	return from;
}

/* "group.NAME;PARAMETERS:VALUE" */
static bool read_line(athar_vline *out, vobject *o)
{
	const athar_lines *l = &o->lines;
	size_t begin = 0, end = 0;

	while (end < l->len && (is_name(l->line[end]) || (l->line[end] == '.' && end != 0))) {
		if (l->line[end++] == '.')
			begin = end;
	}
	const size_t colon = find_colon(l->line, end, l->len);

	if (end == begin || end == l->len || (l->line[end] != ';' && l->line[end] != ':') ||
	    (colon == l->len && !l->cut))
		return false;
	const size_t value = colon == l->len ? colon : colon + 1;

	*out = (athar_vline){.name = l->line + begin,
	                     .name_len = end - begin,
	                     .value = l->line + value,
	                     .value_len = l->len - value,
	                     .depth = o->depth};
	out->quoted = has_word(l->line + end, colon - end, "QUOTED-PRINTABLE");
	o->base64 = has_word(l->line + end, colon - end, "ENCODING=B") ||
	            has_word(l->line + end, colon - end, ";BASE64");
	return true;
}

bool athar_vline_is(const athar_vline *v, const char *name)
{
	return strlen(name) == v->name_len && athar_text_starts(v->name, v->name_len, name);
}

/* "\," is a comma, "\n" a line end. */
static size_t unescape(char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\\' && i + 1 < len) {
			i++;
			text[n++] = text[i] == 'n' || text[i] == 'N' ? ' ' : text[i];
		} else {
			text[n++] = text[i];
		}
	}
	return n;
}

void athar_vline_note(athar_walk *w, const char *key, const athar_vline *v)
{
	char text[ATHAR_LINE_KEPT];
	size_t len = v->value_len;

	memcpy(text, v->value, len);
	len = v->quoted ? athar_text_unquote(text, len) : unescape(text, len);
	athar_walk_field_bytes(w, key, (const uint8_t *)text, len);
}

/* The text behind BEGIN: or END:, without white space; false where it is no name. */
static bool read_name(char out[NAME], const athar_vline *v)
{
	size_t n = 0;

	while (n < v->value_len && n + 1 < NAME && is_name(v->value[n])) {
		out[n] = v->value[n];
		n++;
	}
	out[n] = '\0';
	while (n < v->value_len && athar_is_space(v->value[n]))
		n++;
	return out[0] != '\0' && n == v->value_len;
}

static athar_status begin_object(vobject *o, const athar_vline *v)
{
	if (o->depth == DEPTH)
		return athar_walk_stop(o->w, "too many objects lie in one another");
	if (!read_name(o->open[o->depth], v))
		return athar_walk_stop(o->w, "a line begins an object without a name");
	if (o->kind->begin != NULL)
		o->kind->begin(o->w, o->context, o->open[o->depth]);
	o->depth++;
	return ATHAR_OK;
}

/* What follows the name of the outermost object is no longer its own, whatever it is. */
static athar_status end_object(vobject *o, const athar_vline *v)
{
	const char *open = o->open[o->depth - 1];
	const size_t len = strlen(open);
	char name[NAME];

	if (!athar_text_starts(v->value, v->value_len, open) ||
	    (o->depth > 1 && (!read_name(name, v) || strlen(name) != len)))
		return athar_walk_stop(o->w, "an object ends that had not begun");
	o->depth--;
	if (o->depth != 0)
		return ATHAR_OK;
	o->count++;
	o->last = !read_name(name, v) || !o->lines.whole;
	o->end = o->last ? o->lines.from + (uint64_t)(v->value - o->lines.line) + len : o->lines.to;
	return ATHAR_OK;
}

/* Lines that belong to the value before: folded ones, and those of old writers that do not fold. */
static bool goes_on(const vobject *o)
{
	const athar_lines *l = &o->lines;
	size_t i = 0;

	if (l->len == 0 || l->line[0] == ' ' || l->line[0] == '\t' || o->quoted)
		return true;
	while (i < l->len && (athar_is_base64(l->line[i]) || l->line[i] == '='))
		i++;
	return o->base64 && i == l->len;
}

static athar_status line(vobject *o)
{
	const athar_lines *l = &o->lines;
	athar_vline v;

	if (goes_on(o)) {
		o->quoted = o->quoted && l->len != 0 && l->line[l->len - 1] == '=';
		return ATHAR_OK;
	}
	if (!read_line(&v, o))
		return athar_walk_stop(o->w, "a line is no property");
	o->quoted = v.quoted && l->line[l->len - 1] == '=';
	if (athar_vline_is(&v, "BEGIN"))
		return begin_object(o, &v);
	if (athar_vline_is(&v, "END"))
		return end_object(o, &v);
	o->kind->line(o->w, o->context, &v);
	return ATHAR_OK;
}

/* From BEGIN to END. */
static athar_status object(vobject *o, athar_error *err)
{
	do {
		ATHAR_TRY(line(o));
		if (o->depth == 0)
			break;
		athar_walk_prove(o->w, o->lines.to);
		ATHAR_TRY(athar_text_next(&o->lines, err));
		if (!o->lines.whole && !athar_lines_start(&o->lines, "END:"))
			return athar_walk_stop(o->w, "text ends before END:%s", o->kind->name);
	} while (o->depth != 0);
	athar_walk_prove(o->w, o->end);
	return ATHAR_OK;
}

static bool begins(const vobject *o)
{
	return o->lines.whole && athar_lines_start(&o->lines, "BEGIN:") && o->lines.len > 6 &&
	       athar_text_starts(o->lines.line + 6, o->lines.len - 6, o->kind->name);
}

/* The first line, and that a property or an object follows it. */
static athar_status header(vobject *o, athar_error *err)
{
	athar_vline v;

	athar_lines_begin(&o->lines, o->w->in, 0, ATHAR_CHARSET_OPEN);
	ATHAR_TRY(athar_text_next(&o->lines, err));
	if (!begins(o))
		return athar_walk_stop(o->w, "it does not begin as one");
	ATHAR_TRY(athar_text_next(&o->lines, err));
	if (!o->lines.whole || !read_line(&v, o))
		return athar_walk_stop(o->w, "no property follows the first line");
	athar_walk_begin(o->w, o->lines.to);
	athar_lines_begin(&o->lines, o->w->in, 0, ATHAR_CHARSET_OPEN);
	return athar_text_next(&o->lines, err);
}

athar_status athar_vobject_walk(uint64_t *count, athar_walk *w, const athar_vobject_kind *kind,
                                void *context, athar_error *err)
{
	vobject o = {.w = w, .kind = kind, .context = context};

	*count = 0;
	ATHAR_TRY(header(&o, err));
	w->claim->alike = true; /* lines of another object are lines as well */
	do {
		const athar_status status = object(&o, err);

		*count = o.count;
		ATHAR_TRY(status);
		if (o.last)
			break;
		ATHAR_TRY(athar_text_next(&o.lines, err));
		ATHAR_TRY(athar_lines_blank(&o.end, &o.lines, err));
	} while (begins(&o));
	athar_walk_close(w, ATHAR_GRADE_COMPLETE, o.end, "END:%s closes each of %llu", kind->name,
	                 (unsigned long long)o.count);
	return ATHAR_OK;
}
