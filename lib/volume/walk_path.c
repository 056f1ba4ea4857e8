/* SPDX-License-Identifier: BSD-2-Clause */
/* The path at hand, and what a walk tells its user beside the files. */
#include <string.h>

#include "athar/text.h"
#include "base/alloc.h"
#include "volume/walk.h"

athar_status athar_walk_push(athar_walk *w, const uint8_t *name, size_t len, athar_error *err)
{
	const size_t slash = w->path_len > 0 ? 1 : 0;

	ATHAR_TRY(athar_grow(&w->path, &w->path_capacity, w->path_len + slash + len + 1, 1, err));
	if (slash != 0)
		w->path[w->path_len] = '/';
	if (len > 0)
		memcpy(w->path + w->path_len + slash, name, len);
	w->path_len += slash + len;
	return ATHAR_OK;
}

athar_status athar_walk_path(athar_walk *w, const uint8_t *path, size_t len, athar_error *err)
{
	w->path_len = 0;
	return len == 0 ? ATHAR_OK : athar_walk_push(w, path, len, err);
}

/* FNV-1a. */
uint64_t athar_walk_name_key(const athar_walk *w, uint64_t address)
{
	uint64_t key = UINT64_C(0xCBF29CE484222325) ^ address;

	for (size_t i = 0; i < w->path_len; i++)
		key = (key ^ w->path[i]) * UINT64_C(0x100000001B3);
	return key;
}

athar_status athar_walk_finding(athar_walk *w, bool with_path, athar_error *err, const char *format,
                                ...)
{
	ATHAR_AUTO(free) char *path = NULL;
	char text[700];
	va_list args;
	size_t n;

	va_start(args, format);
	vsnprintf(text, 400, format, args);
	va_end(args);
	n = strlen(text);
	if (with_path) {
		ATHAR_TRY(athar_text_terminal(&path, w->path, w->path_len, err));
		snprintf(text + n, sizeof text - n, ": %s", path[0] != '\0' ? path : "/");
	}
	return w->to->finding == NULL ? ATHAR_OK : w->to->finding(w->to->user, text, err);
}

athar_status athar_walk_beat(athar_walk *w, athar_error *err)
{
	w->beats++;
	return w->to->beat == NULL ? ATHAR_OK : w->to->beat(w->to->user, w->beats, err);
}

athar_status athar_walk_read(athar_walk *w, athar_source *source, void *buf, size_t len,
                             uint64_t at, size_t *got, athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;

	ATHAR_TRY(athar_source_read(source, buf, len, at, got, &bad, err));
	if (bad.count > 0)
		w->volume->image->failed++;
	return ATHAR_OK;
}

athar_status athar_walk_beat_of(void *walk, athar_error *err)
{
	return athar_walk_beat(walk, err);
}

athar_status athar_walk_note(athar_walk *w, const char *text, athar_error *err)
{
	return w->to->note == NULL ? ATHAR_OK : w->to->note(w->to->user, text, err);
}
