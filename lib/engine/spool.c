/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/spool.h"

#include <fcntl.h>
#include <string.h>

#include "base/alloc.h"
#include "base/endian.h"

struct athar_spool {
	FILE *file;
	uint64_t count, taken;
	uint8_t *record;
	size_t capacity;
};

/* Not every file system has O_TMPFILE. */
static int open_nameless(const char *folder, athar_error *err)
{
	ATHAR_AUTO(free) char *name = NULL;
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0)
		return fd;
	name = athar_format_text(err, "%s/.spool-XXXXXX", folder);
	if (name == NULL)
		return -1;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd >= 0)
		(void)unlink(name);
	return fd;
}

athar_status athar_spool_new(athar_spool **out, const char *folder, athar_error *err)
{
	ATHAR_AUTO(spool) athar_spool *s = athar_alloc(sizeof *s, err);

	if (s == NULL)
		return ATHAR_ENOMEM;
	int fd = open_nameless(folder, err);
	if (fd < 0)
		return athar_fail_errno(err, "cannot make a working file in %s", folder);
	s->file = fdopen(fd, "w+");
	if (s->file == NULL) {
		(void)close(fd);
		return athar_fail_errno(err, "cannot make a working file in %s", folder);
	}
	*out = ATHAR_GIVE(s);
	return ATHAR_OK;
}

athar_status athar_spool_add(athar_spool *s, athar_bytes record, athar_error *err)
{
	uint8_t head[8];

	athar_put_le64(head, record.len);
	if (fwrite(head, 1, sizeof head, s->file) != sizeof head ||
	    fwrite(record.ptr, 1, record.len, s->file) != record.len)
		return athar_fail_errno(err, "cannot write the working file");
	s->count++;
	return ATHAR_OK;
}

athar_status athar_spool_rewind(athar_spool *s, athar_error *err)
{
	s->taken = 0;
	if (fflush(s->file) != 0 || fseeko(s->file, 0, SEEK_SET) != 0)
		return athar_fail_errno(err, "cannot read the working file back");
	return ATHAR_OK;
}

athar_status athar_spool_next(athar_spool *s, athar_bytes *record, bool *end, athar_error *err)
{
	uint8_t head[8];

	*end = s->taken == s->count;
	if (*end)
		return ATHAR_OK;
	if (fread(head, 1, sizeof head, s->file) != sizeof head)
		return athar_fail_errno(err, "cannot read the working file back");
	size_t len = (size_t)athar_le64(head);
	ATHAR_TRY(athar_grow(&s->record, &s->capacity, len + 1, 1, err));
	if (fread(s->record, 1, len, s->file) != len)
		return athar_fail_errno(err, "cannot read the working file back");
	s->taken++;
	*record = (athar_bytes){.ptr = s->record, .len = len};
	return ATHAR_OK;
}

uint64_t athar_spool_count(const athar_spool *s)
{
	return s->count;
}

void athar_spool_free(athar_spool *s)
{
	if (s == NULL)
		return;
	if (s->file != NULL)
		(void)fclose(s->file);
	free(s->record);
	free(s);
}
