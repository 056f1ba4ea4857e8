/* SPDX-License-Identifier: BSD-2-Clause */
#include "carve/search_nfa.h"

#include <string.h>

#include "base/alloc.h"

void athar_nfa_clear(athar_nfa *nfa)
{
	free(nfa->state);
	free(nfa->start);
	*nfa = (athar_nfa){.state = NULL};
}

/* ---- building ---- */

typedef struct builder {
	athar_nfa *nfa;
	const athar_expression *x;
	athar_search_encoding encoding;
	size_t most; /* states when it is too large */
	size_t work; /* also of what adds no state */
} builder;

static athar_status too_large(athar_error *err)
{
	return athar_fail(err, ATHAR_EUSAGE, "it is too large: fewer repeats make it smaller");
}

static athar_status add(uint32_t *out, const builder *b, athar_nfa_state state, athar_error *err)
{
	athar_nfa *n = b->nfa;

	if (n->count >= b->most)
		return too_large(err);
	ATHAR_TRY(athar_grow(&n->state, &n->capacity, n->count + 1, sizeof *n->state, err));
	*out = (uint32_t)n->count;
	n->state[n->count++] = state;
	return ATHAR_OK;
}

static athar_status fork_to(uint32_t *out, const builder *b, uint32_t one, uint32_t other,
                            athar_error *err)
{
	return add(out, b, (athar_nfa_state){.kind = ATHAR_NFA_FORK, .next = one, .other = other},
	           err);
}

/* A set of characters, sequence by sequence. */
typedef struct set_builder {
	const builder *b;
	uint32_t next, out;
	size_t first; /* state of this set: ends of sequences are shared */
} set_builder;

static bool find_byte(uint32_t *out, const set_builder *s, athar_code_byte byte, uint32_t next)
{
	const athar_nfa *n = s->b->nfa;

	for (size_t i = s->first; i < n->count; i++)
		if (n->state[i].kind == ATHAR_NFA_BYTE && n->state[i].from == byte.from &&
		    n->state[i].to == byte.to && n->state[i].next == next) {
			*out = (uint32_t)i;
			return true;
		}
	return false;
}

static athar_status add_sequence(void *user, const athar_code_byte *byte, unsigned count,
                                 athar_error *err)
{
	set_builder *s = user;
	uint32_t next = s->next;

	for (unsigned i = 0; i < count; i++) {
		const athar_code_byte b = byte[s->b->nfa->backwards ? i : count - 1 - i];

		if (!find_byte(&next, s, b, next))
			ATHAR_TRY(add(&next, s->b,
			              (athar_nfa_state){.kind = ATHAR_NFA_BYTE,
			                                .from = b.from,
			                                .to = b.to,
			                                .next = next},
			              err));
	}
	if (s->out == 0) {
		s->out = next;
		return ATHAR_OK;
	}
	return fork_to(&s->out, s->b, next, s->out, err);
}

static athar_status build_set(uint32_t *out, const builder *b, uint32_t set, uint32_t next,
                              athar_error *err)
{
	set_builder s = {.b = b, .next = next, .first = b->nfa->count};
	const athar_code_sink sink = {add_sequence, &s};

	ATHAR_TRY(athar_code_set(&sink, b->encoding, &b->x->set[set], err));
	*out = s.out;
	return ATHAR_OK;
}

static athar_status build(uint32_t *out, builder *b, uint32_t node, uint32_t next,
                          athar_error *err);

static athar_status build_endless(uint32_t *out, builder *b, uint32_t node, uint32_t next,
                                  athar_error *err)
{
	uint32_t loop, body;

	ATHAR_TRY(fork_to(&loop, b, 0, next, err));
	ATHAR_TRY(build(&body, b, node, loop, err));
	b->nfa->state[loop].next = body;
	*out = loop;
	return ATHAR_OK;
}

static athar_status build_repeat(uint32_t *out, builder *b, const athar_node *n, uint32_t next,
                                 athar_error *err)
{
	const uint32_t end = next;

	if (n->most == ATHAR_NODE_ENDLESS)
		ATHAR_TRY(build_endless(&next, b, n->a, next, err));
	else
		for (uint32_t i = n->least; i < n->most; i++) {
			ATHAR_TRY(build(&next, b, n->a, next, err));
			ATHAR_TRY(fork_to(&next, b, next, end, err));
		}
	for (uint32_t i = 0; i < n->least; i++)
		ATHAR_TRY(build(&next, b, n->a, next, err));
	*out = next;
	return ATHAR_OK;
}

