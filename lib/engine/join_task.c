/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/join_task.h"

#include <string.h>

#include "base/check.h"
#include "engine/identify.h"

/* ---- the request ---- */

/* The first of the runs that go with the request. */
static size_t first_run(const athar_join_request *r)
{
	const size_t here = athar_runs_find(r->free, r->start);
	const size_t before = (size_t)athar_min(here, ATHAR_JOIN_RUNS / 2);

	if (r->free->count <= ATHAR_JOIN_RUNS)
		return 0;
	return (size_t)athar_min(here - before, r->free->count - ATHAR_JOIN_RUNS);
}

void athar_join_request_wire(athar_wire *w, const athar_join_request *r)
{
	const size_t first = first_run(r);
	const size_t count = (size_t)athar_min(r->free->count, ATHAR_JOIN_RUNS);

	athar_wire_number(w, r->start);
	athar_wire_number(w, r->work);
	athar_wire_text(w, r->format);
	athar_wire_number(w, r->generation);
	athar_wire_number(w, first);
	athar_wire_number(w, r->block);
	athar_wire_number(w, r->base);
	athar_wire_number(w, count);
	for (size_t i = first; i < first + count; i++) {
		athar_wire_number(w, r->free->run[i].offset);
		athar_wire_number(w, r->free->run[i].length);
	}
}

/* ---- in the worker ---- */

static athar_status get_space(athar_space *out, athar_unwire *u, athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs free = ATHAR_RUNS_INIT;
	const uint32_t block = (uint32_t)athar_unwire_below(u, UINT64_C(1) << 32);
	const uint64_t base = athar_unwire_number(u);
	const uint64_t count = athar_unwire_below(u, ATHAR_JOIN_RUNS + 1);

	for (uint64_t i = 0; i < count && !u->failed; i++) {
		const uint64_t offset = athar_unwire_number(u);

		ATHAR_TRY(
			athar_runs_add(&free, offset, athar_unwire_number(u), ATHAR_RUN_DATA, err));
	}
	ATHAR_TRY(athar_unwire_end(u, err));
	return athar_space_make(out, &free, block, base, err);
}

/* The part of a space that is too large for a request moves with the file. */
static uint64_t generation_of(athar_unwire *u)
{
	const uint64_t generation = athar_unwire_number(u);
	const uint64_t first = athar_unwire_number(u);

	return generation * ATHAR_JOIN_RUNS + first;
}

static athar_status settle_space(athar_join_task *t, athar_source *source, athar_unwire *u,
                                 athar_error *err)
{
	const uint64_t generation = generation_of(u);

	if (!u->failed && generation == t->generation)
		return ATHAR_OK;
	t->generation = 0;
	athar_joining_free(t->joining);
	t->joining = NULL;
	athar_space_clear(&t->space);
	ATHAR_TRY(get_space(&t->space, u, err));
	ATHAR_TRY(athar_joining_new(&t->joining, source, &t->space, err));
	t->generation = generation;
	return ATHAR_OK;
}

static athar_status make_find(athar_find *out, athar_joined *joined, const athar_format *format,
                              athar_error *err)
{
	char why[sizeof joined->claim.why];

	out->method = ATHAR_METHOD_FRAGMENTS;
	out->state = ATHAR_STATE_UNALLOCATED;
	out->size = athar_extents_size(&joined->extents);
	ATHAR_TRY(athar_extents_copy(&out->extents, &joined->extents, err));
	(void)snprintf(why, sizeof why, "joined from %zu pieces; %.90s", joined->extents.count,
	               joined->proof);
	memcpy(joined->claim.why, why, sizeof why);
	athar_identify_note(out, format, &joined->claim, 0);
	return ATHAR_OK;
}

athar_status athar_join_task_run(athar_find *out, bool *done, bool *given_up, athar_join_task *task,
                                 athar_source *source, athar_unwire *u, athar_error *err)
{
	ATHAR_AUTO(joined) athar_joined joined = {.extents = ATHAR_EXTENTS_INIT};
	const uint64_t start = athar_unwire_number(u);
	const uint64_t work = athar_unwire_number(u);
	const athar_format *format;
	char name[16];

	*done = *given_up = false;
	athar_unwire_text(u, name, sizeof name);
	ATHAR_TRY(settle_space(task, source, u, err));
	format = athar_format_find(name);
	if (format == NULL)
		return athar_fail(err, ATHAR_EFORMAT, "a request makes no sense");
	athar_status status =
		athar_join_file(&joined, done, task->joining, format, start, work, err);
	*given_up = status == ATHAR_ELIMIT;
	if (*given_up) {
		*done = false;
		return ATHAR_OK;
	}
	ATHAR_TRY(status);
	return *done ? make_find(out, &joined, format, err) : ATHAR_OK;
}
