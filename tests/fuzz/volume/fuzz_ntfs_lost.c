/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is found of NTFS outside of its tables, and the records of recycle bins. The first byte
 * chooses the reader.
 */
#include <stdint.h>
#include <string.h>

#include "base/idiom.h"
#include "image/driver.h"
#include "volume/ntfs_claims.h"
#include "volume/ntfs_index.h"
#include "volume/ntfs_stream.h"
#include "volume/trash.h"
#include "volume/trash_record.h"
#include "volume/usn.h"
#include "volume/vss.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const athar_ntfs_ground ground = {
	.base = 512, .cluster = 512, .clusters = 4096, .end = UINT64_C(3) << 20};

static void covers(const athar_extents *x, uint64_t size)
{
	uint64_t at = 0;

	for (size_t i = 0; i < x->count; i++) {
		if (x->extent[i].logical != at || x->extent[i].length == 0)
			__builtin_trap();
		if (x->extent[i].kind == ATHAR_EXTENT_DATA &&
		    x->extent[i].image + x->extent[i].length > ground.end)
			__builtin_trap();
		at += x->extent[i].length;
	}
	if (at != size)
		__builtin_trap();
}

static void fuzz_stream(const athar_ntfs_attr *attr, const uint8_t *bytes, size_t len)
{
	ATHAR_AUTO(ntfs_stream) athar_ntfs_stream s = {.count = 0};
	ATHAR_AUTO(extents) athar_extents x = ATHAR_EXTENTS_INIT;
	ATHAR_AUTO(source) athar_source *source = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	uint8_t buf[3000];
	size_t got;
	bool good;

	if (athar_ntfs_stream_part(&s, attr, &ground, &good, &err) != ATHAR_OK || !good ||
	    athar_ntfs_stream_extents(&x, &s, &ground, &err) != ATHAR_OK)
		return;
	covers(&x, s.size);
	if (athar_source_memory(&source, bytes, len, &err) != ATHAR_OK)
		return;
	if (athar_ntfs_stream_read(&got, &s, &ground, source, buf, sizeof buf, s.size / 2, &err) ==
	            ATHAR_OK &&
	    got > sizeof buf)
		__builtin_trap();
}

static void fuzz_record(uint8_t *bytes, size_t len)
{
	const uint32_t size = len < 512 ? 0 : athar_ntfs_record_size(bytes);
	athar_ntfs_claims claims = {.count = 0};
	athar_error err = ATHAR_ERROR_INIT;
	uint8_t text[ATHAR_NTFS_TEXT_MOST];
	athar_ntfs_record r;
	athar_ntfs_name name;
	athar_ntfs_attr attr;

	if (size == 0 || size > len || !athar_ntfs_record_parse(&r, bytes, size))
		return;
	for (uint32_t at = 0; athar_ntfs_attr_next(&attr, &r, &at);) {
		if (attr.bytes < bytes || attr.len > (size_t)(bytes + size - attr.bytes))
			__builtin_trap();
		if (!attr.resident)
			fuzz_stream(&attr, bytes, len);
	}
	if (athar_ntfs_record_name(&name, &r) &&
	    athar_ntfs_text(text, name.name, name.name_len) > sizeof text)
		__builtin_trap();
	if (athar_ntfs_claims_add(&claims, &r, &ground, &err) != ATHAR_OK ||
	    athar_ntfs_claims_settle(&claims, &err) != ATHAR_OK)
		__builtin_trap();
	for (size_t i = 1; i < claims.last_count; i++)
		if (claims.last[i - 1].end > claims.last[i].at)
			__builtin_trap();
	athar_ntfs_claims_clear(&claims);
}

static void fuzz_index(uint8_t *bytes, size_t len)
{
	const size_t size = athar_ntfs_index_size(bytes, len);
	athar_ntfs_name name = {0};
	athar_ntfs_ref file = {0};

	if (size != 0 && size <= len)
		(void)athar_ntfs_index_open(bytes, size);
	size_t before = 0;

	for (size_t at = 0; athar_ntfs_index_next(&file, &name, bytes, len, &at); before = at)
		if (at <= before || at > len || name.name + 2 * name.name_len > bytes + len)
			__builtin_trap();
}

static void fuzz_changes(const uint8_t *bytes, size_t len)
{
	athar_usn_record r;

	for (size_t at = 0, before = 0; athar_usn_next(&r, bytes, len, &at); before = at) {
		if (at <= before || at > len || r.name + 2 * r.name_len > bytes + len)
			__builtin_trap();
	}
}

static void fuzz_bin(const uint8_t *bytes, size_t len, int kind)
{
	athar_error err = ATHAR_ERROR_INIT;
	size_t at = 0;
	bool good = true;

	while (good) {
		ATHAR_AUTO(trash_record) athar_trash_record r = {.path = NULL};
		const athar_status status =
			kind == 0   ? athar_trash_parse_i(&r, &good, bytes, len, &err)
			: kind == 1 ? athar_trash_parse_info(&r, &good, bytes, len, &err)
				    : athar_trash_parse_info2(&r, &good, bytes, len, &at, &err);

		if (status != ATHAR_OK)
			__builtin_trap();
		if (kind != 2)
			break;
	}
	if (athar_trash_bin(bytes, len) >= len && len > 0)
		__builtin_trap();
}

static void fuzz_shadows(const uint8_t *bytes, size_t len)
{
	athar_vss vss = {.count = 0};
	uint64_t next;

	if (len >= ATHAR_VSS_HEADER)
		(void)athar_vss_header_read(bytes);
	if (len >= ATHAR_VSS_CATALOG)
		(void)athar_vss_catalog_read(&vss, &next, bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t len = size == 0 ? 0 : size - 1;
	ATHAR_AUTO(free) uint8_t *bytes = calloc(1, len == 0 ? 1 : len);

	if (bytes == NULL || size == 0)
		return 0;
	memcpy(bytes, data + 1, len);
	switch (data[0] % 8) {
	case 0:
		fuzz_index(bytes, len);
		break;
	case 1:
		fuzz_changes(bytes, len);
		break;
	case 2:
	case 3:
	case 4:
		fuzz_bin(bytes, len, data[0] % 8 - 2);
		break;
	case 5:
		fuzz_shadows(bytes, len);
		break;
	default:
		fuzz_record(bytes, len);
	}
	return 0;
}
