/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opening a set of segment files and walking the sections of each.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "image/ewf.h"
#include "inflate/inflate.h"

#define FILE_HEADER 13
#define DESCRIPTOR 76
#define VOLUME 1052
#define VOLUME_SMART 94
#define TABLE_HEADER 24
#define HEADER_MAX (1u << 20)      /* bytes of a header section that are looked at */
#define HEADER_TEXT_MAX (4u << 20) /* and what they may inflate to */
#define ERRORS_HEADER 520
#define TEXTS_MAX 8           /* header sections; writers make three */
#define ERRORS_MAX (1u << 20) /* entries of the error table */

static const uint8_t signature[8] = {'E', 'V', 'F', 0x09, 0x0D, 0x0A, 0xFF, 0x00};

/* One section: its descriptor stands at `at`, its content is [content, next). */
struct section {
	char type[17];
	uint64_t at, content, next;
	bool last;
};

/* What the walk through one file remembers between sections. */
struct walk {
	athar_ewf_set *set;
	const athar_ewf_segment *segment;
	uint32_t index;
	uint64_t sectors_end; /* of the last sectors section; 0: none since the last table */
	uint64_t broken;      /* a table whose header is damaged: its copy has to serve */
	bool done;            /* the file ends the set */
};

static athar_status fail_cut(const athar_ewf_segment *g, uint64_t at, athar_error *err)
{
	return athar_fail_at(err, ATHAR_EFORMAT, at,
	                     "%s is cut short: it has %llu bytes, and its section at byte %llu "
	                     "goes on; get the whole file again",
	                     g->media.path, (unsigned long long)g->size, (unsigned long long)at);
}

static athar_status fail_damaged(const athar_ewf_segment *g, uint64_t at, const char *what,
                                 athar_error *err)
{
	return athar_fail_at(err, ATHAR_EFORMAT, at, "%s: the %s at byte %llu is damaged",
	                     g->media.path, what, (unsigned long long)at);
}

void athar_ewf_find(athar_ewf_set *set, const athar_ewf_segment *g, uint64_t at, const char *what)
{
	const char *slash = strrchr(g->media.path, '/');

	if (set->finding[0] == '\0')
		snprintf(set->finding, sizeof set->finding,
		         "the %s at byte %llu of %.100s is damaged", what, (unsigned long long)at,
		         slash == NULL ? g->media.path : slash + 1);
}

static athar_status find(struct walk *w, const struct section *s, const char *what)
{
	athar_ewf_find(w->set, w->segment, s->at, what);
	return ATHAR_OK;
}

/* Bytes that have to be readable for the image to be understood. */
static athar_status get(const athar_ewf_segment *g, void *out, size_t len, uint64_t at,
                        athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;

	ATHAR_TRY(athar_media_read(&g->media, out, len, at, at, &bad, err));
	if (bad.count == 0)
		return ATHAR_OK;
	return athar_fail_at(err, ATHAR_EIO, bad.run[0].offset, "cannot read %s at byte %llu",
	                     g->media.path, (unsigned long long)bad.run[0].offset);
}

/* Does the Adler-32 of the first `len` bytes stand behind them? */
static bool sum_holds(const uint8_t *bytes, size_t len)
{
	return athar_adler32(1, bytes, len) == athar_le32(bytes + len);
}

static athar_status read_section(struct section *s, const athar_ewf_segment *g, uint64_t at,
                                 athar_error *err)
{
	uint8_t d[DESCRIPTOR];

	if (!athar_inside(at, DESCRIPTOR, g->size))
		return fail_cut(g, at, err);
	ATHAR_TRY(get(g, d, sizeof d, at, err));
	if (!sum_holds(d, DESCRIPTOR - 4))
		return fail_damaged(g, at, "section descriptor", err);
	memcpy(s->type, d, 16);
	s->type[16] = '\0';
	s->at = at;
	s->content = at + DESCRIPTOR;
	s->next = athar_le64(d + 16);
	s->last = strcmp(s->type, "next") == 0 || strcmp(s->type, "done") == 0;
	if (s->last)
		s->next = s->content;
	if (s->next < s->content)
		return fail_damaged(g, at, "section descriptor", err);
	return s->next > g->size ? fail_cut(g, at, err) : ATHAR_OK;
}

