/* SPDX-License-Identifier: BSD-2-Clause */
#include "jail/worker.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/uio.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "jail/confine.h"
#include "jail/frame.h"
#include "jail/sanitizers.h"

/* What a reply may hold back. */
#define HELD_MAX ((size_t)64 << 10)

struct athar_jail_reply {
	int channel;
	bool holding;
	uint8_t *held; /* whole frames that wait; HELD_MAX */
	size_t held_len;
};

/* Descriptors. */
typedef struct list {
	int *fd;
	size_t count, capacity;
} list;

static athar_status write_parts(int channel, struct iovec *next, int count, athar_error *err)
{
	const struct iovec *end = next + count;

	while (next < end) {
		ssize_t written = writev(channel, next, (int)(end - next));

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return athar_fail_errno(err, "the worker cannot reach its supervisor");
		for (; next < end && (size_t)written >= next->iov_len; next++)
			written -= (ssize_t)next->iov_len;
		if (next < end) {
			next->iov_base = (char *)next->iov_base + written;
			next->iov_len -= (size_t)written;
		}
	}
	return ATHAR_OK;
}

/* After what was held back. */
static athar_status write_frame(athar_jail_reply *reply, uint32_t type, const void *bytes,
                                size_t len, athar_error *err)
{
	uint8_t header[ATHAR_FRAME_HEADER];
	/* writev takes what it only reads without const. */
	struct iovec part[3] = {{reply->held, reply->held_len},
	                        {header, sizeof header},
	                        {(void *)(uintptr_t)bytes, len}};

	athar_frame_put_header(header, type, len);
	reply->held_len = 0;
	return write_parts(reply->channel, part, 3, err);
}

static void hold_frame(athar_jail_reply *reply, uint32_t type, const void *bytes, size_t len)
{
	athar_frame_put_header(reply->held + reply->held_len, type, len);
	reply->held_len += ATHAR_FRAME_HEADER;
	if (len > 0)
		memcpy(reply->held + reply->held_len, bytes, len);
	reply->held_len += len;
}

void athar_jail_hold(athar_jail_reply *reply)
{
	reply->holding = true;
}

athar_status athar_jail_send(athar_jail_reply *reply, uint32_t type, const void *bytes, size_t len,
                             athar_error *err)
{
	if (type >= ATHAR_FRAME_OWN)
		return athar_fail(err, ATHAR_EUSAGE, "message type %ju is the jail's own",
		                  (uintmax_t)type);
	if (len > ATHAR_FRAME_PAYLOAD)
		return athar_fail(err, ATHAR_ELIMIT, "a message of %zu bytes is too long", len);
	if (!reply->holding || len > HELD_MAX - ATHAR_FRAME_HEADER ||
	    reply->held_len > HELD_MAX - ATHAR_FRAME_HEADER - len)
		return write_frame(reply, type, bytes, len, err);
	hold_frame(reply, type, bytes, len);
	return ATHAR_OK;
}

athar_status athar_jail_beat(athar_jail_reply *reply, uint64_t done, athar_error *err)
{
	uint8_t bytes[8];

	athar_put_le64(bytes, done);
	return write_frame(reply, ATHAR_FRAME_BEAT, bytes, sizeof bytes, err);
}

static athar_status write_error(athar_jail_reply *reply, uint32_t type, athar_status status,
                                athar_error *what, athar_error *err)
{
	uint8_t bytes[ATHAR_FRAME_ERROR];
	const size_t len = athar_frame_put_error(bytes, status, what);

	return write_frame(reply, type, bytes, len, err);
}

/* The supervisor's handlers are not ours. An interrupt from the terminal goes to the whole group:
 * the supervisor decides what it means. */
static void reset_signals(void)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		(void)signal(i, i == SIGINT || i == SIGQUIT ? SIG_IGN : SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Nothing of what evidence makes a library say reaches the terminal. Sanitizers keep theirs. */
static athar_status leave_terminal(athar_error *err)
{
	const int last = ATHAR_SANITIZED ? STDOUT_FILENO : STDERR_FILENO;
	const int null = open("/dev/null", O_RDWR);

	if (null < 0)
		return athar_fail_errno(err, "cannot open /dev/null");
	for (int i = 0; i <= last; i++)
		if (dup2(null, i) < 0)
			return athar_fail_errno(err, "cannot leave the terminal");
	if (null > last)
		(void)close(null);
	return ATHAR_OK;
}

static void close_folder(DIR **folder)
{
	if (*folder != NULL)
		(void)closedir(*folder);
}

/* What is open and is neither the channel nor a standard stream. */
static athar_status list_open(list *out, int channel, athar_error *err)
{
	__attribute__((cleanup(close_folder))) DIR *folder = opendir("/proc/self/fd");
	const struct dirent *entry;

	if (folder == NULL)
		return athar_fail_errno(err, "cannot read /proc/self/fd");
	while ((entry = readdir(folder)) != NULL) {
		const int fd = (int)strtol(entry->d_name, NULL, 10);

		if (fd <= STDERR_FILENO || fd == channel || fd == dirfd(folder))
			continue;
		ATHAR_TRY(athar_grow(&out->fd, &out->capacity, out->count + 1, sizeof fd, err));
		out->fd[out->count++] = fd;
	}
	return ATHAR_OK;
}

/* Bytes of address space in use. */
static athar_status measure_memory(uint64_t *out, athar_error *err)
{
	ATHAR_AUTO(file) FILE *f = fopen("/proc/self/statm", "re");
	char line[128];

	if (f == NULL || fgets(line, sizeof line, f) == NULL)
		return athar_fail_errno(err, "cannot read /proc/self/statm");
	*out = strtoull(line, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
	return ATHAR_OK;
}

static athar_status limit_memory(uint64_t most, athar_error *err)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_AS, &limit) != 0)
		return athar_fail_errno(err, "cannot ask for the worker's memory limit");
	limit.rlim_cur = limit.rlim_max = athar_min(most, limit.rlim_max);
	if (setrlimit(RLIMIT_AS, &limit) != 0)
		return athar_fail_errno(err, "cannot limit the worker's memory");
	return ATHAR_OK;
}

