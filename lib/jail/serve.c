/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tasks in order. The head is the first task whose end the caller has not been told; its messages
 * go to the caller as they come. Those of later tasks are kept, and a worker with as much kept as
 * the buffer allows is not read any further until its task is the head. A worker that has ended a
 * task gets the next one, though the end may still be waiting for its turn.
 *
 * Time: a worker's clock goes while it is being listened to. It stops while its turn has not come
 * and its buffer is full, and while the caller is busy with what this very worker said.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "jail/pool.h"

#define SECOND INT64_C(1000000000)
#define TICK (SECOND / 10)
/* The most that one reckoning adds to a clock: the process may have been stopped meanwhile. */
#define STRIDE SECOND

enum { AHEAD = 8 /* tasks a worker that may be open */ };

typedef struct task {
	unsigned slot;
	uint8_t *kept; /* whole frames, until its turn comes */
	size_t kept_len, kept_capacity;
	uint64_t messages, output;
	bool ended;
	athar_jail_end end;
} task;

typedef struct serve {
	athar_jail *jail;
	const athar_jail_run *run; /* NULL: until all workers have started */
	athar_jail_limits limits;  /* of the tasks of this run */
	struct pollfd *ask;        /* one a slot */
	task *window;              /* task n is in place n modulo size */
	size_t size;
	uint64_t head, next; /* first task not told of, first task not begun */
	uint8_t *request;    /* fetched but not yet given to anybody */
	size_t request_len, request_capacity;
	uint64_t request_origin;
	bool fetched, exhausted;
	bool beat;
	int64_t reckoned, ticked;
} serve;

static int64_t now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

static task *task_at(const serve *s, uint64_t number)
{
	return &s->window[number % s->size];
}

static const athar_jail_limits *limits(const serve *s)
{
	return &s->limits;
}

static void set_end(athar_jail_end *end, athar_jail_end_kind kind, const serve *s)
{
	const athar_jail_limits *most = limits(s);

	end->kind = kind;
	if (kind == ATHAR_JAIL_TIMEOUT)
		(void)athar_fail(&end->error, ATHAR_ELIMIT,
		                 "the worker was stopped: its task took longer than %u seconds, or "
		                 "it was silent for more than %u",
		                 most->seconds, most->idle_seconds);
	else if (kind == ATHAR_JAIL_OVERRUN)
		(void)athar_fail(
			&end->error, ATHAR_ELIMIT,
			"the worker was stopped: its task gave more than it may (%ju bytes, "
			"%ju messages)",
			(uintmax_t)most->output, (uintmax_t)most->messages);
	else
		(void)athar_fail(&end->error, ATHAR_EIO,
		                 "the worker was stopped: what it said made no sense");
}

/* Ends the worker, and its task with it. One that never started ends everything: the next would
 * not start either. */
static athar_status lose(serve *s, athar_slot *slot, const athar_jail_end *end, athar_error *err)
{
	const bool starting = slot->state == ATHAR_SLOT_STARTING;

	if (slot->state == ATHAR_SLOT_BUSY) {
		task_at(s, slot->task)->ended = true;
		task_at(s, slot->task)->end = *end;
	}
	athar_slot_stop(slot, &s->jail->dying);
	if (starting) {
		*err = end->error;
		return athar_within(err, "a worker could not start");
	}
	s->jail->lost++;
	return ATHAR_OK;
}

static athar_status lose_for(serve *s, athar_slot *slot, athar_jail_end_kind kind, athar_error *err)
{
	athar_jail_end end = {kind, 0, ATHAR_ERROR_INIT};

	set_end(&end, kind, s);
	return lose(s, slot, &end, err);
}

/* A message whose header has come: is it one more, or longer, than its task may send? */
static bool overruns(const serve *s, const athar_slot *slot, const athar_frame *frame)
{
	const task *t = task_at(s, slot->task);

	return t->messages >= limits(s)->messages || t->output > limits(s)->output ||
	       frame->payload.len > limits(s)->output - t->output;
}

static athar_status keep(task *t, athar_slot *slot, const athar_frame *frame, athar_error *err)
{
	const size_t size = ATHAR_FRAME_HEADER + frame->payload.len;

	ATHAR_TRY(athar_grow(&t->kept, &t->kept_capacity, t->kept_len + size, 1, err));
	memcpy(t->kept + t->kept_len, frame->payload.ptr - ATHAR_FRAME_HEADER, size);
	t->kept_len += size;
	slot->kept += size;
	return ATHAR_OK;
}

static athar_status take_message(serve *s, athar_slot *slot, const athar_frame *frame,
                                 athar_error *err)
{
	task *t = task_at(s, slot->task);

	t->messages++;
	t->output += frame->payload.len;
	if (slot->task != s->head)
		return keep(t, slot, frame, err);
	return s->run->message(s->run->user, slot->task, frame->type, frame->payload, err);
}

