/* SPDX-License-Identifier: BSD-2-Clause */
#include "carve/search_dfa.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/sort.h"

/* Bounds: 32 MiB of transitions, members of states, states. */
#define CELLS_MOST ((size_t)8 << 20)
#define MEMBERS_MOST ((size_t)4 << 20)
#define STATES_MOST ((size_t)32 << 10)
#define SLOTS (STATES_MOST * 2)

/* A transition: the first cell of the state's row, and whether a unit is done there. */
#define DONE UINT32_C(0x80000000)
#define UNKNOWN UINT32_MAX

typedef struct row {
	uint32_t first, count; /* of its members */
} row;

struct athar_dfa {
	const athar_nfa *nfa;
	uint8_t kind[256]; /* bytes that no state tells apart are one kind */
	uint8_t example[256];
	uint32_t kinds;
	uint32_t *cell; /* of state s: cell[s * kinds ...] */
	row *state;
	uint32_t *member;
	uint32_t *slot; /* hash table: number of a state, and one */
	size_t states, states_most, members;
	uint32_t now;                 /* first cell of the state it is in */
	athar_nfa_set set, beginning; /* what begins anew at every place */
	uint32_t *begins;             /* where a byte of each kind leads from the beginning */
	size_t *begins_at;
	uint32_t *units;
};

void athar_dfa_free(athar_dfa *dfa)
{
	if (dfa == NULL)
		return;
	athar_nfa_set_free(&dfa->set);
	athar_nfa_set_free(&dfa->beginning);
	free(dfa->cell);
	free(dfa->state);
	free(dfa->member);
	free(dfa->slot);
	free(dfa->begins);
	free(dfa->begins_at);
	free(dfa->units);
	free(dfa);
}

/* ---- making ---- */

static void tell_bytes_apart(athar_dfa *d)
{
	bool border[257] = {true};
	uint32_t kind = 0;

	for (size_t i = 0; i < d->nfa->count; i++) {
		const athar_nfa_state *s = &d->nfa->state[i];

		if (s->kind != ATHAR_NFA_BYTE || s->from > s->to)
			continue;
		border[s->from] = true;
		border[s->to + 1] = true;
	}
	for (unsigned byte = 0; byte < 256; byte++) {
		kind += byte != 0 && border[byte];
		d->kind[byte] = (uint8_t)kind;
		d->example[kind] = (uint8_t)byte;
	}
	d->kinds = kind + 1;
}

static bool takes(const athar_nfa_state *s, uint8_t byte)
{
	return s->kind == ATHAR_NFA_BYTE && byte >= s->from && byte <= s->to;
}

static size_t leads(athar_dfa *d, uint8_t byte, uint32_t *out)
{
	size_t n = 0;

	for (size_t i = 0; i < d->beginning.count; i++) {
		const athar_nfa_state *s = &d->nfa->state[d->beginning.member[i]];

		if (!takes(s, byte))
			continue;
		if (out != NULL)
			out[n] = s->next;
		n++;
	}
	return n;
}

static athar_status make_beginning(athar_dfa *d, athar_error *err)
{
	size_t total = 0;

	ATHAR_TRY(athar_nfa_set_new(&d->beginning, d->nfa, err));
	athar_nfa_empty(&d->beginning, d->nfa);
	for (size_t i = 0; i < d->nfa->units; i++)
		athar_nfa_enter(&d->beginning, d->nfa, d->nfa->start[i]);
	d->begins_at = athar_alloc_array(d->kinds + 1, sizeof *d->begins_at, err);
	if (d->begins_at == NULL)
		return ATHAR_ENOMEM;
	for (uint32_t k = 0; k < d->kinds; k++) {
		d->begins_at[k] = total;
		total += leads(d, d->example[k], NULL);
	}
	d->begins_at[d->kinds] = total;
	d->begins = athar_alloc_array(total + 1, sizeof *d->begins, err);
	if (d->begins == NULL)
		return ATHAR_ENOMEM;
	for (uint32_t k = 0; k < d->kinds; k++)
		(void)leads(d, d->example[k], d->begins + d->begins_at[k]);
	return ATHAR_OK;
}

static athar_status make(athar_dfa *d, athar_error *err)
{
	tell_bytes_apart(d);
	ATHAR_TRY(make_beginning(d, err));
	ATHAR_TRY(athar_nfa_set_new(&d->set, d->nfa, err));
	d->states_most = athar_min(STATES_MOST, CELLS_MOST / d->kinds);
	d->cell = athar_alloc_array(d->states_most * d->kinds, sizeof *d->cell, err);
	d->state = athar_alloc_array(d->states_most, sizeof *d->state, err);
	d->member = athar_alloc_array(MEMBERS_MOST, sizeof *d->member, err);
	d->slot = athar_alloc_array(SLOTS, sizeof *d->slot, err);
	d->units = athar_alloc_array(d->nfa->units + 1, sizeof *d->units, err);
	if (d->cell == NULL || d->state == NULL || d->member == NULL || d->slot == NULL ||
	    d->units == NULL)
		return ATHAR_ENOMEM;
	athar_dfa_restart(d);
	return ATHAR_OK;
}

