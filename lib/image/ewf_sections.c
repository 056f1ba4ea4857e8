/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What each section of a segment file says.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "base/sort.h"
#include "image/ewf_walk.h"
#include "inflate/inflate.h"

#define VOLUME_SMART 94
#define HEADER_MAX (1u << 20)      /* bytes of a header section that are looked at */
#define HEADER_TEXT_MAX (4u << 20) /* and what they may inflate to */
#define TEXTS_MAX 8                /* header sections; writers make three */

void athar_ewf_find(athar_ewf_set *set, const athar_ewf_segment *g, uint64_t at, const char *what)
{
	const char *slash = strrchr(g->media.path, '/');

	if (set->finding[0] == '\0')
		snprintf(set->finding, sizeof set->finding,
		         "the %s at byte %llu of %.100s is damaged", what, (unsigned long long)at,
		         slash == NULL ? g->media.path : slash + 1);
}

static athar_status find(athar_ewf_walk *w, const athar_ewf_section *s, const char *what)
{
	athar_ewf_find(w->set, w->segment, s->at, what);
	return ATHAR_OK;
}

/* Sizes out of the volume section; the checksum held. */
static athar_status take_sizes(athar_ewf_walk *w, const athar_ewf_section *s, uint64_t chunks,
                               uint64_t sectors, const uint8_t *v, athar_error *err)
{
	athar_ewf_set *set = w->set;
	uint64_t chunk;

	set->sector_size = athar_le32(v + 12);
	if (!athar_mul(athar_le32(v + 8), set->sector_size, &chunk) || chunk == 0 ||
	    chunk > ATHAR_EWF_CHUNK_MAX || set->sector_size > 65536)
		return athar_ewf_damaged(w->segment, s->at, "volume section", err);
	set->chunk_size = (uint32_t)chunk;
	/* A few writers of streams leave the number of sectors out. */
	if (!(sectors != 0 ? athar_mul(sectors, set->sector_size, &set->media_size)
	                   : athar_mul(chunks, chunk, &set->media_size)) ||
	    set->media_size > INT64_MAX)
		return athar_ewf_damaged(w->segment, s->at, "volume section", err);
	set->has_volume = true;
	return ATHAR_OK;
}

static athar_status take_volume(athar_ewf_walk *w, const athar_ewf_section *s, athar_error *err)
{
	uint8_t v[ATHAR_EWF_VOLUME] = {0};
	const uint64_t len = s->next - s->content;

	if (w->set->has_volume)
		return ATHAR_OK;
	if (len < ATHAR_EWF_VOLUME && len != VOLUME_SMART)
		return athar_ewf_damaged(w->segment, s->at, "volume section", err);
	w->set->smart = len == VOLUME_SMART;
	ATHAR_TRY(athar_ewf_get(w->segment, v, w->set->smart ? VOLUME_SMART : ATHAR_EWF_VOLUME,
	                        s->content, err));
	if (!athar_ewf_sum_holds(v, w->set->smart ? VOLUME_SMART - 4 : ATHAR_EWF_VOLUME - 4))
		return athar_ewf_damaged(w->segment, s->at, "volume section", err);
	w->set->volume = s->content;
	if (!w->set->smart)
		memcpy(w->set->id, v + 64, sizeof w->set->id);
	return take_sizes(w, s, athar_le32(v + 4),
	                  w->set->smart ? athar_le32(v + 16) : athar_le64(v + 16), v, err);
}

