/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/trash_record.h"

#include <ctype.h>
#include <string.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "volume/ntfs_record.h"
#include "volume/times.h"

#define PATH_MOST ((size_t)32767) /* characters of a path of Windows */
#define OLD_PATH ((size_t)260)
#define INFO2_HEADER 20u
#define INFO2_LONG 800u
#define INFO2_SHORT 280u

void athar_trash_record_clear(athar_trash_record *record)
{
	free(record->path);
	*record = (athar_trash_record){.path = NULL};
}

static void set_time(athar_trash_record *out, uint64_t filetime)
{
	athar_item_time *t = &out->deleted;

	if (!athar_filetime(&t->seconds, &t->nanoseconds, filetime))
		return;
	snprintf(t->meaning, sizeof t->meaning, "deleted");
	snprintf(t->source, sizeof t->source, "recycle.bin");
	snprintf(t->zone, sizeof t->zone, "utc");
}

/* To the first NUL; false: no path. */
static athar_status set_wide_path(athar_trash_record *out, bool *good, const uint8_t *text,
                                  size_t most, athar_error *err)
{
	size_t n = 0;

	while (n < most && athar_le16(text + 2 * n) != 0)
		n++;
	*good = n > 0;
	if (!*good)
		return ATHAR_OK;
	out->path = athar_alloc(3 * n, err);
	if (out->path == NULL)
		return err->status;
	out->path_len = athar_ntfs_text(out->path, text, n);
	return ATHAR_OK;
}

static void turn_slashes(athar_trash_record *out)
{
	for (size_t i = 0; i < out->path_len; i++)
		if (out->path[i] == '\\')
			out->path[i] = '/';
}

athar_status athar_trash_parse_i(athar_trash_record *out, bool *good, const uint8_t *bytes,
                                 size_t len, athar_error *err)
{
	const uint64_t version = len < 28 ? 0 : athar_le64(bytes);
	const size_t at = version == 1 ? 24 : 28;
	size_t most = OLD_PATH;

	*out = (athar_trash_record){.path = NULL};
	*good = version == 1 || version == 2;
	if (!*good)
		return ATHAR_OK;
	if (version == 2)
		most = athar_le32(bytes + 24);
	if (most > PATH_MOST || most > (len - at) / 2)
		most = (len - at) / 2 > PATH_MOST ? PATH_MOST : (len - at) / 2;
	ATHAR_TRY(set_wide_path(out, good, bytes + at, most, err));
	turn_slashes(out);
	set_time(out, athar_le64(bytes + 16));
	return ATHAR_OK;
}

/* The narrow path is in a code page that is not noted; its first byte is cleared when the file
 * leaves the bin. */
static athar_status read_info2(athar_trash_record *out, bool *good, const uint8_t *r, uint32_t size,
                               athar_error *err)
{
	const uint32_t drive = athar_le32(r + 264);

	*good = r[0] != 0 && drive < 26;
	if (!*good)
		return ATHAR_OK;
	out->number = athar_le32(r + 260);
	out->drive = (char)('a' + drive);
	set_time(out, athar_le64(r + 268));
	if (size == INFO2_LONG) {
		ATHAR_TRY(set_wide_path(out, good, r + 280, OLD_PATH, err));
	} else {
		out->path_len = strnlen((const char *)r, OLD_PATH);
		out->path = athar_copy_bytes(r, out->path_len, err);
		if (out->path == NULL)
			return err->status;
	}
	turn_slashes(out);
	return ATHAR_OK;
}

athar_status athar_trash_parse_info2(athar_trash_record *out, bool *good, const uint8_t *bytes,
                                     size_t len, size_t *at, athar_error *err)
{
	const uint32_t size = len < INFO2_HEADER ? 0 : athar_le32(bytes + 12);

	*out = (athar_trash_record){.path = NULL};
	*good = false;
	if (size != INFO2_LONG && size != INFO2_SHORT)
		return ATHAR_OK;
	if (*at == 0)
		*at = INFO2_HEADER;
	while (!*good && *at <= len && len - *at >= size) {
		const uint8_t *r = bytes + *at;

		*at += size;
		ATHAR_TRY(read_info2(out, good, r, size, err));
	}
	return ATHAR_OK;
}

