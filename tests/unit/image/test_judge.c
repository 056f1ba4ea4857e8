/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libewf as the judge: it writes the same files for the same input, and it opens ours.
 */
#include <libewf.h>

#include "resume_test.h"

#include "image/ewf_judge.h"

#define SIZE 5000192u
#define CHUNK 32768u

static uint8_t *media;

static void assert_ewf(int result, libewf_error_t *e)
{
	if (result < 0) {
		libewf_error_backtrace_fprint(e, stderr);
		fail_msg("libewf");
	}
}

static void set_value(libewf_handle_t *h, const char *key, const char *value)
{
	libewf_error_t *e = NULL;

	if (value != NULL)
		assert_ewf(libewf_handle_set_utf8_header_value(h, (const uint8_t *)key, strlen(key),
		                                               (const uint8_t *)value,
		                                               strlen(value), &e),
		           e);
}

static void set_values(libewf_handle_t *h, const athar_sink_fields *f)
{
	char date[32];

	snprintf(date, sizeof date, "%lld", (long long)f->acquired);
	set_value(h, "case_number", f->case_number);
	set_value(h, "evidence_number", f->evidence_number);
	set_value(h, "description", f->description);
	set_value(h, "examiner_name", f->examiner);
	set_value(h, "notes", f->notes);
	set_value(h, "model", f->model);
	set_value(h, "serial_number", f->serial);
	set_value(h, "acquiry_software_version", f->software);
	set_value(h, "acquiry_operating_system", "Linux");
	set_value(h, "acquiry_date", date);
	set_value(h, "system_date", date);
}

/* The set id is ours to choose: libewf gets the one that stands in our volume section. */
static void set_media(libewf_handle_t *h, const athar_sink_spec *spec, const char *ours)
{
	static const int8_t levels[] = {LIBEWF_COMPRESSION_NONE, LIBEWF_COMPRESSION_FAST,
	                                LIBEWF_COMPRESSION_BEST};
	libewf_error_t *e = NULL;
	size_t len;
	uint8_t *file = get_file(ours, "img.E01", &len);
	uint8_t *id = file + section_at(file, len, "volume", 0) + 64;

	assert_ewf(libewf_handle_set_format(h, LIBEWF_FORMAT_ENCASE6, &e), e);
	assert_ewf(libewf_handle_set_media_size(h, spec->media_size, &e), e);
	assert_ewf(libewf_handle_set_bytes_per_sector(h, spec->sector_size, &e), e);
	assert_ewf(libewf_handle_set_sectors_per_chunk(h, CHUNK / spec->sector_size, &e), e);
	assert_ewf(libewf_handle_set_maximum_segment_size(h, spec->segment_size, &e), e);
	assert_ewf(libewf_handle_set_compression_values(h, levels[spec->compression], 0, &e), e);
	assert_ewf(libewf_handle_set_media_type(h,
	                                        spec->removable ? LIBEWF_MEDIA_TYPE_REMOVABLE
	                                                        : LIBEWF_MEDIA_TYPE_FIXED,
	                                        &e),
	           e);
	assert_ewf(libewf_handle_set_media_flags(h, LIBEWF_MEDIA_FLAG_PHYSICAL, &e), e);
	assert_ewf(libewf_handle_set_segment_file_set_identifier(h, id, 16, &e), e);
	assert_ewf(libewf_handle_set_header_codepage(h, LIBEWF_CODEPAGE_WINDOWS_1256, &e), e);
	free(file);
}

static void put_chunks(libewf_handle_t *h, const athar_sink_spec *spec)
{
	uint8_t room[CHUNK + 4096], sum[4];
	athar_packer *packer = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	libewf_error_t *e = NULL;

	if (spec->compression != ATHAR_COMPRESSION_NONE)
		assert_ok(athar_packer_new(&packer, spec->compression, &err), err);
	for (size_t at = 0; at < spec->media_size; at += CHUNK) {
		athar_chunk c = {.data = room, .capacity = sizeof room};
		const size_t len = spec->media_size - at < CHUNK ? spec->media_size - at : CHUNK;

		assert_ok(athar_sink_ewf.pack(&c, packer, media + at, len, &err), err);
		assert_ewf((int)libewf_handle_write_chunk(h, c.data, c.length, c.media, c.packed,
		                                          sum, c.sum, !c.packed, &e),
		           e);
	}
	athar_packer_free(packer);
}

