/* SPDX-License-Identifier: BSD-2-Clause */
#include "case/places.h"

#include <string.h>

#include "base/alloc.h"
#include "base/files.h"
#include "case/place.h"
#include "case/private.h"

/* ---- spool ---- */

static athar_status make_spool(athar_places *p, const char *path, athar_error *err)
{
	int fd = -1;

	if (p->spool != NULL)
		return ATHAR_OK;
	ATHAR_TRY(athar_file_create(&fd, path, err));
	(void)close(fd);
	p->spool = fopen(path, "r+e");
	return p->spool != NULL ? ATHAR_OK : athar_fail_errno(err, "cannot open %s", path);
}

/* The item is named for its number, grade and type. `place` is taken over. */
static athar_status spool_line(athar_places *p, uint32_t *len, uint64_t number,
                               const athar_item *item, athar_json *place, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *whole = athar_json_object();
	ATHAR_AUTO(free) char *line = NULL, *added = NULL;

	athar_json_set(whole, "place", place);
	ATHAR_TRY(athar_json_line(&added, athar_json_get(whole, "place"), err));
	if (*len + strlen(added) >= ATHAR_CASE_PLACES_MAX)
		return athar_fail(err, ATHAR_ELIMIT,
		                  "a place of item %llu is in too many pieces to be listed",
		                  (unsigned long long)number);
	athar_json_set_text(whole, "grade", athar_grade_name(item->grade));
	athar_json_set_number(whole, "item", number);
	athar_json_set_text(whole, "type", item->type);
	ATHAR_TRY(athar_json_line(&line, whole, err));
	ATHAR_TRY(athar_grow(&p->ref, &p->capacity, p->count + 1, sizeof *p->ref, err));
	if (fprintf(p->spool, "%s\n", line) < 0 || fflush(p->spool) != 0)
		return athar_fail_errno(err, "cannot write the places of item %llu",
		                        (unsigned long long)number);
	p->ref[p->count++] = (athar_place_ref){number, p->size};
	p->size += strlen(line) + 1;
	*len += (uint32_t)strlen(added) + 1;
	return ATHAR_OK;
}

athar_status athar_places_add(athar_places *p, uint32_t *len, uint64_t number,
                              const athar_item *item, const char *path, athar_error *err)
{
	athar_json *place;

	*len = 0;
	ATHAR_TRY(make_spool(p, path, err));
	place = athar_json_object();
	athar_place_set(place, item);
	ATHAR_TRY(spool_line(p, len, number, item, place, err));
	for (size_t i = 0; i < athar_json_count(item->also); i++)
		ATHAR_TRY(spool_line(p, len, number, item,
		                     athar_json_copy(athar_json_at(item->also, i)), err));
	return ATHAR_OK;
}

/* ---- again ---- */

static athar_status parse_place(athar_item *out, uint32_t *len, const athar_line *line,
                                athar_error *err)
{
	ATHAR_AUTO(json) athar_json *whole = NULL;
	ATHAR_AUTO(free) char *added = NULL;
	const athar_json *place;

	ATHAR_TRY(athar_json_parse(&whole, (const char *)line->bytes, line->len, err));
	place = athar_json_get(whole, "place");
	if (!athar_json_get_number(whole, "item", &out->number) || place == NULL ||
	    !athar_grade_parse(&out->grade, athar_json_get_text(whole, "grade")))
		return athar_place_missing("place", err);
	ATHAR_TRY(athar_place_text(out->type, sizeof out->type, whole, "type", err));
	ATHAR_TRY(athar_place_get(out, place, err));
	ATHAR_TRY(athar_json_line(&added, place, err));
	*len = (uint32_t)strlen(added) + 1;
	return ATHAR_OK;
}

/* One place more, unless it is the first that does not stand. */
static athar_status take_again(bool *stands, athar_places *p, const athar_line *line, uint64_t last,
                               athar_status (*each)(void *user, const athar_item *place,
                                                    uint32_t len, athar_error *err),
                               void *user, athar_error *err)
{
	ATHAR_AUTO(item) athar_item place = ATHAR_ITEM_INIT;
	athar_error why = ATHAR_ERROR_INIT;
	uint32_t len = 0;

	*stands = !line->torn && parse_place(&place, &len, line, &why) == ATHAR_OK &&
	          place.number != 0 && place.number <= last;
	if (!*stands)
		return ATHAR_OK;
	ATHAR_TRY(athar_grow(&p->ref, &p->capacity, p->count + 1, sizeof *p->ref, err));
	p->ref[p->count++] = (athar_place_ref){place.number, p->size};
	p->size += line->len + 1;
	return each(user, &place, len, err);
}