/* A worker that ran out of memory is replaced: who knows what it could not finish. */
static athar_status take_end(serve *s, athar_slot *slot, const athar_frame *frame, athar_error *err)
{
	athar_jail_end end = {ATHAR_JAIL_DONE, 0, ATHAR_ERROR_INIT};

	if (!athar_frame_get_error(&end.error, frame->payload))
		return lose_for(s, slot, ATHAR_JAIL_GARBLED, err);
	if (end.error.status == ATHAR_ENOMEM) {
		end.kind = ATHAR_JAIL_MEMORY;
		return lose(s, slot, &end, err);
	}
	if (end.error.status != ATHAR_OK)
		end.kind = ATHAR_JAIL_FAILED;
	task_at(s, slot->task)->ended = true;
	task_at(s, slot->task)->end = end;
	slot->state = ATHAR_SLOT_IDLE;
	return ATHAR_OK;
}

static athar_status take_start(serve *s, athar_slot *slot, const athar_frame *frame,
                               athar_error *err)
{
	char *had = s->jail->confinement;

	if (frame->type == ATHAR_FRAME_READY) {
		if (had[0] == '\0' && frame->payload.len < sizeof s->jail->confinement)
			memcpy(had, frame->payload.ptr, frame->payload.len);
		slot->state = ATHAR_SLOT_IDLE;
		return ATHAR_OK;
	}
	if (frame->type == ATHAR_FRAME_UNFIT && athar_frame_get_error(err, frame->payload) &&
	    err->status != ATHAR_OK) {
		athar_slot_stop(slot, &s->jail->dying);
		return err->status;
	}
	return lose_for(s, slot, ATHAR_JAIL_GARBLED, err);
}

static athar_status take_busy(serve *s, athar_slot *slot, const athar_frame *frame,
                              athar_error *err)
{
	slot->idle = 0;
	if (frame->type < ATHAR_FRAME_OWN)
		return take_message(s, slot, frame, err);
	if (frame->type == ATHAR_FRAME_END)
		return take_end(s, slot, frame, err);
	if (frame->type != ATHAR_FRAME_BEAT)
		return lose_for(s, slot, ATHAR_JAIL_GARBLED, err);
	slot->done = athar_le64(frame->payload.ptr);
	s->beat = true;
	return ATHAR_OK;
}

/* One frame, or the beginning of one; *more: there may be another behind it. */
static athar_status take_frame(serve *s, athar_slot *slot, bool *more, athar_error *err)
{
	athar_frame frame;
	const athar_frame_state state = athar_slot_frame(slot, &frame);
	const bool message = slot->state == ATHAR_SLOT_BUSY && frame.type < ATHAR_FRAME_OWN;
	athar_status status;

	*more = false;
	if (slot->in_at == slot->in_end)
		return ATHAR_OK;
	if (state == ATHAR_FRAME_SENSELESS || slot->state == ATHAR_SLOT_IDLE)
		return lose_for(s, slot, ATHAR_JAIL_GARBLED, err);
	if (state == ATHAR_FRAME_PART && slot->in_end - slot->in_at < ATHAR_FRAME_HEADER)
		return ATHAR_OK;
	if (message && overruns(s, slot, &frame))
		return lose_for(s, slot, ATHAR_JAIL_OVERRUN, err);
	if (state == ATHAR_FRAME_PART)
		return ATHAR_OK;
	if (slot->state == ATHAR_SLOT_STARTING)
		status = take_start(s, slot, &frame, err);
	else
		status = take_busy(s, slot, &frame, err);
	if (slot->state != ATHAR_SLOT_EMPTY)
		athar_slot_take(slot, &frame);
	*more = slot->state != ATHAR_SLOT_EMPTY;
	return status;
}

static athar_status listen_to(serve *s, athar_slot *slot, athar_error *err)
{
	bool over = false;
	bool more = true;

	ATHAR_TRY(athar_slot_receive(slot, &over, err));
	while (more)
		ATHAR_TRY(take_frame(s, slot, &more, err));
	if (over && slot->state != ATHAR_SLOT_EMPTY) {
		athar_jail_end end = {ATHAR_JAIL_CRASHED, 0, ATHAR_ERROR_INIT};

		athar_slot_autopsy(&end, slot);
		return lose(s, slot, &end, err);
	}
	return ATHAR_OK;
}

/* Tells the caller what was kept of the head. */
static athar_status tell_kept(serve *s, task *t, athar_error *err)
{
	athar_frame frame;

	for (size_t at = 0; at < t->kept_len; at += ATHAR_FRAME_HEADER + frame.payload.len) {
		(void)athar_frame_read(&frame, t->kept + at, t->kept_len - at);
		ATHAR_TRY(s->run->message(s->run->user, s->head, frame.type, frame.payload, err));
	}
	return ATHAR_OK;
}

