/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One file of an E01 set: does it say what it is, do its sections follow each other to its end, and
 * do the two tables of chunks agree?
 */
#include "image/ewf_faults.h"

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "inflate/inflate.h"

#define FILE_HEADER 13
#define DESCRIPTOR 76
#define VOLUME 1052
#define VOLUME_SMART 94
#define TABLE_HEADER 24
#define PIECE 65536u
#define TEXT_MAX (1u << 20)   /* bytes of a header section */
#define TEXTS_MAX 8u          /* writers make three */
#define SECTIONS_MAX 1000000u /* of one file: writers make one each few hundred MiB */

static const uint8_t signature[8] = {'E', 'V', 'F', 0x09, 0x0D, 0x0A, 0xFF, 0x00};

/* A table of chunks, or its copy. */
struct table {
	uint64_t at;
	uint64_t count, entries;
	uint8_t header[TABLE_HEADER];
	bool there, sound; /* its checksums hold */
};

struct file {
	athar_ewf_look *set;
	const char *name; /* without folders */
	athar_media media;
	uint64_t size;
	uint32_t number;
	struct table table; /* the last one, until its copy came */
};

struct section {
	char type[17];
	uint64_t at, content, next;
};

static void file_close(struct file *f)
{
	athar_media_close(&f->media);
}

ATHAR_DEFINE_AUTO_VALUE(segment, struct file, file_close)

#define TELL(f, kind, ...) athar_fault_tell((f)->set->sink, ATHAR_FAULT_##kind, __VA_ARGS__)

/* False: the file cannot be read there, which is told. */
static athar_status get(struct file *f, void *out, size_t len, uint64_t at, bool *got,
                        athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;

	ATHAR_TRY(athar_media_read(&f->media, out, len, at, at, &bad, err));
	*got = bad.count == 0;
	if (!*got)
		TELL(f, STRUCTURE, "%s cannot be read at byte %llu", f->name,
		     (unsigned long long)bad.run[0].offset);
	return ATHAR_OK;
}

static bool sum_holds(const uint8_t *bytes, size_t len)
{
	return athar_adler32(1, bytes, len) == athar_le32(bytes + len);
}

static void tell_damaged(struct file *f, const struct section *s, const char *what)
{
	TELL(f, STRUCTURE, "the %s at byte %llu of %s is damaged", what, (unsigned long long)s->at,
	     f->name);
}

/* *good: it is there, its checksum holds, and it ends inside the file. */
static athar_status read_section(struct section *s, struct file *f, uint64_t at, bool *good,
                                 athar_error *err)
{
	uint8_t d[DESCRIPTOR];

	*good = false;
	s->at = at;
	if (!athar_inside(at, DESCRIPTOR, f->size)) {
		TELL(f, CUT,
		     "%s is cut short: it has %llu bytes, and a section begins at byte %llu",
		     f->name, (unsigned long long)f->size, (unsigned long long)at);
		return ATHAR_OK;
	}
	ATHAR_TRY(get(f, d, sizeof d, at, good, err));
	if (!*good)
		return ATHAR_OK;
	memcpy(s->type, d, 16);
	s->type[16] = '\0';
	s->content = at + DESCRIPTOR;
	s->next = athar_le64(d + 16);
	if (strcmp(s->type, "next") == 0 || strcmp(s->type, "done") == 0)
		s->next = s->content;
	*good = false;
	if (!sum_holds(d, DESCRIPTOR - 4) || s->next < s->content)
		tell_damaged(f, s, "section descriptor");
	else if (s->next > f->size)
		TELL(f, CUT,
		     "%s is cut short: it has %llu bytes, and its section at byte %llu (%s) goes "
		     "on "
		     "to byte %llu",
		     f->name, (unsigned long long)f->size, (unsigned long long)at, s->type,
		     (unsigned long long)s->next);
	else
		*good = true;
	return ATHAR_OK;
}

