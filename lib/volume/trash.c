/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/trash.h"

athar_status athar_trash_walk(athar_walk *w, athar_error *err)
{
	(void)w;
	(void)err;
	return ATHAR_OK;
}
