/* SPDX-License-Identifier: BSD-2-Clause */
/* Sizes and times as text, without the locale: neither its decimal point nor its time zone. */
#include <stdio.h>
#include <string.h>

#include "athar/text.h"
#include "base/check.h"
#include "base/idiom.h"

const char *athar_text_size(char *buf, size_t len, uint64_t bytes)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	unsigned power = 1;
	uint64_t tenths = 0;

	if (bytes < 1024) {
		(void)snprintf(buf, len, "%u B", (unsigned)bytes);
		return buf;
	}
	for (;; power++) {
		const uint64_t unit = UINT64_C(1) << (10 * power);

		/* In two steps, since ten times the bytes need not fit; the rest rounds half up. */
		tenths = bytes / unit * 10 + (bytes % unit / 2 * 10 + unit / 4) / (unit / 2);
		if (tenths < 10240 || power == ATHAR_COUNT(units))
			break;
	}
	(void)snprintf(buf, len, "%llu.%llu %s", (unsigned long long)(tenths / 10),
	               (unsigned long long)(tenths % 10), units[power - 1]);
	return buf;
}

/* Days since 1970 to a date of the Gregorian calendar, years counted from March. */
static void civil(int64_t days, int64_t *year, int *month, int *day)
{
	const int64_t shifted = days + 719468; /* since 1 March of the year 0 */
	const int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	const int64_t of_era = shifted - era * 146097;
	const int64_t year_of_era =
		(of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	const int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	const int64_t from_march = (5 * of_year + 2) / 153;

	*day = (int)(of_year - (153 * from_march + 2) / 5 + 1);
	*month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
	*year = year_of_era + era * 400 + (*month <= 2 ? 1 : 0);
}

const char *athar_text_time(char *buf, size_t len, int64_t unix_seconds)
{
	/* 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z */
	const int64_t first = INT64_C(-62167219200);
	const int64_t last = INT64_C(253402300799);
	int64_t year = 0;
	int month = 0;
	int day = 0;

	if (unix_seconds < first || unix_seconds > last) {
		(void)snprintf(buf, len, "out of range");
		return buf;
	}
	const int64_t days = (unix_seconds - first) / 86400;
	const int second = (int)((unix_seconds - first) % 86400);

	civil(days + first / 86400, &year, &month, &day);
	(void)snprintf(buf, len, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)year, month, day,
	               second / 3600, second / 60 % 60, second % 60);
	return buf;
}

static bool find_unit(uint64_t *unit, const char *name)
{
	static const struct {
		const char *name;
		uint64_t unit;
	} units[] = {
		{"", 1},
		{"s", 512},
		{"k", UINT64_C(1) << 10},
		{"K", UINT64_C(1) << 10},
		{"KiB", UINT64_C(1) << 10},
		{"kiB", UINT64_C(1) << 10},
		{"M", UINT64_C(1) << 20},
		{"MiB", UINT64_C(1) << 20},
		{"G", UINT64_C(1) << 30},
		{"GiB", UINT64_C(1) << 30},
		{"T", UINT64_C(1) << 40},
		{"TiB", UINT64_C(1) << 40},
		{"kB", UINT64_C(1000)},
		{"KB", UINT64_C(1000)},
		{"MB", UINT64_C(1000000)},
		{"GB", UINT64_C(1000000000)},
		{"TB", UINT64_C(1000000000000)},
	};

	for (size_t i = 0; i < ATHAR_COUNT(units); i++) {
		if (strcmp(units[i].name, name) == 0) {
			*unit = units[i].unit;
			return true;
		}
	}
	return false;
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "1.5" to 15 and 10: value * unit / scale bytes. At most six places after the point. */
static const char *read_decimal(uint64_t *value, uint64_t *scale, const char *p)
{
	bool point = false;

	*value = 0;
	*scale = 1;
	if (!digit(*p))
		return NULL;
	for (; digit(*p) || (*p == '.' && !point && digit(p[1])); p++) {
		if (*p == '.') {
			point = true;
			continue;
		}
		if (!athar_mul(*value, 10, value) ||
		    !athar_add(*value, (uint64_t)(*p - '0'), value))
			return NULL;
		if (point)
			*scale *= 10;
		if (*scale > 1000000)
			return NULL;
	}
	return p;
}

athar_status athar_text_parse_size(uint64_t *out, const char *text, athar_error *err)
{
	uint64_t value = 0;
	uint64_t scale = 1;
	uint64_t unit = 1;
	uint64_t bytes = 0;
	const char *name = read_decimal(&value, &scale, text);

	if (name == NULL || !find_unit(&unit, name))
		return athar_fail(
			err, ATHAR_EUSAGE,
			"\"%.80s\" is no size; write for example 1048576, 64k, 2047MiB or 1.5GB",
			text);
	if (scale > unit)
		return athar_fail(err, ATHAR_EUSAGE, "\"%.80s\" is no whole number of bytes", text);
	if (!athar_mul(value, unit, &bytes) || bytes / scale > INT64_MAX)
		return athar_fail(err, ATHAR_EUSAGE, "\"%.80s\" is too large a size", text);
	*out = bytes / scale;
	return ATHAR_OK;
}
