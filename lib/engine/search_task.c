/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/search_task.h"

#include "base/alloc.h"
#include "base/check.h"
#include "engine/worker.h"

#define BUFFER_SIZE (ATHAR_SEARCH_WINDOW + ATHAR_WINDOW_BEFORE + ATHAR_WINDOW_BEHIND)
/* Bytes of a hit, or of what is around it, as UTF-8. */
#define TEXT_MOST (ATHAR_SEARCH_LONGEST * 4u)

/* ---- messages ---- */

void athar_search_request(athar_wire *w, uint64_t start, uint64_t length)
{
	athar_wire_number(w, ATHAR_TASK_SEARCH);
	athar_wire_number(w, start);
	athar_wire_number(w, length);
}

void athar_search_found_wire(athar_wire *w, const athar_search_found *f)
{
	athar_wire_number(w, f->offset);
	athar_wire_number(w, f->length);
	athar_wire_number(w, f->pattern);
	athar_wire_number(w, f->encoding);
	athar_wire_bytes(w, f->before.ptr, f->before.len);
	athar_wire_bytes(w, f->text.ptr, f->text.len);
	athar_wire_bytes(w, f->after.ptr, f->after.len);
}

static athar_bytes unwire_text(athar_unwire *u)
{
	const athar_bytes text = athar_unwire_bytes(u);

	u->failed = u->failed || text.len > TEXT_MOST;
	return text;
}

athar_status athar_search_found_unwire(athar_search_found *out, size_t patterns,
                                       athar_bytes message, athar_error *err)
{
	athar_unwire u = athar_unwire_begin(message);

	out->offset = athar_unwire_number(&u);
	out->length = athar_unwire_below(&u, ATHAR_SEARCH_LONGEST + 1);
	out->pattern = (size_t)athar_unwire_below(&u, patterns);
	out->encoding = (athar_search_encoding)athar_unwire_below(&u, ATHAR_SEARCH_ENCODINGS);
	out->before = unwire_text(&u);
	out->text = unwire_text(&u);
	out->after = unwire_text(&u);
	u.failed = u.failed || out->length == 0;
	return athar_unwire_end(&u, err);
}

/* ---- the task ---- */

athar_status athar_search_task_open(athar_search_task *task, const athar_search_plan *plan,
                                    athar_error *err)
{
	task->plan = plan;
	if (plan == NULL)
		return ATHAR_OK;
	task->buffer = athar_alloc(BUFFER_SIZE, err);
	if (task->buffer == NULL)
		return ATHAR_ENOMEM;
	return athar_searcher_new(&task->searcher, plan->patterns, err);
}

typedef struct job {
	athar_search_task *task;
	athar_jail_reply *reply;
	uint64_t start, length; /* in the image */
	athar_window window;
} job;

static athar_status send(const job *j, uint32_t type, const athar_wire *message, athar_error *err)
{
	ATHAR_TRY(athar_wire_check(message, err));
	return athar_jail_send(j->reply, type, message->bytes, message->len, err);
}

static athar_status read_all(job *j, athar_source *source, athar_runs *bad, athar_error *err)
{
	const uint64_t size = athar_source_describe(source)->size;
	const uint64_t before = athar_min(j->start, ATHAR_WINDOW_BEFORE);
	const uint64_t from = j->start - before;
	const uint64_t end = athar_min(size, j->start + j->length + ATHAR_WINDOW_BEHIND);
	size_t len = 0, got = 1;

	while (got != 0 && from + len < end) {
		ATHAR_TRY(athar_source_read(source, j->task->buffer + len,
		                            (size_t)(end - from - len), from + len, &got, bad,
		                            err));
		len += got;
	}
	j->window = (athar_window){.bytes = {.ptr = j->task->buffer, .len = len, .origin = from},
	                           .from = (size_t)before,
	                           .to = (size_t)athar_min(len, before + j->length)};
	return ATHAR_OK;
}

