/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/fat_folder.h"

#include <ctype.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"

#define ENTRY ((size_t)ATHAR_FAT_ENTRY)
#define FOLDER_MOST ((size_t)64 << 20) /* bytes: more than any system writes */
#define FREED 0xE5
#define LABEL 0x08
#define FOLDER 0x10
#define UNUSED 0xC0 /* bits of the attributes that nothing sets */

athar_status athar_fat_folder_add(athar_fat_folder *folder, athar_tsk_image *image, uint64_t place,
                                  athar_error *err)
{
	if (folder->unit > FOLDER_MOST - folder->len)
		return athar_fail(err, ATHAR_ELIMIT, "a folder is larger than %zu bytes",
		                  FOLDER_MOST);
	ATHAR_TRY(
		athar_grow(&folder->bytes, &folder->capacity, folder->len + folder->unit, 1, err));
	ATHAR_TRY(athar_grow(&folder->place, &folder->place_capacity, folder->count + 1,
	                     sizeof *folder->place, err));
	if (!athar_tsk_image_get(image, folder->bytes + folder->len, folder->unit, place)) {
		memset(folder->bytes + folder->len, 0, folder->unit);
		image->failed++;
	}
	folder->place[folder->count++] = place;
	folder->len += folder->unit;
	return ATHAR_OK;
}

void athar_fat_folder_clear(athar_fat_folder *folder)
{
	free(folder->bytes);
	free(folder->place);
	*folder = (athar_fat_folder){.bytes = NULL};
}

/* ---- entries of FAT ---- */

static bool is_zero(const uint8_t *p, size_t len)
{
	return len == 0 || (p[0] == 0 && memcmp(p, p + 1, len - 1) == 0);
}

static bool date_valid(unsigned date)
{
	const unsigned month = date >> 5 & 15;

	return month >= 1 && month <= 12 && (date & 31) >= 1;
}

static bool time_valid(unsigned time)
{
	return time >> 11 < 24 && (time >> 5 & 63) < 60 && (time & 31) < 30;
}

/* Short names are of upper case letters, digits and a few signs; bytes from 0x80 on are of a code
 * page. */
static bool name_valid(const uint8_t *e)
{
	if (e[0] == ' ' || (e[0] == FREED && e[1] == ' ' && e[2] != ' '))
		return false;
	for (size_t i = e[0] == FREED || e[0] == 5 ? 1 : 0; i < 11; i++) {
		if (e[i] < ' ' || islower(e[i]) || strchr("\"*+,./:;<=>?[\\]|\x7f", e[i]) != NULL)
			return false;
	}
	return true;
}

static bool is_dot(const uint8_t *e)
{
	return memcmp(e, ".          ", 11) == 0 || memcmp(e, "..         ", 11) == 0;
}

static bool is_label(const uint8_t *e)
{
	return (e[11] & (LABEL | FOLDER)) == LABEL;
}

/* Place and size could be of this volume, and the bytes of the name those of one. */
static bool possible(const athar_fat *fat, const uint8_t *e)
{
	const uint32_t size = athar_le32(e + 28);
	bool doubtful;
	const uint64_t first = athar_fat_first(fat, e, &doubtful);

	if ((e[11] & UNUSED) != 0 || e[0] == ' ' || size > fat->clusters * fat->cluster ||
	    (first != 0 && athar_fat_place(fat, first) == ATHAR_NOWHERE))
		return false;
	for (size_t i = e[0] == 5 ? 1 : 0; i < 11; i++)
		if (e[i] < ' ')
			return false;
	return true;
}

bool athar_fat_entry_likely(const athar_fat *fat, const uint8_t entry[ATHAR_FAT_ENTRY])
{
	const uint32_t size = athar_le32(entry + 28);
	bool doubtful;
	const uint64_t first = athar_fat_first(fat, entry, &doubtful);

	if (!possible(fat, entry) || !name_valid(entry) || (entry[11] & LABEL) != 0 ||
	    !date_valid(athar_le16(entry + 24)) || !time_valid(athar_le16(entry + 22)))
		return false;
	if ((entry[11] & FOLDER) != 0)
		return size == 0 && first != 0;
	return (size == 0) == (first == 0);
}

static bool fits_in(const athar_fat *fat, const uint8_t *e)
{
	return is_dot(e) || athar_fat_name_piece(e) || athar_fat_entry_likely(fat, e) ||
	       (e[11] & 0x3F) == LABEL;
}

size_t athar_fat_entries(const athar_fat *fat, const uint8_t *cluster)
{
	const size_t slots = fat->cluster / ENTRY;
	size_t i = 0;

	for (; i < slots && cluster[i * ENTRY] != 0; i++)
		if (!fits_in(fat, cluster + i * ENTRY))
			return 0;
	/* One entry alone is only believed with nothing behind it. */
	if (i < 2 && !is_zero(cluster + i * ENTRY, (slots - i) * ENTRY))
		return 0;
	return i;
}

