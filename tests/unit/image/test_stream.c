/* SPDX-License-Identifier: BSD-2-Clause */
#include "image_test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "image/stream.h"

#define LARGE ((size_t)3 * 1024 * 1024 + 77)

/* The standard input is a pipe while a test runs; *in is its other end. */
static int begin_input(int *in)
{
	const int before = dup(STDIN_FILENO);
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	assert_int_equal(close(ends[0]), 0);
	*in = ends[1];
	return before;
}

static void end_input(int before)
{
	assert_int_equal(dup2(before, STDIN_FILENO), STDIN_FILENO);
	assert_int_equal(close(before), 0);
}

static void put(int fd, const void *bytes, size_t len)
{
	assert_int_equal(write(fd, bytes, len), len);
}

/* Asks until `len` bytes are there or the stream has ended, as a caller does. */
static size_t read_all(athar_source *s, uint8_t *buf, size_t len, uint64_t offset)
{
	athar_error err = ATHAR_ERROR_INIT;
	size_t done = 0, got;

	while (done < len) {
		assert_ok(athar_source_read(s, buf + done, len - done, offset + done, &got, NULL,
		                            &err),
		          err);
		done += got;
		if (got == 0 && athar_source_describe(s)->size != ATHAR_SIZE_UNKNOWN)
			break;
	}
	return done;
}

/* A writer of odd pieces, which a pipe cuts as it likes. */
static pid_t start_writer(const char *path, const uint8_t *bytes, size_t len)
{
	const pid_t child = fork();
	int fd;

	assert_true(child >= 0);
	if (child != 0)
		return child;
	fd = open(path, O_WRONLY);
	for (size_t at = 0, piece = 1; at < len; at += piece, piece = piece * 7 % 9973 + 1) {
		piece = len - at < piece ? len - at : piece;
		if (write(fd, bytes + at, piece) != (ssize_t)piece)
			_exit(1);
	}
	_exit(0);
}

