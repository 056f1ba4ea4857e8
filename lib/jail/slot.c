/* SPDX-License-Identifier: BSD-2-Clause */
#include "jail/slot.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "base/idiom.h"
#include "jail/alone.h"
#include "jail/worker.h"

enum {
	RECEIVE = 256 * 1024,      /* bytes at a time */
	KEEP_BUFFER = 1024 * 1024, /* a larger one is given back when it is empty */
	LAST_MOMENTS = 2000        /* milliseconds between a closed channel and the end */
};

/* Signals wait while there are two of us, so that none meets the supervisor's handlers in the
 * worker. */
athar_status athar_slot_start(athar_slot *slot, const athar_jail_spec *spec, athar_error *err)
{
	const pid_t supervisor = getpid();
	int ends[2];
	sigset_t all, before;
	pid_t pid;

	if (!athar_alone())
		return athar_fail(err, ATHAR_EUSAGE,
		                  "workers are forked before the process has other threads");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return athar_fail_errno(err, "cannot make a channel to a worker");
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0) {
		(void)close(ends[0]);
		athar_worker_live(spec, ends[1], supervisor);
	}
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	(void)close(ends[1]);
	if (pid < 0) {
		(void)athar_fail_errno(err, "cannot fork a worker");
		(void)close(ends[0]);
		return err->status;
	}
	slot->state = ATHAR_SLOT_STARTING;
	slot->pid = pid;
	slot->channel = ends[0];
	slot->clock = slot->idle = 0;
	slot->watched = false;
	return ATHAR_OK;
}

static bool gone(pid_t pid, int *status)
{
	const pid_t got = waitpid(pid, status, WNOHANG);

	return got == pid || (got < 0 && errno == ECHILD);
}

void athar_slot_reap(athar_slot_dying *dying)
{
	size_t left = 0;
	int status;

	for (size_t i = 0; i < dying->count; i++)
		if (!gone(dying->pid[i], &status))
			dying->pid[left++] = dying->pid[i];
	dying->count = left;
}

/* Where there is no memory to remember it by, it is waited for. */
static void bury(pid_t pid, athar_slot_dying *dying)
{
	athar_error err = ATHAR_ERROR_INIT;

	(void)kill(pid, SIGKILL);
	if (athar_grow(&dying->pid, &dying->capacity, dying->count + 1, sizeof pid, &err) ==
	    ATHAR_OK)
		dying->pid[dying->count++] = pid;
	else
		(void)waitpid(pid, NULL, 0);
}

void athar_slot_stop(athar_slot *slot, athar_slot_dying *dying)
{
	if (slot->state == ATHAR_SLOT_EMPTY)
		return;
	(void)close(slot->channel);
	if (slot->pid > 0)
		bury(slot->pid, dying);
	slot->state = ATHAR_SLOT_EMPTY;
	slot->pid = 0;
	slot->in_at = slot->in_end = slot->out_at = slot->out_end = 0;
	slot->done = 0;
}

void athar_slot_free(athar_slot *slot)
{
	free(slot->in);
	free(slot->out);
}

athar_status athar_slot_request(athar_slot *slot, uint64_t task, athar_bytes request,
                                athar_error *err)
{
	uint64_t size = 0;

	if (!athar_add(request.len, ATHAR_REQUEST_HEADER, &size))
		return athar_fail(err, ATHAR_ELIMIT, "a request is too long");
	ATHAR_TRY(athar_grow(&slot->out, &slot->out_capacity, (size_t)size, 1, err));
	athar_put_le64(slot->out, request.len);
	athar_put_le64(slot->out + 8, request.origin);
	if (request.len > 0)
		memcpy(slot->out + ATHAR_REQUEST_HEADER, request.ptr, request.len);
	slot->out_at = 0;
	slot->out_end = (size_t)size;
	slot->state = ATHAR_SLOT_BUSY;
	slot->task = task;
	slot->done = 0;
	slot->clock = slot->idle = 0;
	slot->watched = false;
	athar_slot_flush(slot);
	return ATHAR_OK;
}

/* A worker that does not take its request is seen by its clock, one that has gone by its silence.
 */
void athar_slot_flush(athar_slot *slot)
{
	while (slot->out_at < slot->out_end) {
		const ssize_t sent =
			send(slot->channel, slot->out + slot->out_at, slot->out_end - slot->out_at,
		             MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent < 0)
			return;
		slot->out_at += (size_t)sent;
	}
}

/* Room for one more receive behind what is there. */
static athar_status make_room(athar_slot *slot, athar_error *err)
{
	const size_t held = slot->in_end - slot->in_at;

	if (slot->in_at > 0 && held > 0)
		memmove(slot->in, slot->in + slot->in_at, held);
	slot->in_at = 0;
	slot->in_end = held;
	if (held == 0 && slot->in_capacity > KEEP_BUFFER) {
		free(ATHAR_GIVE(slot->in));
		slot->in_capacity = 0;
	}
	return athar_grow(&slot->in, &slot->in_capacity, held + RECEIVE, 1, err);
}

athar_status athar_slot_receive(athar_slot *slot, bool *over, athar_error *err)
{
	ssize_t got;

	*over = false;
	ATHAR_TRY(make_room(slot, err));
	got = recv(slot->channel, slot->in + slot->in_end, RECEIVE, MSG_DONTWAIT);
	if (got > 0)
		slot->in_end += (size_t)got;
	else if (got == 0 || (errno != EAGAIN && errno != EINTR))
		*over = true;
	return ATHAR_OK;
}

athar_frame_state athar_slot_frame(const athar_slot *slot, athar_frame *out)
{
	return athar_frame_read(out, slot->in + slot->in_at, slot->in_end - slot->in_at);
}

void athar_slot_take(athar_slot *slot, const athar_frame *frame)
{
	slot->in_at += ATHAR_FRAME_HEADER + frame->payload.len;
}

static void name_cause(athar_jail_end *out, int status)
{
	out->kind = ATHAR_JAIL_CRASHED;
	if (!WIFSIGNALED(status)) {
		(void)athar_fail(&out->error, ATHAR_EIO,
		                 "the worker left in the middle of its task, with exit status %d",
		                 WEXITSTATUS(status));
		return;
	}
	out->signal = WTERMSIG(status);
	if (out->signal == SIGSYS)
		(void)athar_fail(
			&out->error, ATHAR_EIO,
			"the worker tried a forbidden system call and was killed (SIGSYS)");
	else if (out->signal == SIGKILL)
		(void)athar_fail(
			&out->error, ATHAR_EIO,
			"the worker was killed from outside (SIGKILL), perhaps because the "
			"machine ran out of memory");
	else
		(void)athar_fail(&out->error, ATHAR_EIO, "the worker crashed: %s (signal %d)",
		                 sigdescr_np(out->signal) != NULL ? sigdescr_np(out->signal)
		                                                  : "unknown signal",
		                 out->signal);
}

void athar_slot_autopsy(athar_jail_end *out, athar_slot *slot)
{
	int status = 0;

	for (int waited = 0; waited < LAST_MOMENTS; waited++) {
		if (gone(slot->pid, &status)) {
			slot->pid = 0;
			name_cause(out, status);
			return;
		}
		(void)poll(NULL, 0, 1);
	}
	out->kind = ATHAR_JAIL_GARBLED;
	(void)athar_fail(&out->error, ATHAR_EIO, "the worker closed its channel and stayed");
}