/* Sizes out of the volume section; the checksum held. */
static athar_status take_sizes(struct walk *w, const struct section *s, uint64_t chunks,
                               uint64_t sectors, const uint8_t *v, athar_error *err)
{
	athar_ewf_set *set = w->set;
	uint64_t chunk;

	set->sector_size = athar_le32(v + 12);
	if (!athar_mul(athar_le32(v + 8), set->sector_size, &chunk) || chunk == 0 ||
	    chunk > ATHAR_EWF_CHUNK_MAX || set->sector_size > 65536)
		return fail_damaged(w->segment, s->at, "volume section", err);
	set->chunk_size = (uint32_t)chunk;
	/* A few writers of streams leave the number of sectors out. */
	if (!(sectors != 0 ? athar_mul(sectors, set->sector_size, &set->media_size)
	                   : athar_mul(chunks, chunk, &set->media_size)) ||
	    set->media_size > INT64_MAX)
		return fail_damaged(w->segment, s->at, "volume section", err);
	set->has_volume = true;
	return ATHAR_OK;
}

static athar_status take_volume(struct walk *w, const struct section *s, athar_error *err)
{
	uint8_t v[VOLUME] = {0};
	const uint64_t len = s->next - s->content;

	if (w->set->has_volume)
		return ATHAR_OK;
	if (len < VOLUME && len != VOLUME_SMART)
		return fail_damaged(w->segment, s->at, "volume section", err);
	w->set->smart = len == VOLUME_SMART;
	ATHAR_TRY(get(w->segment, v, w->set->smart ? VOLUME_SMART : VOLUME, s->content, err));
	if (!sum_holds(v, w->set->smart ? VOLUME_SMART - 4 : VOLUME - 4))
		return fail_damaged(w->segment, s->at, "volume section", err);
	if (!w->set->smart)
		memcpy(w->set->id, v + 64, sizeof w->set->id);
	return take_sizes(w, s, athar_le32(v + 4),
	                  w->set->smart ? athar_le32(v + 16) : athar_le64(v + 16), v, err);
}

/* Every file repeats what the volume section says; the set's id shows a file of another set. */
static athar_status check_data(struct walk *w, const struct section *s, athar_error *err)
{
	static const uint8_t none[16];
	uint8_t v[VOLUME];

	if (s->next - s->content < VOLUME)
		return ATHAR_OK;
	ATHAR_TRY(get(w->segment, v, VOLUME, s->content, err));
	if (!sum_holds(v, VOLUME - 4) || memcmp(v + 64, none, 16) == 0 ||
	    memcmp(w->set->id, none, 16) == 0 || memcmp(v + 64, w->set->id, 16) == 0)
		return ATHAR_OK;
	return athar_fail(err, ATHAR_EFORMAT,
	                  "%s belongs to another image than the files before it: their set ids "
	                  "differ",
	                  w->segment->media.path);
}

static athar_status take_sectors(struct walk *w, const struct section *s, athar_error *err)
{
	(void)err;
	w->sectors_end = s->next;
	return ATHAR_OK;
}

/* The header of a table; *sound says whether its checksum holds and its entries are there. */
static athar_status read_table(athar_ewf_table *t, bool *sound, const struct walk *w,
                               const struct section *s, athar_error *err)
{
	uint8_t h[TABLE_HEADER];
	const uint64_t len = s->next - s->content;

	*sound = false;
	if (len < TABLE_HEADER)
		return ATHAR_OK;
	ATHAR_TRY(get(w->segment, h, sizeof h, s->content, err));
	t->count = athar_le32(h);
	t->base = w->set->smart ? 0 : athar_le64(h + 8);
	t->entries = s->content + TABLE_HEADER;
	t->segment = w->index;
	t->first = w->set->chunks;
	t->end = w->sectors_end != 0 ? w->sectors_end : s->next;
	t->summed = !w->set->smart && (len - TABLE_HEADER) / 4 > t->count;
	*sound = sum_holds(h, TABLE_HEADER - 4) && t->count <= ATHAR_EWF_TABLE_MAX &&
	         t->count <= (len - TABLE_HEADER) / 4 && t->base <= w->segment->size;
	return ATHAR_OK;
}

static athar_status add_table(struct walk *w, const athar_ewf_table *t, athar_error *err)
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

static athar_status take_table(struct walk *w, const struct section *s, athar_error *err)
{
	athar_ewf_table t = {0};
	bool sound;

	ATHAR_TRY(read_table(&t, &sound, w, s, err));
	w->broken = sound ? 0 : s->at;
	if (!sound)
		(void)find(w, s, "table of chunks");
	return sound ? add_table(w, &t, err) : ATHAR_OK;
}

