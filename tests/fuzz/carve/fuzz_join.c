/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small image in blocks of 512 bytes, all of it free. The first byte says which joiner begins at
 * the first block.
 */
#include "carve/join.h"
#include "image/driver.h"

#define WORK (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const athar_joined *out, size_t size)
{
	if (!out->claim.ours || out->claim.grade < ATHAR_GRADE_COMPLETE ||
	    out->claim.length != athar_extents_size(&out->extents))
		abort();
	for (size_t i = 0; i < out->extents.count; i++) {
		const athar_extent *x = &out->extents.extent[i];

		if (x->image % 512 != 0 || x->image + x->length > size ||
		    (i + 1 < out->extents.count && x->length % 512 != 0))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const formats[] = {"png", "zip", "gzip"};
	ATHAR_AUTO(source) athar_source *source = NULL;
	ATHAR_AUTO(joining) athar_joining *j = NULL;
	ATHAR_AUTO(space) athar_space space = ATHAR_SPACE_INIT;
	ATHAR_AUTO(runs) athar_runs all = ATHAR_RUNS_INIT;
	ATHAR_AUTO(joined) athar_joined out = {.extents = ATHAR_EXTENTS_INIT};
	athar_error err = ATHAR_ERROR_INIT;
	bool done = false;

	if (size < 513)
		return 0;
	const athar_format *format = athar_format_find(formats[data[0] % ATHAR_COUNT(formats)]);

	data++;
	size--;
	if (athar_source_memory(&source, data, size, &err) != ATHAR_OK ||
	    athar_runs_add(&all, 0, size, ATHAR_RUN_DATA, &err) != ATHAR_OK ||
	    athar_space_make(&space, &all, 512, 0, &err) != ATHAR_OK ||
	    athar_joining_new(&j, source, &space, &err) != ATHAR_OK)
		return 0;
	const athar_status status = athar_join_file(&out, &done, j, format, 0, WORK, &err);

	if (status != ATHAR_OK && status != ATHAR_ELIMIT && status != ATHAR_ENOMEM)
		abort();
	if (status == ATHAR_OK && done)
		check(&out, size);
	return 0;
}
