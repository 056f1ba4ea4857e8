/* SPDX-License-Identifier: BSD-2-Clause */
/* The pass of a search: windows in parallel, hits in order. */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "engine/searching.h"

/* Of hits with what is around them. */
#define BYTES_MOST ((size_t)256 << 20)

typedef struct pass {
	athar_searching *s;
	uint64_t given, ended; /* windows handed out, windows done: up to here */
	uint64_t told;         /* no hit of the window may begin before */
	uint64_t left_out;     /* of the window: bytes in which not all was looked for */
	size_t cuts;           /* patterns that were given up in the window */
	uint64_t *before;      /* by pattern and encoding: where hits of windows before end */
	uint64_t *here;        /* the same of this window */
	uint64_t *listed;      /* by pattern: hits that are kept */
	size_t slots;
	athar_wire request;
	bool garbled;
} pass;

static void pass_clear(pass *p)
{
	free(p->before);
	free(p->here);
	free(p->listed);
	athar_wire_clear(&p->request);
}

ATHAR_DEFINE_AUTO_VALUE(pass, pass, pass_clear)

static uint64_t window_length(const pass *p, uint64_t start)
{
	return athar_min(ATHAR_SEARCH_WINDOW, p->s->survey.size - start);
}

static athar_status next(void *user, athar_bytes *request, bool *end, athar_error *err)
{
	pass *p = user;

	*end = p->given >= p->s->survey.size;
	if (*end)
		return ATHAR_OK;
	const uint64_t length = window_length(p, p->given);
	p->request.len = 0;
	athar_search_request(&p->request, p->given, length);
	p->given += length;
	ATHAR_TRY(athar_wire_check(&p->request, err));
	*request = (athar_bytes){.ptr = p->request.bytes, .len = p->request.len};
	return ATHAR_OK;
}

/* ---- hits ---- */

static athar_status nonsense(athar_error *err)
{
	return athar_fail(err, ATHAR_EFORMAT, "a worker's message makes no sense");
}

static athar_status keep_text(athar_kept_hit *hit, const athar_search_found *f, athar_error *err)
{
	hit->before = f->before.len;
	hit->text = f->text.len;
	hit->after = f->after.len;
	hit->bytes = athar_alloc(hit->before + hit->text + hit->after, err);
	if (hit->bytes == NULL)
		return ATHAR_ENOMEM;
	if (hit->before != 0)
		memcpy(hit->bytes, f->before.ptr, hit->before);
	if (hit->text != 0)
		memcpy(hit->bytes + hit->before, f->text.ptr, hit->text);
	if (hit->after != 0)
		memcpy(hit->bytes + hit->before + hit->text, f->after.ptr, hit->after);
	return ATHAR_OK;
}

/* So that a frequent word does not crowd out a rare one, each pattern has its share of the list. */
static athar_status keep(pass *p, const athar_search_found *f, athar_error *err)
{
	athar_searching *s = p->s;
	const uint64_t share = ATHAR_SEARCH_HITS / s->options->patterns;
	athar_kept_hit hit = {.offset = f->offset,
	                      .length = f->length,
	                      .pattern = f->pattern,
	                      .encoding = f->encoding};

	if (p->listed[f->pattern] >= share || s->bytes >= BYTES_MOST) {
		s->more[f->pattern]++;
		s->out->more++;
		return ATHAR_OK;
	}
	p->listed[f->pattern]++;
	ATHAR_TRY(athar_grow(&s->hit, &s->capacity, s->count + 1, sizeof *s->hit, err));
	ATHAR_TRY(keep_text(&hit, f, err));
	s->bytes += hit.before + hit.text + hit.after;
	s->hit[s->count++] = hit;
	s->out->by_encoding[f->encoding]++;
	return ATHAR_OK;
}

/* One that begins in a hit of the window before goes on with that one. */
static athar_status take_hit(pass *p, athar_bytes payload, athar_error *err)
{
	athar_search_found f;
	size_t slot;

	ATHAR_TRY(athar_search_found_unwire(&f, p->s->options->patterns, payload, err));
	if (f.offset < p->told || f.offset - p->ended >= window_length(p, p->ended) ||
	    !athar_inside(f.offset, f.length, p->s->survey.size))
		return nonsense(err);
	p->told = f.offset;
	slot = f.pattern * ATHAR_SEARCH_ENCODINGS + f.encoding;
	if (f.offset < p->before[slot])
		return ATHAR_OK;
	p->here[slot] = athar_max(p->here[slot], f.offset + f.length);
	return keep(p, &f, err);
}

