/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * iCalendar (RFC 5545) and its older kin vCalendar: events, tasks and journals in a calendar
 * object.
 */
#include <string.h>

#include "format/list.h"
#include "format/vobject.h"

typedef struct calendar {
	uint64_t entries;
	bool in_entry; /* the last object that began is one: event, task or journal */
} calendar;

static void begin(athar_walk *w, void *context, const char *name)
{
	static const char *const parts[] = {"VCALENDAR", "VTIMEZONE", "STANDARD",
	                                    "DAYLIGHT",  "VALARM",    "VFREEBUSY"};
	calendar *c = context;

	(void)w;
	c->in_entry = true;
	for (size_t i = 0; i < ATHAR_COUNT(parts); i++)
		c->in_entry = c->in_entry && strcmp(name, parts[i]) != 0;
	c->entries += c->in_entry;
}

/* "20240301T120000Z", with or without its time and zone. */
static void note_date(athar_walk *w, const athar_vline *v)
{
	const char *s = v->value;
	size_t digits = 0;

	while (digits < 8 && digits < v->value_len && athar_is_digit(s[digits]))
		digits++;
	if (digits != 8)
		return;
	if (v->value_len < 15 || s[8] != 'T' || strspn(s + 9, "0123456789") < 6)
		athar_walk_field(w, "date", "%.4s-%.2s-%.2s", s, s + 4, s + 6);
	else
		athar_walk_field(w, "date",
		                 "%.4s-%.2s-%.2s"
		                 "T%.2s:%.2s:%.2s%s",
		                 s, s + 4, s + 6, s + 9, s + 11, s + 13,
		                 v->value_len > 15 && s[15] == 'Z' ? "Z" : "");
}

static void line(athar_walk *w, void *context, const athar_vline *v)
{
	const calendar *c = context;

	if (v->depth == 1 && athar_vline_is(v, "PRODID"))
		athar_vline_note(w, "software", v);
	else if (v->depth == 1 && athar_vline_is(v, "X-WR-CALNAME"))
		athar_vline_note(w, "name", v);
	else if (v->depth == 2 && c->in_entry && athar_vline_is(v, "SUMMARY"))
		athar_vline_note(w, "title", v);
	else if (v->depth == 2 && c->in_entry && athar_vline_is(v, "DTSTART"))
		note_date(w, v);
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	static const athar_vobject_kind kind = {.name = "VCALENDAR", .begin = begin, .line = line};
	athar_walk w;
	uint64_t count = 0;
	calendar c = {0};

	athar_walk_init(&w, out, in);
	const athar_status status = athar_vobject_walk(&count, &w, &kind, &c, err);

	if (out->ours)
		athar_walk_field(&w, "count", "%llu", (unsigned long long)c.entries);
	return athar_walk_settle(&w, status, err);
}

static const athar_magic magic[] = {
	{0, 15, {'B', 'E', 'G', 'I', 'N', ':', 'V', 'C', 'A', 'L', 'E', 'N', 'D', 'A', 'R'}},
	{0, 15, {'b', 'e', 'g', 'i', 'n', ':', 'v', 'c', 'a', 'l', 'e', 'n', 'd', 'a', 'r'}},
	{0, 0, {0}}};

const athar_format athar_format_ical = {
	.name = "ical",
	.extension = "ics",
	.mime = "text/calendar",
	.summary = "iCalendar: events, tasks and journals",
	.end = "END:VCALENDAR that closes all that began, behind which no other calendar begins",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
