/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/ntfs_record.h"

#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "base/utf8.h"
#include "volume/layout_ntfs.h"

#define HEADER 42u
#define NUMBERED_HEADER 48u
#define IN_USE 1u
#define FOLDER 2u
#define NAME_HEADER 66u
#define NAME_FOLDER UINT32_C(0x10000000)
#define NUMBER_MASK UINT64_C(0xFFFFFFFFFFFF)
#define UNIT_MOST 6u /* as a power of two; Windows uses 4 */
/* FILETIMEs are tenths of microseconds since 1601. */
#define TICKS UINT64_C(10000000)
#define TO_1970 UINT64_C(11644473600)
#define YEAR_2300 UINT64_C(10413792000)

athar_ntfs_ref athar_ntfs_ref_read(const uint8_t *bytes)
{
	return (athar_ntfs_ref){athar_le64(bytes) & NUMBER_MASK, athar_le16(bytes + 6)};
}

uint64_t athar_ntfs_ref_key(athar_ntfs_ref ref)
{
	return ref.number << 16 | ref.sequence;
}

uint32_t athar_ntfs_record_size(const uint8_t *head)
{
	const uint32_t ends = athar_le16(head + 4);
	const uint32_t size = athar_le32(head + 28);
	const uint32_t first = athar_le16(head + 20);

	if ((memcmp(head, "FILE", 4) != 0 && memcmp(head, "BAAD", 4) != 0) ||
	    size < ATHAR_NTFS_RECORD_LEAST || size > ATHAR_NTFS_RECORD_MOST ||
	    (size & (size - 1)) != 0 || athar_le16(head + 6) != size / ATHAR_NTFS_STRIDE + 1 ||
	    ends < HEADER || ends % 2 != 0 || first % 8 != 0 || first < ends || first >= size ||
	    athar_le32(head + 24) > size)
		return 0;
	return size;
}

static bool read_header(athar_ntfs_record *out, const uint8_t *r)
{
	const uint32_t flags = athar_le16(r + 22);

	out->used = athar_le32(r + 24);
	out->in_use = (flags & IN_USE) != 0;
	out->folder = (flags & FOLDER) != 0;
	out->numbered = athar_le16(r + 4) >= NUMBERED_HEADER;
	out->ref.number = out->numbered ? athar_le32(r + 44) : 0;
	out->ref.sequence = athar_le16(r + 16);
	if (!out->in_use && out->ref.sequence > 1)
		out->ref.sequence--;
	out->base = athar_ntfs_ref_read(r + 32);
	return out->used >= athar_le16(r + 20) + 8u;
}

bool athar_ntfs_record_parse(athar_ntfs_record *out, uint8_t *bytes, uint32_t size)
{
	athar_ntfs_attr attr;
	uint32_t at = 0;

	*out = (athar_ntfs_record){.bytes = bytes, .size = size};
	memcpy(bytes, "FILE", 4);
	if (!athar_ntfs_record_open(bytes, size) || !read_header(out, bytes))
		return false;
	while (athar_ntfs_attr_next(&attr, out, &at)) {
	}
	return at <= size - 4 && athar_le32(bytes + at) == UINT32_MAX;
}

static bool read_resident(athar_ntfs_attr *out, const uint8_t *a, uint32_t length)
{
	const uint32_t content = athar_le32(a + 16);
	const uint32_t from = athar_le16(a + 20);

	if (from < 24 || !athar_inside(from, content, length))
		return false;
	out->resident = true;
	out->bytes = a + from;
	out->len = content;
	out->size = out->allocated = out->initialized = content;
	return true;
}

static bool read_placed(athar_ntfs_attr *out, const uint8_t *a, uint32_t length)
{
	const uint32_t from = length < 64 ? length : athar_le16(a + 32);
	const unsigned unit = length < 64 ? 0 : athar_le16(a + 34);

	if (from < 64 || from >= length || unit > UNIT_MOST)
		return false;
	out->bytes = a + from;
	out->len = length - from;
	out->first = athar_le64(a + 16);
	out->last = athar_le64(a + 24);
	out->unit = unit == 0 ? 0 : 1u << unit;
	if (out->first == 0) {
		out->allocated = athar_le64(a + 40);
		out->size = athar_le64(a + 48);
		out->initialized = athar_le64(a + 56);
	}
	return out->size <= INT64_MAX;
}

static bool read_attr(athar_ntfs_attr *out, const uint8_t *a, uint32_t length)
{
	const uint32_t name_len = a[9];
	const uint32_t name_at = athar_le16(a + 10);

	*out = (athar_ntfs_attr){
		.type = athar_le32(a), .id = athar_le16(a + 14), .flags = athar_le16(a + 12)};
	if (name_len != 0) {
		if (!athar_inside(name_at, name_len * 2, length))
			return false;
		out->name = a + name_at;
		out->name_len = name_len;
	}
	if (a[8] > 1)
		return false;
	return a[8] == 0 ? read_resident(out, a, length) : read_placed(out, a, length);
}

