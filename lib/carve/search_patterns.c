/* SPDX-License-Identifier: BSD-2-Clause */
#include "carve/search_patterns.h"

#include <string.h>

#include "athar/text.h"
#include "base/alloc.h"
#include "carve/search_preset.h"

const char *athar_search_encoding_name(athar_search_encoding encoding)
{
	static const char *const names[] = {"utf-8", "utf-16le", "windows-1256"};

	return names[encoding];
}

const char *athar_search_kind_name(athar_search_kind kind)
{
	static const char *const names[] = {"word", "regex", "phone", "email", "url"};

	return names[kind];
}

void athar_patterns_free(athar_patterns *patterns)
{
	if (patterns == NULL)
		return;
	athar_nfa_clear(&patterns->forwards);
	athar_nfa_clear(&patterns->backwards);
	free(patterns->unit);
	free(patterns);
}

static athar_status add_unit(athar_patterns *p, const athar_expression *x, athar_unit unit,
                             athar_error *err)
{
	ATHAR_TRY(athar_grow(&p->unit, &p->capacity, p->units + 1, sizeof *p->unit, err));
	ATHAR_TRY(athar_nfa_add(&p->forwards, x, unit.encoding, err));
	ATHAR_TRY(athar_nfa_add(&p->backwards, x, unit.encoding, err));
	p->unit[p->units++] = unit;
	return ATHAR_OK;
}

/* Does every encoding of one byte a character read it alike? */
static bool is_ascii(const athar_expression *x)
{
	for (size_t i = 0; i < x->sets; i++)
		for (size_t k = 0; k < x->set[i].count; k++)
			if (x->set[i].span[k].to >= 0x80)
				return false;
	return true;
}

static athar_status add_encodings(athar_patterns *p, const athar_expression *x, unsigned encodings,
                                  athar_unit unit, athar_error *err)
{
	const unsigned utf8 = 1u << ATHAR_SEARCH_UTF8;

	if ((encodings & utf8) && is_ascii(x))
		encodings &= ~(1u << ATHAR_SEARCH_CP1256);
	for (unsigned e = 0; e < ATHAR_SEARCH_ENCODINGS; e++) {
		unit.encoding = (athar_search_encoding)e;
		if (encodings & 1u << e)
			ATHAR_TRY(add_unit(p, x, unit, err));
	}
	return ATHAR_OK;
}

static athar_status add_preset(athar_patterns *p, const char *const *expression, unsigned encodings,
                               athar_unit unit, athar_error *err)
{
	if (unit.kind == ATHAR_SEARCH_PHONE)
		unit.before = unit.after = ATHAR_EDGE_DIGIT;
	for (; *expression != NULL; expression++) {
		ATHAR_AUTO(expression) athar_expression x = {.node = NULL};

		ATHAR_TRY(athar_expression_parse(&x, *expression, 0, err));
		ATHAR_TRY(add_encodings(p, &x, encodings, unit, err));
	}
	return ATHAR_OK;
}

static athar_status add_text(athar_patterns *p, const athar_search_options *o, athar_unit unit,
                             const char *text, athar_error *err)
{
	ATHAR_AUTO(expression) athar_expression x = {.node = NULL};
	const unsigned fold = ATHAR_FOLD_ARABIC | (o->case_sensitive ? 0 : ATHAR_FOLD_CASE);

	if (unit.kind == ATHAR_SEARCH_REGEX)
		ATHAR_TRY(athar_expression_parse(&x, text, fold, err));
	else
		ATHAR_TRY(athar_expression_word(&x, text, fold, err));
	unit.before = unit.after = o->whole_words ? ATHAR_EDGE_WORD : ATHAR_EDGE_NONE;
	if (x.edge_before)
		unit.before = ATHAR_EDGE_TURN;
	if (x.edge_after)
		unit.after = ATHAR_EDGE_TURN;
	return add_encodings(p, &x, o->encodings, unit, err);
}

static athar_status add_pattern(athar_patterns *p, const athar_search_options *o, size_t i,
                                athar_error *err)
{
	const athar_search_pattern *pattern = &o->pattern[i];
	const char *const *expressions = athar_preset_expressions(pattern->kind);
	const athar_unit unit = {.pattern = (uint32_t)i, .kind = pattern->kind};
	ATHAR_AUTO(free) char *shown = NULL;
	athar_status status;

	if (expressions != NULL)
		return add_preset(p, expressions, o->encodings, unit, err);
	if (!athar_text_is_utf8(pattern->text, strlen(pattern->text)))
		return athar_fail(err, ATHAR_EUSAGE, "pattern %zu is not UTF-8", i + 1);
	status = add_text(p, o, unit, pattern->text, err);
	if (status != ATHAR_EUSAGE)
		return status;
	const athar_error why = *err;
	ATHAR_TRY(athar_text_terminal(&shown, pattern->text, strlen(pattern->text), err));
	return athar_fail(err, ATHAR_EUSAGE, "pattern %zu, %.200s: %.200s", i + 1, shown, why.text);
}

athar_status athar_patterns_new(athar_patterns **out, const athar_search_options *options,
                                athar_error *err)
{
	ATHAR_AUTO(patterns) athar_patterns *p = athar_alloc(sizeof *p, err);

	if (p == NULL)
		return ATHAR_ENOMEM;
	p->backwards.backwards = true;
	p->count = options->patterns;
	if (options->patterns == 0)
		return athar_fail(err, ATHAR_EUSAGE, "nothing is looked for: no pattern is given");
	if (options->patterns > ATHAR_SEARCH_PATTERNS)
		return athar_fail(err, ATHAR_EUSAGE, "at most %u patterns are looked for at once",
		                  ATHAR_SEARCH_PATTERNS);
	for (size_t i = 0; i < options->patterns; i++)
		ATHAR_TRY(add_pattern(p, options, i, err));
	if (p->units == 0)
		return athar_fail(err, ATHAR_EUSAGE, "no encoding is asked for");
	*out = ATHAR_GIVE(p);
	return ATHAR_OK;
}
