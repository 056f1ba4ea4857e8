/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A report as a file: rendered beside its place, made durable, renamed, logged with its hash.
 */
#include "athar/report.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/files.h"
#include "case/exhibit.h"
#include "digest/digest.h"
#include "report/renderer.h"

/* What is being written. */
typedef struct issue {
	athar_case *c;
	const athar_report *report;
	const athar_renderer *renderer;
	const char *path; /* where it will stand */
	bool outside;     /* not in the case folder: the examiner chose the file */
	const char *name; /* as the log calls it: from the case folder on, or the path as given */
} issue;

/* CASE/reports, made by the first report. */
static athar_status make_folder(const athar_case *c, athar_error *err)
{
	ATHAR_AUTO(free) char *folder = athar_join(athar_case_folder(c), "reports", err);
	struct stat there;

	if (folder == NULL)
		return err->status;
	if (lstat(folder, &there) == 0 && S_ISDIR(there.st_mode))
		return ATHAR_OK;
	return athar_folder_create(folder, err);
}

/* Asked before anything is logged: a refusal leaves no trace in the case. */
static athar_status refuse_existing(const issue *i, athar_error *err)
{
	struct stat there;

	if (lstat(i->path, &there) == 0)
		return athar_fail(
			err, ATHAR_EREFUSED,
			"%s is there already; a report of the same content has the same name. "
			"Nothing is overwritten: give another file with -o",
			i->path);
	if (errno != ENOENT)
		return athar_fail_errno(err, "cannot look at %s", i->path);
	return ATHAR_OK;
}

/* ---- the file ---- */

static athar_status render(const issue *i, const char *partial, athar_error *err)
{
	ATHAR_AUTO(file) FILE *to = NULL;
	ATHAR_AUTO(fd) int fd = -1;

	ATHAR_TRY(athar_file_create(&fd, partial, err));
	to = fdopen(fd, "w");
	if (to == NULL)
		return athar_fail_errno(err, "cannot write %s", partial);
	fd = -1; /* to closes it */
	ATHAR_TRY(athar_report_render(i->report, i->renderer->name, to, err));
	if (fsync(fileno(to)) != 0)
		return athar_fail_errno(err, "cannot write %s", partial);
	if (fclose(ATHAR_GIVE(to)) != 0)
		return athar_fail_errno(err, "cannot write %s", partial);
	return ATHAR_OK;
}

static athar_status write_file(const issue *i, athar_error *err)
{
	ATHAR_AUTO(free) char *partial = athar_format_text(err, "%s.partial", i->path);
	athar_error ignored = ATHAR_ERROR_INIT;
	struct stat there;
	athar_status status;

	if (partial == NULL)
		return err->status;
	if (lstat(partial, &there) == 0)
		return athar_fail(
			err, ATHAR_EREFUSED,
			"%s is there: another report is being written, or one was interrupted. "
			"If none is, remove it",
			partial);
	status = render(i, partial, err);
	if (status == ATHAR_OK)
		status = athar_rename_new(partial, i->path, err);
	if (status != ATHAR_OK)
		(void)athar_remove_tree(partial, &ignored);
	return status;
}

/* ---- the log ---- */

static athar_json *begin_data(const issue *i)
{
	athar_json *data = athar_json_object();

	athar_json_set_text(data, "format", i->renderer->name);
	athar_json_set_text(data, "id", athar_report_id(i->report));
	athar_json_set_bool(data, "draft", athar_report_draft(i->report));
	athar_json_set_text(data, "file", i->name);
	return data;
}

/* What was written, into the line that ends the action: among its files where it lies in the case,
 * else as data.outside, since files of the log are named from the case folder on. */
