/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/smart.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "athar/text.h"
#include "base/alloc.h"
#include "base/check.h"

enum { STEP = 20 /* milliseconds */, LAST_MOMENTS = 100 /* steps */ };

/* ---- running it ---- */

static const char *find_program(void)
{
	static const char *const places[] = {"/usr/sbin/smartctl", "/usr/bin/smartctl",
	                                     "/sbin/smartctl", "/usr/local/sbin/smartctl"};

	for (size_t i = 0; i < ATHAR_COUNT(places); i++)
		if (access(places[i], X_OK) == 0)
			return places[i];
	return NULL;
}

/* In the child: nothing but the output, a bound on it, and an end with its parent. */
static _Noreturn void become(const char *program, const char *node, int output)
{
	const struct rlimit bound = {ATHAR_SMART_OUTPUT, ATHAR_SMART_OUTPUT};
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	/* execve takes what it only reads without const. */
	char *const argv[] = {(char *)(uintptr_t)program, (char *)(uintptr_t) "--json=c",
	                      (char *)(uintptr_t) "-a", (char *)(uintptr_t)node, NULL};
	char *const none[] = {NULL};
	sigset_t all;

	for (int i = 1; i < NSIG; i++)
		(void)signal(i, i == SIGINT || i == SIGQUIT ? SIG_IGN : SIG_DFL);
	(void)sigemptyset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
	    dup2(null, STDERR_FILENO) < 0 || setrlimit(RLIMIT_FSIZE, &bound) != 0)
		_exit(127);
	(void)close_range(STDERR_FILENO + 1, ~0u, 0);
	(void)execve(program, argv, none);
	_exit(127);
}

/* A process that waits for a dead disk cannot be killed either: it is left behind then. */
static athar_status wait_for(int *exit_status, pid_t pid, unsigned seconds, athar_error *err)
{
	int status = 0;

	*exit_status = -1;
	for (unsigned left = seconds * 1000 / STEP + LAST_MOMENTS; left > 0; left--) {
		const pid_t got = waitpid(pid, &status, WNOHANG);

		if (got == pid && WIFEXITED(status))
			*exit_status = WEXITSTATUS(status);
		if (got == pid && left > LAST_MOMENTS)
			return ATHAR_OK;
		if (got != 0 && (got == pid || errno != EINTR))
			break;
		if (left == LAST_MOMENTS)
			(void)kill(pid, SIGKILL);
		(void)poll(NULL, 0, STEP);
	}
	return athar_fail(err, ATHAR_ELIMIT, "smartctl did not end within %u seconds", seconds);
}

athar_status athar_smart_run(int *fd, int *exit_status, const char *program, const char *node,
                             unsigned seconds, athar_error *err)
{
	ATHAR_AUTO(fd) int output = -1;
	pid_t pid;

	if (program == NULL)
		program = find_program();
	if (program == NULL)
		return athar_fail(err, ATHAR_EIO, "smartctl is not installed");
	output = memfd_create("smartctl", MFD_CLOEXEC);
	if (output < 0)
		return athar_fail_errno(err, "cannot make room for what smartctl says");
	pid = fork();
	if (pid == 0)
		become(program, node, output);
	if (pid < 0)
		return athar_fail_errno(err, "cannot start %s", program);
	ATHAR_TRY(wait_for(exit_status, pid, seconds, err));
	if (lseek(output, 0, SEEK_SET) != 0)
		return athar_fail_errno(err, "cannot read what smartctl says");
	*fd = output;
	output = -1;
	return ATHAR_OK;
}

/* ---- what is kept ---- */

static void keep_number(athar_json *o, const char *key, const athar_json *from, const char *name)
{
	uint64_t n = 0;

	if (athar_json_get_number(from, name, &n))
		athar_json_set_number(o, key, n);
}

static void keep_text(athar_json *o, const char *key, const char *text)
{
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) char *visible = NULL;

	if (text != NULL &&
	    athar_text_visible(&visible, text, strnlen(text, 300), &err) == ATHAR_OK)
		athar_json_set_text(o, key, visible);
}

static void keep_attribute(athar_json *o, const athar_json *attribute)
{
	static const struct {
		unsigned id;
		const char *key;
	} kept[] = {{5, "reallocated"},
	            {187, "reported_uncorrectable"},
	            {197, "pending"},
	            {198, "uncorrectable"},
	            {199, "crc_errors"}};
	uint64_t id = 0;

	if (!athar_json_get_number(attribute, "id", &id))
		return;
	for (size_t i = 0; i < ATHAR_COUNT(kept); i++)
		if (kept[i].id == id)
			keep_number(o, kept[i].key, athar_json_get(attribute, "raw"), "value");
}

static void keep_ata(athar_json *o, const athar_json *said)
{
	const athar_json *table =
		athar_json_get(athar_json_get(said, "ata_smart_attributes"), "table");

	for (size_t i = 0; i < athar_json_count(table) && i < 256; i++)
		keep_attribute(o, athar_json_at(table, i));
}