bool athar_ntfs_attr_next(athar_ntfs_attr *out, const athar_ntfs_record *r, uint32_t *at)
{
	if (*at == 0)
		*at = athar_le16(r->bytes + 20);
	if (*at > r->size - 24)
		return false;
	const uint8_t *a = r->bytes + *at;
	const uint32_t length = athar_le32(a + 4);
	if (athar_le32(a) == UINT32_MAX || length < 24 || length % 8 != 0 ||
	    length > r->size - *at || !read_attr(out, a, length))
		return false;
	*at += length;
	return true;
}

/* Windows forbids some of them; a name that has one is no name but other bytes. */
static bool name_valid(const athar_ntfs_name *n)
{
	for (size_t i = 0; i < n->name_len; i++) {
		const unsigned c = athar_le16(n->name + 2 * i);

		if (c == 0 || c == '/' || (c < ' ' && n->space != 0))
			return false;
	}
	return n->name_len > 0 && n->space <= 3;
}

bool athar_ntfs_name_parse(athar_ntfs_name *out, const uint8_t *bytes, size_t len)
{
	if (len < NAME_HEADER || len < NAME_HEADER + 2 * (size_t)bytes[64])
		return false;
	*out = (athar_ntfs_name){
		.parent = athar_ntfs_ref_read(bytes),
		.created = athar_le64(bytes + 8),
		.modified = athar_le64(bytes + 16),
		.changed = athar_le64(bytes + 24),
		.accessed = athar_le64(bytes + 32),
		.allocated = athar_le64(bytes + 40),
		.size = athar_le64(bytes + 48),
		.folder = (athar_le32(bytes + 56) & NAME_FOLDER) != 0,
		.space = bytes[65],
		.name = bytes + NAME_HEADER,
		.name_len = bytes[64],
	};
	return name_valid(out);
}

bool athar_ntfs_record_name(athar_ntfs_name *out, const athar_ntfs_record *r)
{
	athar_ntfs_attr attr;
	athar_ntfs_name name;
	bool found = false;

	for (uint32_t at = 0; athar_ntfs_attr_next(&attr, r, &at);) {
		if (attr.type != ATHAR_NTFS_TYPE_NAME || !attr.resident ||
		    !athar_ntfs_name_parse(&name, attr.bytes, attr.len))
			continue;
		if (!found || (out->space == 2 && name.space != 2))
			*out = name;
		found = true;
	}
	return found;
}

bool athar_ntfs_record_standard(athar_ntfs_standard *out, const athar_ntfs_record *r)
{
	athar_ntfs_attr attr;

	for (uint32_t at = 0; athar_ntfs_attr_next(&attr, r, &at);) {
		if (attr.type != ATHAR_NTFS_TYPE_STANDARD || !attr.resident || attr.len < 36)
			continue;
		*out = (athar_ntfs_standard){
			.created = athar_le64(attr.bytes),
			.modified = athar_le64(attr.bytes + 8),
			.changed = athar_le64(attr.bytes + 16),
			.accessed = athar_le64(attr.bytes + 24),
			.flags = athar_le32(attr.bytes + 32),
		};
		return true;
	}
	return false;
}

size_t athar_ntfs_text(uint8_t *out, const uint8_t *name, size_t name_len)
{
	size_t n = 0;

	for (size_t i = 0; i < name_len; i++) {
		uint32_t c = athar_le16(name + 2 * i);
		const uint32_t low = i + 1 < name_len ? athar_le16(name + 2 * (i + 1)) : 0;

		if (c >= 0xD800 && c < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
			c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
			i++;
		} else if (c >= 0xD800 && c < 0xE000) {
			c = 0xFFFD;
		}
		n += athar_utf8_encode(out + n, c);
	}
	return n;
}

bool athar_filetime(int64_t *seconds, uint32_t *nanoseconds, uint64_t filetime)
{
	const uint64_t whole = filetime / TICKS;

	if (filetime == 0 || whole > TO_1970 + YEAR_2300)
		return false;
	*seconds = (int64_t)whole - (int64_t)TO_1970;
	*nanoseconds = (uint32_t)(filetime % TICKS * 100);
	return true;
}

uint64_t athar_filetime_of(int64_t seconds, uint32_t nanoseconds)
{
	if (seconds < -(int64_t)TO_1970 || seconds > (int64_t)YEAR_2300)
		return 0;
	return ((uint64_t)seconds + TO_1970) * TICKS + nanoseconds / 100;
}
