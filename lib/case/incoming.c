/* SPDX-License-Identifier: BSD-2-Clause */
#include "case/incoming.h"

#include <string.h>

#include "base/alloc.h"
#include "base/files.h"

#define HELD_MAX ((size_t)256 << 10)

athar_status athar_incoming_begin(athar_incoming *in, athar_error *err)
{
	if (in->held == NULL)
		in->held = athar_alloc(HELD_MAX, err);
	if (in->held == NULL)
		return err->status;
	in->size = 0;
	in->held_len = 0;
	return athar_digester_new(&in->digester, ATHAR_MD5 | ATHAR_SHA256 | in->more, err);
}

/* What is held goes to the file. */
static athar_status spill(athar_incoming *in, const char *path, athar_error *err)
{
	if (in->fd < 0)
		ATHAR_TRY(athar_file_create(&in->fd, path, err));
	ATHAR_TRY(athar_file_write(in->fd, in->held, in->held_len, path, err));
	in->held_len = 0;
	return ATHAR_OK;
}

athar_status athar_incoming_write(athar_incoming *in, const void *bytes, size_t len,
                                  const char *path, athar_error *err)
{
	if (in->digester == NULL)
		return athar_fail(err, ATHAR_EUSAGE, "no content is open");
	ATHAR_TRY(athar_digester_update(in->digester, bytes, len, err));
	if (len > HELD_MAX - in->held_len)
		ATHAR_TRY(spill(in, path, err));
	in->size += len;
	if (len > HELD_MAX)
		return athar_file_write(in->fd, bytes, len, path, err);
	if (len != 0)
		memcpy(in->held + in->held_len, bytes, len);
	in->held_len += len;
	return ATHAR_OK;
}

athar_status athar_incoming_finish(athar_digests *out, athar_incoming *in, athar_error *err)
{
	return athar_digester_finish(out, in->digester, err);
}

athar_status athar_incoming_store(athar_incoming *in, const char *path, const char *to,
                                  athar_error *err)
{
	const bool spilled = in->fd >= 0;
	int fd;

	ATHAR_TRY(spill(in, spilled ? path : to, err));
	fd = in->fd;
	in->fd = -1;
	if (close(fd) != 0 || (spilled && rename(path, to) != 0))
		return athar_fail_errno(err, "cannot store %s", to);
	return ATHAR_OK;
}

void athar_incoming_drop(athar_incoming *in, const char *path)
{
	athar_digester_free(in->digester);
	in->digester = NULL;
	if (in->fd < 0)
		return;
	(void)close(in->fd);
	in->fd = -1;
	(void)unlink(path);
}

void athar_incoming_clear(athar_incoming *in)
{
	free(in->held);
	in->held = NULL;
}
