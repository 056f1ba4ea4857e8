/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar/watcher.h"

#include <stdio.h>

void athar_watch_progress(const athar_watcher *watcher, const athar_progress *progress)
{
	if (watcher != NULL && watcher->progress != NULL)
		watcher->progress(watcher->user, progress);
}

void athar_watch_notice(const athar_watcher *watcher, const char *format, ...)
{
	athar_error what = ATHAR_ERROR_INIT;
	char text[1024];
	va_list arguments;
	int len = 0;

	if (watcher == NULL || watcher->notice == NULL)
		return;
	va_start(arguments, format);
	len = vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	/* The error's own escaping; a notice is no failure, so its status stays ATHAR_OK. */
	(void)athar_fail(&what, ATHAR_OK, "%s", len < 0 ? format : text);
	watcher->notice(watcher->user, &what);
}

bool athar_watch_cancelled(const athar_watcher *watcher)
{
	return watcher != NULL && watcher->cancelled != NULL && watcher->cancelled(watcher->user);
}
