/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads that may hang. A read runs on a thread of its own, so that the caller gets its answer when
 * the time is up, whatever the kernel does; the thread and its buffer are left to the read that
 * hangs, and the next read has new ones.
 */
#ifndef ATHAR_RESCUE_WATCHDOG_H
#define ATHAR_RESCUE_WATCHDOG_H

#include "rescue/rescue.h"

typedef struct athar_watchdog athar_watchdog;

/* `seconds` 0: reads run on the caller's thread and may take for ever. `largest`: bytes of a read.
 */
athar_status athar_watchdog_new(athar_watchdog **out, unsigned seconds, size_t largest,
                                athar_error *err);
/*
 * pread() of the descriptor, and what became of it. buf is page aligned where the descriptor wants
 * it. ENODEV, ENXIO and ENOMEDIUM are GONE, and so is a failure on a device that has 0 bytes by
 * now; EIO and its kin FAILED; a short read is FAILED with *got, and one that gives nothing, where
 * the medium had bytes once, is GONE: it became smaller. Anything else is a failure of the call.
 */
athar_status athar_watchdog_read(athar_watchdog *w, int fd, void *buf, size_t len, uint64_t offset,
                                 size_t *got, athar_attempt *how, athar_error *err);
/* Reads that hang by now. */
unsigned athar_watchdog_hanging(const athar_watchdog *w);
/* Does not wait for reads that hang: their memory is left to them. */
void athar_watchdog_free(athar_watchdog *w);
ATHAR_DEFINE_AUTO(watchdog, athar_watchdog *, athar_watchdog_free)

#endif
