/* SPDX-License-Identifier: BSD-2-Clause */
#include <libewf.h>

#include "image/driver.h"

const char *athar_image_engine(void)
{
	return libewf_get_version();
}
