/* SPDX-License-Identifier: BSD-2-Clause */
#include "jail/confine.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/idiom.h"

/* The group comes before the user, and the groups before both: afterwards they could not. */
static athar_status become(uid_t uid, gid_t gid, athar_error *err)
{
	if (setgroups(1, &gid) != 0)
		return athar_fail_errno(err, "cannot give up root's groups");
	if (setresgid(gid, gid, gid) != 0)
		return athar_fail_errno(err, "cannot become group %ju", (uintmax_t)gid);
	if (setresuid(uid, uid, uid) != 0)
		return athar_fail_errno(err, "cannot become user %ju", (uintmax_t)uid);
	return ATHAR_OK;
}

static bool has_capabilities(void)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {{0, 0, 0}, {0, 0, 0}};

	if (syscall(SYS_capget, &header, data) != 0)
		return true;
	return (data[0].permitted | data[1].permitted | data[0].effective | data[1].effective) != 0;
}

/* A system call that says it worked is not yet a way that is closed. */
static athar_status check_gone(uid_t uid, gid_t gid, athar_error *err)
{
	uid_t real = 0, effective = 0, saved = 0;
	gid_t rgid = 0, egid = 0, sgid = 0;

	if (getresuid(&real, &effective, &saved) != 0 || getresgid(&rgid, &egid, &sgid) != 0)
		return athar_fail_errno(err, "cannot ask who this process is");
	if (real != uid || effective != uid || saved != uid || rgid != gid || egid != gid ||
	    sgid != gid || setuid(0) == 0 || seteuid(0) == 0 || has_capabilities())
		return athar_fail(err, ATHAR_EREFUSED,
		                  "root's privileges could not be given up for good; do not go on");
	return ATHAR_OK;
}

athar_status athar_drop_privileges(const char *folder, athar_error *err)
{
	struct stat about;

	if (geteuid() != 0)
		return ATHAR_OK;
	if (stat(folder, &about) != 0)
		return athar_fail_errno(err, "cannot ask who owns %s", folder);
	if (about.st_uid == 0)
		return ATHAR_OK;
	ATHAR_TRY(become(about.st_uid, about.st_gid, err));
	return check_gone(about.st_uid, about.st_gid, err);
}
