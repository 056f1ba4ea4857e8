/* SPDX-License-Identifier: BSD-2-Clause */
#include "jail/confine.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/check.h"
#include "base/idiom.h"
#include "jail/alone.h"
#include "jail/filter.h"
#include "jail/landlock.h"
#include "jail/sanitizers.h"

static athar_status check_spec(const athar_confine_spec *spec, athar_error *err)
{
	if (spec->kind == ATHAR_CONFINE_WORKER && (spec->read != NULL || spec->write != NULL))
		return athar_fail(err, ATHAR_EUSAGE, "a worker is confined to no files at all");
	if (!athar_alone())
		return athar_fail(err, ATHAR_EUSAGE,
		                  "a process is confined before it has other threads");
	return ATHAR_OK;
}

/* Memory that holds evidence is not to be written to a core file nor read by a debugger; and what
 * follows is for good. */
static athar_status close_itself(athar_error *err)
{
	const struct rlimit none = {0, 0};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return athar_fail_errno(err, "cannot give up gaining privileges");
	if (setrlimit(RLIMIT_CORE, &none) != 0)
		return athar_fail_errno(err, "cannot switch core files off");
	if (!ATHAR_SANITIZED && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return athar_fail_errno(err, "cannot switch memory dumps off");
	return ATHAR_OK;
}

static athar_status lacks(athar_error *err, const char *what)
{
	return athar_fail(err, ATHAR_EREFUSED,
	                  "this kernel has no %s, and evidence would be read unconfined: use a "
	                  "kernel that has it, or give --unconfined, which is recorded",
	                  what);
}

athar_status athar_confine(const char **had, const athar_confine_spec *spec, athar_error *err)
{
	static char text[48];
	const int version = athar_landlock_version();
	athar_error why = ATHAR_ERROR_INIT;
	athar_status status;

	ATHAR_TRY(check_spec(spec, err));
	if (version == 0 && !spec->unconfined)
		return lacks(err, "Landlock");
	ATHAR_TRY(close_itself(err));
	if (version > 0)
		ATHAR_TRY(athar_landlock_restrict(version, spec, err));
	status = athar_filter_load(spec->kind, &why);
	if (status != ATHAR_OK && !spec->unconfined)
		return lacks(err, "seccomp filters");
	if (version > 0)
		(void)snprintf(text, sizeof text, "landlock %d%s", version,
		               status == ATHAR_OK ? ", seccomp" : "");
	else
		(void)snprintf(text, sizeof text, "%s", status == ATHAR_OK ? "seccomp" : "none");
	*had = text;
	return ATHAR_OK;
}

athar_status athar_allow_files(uint64_t files, athar_error *err)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return athar_fail_errno(err, "cannot ask how many files may be open");
	if (limit.rlim_cur >= files)
		return ATHAR_OK;
	limit.rlim_cur = athar_min(files, limit.rlim_max);
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		return athar_fail_errno(err, "cannot allow %ju open files",
		                        (uintmax_t)limit.rlim_cur);
	return ATHAR_OK;
}
