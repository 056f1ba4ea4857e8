/* SPDX-License-Identifier: BSD-2-Clause */
#include "child.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "jail/confine.h"
#include "jail/landlock.h"
#include "jail/sanitizers.h"

/* A folder with in/, out/ and other/, each with a file `old` of four bytes. */
static char *top;

static char *at(const char *name)
{
	static char path[4][4200];
	static unsigned turn;
	char *p = path[turn++ % 4];

	snprintf(p, sizeof path[0], "%s/%s", top, name);
	return p;
}

static void put(const char *name)
{
	const int fd = open(at(name), O_CREAT | O_EXCL | O_WRONLY, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "old\n", 4), 4);
	assert_int_equal(close(fd), 0);
}

static int setup(void **state)
{
	static const char *const folders[] = {"in", "out", "out/a", "out/b", "other"};
	static const char *const files[] = {"in/old", "out/old", "out/a/old", "other/old", "one"};

	(void)state;
	top = athar_test_mkdir();
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		assert_int_equal(mkdir(at(folders[i]), 0700), 0);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		put(files[i]);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	athar_test_rmdir(top);
	return 0;
}

static void needs_landlock(void)
{
	if (athar_landlock_version() == 0)
		skip();
}

/* Reads in/ and one, writes out/. */
static const char *confine_imager(bool unconfined)
{
	const char *const readable[] = {at("in"), at("one"), NULL};
	const char *const writable[] = {at("out"), NULL};
	const athar_confine_spec spec = {ATHAR_CONFINE_IMAGER, readable, writable, false,
	                                 unconfined};
	athar_error err = ATHAR_ERROR_INIT;
	const char *had = NULL;

	CHECK(athar_confine(&had, &spec, &err) == ATHAR_OK);
	return had;
}

static void confine_worker(void)
{
	const athar_confine_spec spec = {ATHAR_CONFINE_WORKER, NULL, NULL, false, false};
	athar_error err = ATHAR_ERROR_INIT;
	const char *had = NULL;

	CHECK(athar_confine(&had, &spec, &err) == ATHAR_OK);
}

