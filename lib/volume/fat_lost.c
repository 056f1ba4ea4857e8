/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/fat_lost.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "volume/fat_held.h"
#include "volume/fat_orphans.h"
#include "volume/fat_shape.h"
#include "volume/order.h"
#include "volume/times.h"

#define BEAT_EVERY 256

/* A folder that was read: orphans may lie below it. */
typedef struct known {
	uint64_t first; /* cluster; 0: the root */
	size_t path, path_len;
} known;

typedef struct lost {
	athar_walk *w;
	const athar_fat *fat;
	athar_fat_holding holding;
	athar_fat_orphans orphans;
	athar_fat_shapes shapes; /* directory clusters in free space, and which were read */
	known *known;
	size_t known_count, known_capacity;
	athar_keyed *by_first; /* of `known`, those that were met before the orphans */
	size_t sorted;
	uint8_t *paths;
	size_t paths_len, paths_capacity;
} lost;

static void lost_clear(lost *l)
{
	athar_fat_holding_clear(&l->holding);
	athar_fat_orphans_clear(&l->orphans);
	athar_fat_shapes_clear(&l->shapes);
	free(l->known);
	free(l->by_first);
	free(l->paths);
}
ATHAR_DEFINE_AUTO_VALUE(lost, lost, lost_clear)

/* ---- folders that are known ---- */

static athar_status remember(lost *l, uint64_t first, athar_error *err)
{
	const athar_walk *w = l->w;

	ATHAR_TRY(athar_grow(&l->known, &l->known_capacity, l->known_count + 1, sizeof *l->known,
	                     err));
	ATHAR_TRY(
		athar_grow(&l->paths, &l->paths_capacity, l->paths_len + w->path_len + 1, 1, err));
	if (w->path_len > 0)
		memcpy(l->paths + l->paths_len, w->path, w->path_len);
	l->known[l->known_count++] = (known){first, l->paths_len, w->path_len};
	l->paths_len += w->path_len;
	return ATHAR_OK;
}

static athar_status sort_known(lost *l, athar_error *err)
{
	l->by_first = athar_alloc_array(l->known_count + 1, sizeof *l->by_first, err);
	if (l->by_first == NULL)
		return err->status;
	for (; l->sorted < l->known_count; l->sorted++)
		l->by_first[l->sorted] = (athar_keyed){l->known[l->sorted].first, l->sorted};
	athar_order(l->by_first, l->sorted);
	return ATHAR_OK;
}

static const known *find_known(const lost *l, uint64_t first)
{
	const size_t i = athar_order_find(l->by_first, l->sorted, first);

	return i < l->sorted && l->by_first[i].key == first ? &l->known[l->by_first[i].value]
	                                                    : NULL;
}

/* ---- entries ---- */

static athar_status enter(lost *l, const athar_fat_dirent *entry, uint64_t parent,
                          athar_state state, athar_error *err);

static athar_status give_folder(lost *l, const athar_fat_dirent *entry, athar_state state,
                                athar_error *err)
{
	athar_volume_file file = {.state = state, .readable = true, .folder = true};

	file.meta = athar_fat_address(l->fat, entry->at);
	snprintf(file.address, sizeof file.address, "%llu", (unsigned long long)file.meta);
	athar_times_fat(&file, l->fat->exfat, entry->entry);
	return athar_walk_hand_over(l->w, &file, err);
}

static athar_status take_entry(lost *l, const athar_fat_dirent *entry, uint64_t parent,
                               athar_state state, athar_error *err)
{
	athar_walk *w = l->w;
	const size_t path_len = w->path_len;

	if (++w->entries % BEAT_EVERY == 0)
		ATHAR_TRY(athar_walk_beat(w, err));
	if (w->counts->files + w->counts->folders + l->holding.count >= ATHAR_WALK_FILES) {
		w->full = true;
		return ATHAR_OK;
	}
	ATHAR_TRY(athar_walk_push(w, entry->name.bytes, entry->name.len, err));
	if (entry->folder) {
		ATHAR_TRY(give_folder(l, entry, state, err));
		ATHAR_TRY(enter(l, entry, parent, state, err));
	} else {
		ATHAR_TRY(athar_fat_hold(&l->holding, w, entry, state, err));
	}
	w->path_len = path_len;
	return ATHAR_OK;
}