static athar_status take_unread(pass *p, athar_bytes payload, athar_error *err)
{
	athar_unwire u = athar_unwire_begin(payload);
	const uint64_t end = p->ended + window_length(p, p->ended);

	while (u.left != 0 && !u.failed) {
		const uint64_t offset = athar_unwire_number(&u);
		const uint64_t length = athar_unwire_number(&u);

		if (u.failed || offset < p->ended || !athar_inside(offset, length, end))
			return nonsense(err);
		ATHAR_TRY(athar_runs_add(&p->s->unread, offset, length, ATHAR_RUN_BAD, err));
	}
	return athar_unwire_end(&u, err);
}

static athar_status take_cut(pass *p, athar_bytes payload, athar_error *err)
{
	athar_unwire u = athar_unwire_begin(payload);
	const uint64_t end = p->ended + window_length(p, p->ended);
	const uint64_t pattern = athar_unwire_below(&u, p->s->options->patterns);
	const uint64_t offset = athar_unwire_number(&u);
	const bool full = athar_unwire_below(&u, 2) != 0;
	char text[120];

	ATHAR_TRY(athar_unwire_end(&u, err));
	if (offset < p->ended || offset >= end || p->cuts++ == p->s->options->patterns)
		return nonsense(err);
	p->left_out = athar_max(p->left_out, end - offset);
	(void)snprintf(text, sizeof text, "pattern %llu is not looked for: %s",
	               (unsigned long long)pattern + 1,
	               full ? "there are too many hits of it before"
	                    : "the text before makes it too much work");
	return athar_searching_finding(p->s, "limit", NULL, offset, end - offset, text, err);
}

static athar_status dispatch(pass *p, uint32_t type, athar_bytes payload, athar_error *err)
{
	switch (type) {
	case ATHAR_MESSAGE_HIT:
		return take_hit(p, payload, err);
	case ATHAR_MESSAGE_UNREAD:
		return take_unread(p, payload, err);
	case ATHAR_MESSAGE_CUT:
		return take_cut(p, payload, err);
	default:
		return nonsense(err);
	}
}

static athar_status message(void *user, uint64_t task, uint32_t type, athar_bytes payload,
                            athar_error *err)
{
	pass *p = user;
	athar_status status;

	(void)task;
	if (p->garbled)
		return ATHAR_OK;
	status = dispatch(p, type, payload, err);
	if (status != ATHAR_EFORMAT)
		return status;
	p->garbled = true;
	return ATHAR_OK;
}

static athar_status ended(void *user, uint64_t task, const athar_jail_end *end, athar_error *err)
{
	pass *p = user;
	const uint64_t start = p->ended, length = window_length(p, start);
	const bool good = end->kind == ATHAR_JAIL_DONE && !p->garbled;
	const char *text = p->garbled ? "a worker's messages made no sense" : end->error.text;

	(void)task;
	p->s->out->searched += good ? length - p->left_out : 0;
	p->ended = p->told = start + length;
	p->left_out = 0;
	p->cuts = 0;
	p->garbled = false;
	memcpy(p->before, p->here, p->slots * sizeof *p->before);
	return good ? ATHAR_OK
	            : athar_searching_finding(p->s, "worker", "search", start, length, text, err);
}

static bool tick(void *user, uint64_t done)
{
	const pass *p = user;
	const athar_progress progress = {.phase = "search",
	                                 .done = athar_min(p->ended + done, p->s->survey.size),
	                                 .total = p->s->survey.size,
	                                 .bad = athar_runs_total(&p->s->unread),
	                                 .items = p->s->count + p->s->out->more};

	athar_watch_progress(p->s->watcher, &progress);
	return athar_watch_cancelled(p->s->watcher);
}

athar_status athar_searching_pass(athar_searching *s, athar_error *err)
{
	ATHAR_AUTO(pass) pass p = {.s = s};
	const athar_jail_run run = {
		.next = next, .message = message, .ended = ended, .tick = tick, .user = &p};

	p.slots = s->options->patterns * ATHAR_SEARCH_ENCODINGS;
	p.before = athar_alloc_array(p.slots, sizeof *p.before, err);
	p.here = athar_alloc_array(p.slots, sizeof *p.here, err);
	p.listed = athar_alloc_array(s->options->patterns, sizeof *p.listed, err);
	if (p.before == NULL || p.here == NULL || p.listed == NULL)
		return ATHAR_ENOMEM;
	return athar_jail_serve(s->jail, &run, err);
}