bool athar_fat_folder_dots(uint64_t *self, uint64_t *parent, const athar_fat *fat,
                           const uint8_t *cluster)
{
	const uint8_t *up = cluster + ENTRY;
	bool doubtful;

	if (memcmp(cluster, ".          ", 11) != 0 || memcmp(up, "..         ", 11) != 0 ||
	    (cluster[11] & FOLDER) == 0 || (up[11] & FOLDER) == 0)
		return false;
	*self = athar_fat_first(fat, cluster, &doubtful);
	*parent = athar_fat_first(fat, up, &doubtful);
	return true;
}

/* ---- from entry to entry ---- */

static size_t unit_end(const athar_fat_folder *folder, size_t at)
{
	return at - at % folder->unit + folder->unit;
}

/* Behind the mark old entries may stand, or anything else. */
static bool old_entries(const athar_fat_folder *folder, const athar_fat *fat, size_t at)
{
	for (const size_t end = unit_end(folder, at); at < end; at += ENTRY)
		if (folder->bytes[at] != 0 && !fits_in(fat, folder->bytes + at))
			return false;
	return true;
}

/* Moves behind a mark, to what is worth a look. */
static void pass_mark(athar_fat_cursor *c, const athar_fat_folder *folder, const athar_fat *fat)
{
	const size_t end = unit_end(folder, c->at);

	c->marked = true;
	while (c->at < end && folder->bytes[c->at] == 0)
		c->at += ENTRY;
	if (c->at >= end || fat->exfat || c->at < c->sure)
		return;
	if (old_entries(folder, fat, c->at))
		c->sure = end;
	else
		c->at = end;
}

/* Behind the mark a cluster is believed as a whole or not at all. False: it was passed over. */
static bool begin_unit(athar_fat_cursor *c, const athar_fat_folder *folder, const athar_fat *fat)
{
	const size_t end = unit_end(folder, c->at);

	if (!c->marked || fat->exfat || c->at < c->sure)
		return true;
	if (old_entries(folder, fat, c->at)) {
		c->sure = end;
		return true;
	}
	c->at = end;
	return false;
}

static uint64_t place_of(const athar_fat_folder *folder, size_t at)
{
	return folder->place[at / folder->unit] + at % folder->unit;
}

static bool read_short(athar_fat_dirent *out, athar_fat_cursor *c, const athar_fat_folder *folder,
                       const athar_fat *fat)
{
	const size_t at = c->at;
	const uint8_t *e = folder->bytes + at;

	c->at += ENTRY;
	if (is_dot(e) || athar_fat_name_piece(e) || is_label(e))
		return false;
	if (!possible(fat, e) || ((c->strict || c->marked) && !athar_fat_entry_likely(fat, e))) {
		c->left_out++;
		return false;
	}
	*out = (athar_fat_dirent){.entry = e, .at = place_of(folder, at)};
	out->first = athar_fat_first(fat, e, &out->doubtful);
	out->size = out->valid = athar_le32(e + 28);
	out->deleted = e[0] == FREED;
	out->folder = (e[11] & FOLDER) != 0;
	athar_fat_name_read(&out->name, e, at / ENTRY);
	return true;
}

static bool set_possible(const athar_fat *fat, const athar_exfat_set *set)
{
	return set->size <= fat->clusters * fat->cluster &&
	       (set->first == 0 || athar_fat_place(fat, set->first) != ATHAR_NOWHERE);
}

static bool read_set(athar_fat_dirent *out, athar_fat_cursor *c, const athar_fat_folder *folder,
                     const athar_fat *fat)
{
	const size_t at = c->at;
	const uint8_t *e = folder->bytes + at;
	athar_exfat_set set;

	c->at += ENTRY;
	if ((e[0] & 0x7F) != 0x05)
		return false;
	*out = (athar_fat_dirent){.entry = e, .at = place_of(folder, at)};
	if (!athar_exfat_set_parse(&set, e, folder->len - at) || !set_possible(fat, &set) ||
	    ((c->strict || c->marked) && !set.proven) ||
	    !athar_exfat_name_read(&out->name, e, set.entries)) {
		c->left_out++;
		return false;
	}
	if (set.proven)
		c->at = at + set.entries * ENTRY;
	out->first = set.first;
	out->size = set.size;
	out->valid = set.proven ? set.valid : set.size;
	out->deleted = (e[0] & 0x80) == 0;
	out->folder = set.folder;
	out->contiguous = set.contiguous;
	out->proven = set.proven;
	return true;
}

bool athar_fat_folder_next(athar_fat_dirent *out, athar_fat_cursor *cursor,
                           const athar_fat_folder *folder, const athar_fat *fat)
{
	while (cursor->at < folder->len) {
		if (cursor->at % folder->unit == 0 && !begin_unit(cursor, folder, fat))
			continue;
		if (folder->bytes[cursor->at] == 0)
			pass_mark(cursor, folder, fat);
		else if (fat->exfat ? read_set(out, cursor, folder, fat)
		                    : read_short(out, cursor, folder, fat))
			return true;
	}
	return false;
}

bool athar_fat_folder_full(const athar_fat_folder *folder)
{
	const uint8_t *last = folder->bytes + folder->len - folder->unit;

	for (size_t i = 0; i < folder->unit; i += ENTRY)
		if (last[i] == 0)
			return false;
	return true;
}
