/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/tsk_image.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "image/lacking.h"

/* Each byte of a volume may be read this often: directory walks come back to the same blocks. */
#define READS_PER_BYTE 64
#define READS_AT_LEAST (UINT64_C(1) << 30)

static bool may_read(athar_tsk_image *image, size_t len)
{
	if (image->stopped != ATHAR_OK)
		return false;
	if (image->left < len) {
		image->exhausted = true;
		return false;
	}
	image->left -= len;
	if (image->beat != NULL)
		image->stopped = image->beat(image->user, &image->error);
	return image->stopped == ATHAR_OK;
}

static void note_bad(athar_tsk_image *image, const athar_runs *bad)
{
	athar_error err = ATHAR_ERROR_INIT;

	if (bad->count > 0)
		image->failed++;
	for (size_t i = 0; i < bad->count; i++) {
		if (athar_runs_add(&image->bad, bad->run[i].offset, bad->run[i].length,
		                   bad->run[i].kind, &err) != ATHAR_OK)
			return; /* no memory; the count stands */
	}
}

/* A failed read gives zeros, not -1: libtsk reads 64 KiB ahead, and one bad sector must not take
 * its neighbours with it. */
static ssize_t read_image(TSK_IMG_INFO *tsk, TSK_OFF_T offset, char *buf, size_t len)
{
	athar_tsk_image *image = (athar_tsk_image *)tsk;
	ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	size_t got = 0;

	memset(buf, 0, len);
	if (offset < 0 || !may_read(image, len))
		return -1;
	len = athar_lacking_clip(image->source, (uint64_t)offset, len, TSK_IMG_INFO_CACHE_LEN);
	if (len == 0) { /* not read off the medium yet: zeros would be a lie */
		image->failed++;
		return -1;
	}
	if (athar_source_read(image->source, buf, len, (uint64_t)offset, &got, &bad, &err) !=
	    ATHAR_OK) {
		image->failed++;
		return -1;
	}
	note_bad(image, &bad);
	return (ssize_t)got;
}

static void close_image(TSK_IMG_INFO *tsk)
{
	(void)tsk; /* freed by athar_tsk_image_close */
}

static void describe_image(TSK_IMG_INFO *tsk, FILE *out)
{
	(void)tsk;
	(void)out;
}

athar_status athar_tsk_image_open(athar_tsk_image **out, athar_source *source, athar_error *err)
{
	const athar_source_info *info = athar_source_describe(source);
	ATHAR_AUTO(free) athar_tsk_image *image = athar_alloc(sizeof *image, err);

	if (image == NULL)
		return err->status;
	if (info->size > INT64_MAX)
		return athar_fail(err, ATHAR_ELIMIT,
		                  "an image of %llu bytes is too large to examine",
		                  (unsigned long long)info->size);
	tsk_verbose = 0;
	image->source = source;
	athar_tsk_image_bound(image, info->size);
	if (tsk_img_open_external(image, (TSK_OFF_T)info->size, info->sector_size, read_image,
	                          close_image, describe_image) == NULL)
		return athar_fail(err, ATHAR_ENOMEM, "libtsk does not take the image");
	*out = ATHAR_GIVE(image);
	return ATHAR_OK;
}

void athar_tsk_image_close(athar_tsk_image *image)
{
	if (image == NULL)
		return;
	tsk_img_close(&image->tsk);
	athar_runs_clear(&image->bad);
	free(image);
}

void athar_tsk_image_bound(athar_tsk_image *image, uint64_t length)
{
	if (!athar_mul(length, READS_PER_BYTE, &image->left))
		image->left = UINT64_MAX;
	image->left = athar_max(image->left, READS_AT_LEAST);
	image->exhausted = false;
}

const char *athar_tsk_error(char *buf, size_t len)
{
	const char *text = tsk_error_get();

	snprintf(buf, len, "%s", text != NULL ? text : "libtsk gives no reason");
	for (char *p = buf; *p != '\0'; p++) {
		if (*p == '\n')
			*p = ' ';
	}
	tsk_error_reset();
	return buf;
}

bool athar_tsk_image_get(athar_tsk_image *image, void *buf, size_t len, uint64_t offset)
{
	ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	size_t got = 0;

	return athar_source_read(image->source, buf, len, offset, &got, &bad, &err) == ATHAR_OK &&
	       got == len && bad.count == 0;
}
