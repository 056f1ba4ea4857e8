/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Room for what has to be written when the disk is full: the state for the next session, or, where
 * the image goes on elsewhere, the records. It is kept as a file that is given up in time.
 */
#include <fcntl.h>

#include "base/files.h"
#include "engine/acquisition.h"

#define ROOM_FILE ".room"
#define ROOM ((off_t)1 << 20)

/* That there is none is no failure: it is asked for before the image is begun. */
void athar_acquisition_keep_room(const athar_acquisition *a)
{
	athar_error ignored = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free)
	char *path = athar_join(athar_exhibit_folder(a->exhibit), ROOM_FILE, &ignored);
	ATHAR_AUTO(fd) int fd = -1;

	if (path == NULL)
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0)
		(void)posix_fallocate(fd, 0, ROOM);
}

void athar_acquisition_give_room(athar_acquisition *a)
{
	athar_error ignored = ATHAR_ERROR_INIT;

	(void)athar_exhibit_drop(a->exhibit, ROOM_FILE, &ignored);
}
