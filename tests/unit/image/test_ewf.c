/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * E01 as others write it, and E01 that is damaged: what can be read is, and what cannot is told to
 * the chunk.
 */
#include "ewf_test.h"

#include <dirent.h>

#include "base/endian.h"
#include "image/ewf.h"

#define SIZE 4000256u
#define CHUNK 32768u
#define CHUNKS ((SIZE + CHUNK - 1) / CHUNK)

static const athar_source_driver *const drivers[] = {&athar_source_raw, &athar_source_ewf, NULL};
static uint8_t *media;

/* A set of several files in a new folder. */
static char *make_set(void)
{
	char *dir = athar_test_mkdir();
	athar_sink_spec spec = spec_of(dir, SIZE);

	spec.segment_size = 1 << 20;
	spec.compression = ATHAR_COMPRESSION_NONE;
	assert_int_equal(make_image(&athar_sink_ewf, &spec, media, NULL), 4);
	return dir;
}

/* Offset of the content of the first section of this type at or after `from`; 0 when there is
 * none. */
static size_t find_section(const uint8_t *file, size_t len, const char *type, size_t from)
{
	for (size_t at = 13; at + 76 <= len;) {
		const size_t next = (size_t)athar_le64(file + at + 16);

		if (at >= from && strcmp((const char *)file + at, type) == 0)
			return at + 76;
		if (next <= at)
			break;
		at = next;
	}
	return 0;
}

static void flip(const char *dir, const char *name, const char *section, size_t offset)
{
	size_t len, at;
	uint8_t *file = get_file(dir, name, &len);

	at = find_section(file, len, section, 0);
	assert_true(at != 0);
	file[at + offset] ^= 0x10;
	put_file(dir, name, file, len);
	free(file);
}

static void assert_open_fails(const char *dir, athar_status status, const char *word)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = NULL;

	assert_status(open_in(&s, dir, "img.E01", drivers, &err), status, err);
	if (strstr(err.text, word) == NULL)
		fail_msg("no \"%s\" in: %s", word, err.text);
	assert_null(s);
}

/* Reads all in one go and in pieces, and chunk by chunk: exactly [begin, end) is bad. */
static void assert_only_bad(const char *dir, uint64_t begin, uint64_t end, const char *finding)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = NULL;
	uint8_t *buf = malloc(SIZE);

	assert_non_null(buf);
	assert_ok(open_in(&s, dir, "img.E01", drivers, &err), err);
	for (size_t step = 5000; step <= SIZE; step = step == 5000 ? SIZE : SIZE + 1) {
		athar_runs bad = ATHAR_RUNS_INIT;

		for (size_t at = 0; at < SIZE; at += step) {
			size_t got;

			assert_ok(athar_source_read(s, buf + at, step, at, &got, &bad, &err), err);
		}
		assert_int_equal(athar_runs_total(&bad), end - begin);
		assert_int_equal(athar_runs_overlap(&bad, begin, end - begin), end - begin);
		for (size_t i = 0; i < SIZE; i++)
			if (buf[i] != (i >= begin && i < end ? 0 : media[i]))
				fail_msg("byte %zu", i);
		athar_runs_clear(&bad);
	}
	for (uint64_t i = 0; i < CHUNKS; i++) {
		athar_chunk c = {.data = buf, .capacity = CHUNK + 4096};
		uint8_t out[CHUNK];
		char why[120] = "";
		const bool bad = i * CHUNK >= begin && i * CHUNK < end;

		assert_ok(athar_source_ewf.fetch(s, i, &c, &err), err);
		assert_int_equal(athar_chunk_unpack(out, &c, why), !bad);
		assert_int_equal(why[0] != '\0', bad);
		if (!bad)
			assert_memory_equal(out, media + i * CHUNK, c.media);
	}
	if (finding == NULL)
		assert_null(athar_source_describe(s)->finding);
	else
		assert_non_null(strstr(athar_source_describe(s)->finding, finding));
	athar_source_close(s);
	free(buf);
}

static void a_whole_set_has_no_damage(void **state)
{
	char *dir = make_set();

	(void)state;
	assert_only_bad(dir, 0, 0, NULL);
	athar_test_rmdir(dir);
}

