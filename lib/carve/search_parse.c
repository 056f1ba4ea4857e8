/* SPDX-License-Identifier: BSD-2-Clause */
#include "carve/search_parse.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/utf8.h"

#define DEPTH_MOST 50u
#define TIMES_MOST 1000u

void athar_expression_clear(athar_expression *expression)
{
	for (size_t i = 0; i < expression->sets; i++)
		athar_set_clear(&expression->set[i]);
	free(expression->set);
	free(expression->node);
	*expression = (athar_expression){.node = NULL};
}

typedef struct parser {
	athar_expression *out;
	const uint8_t *text;
	size_t len, at;
	unsigned fold, depth;
} parser;

static athar_status refuse(const parser *p, const char *why, athar_error *err)
{
	return athar_fail(err, ATHAR_EUSAGE, "at byte %zu: %s", p->at + 1, why);
}

/* ---- nodes ---- */

static athar_status add_node(uint32_t *out, athar_expression *x, athar_node node, athar_error *err)
{
	ATHAR_TRY(athar_grow(&x->node, &x->capacity, x->count + 1, sizeof *x->node, err));
	*out = (uint32_t)x->count;
	x->node[x->count++] = node;
	return ATHAR_OK;
}

static athar_status join(uint32_t *out, athar_expression *x, uint32_t a, uint32_t b,
                         athar_error *err)
{
	*out = a == 0 ? b : a;
	if (a == 0 || b == 0)
		return ATHAR_OK;
	return add_node(out, x, (athar_node){.kind = ATHAR_NODE_BOTH, .a = a, .b = b}, err);
}

static athar_status repeat(uint32_t *out, athar_expression *x, uint32_t a, uint32_t least,
                           uint32_t most, athar_error *err)
{
	*out = 0;
	if (a == 0 || most == 0)
		return ATHAR_OK;
	return add_node(
		out, x,
		(athar_node){.kind = ATHAR_NODE_REPEAT, .a = a, .least = least, .most = most}, err);
}

/* Takes the set over. */
static athar_status add_set(uint32_t *out, athar_expression *x, athar_set *set, athar_error *err)
{
	ATHAR_TRY(athar_grow(&x->set, &x->set_capacity, x->sets + 1, sizeof *x->set, err));
	x->set[x->sets] = *set;
	*set = (athar_set){NULL, 0, 0};
	return add_node(out, x, (athar_node){.kind = ATHAR_NODE_SET, .a = (uint32_t)x->sets++},
	                err);
}

/* A character of the set, and the marks that may stand on it. */
static athar_status add_character(uint32_t *out, parser *p, athar_set *set, athar_error *err)
{
	const bool marked = (p->fold & ATHAR_FOLD_ARABIC) && athar_set_arabic(set);
	ATHAR_AUTO(set) athar_set marks = {NULL, 0, 0};
	uint32_t letter, mark, any;

	ATHAR_TRY(add_set(&letter, p->out, set, err));
	*out = letter;
	if (!marked)
		return ATHAR_OK;
	ATHAR_TRY(athar_set_marks(&marks, err));
	ATHAR_TRY(add_set(&mark, p->out, &marks, err));
	ATHAR_TRY(repeat(&any, p->out, mark, 0, ATHAR_NODE_ENDLESS, err));
	return join(out, p->out, letter, any, err);
}

/* ---- characters ---- */

static bool next_is(const parser *p, char c)
{
	return p->at < p->len && p->text[p->at] == (uint8_t)c;
}

static bool accept(parser *p, char c)
{
	const bool is = next_is(p, c);

	p->at += is;
	return is;
}

static athar_status take_character(uint32_t *out, parser *p, athar_error *err)
{
	const size_t n =
		p->at == p->len ? 0 : athar_utf8_decode(out, p->text + p->at, p->len - p->at);

	if (n == 0)
		return refuse(p, p->at == p->len ? "it ends too early" : "this is not UTF-8", err);
	p->at += n;
	return ATHAR_OK;
}

static int hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* \xHH and \u{H...}, behind the letter. */
static athar_status take_hex(uint32_t *out, parser *p, bool braces, athar_error *err)
{
	unsigned count = 0;

	*out = 0;
	if (braces && !accept(p, '{'))
		return refuse(p, "a character is written \\u{62A}", err);
	for (; p->at < p->len && count < (braces ? 6 : 2); count++) {
		const int value = hex_value(p->text[p->at]);

		if (value < 0)
			break;
		*out = *out << 4 | (uint32_t)value;
		p->at++;
	}
	if (count == 0 || (braces ? !accept(p, '}') : count != 2))
		return refuse(p, "hexadecimal digits are missing", err);
	if (*out > ATHAR_CHARACTER_LAST || (*out >= 0xD800 && *out <= 0xDFFF))
		return refuse(p, "there is no such character", err);
	return ATHAR_OK;
}

