/* SPDX-License-Identifier: BSD-2-Clause */
/* The fuzzer's bytes are a disk of small blocks; its first byte says which begins a JPEG. */
#include "carve/join.h"
#include "format/list.h"
#include "image/driver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BLOCK 64u
#define WORK (UINT64_C(4) << 20)

static void check(const athar_joined *out, const athar_space *space)
{
	uint64_t at = 0;

	for (size_t i = 0; i < out->extents.count; i++) {
		const athar_extent *e = &out->extents.extent[i];

		if (e->kind != ATHAR_EXTENT_DATA || e->logical != at || e->length == 0 ||
		    e->image % BLOCK != 0 || e->length > athar_space_left(space, e->image))
			abort();
		at += e->length;
	}
	if (out->claim.length != at || out->claim.grade < ATHAR_GRADE_COMPLETE)
		abort();
}

static void run(athar_source *source, const athar_space *space, uint64_t start)
{
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(joining) athar_joining *j = NULL;
	ATHAR_AUTO(joined) athar_joined out = {.extents = ATHAR_EXTENTS_INIT};
	bool done = false;

	if (athar_joining_new(&j, source, space, &err) != ATHAR_OK)
		return;
	const athar_status status =
		athar_join_file(&out, &done, j, &athar_format_jpeg, start, WORK, &err);

	if (status != ATHAR_OK && status != ATHAR_ELIMIT && status != ATHAR_ENOMEM)
		abort();
	if (status == ATHAR_OK && done)
		check(&out, space);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(source) athar_source *source = NULL;
	ATHAR_AUTO(runs) athar_runs runs = ATHAR_RUNS_INIT;
	ATHAR_AUTO(space) athar_space space = ATHAR_SPACE_INIT;

	if (size < 1 + BLOCK ||
	    athar_source_memory(&source, data + 1, size - 1, &err) != ATHAR_OK ||
	    athar_runs_add(&runs, 0, size - 1, ATHAR_RUN_DATA, &err) != ATHAR_OK ||
	    athar_space_make(&space, &runs, BLOCK, 0, &err) != ATHAR_OK)
		return 0;
	run(source, &space, data[0] % athar_space_count(&space) * BLOCK);
	return 0;
}
