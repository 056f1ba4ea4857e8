/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/ntfs_wof.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "volume/content.h"
#include "volume/wof.h"

#define REPARSE_MOST ((size_t)64) /* WOF's has 24 bytes */

struct athar_ntfs_wof {
	athar_volume *volume;
	const TSK_FS_ATTR *packed;
	athar_wof_reader *reader;
};

static uint64_t size_of(const TSK_FS_ATTR *attr)
{
	return attr->size > 0 ? (uint64_t)attr->size : 0;
}

/* The first attribute in use of the type, with the name if one is given. */
static const TSK_FS_ATTR *find(const TSK_FS_FILE *tsk, TSK_FS_ATTR_TYPE_ENUM type, const char *name)
{
	const TSK_FS_ATTR *attr = NULL;

	if (tsk->meta != NULL && tsk->meta->attr != NULL)
		attr = tsk->meta->attr->head;
	for (; attr != NULL; attr = attr->next)
		if ((attr->flags & TSK_FS_ATTR_INUSE) != 0 && attr->type == type &&
		    (name == NULL || (attr->name != NULL && strcmp(attr->name, name) == 0)))
			return attr;
	return NULL;
}

/* The bytes of the reparse point, as far as they matter. */
static size_t reparse_of(uint8_t out[REPARSE_MOST], const TSK_FS_FILE *tsk)
{
	const TSK_FS_ATTR *attr = find(tsk, TSK_FS_ATTR_TYPE_NTFS_REPARSE, NULL);
	ssize_t n = 0;

	if (attr != NULL && attr->size > 0)
		n = tsk_fs_attr_read(attr, 0, (char *)out,
		                     (size_t)athar_min((uint64_t)attr->size, REPARSE_MOST),
		                     TSK_FS_FILE_READ_FLAG_NONE);
	return n > 0 ? (size_t)n : 0;
}

/* A file that was written to since has clusters of its own, and is what stands in them. */
static bool is_hole(const TSK_FS_ATTR *attr)
{
	if ((attr->flags & TSK_FS_ATTR_NONRES) == 0)
		return false;
	for (const TSK_FS_ATTR_RUN *run = attr->nrd.run; run != NULL; run = run->next)
		if ((run->flags & (TSK_FS_ATTR_RUN_FLAG_SPARSE | TSK_FS_ATTR_RUN_FLAG_FILLER)) == 0)
			return false;
	return true;
}

bool athar_ntfs_wof_is(const athar_volume *volume, const TSK_FS_FILE *tsk, const TSK_FS_ATTR *attr)
{
	uint8_t reparse[REPARSE_MOST];

	if (!athar_volume_is_ntfs(volume) || attr->type != TSK_FS_ATTR_TYPE_NTFS_DATA ||
	    athar_attr_is_named(attr) || !is_hole(attr))
		return false;
	return athar_wof_is(reparse, reparse_of(reparse, tsk));
}

/* The packed stream and how it is to be read. */
static athar_status lay_out(const TSK_FS_ATTR **packed, athar_wof_layout *out,
                            const TSK_FS_FILE *tsk, uint64_t size, athar_error *err)
{
	uint8_t reparse[REPARSE_MOST];
	const size_t len = reparse_of(reparse, tsk);
	athar_wof_packing packing = ATHAR_WOF_LZX;

	ATHAR_TRY(athar_wof_parse(&packing, reparse, len, err));
	*packed = find(tsk, TSK_FS_ATTR_TYPE_NTFS_DATA, ATHAR_WOF_STREAM);
	if (*packed == NULL)
		return athar_fail(err, ATHAR_EFORMAT,
		                  "packed by Windows in a stream %s that is "
		                  "not there",
		                  ATHAR_WOF_STREAM);
	return athar_wof_lay_out(out, packing, size, size_of(*packed), err);
}

/* Where the packed stream lies; a resident one in its record. */
static athar_status places(athar_extents *out, athar_volume *volume, uint64_t meta,
                           const TSK_FS_ATTR *packed, athar_error *err)
{
	uint64_t record = ATHAR_NOWHERE;

	if ((packed->flags & TSK_FS_ATTR_NONRES) != 0)
		return athar_attr_extents(out, volume, packed, err);
	if (!athar_mft_resident(out, volume, meta, packed, &record, err))
		athar_extents_clear(out);
	return ATHAR_OK;
}

