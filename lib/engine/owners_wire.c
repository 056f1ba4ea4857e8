/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/alloc.h"
#include "base/check.h"
#include "engine/owners.h"

/* As long as a path of a volume can be. */
#define PATH_MOST 65536u

void athar_owners_wire(athar_wire *w, const athar_volume_info *volume, const uint64_t *offset,
                       size_t count)
{
	athar_wire_number(w, ATHAR_TASK_OWNERS);
	athar_volume_wire(w, volume);
	athar_wire_number(w, count);
	for (size_t i = 0; i < count; i++)
		athar_wire_number(w, offset[i]);
}

athar_status athar_owners_unwire(athar_owners_request *out, athar_unwire *u, athar_error *err)
{
	uint64_t last = 0;

	athar_volume_unwire(&out->volume, u);
	out->count = (size_t)athar_unwire_below(u, ATHAR_OWNERS_MOST + 1);
	out->offset = athar_alloc_array(out->count + 1, sizeof *out->offset, err);
	if (out->offset == NULL)
		return ATHAR_ENOMEM;
	for (size_t i = 0; i < out->count && !u->failed; i++) {
		out->offset[i] = athar_unwire_number(u);
		u->failed = u->failed || out->offset[i] < last;
		last = out->offset[i];
	}
	return athar_unwire_end(u, err);
}

void athar_owners_request_clear(athar_owners_request *request)
{
	free(request->offset);
	request->offset = NULL;
}

void athar_owner_wire(athar_wire *w, const athar_owner *o)
{
	athar_wire_number(w, o->place.kind);
	athar_wire_number(w, o->place.state);
	athar_wire_number(w, o->place.path != NULL);
	athar_wire_bytes(w, o->place.path, o->place.path_len);
	athar_wire_number(w, o->place.size);
	athar_wire_text(w, o->place.address);
	athar_wire_number(w, o->spots);
	for (size_t i = 0; i < 2 * o->spots; i++)
		athar_wire_number(w, o->spot[i]);
}

athar_status athar_owner_unwire(athar_owner *out, athar_unwire *u, athar_bytes message,
                                athar_error *err)
{
	athar_bytes path;
	bool named;

	*u = athar_unwire_begin(message);
	*out = (athar_owner){.spots = 0};
	out->place.kind = (athar_place_kind)athar_unwire_below(u, ATHAR_PLACE_OUTSIDE + 1);
	out->place.state = (athar_state)athar_unwire_below(u, ATHAR_STATE_UNKNOWN + 1);
	named = athar_unwire_below(u, 2) != 0;
	path = athar_unwire_bytes(u);
	out->place.size = athar_unwire_number(u);
	athar_unwire_text(u, out->place.address, sizeof out->place.address);
	out->spots = (size_t)athar_unwire_below(u, ATHAR_OWNERS_MOST + 1);
	if (u->failed || path.len > PATH_MOST)
		return athar_fail(err, ATHAR_EFORMAT, "a worker's message makes no sense");
	if (!named)
		return ATHAR_OK;
	out->place.path_len = path.len;
	out->place.path = athar_copy_bytes(path.ptr, path.len, err);
	return out->place.path == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}
