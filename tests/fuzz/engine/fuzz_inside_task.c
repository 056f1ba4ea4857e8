/* SPDX-License-Identifier: BSD-2-Clause */
/* The first byte chooses the kind of container, whatever the rest is: all that is found lies in it,
 * and comes out again with the size it was found with. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "engine/inside_task.h"
#include "image/driver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static athar_status found(void *user, const athar_find *f, athar_error *err)
{
	athar_source *image = user;
	ATHAR_AUTO(free) uint8_t *memory = NULL;
	const uint8_t *at = NULL;
	size_t len = 0;

	if (f->via_count == 0 || f->via_count > ATHAR_ITEM_DEPTH ||
	    athar_extents_size(&f->extents) != f->size ||
	    athar_extents_plain(&f->extents) == athar_find_wrapped(f))
		abort();
	if (!athar_find_wrapped(f))
		return ATHAR_OK;
	if (athar_inside_unwrap(&memory, &at, &len, image, f, err) != ATHAR_OK || len != f->size)
		abort();
	return ATHAR_OK;
}

static athar_status limited(void *user, const char *text, athar_error *err)
{
	(void)user;
	(void)err;
	if (text[0] == '\0')
		abort();
	return ATHAR_OK;
}

static athar_status beat(void *user, athar_error *err)
{
	(void)user;
	(void)err;
	return ATHAR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const kinds[] = {"zip", "gzip", "tar",  "jpeg",
	                                    "pdf", "eml",  "mbox", "tiff"};
	ATHAR_AUTO(source) athar_source *image = NULL;
	ATHAR_AUTO(find) athar_find f = ATHAR_FIND_INIT;
	athar_error err = ATHAR_ERROR_INIT;

	if (size < 2 || athar_source_memory(&image, data + 1, size - 1, &err) != ATHAR_OK)
		return 0;
	const athar_inside_task task = {
		.image = image, .found = found, .limited = limited, .beat = beat, .user = image};

	f.size = size - 1;
	strcpy(f.format, kinds[data[0] % ATHAR_COUNT(kinds)]);
	if (athar_extents_add_data(&f.extents, 0, f.size, &err) != ATHAR_OK)
		return 0;
	if (athar_inside_run(&task, &f, &err) != ATHAR_OK && err.status != ATHAR_ENOMEM)
		abort();
	return 0;
}
