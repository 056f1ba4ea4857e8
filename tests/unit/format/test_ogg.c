/* SPDX-License-Identifier: BSD-2-Clause */
#include "fields.h"
#include "format/list.h"
#include "judge.h"

static const char *const samples[] = {"tone.ogg", "tone.opus", "tone.spx", "tone.oga", "film.ogv"};

static void an_ogg_ends_behind_the_last_page_of_each_stream(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(samples); i++)
		judge_end(&athar_format_ogg, samples[i], ATHAR_GRADE_INTACT);
}

static void the_first_packets_name_the_coding(void **state)
{
	static const char *const names[][2] = {{"vorbis", "ogg"},
	                                       {"opus", "opus"},
	                                       {"speex", "spx"},
	                                       {"flac", "oga"},
	                                       {"theora", "ogv"}};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(samples); i++) {
		const athar_claim c = judge_file(&athar_format_ogg, samples[i]);

		assert_string_equal(c.subtype, names[i][0]);
		assert_string_equal(c.extension, names[i][1]);
	}
}

static void a_cut_ogg_is_partial(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(samples); i++)
		judge_cuts(&athar_format_ogg, samples[i]);
}

static void a_foreign_block_breaks_a_crc(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(samples); i++) {
		judge_foreign(&athar_format_ogg, samples[i], 4096, 4, true);
		judge_foreign(&athar_format_ogg, samples[i], 1, 4, true);
	}
}

static void noise_behind_a_page_is_no_more(void **state)
{
	(void)state;
	judge_noise(&athar_format_ogg, "tone.ogg", 5);
	judge_noise(&athar_format_ogg, "tone.ogg", 58);
	judge_noise(&athar_format_ogg, "tone.ogg", 3000);
}

/* ---- pages made here ---- */

enum { FIRST = 2, LAST = 4 };

typedef struct made {
	uint8_t *bytes;
	size_t len;
} made;

/* Bit by bit, as RFC 3533 words it. */
static uint32_t crc_of(const uint8_t *bytes, size_t len)
{
	uint32_t crc = 0;

	for (size_t i = 0; i < len * 8; i++) {
		const uint32_t bit = bytes[i / 8] >> (7 - i % 8) & 1;

		crc = crc << 1 ^ ((crc >> 31 ^ bit) != 0 ? UINT32_C(0x04C11DB7) : 0);
	}
	return crc;
}

/* Adds a page of one packet; len below 255 * 255. */
static void add(made *m, uint8_t flags, uint32_t serial, uint32_t number, size_t len)
{
	const size_t segments = len / 255 + 1, size = 27 + segments + len;
	uint8_t *p = NULL;

	m->bytes = realloc(m->bytes, m->len + size);
	assert_non_null(m->bytes);
	p = m->bytes + m->len;
	memset(p, 0, 27);
	memcpy(p, "OggS", 4);
	p[5] = flags;
	p[14] = (uint8_t)serial;
	p[15] = (uint8_t)(serial >> 8);
	p[18] = (uint8_t)number;
	p[19] = (uint8_t)(number >> 8);
	p[26] = (uint8_t)segments;
	memset(p + 27, 255, segments);
	p[26 + segments] = (uint8_t)(len % 255);
	athar_test_fill(p + 27 + segments, len, number);
	const uint32_t crc = crc_of(p, size);

	for (int i = 0; i < 4; i++)
		p[22 + i] = (uint8_t)(crc >> (8 * i));
	m->len += size;
}

static athar_claim judge_made(made *m)
{
	const athar_claim c = judge(&athar_format_ogg, m->bytes, m->len);

	free(m->bytes);
	return c;
}

static void streams_side_by_side_must_all_end(void **state)
{
	made m = {0};

	(void)state;
	add(&m, FIRST, 1, 0, 30);
	add(&m, FIRST, 2, 0, 40);
	add(&m, 0, 1, 1, 500);
	add(&m, LAST, 2, 1, 500);
	const athar_claim half = judge(&athar_format_ogg, m.bytes, m.len);

	assert_int_equal(half.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(half.length, m.len);
	add(&m, LAST, 1, 2, 0);
	const athar_claim whole = judge(&athar_format_ogg, m.bytes, m.len);

	assert_int_equal(whole.length, m.len);
	assert_int_equal(judge_made(&m).grade, ATHAR_GRADE_INTACT);
}

static void a_missing_page_is_a_flaw(void **state)
{
	made m = {0};

	(void)state;
	add(&m, FIRST, 1, 0, 30);
	add(&m, 0, 1, 1, 500);
	const size_t good = m.len;

	add(&m, 0, 1, 3, 500);
	add(&m, LAST, 1, 4, 500);
	const size_t len = m.len;
	const athar_claim c = judge_made(&m);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, len);
	assert_int_equal(c.proven, good);
}