static void a_missing_file_is_named(void **state)
{
	(void)state;
	for (unsigned n = 2; n <= 4; n++) {
		char *dir = make_set();
		char command[32], word[32];

		snprintf(command, sizeof command, "rm img.E%02u", n);
		snprintf(word, sizeof word, "img.E%02u is missing", n);
		assert_int_equal(run_in(dir, command), 0);
		assert_open_fails(dir, ATHAR_EFORMAT, word);
		athar_test_rmdir(dir);
	}
}

static void a_cut_file_is_named(void **state)
{
	static const char *const commands[] = {
		"truncate -s -1 img.E04",  "truncate -s -200 img.E04", "truncate -s 500000 img.E02",
		"truncate -s 100 img.E03", "truncate -s 13 img.E02",   "truncate -s 5 img.E04",
	};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(commands); i++) {
		char *dir = make_set();

		assert_int_equal(run_in(dir, commands[i]), 0);
		assert_open_fails(dir, ATHAR_EFORMAT, "cut short");
		assert_open_fails(dir, ATHAR_EFORMAT,
		                  commands[i] + strlen(commands[i]) - strlen("img.E04"));
		athar_test_rmdir(dir);
	}
}

static void files_in_the_wrong_place_are_told(void **state)
{
	char *dir = make_set();
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = NULL;

	(void)state;
	assert_int_equal(run_in(dir, "mv img.E02 x; mv img.E03 img.E02; mv x img.E03"), 0);
	assert_open_fails(dir, ATHAR_EFORMAT, "img.E02 says that it is segment 3 and not 2");
	assert_int_equal(run_in(dir, "mv img.E02 x; mv img.E03 img.E02; mv x img.E03"), 0);
	assert_status(open_in(&s, dir, "img.E03", drivers, &err), ATHAR_EFORMAT, err);
	assert_non_null(strstr(err.text, "segment 3 and not 1"));
	assert_int_equal(run_in(dir, "head -c 100000 /dev/zero >img.E03"), 0);
	assert_open_fails(dir, ATHAR_EFORMAT, "img.E03 does not begin like");
	athar_test_rmdir(dir);
}

static void a_file_of_another_set_is_told(void **state)
{
	char *dir = make_set(), *other = athar_test_mkdir();
	athar_sink_spec spec = spec_of(other, SIZE);
	char command[9000];

	(void)state;
	spec.segment_size = 1 << 20;
	spec.compression = ATHAR_COMPRESSION_NONE;
	spec.fields.evidence_number = "3-2";
	make_image(&athar_sink_ewf, &spec, media, NULL);
	snprintf(command, sizeof command, "cp '%s/img.E03' '%s/img.E03'", other, dir);
	assert_int_equal(system(command), 0);
	assert_open_fails(dir, ATHAR_EFORMAT, "img.E03 belongs to another image");
	athar_test_rmdir(dir);
	athar_test_rmdir(other);
}

static void a_flipped_bit_costs_its_chunk(void **state)
{
	char *dir = make_set();

	(void)state;
	flip(dir, "img.E01", "sectors", 3 * (CHUNK + 4) + 1000);
	assert_only_bad(dir, 3 * CHUNK, 4 * CHUNK, NULL);
	athar_test_rmdir(dir);
	dir = make_set();
	flip(dir, "img.E01", "sectors", CHUNK + 2); /* in the checksum */
	assert_only_bad(dir, 0, CHUNK, NULL);
	athar_test_rmdir(dir);
}

/* Where chunk `index` begins in the sectors section of the one file there is. */
static size_t place_of(const char *dir, size_t index)
{
	size_t len, at;
	uint8_t *file = get_file(dir, "img.E01", &len);
	uint64_t base, place;

	at = find_section(file, len, "table", 0);
	base = athar_le64(file + at + 8);
	place = base + (athar_le32(file + at + 24 + 4 * index) & 0x7FFFFFFF);
	place -= find_section(file, len, "sectors", 0);
	free(file);
	return (size_t)place;
}

