/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/pdf_info.h"

#include <string.h>

#include "base/endian.h"
#include "base/utf8.h"
#include "format/mail.h"
#include "format/text_scan.h"

#define STRING 512u /* of a string, to look at */

static const char *const names[PDF_INFO_STRINGS][2] = {
	{"Title", "title"},          {"Author", "author"},    {"Producer", "software"},
	{"CreationDate", "created"}, {"ModDate", "modified"},
};

void pdf_info_take(pdf_info *one, const char *key, const pdf_token *value)
{
	for (size_t i = 0; i < PDF_INFO_STRINGS; i++) {
		if (value->kind != PDF_STRING || strcmp(key, names[i][0]) != 0)
			continue;
		one->at[i] = value->at;
		one->tells = one->tells || i >= 2; /* titles are also of bookmarks */
	}
	if (strcmp(key, "Type") == 0)
		one->pages = value->kind == PDF_NAME && strcmp(value->text, "Pages") == 0;
	else if (strcmp(key, "Parent") == 0)
		one->child = true;
	else if (strcmp(key, "Count") == 0 && value->kind == PDF_INTEGER)
		one->count = value->value;
}

void pdf_info_keep(pdf_info *all, const pdf_info *one)
{
	if (one->tells)
		memcpy(all->at, one->at, sizeof all->at);
	if (one->pages && !one->child)
		all->count = one->count;
}

/* ---- strings ---- */

static int hex(int c)
{
	if (athar_is_digit(c))
		return c - '0';
	c = athar_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "<48FF>" */
static size_t from_hex(uint8_t *out, const uint8_t *p, size_t len)
{
	size_t digits = 0;

	for (size_t i = 1; i < len && p[i] != '>'; i++) {
		const int value = hex(p[i]);

		if (value < 0)
			continue;
		out[digits / 2] = (uint8_t)(digits % 2 == 0 ? value << 4 : out[digits / 2] | value);
		digits++;
	}
	return (digits + 1) / 2;
}

/* What a backslash and what follows it stand for; *i is at the backslash, then at the last of it.
 */
static int escaped(size_t *i, const uint8_t *p, size_t len)
{
	static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
	int value = 0, digits = 0;

	if (++*i >= len)
		return -1;
	while (digits < 3 && *i < len && p[*i] >= '0' && p[*i] <= '7') {
		value = value * 8 + (p[(*i)++] - '0');
		digits++;
	}
	if (digits != 0) {
		--*i;
		return value & 0xFF;
	}
	const char *found = p[*i] == '\0' ? NULL : strchr(from, p[*i]);

	if (p[*i] == '\n' || p[*i] == '\r')
		return -1;
	return found == NULL ? p[*i] : to[found - from];
}

/* "(a \(b\))", with parentheses that balance. */
static size_t from_text(uint8_t *out, const uint8_t *p, size_t len)
{
	size_t n = 0;
	int depth = 1;

	for (size_t i = 1; i < len; i++) {
		int c = p[i];

		depth += c == '(' ? 1 : c == ')' ? -1 : 0;
		if (depth == 0)
			break;
		if (c == '\\')
			c = escaped(&i, p, len);
		if (c >= 0)
			out[n++] = (uint8_t)c;
	}
	return n;
}

/* UTF-16 behind a byte order mark becomes UTF-8. */
static size_t to_utf8(uint8_t *text, size_t len)
{
	uint8_t out[STRING];
	size_t n = 0;

	if (len < 2 || text[0] != 0xFE || text[1] != 0xFF)
		return len;
	for (size_t i = 2; i + 2 <= len && n + 4 < sizeof out; i += 2) {
		const uint16_t unit = athar_be16(text + i);

		if (unit != 0 && (unit < 0xD800 || unit >= 0xE000))
			n += athar_utf8_encode(out + n, unit);
	}
	memcpy(text, out, n);
	return n;
}

/* "D:20240301130000+01'00'" */
static void note_date(athar_walk *w, const char *key, const uint8_t *text, size_t len)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char date[40] = "", mail[64], time[32];
	const char *d = date;

	(void)snprintf(date, sizeof date, "%.*s", (int)(len < 39 ? len : 39), (const char *)text);
	if (strncmp(d, "D:", 2) == 0)
		d += 2;
	const size_t digits = strspn(d, "0123456789");

	if (digits < 12)
		return;
	const int month = (d[4] - '0') * 10 + (d[5] - '0');
	const char *zone = d + digits;

	if (month < 1 || month > 12)
		return;
	(void)snprintf(mail, sizeof mail, "%.2s %.3s %.4s %.2s:%.2s:%.2s ", d + 6,
	               months + 3 * (month - 1), d, d + 8, d + 10, digits < 14 ? "00" : d + 12);
	if (zone[0] == 'Z')
		(void)strncat(mail, "GMT", sizeof mail - strlen(mail) - 1);
	else if ((zone[0] == '+' || zone[0] == '-') && strlen(zone) >= 6)
		(void)snprintf(mail + strlen(mail), sizeof mail - strlen(mail), "%.3s%.2s", zone,
		               zone + 4);
	athar_mail_time(time, mail, strlen(mail));
	athar_walk_field(w, key, "%s", time);
}

static athar_status note_string(athar_walk *w, const char *key, uint64_t at, athar_error *err)
{
	uint8_t text[STRING];
	athar_bytes b;

	ATHAR_TRY(athar_reader_some(&b, w->in, at, STRING, err));
	size_t n = b.ptr[0] == '<' ? from_hex(text, b.ptr, b.len) : from_text(text, b.ptr, b.len);

	n = to_utf8(text, n);
	if (strcmp(key, "created") == 0 || strcmp(key, "modified") == 0)
		note_date(w, key, text, n);
	else
		athar_walk_field_bytes(w, key, text, n);
	return ATHAR_OK;
}

athar_status pdf_info_note(const pdf_info *all, athar_walk *w, athar_error *err)
{
	for (size_t i = 0; i < PDF_INFO_STRINGS; i++)
		if (all->at[i] != 0)
			ATHAR_TRY(note_string(w, names[i][1], all->at[i], err));
	if (all->count != 0)
		athar_walk_field(w, "pages", "%llu", (unsigned long long)all->count);
	return ATHAR_OK;
}
