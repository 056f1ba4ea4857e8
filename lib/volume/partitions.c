/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which volumes an image has. A partition table is believed unless a file system begins at 0 and
 * the table makes no sense: the boot code of a FAT volume can look like one.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/sort.h"
#include "volume/kinds.h"
#include "volume/lost.h"
#include "volume/volume_state.h"

#define VOLUMES_MOST 512
#define DOS_END ((TSK_OFF_T)1 << 43) /* twice 2^32 sectors of 512 bytes, and more */

/* A part of the image that may hold a volume. */
typedef struct part {
	uint64_t offset, length;
	char description[64];
	bool beside; /* the start of the disk, which the partition table leaves out */
	bool lost;   /* no table leads there */
} part;

typedef struct search {
	athar_tsk_image *image;
	uint64_t size;
	part *parts;
	size_t count, capacity;
	bool table; /* there is one */
	bool more;  /* parts than are taken */
	unsigned number;
	unsigned probes; /* for lost volumes */
	athar_status (*volume)(void *user, const athar_volume_info *info, athar_error *err);
	void *user;
} search;

static void search_end(search *s)
{
	free(s->parts);
	athar_tsk_image_close(s->image);
}
ATHAR_DEFINE_AUTO_VALUE(search, search, search_end)

static athar_status add_part(search *s, uint64_t offset, uint64_t length, const char *description,
                             athar_error *err)
{
	part *p;

	s->more = s->more || s->count >= VOLUMES_MOST;
	if (s->more)
		return ATHAR_OK;
	ATHAR_TRY(athar_grow(&s->parts, &s->capacity, s->count + 1, sizeof *s->parts, err));
	p = &s->parts[s->count++];
	*p = (part){.offset = offset, .length = length};
	if (description != NULL)
		athar_volume_text(p->description, sizeof p->description, description,
		                  strlen(description));
	return ATHAR_OK;
}

static athar_status add_table(search *s, const TSK_VS_INFO *vs, athar_error *err)
{
	for (const TSK_VS_PART_INFO *p = vs->part_list; p != NULL; p = p->next) {
		uint64_t offset, length;

		if ((p->flags & TSK_VS_PART_FLAG_ALLOC) == 0 ||
		    (p->flags & TSK_VS_PART_FLAG_META) != 0)
			continue;
		if (!athar_mul(p->start, vs->block_size, &offset) ||
		    !athar_mul(p->len, vs->block_size, &length))
			continue;
		offset = athar_min(offset, s->size);
		length = athar_min(length, s->size - offset);
		ATHAR_TRY(add_part(s, offset, length, p->desc, err));
	}
	return ATHAR_OK;
}

static int by_offset(const void *a, const void *b, const void *user)
{
	const part *x = a;
	const part *y = b;

	(void)user;
	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return x->length < y->length ? -1 : x->length > y->length;
}

static bool has_part_at(const search *s, uint64_t offset)
{
	for (size_t i = 0; i < s->count; i++) {
		if (s->parts[i].offset == offset)
			return true;
	}
	return false;
}

/* A DOS table makes sense when each entry's first byte is one of the two that exist and each
 * partition begins behind the table and inside the image. */
static bool dos_plausible(athar_tsk_image *image, const TSK_VS_INFO *vs, uint64_t size)
{
	uint8_t sector[512];
	bool any = false;

	if (!athar_tsk_image_get(image, sector, sizeof sector, 0))
		return false;
	for (size_t i = 0; i < 4; i++) {
		if ((sector[446 + 16 * i] & 0x7F) != 0)
			return false;
	}
	for (const TSK_VS_PART_INFO *p = vs->part_list; p != NULL; p = p->next) {
		if ((p->flags & TSK_VS_PART_FLAG_ALLOC) == 0)
			continue;
		if (p->start == 0 || p->start >= size / vs->block_size)
			return false;
		any = true;
	}
	return any;
}

static bool has_description(const TSK_VS_INFO *vs, const char *begins)
{
	for (const TSK_VS_PART_INFO *p = vs->part_list; p != NULL; p = p->next) {
		if (p->desc != NULL && strncmp(p->desc, begins, strlen(begins)) == 0)
			return true;
	}
	return false;
}

static bool has_allocated(const TSK_VS_INFO *vs)
{
	for (const TSK_VS_PART_INFO *p = vs->part_list; p != NULL; p = p->next) {
		if ((p->flags & TSK_VS_PART_FLAG_ALLOC) != 0)
			return true;
	}
	return false;
}