static bool can_open(const char *name, int flags)
{
	const int fd = open(at(name), flags, 0600);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

static void imager_works_where_it_may(void *arg)
{
	struct stat about;

	(void)arg;
	(void)confine_imager(false);
	CHECK(can_open("in/old", O_RDONLY));
	CHECK(can_open("in", O_RDONLY | O_DIRECTORY));
	CHECK(can_open("one", O_RDONLY));
	CHECK(can_open("out/new", O_CREAT | O_EXCL | O_RDWR));
	CHECK(rename(at("out/new"), at("out/newer")) == 0);
	CHECK(syscall(SYS_renameat2, AT_FDCWD, at("out/newer"), AT_FDCWD, at("out/new"), 1) == 0);
	CHECK(link(at("out/new"), at("out/same")) == 0);
	CHECK(truncate(at("out/new"), 100) == 0);
	CHECK(stat(at("out/same"), &about) == 0 && about.st_size == 100);
	CHECK(can_open("out/old", O_WRONLY | O_TRUNC));
	CHECK(mkdir(at("out/c"), 0700) == 0);
	CHECK(rename(at("out/c"), at("out/d")) == 0);
	CHECK(rmdir(at("out/d")) == 0);
	CHECK(unlink(at("out/same")) == 0);
	if (athar_landlock_version() >= 2 || athar_landlock_version() == 0)
		CHECK(rename(at("out/a/old"), at("out/b/old")) == 0);
}

static void test_imager_works_where_it_may(void **state)
{
	(void)state;
	needs_landlock();
	child_succeeds(imager_works_where_it_may, NULL);
}

static void imager_is_refused_elsewhere(void *arg)
{
	const int version = athar_landlock_version();

	(void)arg;
	(void)confine_imager(false);
	CHECK(!can_open("other/old", O_RDONLY) && errno == EACCES);
	CHECK(!can_open("other/new", O_CREAT | O_WRONLY) && errno == EACCES);
	CHECK(!can_open("new", O_CREAT | O_WRONLY) && errno == EACCES);
	CHECK(open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES);
	CHECK(!can_open("in/new", O_CREAT | O_WRONLY) && errno == EACCES);
	CHECK(!can_open("in/old", O_WRONLY) && errno == EACCES);
	CHECK(!can_open("one", O_RDWR) && errno == EACCES);
	CHECK(unlink(at("in/old")) != 0 && errno == EACCES);
	CHECK(rename(at("in/old"), at("out/stolen")) != 0);
	CHECK(link(at("in/old"), at("out/stolen")) != 0);
	CHECK(rename(at("out/old"), at("other/given")) != 0);
	if (version >= 3)
		CHECK(truncate(at("other/old"), 0) != 0 && errno == EACCES);
	/* Not even below out/: what is not a file or a folder. */
	CHECK(symlink("/etc/passwd", at("out/link")) != 0);
	CHECK(mknod(at("out/pipe"), S_IFIFO | 0600, 0) != 0);
}

static void test_imager_is_refused_elsewhere(void **state)
{
	(void)state;
	needs_landlock();
	child_succeeds(imager_is_refused_elsewhere, NULL);
}

static void open_descriptors_stay(void *arg)
{
	const int other = open(at("other/old"), O_RDONLY);
	char bytes[4];

	(void)arg;
	(void)confine_imager(false);
	CHECK(read(other, bytes, 4) == 4 && memcmp(bytes, "old\n", 4) == 0);
}

static void test_open_descriptors_stay(void **state)
{
	(void)state;
	needs_landlock();
	child_succeeds(open_descriptors_stay, NULL);
}

static void imager_has_no_such_calls(void *arg)
{
	static const long calls[] = {SYS_socket,
	                             SYS_socketpair,
	                             SYS_execve,
	                             SYS_execveat,
	                             SYS_mount,
	                             SYS_umount2,
	                             SYS_bpf,
	                             SYS_init_module,
	                             SYS_keyctl,
	                             SYS_unshare,
	                             SYS_setns,
	                             SYS_reboot,
	                             SYS_chroot,
	                             SYS_pivot_root,
	                             SYS_open_by_handle_at,
	                             SYS_io_uring_setup,
	                             SYS_userfaultfd,
	                             SYS_memfd_create,
	                             SYS_personality,
	                             SYS_setuid,
	                             SYS_chown};
	static const long loose_with_sanitizers[] = {SYS_ptrace, SYS_kill, SYS_process_vm_readv};

	(void)arg;
	(void)confine_imager(false);
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		CHECK(syscall(calls[i], 0, 0, 0, 0, 0, 0) == -1 && errno == ENOSYS);
	for (size_t i = 0; !ATHAR_SANITIZED && i < 3; i++)
		CHECK(syscall(loose_with_sanitizers[i], 0, 0, 0, 0, 0, 0) == -1 && errno == ENOSYS);
	if (!ATHAR_SANITIZED)
		CHECK(fork() == -1 && errno == ENOSYS);
	CHECK(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
	      MAP_FAILED);
	/* TIOCSTI types into the terminal; BLKDISCARD erases. */
	CHECK(syscall(SYS_ioctl, 0, 0x5412, "x") == -1 && errno == ENOSYS);
	CHECK(syscall(SYS_ioctl, 0, 0x1277, NULL) == -1 && errno == ENOSYS);
}

static void test_imager_has_no_such_calls(void **state)
{
	(void)state;
	needs_landlock();
	child_succeeds(imager_has_no_such_calls, NULL);
}

static void *double_it(void *arg)
{
	unsigned *number = arg;
	char *memory = malloc(1 << 20);

	*number *= memory != NULL ? 2 : 0;
	free(memory);
	return NULL;
}

static void imager_has_threads(void *arg)
{
	pthread_t thread[4];
	unsigned number[4] = {1, 2, 3, 4};

	(void)arg;
	(void)confine_imager(false);
	for (size_t i = 0; i < 4; i++)
		CHECK(pthread_create(&thread[i], NULL, double_it, &number[i]) == 0);
	for (size_t i = 0; i < 4; i++)
		CHECK(pthread_join(thread[i], NULL) == 0 && number[i] == 2 * (i + 1));
}

static void test_imager_has_threads(void **state)
{
	(void)state;
	needs_landlock();
	child_succeeds(imager_has_threads, NULL);
}

static void worker_uses_what_is_open(void *arg)
{
	int ends[2];
	const int in = open(at("in/old"), O_RDONLY);
	struct stat about;
	char bytes[4];
	char *memory;

	(void)arg;
	CHECK(pipe(ends) == 0);
	confine_worker();
	CHECK(pread(in, bytes, 4, 0) == 4 && lseek(in, 0, SEEK_SET) == 0);
	CHECK(fstat(in, &about) == 0 && about.st_size == 4);
	CHECK(write(ends[1], bytes, 4) == 4 && read(ends[0], bytes, 4) == 4);
	memory = malloc(64 << 20);
	CHECK(memory != NULL);
	memset(memory, 1, 64 << 20);
	memory = realloc(memory, 128 << 20);
	CHECK(memory != NULL && memory[1000] == 1);
	free(memory);
}

static void test_worker_uses_what_is_open(void **state)
{
	(void)state;
	needs_landlock();
	child_succeeds(worker_uses_what_is_open, NULL);
}

static void worker_calls(void *arg)
{
	const long *call = arg;

	confine_worker();
	(void)syscall(call[0], call[1], call[2], call[3], call[4], call[5], call[6]);
}

static void test_worker_dies_of_all_else(void **state)
{
	static const char path[] = "/";
	const long calls[][7] = {
		{SYS_socket, 1, 1},
		{SYS_connect, 0},
		{SYS_execve, (long)path},
		{SYS_fork},
		{SYS_clone, SIGCHLD},
		{SYS_clone3, 0},
		{SYS_ptrace, 0},
		{SYS_kill, 1, 0},
		{SYS_tgkill, 1, 1, 0},
		{SYS_unlink, (long)path},
		{SYS_rename, (long)path, (long)path},
		{SYS_mkdir, (long)path, 0700},
		{SYS_mount, 0},
		{SYS_ioctl, 0, 0},
		{SYS_fcntl, 0, F_DUPFD, 0},
		{SYS_setuid, 0},
		{SYS_prlimit64, 0},
		{SYS_mmap, 0, 4096, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0},
		{SYS_mprotect, 0, 4096, PROT_READ | PROT_EXEC},
		{SYS_io_uring_setup, 1},
		{SYS_process_vm_writev, 1},
		{SYS_pidfd_getfd, 0},
		{SYS_landlock_restrict_self, 0},
		/* These the sanitizers need; Landlock still refuses what they would open. */
		{SYS_open, (long)path, O_RDONLY},
		{SYS_openat, AT_FDCWD, (long)path, O_RDONLY},
		{SYS_newfstatat, AT_FDCWD, (long)path, 0, 0},
		{SYS_prctl, PR_SET_DUMPABLE, 1},
	};
	const size_t count = sizeof calls / sizeof *calls;

	(void)state;
	needs_landlock();
	for (size_t i = 0; i < count; i++) {
		long call[7];

		if (ATHAR_SANITIZED && (i >= count - 4 || calls[i][0] == SYS_prlimit64))
			continue;
		memcpy(call, calls[i], sizeof call);
		child_dies_of(SIGSYS, worker_calls, call);
	}
}

static void worker_opens(void *arg)
{
	(void)arg;
	confine_worker();
	CHECK(open("/etc/passwd", O_RDONLY) < 0);
}

static void test_worker_opens_nothing(void **state)
{
	(void)state;
	needs_landlock();
	if (ATHAR_SANITIZED)
		child_succeeds(worker_opens, NULL);
	else
		child_dies_of(SIGSYS, worker_opens, NULL);
}

static void worker_aborts(void *arg)
{
	(void)arg;
	(void)signal(SIGABRT, SIG_DFL);
	confine_worker();
	abort();
}

static void test_worker_can_abort(void **state)
{
	(void)state;
	needs_landlock();
	child_dies_of(SIGABRT, worker_aborts, NULL);
}

/* A kernel that lacks it, as far as this process can tell. */
static void hide_landlock(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	CHECK(filter != NULL);
	CHECK(seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(landlock_create_ruleset),
	                       0) == 0);
	CHECK(seccomp_load(filter) == 0);
	seccomp_release(filter);
}

