/* SPDX-License-Identifier: BSD-2-Clause */
/* CSV and JSON Lines, read back by readers that are not ours. */
#include "sample.h"

/* A strict reader of RFC 4180 with every field in quotes: calls `field` for each. */
static size_t read_csv(const char *text, void (*field)(void *user, size_t row, const char *value),
                       void *user, size_t *rows)
{
	size_t fields = 0, in_row = 0, first = 0;
	char *value = malloc(strlen(text) + 1);
	const char *p = text;

	assert_non_null(value);
	*rows = 0;
	while (*p != '\0') {
		size_t len = 0;

		assert_int_equal(*p++, '"');
		while (*p != '"' || p[1] == '"') {
			assert_true(*p != '\0' && *p != '\r' && *p != '\n');
			p += *p == '"';
			value[len++] = *p++;
		}
		value[len] = '\0';
		field(user, *rows, value);
		fields++;
		in_row++;
		p++;
		if (*p == ',') {
			p++;
			continue;
		}
		assert_int_equal(strncmp(p, "\r\n", 2), 0);
		p += 2;
		first = *rows == 0 ? in_row : first;
		assert_int_equal(in_row, first);
		in_row = 0;
		++*rows;
	}
	free(value);
	return fields;
}

static void check_safe(void *user, size_t row, const char *value)
{
	(void)user;
	(void)row;
	assert_true(value[0] == '\0' || strchr("=+-@\t\r", value[0]) == NULL);
}

static void csv_has_a_row_an_item_and_no_formula(void **state)
{
	char *csv;
	size_t rows = 0;
	sample s;

	(void)state;
	sample_make(&s, (sample_options){.hostile = true});
	csv = sample_render(&s, "csv", NULL);
	assert_true(read_csv(csv, check_safe, NULL, &rows) > 0);
	assert_int_equal(rows, 1 + 2 + sample_hostile_count);
	assert_non_null(strstr(csv, "\"'=cmd|' /C calc'!A0\""));
	assert_non_null(strstr(csv, "\"1024+3000 20480+700\""));
	assert_non_null(strstr(csv, "\"DRAFT\""));
	free(csv);
	sample_remove(&s);
}

static void csv_says_that_the_chain_is_broken(void **state)
{
	char *csv;
	sample s;

	(void)state;
	sample_make(&s, (sample_options){.stated = true});
	csv = sample_render(&s, "csv", NULL);
	assert_non_null(strstr(csv, "\"no\",\"holds\""));
	free(csv);
	sample_break_chain(&s);
	csv = sample_render(&s, "csv", NULL);
	assert_non_null(strstr(csv, "\"no\",\"BROKEN\""));
	free(csv);
	sample_remove(&s);
}

/* The output of jq over the report, without its last line feed. */
static char *query(const sample *s, const char *path, const char *filter)
{
	char command[4600];
	char *said;
	int status = 0;

	(void)s;
	(void)snprintf(command, sizeof command, "jq -r '%s' '%s'", filter, path);
	said = sample_shell(command, &status);
	assert_int_equal(status, 0);
	said[strcspn(said, "\n")] = '\0';
	return said;
}

static void assert_query(const sample *s, const char *path, const char *filter,
                         const char *expected)
{
	char *said = query(s, path, filter);

	assert_string_equal(said, expected);
	free(said);
}

