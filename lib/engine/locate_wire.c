/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/alloc.h"
#include "base/check.h"
#include "engine/locate.h"

static void wire_run(athar_wire *w, const athar_run *r)
{
	athar_wire_number(w, r->offset);
	athar_wire_number(w, r->length);
}

void athar_locate_wire(athar_wire *w, const athar_volume_info *volume, const athar_run *shown,
                       size_t count, const athar_runs *all)
{
	const size_t counted = (size_t)athar_min(all->count, ATHAR_LOCATE_COUNTED);

	athar_wire_number(w, ATHAR_TASK_LOCATE);
	athar_volume_wire(w, volume);
	athar_wire_number(w, count);
	for (size_t i = 0; i < count; i++)
		wire_run(w, &shown[i]);
	athar_wire_number(w, counted);
	for (size_t i = 0; i < counted; i++)
		wire_run(w, &all->run[i]);
}

static athar_run unwire_run(athar_unwire *u)
{
	athar_run r = {.offset = athar_unwire_number(u)};
	uint64_t end = 0;

	r.length = athar_unwire_number(u);
	u->failed = u->failed || !athar_add(r.offset, r.length, &end);
	return r;
}

athar_status athar_locate_unwire(athar_locate_request *out, athar_unwire *u, athar_error *err)
{
	athar_volume_unwire(&out->volume, u);
	out->count = (size_t)athar_unwire_below(u, ATHAR_LOCATE_RANGES + 1);
	for (size_t i = 0; i < out->count; i++)
		out->shown[i] = unwire_run(u);
	for (uint64_t n = athar_unwire_below(u, ATHAR_LOCATE_COUNTED + 1); n > 0; n--) {
		const athar_run r = unwire_run(u);

		if (u->failed)
			break;
		ATHAR_TRY(athar_runs_add(&out->all, r.offset, r.length, ATHAR_RUN_BAD, err));
	}
	return athar_unwire_end(u, err);
}

void athar_locate_request_clear(athar_locate_request *request)
{
	athar_runs_clear(&request->all);
}

void athar_place_wire(athar_wire *w, size_t range, const athar_place *p)
{
	athar_wire_number(w, range);
	athar_wire_number(w, p->kind);
	athar_wire_number(w, p->offset);
	athar_wire_number(w, p->bytes);
	athar_wire_number(w, p->path != NULL);
	athar_wire_bytes(w, p->path, p->path_len);
	athar_wire_number(w, p->state);
	athar_wire_number(w, p->from);
	athar_wire_number(w, p->size);
	athar_wire_text(w, p->address);
}

/* Which volume it is in is not the worker's to say. */
athar_status athar_place_unwire(athar_place *out, size_t *range, size_t ranges, athar_bytes message,
                                athar_error *err)
{
	athar_unwire u = athar_unwire_begin(message);

	*out = (athar_place){.volume = -1};
	*range = (size_t)athar_unwire_below(&u, ranges);
	out->kind = (athar_place_kind)athar_unwire_below(&u, ATHAR_PLACE_OUTSIDE + 1);
	out->offset = athar_unwire_number(&u);
	out->bytes = athar_unwire_number(&u);
	const bool named = athar_unwire_below(&u, 2) != 0;
	const athar_bytes path = athar_unwire_bytes(&u);
	u.failed = u.failed || (!named && path.len != 0);
	out->state = (athar_state)athar_unwire_below(&u, ATHAR_STATE_UNKNOWN + 1);
	out->from = athar_unwire_number(&u);
	out->size = athar_unwire_number(&u);
	athar_unwire_text(&u, out->address, sizeof out->address);
	ATHAR_TRY(athar_unwire_end(&u, err));
	if (!named)
		return ATHAR_OK;
	out->path = athar_copy_bytes(path.ptr, path.len, err);
	out->path_len = path.len;
	return out->path == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}
