/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The case fields as the two headers have them: a line of identifiers and a line of values, both
 * separated by tabs. header2 is UTF-16 and is what tools read; header is for old readers, in the
 * code page that Arabic has there.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "image/ewf_make.h"

#define REPLACEMENT 0xFFFD /* for bytes that are no UTF-8 */
#define SUBSTITUTE 0x1A    /* for characters that the code page has not */

/* windows-1256 from 0x80 on. */
static const uint16_t high_half[128] = {
	0x20AC, 0x067E, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0679,
	0x2039, 0x0152, 0x0686, 0x0698, 0x0688, 0x06AF, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
	0x2013, 0x2014, 0x06A9, 0x2122, 0x0691, 0x203A, 0x0153, 0x200C, 0x200D, 0x06BA, 0x00A0,
	0x060C, 0x00A2, 0x00A3, 0x00A4, 0x00A5, 0x00A6, 0x00A7, 0x00A8, 0x00A9, 0x06BE, 0x00AB,
	0x00AC, 0x00AD, 0x00AE, 0x00AF, 0x00B0, 0x00B1, 0x00B2, 0x00B3, 0x00B4, 0x00B5, 0x00B6,
	0x00B7, 0x00B8, 0x00B9, 0x061B, 0x00BB, 0x00BC, 0x00BD, 0x00BE, 0x061F, 0x06C1, 0x0621,
	0x0622, 0x0623, 0x0624, 0x0625, 0x0626, 0x0627, 0x0628, 0x0629, 0x062A, 0x062B, 0x062C,
	0x062D, 0x062E, 0x062F, 0x0630, 0x0631, 0x0632, 0x0633, 0x0634, 0x0635, 0x0636, 0x00D7,
	0x0637, 0x0638, 0x0639, 0x063A, 0x0640, 0x0641, 0x0642, 0x0643, 0x00E0, 0x0644, 0x00E2,
	0x0645, 0x0646, 0x0647, 0x0648, 0x00E7, 0x00E8, 0x00E9, 0x00EA, 0x00EB, 0x0649, 0x064A,
	0x00EE, 0x00EF, 0x064B, 0x064C, 0x064D, 0x064E, 0x00F4, 0x064F, 0x0650, 0x00F7, 0x0651,
	0x00F9, 0x0652, 0x00FB, 0x00FC, 0x200E, 0x200F, 0x06D2,
};

static uint8_t to_1256(uint32_t character)
{
	if (character < 0x80)
		return (uint8_t)character;
	for (size_t i = 0; i < ATHAR_COUNT(high_half); i++)
		if (high_half[i] == character)
			return (uint8_t)(0x80 + i);
	return SUBSTITUTE;
}

/* The next character of *text, which is then behind it. */
static uint32_t next_character(const char **text)
{
	const size_t len = strlen(*text);
	uint32_t character = REPLACEMENT;
	const size_t used = athar_utf8_decode(&character, (const uint8_t *)*text, len);

	*text += used == 0 ? 1 : used;
	return used == 0 ? REPLACEMENT : character;
}

static size_t put_1256(uint8_t *out, const char *text)
{
	size_t n = 0;

	while (*text != '\0')
		out[n++] = to_1256(next_character(&text));
	return n;
}

static size_t put_unit(uint8_t *out, uint32_t unit)
{
	out[0] = (uint8_t)unit;
	out[1] = (uint8_t)(unit >> 8);
	return 2;
}

static size_t put_utf16(uint8_t *out, const char *text)
{
	size_t n = put_unit(out, 0xFEFF);

	while (*text != '\0') {
		const uint32_t c = next_character(&text);

		if (c >= 0x10000) {
			n += put_unit(out + n, 0xD800 + ((c - 0x10000) >> 10));
			n += put_unit(out + n, 0xDC00 + ((c - 0x10000) & 0x3FF));
		} else {
			n += put_unit(out + n, c);
		}
	}
	return n;
}

/* A tab or a line's end in a value would shift all that follow: they become spaces. */
static char *clean(const char *value, athar_error *err)
{
	char *copy = athar_copy_text(value == NULL ? "" : value, err);

	for (char *p = copy; p != NULL && *p != '\0'; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	return copy;
}

struct values {
	char *number, *evidence, *description, *examiner, *notes, *model, *serial, *software;
};

static void free_values(const struct values *v)
{
	free(v->number);
	free(v->evidence);
	free(v->description);
	free(v->examiner);
	free(v->notes);
	free(v->model);
	free(v->serial);
	free(v->software);
}
ATHAR_DEFINE_AUTO_VALUE(values, struct values, free_values)

static athar_status take_values(struct values *v, const athar_sink_fields *f, athar_error *err)
{
	v->number = clean(f->case_number, err);
	v->evidence = clean(f->evidence_number, err);
	v->description = clean(f->description, err);
	v->examiner = clean(f->examiner, err);
	v->notes = clean(f->notes, err);
	v->model = clean(f->model, err);
	v->serial = clean(f->serial, err);
	v->software = clean(f->software, err);
	return v->number != NULL && v->evidence != NULL && v->description != NULL &&
	                       v->examiner != NULL && v->notes != NULL && v->model != NULL &&
	                       v->serial != NULL && v->software != NULL
	               ? ATHAR_OK
	               : err->status;
}

athar_status athar_ewf_header_text(uint8_t **out, size_t *len, const athar_sink_fields *fields,
                                   athar_error *err)
{
	ATHAR_AUTO(values) struct values v = {0};
	ATHAR_AUTO(free) char *text = NULL;
	const long long time = (long long)fields->acquired;

	ATHAR_TRY(take_values(&v, fields, err));
	text = athar_format_text(err,
	                         "1\r\nmain\r\nc\tn\ta\t"
	                         "e\tt\tav\tov\tm\tu\tp\r\n"
	                         "%s\t%s\t%s\t%s\t%s\t%s\tLinux\t%lld\t%lld\t0\r\n\r\n",
	                         v.number, v.evidence, v.description, v.examiner, v.notes,
	                         v.software, time, time);
	*out = text == NULL ? NULL : athar_alloc(strlen(text) + 1, err);
	if (*out == NULL)
		return err->status;
	*len = put_1256(*out, text);
	return ATHAR_OK;
}

/* Unix times; the categories "srce" and "sub" are empty and have to be there. */
athar_status athar_ewf_header2_text(uint8_t **out, size_t *len, const athar_sink_fields *fields,
                                    athar_error *err)
{
	ATHAR_AUTO(values) struct values v = {0};
	ATHAR_AUTO(free) char *text = NULL;
	const long long time = (long long)fields->acquired;

	ATHAR_TRY(take_values(&v, fields, err));
	text = athar_format_text(
		err,
		"3\nmain\na\tc\tn\t"
		"e\tt\tmd\tsn\tav\tov\tm\tu\tp\tdc\n"
		"%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\tLinux\t%lld\t%lld\t0\t\n\n"
		"srce\n0\t1\np\tn\tid\tev\ttb\tlo\tpo\tah\tgu\taq\n0\t0\n\t\t\t\t\t-1\t-1\t\t\t\n\n"
		"sub\n0\t1\np\tn\tid\tnu\tco\tgu\n0\t0\n\t\t\t\t1\t\n\n",
		v.description, v.number, v.evidence, v.examiner, v.notes, v.model, v.serial,
		v.software, time, time);
	*out = text == NULL ? NULL : athar_alloc(2 * strlen(text) + 2, err);
	if (*out == NULL)
		return err->status;
	*len = put_utf16(*out, text);
	return ATHAR_OK;
}
