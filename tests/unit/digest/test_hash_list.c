/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists in the forms of their tools. The hashes are those of "abc" and of nothing, from RFC 1321
 * and FIPS 180-4. */
#include "athar_test.h"

#include "base/files.h"
#include "digest/hash_list.h"

#define MD5 "900150983cd24fb0d6963f7d28e17f72"
#define SHA1 "a9993e364706816aba3e25717850c26c9cd0d89d"
#define SHA256 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define MD5_UPPER "900150983CD24FB0D6963F7D28E17F72"
#define SHA1_UPPER "A9993E364706816ABA3E25717850C26C9CD0D89D"
#define NO_MD5 "d41d8cd98f00b204e9800998ecf8427e"

static char *folder;

static int make_folder(void **state)
{
	(void)state;
	folder = athar_test_mkdir();
	return 0;
}

static int drop_folder(void **state)
{
	(void)state;
	athar_test_rmdir(folder);
	return 0;
}

typedef struct taken {
	athar_listed entry[16];
	size_t count;
} taken;

static athar_status take(void *user, const athar_listed *entry, athar_error *err)
{
	taken *t = user;

	(void)err;
	assert_true(t->count < ATHAR_COUNT(t->entry));
	t->entry[t->count++] = *entry;
	return ATHAR_OK;
}

static athar_status read_text(taken *t, athar_list_facts *facts, const char *text, size_t len,
                              athar_error *err)
{
	athar_list_sink sink = {.entry = take, .user = t};
	ATHAR_AUTO(free) char *path = athar_join(folder, "list", err);
	athar_status status;

	*t = (taken){.count = 0};
	assert_non_null(path);
	(void)remove(path);
	assert_ok(athar_file_save(path, text, len, err), *err);
	status = athar_list_read(&sink, path, err);
	*facts = sink.facts;
	return status;
}

static void reads(taken *t, athar_list_facts *facts, const char *text)
{
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(read_text(t, facts, text, strlen(text), &err), err);
}

static void refuses(const char *text, const char *because)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_list_facts facts;
	taken t;

	assert_status(read_text(&t, &facts, text, strlen(text), &err), ATHAR_EFORMAT, err);
	if (strstr(err.text, because) == NULL)
		print_error("%s\n", err.text);
	assert_non_null(strstr(err.text, because));
}

static void assert_hash(const athar_listed *e, unsigned algorithm, const char *hex)
{
	athar_listed wanted = ATHAR_LISTED_INIT;
	const unsigned part = algorithm == ATHAR_MD5 ? 0 : algorithm == ATHAR_SHA1 ? 1 : 2;

	assert_true(e->algorithms & algorithm);
	assert_true(athar_listed_set(&wanted, algorithm, hex, strlen(hex)));
	assert_memory_equal(e->hash[part], wanted.hash[part], strlen(hex) / 2);
}

static void sums_of_all_forms(void **state)
{
	athar_list_facts facts;
	taken t;

	(void)state;
	reads(&t, &facts,
	      "# a comment\n" SHA256 "  a b.img\r\n" SHA1 " *c.img\n" MD5 "\n\n\\" MD5
	      "  a\\nb\nSHA256 (a (1)) = " SHA256 "\nMD5 (b) = " MD5_UPPER "\n" MD5 ",/d,e\n3," MD5
	      "," SHA256 ",/f");
	assert_string_equal(facts.format, "sums");
	assert_int_equal(facts.entries, 8);
	assert_int_equal(facts.unread, 0);
	assert_int_equal(t.count, 8);
	assert_hash(&t.entry[0], ATHAR_SHA256, SHA256);
	assert_hash(&t.entry[1], ATHAR_SHA1, SHA1);
	assert_hash(&t.entry[2], ATHAR_MD5, MD5);
	assert_hash(&t.entry[3], ATHAR_MD5, MD5);
	assert_hash(&t.entry[4], ATHAR_SHA256, SHA256);
	assert_hash(&t.entry[5], ATHAR_MD5, MD5);
	assert_hash(&t.entry[6], ATHAR_MD5, MD5);
	assert_hash(&t.entry[7], ATHAR_SHA256, SHA256);
	assert_int_equal(facts.algorithms, ATHAR_MD5 | ATHAR_SHA1 | ATHAR_SHA256);
	assert_int_equal(t.entry[0].category, ATHAR_HASH_NO_CATEGORY);
}

