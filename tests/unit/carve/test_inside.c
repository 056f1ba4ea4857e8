/* SPDX-License-Identifier: BSD-2-Clause */
/* Containers built here byte by byte, whose insides are known. */
#include "athar_test.h"
#include "base/check.h"
#include "base/endian.h"
#include "carve/inside.h"
#include "image/driver.h"
#include "inflate/inflate.h"

#define ROOM 65536u

typedef struct entries {
	athar_layer layer[64];
	size_t count;
} entries;

static uint8_t file[ROOM];
static size_t used;

static size_t put(const void *bytes, size_t len)
{
	const size_t at = used;

	assert_true(used + len <= ROOM);
	memcpy(file + used, bytes, len);
	used += len;
	return at;
}

static size_t text(const char *words)
{
	return put(words, strlen(words));
}

static void put16(uint8_t *to, uint16_t value)
{
	to[0] = (uint8_t)value;
	to[1] = (uint8_t)(value >> 8);
}

static int begin(void **state)
{
	(void)state;
	memset(file, 0, sizeof file);
	used = 0;
	return 0;
}

static athar_status take(void *user, const athar_layer *layer, athar_error *err)
{
	entries *e = user;

	(void)err;
	assert_true(e->count < 64);
	e->layer[e->count++] = *layer;
	return ATHAR_OK;
}

/* What `format` finds in the file; at most `most`. */
static athar_status look(entries *e, const char *format, const char *subtype, uint64_t most)
{
	ATHAR_AUTO(source) athar_source *source = NULL;
	ATHAR_AUTO(reader) athar_reader *in = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	e->count = 0;
	assert_int_equal(athar_source_memory(&source, file, used, &err), ATHAR_OK);
	assert_int_equal(athar_reader_new(&in, source, 0, used, 0, &err), ATHAR_OK);
	athar_listing x = {.in = in,
	                   .size = used,
	                   .format = format,
	                   .subtype = subtype,
	                   .left = &most,
	                   .take = take,
	                   .user = e};
	return athar_container_find(format)->list(&x, &err);
}

static void is_entry(const athar_layer *l, const char *name, uint64_t offset, uint64_t stored,
                     uint64_t size)
{
	assert_int_equal(l->name_len, strlen(name));
	assert_memory_equal(l->name, name, l->name_len);
	assert_int_equal(l->offset, offset);
	assert_int_equal(l->stored, stored);
	assert_int_equal(l->size, size);
}

/* ---- unpacking ---- */

static athar_status unpack(uint8_t **out, athar_layer *l, size_t most)
{
	ATHAR_AUTO(source) athar_source *source = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_int_equal(athar_source_memory(&source, file, used, &err), ATHAR_OK);
	return athar_layer_unpack(out, l, source, most, &err);
}

static void unpacks(athar_transform transform, const char *packed, const char *plain)
{
	ATHAR_AUTO(free) uint8_t *out = NULL;

	used = 0;
	text("before");
	athar_layer l = {.transform = transform, .size = UINT64_MAX};
	l.stored = strlen(packed);
	l.offset = text(packed);
	text("behind");
	assert_int_equal(unpack(&out, &l, ROOM), ATHAR_OK);
	assert_int_equal(l.size, strlen(plain));
	assert_memory_equal(out, plain, l.size);
}

/* RFC 4648, 10; RFC 2045, 6.7. */
static void mail_is_undone(void **state)
{
	(void)state;
	unpacks(ATHAR_TRANSFORM_BASE64, "Zm9vYmFy", "foobar");
	unpacks(ATHAR_TRANSFORM_BASE64, "Zm9v\r\nYmE=", "fooba");
	unpacks(ATHAR_TRANSFORM_BASE64, "Zm9vYg==", "foob");
	unpacks(ATHAR_TRANSFORM_QUOTED, "a=3Db=\r\nc=C3=A9 =\nd", "a=bc\xC3\xA9 d");
	unpacks(ATHAR_TRANSFORM_QUOTED, "=ZZ=", "=ZZ=");
}

/* A stream of raw deflate of n zeros, by zlib's stream without its frame. */
static athar_layer zeros(size_t n)
{
	ATHAR_AUTO(free) uint8_t *plain = calloc(1, n);
	ATHAR_AUTO(free) uint8_t *packed = calloc(1, n);
	athar_error err = ATHAR_ERROR_INIT;
	athar_packer *p = NULL;

	assert_int_equal(athar_packer_new(&p, ATHAR_COMPRESSION_BEST, &err), ATHAR_OK);
	const size_t len = athar_packer_deflate(p, packed, n, plain, n);

	athar_packer_free(p);
	assert_true(len > 6);
	athar_layer l = {.transform = ATHAR_TRANSFORM_DEFLATE, .size = n, .stored = len - 6};

	used = 0;
	l.offset = put(packed + 2, len - 6);
	return l;
}

