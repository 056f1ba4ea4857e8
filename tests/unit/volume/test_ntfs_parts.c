/* SPDX-License-Identifier: BSD-2-Clause */
/* The pure parts of the search for lost files of NTFS, over bytes made here by the formats' rules.
 */
#include "athar_test.h"

#include "base/idiom.h"
#include "base/sort.h"
#include "image/driver.h"
#include "volume/ntfs_claims.h"
#include "volume/ntfs_folders.h"
#include "volume/ntfs_index.h"
#include "volume/ntfs_stream.h"
#include "volume/usn.h"
#include "volume/vss.h"

#define FILETIME_2020 UINT64_C(132223104000000000) /* 2020-01-01T00:00:00Z */

static void put_le(uint8_t *p, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

static void put_wide(uint8_t *p, const char *text)
{
	for (size_t n = 0; text[n] != '\0'; n++)
		put_le(p + 2 * n, (uint8_t)text[n], 2);
}

/* $FILE_NAME; its length. */
static size_t put_name(uint8_t *p, const char *name, uint8_t space)
{
	const size_t n = strlen(name);

	put_le(p, UINT64_C(40) | UINT64_C(3) << 48, 8);
	for (size_t i = 0; i < 4; i++)
		put_le(p + 8 + 8 * i, FILETIME_2020 + i, 8);
	put_le(p + 40, 4096, 8);
	put_le(p + 48, 777, 8);
	p[64] = (uint8_t)n;
	p[65] = space;
	put_wide(p + 66, name);
	return 66 + 2 * n;
}

/* A resident attribute; where the next begins. */
static size_t put_attr(uint8_t *record, size_t at, uint32_t type, const void *content, size_t len)
{
	const size_t length = (24 + len + 7) / 8 * 8;

	put_le(record + at, type, 4);
	put_le(record + at + 4, length, 4);
	put_le(record + at + 14, type / 16, 2);
	put_le(record + at + 16, len, 4);
	put_le(record + at + 20, 24, 2);
	memcpy(record + at + 24, content, len);
	return at + length;
}

/* A record of 1024 bytes, freed, of use 5 before that, with two names; its ends of sectors saved.
 */
static void make_record(uint8_t record[1024])
{
	uint8_t content[256] = {0};
	size_t at = 56;

	memset(record, 0, 1024);
	memcpy(record, "FILE", 4);
	put_le(record + 4, 48, 2);
	put_le(record + 6, 3, 2);
	put_le(record + 16, 6, 2);
	put_le(record + 20, 56, 2);
	put_le(record + 28, 1024, 4);
	put_le(record + 44, 1234, 4);
	for (size_t i = 0; i < 4; i++)
		put_le(content + 8 * i, FILETIME_2020 + 10 + i, 8);
	at = put_attr(record, at, ATHAR_NTFS_TYPE_STANDARD, content, 48);
	memset(content, 0, sizeof content);
	at = put_attr(record, at, ATHAR_NTFS_TYPE_NAME, content, put_name(content, "LONGNA~1", 2));
	memset(content, 0, sizeof content);
	at = put_attr(record, at, ATHAR_NTFS_TYPE_NAME, content, put_name(content, "long name", 1));
	at = put_attr(record, at, ATHAR_NTFS_TYPE_DATA, "content", 7);
	put_le(record + at, UINT32_MAX, 4);
	put_le(record + 24, at + 8, 4);
	for (size_t i = 1; i <= 2; i++) {
		memcpy(record + 48 + 2 * i, record + 512 * i - 2, 2);
		put_le(record + 512 * i - 2, 0xABCD, 2);
	}
	put_le(record + 48, 0xABCD, 2);
}

static void a_record_is_read(void **state)
{
	uint8_t record[1024];
	athar_ntfs_standard standard;
	athar_ntfs_record r;
	athar_ntfs_name name;
	athar_ntfs_attr attr;
	uint8_t text[ATHAR_NTFS_TEXT_MOST];
	uint32_t at = 0;

	(void)state;
	make_record(record);
	assert_int_equal(athar_ntfs_record_size(record), 1024);
	assert_true(athar_ntfs_record_parse(&r, record, 1024));
	assert_false(r.in_use);
	assert_true(r.numbered);
	assert_int_equal(r.ref.number, 1234);
	assert_int_equal(r.ref.sequence, 5);
	assert_true(athar_ntfs_record_standard(&standard, &r));
	assert_int_equal(standard.changed, FILETIME_2020 + 12);
	assert_true(athar_ntfs_record_name(&name, &r));
	assert_int_equal(athar_ntfs_text(text, name.name, name.name_len), 9);
	assert_memory_equal(text, "long name", 9);
	assert_int_equal(name.parent.number, 40);
	assert_int_equal(name.parent.sequence, 3);
	assert_int_equal(name.size, 777);
	while (athar_ntfs_attr_next(&attr, &r, &at) && attr.type != ATHAR_NTFS_TYPE_DATA)
		;
	assert_true(attr.resident && attr.size == 7);
	assert_memory_equal(attr.bytes, "content", 7);
}

static void a_torn_record_is_refused(void **state)
{
	uint8_t record[1024];
	athar_ntfs_record r;

	(void)state;
	make_record(record);
	record[1023] ^= 1;
	assert_false(athar_ntfs_record_parse(&r, record, 1024));
	make_record(record);
	memcpy(record, "BAAD", 4); /* marked, though whole */
	assert_int_equal(athar_ntfs_record_size(record), 1024);
	assert_true(athar_ntfs_record_parse(&r, record, 1024));
	make_record(record);
	put_le(record + 56 + 4, 2048, 4); /* an attribute longer than the record */
	assert_false(athar_ntfs_record_parse(&r, record, 1024));
	make_record(record);
	record[0] = 'X';
	assert_int_equal(athar_ntfs_record_size(record), 0);
}

static void names_become_utf8(void **state)
{
	static const uint8_t wide[] = {0xFC, 0, 0x3D, 0xD8, 0x00, 0xDE, 0x3D, 0xD8, 'a', 0};
	uint8_t text[ATHAR_NTFS_TEXT_MOST];

	(void)state;
	assert_int_equal(athar_ntfs_text(text, wide, 5), 10);
	assert_memory_equal(text,
	                    "\xC3\xBC\xF0\x9F\x98\x80\xEF\xBF\xBD"
	                    "a",
	                    10);
}

/* ---- streams ---- */

static const athar_ntfs_ground ground = {
	.base = 1000, .cluster = 512, .clusters = 100, .end = 60000};

static athar_ntfs_attr placed(const uint8_t *runs, size_t len, uint64_t clusters, uint64_t size)
{
	return (athar_ntfs_attr){.type = ATHAR_NTFS_TYPE_DATA,
	                         .bytes = runs,
	                         .len = len,
	                         .last = clusters - 1,
	                         .allocated = clusters * 512,
	                         .size = size,
	                         .initialized = size};
}

static void runs_become_places(void **state)
{
	/* 3 clusters at 16; 2 of a hole; 1 at 16 - 6 */
	static const uint8_t runs[] = {0x11, 3, 16, 0x01, 2, 0x11, 1, 0xFA, 0};
	ATHAR_AUTO(ntfs_stream) athar_ntfs_stream s = {.count = 0};
	ATHAR_AUTO(extents) athar_extents x = ATHAR_EXTENTS_INIT;
	athar_ntfs_attr attr = placed(runs, sizeof runs, 6, 3000);
	athar_error err = ATHAR_ERROR_INIT;
	bool good;

	(void)state;
	attr.initialized = 2800;
	assert_int_equal(athar_ntfs_attr_cluster(&attr), 512);
	assert_ok(athar_ntfs_stream_part(&s, &attr, &ground, &good, &err), err);
	assert_true(good);
	assert_ok(athar_ntfs_stream_extents(&x, &s, &ground, &err), err);
	assert_int_equal(x.count, 4);
	assert_int_equal(x.extent[0].image, 1000 + 16 * 512);
	assert_int_equal(x.extent[0].length, 3 * 512);
	assert_int_equal(x.extent[1].kind, ATHAR_EXTENT_HOLE);
	assert_int_equal(x.extent[1].length, 2 * 512);
	assert_int_equal(x.extent[2].image, 1000 + 10 * 512);
	assert_int_equal(x.extent[2].length, 2800 - 5 * 512);
	assert_int_equal(x.extent[3].kind, ATHAR_EXTENT_HOLE);
	assert_int_equal(athar_extents_size(&x), 3000);
}

static bool takes(const uint8_t *runs, size_t len, uint64_t clusters)
{
	ATHAR_AUTO(ntfs_stream) athar_ntfs_stream s = {.count = 0};
	const athar_ntfs_attr attr = placed(runs, len, clusters, 100);
	athar_error err = ATHAR_ERROR_INIT;
	bool good;

	assert_ok(athar_ntfs_stream_part(&s, &attr, &ground, &good, &err), err);
	return good;
}

static void runs_out_of_the_volume_are_refused(void **state)
{
	(void)state;
	assert_true(takes((const uint8_t[]){0x11, 4, 96, 0}, 4, 4));
	assert_false(takes((const uint8_t[]){0x11, 5, 96, 0}, 4, 5));   /* past its end */
	assert_false(takes((const uint8_t[]){0x11, 4, 0xFF, 0}, 4, 4)); /* before its beginning */
	assert_false(takes((const uint8_t[]){0x11, 4, 96, 0}, 4, 5));   /* fewer than it says */
	assert_false(takes((const uint8_t[]){0x11, 4, 96, 0}, 4, 3));   /* more */
	assert_false(takes((const uint8_t[]){0x11, 4}, 2, 4));          /* cut */
	assert_false(takes((const uint8_t[]){0x10, 4, 0}, 3, 4));       /* of no length */
	assert_false(takes((const uint8_t[]){0x18, 255, 255, 255, 255, 255, 255, 255, 127, 1}, 10,
	                   UINT64_C(1) << 62));
}

static void parts_join_and_gaps_are_missing(void **state)
{
	ATHAR_AUTO(ntfs_stream) athar_ntfs_stream s = {.count = 0};
	ATHAR_AUTO(extents) athar_extents x = ATHAR_EXTENTS_INIT;
	athar_ntfs_attr attr = placed((const uint8_t[]){0x11, 2, 16, 0}, 4, 2, 10 * 512);
	athar_error err = ATHAR_ERROR_INIT;
	bool good;

	(void)state;
	assert_ok(athar_ntfs_stream_part(&s, &attr, &ground, &good, &err), err);
	assert_true(good);
	attr.first = 5;
	attr.last = 6;
	assert_ok(athar_ntfs_stream_part(&s, &attr, &ground, &good, &err), err);
	assert_true(good);
	assert_ok(athar_ntfs_stream_extents(&x, &s, &ground, &err), err);
	assert_int_equal(x.count, 4);
	assert_int_equal(x.extent[1].kind, ATHAR_EXTENT_MISSING);
	assert_int_equal(x.extent[1].length, 3 * 512);
	assert_int_equal(x.extent[3].kind, ATHAR_EXTENT_MISSING);
	assert_int_equal(athar_extents_size(&x), 10 * 512);
}

/* LZNT1 by hand: a chunk of ten bytes "a", one literal and one reference, as MS-XCA 2.5 has it. */
static void a_compressed_unit_is_read(void **state)
{
	static const uint8_t chunk[] = {0x03, 0xB0, 0x02, 'a', 0x06, 0x00};
	static uint8_t image[60000];
	ATHAR_AUTO(ntfs_stream) athar_ntfs_stream s = {.count = 0};
	ATHAR_AUTO(extents) athar_extents x = ATHAR_EXTENTS_INIT;
	ATHAR_AUTO(source) athar_source *source = NULL;
	/* One cluster stored and 15 of a hole, a unit of nothing, one of 16 clusters as they are.
	 */
	const uint8_t runs[] = {0x11, 1, 20, 0x01, 31, 0x11, 16, 10, 0};
	athar_ntfs_attr attr = placed(runs, sizeof runs, 48, 48 * 512);
	athar_error err = ATHAR_ERROR_INIT;
	uint8_t out[20000];
	size_t got;
	bool good;

	(void)state;
	attr.flags = ATHAR_NTFS_COMPRESSED;
	attr.unit = 16;
	memcpy(image + 1000 + 20 * 512, chunk, sizeof chunk);
	memset(image + 1000 + 30 * 512, 'z', 16 * 512);
	assert_ok(athar_source_memory(&source, image, sizeof image, &err), err);
	assert_ok(athar_ntfs_stream_part(&s, &attr, &ground, &good, &err), err);
	assert_true(good);
	assert_ok(athar_ntfs_stream_extents(&x, &s, &ground, &err), err);
	assert_int_equal(x.count, 3);
	assert_int_equal(x.extent[0].kind, ATHAR_EXTENT_DERIVED);
	assert_int_equal(x.extent[0].stored, 512);
	assert_int_equal(x.extent[1].kind, ATHAR_EXTENT_HOLE);
	assert_int_equal(x.extent[2].kind, ATHAR_EXTENT_DATA);
	assert_ok(athar_ntfs_stream_read(&got, &s, &ground, source, out, 20000, 5, &err), err);
	assert_int_equal(got, 20000);
	assert_memory_equal(out, "aaaaa\0", 6);
	assert_int_equal(out[2 * 8192 - 5 - 1], 0);
	assert_int_equal(out[2 * 8192 - 5], 'z');
	assert_ok(athar_ntfs_stream_read(&got, &s, &ground, source, out, 10, 48 * 512, &err), err);
	assert_int_equal(got, 0);
	memset(image + 1000 + 20 * 512, 0xFF, 512);
	assert_status(athar_ntfs_stream_read(&got, &s, &ground, source, out, 10, 0, &err),
	              ATHAR_EFORMAT, err);
}

/* ---- names ---- */

static void entries_are_found_among_other_bytes(void **state)
{
	uint8_t bytes[1024] = {0};
	athar_ntfs_name name;
	athar_ntfs_ref file;
	size_t at = 0, len;

	(void)state;
	len = put_name(bytes + 64 + 16, "kept.txt", 3);
	put_le(bytes + 64, UINT64_C(99) | UINT64_C(2) << 48, 8);
	put_le(bytes + 64 + 8, (16 + len + 7) / 8 * 8, 2);
	put_le(bytes + 64 + 10, len, 2);
	memcpy(bytes + 512, bytes + 64, 256);
	bytes[512 + 16 + 15] = 0x7F; /* the other one was created in a year that no clock shows */
	assert_true(athar_ntfs_index_next(&file, &name, bytes, sizeof bytes, &at));
	assert_int_equal(file.number, 99);
	assert_int_equal(file.sequence, 2);
	assert_int_equal(name.name_len, 8);
	assert_int_equal(at, 64 + (16 + len + 7) / 8 * 8);
	assert_false(athar_ntfs_index_next(&file, &name, bytes, sizeof bytes, &at));
	at = 0;
	assert_false(athar_ntfs_index_next(&file, &name, bytes, 64 + 16 + len - 1, &at));
}

static void paths_end_in_circles(void **state)
{
	ATHAR_AUTO(ntfs_folders) athar_ntfs_folders folders = ATHAR_NTFS_FOLDERS_INIT;
	const athar_ntfs_folder *found[ATHAR_NTFS_DEPTH];
	uint8_t bytes[200] = {0};
	athar_error err = ATHAR_ERROR_INIT;
	athar_ntfs_name name;
	bool rooted;

	(void)state;
	assert_true(athar_ntfs_name_parse(&name, bytes, put_name(bytes, "a", 3)));
	assert_ok(athar_ntfs_folders_add(&folders, (athar_ntfs_ref){40, 3}, &name, &err), err);
	assert_ok(athar_ntfs_folders_add(&folders, (athar_ntfs_ref){50, 1}, &name, &err), err);
	name.parent = (athar_ntfs_ref){5, 5};
	assert_ok(athar_ntfs_folders_add(&folders, (athar_ntfs_ref){60, 1}, &name, &err), err);
	athar_ntfs_folders_sort(&folders);
	assert_int_equal(
		athar_ntfs_folders_climb(found, &rooted, &folders, (athar_ntfs_ref){60, 1}), 1);
	assert_true(rooted);
	assert_int_equal(
		athar_ntfs_folders_climb(found, &rooted, &folders, (athar_ntfs_ref){60, 2}), 0);
	assert_false(rooted);
	assert_int_equal(
		athar_ntfs_folders_climb(found, &rooted, &folders, (athar_ntfs_ref){50, 1}),
		ATHAR_NTFS_DEPTH);
	assert_false(rooted);
}

/* ---- the rest ---- */

static size_t put_change(uint8_t *p, unsigned major, uint32_t reason, const char *name)
{
	const size_t wide = major == 3 ? 16 : 8;
	const size_t header = 44 + 2 * wide;
	const size_t size = (header + 2 * strlen(name) + 7) / 8 * 8;

	put_le(p, size, 4);
	put_le(p + 4, major, 2);
	put_le(p + 8, UINT64_C(77) | UINT64_C(4) << 48, 8);
	put_le(p + 8 + wide, UINT64_C(40) | UINT64_C(3) << 48, 8);
	put_le(p + 16 + 2 * wide, FILETIME_2020, 8);
	put_le(p + 24 + 2 * wide, reason, 4);
	put_le(p + 40 + 2 * wide, 2 * strlen(name), 2);
	put_le(p + 42 + 2 * wide, header, 2);
	put_wide(p + header, name);
	return size;
}

static void changes_are_read(void **state)
{
	uint8_t bytes[512] = {0};
	athar_usn_record r;
	size_t at = 0, end = 64;

	(void)state;
	end += put_change(bytes + end, 2, 0x100, "new");
	end += put_change(bytes + end, 3, ATHAR_USN_DELETED, "gone");
	assert_true(athar_usn_next(&r, bytes, sizeof bytes, &at));
	assert_int_equal(r.reason, 0x100);
	assert_int_equal(r.name_len, 3);
	assert_true(athar_usn_next(&r, bytes, sizeof bytes, &at));
	assert_int_equal(r.reason, ATHAR_USN_DELETED);
	assert_int_equal(r.file.number, 77);
	assert_int_equal(r.file.sequence, 4);
	assert_int_equal(r.parent.number, 40);
	assert_int_equal(r.time, FILETIME_2020);
	assert_int_equal(at, end);
	assert_false(athar_usn_next(&r, bytes, sizeof bytes, &at));
	at = 64 + 72;
	assert_false(athar_usn_next(&r, bytes, end - 1, &at)); /* cut */
}

static void put_vss(uint8_t *p, uint32_t type)
{
	static const uint8_t identifier[] = {0x6B, 0x87, 0x08, 0x38, 0x76, 0xC1, 0x48, 0x4E,
	                                     0xB7, 0xAE, 0x04, 0x04, 0x6E, 0x6C, 0xC7, 0x52};

	memcpy(p, identifier, sizeof identifier);
	put_le(p + 16, 1, 4);
	put_le(p + 20, type, 4);
}

static void shadow_copies_are_counted(void **state)
{
	static uint8_t block[ATHAR_VSS_CATALOG];
	uint8_t header[ATHAR_VSS_HEADER] = {0};
	athar_vss vss = {.count = 0};
	uint64_t next;

	(void)state;
	assert_int_equal(athar_vss_header_read(header), 0);
	put_vss(header, 1);
	put_le(header + 48, 0x4000, 8);
	assert_int_equal(athar_vss_header_read(header), 0x4000);
	assert_false(athar_vss_catalog_read(&vss, &next, block));
	put_vss(block, 2);
	put_le(block + 40, 0x8000, 8);
	for (size_t i = 1; i <= 3; i++) {
		put_le(block + 128 * i, i < 3 ? 2 : 3, 8); /* the third says where one is stored */
		put_le(block + 128 * i + 48, FILETIME_2020 + i, 8);
	}
	assert_true(athar_vss_catalog_read(&vss, &next, block));
	assert_int_equal(next, 0x8000);
	assert_int_equal(vss.count, 2);
	assert_int_equal(vss.first, FILETIME_2020 + 1);
	assert_int_equal(vss.last, FILETIME_2020 + 2);
}

/* Compared with a table of the last claim of each byte. */
static void the_latest_claim_of_each_byte(void **state)
{
	athar_ntfs_claims claims = {.count = 0};
	static uint64_t last[300];
	athar_error err = ATHAR_ERROR_INIT;
	uint64_t seed = 7;

	(void)state;
	claims.claim = calloc(60, sizeof *claims.claim);
	assert_non_null(claims.claim);
	claims.capacity = 60;
	for (; claims.count < 60; claims.count++) {
		athar_ntfs_claim *c = &claims.claim[claims.count];

		c->at = athar_test_random(&seed) % 250;
		c->end = c->at + 1 + athar_test_random(&seed) % 50;
		c->time = 1 + athar_test_random(&seed) % 30;
		for (uint64_t i = c->at; i < c->end; i++)
			last[i] = last[i] < c->time ? c->time : last[i];
	}
	assert_ok(athar_ntfs_claims_settle(&claims, &err), err);
	assert_ok(athar_ntfs_claims_settle(&claims, &err), err);
	for (uint64_t i = 0; i < 300; i++) {
		ATHAR_AUTO(extents) athar_extents x = ATHAR_EXTENTS_INIT;

		assert_ok(athar_extents_add_data(&x, i, 1, &err), err);
		if (last[i] > 0)
			assert_int_equal(athar_ntfs_claims_later(&claims, &x, last[i] - 1), 1);
		assert_int_equal(athar_ntfs_claims_later(&claims, &x, last[i]), 0);
	}
	athar_ntfs_claims_clear(&claims);
}

/* Records that all claim the whole volume would make each question as long as all of them. */
static void questions_about_claims_end(void **state)
{
	ATHAR_AUTO(extents) athar_extents all = ATHAR_EXTENTS_INIT;
	athar_ntfs_claims claims = {.count = 0};
	enum { CLAIMS = 1 << 18, ASKED = 1 << 12 };
	athar_error err = ATHAR_ERROR_INIT;
	unsigned asked = 0;

	(void)state;
	claims.claim = calloc(CLAIMS, sizeof *claims.claim);
	assert_non_null(claims.claim);
	claims.capacity = CLAIMS;
	for (; claims.count < CLAIMS; claims.count++)
		claims.claim[claims.count] =
			(athar_ntfs_claim){2 * claims.count, 2 * claims.count + 1, 1};
	assert_ok(athar_ntfs_claims_settle(&claims, &err), err);
	assert_ok(athar_extents_add_data(&all, 0, 2 * CLAIMS, &err), err);
	assert_int_equal(athar_ntfs_claims_later(&claims, &all, 0), CLAIMS);
	while (athar_ntfs_claims_later(&claims, &all, 0) != UINT64_MAX)
		assert_true(asked++ < ASKED);
	athar_ntfs_claims_clear(&claims);
}

static int by_number(const void *a, const void *b, const void *user)
{
	const uint32_t x = *(const uint32_t *)a;
	const uint32_t y = *(const uint32_t *)b;

	assert_null(user);
	return x < y ? -1 : x > y;
}

static void sorting_keeps_all_and_orders_them(void **state)
{
	uint32_t numbers[1000];
	uint64_t sum = 0, sorted = 0, seed = 3;

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		sum += numbers[i] = (uint32_t)(athar_test_random(&seed) % 700);
	for (size_t count = 0; count <= 1000; count += 250) {
		athar_sort(numbers, count, sizeof *numbers, by_number, NULL);
		for (size_t i = 1; i < count; i++)
			assert_true(numbers[i - 1] <= numbers[i]);
	}
	for (size_t i = 0; i < 1000; i++)
		sorted += numbers[i];
	assert_int_equal(sum, sorted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_is_read),
		cmocka_unit_test(a_torn_record_is_refused),
		cmocka_unit_test(names_become_utf8),
		cmocka_unit_test(runs_become_places),
		cmocka_unit_test(runs_out_of_the_volume_are_refused),
		cmocka_unit_test(parts_join_and_gaps_are_missing),
		cmocka_unit_test(a_compressed_unit_is_read),
		cmocka_unit_test(entries_are_found_among_other_bytes),
		cmocka_unit_test(paths_end_in_circles),
		cmocka_unit_test(changes_are_read),
		cmocka_unit_test(shadow_copies_are_counted),
		cmocka_unit_test(the_latest_claim_of_each_byte),
		cmocka_unit_test(questions_about_claims_end),
		cmocka_unit_test(sorting_keeps_all_and_orders_them),
	};

	return cmocka_run_group_tests_name("volume ntfs parts", tests, NULL, NULL);
}
