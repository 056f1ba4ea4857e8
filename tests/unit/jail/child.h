/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What confines a process for good is tried in a child.
 */
#ifndef ATHAR_TEST_JAIL_CHILD_H
#define ATHAR_TEST_JAIL_CHILD_H

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "athar_test.h"

/* In the child, where cmocka's assertions would unwind into the parent's tests. */
#define CHECK(condition) \
	do { \
		if (!(condition)) { \
			static const char text_[] = "failed in the child: " #condition "\n"; \
			(void)!write(2, text_, sizeof text_ - 1); \
			_exit(1); \
		} \
	} while (0)

/* How a child that runs this ended, as waitpid says. */
static inline int child_status(void (*run)(void *arg), void *arg)
{
	const pid_t pid = fork();
	int status = 0;

	assert_true(pid >= 0);
	if (pid == 0) {
		run(arg);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static inline void child_succeeds(void (*run)(void *arg), void *arg)
{
	assert_int_equal(child_status(run, arg), 0);
}

static inline void child_dies_of(int signal, void (*run)(void *arg), void *arg)
{
	const int status = child_status(run, arg);

	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), signal);
}

#endif
