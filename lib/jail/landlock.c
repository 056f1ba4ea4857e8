/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each version of the interface knows more rights than the one before. All that the running kernel
 * knows are taken away, then some are given back below the paths named. Headers of a distribution
 * are older than its kernels, so what came after the first two versions is written out here; these
 * numbers are the kernel's promise to programs and do not change.
 */
#include "jail/landlock.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/idiom.h"
#include "jail/sanitizers.h"

#define FS_FIRST ((UINT64_C(1) << 13) - 1) /* version 1: execute to make_sym */
#define FS_REFER (UINT64_C(1) << 13)       /* version 2 */
#define FS_TRUNCATE (UINT64_C(1) << 14)    /* version 3 */
#define FS_IOCTL_DEV (UINT64_C(1) << 15)   /* version 5 */
#define NET_TCP UINT64_C(3)                /* version 4: bind, connect */
#define SCOPE_ALL UINT64_C(3)              /* version 6: abstract sockets, signals */

/* The kernel takes what it knows of this and wants zeros in the rest. */
typedef struct ruleset {
	uint64_t fs, net, scoped;
} ruleset;

#define READ_RIGHTS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE_RIGHTS \
	(READ_RIGHTS | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	 LANDLOCK_ACCESS_FS_REMOVE_DIR | FS_REFER | FS_TRUNCATE)
/* Those that mean something for what is not a folder. */
#define FILE_RIGHTS \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE | FS_IOCTL_DEV)

static ruleset everything(int version)
{
	ruleset all = {FS_FIRST, 0, 0};

	if (version >= 2)
		all.fs |= FS_REFER;
	if (version >= 3)
		all.fs |= FS_TRUNCATE;
	if (version >= 4)
		all.net = NET_TCP;
	if (version >= 5)
		all.fs |= FS_IOCTL_DEV;
	if (version >= 6)
		all.scoped = SCOPE_ALL;
	return all;
}

int athar_landlock_version(void)
{
	const long version =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return version > 0 ? (int)version : 0;
}

static athar_status allow(int rules, const char *path, uint64_t rights, uint64_t asks,
                          athar_error *err)
{
	ATHAR_AUTO(fd) int fd = open(path, O_PATH | O_CLOEXEC);
	struct landlock_path_beneath_attr beneath = {rights, fd};
	struct stat about;

	if (fd < 0 || fstat(fd, &about) != 0)
		return athar_fail_errno(err, "cannot confine the process to %s", path);
	/* A device is asked for its size; the filter says which questions are allowed. */
	if (S_ISBLK(about.st_mode))
		beneath.allowed_access |= asks;
	if (!S_ISDIR(about.st_mode))
		beneath.allowed_access &= FILE_RIGHTS;
	if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) != 0)
		return athar_fail_errno(err, "cannot confine the process to %s", path);
	return ATHAR_OK;
}

static athar_status allow_all(int rules, const char *const *paths, uint64_t rights, uint64_t asks,
                              athar_error *err)
{
	for (; paths != NULL && *paths != NULL; paths++)
		ATHAR_TRY(allow(rules, *paths, rights, asks, err));
	return ATHAR_OK;
}

athar_status athar_landlock_restrict(int version, const athar_confine_spec *spec, athar_error *err)
{
	const ruleset all = everything(version);
	ATHAR_AUTO(fd)
	int rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);

	if (rules < 0)
		return athar_fail_errno(err, "cannot make a Landlock ruleset");
	ATHAR_TRY(allow_all(rules, spec->read, READ_RIGHTS & all.fs, FS_IOCTL_DEV & all.fs, err));
	ATHAR_TRY(allow_all(
		rules, spec->write,
		(WRITE_RIGHTS | (spec->links ? LANDLOCK_ACCESS_FS_MAKE_SYM : 0)) & all.fs, 0, err));
	if (ATHAR_SANITIZED)
		ATHAR_TRY(allow(rules, "/proc", READ_RIGHTS, 0, err));
	if (syscall(SYS_landlock_restrict_self, rules, 0) != 0)
		return athar_fail_errno(err, "cannot enter the Landlock ruleset");
	return ATHAR_OK;
}