static void a_flipped_bit_in_a_packed_chunk_costs_it_too(void **state)
{
	char *dir = athar_test_mkdir();
	athar_sink_spec spec = spec_of(dir, SIZE);

	(void)state;
	make_image(&athar_sink_ewf, &spec, media, NULL);
	flip(dir, "img.E01", "sectors", place_of(dir, 1) - 1); /* the sum of zeros, deflated */
	assert_only_bad(dir, 0, CHUNK, NULL);
	flip(dir, "img.E01", "sectors", place_of(dir, 1) - 1);
	assert_only_bad(dir, 0, 0, NULL);
	flip(dir, "img.E01", "sectors", (place_of(dir, 4) + place_of(dir, 5)) / 2); /* text */
	assert_only_bad(dir, 4 * CHUNK, 5 * CHUNK, NULL);
	athar_test_rmdir(dir);
}

static void a_damaged_table_has_its_copy(void **state)
{
	char *dir = make_set();
	size_t len, at;
	uint8_t *file;

	(void)state;
	flip(dir, "img.E02", "table", 24 + 9);
	assert_only_bad(dir, 0, 0, "table of chunks");
	athar_test_rmdir(dir);

	dir = make_set();
	flip(dir, "img.E02", "table", 0); /* the number of entries */
	assert_only_bad(dir, 0, 0, "img.E02");
	flip(dir, "img.E02", "table2", 1);
	assert_open_fails(dir, ATHAR_EFORMAT, "table");
	athar_test_rmdir(dir);

	/* Both lists of places are damaged: the chunks of this file are lost, no others. */
	dir = make_set();
	file = get_file(dir, "img.E01", &len);
	at = find_section(file, len, "table", 0);
	const uint64_t first = athar_le32(file + at);
	free(file);
	file = get_file(dir, "img.E02", &len);
	at = find_section(file, len, "table", 0);
	const uint64_t count = athar_le32(file + at);
	free(file);
	flip(dir, "img.E02", "table", 24 + 9);
	flip(dir, "img.E02", "table2", 24 + 13);
	assert_only_bad(dir, first * CHUNK, (first + count) * CHUNK, "table of chunks");
	athar_test_rmdir(dir);
}

static void damaged_records_cost_no_media(void **state)
{
	char *dir = make_set();

	(void)state;
	flip(dir, "img.E04", "hash", 3);
	assert_only_bad(dir, 0, 0, "hash section");
	athar_test_rmdir(dir);
	dir = make_set();
	flip(dir, "img.E01", "header2", 9);
	assert_only_bad(dir, 0, 0, "header section");
	athar_test_rmdir(dir);
	dir = make_set();
	flip(dir, "img.E01", "volume", 9);
	assert_open_fails(dir, ATHAR_EFORMAT, "volume");
	athar_test_rmdir(dir);
	dir = make_set();
	flip(dir, "img.E03", "sectors", (size_t)-76 + 20); /* in the descriptor itself */
	assert_open_fails(dir, ATHAR_EFORMAT, "section descriptor");
	athar_test_rmdir(dir);
}

static void the_error_table_is_known_bad(void **state)
{
	char *dir = athar_test_mkdir();
	athar_sink_spec spec = spec_of(dir, SIZE);
	athar_runs bad = ATHAR_RUNS_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = NULL;
	uint8_t buf[2048];
	size_t got;

	(void)state;
	assert_ok(athar_runs_add(&bad, 512 * 10, 512 * 3, ATHAR_RUN_BAD, &err), err);
	assert_ok(athar_runs_add(&bad, 512 * 100 + 5, 1, ATHAR_RUN_BAD, &err), err);
	assert_ok(athar_runs_add(&bad, SIZE - 512, 512, ATHAR_RUN_BAD, &err), err);
	make_image(&athar_sink_ewf, &spec, media, &bad);
	athar_runs_clear(&bad);
	assert_ok(open_in(&s, dir, "img.E01", drivers, &err), err);
	assert_int_equal(athar_source_known_bad(s)->count, 3);
	assert_int_equal(athar_source_known_bad(s)->run[0].offset, 512 * 10);
	assert_int_equal(athar_source_known_bad(s)->run[0].length, 512 * 3);
	assert_int_equal(athar_source_known_bad(s)->run[1].offset, 512 * 100);
	assert_int_equal(athar_source_known_bad(s)->run[1].length, 512);
	assert_int_equal(athar_source_known_bad(s)->run[2].offset, SIZE - 512);
	assert_status(athar_source_read(s, buf, 2048, 512 * 9, &got, NULL, &err), ATHAR_EIO, err);
	assert_int_equal(err.offset, 512 * 10);
	assert_ok(athar_source_read(s, buf, 2048, 512 * 9, &got, &bad, &err), err);
	assert_int_equal(athar_runs_total(&bad), 512 * 3);
	athar_runs_clear(&bad);
	athar_source_close(s);
	athar_test_rmdir(dir);
}

