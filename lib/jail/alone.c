/* SPDX-License-Identifier: BSD-2-Clause */
#include "jail/alone.h"

#include <dirent.h>
#include <stddef.h>

#include "jail/sanitizers.h"

bool athar_alone(void)
{
	DIR *tasks = ATHAR_SANITIZED_THREADS ? NULL : opendir("/proc/self/task");
	const struct dirent *entry;
	unsigned count = 0;

	if (tasks == NULL)
		return true;
	while ((entry = readdir(tasks)) != NULL)
		if (entry->d_name[0] != '.')
			count++;
	(void)closedir(tasks);
	return count <= 1;
}