static void hide_seccomp(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	CHECK(filter != NULL);
	CHECK(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(seccomp), 0) == 0);
	CHECK(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1,
	                       SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP, 0)) == 0);
	CHECK(seccomp_load(filter) == 0);
	seccomp_release(filter);
}

static void refuses(const char *what)
{
	const athar_confine_spec spec = {ATHAR_CONFINE_WORKER, NULL, NULL, false, false};
	athar_error err = ATHAR_ERROR_INIT;
	const char *had = NULL;

	CHECK(athar_confine(&had, &spec, &err) == ATHAR_EREFUSED);
	CHECK(strstr(err.text, what) != NULL && strstr(err.text, "--unconfined") != NULL);
}

static void without_landlock(void *arg)
{
	(void)arg;
	hide_landlock();
	refuses("Landlock");
	CHECK(can_open("other/old", O_RDONLY));
	CHECK(strcmp(confine_imager(true), "seccomp") == 0);
	CHECK(can_open("other/old", O_RDONLY));
	CHECK(syscall(SYS_socket, 1, 1, 0) == -1 && errno == ENOSYS);
}

static void without_seccomp(void *arg)
{
	char expected[32];

	(void)arg;
	hide_seccomp();
	refuses("seccomp");
	snprintf(expected, sizeof expected, "landlock %d", athar_landlock_version());
	CHECK(strcmp(confine_imager(true), expected) == 0);
	CHECK(!can_open("other/old", O_RDONLY));
}