static athar_status look_at_volume(struct file *f, const struct section *s, athar_error *err)
{
	const uint64_t len = s->next - s->content;
	const bool smart = len == VOLUME_SMART;
	const size_t size = smart ? VOLUME_SMART : VOLUME;
	uint8_t v[VOLUME];
	bool got;

	if (f->set->has_volume)
		return ATHAR_OK;
	if (len < size) {
		tell_damaged(f, s, "volume section");
		return ATHAR_OK;
	}
	ATHAR_TRY(get(f, v, size, s->content, &got, err));
	if (got && !sum_holds(v, size - 4))
		tell_damaged(f, s, "volume section");
	if (!got || !sum_holds(v, size - 4))
		return ATHAR_OK;
	f->set->has_volume = true;
	f->set->smart = smart;
	memcpy(f->set->sizes, v + 8, sizeof f->set->sizes);
	if (!smart)
		memcpy(f->set->id, v + 64, 16);
	const uint64_t sectors = smart ? athar_le32(v + 16) : athar_le64(v + 16);
	const uint64_t per_chunk = athar_le32(v + 8);
	f->set->need = sectors == 0 || per_chunk == 0
	                       ? athar_le32(v + 4)
	                       : sectors / per_chunk + (sectors % per_chunk != 0);
	return ATHAR_OK;
}

/* What of the volume section each file repeats: sizes, and an id that some writers leave zero. */
static bool same_set(const athar_ewf_look *s, const uint8_t *v)
{
	static const uint8_t none[16];

	if (memcmp(v + 64, none, 16) != 0 && memcmp(s->id, none, 16) != 0 &&
	    memcmp(v + 64, s->id, 16) != 0)
		return false;
	return s->smart || memcmp(v + 8, s->sizes, sizeof s->sizes) == 0;
}

static athar_status look_at_data(struct file *f, const struct section *s, athar_error *err)
{
	uint8_t v[VOLUME];
	bool got;

	if (s->next - s->content < VOLUME || !f->set->has_volume)
		return ATHAR_OK;
	ATHAR_TRY(get(f, v, VOLUME, s->content, &got, err));
	if (!got)
		return ATHAR_OK;
	if (!sum_holds(v, VOLUME - 4))
		tell_damaged(f, s, "data section");
	else if (!same_set(f->set, v))
		TELL(f, FOREIGN,
		     "%s belongs to another image than the files before it: the ids or sizes in it "
		     "are others",
		     f->name);
	return ATHAR_OK;
}

/* The case fields, of which a reader may need only one copy. */
static athar_status look_at_text(struct file *f, const struct section *s, athar_error *err)
{
	const uint64_t len = s->next - s->content;
	ATHAR_AUTO(free) uint8_t *packed = NULL;
	ATHAR_AUTO(free) uint8_t *text = NULL;
	athar_error why = ATHAR_ERROR_INIT;
	size_t text_len;
	bool got = false;

	if (len == 0 || len > TEXT_MAX || f->set->texts++ >= TEXTS_MAX)
		return ATHAR_OK;
	packed = athar_alloc((size_t)len, err);
	text = athar_alloc(4 * TEXT_MAX, err);
	if (packed == NULL || text == NULL)
		return err->status;
	ATHAR_TRY(get(f, packed, (size_t)len, s->content, &got, err));
	if (got && athar_inflate_zlib(text, 4 * TEXT_MAX, &text_len, packed, (size_t)len, &why) !=
	                   ATHAR_OK)
		TELL(f, STRUCTURE, "the %s section at byte %llu of %s is damaged", s->type,
		     (unsigned long long)s->at, f->name);
	return ATHAR_OK;
}

/* ---- tables ---- */

/* Do the entries and the checksum behind them fit each other? Older layouts have none. */
static athar_status check_entries(bool *sound, struct file *f, const struct table *t, uint64_t room,
                                  athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *bytes = athar_alloc(PIECE, err);
	const uint64_t len = 4 * t->count;
	uint32_t sum = 1;
	uint8_t end[4];

	if (bytes == NULL)
		return err->status;
	*sound = true;
	if (f->set->smart || room < len + 4)
		return ATHAR_OK;
	for (uint64_t done = 0; done < len && *sound;) {
		const size_t piece = (size_t)athar_min(PIECE, len - done);

		ATHAR_TRY(get(f, bytes, piece, t->entries + done, sound, err));
		sum = athar_adler32(sum, bytes, piece);
		done += piece;
	}
	if (*sound)
		ATHAR_TRY(get(f, end, sizeof end, t->entries + len, sound, err));
	*sound = *sound && athar_le32(end) == sum;
	return ATHAR_OK;
}

