/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What stands after an acquisition that did not go to its end: each in a process of its own, since
 * it confines itself. jq and the shell look at what is left.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "athar/acquire.h"
#include "athar_test.h"
#include "base/idiom.h"

ATHAR_DEFINE_AUTO(case, athar_case *, athar_case_close)

#define SIZE (UINT64_C(384) << 20)
#define NOT_REACHED 77

typedef struct scene {
	char *top, *folder, *source, *blocks;
	const char *phase; /* in which it happens */
	bool stop;         /* the examiner stops it; else a byte of the block hashes changes */
	bool reached;
	athar_status expected;
} scene;

static int64_t now(void *user)
{
	(void)user;
	return 1700000000;
}

static void on_progress(void *user, const athar_progress *progress)
{
	scene *s = user;
	ATHAR_AUTO(fd) int fd = -1;
	struct stat st;

	if (s->reached || strcmp(progress->phase, s->phase) != 0)
		return;
	if (s->stop) {
		s->reached = true;
		return;
	}
	fd = open(s->blocks, O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size >= 4096)
		s->reached = pwrite(fd, "x", 1, 100) == 1;
}

static bool on_cancelled(void *user)
{
	const scene *s = user;

	return s->stop && s->reached;
}

/* The exit status of the process: 0 when it ended as expected. */
static int play(scene *s)
{
	athar_context context = {.now = now, .host = "h", .system = "s", .unconfined = true};
	athar_watcher watcher = {.progress = on_progress, .cancelled = on_cancelled, .user = s};
	athar_acquire_options options = ATHAR_ACQUIRE_OPTIONS_INIT;
	athar_acquire_result result;
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(json) athar_json *fields = athar_json_object();
	ATHAR_AUTO(case) athar_case *c = NULL;

	options.source = s->source;
	options.exhibit = "1";
	options.hashes = ATHAR_MD5;
	if (athar_case_new(s->folder, fields, &context, &err) != ATHAR_OK ||
	    athar_case_open(&c, s->folder, &context, &err) != ATHAR_OK)
		return 1;
	athar_status status = athar_acquire(&result, c, &options, &watcher, &err);
	athar_acquire_result_clear(&result);
	if (!s->reached)
		return NOT_REACHED;
	if (status == s->expected)
		return 0;
	(void)fprintf(stderr, "%d, not %d: %s\n", (int)status, (int)s->expected, err.text);
	return 1;
}

static void set_up(scene *s)
{
	int fd;

	s->top = athar_test_mkdir();
	assert_true(asprintf(&s->folder, "%s/c", s->top) > 0);
	assert_true(asprintf(&s->source, "%s/disk.img", s->top) > 0);
	assert_true(asprintf(&s->blocks, "%s/1.partial/1.sha256", s->folder) > 0);
	fd = open(s->source, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)SIZE), 0);
	assert_int_equal(close(fd), 0);
}

/* In a process of its own; then the shell looks at the case. */
static void run(scene *s, const char *look)
{
	char command[2000];
	int status = 0;

	set_up(s);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(play(s));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	(void)snprintf(command, sizeof command, "cd '%s' && { %s; }", s->folder, look);
	if (WEXITSTATUS(status) != NOT_REACHED) {
		assert_int_equal(WEXITSTATUS(status), 0);
		assert_int_equal(system(command), 0);
	}
	athar_test_rmdir(s->top);
	free(s->folder);
	free(s->source);
	free(s->blocks);
	if (WEXITSTATUS(status) == NOT_REACHED)
		skip();
}

static void stopped_while_copying_it_can_be_gone_on_with(void **state)
{
	scene s = {.phase = "acquire", .stop = true, .expected = ATHAR_ECANCELED};

	(void)state;
	run(&s, "[ \"$(ls)\" = \"$(printf '1.partial\\ncase.json\\ncustody.jsonl')\" ] &&"
	        "grep -q '\"result\": \"interrupted\"' 1.partial/acquiring.json &&"
	        "[ -s 1.partial/1.E01 ] && [ -s 1.partial/1.map ] &&"
	        "tail -n 1 custody.jsonl | grep -q '\"result\":\"interrupted\"'");
}

static void stopped_while_reading_back_the_exhibit_stands(void **state)
{
	scene s = {.phase = "read back", .stop = true, .expected = ATHAR_ECANCELED};

	(void)state;
	run(&s, "[ -s 1/1.E01 ] && grep -q '\"read_back\": \"not done\"' 1/acquisition.json &&"
	        "tail -n 1 custody.jsonl | grep '\"result\":\"interrupted\"' | grep -q 1/1.E01");
}

static void what_reads_back_otherwise_is_said_to(void **state)
{
	scene s = {.phase = "acquire", .expected = ATHAR_EMISMATCH};

	(void)state;
	run(&s, "[ -s 1/1.E01 ] && grep -q '\"read_back\": \"differs\"' 1/acquisition.json &&"
	        "tail -n 1 custody.jsonl | grep '\"result\":\"mismatch\"' | grep -q 1/1.E01");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stopped_while_copying_it_can_be_gone_on_with),
		cmocka_unit_test(stopped_while_reading_back_the_exhibit_stands),
		cmocka_unit_test(what_reads_back_otherwise_is_said_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
