/* SPDX-License-Identifier: BSD-2-Clause */
#include "image/faults.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/idiom.h"

void athar_fault_tell(athar_fault_sink *sink, athar_fault_kind kind, const char *format, ...)
{
	char text[600];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	sink->told++;
	sink->fault(sink->user, &(athar_fault){.kind = kind, .text = text});
}

athar_status athar_faults_find(athar_fault_sink *sink, const char *path,
                               const athar_source_driver *const *drivers, athar_error *err)
{
	const athar_source_driver *driver = NULL;

	ATHAR_TRY(athar_source_choose(&driver, path, drivers, err));
	return driver->faults == NULL ? ATHAR_OK : driver->faults(sink, path, err);
}