/* ---- FreeDesktop.org ---- */

/* The value of the first line "KEY=value"; NULL: there is none. */
static const uint8_t *value_of(const char *key, const uint8_t *bytes, size_t len, size_t *value_len)
{
	const size_t key_len = strlen(key);

	for (size_t at = 0; at < len;) {
		const uint8_t *line = bytes + at;
		const uint8_t *end = memchr(line, '\n', len - at);
		const size_t n = end == NULL ? len - at : (size_t)(end - line);

		if (n > key_len && memcmp(line, key, key_len) == 0 && line[key_len] == '=') {
			*value_len = n - key_len - 1;
			return line + key_len + 1;
		}
		at += n + 1;
	}
	return NULL;
}

/* 16: it is none. */
static unsigned hex_digit(uint8_t c)
{
	if (isdigit(c))
		return (unsigned)(c - '0');
	return isxdigit(c) ? (unsigned)(tolower(c) - 'a') + 10 : 16;
}

/* Escaped as in addresses of the web; a sign that is none stays. */
static size_t unescape(uint8_t *out, const uint8_t *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		const unsigned high = len - i > 2 ? hex_digit(text[i + 1]) : 16;
		const unsigned low = len - i > 2 ? hex_digit(text[i + 2]) : 16;
		const bool escaped = text[i] == '%' && high < 16 && low < 16;

		out[n++] = escaped ? (uint8_t)(high * 16 + low) : text[i];
		i += escaped ? 2 : 0;
	}
	return n;
}

static bool number_at(unsigned *out, const uint8_t *text, size_t at, size_t digits)
{
	*out = 0;
	for (size_t i = at; i < at + digits; i++) {
		if (!isdigit(text[i]))
			return false;
		*out = *out * 10 + (unsigned)(text[i] - '0');
	}
	return true;
}

/* 2020-02-29T23:59:59, by a clock whose zone is not noted. */
static void set_date(athar_trash_record *out, const uint8_t *text, size_t len)
{
	unsigned year, month, day, hour, minute, second;
	athar_item_time *t = &out->deleted;

	if (len < 19 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
	    text[16] != ':' || !number_at(&year, text, 0, 4) || !number_at(&month, text, 5, 2) ||
	    !number_at(&day, text, 8, 2) || !number_at(&hour, text, 11, 2) ||
	    !number_at(&minute, text, 14, 2) || !number_at(&second, text, 17, 2) || month < 1 ||
	    month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
		return;
	t->seconds =
		athar_times_days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
	snprintf(t->meaning, sizeof t->meaning, "deleted");
	snprintf(t->source, sizeof t->source, "trashinfo");
	snprintf(t->zone, sizeof t->zone, "unrecorded");
}

athar_status athar_trash_parse_info(athar_trash_record *out, bool *good, const uint8_t *bytes,
                                    size_t len, athar_error *err)
{
	static const char head[] = "[Trash Info]";
	size_t path_len = 0;
	size_t date_len = 0;
	const uint8_t *path = value_of("Path", bytes, len, &path_len);
	const uint8_t *date = value_of("DeletionDate", bytes, len, &date_len);

	*out = (athar_trash_record){.path = NULL};
	*good = len > sizeof head && memcmp(bytes, head, sizeof head - 1) == 0 && path != NULL &&
	        path_len > 0;
	if (!*good)
		return ATHAR_OK;
	out->absolute = path[0] == '/';
	out->path = athar_alloc(path_len, err);
	if (out->path == NULL)
		return err->status;
	out->path_len = unescape(out->path, path + out->absolute, path_len - out->absolute);
	if (date != NULL)
		set_date(out, date, date_len);
	*good = out->path_len > 0;
	return ATHAR_OK;
}