static athar_status add_blanks(athar_set *set, athar_error *err)
{
	ATHAR_TRY(athar_set_add(set, '\t', '\r', err));
	ATHAR_TRY(athar_set_add(set, ' ', ' ', err));
	return athar_set_add(set, 0xA0, 0xA0, err);
}

/* All others but NUL: what is no text has plenty of them. */
static athar_status opposite(athar_set *set, athar_error *err)
{
	ATHAR_TRY(athar_set_add(set, 0, 0, err));
	athar_set_settle(set);
	return athar_set_invert(set, err);
}

/* \d \w \s and their opposites. False: the letter stands for none. */
static athar_status add_named(bool *is, athar_set *set, uint32_t letter, athar_error *err)
{
	ATHAR_AUTO(set) athar_set named = {NULL, 0, 0};
	const uint32_t lower = letter | 0x20;

	*is = letter < 0x80 && (lower == 'd' || lower == 'w' || lower == 's');
	if (!*is)
		return ATHAR_OK;
	if (lower == 'd')
		ATHAR_TRY(athar_set_digits(&named, err));
	else if (lower == 'w')
		ATHAR_TRY(athar_set_word(&named, err));
	else
		ATHAR_TRY(add_blanks(&named, err));
	athar_set_settle(&named);
	if (lower != letter)
		ATHAR_TRY(opposite(&named, err));
	for (size_t i = 0; i < named.count; i++)
		ATHAR_TRY(athar_set_add(set, named.span[i].from, named.span[i].to, err));
	return ATHAR_OK;
}

/* What stands behind a backslash, as one character. */
static athar_status take_escape(uint32_t *out, parser *p, athar_error *err)
{
	ATHAR_TRY(take_character(out, p, err));
	switch (*out) {
	case 'n':
		*out = '\n';
		return ATHAR_OK;
	case 'r':
		*out = '\r';
		return ATHAR_OK;
	case 't':
		*out = '\t';
		return ATHAR_OK;
	case 'x':
		return take_hex(out, p, false, err);
	case 'u':
		return take_hex(out, p, true, err);
	default:
		break;
	}
	if (*out < 0x80 &&
	    (hex_value((uint8_t)*out) >= 0 || ((*out | 0x20) >= 'a' && (*out | 0x20) <= 'z')))
		return refuse(p, "this letter or digit means nothing behind a backslash", err);
	return ATHAR_OK;
}

/* ---- [...] ---- */

/* One character, or a named class (*named), of a class in brackets. */
static athar_status class_item(uint32_t *out, bool *named, parser *p, athar_set *set,
                               athar_error *err)
{
	*named = false;
	if (!accept(p, '\\'))
		return take_character(out, p, err);
	if (p->at < p->len) {
		ATHAR_TRY(add_named(named, set, p->text[p->at], err));
		p->at += *named;
	}
	return *named ? ATHAR_OK : take_escape(out, p, err);
}

static athar_status class_span(parser *p, athar_set *set, athar_error *err)
{
	uint32_t from = 0, to = 0;
	bool named;

	ATHAR_TRY(class_item(&from, &named, p, set, err));
	if (named)
		return ATHAR_OK;
	to = from;
	if (next_is(p, '-') && p->at + 1 < p->len && p->text[p->at + 1] != ']') {
		p->at++;
		ATHAR_TRY(class_item(&to, &named, p, set, err));
		if (named || to < from)
			return refuse(p, "a range goes from a character to a later one", err);
	}
	return athar_set_add(set, from, to, err);
}

static athar_status class(uint32_t *out, parser *p, athar_error *err)
{
	ATHAR_AUTO(set) athar_set set = {NULL, 0, 0};
	const bool inverted = accept(p, '^');

	do
		ATHAR_TRY(class_span(p, &set, err));
	while (!next_is(p, ']') && p->at < p->len);
	if (!accept(p, ']'))
		return refuse(p, "] is missing", err);
	ATHAR_TRY(athar_set_fold(&set, p->fold, err));
	if (inverted) {
		ATHAR_TRY(opposite(&set, err));
	} else {
		/* Never a surrogate, whatever a range spans. */
		ATHAR_TRY(athar_set_invert(&set, err));
		ATHAR_TRY(athar_set_invert(&set, err));
	}
	if (set.count == 0)
		return refuse(p, "no character is in this class", err);
	return add_character(out, p, &set, err);
}

/* ---- atoms ---- */

