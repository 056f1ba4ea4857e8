/* SPDX-License-Identifier: BSD-2-Clause */
#include "jail/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/idiom.h"
#include "jail/sanitizers.h"

/* Reading, writing and memory. A libtsk walk needs 15 of these; the rest is what libc reaches for
 * when it allocates, aborts, asks the time or wants a random number. */
static const int both[] = {SCMP_SYS(read),
                           SCMP_SYS(pread64),
                           SCMP_SYS(readv),
                           SCMP_SYS(lseek),
                           SCMP_SYS(write),
                           SCMP_SYS(writev),
                           SCMP_SYS(brk),
                           SCMP_SYS(munmap),
                           SCMP_SYS(mremap),
                           SCMP_SYS(madvise),
                           SCMP_SYS(futex),
                           SCMP_SYS(exit),
                           SCMP_SYS(exit_group),
                           SCMP_SYS(rt_sigreturn),
                           SCMP_SYS(rt_sigprocmask),
                           SCMP_SYS(fstat),
                           SCMP_SYS(clock_gettime),
                           SCMP_SYS(gettimeofday),
                           SCMP_SYS(time),
                           SCMP_SYS(getrandom),
                           SCMP_SYS(sigaltstack),
                           SCMP_SYS(getpid),
                           SCMP_SYS(gettid),
                           SCMP_SYS(sched_yield),
                           SCMP_SYS(restart_syscall)};

/* Files, where Landlock says which; threads; being told the time and the limits; talk with the
 * porter and the workers that were forked before, over sockets that are open already: there is no
 * call to make another. */
static const int imager[] = {SCMP_SYS(open),
                             SCMP_SYS(openat),
                             SCMP_SYS(openat2),
                             SCMP_SYS(creat),
                             SCMP_SYS(close),
                             SCMP_SYS(close_range),
                             SCMP_SYS(stat),
                             SCMP_SYS(lstat),
                             SCMP_SYS(newfstatat),
                             SCMP_SYS(statx),
                             SCMP_SYS(statfs),
                             SCMP_SYS(fstatfs),
                             SCMP_SYS(access),
                             SCMP_SYS(faccessat),
                             SCMP_SYS(faccessat2),
                             SCMP_SYS(getcwd),
                             SCMP_SYS(readlink),
                             SCMP_SYS(readlinkat),
                             SCMP_SYS(getdents64),
                             SCMP_SYS(fcntl),
                             SCMP_SYS(flock),
                             SCMP_SYS(dup),
                             SCMP_SYS(dup2),
                             SCMP_SYS(dup3),
                             SCMP_SYS(pwrite64),
                             SCMP_SYS(preadv),
                             SCMP_SYS(pwritev),
                             SCMP_SYS(preadv2),
                             SCMP_SYS(pwritev2),
                             SCMP_SYS(truncate),
                             SCMP_SYS(ftruncate),
                             SCMP_SYS(fallocate),
                             SCMP_SYS(fadvise64),
                             SCMP_SYS(readahead),
                             SCMP_SYS(fsync),
                             SCMP_SYS(fdatasync),
                             SCMP_SYS(sync_file_range),
                             SCMP_SYS(syncfs),
                             SCMP_SYS(rename),
                             SCMP_SYS(renameat),
                             SCMP_SYS(renameat2),
                             SCMP_SYS(link),
                             SCMP_SYS(linkat),
                             SCMP_SYS(symlink),
                             SCMP_SYS(symlinkat),
                             SCMP_SYS(unlink),
                             SCMP_SYS(unlinkat),
                             SCMP_SYS(mkdir),
                             SCMP_SYS(mkdirat),
                             SCMP_SYS(rmdir),
                             SCMP_SYS(fchmod),
                             SCMP_SYS(umask),
                             SCMP_SYS(utimensat),
                             SCMP_SYS(copy_file_range),
                             SCMP_SYS(sendmsg),
                             SCMP_SYS(recvmsg),
                             SCMP_SYS(pipe),
                             SCMP_SYS(pipe2),
                             SCMP_SYS(poll),
                             SCMP_SYS(ppoll),
                             SCMP_SYS(select),
                             SCMP_SYS(pselect6),
                             SCMP_SYS(eventfd2),
                             SCMP_SYS(nanosleep),
                             SCMP_SYS(clock_nanosleep),
                             SCMP_SYS(clock_getres),
                             SCMP_SYS(times),
                             SCMP_SYS(alarm),
                             SCMP_SYS(setitimer),
                             SCMP_SYS(getitimer),
                             SCMP_SYS(rt_sigaction),
                             SCMP_SYS(rt_sigpending),
                             SCMP_SYS(rt_sigsuspend),
                             SCMP_SYS(rt_sigtimedwait),
                             SCMP_SYS(pause),
                             SCMP_SYS(set_robust_list),
                             SCMP_SYS(rseq),
                             SCMP_SYS(set_tid_address),
                             SCMP_SYS(membarrier),
                             SCMP_SYS(sched_getaffinity),
                             SCMP_SYS(sched_getparam),
                             SCMP_SYS(sched_getscheduler),
                             SCMP_SYS(getcpu),
                             SCMP_SYS(mincore),
                             SCMP_SYS(mlock),
                             SCMP_SYS(munlock),
                             SCMP_SYS(msync),
                             SCMP_SYS(getppid),
                             SCMP_SYS(wait4),
                             SCMP_SYS(getuid),
                             SCMP_SYS(geteuid),
                             SCMP_SYS(getgid),
                             SCMP_SYS(getegid),
                             SCMP_SYS(getgroups),
                             SCMP_SYS(getresuid),
                             SCMP_SYS(getresgid),
                             SCMP_SYS(getpgrp),
                             SCMP_SYS(getrlimit),
                             SCMP_SYS(getrusage),
                             SCMP_SYS(uname),
                             SCMP_SYS(sysinfo)};

