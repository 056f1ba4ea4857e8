/* SPDX-License-Identifier: BSD-2-Clause */
/* A folder that is being made: one process works on it. */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>

#include "case/private.h"

/* A process that was killed while it waited for a disk has its lock until the disk answers. */
static bool take_lock(int fd)
{
	const struct timespec between = {0, 100 * 1000 * 1000};

	for (unsigned tries = 30; tries > 0; tries--) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return true;
		if (errno != EWOULDBLOCK)
			return false;
		(void)nanosleep(&between, NULL);
	}
	errno = EWOULDBLOCK;
	return false;
}

/* Where the file system has no locks the case itself could not be opened. */
athar_status athar_case_lock(int *fd, const char *folder, athar_error *err)
{
	*fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (*fd < 0)
		return athar_fail_errno(err, "cannot open %s", folder);
	if (take_lock(*fd))
		return ATHAR_OK;
	if (errno != EWOULDBLOCK)
		return athar_fail_errno(err, "cannot lock %s", folder);
	return athar_fail(err, ATHAR_EREFUSED, "another process works on %s", folder);
}
