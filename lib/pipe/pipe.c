/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One mutex guards a few counters; the callbacks run without it. Slab i lives in place i modulo the
 * number of slabs, and every counter only grows:
 *
 *      freed  <=  taps[].at, worked  <=  taken  <=  head  <=  freed + slabs
 *
 * Each role sleeps on a condition of its own, says that it sleeps, and is woken only by who made
 * its condition true. The reader, once it has found no room, sleeps until there is room for
 * several slabs: it would otherwise be woken for each.
 *
 * The order of things that can fail is that of a plain loop: slab by slab, and for each slab read,
 * work, taps, commit. A fault is a place in that order. Whatever comes before the earliest fault
 * known is still done, whatever comes after is not begun, so that the fault which remains in the
 * end is the one the plain loop would have met, whoever met it first here.
 */
#include "pipe/pipe.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/idiom.h"

/* Ranks within one slab: the taps follow in their order, then the committer. */
enum { RANK_READ, RANK_WORK, RANK_TAP };
enum { TICK_NANOSECONDS = 100 * 1000 * 1000, SECOND_NANOSECONDS = 1000 * 1000 * 1000 };

typedef struct flow flow;

/* A tap or the committer: takes the slabs one after the other. */
typedef struct follower {
	flow *flow;
	athar_status (*take)(void *user, const athar_slab *slab, athar_error *err);
	void *user;
	size_t rank;
	uint64_t at; /* slabs it is through with */
	bool waiting;
	pthread_cond_t wake;
} follower;

typedef struct worker {
	flow *flow;
	void *local;
} worker;

struct flow {
	const athar_pipe_spec *spec;
	athar_slab *slab;   /* spec->slabs of them */
	bool *done;         /* of each slab: worked on, but not yet counted in `worked` */
	worker *worker;     /* spec->workers of them, or none */
	follower *tap;      /* spec->tap_count of them */
	follower committer; /* take is NULL when there is none */
	pthread_t *thread;  /* those that were started */
	size_t threads;
	size_t running;  /* those that have not ended */
	uint64_t batch;  /* free slabs for which a sleeping reader gets up */
	unsigned locals; /* workers whose local was made */
	unsigned idle;   /* sleeping workers */
	bool reader_waiting;
	bool cancelled;

	uint64_t head;   /* slabs read */
	uint64_t taken;  /* slabs given to a worker */
	uint64_t worked; /* all slabs before this one have been worked on */
	uint64_t end;    /* slabs there are; UINT64_MAX while the reader goes on */

	uint64_t fault_index; /* UINT64_MAX: none */
	size_t fault_rank;
	athar_status fault_status;
	athar_error fault;

	pthread_mutex_t lock;
	pthread_cond_t reader_wake, worker_wake, ended;
};

static athar_slab *slab_at(const flow *f, uint64_t index)
{
	return &f->slab[index % f->spec->slabs];
}

/* How many slabs are there to do for a role, as far as is known. */
static uint64_t role_end(const flow *f, size_t rank)
{
	const uint64_t end = f->fault_index + (rank < f->fault_rank ? 1 : 0);

	return athar_min(end, f->end);
}

/* Slabs that are worked on and taken by every tap: what may be committed. */
static uint64_t flow_through(const flow *f)
{
	uint64_t through = f->worked;

	for (size_t i = 0; i < f->spec->tap_count; i++)
		through = athar_min(through, f->tap[i].at);
	return through;
}

static uint64_t flow_freed(const flow *f)
{
	return f->committer.take != NULL ? f->committer.at : flow_through(f);
}

static uint64_t flow_room(const flow *f)
{
	return f->spec->slabs - (f->head - flow_freed(f));
}

static uint64_t follower_ready(const follower *w)
{
	const flow *f = w->flow;

	if (w == &f->committer)
		return flow_through(f);
	return f->spec->taps_after_work ? f->worked : f->head;
}

static void follower_nudge(follower *w)
{
	if (!w->waiting || w->at >= follower_ready(w))
		return;
	w->waiting = false;
	(void)pthread_cond_signal(&w->wake);
}

/* After `worked` or a follower went on: wakes those who now have something to do. */
static void flow_nudge(flow *f)
{
	for (size_t i = 0; i < f->spec->tap_count; i++)
		follower_nudge(&f->tap[i]);
	follower_nudge(&f->committer);
	if (!f->reader_waiting || flow_room(f) < f->batch)
		return;
	f->reader_waiting = false;
	(void)pthread_cond_signal(&f->reader_wake);
}

/* After a fault, a cancellation or the end: everybody looks again. */
static void flow_rouse(flow *f)
{
	for (size_t i = 0; i < f->spec->tap_count; i++)
		(void)pthread_cond_signal(&f->tap[i].wake);
	(void)pthread_cond_signal(&f->committer.wake);
	(void)pthread_cond_broadcast(&f->worker_wake);
	(void)pthread_cond_signal(&f->reader_wake);
}