static void bombs_are_refused(void **state)
{
	ATHAR_AUTO(free) uint8_t *out = NULL;
	athar_layer l = zeros(1u << 20);

	(void)state;
	assert_int_equal(unpack(&out, &l, 1u << 20), ATHAR_OK);
	assert_int_equal(unpack(&out, &l, (1u << 20) - 1), ATHAR_ELIMIT);
	l.size = UINT64_MAX;
	assert_int_equal(unpack(&out, &l, (1u << 20) - 1), ATHAR_ELIMIT);
	l = zeros(3u << 20);
	assert_int_equal(unpack(&out, &l, SIZE_MAX), ATHAR_ELIMIT);
}

static void lies_about_size_are_refused(void **state)
{
	ATHAR_AUTO(free) uint8_t *out = NULL;
	athar_layer l = zeros(5000);

	(void)state;
	l.size = 4999;
	assert_int_equal(unpack(&out, &l, ROOM), ATHAR_EFORMAT);
	l.size = 5000;
	l.stored -= 2;
	assert_int_equal(unpack(&out, &l, ROOM), ATHAR_EFORMAT);
	l.stored = UINT64_MAX;
	assert_int_equal(unpack(&out, &l, ROOM), ATHAR_EFORMAT);
	l.offset = UINT64_MAX;
	assert_int_equal(unpack(&out, &l, ROOM), ATHAR_EFORMAT);
}

/* ---- containers ---- */

typedef struct zip_member {
	const char *name;
	uint16_t flags, method;
	uint32_t stored, size, at;
} zip_member;

static void zip_local(zip_member *m)
{
	uint8_t head[30] = "PK\3\4";

	put16(head + 8, m->method);
	put16(head + 26, (uint16_t)strlen(m->name));
	m->at = (uint32_t)put(head, sizeof head);
	text(m->name);
	used += m->stored;
}

static void zip_entry(const zip_member *m)
{
	uint8_t head[46] = "PK\1\2";

	put16(head + 8, m->flags);
	put16(head + 10, m->method);
	athar_put_le32(head + 20, m->stored);
	athar_put_le32(head + 24, m->size);
	put16(head + 28, (uint16_t)strlen(m->name));
	athar_put_le32(head + 42, m->at);
	put(head, sizeof head);
	text(m->name);
}

static void zip(zip_member *m, size_t count)
{
	uint8_t end[22] = "PK\5\6";

	used = 0;
	for (size_t i = 0; i < count; i++)
		zip_local(&m[i]);
	const size_t at = used;

	for (size_t i = 0; i < count; i++)
		zip_entry(&m[i]);
	put16(end + 10, (uint16_t)count);
	athar_put_le32(end + 12, (uint32_t)(used - at));
	athar_put_le32(end + 16, (uint32_t)at);
	put(end, sizeof end);
}

static void zip_members_are_listed(void **state)
{
	zip_member m[] = {{.name = "../../etc/a", .stored = 10, .size = 10},
	                  {.name = "b", .method = 8, .stored = 7, .size = 70},
	                  {.name = "locked", .flags = 1, .stored = 9, .size = 9},
	                  {.name = "rare", .method = 14, .stored = 9, .size = 9},
	                  {.name = "w/d.xml", .stored = 3, .size = 3}};
	entries e;

	(void)state;
	zip(m, ATHAR_COUNT(m));
	assert_int_equal(look(&e, "zip", "", 100), ATHAR_OK);
	assert_int_equal(e.count, 3);
	is_entry(&e.layer[0], "../../etc/a", 41, 10, 10);
	is_entry(&e.layer[1], "b", 82, 7, 70);
	assert_int_equal(e.layer[1].transform, ATHAR_TRANSFORM_DEFLATE);
	assert_string_equal(e.layer[0].container, "zip");
	assert_int_equal(look(&e, "zip", "docx", 100), ATHAR_OK);
	assert_int_equal(e.count, 2);
	assert_int_equal(look(&e, "zip", "", 2), ATHAR_ELIMIT);
	assert_int_equal(e.count, 2);
}

