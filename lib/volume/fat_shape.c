/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/fat_shape.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"

#define ENTRY ((size_t)ATHAR_FAT_ENTRY)
#define PIECES ((size_t)20) /* of a long name */
#define LOOKS 1024u         /* clusters that are looked at for one that goes on */

static athar_status add(athar_fat_shapes *out, uint64_t cluster, bool inside, const athar_fat *fat,
                        athar_tsk_image *image, athar_error *err)
{
	uint64_t parent;

	if (out->count > 0 && out->shape[out->count - 1].cluster == cluster)
		return ATHAR_OK;
	ATHAR_TRY(athar_grow(&out->shape, &out->capacity, out->count + 1, sizeof *out->shape, err));
	out->shape[out->count++] = (athar_fat_shape){
		.cluster = cluster,
		.loose = !fat->exfat && !athar_fat_shape_parent(&parent, fat, image, cluster),
		.inside = inside,
	};
	return ATHAR_OK;
}

athar_status athar_fat_shapes_find(athar_fat_shapes *out, const athar_fat_orphans *orphans,
                                   const athar_fat *fat, athar_tsk_image *image, athar_error *err)
{
	ATHAR_AUTO(seen) athar_seen within = {NULL, 0, 0};
	bool fresh;

	for (size_t i = 0; i < orphans->count; i++)
		if (orphans->orphan[i].folder != 0)
			ATHAR_TRY(athar_seen_add(&within, orphans->orphan[i].folder, &fresh, err));
	for (size_t i = 0; i < orphans->count; i++) {
		const uint64_t cluster = orphans->orphan[i].cluster;

		ATHAR_TRY(add(out, cluster, athar_seen_has(&within, cluster), fat, image, err));
	}
	return ATHAR_OK;
}

void athar_fat_shapes_clear(athar_fat_shapes *shapes)
{
	free(shapes->shape);
	athar_seen_clear(&shapes->read);
	*shapes = (athar_fat_shapes){.count = 0};
}

bool athar_fat_shape_free(const athar_fat_shapes *shapes, athar_volume *volume, uint64_t cluster)
{
	const uint64_t place = athar_fat_place(&volume->fat, cluster);
	const athar_runs *allocated = athar_volume_allocated_runs(volume);

	return place != ATHAR_NOWHERE && allocated != NULL &&
	       athar_runs_overlap(allocated, place, 1) == 0 &&
	       !athar_seen_has(&shapes->read, cluster);
}

bool athar_fat_shape_parent(uint64_t *parent, const athar_fat *fat, athar_tsk_image *image,
                            uint64_t cluster)
{
	uint8_t dots[2 * ATHAR_FAT_ENTRY];
	uint64_t self;

	return athar_tsk_image_get(image, dots, sizeof dots, athar_fat_place(fat, cluster)) &&
	       athar_fat_folder_dots(&self, parent, fat, dots) && self == cluster;
}

bool athar_fat_shape_begins(const athar_fat *fat, athar_tsk_image *image, uint64_t cluster,
                            uint64_t parent)
{
	uint64_t above;

	if (!athar_fat_shape_parent(&above, fat, image, cluster))
		return false;
	if (above == fat->root)
		above = 0;
	return parent == ATHAR_FAT_PARENT_UNKNOWN || above == parent;
}

/* Index of the first shape behind the cluster. */
static size_t behind(const athar_fat_shapes *shapes, uint64_t cluster)
{
	size_t low = 0, high = shapes->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (shapes->shape[middle].cluster <= cluster)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Does the name that the folder breaks off in end in this cluster? */
static bool joins(const athar_fat *fat, athar_tsk_image *image, const athar_fat_folder *folder,
                  uint64_t cluster)
{
	uint8_t seam[(2 * PIECES + 1) * ATHAR_FAT_ENTRY];
	const size_t before = athar_min(PIECES, folder->len / ENTRY);
	const size_t behind = athar_min(PIECES + 1, fat->cluster / ENTRY);
	athar_fat_name name;
	size_t i = 0;

	memcpy(seam, folder->bytes + folder->len - before * ENTRY, before * ENTRY);
	if (!athar_tsk_image_get(image, seam + before * ENTRY, behind * ENTRY,
	                         athar_fat_place(fat, cluster)))
		return false;
	while (i < behind && athar_fat_name_piece(seam + (before + i) * ENTRY))
		i++;
	if (i == behind)
		return false;
	athar_fat_name_read(&name, seam + (before + i) * ENTRY, before + i);
	return name.pieces > i;
}

uint64_t athar_fat_shape_next(const athar_fat_shapes *shapes, const athar_fat *fat,
                              athar_tsk_image *image, uint64_t cluster,
                              const athar_fat_folder *folder)
{
	const bool broken = athar_fat_name_piece(folder->bytes + folder->len - ENTRY);
	const size_t start = behind(shapes, cluster);

	for (size_t n = 0; n < athar_min(shapes->count, LOOKS); n++) {
		const athar_fat_shape *shape = &shapes->shape[(start + n) % shapes->count];

		if (!broken && start + n >= shapes->count)
			return 0;
		if (shape->loose && !athar_seen_has(&shapes->read, shape->cluster) &&
		    (!broken || joins(fat, image, folder, shape->cluster)))
			return shape->cluster;
	}
	return 0;
}