static void write_with_libewf(const athar_sink_spec *spec, const char *ours, const athar_runs *bad)
{
	const athar_digests hashes = hash_of(media, spec->media_size);
	libewf_handle_t *h = NULL;
	libewf_error_t *e = NULL;
	char path[4300], *names[1] = {path};

	snprintf(path, sizeof path, "%s/%s", spec->folder, spec->name);
	assert_ewf(libewf_handle_initialize(&h, &e), e);
	assert_ewf(libewf_handle_open(h, names, 1, LIBEWF_OPEN_WRITE, &e), e);
	set_media(h, spec, ours);
	set_values(h, &spec->fields);
	put_chunks(h, spec);
	for (size_t i = 0; i < bad->count; i++)
		assert_ewf(libewf_handle_append_acquiry_error(
				   h, bad->run[i].offset / spec->sector_size,
				   bad->run[i].length / spec->sector_size, &e),
		           e);
	for (unsigned k = 0; k < 2; k++) {
		const char *hex = athar_digests_get(&hashes, k == 0 ? ATHAR_MD5 : ATHAR_SHA1);
		const char *key = k == 0 ? "MD5" : "SHA1";

		assert_ewf(libewf_handle_set_utf8_hash_value(h, (const uint8_t *)key, strlen(key),
		                                             (const uint8_t *)hex, strlen(hex), &e),
		           e);
	}
	assert_ewf((int)libewf_handle_write_finalize(h, &e), e);
	assert_ewf(libewf_handle_close(h, &e), e);
	libewf_handle_free(&h, NULL);
}

/* Where a file ends libewf decides by other rules once chunks are deflated, so that only sets of
 * plain chunks and single files can be the same. */