/* Every file repeats what the volume section says; the set's id shows a file of another set. */
static athar_status check_data(athar_ewf_walk *w, const athar_ewf_section *s, athar_error *err)
{
	static const uint8_t none[16];
	uint8_t v[ATHAR_EWF_VOLUME];

	if (s->next - s->content < ATHAR_EWF_VOLUME)
		return ATHAR_OK;
	ATHAR_TRY(athar_ewf_get(w->segment, v, ATHAR_EWF_VOLUME, s->content, err));
	if (!athar_ewf_sum_holds(v, ATHAR_EWF_VOLUME - 4) || memcmp(v + 64, none, 16) == 0 ||
	    memcmp(w->set->id, none, 16) == 0 || memcmp(v + 64, w->set->id, 16) == 0)
		return ATHAR_OK;
	return athar_fail(err, ATHAR_EFORMAT,
	                  "%s belongs to another image than the files before it: their set ids "
	                  "differ",
	                  w->segment->media.path);
}

static athar_status take_sectors(athar_ewf_walk *w, const athar_ewf_section *s, athar_error *err)
{
	(void)err;
	w->sectors = s->at;
	w->sectors_end = s->next;
	return ATHAR_OK;
}

/* The header of a table; *sound says whether its checksum holds and its entries are there. */
static athar_status read_table(athar_ewf_table *t, bool *sound, const athar_ewf_walk *w,
                               const athar_ewf_section *s, athar_error *err)
{
	uint8_t h[ATHAR_EWF_TABLE_HEADER];
	const uint64_t len = s->next - s->content;

	*sound = false;
	if (len < ATHAR_EWF_TABLE_HEADER)
		return ATHAR_OK;
	ATHAR_TRY(athar_ewf_get(w->segment, h, sizeof h, s->content, err));
	t->count = athar_le32(h);
	t->base = w->set->smart ? 0 : athar_le64(h + 8);
	t->entries = s->content + ATHAR_EWF_TABLE_HEADER;
	t->segment = w->index;
	t->first = w->set->chunks;
	t->sectors = w->sectors;
	t->end = w->sectors_end != 0 ? w->sectors_end : s->next;
	t->summed = !w->set->smart && (len - ATHAR_EWF_TABLE_HEADER) / 4 > t->count;
	*sound = athar_ewf_sum_holds(h, ATHAR_EWF_TABLE_HEADER - 4) &&
	         t->count <= ATHAR_EWF_TABLE_MAX &&
	         t->count <= (len - ATHAR_EWF_TABLE_HEADER) / 4 && t->base <= w->segment->size;
	return ATHAR_OK;
}

static athar_status add_table(athar_ewf_walk *w, const athar_ewf_table *t, athar_error *err)
{
	athar_ewf_set *set = w->set;

	w->broken = 0;
	if (t->count == 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_grow(&set->table, &set->table_capacity, set->tables + 1, sizeof *set->table,
	                     err));
	set->table[set->tables++] = *t;
	set->chunks += t->count;
	return ATHAR_OK;
}

/* Of a set that was not finished: what was not brought to the disk may be anything, so nothing
 * counts but what is proven. */
static athar_status add_standing(athar_ewf_walk *w, const athar_ewf_section *s,
                                 const athar_ewf_table *t, athar_error *err)
{
	athar_ewf_set *set = w->set;
	bool sound = false;

	if (!set->has_volume || w->sectors_end == 0 || t->count == 0)
		return athar_ewf_damaged(w->segment, s->at, "table of chunks", err);
	ATHAR_TRY(add_table(w, t, err));
	ATHAR_TRY(athar_ewf_check_table(set, set->tables - 1, &sound, err));
	if (sound)
		return ATHAR_OK;
	set->tables--;
	set->chunks -= t->count;
	return athar_ewf_damaged(w->segment, s->at, "table of chunks", err);
}

static athar_status take_table(athar_ewf_walk *w, const athar_ewf_section *s, athar_error *err)
{
	athar_ewf_table t = {0};
	bool sound;

	ATHAR_TRY(read_table(&t, &sound, w, s, err));
	if (w->set->standing)
		return sound ? add_standing(w, s, &t, err)
		             : athar_ewf_damaged(w->segment, s->at, "table of chunks", err);
	w->broken = sound ? 0 : s->at;
	if (!sound)
		(void)find(w, s, "table of chunks");
	return sound ? add_table(w, &t, err) : ATHAR_OK;
}

