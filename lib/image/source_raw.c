/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A raw image: the medium's bytes in one file and nothing else.
 */
#include <sys/stat.h>

#include "base/alloc.h"
#include "image/adopt.h"
#include "image/driver.h"
#include "image/media.h"
#include "image/source_new.h"

static int raw_bid(athar_bytes head, const char *path, unsigned mode)
{
	(void)head;
	(void)path;
	return S_ISREG(mode) ? 1 : 0;
}

static athar_status raw_new(athar_source *source, athar_error *err)
{
	athar_media *m = athar_alloc(sizeof *m, err);

	if (m == NULL)
		return err->status;
	*m = (athar_media)ATHAR_MEDIA_INIT;
	source->state = m;
	return ATHAR_OK;
}

static athar_status raw_open(athar_source *source, const char *path, athar_error *err)
{
	athar_media *m;

	ATHAR_TRY(raw_new(source, err));
	m = source->state;
	ATHAR_TRY(athar_media_open(m, path, err));
	athar_media_open_direct(m);
	return athar_media_size(&source->info.size, m, err);
}

static athar_status raw_read(athar_source *source, void *buf, size_t len, uint64_t offset,
                             athar_runs *bad, athar_error *err)
{
	return athar_media_read(source->state, buf, len, offset, offset, bad, err);
}

static void raw_close(athar_source *source)
{
	if (source->state != NULL)
		athar_media_close(source->state);
	free(source->state);
}

static const char *raw_segment(athar_source *source, uint64_t offset)
{
	(void)offset;
	return source->info.path;
}

static int raw_medium(const athar_source *source, bool direct)
{
	const athar_media *m = source->state;

	return direct && m->direct >= 0 ? m->direct : m->fd;
}

const athar_source_driver athar_source_raw = {
	.name = "raw",
	.summary = "raw image, one file",
	.bid = raw_bid,
	.open = raw_open,
	.read = raw_read,
	.close = raw_close,
	.segment = raw_segment,
	.medium = raw_medium,
};

athar_status athar_source_raw_adopt(athar_source **out, const athar_opened *opened,
                                    const athar_source_info *like, athar_error *err)
{
	ATHAR_AUTO(fd) int fd = opened->fd;
	ATHAR_AUTO(fd) int direct = opened->direct;
	ATHAR_AUTO(source) athar_source *s = NULL;
	athar_media *m;

	ATHAR_TRY(athar_source_new(&s, &athar_source_raw, opened->path, err));
	ATHAR_TRY(raw_new(s, err));
	m = s->state;
	m->fd = fd;
	m->direct = direct;
	fd = direct = -1;
	m->path = athar_copy_text(opened->path, err);
	if (m->path == NULL)
		return err->status;
	ATHAR_TRY(athar_media_size(&s->info.size, m, err));
	if (s->info.size != like->size)
		return athar_fail(err, ATHAR_EREFUSED,
		                  "%s has another size than it had: it is not the same file",
		                  opened->path);
	*out = ATHAR_GIVE(s);
	return ATHAR_OK;
}
