/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/medium.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "image/driver.h"

/* What direct reads have to be aligned to where the sector is smaller. */
#define PAGE 4096u

bool athar_medium_is(const athar_source *source)
{
	return source->driver->medium != NULL && source->driver->medium(source, false) >= 0;
}

athar_status athar_medium_open(athar_medium *m, athar_source *source, unsigned seconds,
                               athar_error *err)
{
	const athar_source_info *info = athar_source_describe(source);

	*m = (athar_medium){.source = source, .size = info->size, .sector = info->sector_size};
	m->bounce = athar_alloc_pages(ATHAR_MEDIUM_READ + 2 * PAGE, err);
	m->spare = athar_alloc_pages(ATHAR_MEDIUM_READ, err);
	if (m->bounce == NULL || m->spare == NULL)
		return ATHAR_ENOMEM;
	return athar_watchdog_new(&m->watchdog, seconds, ATHAR_MEDIUM_READ + 2 * PAGE, err);
}

static bool is_aligned(const athar_medium *m, const void *buf, size_t len, uint64_t offset)
{
	return (uintptr_t)buf % m->sector == 0 && len % m->sector == 0 && offset % m->sector == 0;
}

/* The end of a file that is no whole number of sectors: the request goes beyond it. */
static athar_status read_end(athar_medium *m, int fd, void *buf, size_t len, uint64_t offset,
                             size_t *got, athar_attempt *how, athar_error *err)
{
	const uint64_t first = athar_round_down(offset, m->sector);
	const size_t skip = (size_t)(offset - first);
	const size_t whole = (size_t)athar_round_up(skip + len, athar_max(m->sector, PAGE));

	ATHAR_TRY(athar_watchdog_read(m->watchdog, fd, m->bounce, whole, first, got, how, err));
	*got = *got <= skip ? 0 : (size_t)athar_min(*got - skip, len);
	memcpy(buf, m->bounce + skip, *got);
	if (*got == len)
		*how = ATHAR_ATTEMPT_READ;
	return ATHAR_OK;
}

athar_status athar_medium_read(athar_medium *m, bool direct, void *buf, size_t len, uint64_t offset,
                               size_t *got, athar_attempt *how, athar_error *err)
{
	const athar_source_info *info = athar_source_describe(m->source);
	const bool past = direct || info->device;
	const int fd = m->source->driver->medium(m->source, past);

	*got = 0;
	offset += info->origin;
	if (len > ATHAR_MEDIUM_READ || !athar_inside(offset - info->origin, len, m->size))
		return athar_fail(err, ATHAR_EUSAGE, "a read of a medium is too large");
	if (!past || is_aligned(m, buf, len, offset))
		return athar_watchdog_read(m->watchdog, fd, buf, len, offset, got, how, err);
	return read_end(m, fd, buf, len, offset, got, how, err);
}

void athar_medium_close(athar_medium *m)
{
	athar_watchdog_free(m->watchdog);
	free(m->bounce);
	free(m->spare);
	*m = (athar_medium){.source = NULL};
}