athar_status athar_dfa_new(athar_dfa **out, const athar_nfa *nfa, athar_error *err)
{
	ATHAR_AUTO(dfa) athar_dfa *d = athar_alloc(sizeof *d, err);

	if (d == NULL)
		return ATHAR_ENOMEM;
	d->nfa = nfa;
	ATHAR_TRY(make(d, err));
	*out = ATHAR_GIVE(d);
	return ATHAR_OK;
}

/* ---- states ---- */

static int by_number(const void *a, const void *b, const void *user)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	(void)user;
	return x < y ? -1 : x > y;
}

static uint32_t hash_of(const uint32_t *member, size_t count)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < count; i++)
		hash = (hash ^ member[i]) * UINT64_C(0x9E3779B97F4A7C15);
	return (uint32_t)(hash >> 32) % SLOTS;
}

static bool is_state(const athar_dfa *d, uint32_t number, const athar_nfa_set *set)
{
	const row *s = &d->state[number];

	return s->count == set->count &&
	       memcmp(d->member + s->first, set->member, s->count * sizeof *d->member) == 0;
}

static void forget(athar_dfa *d)
{
	memset(d->slot, 0, SLOTS * sizeof *d->slot);
	d->states = 0;
	d->members = 0;
}

/* Adds the members of d->set as a state: there is room. */
static uint32_t add_state(athar_dfa *d, uint32_t slot)
{
	const uint32_t number = (uint32_t)d->states++;

	d->state[number] = (row){(uint32_t)d->members, (uint32_t)d->set.count};
	memcpy(d->member + d->members, d->set.member, d->set.count * sizeof *d->member);
	d->members += d->set.count;
	memset(d->cell + (size_t)number * d->kinds, 0xFF, d->kinds * sizeof *d->cell);
	d->slot[slot] = number + 1;
	return number;
}

/* The state of d->set; *anew: all others are forgotten. */
static uint32_t find_state(athar_dfa *d, bool *anew)
{
	uint32_t slot;

	athar_sort(d->set.member, d->set.count, sizeof *d->set.member, by_number, NULL);
	slot = hash_of(d->set.member, d->set.count);
	for (; d->slot[slot] != 0; slot = (slot + 1) % SLOTS)
		if (is_state(d, d->slot[slot] - 1, &d->set))
			return d->slot[slot] - 1;
	*anew = d->states == d->states_most || d->members + d->set.count > MEMBERS_MOST;
	if (*anew) {
		forget(d);
		slot = hash_of(d->set.member, d->set.count);
	}
	return add_state(d, slot);
}

void athar_dfa_restart(athar_dfa *dfa)
{
	bool anew = false;

	athar_nfa_empty(&dfa->set, dfa->nfa);
	dfa->now = find_state(dfa, &anew) * dfa->kinds;
}

static bool any_done(const athar_dfa *d)
{
	for (size_t i = 0; i < d->set.count; i++)
		if (d->nfa->state[d->set.member[i]].kind == ATHAR_NFA_DONE)
			return true;
	return false;
}

/* What a byte of this kind leads to from the state it is in. */
static uint32_t learn(athar_dfa *d, uint8_t kind)
{
	const row from = d->state[d->now / d->kinds];
	const uint32_t here = d->now;
	bool anew = false;
	uint32_t to;

	athar_nfa_empty(&d->set, d->nfa);
	for (size_t i = d->begins_at[kind]; i < d->begins_at[kind + 1]; i++)
		athar_nfa_enter(&d->set, d->nfa, d->begins[i]);
	for (uint32_t i = 0; i < from.count; i++) {
		const athar_nfa_state *s = &d->nfa->state[d->member[from.first + i]];

		if (takes(s, d->example[kind]))
			athar_nfa_enter(&d->set, d->nfa, s->next);
	}
	to = find_state(d, &anew) * d->kinds;
	if (any_done(d))
		to |= DONE;
	if (!anew)
		d->cell[here + kind] = to;
	return to;
}

static size_t units_done(athar_dfa *d)
{
	const row *s = &d->state[d->now / d->kinds];
	size_t n = 0;

	for (uint32_t i = 0; i < s->count; i++) {
		const athar_nfa_state *state = &d->nfa->state[d->member[s->first + i]];

		if (state->kind == ATHAR_NFA_DONE)
			d->units[n++] = state->next;
	}
	return n;
}

size_t athar_dfa_run(athar_dfa *dfa, const uint8_t *bytes, size_t len, const uint32_t **units,
                     size_t *count)
{
	const uint8_t *const end = bytes + len, *at = bytes;
	const uint32_t *cell = dfa->cell;
	uint32_t now = dfa->now;

	*units = dfa->units;
	*count = 0;
	while (at < end) {
		uint32_t to = cell[now + dfa->kind[*at]];

		if (to == UNKNOWN) {
			dfa->now = now;
			to = learn(dfa, dfa->kind[*at]);
		}
		at++;
		now = to & ~DONE;
		if (to & DONE) {
			dfa->now = now;
			*count = units_done(dfa);
			break;
		}
	}
	dfa->now = now;
	return (size_t)(at - bytes);
}