static void flow_fault(flow *f, uint64_t index, size_t rank, athar_status status,
                       const athar_error *err)
{
	if (index > f->fault_index || (index == f->fault_index && rank >= f->fault_rank))
		return;
	f->fault_index = index;
	f->fault_rank = rank;
	f->fault_status = status;
	f->fault = *err;
	flow_rouse(f);
}

/* The last thing a thread does; releases the lock. */
static void *flow_leave(flow *f)
{
	f->running--;
	if (f->running == 0)
		(void)pthread_cond_signal(&f->ended);
	(void)pthread_mutex_unlock(&f->lock);
	return NULL;
}

static bool reader_stopped(const flow *f)
{
	return f->cancelled || f->head >= role_end(f, RANK_READ);
}

/* False: there is nothing more to read. */
static bool reader_wait(flow *f)
{
	if (flow_room(f) > 0)
		return !reader_stopped(f);
	while (flow_room(f) < f->batch && !reader_stopped(f)) {
		f->reader_waiting = true;
		(void)pthread_cond_wait(&f->reader_wake, &f->lock);
	}
	f->reader_waiting = false;
	return !reader_stopped(f);
}

static void reader_publish(flow *f)
{
	f->head++;
	if (f->spec->work == NULL)
		f->worked = f->head;
	else if (f->idle > 0)
		(void)pthread_cond_signal(&f->worker_wake);
	flow_nudge(f);
}

static void *reader_main(void *arg)
{
	flow *f = arg;
	athar_error err = ATHAR_ERROR_INIT;
	bool end = false;

	(void)pthread_mutex_lock(&f->lock);
	while (!end && reader_wait(f)) {
		athar_slab *slab = slab_at(f, f->head);
		athar_status status;

		slab->index = f->head;
		slab->offset = 0;
		slab->length = 0;
		(void)pthread_mutex_unlock(&f->lock);
		status = f->spec->read(f->spec->user, slab, &end, &err);
		(void)pthread_mutex_lock(&f->lock);
		if (status != ATHAR_OK)
			flow_fault(f, f->head, RANK_READ, status, &err);
		else if (!end)
			reader_publish(f);
	}
	f->end = f->head;
	flow_rouse(f);
	return flow_leave(f);
}

/* False: there is nothing more to do. */
static bool worker_wait(flow *f)
{
	while (f->taken == f->head && f->taken < role_end(f, RANK_WORK)) {
		f->idle++;
		(void)pthread_cond_wait(&f->worker_wake, &f->lock);
		f->idle--;
	}
	return f->taken < role_end(f, RANK_WORK);
}

/* Only who finishes the earliest unfinished slab moves `worked`, and then past all that were
 * waiting for it. */
static void worker_finish(flow *f, uint64_t index)
{
	const unsigned slabs = f->spec->slabs;

	f->done[index % slabs] = true;
	if (index != f->worked)
		return;
	while (f->worked < f->head && f->done[f->worked % slabs]) {
		f->done[f->worked % slabs] = false;
		f->worked++;
	}
	flow_nudge(f);
}

static void *worker_main(void *arg)
{
	const worker *w = arg;
	flow *f = w->flow;
	athar_error err = ATHAR_ERROR_INIT;

	(void)pthread_mutex_lock(&f->lock);
	while (worker_wait(f)) {
		const uint64_t index = f->taken++;
		athar_status status;

		(void)pthread_mutex_unlock(&f->lock);
		status = f->spec->work(f->spec->user, w->local, slab_at(f, index), &err);
		(void)pthread_mutex_lock(&f->lock);
		if (status != ATHAR_OK)
			flow_fault(f, index, RANK_WORK, status, &err);
		else
			worker_finish(f, index);
	}
	return flow_leave(f);
}

static bool follower_wait(follower *w)
{
	flow *f = w->flow;

	while (w->at >= follower_ready(w) && w->at < role_end(f, w->rank)) {
		w->waiting = true;
		(void)pthread_cond_wait(&w->wake, &f->lock);
	}
	w->waiting = false;
	return w->at < role_end(f, w->rank);
}

static void *follower_main(void *arg)
{
	follower *w = arg;
	flow *f = w->flow;
	athar_error err = ATHAR_ERROR_INIT;

	(void)pthread_mutex_lock(&f->lock);
	while (follower_wait(w)) {
		athar_status status;

		(void)pthread_mutex_unlock(&f->lock);
		status = w->take(w->user, slab_at(f, w->at), &err);
		(void)pthread_mutex_lock(&f->lock);
		if (status != ATHAR_OK) {
			flow_fault(f, w->at, w->rank, status, &err);
		} else {
			w->at++;
			flow_nudge(f);
		}
	}
	return flow_leave(f);
}

