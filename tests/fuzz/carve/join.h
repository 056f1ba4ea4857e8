/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One file joined in an image of the fuzzer's bytes, with what every join must keep. The first byte
 * says how large a block is and where the file begins.
 */
#ifndef ATHAR_FUZZ_JOIN_H
#define ATHAR_FUZZ_JOIN_H

#include "base/check.h"
#include "carve/join.h"
#include "format/list.h"
#include "image/driver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void fuzz_joined(const athar_joined *joined, uint32_t block, size_t size)
{
	for (size_t i = 0; i < joined->extents.count; i++) {
		const athar_extent *e = &joined->extents.extent[i];

		if (e->kind != ATHAR_EXTENT_DATA || !athar_inside(e->image, e->length, size) ||
		    e->image % block != 0 || e->logical % block != 0)
			abort();
	}
	if (joined->claim.length != athar_extents_size(&joined->extents))
		abort();
}

static inline int fuzz_join(const athar_format *format, const uint8_t *data, size_t size)
{
	ATHAR_AUTO(source) athar_source *source = NULL;
	ATHAR_AUTO(runs) athar_runs runs = ATHAR_RUNS_INIT;
	ATHAR_AUTO(space) athar_space space = ATHAR_SPACE_INIT;
	ATHAR_AUTO(joining) athar_joining *j = NULL;
	ATHAR_AUTO(joined) athar_joined joined = {.extents = ATHAR_EXTENTS_INIT};
	athar_error err = ATHAR_ERROR_INIT;
	bool done = false;

	if (size < 2)
		return 0;
	const uint32_t block = 64u << (data[0] & 3);
	const uint64_t start = (uint64_t)(data[0] >> 2) * block;

	data++;
	size--;
	if (start + block > size || athar_source_memory(&source, data, size, &err) != ATHAR_OK ||
	    athar_runs_add(&runs, 0, size, ATHAR_RUN_DATA, &err) != ATHAR_OK ||
	    athar_space_make(&space, &runs, block, 0, &err) != ATHAR_OK ||
	    athar_joining_new(&j, source, &space, &err) != ATHAR_OK)
		return 0;
	const athar_status status =
		athar_join_file(&joined, &done, j, format, start, 1u << 22, &err);

	if (status != ATHAR_OK && status != ATHAR_ELIMIT && status != ATHAR_ENOMEM)
		abort();
	if (status == ATHAR_OK && done)
		fuzz_joined(&joined, block, size);
	return 0;
}

#endif
