/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/endian.h"
#include "fields.h"
#include "format/list.h"

static const char *const samples[] = {"xp.pf", "seven.pf", "eight.pf", "unpacked.pf", "ten.pf"};

#define COUNT (sizeof samples / sizeof samples[0])

static void it_ends_where_its_size_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT - 1; i++)
		judge_end(&athar_format_prefetch, samples[i], ATHAR_GRADE_COMPLETE);
}

/* Two blocks, each with its own table. */
static void a_packed_one_ends_where_it_is_unpacked(void **state)
{
	(void)state;
	judge_end(&athar_format_prefetch, "ten.pf", ATHAR_GRADE_COMPLETE);
}

static void each_version_has_its_fields(void **state)
{
	static const char *const versions[] = {"17", "23", "26", "30", "30"};

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		const athar_claim c = judge_file(&athar_format_prefetch, samples[i]);

		expect_said(&c, "name", "LAMP.EXE");
		expect_said(&c, "version", versions[i]);
		expect_said(&c, "count", "7");
		expect_said(&c, "modified", "2020-09-13T12:26:40Z");
		expect_said(&c, "serial", "70ecfa33");
	}
}

static void a_cut_one_is_partial(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		judge_cuts(&athar_format_prefetch, samples[i]);
}

static void changed(const char *name, size_t at, uint32_t value)
{
	const sample s = sample_load(name);

	athar_put_le32(s.bytes + at, value);
	const athar_claim c = judge(&athar_format_prefetch, s.bytes, s.len);

	if (c.ours && c.grade > ATHAR_GRADE_PARTIAL)
		fail_msg("%s with %u at %zu is called %s", name, value, at, grade_name(c.grade));
	assert_true(!c.ours || c.length <= s.len);
	sample_free(s);
}

static void what_does_not_fit_is_no_more_than_partial(void **state)
{
	(void)state;
	changed("xp.pf", 4, 0);    /* no mark */
	changed("xp.pf", 12, 607); /* a size before its sections end */
	changed("xp.pf", 12, 640); /* and far behind */
	changed("xp.pf", 84, 156); /* sections that are not of this version */
	changed("xp.pf", 88, 4);   /* one file more than there is room for */
	changed("xp.pf", 88, UINT32_MAX);
	changed("xp.pf", 116, UINT32_MAX);
	changed("xp.pf", 152 + 8, 2); /* a name that begins elsewhere */
	changed("xp.pf", 152 + 12, 0x80000000u);
	changed("seven.pf", 240 + 12, 2);
	changed("seven.pf", 112, 100); /* volumes that are not there */
	changed("ten.pf", 4, 72825);   /* unpacked it has another size */
	changed("ten.pf", 4, 100);
	changed("ten.pf", 4, UINT32_MAX);
	changed("ten.pf", 8, 0); /* lengths that make no code */
}

/* Names are checked, the pages that a program loads are not. */
static void a_foreign_block_breaks_the_names(void **state)
{
	(void)state;
	assert_int_equal(judge_foreign(&athar_format_prefetch, "xp.pf", 512, 0, true), 0);
	judge_foreign(&athar_format_prefetch, "ten.pf", 512, 0, false);
	assert_true(judge_file(&athar_format_prefetch, "unpacked.pf").unseen > 5 * 8);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_prefetch, "xp.pf", 8);
	judge_noise(&athar_format_prefetch, "xp.pf", 152);
	judge_noise(&athar_format_prefetch, "ten.pf", 8);
	judge_noise(&athar_format_prefetch, "ten.pf", 300);
}

static void it_takes_linear_time(void **state)
{
	const sample s = sample_load("ten.pf");

	(void)state;
	athar_put_le32(s.bytes + 4, 8u << 20);
	judge_time(&athar_format_prefetch, s.bytes, 8, s.bytes + 8, 256);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		judge_flips(&athar_format_prefetch, samples[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_ends_where_its_size_says),
		cmocka_unit_test(a_packed_one_ends_where_it_is_unpacked),
		cmocka_unit_test(each_version_has_its_fields),
		cmocka_unit_test(a_cut_one_is_partial),
		cmocka_unit_test(what_does_not_fit_is_no_more_than_partial),
		cmocka_unit_test(a_foreign_block_breaks_the_names),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(it_takes_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
