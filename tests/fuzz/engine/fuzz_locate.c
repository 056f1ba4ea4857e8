/* SPDX-License-Identifier: BSD-2-Clause */
/* What the worker says of files and places: what is accepted comes out the same again. */
#include <stdlib.h>
#include <string.h>

#include "engine/locate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_request(const uint8_t *data, size_t size)
{
	ATHAR_AUTO(locate_request) athar_locate_request request = {.count = 0};
	athar_unwire u = athar_unwire_begin((athar_bytes){.ptr = data, .len = size});
	athar_error err = ATHAR_ERROR_INIT;

	(void)athar_locate_unwire(&request, &u, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ATHAR_AUTO(wire) athar_wire w = ATHAR_WIRE_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	athar_place place;
	size_t range = 0;

	try_request(data, size);
	if (athar_place_unwire(&place, &range, 20, (athar_bytes){.ptr = data, .len = size}, &err) !=
	    ATHAR_OK)
		return 0;
	athar_place_wire(&w, range, &place);
	if (range >= 20 || w.len != size || memcmp(w.bytes, data, size) != 0)
		abort();
	free(place.path);
	return 0;
}
