/* SPDX-License-Identifier: BSD-2-Clause */
/* What workers say of hits and of who owns places: what is accepted comes out the same again. */
#include <stdlib.h>
#include <string.h>

#include "engine/owners.h"
#include "engine/search_task.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_same(const athar_wire *w, const uint8_t *data, size_t size)
{
	if (w->len != size || memcmp(w->bytes, data, size) != 0)
		abort();
}

static void try_request(athar_bytes message)
{
	ATHAR_AUTO(owners_request) athar_owners_request request = {.count = 0};
	athar_unwire u = athar_unwire_begin(message);
	athar_error err = ATHAR_ERROR_INIT;

	if (athar_owners_unwire(&request, &u, &err) != ATHAR_OK)
		return;
	for (size_t i = 1; i < request.count; i++)
		if (request.offset[i] < request.offset[i - 1])
			abort();
}

static void try_hit(athar_bytes message)
{
	ATHAR_AUTO(wire) athar_wire w = ATHAR_WIRE_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	athar_search_found f;

	if (athar_search_found_unwire(&f, 20, message, &err) != ATHAR_OK)
		return;
	if (f.pattern >= 20 || f.length == 0 || f.length > ATHAR_SEARCH_LONGEST)
		abort();
	athar_search_found_wire(&w, &f);
	require_same(&w, message.ptr, message.len);
}

static void try_owner(athar_bytes message)
{
	ATHAR_AUTO(wire) athar_wire w = ATHAR_WIRE_INIT;
	ATHAR_AUTO(free) uint8_t *path = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	uint64_t spot[64];
	athar_owner owner;
	athar_unwire u;

	if (athar_owner_unwire(&owner, &u, message, &err) != ATHAR_OK)
		return;
	path = owner.place.path;
	if (owner.spots > 32)
		return;
	for (size_t i = 0; i < 2 * owner.spots; i++)
		spot[i] = athar_unwire_number(&u);
	if (athar_unwire_end(&u, &err) != ATHAR_OK || (path == NULL && owner.place.path_len != 0))
		return;
	owner.spot = spot;
	athar_owner_wire(&w, &owner);
	/* Of a place without a name the bytes of the name are dropped. */
	if (path != NULL)
		require_same(&w, message.ptr, message.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const athar_bytes message = {.ptr = data, .len = size};

	try_request(message);
	try_hit(message);
	try_owner(message);
	return 0;
}