static void json_is_lines_that_jq_reads(void **state)
{
	char *json, *path;
	sample s;

	(void)state;
	if (!sample_has_tool("jq"))
		skip();
	sample_make(&s, (sample_options){.hostile = true, .gaps = true});
	json = sample_render(&s, "json", NULL);
	path = sample_save(&s, "report.jsonl", json);
	assert_query(&s, path, "select(.type==\"report\")|.draft", "true");
	assert_query(&s, path, "select(.type==\"report\")|.not_stated|length", "16");
	assert_query(&s, path, "select(.type==\"summary\")|.items", "17");
	assert_query(&s, path, "select(.type==\"summary\")|.by_grade.intact", "1");
	assert_query(&s, path, "select(.type==\"exhibit\")|.acquisition.bad[1].offset", "8192");
	assert_query(&s, path, "select(.type==\"finding\")|.finding.kind", "worker");
	assert_query(&s, path, "select(.type==\"item\" and .item.item==1)|.item.path",
	             "DCIM/IMG_0001.JPG");
	assert_query(&s, path, "select(.type==\"volume\" and .volume.number==2)|.volume.finding",
	             "looks encrypted");
	assert_query(&s, path, "select(.type==\"chain\")|.holds", "true");
	/* The summary is the last line: its absence shows that a report was cut off. */
	assert_non_null(strstr(json, "{\"by_grade\":"));
	assert_int_equal(sample_count(strstr(json, "{\"by_grade\":"), "\n"), 1);
	assert_null(strstr(json, "\x1B"));
	assert_null(strstr(json, "\xE2\x80\xAE"));
	free(path);
	free(json);
	sample_remove(&s);
}

/* The docx is no picture. FAT's time has no zone, which the model cannot say. */
static void vics_has_pictures_as_jq_reads_them(void **state)
{
	char *vics, *path;
	char count[8];
	sample s;

	(void)state;
	if (!sample_has_tool("jq"))
		skip();
	sample_make(&s, (sample_options){.stated = true, .hostile = true});
	vics = sample_render(&s, "vics", NULL);
	path = sample_save(&s, "report.vics.json", vics);
	(void)snprintf(count, sizeof count, "%zu", 1 + sample_hostile_count);
	assert_query(&s, path, ".value[0].Media|length", count);
	assert_query(&s, path, ".value[0].Media[0].MimeType", "image/jpeg");
	assert_query(&s, path, ".value[0].Media[0].MediaSize", "3700");
	assert_query(&s, path, ".value[0].Media[0].MediaFiles[0].FileName", "IMG_0001.JPG");
	assert_query(&s, path, ".value[0].Media[0].MediaFiles[0].FilePath", "DCIM/IMG_0001.JPG");
	assert_query(&s, path, ".value[0].Media[0].MediaFiles[0].Created", "2023-11-14T22:13:20Z");
	assert_query(&s, path, ".value[0].Media[0].MediaFiles[0].Written", "null");
	assert_query(&s, path, ".value[0].Media[0].MediaFiles[0].PhysicalLocation", "1024");
	assert_query(&s, path, ".value[0].Media[0].MediaFiles[0].Unallocated", "true");
	assert_query(&s, path, "[.value[0].Media[]|.Category]|unique|tostring", "[0]");
	assert_null(strstr(vics, "\x1B"));
	assert_null(strstr(vics, "\xE2\x80\xAE"));
	free(path);
	free(vics);
	sample_remove(&s);
}

static void hashdeep_has_a_line_an_item(void **state)
{
	char *list;
	sample s;

	(void)state;
	sample_make(&s, (sample_options){.hostile = true});
	list = sample_render(&s, "hashdeep", NULL);
	assert_int_equal(sample_count(list, "\n"), 4 + 2 + sample_hostile_count);
	assert_int_equal(sample_count(list, "/recovered/000/"), 2 + sample_hostile_count);
	assert_non_null(strstr(list, "DRAFT, custody chain holds\n"));
	free(list);
	sample_break_chain(&s);
	list = sample_render(&s, "hashdeep", NULL);
	assert_non_null(strstr(list, "custody chain BROKEN\n"));
	free(list);
	sample_remove(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csv_has_a_row_an_item_and_no_formula),
		cmocka_unit_test(csv_says_that_the_chain_is_broken),
		cmocka_unit_test(json_is_lines_that_jq_reads),
		cmocka_unit_test(vics_has_pictures_as_jq_reads_them),
		cmocka_unit_test(hashdeep_has_a_line_an_item),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