static void broken_lines_are_counted(void **state)
{
	ATHAR_AUTO(free) char *text = malloc(200000);
	athar_list_facts facts;
	taken t;

	(void)state;
	reads(&t, &facts, SHA256 "  a\nno hash\n" SHA256 "0  b\nxy" MD5 "\n" MD5 "  c\n");
	assert_int_equal(facts.entries, 2);
	assert_int_equal(facts.unread, 3);
	assert_int_equal(facts.first_unread, 2);
	/* A line that is longer than any path. */
	assert_non_null(text);
	memset(text, 'a', 199000);
	memcpy(text + 199000, "\n" MD5 "  c\n", 38);
	reads(&t, &facts, text);
	assert_int_equal(facts.entries, 1);
	assert_int_equal(facts.unread, 1);
}

static void hashdeep_tables(void **state)
{
	athar_list_facts facts;
	taken t;

	(void)state;
	reads(&t, &facts,
	      "%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n## $ hashdeep x\n##\n3," MD5
	      "," SHA256 ",/a,b.img\n3," MD5 ",broken,/c\n");
	assert_string_equal(facts.format, "csv");
	assert_int_equal(facts.entries, 1);
	assert_int_equal(facts.unread, 1);
	assert_hash(&t.entry[0], ATHAR_MD5, MD5);
	assert_hash(&t.entry[0], ATHAR_SHA256, SHA256);
	assert_int_equal(facts.algorithms, ATHAR_SHA256);
}

static void nsrl_tables(void **state)
{
	athar_list_facts facts;
	taken t;

	(void)state;
	reads(&t, &facts,
	      "\"SHA-1\",\"MD5\",\"CRC32\",\"FileName\",\"FileSize\",\"ProductCode\","
	      "\"OpSystemCode\","
	      "\"SpecialCode\"\r\n\"" SHA1_UPPER "\",\"" MD5_UPPER
	      "\",\"352441C2\",\"a \"\"b\"\", c\",3,228,\"WIN\",\"\"\r\n\"\",\"" NO_MD5
	      "\",\"\",\"\",0,1,\"\",\"\"\r\n\"short\r\n");
	assert_int_equal(facts.entries, 2);
	assert_int_equal(facts.unread, 1);
	assert_hash(&t.entry[0], ATHAR_SHA1, SHA1);
	assert_hash(&t.entry[0], ATHAR_MD5, MD5);
	assert_int_equal(athar_listed_best(&t.entry[0]), ATHAR_SHA1);
	assert_int_equal(athar_listed_best(&t.entry[1]), ATHAR_MD5);
}

static void vics_objects(void **state)
{
	athar_list_facts facts;
	taken t;

	(void)state;
	reads(&t, &facts,
	      "\xEF\xBB\xBF{\"@odata.context\":\"http://x/$metadata#Cases\",\"value\":[{\"CaseID\":"
	      "\"1\",\"Media\":[{\"MediaID\":1,\"Category\":2,\"MD5\":\"" MD5_UPPER
	      "\",\"SHA1\":\"" SHA1_UPPER
	      "\",\"MediaFiles\":[{\"FileName\":\"a\\u00e9\\\"b\",\"MD5\":\"" NO_MD5
	      "\"}],\"Tags\":[],\"Exif\":{},\"MediaSize\":-1.5e3,\"IsPrecategorized\":true},\n"
	      "{\"MD5\":null,\"MediaSize\":3},{\"Category\":\"1\",\"MD5\":\"" NO_MD5 "\"}]}]}\n");
	assert_string_equal(facts.format, "vics");
	assert_int_equal(facts.entries, 2);
	assert_int_equal(facts.unread, 1);
	assert_int_equal(facts.first_unread, 2);
	assert_hash(&t.entry[0], ATHAR_MD5, MD5);
	assert_hash(&t.entry[0], ATHAR_SHA1, SHA1);
	assert_int_equal(t.entry[0].category, 2);
	assert_hash(&t.entry[1], ATHAR_MD5, NO_MD5);
	assert_int_equal(t.entry[1].category, 1);
}

