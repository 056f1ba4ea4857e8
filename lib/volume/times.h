/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ATHAR_VOLUME_TIMES_H
#define ATHAR_VOLUME_TIMES_H

#include "volume/volume_state.h"

/* What the file system recorded of a file; a time it did not record is not given. */
void athar_times_fill(athar_volume_file *file, const athar_volume *volume, const TSK_FS_FILE *tsk);

#endif
