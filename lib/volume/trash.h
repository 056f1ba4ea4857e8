/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What lies in the recycle bin: deleted by its user, not by the file system. The bin's own record
 * says where the file was and when it was thrown away.
 */
#ifndef ATHAR_VOLUME_TRASH_H
#define ATHAR_VOLUME_TRASH_H

#include "volume/walk.h"

/* Gives the live files in the bins of the volume once more, under their former paths. */
athar_status athar_trash_walk(athar_walk *w, athar_error *err);

#endif
