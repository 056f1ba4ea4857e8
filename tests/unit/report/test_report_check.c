/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands that the report gives to its reader do what it says. */
#include "sample.h"

/* Runs a script in the case folder; gives its output. */
static char *run_in_case(const sample *s, const char *script)
{
	char *path = sample_save(s, "script.sh", script);
	char command[8800];
	char *said;
	int status = 0;

	(void)snprintf(command, sizeof command, "cd '%s' && bash '%s' 2>&1", s->folder, path);
	said = sample_shell(command, &status);
	assert_int_equal(status, 0);
	assert_int_equal(unlink(path), 0);
	free(path);
	return said;
}

static void dd_gives_the_hash_of_the_item(void **state)
{
	char *text, *said;
	const char *check, *hash;
	char line[600];
	sample s;

	(void)state;
	sample_make(&s, (sample_options){0});
	text = sample_render(&s, "text", NULL);
	/* Item 1 has two pieces, so its command has two dd. */
	check = strstr(text, "check: ");
	hash = strstr(text, "sha256: ");
	assert_non_null(check);
	for (const char *next = hash; next != NULL && next < check;
	     next = strstr(next + 1, "sha256: "))
		hash = next;
	check += 7;
	(void)snprintf(line, sizeof line, "%.*s\n", (int)strcspn(check, "\n"), check);
	assert_int_equal(sample_count(line, "dd if="), 2);
	said = run_in_case(&s, line);
	assert_int_equal(strncmp(said, hash + 8, 64), 0);
	free(said);
	free(text);
	sample_remove(&s);
}

/* All commands of the section, but those that need athar itself. */
static char *commands_of(const char *text)
{
	const char *at = strstr(text, "\n11. How to check this yourself");
	const char *end;
	char *script = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&script, &len);

	assert_non_null(at);
	assert_non_null(to);
	end = strstr(at, "\n12. ");
	assert_non_null(end);
	for (at = strchr(at + 1, '\n') + 1; at < end; at = strchr(at, '\n') + 1) {
		const int width = (int)strcspn(at, "\n");

		if (strncmp(at, "    ", 4) == 0 && strncmp(at + 4, "athar ", 6) != 0)
			(void)fprintf(to, "%.*s\n", width, at);
	}
	(void)fclose(to);
	return script;
}

static void the_printed_commands_agree_with_the_report(void **state)
{
	char *text, *script, *said;
	char head[65];
	const char *at;
	sample s;

	(void)state;
	if (!sample_has_tool("jq"))
		skip();
	sample_make(&s, (sample_options){.hostile = true});
	text = sample_render(&s, "text", NULL);
	at = strstr(text, "Custody head ");
	assert_non_null(at);
	at += strcspn(at, "0123456789");
	memcpy(head, at, 64);
	head[64] = '\0';
	script = commands_of(text);
	said = run_in_case(&s, script);
	assert_null(strstr(said, "BAD"));
	assert_null(strstr(said, "FAILED"));
	assert_null(strstr(said, "no properly formatted"));
	/* The chain walked, and the last line hashed: both give the head. */
	assert_int_equal(sample_count(said, head), 2);
	assert_non_null(strstr(said, "items.jsonl: OK"));
	assert_non_null(strstr(said, "\"item\": 1,"));
	free(said);
	free(script);
	free(text);
	sample_remove(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dd_gives_the_hash_of_the_item),
		cmocka_unit_test(the_printed_commands_agree_with_the_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
