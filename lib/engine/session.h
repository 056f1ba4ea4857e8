/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * acquiring.json: what a run needs to know to go on with an acquisition that another one began, and
 * who began it, when, and how each run ended. It stands in SLUG.partial only; the list of sessions
 * goes into the record.
 */
#ifndef ATHAR_ENGINE_SESSION_H
#define ATHAR_ENGINE_SESSION_H

#include "athar/acquire.h"
#include "athar/context.h"
#include "base/idiom.h"
#include "case/exhibit.h"

#define ATHAR_SESSION_FILE "acquiring.json"

typedef struct athar_session {
	const athar_context *context;
	int64_t acquired;       /* when the first session began: the image's own date */
	char *examiner;         /* of the first session: he stands in the image */
	uint64_t healthy;       /* all before this was read in order; of the rest the map tells */
	bool rescue;            /* the medium failed, or rescue mode was asked for */
	bool sealing;           /* nothing more is read: what was rescued is put into the image */
	uint64_t behind;        /* a bit for each image that lacks what the map calls finished */
	athar_json *source;     /* what was read from */
	athar_json *setting;    /* what both runs must have in common */
	athar_json *stated;     /* the examiner's words */
	athar_json *past;       /* the sessions before this one */
	int64_t started, ended; /* this one; ended 0: it runs */
	uint64_t from, to;      /* places in the source */
	const char *result;     /* static */
} athar_session;

/* A new one. */
athar_status athar_session_begin(athar_session *s, const athar_acquire_options *options,
                                 const athar_source_info *source, const athar_context *context,
                                 athar_error *err);
/* What stands in the exhibit's folder, and one session more. ATHAR_EREFUSED when the source is
 * another one, ATHAR_EUSAGE when the settings are. Words that were not stated anew are taken from
 * there: they are put into *options, borrowed. */
athar_status athar_session_resume(athar_session *s, athar_acquire_options *options,
                                  const athar_exhibit *x, const athar_source_info *source,
                                  const athar_context *context, athar_error *err);
/* Writes it down as it is. */
athar_status athar_session_save(const athar_session *s, athar_exhibit *x, athar_error *err);
/* [{started, ended, from, to, result, host, login, examiner, command}, ...], with this one. */
athar_json *athar_session_list(const athar_session *s);
void athar_session_clear(athar_session *s);
ATHAR_DEFINE_AUTO_VALUE(session, athar_session, athar_session_clear)

#endif