static void without_both(void *arg)
{
	(void)arg;
	hide_landlock();
	hide_seccomp();
	CHECK(strcmp(confine_imager(true), "none") == 0);
}

static void test_kernels_that_lack_it(void **state)
{
	(void)state;
	needs_landlock();
	child_succeeds(without_landlock, NULL);
	child_succeeds(without_seccomp, NULL);
	child_succeeds(without_both, NULL);
}

static void memory_is_kept_in(void *arg)
{
	struct rlimit core;

	(void)arg;
	hide_seccomp(); /* which would not let us ask */
	(void)confine_imager(true);
	CHECK(getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 0 && core.rlim_max == 0);
	CHECK(ATHAR_SANITIZED || prctl(PR_GET_DUMPABLE) == 0);
	CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
}

static void test_memory_is_kept_in(void **state)
{
	(void)state;
	child_succeeds(memory_is_kept_in, NULL);
}

/* What runs at exit, the search for leaks of a sanitizer build among it, runs confined too. */
static void imager_exits(void *arg)
{
	(void)arg;
	(void)confine_imager(false);
	exit(0);
}

static void test_imager_exits(void **state)
{
	(void)state;
	needs_landlock();
	child_succeeds(imager_exits, NULL);
}

static void says_what_was_had(void *arg)
{
	char expected[32];

	(void)arg;
	snprintf(expected, sizeof expected, "landlock %d, seccomp", athar_landlock_version());
	CHECK(strcmp(confine_imager(false), expected) == 0);
}

static void test_says_what_was_had(void **state)
{
	(void)state;
	needs_landlock();
	child_succeeds(says_what_was_had, NULL);
}

static void names_what_is_missing(void *arg)
{
	const char *const readable[] = {at("in"), at("nowhere"), NULL};
	const athar_confine_spec spec = {ATHAR_CONFINE_IMAGER, readable, NULL, false, false};
	athar_error err = ATHAR_ERROR_INIT;
	const char *had = NULL;

	(void)arg;
	CHECK(athar_confine(&had, &spec, &err) == ATHAR_EIO);
	CHECK(strstr(err.text, "/nowhere") != NULL && err.os_errno == ENOENT);
}

static void test_names_what_is_missing(void **state)
{
	(void)state;
	needs_landlock();
	child_succeeds(names_what_is_missing, NULL);
}

static void *sleep_on(void *arg)
{
	(void)arg;
	(void)pause();
	return NULL;
}

static void wants_no_threads(void *arg)
{
	const athar_confine_spec spec = {ATHAR_CONFINE_IMAGER, NULL, NULL, false, true};
	athar_error err = ATHAR_ERROR_INIT;
	const char *had = NULL;
	pthread_t thread;

	(void)arg;
	CHECK(pthread_create(&thread, NULL, sleep_on, NULL) == 0);
	CHECK(athar_confine(&had, &spec, &err) == ATHAR_EUSAGE);
}

static void test_wants_no_threads_and_no_files_for_workers(void **state)
{
	const char *const readable[] = {"/", NULL};
	const athar_confine_spec spec = {ATHAR_CONFINE_WORKER, readable, NULL, false, true};
	athar_error err = ATHAR_ERROR_INIT;
	const char *had = NULL;

	(void)state;
	assert_status(athar_confine(&had, &spec, &err), ATHAR_EUSAGE, err);
	if (!ATHAR_SANITIZED_THREADS)
		child_succeeds(wants_no_threads, NULL);
}

static void allows_files(void *arg)
{
	struct rlimit limit = {50, 200};
	athar_error err = ATHAR_ERROR_INIT;

	(void)arg;
	CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	CHECK(athar_allow_files(20, &err) == ATHAR_OK);
	CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur == 50);
	CHECK(athar_allow_files(120, &err) == ATHAR_OK);
	CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur == 120);
	CHECK(athar_allow_files(100000, &err) == ATHAR_OK);
	CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur == 200);
}

static void test_allows_files(void **state)
{
	(void)state;
	child_succeeds(allows_files, NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_imager_works_where_it_may),
		TEST(test_imager_is_refused_elsewhere),
		TEST(test_open_descriptors_stay),
		TEST(test_imager_has_no_such_calls),
		TEST(test_imager_has_threads),
		TEST(test_worker_uses_what_is_open),
		TEST(test_worker_dies_of_all_else),
		TEST(test_worker_opens_nothing),
		TEST(test_worker_can_abort),
		TEST(test_kernels_that_lack_it),
		TEST(test_memory_is_kept_in),
		TEST(test_imager_exits),
		TEST(test_says_what_was_had),
		TEST(test_names_what_is_missing),
		TEST(test_wants_no_threads_and_no_files_for_workers),
		TEST(test_allows_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
