/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar/cat.h"

#include <errno.h>

#include "progress.h"
#include "signals.h"
#include "terminal.h"

typedef struct cat_values {
	athar_common common;
	athar_cat_options options;
	uint64_t item;
} cat_values;

#define NO_ITEM UINT64_MAX

static const cat_values defaults = {.options = ATHAR_CAT_OPTIONS_INIT, .item = NO_ITEM};

#define AT(member) offsetof(cat_values, member)

static const athar_option options[] = {
	{"offset", 0, "SIZE", ATHAR_OPTION_SIZE, AT(options.offset), "Which bytes",
         "the first of them; default 0", NULL},
	{"size", 0, "SIZE", ATHAR_OPTION_SIZE, AT(options.size), "Which bytes",
         "how many; default to the end", NULL},
	{"item", 0, "N", ATHAR_OPTION_NUMBER, AT(item), "Which bytes", "those of item N of a run",
         NULL},
	{"exhibit", 0, "ID", ATHAR_OPTION_TEXT, AT(options.exhibit), "Which bytes",
         "which exhibit of the case", NULL},
	{"run", 0, "NAME", ATHAR_OPTION_TEXT, AT(options.run), "Which bytes",
         "which run, as carve-001; default the last", NULL},
	ATHAR_OPTION_THREADS,
	ATHAR_OPTION_UNCONFINED,
	ATHAR_OPTIONS_OUTPUT,
	ATHAR_OPTIONS_END,
};

static athar_status check(const cat_values *v, athar_error *err)
{
	if (v->item == 0)
		return athar_fail(err, ATHAR_EUSAGE, "items are numbered from 1");
	if (v->item != NO_ITEM && (v->options.offset != 0 || v->options.size != UINT64_MAX))
		return athar_fail(err, ATHAR_EUSAGE, "--item goes without --offset and --size");
	if (v->options.run != NULL && v->item == NO_ITEM)
		return athar_fail(err, ATHAR_EUSAGE, "--run goes with --item");
	if (athar_terminal_is(stdout))
		return athar_fail(err, ATHAR_EREFUSED,
		                  "bytes of evidence are not written to a terminal; send them to a "
		                  "file or a program");
	return ATHAR_OK;
}

static athar_status run(athar_call *call, athar_error *err)
{
	cat_values *v = call->values;
	athar_progress_line line;
	athar_status status;

	if (check(v, err) != ATHAR_OK)
		return err->status;
	v->options.path = call->operands.word[0];
	if (v->item != NO_ITEM)
		v->options.item = v->item;
	status = athar_cat(stdout, &v->options, &call->context, athar_progress_begin(&line, call),
	                   err);
	athar_progress_wipe(&line);
	if (status == ATHAR_EIO && err->os_errno == EPIPE)
		athar_signals_broken_pipe();
	return status;
}

const athar_command athar_command_cat = {
	.name = "cat",
	.operands = "IMAGE|CASE",
	.least = 1,
	.most = 1,
	.summary = "exact bytes of an image or of an item, to stdout",
	.about = "Writes bytes of an image, or of an item that was recovered from one, to stdout.\n"
		 "What cannot be read is written as zeros and reported.",
	.options = options,
	.defaults = &defaults,
	.values_size = sizeof defaults,
	.data = true,
	.run = run,
};