/* Questions to a device or a terminal; none that writes, none that types. */
static const unsigned long imager_ioctls[] = {BLKGETSIZE64, BLKSSZGET, BLKPBSZGET, BLKROGET,
                                              BLKBSZGET,    TCGETS,    TIOCGWINSZ, FIONREAD};

/* The one place where sanitizer builds are looser. Landlock still stands behind it, and lets them
 * read /proc only. */
#if ATHAR_SANITIZED
static const int sanitizer[] = {SCMP_SYS(openat),
                                SCMP_SYS(open),
                                SCMP_SYS(close),
                                SCMP_SYS(readlink),
                                SCMP_SYS(getdents64),
                                SCMP_SYS(newfstatat),
                                SCMP_SYS(stat),
                                SCMP_SYS(dup),
                                SCMP_SYS(rt_sigaction),
                                SCMP_SYS(prctl),
                                SCMP_SYS(sched_getaffinity),
                                SCMP_SYS(getrlimit),
                                SCMP_SYS(prlimit64),
                                SCMP_SYS(setrlimit),
                                SCMP_SYS(uname),
                                SCMP_SYS(nanosleep),
                                SCMP_SYS(clock_nanosleep),
                                SCMP_SYS(mincore),
                                SCMP_SYS(set_robust_list),
                                SCMP_SYS(getuid),
                                SCMP_SYS(getppid)};
/* For the search for leaks at exit: a clone without CLONE_THREAD that stops the process and looks
 * at it. Workers leave with _exit and need none of it. */
static const int leak_search[] = {SCMP_SYS(clone), SCMP_SYS(ptrace),           SCMP_SYS(getdents),
                                  SCMP_SYS(wait4), SCMP_SYS(process_vm_readv), SCMP_SYS(kill)};
#else
static const int sanitizer[] = {SCMP_SYS(read)};
static const int leak_search[] = {SCMP_SYS(read)};
#endif

