/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An E01 that is cut off anywhere: what stands is right, and going on gives the very files of a run
 * that nothing disturbed.
 */
#include "resume_test.h"

#define CHUNK 32768u
#define GROUP 8192u
#define SIZE 5000192u
#define FILES_MAX 16
#define CUTS 200
#define MORE 70000u

/* What lies behind the place where the writing stopped. */
enum { CUT, ZEROS, GARBAGE, LONGER };

static const athar_source_driver *const drivers[] = {&athar_source_raw, &athar_source_ewf, NULL};
static uint8_t *media;

struct file {
	uint8_t *bytes;
	size_t len;
	size_t table_end; /* behind its one table */
	size_t chunks;
};

/* An image in its files, and what the cuts below need to know of it. */
struct whole {
	char *dir;
	athar_sink_spec spec;
	struct file file[FILES_MAX];
	size_t files;
};

static athar_sink_spec small_spec(const char *dir, athar_compression compression)
{
	athar_sink_spec spec = spec_of(dir, SIZE);

	spec.segment_size = 1 << 20;
	spec.compression = compression;
	return spec;
}

static const char *file_name(size_t i)
{
	static char name[16];

	snprintf(name, sizeof name, "img.E%02zu", i + 1);
	return name;
}

static void make_whole(struct whole *w, athar_compression compression)
{
	*w = (struct whole){.dir = athar_test_mkdir()};
	w->spec = small_spec(w->dir, compression);
	w->files = make_image(&athar_sink_ewf, &w->spec, media, NULL);
	assert_in_range(w->files, 2, FILES_MAX);
	for (size_t i = 0; i < w->files; i++) {
		struct file *f = &w->file[i];
		size_t table;

		f->bytes = get_file(w->dir, file_name(i), &f->len);
		table = section_at(f->bytes, f->len, "table", 0);
		assert_true(table != 0);
		f->chunks = athar_le32(f->bytes + table);
		f->table_end = table + 24 + 4 * f->chunks + 4;
		/* These files are too small for more than one group. */
		assert_int_equal(
			section_at(f->bytes, f->len, "table", f->table_end + 76 + f->table_end), 0);
	}
}

static void free_whole(struct whole *w)
{
	for (size_t i = 0; i < w->files; i++)
		free(w->file[i].bytes);
	athar_test_rmdir(w->dir);
}

/* What an interruption leaves: file `last` is right up to `cut`, and later ones are not there. How
 * far it is really right comes back: zeros may have stood there before. */
static size_t cut_off(const struct whole *w, const char *dir, size_t last, size_t cut, unsigned how,
                      uint64_t *seed)
{
	const struct file *f = &w->file[last];
	uint8_t *bytes = malloc(f->len + MORE);
	size_t right = cut;

	assert_non_null(bytes);
	for (size_t i = 0; i < last; i++)
		put_file(dir, file_name(i), w->file[i].bytes, w->file[i].len);
	memcpy(bytes, f->bytes, f->len);
	for (size_t i = cut; i < f->len + MORE; i++)
		bytes[i] = how == ZEROS ? 0 : (uint8_t)athar_test_random(seed);
	while (how != CUT && right < f->len && bytes[right] == f->bytes[right])
		right++;
	put_file(dir, file_name(last), bytes,
	         how == CUT ? cut : f->len + (how == LONGER ? MORE : 0));
	free(bytes);
	return right;
}

static uint64_t expect_standing(const struct whole *w, size_t last, size_t right)
{
	uint64_t chunks = 0;

	for (size_t i = 0; i < last; i++)
		chunks += w->file[i].chunks;
	if (right >= w->file[last].table_end)
		chunks += w->file[last].chunks;
	return chunks * CHUNK < SIZE ? chunks * CHUNK : SIZE;
}

static void try_cut(const struct whole *w, size_t last, size_t cut, unsigned how, uint64_t *seed)
{
	char *dir = athar_test_mkdir();
	athar_sink_spec spec = w->spec;
	const size_t right = cut_off(w, dir, last, cut, how, seed);
	uint64_t stands = expect_standing(w, last, right), keep;

	spec.folder = dir;
	put_file(dir, ".reserve", "", 0);
	if (standing_size(&athar_sink_ewf, &spec) != stands)
		fail_msg("file %zu cut at %zu (%u): not %llu bytes", last, cut, how,
		         (unsigned long long)stands);
	assert_standing(&athar_sink_ewf, &spec, media, stands);
	keep = athar_test_random(seed) % 2 == 0 ? stands : athar_test_random(seed) % (stands + 1);
	if (keep != SIZE)
		keep -= keep % CHUNK;
	finish_image(&athar_sink_ewf, &spec, keep, media, SIZE);
	assert_same_files(w->dir, dir);
	athar_test_rmdir(dir);
}

