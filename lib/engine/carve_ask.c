/* SPDX-License-Identifier: BSD-2-Clause */
/* What is asked of the workers of each find: its format, its bytes. */
#include "base/alloc.h"
#include "base/check.h"
#include "engine/extraction.h"

/* Files above this size that are this many times larger than what the medium holds of them are
 * listed only: sixteen terabytes of zeros are no evidence. */
#define HOLLOW_LEAST (64u << 20)
#define HOLLOW_TIMES 64u
/* Small files go to a worker several at a time: alone, each would cost more turns of both processes
 * than its content costs work. */
#define TOGETHER 16u
#define TOGETHER_BYTES (64u << 10)
#define TOGETHER_PIECES 64u

static const athar_volume_info *volume_of(const athar_extraction *x, const athar_find *f)
{
	for (size_t i = 0; i < f->extents.count && f->via_count == 0; i++)
		if (f->extents.extent[i].kind == ATHAR_EXTENT_DERIVED && f->volume >= 0)
			return athar_survey_volume(&x->k->survey, (unsigned)f->volume);
	return NULL;
}

bool athar_extraction_is_hollow(const athar_find *f)
{
	uint64_t held = 0;

	if (f->size < HOLLOW_LEAST)
		return false;
	for (size_t i = 0; i < f->extents.count; i++)
		if (!athar_add(held, f->extents.extent[i].stored, &held))
			return true;
	return held < f->size / HOLLOW_TIMES;
}

/* Are its bytes to be taken out? Those for which there is no room stay where they are. */
static bool takes_content(athar_extraction *x, const athar_find *f)
{
	if (x->k->options->list_only || !f->readable)
		return false;
	if (athar_extraction_is_hollow(f)) {
		x->hollow++;
		return false;
	}
	if (f->size > x->room) {
		x->crowded++;
		x->crowded_bytes += athar_min(f->size, UINT64_MAX - x->crowded_bytes);
		return false;
	}
	x->room -= f->size;
	return true;
}

static athar_status take_next(athar_extraction *x, bool *end, athar_error *err)
{
	athar_bytes record;

	ATHAR_TRY(athar_spool_next(x->finds, &record, end, err));
	if (*end)
		return ATHAR_OK;
	x->ahead = athar_alloc(sizeof *x->ahead, err);
	if (x->ahead == NULL)
		return ATHAR_ENOMEM;
	return athar_find_unwire(&x->ahead->find, record, err);
}

static void pass_over(athar_extraction *x)
{
	x->done += x->ahead->find.size;
	athar_find_clear(&x->ahead->find);
	free(x->ahead);
	x->ahead = NULL;
}

athar_status athar_extraction_take(athar_extraction *x, bool *end, athar_error *err)
{
	bool stands = true;

	*end = false;
	if (x->ahead != NULL)
		return ATHAR_OK;
	for (;;) {
		ATHAR_TRY(take_next(x, end, err));
		if (*end)
			return ATHAR_OK;
		ATHAR_TRY(athar_extraction_stands(&stands, x, &x->ahead->find, err));
		if (!stands)
			return ATHAR_OK;
		pass_over(x);
	}
}

athar_pending *athar_extraction_line_up(athar_extraction *x)
{
	athar_pending *p = ATHAR_GIVE(x->ahead);

	if (x->first == NULL)
		x->first = p;
	else
		x->last->next = p;
	x->last = p;
	p->task = x->tasks;
	return p;
}

static void ask(athar_wire *request, athar_extraction *x)
{
	athar_pending *p = athar_extraction_line_up(x);
	unsigned what = x->identify ? ATHAR_EXTRACT_IDENTIFY : 0u;

	p->content = takes_content(x, &p->find);
	what |= p->content ? ATHAR_EXTRACT_CONTENT : 0u;
	request->len = 0;
	athar_request_extract(request, &p->find, volume_of(x, &p->find), what);
}

static bool goes_together(const athar_extraction *x)
{
	const athar_find *f = &x->ahead->find;

	return !x->alone && f->size <= TOGETHER_BYTES && f->extents.count <= TOGETHER_PIECES &&
	       volume_of(x, f) == NULL;
}

static athar_status ask_together(athar_extraction *x, athar_error *err)
{
	bool end = false;

	x->request.len = 0;
	athar_wire_number(&x->request, ATHAR_TASK_EXTRACT_MANY);
	for (unsigned n = 0; n < TOGETHER && !end && goes_together(x); n++) {
		ask(&x->part, x);
		x->last->together = true;
		ATHAR_TRY(athar_wire_check(&x->part, err));
		athar_wire_bytes(&x->request, x->part.bytes, x->part.len);
		ATHAR_TRY(athar_extraction_take(x, &end, err));
	}
	return ATHAR_OK;
}

athar_status athar_extraction_ask(void *user, athar_bytes *request, bool *end, athar_error *err)
{
	athar_extraction *x = user;

	ATHAR_TRY(athar_extraction_take(x, end, err));
	if (*end)
		return ATHAR_OK;
	if (goes_together(x))
		ATHAR_TRY(ask_together(x, err));
	else
		ask(&x->request, x);
	x->tasks++;
	ATHAR_TRY(athar_wire_check(&x->request, err));
	*request = (athar_bytes){.ptr = x->request.bytes, .len = x->request.len};
	return ATHAR_OK;
}
