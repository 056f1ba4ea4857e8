/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a command is, and one call of it. Commands are thin: they turn words into the option
 * structures of the library, show what comes back, and leave the last line to call.c.
 */
#ifndef ATHAR_CMD_COMMAND_H
#define ATHAR_CMD_COMMAND_H

#include <stdio.h>

#include "athar/context.h"
#include "athar/json.h"
#include "option.h"

#define ATHAR_COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

/* The first member of the values of every command. A command's table has those that mean something
 * to it. */
typedef struct athar_common {
	bool help, json, quiet, yes, unconfined;
	uint64_t threads;
	const char *examiner;
} athar_common;

typedef struct athar_call athar_call;

typedef struct athar_command {
	const char *name;     /* "acquire", "case new" */
	const char *operands; /* "SOURCE" */
	size_t least, most;   /* how many of them */
	const char *summary;  /* one line for the list of commands */
	const char *about;    /* a paragraph for its help */
	const athar_option *options;
	const void *defaults; /* of its values */
	size_t values_size;
	bool data; /* stdout is the result itself: --json goes to stderr */
	athar_status (*run)(athar_call *call, athar_error *err);
	const struct athar_command *const *parts; /* subcommands; NULL-terminated, or NULL */
} athar_command;

struct athar_call {
	const athar_command *command;
	athar_operands operands;
	void *values; /* an athar_common first */
	const athar_common *common;
	athar_context context;
	athar_json *summary; /* members for the last line of --json */
	char done[256];      /* what a good end says after "done: " */
};

extern const athar_command athar_command_acquire, athar_command_verify, athar_command_carve,
	athar_command_report, athar_command_info, athar_command_cat, athar_command_search,
	athar_command_case, athar_command_known;
/* A part of case with a file of its own. */
extern const athar_command athar_command_case_add;
/* All of them, in the order in which they are used; ends with NULL. */
extern const athar_command *const athar_commands[];

/* Reads the words after the command's name, runs it, says how it ended. The exit status. */
int athar_call_run(const athar_command *command, int argc, char **argv,
                   const athar_context *context);

/* The words of an exit status: "done", "refused", ... */
const char *athar_call_word(int exit_status);

/* Says on stderr that a call ended, or on stdout or stderr as JSON. The exit status. For failures
 * that come before any command is known, call may have no command. */
int athar_call_end(athar_call *call, athar_status status, const athar_error *err);

/* What a good end says. */
void athar_call_done(athar_call *call, const char *format, ...) ATHAR_PRINTF(2, 3);

/* The rows that many tables share. */
#define ATHAR_GROUP_OUTPUT "Output"
#define ATHAR_GROUP_WORK "Work"

#define ATHAR_OPTIONS_OUTPUT \
	{"json", \
	 0, \
	 NULL, \
	 ATHAR_OPTION_FLAG, \
	 offsetof(athar_common, json), \
	 ATHAR_GROUP_OUTPUT, \
	 "JSON Lines; the last is the summary", \
	 NULL}, \
		{"quiet", \
	         'q', \
	         NULL, \
	         ATHAR_OPTION_FLAG, \
	         offsetof(athar_common, quiet), \
	         ATHAR_GROUP_OUTPUT, \
	         "say only what is wrong", \
	         NULL}, \
	{ \
		"help", 'h', NULL, ATHAR_OPTION_FLAG, offsetof(athar_common, help), \
			ATHAR_GROUP_OUTPUT, "this text", NULL \
	}
#define ATHAR_OPTION_EXAMINER \
	{ \
		"examiner", 0, "ID", ATHAR_OPTION_TEXT, offsetof(athar_common, examiner), \
			ATHAR_GROUP_WORK, "who is at work; goes into the custody log", NULL \
	}
#define ATHAR_OPTION_THREADS \
	{ \
		"threads", 'j', "N", ATHAR_OPTION_NUMBER, offsetof(athar_common, threads), \
			ATHAR_GROUP_WORK, "processors to use; the result is the same for any N", \
			NULL \
	}
#define ATHAR_OPTION_UNCONFINED \
	{ \
		"unconfined", 0, NULL, ATHAR_OPTION_FLAG, offsetof(athar_common, unconfined), \
			ATHAR_GROUP_WORK, "go on where the kernel cannot confine; recorded", NULL \
	}
#define ATHAR_OPTION_YES \
	{ \
		"yes", 'y', NULL, ATHAR_OPTION_FLAG, offsetof(athar_common, yes), \
			ATHAR_GROUP_WORK, "ask nothing, as in a script", NULL \
	}
#define ATHAR_OPTIONS_END \
	{ \
		NULL, 0, NULL, ATHAR_OPTION_FLAG, 0, NULL, NULL, NULL \
	}

#endif
