/* SPDX-License-Identifier: BSD-2-Clause */
/* A worker that has been taken over says anything it likes: what is accepted comes out the same
 * again. */
#include <stdlib.h>
#include <string.h>

#include "engine/find.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ATHAR_AUTO(find) athar_find f = ATHAR_FIND_INIT;
	ATHAR_AUTO(wire) athar_wire w = ATHAR_WIRE_INIT;
	ATHAR_AUTO(item) athar_item item = ATHAR_ITEM_INIT;
	athar_error err = ATHAR_ERROR_INIT;

	if (athar_find_unwire(&f, (athar_bytes){.ptr = data, .len = size}, &err) != ATHAR_OK)
		return 0;
	athar_find_wire(&w, &f);
	if (athar_wire_check(&w, &err) != ATHAR_OK || w.len == 0)
		abort();
	if (athar_find_item(&item, &f, f.bad, &err) != ATHAR_OK)
		abort();
	if (item.grade >= ATHAR_GRADE_COMPLETE && (f.bad != 0 || f.reused != 0 || !f.readable))
		abort();
	return 0;
}
