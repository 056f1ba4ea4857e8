/* SPDX-License-Identifier: BSD-2-Clause */
/* The written image is opened again and compared with the block hashes of what was read. */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/files.h"
#include "digest/digest.h"
#include "engine/acquisition.h"
#include "engine/pass.h"

/* ---- the files of the image ---- */

/* Names in an exhibit's folder that are no part of its image. */
static bool is_beside(const char *name)
{
	static const char *const ends[] = {".sha256", ".map", ".json", ".partial",
	                                   "." ATHAR_SALVAGE};
	const char *end = strrchr(name, '.');

	if (name[0] == '.' || end == NULL)
		return true;
	for (size_t i = 0; i < ATHAR_COUNT(ends); i++)
		if (strcmp(end, ends[i]) == 0)
			return true;
	return false;
}

/* Of the names of an image's files the first one sorts lowest: .E01, .001, .dd. Those that spilled
 * are links. */
static athar_status note_file(athar_place *p, int folder, const char *name, athar_error *err)
{
	struct stat st;

	if (fstatat(folder, name, &st, 0) == 0)
		p->bytes += (uint64_t)st.st_size;
	if (p->image != NULL && strcmp(p->image, name) <= 0)
		return ATHAR_OK;
	free(p->image);
	p->image = athar_copy_text(name, err);
	return p->image == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

athar_status athar_place_measure(athar_place *p, const char *folder, athar_error *err)
{
	DIR *dir = opendir(folder);
	athar_status status = ATHAR_OK;

	p->folder = folder;
	if (dir == NULL)
		return athar_fail_errno(err, "cannot list %s", folder);
	for (struct dirent *e = readdir(dir); e != NULL && status == ATHAR_OK; e = readdir(dir))
		if (!is_beside(e->d_name))
			status = note_file(p, dirfd(dir), e->d_name, err);
	(void)closedir(dir);
	if (status == ATHAR_OK && p->image == NULL)
		return athar_fail(err, ATHAR_EIO, "no image file was written in %s", folder);
	return status;
}

void athar_place_clear(athar_place *p)
{
	free(p->image);
	athar_json_free(p->judged);
	*p = (athar_place){.folder = NULL};
}

/* ---- the read-back ---- */

#define FORGET_EVERY (UINT64_C(64) << 20)

typedef struct read_back {
	const char *folder;
	FILE *blocks;
	uint64_t differ_at; /* ATHAR_NOWHERE: nowhere */
} read_back;

/* What is still in memory would be compared with itself: the medium is to be read. And what was
 * read is not needed again. */
static void forget_cached(const char *folder)
{
	DIR *dir = opendir(folder);

	if (dir == NULL)
		return;
	for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
		ATHAR_AUTO(fd)
		int fd = openat(dirfd(dir), e->d_name, O_RDONLY | O_CLOEXEC);

		if (fd >= 0 && e->d_name[0] != '.')
			(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	}
	(void)closedir(dir);
}

static athar_status compare_block(void *user, uint64_t offset, const uint8_t *data, size_t len,
                                  const uint8_t hash[32], athar_error *err)
{
	read_back *r = user;
	char line[128], hex[65];

	(void)data, (void)len, (void)err;
	if (offset % FORGET_EVERY == 0)
		forget_cached(r->folder);
	athar_digest_hex(hex, hash);
	bool same = fgets(line, sizeof line, r->blocks) != NULL && strncmp(line, hex, 64) == 0 &&
	            strtoull(line + 64, NULL, 10) == offset;
	if (!same && r->differ_at == ATHAR_NOWHERE)
		r->differ_at = offset;
	return ATHAR_OK;
}

static athar_status open_blocks(FILE **out, const athar_acquisition *a, const char *folder,
                                athar_error *err)
{
	ATHAR_AUTO(free)
	char *path = athar_outlet_blocks_path(folder, athar_exhibit_name(a->exhibit), err);
	char line[128];

	if (path == NULL)
		return ATHAR_ENOMEM;
	*out = fopen(path, "re");
	if (*out == NULL || fgets(line, sizeof line, *out) == NULL)
		return athar_fail_errno(err, "cannot read %s back", path);
	return ATHAR_OK;
}

/* What the container itself says must be what was computed, as far as it says anything. */
static bool stored_agree(const athar_source_info *image, const athar_imaging *m)
{
	const athar_digests *ours = m->padded.algorithms != 0 ? &m->padded : &m->hashes;

	for (unsigned bit = 0; bit < ATHAR_DIGEST_COUNT; bit++)
		if (image->stored.algorithms & ours->algorithms & 1u << bit &&
		    strcmp(athar_digests_get(&image->stored, 1u << bit),
		           athar_digests_get(ours, 1u << bit)) != 0)
			return false;
	return true;
}

/* Media bytes that the image has to have. */
static uint64_t media_size(const athar_imaging *m)
{
	return m->padded.algorithms == 0 ? m->size : athar_round_up(m->size, m->sector);
}

/* A chunk that is damaged differs even where zeros stood in it. */
static bool reads_same(const athar_imaging *m, const athar_source_info *image,
                       const athar_pass *pass, const read_back *r)
{
	return r->differ_at == ATHAR_NOWHERE && pass->bad.count == 0 && image->finding == NULL &&
	       pass->bytes == m->size && image->size == media_size(m) && stored_agree(image, m);
}

static athar_status read_image(athar_place *p, const athar_acquisition *a, athar_error *err)
{
	const athar_imaging *m = &a->imaging;
	ATHAR_AUTO(free) char *path = athar_join(p->folder, p->image, err);
	ATHAR_AUTO(source) athar_source *image = NULL;
	ATHAR_AUTO(file) FILE *blocks = NULL;
	ATHAR_AUTO(pass) athar_pass pass = {.bytes = 0};
	read_back r = {.folder = p->folder, .differ_at = ATHAR_NOWHERE};

	if (path == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(athar_source_open(&image, path, err));
	ATHAR_TRY(open_blocks(&blocks, a, p->folder, err));
	r.blocks = blocks;
	athar_pass_spec spec = {.source = image,
	                        .size = m->size,
	                        .threads = m->threads,
	                        .block = compare_block,
	                        .block_hashes = true,
	                        .user = &r,
	                        .phase = "read back",
	                        .watcher = a->watcher};
	ATHAR_TRY(athar_pass_run(&pass, &spec, err));
	bool same = reads_same(m, athar_source_describe(image), &pass, &r);
	p->read_back = same ? ATHAR_READ_BACK_SAME : ATHAR_READ_BACK_DIFFERS;
	return same ? athar_place_judge(p, a, path, image, err) : ATHAR_OK;
}

/* The image is made, and the medium may not live to be read again: whatever comes of the read-back,
 * the exhibit stands, and its record says how far it can be trusted. */
void athar_place_read_back(athar_place *p, const athar_acquisition *a)
{
	p->ended = read_image(p, a, &p->unread);
	if (p->ended != ATHAR_OK && p->ended != ATHAR_ECANCELED && p->ended != ATHAR_ENOMEM)
		p->read_back = ATHAR_READ_BACK_DIFFERS;
}