static void members_outside_are_none(void **state)
{
	zip_member m[] = {{.name = "a", .stored = 10, .size = 10}};
	entries e;

	(void)state;
	zip(m, 1);
	athar_put_le32(file + used - 22 - 47 + 20, 0xFFFFFFF0);
	athar_put_le32(file + used - 22 - 47 + 24, 0xFFFFFFF0);
	assert_int_equal(look(&e, "zip", "", 100), ATHAR_OK);
	assert_int_equal(e.count, 0);
	athar_put_le32(file + used - 22 - 47 + 42, 0xFFFFFFF0);
	assert_int_equal(look(&e, "zip", "", 100), ATHAR_OK);
	assert_int_equal(e.count, 0);
}

static void gzip_tells_its_name(void **state)
{
	const uint8_t head[] = {0x1F, 0x8B, 8, 4 | 8 | 16 | 2, 0, 0, 0, 0, 0, 3, 2, 0, 9, 9};
	uint8_t tail[10] = {1, 2, 1, 2, 3, 4, 70};
	entries e;

	(void)state;
	put(head, sizeof head);
	put("name", 5);
	put("why", 4);
	put("\1\1", 2);
	put(tail, sizeof tail);
	assert_int_equal(look(&e, "gzip", "", 9), ATHAR_OK);
	assert_int_equal(e.count, 1);
	is_entry(&e.layer[0], "name", 25, 2, 70);
}

static void tar_member(const char *name, char kind, const char *bytes)
{
	uint8_t head[512] = {0};

	memcpy(head, name, strlen(name));
	(void)snprintf((char *)head + 124, 12, "%05zo", strlen(bytes) & 077777);
	head[156] = (uint8_t)kind;
	memcpy(head + 257, "ustar", 6);
	put(head, sizeof head);
	text(bytes);
	used = (used + 511) / 512 * 512;
}

static void tar_has_long_names(void **state)
{
	entries e;

	(void)state;
	tar_member("dir", '5', "");
	tar_member("plain", '0', "12345");
	tar_member("././@LongLink", 'L', "a/long/name");
	tar_member("a/long", '0', "123");
	tar_member("pax", 'x', "12 path=p/q\n");
	tar_member("p", '0', "1");
	used += 1024;
	assert_int_equal(look(&e, "tar", "", 9), ATHAR_OK);
	assert_int_equal(e.count, 3);
	is_entry(&e.layer[0], "plain", 1024, 5, 5);
	is_entry(&e.layer[1], "a/long/name", 3072, 3, 3);
	is_entry(&e.layer[2], "p/q", 5120, 1, 1);
}

/* Pictures as they stand and attached files; not what is packed twice, nor what an object of
 * another kind holds. */
static void pdf_streams_are_listed(void **state)
{
	entries e;

	(void)state;
	text("%PDF-1.4\n1 0 obj\n<</Filter/DCTDecode/Length 3>>\nstream\n");
	const size_t plain = text("abc");
	text("\nendstream\nendobj\n22 0 obj\n<</Filter [ /JPXDecode ] /Length 1 0 R>>stream\r\n");
	const size_t named = text("endstreaendstrea");
	text("\r\nendstream\nendobj\n3 0 obj\n<</Filter[/FlateDecode/DCTDecode]/Length 2>>\nstream"
	     "\nxx\nendstream\nendobj\n4 0 obj\n<</Filter/FlateDecode/Length 2>>\nstream\nxx\n"
	     "endstream\nendobj\n5 0 obj\n<</Type/EmbeddedFile/Filter/FlateDecode/Length 9>>\n"
	     "stream\n");
	const size_t packed = text("x.1234567");
	text("\nendstream\nendobj\n6 0 obj\n<</Type/EmbeddedFile/Length 99>>\nstream\n");
	const size_t lying = text("1234");
	text("\nendstream\nendobj\n");
	assert_int_equal(look(&e, "pdf", "", 9), ATHAR_OK);
	assert_int_equal(e.count, 4);
	is_entry(&e.layer[0], "object 1", plain, 3, UINT64_MAX);
	is_entry(&e.layer[1], "object 22", named, 16, UINT64_MAX);
	is_entry(&e.layer[2], "object 5", packed + 2, 7, UINT64_MAX);
	assert_int_equal(e.layer[2].transform, ATHAR_TRANSFORM_DEFLATE);
	is_entry(&e.layer[3], "object 6", lying, 4, UINT64_MAX);
}

