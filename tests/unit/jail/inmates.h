/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Workers that do as the request says, good and bad, and a supervisor that keeps book.
 */
#ifndef ATHAR_TEST_JAIL_INMATES_H
#define ATHAR_TEST_JAIL_INMATES_H

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#include "child.h"
#include "jail/jail.h"
#include "jail/landlock.h"
#include "jail/sanitizers.h"

enum { BOOK_MOST = 64, BOOK_TEXT = 4096 };

/* ---- in the worker ---- */

typedef struct inmate {
	int file; /* opened in its setup, or -1 */
	unsigned served;
} inmate;

/* No call to sleep is on the list. */
static inline void spin(unsigned milliseconds)
{
	struct timespec a, b;

	(void)clock_gettime(CLOCK_MONOTONIC, &a);
	do
		(void)clock_gettime(CLOCK_MONOTONIC, &b);
	while ((b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000 <
	       (long)milliseconds);
}

/* Message i of task n: n, i, then bytes of a seed made of both. */
static inline void fill_message(uint8_t *out, size_t len, uint64_t number, uint64_t i)
{
	const uint64_t head[2] = {number, i};
	const uint8_t byte = (uint8_t)(number * 31 + i * 7);

	memset(out, byte, len);
	memcpy(out, head, len < sizeof head ? len : sizeof head);
}

static inline athar_status do_many(const char *words, athar_jail_reply *reply, athar_error *err)
{
	unsigned number = 0, count = 0, size = 0, wait = 0;
	uint8_t *bytes;
	athar_status status = ATHAR_OK;

	if (sscanf(words, "%u %u %u %u", &number, &count, &size, &wait) != 4)
		return athar_fail(err, ATHAR_EUSAGE, "many what?");
	spin(wait);
	bytes = malloc(size);
	for (unsigned i = 0; i < count && status == ATHAR_OK; i++) {
		fill_message(bytes, size, number, i);
		status = athar_jail_send(reply, 7, bytes, size, err);
	}
	free(bytes);
	return status;
}

static inline athar_status do_memory(athar_error *err)
{
	enum { PIECE = 1 << 20 };

	for (;;) {
		char *piece = malloc(PIECE);

		if (piece == NULL)
			return athar_fail(err, ATHAR_ENOMEM, "memory ran out");
		memset(piece, 1, PIECE);
	}
}

static inline athar_status do_beats(unsigned count, athar_jail_reply *reply, athar_error *err)
{
	athar_status status = ATHAR_OK;

	for (unsigned i = 1; i <= count && status == ATHAR_OK; i++) {
		spin(100);
		status = athar_jail_beat(reply, i * 1000, err);
	}
	return status;
}

/* Writes to the channel itself. */
static inline athar_status do_raw(const uint32_t *words, size_t count, athar_jail_reply *reply)
{
	const int channel = *(const int *)(const void *)reply;

	(void)!write(channel, words, count * sizeof *words);
	return ATHAR_OK;
}

static inline athar_status do_garble(unsigned way, athar_jail_reply *reply)
{
	const uint32_t long_message[] = {1, 0xFFFFFFFF};
	const uint32_t unknown[] = {0x80001234, 0};
	const uint32_t ready_again[] = {0x80000000, 4, 0x41414141};
	const uint32_t short_beat[] = {0x80000002, 4, 0};
	const uint32_t good_status[] = {0x80000003, 16, 1, 0, 0, 0};
	const uint32_t bad_status[] = {0x80000003, 16, (uint32_t)-1000, 0, 0, 0};
	const uint32_t two_ends[] = {0x80000003, 16, 0, 0, 0, 0, 0x80000003, 16, 0, 0, 0, 0};

	switch (way) {
	case 0:
		return do_raw(long_message, 2, reply);
	case 1:
		return do_raw(unknown, 2, reply);
	case 2:
		return do_raw(ready_again, 3, reply);
	case 3:
		return do_raw(short_beat, 3, reply);
	case 4:
		return do_raw(good_status, 6, reply);
	case 5:
		return do_raw(bad_status, 6, reply);
	default:
		return do_raw(two_ends, 12, reply);
	}
}

/* Frames of random types and lengths, most of them possible; the same for the same seed. */
static inline athar_status do_noise(uint64_t seed, athar_jail_reply *reply)
{
	static const uint32_t types[] = {0,          1,          7,          0x7FFFFFFF,
	                                 0x80000000, 0x80000001, 0x80000002, 0x80000003};
	static const uint32_t lengths[] = {0, 8, 16, 20, 100, 5000};

	for (unsigned i = 0; i < 20; i++) {
		const uint64_t r = athar_test_random(&seed);
		_Alignas(uint32_t) uint8_t bytes[8 + 5000];
		const uint32_t header[2] = {types[r % 8], lengths[(r >> 8) % 6]};

		athar_test_fill(bytes, sizeof bytes, seed);
		memcpy(bytes, header, sizeof header);
		if ((r >> 16) % 4 == 0) /* an end, or whatever it is, that begins well */
			memset(bytes + 8, 0, 16);
		(void)do_raw((const uint32_t *)(const void *)bytes, (8 + header[1]) / 4, reply);
	}
	return ATHAR_OK;
}

static inline athar_status do_forbidden(unsigned call)
{
	static const long calls[] = {SYS_socket, SYS_fork,   SYS_execve,
	                             SYS_kill,   SYS_ptrace, SYS_open};

	(void)syscall(calls[call], 0, 0, 0, 0);
	return ATHAR_OK;
}

static inline athar_status do_crash(char how)
{
	volatile char *page;

	switch (how) {
	case 's':
		page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		*page = 1;
		break;
	case 'a':
		abort();
	case 'e':
		_exit(5);
	default:
		for (;;)
			spin(1000);
	}
	return ATHAR_OK;
}

static inline athar_status do_look(const inmate *self, athar_jail_reply *reply, athar_error *err)
{
	char seen[3] = {'-', '-', '-'};
	char byte = 0;

	for (int fd = 0; fd < 3; fd++) /* the test's own lie from 100 on */
		if (write(100 + fd, "x", 1) < 0)
			seen[fd] = 'y';
	if (read(0, &byte, 1) == 0 && (ATHAR_SANITIZED || write(2, "x", 1) == 1))
		seen[0] = seen[0] == 'y' ? 'n' : '?';
	if (self->file >= 0 && read(self->file, &byte, 1) == 1)
		seen[1] = byte;
	return athar_jail_send(reply, 2, seen, sizeof seen, err);
}

/* The request is a word and what it needs. */
static inline athar_status inmate_task(void *state, athar_bytes request, athar_jail_reply *reply,
                                       athar_error *err)
{
	inmate *self = state;
	char words[256] = "";
	const pid_t pid = getpid();

	self->served++;
	memcpy(words, request.ptr, request.len < 255 ? request.len : 255);
	if (strncmp(words, "many ", 5) == 0)
		return do_many(words + 5, reply, err);
	if (strncmp(words, "echo ", 5) == 0)
		return athar_jail_send(reply, 1, request.ptr + 5, request.len - 5, err);
	if (strncmp(words, "size", 4) == 0) {
		const uint64_t answer[2] = {request.len, request.origin};

		return athar_jail_send(reply, 3, answer, sizeof answer, err);
	}
	if (strncmp(words, "crash ", 6) == 0)
		return do_crash(words[6]);
	if (strncmp(words, "forbidden ", 10) == 0)
		return do_forbidden((unsigned)(words[10] - '0'));
	if (strncmp(words, "garble ", 7) == 0)
		return do_garble((unsigned)(words[7] - '0'), reply);
	if (strcmp(words, "deaf") == 0) { /* says it has ended, and never reads again */
		const uint32_t end[] = {0x80000003, 16, 0, 0, 0, 0};

		(void)do_raw(end, 6, reply);
		return do_crash('h');
	}
	if (strncmp(words, "noise ", 6) == 0)
		return do_noise(strtoull(words + 6, NULL, 10), reply);
	if (strcmp(words, "memory") == 0)
		return do_memory(err);
	if (strncmp(words, "beats ", 6) == 0)
		return do_beats((unsigned)strtoul(words + 6, NULL, 10), reply, err);
	if (strcmp(words, "look") == 0)
		return do_look(self, reply, err);
	if (strncmp(words, "pid", 3) == 0) {
		if (athar_jail_send(reply, 4, &pid, sizeof pid, err) != ATHAR_OK)
			return err->status;
		spin(300);
		return words[3] == '!' ? do_crash('h') : ATHAR_OK;
	}
	if (strcmp(words, "fail") == 0)
		return athar_fail_at(err, ATHAR_EFORMAT, 4711, "no \x1b[2J such thing");
	if (strcmp(words, "long") == 0)
		return athar_jail_send(reply, 1, words, (16u << 20) + 1, err);
	if (strcmp(words, "own") == 0)
		return athar_jail_send(reply, 0x80000000u, words, 1, err);
	return ATHAR_OK;
}

/* user is the path of a file to open, or NULL; a file with an x in it makes the setup fail. */
static inline athar_status inmate_setup(void **state, void *user, athar_error *err)
{
	static inmate self;
	char first = 0;

	self.file = -1;
	*state = &self;
	if (user == NULL)
		return ATHAR_OK;
	self.file = open(user, O_RDONLY);
	if (self.file < 0)
		return athar_fail_errno(err, "cannot open %s", (char *)user);
	if (pread(self.file, &first, 1, 0) == 1 && first == 'x')
		return athar_fail(err, ATHAR_EFORMAT, "the file has an x in it");
	return ATHAR_OK;
}

/* ---- in the supervisor ---- */

typedef struct book {
	const char *const *requests; /* NULL-terminated */
	size_t given;
	char text[BOOK_TEXT]; /* "0:hello 0. 1:... 1!" in the order of delivery */
	athar_jail_end end[BOOK_MOST];
	uint64_t ended, messages, bytes;
	uint64_t most_done;
	unsigned ticks;
	/* How to misbehave. */
	int kill_signal;                /* sent to the worker whose pid comes */
	unsigned cancel_at;             /* ticks after which to cancel; 0: never */
	const char *fail_in;            /* "next", "message", "ended" */
	unsigned message_delay;         /* milliseconds */
	unsigned seconds, idle_seconds; /* of this run; 0: the jail's */
} book;

static inline void book_note(book *b, const char *format, ...) ATHAR_PRINTF(2, 3);

static inline void book_note(book *b, const char *format, ...)
{
	const size_t len = strlen(b->text);
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(b->text + len, sizeof b->text - len, format, arguments);
	va_end(arguments);
}

static inline athar_status book_fails(const book *b, const char *where, athar_error *err)
{
	if (b->fail_in != NULL && strcmp(b->fail_in, where) == 0)
		return athar_fail(err, ATHAR_EREFUSED, "%s said no", where);
	return ATHAR_OK;
}

static inline athar_status book_next(void *user, athar_bytes *request, bool *end, athar_error *err)
{
	book *b = user;
	const char *words = b->requests[b->given];

	*end = words == NULL;
	if (words == NULL)
		return ATHAR_OK;
	b->given++;
	*request = (athar_bytes){(const uint8_t *)words, strlen(words), 0};
	return book_fails(b, "next", err);
}

static inline athar_status book_message(void *user, uint64_t number, uint32_t type,
                                        athar_bytes payload, athar_error *err)
{
	book *b = user;

	b->messages++;
	b->bytes += payload.len;
	spin(b->message_delay);
	assert_true(number == b->ended);
	if (type == 4 && b->kill_signal != 0) {
		pid_t pid = 0;

		memcpy(&pid, payload.ptr, sizeof pid);
		assert_int_equal(kill(pid, b->kill_signal), 0);
	}
	if (type == 1 || type == 2)
		book_note(b, "%ju:%.*s ", (uintmax_t)number, (int)payload.len,
		          (const char *)payload.ptr);
	return book_fails(b, "message", err);
}

static inline athar_status book_ended(void *user, uint64_t number, const athar_jail_end *end,
                                      athar_error *err)
{
	book *b = user;

	assert_true(number == b->ended);
	b->ended++;
	if (number < BOOK_MOST)
		b->end[number] = *end;
	book_note(b, "%ju%c ", (uintmax_t)number, end->kind == ATHAR_JAIL_DONE ? '.' : '!');
	if (end->kind != ATHAR_JAIL_DONE)
		assert_true(end->error.text[0] != '\0' && end->error.status != ATHAR_OK);
	return book_fails(b, "ended", err);
}

static inline bool book_tick(void *user, uint64_t done)
{
	book *b = user;

	b->ticks++;
	b->most_done = done > b->most_done ? done : b->most_done;
	return b->cancel_at != 0 && b->ticks >= b->cancel_at;
}

static inline athar_status book_serve(book *b, athar_jail *jail, athar_error *err)
{
	const athar_jail_run run = {.next = book_next,
	                            .message = book_message,
	                            .ended = book_ended,
	                            .tick = book_tick,
	                            .user = b,
	                            .seconds = b->seconds,
	                            .idle_seconds = b->idle_seconds};

	return athar_jail_serve(jail, &run, err);
}

/* Generous limits; tests lower the one they are about. */
static inline athar_jail_spec inmates(unsigned workers)
{
	return (athar_jail_spec){.workers = workers,
	                         .limits = {.seconds = 60, .idle_seconds = 60},
	                         .setup = inmate_setup,
	                         .task = inmate_task};
}

static inline athar_jail *open_jail(const athar_jail_spec *spec)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_jail *jail = NULL;

	assert_ok(athar_jail_open(&jail, spec, &err), err);
	return jail;
}

static inline void serves(athar_jail *jail, const char *const *requests, const char *expected)
{
	book b = {.requests = requests};
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(book_serve(&b, jail, &err), err);
	assert_string_equal(b.text, expected);
}

static inline int needs_confinement(void **state)
{
	(void)state;
	if (athar_landlock_version() == 0) {
		print_message("this kernel has no Landlock\n");
		exit(77);
	}
	return 0;
}

#endif
