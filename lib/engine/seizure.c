/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/seizure.h"

#include <string.h>

#include "athar/text.h"
#include "engine/drivers.h"
#include "jail/confine.h"

#define DAY 86400

/* ---- the date ---- */

/* Exactly `digits` of them; -1: there are not. */
static int number(const char **at, int digits)
{
	int value = 0;

	for (int i = 0; i < digits; i++, (*at)++) {
		if (**at < '0' || **at > '9')
			return -1;
		value = value * 10 + (**at - '0');
	}
	return value;
}

static bool sign(const char **at, char expected)
{
	if (**at != expected)
		return false;
	(*at)++;
	return true;
}

static int days_of(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* Days from 1970 to a date. */
static int64_t day_number(int year, int month, int day)
{
	const int64_t y = year - 1;
	int64_t days = y * 365 + y / 4 - y / 100 + y / 400 - 719162 + day - 1;

	for (int m = 1; m < month; m++)
		days += days_of(year, m);
	return days;
}

static bool parse_date(int64_t *out, const char **at)
{
	const int year = number(at, 4);
	const bool one = sign(at, '-');
	const int month = one ? number(at, 2) : -1;
	const bool two = month > 0 && sign(at, '-');
	const int day = two ? number(at, 2) : -1;

	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_of(year, month))
		return false;
	*out = day_number(year, month, day) * DAY;
	return true;
}

/* "hh:mm" */
static int minutes(const char **at)
{
	const int hour = number(at, 2);
	const int minute = hour >= 0 && sign(at, ':') ? number(at, 2) : -1;

	return hour < 0 || hour > 23 || minute < 0 || minute > 59 ? -1 : hour * 60 + minute;
}

static bool parse_zone(int64_t *seconds, const char **at)
{
	const char direction = **at;
	int offset;

	if (sign(at, 'Z') || sign(at, 'z'))
		return true;
	if (direction != '+' && direction != '-')
		return false;
	(*at)++;
	offset = minutes(at);
	*seconds += direction == '+' ? -offset * 60 : offset * 60;
	return offset >= 0;
}

/* A second of 60 is a leap second. */
static bool parse_time(int64_t *out, const char **at)
{
	const int minute = minutes(at);
	const int second = minute >= 0 && sign(at, ':') ? number(at, 2) : -1;

	if (second < 0 || second > 60)
		return false;
	if (sign(at, '.') && number(at, 1) < 0)
		return false;
	while (**at >= '0' && **at <= '9')
		(*at)++;
	*out += (int64_t)minute * 60 + second;
	return parse_zone(out, at);
}

athar_status athar_seizure_parse(athar_seizure *out, const char *text, athar_error *err)
{
	const char *at = text;
	int64_t seconds = 0;
	bool right = parse_date(&seconds, &at);

	if (right && *at == '\0') {
		*out = (athar_seizure){seconds, seconds + DAY - 1};
		return ATHAR_OK;
	}
	right = right && (sign(&at, 'T') || sign(&at, 't') || sign(&at, ' '));
	if (!right || !parse_time(&seconds, &at) || *at != '\0')
		return athar_fail(err, ATHAR_EUSAGE,
		                  "%s is no date: 2026-11-22, or 2026-11-22T09:30:00+02:00", text);
	*out = (athar_seizure){seconds, seconds};
	return ATHAR_OK;
}

/* ---- the uses ---- */

static void add_use(athar_json *list, const athar_volume_info *v, const athar_last_use *use,
                    const char *what, int64_t time, const athar_seizure *seizure)
{
	athar_json *o;
	char text[32];

	if (time == 0 || time < seizure->from || (time == seizure->to && time == seizure->from))
		return;
	o = athar_json_object();
	athar_json_set_number(o, "volume", v->number);
	athar_json_set_number(o, "offset", v->offset);
	athar_json_set_text(o, "kind", v->kind);
	athar_json_set_text(o, "label", v->label);
	athar_json_set_text(o, "what", what);
	athar_json_set_text(o, "time", athar_text_time(text, sizeof text, time));
	athar_json_set_text(o, "source", use->source);
	athar_json_set_text(o, "when", time > seizure->to ? "after" : "on the day");
	athar_json_append(list, o);
}

athar_json *athar_seizure_uses(const athar_survey *survey, const athar_seizure *seizure)
{
	athar_json *list = athar_json_array();

	for (size_t i = 0; i < survey->count; i++) {
		const athar_last_use *use = &survey->use[i];

		add_use(list, &survey->volume[i], use, "mounted", use->mounted, seizure);
		add_use(list, &survey->volume[i], use, "written", use->written, seizure);
	}
	return list;
}

athar_status athar_seizure_check(athar_json **out, char finding[300], const char *path,
                                 const athar_seizure *seizure, const athar_context *context,
                                 athar_error *err)
{
	static const athar_format *const no_formats[] = {NULL};
	ATHAR_AUTO(jail) athar_jail *jail = NULL;
	ATHAR_AUTO(survey) athar_survey survey = {.size = 0};
	athar_worker_spec worker = {.image = path, .formats = no_formats, .step = 512};
	athar_jail_spec spec = {.workers = 1,
	                        .unconfined = context->unconfined,
	                        .setup = athar_worker_setup,
	                        .task = athar_worker_task,
	                        .user = &worker};

	ATHAR_TRY(athar_allow_files(ATHAR_SEGMENT_FILES, err));
	ATHAR_TRY(athar_jail_open(&jail, &spec, err));
	ATHAR_TRY(athar_survey_run(&survey, jail, err));
	(void)snprintf(finding, 300, "%s", survey.finding);
	*out = athar_seizure_uses(&survey, seizure);
	return ATHAR_OK;
}
