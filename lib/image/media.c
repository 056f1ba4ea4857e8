/* SPDX-License-Identifier: BSD-2-Clause */
#include "image/media.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/check.h"

/* How much around a failure is tried again in small pieces before large reads go on. */
#define BLOCK 65536u
/* Smaller reads are better off with a cache. */
#define BULK 262144u

/* Not an errno: the file ended before the bytes did. */
#define ENDED (-1)

athar_status athar_media_open(athar_media *m, const char *path, athar_error *err)
{
	const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY;

	m->path = athar_copy_text(path, err);
	if (m->path == NULL)
		return err->status;
	m->fd = open(path, flags | O_NOATIME);
	/* Only a file's owner may ask that its access time be left alone. */
	if (m->fd < 0 && errno == EPERM)
		m->fd = open(path, flags);
	if (m->fd < 0)
		return athar_fail_errno(err,
		                        errno == EMFILE ? "cannot open %s (raise ulimit -n)"
		                                        : "cannot open %s",
		                        path);
	return ATHAR_OK;
}

void athar_media_open_direct(athar_media *m)
{
	const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_DIRECT;

	m->direct = open(m->path, flags | O_NOATIME);
	if (m->direct < 0 && errno == EPERM)
		m->direct = open(m->path, flags);
}

athar_status athar_media_size(uint64_t *size, const athar_media *m, athar_error *err)
{
	struct stat st;

	if (fstat(m->fd, &st) != 0)
		return athar_fail_errno(err, "cannot get the size of %s", m->path);
	*size = (uint64_t)st.st_size;
	return ATHAR_OK;
}

