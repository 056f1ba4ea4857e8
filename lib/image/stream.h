/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A source that can be read once only, from its first byte to its last: a pipe, or whatever the
 * standard input is. How much it holds is known when it has ended.
 */
#ifndef ATHAR_IMAGE_STREAM_H
#define ATHAR_IMAGE_STREAM_H

#include "athar/source.h"

/* "-", or a FIFO. Such a path is opened once: who closes a FIFO ends its writer. */
bool athar_stream_is(const char *path);

/*
 * Waits until a FIFO has a writer. The standard input is read through a descriptor of its own and
 * stays open. ATHAR_EUSAGE for a terminal, and for what is no stream.
 *
 * Reading gives all that was asked for, or less at the end, or less when nothing came for a quarter
 * of a second; a failure of the pipe is ATHAR_EIO and final, since nothing can be read twice.
 */
athar_status athar_source_stream(athar_source **out, const char *path, athar_error *err);

#endif
