/* SPDX-License-Identifier: BSD-2-Clause */
#include "carve/search.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/sort.h"
#include "carve/search_dfa.h"
#include "carve/search_patterns.h"
#include "carve/search_preset.h"

#define BEAT_EVERY ((size_t)1 << 20)
/* Looking where a match begins and how far it reaches may cost this many states a byte of the
 * window, shared by the patterns; one for which a text is made to cost more is given up. */
#define COST_FACTOR 64u
#define COST_LEAST ((uint64_t)16 << 20)
/* Characters beside a number that are looked at. */
#define DIGITS_BESIDE 8u
/* Hits before one that it may be a piece of. */
#define TWINS_BEFORE 8u

/* What a pattern has had of the window. */
typedef struct account {
	size_t hits;
	uint64_t cost;
	bool closed;
} account;

struct athar_searcher {
	const athar_patterns *patterns;
	athar_dfa *dfa;
	athar_nfa_set forwards[2], backwards[2];
	size_t *start[2]; /* of each member of forwards: where its match begins */
	size_t *done;     /* of each unit: where its last match ended */
	athar_spot *spot;
	size_t count, capacity;
	uint32_t character[ATHAR_SEARCH_LONGEST];
	account *account; /* of each pattern */
	athar_search_cut *cut;
	size_t cuts, hits_most;
	uint64_t cost_most;
	uint64_t cost; /* of the pattern at hand */
	const athar_window *window;
	size_t from; /* where reading begins, before the window */
};

void athar_searcher_free(athar_searcher *searcher)
{
	if (searcher == NULL)
		return;
	athar_dfa_free(searcher->dfa);
	for (unsigned i = 0; i < 2; i++) {
		athar_nfa_set_free(&searcher->forwards[i]);
		athar_nfa_set_free(&searcher->backwards[i]);
		free(searcher->start[i]);
	}
	free(searcher->done);
	free(searcher->account);
	free(searcher->cut);
	free(searcher->spot);
	free(searcher);
}

athar_status athar_searcher_new(athar_searcher **out, const athar_patterns *patterns,
                                athar_error *err)
{
	ATHAR_AUTO(searcher) athar_searcher *s = athar_alloc(sizeof *s, err);

	if (s == NULL)
		return ATHAR_ENOMEM;
	s->patterns = patterns;
	ATHAR_TRY(athar_dfa_new(&s->dfa, &patterns->forwards, err));
	for (unsigned i = 0; i < 2; i++) {
		ATHAR_TRY(athar_nfa_set_new(&s->forwards[i], &patterns->forwards, err));
		ATHAR_TRY(athar_nfa_set_new(&s->backwards[i], &patterns->backwards, err));
		s->start[i] =
			athar_alloc_array(patterns->forwards.count + 1, sizeof *s->start[i], err);
		if (s->start[i] == NULL)
			return ATHAR_ENOMEM;
	}
	s->done = athar_alloc_array(patterns->units, sizeof *s->done, err);
	s->account = athar_alloc_array(patterns->count, sizeof *s->account, err);
	s->cut = athar_alloc_array(patterns->count, sizeof *s->cut, err);
	if (s->done == NULL || s->account == NULL || s->cut == NULL)
		return ATHAR_ENOMEM;
	s->hits_most = (size_t)athar_min(ATHAR_WINDOW_HITS,
	                                 athar_max(100, 10 * ATHAR_WINDOW_HITS / patterns->count));
	*out = ATHAR_GIVE(s);
	return ATHAR_OK;
}

/* ---- edges ---- */

/* Is there a digit among the letters and digits beside a place? Then a number there is a piece of a
 * longer one, or of a hash. A letter alone may be the end of another field. */
static bool beside_digits(const athar_searcher *s, athar_search_encoding encoding, size_t at,
                          bool before)
{
	const athar_bytes *b = &s->window->bytes;

	for (unsigned i = 0; i < DIGITS_BESIDE; i++) {
		uint32_t c = 0;
		const size_t n = before ? athar_code_read_back(&c, encoding, b->ptr + at, at)
		                        : athar_code_read(&c, encoding, b->ptr + at, b->len - at);

		if (n == 0 || !athar_character_word(c))
			return false;
		if (athar_character_digit(c) >= 0)
			return true;
		at = before ? at - n : at + n;
	}
	return false;
}

