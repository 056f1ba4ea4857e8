/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/idiom.h"
#include "base/utf8.h"

/* Longer than any text kept, so that a character cut by this buffer's end is never reached. */
#define RAW_SIZE 1024

static const char ellipsis[] = "...";
static const char separator[] = ": ";

/* One character of raw text, as it is to be shown; its length in raw. */
static size_t show(char out[16], const uint8_t *raw, size_t len)
{
	uint32_t character = 0;
	const size_t size = athar_utf8_decode(&character, raw, len);

	if (size == 0) {
		(void)snprintf(out, 16, "\\x%02X", raw[0]);
		return 1;
	}
	if (athar_utf8_hidden(character)) {
		(void)snprintf(out, 16, "\\u{%X}", (unsigned)character);
		return size;
	}
	memcpy(out, raw, size);
	out[size] = '\0';
	return size;
}

/* Appends raw text, escaped. A text that does not fit is cut between characters and says so. The
 * backslash is not doubled: text that was escaped once is not changed by a second time. */
static void append(char *text, size_t size, const char *raw)
{
	const size_t raw_len = strlen(raw);
	size_t at = strlen(text);
	size_t cut = at;
	char shown[16];

	for (size_t i = 0; i < raw_len;) {
		i += show(shown, (const uint8_t *)raw + i, raw_len - i);
		const size_t len = strlen(shown);

		if (at + len >= size) {
			(void)snprintf(text + cut, size - cut, "%s", ellipsis);
			return;
		}
		memcpy(text + at, shown, len + 1);
		at += len;
		if (at + sizeof ellipsis <= size)
			cut = at;
	}
}

/* `kept` bytes of the text are left for what the caller appends. */
static void vfail(athar_error *err, athar_status status, uint64_t offset, size_t kept,
                  const char *format, va_list arguments) ATHAR_PRINTF(5, 0);

static void vfail(athar_error *err, athar_status status, uint64_t offset, size_t kept,
                  const char *format, va_list arguments)
{
	char raw[RAW_SIZE];

	if (vsnprintf(raw, sizeof raw, format, arguments) < 0)
		(void)snprintf(raw, sizeof raw, "%s", format);
	err->status = status;
	err->os_errno = 0;
	err->offset = offset;
	err->text[0] = '\0';
	append(err->text, sizeof err->text - kept, raw);
}

/* After a colon. What is appended is the cause: a long name before it must not push it out. */
static void append_cause(athar_error *err, const char *cause)
{
	append(err->text, sizeof err->text, separator);
	append(err->text, sizeof err->text, cause);
}

static size_t room_for(const athar_error *err, const char *cause)
{
	return athar_min(strlen(cause), sizeof err->text * 2 / 3) + strlen(separator);
}

athar_status athar_fail(athar_error *err, athar_status status, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfail(err, status, ATHAR_NOWHERE, 0, format, arguments);
	va_end(arguments);
	return status;
}

athar_status athar_fail_at(athar_error *err, athar_status status, uint64_t offset,
                           const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfail(err, status, offset, 0, format, arguments);
	va_end(arguments);
	return status;
}

athar_status athar_fail_errno(athar_error *err, const char *format, ...)
{
	const int number = errno;
	/* Unlike strerror this text does not depend on the locale. */
	const char *known = strerrordesc_np(number);
	const char *cause = known != NULL ? known : "unknown error";
	va_list arguments;

	va_start(arguments, format);
	vfail(err, ATHAR_EIO, ATHAR_NOWHERE, room_for(err, cause), format, arguments);
	va_end(arguments);
	err->os_errno = number;
	append_cause(err, cause);
	return ATHAR_EIO;
}

athar_status athar_within(athar_error *err, const char *format, ...)
{
	const athar_error inner = *err;
	va_list arguments;

	va_start(arguments, format);
	vfail(err, inner.status, inner.offset, room_for(err, inner.text), format, arguments);
	va_end(arguments);
	err->os_errno = inner.os_errno;
	append_cause(err, inner.text);
	return err->status;
}

int athar_status_exit(athar_status status)
{
	switch (status) {
	case ATHAR_OK:
		return 0;
	case ATHAR_EMISMATCH:
		return 1;
	case ATHAR_EUSAGE:
		return 2;
	case ATHAR_EINCOMPLETE:
		return 3;
	case ATHAR_EREFUSED:
		return 5;
	case ATHAR_ECANCELED:
		return 130;
	case ATHAR_EOF:
	case ATHAR_EIO:
	case ATHAR_EFORMAT:
	case ATHAR_ELIMIT:
	case ATHAR_ENOMEM:
		break;
	}
	return 4;
}

int athar_exit_gravest(int a, int b)
{
	static const int gravest_first[] = {130, 2, 5, 4, 1, 3};

	for (size_t i = 0; i < ATHAR_COUNT(gravest_first); i++)
		if (a == gravest_first[i] || b == gravest_first[i])
			return gravest_first[i];
	/* No exit status of athar's: what is not zero still counts. */
	return a != 0 ? a : b;
}
