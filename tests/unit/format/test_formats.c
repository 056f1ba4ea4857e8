/* SPDX-License-Identifier: BSD-2-Clause */
/* The list, and the judgement of real files where there are some. */
#include <dirent.h>
#include <strings.h>

#include "format/list.h"
#include "format/walk.h"
#include "image/driver.h"
#include "judge.h"

static void the_list_is_in_name_order_and_complete(void **state)
{
	const athar_format *const *list = athar_formats();

	(void)state;
	for (size_t i = 0; list[i] != NULL; i++) {
		assert_ptr_equal(athar_format_find(list[i]->name), list[i]);
		assert_true(i == 0 || strcmp(list[i - 1]->name, list[i]->name) < 0);
		assert_true(strlen(list[i]->name) < 16 && strlen(list[i]->extension) < 8);
		assert_non_null(list[i]->mime);
		assert_non_null(list[i]->summary);
		assert_non_null(list[i]->end);
		assert_non_null(list[i]->measure);
		assert_true(list[i]->best >= ATHAR_GRADE_PARTIAL);
		assert_true(list[i]->magic[0].len != 0);
		for (const athar_magic *m = list[i]->magic; m->len != 0; m++)
			assert_true(m->len <= sizeof m->bytes &&
			            m->at + m->len <= ATHAR_FORMAT_HEAD);
	}
	assert_null(athar_format_find("none"));
	assert_null(athar_format_find(""));
}

static void a_magic_fits_only_where_it_is_whole(void **state)
{
	static const uint8_t head[] = {0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0};

	(void)state;
	assert_true(athar_format_fits(&athar_format_png, head, 9));
	assert_true(athar_format_fits(&athar_format_png, head, 8));
	assert_false(athar_format_fits(&athar_format_png, head, 7));
	assert_false(athar_format_fits(&athar_format_png, head, 0));
	assert_false(athar_format_fits(&athar_format_png, head + 1, 8));
	assert_false(athar_format_fits(&athar_format_gif, head, 9));
}

static const char *field_of(const athar_claim *claim, const char *key)
{
	for (size_t i = 0; i < claim->field_count; i++)
		if (strcmp(claim->field[i].key, key) == 0)
			return claim->field[i].value;
	return "";
}

static void fields_are_calm_text(void **state)
{
	static const uint8_t latin[] = {' ', 'K', 0xf6, 'l', 'n', 7, 'x', 0, 'y'};
	athar_claim claim;
	athar_walk w;
	char longer[100];

	(void)state;
	athar_walk_init(&w, &claim, NULL);
	memset(longer, 'a', sizeof longer);
	memcpy(longer + 78, "\xd8\xa3", 2);
	athar_walk_field(&w, "width", "%d", 640);
	athar_walk_field(&w, "width", "%d", 7);
	athar_walk_field_bytes(&w, "camera", latin, sizeof latin);
	athar_walk_field_bytes(&w, "empty", (const uint8_t *)" \t ", 3);
	athar_walk_field_bytes(&w, "long", (const uint8_t *)longer, sizeof longer);
	assert_int_equal(claim.field_count, 3);
	assert_string_equal(field_of(&claim, "width"), "640");
	assert_string_equal(field_of(&claim, "camera"), "K\xc3\xb6ln x");
	assert_int_equal(strlen(field_of(&claim, "long")), 78);
	for (int i = 0; i < 20; i++)
		athar_walk_field(&w, (char[2]){(char)('a' + i), 0}, "1");
	assert_int_equal(claim.field_count, ATHAR_ITEM_FIELDS);
}

/* What identify says of a buffer. */
static const athar_format *identify(athar_claim *claim, const void *bytes, size_t len)
{
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(source) athar_source *source = NULL;
	ATHAR_AUTO(reader) athar_reader *in = NULL;
	const athar_format *format = NULL;

	assert_ok(athar_source_memory(&source, bytes, len, &err), err);
	assert_ok(athar_reader_new(&in, source, 0, len, 0, &err), err);
	assert_ok(athar_format_identify(&format, claim, in, &err), err);
	return format;
}

static void identify_finds_the_format(void **state)
{
	static const uint8_t fake[] = {0x89, 'P', 'N', 'G', 13, 10, 26, 10, 1, 2, 3, 4};
	const sample s = sample_load("palette.png");
	athar_claim c;

	(void)state;
	assert_ptr_equal(identify(&c, s.bytes, s.len), &athar_format_png);
	assert_int_equal(c.length, s.len);
	assert_null(identify(&c, fake, sizeof fake));
	assert_false(c.ours);
	assert_null(identify(&c, "x", 1));
	assert_null(identify(&c, "", 0));
	sample_free(s);
}