/* The family of the file system that begins at offset; NULL for none. */
static const athar_kind_family *family_at(athar_tsk_image *image, uint64_t offset)
{
	for (const athar_kind_family *f = athar_kind_families; f->name != NULL; f++) {
		TSK_FS_INFO *fs = tsk_fs_open_img(&image->tsk, (TSK_OFF_T)offset, f->detect);

		if (fs != NULL) {
			tsk_fs_close(fs);
			return f;
		}
	}
	return NULL;
}

typedef struct table {
	const char *name;
	TSK_VS_TYPE_ENUM type;
} table;

/* libtsk refuses a DOS table when one of its first partitions begins past the end of the image. The
 * image may be a part of the disk: so it is told a size that no entry can pass. */
static TSK_VS_INFO *open_table(search *s, TSK_VS_TYPE_ENUM type)
{
	const TSK_OFF_T size = s->image->tsk.size;
	TSK_VS_INFO *vs;

	if (type == TSK_VS_TYPE_DOS && size < DOS_END)
		s->image->tsk.size = DOS_END;
	vs = tsk_vs_open(&s->image->tsk, 0, type);
	s->image->tsk.size = size;
	return vs;
}

/* A backup GPT behind a DOS table that does not announce one is what was there before. */
static bool outdated(search *s, const TSK_VS_INFO *vs)
{
	TSK_VS_INFO *dos;
	bool answer;

	if (vs->vstype != TSK_VS_TYPE_GPT || !vs->is_backup)
		return false;
	dos = open_table(s, TSK_VS_TYPE_DOS);
	if (dos == NULL)
		return false;
	answer = dos_plausible(s->image, dos, s->size) && !has_description(dos, "GPT Safety");
	tsk_vs_close(dos);
	return answer;
}

/* Tries one kind of table and takes its partitions when it is to be believed. */
static athar_status try_table(search *s, const table *t, bool system_at_0, athar_error *err)
{
	TSK_VS_INFO *vs = open_table(s, t->type);
	athar_status status = ATHAR_OK;

	if (vs == NULL)
		return ATHAR_OK;
	s->table = has_allocated(vs) && !outdated(s, vs);
	if (system_at_0 && t->type == TSK_VS_TYPE_DOS)
		s->table = s->table && dos_plausible(s->image, vs, s->size);
	if (s->table)
		status = add_table(s, vs, err);
	tsk_vs_close(vs);
	return status;
}

static athar_status find_parts(search *s, char name[32], athar_error *err)
{
	static const table tables[] = {{"gpt", TSK_VS_TYPE_GPT},
	                               {"apm", TSK_VS_TYPE_MAC},
	                               {"bsd", TSK_VS_TYPE_BSD},
	                               {"dos", TSK_VS_TYPE_DOS},
	                               {"sun", TSK_VS_TYPE_SUN}};
	const athar_kind_family *at_0 = family_at(s->image, 0);

	for (size_t i = 0; i < ATHAR_COUNT(tables) && !s->table; i++) {
		ATHAR_TRY(try_table(s, &tables[i], at_0 != NULL, err));
		if (s->table)
			snprintf(name, 32, "%s", tables[i].name);
	}
	if (!s->table || (at_0 != NULL && !has_part_at(s, 0))) {
		ATHAR_TRY(add_part(s, 0, s->size, NULL, err));
		if (!s->more)
			s->parts[s->count - 1].beside = s->table;
	}
	athar_sort(s->parts, s->count, sizeof *s->parts, by_offset, NULL);
	return ATHAR_OK;
}

/* ---- what no table leads to ---- */

/* By the word of its file system; what is not read here goes on to the end of the gap. */
static uint64_t length_of(const search *s, uint64_t offset, uint64_t gap)
{
	const athar_kind_family *family = family_at(s->image, offset);
	uint64_t length = 0;
	TSK_FS_INFO *fs;

	if (family == NULL)
		return athar_kind_recognise(s->image, offset) != NULL ? gap : 0;
	fs = tsk_fs_open_img(&s->image->tsk, (TSK_OFF_T)offset, family->detect);
	if (fs == NULL)
		return 0;
	if (!athar_mul(fs->block_count, fs->block_size, &length))
		length = UINT64_MAX;
	tsk_fs_close(fs);
	return length;
}