static void cut_anywhere_it_goes_on(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 2; c++) {
		uint64_t seed = 77 + c;
		struct whole w;

		make_whole(&w, c == 0 ? ATHAR_COMPRESSION_NONE : ATHAR_COMPRESSION_FAST);
		for (unsigned i = 0; i < CUTS / 2; i++) {
			const size_t last = athar_test_random(&seed) % w.files;
			const size_t len = w.file[last].len;
			/* Half of them where tables and other sections are. */
			const size_t cut = i % 2 == 0 ? athar_test_random(&seed) % (len + 1)
			                              : len - athar_test_random(&seed) % 3000;

			try_cut(&w, last, cut, i % 4, &seed);
		}
		free_whole(&w);
	}
}

/* At the places where something begins or ends, and in the middle of the headers. */
static void cut_at_every_border_it_goes_on(void **state)
{
	uint64_t seed = 5;
	struct whole w;

	(void)state;
	make_whole(&w, ATHAR_COMPRESSION_FAST);
	for (size_t last = 0; last < w.files; last += w.files - 1)
		for (size_t at = 0; at < w.file[last].len;) {
			const size_t next =
				at == 0 ? 13 : (size_t)athar_le64(w.file[last].bytes + at + 16);

			try_cut(&w, last, at, CUT, &seed);
			try_cut(&w, last, at + 1, ZEROS, &seed);
			if (next <= at)
				break;
			at = next;
		}
	free_whole(&w);
}

/* Tables for all that was put are written when the sink is closed. */
static void stopped_in_order_nothing_is_lost(void **state)
{
	static const size_t stops[] = {0, CHUNK, 31 * CHUNK, 32 * CHUNK, 100 * CHUNK, 152 * CHUNK};
	struct whole w;

	(void)state;
	make_whole(&w, ATHAR_COMPRESSION_NONE);
	for (size_t i = 0; i < ATHAR_COUNT(stops); i++) {
		char *dir = athar_test_mkdir();
		athar_sink_spec spec = w.spec;
		athar_error err = ATHAR_ERROR_INIT;
		athar_sink *sink = NULL;

		spec.folder = dir;
		begin_image(&athar_sink_ewf, &spec, media, stops[i]);
		assert_standing(&athar_sink_ewf, &spec, media, stops[i]);
		/* Stopped once more, at once and after some more. */
		assert_ok(athar_sink_resume(&sink, &athar_sink_ewf, &spec, stops[i], &err), err);
		sink->keep = true;
		athar_sink_close(sink);
		sink = NULL;
		assert_standing(&athar_sink_ewf, &spec, media, stops[i]);
		assert_ok(athar_sink_resume(&sink, &athar_sink_ewf, &spec, stops[i], &err), err);
		if (stops[i] + CHUNK <= SIZE)
			assert_ok(
				feed(sink, media + stops[i], SIZE / CHUNK * CHUNK - stops[i], &err),
				err);
		sink->keep = true;
		athar_sink_close(sink);
		assert_standing(&athar_sink_ewf, &spec, media, SIZE / CHUNK * CHUNK);
		finish_image(&athar_sink_ewf, &spec, SIZE / CHUNK * CHUNK, media, SIZE);
		assert_same_files(w.dir, dir);
		athar_test_rmdir(dir);
	}
	free_whole(&w);
}

/* Finished, and only the folder was not renamed any more. */
static void a_finished_image_stands_whole(void **state)
{
	char *dir = athar_test_mkdir();
	struct whole w;
	athar_sink_spec spec;

	(void)state;
	make_whole(&w, ATHAR_COMPRESSION_FAST);
	copy_files(w.dir, dir);
	spec = w.spec;
	spec.folder = dir;
	assert_standing(&athar_sink_ewf, &spec, media, SIZE);
	finish_image(&athar_sink_ewf, &spec, SIZE, media, SIZE);
	assert_same_files(w.dir, dir);
	athar_test_rmdir(dir);
	free_whole(&w);
}

