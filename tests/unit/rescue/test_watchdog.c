/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads that return, fail and hang. pread() is the test's own: on its descriptor it waits for as
 * long as the test wants.
 */
#include "athar_test.h"
#include "rescue/watchdog.h"

#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"

enum { SIZE = 65536 };

static sem_t gate;            /* a read of an offset from HANGING on waits for it */
static atomic_int fails_with; /* errno of the next reads; 0: they go through */
static atomic_int interruptions;
static atomic_uint preads;

#define HANGING 32768

ssize_t __wrap_pread(int fd, void *buf, size_t len, off_t offset);
ssize_t __wrap_pread64(int fd, void *buf, size_t len, off_t offset);

ssize_t __wrap_pread(int fd, void *buf, size_t len, off_t offset)
{
	atomic_fetch_add(&preads, 1);
	if (offset >= HANGING)
		while (sem_wait(&gate) != 0)
			continue;
	if (atomic_load(&interruptions) > 0) {
		atomic_fetch_sub(&interruptions, 1);
		errno = EINTR;
		return -1;
	}
	if (atomic_load(&fails_with) != 0) {
		errno = atomic_load(&fails_with);
		return -1;
	}
	return (ssize_t)syscall(SYS_pread64, fd, buf, len, offset);
}

ssize_t __wrap_pread64(int fd, void *buf, size_t len, off_t offset)
{
	return __wrap_pread(fd, buf, len, offset);
}

typedef struct rig {
	athar_watchdog *dog;
	int fd;
	uint8_t bytes[SIZE];
	uint8_t *buf; /* as direct I/O wants it */
	size_t got;
	athar_attempt how;
} rig;

static void rig_init(rig *r, unsigned seconds)
{
	athar_error err = ATHAR_ERROR_INIT;
	char path[] = "/tmp/athar-test-XXXXXX";

	atomic_store(&fails_with, 0);
	atomic_store(&interruptions, 0);
	assert_int_equal(sem_init(&gate, 0, 0), 0);
	r->fd = mkstemp(path);
	assert_true(r->fd >= 0);
	assert_int_equal(unlink(path), 0);
	athar_test_fill(r->bytes, SIZE, 41);
	assert_int_equal(write(r->fd, r->bytes, SIZE), SIZE);
	r->buf = athar_alloc_pages(SIZE, &err);
	assert_non_null(r->buf);
	assert_ok(athar_watchdog_new(&r->dog, seconds, SIZE, &err), err);
}

static void rig_free(rig *r)
{
	athar_watchdog_free(r->dog);
	close(r->fd);
	free(r->buf);
	sem_destroy(&gate);
}

static void ask(rig *r, size_t len, uint64_t offset)
{
	athar_error err = ATHAR_ERROR_INIT;

	memset(r->buf, 0, SIZE);
	assert_ok(athar_watchdog_read(r->dog, r->fd, r->buf, len, offset, &r->got, &r->how, &err),
	          err);
}

static void ask_good(rig *r, size_t len, uint64_t offset)
{
	ask(r, len, offset);
	assert_int_equal(r->how, ATHAR_ATTEMPT_READ);
	assert_int_equal(r->got, len);
	assert_memory_equal(r->buf, r->bytes + offset, len);
}

static void wait_until_none_hangs(const rig *r)
{
	const struct timespec moment = {0, 1000000};

	for (int i = 0; i < 10000 && athar_watchdog_hanging(r->dog) > 0; i++)
		nanosleep(&moment, NULL);
	assert_int_equal(athar_watchdog_hanging(r->dog), 0);
}

static void test_reads_return(void **state)
{
	static const unsigned seconds[] = {0, 30};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		rig r;

		rig_init(&r, seconds[i]);
		for (uint64_t offset = 0; offset < HANGING; offset += 512)
			ask_good(&r, 512, offset);
		ask_good(&r, SIZE, 0);
		assert_int_equal(athar_watchdog_hanging(r.dog), 0);
		rig_free(&r);
	}
}

static void test_reads_fail(void **state)
{
	static const unsigned seconds[] = {0, 30};
	static const struct {
		int code;
		athar_attempt how;
	} codes[] = {
		{EIO, ATHAR_ATTEMPT_FAILED},       {ENODATA, ATHAR_ATTEMPT_FAILED},
		{EREMOTEIO, ATHAR_ATTEMPT_FAILED}, {EILSEQ, ATHAR_ATTEMPT_FAILED},
		{ETIMEDOUT, ATHAR_ATTEMPT_FAILED}, {ENODEV, ATHAR_ATTEMPT_GONE},
		{ENXIO, ATHAR_ATTEMPT_GONE},       {ENOMEDIUM, ATHAR_ATTEMPT_GONE},
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		rig r;

		rig_init(&r, seconds[i]);
		for (size_t j = 0; j < sizeof codes / sizeof *codes; j++) {
			atomic_store(&fails_with, codes[j].code);
			ask(&r, 512, 0);
			assert_int_equal(r.how, codes[j].how);
			assert_int_equal(r.got, 0);
		}
		atomic_store(&fails_with, 0);
		ask_good(&r, 512, 512);
		rig_free(&r);
	}
}

