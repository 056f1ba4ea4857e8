/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/name_says.h"

#include <ctype.h>
#include <string.h>

#include "base/check.h"

#define PIECE ((size_t)64 << 10)
/* Of a long text, this much is looked at. */
#define TEXT_MOST (UINT64_C(64) << 20)

/* Extensions that always stand for a format which is known here; "text" is lines of characters.
 * Those that stand for several (doc can be RTF, db anything) are left out. */
static const char *const promises[][2] = {
	{"jpg", "jpeg"},  {"jpeg", "jpeg"},     {"png", "png"},  {"gif", "gif"},   {"pdf", "pdf"},
	{"zip", "zip"},   {"docx", "zip"},      {"xlsx", "zip"}, {"pptx", "zip"},  {"odt", "zip"},
	{"ods", "zip"},   {"odp", "zip"},       {"apk", "zip"},  {"jar", "zip"},   {"epub", "zip"},
	{"mp4", "bmff"},  {"mov", "bmff"},      {"3gp", "bmff"}, {"m4a", "bmff"},  {"m4v", "bmff"},
	{"heic", "bmff"}, {"avif", "bmff"},     {"avi", "avi"},  {"wav", "wav"},   {"ogg", "ogg"},
	{"oga", "ogg"},   {"ogv", "ogg"},       {"opus", "ogg"}, {"xcf", "xcf"},   {"gz", "gzip"},
	{"tgz", "gzip"},  {"sqlite", "sqlite"}, {"txt", "text"}, {"log", "text"},  {"csv", "text"},
	{"htm", "text"},  {"html", "text"},     {"xml", "text"}, {"json", "text"}, {"eml", "text"},
	{"vcf", "text"},  {"ics", "text"},      {"md", "text"},  {"sh", "text"},   {"py", "text"},
	{"js", "text"},   {"css", "text"},      {"ini", "text"}, {"svg", "text"},
};

static const char *promised(char extension[8], const uint8_t *path, size_t len)
{
	const uint8_t *dot = len == 0 ? NULL : memrchr(path, '.', len);
	const size_t left = dot == NULL ? 0 : (size_t)(path + len - dot - 1);

	if (left == 0 || left > 7)
		return NULL;
	for (size_t i = 0; i < left; i++)
		extension[i] = (char)tolower(dot[1 + i]);
	extension[left] = '\0';
	for (size_t i = 0; i < ATHAR_COUNT(promises); i++)
		if (strcmp(promises[i][0], extension) == 0)
			return promises[i][1];
	return NULL;
}

static bool is_wide(const uint8_t *bytes, size_t len)
{
	return len >= 2 &&
	       ((bytes[0] == 0xFF && bytes[1] == 0xFE) || (bytes[0] == 0xFE && bytes[1] == 0xFF));
}

/* Text of one byte a unit has no zeros; UTF-16 says what it is by its first two bytes. What was too
 * much work to read through is believed. */
static athar_status is_text(bool *out, athar_reader *content, athar_error *err)
{
	const uint64_t size = athar_min(athar_reader_size(content), TEXT_MOST);
	athar_bytes b = {.len = 0};

	*out = true;
	for (uint64_t at = 0; at < size && *out; at += b.len) {
		const athar_status status = athar_reader_some(&b, content, at, PIECE, err);

		if (status == ATHAR_ELIMIT || status == ATHAR_EOF)
			return ATHAR_OK;
		ATHAR_TRY(status);
		if (at == 0 && is_wide(b.ptr, b.len))
			return ATHAR_OK;
		*out = memchr(b.ptr, 0, b.len) == NULL;
	}
	return ATHAR_OK;
}

athar_status athar_name_says(char doubt[100], const uint8_t *path, size_t len, const char *format,
                             athar_reader *content, athar_error *err)
{
	char extension[8];
	const char *wanted = promised(extension, path, len);
	bool kept = false;

	doubt[0] = '\0';
	if (wanted == NULL || strcmp(wanted, format) == 0)
		return ATHAR_OK;
	if (strcmp(wanted, "text") == 0 && format[0] == '\0')
		ATHAR_TRY(is_text(&kept, content, err));
	else if (strcmp(wanted, "text") == 0)
		kept = strcmp(format, "script") == 0;
	if (!kept)
		(void)snprintf(doubt, 100, "its name ends in .%s, and what lies there is not %s",
		               extension, wanted);
	return ATHAR_OK;
}
