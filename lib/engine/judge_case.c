/* SPDX-License-Identifier: BSD-2-Clause */
/* A whole case: the log first, since it is what vouches for the rest. */
#include <string.h>

#include "base/alloc.h"
#include "case/check.h"
#include "case/run.h"
#include "engine/judge.h"
#include "engine/subject.h"

typedef struct docket {
	athar_judge *judge;
	const athar_case *c;
	unsigned hashes;
	size_t exhibits;
} docket;

static athar_status judge_custody(athar_judge *judge, const athar_case *c, athar_error *err)
{
	static const char *const what = "custody chain";
	athar_custody_state state;

	ATHAR_TRY(athar_custody_check(&state, athar_case_folder(c), err));
	if (state.broken_at != 0)
		athar_judge_row(judge, ATHAR_CHECK_DIFFERS, ATHAR_VERIFY_CUSTODY, what,
		                "line %llu: %s", (unsigned long long)state.broken_at, state.why);
	else if (state.torn)
		athar_judge_row(judge, ATHAR_CHECK_DIFFERS, ATHAR_VERIFY_CUSTODY, what,
		                "the last line, %llu, was not written to its end",
		                (unsigned long long)state.lines);
	else
		athar_judge_row(judge, ATHAR_CHECK_SAME, ATHAR_VERIFY_CUSTODY, what,
		                "%llu lines, head %s%s", (unsigned long long)state.lines,
		                state.head,
		                state.open > judge->open ? "; actions in it have no end" : "");
	return ATHAR_OK;
}

/* ---- an exhibit's image ---- */

typedef struct papers {
	char *image, *blocks;
	athar_digests hashes;
	uint64_t true_size, media_size;
} papers;

static void clear(papers *p)
{
	free(p->image);
	free(p->blocks);
}

ATHAR_DEFINE_AUTO_VALUE(papers, papers, clear)

/* A padded image has two sets of hashes: those of its media are the ones a reader of it computes.
 */
static void take_hashes(papers *p, const athar_json *record)
{
	const athar_json *padded = athar_json_get(record, "padded_hashes");
	const athar_json *source = athar_json_get(record, "source");

	athar_digests_from_json(&p->hashes,
	                        padded != NULL ? padded : athar_json_get(record, "hashes"));
	if (padded == NULL || !athar_json_get_number(source, "size", &p->true_size))
		p->true_size = 0;
	(void)athar_json_get_number(athar_json_get(record, "image"), "media_size", &p->media_size);
}