static athar_status take_table2(struct walk *w, const struct section *s, athar_error *err)
{
	athar_ewf_set *set = w->set;
	athar_ewf_table t = {0};
	athar_ewf_table *last;
	bool sound;

	ATHAR_TRY(read_table(&t, &sound, w, s, err));
	w->sectors_end = 0;
	if (w->broken != 0)
		return sound ? add_table(w, &t, err)
		             : fail_damaged(w->segment, w->broken, "table (and its copy)", err);
	if (!sound)
		return find(w, s, "second table of chunks");
	last = set->tables == 0 ? NULL : &set->table[set->tables - 1];
	if (last != NULL && last->segment == w->index && last->count == t.count &&
	    last->base == t.base && last->summed == t.summed)
		last->copy = t.entries;
	return ATHAR_OK;
}

/* The text of a header section; what cannot be inflated leaves the fields out. */
static athar_status take_text(struct walk *w, const struct section *s, athar_error *err)
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
	ATHAR_TRY(get(w->segment, packed, len, s->content, err));
	if (athar_inflate_zlib(text, HEADER_TEXT_MAX, &text_len, packed, len, &ignored) != ATHAR_OK)
		return find(w, s, "header section");
	return athar_ewf_fields(w->set, text, text_len, err);
}

/* header2 comes first where there is one, in full Unicode; what it has set stays. */
static athar_status take_header(struct walk *w, const struct section *s, athar_error *err)
{
	return w->set->has_header2 ? ATHAR_OK : take_text(w, s, err);
}

static athar_status take_header2(struct walk *w, const struct section *s, athar_error *err)
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

static athar_status take_hash(struct walk *w, const struct section *s, athar_error *err)
{
	uint8_t h[36];

	if (s->next - s->content < sizeof h)
		return find(w, s, "hash section");
	ATHAR_TRY(get(w->segment, h, sizeof h, s->content, err));
	if (!sum_holds(h, 32))
		return find(w, s, "hash section");
	store(w->set, ATHAR_MD5, h, 16);
	return ATHAR_OK;
}