static void what_cannot_be_gone_on_with_is_left_alone(void **state)
{
	char *dir = athar_test_mkdir(), *before = athar_test_mkdir();
	athar_sink_spec spec = small_spec(dir, ATHAR_COMPRESSION_FAST), other = spec;
	athar_error err = ATHAR_ERROR_INIT;
	athar_sink *sink = NULL;

	(void)state;
	begin_image(&athar_sink_ewf, &spec, media, 100 * CHUNK);
	copy_files(dir, before);
	other.fields.acquired++;
	assert_status(athar_sink_resume(&sink, &athar_sink_ewf, &other, CHUNK, &err),
	              ATHAR_EREFUSED, err);
	other = spec;
	other.compression = ATHAR_COMPRESSION_BEST;
	assert_status(athar_sink_resume(&sink, &athar_sink_ewf, &other, CHUNK, &err),
	              ATHAR_EREFUSED, err);
	other = spec;
	other.media_size += 512;
	assert_status(athar_sink_resume(&sink, &athar_sink_ewf, &other, CHUNK, &err),
	              ATHAR_EREFUSED, err);
	assert_status(athar_sink_resume(&sink, &athar_sink_ewf, &spec, CHUNK + 512, &err),
	              ATHAR_EUSAGE, err);
	assert_status(athar_sink_resume(&sink, &athar_sink_ewf, &spec, 101 * CHUNK, &err),
	              ATHAR_EUSAGE, err);
	assert_status(athar_sink_open(&sink, &athar_sink_ewf, &spec, &err), ATHAR_EREFUSED, err);
	assert_null(sink);
	assert_same_files(before, dir);
	other = spec;
	other.folder = before;
	other.name = "absent";
	assert_status(athar_sink_resume(&sink, &athar_sink_ewf, &other, CHUNK, &err), ATHAR_EUSAGE,
	              err);
	assert_int_equal(standing_size(&athar_sink_ewf, &other), 0);
	athar_test_rmdir(before);
	athar_test_rmdir(dir);
}

/* Also what was found goes when a sink is closed, and files of other names stay. */
static void a_resumed_image_can_be_given_up(void **state)
{
	char *dir = athar_test_mkdir();
	athar_sink_spec spec = small_spec(dir, ATHAR_COMPRESSION_NONE);
	athar_error err = ATHAR_ERROR_INIT;
	athar_sink *sink = NULL;

	(void)state;
	begin_image(&athar_sink_ewf, &spec, media, 140 * CHUNK);
	put_file(dir, "img.map", "x", 1);
	put_file(dir, "img.Exx", "x", 1);
	assert_ok(athar_sink_resume(&sink, &athar_sink_ewf, &spec, 40 * CHUNK, &err), err);
	assert_int_equal(sink->segments, 2);
	assert_int_equal(count_files(dir), 4);
	athar_sink_close(sink);
	assert_int_equal(count_files(dir), 2);
	sink = NULL;
	begin_image(&athar_sink_ewf, &spec, media, 140 * CHUNK);
	assert_ok(athar_sink_resume(&sink, &athar_sink_ewf, &spec, 0, &err), err);
	assert_int_equal(count_files(dir), 2);
	athar_sink_close(sink);
	assert_int_equal(count_files(dir), 2);
	athar_test_rmdir(dir);
}

static void the_set_of_another_tool_is_not_gone_on_with(void **state)
{
	char *dir = athar_test_mkdir();
	athar_sink_spec spec = small_spec(dir, ATHAR_COMPRESSION_FAST);
	athar_error err = ATHAR_ERROR_INIT;
	athar_sink *sink = NULL;

	(void)state;
	put_file(dir, "in.raw", media, SIZE);
	if (!have("ewfacquire") ||
	    run_in(dir, "ewfacquire -u -q -f encase6 -c fast -S 1048576 -t img in.raw") != 0) {
		athar_test_rmdir(dir);
		skip();
	}
	assert_standing(&athar_sink_ewf, &spec, media, SIZE);
	assert_status(athar_sink_resume(&sink, &athar_sink_ewf, &spec, CHUNK, &err), ATHAR_EREFUSED,
	              err);
	assert_int_equal(run_in(dir, "ewfverify -q img.E01"), 0);
	athar_test_rmdir(dir);
}

/* Large images: a chunk is zeros and its number. */
#define MANY (2 * GROUP + 3000u)

static void put_many(athar_sink *sink, uint64_t from, uint64_t to, uint64_t look)
{
	static uint8_t bytes[CHUNK], room[CHUNK + 4096];
	athar_error err = ATHAR_ERROR_INIT;
	athar_packer *packer = NULL;

	assert_ok(athar_packer_new(&packer, ATHAR_COMPRESSION_FAST, &err), err);
	for (uint64_t i = from; i < to; i++) {
		athar_chunk c = {.data = room, .capacity = sizeof room};

		athar_put_le64(bytes, i);
		assert_ok(sink->driver->pack(&c, packer, bytes, CHUNK, &err), err);
		assert_ok(athar_sink_put(sink, &c, &err), err);
		if (look != 0 && (i + 1) % look == 0)
			assert_ok(athar_sink_checkpoint(sink, &err), err);
	}
	athar_packer_free(packer);
}

static void commit_many(athar_sink *sink)
{
	const athar_digests none = {0};
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_sink_commit(sink, &none, &err), err);
	athar_sink_close(sink);
}