static void follower_init(follower *w, flow *f, size_t rank)
{
	w->flow = f;
	w->rank = rank;
	(void)pthread_cond_init(&w->wake, NULL);
}

/* The deadlines of `ended` must not jump when somebody sets the clock. */
static void flow_init(flow *f)
{
	pthread_condattr_t steady;

	(void)pthread_mutex_init(&f->lock, NULL);
	(void)pthread_cond_init(&f->reader_wake, NULL);
	(void)pthread_cond_init(&f->worker_wake, NULL);
	(void)pthread_condattr_init(&steady);
	(void)pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&f->ended, &steady);
	(void)pthread_condattr_destroy(&steady);
}

static void flow_free(flow *f)
{
	const athar_pipe_spec *spec = f->spec;

	for (unsigned i = 0; f->slab != NULL && i < spec->slabs; i++) {
		free(f->slab[i].data);
		free(f->slab[i].extra);
	}
	for (unsigned i = 0; i < f->locals; i++)
		if (spec->worker_free != NULL)
			spec->worker_free(f->worker[i].local);
	for (size_t i = 0; f->tap != NULL && i < spec->tap_count; i++)
		(void)pthread_cond_destroy(&f->tap[i].wake);
	(void)pthread_cond_destroy(&f->committer.wake);
	(void)pthread_cond_destroy(&f->reader_wake);
	(void)pthread_cond_destroy(&f->worker_wake);
	(void)pthread_cond_destroy(&f->ended);
	(void)pthread_mutex_destroy(&f->lock);
	free(f->slab);
	free(f->done);
	free(f->worker);
	free(f->tap);
	free(f->thread);
	free(f);
}
ATHAR_DEFINE_AUTO(flow, flow *, flow_free)

static athar_status make_slabs(flow *f, athar_error *err)
{
	const athar_pipe_spec *spec = f->spec;

	f->slab = athar_alloc_array(spec->slabs, sizeof *f->slab, err);
	f->done = athar_alloc_array(spec->slabs, sizeof *f->done, err);
	if (f->slab == NULL || f->done == NULL)
		return ATHAR_ENOMEM;
	for (unsigned i = 0; i < spec->slabs; i++) {
		f->slab[i].data = athar_alloc_pages(spec->slab_size, err);
		if (f->slab[i].data == NULL)
			return ATHAR_ENOMEM;
		if (spec->extra_size == 0)
			continue;
		f->slab[i].extra = athar_alloc(spec->extra_size, err);
		if (f->slab[i].extra == NULL)
			return ATHAR_ENOMEM;
	}
	return ATHAR_OK;
}

static athar_status make_workers(flow *f, athar_error *err)
{
	const athar_pipe_spec *spec = f->spec;

	if (spec->work == NULL)
		return ATHAR_OK;
	f->worker = athar_alloc_array(spec->workers, sizeof *f->worker, err);
	if (f->worker == NULL)
		return ATHAR_ENOMEM;
	for (; f->locals < spec->workers; f->locals++) {
		f->worker[f->locals].flow = f;
		if (spec->worker_new != NULL)
			ATHAR_TRY(spec->worker_new(&f->worker[f->locals].local, spec->user, err));
	}
	return ATHAR_OK;
}

static athar_status make_followers(flow *f, athar_error *err)
{
	const athar_pipe_spec *spec = f->spec;

	f->committer.take = spec->commit;
	f->committer.user = spec->user;
	follower_init(&f->committer, f, RANK_TAP + spec->tap_count);
	f->tap = athar_alloc_array(spec->tap_count, sizeof *f->tap, err);
	if (f->tap == NULL)
		return ATHAR_ENOMEM;
	for (size_t i = 0; i < spec->tap_count; i++) {
		f->tap[i].take = spec->taps[i].take;
		f->tap[i].user = spec->taps[i].user;
		follower_init(&f->tap[i], f, RANK_TAP + i);
	}
	return ATHAR_OK;
}

static athar_status flow_new(flow **out, const athar_pipe_spec *spec, athar_error *err)
{
	ATHAR_AUTO(flow) flow *f = athar_alloc(sizeof *f, err);

	if (f == NULL)
		return ATHAR_ENOMEM;
	f->spec = spec;
	f->end = UINT64_MAX;
	f->fault_index = UINT64_MAX;
	f->batch = spec->slabs / 4 + 1;
	flow_init(f);
	ATHAR_TRY(make_followers(f, err));
	ATHAR_TRY(make_slabs(f, err));
	ATHAR_TRY(make_workers(f, err));
	f->thread = athar_alloc_array(spec->workers + spec->tap_count + 2, sizeof *f->thread, err);
	if (f->thread == NULL)
		return ATHAR_ENOMEM;
	*out = ATHAR_GIVE(f);
	return ATHAR_OK;
}

