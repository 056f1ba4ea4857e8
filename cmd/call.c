/* SPDX-License-Identifier: BSD-2-Clause */
#include "command.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "events.h"
#include "help.h"
#include "signals.h"
#include "terminal.h"

#define EXIT_INCOMPLETE_OUTPUT 4

const char *athar_call_word(int exit_status)
{
	switch (exit_status) {
	case 0:
		return "done";
	case 1:
		return "done, and the answer is no";
	case 2:
		return "wrong usage";
	case 3:
		return "done, but incomplete";
	case 5:
		return "refused";
	case 130:
		return "interrupted";
	default:
		return "could not be done";
	}
}

void athar_call_done(athar_call *call, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(call->done, sizeof call->done, format, args);
	va_end(args);
}

static athar_ink ink_of(int exit_status)
{
	if (exit_status == 0)
		return ATHAR_INK_GOOD;
	return exit_status == 3 ? ATHAR_INK_DOUBT : ATHAR_INK_BAD;
}

static void say_line(const athar_call *call, int exit_status, const char *text)
{
	const athar_command *command = call->command;

	(void)fprintf(stderr, "athar%s%s: %s%s%s%s%s", command != NULL ? " " : "",
	              command != NULL ? command->name : "",
	              athar_terminal_ink(stderr, ink_of(exit_status)), athar_call_word(exit_status),
	              athar_terminal_ink(stderr, ATHAR_INK_PLAIN), text[0] != '\0' ? ": " : "",
	              text);
	if (exit_status == 2)
		(void)fprintf(stderr, " (athar%s%s --help)", command != NULL ? " " : "",
		              command != NULL ? command->name : "");
	(void)fputc('\n', stderr);
}

static void say_summary(athar_call *call, athar_status status, const athar_error *err,
                        int exit_status)
{
	athar_json *summary = call->summary != NULL ? call->summary : athar_json_object();

	call->summary = NULL;
	athar_json_set_text(summary, "command", call->command != NULL ? call->command->name : NULL);
	athar_json_set_number(summary, "exit", (uint64_t)exit_status);
	athar_json_set_text(summary, "result", athar_call_word(exit_status));
	if (status != ATHAR_OK)
		athar_json_set(summary, "error", athar_event_error(err));
	athar_event(call, "summary", summary);
}

/* The reader of stdout has gone away. */
static bool is_broken_pipe(void)
{
	struct pollfd p = {.fd = STDOUT_FILENO, .events = POLLOUT};

	return poll(&p, 1, 0) == 1 && (p.revents & POLLERR) != 0;
}

/* What could not be written to stdout is a failure, unless nobody reads it any more. */
static athar_status flush_output(athar_status status, athar_error *err)
{
	const bool failed = fflush(stdout) != 0;

	if (!failed && !ferror(stdout))
		return status;
	if (is_broken_pipe())
		athar_signals_broken_pipe();
	if (athar_exit_gravest(athar_status_exit(status), EXIT_INCOMPLETE_OUTPUT) !=
	    EXIT_INCOMPLETE_OUTPUT)
		return status;
	if (failed)
		return athar_fail_errno(err, "not all of the output could be written");
	return athar_fail(err, ATHAR_EIO, "not all of the output could be written");
}

int athar_call_end(athar_call *call, athar_status status, const athar_error *err)
{
	athar_error last = *err;
	int exit_status;

	status = flush_output(status, &last);
	exit_status = athar_status_exit(status);
	if (call->common != NULL && call->common->json)
		say_summary(call, status, &last, exit_status);
	if ((call->common == NULL || !call->common->json || athar_events_stream(call) != stderr) &&
	    (status != ATHAR_OK ||
	     (call->common != NULL && !call->common->quiet && !call->common->json)))
		say_line(call, exit_status, status == ATHAR_OK ? call->done : last.text);
	athar_json_free(call->summary);
	call->summary = NULL;
	return athar_status_exit(flush_output(status, &last));
}

static athar_status check_operands(const athar_call *call, athar_error *err)
{
	const athar_command *c = call->command;

	if (call->operands.count < c->least)
		return athar_fail(err, ATHAR_EUSAGE, "%s is missing: athar %s [options] %s",
		                  c->least == 1 ? c->operands : "an operand", c->name, c->operands);
	if (call->operands.count > c->most)
		return athar_fail(err, ATHAR_EUSAGE, "\"%s\" is one operand too many",
		                  call->operands.word[c->most]);
	return ATHAR_OK;
}

/* For the failures of parsing itself: a program that reads JSON gets its summary all the same. */
static bool wants_json(int argc, char **argv)
{
	for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--json") == 0)
			return true;
	}
	return false;
}

static athar_status begin(athar_call *call, int argc, char **argv, athar_error *err)
{
	athar_common *common = call->values;
	const bool json = wants_json(argc, argv);
	athar_status status = athar_options_parse(&call->operands, call->command->options, common,
	                                          argc, argv, err);

	if (status == ATHAR_OK && !common->help)
		status = check_operands(call, err);
	if (status == ATHAR_OK && common->threads > 4096)
		status = athar_fail(err, ATHAR_EUSAGE, "--threads is at most 4096");
	if (status != ATHAR_OK)
		common->json = json;
	call->context.examiner = common->examiner;
	call->context.threads = (unsigned)common->threads;
	call->context.unconfined = common->unconfined;
	return status;
}

int athar_call_run(const athar_command *command, int argc, char **argv,
                   const athar_context *context)
{
	athar_call call = {.command = command, .context = *context};
	athar_error err = ATHAR_ERROR_INIT;
	athar_status status;
	int exit_status;

	call.values = malloc(command->values_size);
	if (call.values == NULL) {
		status = athar_fail(&err, ATHAR_ENOMEM, "no memory to begin");
		return athar_call_end(&call, status, &err);
	}
	memcpy(call.values, command->defaults, command->values_size);
	call.common = call.values;
	status = begin(&call, argc, argv, &err);
	if (status == ATHAR_OK && call.common->help) {
		athar_help_command(stdout, command);
		exit_status = athar_status_exit(flush_output(ATHAR_OK, &err));
	} else {
		if (status == ATHAR_OK)
			status = command->run(&call, &err);
		exit_status = athar_call_end(&call, status, &err);
	}
	free(call.values);
	return exit_status;
}
