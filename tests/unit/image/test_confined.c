/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What this room promises to the jail: a source that is open needs no other file, and an image can
 * be made by a process that may write below one folder only.
 */
#include "ewf_test.h"

#include <sys/wait.h>

#include "image/ewf_judge.h"
#include "jail/confine.h"

#define SIZE 4000256u

static const athar_source_driver *const drivers[] = {&athar_source_raw, &athar_source_split,
                                                     &athar_source_ewf, NULL};
static uint8_t *media;

/* Codes of the children, whose output nobody sees. */
enum { SAME, CANNOT_OPEN, CANNOT_CONFINE, CANNOT_READ, DIFFERS, CANNOT_WRITE, CANNOT_JUDGE };

static int child_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status))
		fail_msg("killed by signal %d", WTERMSIG(status));
	return WEXITSTATUS(status);
}

static int compare(athar_source *s)
{
	static uint8_t buf[100000];
	athar_error err = ATHAR_ERROR_INIT;

	for (size_t at = 0; at < SIZE; at += sizeof buf) {
		size_t got;

		if (athar_source_read(s, buf, sizeof buf, at, &got, NULL, &err) != ATHAR_OK)
			return CANNOT_READ;
		if (memcmp(buf, media + at, got) != 0)
			return DIFFERS;
	}
	return SAME;
}

static int read_confined(const char *dir, const char *name)
{
	const athar_confine_spec spec = {.kind = ATHAR_CONFINE_WORKER};
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = NULL;
	const char *had;

	if (open_in(&s, dir, name, drivers, &err) != ATHAR_OK)
		return CANNOT_OPEN;
	if (athar_confine(&had, &spec, &err) != ATHAR_OK)
		return CANNOT_CONFINE;
	return compare(s);
}

static void assert_reads_confined(const char *dir, const char *name)
{
	const pid_t pid = fork();
	int code;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(read_confined(dir, name));
	code = child_of(pid);
	if (code == CANNOT_CONFINE)
		skip();
	assert_int_equal(code, SAME);
}

static void an_open_source_needs_nothing_else(void **state)
{
	char *dir = athar_test_mkdir();
	athar_sink_spec spec = spec_of(dir, SIZE);

	(void)state;
	spec.segment_size = 1 << 20;
	assert_true(make_image(&athar_sink_ewf, &spec, media, NULL) > 1);
	assert_true(make_image(&athar_sink_raw, &spec, media, NULL) > 1);
	assert_reads_confined(dir, "img.E01");
	assert_reads_confined(dir, "img.001");
	athar_test_rmdir(dir);
}

static bool judge(const char *dir, size_t segments)
{
	const athar_bytes sample = {media, 32768, 0};
	athar_error err = ATHAR_ERROR_INIT;
	athar_ewf_judgement j;
	char first[4300];

	snprintf(first, sizeof first, "%s/img.E01", dir);
	if (athar_ewf_judge(&j, first, segments, &sample, 1, &err) != ATHAR_OK)
		fprintf(stderr, "%s\n", err.text);
	else
		return j.asked && j.media_size == SIZE && j.differs == ATHAR_NOWHERE;
	return false;
}

static int write_confined(const char *dir, const athar_sink_driver *driver, const char *name)
{
	const char *const folders[] = {dir, NULL};
	const athar_confine_spec confine = {
		.kind = ATHAR_CONFINE_IMAGER, .read = folders, .write = folders};
	const athar_digests hashes = hash_of(media, SIZE);
	athar_sink_spec spec = spec_of(dir, SIZE);
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = NULL;
	athar_sink *sink = NULL;
	const char *had;

	spec.segment_size = 1 << 20;
	if (athar_confine(&had, &confine, &err) != ATHAR_OK)
		return CANNOT_CONFINE;
	if (athar_sink_open(&sink, driver, &spec, &err) != ATHAR_OK ||
	    feed(sink, media, SIZE, &err) != ATHAR_OK ||
	    athar_sink_commit(sink, &hashes, &err) != ATHAR_OK) {
		fprintf(stderr, "%s\n", err.text);
		return CANNOT_WRITE;
	}
	if (athar_sink_checkpoint(sink, &err) != ATHAR_OK)
		return CANNOT_WRITE;
	const size_t segments = sink->segments;
	athar_sink_close(sink);
	if (driver == &athar_sink_ewf && !judge(dir, segments))
		return CANNOT_JUDGE;
	if (open_in(&s, dir, name, drivers, &err) != ATHAR_OK)
		return CANNOT_OPEN;
	return compare(s);
}

static void images_are_made_and_read_back_confined(void **state)
{
	const athar_sink_driver *const sinks[] = {&athar_sink_ewf, &athar_sink_raw};
	const char *const names[] = {"img.E01", "img.001"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char *dir = athar_test_mkdir();
		const pid_t pid = fork();
		int code;

		assert_true(pid >= 0);
		if (pid == 0)
			_exit(write_confined(dir, sinks[i], names[i]));
		code = child_of(pid);
		athar_test_rmdir(dir);
		if (code == CANNOT_CONFINE)
			skip();
		assert_int_equal(code, SAME);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_open_source_needs_nothing_else),
		cmocka_unit_test(images_are_made_and_read_back_confined),
	};
	int failed;

	media = make_media(SIZE);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(media);
	return failed;
}