/* Bytes of the extents that belong to live files now. */
static uint64_t taken(const athar_extents *x, athar_volume *volume)
{
	const athar_runs *allocated = athar_volume_allocated_runs(volume);
	uint64_t total = 0;

	for (size_t i = 0; allocated != NULL && i < x->count; i++)
		if (x->extent[i].kind == ATHAR_EXTENT_DATA)
			total += athar_runs_overlap(allocated, x->extent[i].image,
			                            x->extent[i].length);
	return total;
}

static athar_status derive(athar_volume_file *file, const athar_wof_layout *x,
                           const athar_extents *from, athar_error *err)
{
	athar_extent whole = {.image = ATHAR_NOWHERE,
	                      .length = file->size,
	                      .stored = x->packed,
	                      .kind = ATHAR_EXTENT_DERIVED,
	                      .transform = x->packing == ATHAR_WOF_LZX ? ATHAR_TRANSFORM_LZX
	                                                               : ATHAR_TRANSFORM_XPRESS};

	for (size_t i = from->count; i > 0; i--)
		if (from->extent[i - 1].kind == ATHAR_EXTENT_DATA)
			whole.image = from->extent[i - 1].image;
	if (whole.image == ATHAR_NOWHERE)
		whole.stored = 0;
	return athar_extents_add(&file->extents, whole, err);
}

athar_status athar_ntfs_wof_fill(athar_volume_file *file, athar_volume *volume,
                                 const TSK_FS_FILE *tsk, athar_error *err)
{
	ATHAR_AUTO(extents) athar_extents from = ATHAR_EXTENTS_INIT;
	const TSK_FS_ATTR *packed = NULL;
	athar_error why = ATHAR_ERROR_INIT;
	athar_wof_layout x;
	uint64_t missing;

	if (file->size == 0)
		return ATHAR_OK;
	if (lay_out(&packed, &x, tsk, file->size, &why) != ATHAR_OK)
		return athar_content_lost(file, err, "%.150s", why.text);
	ATHAR_TRY(places(&from, volume, file->meta, packed, err));
	missing = athar_extents_of_kind(&from, ATHAR_EXTENT_MISSING);
	if (missing > 0)
		return athar_content_lost(file, err,
		                          "packed, and for %llu of the %llu bytes packed the "
		                          "metadata gives no place",
		                          (unsigned long long)missing,
		                          (unsigned long long)x.packed);
	if (file->state != ATHAR_STATE_LIVE && file->state != ATHAR_STATE_TRASH &&
	    (packed->flags & TSK_FS_ATTR_NONRES) != 0)
		file->reused = athar_min(taken(&from, volume), file->size);
	return derive(file, &x, &from, err);
}

static athar_status read_packed(void *user, void *buf, size_t len, uint64_t offset,
                                athar_error *err)
{
	const athar_ntfs_wof *wof = user;
	size_t got = 0;

	ATHAR_TRY(athar_attr_read(&got, wof->volume, wof->packed, buf, len, offset, err));
	if (got != len)
		return athar_fail(err, ATHAR_EIO, "the packed stream cannot be read at %llu",
		                  (unsigned long long)offset);
	return ATHAR_OK;
}

static athar_status open_reader(athar_volume *volume, uint64_t size, athar_error *err)
{
	athar_wof_layout x;

	if (volume->wof != NULL)
		return ATHAR_OK;
	volume->wof = athar_alloc(sizeof *volume->wof, err);
	if (volume->wof == NULL)
		return err->status;
	volume->wof->volume = volume;
	ATHAR_TRY(lay_out(&volume->wof->packed, &x, volume->open, size, err));
	return athar_wof_open(&volume->wof->reader, &x, read_packed, volume->wof, err);
}

athar_status athar_ntfs_wof_read(size_t *got, athar_volume *volume, const TSK_FS_ATTR *attr,
                                 void *buf, size_t len, uint64_t offset, athar_error *err)
{
	const uint64_t size = size_of(attr);
	const size_t wanted = (size_t)athar_min(len, size - athar_min(size, offset));
	uint8_t *out = buf;
	size_t done = 0;

	*got = 0;
	if (open_reader(volume, size, err) != ATHAR_OK) {
		athar_ntfs_wof_forget(volume);
		return err->status;
	}
	while (done < wanted) {
		size_t part = 0;

		ATHAR_TRY(athar_wof_read(&part, volume->wof->reader, out + done, wanted - done,
		                         offset + done, err));
		done += part;
	}
	*got = done;
	return ATHAR_OK;
}

void athar_ntfs_wof_forget(athar_volume *volume)
{
	if (volume->wof == NULL)
		return;
	athar_wof_close(volume->wof->reader);
	free(volume->wof);
	volume->wof = NULL;
}
