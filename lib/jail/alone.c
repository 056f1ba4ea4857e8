/* SPDX-License-Identifier: BSD-2-Clause */
#include "jail/alone.h"

#include <dirent.h>
#include <poll.h>
#include <stddef.h>

#include "jail/sanitizers.h"

enum { TRIES = 200 /* a millisecond each */ };

static unsigned count_threads(void)
{
	DIR *tasks = opendir("/proc/self/task");
	const struct dirent *entry;
	unsigned count = 0;

	if (tasks == NULL)
		return 0;
	while ((entry = readdir(tasks)) != NULL)
		if (entry->d_name[0] != '.')
			count++;
	(void)closedir(tasks);
	return count;
}

/* A thread that was joined may still be listed for a moment: the kernel wakes who waits for it
 * before it takes it off the list. */
bool athar_alone(void)
{
	for (int i = 0; i < TRIES && !ATHAR_SANITIZED_THREADS; i++) {
		if (count_threads() <= 1)
			return true;
		(void)poll(NULL, 0, 1);
	}
	return ATHAR_SANITIZED_THREADS;
}