/* Its deleted entries, or all of them. */
static athar_status take_entries(lost *l, const athar_fat_folder *folder, uint64_t first,
                                 athar_state state, bool live, bool strict, athar_error *err)
{
	athar_fat_cursor cursor = {.strict = strict};
	athar_fat_dirent entry;

	while (!l->w->full && athar_fat_folder_next(&entry, &cursor, folder, l->fat)) {
		if (!live || entry.deleted || cursor.marked)
			ATHAR_TRY(take_entry(l, &entry, first, state, err));
	}
	l->w->left_out += cursor.left_out;
	return ATHAR_OK;
}

/* ---- live folders ---- */

/* The clusters of a folder in use, by the table. */
static athar_status read_chain(athar_fat_folder *folder, const lost *l, uint64_t first,
                               uint64_t contiguous, athar_error *err)
{
	uint64_t cluster = first;

	for (uint64_t n = 0; n < l->fat->clusters; n++) {
		const uint64_t place = athar_fat_place(l->fat, cluster);

		if (place == ATHAR_NOWHERE)
			return ATHAR_OK;
		ATHAR_TRY(athar_fat_folder_add(folder, l->w->volume->image, place, err));
		if (contiguous > 0 && n + 1 >= contiguous)
			return ATHAR_OK;
		if (contiguous > 0)
			cluster++;
		else if (!athar_fat_next(l->fat, l->w->volume->image, cluster, &cluster))
			return ATHAR_OK;
	}
	return ATHAR_OK;
}

/* FAT12 and FAT16 have it before cluster 2. */
static athar_status read_root(athar_fat_folder *folder, const lost *l, athar_error *err)
{
	folder->unit = l->fat->cluster;
	if (l->fat->root != 0)
		return read_chain(folder, l, l->fat->root, 0, err);
	folder->unit = (size_t)(l->fat->data - l->fat->entries);
	return folder->unit == 0
	               ? ATHAR_OK
	               : athar_fat_folder_add(folder, l->w->volume->image, l->fat->entries, err);
}

static athar_status read_live(athar_fat_folder *folder, uint64_t *first, const lost *l,
                              uint64_t address, athar_error *err)
{
	athar_tsk_image *image = l->w->volume->image;
	uint8_t entry[ATHAR_FAT_ENTRY];
	athar_exfat_set set;
	bool doubtful;

	*first = 0;
	if (address == l->w->volume->fs->root_inum)
		return read_root(folder, l, err);
	folder->unit = l->fat->cluster;
	if (l->fat->exfat) {
		if (!athar_exfat_set_read(&set, l->fat, image, address))
			return ATHAR_OK;
		*first = set.first;
		return read_chain(folder, l, set.first,
		                  set.contiguous ? athar_fat_count(l->fat, set.size) : 0, err);
	}
	if (!athar_fat_entry(l->fat, image, address, entry))
		return ATHAR_OK;
	*first = athar_fat_first(l->fat, entry, &doubtful);
	return read_chain(folder, l, *first, 0, err);
}

/* A folder that is too large is told of, and what was read of it is used. */
static athar_status allow_large(lost *l, athar_status status, athar_error *err)
{
	if (status != ATHAR_ELIMIT)
		return status;
	l->w->counts->partial = true;
	return athar_walk_finding(l->w, true, err, "%s: not all of it was searched", err->text);
}

