/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deleted files of FAT and exFAT. FAT keeps the first cluster and the size and forgets which
 * clusters came between; libtsk takes the free ones that follow and says nothing. What of it is
 * recorded and what is assumed is told apart here.
 */
#include "base/check.h"
#include "volume/content.h"

#define ASSUMED \
	"first cluster and size are recorded; that the free clusters behind it follow is assumed"

static uint64_t clusters_of(const athar_volume_file *file, const athar_fat *fat)
{
	return file->size / fat->cluster + (file->size % fat->cluster != 0);
}

static bool in_use(athar_volume *volume, uint64_t place)
{
	const athar_runs *allocated = athar_volume_allocated_runs(volume);

	return allocated != NULL && athar_runs_overlap(allocated, place, 1) > 0;
}

/* Common to both: a first cluster that is one, and not another file's now. */
static athar_status check_first(athar_volume_file *file, athar_volume *volume, uint64_t first,
                                bool *lost, athar_error *err)
{
	const uint64_t place = athar_fat_place(&volume->fat, first);

	*lost = true;
	if (place == ATHAR_NOWHERE)
		return athar_content_lost(file, err, "its first cluster, %llu, does not exist",
		                          (unsigned long long)first);
	if (in_use(volume, place))
		return athar_content_lost(file, err, "its first cluster, %llu, is in use again",
		                          (unsigned long long)first);
	*lost = false;
	return ATHAR_OK;
}

/* Recorded as one piece: no cluster is guessed, and what others own now shows as reused. */
static athar_status one_piece(athar_volume_file *file, const athar_fat *fat, uint64_t first,
                              athar_error *err)
{
	const uint64_t place = athar_fat_place(fat, first);

	athar_extents_clear(&file->extents);
	file->why[0] = '\0';
	if (place == ATHAR_NOWHERE || clusters_of(file, fat) > fat->clusters - (first - 2))
		return athar_content_lost(file, err,
		                          "its recorded clusters do not fit into the volume");
	return athar_extents_add_data(&file->extents, place, file->size, err);
}

/* exFAT leaves the chain of a deleted file in its table. It is the file's own as long as it has the
 * right length and nobody has taken a cluster of it since. */
static bool follow_chain(athar_extents *out, const athar_volume_file *file, athar_volume *volume,
                         uint64_t first, athar_error *err)
{
	const athar_fat *fat = &volume->fat;
	const uint64_t count = clusters_of(file, fat);
	uint64_t left = file->size;
	uint64_t cluster = first;

	for (uint64_t i = 0; i < count; i++) {
		const uint64_t place = athar_fat_place(fat, cluster);
		const uint64_t length = athar_min(left, fat->cluster);

		if (place == ATHAR_NOWHERE || in_use(volume, place) ||
		    athar_extents_add_data(out, place, length, err) != ATHAR_OK ||
		    !athar_fat_next(fat, volume->image, cluster, &cluster))
			return false;
		left -= length;
	}
	return cluster >= 0xFFFFFFF8;
}

static athar_status exfat_fill(athar_volume_file *file, athar_volume *volume, uint64_t address,
                               athar_error *err)
{
	athar_extents chain = ATHAR_EXTENTS_INIT;
	athar_exfat_set set;
	bool lost;

	if (!athar_exfat_set_read(&set, &volume->fat, volume->image, address) ||
	    set.size != file->size) {
		file->assumed = true;
		snprintf(file->why, sizeof file->why, "%s", ASSUMED);
		return ATHAR_OK;
	}
	if (set.contiguous)
		return one_piece(file, &volume->fat, set.first, err);
	ATHAR_TRY(check_first(file, volume, set.first, &lost, err));
	if (lost)
		return ATHAR_OK;
	if (follow_chain(&chain, file, volume, set.first, err)) {
		athar_extents_clear(&file->extents);
		file->extents = chain;
		snprintf(file->why, sizeof file->why, "its chain is still in the allocation table");
		return ATHAR_OK;
	}
	athar_extents_clear(&chain);
	file->assumed = true;
	snprintf(file->why, sizeof file->why, "%s", ASSUMED);
	return ATHAR_OK;
}

static athar_status fat_fill(athar_volume_file *file, athar_volume *volume, uint64_t address,
                             athar_error *err)
{
	uint8_t entry[ATHAR_FAT_ENTRY];
	bool doubtful, lost;
	uint64_t first;

	if (!athar_fat_entry(&volume->fat, volume->image, address, entry))
		return athar_content_lost(file, err, "its directory entry cannot be read");
	first = athar_fat_first(&volume->fat, entry, &doubtful);
	ATHAR_TRY(check_first(file, volume, first, &lost, err));
	if (lost)
		return ATHAR_OK;
	if (athar_extents_of_kind(&file->extents, ATHAR_EXTENT_DATA) < file->size)
		return athar_content_lost(
			file, err, "fewer free clusters follow its first one, %llu, than it had",
			(unsigned long long)first);
	file->assumed = doubtful || file->size > volume->fat.cluster;
	if (file->assumed)
		snprintf(file->why, sizeof file->why, "%s", ASSUMED);
	if (doubtful)
		snprintf(file->why, sizeof file->why,
		         "the upper half of its first cluster's number may have been cleared at "
		         "deletion");
	return ATHAR_OK;
}

athar_status athar_fat_fill(athar_volume_file *file, athar_volume *volume, uint64_t address,
                            athar_error *err)
{
	if (file->size == 0)
		return ATHAR_OK;
	return volume->fat.exfat ? exfat_fill(file, volume, address, err)
	                         : fat_fill(file, volume, address, err);
}