static void other_containers_are_refused_by_name(void **state)
{
	static const struct {
		const char *head, *word;
	} cases[] = {
		{"LVF\x09\x0D\x0A\xFF\x00", "L01"},  {"EVF2\x0D\x0A\x81\x00", "Ex01"},
		{"LEF2\x0D\x0A\x81\x00", "Lx01"},    {"ADCRYPT\x00", "encrypted"},
		{"GARBAGE!", "does not begin like"},
	};
	char *dir = athar_test_mkdir();
	uint8_t bytes[1000] = {0};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		memcpy(bytes, cases[i].head, 8);
		put_file(dir, "img.E01", bytes, sizeof bytes);
		assert_open_fails(dir, ATHAR_EFORMAT, cases[i].word);
	}
	athar_test_rmdir(dir);
}

static void segments_are_named_as_the_field_does(void **state)
{
	static const struct {
		uint32_t number;
		const char *first, *name;
	} cases[] = {
		{1, "a.E01", "a.E01"},     {9, "a.E01", "a.E09"},   {99, "a.E01", "a.E99"},
		{100, "a.E01", "a.EAA"},   {125, "a.E01", "a.EAZ"}, {126, "a.E01", "a.EBA"},
		{775, "a.E01", "a.EZZ"},   {776, "a.E01", "a.FAA"}, {14971, "a.E01", "a.ZZZ"},
		{100, "x.e01", "x.eaa"},   {776, "x.e01", "x.faa"}, {101, "x.s01", "x.sab"},
		{14971, "x.e01", "x.zzz"},
	};
	athar_error err = ATHAR_ERROR_INIT;
	char *name = NULL;

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		assert_ok(athar_ewf_name(&name, cases[i].first, cases[i].number, &err), err);
		assert_string_equal(name, cases[i].name);
		free(name);
	}
	assert_status(athar_ewf_name(&name, "a.E01", 14972, &err), ATHAR_ELIMIT, err);
	assert_status(athar_ewf_name(&name, "a.s01", 14972, &err), ATHAR_ELIMIT, err);
	assert_status(athar_ewf_name(&name, "a.bin", 2, &err), ATHAR_EUSAGE, err);
	assert_status(athar_ewf_name(&name, "E01", 2, &err), ATHAR_EUSAGE, err);
}

/* A descriptor whose section ends at `next`. */
static void put_section(FILE *f, const char *type, uint64_t at, uint64_t next)
{
	uint8_t d[76] = {0};

	snprintf((char *)d, 16, "%s", type);
	athar_put_le64(d + 16, next);
	athar_put_le64(d + 24, next - at);
	athar_put_le32(d + 72, athar_adler32(1, d, 72));
	assert_int_equal(fseeko(f, (off_t)at, SEEK_SET), 0);
	assert_int_equal(fwrite(d, sizeof d, 1, f), 1);
}

static void put_summed(FILE *f, uint8_t *bytes, size_t len, bool sum)
{
	athar_put_le32(bytes + len, athar_adler32(1, bytes, len));
	assert_int_equal(fwrite(bytes, len + (sum ? 4 : 0), 1, f), 1);
}

/* As EnCase 6.7 wrote them: chunks of 16 MiB, as they are, past 2 GiB into one file, whose table
 * entries are then offsets of 32 bits. The chunks are zeros with their own number at the front; all
 * of it is a hole in the file but for that. */