static athar_status walk_live_folders(lost *l, athar_error *err)
{
	athar_walk *w = l->w;

	for (size_t i = 0; i < w->later_count && !w->full; i++) {
		const athar_walk_later *live = &w->later[i];
		ATHAR_AUTO(fat_folder) athar_fat_folder folder = {.bytes = NULL};
		uint64_t first;

		ATHAR_TRY(athar_walk_path(w, w->paths + live->path, live->path_len, err));
		ATHAR_TRY(athar_walk_beat(w, err));
		ATHAR_TRY(allow_large(l, read_live(&folder, &first, l, live->address, err), err));
		ATHAR_TRY(remember(l, first, err));
		ATHAR_TRY(take_entries(l, &folder, first, ATHAR_STATE_DELETED, true, false, err));
	}
	w->path_len = 0;
	return ATHAR_OK;
}

/* ---- folders that were deleted ---- */

static athar_status add_free(athar_fat_folder *folder, lost *l, uint64_t cluster, athar_error *err)
{
	bool fresh;

	ATHAR_TRY(athar_seen_add(&l->shapes.read, cluster, &fresh, err));
	return athar_fat_folder_add(folder, l->w->volume->image, athar_fat_place(l->fat, cluster),
	                            err);
}

/* Where a deleted folder has its first cluster; 0: that is one no more, or another's. */
static uint64_t first_of(const lost *l, const athar_fat_dirent *entry, uint64_t parent)
{
	athar_walk *w = l->w;

	for (uint64_t high = 0; high <= (entry->doubtful ? 64 : 0); high++) {
		const uint64_t cluster = high << 16 | entry->first;

		if (athar_fat_shape_free(&l->shapes, w->volume, cluster) &&
		    (l->fat->exfat ||
		     athar_fat_shape_begins(l->fat, w->volume->image, cluster, parent)))
			return cluster;
	}
	return 0;
}

/* exFAT: in one piece, or as the table still has it. */
static athar_status read_recorded(athar_fat_folder *folder, lost *l, const athar_fat_dirent *entry,
                                  athar_error *err)
{
	uint64_t cluster = entry->first;

	for (uint64_t n = athar_fat_count(l->fat, entry->size); n > 0; n--) {
		if (!athar_fat_shape_free(&l->shapes, l->w->volume, cluster))
			return ATHAR_OK;
		ATHAR_TRY(add_free(folder, l, cluster, err));
		if (entry->contiguous)
			cluster++;
		else if (!athar_fat_next(l->fat, l->w->volume->image, cluster, &cluster))
			return ATHAR_OK;
	}
	return ATHAR_OK;
}

/* FAT: from its first cluster on, with those that go on with it. */
static athar_status read_from(athar_fat_folder *folder, lost *l, uint64_t first, athar_error *err)
{
	uint64_t cluster = first;

	while (cluster != 0) {
		ATHAR_TRY(add_free(folder, l, cluster, err));
		cluster = athar_fat_folder_full(folder)
		                  ? athar_fat_shape_next(&l->shapes, l->fat, l->w->volume->image,
		                                         cluster, folder)
		                  : 0;
	}
	return ATHAR_OK;
}

static athar_status enter(lost *l, const athar_fat_dirent *entry, uint64_t parent,
                          athar_state state, athar_error *err)
{
	const uint64_t first = first_of(l, entry, parent);
	ATHAR_AUTO(fat_folder) athar_fat_folder folder = {.unit = l->fat->cluster};
	athar_status status;

	if (first == 0)
		return ATHAR_OK;
	if (l->w->depth >= ATHAR_WALK_DEPTH) {
		l->w->counts->partial = true;
		return athar_walk_finding(l->w, true, err, "folders below depth %d are not walked",
		                          ATHAR_WALK_DEPTH);
	}
	l->w->depth++;
	status = l->fat->exfat ? read_recorded(&folder, l, entry, err)
	                       : read_from(&folder, l, first, err);
	ATHAR_TRY(allow_large(l, status, err));
	ATHAR_TRY(remember(l, first, err));
	ATHAR_TRY(take_entries(l, &folder, first, state, false, l->fat->exfat, err));
	l->w->depth--;
	return ATHAR_OK;
}

/* ---- what has no entry any more ---- */

