/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A part of another source, from one byte to another: a partition, a stretch of a disk. It says of
 * itself what the whole says (model, serial, fields), and where it lies: info.origin.
 */
#ifndef ATHAR_IMAGE_WINDOW_H
#define ATHAR_IMAGE_WINDOW_H

#include "athar/source.h"

/*
 * `base` is the window's from here on, also when this fails. Offset and size are in bytes and whole
 * sectors, except that a window may end where the base does; ATHAR_SIZE_UNKNOWN: to the end.
 * ATHAR_EUSAGE when it does not lie inside the base, is empty, or the base is a stream.
 *
 * The hashes on record inside a container are those of the whole and are left out. Stored chunks
 * can be fetched where the window begins and ends with them. driver->medium is the base's: what
 * reads the descriptor itself adds info.origin to its offsets.
 */
athar_status athar_source_window(athar_source **out, athar_source *base, uint64_t offset,
                                 uint64_t size, athar_error *err);

#endif