static athar_status add_file(athar_json **files, athar_json *data, const issue *i, athar_error *err)
{
	athar_json *file = athar_json_object();
	athar_digests digests;
	uint64_t size = 0;

	if (i->outside)
		athar_json_set(data, "outside", file);
	else
		athar_json_append(*files = athar_json_array(), file);
	ATHAR_TRY(athar_digest_file(&digests, &size, i->path, ATHAR_SHA256, err));
	athar_json_set_text(file, "name", i->name);
	athar_json_set_text(file, "sha256", athar_digests_get(&digests, ATHAR_SHA256));
	athar_json_set_number(file, "size", size);
	return ATHAR_OK;
}

/* What the report itself says of the case. */
static athar_status verdict(const athar_report *r, athar_error *err)
{
	const char *const *missing = athar_report_not_stated(r);

	if (athar_report_broken(r))
		return athar_fail(
			err, ATHAR_EMISMATCH,
			"the report stands, but the custody log is broken at line %llu: %s",
			(unsigned long long)r->custody.broken_at, r->custody.why);
	if (r->problem_count > 0)
		return athar_fail(err, ATHAR_EINCOMPLETE,
		                  "the report stands, but a record could not be read: %s: %s",
		                  r->problem[0].where, r->problem[0].text);
	if (athar_report_draft(r))
		return athar_fail(
			err, ATHAR_EINCOMPLETE,
			"the report stands as a DRAFT: fields not stated: %zu, the first is %s",
			r->missing_count, missing[0]);
	return ATHAR_OK;
}

static athar_status write_logged(const issue *i, athar_error *err)
{
	athar_error logged = ATHAR_ERROR_INIT;
	athar_json *files = NULL, *data;
	athar_status status, end;
	uint64_t begin = 0;

	ATHAR_TRY(athar_custody_begin(&begin, i->c, "report", NULL, begin_data(i), err));
	data = athar_json_object();
	status = write_file(i, err);
	if (status == ATHAR_OK)
		status = add_file(&files, data, i, err);
	end = status == ATHAR_OK ? verdict(i->report, &logged) : status;
	end = athar_custody_end(i->c, begin, "report", NULL, athar_custody_result(end), files, data,
	                        &logged);
	if (status == ATHAR_OK && end != ATHAR_OK)
		*err = logged;
	return status != ATHAR_OK ? status : end;
}

/* ---- the verb ---- */

static athar_status name_report(char **path, char **name, const athar_case *c,
                                const athar_report *r, const athar_renderer *renderer,
                                const char *asked, athar_error *err)
{
	if (asked != NULL) {
		*path = athar_copy_text(asked, err);
		*name = athar_copy_text(asked, err);
	} else {
		*name = athar_format_text(err, "reports/report-%s.%s", athar_report_id(r),
		                          renderer->extension);
		*path = *name != NULL ? athar_join(athar_case_folder(c), *name, err) : NULL;
	}
	return *path != NULL && *name != NULL ? ATHAR_OK : err->status;
}

athar_status athar_report_write(char **written, athar_case *c, const char *format, const char *path,
                                athar_error *err)
{
	ATHAR_AUTO(report) athar_report *r = NULL;
	ATHAR_AUTO(free) char *place = NULL;
	ATHAR_AUTO(free) char *name = NULL;
	const athar_renderer *renderer = NULL;

	ATHAR_TRY(athar_renderer_find(&renderer, format, err));
	if (!athar_case_writable(c))
		return athar_fail(
			err, ATHAR_EREFUSED,
			"%s cannot be written to, and a report is logged there; -o - prints one "
			"without",
			athar_case_folder(c));
	ATHAR_TRY(athar_report_load(&r, athar_case_folder(c), athar_case_context(c), err));
	ATHAR_TRY(name_report(&place, &name, c, r, renderer, path, err));

	const issue i = {c, r, renderer, place, path != NULL, name};

	ATHAR_TRY(refuse_existing(&i, err));
	if (path == NULL)
		ATHAR_TRY(make_folder(c, err));
	ATHAR_TRY(write_logged(&i, err));
	*written = ATHAR_GIVE(place);
	return verdict(r, err);
}