static athar_status take_table2(athar_ewf_walk *w, const athar_ewf_section *s, athar_error *err)
{
	athar_ewf_set *set = w->set;
	athar_ewf_table t = {0};
	athar_ewf_table *last;
	bool sound;

	ATHAR_TRY(read_table(&t, &sound, w, s, err));
	w->sectors_end = 0;
	if (w->broken != 0)
		return sound ? add_table(w, &t, err)
		             : athar_ewf_damaged(w->segment, w->broken, "table (and its copy)",
		                                 err);
	if (!sound)
		return find(w, s, "second table of chunks");
	last = set->tables == 0 ? NULL : &set->table[set->tables - 1];
	if (last != NULL && last->segment == w->index && last->count == t.count &&
	    last->base == t.base && last->summed == t.summed)
		last->copy = t.entries;
	return ATHAR_OK;
}

/* The text of a header section; what cannot be inflated leaves the fields out. */
static athar_status take_text(athar_ewf_walk *w, const athar_ewf_section *s, athar_error *err)
{
	const size_t len = (size_t)(s->next - s->content);
	ATHAR_AUTO(free) uint8_t *packed = NULL;
	ATHAR_AUTO(free) uint8_t *text = NULL;
	athar_error ignored = ATHAR_ERROR_INIT;
	size_t text_len;

	if (w->set->texts++ >= TEXTS_MAX)
		return ATHAR_OK;
	if (len == 0 || len > HEADER_MAX)
		return find(w, s, "header section");
	packed = athar_alloc(len, err);
	text = athar_alloc(HEADER_TEXT_MAX, err);
	if (packed == NULL || text == NULL)
		return err->status;
	ATHAR_TRY(athar_ewf_get(w->segment, packed, len, s->content, err));
	if (athar_inflate_zlib(text, HEADER_TEXT_MAX, &text_len, packed, len, &ignored) != ATHAR_OK)
		return find(w, s, "header section");
	return athar_ewf_fields(w->set, text, text_len, err);
}

/* header2 comes first where there is one, in full Unicode; what it has set stays. */
static athar_status take_header(athar_ewf_walk *w, const athar_ewf_section *s, athar_error *err)
{
	return w->set->has_header2 ? ATHAR_OK : take_text(w, s, err);
}

static athar_status take_header2(athar_ewf_walk *w, const athar_ewf_section *s, athar_error *err)
{
	if (w->set->has_header2)
		return ATHAR_OK;
	ATHAR_TRY(take_text(w, s, err));
	for (size_t i = 0; i < ATHAR_EWF_FIELDS; i++)
		w->set->has_header2 = w->set->has_header2 || w->set->field[i] != NULL;
	return ATHAR_OK;
}

/* Zeros stand for "no hash". */
static void store(athar_ewf_set *set, unsigned algorithm, const uint8_t *hash, size_t len)
{
	char hex[2 * ATHAR_DIGEST_MAX_SIZE + 1];
	uint8_t any = 0;

	for (size_t i = 0; i < len; i++) {
		snprintf(hex + 2 * i, 3, "%02x", hash[i]);
		any |= hash[i];
	}
	if (any != 0)
		(void)athar_digests_set(&set->stored, algorithm, hex);
}

static athar_status take_hash(athar_ewf_walk *w, const athar_ewf_section *s, athar_error *err)
{
	uint8_t h[36];

	if (s->next - s->content < sizeof h)
		return find(w, s, "hash section");
	ATHAR_TRY(athar_ewf_get(w->segment, h, sizeof h, s->content, err));
	if (!athar_ewf_sum_holds(h, 32))
		return find(w, s, "hash section");
	store(w->set, ATHAR_MD5, h, 16);
	return ATHAR_OK;
}

