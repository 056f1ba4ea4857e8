/* SPDX-License-Identifier: BSD-2-Clause */
#include "carve/search_set.h"

#include "base/alloc.h"
#include "base/check.h"
#include "base/sort.h"

void athar_set_clear(athar_set *set)
{
	free(set->span);
	*set = (athar_set){NULL, 0, 0};
}

athar_status athar_set_add(athar_set *set, uint32_t from, uint32_t to, athar_error *err)
{
	ATHAR_TRY(athar_grow(&set->span, &set->capacity, set->count + 1, sizeof *set->span, err));
	set->span[set->count++] = (athar_span){from, to};
	return ATHAR_OK;
}

static int by_start(const void *a, const void *b, const void *user)
{
	const athar_span *x = a, *y = b;

	(void)user;
	return x->from < y->from ? -1 : x->from > y->from;
}

void athar_set_settle(athar_set *set)
{
	size_t kept = 0;

	athar_sort(set->span, set->count, sizeof *set->span, by_start, NULL);
	for (size_t i = 0; i < set->count; i++) {
		athar_span *last = kept == 0 ? NULL : &set->span[kept - 1];

		if (last != NULL && set->span[i].from <= last->to + 1)
			last->to = (uint32_t)athar_max(last->to, set->span[i].to);
		else
			set->span[kept++] = set->span[i];
	}
	set->count = kept;
}

/* Adds [from, to] but for surrogates, which are no characters. */
static athar_status add_characters(athar_set *set, uint32_t from, uint32_t to, athar_error *err)
{
	if (from < 0xD800)
		ATHAR_TRY(athar_set_add(set, from, (uint32_t)athar_min(to, 0xD7FF), err));
	if (to > 0xDFFF)
		return athar_set_add(set, (uint32_t)athar_max(from, 0xE000), to, err);
	return ATHAR_OK;
}

athar_status athar_set_invert(athar_set *set, athar_error *err)
{
	ATHAR_AUTO(set) athar_set rest = {NULL, 0, 0};
	uint32_t at = 0;

	for (size_t i = 0; i < set->count; i++) {
		if (set->span[i].from > at)
			ATHAR_TRY(add_characters(&rest, at, set->span[i].from - 1, err));
		at = set->span[i].to + 1;
	}
	if (at <= ATHAR_CHARACTER_LAST)
		ATHAR_TRY(add_characters(&rest, at, ATHAR_CHARACTER_LAST, err));
	const athar_set old = *set;
	*set = rest;
	rest = old;
	return ATHAR_OK;
}

bool athar_set_has(const athar_set *set, uint32_t character)
{
	for (size_t i = 0; i < set->count; i++)
		if (character >= set->span[i].from && character <= set->span[i].to)
			return true;
	return false;
}

/* ---- what counts as what ---- */

/* `count` characters from `from` on count as `as`. */
typedef struct alike {
	uint16_t from;
	uint8_t count;
	uint16_t as;
} alike;

static const alike arabic[] = {
	{0x0622, 2, 0x0627}, {0x0625, 1, 0x0627}, {0x0671, 1, 0x0627}, /* alef */
	{0x0624, 1, 0x0648}, {0x0626, 1, 0x064A},                      /* hamza on waw, on yeh */
	{0x0629, 1, 0x0647},                                           /* ta marbuta */
	{0x0649, 1, 0x064A}, {0x06CC, 1, 0x064A}, {0x06A9, 1, 0x0643}, /* Persian yeh and kaf */
	{0xFE80, 1, 0x0621}, {0xFE81, 4, 0x0627}, {0xFE85, 2, 0x0648}, {0xFE87, 2, 0x0627},
	{0xFE89, 4, 0x064A}, {0xFE8D, 2, 0x0627}, {0xFE8F, 4, 0x0628}, {0xFE93, 2, 0x0647},
	{0xFE95, 4, 0x062A}, {0xFE99, 4, 0x062B}, {0xFE9D, 4, 0x062C}, {0xFEA1, 4, 0x062D},
	{0xFEA5, 4, 0x062E}, {0xFEA9, 2, 0x062F}, {0xFEAB, 2, 0x0630}, {0xFEAD, 2, 0x0631},
	{0xFEAF, 2, 0x0632}, {0xFEB1, 4, 0x0633}, {0xFEB5, 4, 0x0634}, {0xFEB9, 4, 0x0635},
	{0xFEBD, 4, 0x0636}, {0xFEC1, 4, 0x0637}, {0xFEC5, 4, 0x0638}, {0xFEC9, 4, 0x0639},
	{0xFECD, 4, 0x063A}, {0xFED1, 4, 0x0641}, {0xFED5, 4, 0x0642}, {0xFED9, 4, 0x0643},
	{0xFEDD, 4, 0x0644}, {0xFEE1, 4, 0x0645}, {0xFEE5, 4, 0x0646}, {0xFEE9, 4, 0x0647},
	{0xFEED, 2, 0x0648}, {0xFEEF, 6, 0x064A},
};

/* Upper case from `from` to `to`, every `step`th; lower case lies `to_lower` behind. */
typedef struct latin {
	uint16_t from, to;
	uint8_t step, to_lower;
} latin;

static const latin cases[] = {
	{'A', 'Z', 1, 32},    {0xC0, 0xD6, 1, 32},  {0xD8, 0xDE, 1, 32},  {0x100, 0x12E, 2, 1},
	{0x132, 0x136, 2, 1}, {0x139, 0x147, 2, 1}, {0x14A, 0x176, 2, 1}, {0x179, 0x17D, 2, 1},
};

