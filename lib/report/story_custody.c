/* SPDX-License-Identifier: BSD-2-Clause */
/* Who had the exhibit, and what was done: two tables out of one log. */
#include "report/story.h"

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "report/values.h"

/* "E-014 (login amina)": the examiner's id as stated, and the login that survives sudo. */
static athar_status name_actor(char **out, const athar_json *line, athar_error *err)
{
	const char *id = athar_value_words(line, "actor.id");
	const char *examiner = id != NULL ? id : athar_value_words(line, "actor.examiner");
	const char *login = athar_value_words(line, "actor.login");
	const char *plain = athar_value_words(line, "actor");

	if (plain != NULL)
		*out = athar_copy_text(plain, err);
	else
		*out = athar_format_text(err, "%s (login %s)",
		                         examiner != NULL ? examiner : "no id given",
		                         login != NULL ? login : "not recorded");
	return *out != NULL ? ATHAR_OK : err->status;
}

static void tell_line(athar_paper *p, uint64_t number, const athar_json *line)
{
	const athar_json *data = athar_value_at(line, "data");
	ATHAR_AUTO(free) char *actor = NULL;
	ATHAR_AUTO(free) char *brief = NULL;
	ATHAR_AUTO(free) char *auth = NULL;

	athar_paper_fail(p, athar_value_text(&auth, line, "auth", ", ", p->err));
	athar_paper_fail(p, name_actor(&actor, line, p->err));
	if (data != NULL)
		athar_paper_fail(p, athar_value_brief(&brief, data, p->err));
	athar_paper_row(p, (athar_cell[]){athar_number(number),
	                                  athar_word(athar_value_words(line, "time")),
	                                  athar_name_text(athar_value_words(line, "action")),
	                                  athar_word(athar_value_words(line, "exhibit")),
	                                  athar_name_text(actor)});
	if (auth != NULL)
		athar_paper_detail(p, "authority", athar_name_text(auth));
	if (brief != NULL && brief[0] != '\0')
		athar_paper_detail(p, "data", athar_name_text(brief));
}

static athar_status tell_transfer(void *user, uint64_t number, const athar_json *line,
                                  athar_error *err)
{
	(void)err;
	if (athar_line_is_transfer(line))
		tell_line(user, number, line);
	return athar_paper_status(user);
}

static athar_status tell_activity(void *user, uint64_t number, const athar_json *line,
                                  athar_error *err)
{
	(void)err;
	if (!athar_line_is_transfer(line))
		tell_line(user, number, line);
	return athar_paper_status(user);
}

static const athar_column columns[] = {
	{"Line", 6, true},      {"Time (UTC)", 21, false}, {"Action", 16, false},
	{"Exhibit", 14, false}, {"Who", 0, false},
};

static void tell_transfers(athar_paper *p, const athar_report *r)
{
	static const athar_table table = {"Received, sealed, handed over, returned", columns,
	                                  ATHAR_COUNT(columns)};

	athar_paper_heading(p, 2, "Chain of custody of the exhibits", athar_word(NULL));
	if (r->transfers == 0) {
		athar_paper_say(
			p, "None recorded: the log of this case holds no line on receipt, sealing, "
			   "handing over or return of an exhibit.");
		return;
	}
	athar_paper_table(p, &table);
	athar_paper_fail(p, athar_report_each_line(r, tell_transfer, p, p->err));
	athar_paper_close(p);
}

static void tell_log(athar_paper *p, const athar_report *r)
{
	static const athar_table table = {"Every action of the tool in this case", columns,
	                                  ATHAR_COUNT(columns)};

	athar_paper_heading(p, 2, "Activity log", athar_word(NULL));
	athar_paper_say(
		p, "An action writes a line ending in \".begin\" before it touches evidence and "
		   "one ending in \".end\" when it is through. One without the other was "
		   "interrupted.");
	athar_paper_table(p, &table);
	athar_paper_fail(p, athar_report_each_line(r, tell_activity, p, p->err));
	athar_paper_close(p);
}

static void tell_chain(athar_paper *p, const athar_report *r)
{
	athar_paper_heading(p, 2, "Result of the chain check", athar_word(NULL));
	athar_paper_fact(p, "Lines in the log", athar_number(r->custody.lines));
	athar_paper_fact(p, "Lines this report covers", athar_number(r->covers));
	athar_paper_fact(p, "Hash of the last of these", athar_code(r->head));
	if (athar_report_broken(r))
		athar_paper_fact_say(p, "Chain", "BROKEN at line %" PRIu64 ": %s",
		                     r->custody.broken_at, r->custody.why);
	else
		athar_paper_fact(p, "Chain", athar_word("Each line follows the one before it"));
	athar_paper_fact(p, "Actions begun and never ended", athar_number(r->custody.open));
	athar_paper_say(p, "Lines after these, if there are any, only tell of reports that were "
	                   "written.");
}

void athar_story_custody(athar_paper *p, const athar_report *r)
{
	tell_chain(p, r);
	tell_transfers(p, r);
	tell_log(p, r);
}