static const char *format_of_extension(const char *extension)
{
	static const char *const known[][2] = {
		{"jpg", "jpeg"},   {"jpeg", "jpeg"},  {"png", "png"},       {"gif", "gif"},
		{"bmp", "bmp"},    {"webp", "webp"},  {"tif", "tiff"},      {"tiff", "tiff"},
		{"kdc", "tiff"},   {"dng", "tiff"},   {"psd", "psd"},       {"jp2", "jp2"},
		{"pdf", "pdf"},    {"zip", "zip"},    {"docx", "zip"},      {"odt", "zip"},
		{"apk", "zip"},    {"jar", "zip"},    {"epub", "zip"},      {"mp4", "bmff"},
		{"mov", "bmff"},   {"3gp", "bmff"},   {"m4a", "bmff"},      {"heic", "bmff"},
		{"avif", "bmff"},  {"db", "sqlite"},  {"sqlite", "sqlite"}, {"wav", "wav"},
		{"avi", "avi"},    {"mp3", "mp3"},    {"mpg", "mpeg"},      {"ogg", "ogg"},
		{"opus", "ogg"},   {"oga", "ogg"},    {"ogv", "ogg"},       {"spx", "ogg"},
		{"pbm", "netpbm"}, {"pgm", "netpbm"}, {"ppm", "netpbm"},    {"pam", "netpbm"},
		{"xcf", "xcf"},    {"gz", "gzip"},    {"tgz", "gzip"},      {"doc", "ole"},
		{"xls", "ole"},    {"ppt", "ole"},    {"msg", "ole"},       {"mkv", "mkv"},
		{"webm", "mkv"},   {"flac", "flac"},  {"flv", "flv"},       {"wmv", "asf"},
		{"wma", "asf"},    {"tar", "tar"},    {"rar", "rar"},       {"7z", "7z"},
		{"xz", "xz"},      {"bz2", "bzip2"},  {"zst", "zstd"},      {"lz4", "lz4"},
		{"cab", "cab"},    {"evtx", "evtx"},  {"lnk", "lnk"},       {"pf", "prefetch"},
		{"pst", "pst"},    {"vcf", "vcard"},  {"ics", "ical"},      {"pem", "pem"},
		{"rtf", "rtf"},    {"html", "html"},
	};

	for (size_t i = 0; i < ATHAR_COUNT(known); i++) {
		if (strcasecmp(known[i][0], extension) == 0)
			return known[i][1];
	}
	return NULL;
}

/* Some cameras leave what their buffer held, or padding, behind the end marker: no reader of the
 * format can tell how much of it is theirs. */
static uint64_t slack_of(const athar_format *format)
{
	return strcmp(format->name, "jpeg") == 0 ? 8192 : 0;
}

/* One real file: alone and with junk behind it its length is its own. */
static bool real_file(const char *folder, const char *name, const athar_format *format)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	const sample s = sample_load_path(path);
	const athar_claim alone = judge(format, s.bytes, s.len);
	uint8_t *more = malloc(s.len + 65536);

	assert_non_null(more);
	memcpy(more, s.bytes, s.len);
	athar_test_fill(more + s.len, 65536, s.len);
	const athar_claim noise = judge(format, more, s.len + 65536);

	memset(more + s.len, 0, 65536);
	const athar_claim zeros = judge(format, more, s.len + 65536);
	const uint64_t slack = s.len - alone.length;
	const bool good = alone.ours && slack <= slack_of(format) && noise.length == alone.length &&
	                  zeros.length == alone.length && alone.grade == noise.grade &&
	                  alone.grade == zeros.grade && alone.grade >= ATHAR_GRADE_COMPLETE;

	print_message("%s %-36s %-8s %8zu %s %s %llu %llu %llu: %s\n", good ? "     " : "WRONG",
	              name, alone.ours ? grade_name(alone.grade) : "-", s.len, alone.subtype,
	              alone.extension, (unsigned long long)alone.length,
	              (unsigned long long)noise.length, (unsigned long long)zeros.length,
	              alone.why);
	free(more);
	sample_free(s);
	return good;
}

static void real_files_end_where_they_end(void **state)
{
	const char *folder = getenv("ATHAR_CORPUS");
	DIR *d = folder == NULL ? NULL : opendir(folder);
	const struct dirent *entry;
	size_t wrong = 0;

	(void)state;
	if (d == NULL)
		skip();
	while ((entry = readdir(d)) != NULL) {
		const char *dot = strrchr(entry->d_name, '.');
		const char *name = dot == NULL ? NULL : format_of_extension(dot + 1);
		const athar_format *format = name == NULL ? NULL : athar_format_find(name);

		if (format != NULL && !real_file(folder, entry->d_name, format))
			wrong++;
	}
	(void)closedir(d);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_list_is_in_name_order_and_complete),
		cmocka_unit_test(fields_are_calm_text),
		cmocka_unit_test(a_magic_fits_only_where_it_is_whole),
		cmocka_unit_test(identify_finds_the_format),
		cmocka_unit_test(real_files_end_where_they_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
