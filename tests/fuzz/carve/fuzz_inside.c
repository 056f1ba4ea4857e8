/* SPDX-License-Identifier: BSD-2-Clause */
/* The first byte chooses the kind of container; what is listed lies inside, and what unpacks is as
 * long as it says. */
#include <stdlib.h>

#include "base/check.h"
#include "carve/inside.h"
#include "image/driver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static athar_source *source;
static uint64_t length;

static athar_status take(void *user, const athar_layer *layer, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *out = NULL;
	athar_layer l = *layer;

	(void)user;
	if (!athar_inside(l.offset, l.stored, length) || l.name_len > sizeof l.name)
		abort();
	if (l.transform == ATHAR_TRANSFORM_NONE)
		return ATHAR_OK;
	if (athar_layer_unpack(&out, &l, source, 1u << 20, err) == ATHAR_OK &&
	    (out == NULL || l.size > 1u << 20))
		abort();
	return ATHAR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const kinds[] = {"zip", "gzip", "tar",  "jpeg",
	                                    "pdf", "eml",  "mbox", "tiff"};
	ATHAR_AUTO(source) athar_source *s = NULL;
	ATHAR_AUTO(reader) athar_reader *in = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	uint64_t left = 100;

	if (size < 2 || athar_source_memory(&s, data + 1, size - 1, &err) != ATHAR_OK ||
	    athar_reader_new(&in, s, 0, size - 1, 0, &err) != ATHAR_OK)
		return 0;
	source = s;
	length = size - 1;
	athar_listing x = {.in = in,
	                   .size = length,
	                   .format = kinds[data[0] % ATHAR_COUNT(kinds)],
	                   .subtype = "",
	                   .left = &left,
	                   .take = take};
	const athar_status status = athar_container_find(x.format)->list(&x, &err);

	if (status != ATHAR_OK && status != ATHAR_EOF && status != ATHAR_ELIMIT)
		abort();
	return 0;
}