static bool keeps_edge(const athar_searcher *s, athar_search_encoding encoding, athar_edge edge,
                       size_t at, bool before)
{
	const athar_bytes *b = &s->window->bytes;
	uint32_t left = 0, right = 0;

	if (edge == ATHAR_EDGE_NONE)
		return true;
	if (edge == ATHAR_EDGE_DIGIT)
		return !beside_digits(s, encoding, at, before);
	if (athar_code_read_back(&left, encoding, b->ptr + at, at) == 0)
		left = 0;
	if (athar_code_read(&right, encoding, b->ptr + at, b->len - at) == 0)
		right = 0;
	if (edge == ATHAR_EDGE_WORD)
		return !athar_character_word(before ? left : right);
	return athar_character_word(left) != athar_character_word(right);
}

/* ---- one match ---- */

/* Takes a byte, from set[0] to set[0]. True: the unit is done there. */
static bool advance(athar_nfa_set *set, const athar_nfa *nfa, uint8_t byte)
{
	const athar_nfa_set old = set[0];
	bool done = false;

	set[0] = set[1];
	set[1] = old;
	athar_nfa_empty(&set[0], nfa);
	for (size_t i = 0; i < old.count; i++) {
		const athar_nfa_state *s = &nfa->state[old.member[i]];

		if (s->kind == ATHAR_NFA_BYTE && byte >= s->from && byte <= s->to)
			athar_nfa_enter(&set[0], nfa, s->next);
	}
	for (size_t i = 0; i < set[0].count && !done; i++)
		done = nfa->state[set[0].member[i]].kind == ATHAR_NFA_DONE;
	return done;
}

static void enter_start(athar_nfa_set *set, const athar_nfa *nfa, size_t unit)
{
	athar_nfa_empty(&set[0], nfa);
	athar_nfa_enter(&set[0], nfa, nfa->start[unit]);
}

/* Before it no match that ends at `end` begins. */
static size_t floor_of(const athar_searcher *s, size_t unit, size_t end)
{
	const bool near = end - s->from < ATHAR_SEARCH_LONGEST;

	return athar_max(near ? s->from : end - ATHAR_SEARCH_LONGEST, s->done[unit]);
}

/* The first place where a match that ends at `end` begins. */
static bool find_beginning(size_t *out, athar_searcher *s, size_t unit, size_t end)
{
	const athar_nfa *nfa = &s->patterns->backwards;
	const athar_unit *u = &s->patterns->unit[unit];
	const size_t floor = floor_of(s, unit, end);
	bool found = false;

	enter_start(s->backwards, nfa, unit);
	for (size_t at = end; at > floor && s->backwards[0].count != 0; at--) {
		s->cost += 1 + s->backwards[0].count;
		if (!advance(s->backwards, nfa, s->window->bytes.ptr[at - 1]) ||
		    !keeps_edge(s, u->encoding, u->before, at - 1, true))
			continue;
		*out = at - 1;
		found = true;
	}
	return found;
}

/* The last place where a match that begins at `at` ends: at least `end`. */
static size_t find_end(athar_searcher *s, size_t unit, size_t at, size_t end)
{
	const athar_nfa *nfa = &s->patterns->forwards;
	const athar_unit *u = &s->patterns->unit[unit];
	const size_t limit = athar_min(s->window->bytes.len, at + ATHAR_SEARCH_LONGEST);

	enter_start(s->forwards, nfa, unit);
	for (; at < limit && s->forwards[0].count != 0; at++) {
		s->cost += 1 + s->forwards[0].count;
		if (advance(s->forwards, nfa, s->window->bytes.ptr[at]) && at + 1 > end &&
		    keeps_edge(s, u->encoding, u->after, at + 1, false))
			end = at + 1;
	}
	return end;
}

/* Of expressions: one that ends later may begin before. All that begin from the last match on are
 * followed together, earliest first; each state keeps the earliest beginning that leads to it. */
typedef struct chase {
	size_t unit, end; /* a match ends here */
	size_t from, to;  /* the best so far; to 0: none */
} chase;

static void enter_from(athar_searcher *s, uint32_t state, size_t start)
{
	const size_t old = s->forwards[0].count;

	athar_nfa_enter(&s->forwards[0], &s->patterns->forwards, state);
	for (size_t i = old; i < s->forwards[0].count; i++)
		s->start[0][i] = start;
}

