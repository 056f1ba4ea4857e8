/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One thread, a worker, does the reads and the caller waits for it with a deadline. When that
 * passes, the worker is left: it owns itself and its buffer from then on, and frees both when its
 * read returns, whenever that is. The count of those is owned by all who may still change it.
 */
#include "rescue/watchdog.h"

#include <errno.h>
#include <linux/fs.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>

#include "base/alloc.h"

typedef struct tally {
	atomic_uint hanging;
	atomic_uint owners; /* the watchdog, and every worker that was left */
} tally;

/* What is asked, and the answer. */
typedef struct request {
	int fd;
	size_t len;
	uint64_t offset;
	ssize_t got; /* as pread() returns it */
	int code;    /* errno */
} request;

typedef enum stage { STAGE_IDLE, STAGE_ASKED, STAGE_ANSWERED, STAGE_LEFT, STAGE_QUIT } stage;

typedef struct worker {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t asked, answered;
	stage stage;
	request request;
	uint8_t *buffer;
	tally *tally;
} worker;

struct athar_watchdog {
	unsigned seconds;
	size_t largest;
	worker *worker; /* NULL: none is there yet, or the last one was left */
	tally *tally;
};

static void tally_leave(tally *t)
{
	if (atomic_fetch_sub(&t->owners, 1) == 1)
		free(t);
}

static void worker_free(worker *w)
{
	(void)pthread_cond_destroy(&w->asked);
	(void)pthread_cond_destroy(&w->answered);
	(void)pthread_mutex_destroy(&w->lock);
	free(w->buffer);
	free(w);
}

static void plain_read(request *q, void *buf)
{
	do {
		q->got = pread(q->fd, buf, q->len, (off_t)q->offset);
		q->code = q->got < 0 ? errno : 0;
	} while (q->code == EINTR);
}

/* The last thing the thread of a worker that was left does. */
static void worker_vanish(worker *w)
{
	tally *t = w->tally;

	worker_free(w);
	(void)atomic_fetch_sub(&t->hanging, 1);
	tally_leave(t);
}

static void *worker_main(void *arg)
{
	worker *w = arg;
	request q;
	bool left = false;

	(void)pthread_mutex_lock(&w->lock);
	for (;;) {
		while (w->stage == STAGE_IDLE || w->stage == STAGE_ANSWERED)
			(void)pthread_cond_wait(&w->asked, &w->lock);
		if (w->stage != STAGE_ASKED)
			break;
		q = w->request;
		(void)pthread_mutex_unlock(&w->lock);
		plain_read(&q, w->buffer);
		(void)pthread_mutex_lock(&w->lock);
		if (w->stage != STAGE_ASKED)
			break;
		w->request = q;
		w->stage = STAGE_ANSWERED;
		(void)pthread_cond_signal(&w->answered);
	}
	left = w->stage == STAGE_LEFT;
	(void)pthread_mutex_unlock(&w->lock);
	if (left)
		worker_vanish(w);
	return NULL;
}

/* The deadlines must not jump when somebody sets the clock. */
static void worker_init(worker *w)
{
	pthread_condattr_t steady;

	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_cond_init(&w->asked, NULL);
	(void)pthread_condattr_init(&steady);
	(void)pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&w->answered, &steady);
	(void)pthread_condattr_destroy(&steady);
}

/* Signals for the process stay with the thread that called. */
static int start_thread(worker *w)
{
	sigset_t block, before;
	int code;

	(void)sigfillset(&block);
	(void)pthread_sigmask(SIG_BLOCK, &block, &before);
	code = pthread_create(&w->thread, NULL, worker_main, w);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return code;
}

static athar_status worker_new(worker **out, const athar_watchdog *dog, athar_error *err)
{
	worker *w = athar_alloc(sizeof *w, err);
	int code = 0;

	if (w == NULL)
		return ATHAR_ENOMEM;
	worker_init(w);
	w->tally = dog->tally;
	w->buffer = athar_alloc_pages(dog->largest, err);
	if (w->buffer == NULL) {
		worker_free(w);
		return ATHAR_ENOMEM;
	}
	code = start_thread(w);
	if (code != 0) {
		worker_free(w);
		errno = code;
		return athar_fail_errno(err, "cannot start a thread");
	}
	*out = w;
	return ATHAR_OK;
}

static void deadline_in(struct timespec *at, unsigned seconds)
{
	(void)clock_gettime(CLOCK_MONOTONIC, at);
	at->tv_sec += seconds;
}

/* Called with the lock held, which it releases: the worker is no longer ours afterwards. */
static void leave_worker(athar_watchdog *dog)
{
	worker *w = dog->worker;
	const pthread_t thread = w->thread;

	dog->worker = NULL;
	(void)atomic_fetch_add(&dog->tally->owners, 1);
	(void)atomic_fetch_add(&dog->tally->hanging, 1);
	w->stage = STAGE_LEFT;
	(void)pthread_detach(thread);
	(void)pthread_mutex_unlock(&w->lock);
}

