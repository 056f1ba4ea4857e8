/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A source over memory.
 */
#include <string.h>

#include "base/idiom.h"
#include "image/driver.h"
#include "image/source_new.h"

static athar_status memory_read(athar_source *source, void *buf, size_t len, uint64_t offset,
                                athar_runs *bad, athar_error *err)
{
	const uint8_t *bytes = source->state;

	(void)bad;
	(void)err;
	if (len != 0)
		memcpy(buf, bytes + offset, len);
	return ATHAR_OK;
}

static const athar_source_driver memory_driver = {
	.name = "memory",
	.summary = "bytes in memory",
	.read = memory_read,
};

athar_status athar_source_memory(athar_source **out, const void *bytes, size_t len,
                                 athar_error *err)
{
	athar_source *s = NULL;

	ATHAR_TRY(athar_source_new(&s, &memory_driver, "memory", err));
	s->info.size = len;
	/* Read only: the driver has no function that writes. */
	s->state = (void *)(uintptr_t)bytes;
	*out = s;
	return ATHAR_OK;
}