static void swap_sets(athar_searcher *s)
{
	const athar_nfa_set set = s->forwards[0];
	size_t *const start = s->start[0];

	s->forwards[0] = s->forwards[1];
	s->forwards[1] = set;
	s->start[0] = s->start[1];
	s->start[1] = start;
	athar_nfa_empty(&s->forwards[0], &s->patterns->forwards);
}

/* A unit is done in front of `at`: the earliest beginning comes first. */
static void note_done(chase *c, const athar_searcher *s, size_t at)
{
	const athar_unit *u = &s->patterns->unit[c->unit];

	for (size_t i = 0; i < s->forwards[0].count; i++) {
		const uint32_t member = s->forwards[0].member[i];

		if (s->patterns->forwards.state[member].kind != ATHAR_NFA_DONE ||
		    (c->to != 0 && s->start[0][i] > c->from) ||
		    !keeps_edge(s, u->encoding, u->after, at, false))
			continue;
		c->from = s->start[0][i];
		c->to = at;
	}
}

/* Takes the byte at `at`. */
static void chase_byte(chase *c, athar_searcher *s, size_t at)
{
	const athar_nfa_state *const states = s->patterns->forwards.state;
	const uint8_t byte = s->window->bytes.ptr[at];

	swap_sets(s);
	s->cost += 1 + s->forwards[1].count;
	for (size_t i = 0; i < s->forwards[1].count; i++) {
		const athar_nfa_state *n = &states[s->forwards[1].member[i]];
		const size_t start = s->start[1][i];

		if ((c->to == 0 || start <= c->from) && at - start < ATHAR_SEARCH_LONGEST &&
		    n->kind == ATHAR_NFA_BYTE && byte >= n->from && byte <= n->to)
			enter_from(s, n->next, start);
	}
	note_done(c, s, at + 1);
}

static void find_first(chase *c, athar_searcher *s)
{
	const athar_unit *u = &s->patterns->unit[c->unit];

	athar_nfa_empty(&s->forwards[0], &s->patterns->forwards);
	for (size_t at = floor_of(s, c->unit, c->end); at < s->window->bytes.len; at++) {
		if (c->to == 0 && at < c->end && keeps_edge(s, u->encoding, u->before, at, true))
			enter_from(s, s->patterns->forwards.start[c->unit], at);
		if (s->forwards[0].count == 0 && (c->to != 0 || at >= c->end))
			break;
		chase_byte(c, s, at);
	}
}

static bool passes(athar_searcher *s, const athar_unit *u, size_t at, size_t end)
{
	size_t count = 0, step;

	if (u->kind == ATHAR_SEARCH_WORD || u->kind == ATHAR_SEARCH_REGEX)
		return true;
	for (; at < end && count < ATHAR_SEARCH_LONGEST; at += step, count++) {
		step = athar_code_read(&s->character[count], u->encoding, s->window->bytes.ptr + at,
		                       end - at);
		if (step == 0)
			return false;
	}
	return athar_preset_check(u->kind, s->character, count);
}

static void give_up(athar_searcher *s, uint32_t pattern, size_t at, bool full)
{
	const size_t place = athar_max(at, s->window->from);

	s->account[pattern].closed = true;
	if (place < s->window->to)
		s->cut[s->cuts++] =
			(athar_search_cut){.pattern = pattern, .at = place, .full = full};
}

static athar_status keep(athar_searcher *s, const athar_unit *u, size_t at, size_t end,
                         athar_error *err)
{
	if (at < s->window->from || at >= s->window->to)
		return ATHAR_OK;
	if (s->account[u->pattern].hits == s->hits_most) {
		give_up(s, u->pattern, at, true);
		return ATHAR_OK;
	}
	s->account[u->pattern].hits++;
	ATHAR_TRY(athar_grow(&s->spot, &s->capacity, s->count + 1, sizeof *s->spot, err));
	s->spot[s->count++] = (athar_spot){
		.at = at, .length = end - at, .pattern = u->pattern, .encoding = u->encoding};
	return ATHAR_OK;
}

/* A unit may be done at `end`. */
static athar_status look(athar_searcher *s, size_t unit, size_t end, athar_error *err)
{
	const athar_unit *u = &s->patterns->unit[unit];
	chase c = {.unit = unit, .end = end};

	if (end <= s->done[unit] || !keeps_edge(s, u->encoding, u->after, end, false) ||
	    !find_beginning(&c.from, s, unit, end))
		return ATHAR_OK;
	/* A word has as many characters wherever it begins. */
	if (u->kind == ATHAR_SEARCH_WORD)
		c.to = find_end(s, unit, c.from, end);
	else
		find_first(&c, s);
	s->done[unit] = c.to;
	return passes(s, u, c.from, c.to) ? keep(s, u, c.from, c.to, err) : ATHAR_OK;
}