/* False: the time is up, and the worker is left. */
static bool ask_worker(athar_watchdog *dog, request *q, void *buf)
{
	worker *w = dog->worker;
	struct timespec at;
	int code = 0;

	deadline_in(&at, dog->seconds);
	(void)pthread_mutex_lock(&w->lock);
	w->request = *q;
	w->stage = STAGE_ASKED;
	(void)pthread_cond_signal(&w->asked);
	while (w->stage == STAGE_ASKED && code != ETIMEDOUT)
		code = pthread_cond_timedwait(&w->answered, &w->lock, &at);
	if (w->stage == STAGE_ASKED) {
		leave_worker(dog);
		return false;
	}
	*q = w->request;
	if (q->got > 0)
		memcpy(buf, w->buffer, (size_t)q->got);
	w->stage = STAGE_IDLE;
	(void)pthread_mutex_unlock(&w->lock);
	return true;
}

/* What the kernel says of a medium, a link or a drive that fails: blk_errors of its block layer. */
static bool is_failure(int code)
{
	static const int failures[] = {EIO,       ENODATA, EREMOTEIO, EILSEQ,
	                               ETIMEDOUT, ENOLINK, EBADE,     EBADMSG};

	for (size_t i = 0; i < ATHAR_COUNT(failures); i++)
		if (code == failures[i])
			return true;
	return false;
}

/* A device that was unplugged may keep its node, and has 0 bytes then. */
static bool is_empty(int fd)
{
	struct stat st;
	uint64_t size = 0;

	if (fstat(fd, &st) != 0)
		return false;
	if (S_ISBLK(st.st_mode))
		return ioctl(fd, BLKGETSIZE64, &size) != 0 || size == 0;
	return S_ISREG(st.st_mode) && st.st_size == 0;
}

static bool is_gone(const request *q)
{
	/* Nothing where the medium had something when it was opened: it is another one now. */
	return q->got == 0 || (q->got < 0 && is_empty(q->fd)) || q->code == ENODEV ||
	       q->code == ENXIO || q->code == ENOMEDIUM;
}

static athar_status judge(const request *q, size_t *got, athar_attempt *how, athar_error *err)
{
	*got = q->got > 0 ? (size_t)q->got : 0;
	if (q->got >= 0 && *got == q->len) {
		*how = ATHAR_ATTEMPT_READ;
		return ATHAR_OK;
	}
	if (is_gone(q)) {
		*how = ATHAR_ATTEMPT_GONE;
		return ATHAR_OK;
	}
	if (q->got < 0 && !is_failure(q->code)) {
		errno = q->code;
		(void)athar_fail_errno(err, "cannot read %zu bytes", q->len);
		err->offset = q->offset;
		return ATHAR_EIO;
	}
	*how = ATHAR_ATTEMPT_FAILED;
	return ATHAR_OK;
}

athar_status athar_watchdog_new(athar_watchdog **out, unsigned seconds, size_t largest,
                                athar_error *err)
{
	ATHAR_AUTO(free) athar_watchdog *dog = athar_alloc(sizeof *dog, err);

	if (dog == NULL)
		return ATHAR_ENOMEM;
	dog->tally = athar_alloc(sizeof *dog->tally, err);
	if (dog->tally == NULL)
		return ATHAR_ENOMEM;
	atomic_init(&dog->tally->hanging, 0);
	atomic_init(&dog->tally->owners, 1);
	dog->seconds = seconds;
	dog->largest = largest;
	*out = ATHAR_GIVE(dog);
	return ATHAR_OK;
}

athar_status athar_watchdog_read(athar_watchdog *w, int fd, void *buf, size_t len, uint64_t offset,
                                 size_t *got, athar_attempt *how, athar_error *err)
{
	request q = {.fd = fd, .len = len, .offset = offset};

	if (len > w->largest || offset > INT64_MAX)
		return athar_fail_at(err, ATHAR_EUSAGE, offset, "no read may be of %zu bytes there",
		                     len);
	if (w->seconds == 0) {
		plain_read(&q, buf);
		return judge(&q, got, how, err);
	}
	if (w->worker == NULL)
		ATHAR_TRY(worker_new(&w->worker, w, err));
	if (ask_worker(w, &q, buf))
		return judge(&q, got, how, err);
	*got = 0;
	*how = ATHAR_ATTEMPT_HUNG;
	return ATHAR_OK;
}

unsigned athar_watchdog_hanging(const athar_watchdog *w)
{
	return atomic_load(&w->tally->hanging);
}

void athar_watchdog_free(athar_watchdog *w)
{
	if (w == NULL)
		return;
	if (w->worker != NULL) {
		(void)pthread_mutex_lock(&w->worker->lock);
		w->worker->stage = STAGE_QUIT;
		(void)pthread_cond_signal(&w->worker->asked);
		(void)pthread_mutex_unlock(&w->worker->lock);
		(void)pthread_join(w->worker->thread, NULL);
		worker_free(w->worker);
	}
	tally_leave(w->tally);
	free(w);
}
