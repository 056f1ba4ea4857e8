/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of the command that need no engine: options, hints, quoting, the progress line. */
#include "athar_test.h"

#include "athar/digest.h"
#include "command.h"
#include "context.h"
#include "option.h"
#include "progress.h"

typedef struct values {
	bool loud, help;
	const char *text, *choice, *list;
	uint64_t number, size;
	unsigned hashes;
	athar_paths logs;
} values;

#define AT(member) offsetof(values, member)

static const athar_option table[] = {
	{"loud", 'l', NULL, ATHAR_OPTION_FLAG, AT(loud), "", "", NULL},
	{"text", 't', "TEXT", ATHAR_OPTION_TEXT, AT(text), "", "", NULL},
	{"choice", 0, "WORD", ATHAR_OPTION_CHOICE, AT(choice), "", "", "ewf,raw"},
	{"list", 0, "LIST", ATHAR_OPTION_LIST, AT(list), "", "", "one,two,three"},
	{"number", 'n', "N", ATHAR_OPTION_NUMBER, AT(number), "", "", NULL},
	{"size", 0, "SIZE", ATHAR_OPTION_SIZE, AT(size), "", "", NULL},
	{"hash", 0, "LIST", ATHAR_OPTION_HASHES, AT(hashes), "", "", NULL},
	{"log", 0, "FILE", ATHAR_OPTION_PATHS, AT(logs), "", "", NULL},
	{"help", 'h', NULL, ATHAR_OPTION_FLAG, AT(help), "", "", NULL},
	ATHAR_OPTIONS_END,
};

#define MOST (ATHAR_PATHS_MOST + 2)

typedef struct line {
	char words[1000];
	char *argv[MOST];
	int argc;
	athar_operands operands;
	values v;
	athar_error err;
} line;

/* Parses `text`, its words divided by '|'. */
static athar_status parse(line *l, const char *text)
{
	char *rest = l->words, *word;

	*l = (line){.err = ATHAR_ERROR_INIT};
	snprintf(l->words, sizeof l->words, "%s", text);
	while (l->argc < MOST && (word = strsep(&rest, "|")) != NULL)
		l->argv[l->argc++] = word;
	return athar_options_parse(&l->operands, table, &l->v, l->argc, l->argv, &l->err);
}

/* What names a list of files may be given again; nothing else with a value may. */
static void files_are_listed(void **state)
{
	char all[1000] = "";
	line l;

	(void)state;
	assert_ok(parse(&l, "--log|a|x|--log=b|--log|c"), l.err);
	assert_int_equal(l.v.logs.count, 3);
	assert_string_equal(l.v.logs.path[0], "a");
	assert_string_equal(l.v.logs.path[2], "c");
	assert_int_equal(l.operands.count, 1);
	assert_status(parse(&l, "--log="), ATHAR_EUSAGE, l.err);
	assert_status(parse(&l, "--text|a|--text|b"), ATHAR_EUSAGE, l.err);
	for (unsigned i = 0; i < ATHAR_PATHS_MOST; i++)
		strcat(all, i == 0 ? "--log=1" : "|--log=1");
	assert_ok(parse(&l, all), l.err);
	strcat(all, "|--log=1");
	assert_status(parse(&l, all), ATHAR_EUSAGE, l.err);
}

static void options_stand_anywhere(void **state)
{
	line l;

	(void)state;
	assert_ok(parse(&l, "a|--loud|b|--text|--help|-n|7|c"), l.err);
	assert_true(l.v.loud);
	assert_false(l.v.help);
	assert_string_equal(l.v.text, "--help");
	assert_int_equal(l.v.number, 7);
	assert_int_equal(l.operands.count, 3);
	assert_string_equal(l.operands.word[0], "a");
	assert_string_equal(l.operands.word[1], "b");
	assert_string_equal(l.operands.word[2], "c");
}

static void values_stand_in_the_word_or_after_it(void **state)
{
	line l;

	(void)state;
	assert_ok(parse(&l, "--text=x=y|-ln5|--size=2k|--list|two,one|--hash|md5,sha256"), l.err);
	assert_string_equal(l.v.text, "x=y");
	assert_true(l.v.loud);
	assert_int_equal(l.v.number, 5);
	assert_int_equal(l.v.size, 2048);
	assert_string_equal(l.v.list, "two,one");
	assert_int_equal(l.v.hashes, ATHAR_MD5 | ATHAR_SHA256);
}

static void two_dashes_end_the_options(void **state)
{
	line l;

	(void)state;
	assert_ok(parse(&l, "-|--|--loud|--"), l.err);
	assert_false(l.v.loud);
	assert_int_equal(l.operands.count, 3);
	assert_string_equal(l.operands.word[0], "-");
	assert_string_equal(l.operands.word[1], "--loud");
	assert_string_equal(l.operands.word[2], "--");
}