static void libewf_writes_the_same_bytes(void **state)
{
	static const struct {
		size_t size;
		uint32_t sector;
		uint64_t segment;
		athar_compression compression;
		bool removable, texts;
		size_t bad;
	} cases[] = {
		{512, 512, 1 << 24, ATHAR_COMPRESSION_FAST, false, true, 0},
		{CHUNK, 512, 1 << 24, ATHAR_COMPRESSION_NONE, true, true, 1},
		{CHUNK + 512, 512, 1 << 24, ATHAR_COMPRESSION_BEST, false, false, 1},
		{SIZE, 512, 1 << 24, ATHAR_COMPRESSION_FAST, true, true, 7},
		{SIZE, 512, 1 << 20, ATHAR_COMPRESSION_NONE, false, true, 300},
		{4096 * 700, 4096, 1 << 20, ATHAR_COMPRESSION_NONE, false, true, 3},
		{2048 * 31, 2048, 1 << 24, ATHAR_COMPRESSION_FAST, true, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		char *ours = athar_test_mkdir(), *theirs = athar_test_mkdir();
		athar_sink_spec spec = spec_of(ours, cases[i].size);
		athar_runs bad = ATHAR_RUNS_INIT;
		athar_error err = ATHAR_ERROR_INIT;

		spec.sector_size = cases[i].sector;
		spec.segment_size = cases[i].segment;
		spec.compression = cases[i].compression;
		spec.removable = cases[i].removable;
		spec.fields.description = "français é € \xF0\x9F\x98\x80 日本 پچژگ";
		spec.fields.model = "ST3000";
		spec.fields.serial = "S/N 12";
		spec.fields.notes = NULL;
		if (!cases[i].texts)
			spec.fields = (athar_sink_fields){.acquired = 1};
		for (size_t k = 0; k < cases[i].bad; k++)
			assert_ok(athar_runs_add(&bad, k * 2 * cases[i].sector, cases[i].sector,
			                         k % 2 == 0 ? ATHAR_RUN_BAD : ATHAR_RUN_UNREAD,
			                         &err),
			          err);
		make_image(&athar_sink_ewf, &spec, media, &bad);
		spec.folder = theirs;
		write_with_libewf(&spec, ours, &bad);
		assert_same_files(theirs, ours);
		athar_runs_clear(&bad);
		athar_test_rmdir(ours);
		athar_test_rmdir(theirs);
	}
}

static void the_judge_tells_what_it_found(void **state)
{
	char *dir = athar_test_mkdir();
	athar_sink_spec spec = spec_of(dir, SIZE);
	const athar_digests hashes = hash_of(media, SIZE);
	const size_t last = SIZE / CHUNK * CHUNK;
	uint8_t *other = malloc(CHUNK);
	athar_bytes samples[] = {{media, CHUNK, 0}, {media + last, SIZE - last, last}};
	athar_runs bad = ATHAR_RUNS_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	athar_ewf_judgement j;
	char first[4300];
	size_t segments;

	(void)state;
	assert_non_null(other);
	snprintf(first, sizeof first, "%s/img.E01", dir);
	spec.segment_size = 1 << 20;
	assert_ok(athar_runs_add(&bad, 5120, 512, ATHAR_RUN_BAD, &err), err);
	assert_ok(athar_runs_add(&bad, 10240, 1024, ATHAR_RUN_BAD, &err), err);
	segments = make_image(&athar_sink_ewf, &spec, media, &bad);
	assert_ok(athar_ewf_judge(&j, first, segments, samples, 2, &err), err);
	assert_true(j.asked);
	assert_int_equal(j.media_size, SIZE);
	assert_int_equal(j.sector_size, 512);
	assert_int_equal(j.errors, 2);
	assert_string_equal(j.md5, athar_digests_get(&hashes, ATHAR_MD5));
	assert_string_equal(j.sha1, athar_digests_get(&hashes, ATHAR_SHA1));
	assert_int_equal(j.differs, ATHAR_NOWHERE);
	assert_string_equal(j.note, "");

	memcpy(other, media, CHUNK);
	other[77] ^= 1;
	samples[0].ptr = other;
	assert_ok(athar_ewf_judge(&j, first, segments, samples, 2, &err), err);
	assert_int_equal(j.differs, 77);

	assert_ok(athar_ewf_judge(&j, first, 201, samples, 2, &err), err);
	assert_false(j.asked);
	assert_non_null(strstr(j.note, "201 files"));
	samples[1].origin = (UINT64_C(1) << 40) + 512;
	assert_ok(athar_ewf_judge(&j, first, segments, samples, 2, &err), err);
	assert_false(j.asked);
	assert_non_null(strstr(j.note, "1 TiB"));
	samples[1].origin = last;
	assert_int_equal(run_in(dir, "truncate -s 100 img.E01"), 0);
	assert_status(athar_ewf_judge(&j, first, segments, samples, 2, &err), ATHAR_EFORMAT, err);
	assert_non_null(strstr(err.text, "libewf cannot open it"));
	free(other);
	athar_runs_clear(&bad);
	athar_test_rmdir(dir);
}

static void an_image_without_hashes_has_none(void **state)
{
	char *dir = athar_test_mkdir();
	athar_sink_spec spec = spec_of(dir, SIZE);
	const athar_digests none = {0};
	const athar_bytes sample = {media, CHUNK, 0};
	athar_error err = ATHAR_ERROR_INIT;
	athar_sink *sink = NULL;
	athar_ewf_judgement j;
	char first[4300];

	(void)state;
	snprintf(first, sizeof first, "%s/img.E01", dir);
	assert_ok(athar_sink_open(&sink, &athar_sink_ewf, &spec, &err), err);
	assert_ok(feed(sink, media, SIZE, &err), err);
	assert_ok(athar_sink_commit(sink, &none, &err), err);
	athar_sink_close(sink);
	assert_ok(athar_ewf_judge(&j, first, 1, &sample, 1, &err), err);
	assert_string_equal(j.md5, "");
	assert_string_equal(j.sha1, "");
	assert_int_equal(j.differs, ATHAR_NOWHERE);
	athar_test_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(libewf_writes_the_same_bytes),
		cmocka_unit_test(the_judge_tells_what_it_found),
		cmocka_unit_test(an_image_without_hashes_has_none),
	};
	int failed;

	media = make_media(SIZE);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(media);
	return failed;
}
