/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A medium that may fail while it is read: plain reads, each tried once, and what became of them.
 */
#ifndef ATHAR_ENGINE_MEDIUM_H
#define ATHAR_ENGINE_MEDIUM_H

#include "athar/source.h"
#include "rescue/watchdog.h"

typedef struct athar_medium {
	athar_source *source; /* borrowed */
	athar_watchdog *watchdog;
	uint8_t *bounce; /* for ends that are no whole sector */
	uint8_t *spare;  /* ATHAR_MEDIUM_READ bytes, the caller\'s */
	uint64_t size;
	uint32_t sector;
} athar_medium;

/* Can the source fail by its medium, and be read again? Containers and pipes cannot. */
bool athar_medium_is(const athar_source *source);
/* `seconds`: after which a read is given up; 0: never. */
athar_status athar_medium_open(athar_medium *m, athar_source *source, unsigned seconds,
                               athar_error *err);
/* Of at most ATHAR_MEDIUM_READ bytes. direct: past the page cache, so that a bad sector takes none
 * of its neighbours with it; devices are always read so. *got good bytes come first, whole sectors
 * unless at the end. */
athar_status athar_medium_read(athar_medium *m, bool direct, void *buf, size_t len, uint64_t offset,
                               size_t *got, athar_attempt *how, athar_error *err);
void athar_medium_close(athar_medium *m);

#define ATHAR_MEDIUM_READ (1u << 20)

#endif
