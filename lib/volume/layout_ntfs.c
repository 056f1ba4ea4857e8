/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/layout_ntfs.h"

#include <string.h>

#include "base/check.h"
#include "base/endian.h"

#define STRIDE 512u /* the last two bytes of each are kept elsewhere in the record */
#define CLUSTER_MOST (UINT32_C(2) << 20)
#define RECORD_MOST 4096u
#define RUNS_MOST 1000000u /* of one attribute part: more do not fit a record */

static bool power_of_two(uint64_t value)
{
	return value != 0 && (value & (value - 1)) == 0;
}

/* A size that is a count of `unit` or, below zero, a power of two. 0: neither. */
static uint64_t signed_size(uint8_t field, uint64_t unit)
{
	const int value = (int8_t)field;

	if (value > 0)
		return (uint64_t)value * unit;
	return value < 0 && value > -31 ? UINT64_C(1) << -value : 0;
}

/* Clusters above 64 KiB are given as powers of two too. */
static uint64_t cluster_size(uint8_t field, uint32_t sector)
{
	return field <= 0x80 ? (uint64_t)field * sector : signed_size(field, 0) * sector;
}

bool athar_ntfs_layout_read(athar_ntfs_layout *out, const uint8_t *boot)
{
	const uint32_t sector = athar_le16(boot + 11);
	const uint64_t cluster = cluster_size(boot[13], sector);
	const uint64_t record = signed_size(boot[64], cluster);

	*out = (athar_ntfs_layout){.sector = sector};
	if (memcmp(boot + 3, "NTFS    ", 8) != 0 || !power_of_two(sector) || sector < 256 ||
	    sector > 4096 || !power_of_two(cluster) || cluster > CLUSTER_MOST ||
	    !power_of_two(record) || record < STRIDE || record > RECORD_MOST)
		return false;
	out->cluster = (uint32_t)cluster;
	out->record = (uint32_t)record;
	return athar_mul(athar_le64(boot + 40), sector, &out->size) &&
	       athar_mul(athar_le64(boot + 48), cluster, &out->mft) &&
	       athar_mul(athar_le64(boot + 56), cluster, &out->mirror);
}

bool athar_ntfs_record_open(uint8_t *record, uint32_t size)
{
	const uint32_t at = athar_le16(record + 4);
	const uint32_t count = athar_le16(record + 6);

	if (memcmp(record, "FILE", 4) != 0 || count != size / STRIDE + 1 ||
	    !athar_inside(at, count * 2, size))
		return false;
	for (uint32_t i = 1; i < count; i++) {
		uint8_t *end = record + (size_t)i * STRIDE - 2;

		if (memcmp(end, record + at, 2) != 0)
			return false;
		memcpy(end, record + at + 2 * (size_t)i, 2);
	}
	return true;
}

static bool read_resident(athar_ntfs_attribute *out, const uint8_t *a, uint32_t length)
{
	const uint32_t content = athar_le32(a + 16);
	const uint32_t from = athar_le16(a + 20);

	if (!athar_inside(from, content, length))
		return false;
	out->resident = true;
	out->bytes = a + from;
	out->len = content;
	out->size = content;
	return true;
}

static bool read_runs(athar_ntfs_attribute *out, const uint8_t *a, uint32_t length)
{
	const uint32_t from = length < 64 ? length : athar_le16(a + 32);

	if (from < 64 || from >= length)
		return false;
	out->bytes = a + from;
	out->len = length - from;
	out->first = athar_le64(a + 16);
	out->size = out->first == 0 ? athar_le64(a + 48) : 0;
	return true;
}

bool athar_ntfs_attribute_next(athar_ntfs_attribute *out, const uint8_t *record, uint32_t size,
                               uint32_t *at)
{
	if (*at == 0)
		*at = athar_le16(record + 20);
	while (*at >= 42 && *at <= size - 24) {
		const uint8_t *a = record + *at;
		const uint32_t length = athar_le32(a + 4);

		*out = (athar_ntfs_attribute){.type = athar_le32(a), .named = a[9] != 0};
		if (out->type == UINT32_MAX || length < 24 || length > size - *at)
			return false;
		*at += length;
		if (a[8] == 0 ? read_resident(out, a, length) : read_runs(out, a, length))
			return true;
	}
	return false;
}

static uint64_t little(const uint8_t *p, unsigned width)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < width; i++)
		value |= (uint64_t)p[i] << 8 * i;
	return value;
}

/* A difference of `width` bytes, its sign stretched. */
static uint64_t difference(const uint8_t *p, unsigned width)
{
	const uint64_t value = little(p, width);

	return width < 8 && (p[width - 1] & 0x80) != 0 ? value | UINT64_MAX << 8 * width : value;
}

athar_status athar_ntfs_runs_each(const athar_ntfs_layout *l, const uint8_t *runs, size_t len,
                                  athar_status (*piece)(void *user, uint64_t offset,
                                                        uint64_t length, athar_error *err),
                                  void *user, athar_error *err)
{
	uint64_t cluster = 0;
	size_t at = 0;

	for (unsigned n = 0; n < RUNS_MOST && at < len && runs[at] != 0; n++) {
		const unsigned of_length = runs[at] & 15;
		const unsigned of_place = runs[at] >> 4;
		uint64_t offset, length;

		if (of_length == 0 || of_length > 8 || of_place > 8 ||
		    len - at - 1 < of_length + of_place)
			return ATHAR_OK;
		length = little(runs + at + 1, of_length);
		if (of_place != 0)
			cluster += difference(runs + at + 1 + of_length, of_place);
		at += 1 + of_length + of_place;
		if (of_place != 0 && length != 0 && athar_mul(cluster, l->cluster, &offset) &&
		    athar_mul(length, l->cluster, &length))
			ATHAR_TRY(piece(user, offset, length, err));
	}
	return ATHAR_OK;
}

bool athar_ntfs_list_next(uint64_t *record, const uint8_t *list, size_t len, uint32_t type,
                          size_t *at)
{
	const uint8_t *entry = list + *at;
	size_t length;

	*record = 0;
	if (*at > len || len - *at < 26)
		return false;
	length = athar_le16(entry + 4);
	if (length < 26 || length > len - *at)
		return false;
	*at += length;
	if (athar_le32(entry) == type && entry[6] == 0)
		*record = athar_le64(entry + 16) & UINT64_C(0xFFFFFFFFFFFF);
	return true;
}