static void write_long_segment(const char *dir, uint32_t chunks, bool sum)
{
	static uint8_t chunk[1 << 24];
	const uint64_t sectors = 13 + 76 + 1052, table = sectors + 76 + chunks * 16777220ull;
	const uint64_t done = table + 76 + 24 + 4 * chunks + (sum ? 4 : 0);
	uint8_t volume[1052] = {0}, entries[4096], header[24] = {0}, tail[4];
	char path[4300];
	FILE *f;

	snprintf(path, sizeof path, "%s/img.E01", dir);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite("EVF\x09\x0D\x0A\xFF\x00\x01\x01\x00\x00\x00", 13, 1, f), 1);
	put_section(f, "volume", 13, sectors);
	athar_put_le32(volume + 4, chunks);
	athar_put_le32(volume + 8, 32768);
	athar_put_le32(volume + 12, 512);
	athar_put_le64(volume + 16, chunks * 32768ull);
	put_summed(f, volume, 1048, true);
	put_section(f, "sectors", sectors, table);
	for (uint32_t i = 0; i < chunks; i++) {
		const uint64_t at = sectors + 76 + i * 16777220ull;

		athar_put_le32(entries + 4 * i, (uint32_t)at);
		athar_put_le32(chunk, i);
		athar_put_le32(tail, athar_adler32(1, chunk, sizeof chunk));
		assert_int_equal(fseeko(f, (off_t)at, SEEK_SET), 0);
		assert_int_equal(fwrite(chunk, 4, 1, f), 1);
		assert_int_equal(fseeko(f, (off_t)(at + sizeof chunk), SEEK_SET), 0);
		assert_int_equal(fwrite(tail, 4, 1, f), 1);
	}
	put_section(f, "table", table, done);
	athar_put_le32(header, chunks);
	put_summed(f, header, 20, true);
	put_summed(f, entries, 4 * chunks, sum);
	put_section(f, "done", done, done);
	assert_int_equal(fclose(f), 0);
}

static void offsets_go_past_two_gibibytes(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 2; round++) {
		char *dir = athar_test_mkdir();
		athar_error err = ATHAR_ERROR_INIT;
		athar_source *s = NULL;
		uint8_t buf[8];
		size_t got;

		write_long_segment(dir, 131, round == 0);
		assert_ok(open_in(&s, dir, "img.E01", drivers, &err), err);
		assert_int_equal(athar_source_describe(s)->chunk_size, 1 << 24);
		assert_int_equal(athar_source_describe(s)->size, 131ull << 24);
		for (uint64_t i = round == 0 ? 0 : 125; i < 131; i += i == 0 ? 126 : 1) {
			assert_ok(athar_source_read(s, buf, 8, i << 24, &got, NULL, &err), err);
			assert_int_equal(athar_le32(buf), i);
			assert_int_equal(athar_le32(buf + 4), 0);
		}
		athar_source_close(s);
		athar_test_rmdir(dir);
	}
}

