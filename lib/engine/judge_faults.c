/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows for the files that an image consists of. */
#include "engine/drivers.h"
#include "engine/judge.h"
#include "image/faults.h"

/* Rows of one kind; the rest is counted. */
#define FAULTS_SHOWN 20u

typedef struct faults {
	athar_judge *judge;
	const char *what;
	uint64_t told[ATHAR_FAULT_KINDS];
} faults;

static const struct {
	athar_verify_kind kind;
	const char *name;
} words[ATHAR_FAULT_KINDS] = {
	[ATHAR_FAULT_STRUCTURE] = {ATHAR_VERIFY_STRUCTURE, "structure"},
	[ATHAR_FAULT_CUT] = {ATHAR_VERIFY_CUT, "cut short"},
	[ATHAR_FAULT_MISSING] = {ATHAR_VERIFY_MISSING, "missing segment"},
	[ATHAR_FAULT_FOREIGN] = {ATHAR_VERIFY_FOREIGN, "foreign segment"},
	[ATHAR_FAULT_EXTRA] = {ATHAR_VERIFY_EXTRA, "extra segment"},
	[ATHAR_FAULT_TABLE] = {ATHAR_VERIFY_TABLE, "table"},
	[ATHAR_FAULT_SIZE] = {ATHAR_VERIFY_SIZE, "size"},
	[ATHAR_FAULT_TRAILING] = {ATHAR_VERIFY_TRAILING, "trailing bytes"},
	[ATHAR_FAULT_HASH] = {ATHAR_VERIFY_HASH, "stored hashes"},
};

static void row(const faults *f, athar_fault_kind kind, const char *text)
{
	char what[200];

	(void)snprintf(what, sizeof what, "%s %s", f->what, words[kind].name);
	athar_judge_row(f->judge, ATHAR_CHECK_DIFFERS, words[kind].kind, what, "%s", text);
}

static void take(void *user, const athar_fault *fault)
{
	faults *f = user;

	if (f->told[fault->kind]++ < FAULTS_SHOWN)
		row(f, fault->kind, fault->text);
}

static void count_rest(const faults *f)
{
	for (unsigned kind = 0; kind < ATHAR_FAULT_KINDS; kind++) {
		char text[60];

		if (f->told[kind] <= FAULTS_SHOWN)
			continue;
		(void)snprintf(text, sizeof text, "%llu more of these",
		               (unsigned long long)(f->told[kind] - FAULTS_SHOWN));
		row(f, (athar_fault_kind)kind, text);
	}
}

athar_status athar_judge_faults(athar_judge *judge, const char *path, const char *what, bool opens,
                                uint64_t *told, athar_error *err)
{
	faults f = {.judge = judge, .what = what};
	athar_fault_sink sink = {.fault = take, .user = &f};
	athar_error why = ATHAR_ERROR_INIT;
	const athar_status status = athar_faults_find(&sink, path, athar_source_drivers, &why);

	count_rest(&f);
	*told = sink.told;
	if (status == ATHAR_OK)
		return ATHAR_OK;
	if (status == ATHAR_ENOMEM) {
		*err = why;
		return status;
	}
	if (opens)
		athar_judge_row(judge, ATHAR_CHECK_FAILED, ATHAR_VERIFY_STRUCTURE, what,
		                "its files could not all be looked at: %s", why.text);
	return ATHAR_OK;
}
