/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The text of a map. It comes from another program, another machine, an editor: every number is
 * bounded, and what does not follow the form names its line.
 */
#include <limits.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "rescue/map.h"

enum { BLOCKS_MAX = 1 << 26, LINE_MAX_LENGTH = 64, FIELDS = 3 };

static const char states[] = "?*/-+";
static const char phases[] = "?*/-FG+";

typedef struct field {
	const char *text;
	size_t len;
} field;

/* A text being read, line by line. */
typedef struct lines {
	const char *at, *end;
	size_t number; /* of the line in `field`, from 1 */
	field field[FIELDS];
	size_t fields;
} lines;

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static athar_status ill(const lines *l, const char *what, athar_error *err)
{
	return athar_fail(err, ATHAR_EFORMAT, "line %zu of the map: %s", l->number, what);
}

/* The words up to the end of the line or a comment. */
static athar_status split(lines *l, const char *end, athar_error *err)
{
	const char *p = l->at;

	l->fields = 0;
	for (;;) {
		const char *start = NULL;

		while (p < end && is_blank(*p))
			p++;
		if (p == end || *p == '#')
			return ATHAR_OK;
		if (l->fields == FIELDS)
			return ill(l, "there is more on it than belongs there", err);
		for (start = p; p < end && !is_blank(*p);)
			p++;
		l->field[l->fields++] = (field){start, (size_t)(p - start)};
	}
}

/* The next line that says something; fields 0 at the end of the text. */
static athar_status next_line(lines *l, athar_error *err)
{
	l->fields = 0;
	while (l->at < l->end && l->fields == 0) {
		const char *newline = memchr(l->at, '\n', (size_t)(l->end - l->at));

		l->number++;
		ATHAR_TRY(split(l, newline != NULL ? newline : l->end, err));
		l->at = newline != NULL ? newline + 1 : l->end;
	}
	return ATHAR_OK;
}

static unsigned digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	return UINT_MAX;
}

static bool read_digits(uint64_t *out, const char *p, size_t len, unsigned base)
{
	uint64_t value = 0;

	for (size_t i = 0; i < len; i++) {
		const unsigned digit = digit_of(p[i]);

		if (digit >= base || !athar_mul(value, base, &value) ||
		    !athar_add(value, digit, &value))
			return false;
	}
	*out = value;
	return len > 0;
}

/* As C writes integers: 0x1F, 017, 15. */
static bool read_number(uint64_t *out, field f)
{
	if (f.len > 2 && f.text[0] == '0' && (f.text[1] == 'x' || f.text[1] == 'X'))
		return read_digits(out, f.text + 2, f.len - 2, 16);
	return read_digits(out, f.text, f.len, f.text[0] == '0' ? 8 : 10);
}

static bool read_letter(char *out, field f, const char *known)
{
	if (f.len != 1 || f.text[0] == '\0' || strchr(known, f.text[0]) == NULL)
		return false;
	*out = f.text[0];
	return true;
}

static athar_status read_status(athar_map *map, lines *l, athar_error *err)
{
	uint64_t pass = 1;
	char phase = 0;

	ATHAR_TRY(next_line(l, err));
	if (l->fields < 2)
		return ill(l, "the position and what is being done are missing", err);
	if (!read_number(&map->position, l->field[0]))
		return ill(l, "the position is no number below 2^64", err);
	if (!read_letter(&phase, l->field[1], phases))
		return ill(l, "what is being done is none of ? * / - F G +", err);
	if (l->fields == 3 && (!read_digits(&pass, l->field[2].text, l->field[2].len, 10) ||
	                       pass == 0 || pass > INT_MAX))
		return ill(l, "the pass is no number from 1 on", err);
	map->phase = (athar_map_phase)phase;
	map->pass = (unsigned)pass;
	return ATHAR_OK;
}

/* Checked against the end of the block before it. */
static athar_status read_block(athar_map_block *out, const athar_map *map, bool first,
                               const lines *l, athar_error *err)
{
	uint64_t end = 0;
	char state = 0;

	if (l->fields != FIELDS)
		return ill(l, "a block is an offset, a length and a state", err);
	if (!read_number(&out->offset, l->field[0]))
		return ill(l, "the offset is no number below 2^64", err);
	if (!read_number(&out->length, l->field[1]))
		return ill(l, "the length is no number below 2^64", err);
	if (!read_letter(&state, l->field[2], states))
		return ill(l, "the state is none of ? * / - +", err);
	if (!athar_add(out->offset, out->length, &end) || end > INT64_MAX)
		return ill(l, "the block ends past 2^63", err);
	if (out->offset < map->size)
		return ill(l, "the block overlaps or precedes the one before it", err);
	if (out->offset > map->size && !first)
		return ill(l, "there is a gap before the block", err);
	out->state = (athar_map_state)state;
	return ATHAR_OK;
}