static athar_status lock_down(const athar_jail_spec *spec, const char **had, uint64_t memory,
                              athar_error *err)
{
	const athar_confine_spec worker = {.kind = ATHAR_CONFINE_WORKER,
	                                   .unconfined = spec->unconfined};
	const struct rlimit none = {0, 0};

	if (!athar_add(memory, spec->limits.memory, &memory))
		memory = UINT64_MAX;
	if (!ATHAR_SANITIZED)
		ATHAR_TRY(limit_memory(memory, err));
	if (setrlimit(RLIMIT_FSIZE, &none) != 0)
		return athar_fail_errno(err, "cannot keep the worker from writing files");
	return athar_confine(had, &worker, err);
}

/* What the supervisor had open - the case, the other workers' channels - is open here too until
 * the setup is done, which may want to copy some of it, and is closed then. */
static athar_status get_ready(void **state, const char **had, const athar_jail_spec *spec,
                              int channel, athar_error *err)
{
	list open_before = {NULL, 0, 0};
	uint64_t memory = 0;

	ATHAR_TRY(leave_terminal(err));
	ATHAR_TRY(measure_memory(&memory, err));
	ATHAR_TRY(list_open(&open_before, channel, err));
	if (spec->setup != NULL)
		ATHAR_TRY(spec->setup(state, spec->user, err));
	for (size_t i = 0; i < open_before.count; i++)
		(void)close(open_before.fd[i]);
	free(open_before.fd);
	return lock_down(spec, had, memory, err);
}

/* False: the supervisor has closed the channel. */
static bool read_all(int channel, uint8_t *out, size_t len)
{
	while (len > 0) {
		const ssize_t got = read(channel, out, len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		out += got;
		len -= (size_t)got;
	}
	return true;
}

/* False: it is over. */
static bool serve_one(const athar_jail_spec *spec, void *state, athar_jail_reply *reply)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_error lost = ATHAR_ERROR_INIT;
	uint8_t header[ATHAR_REQUEST_HEADER];
	ATHAR_AUTO(free) uint8_t *bytes = NULL;
	athar_status status = ATHAR_ENOMEM;
	size_t len;

	if (!read_all(reply->channel, header, sizeof header))
		return false;
	len = (size_t)athar_le64(header);
	reply->holding = false;
	bytes = athar_alloc(len, &err);
	if (bytes != NULL && !read_all(reply->channel, bytes, len))
		return false;
	if (bytes != NULL) {
		const athar_bytes request = {bytes, len, athar_le64(header + 8)};

		status = spec->task(state, request, reply, &err);
	}
	return write_error(reply, ATHAR_FRAME_END, status, &err, &lost) == ATHAR_OK &&
	       bytes != NULL;
}

_Noreturn void athar_worker_live(const athar_jail_spec *spec, int channel, pid_t supervisor)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_error lost = ATHAR_ERROR_INIT;
	athar_jail_reply reply = {.channel = channel};
	const char *had = "none";
	void *state = NULL;
	athar_status status;

	/* Who was orphaned before the first call took hold would wait for ever. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != supervisor)
		_exit(1);
	reset_signals();
	if (channel <= STDERR_FILENO) /* the supervisor was started without them */
		channel = fcntl(channel, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	reply.channel = channel;
	reply.held = athar_alloc(HELD_MAX, &err);
	status = reply.held == NULL ? ATHAR_ENOMEM : get_ready(&state, &had, spec, channel, &err);
	if (status != ATHAR_OK) {
		(void)write_error(&reply, ATHAR_FRAME_UNFIT, status, &err, &lost);
		_exit(1);
	}
	if (write_frame(&reply, ATHAR_FRAME_READY, had, strlen(had), &err) != ATHAR_OK)
		_exit(1);
	while (serve_one(spec, state, &reply))
		;
	_exit(0);
}