static athar_status read_table(struct table *t, struct file *f, const struct section *s,
                               athar_error *err)
{
	const uint64_t len = s->next - s->content;
	bool got;

	*t = (struct table){.at = s->at, .there = true, .entries = s->content + TABLE_HEADER};
	if (len < TABLE_HEADER)
		return ATHAR_OK;
	ATHAR_TRY(get(f, t->header, TABLE_HEADER, s->content, &got, err));
	t->count = athar_le32(t->header);
	if (!got || !sum_holds(t->header, TABLE_HEADER - 4) || t->count > ATHAR_EWF_TABLE_MAX ||
	    4 * t->count > len - TABLE_HEADER)
		return ATHAR_OK;
	return check_entries(&t->sound, f, t, len - TABLE_HEADER, err);
}

/* A table without a copy has to be sound itself. */
static void settle_table(struct file *f)
{
	if (f->table.there && !f->table.sound)
		TELL(f, STRUCTURE,
		     "the table of chunks at byte %llu of %s is damaged, and it has no copy",
		     (unsigned long long)f->table.at, f->name);
	if (f->table.there)
		f->set->placed += f->table.count;
	f->table.there = false;
}

static athar_status look_at_table(struct file *f, const struct section *s, athar_error *err)
{
	settle_table(f);
	return read_table(&f->table, f, s, err);
}

static athar_status same_entries(bool *same, struct file *f, const struct table *a,
                                 const struct table *b, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *bytes = athar_alloc(2 * PIECE, err);

	if (bytes == NULL)
		return err->status;
	*same = a->count == b->count && memcmp(a->header, b->header, TABLE_HEADER) == 0;
	for (uint64_t done = 0; done < 4 * a->count && *same;) {
		const size_t piece = (size_t)athar_min(PIECE, 4 * a->count - done);

		ATHAR_TRY(get(f, bytes, piece, a->entries + done, same, err));
		if (*same)
			ATHAR_TRY(get(f, bytes + PIECE, piece, b->entries + done, same, err));
		*same = *same && memcmp(bytes, bytes + PIECE, piece) == 0;
		done += piece;
	}
	return ATHAR_OK;
}

/* One of the two is enough to read the image, so others read on and say nothing. It is said here,
 * and nothing is repaired. */
static athar_status look_at_copy(struct file *f, const struct section *s, athar_error *err)
{
	const struct table a = f->table;
	struct table b;
	bool same;

	ATHAR_TRY(read_table(&b, f, s, err));
	f->table.there = false;
	f->set->placed += a.there && a.sound ? a.count : b.count;
	if (!a.there)
		return ATHAR_OK;
	if (!a.sound && !b.sound) {
		TELL(f, STRUCTURE,
		     "the table of chunks at byte %llu of %s is damaged, and so is its copy at "
		     "byte "
		     "%llu",
		     (unsigned long long)a.at, f->name, (unsigned long long)b.at);
	} else if (!a.sound || !b.sound) {
		TELL(f, TABLE,
		     "the %s of chunks at byte %llu of %s is damaged; the %s at byte %llu is good "
		     "and is used",
		     a.sound ? "second table" : "table",
		     (unsigned long long)(a.sound ? b.at : a.at), f->name,
		     a.sound ? "first" : "second", (unsigned long long)(a.sound ? a.at : b.at));
	} else {
		ATHAR_TRY(same_entries(&same, f, &a, &b, err));
		if (!same)
			TELL(f, TABLE,
			     "the tables of chunks at bytes %llu and %llu of %s differ, though the "
			     "checksums of both hold: one was changed",
			     (unsigned long long)a.at, (unsigned long long)b.at, f->name);
	}
	return ATHAR_OK;
}

/* ---- hashes ---- */

