/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A question: eight bytes of number, then the request. An answer: its number, four bytes that say
 * whether it failed (then an error as in frame.h follows) or not (then the bytes). Both are one
 * packet of a SOCK_SEQPACKET pair, so that a packet is whole or not there.
 */
#include "jail/porter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "jail/alone.h"
#include "jail/frame.h"
#include "jail/sanitizers.h"

enum { NUMBER = 8, HEADER = 12, FAREWELL = 100 /* milliseconds */ };

/* An error may be longer than what an answer may say. */
#define PACKET (HEADER + ATHAR_PORTER_ANSWER)
_Static_assert(ATHAR_FRAME_ERROR <= ATHAR_PORTER_ANSWER, "an error fits into an answer");

struct athar_porter {
	int channel;
	pid_t pid;
	uint64_t asked, answered; /* numbers of the last question and of the last answer */
};

/* Room for the descriptors of one packet. */
typedef union control {
	struct cmsghdr header; /* for its alignment */
	char room[CMSG_SPACE(ATHAR_PORTER_DESCRIPTORS * sizeof(int))];
} control;

void athar_porter_reply_clear(athar_porter_reply *reply)
{
	for (size_t i = 0; i < ATHAR_PORTER_DESCRIPTORS; i++) {
		if (reply->fd[i] >= 0)
			(void)close(reply->fd[i]);
		reply->fd[i] = -1;
	}
}

/* ---- the porter's side ---- */

static void put_descriptors(struct msghdr *message, control *c, const athar_porter_reply *reply)
{
	size_t count = 0;

	while (count < ATHAR_PORTER_DESCRIPTORS && reply->fd[count] >= 0)
		count++;
	if (count == 0)
		return;
	message->msg_control = c->room;
	message->msg_controllen = CMSG_SPACE(count * sizeof(int));
	struct cmsghdr *header = CMSG_FIRSTHDR(message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(header), reply->fd, count * sizeof(int));
}

static bool send_answer(int channel, uint64_t number, athar_status status, const athar_error *err,
                        athar_porter_reply *reply)
{
	uint8_t packet[PACKET];
	control c = {.room = {0}};
	struct iovec part = {packet, 0};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	size_t len = reply->len;

	athar_put_le64(packet, number);
	athar_put_le32(packet + NUMBER, status != ATHAR_OK);
	if (status == ATHAR_OK) {
		memcpy(packet + HEADER, reply->bytes, len);
		put_descriptors(&message, &c, reply);
	} else {
		len = athar_frame_put_error(packet + HEADER, status, err);
	}
	part.iov_len = HEADER + len;
	return sendmsg(channel, &message, MSG_NOSIGNAL) >= 0;
}

/* False: it is over. Descriptors that come with a question are not taken: there is no room. */
static bool serve_one(int channel, athar_porter_answer *answer, void *user)
{
	ATHAR_AUTO(porter_reply) athar_porter_reply reply = ATHAR_PORTER_REPLY_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	uint8_t question[NUMBER + ATHAR_PORTER_REQUEST];
	const ssize_t got = recv(channel, question, sizeof question, MSG_TRUNC);

	if (got < 0 && errno == EINTR)
		return true;
	if (got < NUMBER || (size_t)got > sizeof question)
		return false;
	const athar_bytes request = {question + NUMBER, (size_t)got - NUMBER, 0};
	athar_status status = answer(user, request, &reply, &err);
	if (status == ATHAR_OK && reply.len > ATHAR_PORTER_ANSWER)
		status = athar_fail(&err, ATHAR_ELIMIT, "an answer is too long");
	return send_answer(channel, athar_le64(question), status, &err, &reply);
}

