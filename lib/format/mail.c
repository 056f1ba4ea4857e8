/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/mail.h"

#include <string.h>

#include "athar/text.h"
#include "format/text_code.h"

#define FIELD_MOST 1600u /* of a field that goes on over lines; the rest does not count */

static const char *const known_names[] = {
	"Received:",
	"Return-Path:",
	"From:",
	"To:",
	"Cc:",
	"Bcc:",
	"Date:",
	"Subject:",
	"Message-ID:",
	"MIME-Version:",
	"Content-Type:",
	"Content-Transfer-Encoding:",
	"Content-Disposition:",
	"Content-Language:",
	"Delivered-To:",
	"Reply-To:",
	"Sender:",
	"In-Reply-To:",
	"References:",
	"User-Agent:",
	"X-Mailer:",
	"X-Priority:",
	"X-Originating-IP:",
	"Importance:",
	"Thread-Index:",
	"Thread-Topic:",
	"DKIM-Signature:",
	"Received-SPF:",
	"Authentication-Results:",
	"ARC-Seal:",
	"ARC-Message-Signature:",
	"ARC-Authentication-Results:",
	"List-ID:",
	"List-Unsubscribe:",
	"Precedence:",
	"Envelope-To:",
	"Status:",
	"X-Mozilla-Status:",
};

bool athar_mail_is_known(const char *line, size_t len)
{
	for (size_t i = 0; i < ATHAR_COUNT(known_names); i++)
		if (athar_text_starts(line, len, known_names[i]))
			return true;
	return false;
}

/* ---- times ---- */

unsigned athar_month_number(const char *name)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (unsigned i = 0; i < 12; i++)
		if (memcmp(name, months + 3 * i, 3) == 0)
			return i + 1;
	return 0;
}

