/* SPDX-License-Identifier: BSD-2-Clause */
/* The file that athar_f2fs_read has open from call to call: content is read from front to back. */
#ifndef ATHAR_VOLUME_F2FS_READ_H
#define ATHAR_VOLUME_F2FS_READ_H

#include "volume/f2fs_state.h"

void athar_f2fs_reader_free(athar_f2fs_reader *reader);

#endif
