/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/ext_indirect.h"

athar_status athar_ext_indirect_walk(athar_walk *w, athar_error *err)
{
	(void)w;
	(void)err;
	return ATHAR_OK;
}