static athar_status take_digest(struct walk *w, const struct section *s, athar_error *err)
{
	uint8_t h[80];

	if (s->next - s->content < sizeof h)
		return find(w, s, "digest section");
	ATHAR_TRY(get(w->segment, h, sizeof h, s->content, err));
	if (!sum_holds(h, 76))
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

static int by_sector(const void *a, const void *b)
{
	const uint32_t x = athar_le32(a), y = athar_le32(b);

	return (x > y) - (x < y);
}

static athar_status take_errors(struct walk *w, const struct section *s, athar_error *err)
{
	const uint64_t len = s->next - s->content;
	ATHAR_AUTO(free) uint8_t *list = NULL;
	uint8_t h[ERRORS_HEADER];
	size_t count;

	if (w->set->has_errors)
		return ATHAR_OK;
	w->set->has_errors = true;
	if (len < sizeof h)
		return find(w, s, "error table");
	ATHAR_TRY(get(w->segment, h, sizeof h, s->content, err));
	count = athar_le32(h);
	if (!sum_holds(h, sizeof h - 4) || count > ERRORS_MAX || len - sizeof h < 8 * count + 4)
		return find(w, s, "error table");
	list = athar_alloc(8 * count + 4, err);
	if (list == NULL)
		return err->status;
	ATHAR_TRY(get(w->segment, list, 8 * count + 4, s->content + sizeof h, err));
	if (!sum_holds(list, 8 * count))
		return find(w, s, "error table");
	qsort(list, count, 8, by_sector);
	for (size_t i = 0; i < count; i++)
		ATHAR_TRY(add_error(w->set, athar_le32(list + 8 * i), athar_le32(list + 8 * i + 4),
		                    err));
	return ATHAR_OK;
}

static athar_status refuse_logical(struct walk *w, const struct section *s, athar_error *err)
{
	(void)s;
	return athar_fail(err, ATHAR_EFORMAT,
	                  "%s holds chosen files (L01), not a medium: export them with the tool "
	                  "that made it",
	                  w->segment->media.path);
}

/* Sections of other types hold nothing that is needed here. */
static athar_status take_section(struct walk *w, const struct section *s, athar_error *err)
{
	static const struct {
		const char *type;
		athar_status (*take)(struct walk *w, const struct section *s, athar_error *err);
	} known[] = {
		{"header2", take_header2}, {"header", take_header}, {"volume", take_volume},
		{"disk", take_volume},     {"data", check_data},    {"sectors", take_sectors},
		{"table", take_table},     {"table2", take_table2}, {"hash", take_hash},
		{"digest", take_digest},   {"error2", take_errors}, {"ltree", refuse_logical},
	};

	if (w->broken != 0 && strcmp(s->type, "table2") != 0)
		return fail_damaged(w->segment, w->broken, "table", err);
	for (size_t i = 0; i < ATHAR_COUNT(known); i++)
		if (strcmp(s->type, known[i].type) == 0)
			return known[i].take(w, s, err);
	return ATHAR_OK;
}

static athar_status check_file_header(const athar_ewf_segment *g, uint32_t number, athar_error *err)
{
	uint8_t h[FILE_HEADER];

	if (g->size < sizeof h)
		return fail_cut(g, 0, err);
	ATHAR_TRY(get(g, h, sizeof h, 0, err));
	if (memcmp(h, signature, sizeof signature) != 0)
		return athar_fail(err, ATHAR_EFORMAT,
		                  "%s does not begin like a file of an E01 set: it is damaged or "
		                  "something else",
		                  g->media.path);
	if (athar_le16(h + 9) != number)
		return athar_fail(err, ATHAR_EFORMAT,
		                  "%s says that it is segment %u and not %u of its set: name the "
		                  "first file, and keep the names they were made with",
		                  g->media.path, athar_le16(h + 9), number);
	return ATHAR_OK;
}

static athar_status walk_segment(struct walk *w, athar_error *err)
{
	uint64_t at = FILE_HEADER;
	struct section s;

	ATHAR_TRY(check_file_header(w->segment, w->index + 1, err));
	do {
		ATHAR_TRY(read_section(&s, w->segment, at, err));
		ATHAR_TRY(take_section(w, &s, err));
		at = s.next;
	} while (!s.last);
	w->done = strcmp(s.type, "done") == 0;
	return ATHAR_OK;
}

/* A file that the one before it says must be there. */
static athar_status fail_missing(const athar_ewf_set *set, const char *path, athar_error *err)
{
	return athar_fail(err, ATHAR_EFORMAT,
	                  "%s is missing: %s says that the image goes on there; put all files of "
	                  "the set into one folder",
	                  path, set->segment[set->segments - 1].media.path);
}

static athar_status open_segment(athar_ewf_set *set, const char *path, athar_error *err)
{
	athar_ewf_segment *g;

	ATHAR_TRY(athar_grow(&set->segment, &set->segment_capacity, set->segments + 1,
	                     sizeof *set->segment, err));
	g = &set->segment[set->segments];
	*g = (athar_ewf_segment){ATHAR_MEDIA_INIT, 0};
	set->segments++;
	ATHAR_TRY(athar_media_open(&g->media, path, err));
	return athar_media_size(&g->size, &g->media, err);
}

static athar_status walk_set(athar_ewf_set *set, const char *path, athar_error *err)
{
	for (uint32_t number = 1;; number++) {
		ATHAR_AUTO(free) char *name = NULL;
		struct walk w = {.set = set, .index = number - 1};
		struct stat st;

		if (number > 1) {
			ATHAR_TRY(athar_ewf_name(&name, path, number, err));
			if (stat(name, &st) != 0 && errno == ENOENT)
				return fail_missing(set, name, err);
		}
		ATHAR_TRY(open_segment(set, number > 1 ? name : path, err));
		w.segment = &set->segment[number - 1];
		ATHAR_TRY(walk_segment(&w, err));
		if (w.done)
			return ATHAR_OK;
	}
}

/* Do the tables place all of the media? */
static athar_status check_whole(const athar_ewf_set *set, const char *path, athar_error *err)
{
	const uint64_t need = !set->has_volume ? 0
	                                       : set->media_size / set->chunk_size +
	                                                 (set->media_size % set->chunk_size != 0);

	if (!set->has_volume)
		return athar_fail(err, ATHAR_EFORMAT,
		                  "%s has no volume section: it is damaged or holds no medium",
		                  path);
	if (set->chunks < need)
		return athar_fail(
			err, ATHAR_EFORMAT,
			"%s: its tables place %llu of the %llu chunks that the medium has: "
			"the set is not complete",
			path, (unsigned long long)set->chunks, (unsigned long long)need);
	return ATHAR_OK;
}

athar_status athar_ewf_open(athar_ewf_set *set, const char *path, athar_error *err)
{
	set->loaded = SIZE_MAX;
	ATHAR_TRY(walk_set(set, path, err));
	return check_whole(set, path, err);
}

void athar_ewf_close(athar_ewf_set *set)
{
	for (size_t i = 0; i < set->segments; i++)
		athar_media_close(&set->segment[i].media);
	for (size_t i = 0; i < ATHAR_EWF_FIELDS; i++)
		free(set->field[i]);
	free(set->segment);
	free(set->table);
	free(set->entry);
	athar_runs_clear(&set->errors);
	*set = (athar_ewf_set){0};
}
