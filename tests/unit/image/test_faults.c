/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is wrong with the files of a set. The truth is what was done to them here.
 */
#include "ewf_test.h"

#include "base/endian.h"
#include "image/ewf.h"
#include "image/faults.h"

#define SIZE 1500160u

static const athar_source_driver *const drivers[] = {&athar_source_raw, &athar_source_split,
                                                     &athar_source_ewf, NULL};
static uint8_t *media;

typedef struct told {
	unsigned count[ATHAR_FAULT_KINDS];
	char last[600];
} told;

static void take(void *user, const athar_fault *fault)
{
	told *t = user;

	t->count[fault->kind]++;
	(void)snprintf(t->last, sizeof t->last, "%s", fault->text);
}

static told faults_of(const char *dir, const char *name)
{
	told t = {.last = ""};
	athar_fault_sink sink = {.fault = take, .user = &t};
	athar_error err = ATHAR_ERROR_INIT;
	char path[4300];

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	assert_ok(athar_faults_find(&sink, path, drivers, &err), err);
	return t;
}

static unsigned total(const told *t)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < ATHAR_FAULT_KINDS; i++)
		sum += t->count[i];
	return sum;
}

static char *make_set(void)
{
	char *dir = athar_test_mkdir();
	athar_sink_spec spec = spec_of(dir, SIZE);

	spec.segment_size = 1 << 20;
	spec.compression = ATHAR_COMPRESSION_NONE;
	assert_int_equal(make_image(&athar_sink_ewf, &spec, media, NULL), 2);
	return dir;
}

/* Bytes of media: a section of them is left out of what follows. */
static void find_media(const uint8_t *file, size_t len, size_t *from, size_t *to)
{
	*from = *to = len;
	for (size_t at = 13; at + 76 <= len;) {
		const size_t next = (size_t)athar_le64(file + at + 16);

		if (strcmp((const char *)file + at, "sectors") == 0) {
			*from = at + 76;
			*to = next;
		}
		if (next <= at)
			break;
		at = next;
	}
}

/* By the look at the files, or by opening them: the error table is read there. */
static bool notices(const char *dir)
{
	ATHAR_AUTO(source) athar_source *s = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	const told t = faults_of(dir, "img.E01");

	if (total(&t) != 0)
		return true;
	return open_in(&s, dir, "img.E01", drivers, &err) != ATHAR_OK ||
	       athar_source_describe(s)->finding != NULL;
}

static void put_byte(const char *dir, const char *name, size_t at, int byte)
{
	char path[4300];
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	f = fopen(path, "r+b");
	assert_non_null(f);
	assert_int_equal(fseek(f, (long)at, SEEK_SET), 0);
	assert_int_equal(fputc(byte, f), byte);
	assert_int_equal(fclose(f), 0);
}

/* Every byte of a set outside its chunks is covered by a checksum or has one value that is right.
 */
static void no_byte_changes_in_silence(void **state)
{
	char *dir = make_set();
	static const char *const names[] = {"img.E01", "img.E02"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		size_t len, from, to;
		uint8_t *file = get_file(dir, names[i], &len);

		find_media(file, len, &from, &to);
		for (size_t at = 0; at < len; at++) {
			if (at >= from && at < to)
				continue;
			put_byte(dir, names[i], at, file[at] ^ 0x10);
			if (!notices(dir))
				fail_msg("%s: byte %zu", names[i], at);
			put_byte(dir, names[i], at, file[at]);
		}
		free(file);
	}
	const told t = faults_of(dir, "img.E01");
	assert_int_equal(total(&t), 0);
	athar_test_rmdir(dir);
}

/* Wherever a file ends, that it is cut is what is said of it. */
static void cuts_are_named(void **state)
{
	char *dir = make_set();
	size_t len;
	uint8_t *file = get_file(dir, "img.E02", &len);

	(void)state;
	for (size_t at = 1; at < len; at += at + 1500 < len ? 1499 : 1) {
		put_file(dir, "img.E02", file, at);
		const told t = faults_of(dir, "img.E01");
		assert_int_equal(t.count[ATHAR_FAULT_CUT], 1);
		assert_int_equal(total(&t), 1);
	}
	free(file);
	athar_test_rmdir(dir);
}

static void files_are_counted(void **state)
{
	char *dir = make_set();
	size_t len;
	uint8_t *file = get_file(dir, "img.E02", &len);
	told t;

	(void)state;
	put_file(dir, "img.E03", file, len);
	put_file(dir, "img.E99", file, len);
	put_file(dir, "img.EAA", file, len);
	put_file(dir, "img.EZZ", file, len);
	put_file(dir, "img.ZZZ", file, len);
	put_file(dir, "img.e02", file, len);
	put_file(dir, "other.E03", file, len);
	put_file(dir, "img.E1", file, len);
	t = faults_of(dir, "img.E01");
	assert_int_equal(t.count[ATHAR_FAULT_EXTRA], 5);
	assert_int_equal(total(&t), 5);
	assert_int_equal(run_in(dir, "rm img.E02 img.E03 img.E99 img.EAA img.EZZ img.ZZZ"), 0);
	t = faults_of(dir, "img.E01");
	assert_int_equal(t.count[ATHAR_FAULT_MISSING], 1);
	assert_non_null(strstr(t.last, "img.E02 is missing"));
	free(file);
	athar_test_rmdir(dir);
}

static void raw_parts(void **state)
{
	char *dir = athar_test_mkdir();
	told t;

	(void)state;
	put_file(dir, "d.001", media, 1000);
	put_file(dir, "d.002", media, 1000);
	put_file(dir, "d.003", media, 10);
	t = faults_of(dir, "d.001");
	assert_int_equal(total(&t), 0);
	put_file(dir, "d.002", media, 999);
	t = faults_of(dir, "d.001");
	assert_int_equal(t.count[ATHAR_FAULT_SIZE], 1);
	put_file(dir, "d.002", media, 0);
	t = faults_of(dir, "d.001");
	assert_int_equal(t.count[ATHAR_FAULT_CUT], 1);
	assert_int_equal(run_in(dir, "rm d.002"), 0);
	t = faults_of(dir, "d.001");
	assert_int_equal(t.count[ATHAR_FAULT_MISSING], 1);
	athar_test_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_byte_changes_in_silence),
		cmocka_unit_test(cuts_are_named),
		cmocka_unit_test(files_are_counted),
		cmocka_unit_test(raw_parts),
	};
	int failed;

	media = make_media(SIZE);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(media);
	return failed;
}