/* Days from 1970 to a date of the Gregorian calendar. */
static int64_t days_to(int64_t year, unsigned month, unsigned day)
{
	const int64_t y = year - (month <= 2);
	const int64_t era = y / 400, of_era = y % 400;
	const int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* "-0400" in seconds; false where no zone is given in numbers. */
static bool zone(int64_t *out, const char *text)
{
	unsigned hours = 0, minutes = 0;
	char sign[2] = "";

	*out = 0;
	if (strncmp(text, "GMT", 3) == 0 || strncmp(text, "UT", 2) == 0)
		return true;
	if (sscanf(text, "%1[+-]%2u%2u", sign, &hours, &minutes) != 3 || hours > 14 || minutes > 59)
		return false;
	*out = (int64_t)(hours * 3600 + minutes * 60) * (sign[0] == '-' ? -1 : 1);
	return true;
}

void athar_mail_time(char out[32], const char *text, size_t len)
{
	unsigned day = 0, year = 0, hour = 0, minute = 0, second = 0;
	char copy[64], month[4] = "";
	int at = 0;
	int64_t east = 0;

	out[0] = '\0';
	(void)snprintf(copy, sizeof copy, "%.*s", (int)(len < 63 ? len : 63), text);
	const char *comma = strchr(copy, ',');

	if (sscanf(comma == NULL ? copy : comma + 1, " %2u %3[A-Za-z] %4u %2u:%2u%n", &day, month,
	           &year, &hour, &minute, &at) != 5)
		return;
	const char *rest = (comma == NULL ? copy : comma + 1) + at;

	if (sscanf(rest, ":%2u%n", &second, &at) == 1)
		rest += at;
	rest += strspn(rest, " ");
	const unsigned number = strlen(month) == 3 ? athar_month_number(month) : 0;

	if (number == 0 || day == 0 || day > 31 || year < 1970 || year > 9999 || hour > 23 ||
	    minute > 59 || second > 60)
		return;
	const bool zoned = zone(&east, rest);
	const int64_t time = days_to(year, number, day) * 86400 + (int64_t)hour * 3600 +
	                     (int64_t)minute * 60 + second - east;

	(void)athar_text_time(out, 32, time);
	if (!zoned && out[0] != '\0' && out[strlen(out) - 1] == 'Z')
		out[strlen(out) - 1] = '\0';
}

/* ---- fields ---- */

typedef struct field {
	char text[FIELD_MOST + 1]; /* "Name: value", its lines joined */
	size_t len;
} field;

static void add(field *f, const athar_lines *l)
{
	const size_t room = FIELD_MOST - f->len, len = l->len < room ? l->len : room;

	memcpy(f->text + f->len, l->line, len);
	f->len += len;
	f->text[f->len] = '\0';
}

/* The value behind "Name:", white space around it gone. */
static const char *value_of(size_t *len, const field *f)
{
	const char *colon = memchr(f->text, ':', f->len);
	size_t at = colon == NULL ? f->len : (size_t)(colon - f->text) + 1;

	while (at < f->len && athar_is_space(f->text[at]))
		at++;
	*len = f->len - at;
	return f->text + at;
}

static bool has(const field *f, const char *word)
{
	for (size_t i = 0; i < f->len; i++)
		if (athar_text_starts(f->text + i, f->len - i, word))
			return true;
	return false;
}

/* boundary="..." or boundary=... */
static void read_boundary(athar_mail *m, const field *f)
{
	static const char word[] = "boundary=";
	size_t at = 0, n = 0;

	while (at < f->len && !athar_text_starts(f->text + at, f->len - at, word))
		at++;
	at += sizeof word - 1;
	if (at >= f->len)
		return;
	const bool quoted = f->text[at] == '"';

	for (at += quoted; at < f->len && n + 1 < ATHAR_BOUNDARY_MOST; at++) {
		const char c = f->text[at];

		if (quoted ? c == '"' : athar_is_space(c) || c == ';')
			break;
		m->boundary[n++] = c;
	}
	m->boundary[n] = '\0';
	m->multipart = n != 0;
}

static void tell(athar_walk *w, const field *f)
{
	size_t len = 0;
	const char *value = value_of(&len, f);
	char time[32];

	if (athar_text_starts(f->text, f->len, "Subject:"))
		athar_walk_field_words(w, "subject", value, len);
	else if (athar_text_starts(f->text, f->len, "From:"))
		athar_walk_field_words(w, "from", value, len);
	else if (athar_text_starts(f->text, f->len, "To:"))
		athar_walk_field_words(w, "to", value, len);
	if (!athar_text_starts(f->text, f->len, "Date:"))
		return;
	athar_mail_time(time, value, len);
	athar_walk_field(w, "date", "%s", time);
}

static void take(athar_mail *m, athar_walk *w, const field *f)
{
	if (f->len == 0)
		return;
	m->known += athar_mail_is_known(f->text, f->len);
	m->date |= athar_text_starts(f->text, f->len, "Date:");
	if (athar_text_starts(f->text, f->len, "From:")) {
		m->from = true;
		m->web |= has(f, "<Saved by ");
	} else if (athar_text_starts(f->text, f->len, "Content-Type:")) {
		m->message = has(f, "message/rfc822");
		if (has(f, "multipart/"))
			read_boundary(m, f);
	} else if (athar_text_starts(f->text, f->len, "Content-Transfer-Encoding:")) {
		m->base64 = has(f, "base64");
	}
	if (m->told)
		tell(w, f);
}

/* "Name:" of printable characters without space (RFC 5322, 2.2). */
static bool is_field(const athar_lines *l)
{
	size_t i = 0;

	while (i < l->len && l->line[i] > ' ' && l->line[i] < 0x7F && l->line[i] != ':')
		i++;
	return i != 0 && i < 77 && i < l->len && l->line[i] == ':';
}

athar_status athar_mail_header(athar_mail *m, athar_walk *w, athar_lines *l, athar_error *err)
{
	field f = {.len = 0};

	for (;;) {
		const bool folded = l->len != 0 && (l->line[0] == ' ' || l->line[0] == '\t');

		if (!folded) {
			take(m, w, &f);
			f.len = 0;
			if (!l->whole || !is_field(l))
				break;
		}
		add(&f, l);
		if (!l->whole)
			break;
		ATHAR_TRY(athar_text_next(l, err));
	}
	m->blank = l->whole && l->len == 0;
	return ATHAR_OK;
}