static void help_stops_the_reading(void **state)
{
	line l;

	(void)state;
	assert_ok(parse(&l, "-lh|--bogus"), l.err);
	assert_true(l.v.help);
}

static void what_is_no_option_is_refused(void **state)
{
	static const char *const wrong[] = {
		"--lou",
		"--loud=1",
		"--text",
		"-t",
		"-x",
		"--number|1x",
		"--number|-1",
		"--number|",
		"--choice|e",
		"--size|1q",
		"--list|one,",
		"--list|,one",
		"--text|",
		"--text|a|-t|b",
		"--hash|md6",
		"--list|onetwo",
		"--number|9999999999999999999999",
		"--|",
		"---loud",
	};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT_OF(wrong); i++) {
		line l;

		if (strcmp(wrong[i], "--|") == 0) {
			/* An empty operand is an operand. */
			assert_ok(parse(&l, wrong[i]), l.err);
			assert_int_equal(l.operands.count, 1);
			continue;
		}
		assert_status(parse(&l, wrong[i]), ATHAR_EUSAGE, l.err);
		assert_null(strchr(l.err.text, '\n'));
	}
}

static void hints_are_near(void **state)
{
	static const char *const names[] = {"case", "compression", "new", "set"};
	const size_t count = ATHAR_COUNT_OF(names);

	(void)state;
	assert_string_equal(athar_option_nearest("comp", names, count), "compression");
	assert_string_equal(athar_option_nearest("cmopression", names, count), "compression");
	assert_string_equal(athar_option_nearest("csae", names, count), "case");
	assert_string_equal(athar_option_nearest("nwe", names, count), "new");
	assert_null(athar_option_nearest("threads", names, count));
	assert_null(athar_option_nearest("", names, count));
	assert_null(athar_option_nearest("cccccccccccccccccccccccccccccccccccccccccccccccccccccccc",
	                                 names, count));
}

static void quoting_is_for_a_shell(void **state)
{
	char words[][16] = {"/usr/bin/athar", "acquire", "/dev/sdb", "",
	                    "it's",           "a b",     "$(x)",     "ع"};
	char *argv[ATHAR_COUNT_OF(words)];
	athar_error err = ATHAR_ERROR_INIT;
	char *out = NULL;

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT_OF(words); i++)
		argv[i] = words[i];
	assert_ok(athar_world_quote(&out, (int)ATHAR_COUNT_OF(argv), argv, &err), err);
	assert_string_equal(out, "athar acquire /dev/sdb '' 'it'\\''s' 'a b' '$(x)' 'ع'");
	free(out);
}

static void assert_line(athar_progress p, double seconds, const char *expected)
{
	char text[200];

	athar_progress_text(text, sizeof text, &p, seconds);
	assert_string_equal(text, expected);
}

static void progress_says_what_it_knows(void **state)
{
	const uint64_t mib = UINT64_C(1) << 20;

	(void)state;
	assert_line((athar_progress){.phase = "acquire", .done = 512 * mib, .total = 1024 * mib}, 2,
	            "acquire  512.0 MiB of 1.0 GiB  50%  256.0 MiB/s  0:02 left");
	assert_line(
		(athar_progress){
			.phase = "carve", .done = mib, .total = 7200 * mib, .bad = 512, .items = 3},
		1, "carve  1.0 MiB of 7.0 GiB  0%  1.0 MiB/s  1:59:59 left  512 B bad  3 items");
	/* Without a total, without a beginning, and past the end. */
	assert_line((athar_progress){.phase = "x", .done = 10}, 0, "x  10 B");
	assert_line((athar_progress){.phase = "x", .done = 30, .total = 20}, 1,
	            "x  20 B of 20 B  100%  20 B/s  0:00 left");
}

static void progress_keeps_to_its_buffer(void **state)
{
	char text[24];

	(void)state;
	memset(text, 'x', sizeof text);
	athar_progress_text(text, 16,
	                    &(athar_progress){.phase = "a phase with a long name",
	                                      .done = UINT64_MAX,
	                                      .total = UINT64_MAX,
	                                      .bad = UINT64_MAX,
	                                      .items = UINT64_MAX},
	                    1e-9);
	assert_int_equal(strlen(text), 15);
	assert_int_equal(text[16], 'x');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_stand_anywhere),
		cmocka_unit_test(files_are_listed),
		cmocka_unit_test(values_stand_in_the_word_or_after_it),
		cmocka_unit_test(two_dashes_end_the_options),
		cmocka_unit_test(help_stops_the_reading),
		cmocka_unit_test(what_is_no_option_is_refused),
		cmocka_unit_test(hints_are_near),
		cmocka_unit_test(quoting_is_for_a_shell),
		cmocka_unit_test(progress_says_what_it_knows),
		cmocka_unit_test(progress_keeps_to_its_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
