/* SPDX-License-Identifier: BSD-2-Clause */
#include "worth_support.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"

static FILE *begin(const char *folder, const char *format, va_list args)
{
	char command[8192];
	int n = snprintf(command, sizeof command, "exec 2>>'%s/errors'; set -e; cd '%s'; ", folder,
	                 folder);

	n += vsnprintf(command + n, sizeof command - (size_t)n, format, args);
	assert_true((size_t)n < sizeof command);
	return popen(command, "r");
}

char *sh_out(const char *folder, const char *format, ...)
{
	size_t len = 0, room = 1 << 16, got;
	char *text = malloc(room);
	va_list args;
	FILE *f;

	va_start(args, format);
	f = begin(folder, format, args);
	va_end(args);
	assert_non_null(f);
	assert_non_null(text);
	while ((got = fread(text + len, 1, room - len - 1, f)) > 0) {
		len += got;
		if (room - len < 2)
			text = realloc(text, room *= 2);
		assert_non_null(text);
	}
	text[len] = '\0';
	if (pclose(f) != 0) {
		print_error("a command failed (%s/errors): %s\n", folder, format);
		fail();
	}
	return text;
}

void sh(const char *folder, const char *format, ...)
{
	char buf[4096];
	va_list args;
	FILE *f;

	va_start(args, format);
	f = begin(folder, format, args);
	va_end(args);
	assert_non_null(f);
	while (fread(buf, 1, sizeof buf, f) > 0)
		;
	if (pclose(f) != 0) {
		print_error("a command failed (%s/errors): %s\n", folder, format);
		fail();
	}
}

void needs(const char *program)
{
	char command[200];

	snprintf(command, sizeof command, "PATH=$PATH:/usr/sbin:/sbin; command -v %s >/dev/null",
	         program);
	if (system(command) == 0)
		return;
	print_message("%s is not here\n", program);
	skip();
}

void reader_open(reader *r, const char *folder)
{
	const athar_context context = {.unconfined = false};
	athar_error err = ATHAR_ERROR_INIT;
	struct stat st;

	*r = (reader){.life = UINT64_MAX};
	snprintf(r->folder, sizeof r->folder, "%s", folder);
	snprintf(r->medium, sizeof r->medium, "%s/disk", folder);
	snprintf(r->image, sizeof r->image, "%s/image", folder);
	r->in = open(r->medium, O_RDONLY | O_CLOEXEC);
	r->out = open(r->image, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(r->in >= 0 && r->out >= 0);
	assert_int_equal(fstat(r->in, &st), 0);
	r->size = (uint64_t)st.st_size;
	assert_int_equal(ftruncate(r->out, st.st_size), 0);
	assert_ok(athar_runs_add(&r->lacking, 0, r->size, ATHAR_RUN_UNREAD, &err), err);
	const athar_status status =
		athar_worth_open(&r->worth, r->image, r->size, 512, &context, &err);
	if (status == ATHAR_EREFUSED) {
		print_message("%s\n", err.text);
		skip();
	}
	assert_ok(status, err);
}

void reader_close(reader *r)
{
	athar_worth_close(r->worth);
	athar_worth_answer_clear(&r->answer);
	athar_runs_clear(&r->lacking);
	close(r->in);
	close(r->out);
}

static void set_state(reader *r, uint64_t offset, uint64_t length, bool bad)
{
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_runs_remove(&r->lacking, offset, length, &err), err);
	if (bad)
		assert_ok(athar_runs_add(&r->lacking, offset, length, ATHAR_RUN_BAD, &err), err);
}

/* One piece that is either sick or well. */
static void read_piece(reader *r, uint64_t at, uint64_t length, bool sick)
{
	char *bytes = malloc(length);

	assert_non_null(bytes);
	length = athar_min(length, r->life - r->read);
	if (!sick) {
		assert_int_equal(pread(r->in, bytes, length, (off_t)at), length);
		assert_int_equal(pwrite(r->out, bytes, length, (off_t)at), length);
	}
	free(bytes);
	if (length > 0)
		set_state(r, at, length, sick);
	r->read += length;
}

void reader_read(reader *r, const athar_runs *ranges)
{
	athar_runs todo = ATHAR_RUNS_INIT, had = ATHAR_RUNS_INIT;
	athar_error err = ATHAR_ERROR_INIT;

	/* todo: of the ranges what is lacking. */
	assert_ok(athar_runs_invert(&had, &r->lacking, r->size, &err), err);
	for (size_t i = 0; i < ranges->count; i++)
		assert_ok(athar_runs_add(&todo, ranges->run[i].offset, ranges->run[i].length,
		                         ATHAR_RUN_DATA, &err),
		          err);
	for (size_t i = 0; i < had.count; i++)
		assert_ok(athar_runs_remove(&todo, had.run[i].offset, had.run[i].length, &err),
		          err);
	for (size_t i = 0; i < todo.count; i++) {
		const uint64_t end = todo.run[i].offset + todo.run[i].length;

		for (uint64_t at = todo.run[i].offset, piece; at < end; at += piece) {
			const bool sick = at >= r->sick_at && at < r->sick_at + r->sick_length;

			piece = athar_min(end - at, 65536);
			if (sick)
				piece = athar_min(piece, r->sick_at + r->sick_length - at);
			else if (at < r->sick_at)
				piece = athar_min(piece, r->sick_at - at);
			read_piece(r, at, piece, sick);
		}
	}
	athar_runs_clear(&todo);
	athar_runs_clear(&had);
}

void reader_ask(reader *r, athar_worth_depth depth)
{
	athar_error err = ATHAR_ERROR_INIT;

	for (r->asks = 0; r->asks < 200; r->asks++) {
		assert_ok(athar_worth_ask(&r->answer, r->worth, &r->lacking, depth, NULL, &err),
		          err);
		if (r->answer.wanted.count == 0)
			return;
		r->wanted += athar_runs_total(&r->answer.wanted);
		r->seeks += r->answer.wanted.count;
		reader_read(r, &r->answer.wanted);
	}
	fail_msg("it never has enough");
}

uint64_t reader_has(const reader *r, uint64_t offset, uint64_t length)
{
	return length - athar_runs_overlap(&r->lacking, offset, length);
}

void truth_in_use(athar_runs *out, const char *folder, uint64_t offset, uint64_t unit,
                  uint64_t first)
{
	char *text = sh_out(folder, "blkls -e -l -o %llu disk | grep '|a$'",
	                    (unsigned long long)offset / 512);
	athar_error err = ATHAR_ERROR_INIT;

	for (char *rest = NULL, *line = strtok_r(text, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest))
		assert_ok(athar_runs_add(out, offset + (strtoull(line, NULL, 10) - first) * unit,
		                         unit, ATHAR_RUN_DATA, &err),
		          err);
	free(text);
	assert_true(out->count > 0);
}

bool covers(const athar_runs *outer, const athar_runs *inner)
{
	for (size_t i = 0; i < inner->count; i++) {
		const athar_run *x = &inner->run[i];

		if (athar_runs_overlap(outer, x->offset, x->length) == x->length)
			continue;
		print_error("not all of %llu + %llu\n", (unsigned long long)x->offset,
		            (unsigned long long)x->length);
		return false;
	}
	return true;
}