static athar_status start_thread(flow *f, void *(*body)(void *), void *arg, athar_error *err)
{
	int code;

	(void)pthread_mutex_lock(&f->lock);
	code = pthread_create(&f->thread[f->threads], NULL, body, arg);
	if (code == 0)
		f->running++;
	(void)pthread_mutex_unlock(&f->lock);
	if (code != 0) {
		errno = code;
		return athar_fail_errno(err, "cannot start a thread");
	}
	f->threads++;
	return ATHAR_OK;
}

/* The reader comes last: until it runs nothing moves, and nothing must be undone. */
static athar_status start_roles(flow *f, athar_error *err)
{
	for (unsigned i = 0; i < f->locals; i++)
		ATHAR_TRY(start_thread(f, worker_main, &f->worker[i], err));
	for (size_t i = 0; i < f->spec->tap_count; i++)
		ATHAR_TRY(start_thread(f, follower_main, &f->tap[i], err));
	if (f->committer.take != NULL)
		ATHAR_TRY(start_thread(f, follower_main, &f->committer, err));
	return start_thread(f, reader_main, f, err);
}

/* Signals for the process stay with the thread that called; those that a thread brings upon itself
 * stay with it. */
static athar_status start_all(flow *f, athar_error *err)
{
	static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};
	sigset_t block, before;
	athar_status status;

	(void)sigfillset(&block);
	for (size_t i = 0; i < ATHAR_COUNT(own); i++)
		(void)sigdelset(&block, own[i]);
	(void)pthread_sigmask(SIG_BLOCK, &block, &before);
	status = start_roles(f, err);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return status;
}

static void next_tick(struct timespec *at)
{
	(void)clock_gettime(CLOCK_MONOTONIC, at);
	at->tv_nsec += TICK_NANOSECONDS;
	if (at->tv_nsec < SECOND_NANOSECONDS)
		return;
	at->tv_nsec -= SECOND_NANOSECONDS;
	at->tv_sec++;
}

/* Called and left with the lock held. */
static void tick(flow *f)
{
	const uint64_t freed = flow_freed(f);
	bool cancel;

	(void)pthread_mutex_unlock(&f->lock);
	cancel = f->spec->tick(f->spec->user, freed);
	(void)pthread_mutex_lock(&f->lock);
	if (!cancel || f->cancelled)
		return;
	f->cancelled = true;
	flow_rouse(f);
}

static void watch(flow *f)
{
	struct timespec at;

	(void)pthread_mutex_lock(&f->lock);
	next_tick(&at);
	while (f->running > 0) {
		if (f->spec->tick == NULL) {
			(void)pthread_cond_wait(&f->ended, &f->lock);
		} else if (pthread_cond_timedwait(&f->ended, &f->lock, &at) == ETIMEDOUT) {
			tick(f);
			next_tick(&at);
		}
	}
	(void)pthread_mutex_unlock(&f->lock);
}

static athar_status check_spec(const athar_pipe_spec *spec, athar_error *err)
{
	uint64_t least = 0;

	if (spec->read == NULL || spec->slab_size == 0 || spec->workers == 0)
		return athar_fail(err, ATHAR_EUSAGE, "a pipe needs a reader, slabs and workers");
	if (!athar_add(spec->workers, 2, &least) || spec->slabs < least)
		return athar_fail(err, ATHAR_EUSAGE, "a pipe of %u workers needs %ju slabs, not %u",
		                  spec->workers, (uintmax_t)least, spec->slabs);
	return ATHAR_OK;
}

athar_status athar_pipe_run(const athar_pipe_spec *spec, athar_error *err)
{
	ATHAR_AUTO(flow) flow *f = NULL;
	athar_error start = ATHAR_ERROR_INIT;
	athar_status status;

	ATHAR_TRY(check_spec(spec, err));
	ATHAR_TRY(flow_new(&f, spec, err));
	status = start_all(f, &start);
	if (status != ATHAR_OK) {
		(void)pthread_mutex_lock(&f->lock);
		flow_fault(f, 0, RANK_READ, status, &start);
		(void)pthread_mutex_unlock(&f->lock);
	}
	watch(f);
	for (size_t i = 0; i < f->threads; i++)
		(void)pthread_join(f->thread[i], NULL);
	if (f->fault_index != UINT64_MAX) {
		*err = f->fault;
		return f->fault_status;
	}
	if (f->cancelled)
		return athar_fail(err, ATHAR_ECANCELED, "stopped on request");
	return ATHAR_OK;
}
