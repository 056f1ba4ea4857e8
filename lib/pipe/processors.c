/* SPDX-License-Identifier: BSD-2-Clause */
#include "pipe/pipe.h"

#include <errno.h>
#include <sched.h>
#include <unistd.h>

enum { MOST_PROCESSORS = 1 << 16 };

/* 0 when a set of `room` processors cannot hold the answer. */
static unsigned count_allowed(int room)
{
	cpu_set_t *set = CPU_ALLOC((size_t)room);
	int count = 0;

	if (set == NULL)
		return 0;
	if (sched_getaffinity(0, CPU_ALLOC_SIZE((size_t)room), set) == 0)
		count = CPU_COUNT_S(CPU_ALLOC_SIZE((size_t)room), set);
	CPU_FREE(set);
	return count > 0 ? (unsigned)count : 0;
}

unsigned athar_pipe_processors(void)
{
	for (int room = CPU_SETSIZE; room <= MOST_PROCESSORS; room *= 4) {
		const unsigned count = count_allowed(room);

		if (count > 0)
			return count;
	}
	return 1;
}