/* Rules pile up here; the first refusal is kept. */
typedef struct filter {
	scmp_filter_ctx context;
	int code;
} filter;

static void filter_release(const filter *f)
{
	if (f->context != NULL)
		seccomp_release(f->context);
}
ATHAR_DEFINE_AUTO_VALUE(filter, filter, filter_release)

static void add(filter *f, int call, const struct scmp_arg_cmp *only, unsigned count)
{
	if (f->code == 0)
		f->code = seccomp_rule_add_array(f->context, SCMP_ACT_ALLOW, call, count, only);
}

static void add_all(filter *f, const int *calls, size_t count)
{
	for (size_t i = 0; i < count; i++)
		add(f, calls[i], NULL, 0);
}

/* Memory, but never to execute; signals, but only to itself: what abort() does. */
static void add_bounded(filter *f)
{
	const struct scmp_arg_cmp no_code = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	const struct scmp_arg_cmp itself = SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0);

	add(f, SCMP_SYS(mmap), &no_code, 1);
	add(f, SCMP_SYS(mprotect), &no_code, 1);
	add(f, SCMP_SYS(tgkill), &itself, 1);
}

static void add_imager(filter *f)
{
	const struct scmp_arg_cmp a_thread =
		SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD);
	const struct scmp_arg_cmp its_name = SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0);
	const struct scmp_arg_cmp only_asks = SCMP_A2(SCMP_CMP_EQ, 0, 0);
	/* Over the channels to its workers, which it has already: no socket can be made. */
	const struct scmp_arg_cmp to_nobody = SCMP_A4(SCMP_CMP_EQ, 0, 0);

	add_all(f, imager, ATHAR_COUNT(imager));
	add(f, SCMP_SYS(sendto), &to_nobody, 1);
	add(f, SCMP_SYS(recvfrom), &to_nobody, 1);
	/* clone3 has its flags in memory, where no filter can look: libc falls back to clone. */
	if (!ATHAR_SANITIZED) {
		add(f, SCMP_SYS(clone), &a_thread, 1);
		add(f, SCMP_SYS(prctl), &its_name, 1);
		add(f, SCMP_SYS(prlimit64), &only_asks, 1);
	}
	for (size_t i = 0; i < ATHAR_COUNT(imager_ioctls); i++) {
		const struct scmp_arg_cmp one =
			SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, imager_ioctls[i]);

		add(f, SCMP_SYS(ioctl), &one, 1);
	}
}

/* newfstatat without a path: what fstat is in newer C libraries. */
static void add_worker(filter *f)
{
	const struct scmp_arg_cmp no_path =
		SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH);

	if (!ATHAR_SANITIZED)
		add(f, SCMP_SYS(newfstatat), &no_path, 1);
}

athar_status athar_filter_load(athar_confine_kind kind, athar_error *err)
{
	const bool worker = kind == ATHAR_CONFINE_WORKER;
	ATHAR_AUTO(filter)
	filter f = {seccomp_init(worker ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ERRNO(ENOSYS)), 0};

	if (f.context == NULL)
		return athar_fail(err, ATHAR_ENOMEM, "no memory for the seccomp filter");
	f.code = seccomp_attr_set(f.context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	add_all(&f, both, ATHAR_COUNT(both));
	add_bounded(&f);
	if (worker)
		add_worker(&f);
	else
		add_imager(&f);
	if (ATHAR_SANITIZED)
		add_all(&f, sanitizer, ATHAR_COUNT(sanitizer));
	if (ATHAR_SANITIZED && !worker)
		add_all(&f, leak_search, ATHAR_COUNT(leak_search));
	if (f.code == 0)
		f.code = seccomp_load(f.context);
	if (f.code == 0)
		return ATHAR_OK;
	errno = -f.code;
	return athar_fail_errno(err, "cannot load the seccomp filter");
}