/* All that libewf's own tool can write, each as a set of several files. */
static void what_ewfacquire_writes_is_read(void **state)
{
	static const struct {
		const char *format, *first;
		uint32_t sectors; /* to a chunk */
		const char *compression;
	} cases[] = {
		{"encase1", "img.E01", 64, "fast"},   {"encase2", "img.E01", 64, "none"},
		{"encase3", "img.E01", 64, "fast"},   {"encase4", "img.E01", 64, "best"},
		{"encase5", "img.E01", 128, "none"},  {"encase6", "img.E01", 64, "empty-block"},
		{"encase7", "img.E01", 1024, "fast"}, {"linen5", "img.E01", 64, "fast"},
		{"linen6", "img.E01", 16, "none"},    {"linen7", "img.E01", 64, "fast"},
		{"ftk", "img.E01", 64, "fast"},       {"ewfx", "img.e01", 64, "fast"},
		{"ewf", "img.e01", 64, "fast"},       {"smart", "img.s01", 64, "fast"},
		{"smart", "img.s01", 32, "none"},
	};
	const athar_digests hashes = hash_of(media, SIZE);

	(void)state;
	if (!have("ewfacquire"))
		skip();
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		char *dir = athar_test_mkdir();
		athar_error err = ATHAR_ERROR_INIT;
		const athar_source_info *info;
		athar_source *s = NULL;
		char command[500];

		put_file(dir, "in.raw", media, SIZE);
		snprintf(command, sizeof command,
		         "ewfacquire -u -q -f %s -c %s -b %u -S 1048576 -d sha1 -C case-1 "
		         "-D desc -e examiner -E ev-1 -N notes -m fixed -M physical -t img in.raw",
		         cases[i].format, cases[i].compression, cases[i].sectors);
		assert_int_equal(run_in(dir, command), 0);
		assert_ok(open_in(&s, dir, cases[i].first, drivers, &err), err);
		info = athar_source_describe(s);
		assert_string_equal(info->driver, "ewf");
		assert_int_equal(info->chunk_size, cases[i].sectors * 512);
		assert_true(info->segments >= 2);
		assert_null(info->finding);
		assert_string_equal(athar_digests_get(&info->stored, ATHAR_MD5),
		                    athar_digests_get(&hashes, ATHAR_MD5));
		assert_string_equal(info->fields.case_number, "case-1");
		assert_string_equal(info->fields.description, "desc");
		assert_string_equal(info->fields.examiner, "examiner");
		assert_string_equal(info->fields.evidence_number, "ev-1");
		assert_string_equal(info->fields.notes, "notes");
		assert_non_null(info->fields.acquired);
		assert_media(s, media, SIZE, 9999);
		assert_media(s, media, SIZE, 1 << 20);
		athar_source_close(s);
		athar_test_rmdir(dir);
	}
}

static void read_corpus_file(const char *folder, const char *name)
{
	static uint8_t buf[1 << 20];
	athar_error err = ATHAR_ERROR_INIT;
	const athar_source_info *info;
	athar_digester *d = NULL;
	athar_source *s = NULL;
	athar_digests sums;

	assert_ok(open_in(&s, folder, name, drivers, &err), err);
	info = athar_source_describe(s);
	assert_ok(athar_digester_new(&d, ATHAR_MD5, &err), err);
	for (uint64_t at = 0; at < info->size; at += sizeof buf) {
		size_t got;

		assert_ok(athar_source_read(s, buf, sizeof buf, at, &got, NULL, &err), err);
		assert_ok(athar_digester_update(d, buf, got, &err), err);
	}
	assert_ok(athar_digester_finish(&sums, d, &err), err);
	assert_string_equal(athar_digests_get(&sums, ATHAR_MD5),
	                    athar_digests_get(&info->stored, ATHAR_MD5));
	athar_digester_free(d);
	athar_source_close(s);
}

/* ATHAR_CORPUS names a folder with E01 files; each has to hash to what it has on record. */
static void images_of_the_corpus_hash_to_their_record(void **state)
{
	const char *folder = getenv("ATHAR_CORPUS");
	DIR *dir = folder == NULL ? NULL : opendir(folder);

	(void)state;
	if (dir == NULL)
		skip();
	for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
		if (strstr(e->d_name, ".E01") != NULL || strstr(e->d_name, ".e01") != NULL)
			read_corpus_file(folder, e->d_name);
	closedir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_set_has_no_damage),
		cmocka_unit_test(a_missing_file_is_named),
		cmocka_unit_test(a_cut_file_is_named),
		cmocka_unit_test(files_in_the_wrong_place_are_told),
		cmocka_unit_test(a_file_of_another_set_is_told),
		cmocka_unit_test(a_flipped_bit_costs_its_chunk),
		cmocka_unit_test(a_flipped_bit_in_a_packed_chunk_costs_it_too),
		cmocka_unit_test(a_damaged_table_has_its_copy),
		cmocka_unit_test(damaged_records_cost_no_media),
		cmocka_unit_test(the_error_table_is_known_bad),
		cmocka_unit_test(other_containers_are_refused_by_name),
		cmocka_unit_test(segments_are_named_as_the_field_does),
		cmocka_unit_test(offsets_go_past_two_gibibytes),
		cmocka_unit_test(what_ewfacquire_writes_is_read),
		cmocka_unit_test(images_of_the_corpus_hash_to_their_record),
	};
	int failed;

	media = make_media(SIZE);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(media);
	return failed;
}