static void test_what_is_nobodys_medium_is_a_failure_of_the_call(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	rig r;

	(void)state;
	rig_init(&r, 30);
	atomic_store(&fails_with, EINVAL);
	assert_status(athar_watchdog_read(r.dog, r.fd, r.buf, 512, 1024, &r.got, &r.how, &err),
	              ATHAR_EIO, err);
	assert_int_equal(err.os_errno, EINVAL);
	assert_int_equal(err.offset, 1024);
	assert_status(athar_watchdog_read(r.dog, r.fd, r.buf, SIZE + 1, 0, &r.got, &r.how, &err),
	              ATHAR_EUSAGE, err);
	rig_free(&r);
}

/* A signal is no answer; the read is asked once more, a failing one is not. */
static void test_interrupted_reads_go_on(void **state)
{
	rig r;

	(void)state;
	rig_init(&r, 0);
	atomic_store(&interruptions, 3);
	atomic_store(&preads, 0);
	ask_good(&r, 512, 0);
	assert_int_equal(atomic_load(&preads), 4);
	atomic_store(&fails_with, EIO);
	atomic_store(&preads, 0);
	ask(&r, 512, 0);
	assert_int_equal(atomic_load(&preads), 1);
	rig_free(&r);
}

static void test_short_reads_and_devices_without_bytes(void **state)
{
	rig r;

	(void)state;
	rig_init(&r, 30);
	assert_int_equal(ftruncate(r.fd, 1000), 0);
	ask(&r, 2048, 0);
	assert_int_equal(r.how, ATHAR_ATTEMPT_FAILED);
	assert_int_equal(r.got, 1000);
	assert_memory_equal(r.buf, r.bytes, 1000);
	ask(&r, 512, 4096);
	assert_int_equal(r.how, ATHAR_ATTEMPT_GONE);
	assert_int_equal(r.got, 0);
	/* An unplugged disk whose node is still open has 0 bytes. */
	assert_int_equal(ftruncate(r.fd, 0), 0);
	ask(&r, 512, 0);
	assert_int_equal(r.how, ATHAR_ATTEMPT_GONE);
	atomic_store(&fails_with, EIO);
	ask(&r, 512, 0);
	assert_int_equal(r.how, ATHAR_ATTEMPT_GONE);
	rig_free(&r);
}

static void test_a_read_that_hangs_is_given_up(void **state)
{
	rig r;

	(void)state;
	rig_init(&r, 1);
	ask_good(&r, 512, 0);
	ask(&r, 512, HANGING);
	assert_int_equal(r.how, ATHAR_ATTEMPT_HUNG);
	assert_int_equal(r.got, 0);
	assert_int_equal(athar_watchdog_hanging(r.dog), 1);
	/* The next one has a thread of its own. */
	ask_good(&r, 512, 1024);
	ask(&r, SIZE / 2, HANGING);
	assert_int_equal(r.how, ATHAR_ATTEMPT_HUNG);
	assert_int_equal(athar_watchdog_hanging(r.dog), 2);
	ask_good(&r, 1024, 0);
	assert_int_equal(sem_post(&gate), 0);
	assert_int_equal(sem_post(&gate), 0);
	wait_until_none_hangs(&r);
	/* What they read late is in nobody's buffer. */
	assert_memory_equal(r.buf, r.bytes, 1024);
	ask_good(&r, 1024, 512);
	rig_free(&r);
}

/* A read that is slow, but in time. */
static void test_a_slow_read_is_waited_for(void **state)
{
	rig r;

	(void)state;
	rig_init(&r, 30);
	assert_int_equal(sem_post(&gate), 0);
	ask_good(&r, 512, HANGING);
	rig_free(&r);
}

/* The watchdog goes first: its threads come back to nobody, and clean up after themselves. */
static void test_freed_while_reads_hang(void **state)
{
	const struct timespec moment = {0, 100000000};
	rig r;

	(void)state;
	rig_init(&r, 1);
	ask(&r, 512, HANGING);
	ask(&r, 512, HANGING);
	assert_int_equal(athar_watchdog_hanging(r.dog), 2);
	athar_watchdog_free(r.dog);
	assert_int_equal(sem_post(&gate), 0);
	assert_int_equal(sem_post(&gate), 0);
	/* Both go through the gate, then a moment to leave: a sanitizer sees what they leave. */
	for (int left = 1; left > 0; nanosleep(&moment, NULL))
		assert_int_equal(sem_getvalue(&gate, &left), 0);
	nanosleep(&moment, NULL);
	r.dog = NULL;
	rig_free(&r);
}

static void test_free_takes_null_and_what_never_read(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_watchdog *dog = NULL;

	(void)state;
	athar_watchdog_free(NULL);
	assert_ok(athar_watchdog_new(&dog, 1, 512, &err), err);
	athar_watchdog_free(dog);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_return),
		cmocka_unit_test(test_reads_fail),
		cmocka_unit_test(test_what_is_nobodys_medium_is_a_failure_of_the_call),
		cmocka_unit_test(test_interrupted_reads_go_on),
		cmocka_unit_test(test_short_reads_and_devices_without_bytes),
		cmocka_unit_test(test_a_read_that_hangs_is_given_up),
		cmocka_unit_test(test_a_slow_read_is_waited_for),
		cmocka_unit_test(test_freed_while_reads_hang),
		cmocka_unit_test(test_free_takes_null_and_what_never_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