static void the_rest_behind_foreign_bytes_is_measured(void **state)
{
	made m = {0};
	size_t good = 0;

	(void)state;
	add(&m, FIRST, 1, 0, 30);
	for (uint32_t i = 1; i < 30; i++) {
		if (i == 10)
			good = m.len;
		add(&m, i == 29 ? LAST : 0, 1, i, 1000);
	}
	athar_test_fill(m.bytes + good + 100, 4096, 77);
	const size_t len = m.len;
	const athar_claim c = judge_made(&m);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, len);
	assert_int_equal(c.proven, good);
}

static void links_of_a_chain_are_one_file(void **state)
{
	const sample a = sample_load("tone.ogg"), b = sample_load("tone.opus");
	uint8_t *both = malloc(a.len + b.len);

	(void)state;
	assert_non_null(both);
	memcpy(both, a.bytes, a.len);
	memcpy(both + a.len, b.bytes, b.len);
	const athar_claim c = judge(&athar_format_ogg, both, a.len + b.len);

	assert_int_equal(c.grade, ATHAR_GRADE_INTACT);
	assert_int_equal(c.length, a.len + b.len);
	assert_string_equal(c.subtype, "vorbis");
	const athar_claim cut = judge(&athar_format_ogg, both, a.len + b.len - 1);

	assert_int_equal(cut.grade, ATHAR_GRADE_PARTIAL);
	free(both);
	sample_free(a);
	sample_free(b);
}

/* The same serial number, or a link that would begin with a sector: another file. */
static void what_is_no_chain_ends_the_file(void **state)
{
	static const struct {
		uint32_t serial;
		size_t first, length; /* bytes of the first packet; what the claim must reach */
	} cases[] = {{1, 482, 511}, {2, 482, 511 + 128}, {2, 483, 512}};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		made m = {0};

		add(&m, FIRST | LAST, 1, 0, cases[i].first);
		add(&m, FIRST | LAST, cases[i].serial, 0, 100);
		const athar_claim c = judge_made(&m);

		assert_int_equal(c.length, cases[i].length);
		assert_int_equal(c.grade, ATHAR_GRADE_INTACT);
	}
}

static void another_stream_in_the_middle_is_another_file(void **state)
{
	made m = {0};

	(void)state;
	add(&m, FIRST, 1, 0, 30);
	add(&m, 0, 1, 1, 500);
	const size_t good = m.len;

	add(&m, FIRST, 2, 0, 30);
	add(&m, LAST, 2, 1, 30);
	const athar_claim c = judge_made(&m);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, good);
}

static void pages_take_linear_time(void **state)
{
	made head = {0}, sound = {0};

	(void)state;
	add(&head, FIRST, 1, 0, 30);
	add(&sound, 0, 1, 1, 0);
	judge_time(&athar_format_ogg, head.bytes, head.len, sound.bytes, sound.len);
	sound.bytes[22] ^= 1;
	judge_time(&athar_format_ogg, head.bytes, head.len, sound.bytes, sound.len);
	sound.len = 0;
	add(&sound, 0, 1, 1, 65000);
	sound.bytes[22] ^= 1;
	judge_time(&athar_format_ogg, head.bytes, head.len, sound.bytes, 27 + 255);
	free(head.bytes);
	free(sound.bytes);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(&athar_format_ogg, "film.ogv");
	judge_flips(&athar_format_ogg, "tone.spx");
}

static void streams_say_what_they_are(void **state)
{
	static const char *const sounds[] = {"tone.ogg", "tone.opus", "tone.spx", "tone.oga"};
	const athar_claim film = judge_file(&athar_format_ogg, "film.ogv");
	const athar_claim named = judge_file(&athar_format_ogg, "named.oga");

	(void)state;
	/* 8000 samples of 8 kHz went into each */
	for (size_t i = 0; i < ATHAR_COUNT(sounds); i++) {
		const athar_claim c = judge_file(&athar_format_ogg, sounds[i]);

		assert_string_equal(field_of(&c, "duration_ms"), "1000");
		assert_string_not_equal(field_of(&c, "software"), "");
	}
	assert_string_equal(field_of(&film, "width"), "64");
	assert_string_equal(field_of(&film, "height"), "48");
	assert_string_equal(field_of(&film, "duration_ms"), "2000");
	assert_string_equal(field_of(&named, "title"), "T\xc3\xb6ne");
	assert_string_equal(field_of(&named, "author"), "make.py");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ogg_ends_behind_the_last_page_of_each_stream),
		cmocka_unit_test(the_first_packets_name_the_coding),
		cmocka_unit_test(a_cut_ogg_is_partial),
		cmocka_unit_test(a_foreign_block_breaks_a_crc),
		cmocka_unit_test(noise_behind_a_page_is_no_more),
		cmocka_unit_test(streams_side_by_side_must_all_end),
		cmocka_unit_test(a_missing_page_is_a_flaw),
		cmocka_unit_test(the_rest_behind_foreign_bytes_is_measured),
		cmocka_unit_test(links_of_a_chain_are_one_file),
		cmocka_unit_test(what_is_no_chain_ends_the_file),
		cmocka_unit_test(another_stream_in_the_middle_is_another_file),
		cmocka_unit_test(pages_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
		cmocka_unit_test(streams_say_what_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
