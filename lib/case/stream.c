/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/files.h"
#include "case/private.h"

athar_status athar_stream_create(FILE **out, const char *path, athar_error *err)
{
	int fd = -1;

	ATHAR_TRY(athar_file_create(&fd, path, err));
	*out = fdopen(fd, "w");
	if (*out != NULL)
		return ATHAR_OK;
	(void)close(fd);
	return athar_fail_errno(err, "cannot open %s", path);
}

athar_status athar_stream_close(FILE **stream, const char *path, athar_error *err)
{
	FILE *f = *stream;
	const bool failed = ferror(f) != 0;

	*stream = NULL;
	if (fclose(f) != 0 || failed)
		return athar_fail_errno(err, "cannot write %s", path);
	return ATHAR_OK;
}