static void forget_kept(serve *s, task *t)
{
	s->jail->slot[t->slot].kept -= t->kept_len;
	free(t->kept);
	t->kept = NULL;
	t->kept_len = t->kept_capacity = 0;
}

/* Tells the caller all whose turn has come. */
static athar_status advance(serve *s, athar_error *err)
{
	while (s->head < s->next) {
		task *t = task_at(s, s->head);

		ATHAR_TRY(tell_kept(s, t, err));
		forget_kept(s, t);
		if (!t->ended)
			return ATHAR_OK;
		ATHAR_TRY(s->run->ended(s->run->user, s->head, &t->end, err));
		s->head++;
	}
	return ATHAR_OK;
}

/* A copy of the next request: the caller's is only lent. */
static athar_status fetch(serve *s, athar_error *err)
{
	athar_bytes request = {NULL, 0, 0};

	if (s->fetched || s->exhausted || s->next - s->head >= s->size)
		return ATHAR_OK;
	ATHAR_TRY(s->run->next(s->run->user, &request, &s->exhausted, err));
	if (s->exhausted)
		return ATHAR_OK;
	ATHAR_TRY(athar_grow(&s->request, &s->request_capacity, request.len, 1, err));
	if (request.len > 0)
		memcpy(s->request, request.ptr, request.len);
	s->request_len = request.len;
	s->request_origin = request.origin;
	s->fetched = true;
	return ATHAR_OK;
}

static athar_status give(serve *s, unsigned index, athar_error *err)
{
	const athar_bytes request = {s->request, s->request_len, s->request_origin};
	task *t = task_at(s, s->next);

	*t = (task){.slot = index};
	ATHAR_TRY(athar_slot_request(&s->jail->slot[index], s->next, request, err));
	s->fetched = false;
	s->next++;
	return ATHAR_OK;
}

/* Idle workers get tasks, empty slots get workers, as long as there are tasks. */
static athar_status hand_out(serve *s, athar_error *err)
{
	for (unsigned i = 0; i < s->jail->spec.workers; i++) {
		athar_slot *slot = &s->jail->slot[i];

		if (slot->state == ATHAR_SLOT_BUSY || slot->state == ATHAR_SLOT_STARTING ||
		    slot->kept >= s->jail->spec.buffer)
			continue;
		ATHAR_TRY(fetch(s, err));
		if (!s->fetched)
			return ATHAR_OK;
		if (slot->state == ATHAR_SLOT_IDLE)
			ATHAR_TRY(give(s, i, err));
		else
			ATHAR_TRY(athar_slot_start(slot, &s->jail->spec, err));
	}
	return ATHAR_OK;
}

/* Must it wait until its task is the head? */
static bool held_back(const serve *s, const athar_slot *slot)
{
	return slot->state == ATHAR_SLOT_BUSY && slot->task != s->head &&
	       slot->kept + (slot->in_end - slot->in_at) >= s->jail->spec.buffer;
}

static athar_status wait_for_workers(serve *s, bool *interrupted, athar_error *err)
{
	const unsigned count = s->jail->spec.workers;

	for (unsigned i = 0; i < count; i++) {
		athar_slot *slot = &s->jail->slot[i];
		const bool deaf = slot->state == ATHAR_SLOT_EMPTY || held_back(s, slot);

		s->ask[i] = (struct pollfd){deaf ? -1 : slot->channel, POLLIN, 0};
		if (slot->out_at < slot->out_end)
			s->ask[i].events |= POLLOUT;
		if (deaf)
			slot->watched = false;
	}
	*interrupted = poll(s->ask, count, (int)(TICK / 1000000)) < 0;
	if (*interrupted && errno != EINTR)
		return athar_fail_errno(err, "cannot wait for the workers");
	return ATHAR_OK;
}

static bool out_of_time(const serve *s, const athar_slot *slot)
{
	if (slot->state == ATHAR_SLOT_STARTING)
		return slot->clock > limits(s)->seconds * SECOND;
	return slot->state == ATHAR_SLOT_BUSY && (slot->clock > limits(s)->seconds * SECOND ||
	                                          slot->idle > limits(s)->idle_seconds * SECOND);
}

/* Who had nothing to say at the end of the span was not kept waiting in it: all of it counts. Who
 * had may have been: only the time we slept counts. */
static athar_status reckon(serve *s, int64_t slept, athar_error *err)
{
	const int64_t at = now();
	const int64_t span = at - s->reckoned;

	s->reckoned = at;
	for (unsigned i = 0; i < s->jail->spec.workers; i++) {
		athar_slot *slot = &s->jail->slot[i];
		const bool silent = s->ask[i].revents == 0;
		int64_t counts = silent && slot->watched ? span : slept;

		if (slot->state == ATHAR_SLOT_EMPTY || s->ask[i].fd < 0)
			continue;
		counts = counts < STRIDE ? counts : STRIDE;
		slot->clock += counts;
		slot->idle += counts;
		slot->watched = true;
		if (silent && out_of_time(s, slot))
			ATHAR_TRY(lose_for(s, slot, ATHAR_JAIL_TIMEOUT, err));
	}
	return ATHAR_OK;
}