static void keep_nvme(athar_json *o, const athar_json *said)
{
	const athar_json *log = athar_json_get(said, "nvme_smart_health_information_log");

	keep_number(o, "critical_warning", log, "critical_warning");
	keep_number(o, "percentage_used", log, "percentage_used");
	keep_number(o, "available_spare", log, "available_spare");
	keep_number(o, "media_errors", log, "media_errors");
	keep_number(o, "unsafe_shutdowns", log, "unsafe_shutdowns");
}

/* "7.3" */
static void keep_version(athar_json *o, const athar_json *said)
{
	const athar_json *version = athar_json_get(athar_json_get(said, "smartctl"), "version");
	char text[64] = "";
	size_t len = 0;

	for (size_t i = 0; i < athar_json_count(version) && i < 3; i++) {
		/* An element alone has no key to be asked by. */
		ATHAR_AUTO(json) athar_json *one = athar_json_object();
		uint64_t n = 0;

		athar_json_set(one, "n", athar_json_copy(athar_json_at(version, i)));
		if (!athar_json_get_number(one, "n", &n))
			return;
		len += (size_t)snprintf(text + len, sizeof text - len, "%s%u", i > 0 ? "." : "",
		                        (unsigned)n);
	}
	if (len > 0)
		athar_json_set_text(o, "smartctl", text);
}

static const char *first_message(const athar_json *said)
{
	const athar_json *messages = athar_json_get(athar_json_get(said, "smartctl"), "messages");

	return athar_json_get_text(athar_json_at(messages, 0), "string");
}

static void keep(athar_json *o, const athar_json *said)
{
	bool passed = false;

	keep_version(o, said);
	keep_text(o, "protocol", athar_json_get_text(athar_json_get(said, "device"), "protocol"));
	keep_text(o, "device", athar_json_get_text(athar_json_get(said, "device"), "type"));
	if (athar_json_get_bool(athar_json_get(said, "smart_status"), "passed", &passed))
		athar_json_set_bool(o, "passed", passed);
	keep_number(o, "temperature", athar_json_get(said, "temperature"), "current");
	keep_number(o, "power_on_hours", athar_json_get(said, "power_on_time"), "hours");
	keep_number(o, "grown_defects", said, "scsi_grown_defect_list");
	keep_ata(o, said);
	keep_nvme(o, said);
}

/* The two lowest bits: it was called wrongly, or the device could not be opened. */
static bool was_asked(int exit_status)
{
	return exit_status >= 0 && (exit_status & 3) == 0;
}

athar_status athar_smart_reduce(athar_json **out, const char *text, size_t len, int exit_status,
                                athar_error *err)
{
	ATHAR_AUTO(json) athar_json *o = athar_json_object();
	ATHAR_AUTO(json) athar_json *said = NULL;
	athar_error mine = ATHAR_ERROR_INIT;
	const athar_status status = athar_json_parse(&said, text, len, &mine);

	if (status == ATHAR_ENOMEM)
		return athar_fail(err, ATHAR_ENOMEM, "%s", mine.text);
	athar_json_set_signed(o, "exit_status", exit_status);
	athar_json_set_bool(o, "available", status == ATHAR_OK && was_asked(exit_status));
	if (status != ATHAR_OK)
		athar_json_set_text(o, "why", "what smartctl says makes no sense");
	else if (!was_asked(exit_status))
		keep_text(o, "why",
		          first_message(said) != NULL ? first_message(said)
		                                      : "smartctl could not ask the device");
	if (status == ATHAR_OK)
		keep(o, said);
	*out = ATHAR_GIVE(o);
	return ATHAR_OK;
}

athar_status athar_smart_load(athar_json **out, int fd, int exit_status, athar_error *err)
{
	ATHAR_AUTO(free) char *text = athar_alloc(ATHAR_SMART_OUTPUT + 1, err);
	size_t len = 0;
	ssize_t got = 1;

	if (text == NULL)
		return ATHAR_ENOMEM;
	while (got != 0 && len < ATHAR_SMART_OUTPUT) {
		got = pread(fd, text + len, ATHAR_SMART_OUTPUT - len, (off_t)len);
		if (got < 0 && errno != EINTR)
			return athar_fail_errno(err, "cannot read what smartctl says");
		len += got > 0 ? (size_t)got : 0;
	}
	return athar_smart_reduce(out, text, len, exit_status, err);
}

static athar_status ask(athar_json **out, const char *program, const char *node, athar_error *err)
{
	ATHAR_AUTO(fd) int fd = -1;
	int exit_status = -1;

	ATHAR_TRY(athar_smart_run(&fd, &exit_status, program, node, ATHAR_SMART_SECONDS, err));
	return athar_smart_load(out, fd, exit_status, err);
}

athar_json *athar_smart_of(const char *program, const char *node)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_json *o = NULL;

	if (ask(&o, program, node, &err) == ATHAR_OK)
		return o;
	o = athar_json_object();
	athar_json_set_bool(o, "available", false);
	athar_json_set_text(o, "why", err.text);
	return o;
}