/* ---- one window ---- */

static athar_status look_all(athar_searcher *s, const uint32_t *units, size_t count, size_t end,
                             athar_error *err)
{
	for (size_t i = 0; i < count; i++) {
		const uint32_t pattern = s->patterns->unit[units[i]].pattern;
		account *a = &s->account[pattern];

		if (a->closed)
			continue;
		s->cost = 0;
		ATHAR_TRY(look(s, units[i], end, err));
		a->cost += s->cost;
		if (a->cost > s->cost_most && !a->closed)
			give_up(s, pattern,
			        athar_max(s->done[units[i]], floor_of(s, units[i], end)), false);
	}
	return ATHAR_OK;
}

/* Up to the next beat; *at moves on. */
static athar_status search_part(size_t *at, athar_searcher *s, size_t stop, athar_error *err)
{
	while (*at < stop && s->cuts < s->patterns->count) {
		const uint32_t *units;
		size_t count;

		*at += athar_dfa_run(s->dfa, s->window->bytes.ptr + *at, stop - *at, &units,
		                     &count);
		ATHAR_TRY(look_all(s, units, count, *at, err));
	}
	return ATHAR_OK;
}

static int by_place(const void *a, const void *b, const void *user)
{
	const athar_spot *x = a, *y = b;

	(void)user;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	if (x->length != y->length)
		return x->length > y->length ? -1 : 1;
	if (x->pattern != y->pattern)
		return x->pattern < y->pattern ? -1 : 1;
	return (int)x->encoding - (int)y->encoding;
}

/* Two encodings read the same bytes alike (all but UTF-16 have ASCII in common), or of two
 * expressions of a preset one matches within the other. */
static bool is_twin(const athar_spot *a, const athar_spot *b)
{
	const bool wide = a->encoding == ATHAR_SEARCH_UTF16LE;

	return a->pattern == b->pattern && wide == (b->encoding == ATHAR_SEARCH_UTF16LE) &&
	       b->at + b->length <= a->at + a->length;
}

static void drop_twins(athar_searcher *s)
{
	size_t kept = 0;

	athar_sort(s->spot, s->count, sizeof *s->spot, by_place, NULL);
	for (size_t i = 0; i < s->count; i++) {
		bool twin = false;

		for (size_t k = 1; k <= athar_min(kept, TWINS_BEFORE); k++)
			twin = twin || is_twin(&s->spot[kept - k], &s->spot[i]);
		if (!twin)
			s->spot[kept++] = s->spot[i];
	}
	s->count = kept;
}

static void begin(athar_searcher *s, const athar_window *window)
{
	const size_t size = window->to - window->from;

	s->window = window;
	s->from = window->from - athar_min(window->from, ATHAR_SEARCH_LONGEST);
	s->count = 0;
	s->cuts = 0;
	memset(s->account, 0, s->patterns->count * sizeof *s->account);
	s->cost_most = athar_max(COST_LEAST, (uint64_t)size * COST_FACTOR / s->patterns->count);
	for (size_t i = 0; i < s->patterns->units; i++)
		s->done[i] = s->from;
	athar_dfa_restart(s->dfa);
}

athar_status athar_searcher_run(athar_spots_found *out, athar_searcher *searcher,
                                const athar_window *window,
                                athar_status (*beat)(void *user, uint64_t done, athar_error *err),
                                void *user, athar_error *err)
{
	const size_t end = athar_min(window->bytes.len, window->to + ATHAR_SEARCH_LONGEST);
	size_t at;

	begin(searcher, window);
	for (at = searcher->from; at < end && searcher->cuts < searcher->patterns->count;) {
		ATHAR_TRY(search_part(&at, searcher, athar_min(end, at + BEAT_EVERY), err));
		if (beat != NULL)
			ATHAR_TRY(beat(user, at, err));
	}
	drop_twins(searcher);
	*out = (athar_spots_found){.spot = searcher->spot,
	                           .count = searcher->count,
	                           .cut = searcher->cut,
	                           .cuts = searcher->cuts};
	return ATHAR_OK;
}
