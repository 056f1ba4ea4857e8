/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/resumed.h"

#include <string.h>

#include "athar/version.h"
#include "base/alloc.h"
#include "case/place.h"
#include "case/run_name.h"
#include "engine/carving.h"
#include "engine/extraction.h"
#include "engine/record.h"

/* ---- which run ---- */

typedef struct choice {
	athar_carving *k;
	char *name; /* the newest so far */
	bool partial;
	athar_json *record;            /* its asked.json or run.json */
	bool choosing;                 /* else it is only asked whose rest others took up */
	bool over[ATHAR_RUN_LAST + 1]; /* a later run has taken up its rest */
} choice;

static void clear_choice(choice *c)
{
	free(c->name);
	athar_json_free(c->record);
}

ATHAR_DEFINE_AUTO_VALUE(choice, choice, clear_choice)

static void note_over(choice *c, const athar_json *record)
{
	const char *resumes = athar_json_get_text(record, "resumes");

	if (resumes != NULL)
		c->over[athar_run_number(resumes, false)] = true;
}

static athar_status choose(choice *c, const char *name, bool partial, athar_json *record,
                           athar_error *err)
{
	athar_json_free(c->record);
	free(c->name);
	c->record = record;
	c->partial = partial;
	c->name = athar_copy_text(name, err);
	return c->name == NULL || record == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

/* One that was stopped, with what it has in place. */
static athar_status look_at_ended(void *user, const char *name, const athar_json *fields,
                                  athar_error *err)
{
	choice *c = user;
	const char *result = athar_json_get_text(fields, "result");

	note_over(c, fields);
	if (!c->choosing || c->over[athar_run_number(name, false)] || result == NULL ||
	    strcmp(result, athar_custody_result(ATHAR_ECANCELED)) != 0 ||
	    athar_json_get(fields, "asked") == NULL)
		return ATHAR_OK;
	return choose(c, name, false, athar_json_copy(fields), err);
}

/* One that was killed, or failed. Without a record it had found nothing yet. */
static athar_status look_at_partial(void *user, const char *name, athar_error *err)
{
	choice *c = user;
	athar_json *record = NULL;
	const athar_status status =
		athar_run_load_asked(&record, c->k->c, c->k->out->slug, name, err);

	if (status == ATHAR_EOF)
		return ATHAR_OK;
	ATHAR_TRY(status);
	note_over(c, record);
	if (!c->choosing ||
	    (c->name != NULL && athar_run_number(c->name, false) > athar_run_number(name, false))) {
		athar_json_free(record);
		return ATHAR_OK;
	}
	return choose(c, name, true, record, err);
}

static athar_status look_at_all(choice *c, athar_error *err)
{
	const char *slug = c->k->out->slug;

	ATHAR_TRY(athar_runs_of_exhibit(c->k->c, slug, look_at_ended, c, err));
	return athar_runs_interrupted(c->k->c, slug, look_at_partial, c, err);
}

static athar_status find_run(choice *c, athar_error *err)
{
	const char *slug = c->k->out->slug;

	ATHAR_TRY(look_at_all(c, err));
	c->choosing = true;
	ATHAR_TRY(look_at_all(c, err));
	if (c->name != NULL)
		return ATHAR_OK;
	return athar_fail(err, ATHAR_EREFUSED,
	                  "exhibit %s has no interrupted run to go on with: leave --resume out",
	                  slug);
}

/* ---- what it was asked for ---- */

/* Another one may find other things, or number them otherwise. */
static athar_status check_version(const choice *c, athar_error *err)
{
	const char *was = athar_json_get_text(c->record, "athar");

	if (was == NULL)
		was = athar_json_get_text(athar_json_get(c->record, "versions"), "athar");
	if (!c->partial || (was != NULL && strcmp(was, athar_version()) == 0))
		return ATHAR_OK;
	return athar_fail(err, ATHAR_EREFUSED,
	                  "%s was begun by athar %.40s, this is %s: go on with it by that one, or "
	                  "carve without --resume",
	                  c->name, was == NULL ? "of an unknown version" : was, athar_version());
}

/* A run that was never gone on with is one session. */
static athar_json *sessions_of(const athar_json *record)
{
	athar_json *list, *one;

	if (athar_json_get(record, "sessions") != NULL)
		return athar_json_copy(athar_json_get(record, "sessions"));
	list = athar_json_array();
	one = athar_json_object();
	athar_json_set_text(one, "started", athar_json_get_text(record, "started"));
	athar_json_set_text(one, "ended", athar_json_get_text(record, "ended"));
	athar_json_append(list, one);
	return list;
}

static athar_status copy_before(athar_resumed *r, const athar_json *record, athar_error *err)
{
	const char *before = athar_json_get_text(record, "resumes");

	if (!r->partial || before == NULL)
		return ATHAR_OK;
	r->before = athar_copy_text(before, err);
	return r->before == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

athar_status athar_resumed_find(athar_carving *k, athar_error *err)
{
	ATHAR_AUTO(choice) choice c = {.k = k};
	athar_resumed *r = &k->resumed;

	ATHAR_TRY(find_run(&c, err));
	ATHAR_TRY(check_version(&c, err));
	ATHAR_TRY(athar_asked_take(&r->asked, athar_json_get(c.record, "asked"), k->options, err));
	if (!athar_json_get_number(c.record, "total", &r->size))
		return athar_fail(err, ATHAR_EFORMAT, "the record of %s has no size", c.name);
	(void)athar_json_get_number(c.record, "resumed", &r->times);
	r->times++;
	r->partial = c.partial;
	r->sessions = sessions_of(c.record);
	ATHAR_TRY(copy_before(r, c.record, err));
	r->run = ATHAR_GIVE(c.name);
	k->options = &r->asked.options;
	return ATHAR_OK;
}

athar_status athar_resumed_check(const athar_carving *k, athar_error *err)
{
	const athar_resumed *r = &k->resumed;

	if (r->run == NULL || r->size == k->survey.size)
		return ATHAR_OK;
	return athar_fail(err, ATHAR_EREFUSED,
	                  "the image is not what %s began with: it has %llu bytes, it had %llu",
	                  r->run, (unsigned long long)k->survey.size, (unsigned long long)r->size);
}

/* ---- what it has ---- */

/* What was only found when somebody said stop is looked at now. */
static bool was_looked_at(const athar_item *item)
{
	return item->grade != ATHAR_GRADE_HEADER ||
	       strcmp(item->why, athar_extraction_interrupted) != 0;
}

static bool was_taken(const athar_item *item)
{
	return item->file[0] != '\0' ||
	       strncmp(item->why, athar_extraction_untaken, strlen(athar_extraction_untaken)) == 0;
}

/* Of a place that stands in its item's line only the item's grade is known: the same bytes. */
static athar_status add_places(athar_carving *k, const athar_item *item, athar_error *err)
{
	for (size_t i = 0; i < athar_json_count(item->also); i++) {
		ATHAR_AUTO(item) athar_item place = ATHAR_ITEM_INIT;

		ATHAR_TRY(athar_place_get(&place, athar_json_at(item->also, i), err));
		place.grade = item->grade;
		memcpy(place.type, item->type, sizeof place.type);
		ATHAR_TRY(athar_standing_add(&k->resumed.standing, &place, true, err));
	}
	return ATHAR_OK;
}

static athar_status check_stop(const athar_carving *k, athar_error *err)
{
	return athar_watch_cancelled(k->watcher) ? athar_fail(err, ATHAR_ECANCELED, "interrupted")
	                                         : ATHAR_OK;
}

static athar_status take_ended_item(void *user, const athar_item *item, athar_error *err)
{
	athar_carving *k = user;

	ATHAR_TRY(check_stop(k, err));
	if (!was_looked_at(item))
		return ATHAR_OK;
	ATHAR_TRY(athar_standing_add(&k->resumed.standing, item, was_taken(item), err));
	athar_standing_own(&k->resumed.standing, item, 0);
	return add_places(k, item, err);
}

static athar_status take_item(void *user, bool *stands, const athar_item *item, athar_error *err)
{
	athar_carving *k = user;

	ATHAR_TRY(check_stop(k, err));
	*stands = was_looked_at(item);
	if (!*stands)
		return ATHAR_OK;
	athar_carving_count(k, item);
	ATHAR_TRY(athar_standing_add(&k->resumed.standing, item, was_taken(item), err));
	athar_standing_own(&k->resumed.standing, item, item->number);
	return add_places(k, item, err);
}

static athar_status take_place(void *user, const athar_item *place, athar_error *err)
{
	athar_carving *k = user;

	return athar_standing_add(&k->resumed.standing, place, true, err);
}

static athar_status load_before(void *user, const char *name, const athar_json *fields,
                                athar_error *err)
{
	char **before = user;
	const char *resumes = athar_json_get_text(fields, "resumes");

	if (*before == NULL || strcmp(*before, name) != 0)
		return ATHAR_OK;
	free(*before);
	*before = resumes == NULL ? NULL : athar_copy_text(resumes, err);
	return resumes != NULL && *before == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

/* Runs that were ended, from `last` back to the one that began. */
static athar_status take_ended(athar_carving *k, const char *last, athar_error *err)
{
	ATHAR_AUTO(free) char *name = last == NULL ? NULL : athar_copy_text(last, err);

	if (name == NULL)
		return last == NULL ? ATHAR_OK : ATHAR_ENOMEM;
	for (unsigned n = 0; name != NULL && n < ATHAR_RUN_LAST; n++) {
		ATHAR_TRY(athar_run_each_item(k->c, k->out->slug, name, take_ended_item, k, err));
		ATHAR_TRY(athar_runs_of_exhibit(k->c, k->out->slug, load_before, &name, err));
	}
	return ATHAR_OK;
}

athar_status athar_resumed_open(athar_carving *k, athar_error *err)
{
	const athar_run_visit visit = {.item = take_item, .place = take_place, .user = k};
	const athar_resumed *r = &k->resumed;

	if (r->run == NULL)
		return athar_run_new(&k->run, k->c, k->out->slug, err);
	if (!r->partial) {
		ATHAR_TRY(take_ended(k, r->run, err));
		return athar_run_new(&k->run, k->c, k->out->slug, err);
	}
	ATHAR_TRY(take_ended(k, r->before, err));
	ATHAR_TRY(athar_run_reopen(&k->run, k->c, k->out->slug, r->run, &visit, err));
	k->out->findings = athar_run_finding_count(k->run);
	return ATHAR_OK;
}

athar_status athar_resumed_take(const athar_stand **out, athar_carving *k, const athar_find *find,
                                athar_error *err)
{
	return athar_standing_take(out, &k->resumed.standing, find, err);
}

/* ---- its record ---- */

static athar_json *sessions_with(const athar_carving *k, int64_t ended)
{
	athar_json *list = k->resumed.sessions == NULL ? athar_json_array()
	                                               : athar_json_copy(k->resumed.sessions);
	athar_json *one = athar_json_object();

	athar_record_time(one, "started", k->started);
	if (ended == 0)
		athar_json_set_null(one, "ended");
	else
		athar_record_time(one, "ended", ended);
	athar_json_append(list, one);
	return list;
}

/* The run that this one's folder does not hold. */
static const char *resumes(const athar_resumed *r)
{
	return r->partial ? r->before : r->run;
}

athar_status athar_resumed_save(const athar_carving *k, int64_t ended, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *o = athar_json_object();

	athar_json_set_number(o, "v", 1);
	athar_json_set_text(o, "athar", athar_version());
	athar_json_set(o, "asked", athar_asked_json(k->options, k->earlier));
	athar_json_set_number(o, "total", k->survey.size);
	athar_json_set_number(o, "resumed", k->resumed.times);
	athar_json_set_text(o, "resumes", resumes(&k->resumed));
	athar_json_set(o, "sessions", sessions_with(k, ended));
	return athar_run_save_asked(k->run, o, err);
}

void athar_resumed_tell(athar_json *run, const athar_carving *k, int64_t ended)
{
	athar_json_set(run, "asked", athar_asked_json(k->options, k->earlier));
	if (k->resumed.run == NULL)
		return;
	athar_json_set_number(run, "resumed", k->resumed.times);
	if (resumes(&k->resumed) != NULL)
		athar_json_set_text(run, "resumes", resumes(&k->resumed));
	athar_json_set(run, "sessions", sessions_with(k, ended));
}

void athar_resumed_clear(athar_resumed *r)
{
	free(r->run);
	free(r->before);
	athar_asked_clear(&r->asked);
	athar_json_free(r->sessions);
	athar_standing_clear(&r->standing);
}