static athar_status read_blocks(athar_map *map, lines *l, athar_error *err)
{
	athar_map_block b = {0, 0, ATHAR_MAP_NONTRIED};
	const uint64_t position = map->position;

	for (bool first = true;; first = false) {
		ATHAR_TRY(next_line(l, err));
		if (l->fields == 0)
			break;
		ATHAR_TRY(read_block(&b, map, first, l, err));
		if (map->count >= BLOCKS_MAX)
			return athar_fail(err, ATHAR_ELIMIT,
			                  "line %zu of the map: more than %d blocks", l->number,
			                  BLOCKS_MAX);
		ATHAR_TRY(athar_map_resize(map, b.offset + b.length, err));
		ATHAR_TRY(athar_map_change(map, b.offset, b.length, b.state, err));
	}
	map->position = athar_min(position, map->size);
	return map->count > 0 ? ATHAR_OK : ill(l, "the text ends without a block", err);
}

athar_status athar_map_parse(athar_map *out, const char *text, size_t len, athar_error *err)
{
	ATHAR_AUTO(map) athar_map map = {0};
	lines l = {.at = text, .end = text + len};

	ATHAR_TRY(read_status(&map, &l, err));
	ATHAR_TRY(read_blocks(&map, &l, err));
	*out = map;
	map = (athar_map){0};
	return ATHAR_OK;
}

typedef struct growing {
	char *text;
	size_t len, capacity;
} growing;

static athar_status put(growing *g, const char *text, size_t len, athar_error *err)
{
	ATHAR_TRY(athar_grow(&g->text, &g->capacity, g->len + len + 1, 1, err));
	memcpy(g->text + g->len, text, len);
	g->len += len;
	g->text[g->len] = '\0';
	return ATHAR_OK;
}

static athar_status put_comments(growing *g, const char *comments, athar_error *err)
{
	for (const char *p = comments; *p != '\0';) {
		const size_t len = strcspn(p, "\n");

		if (*p != '#')
			return athar_fail(err, ATHAR_EUSAGE, "a comment of a map begins with #");
		ATHAR_TRY(put(g, p, len, err));
		ATHAR_TRY(put(g, "\n", 1, err));
		p += len + (p[len] == '\n' ? 1 : 0);
	}
	return ATHAR_OK;
}

/* Also sees to it that an empty map is a text. */
static athar_status put_status(growing *g, const athar_map *map, athar_error *err)
{
	static const char above[] = "# current_pos  current_status  current_pass\n";
	static const char below[] = "#      pos        size  status\n";
	char line[LINE_MAX_LENGTH];

	(void)snprintf(line, sizeof line, "0x%08llX     %c               %u\n",
	               (unsigned long long)map->position, (char)map->phase, map->pass);
	ATHAR_TRY(put(g, above, strlen(above), err));
	ATHAR_TRY(put(g, line, strlen(line), err));
	return put(g, below, strlen(below), err);
}

static athar_status put_all(growing *g, const athar_map *map, const char *comments,
                            athar_error *err)
{
	char line[LINE_MAX_LENGTH];

	if (comments != NULL)
		ATHAR_TRY(put_comments(g, comments, err));
	ATHAR_TRY(put_status(g, map, err));
	for (size_t i = 0; i < map->count; i++) {
		const athar_map_block b = athar_map_at(map, i);

		(void)snprintf(line, sizeof line, "0x%08llX  0x%08llX  %c\n",
		               (unsigned long long)b.offset, (unsigned long long)b.length,
		               (char)b.state);
		ATHAR_TRY(put(g, line, strlen(line), err));
	}
	return ATHAR_OK;
}

athar_status athar_map_print(char **out, const athar_map *map, const char *comments,
                             athar_error *err)
{
	ATHAR_AUTO(free) char *text = NULL;
	growing g = {NULL, 0, 0};
	const athar_status status = put_all(&g, map, comments, err);

	text = g.text;
	if (status == ATHAR_OK)
		*out = ATHAR_GIVE(text);
	return status;
}
