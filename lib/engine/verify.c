/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar/verify.h"

#include <libgen.h>
#include <string.h>

#include "base/alloc.h"
#include "digest/digest.h"
#include "engine/drivers.h"
#include "engine/judge.h"
#include "engine/record.h"
#include "engine/subject.h"
#include "jail/confine.h"

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

/* Reading is all that an image needs; a case also gets its log line. */
static athar_status confine(const char *image, const char *against, const char *folder,
                            const athar_context *context, athar_error *err)
{
	ATHAR_AUTO(free) char *a = athar_copy_text(image != NULL ? image : folder, err);
	ATHAR_AUTO(free) char *b = athar_copy_text(against != NULL ? against : "", err);
	const char *read[] = {NULL, NULL, NULL};
	const char *write[] = {folder, NULL};
	const char *had = NULL;

	if (a == NULL || b == NULL)
		return ATHAR_ENOMEM;
	read[0] = image != NULL ? dirname(a) : folder;
	if (against != NULL && access(against, F_OK) == 0)
		read[1] = dirname(b);
	athar_digest_prepare();
	ATHAR_TRY(athar_allow_files(2 * ATHAR_SEGMENT_FILES, err));
	return athar_confine(&had,
	                     &(athar_confine_spec){.kind = ATHAR_CONFINE_IMAGER,
	                                           .read = read,
	                                           .write = write,
	                                           .unconfined = context->unconfined},
	                     err);
}

static athar_status verify_image(athar_judge *judge, const athar_verify_options *options,
                                 athar_error *err)
{
	athar_expected expected = {
		.what = "image", .against = options->against, .hashes = options->hashes};

	ATHAR_TRY(confine(options->path, options->against, NULL, judge->context, err));
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

static athar_status judge_logged(athar_judge *judge, athar_case *c,
                                 const athar_verify_options *options, athar_error *err)
{
	athar_error logged = ATHAR_ERROR_INIT;
	athar_json *data = athar_json_object();
	uint64_t begin = 0;

	athar_json_set_text(data, "command", judge->context->command);
	ATHAR_TRY(athar_custody_begin(&begin, c, "verify", NULL, data, err));
	athar_status status = judge_case(judge, c, options, err);
	athar_status end = athar_custody_end(c, begin, "verify", NULL, athar_record_result(status),
	                                     NULL, end_data(judge->out, status, err), &logged);
	judge->out->logged = end == ATHAR_OK;
	if (status == ATHAR_OK && end != ATHAR_OK)
		*err = logged;
	return status != ATHAR_OK ? status : end;
}

static athar_status verify_case(athar_judge *judge, const athar_verify_options *options,
                                athar_error *err)
{
	ATHAR_AUTO(case) athar_case *c = NULL;

	if (options->against != NULL)
		return athar_fail(err, ATHAR_EUSAGE, "--against compares an image; %s is a case",
		                  options->path);
	ATHAR_TRY(athar_case_open(&c, options->path, judge->context, err));
	ATHAR_TRY(confine(NULL, NULL, options->path, judge->context, err));
	if (!athar_case_writable(c))
		return judge_case(judge, c, options, err);
	return judge_logged(judge, c, options, err);
}

athar_status athar_verify(athar_verify_result *out, const athar_verify_options *options,
                          const athar_context *context, const athar_verify_sink *sink,
                          const athar_watcher *watcher, athar_error *err)
{
	athar_judge judge = {.out = out, .sink = sink, .context = context, .watcher = watcher};

	*out = (athar_verify_result){.same = 0};
	if (athar_case_exists(options->path))
		return verify_case(&judge, options, err);
	ATHAR_TRY(verify_image(&judge, options, err));
	return verdict(out, options->path, err);
}