/* A system that would reach into a partition is from before the disk was partitioned. */
static athar_status add_lost(search *s, uint64_t offset, uint64_t end, uint64_t *behind,
                             athar_error *err)
{
	const uint64_t length = length_of(s, offset, end - offset);

	*behind = 0;
	if (length == 0)
		return ATHAR_OK;
	ATHAR_TRY(add_part(s, offset, athar_min(length, end - offset), NULL, err));
	*behind = offset + athar_min(length, end - offset);
	if (s->more)
		return ATHAR_OK;
	s->parts[s->count - 1].lost = true;
	s->parts[s->count - 1].beside = length > end - offset && end < s->size;
	return ATHAR_OK;
}

static athar_status search_gap(search *s, uint64_t from, uint64_t end, athar_error *err)
{
	uint64_t at = athar_round_up(from, 512), behind;
	bool first = true;

	while (at < end && end - at >= 4096 && s->probes < ATHAR_LOST_PROBES) {
		s->probes++;
		if (!has_part_at(s, at) && athar_lost_begins(s->image, at)) {
			ATHAR_TRY(add_lost(s, at, end, &behind, err));
			if (behind != 0) {
				at = athar_round_up(behind, 512);
				first = false;
				continue;
			}
		}
		at = athar_lost_next(at, first);
		first = false;
	}
	tsk_error_reset();
	return ATHAR_OK;
}

/* Between, before and behind the partitions; everywhere where there are none and no file system
 * has all of the image. */
static athar_status find_lost(search *s, athar_error *err)
{
	const size_t count = s->count;
	uint64_t at = 0;

	for (size_t i = 0; i < count; i++) {
		const part p = s->parts[i];

		if (p.beside || (!s->table && family_at(s->image, 0) == NULL &&
		                 athar_kind_recognise(s->image, 0) == NULL))
			continue;
		if (p.offset > at)
			ATHAR_TRY(search_gap(s, at, p.offset, err));
		at = athar_max(at, p.offset + p.length);
	}
	ATHAR_TRY(search_gap(s, at, s->size, err));
	athar_sort(s->parts, s->count, sizeof *s->parts, by_offset, NULL);
	return ATHAR_OK;
}

/* A disc for two worlds has a table for the one and a file system at 0 for the other. Any other
 * system there was left by an earlier use of the disk; its bitmap would claim what the partitions
 * own. */
static void set_aside(athar_volume_info *info)
{
	snprintf(info->description, sizeof info->description,
	         "start of the disk, beside the partitions");
	if (strcmp(info->kind, "iso9660") == 0 || strncmp(info->kind, "hfs", 3) == 0)
		return;
	info->file_system = false;
	snprintf(
		info->finding, sizeof info->finding,
		"what is left of a file system from before the disk was partitioned: not examined");
}

/* libtsk counts sectors on FAT; the unit that files are made of is the cluster. */
static void describe_clusters(athar_volume_info *info, const TSK_FS_INFO *fs,
                              athar_tsk_image *image)
{
	const unsigned type = (unsigned)fs->ftype;
	athar_fat fat;

	if (!athar_fat_open(&fat, image, info->offset, info->length, type == TSK_FS_TYPE_EXFAT,
	                    athar_fat_bits(type)))
		return;
	info->block_size = fat.cluster;
	info->blocks = fat.clusters;
}

static void describe_fs(athar_volume_info *info, const TSK_FS_INFO *fs, athar_tsk_image *image)
{
	snprintf(info->kind, sizeof info->kind, "%s", athar_kind_name(fs->ftype));
	info->block_size = fs->block_size;
	info->blocks = fs->block_count;
	info->file_system = true;
	if (TSK_FS_TYPE_ISFAT(fs->ftype))
		describe_clusters(info, fs, image);
	if ((fs->flags & TSK_FS_INFO_FLAG_ENCRYPTED) != 0)
		snprintf(info->finding, sizeof info->finding,
		         "the file system says that it is encrypted: only its key opens it");
}

static athar_status give(search *s, athar_volume_info *info, athar_error *err)
{
	if (s->number >= VOLUMES_MOST)
		return ATHAR_OK;
	info->number = s->number++;
	return s->volume(s->user, info, err);
}