static athar_status hear_all(serve *s, athar_error *err)
{
	for (unsigned i = 0; i < s->jail->spec.workers; i++) {
		athar_slot *slot = &s->jail->slot[i];

		if (slot->state == ATHAR_SLOT_EMPTY || s->ask[i].fd < 0)
			continue;
		if ((s->ask[i].revents & POLLOUT) != 0)
			athar_slot_flush(slot);
		if ((s->ask[i].revents & ~POLLOUT) != 0)
			ATHAR_TRY(listen_to(s, slot, err));
		/* However much it talks. */
		if (out_of_time(s, slot))
			ATHAR_TRY(lose_for(s, slot, ATHAR_JAIL_TIMEOUT, err));
	}
	return ATHAR_OK;
}

static athar_status tick(serve *s, bool at_once, athar_error *err)
{
	const int64_t at = now();
	uint64_t done = 0;

	if (s->run == NULL || s->run->tick == NULL ||
	    (!at_once && !s->beat && at - s->ticked < TICK))
		return ATHAR_OK;
	s->ticked = at;
	s->beat = false;
	for (unsigned i = 0; i < s->jail->spec.workers; i++)
		if (s->jail->slot[i].state == ATHAR_SLOT_BUSY &&
		    !athar_add(done, s->jail->slot[i].done, &done))
			done = UINT64_MAX;
	if (s->run->tick(s->run->user, done))
		return athar_fail(err, ATHAR_ECANCELED, "stopped on request");
	return ATHAR_OK;
}

static athar_status turn(serve *s, athar_error *err)
{
	bool interrupted = false;
	const int64_t before = now();

	ATHAR_TRY(wait_for_workers(s, &interrupted, err));
	if (!interrupted) {
		ATHAR_TRY(reckon(s, now() - before, err));
		ATHAR_TRY(hear_all(s, err));
	}
	ATHAR_TRY(advance(s, err));
	athar_slot_reap(&s->jail->dying);
	return tick(s, interrupted, err);
}

static athar_status serve_all(serve *s, athar_error *err)
{
	for (;;) {
		ATHAR_TRY(hand_out(s, err));
		if (s->exhausted && s->head == s->next)
			return ATHAR_OK;
		ATHAR_TRY(turn(s, err));
	}
}

static athar_status serve_init(serve *s, athar_jail *jail, const athar_jail_run *run,
                               athar_error *err)
{
	*s = (serve){.jail = jail, .run = run, .reckoned = now()};
	s->ticked = s->reckoned;
	s->limits = jail->spec.limits;
	if (run != NULL && run->seconds != 0)
		s->limits.seconds = run->seconds;
	if (run != NULL && run->idle_seconds != 0)
		s->limits.idle_seconds = run->idle_seconds;
	s->size = (size_t)jail->spec.workers * AHEAD;
	s->ask = athar_alloc_array(jail->spec.workers, sizeof *s->ask, err);
	s->window = athar_alloc_array(s->size, sizeof *s->window, err);
	return s->ask == NULL || s->window == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

/* What is still at work is of no use to anybody now. */
static void serve_clear(serve *s)
{
	for (unsigned i = 0; i < s->jail->spec.workers; i++)
		if (s->jail->slot[i].state == ATHAR_SLOT_BUSY)
			athar_slot_stop(&s->jail->slot[i], &s->jail->dying);
	for (; s->window != NULL && s->head < s->next; s->head++)
		forget_kept(s, task_at(s, s->head));
	free(s->window);
	free(s->ask);
	free(s->request);
}
ATHAR_DEFINE_AUTO_VALUE(serve, serve, serve_clear)

athar_status athar_jail_serve(athar_jail *jail, const athar_jail_run *run, athar_error *err)
{
	ATHAR_AUTO(serve) serve s = {.jail = jail};

	ATHAR_TRY(serve_init(&s, jail, run, err));
	return serve_all(&s, err);
}

static bool any_starting(const athar_jail *jail)
{
	for (unsigned i = 0; i < jail->spec.workers; i++)
		if (jail->slot[i].state == ATHAR_SLOT_STARTING)
			return true;
	return false;
}

athar_status athar_jail_settle(athar_jail *jail, athar_error *err)
{
	ATHAR_AUTO(serve) serve s = {.jail = jail};

	ATHAR_TRY(serve_init(&s, jail, NULL, err));
	while (any_starting(jail))
		ATHAR_TRY(turn(&s, err));
	return ATHAR_OK;
}
