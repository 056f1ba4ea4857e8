/* SPDX-License-Identifier: BSD-2-Clause */
#include "context.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "athar/digest.h"

static int64_t now(void *user)
{
	const athar_world *world = user;

	return world->is_fixed ? world->fixed : (int64_t)time(NULL);
}

static int64_t steady(void *user)
{
	struct timespec t = {0, 0};

	(void)user;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static athar_status look_at_clock(athar_world *w, athar_error *err)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");

	w->context.now = now;
	w->context.steady = steady;
	w->context.user = w;
	if (epoch == NULL || epoch[0] == '\0')
		return ATHAR_OK;
	if (strlen(epoch) > 12 || strspn(epoch, "0123456789") != strlen(epoch))
		return athar_fail(err, ATHAR_EUSAGE,
		                  "SOURCE_DATE_EPOCH is \"%s\"; it must be seconds since 1970",
		                  epoch);
	w->fixed = strtoll(epoch, NULL, 10);
	w->is_fixed = true;
	return ATHAR_OK;
}

/* The first line of a small file of /proc, without its end; "" when there is none. */
static void read_line(char *out, size_t len, const char *path)
{
	FILE *f = fopen(path, "re");

	out[0] = '\0';
	if (f == NULL)
		return;
	if (fgets(out, (int)len, f) == NULL)
		out[0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	(void)fclose(f);
}

static void look_at_machine(athar_world *w)
{
	struct utsname u;

	if (gethostname(w->host, sizeof w->host - 1) != 0)
		(void)snprintf(w->host, sizeof w->host, "unknown");
	if (uname(&u) == 0)
		(void)snprintf(w->system, sizeof w->system, "%s %s %s", u.sysname, u.release,
		               u.machine);
	read_line(w->boot, sizeof w->boot, "/proc/sys/kernel/random/boot_id");
	w->context.host = w->host;
	w->context.system = w->system[0] != '\0' ? w->system : "unknown";
	w->context.boot = w->boot[0] != '\0' ? w->boot : NULL;
}

static bool name_of(char *out, size_t len, uid_t uid)
{
	const struct passwd *entry = getpwuid(uid);

	if (entry == NULL)
		return false;
	(void)snprintf(out, len, "%s", entry->pw_name);
	return true;
}

/* The kernel's login id stays what it was through sudo and su, and a user cannot set it. SUDO_USER
 * is believed of root only: anybody can export it. */
static void look_at_login(athar_world *w)
{
	const char *sudo = getenv("SUDO_USER");
	char loginuid[24];
	unsigned long id;

	w->context.login = w->login;
	read_line(loginuid, sizeof loginuid, "/proc/self/loginuid");
	id = strtoul(loginuid, NULL, 10);
	if (loginuid[0] != '\0' && id < UINT32_MAX && name_of(w->login, sizeof w->login, (uid_t)id))
		return;
	if (getuid() == 0 && sudo != NULL && sudo[0] != '\0') {
		(void)snprintf(w->login, sizeof w->login, "%s", sudo);
		return;
	}
	if (!name_of(w->login, sizeof w->login, getuid()))
		(void)snprintf(w->login, sizeof w->login, "uid %lu", (unsigned long)getuid());
}

static athar_status digest_program(char hex[65], athar_digester *d, int fd, athar_error *err)
{
	static unsigned char buf[1 << 16];
	athar_digests digests;
	ssize_t n;

	while ((n = read(fd, buf, sizeof buf)) > 0) {
		if (athar_digester_update(d, buf, (size_t)n, err) != ATHAR_OK)
			return err->status;
	}
	if (n < 0)
		return athar_fail_errno(err, "cannot read the program itself");
	if (athar_digester_finish(&digests, d, err) != ATHAR_OK)
		return err->status;
	(void)snprintf(hex, 65, "%s", athar_digests_get(&digests, ATHAR_SHA256));
	return ATHAR_OK;
}

/* Left out where it cannot be had: the log then says null. */
static void look_at_program(athar_world *w)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_digester *d = NULL;
	const int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (athar_digester_new(&d, ATHAR_SHA256, &err) == ATHAR_OK &&
	    digest_program(w->sha256, d, fd, &err) == ATHAR_OK)
		w->context.tool_sha256 = w->sha256;
	athar_digester_free(d);
	(void)close(fd);
}

/* Without a quote these mean themselves to every shell. */
static bool is_plain(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-+=./:,@%";

	return word[0] != '\0' && strspn(word, plain) == strlen(word);
}

static char *put_quoted(char *to, const char *word)
{
	if (is_plain(word))
		return stpcpy(to, word);
	*to++ = '\'';
	for (; *word != '\0'; word++) {
		if (*word == '\'')
			to = stpcpy(to, "'\\''");
		else
			*to++ = *word;
	}
	*to++ = '\'';
	return to;
}

athar_status athar_world_quote(char **out, int argc, char **argv, athar_error *err)
{
	size_t room = sizeof "athar";
	char *to;

	for (int i = 1; i < argc; i++)
		room += 4 * strlen(argv[i]) + 3;
	*out = to = malloc(room);
	if (to == NULL)
		return athar_fail(err, ATHAR_ENOMEM, "no memory for the command line");
	to = stpcpy(to, "athar");
	for (int i = 1; i < argc; i++) {
		*to++ = ' ';
		to = put_quoted(to, argv[i]);
	}
	*to = '\0';
	return ATHAR_OK;
}

athar_status athar_world_look(athar_world *out, int argc, char **argv, athar_error *err)
{
	*out = (athar_world){.fixed = 0};
	if (look_at_clock(out, err) != ATHAR_OK ||
	    athar_world_quote(&out->command, argc, argv, err) != ATHAR_OK)
		return err->status;
	out->context.command = out->command;
	look_at_machine(out);
	look_at_login(out);
	look_at_program(out);
	return ATHAR_OK;
}

void athar_world_clear(athar_world *world)
{
	free(world->command);
	world->command = NULL;
}