static void assert_many(athar_source *s, uint64_t chunks)
{
	athar_error err = ATHAR_ERROR_INIT;

	assert_int_equal(athar_source_describe(s)->size, chunks * CHUNK);
	for (uint64_t i = 0; i < chunks; i++) {
		uint8_t bytes[16];
		size_t got;

		assert_ok(athar_source_read(s, bytes, 16, i * CHUNK, &got, NULL, &err), err);
		assert_int_equal(athar_le64(bytes), i);
		assert_int_equal(athar_le64(bytes + 8), 0);
	}
	athar_source_close(s);
}

static void groups_end_at_fixed_places(void **state)
{
	static const uint32_t counts[] = {GROUP, GROUP, MANY - 2 * GROUP};
	char *one = athar_test_mkdir(), *two = athar_test_mkdir(), *three = athar_test_mkdir();
	athar_sink_spec spec = spec_of(one, (size_t)MANY * CHUNK);
	athar_error err = ATHAR_ERROR_INIT;
	athar_sink *sink = NULL;
	athar_source *s = NULL;
	uint8_t *file;
	size_t len, at = 0;

	(void)state;
	assert_ok(athar_sink_open(&sink, &athar_sink_ewf, &spec, &err), err);
	put_many(sink, 0, MANY, 0);
	commit_many(sink);
	file = get_file(one, "img.E01", &len);
	for (size_t i = 0; i < ATHAR_COUNT(counts); i++) {
		at = section_at(file, len, "table", at);
		assert_true(at != 0);
		assert_int_equal(athar_le32(file + at), counts[i]);
	}
	assert_int_equal(section_at(file, len, "table", at), 0);
	free(file);
	assert_ok(open_in(&s, one, "img.E01", drivers, &err), err);
	assert_many(s, MANY);

	/* Looked after at odd places, the files are the same. */
	spec.folder = two;
	sink = NULL;
	assert_ok(athar_sink_open(&sink, &athar_sink_ewf, &spec, &err), err);
	put_many(sink, 0, 2 * GROUP, 1000);
	assert_ok(athar_sink_checkpoint(sink, &err), err);
	/* As if all ended here: what was looked after is there. */
	copy_files(two, three);
	put_many(sink, 2 * GROUP, MANY, 777);
	commit_many(sink);
	assert_same_files(one, two);

	spec.folder = three;
	s = NULL;
	assert_ok(athar_sink_ewf.standing(&s, &spec, &err), err);
	assert_many(s, 2 * GROUP);
	sink = NULL;
	assert_ok(athar_sink_resume(&sink, &athar_sink_ewf, &spec, (2 * GROUP - 5) * CHUNK, &err),
	          err);
	put_many(sink, 2 * GROUP - 5, MANY, 0);
	commit_many(sink);
	assert_same_files(one, three);
	athar_test_rmdir(one);
	athar_test_rmdir(two);
	athar_test_rmdir(three);
}

/* Between two checkpoints a group is open: it is lost, and what came before it is not. */
static void an_open_group_is_lost_in_a_crash(void **state)
{
	char *dir = athar_test_mkdir(), *crash = athar_test_mkdir();
	athar_sink_spec spec = spec_of(dir, (size_t)MANY * CHUNK);
	athar_error err = ATHAR_ERROR_INIT;
	athar_sink *sink = NULL;
	athar_source *s = NULL;

	(void)state;
	assert_ok(athar_sink_open(&sink, &athar_sink_ewf, &spec, &err), err);
	put_many(sink, 0, GROUP + 100, 0);
	assert_ok(athar_sink_checkpoint(sink, &err), err);
	copy_files(dir, crash);
	sink->keep = true;
	athar_sink_close(sink);
	assert_ok(athar_sink_ewf.standing(&s, &spec, &err), err);
	assert_many(s, GROUP + 100);
	spec.folder = crash;
	s = NULL;
	assert_ok(athar_sink_ewf.standing(&s, &spec, &err), err);
	assert_many(s, GROUP);
	athar_test_rmdir(dir);
	athar_test_rmdir(crash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_anywhere_it_goes_on),
		cmocka_unit_test(cut_at_every_border_it_goes_on),
		cmocka_unit_test(stopped_in_order_nothing_is_lost),
		cmocka_unit_test(a_finished_image_stands_whole),
		cmocka_unit_test(what_cannot_be_gone_on_with_is_left_alone),
		cmocka_unit_test(a_resumed_image_can_be_given_up),
		cmocka_unit_test(the_set_of_another_tool_is_not_gone_on_with),
		cmocka_unit_test(groups_end_at_fixed_places),
		cmocka_unit_test(an_open_group_is_lost_in_a_crash),
	};
	int failed;

	media = make_media(SIZE);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(media);
	return failed;
}
