/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "athar/version.h"
#include "command.h"
#include "context.h"
#include "help.h"
#include "signals.h"
#include "terminal.h"

#define MOST_COMMANDS 16

const athar_command *const athar_commands[] = {&athar_command_acquire, &athar_command_verify,
                                               &athar_command_carve,   &athar_command_report,
                                               &athar_command_info,    &athar_command_cat,
                                               &athar_command_search,  &athar_command_case,
                                               &athar_command_known,   NULL};

static int fail_usage(const char *format, ...) ATHAR_PRINTF(1, 2);

static int fail_usage(const char *format, ...)
{
	athar_call call = {.command = NULL};
	athar_error err = ATHAR_ERROR_INIT;
	char text[400];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return athar_call_end(&call, athar_fail(&err, ATHAR_EUSAGE, "%s", text), &err);
}

/* The last word of a command's name. */
static const char *short_name(const athar_command *command)
{
	const char *space = strchr(command->name, ' ');

	return space != NULL ? space + 1 : command->name;
}

static const athar_command *find(const athar_command *const *commands, const char *name)
{
	for (; *commands != NULL; commands++) {
		if (strcmp(short_name(*commands), name) == 0)
			return *commands;
	}
	return NULL;
}

static int unknown_command(const athar_command *const *commands, const char *before,
                           const char *name)
{
	const char *names[MOST_COMMANDS];
	const char *hint;
	size_t count = 0;

	for (; count < MOST_COMMANDS && commands[count] != NULL; count++)
		names[count] = short_name(commands[count]);
	hint = athar_option_nearest(name, names, count);
	if (hint == NULL)
		return fail_usage("there is no command \"%s%.60s\"", before, name);
	return fail_usage("there is no command \"%s%.60s\"; did you mean \"%s%s\"?", before, name,
	                  before, hint);
}

/* The end of what prints only text. */
static int flushed(void)
{
	athar_common quiet = {.quiet = true};
	athar_call call = {.common = &quiet};
	athar_error none = ATHAR_ERROR_INIT;

	return athar_call_end(&call, ATHAR_OK, &none);
}

static int print_version(void)
{
	athar_json *libraries = athar_version_libraries();
	const size_t count = athar_json_count(libraries);

	(void)printf("athar %s\n", athar_version());
	for (size_t i = 0; i < count; i++) {
		const char *name = athar_json_key(libraries, i);
		const char *version = athar_json_get_text(libraries, name);

		if (version != NULL && strcmp(name, "athar") != 0) {
			(void)printf("  %-10s ", name);
			athar_terminal_put(stdout, version);
			(void)putchar('\n');
		}
	}
	athar_json_free(libraries);
	return flushed();
}

static int print_completion(const char *shell)
{
	if (shell == NULL || !athar_completion_print(stdout, shell))
		return fail_usage("--completion takes bash, zsh or fish");
	return flushed();
}

static int run(const athar_command *command, int argc, char **argv, int words)
{
	athar_call call = {.command = command};
	athar_error err = ATHAR_ERROR_INIT;
	athar_world world;
	int exit_status;

	if (athar_world_look(&world, argc, argv, &err) != ATHAR_OK)
		exit_status = athar_call_end(&call, err.status, &err);
	else
		exit_status = athar_call_run(command, argc - words, argv + words, &world.context);
	athar_world_clear(&world);
	return exit_status;
}

static bool is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* A command that has parts: "athar case new". */
static int run_part(const athar_command *command, int argc, char **argv)
{
	const athar_command *part;

	if (argc < 3)
		return fail_usage("athar %s needs one of its parts: %s", command->name,
		                  command->operands);
	if (is_help(argv[2])) {
		athar_help_command(stdout, command);
		return flushed();
	}
	part = find(command->parts, argv[2]);
	if (part == NULL)
		return unknown_command(command->parts, "case ", argv[2]);
	return run(part, argc, argv, 3);
}

static int dispatch(int argc, char **argv)
{
	const athar_command *command;

	if (argc < 2)
		return fail_usage("a command is missing");
	if (is_help(argv[1])) {
		athar_help_all(stdout);
		return flushed();
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
		return print_version();
	if (strcmp(argv[1], "--completion") == 0)
		return print_completion(argv[2]);
	command = find(athar_commands, argv[1]);
	if (command == NULL)
		return unknown_command(athar_commands, "", argv[1]);
	return command->parts != NULL ? run_part(command, argc, argv) : run(command, argc, argv, 2);
}

/* Were one of the three closed, the next file that is opened would take its place, and messages
 * would be written into an image. */
static bool streams_open(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	if (!streams_open())
		return 4;
	(void)umask(077);
	athar_signals_begin();
	return dispatch(argc, argv);
}
