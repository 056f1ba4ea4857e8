/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar/verify.h"

#include "engine/judge.h"
#include "engine/record.h"
#include "engine/subject.h"

void athar_verify_result_clear(athar_verify_result *result)
{
	athar_runs_clear(&result->bad);
	*result = (athar_verify_result){.same = 0};
}

/* What the rows say as a whole. */
static athar_status verdict(const athar_verify_result *out, const char *path, athar_error *err)
{
	if (out->differs != 0)
		return athar_fail(err, ATHAR_EMISMATCH, "%s: %llu of %llu checks differ", path,
		                  (unsigned long long)out->differs,
		                  (unsigned long long)(out->same + out->differs + out->nothing +
		                                       out->failed));
	if (out->failed != 0 || out->nothing != 0)
		return athar_fail(
			err, ATHAR_EINCOMPLETE,
			"%s: %llu checks had nothing to compare with, %llu could not be made", path,
			(unsigned long long)out->nothing, (unsigned long long)out->failed);
	return ATHAR_OK;
}

static athar_status verify_image(athar_judge *judge, const athar_verify_options *options,
                                 athar_error *err)
{
	athar_expected expected = {
		.what = "image", .against = options->against, .hashes = options->hashes};

	return athar_judge_image(judge, options->path, &expected, err);
}

/* ---- a case ---- */

static athar_json *end_data(const athar_verify_result *out, athar_status status,
                            const athar_error *err)
{
	athar_json *o = athar_json_object();

	athar_json_set_number(o, "same", out->same);
	athar_json_set_number(o, "differs", out->differs);
	athar_json_set_number(o, "nothing", out->nothing);
	athar_json_set_number(o, "failed", out->failed);
	if (status != ATHAR_OK)
		athar_json_set_text(o, "error", err->text);
	return o;
}

static athar_status judge_case(athar_judge *judge, const athar_case *c,
                               const athar_verify_options *options, athar_error *err)
{
	ATHAR_TRY(athar_judge_case(judge, c, options->hashes, err));
	return verdict(judge->out, options->path, err);
}

/* What keeps the log from being written must not keep the case from being verified. */
static athar_status judge_unlogged(athar_judge *judge, const athar_case *c,
                                   const athar_verify_options *options, const char *why,
                                   athar_error *err)
{
	athar_watch_notice(judge->watcher, "%s is verified without a line in its log: %s",
	                   options->path, why);
	return judge_case(judge, c, options, err);
}

static athar_status judge_logged(athar_judge *judge, athar_case *c,
                                 const athar_verify_options *options, athar_error *err)
{
	athar_error logged = ATHAR_ERROR_INIT;
	uint64_t begin = 0;

	if (athar_custody_begin(&begin, c, "verify", NULL, NULL, &logged) != ATHAR_OK)
		return judge_unlogged(judge, c, options, logged.text, err);
	judge->open = 1;
	athar_status status = judge_case(judge, c, options, err);
	athar_status end = athar_custody_end(c, begin, "verify", NULL, athar_custody_result(status),
	                                     NULL, end_data(judge->out, status, err), &logged);
	judge->out->logged = end == ATHAR_OK;
	if (end != ATHAR_OK)
		athar_watch_notice(judge->watcher, "the log does not tell how this ended: %s",
		                   logged.text);
	if (status == ATHAR_OK && end != ATHAR_OK)
		*err = logged;
	return status != ATHAR_OK ? status : end;
}

static athar_status verify_case(athar_judge *judge, const athar_verify_options *options,
                                athar_error *err)
{
	ATHAR_AUTO(case) athar_case *c = NULL;
	athar_error refused = ATHAR_ERROR_INIT;

	if (options->against != NULL)
		return athar_fail(err, ATHAR_EUSAGE, "--against compares an image; %s is a case",
		                  options->path);
	athar_status status = athar_case_open(&c, options->path, judge->context, &refused);
	if (status == ATHAR_OK && athar_case_writable(c))
		return judge_logged(judge, c, options, err);
	if (status == ATHAR_OK)
		return judge_unlogged(judge, c, options, "it cannot be written to", err);
	ATHAR_TRY(athar_case_open_readonly(&c, options->path, err));
	return judge_unlogged(judge, c, options, refused.text, err);
}

static athar_status verify(athar_judge *judge, const athar_verify_options *options,
                           athar_error *err)
{
	if (athar_case_exists(options->path))
		return verify_case(judge, options, err);
	ATHAR_TRY(verify_image(judge, options, err));
	return verdict(judge->out, options->path, err);
}

athar_status athar_verify(athar_verify_result *out, const athar_verify_options *options,
                          const athar_context *context, const athar_verify_sink *sink,
                          const athar_watcher *watcher, athar_error *err)
{
	const char *const paths[] = {options->path, NULL};
	ATHAR_AUTO(verifier) athar_verifier *own = NULL;
	athar_judge judge = {.out = out,
	                     .sink = sink,
	                     .context = context,
	                     .watcher = watcher,
	                     .verifier = options->verifier};

	*out = (athar_verify_result){.same = 0};
	if (options->verifier == NULL) {
		ATHAR_TRY(athar_verifier_open(&own, paths, options->against, context, err));
		judge.verifier = own;
	}
	return verify(&judge, options, err);
}