/* The path of the folder above, and a stand-in for the name; no path where that is not known. */
static athar_status path_of_orphan(lost *l, uint64_t cluster, uint64_t *first, athar_error *err)
{
	const known *above;
	uint64_t parent;
	char name[40];

	*first = ATHAR_FAT_PARENT_UNKNOWN;
	if (l->fat->exfat || !athar_fat_shape_parent(&parent, l->fat, l->w->volume->image, cluster))
		return ATHAR_OK;
	*first = cluster;
	above = find_known(l, parent);
	if (above == NULL)
		return ATHAR_OK;
	ATHAR_TRY(athar_walk_path(l->w, l->paths + above->path, above->path_len, err));
	snprintf(name, sizeof name, "[cluster %llu]", (unsigned long long)cluster);
	return athar_walk_push(l->w, (const uint8_t *)name, strlen(name), err);
}

static athar_status give_orphan(lost *l, uint64_t cluster, athar_error *err)
{
	ATHAR_AUTO(fat_folder) athar_fat_folder folder = {.unit = l->fat->cluster};
	uint64_t first;

	ATHAR_TRY(path_of_orphan(l, cluster, &first, err));
	if (l->fat->exfat)
		ATHAR_TRY(add_free(&folder, l, cluster, err));
	else
		ATHAR_TRY(allow_large(l, read_from(&folder, l, cluster, err), err));
	ATHAR_TRY(take_entries(l, &folder, first, ATHAR_STATE_ORPHAN, false, true, err));
	l->w->path_len = 0;
	return ATHAR_OK;
}

/* One that another orphan lists waits, to be given below it. */
static athar_status walk_orphans(lost *l, athar_error *err)
{
	ATHAR_TRY(sort_known(l, err));
	for (int pass = 0; pass <= 2; pass++) {
		for (size_t i = 0; i < l->shapes.count && !l->w->full; i++) {
			const athar_fat_shape *shape = &l->shapes.shape[i];

			if (athar_seen_has(&l->shapes.read, shape->cluster) ||
			    (pass == 0 && (shape->inside || shape->loose)) ||
			    (pass == 1 && shape->inside))
				continue;
			ATHAR_TRY(give_orphan(l, shape->cluster, err));
		}
	}
	return ATHAR_OK;
}

/* Free clusters that look like directories. */
static athar_status find_shapes(lost *l, athar_error *err)
{
	athar_walk *w = l->w;
	const athar_runs *allocated = athar_volume_allocated_runs(w->volume);
	athar_status status = ATHAR_OK;

	if (w->named_only)
		return ATHAR_OK;
	if (allocated == NULL)
		status = athar_fail(err, ATHAR_EFORMAT, "which clusters are free is not known");
	else
		status = athar_fat_orphans_find(&l->orphans, l->fat, w->volume->image, allocated,
		                                athar_walk_beat_of, w, err);
	if (status == ATHAR_EFORMAT || status == ATHAR_ELIMIT) {
		w->counts->errors++;
		w->counts->partial = true;
		ATHAR_TRY(athar_walk_finding(w, false, err, "not all orphaned files are given: %s",
		                             err->text));
	} else if (status != ATHAR_OK) {
		return status;
	}
	return athar_fat_shapes_find(&l->shapes, &l->orphans, l->fat, w->volume->image, err);
}

static athar_status walk_lost(lost *l, athar_error *err)
{
	ATHAR_TRY(walk_live_folders(l, err));
	return l->w->named_only ? ATHAR_OK : walk_orphans(l, err);
}

athar_status athar_fat_lost_walk(athar_walk *w, athar_error *err)
{
	ATHAR_AUTO(lost) lost l = {.w = w, .fat = &w->volume->fat};
	athar_status status;

	ATHAR_TRY(find_shapes(&l, err));
	status = walk_lost(&l, err);
	if (status == ATHAR_ELIMIT) {
		w->counts->partial = true;
		ATHAR_TRY(athar_walk_finding(w, false, err, "not all of them are given: %s",
		                             err->text));
	} else {
		ATHAR_TRY(status);
	}
	return athar_fat_solve(&l.holding, w, err);
}