static athar_status read_again(athar_places *p, const char *path, uint64_t last,
                               athar_status (*each)(void *user, const athar_item *place,
                                                    uint32_t len, athar_error *err),
                               void *user, athar_error *err)
{
	ATHAR_AUTO(lines) athar_lines lines = {NULL, NULL, 0, NULL};
	athar_line line = {0};
	athar_status status = ATHAR_OK;
	bool stands = true;

	ATHAR_TRY(athar_lines_open(&lines, path, err));
	while (stands && (status = athar_lines_next(&lines, &line, err)) == ATHAR_OK)
		ATHAR_TRY(take_again(&stands, p, &line, last, each, user, err));
	return status == ATHAR_EOF || status == ATHAR_ELIMIT ? ATHAR_OK : status;
}

athar_status athar_places_reopen(athar_places *p, const char *path, uint64_t last,
                                 athar_status (*each)(void *user, const athar_item *place,
                                                      uint32_t len, athar_error *err),
                                 void *user, athar_error *err)
{
	ATHAR_TRY(read_again(p, path, last, each, user, err));
	if (truncate(path, (off_t)p->size) != 0)
		return athar_fail_errno(err, "cannot cut %s", path);
	p->spool = fopen(path, "r+e");
	if (p->spool == NULL || fseeko(p->spool, 0, SEEK_END) != 0)
		return athar_fail_errno(err, "cannot open %s", path);
	return ATHAR_OK;
}

/* ---- merge ---- */

static int compare_refs(const void *a, const void *b)
{
	const athar_place_ref *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static athar_status load_place(athar_json **out, athar_places *p, uint64_t offset, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *whole = NULL;
	ATHAR_AUTO(free) char *line = NULL;
	size_t capacity = 0;
	ssize_t len;

	if (fseeko(p->spool, (off_t)offset, SEEK_SET) != 0 ||
	    (len = getline(&line, &capacity, p->spool)) <= 0)
		return athar_fail_errno(err, "cannot read back the places of an item");
	ATHAR_TRY(athar_json_parse(&whole, line, (size_t)len, err));
	*out = athar_json_copy(athar_json_get(whole, "place"));
	return *out != NULL ? ATHAR_OK : athar_place_missing("place", err);
}

/* The item's line with the refs from *next on that are its own; *next moves behind them. */
static athar_status extend_line(char **out, athar_places *p, size_t *next, const athar_line *line,
                                athar_error *err)
{
	ATHAR_AUTO(json) athar_json *item = NULL, *also = NULL;

	ATHAR_TRY(athar_json_parse(&item, (const char *)line->bytes, line->len, err));
	also = athar_json_copy(athar_json_get(item, "also"));
	for (; *next < p->count && p->ref[*next].number == line->number; ++*next) {
		athar_json *place = NULL;

		ATHAR_TRY(load_place(&place, p, p->ref[*next].offset, err));
		athar_json_append(also, place);
	}
	athar_json_set(item, "also", ATHAR_GIVE(also));
	return athar_json_line(out, item, err);
}

static athar_status merge_lines(athar_places *p, athar_lines *in, FILE *out, const char *to,
                                athar_error *err)
{
	athar_line line = {0};
	athar_status status;
	size_t next = 0;

	while ((status = athar_lines_next(in, &line, err)) == ATHAR_OK) {
		ATHAR_AUTO(free) char *extended = NULL;
		const char *text = (const char *)line.bytes;

		if (next < p->count && p->ref[next].number == line.number) {
			ATHAR_TRY(extend_line(&extended, p, &next, &line, err));
			text = extended;
		}
		if (fprintf(out, "%s\n", text) < 0)
			return athar_fail_errno(err, "cannot write %s", to);
	}
	return status == ATHAR_EOF ? ATHAR_OK : status;
}

athar_status athar_places_merge(athar_places *p, const char *from, const char *to, athar_error *err)
{
	ATHAR_AUTO(lines) athar_lines in = {NULL, NULL, 0, NULL};
	ATHAR_AUTO(file) FILE *out = NULL;

	if (fflush(p->spool) != 0)
		return athar_fail_errno(err, "cannot write the further places of items");
	qsort(p->ref, p->count, sizeof *p->ref, compare_refs);
	ATHAR_TRY(athar_lines_open(&in, from, err));
	ATHAR_TRY(athar_stream_create(&out, to, err));
	ATHAR_TRY(merge_lines(p, &in, out, to, err));
	return athar_stream_close(&out, to, err);
}

void athar_places_clear(athar_places *p)
{
	if (p->spool != NULL)
		(void)fclose(p->spool);
	free(p->ref);
	*p = (athar_places){NULL, 0, NULL, 0, 0};
}