static athar_status literal(uint32_t *out, parser *p, uint32_t character, athar_error *err)
{
	ATHAR_AUTO(set) athar_set set = {NULL, 0, 0};

	ATHAR_TRY(athar_set_add(&set, character, character, err));
	ATHAR_TRY(athar_set_fold(&set, p->fold, err));
	return add_character(out, p, &set, err);
}

/* Any character of a text: no controls, so that it does not run through what is no text. */
static athar_status any(uint32_t *out, parser *p, athar_error *err)
{
	ATHAR_AUTO(set) athar_set set = {NULL, 0, 0};

	ATHAR_TRY(athar_set_add(&set, 0, 8, err));
	ATHAR_TRY(athar_set_add(&set, 10, 0x1F, err));
	ATHAR_TRY(athar_set_add(&set, 0x7F, 0x9F, err));
	ATHAR_TRY(athar_set_invert(&set, err));
	return add_set(out, p->out, &set, err);
}

static athar_status escape(uint32_t *out, parser *p, athar_error *err)
{
	ATHAR_AUTO(set) athar_set set = {NULL, 0, 0};
	uint32_t character = 0;
	bool named = false;

	if (next_is(p, 'b'))
		return refuse(p, "\\b stands at the beginning or the end of an expression only",
		              err);
	if (p->at < p->len)
		ATHAR_TRY(add_named(&named, &set, p->text[p->at], err));
	if (named) {
		p->at++;
		athar_set_settle(&set);
		return add_set(out, p->out, &set, err);
	}
	ATHAR_TRY(take_escape(&character, p, err));
	return literal(out, p, character, err);
}

static athar_status alternatives(uint32_t *out, parser *p, athar_error *err);

static athar_status group(uint32_t *out, parser *p, athar_error *err)
{
	if (accept(p, '?') && !accept(p, ':'))
		return refuse(p, "of groups with ? there is (?:...) only", err);
	if (++p->depth > DEPTH_MOST)
		return refuse(p, "groups lie too deep in one another", err);
	ATHAR_TRY(alternatives(out, p, err));
	p->depth--;
	return accept(p, ')') ? ATHAR_OK : refuse(p, ") is missing", err);
}

static athar_status atom(uint32_t *out, parser *p, athar_error *err)
{
	uint32_t character = 0;

	if (accept(p, '('))
		return group(out, p, err);
	if (accept(p, '['))
		return class(out, p, err);
	if (accept(p, '.'))
		return any(out, p, err);
	if (accept(p, '\\'))
		return escape(out, p, err);
	if (p->at < p->len && strchr("*+?{^$", p->text[p->at]) != NULL && p->text[p->at] != 0)
		return refuse(p,
		              next_is(p, '^') || next_is(p, '$')
		                      ? "an image has no lines: for the sign itself put a "
		                        "backslash before it"
		                      : "there is nothing to repeat: for the sign itself put a "
		                        "backslash before it",
		              err);
	ATHAR_TRY(take_character(&character, p, err));
	return literal(out, p, character, err);
}

/* ---- repeats ---- */

static bool take_count(uint32_t *out, parser *p)
{
	const size_t from = p->at;

	*out = 0;
	for (; p->at < p->len && p->text[p->at] >= '0' && p->text[p->at] <= '9'; p->at++)
		*out = (uint32_t)athar_min(*out * 10 + (p->text[p->at] - '0'), TIMES_MOST + 1);
	return p->at != from;
}

static athar_status take_braces(uint32_t *least, uint32_t *most, parser *p, athar_error *err)
{
	bool good = take_count(least, p);

	*most = *least;
	if (good && accept(p, ',') && !take_count(most, p))
		*most = ATHAR_NODE_ENDLESS;
	good = good && accept(p, '}');
	if (!good)
		return refuse(p, "a number of times is written {3}, {3,} or {3,5}", err);
	if (*least > *most || *least > TIMES_MOST ||
	    (*most > TIMES_MOST && *most != ATHAR_NODE_ENDLESS))
		return refuse(p, "a number of times is at most 1000, the lesser one first", err);
	return ATHAR_OK;
}

static athar_status take_times(bool *is, uint32_t *least, uint32_t *most, parser *p,
                               athar_error *err)
{
	*is = true;
	*least = next_is(p, '+') ? 1 : 0;
	*most = next_is(p, '?') ? 1 : ATHAR_NODE_ENDLESS;
	if (accept(p, '*') || accept(p, '+') || accept(p, '?'))
		return ATHAR_OK;
	*is = accept(p, '{');
	return *is ? take_braces(least, most, p, err) : ATHAR_OK;
}