/* An interrupt from the terminal goes to the whole group: the asker decides what it means. */
static void reset_signals(void)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		(void)signal(i, i == SIGINT || i == SIGQUIT || i == SIGHUP ? SIG_IGN : SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Kernels before 5.9 have no close_range. */
static void close_from(int first)
{
	struct rlimit most = {0, 0};

	if (close_range((unsigned)first, ~0u, 0) == 0 || getrlimit(RLIMIT_NOFILE, &most) != 0)
		return;
	for (int fd = first; (rlim_t)fd < most.rlim_cur && fd < 65536; fd++)
		(void)close(fd);
}

/* Only the channel stays open, as descriptor 3: evidence and the locks of the case are not held
 * any longer than by whoever forked us. Nothing reaches the terminal; sanitizers keep theirs. */
static bool leave_all(int channel)
{
	const int last = ATHAR_SANITIZED ? STDOUT_FILENO : STDERR_FILENO;
	const int moved = fcntl(channel, F_DUPFD_CLOEXEC, 10);
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || moved < 0)
		return false;
	for (int i = 0; i <= last; i++)
		if (dup2(null, i) < 0)
			return false;
	if (dup3(moved, 3, O_CLOEXEC) < 0)
		return false;
	close_from(4);
	return true;
}

static _Noreturn void live(int channel, pid_t asker, athar_porter_answer *answer, void *user)
{
	const struct rlimit none = {0, 0};

	/* The kernel sends it only where the asker could have: not when it is root no more. The end
	 * of the channel is what ends us then. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != asker)
		_exit(1);
	reset_signals();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || setrlimit(RLIMIT_CORE, &none) != 0 ||
	    !leave_all(channel))
		_exit(1);
	while (serve_one(3, answer, user))
		;
	_exit(0);
}

/* ---- the asker's side ---- */

/* Signals wait while there are two of us, so that none meets the asker's handlers in the porter. */
static athar_status fork_it(athar_porter *porter, athar_porter_answer *answer, void *user,
                            athar_error *err)
{
	const pid_t asker = getpid();
	sigset_t all, before;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return athar_fail_errno(err, "cannot make a channel to a porter");
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	porter->pid = fork();
	if (porter->pid == 0)
		live(ends[1], asker, answer, user);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	porter->channel = ends[0];
	(void)close(ends[1]);
	return porter->pid > 0 ? ATHAR_OK : athar_fail_errno(err, "cannot fork a porter");
}

athar_status athar_porter_open(athar_porter **out, athar_porter_answer *answer, void *user,
                               athar_error *err)
{
	ATHAR_AUTO(porter) athar_porter *porter = NULL;

	if (!athar_alone())
		return athar_fail(err, ATHAR_EUSAGE,
		                  "a porter is forked before the process has other threads");
	porter = athar_alloc(sizeof *porter, err);
	if (porter == NULL)
		return ATHAR_ENOMEM;
	porter->channel = -1;
	ATHAR_TRY(fork_it(porter, answer, user, err));
	*out = ATHAR_GIVE(porter);
	return ATHAR_OK;
}

/* False: more came than there was room for, or nothing that makes sense. */
static bool take_descriptors(athar_porter_reply *reply, struct msghdr *message)
{
	const struct cmsghdr *header = CMSG_FIRSTHDR(message);
	size_t count;

	if (header == NULL)
		return (message->msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0;
	if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS ||
	    header->cmsg_len < CMSG_LEN(0))
		return false;
	count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	if (count > ATHAR_PORTER_DESCRIPTORS)
		return false;
	memcpy(reply->fd, CMSG_DATA(header), count * sizeof(int));
	return (message->msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0;
}

static athar_status lost(athar_porter *porter, athar_error *err)
{
	if (porter->channel >= 0)
		(void)close(porter->channel);
	porter->channel = -1;
	return athar_fail(err, ATHAR_EIO, "the porter process has ended");
}

/* One packet, which is there. *number is the question it answers. */
static athar_status receive(athar_porter_reply *reply, uint64_t *number, athar_porter *porter,
                            athar_error *err)
{
	uint8_t packet[PACKET];
	control c = {.room = {0}};
	struct iovec part = {packet, sizeof packet};
	struct msghdr message = {.msg_iov = &part,
	                         .msg_iovlen = 1,
	                         .msg_control = c.room,
	                         .msg_controllen = sizeof c.room};
	const ssize_t got = recvmsg(porter->channel, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

	if (got < HEADER || !take_descriptors(reply, &message))
		return lost(porter, err);
	*number = athar_le64(packet);
	reply->len = (size_t)got - HEADER;
	memcpy(reply->bytes, packet + HEADER, reply->len);
	if (athar_le32(packet + NUMBER) == 0)
		return ATHAR_OK;
	reply->len = 0;
	const athar_bytes said = {packet + HEADER, (size_t)got - HEADER, 0};
	if (!athar_frame_get_error(err, said) || err->status == ATHAR_OK)
		return lost(porter, err);
	return err->status;
}

static athar_status silent(athar_error *err)
{
	return athar_fail(err, ATHAR_EIO, "the porter process did not answer in time");
}

/* Waits for the answer to question `number`; those to earlier ones are dropped. */
static athar_status wait_for(athar_porter_reply *reply, athar_porter *porter, uint64_t number,
                             unsigned *milliseconds, athar_error *err)
{
	enum { STEP = 20 };

	while (porter->channel >= 0) {
		struct pollfd one = {porter->channel, POLLIN, 0};
		uint64_t came = 0;
		const int ready = poll(&one, 1, STEP);

		if (ready < 0 && errno != EINTR)
			return athar_fail_errno(err, "cannot wait for the porter process");
		if (ready <= 0 && *milliseconds <= STEP)
			return silent(err);
		if (ready <= 0) {
			*milliseconds -= STEP;
			continue;
		}
		const athar_status status = receive(reply, &came, porter, err);
		if (porter->channel < 0)
			return status;
		porter->answered = came;
		if (came == number)
			return status;
		athar_porter_reply_clear(reply);
	}
	return lost(porter, err);
}

static athar_status send_question(athar_porter *porter, athar_bytes request, athar_error *err)
{
	uint8_t question[NUMBER + ATHAR_PORTER_REQUEST];
	struct iovec part = {question, NUMBER + request.len};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

	athar_put_le64(question, porter->asked + 1);
	if (request.len > 0)
		memcpy(question + NUMBER, request.ptr, request.len);
	if (sendmsg(porter->channel, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return lost(porter, err);
	porter->asked++;
	return ATHAR_OK;
}

athar_status athar_porter_ask(athar_porter_reply *reply, athar_porter *porter, athar_bytes request,
                              unsigned milliseconds, athar_error *err)
{
	*reply = (athar_porter_reply)ATHAR_PORTER_REPLY_INIT;
	if (request.len > ATHAR_PORTER_REQUEST)
		return athar_fail(err, ATHAR_ELIMIT, "a request of %zu bytes is too long",
		                  request.len);
	if (porter->channel < 0)
		return lost(porter, err);
	if (porter->answered != porter->asked) {
		(void)wait_for(reply, porter, porter->asked, &milliseconds, err);
		athar_porter_reply_clear(reply);
		if (porter->channel < 0 || porter->answered != porter->asked)
			return err->status;
	}
	*reply = (athar_porter_reply)ATHAR_PORTER_REPLY_INIT;
	*err = (athar_error)ATHAR_ERROR_INIT;
	ATHAR_TRY(send_question(porter, request, err));
	const athar_status status = wait_for(reply, porter, porter->asked, &milliseconds, err);
	if (status != ATHAR_OK)
		athar_porter_reply_clear(reply);
	return status;
}

/* Who has confined itself can neither wait for it nor kill it: it sees the channel end and goes. */
void athar_porter_close(athar_porter *porter)
{
	if (porter == NULL)
		return;
	if (porter->channel >= 0)
		(void)close(porter->channel);
	for (int i = 0; i < FAREWELL && porter->pid > 0; i++) {
		if (waitpid(porter->pid, NULL, WNOHANG) != 0)
			break;
		(void)poll(NULL, 0, 1);
	}
	free(porter);
}