/* Of two that count as one, does the set have either? Then it gets `one`. */
static athar_status pair(athar_set *more, const athar_set *set, uint32_t one, uint32_t as,
                         athar_error *err)
{
	if (!athar_set_has(set, one) && !athar_set_has(set, as))
		return ATHAR_OK;
	ATHAR_TRY(athar_set_add(more, one, one, err));
	return athar_set_add(more, as, as, err);
}

/* Twice over these brings in all: once to what they count as, once from there. */
static athar_status arabic_once(athar_set *more, const athar_set *set, athar_error *err)
{
	for (size_t i = 0; i < ATHAR_COUNT(arabic); i++)
		for (uint32_t k = 0; k < arabic[i].count; k++)
			ATHAR_TRY(pair(more, set, arabic[i].from + k, arabic[i].as, err));
	for (uint32_t digit = 0; digit < 10; digit++) {
		ATHAR_TRY(pair(more, set, 0x0660 + digit, '0' + digit, err));
		ATHAR_TRY(pair(more, set, 0x06F0 + digit, '0' + digit, err));
	}
	return ATHAR_OK;
}

static athar_status case_once(athar_set *more, const athar_set *set, athar_error *err)
{
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++)
		for (uint32_t c = cases[i].from; c <= cases[i].to; c += cases[i].step)
			ATHAR_TRY(pair(more, set, c, c + cases[i].to_lower, err));
	return pair(more, set, 0x178, 0xFF, err);
}

athar_status athar_set_fold(athar_set *set, unsigned fold, athar_error *err)
{
	athar_set_settle(set);
	for (unsigned round = 0; round < 2; round++) {
		ATHAR_AUTO(set) athar_set more = {NULL, 0, 0};

		if (fold & ATHAR_FOLD_ARABIC)
			ATHAR_TRY(arabic_once(&more, set, err));
		if (fold & ATHAR_FOLD_CASE)
			ATHAR_TRY(case_once(&more, set, err));
		for (size_t i = 0; i < more.count; i++)
			ATHAR_TRY(athar_set_add(set, more.span[i].from, more.span[i].to, err));
		athar_set_settle(set);
	}
	return ATHAR_OK;
}

/* ---- classes ---- */

static athar_status add_all(athar_set *out, const athar_span *span, size_t count, athar_error *err)
{
	for (size_t i = 0; i < count; i++)
		ATHAR_TRY(athar_set_add(out, span[i].from, span[i].to, err));
	athar_set_settle(out);
	return ATHAR_OK;
}

static const athar_span marks[] = {
	{0x0610, 0x061A}, {0x0640, 0x0640}, {0x064B, 0x065F}, {0x0670, 0x0670},
	{0x06D6, 0x06DC}, {0x06DF, 0x06E4}, {0x06E7, 0x06E8}, {0x06EA, 0x06ED},
};

static const athar_span letters[] = {
	{0x0620, 0x063F}, {0x0641, 0x064A}, {0x066E, 0x066F}, {0x0671, 0x06D3},
	{0x06D5, 0x06D5}, {0x06FA, 0x06FC}, {0xFE80, 0xFEFC},
};

static const athar_span words[] = {
	{'0', '9'},       {'A', 'Z'},       {'_', '_'},       {'a', 'z'},       {0xAA, 0xAA},
	{0xB5, 0xB5},     {0xBA, 0xBA},     {0xC0, 0xD6},     {0xD8, 0xF6},     {0xF8, 0x2C1},
	{0x300, 0x374},   {0x376, 0x37D},   {0x37F, 0x37F},   {0x386, 0x386},   {0x388, 0x481},
	{0x483, 0x559},   {0x560, 0x588},   {0x591, 0x5BD},   {0x5BF, 0x5BF},   {0x5C1, 0x5C2},
	{0x5C4, 0x5C5},   {0x5C7, 0x5F2},   {0x610, 0x61A},   {0x620, 0x669},   {0x66E, 0x6D3},
	{0x6D5, 0x6DC},   {0x6DF, 0x6E8},   {0x6EA, 0x6FC},   {0x6FF, 0x6FF},   {0x710, 0x7FA},
	{0xFB50, 0xFBB1}, {0xFBD3, 0xFD3D}, {0xFD50, 0xFDFB}, {0xFE70, 0xFEFC},
};

static const athar_span digits[] = {{'0', '9'}, {0x0660, 0x0669}, {0x06F0, 0x06F9}};

athar_status athar_set_marks(athar_set *out, athar_error *err)
{
	return add_all(out, marks, ATHAR_COUNT(marks), err);
}

athar_status athar_set_word(athar_set *out, athar_error *err)
{
	return add_all(out, words, ATHAR_COUNT(words), err);
}

athar_status athar_set_digits(athar_set *out, athar_error *err)
{
	return add_all(out, digits, ATHAR_COUNT(digits), err);
}

static bool among(const athar_span *span, size_t count, uint32_t character)
{
	for (size_t i = 0; i < count; i++)
		if (character >= span[i].from && character <= span[i].to)
			return true;
	return false;
}

bool athar_character_word(uint32_t character)
{
	return among(words, ATHAR_COUNT(words), character);
}

int athar_character_digit(uint32_t character)
{
	for (size_t i = 0; i < ATHAR_COUNT(digits); i++)
		if (character >= digits[i].from && character <= digits[i].to)
			return (int)(character - digits[i].from);
	return -1;
}

bool athar_set_arabic(const athar_set *set)
{
	if (athar_set_has(set, marks[1].from))
		return false;
	for (size_t i = 0; i < set->count; i++)
		for (size_t k = 0; k < ATHAR_COUNT(letters); k++)
			if (set->span[i].from <= letters[k].to &&
			    set->span[i].to >= letters[k].from)
				return true;
	return false;
}
