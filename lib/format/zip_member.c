/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/check.h"
#include "base/endian.h"
#include "format/zip.h"

bool zip_is_method(uint16_t method)
{
	return method <= 20 || (method >= 93 && method <= 99);
}

uint64_t zip_member_fold(const zip_member *m)
{
	uint64_t z = m->at;
	const uint64_t parts[] = {m->crc, m->packed, m->size, m->name, m->method};

	for (size_t i = 0; i < ATHAR_COUNT(parts); i++) {
		z = (z ^ parts[i]) * UINT64_C(0xBF58476D1CE4E5B9);
		z ^= z >> 29;
	}
	return z;
}

void zip_member_widen(uint64_t *const *values, size_t count, const uint8_t *extra, size_t len)
{
	size_t at = 0, use = 0;

	while (len - at >= 4 && athar_le16(extra + at) != 1)
		at = (size_t)athar_min(at + 4u + athar_le16(extra + at + 2), len);
	if (len - at < 4)
		return;
	const size_t end = (size_t)athar_min(at + 4u + athar_le16(extra + at + 2), len);

	at += 4;
	for (; use < count; use++) {
		if (*values[use] != ZIP_HUGE32)
			continue;
		if (end - at < 8)
			return;
		*values[use] = athar_le64(extra + at);
		at += 8;
	}
}

size_t zip_member_closes(zip_member *m, const uint8_t *p, uint64_t len)
{
	const bool wide = athar_le64(p + 8) == len && athar_le16(p + 16) != (ZIP_LOCAL & 0xFFFF);

	if (athar_le32(p) != ZIP_DESCRIPTOR || (!wide && athar_le32(p + 8) != len))
		return 0;
	m->crc = athar_le32(p + 4);
	m->packed = len;
	m->size = wide ? athar_le64(p + 16) : athar_le32(p + 12);
	return wide ? 24 : 16;
}

bool zip_member_repeats(const zip_member *m, const uint8_t *p, bool wide)
{
	return athar_le32(p) == m->crc &&
	       (wide ? athar_le64(p + 4) : athar_le32(p + 4)) == m->packed &&
	       (wide ? athar_le64(p + 12) : athar_le32(p + 8)) == m->size;
}