/* The automaton of a node that goes on to `next`. */
static athar_status build(uint32_t *out, builder *b, uint32_t node, uint32_t next, athar_error *err)
{
	const athar_node *n = &b->x->node[node];
	const bool backwards = b->nfa->backwards;
	uint32_t one, other;

	if (++b->work > ATHAR_NFA_UNIT_MOST)
		return too_large(err);
	switch (n->kind) {
	case ATHAR_NODE_SET:
		return build_set(out, b, n->a, next, err);
	case ATHAR_NODE_BOTH:
		ATHAR_TRY(build(&one, b, backwards ? n->a : n->b, next, err));
		return build(out, b, backwards ? n->b : n->a, one, err);
	case ATHAR_NODE_EITHER:
		ATHAR_TRY(build(&one, b, n->a, next, err));
		ATHAR_TRY(build(&other, b, n->b, next, err));
		return fork_to(out, b, one, other, err);
	case ATHAR_NODE_REPEAT:
		return build_repeat(out, b, n, next, err);
	default:
		*out = next;
		return ATHAR_OK;
	}
}

athar_status athar_nfa_add(athar_nfa *nfa, const athar_expression *expression,
                           athar_search_encoding encoding, athar_error *err)
{
	builder b = {.nfa = nfa, .x = expression, .encoding = encoding};
	uint32_t state, nowhere;

	b.most = nfa->count + ATHAR_NFA_UNIT_MOST;
	if (b.most > ATHAR_NFA_MOST)
		b.most = ATHAR_NFA_MOST;
	if (nfa->count == 0)
		ATHAR_TRY(add(&nowhere, &b, (athar_nfa_state){.from = 1, .to = 0}, err));
	ATHAR_TRY(athar_grow(&nfa->start, &nfa->start_capacity, nfa->units + 1, sizeof *nfa->start,
	                     err));
	ATHAR_TRY(add(&state, &b,
	              (athar_nfa_state){.kind = ATHAR_NFA_DONE, .next = (uint32_t)nfa->units},
	              err));
	ATHAR_TRY(build(&state, &b, expression->root, state, err));
	nfa->start[nfa->units++] = state;
	return ATHAR_OK;
}

/* ---- sets of states ---- */

athar_status athar_nfa_set_new(athar_nfa_set *set, const athar_nfa *nfa, athar_error *err)
{
	set->member = athar_alloc_array(nfa->count + 1, sizeof *set->member, err);
	set->seen = athar_alloc_array(nfa->count + 1, sizeof *set->seen, err);
	set->stack = athar_alloc_array(nfa->count + 1, sizeof *set->stack, err);
	return set->member == NULL || set->seen == NULL || set->stack == NULL ? ATHAR_ENOMEM
	                                                                      : ATHAR_OK;
}

void athar_nfa_set_free(athar_nfa_set *set)
{
	free(set->member);
	free(set->seen);
	free(set->stack);
	*set = (athar_nfa_set){.member = NULL};
}

void athar_nfa_empty(athar_nfa_set *set, const athar_nfa *nfa)
{
	set->count = 0;
	if (++set->round != 0)
		return;
	memset(set->seen, 0, nfa->count * sizeof *set->seen);
	set->round = 1;
}

static void push(athar_nfa_set *set, size_t *height, uint32_t state)
{
	if (state == 0 || set->seen[state] == set->round)
		return;
	set->seen[state] = set->round;
	set->stack[(*height)++] = state;
}

void athar_nfa_enter(athar_nfa_set *set, const athar_nfa *nfa, uint32_t state)
{
	size_t height = 0;

	push(set, &height, state);
	while (height > 0) {
		const uint32_t at = set->stack[--height];

		if (nfa->state[at].kind != ATHAR_NFA_FORK) {
			set->member[set->count++] = at;
			continue;
		}
		push(set, &height, nfa->state[at].other);
		push(set, &height, nfa->state[at].next);
	}
}