static athar_status give_apfs(search *s, const athar_volume_info *part_info,
                              const TSK_POOL_INFO *pool, athar_error *err)
{
	for (const TSK_POOL_VOLUME_INFO *v = pool->vol_list; v != NULL; v = v->next) {
		athar_volume_info info = *part_info;
		TSK_IMG_INFO *pool_image = NULL;
		TSK_FS_INFO *fs = NULL;

		snprintf(info.kind, sizeof info.kind, "apfs");
		info.pool_block = v->block;
		info.block_size = pool->block_size;
		info.blocks = pool->num_blocks;
		if (v->desc != NULL)
			athar_volume_text(info.label, sizeof info.label, v->desc, strlen(v->desc));
		if ((v->flags & TSK_POOL_VOLUME_FLAG_ENCRYPTED) != 0)
			snprintf(info.finding, sizeof info.finding,
			         "an encrypted APFS volume: only its key opens it");
		else if ((fs = athar_volume_fs_open(&pool_image, s->image, &info, pool)) == NULL)
			snprintf(info.finding, sizeof info.finding,
			         "an APFS volume that could not be opened");
		info.file_system = fs != NULL;
		if (fs != NULL)
			tsk_fs_close(fs);
		if (pool_image != NULL)
			tsk_img_close(pool_image);
		ATHAR_TRY(give(s, &info, err));
	}
	return ATHAR_OK;
}

/* True when a container was there; its volumes were given then. */
static athar_status look_for_apfs(search *s, const athar_volume_info *info, bool *found,
                                  athar_error *err)
{
	char magic[4];
	const TSK_POOL_INFO *pool;
	athar_status status;

	*found = false;
	if (!athar_tsk_image_get(s->image, magic, sizeof magic, info->offset + 32) ||
	    memcmp(magic, "NXSB", 4) != 0)
		return ATHAR_OK;
	pool = tsk_pool_open_img_sing(&s->image->tsk, (TSK_OFF_T)info->offset, TSK_POOL_TYPE_APFS);
	if (pool == NULL)
		return ATHAR_OK;
	*found = pool->vol_list != NULL;
	status = give_apfs(s, info, pool, err);
	tsk_pool_close(pool);
	return status;
}

static athar_status give_unread(search *s, athar_volume_info *info, athar_error *err)
{
	const athar_kind_unread *unread = athar_kind_recognise(s->image, info->offset);

	if (unread == NULL && !s->table)
		return ATHAR_OK;
	snprintf(info->kind, sizeof info->kind, "%s", unread != NULL ? unread->kind : "unknown");
	if (info->length == 0)
		snprintf(info->finding, sizeof info->finding,
		         "it begins past the end of the image: the image is not complete");
	else
		snprintf(info->finding, sizeof info->finding, "%s",
		         unread != NULL
		                 ? unread->finding
		                 : "no file system was recognised: only carving sees its content");
	return give(s, info, err);
}

/* Each file system that begins here: there can be two, one left over from before. */
static athar_status examine(search *s, const part *p, athar_error *err)
{
	athar_volume_info start = {.offset = p->offset, .length = p->length};
	bool found = false;

	memcpy(start.description, p->description, sizeof start.description);
	athar_tsk_image_bound(s->image, p->length);
	for (const athar_kind_family *f = athar_kind_families; p->length > 0 && f->name != NULL;
	     f++) {
		athar_volume_info info = start;
		TSK_FS_INFO *fs = tsk_fs_open_img(&s->image->tsk, (TSK_OFF_T)p->offset, f->detect);

		if (fs == NULL)
			continue;
		describe_fs(&info, fs, s->image);
		athar_volume_label(info.label, sizeof info.label, fs, s->image, p->offset);
		tsk_fs_close(fs);
		if (p->beside)
			set_aside(&info);
		if (p->lost)
			snprintf(info.description, sizeof info.description, "%s",
			         "found by its superblock, in no partition table");
		found = true;
		ATHAR_TRY(give(s, &info, err));
	}
	if (!found && p->length > 0 && !p->beside)
		ATHAR_TRY(look_for_apfs(s, &start, &found, err));
	tsk_error_reset();
	if (!found && p->length > 0 && !p->beside && athar_f2fs_describe(&start, s->image))
		return give(s, &start, err);
	return found ? ATHAR_OK : give_unread(s, &start, err);
}

athar_status athar_volumes_each(athar_source *source, char name[32],
                                athar_status (*volume)(void *user, const athar_volume_info *info,
                                                       athar_error *err),
                                void *user, athar_error *err)
{
	ATHAR_AUTO(search) search s = {.volume = volume, .user = user};

	snprintf(name, 32, "none");
	s.size = athar_source_describe(source)->size;
	if (s.size == 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_tsk_image_open(&s.image, source, err));
	ATHAR_TRY(find_parts(&s, name, err));
	ATHAR_TRY(find_lost(&s, err));
	for (size_t i = 0; i < s.count; i++)
		ATHAR_TRY(examine(&s, &s.parts[i], err));
	return s.more ? athar_fail(err, ATHAR_ELIMIT, "the image has more than %d partitions",
	                           VOLUMES_MOST)
	              : ATHAR_OK;
}