/* As some tools write them: the media are the values, or the file is their array. */
static void vics_without_a_case(void **state)
{
	athar_list_facts facts;
	taken t;

	(void)state;
	reads(&t, &facts,
	      "{\"@odata.context\":\"http://x/"
	      "$metadata#Media\",\"value\":[{\"MediaID\":7,\"MD5\":\"" MD5 "\",\"Category\":0}]}");
	assert_int_equal(facts.entries, 1);
	assert_int_equal(t.entry[0].category, 0);
	reads(&t, &facts, " [ {\"SHA1\" : \"" SHA1 "\" } , {\"SHA256\":\"" SHA256 "\"} ] ");
	assert_int_equal(facts.entries, 2);
	assert_hash(&t.entry[1], ATHAR_SHA256, SHA256);
	assert_int_equal(t.entry[1].category, ATHAR_HASH_NO_CATEGORY);
}

static void what_is_no_list_is_refused(void **state)
{
	(void)state;
	refuses("", "no list of hashes");
	refuses("a letter\nwith two lines\n", "no list of hashes");
	refuses("[]", "no list of hashes");
	refuses("{\"value\":[{\"CaseID\":1}]}", "no list of hashes");
	refuses("[{\"MD5\":\"" MD5 "\"}", "cut off");
	refuses("[{\"MD5\":\"" MD5 "\"},", "cut off");
	refuses("[{\"MD5\":\"" MD5, "cut off");
	refuses("[{\"MD5\":\"" MD5 "\"}] x", "no JSON from byte 45 on");
	refuses("[{\"MD5\":\"" MD5 "\"]}", "no JSON from byte 42 on");
	refuses("[{\"MD5\" \"" MD5 "\"}]", "no JSON");
	refuses("[{\"MD5\":nil}]", "no JSON");
	refuses("[{MD5:1}]", "no JSON");
	refuses("[{\"a\":\"\\x\"}]", "no JSON");
	refuses("\xFF\xFEm\0d", "UTF-16");
}

static void depth_is_bounded(void **state)
{
	char text[200];

	(void)state;
	memset(text, '[', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	refuses(text, "no JSON from byte 64 on");
}

/* Wherever the blocks of a file happen to end. */
static void pieces_of_any_length(void **state)
{
	static const char list[] =
		"[{\"MediaID\":1,\"MD5\":\"" MD5 "\",\"Category\":3},{\"SHA1\":\"" SHA1 "\"}]";
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	for (size_t step = 1; step < sizeof list; step++) {
		ATHAR_AUTO(list_vics) athar_list_vics *v = NULL;
		taken t = {.count = 0};
		athar_list_sink sink = {.entry = take, .user = &t};

		assert_ok(athar_list_vics_new(&v, &sink, &err), err);
		for (size_t at = 0; at < sizeof list - 1; at += step)
			assert_ok(athar_list_vics_feed(
					  v, (const uint8_t *)list + at,
					  sizeof list - 1 - at < step ? sizeof list - 1 - at : step,
					  &err),
			          err);
		assert_ok(athar_list_vics_end(v, &err), err);
		assert_int_equal(t.count, 2);
		assert_int_equal(t.entry[0].category, 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_of_all_forms),
		cmocka_unit_test(broken_lines_are_counted),
		cmocka_unit_test(hashdeep_tables),
		cmocka_unit_test(nsrl_tables),
		cmocka_unit_test(vics_objects),
		cmocka_unit_test(vics_without_a_case),
		cmocka_unit_test(what_is_no_list_is_refused),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(pieces_of_any_length),
	};

	return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