static void mail_parts_are_listed(void **state)
{
	entries e;

	(void)state;
	text("From: a@b\r\nContent-Type: multipart/mixed;\r\n boundary=\"x y\"\r\n\r\nhello\r\n"
	     "--x y\r\nContent-Type: text/plain\r\n\r\nnot a file\r\n"
	     "--x y\r\nContent-Transfer-Encoding: BASE64\r\nContent-Disposition: attachment;\r\n"
	     "\tfilename=\"a b.png\"\r\n\r\n");
	const size_t named = text("Zm9v\r\nYmFy");
	text("\r\n--x y\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n"
	     "content-type: multipart/mixed; boundary=in\r\n\r\n--in\r\n"
	     "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
	const size_t inner = text("a=3D");
	text("\r\n--in--\r\nignored\r\n--x y\r\nContent-Type: a/b; name=raw\r\n\r\n");
	const size_t raw = text("raw bytes");
	text("\r\n--x y--\r\n");
	assert_int_equal(look(&e, "eml", "", 9), ATHAR_OK);
	assert_int_equal(e.count, 3);
	is_entry(&e.layer[0], "a b.png", named, 10, UINT64_MAX);
	assert_int_equal(e.layer[0].transform, ATHAR_TRANSFORM_BASE64);
	is_entry(&e.layer[1], "part 2", inner, 4, UINT64_MAX);
	assert_int_equal(e.layer[1].transform, ATHAR_TRANSFORM_QUOTED);
	is_entry(&e.layer[2], "raw", raw, 9, UINT64_MAX);
	assert_int_equal(e.layer[2].transform, ATHAR_TRANSFORM_NONE);
}

static void mailboxes_have_many_mails(void **state)
{
	entries e;

	(void)state;
	text("From a@b Thu Jan  1 00:00:00 1970\nContent-Transfer-Encoding: base64\n\n");
	const size_t first = text("Zm9v\nFrom is no line of its own\n");
	text("\nFrom c@d Thu Jan  1 00:00:00 1970\nSubject: x\n\nplain\n"
	     "\nFrom c@d Thu Jan  1 00:00:00 1970\nContent-Transfer-Encoding: base64\n\n");
	const size_t last = text("YmFy");
	assert_int_equal(look(&e, "mbox", "", 9), ATHAR_OK);
	assert_int_equal(e.count, 2);
	is_entry(&e.layer[0], "part 1", first, 32, UINT64_MAX);
	is_entry(&e.layer[1], "part 2", last, 4, UINT64_MAX);
}

static void tiff_entry(uint16_t tag, uint32_t count, uint32_t value)
{
	uint8_t e[12] = {0};

	put16(e, tag);
	put16(e + 2, 4);
	athar_put_le32(e + 4, count);
	athar_put_le32(e + 8, value);
	put(e, sizeof e);
}

/* A chain that bites its tail, with a directory below the first. */
static void tiff_previews_are_listed(void **state)
{
	entries e;

	(void)state;
	put("II*\0\10\0\0\0", 8);
	put("\3\0", 2);
	tiff_entry(0x14A, 1, 50);
	tiff_entry(0x201, 1, 100);
	tiff_entry(0x202, 1, 20);
	put("\10\0\0\0", 4);
	put("\3\0", 2);
	tiff_entry(0x103, 1, 7);
	tiff_entry(0x111, 1, 90);
	tiff_entry(0x117, 1, 9);
	put("\10\0\0\0", 4);
	used = 200;
	assert_int_equal(look(&e, "tiff", "", 9), ATHAR_OK);
	assert_int_equal(e.count, 2);
	is_entry(&e.layer[0], "directory 1", 100, 20, 20);
	is_entry(&e.layer[1], "directory 2", 90, 9, 9);
}

static void containers_are_known(void **state)
{
	(void)state;
	assert_non_null(athar_container_find("zip"));
	assert_null(athar_container_find("png"));
	assert_null(athar_container_find(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(mail_is_undone, begin),
		cmocka_unit_test_setup(bombs_are_refused, begin),
		cmocka_unit_test_setup(lies_about_size_are_refused, begin),
		cmocka_unit_test_setup(zip_members_are_listed, begin),
		cmocka_unit_test_setup(members_outside_are_none, begin),
		cmocka_unit_test_setup(gzip_tells_its_name, begin),
		cmocka_unit_test_setup(tar_has_long_names, begin),
		cmocka_unit_test_setup(pdf_streams_are_listed, begin),
		cmocka_unit_test_setup(mail_parts_are_listed, begin),
		cmocka_unit_test_setup(mailboxes_have_many_mails, begin),
		cmocka_unit_test_setup(tiff_previews_are_listed, begin),
		cmocka_unit_test(containers_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