static athar_status take_digest(athar_ewf_walk *w, const athar_ewf_section *s, athar_error *err)
{
	uint8_t h[80];

	if (s->next - s->content < sizeof h)
		return find(w, s, "digest section");
	ATHAR_TRY(athar_ewf_get(w->segment, h, sizeof h, s->content, err));
	if (!athar_ewf_sum_holds(h, 76))
		return find(w, s, "digest section");
	store(w->set, ATHAR_MD5, h, 16);
	store(w->set, ATHAR_SHA1, h + 16, 20);
	return ATHAR_OK;
}

static athar_status add_error(athar_ewf_set *set, uint32_t sector, uint32_t count, athar_error *err)
{
	const uint64_t at = (uint64_t)sector * set->sector_size;
	const uint64_t len = (uint64_t)count * set->sector_size;

	if (at >= set->media_size)
		return ATHAR_OK;
	return athar_runs_add(&set->errors, at, athar_min(len, set->media_size - at), ATHAR_RUN_BAD,
	                      err);
}

static int by_sector(const void *a, const void *b, const void *user)
{
	const uint32_t x = athar_le32(a), y = athar_le32(b);

	(void)user;
	return (x > y) - (x < y);
}

static athar_status take_errors(athar_ewf_walk *w, const athar_ewf_section *s, athar_error *err)
{
	const uint64_t len = s->next - s->content;
	ATHAR_AUTO(free) uint8_t *list = NULL;
	uint8_t h[ATHAR_EWF_ERRORS_HEADER];
	size_t count;

	if (w->set->has_errors || w->set->standing)
		return ATHAR_OK;
	w->set->has_errors = true;
	if (len < sizeof h)
		return find(w, s, "error table");
	ATHAR_TRY(athar_ewf_get(w->segment, h, sizeof h, s->content, err));
	count = athar_le32(h);
	if (!athar_ewf_sum_holds(h, sizeof h - 4) || count > ATHAR_EWF_ERRORS_MAX ||
	    len - sizeof h < 8 * count + 4)
		return find(w, s, "error table");
	list = athar_alloc(8 * count + 4, err);
	if (list == NULL)
		return err->status;
	ATHAR_TRY(athar_ewf_get(w->segment, list, 8 * count + 4, s->content + sizeof h, err));
	if (!athar_ewf_sum_holds(list, 8 * count))
		return find(w, s, "error table");
	athar_sort(list, count, 8, by_sector, NULL);
	for (size_t i = 0; i < count; i++)
		ATHAR_TRY(add_error(w->set, athar_le32(list + 8 * i), athar_le32(list + 8 * i + 4),
		                    err));
	return ATHAR_OK;
}

static athar_status refuse_logical(athar_ewf_walk *w, const athar_ewf_section *s, athar_error *err)
{
	(void)s;
	return athar_fail(err, ATHAR_EFORMAT,
	                  "%s holds chosen files (L01), not a medium: export them with the tool "
	                  "that made it",
	                  w->segment->media.path);
}

/* Sections of other types hold nothing that is needed here. */
athar_status athar_ewf_take(athar_ewf_walk *w, const athar_ewf_section *s, athar_error *err)
{
	static const struct {
		const char *type;
		athar_status (*take)(athar_ewf_walk *w, const athar_ewf_section *s,
		                     athar_error *err);
	} known[] = {
		{"header2", take_header2}, {"header", take_header}, {"volume", take_volume},
		{"disk", take_volume},     {"data", check_data},    {"sectors", take_sectors},
		{"table", take_table},     {"table2", take_table2}, {"hash", take_hash},
		{"digest", take_digest},   {"error2", take_errors}, {"ltree", refuse_logical},
	};

	if (w->broken != 0 && strcmp(s->type, "table2") != 0)
		return athar_ewf_damaged(w->segment, w->broken, "table", err);
	for (size_t i = 0; i < ATHAR_COUNT(known); i++)
		if (strcmp(s->type, known[i].type) == 0)
			return known[i].take(w, s, err);
	return ATHAR_OK;
}