static athar_status repeated(uint32_t *out, parser *p, athar_error *err)
{
	uint32_t least, most;
	bool is;

	ATHAR_TRY(atom(out, p, err));
	ATHAR_TRY(take_times(&is, &least, &most, p, err));
	if (is)
		ATHAR_TRY(repeat(out, p->out, *out, least, most, err));
	if (is && (next_is(p, '?') || next_is(p, '+') || next_is(p, '*') || next_is(p, '{')))
		return refuse(p,
		              "a repeat of a repeat: put the first one in parentheses (a match "
		              "is the longest there is)",
		              err);
	return ATHAR_OK;
}

static bool at_last_edge(const parser *p)
{
	return p->depth == 0 && p->at + 2 == p->len && p->text[p->at] == '\\' &&
	       p->text[p->at + 1] == 'b';
}

static athar_status sequence(uint32_t *out, parser *p, athar_error *err)
{
	*out = 0;
	while (p->at < p->len && !next_is(p, '|') && !next_is(p, ')') && !at_last_edge(p)) {
		uint32_t one = 0;

		ATHAR_TRY(repeated(&one, p, err));
		ATHAR_TRY(join(out, p->out, *out, one, err));
	}
	return ATHAR_OK;
}

static athar_status alternatives(uint32_t *out, parser *p, athar_error *err)
{
	ATHAR_TRY(sequence(out, p, err));
	while (accept(p, '|')) {
		athar_node either = {.kind = ATHAR_NODE_EITHER, .a = *out};

		ATHAR_TRY(sequence(&either.b, p, err));
		ATHAR_TRY(add_node(out, p->out, either, err));
	}
	return ATHAR_OK;
}

/* ---- the whole ---- */

/* Can it match nothing at all? */
static bool nullable(const athar_expression *x, uint32_t at)
{
	const athar_node *n = &x->node[at];

	switch (n->kind) {
	case ATHAR_NODE_SET:
		return false;
	case ATHAR_NODE_BOTH:
		return nullable(x, n->a) && nullable(x, n->b);
	case ATHAR_NODE_EITHER:
		return nullable(x, n->a) || nullable(x, n->b);
	case ATHAR_NODE_REPEAT:
		return n->least == 0 || nullable(x, n->a);
	default:
		return true;
	}
}

static athar_status begin(parser *p, athar_expression *out, const char *text, unsigned fold,
                          athar_error *err)
{
	uint32_t empty;

	*p = (parser){.out = out, .text = (const uint8_t *)text, .len = strlen(text), .fold = fold};
	*out = (athar_expression){.node = NULL};
	if (p->len > ATHAR_EXPRESSION_LONGEST)
		return athar_fail(err, ATHAR_EUSAGE, "it is longer than %u bytes",
		                  ATHAR_EXPRESSION_LONGEST);
	return add_node(&empty, out, (athar_node){.kind = ATHAR_NODE_EMPTY}, err);
}

static athar_status parse(parser *p, athar_error *err)
{
	if (p->len >= 2 && memcmp(p->text, "\\b", 2) == 0) {
		p->out->edge_before = true;
		p->at = 2;
	}
	ATHAR_TRY(alternatives(&p->out->root, p, err));
	if (at_last_edge(p)) {
		p->out->edge_after = true;
		p->at += 2;
	}
	if (p->at != p->len)
		return refuse(p, "( is missing", err);
	if (nullable(p->out, p->out->root))
		return athar_fail(err, ATHAR_EUSAGE, "it matches nothing at all, everywhere");
	return ATHAR_OK;
}

/* What was made before a failure is released by whoever has the expression. */
athar_status athar_expression_parse(athar_expression *out, const char *text, unsigned fold,
                                    athar_error *err)
{
	parser p;

	ATHAR_TRY(begin(&p, out, text, fold, err));
	return parse(&p, err);
}

athar_status athar_expression_word(athar_expression *out, const char *text, unsigned fold,
                                   athar_error *err)
{
	ATHAR_AUTO(set) athar_set marks = {NULL, 0, 0};
	parser p;

	ATHAR_TRY(begin(&p, out, text, fold, err));
	ATHAR_TRY(athar_set_marks(&marks, err));
	while (p.at < p.len) {
		uint32_t character = 0, one = 0;

		ATHAR_TRY(take_character(&character, &p, err));
		if ((fold & ATHAR_FOLD_ARABIC) && athar_set_has(&marks, character))
			continue;
		ATHAR_TRY(literal(&one, &p, character, err));
		ATHAR_TRY(join(&out->root, out, out->root, one, err));
	}
	if (out->root == 0)
		return athar_fail(err, ATHAR_EUSAGE, "a word without letters is found nowhere");
	return ATHAR_OK;
}