/* Pairs of offset, length: of this window only. */
static athar_status send_bad(const job *j, const athar_runs *bad, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire message = ATHAR_WIRE_INIT;
	const uint64_t end = j->start + j->length;
	size_t count = 0;

	for (size_t i = athar_runs_find(bad, j->start); i < bad->count; i++) {
		const athar_run *r = &bad->run[i];
		const uint64_t from = athar_max(r->offset, j->start);
		const bool last = ++count == ATHAR_SEARCH_BAD;

		if (from >= end)
			break;
		athar_wire_number(&message, from);
		athar_wire_number(&message,
		                  last ? end - from : athar_min(r->offset + r->length, end) - from);
		if (last)
			break;
	}
	return message.len == 0 ? ATHAR_OK : send(j, ATHAR_MESSAGE_UNREAD, &message, err);
}

static athar_bytes bytes_of(const char *text, size_t len)
{
	return (athar_bytes){.ptr = (const uint8_t *)text, .len = len};
}

static athar_status send_spot(const job *j, const athar_spot *spot, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire message = ATHAR_WIRE_INIT;
	ATHAR_AUTO(free) char *before = NULL;
	ATHAR_AUTO(free) char *text = NULL;
	ATHAR_AUTO(free) char *after = NULL;
	const unsigned context = j->task->plan->context;
	const athar_window *w = &j->window;
	athar_search_found f = {.offset = w->bytes.origin + spot->at,
	                        .length = spot->length,
	                        .pattern = spot->pattern,
	                        .encoding = spot->encoding};
	size_t len = 0;

	ATHAR_TRY(athar_spot_before(&before, &len, w, spot, context, err));
	f.before = bytes_of(before, len);
	ATHAR_TRY(athar_spot_text(&text, &len, w, spot->encoding, spot->at, spot->length, err));
	f.text = bytes_of(text, len);
	ATHAR_TRY(athar_spot_after(&after, &len, w, spot, context, err));
	f.after = bytes_of(after, len);
	athar_search_found_wire(&message, &f);
	return send(j, ATHAR_MESSAGE_HIT, &message, err);
}

static athar_status send_cut(const job *j, const athar_search_cut *cut, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire message = ATHAR_WIRE_INIT;

	athar_wire_number(&message, cut->pattern);
	athar_wire_number(&message, j->window.bytes.origin + cut->at);
	athar_wire_number(&message, cut->full);
	return send(j, ATHAR_MESSAGE_CUT, &message, err);
}

static athar_status beat(void *user, uint64_t done, athar_error *err)
{
	const job *j = user;

	return athar_jail_beat(j->reply, done, err);
}

static athar_status search(job *j, athar_error *err)
{
	athar_spots_found found;

	ATHAR_TRY(athar_searcher_run(&found, j->task->searcher, &j->window, beat, j, err));
	for (size_t i = 0; i < found.count; i++)
		ATHAR_TRY(send_spot(j, &found.spot[i], err));
	for (size_t i = 0; i < found.cuts; i++)
		ATHAR_TRY(send_cut(j, &found.cut[i], err));
	return ATHAR_OK;
}

athar_status athar_search_task_run(athar_search_task *task, athar_source *source, athar_unwire *u,
                                   athar_jail_reply *reply, athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;
	job j = {.task = task, .reply = reply};

	j.start = athar_unwire_number(u);
	j.length = athar_unwire_below(u, ATHAR_SEARCH_WINDOW + 1);
	ATHAR_TRY(athar_unwire_end(u, err));
	if (task->searcher == NULL)
		return athar_fail(err, ATHAR_EFORMAT, "nothing is looked for");
	ATHAR_TRY(read_all(&j, source, &bad, err));
	ATHAR_TRY(send_bad(&j, &bad, err));
	if (j.window.to <= j.window.from)
		return athar_fail(err, ATHAR_EIO, "the image ends before this place");
	athar_jail_hold(reply);
	return search(&j, err);
}