/* Reads until len, a failure or the end; *done says how far. 0, an errno or ENDED. */
static int read_plain(size_t *done, int fd, uint8_t *buf, size_t len, uint64_t at)
{
	while (*done < len) {
		const ssize_t n = pread(fd, buf + *done, len - *done, (off_t)(at + *done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if (n == 0)
			return ENDED;
		*done += (size_t)n;
	}
	return 0;
}

/* An image of a disk is read once, from one end to the other: through the cache that would cost a
 * copy and everything else that is in there. */
static bool is_bulk(const athar_media *m, size_t len)
{
	return m->bulk && m->direct >= 0 && len >= BULK;
}

static int read_direct(size_t *done, const athar_media *m, uint8_t *buf, size_t len, uint64_t at)
{
	if ((len - *done) % m->sector != 0 || (at + *done) % m->sector != 0 ||
	    (uintptr_t)(buf + *done) % m->sector != 0)
		return EINVAL;
	return read_plain(done, m->direct, buf, len, at);
}

/* A system may not have it, or a device have larger sectors than it says: then through the cache.
 */
static int read_best(size_t *done, const athar_media *m, uint8_t *buf, size_t len, uint64_t at)
{
	const int code = is_bulk(m, len) ? read_direct(done, m, buf, len, at) : EINVAL;

	return code == EINVAL ? read_plain(done, m->fd, buf, len, at) : code;
}

/* The medium failed at this place, as against: there is no medium any more, or the call is wrong.
 */
static bool is_medium_error(int code)
{
	return code == EIO || code == ENODATA || code == EILSEQ || code == ETIMEDOUT ||
	       code == EREMOTEIO || code == EBADMSG || code == EUCLEAN;
}

static athar_status fail_read(const athar_media *m, int code, uint64_t at, athar_error *err)
{
	if (code == ENDED)
		return athar_fail_at(err, ATHAR_EIO, at,
		                     "%s ends at byte %llu: it has become shorter since it was "
		                     "opened",
		                     m->path, (unsigned long long)at);
	errno = code;
	(void)athar_fail_errno(err, "cannot read %s at byte %llu", m->path, (unsigned long long)at);
	err->offset = at;
	return err->status;
}

/* One request for a range that failed: what is asked for, and where it goes. */
struct salvage {
	const athar_media *media;
	uint8_t *bounce; /* aligned, BLOCK bytes and a sector on either side */
	uint8_t *buf;    /* of the bytes [at, at + len) */
	uint64_t at, len;
	uint64_t origin; /* of byte `at`, for *bad */
	athar_runs *bad;
};

/* Copies what of [lo, hi) was asked for; from == NULL: zeros, and the range is bad. */
static athar_status settle(const struct salvage *s, uint64_t lo, uint64_t hi, const uint8_t *from,
                           athar_error *err)
{
	const uint64_t begin = athar_max(lo, s->at);
	const uint64_t end = athar_min(hi, s->at + s->len);

	if (begin >= end)
		return ATHAR_OK;
	if (from != NULL) {
		memcpy(s->buf + (begin - s->at), from + (begin - lo), end - begin);
		return ATHAR_OK;
	}
	memset(s->buf + (begin - s->at), 0, end - begin);
	return athar_runs_add(s->bad, s->origin + (begin - s->at), end - begin, ATHAR_RUN_BAD, err);
}

/* Whole sectors [lo, hi) past the cache, or through it where there is no other way. */
static int read_sectors(const struct salvage *s, uint64_t lo, uint64_t hi)
{
	const uint64_t wanted = athar_min(hi, s->at + s->len);
	size_t done = 0;
	int code = EINVAL;

	if (s->media->direct >= 0)
		code = read_plain(&done, s->media->direct, s->bounce, hi - lo, lo);
	/* An unaligned end, or a device with larger sectors than it says. */
	if (code == EINVAL && lo + done < wanted) {
		done = 0;
		code = read_plain(&done, s->media->fd, s->bounce, hi - lo, lo);
	}
	/* Past an unaligned end there is nothing, and nothing was asked for. */
	return (code == ENDED || code == EINVAL) && lo + done >= wanted ? 0 : code;
}

/* [lo, hi) in whole sectors: read, or halved until single sectors fail. */
static athar_status salvage_range(const struct salvage *s, uint64_t lo, uint64_t hi,
                                  athar_error *err)
{
	const uint64_t half = athar_round_down((hi - lo) / 2, s->media->sector);
	const int code = read_sectors(s, lo, hi);

	if (code == 0)
		return settle(s, lo, hi, s->bounce, err);
	if (!is_medium_error(code))
		return fail_read(s->media, code, lo, err);
	if (half == 0)
		return settle(s, lo, hi, NULL, err);
	ATHAR_TRY(salvage_range(s, lo, lo + half, err)); /* at most 17 deep */
	return salvage_range(s, lo + half, hi, err);
}

/* Tries [at, at + len) again, len at most BLOCK. */
static athar_status salvage_block(const athar_media *m, uint8_t *buf, size_t len, uint64_t at,
                                  uint64_t origin, athar_runs *bad, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *bounce = athar_alloc_pages(BLOCK + 2 * (size_t)m->sector, err);
	const struct salvage s = {m, bounce, buf, at, len, origin, bad};

	if (bounce == NULL)
		return err->status;
	return salvage_range(&s, athar_round_down(at, m->sector),
	                     athar_round_up(at + len, m->sector), err);
}

athar_status athar_media_read(const athar_media *m, void *buf, size_t len, uint64_t at,
                              uint64_t origin, athar_runs *bad, athar_error *err)
{
	size_t done = 0;

	while (done < len) {
		const int code = read_best(&done, m, buf, len, at);
		size_t piece;

		if (code == 0)
			break;
		if (!is_medium_error(code))
			return fail_read(m, code, at + done, err);
		piece = (size_t)athar_min(len - done, BLOCK - (at + done) % BLOCK);
		ATHAR_TRY(salvage_block(m, (uint8_t *)buf + done, piece, at + done, origin + done,
		                        bad, err));
		done += piece;
	}
	return ATHAR_OK;
}

void athar_media_close(athar_media *m)
{
	if (m->fd >= 0)
		(void)close(m->fd);
	if (m->direct >= 0)
		(void)close(m->direct);
	free(m->path);
	*m = (athar_media)ATHAR_MEDIA_INIT;
}
