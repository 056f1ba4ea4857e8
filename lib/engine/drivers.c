/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/drivers.h"

#include <string.h>

const athar_source_driver *const athar_source_drivers[] = {
	&athar_source_device, &athar_source_ewf, &athar_source_split, &athar_source_raw, NULL,
};

static const athar_sink_driver *const sinks[] = {
	&athar_sink_ewf,
	&athar_sink_raw,
};

const athar_sink_driver *athar_sink_driver_find(const char *name)
{
	for (size_t i = 0; i < sizeof sinks / sizeof sinks[0]; i++)
		if (strcmp(sinks[i]->name, name) == 0)
			return sinks[i];
	return NULL;
}

athar_status athar_source_open(athar_source **out, const char *path, athar_error *err)
{
	return athar_source_open_with(out, path, athar_source_drivers, err);
}