static athar_status look_at_hash(struct file *f, const struct section *s, athar_error *err)
{
	static const uint8_t none[16];
	const bool digest = strcmp(s->type, "digest") == 0;
	const size_t len = digest ? 80 : 36;
	uint8_t h[80] = {0};
	bool got = false;

	if (s->next - s->content >= len)
		ATHAR_TRY(get(f, h, len, s->content, &got, err));
	if (!got || !sum_holds(h, digest ? 76 : 32)) {
		tell_damaged(f, s, digest ? "digest section" : "hash section");
		return ATHAR_OK;
	}
	if (memcmp(h, none, 16) == 0)
		return ATHAR_OK;
	if (f->set->has_md5 && memcmp(h, f->set->md5, 16) != 0)
		TELL(f, HASH, "%s stores two MD5 that differ, in its sections digest and hash",
		     f->name);
	memcpy(f->set->md5, h, 16);
	f->set->has_md5 = true;
	return ATHAR_OK;
}

/* ---- the walk ---- */

static athar_status look_at(struct file *f, const struct section *s, athar_error *err)
{
	static const struct {
		const char *type;
		athar_status (*look)(struct file *f, const struct section *s, athar_error *err);
	} known[] = {
		{"header", look_at_text}, {"header2", look_at_text}, {"volume", look_at_volume},
		{"disk", look_at_volume}, {"data", look_at_data},    {"table", look_at_table},
		{"table2", look_at_copy}, {"hash", look_at_hash},    {"digest", look_at_hash},
	};

	for (size_t i = 0; i < ATHAR_COUNT(known); i++)
		if (strcmp(s->type, known[i].type) == 0)
			return known[i].look(f, s, err);
	return ATHAR_OK;
}

static athar_status walk_sections(struct file *f, athar_error *err)
{
	struct section s = {.next = FILE_HEADER};
	bool good = false, last = false;

	for (unsigned n = 0; n < SECTIONS_MAX && !last; n++) {
		ATHAR_TRY(read_section(&s, f, s.next, &good, err));
		if (!good)
			break;
		ATHAR_TRY(look_at(f, &s, err));
		f->set->ended = strcmp(s.type, "done") == 0;
		f->set->next = strcmp(s.type, "next") == 0 ? f->number + 1 : 0;
		last = f->set->ended || f->set->next != 0;
	}
	settle_table(f);
	if (last && s.content < f->size)
		TELL(f, TRAILING, "%llu bytes follow the end of %s at byte %llu",
		     (unsigned long long)(f->size - s.content), f->name,
		     (unsigned long long)s.content);
	return ATHAR_OK;
}

/* *own: it is a file of this set, as far as its first bytes say. */
static athar_status look_at_head(struct file *f, bool *own, athar_error *err)
{
	uint8_t h[FILE_HEADER];

	*own = false;
	if (f->size < sizeof h) {
		TELL(f, CUT, "%s is cut short: it has %llu bytes", f->name,
		     (unsigned long long)f->size);
		return ATHAR_OK;
	}
	ATHAR_TRY(get(f, h, sizeof h, 0, own, err));
	if (!*own)
		return ATHAR_OK;
	*own = memcmp(h, signature, sizeof signature) == 0 && athar_le16(h + 9) == f->number;
	if (memcmp(h, signature, sizeof signature) != 0 && f->number == 1)
		return ATHAR_OK; /* something else under this name: opening it says so */
	if (memcmp(h, signature, sizeof signature) != 0)
		TELL(f, STRUCTURE, "%s does not begin like a file of an E01 set", f->name);
	else if (h[8] != 1 || athar_le16(h + 11) != 0)
		TELL(f, STRUCTURE, "the file header of %s is damaged", f->name);
	else if (!*own)
		TELL(f, FOREIGN, "%s says that it is segment %u of its set and not %u", f->name,
		     athar_le16(h + 9), f->number);
	return ATHAR_OK;
}

athar_status athar_ewf_look_at(athar_ewf_look *look, const char *path, uint32_t number,
                               athar_error *err)
{
	ATHAR_AUTO(segment)
	struct file f = {.set = look,
	                 .name = athar_ewf_base(path),
	                 .media = ATHAR_MEDIA_INIT,
	                 .number = number};
	bool own;

	ATHAR_TRY(athar_media_open(&f.media, path, err));
	ATHAR_TRY(athar_media_size(&f.size, &f.media, err));
	look->next = 0;
	ATHAR_TRY(look_at_head(&f, &own, err));
	look->begun = look->begun || own;
	return own ? walk_sections(&f, err) : ATHAR_OK;
}