static void a_fifo_gives_what_was_sent(void **state)
{
	char *dir = athar_test_mkdir();
	athar_error err = ATHAR_ERROR_INIT;
	uint8_t *sent = malloc(LARGE), *got = malloc(LARGE + 1);
	athar_source *s = NULL;
	char path[4300];
	int status;
	pid_t writer;

	(void)state;
	assert_non_null(sent);
	assert_non_null(got);
	athar_test_fill(sent, LARGE, 3);
	snprintf(path, sizeof path, "%s/pipe", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_true(athar_stream_is(path));
	writer = start_writer(path, sent, LARGE);
	assert_ok(athar_source_stream(&s, path, &err), err);
	assert_true(athar_source_describe(s)->streamed);
	assert_int_equal(athar_source_describe(s)->size, ATHAR_SIZE_UNKNOWN);
	for (size_t at = 0; at < LARGE; at += 1 << 20)
		assert_int_equal(
			read_all(s, got + at, LARGE - at < 1 << 20 ? LARGE - at : 1 << 20, at),
			LARGE - at < 1 << 20 ? LARGE - at : 1 << 20);
	assert_int_equal(read_all(s, got + LARGE, 1, LARGE), 0);
	assert_int_equal(athar_source_describe(s)->size, LARGE);
	assert_memory_equal(got, sent, LARGE);
	assert_int_equal(waitpid(writer, &status, 0), writer);
	assert_int_equal(status, 0);
	athar_source_close(s);
	free(sent);
	free(got);
	athar_test_rmdir(dir);
}

static void it_may_end_in_the_middle_of_a_sector(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	uint8_t sent[1300], buf[4096];
	athar_source *s = NULL;
	int in, before = begin_input(&in);
	size_t got;

	(void)state;
	athar_test_fill(sent, sizeof sent, 4);
	put(in, sent, sizeof sent);
	close(in);
	assert_true(athar_stream_is("-"));
	assert_ok(athar_source_stream(&s, "-", &err), err);
	assert_ok(athar_source_read(s, buf, sizeof buf, 0, &got, NULL, &err), err);
	assert_int_equal(got, sizeof sent);
	assert_memory_equal(buf, sent, got);
	assert_int_equal(athar_source_describe(s)->size, sizeof sent);
	/* Nothing lies behind the end, and asking again is no failure. */
	assert_ok(athar_source_read(s, buf, sizeof buf, sizeof sent, &got, NULL, &err), err);
	assert_int_equal(got, 0);
	athar_source_close(s);
	/* The standard input itself is still there. */
	assert_int_equal(read(STDIN_FILENO, buf, 1), 0);
	end_input(before);
}

static void it_may_hold_nothing(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = NULL;
	int in, before = begin_input(&in);
	uint8_t buf[16];
	size_t got = 99;

	(void)state;
	close(in);
	assert_ok(athar_source_stream(&s, "-", &err), err);
	assert_ok(athar_source_read(s, buf, sizeof buf, 0, &got, NULL, &err), err);
	assert_int_equal(got, 0);
	assert_int_equal(athar_source_describe(s)->size, 0);
	athar_source_close(s);
	end_input(before);
}

/* Nothing for a while is no end: the caller gets what there is and can ask again. */
static void it_may_stall(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = NULL;
	int in, before = begin_input(&in);
	uint8_t buf[16];
	size_t got;

	(void)state;
	assert_ok(athar_source_stream(&s, "-", &err), err);
	assert_ok(athar_source_read(s, buf, sizeof buf, 0, &got, NULL, &err), err);
	assert_int_equal(got, 0);
	assert_int_equal(athar_source_describe(s)->size, ATHAR_SIZE_UNKNOWN);
	put(in, "abc", 3);
	assert_ok(athar_source_read(s, buf, sizeof buf, 0, &got, NULL, &err), err);
	assert_int_equal(got, 3);
	assert_int_equal(athar_source_describe(s)->size, ATHAR_SIZE_UNKNOWN);
	put(in, "defgh", 5);
	close(in);
	/* Not more than asked for, and what is left comes next. */
	assert_ok(athar_source_read(s, buf + 3, 2, 3, &got, NULL, &err), err);
	assert_int_equal(got, 2);
	assert_ok(athar_source_read(s, buf + 5, sizeof buf - 5, 5, &got, NULL, &err), err);
	assert_int_equal(got, 3);
	assert_memory_equal(buf, "abcdefgh", 8);
	assert_int_equal(athar_source_describe(s)->size, 8);
	athar_source_close(s);
	end_input(before);
}

static void it_is_read_in_order_only(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = NULL;
	int in, before = begin_input(&in);
	uint8_t buf[8];
	size_t got;

	(void)state;
	put(in, "0123456789", 10);
	close(in);
	assert_ok(athar_source_stream(&s, "-", &err), err);
	assert_ok(athar_source_read(s, buf, 4, 0, &got, NULL, &err), err);
	assert_status(athar_source_read(s, buf, 4, 0, &got, NULL, &err), ATHAR_EUSAGE, err);
	assert_int_equal(got, 0);
	assert_status(athar_source_read(s, buf, 4, 8, &got, NULL, &err), ATHAR_EUSAGE, err);
	/* A refusal took nothing out of it. */
	assert_ok(athar_source_read(s, buf, 4, 4, &got, NULL, &err), err);
	assert_int_equal(got, 4);
	assert_memory_equal(buf, "4567", 4);
	athar_source_close(s);
	end_input(before);
}

static void a_failing_stream_says_where(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = NULL;
	int before = dup(STDIN_FILENO), folder = open("/", O_RDONLY | O_DIRECTORY);
	uint8_t buf[8];
	size_t got;

	(void)state;
	/* A folder is what can be opened and not read. */
	assert_int_equal(dup2(folder, STDIN_FILENO), STDIN_FILENO);
	close(folder);
	assert_ok(athar_source_stream(&s, "-", &err), err);
	assert_status(athar_source_read(s, buf, sizeof buf, 0, &got, NULL, &err), ATHAR_EIO, err);
	assert_int_equal(err.offset, 0);
	assert_non_null(strstr(err.text, "at byte 0"));
	athar_source_close(s);
	end_input(before);
}

/* Redirected from a file, the standard input is read like a pipe, from where it stands. */
static void a_redirected_file_is_a_stream(void **state)
{
	char *dir = athar_test_mkdir();
	athar_error err = ATHAR_ERROR_INIT;
	uint8_t bytes[5000], buf[8192];
	athar_source *s = NULL;
	int before = dup(STDIN_FILENO), fd;
	char path[4300];

	(void)state;
	athar_test_fill(bytes, sizeof bytes, 5);
	put_file(dir, "disk.dd", bytes, sizeof bytes);
	snprintf(path, sizeof path, "%s/disk.dd", dir);
	fd = open(path, O_RDONLY);
	assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	close(fd);
	assert_ok(athar_source_stream(&s, "-", &err), err);
	assert_int_equal(read_all(s, buf, sizeof buf, 0), sizeof bytes);
	assert_memory_equal(buf, bytes, sizeof bytes);
	athar_source_close(s);
	s = NULL;
	/* A file by its name can be read at an offset, and is no stream. */
	assert_false(athar_stream_is(path));
	assert_status(athar_source_stream(&s, path, &err), ATHAR_EUSAGE, err);
	snprintf(path, sizeof path, "%s/none", dir);
	assert_false(athar_stream_is(path));
	assert_null(s);
	end_input(before);
	athar_test_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fifo_gives_what_was_sent),
		cmocka_unit_test(it_may_end_in_the_middle_of_a_sector),
		cmocka_unit_test(it_may_hold_nothing),
		cmocka_unit_test(it_may_stall),
		cmocka_unit_test(it_is_read_in_order_only),
		cmocka_unit_test(a_failing_stream_says_where),
		cmocka_unit_test(a_redirected_file_is_a_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