static athar_status find_blocks(papers *p, const docket *d, const char *slug,
                                const athar_json *record, athar_error *err)
{
	const char *name = athar_json_get_text(athar_json_get(record, "block_hashes"), "name");

	if (name == NULL || strchr(name, '/') != NULL)
		return ATHAR_OK;
	p->blocks = athar_format_text(err, "%s/%s/%s", athar_case_folder(d->c), slug, name);
	return p->blocks == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

static athar_status find_papers(papers *p, const docket *d, const char *slug, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *record = NULL;

	ATHAR_TRY(athar_case_image(&p->image, d->c, slug, err));
	ATHAR_TRY(athar_case_acquisition(&record, d->c, slug, err));
	take_hashes(p, record);
	return find_blocks(p, d, slug, record, err);
}

static athar_status judge_image(docket *d, const char *slug, const char *what, athar_error *err)
{
	ATHAR_AUTO(papers) papers p = {.image = NULL};

	ATHAR_TRY(find_papers(&p, d, slug, err));
	athar_expected expected = {.what = what,
	                           .recorded = &p.hashes,
	                           .blocks = p.blocks,
	                           .true_size = p.true_size,
	                           .media_size = p.media_size,
	                           .hashes = d->hashes};
	return athar_judge_image(d->judge, p.image, &expected, err);
}

/* What cannot be looked at is a row of its own: the rest is still judged. */
static athar_status or_row(const docket *d, athar_verify_kind kind, const char *what,
                           athar_status status, const athar_error *why, athar_error *err)
{
	if (status == ATHAR_OK)
		return ATHAR_OK;
	if (status == ATHAR_ECANCELED || status == ATHAR_ENOMEM) {
		*err = *why;
		return status;
	}
	athar_judge_row(d->judge, ATHAR_CHECK_FAILED, kind, what, "%s", why->text);
	return ATHAR_OK;
}

static athar_status judge_exhibit(void *user, const char *slug, const athar_json *fields,
                                  athar_error *err)
{
	docket *d = user;
	athar_error mine = ATHAR_ERROR_INIT;
	char what[200];

	(void)fields;
	d->exhibits++;
	(void)snprintf(what, sizeof what, "exhibit %.150s", slug);
	return or_row(d, ATHAR_VERIFY_MEDIA, what, judge_image(d, slug, what, &mine), &mine, err);
}

/* ---- files ---- */

typedef struct filing {
	athar_judge *judge;
	uint64_t same;
	bool each; /* a row also for what is as it was */
} filing;

static athar_status judge_file(void *user, const char *name, athar_file_check check,
                               const char *detail, athar_error *err)
{
	filing *f = user;

	(void)err;
	switch (check) {
	case ATHAR_FILE_SAME:
		f->same++;
		if (f->each)
			athar_judge_row(f->judge, ATHAR_CHECK_SAME, ATHAR_VERIFY_FILE, name, NULL);
		break;
	case ATHAR_FILE_SIZE_ONLY: /* the image's files: what they hold is judged block by block */
		break;
	case ATHAR_FILE_DIFFERS:
		athar_judge_row(f->judge, ATHAR_CHECK_DIFFERS, ATHAR_VERIFY_FILE, name, "%s",
		                detail == NULL ? "is not what was recorded" : detail);
		break;
	case ATHAR_FILE_MISSING:
		athar_judge_row(f->judge, ATHAR_CHECK_DIFFERS, ATHAR_VERIFY_FILE, name,
		                "is missing");
		break;
	case ATHAR_FILE_EXTRA:
		athar_judge_row(f->judge, ATHAR_CHECK_DIFFERS, ATHAR_VERIFY_FILE, name,
		                "is there, but no record tells of it");
		break;
	case ATHAR_FILE_FAILED:
		athar_judge_row(f->judge, ATHAR_CHECK_FAILED, ATHAR_VERIFY_FILE, name, "%s",
		                detail == NULL ? "cannot be read" : detail);
		break;
	}
	return athar_watch_cancelled(f->judge->watcher)
	               ? athar_fail(err, ATHAR_ECANCELED, "interrupted; nothing was changed")
	               : ATHAR_OK;
}

static athar_status judge_records(const docket *d, athar_error *err)
{
	filing f = {.judge = d->judge, .each = true};
	athar_file_checks checks = {.file = judge_file, .user = &f};

	return athar_exhibit_check(d->c, NULL, &checks, err);
}

/* A run may have recovered a hundred thousand files: only those that changed get a row each. */
static athar_status judge_run_files(const docket *d, const char *slug, const char *run,
                                    athar_error *err)
{
	filing f = {.judge = d->judge};
	athar_file_checks checks = {.file = judge_file, .user = &f};
	char what[300];

	ATHAR_TRY(athar_run_check(d->c, slug, run, &checks, err));
	(void)snprintf(what, sizeof what, "%.200s/%.20s", slug, run);
	if (f.same != 0)
		athar_judge_row(d->judge, ATHAR_CHECK_SAME, ATHAR_VERIFY_FILE, what, "%llu files",
		                (unsigned long long)f.same);
	return ATHAR_OK;
}

typedef struct run_walk {
	const docket *d;
	const char *slug;
} run_walk;

static athar_status judge_run(void *user, const char *name, const athar_json *fields,
                              athar_error *err)
{
	const run_walk *w = user;

	(void)fields;
	return judge_run_files(w->d, w->slug, name, err);
}

static athar_status judge_runs(void *user, const char *slug, const athar_json *fields,
                               athar_error *err)
{
	run_walk w = {user, slug};
	athar_error mine = ATHAR_ERROR_INIT;
	char what[200];

	(void)fields;
	(void)snprintf(what, sizeof what, "runs of %.150s", slug);
	return or_row(w.d, ATHAR_VERIFY_FILE, what,
	              athar_runs_of_exhibit(w.d->c, slug, judge_run, &w, &mine), &mine, err);
}

/* Hashes and ranges of several media would be taken for those of one: the rows tell them apart. */
static void forget_media(athar_verify_result *out)
{
	out->hashes = (athar_digests){0};
	athar_runs_clear(&out->bad);
}

athar_status athar_judge_case(athar_judge *judge, const athar_case *c, unsigned hashes,
                              athar_error *err)
{
	docket d = {judge, c, hashes, 0};
	athar_error why = ATHAR_ERROR_INIT;
	athar_status status;

	status = judge_custody(judge, c, &why);
	ATHAR_TRY(or_row(&d, ATHAR_VERIFY_CUSTODY, "custody chain", status, &why, err));
	status = judge_records(&d, &why);
	ATHAR_TRY(or_row(&d, ATHAR_VERIFY_FILE, "records", status, &why, err));
	status = athar_case_each_exhibit(c, judge_exhibit, &d, &why);
	ATHAR_TRY(or_row(&d, ATHAR_VERIFY_FILE, "exhibits", status, &why, err));
	if (d.exhibits > 1)
		forget_media(judge->out);
	status = athar_case_each_exhibit(c, judge_runs, &d, &why);
	return or_row(&d, ATHAR_VERIFY_FILE, "runs", status, &why, err);
}
