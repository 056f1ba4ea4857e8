/* SPDX-License-Identifier: BSD-2-Clause */
#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define EXIT_INTERRUPTED 130

/* Some programs, timeout(1) among them, tell the process and then its whole group: what comes
 * within this many milliseconds of the first is not a second wish. */
#define ONE_AND_THE_SAME 500

static pid_t owner;
static volatile sig_atomic_t save_first, on_terminal;
/* Milliseconds of the first signal, 0 before it. Two threads may be told at the same moment. */
static _Atomic int64_t first;

/* Only calls that a handler may make. */
static void say(const char *line)
{
	const ssize_t ignored = write(STDERR_FILENO, line, strlen(line));

	(void)ignored;
}

static int64_t milliseconds(void)
{
	struct timespec t = {0, 0};

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void leave(void)
{
	say(on_terminal ? "\nathar: interrupted\n" : "athar: interrupted\n");
	_exit(EXIT_INTERRUPTED);
}

static void interrupted(int number)
{
	const int saved = errno;
	const int64_t now = milliseconds();
	int64_t before = 0;

	(void)number;
	/* A terminal tells the whole group; workers wait for what their supervisor decides. */
	if (getpid() != owner)
		return;
	if (!save_first)
		leave();
	if (!atomic_compare_exchange_strong(&first, &before, now)) {
		if (now - before >= ONE_AND_THE_SAME)
			leave();
		return;
	}
	if (on_terminal)
		say("\n");
	say("athar: interrupted; ending in good order (once more to leave at once)\n");
	errno = saved;
}

void athar_signals_begin(void)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = interrupted, .sa_flags = SA_RESTART};
	struct sigaction old;

	owner = getpid();
	on_terminal = isatty(STDERR_FILENO) == 1;
	(void)sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		/* nohup's wish stands. */
		if (sigaction(ends[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN &&
		    ends[i] == SIGHUP)
			continue;
		(void)sigaction(ends[i], &action, NULL);
	}
	(void)signal(SIGPIPE, SIG_IGN);
}

void athar_signals_save_first(void)
{
	save_first = 1;
}

bool athar_signals_seen(void)
{
	return atomic_load(&first) != 0;
}

void athar_signals_broken_pipe(void)
{
	(void)signal(SIGPIPE, SIG_DFL);
	(void)raise(SIGPIPE);
	_exit(128 + SIGPIPE);
}
