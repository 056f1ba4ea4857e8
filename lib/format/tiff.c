/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TIFF 6.0 (Adobe, 1992) and the RAW files of cameras that have its structure: DNG (Adobe), CR2,
 * NEF, ARW, KDC. Directories point to one another, to values, and to strips and tiles of pixels, in
 * any order; the end is the highest byte that anything points to. So a file of a kind whose pixels
 * lie where only its maker knows is never more than partial.
 */
#include "format/tiff.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "base/sort.h"
#include "format/list.h"

#define DIRECTORIES 4096u
#define PARTS_MOST (1u << 20) /* entries, strips, places of directories */
#define DIRECTORY_PRICE 16u   /* of a place, which is compared to all others */
#define VALUE_MOST (1u << 28)

#define KIND 0x00FEu
#define WIDTH 0x0100u
#define HEIGHT 0x0101u
#define BITS 0x0102u
#define COMPRESSION 0x0103u
#define PHOTOMETRIC 0x0106u
#define FILL_ORDER 0x010Au
#define MAKE 0x010Fu
#define STRIP_OFFSETS 0x0111u
#define SAMPLES 0x0115u
#define ROWS 0x0116u
#define STRIP_SIZES 0x0117u
#define PLANAR 0x011Cu
#define TILE_WIDTH 0x0142u
#define TILE_HEIGHT 0x0143u
#define TILE_OFFSETS 0x0144u
#define TILE_SIZES 0x0145u
#define SUB_DIRECTORIES 0x014Au
#define JPEG_TABLES 0x015Bu
#define JPEG_AT 0x0201u
#define JPEG_SIZE 0x0202u
#define EXIF 0x8769u
#define GPS 0x8825u
#define INTEROP 0xA005u
#define DNG_VERSION 0xC612u
#define SONY 0xC634u
#define SONY_AT 0x7200u
#define SONY_SIZE 0x7201u

#define PLAIN 1u
#define OLD_JPEG 6u

typedef struct tiff {
	athar_walk *w;
	athar_tiff t;
	uint64_t directory[DIRECTORIES];
	size_t count; /* of the directories that are known */
	tiff_strip *strips;
	size_t strip_count, strip_capacity;
	uint64_t parts; /* looked at so far: work that a hostile file could ask for */
	uint64_t end, covered;
	uint64_t width, height; /* of the largest image */
	uint64_t pages;
	char make[32];
	bool sub, dng, canon, sony; /* what its first directory has */
	bool raw;                   /* pixels of a sensor are in it */
	bool unknown;               /* something was packed in a way that cannot be checked */
	athar_unpacker unpacker;
} tiff;

static void tiff_clear(tiff *x)
{
	athar_unpacker_clear(&x->unpacker);
	free(x->strips);
	free(x);
}

static void tiff_free(tiff *x)
{
	if (x != NULL)
		tiff_clear(x);
}
ATHAR_DEFINE_AUTO(tiff, tiff *, tiff_free)

/* ---- what is pointed to ---- */

static void cover(tiff *x, uint64_t at, uint64_t size)
{
	x->end = athar_max(x->end, at + size);
	x->covered += size;
}

static athar_status add_strip(tiff *x, const tiff_strip *s, athar_error *err)
{
	if (s->at >= s->end)
		return ATHAR_OK;
	ATHAR_TRY(athar_grow(&x->strips, &x->strip_capacity, x->strip_count + 1, sizeof *x->strips,
	                     err));
	x->strips[x->strip_count++] = *s;
	cover(x, s->at, s->end - s->at);
	return ATHAR_OK;
}

static athar_status afford(tiff *x, uint64_t parts)
{
	x->parts += athar_min(parts, PARTS_MOST + 1);
	return x->parts <= PARTS_MOST ? ATHAR_OK : athar_walk_stop(x->w, "it has too many parts");
}

/* One more directory, unless it is known already: chains that lead back end there. */
static athar_status add_directory(tiff *x, uint64_t at)
{
	ATHAR_TRY(afford(x, DIRECTORY_PRICE));
	if (at == 0)
		return ATHAR_OK;
	for (size_t i = 0; i < x->count; i++)
		if (x->directory[i] == at)
			return ATHAR_OK;
	if (x->count == DIRECTORIES)
		return athar_walk_stop(x->w, "it has more than %u directories", DIRECTORIES);
	x->directory[x->count++] = at;
	return ATHAR_OK;
}

static athar_status add_directories(tiff *x, const athar_tiff_entry *e, athar_error *err)
{
	for (uint32_t i = 0; i < e->count && i < DIRECTORIES; i++) {
		uint64_t at;

		ATHAR_TRY(athar_tiff_number(&at, &x->t, e, i, err));
		ATHAR_TRY(add_directory(x, at));
	}
	return ATHAR_OK;
}

/* ---- a directory ---- */

/* Where a tag's number goes; NULL: it is none of these. */
static uint64_t *number_of(tiff_image *m, uint16_t tag)
{
	const struct {
		uint16_t tag;
		uint64_t *out;
	} known[] = {
		{KIND, &m->kind},
		{WIDTH, &m->width},
		{HEIGHT, &m->height},
		{BITS, &m->bits},
		{COMPRESSION, &m->compression},
		{PHOTOMETRIC, &m->photometric},
		{FILL_ORDER, &m->fill_order},
		{SAMPLES, &m->samples},
		{ROWS, &m->rows},
		{PLANAR, &m->planar},
		{TILE_WIDTH, &m->tile_width},
		{TILE_HEIGHT, &m->tile_height},
		{JPEG_AT, &m->jpeg_at},
		{JPEG_SIZE, &m->jpeg_size},
		{SONY_AT, &m->sony_at},
		{SONY_SIZE, &m->sony_size},
	};

	for (size_t i = 0; i < ATHAR_COUNT(known); i++)
		if (known[i].tag == tag)
			return known[i].out;
	return NULL;
}

static athar_status read_make(tiff *x, const athar_tiff_entry *e, athar_error *err)
{
	const size_t len = (size_t)athar_min(e->size, sizeof x->make - 1);
	athar_bytes b;

	if (e->type != 2 || len == 0 || !athar_inside(e->at, len, x->t.len))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, x->w->in, e->at, len, err));
	memcpy(x->make, b.ptr, len);
	return ATHAR_OK;
}

/* Sony has the place of a directory in four bytes of no meaning. */
static athar_status read_sony(tiff *x, const athar_tiff_entry *e, athar_error *err)
{
	athar_bytes b;

	if (x->dng || e->size != 4 || strncmp(x->make, "SONY", 4) != 0)
		return ATHAR_OK;
	x->sony = true;
	ATHAR_TRY(athar_reader_get(&b, x->w->in, e->at, 4, err));
	return add_directory(x, athar_tiff_32(&x->t, b.ptr));
}

/* Tags that are no numbers of an image. */
static athar_status read_other(tiff_image *m, tiff *x, const athar_tiff_entry *e, athar_error *err)
{
	switch (e->tag) {
	case MAKE:
		return read_make(x, e, err);
	case STRIP_OFFSETS:
	case TILE_OFFSETS:
		m->offsets = *e;
		m->tiled = e->tag == TILE_OFFSETS;
		return ATHAR_OK;
	case STRIP_SIZES:
	case TILE_SIZES:
		m->sizes = *e;
		return ATHAR_OK;
	case SUB_DIRECTORIES:
		x->sub = true;
		return add_directories(x, e, err);
	case EXIF:
	case GPS:
	case INTEROP:
		return add_directories(x, e, err);
	case JPEG_TABLES:
		m->tables = true;
		return ATHAR_OK;
	case DNG_VERSION:
		x->dng = true;
		return ATHAR_OK;
	case SONY:
		return read_sony(x, e, err);
	default:
		return ATHAR_OK;
	}
}

static athar_status read_entry(tiff_image *m, tiff *x, const athar_tiff_entry *e, bool first,
                               athar_error *err)
{
	uint64_t *number = number_of(m, e->tag);

	if ((first && e->unit == 0) || e->count > VALUE_MOST)
		return athar_walk_stop(x->w, "a directory makes no sense");
	if (e->size > 4)
		cover(x, e->at, e->size);
	if (number == NULL)
		return read_other(m, x, e, err);
	return athar_tiff_number(number, &x->t, e, 0, err);
}

/* ---- its strips and tiles ---- */

/* Not packed, and shorter than its pixels: pixels are missing. */
static void check_plain(tiff *x, const tiff_image *m, const tiff_strip *s)
{
	if (m->compression == PLAIN && s->bytes > s->end - s->at)
		athar_walk_flaw(x->w, "the strip at %llu is shorter than its pixels",
		                (unsigned long long)s->at);
}

/* Are the arrays of places and sizes long enough, and there? */
static athar_status check_arrays(tiff *x, const tiff_image *m, uint64_t needed)
{
	const athar_tiff_entry *places = &m->offsets, *sizes = &m->sizes;
	/* One strip of what is not packed needs no size. */
	const bool sized = sizes->count != 0;

	if (needed == 0 || places->count < needed || (sized && sizes->count < needed) ||
	    (!sized && (needed != 1 || m->compression != PLAIN)))
		return athar_walk_stop(x->w, "an image has not as many strips as it needs");
	if (!athar_inside(places->at, places->size, x->t.len) ||
	    !athar_inside(sizes->at, sizes->size, x->t.len))
		return ATHAR_EOF;
	return afford(x, needed);
}

static athar_status read_strips(tiff *x, const tiff_image *m, athar_error *err)
{
	const uint64_t needed = tiff_strips_needed(m);

	ATHAR_TRY(check_arrays(x, m, needed));
	for (uint64_t i = 0; i < needed; i++) {
		tiff_strip s = {
			.coding = {(uint32_t)m->compression, m->fill_order == 2, m->tables}};
		uint64_t size;

		ATHAR_TRY(athar_tiff_number(&s.at, &x->t, &m->offsets, i, err));
		ATHAR_TRY(athar_tiff_number(&size, &x->t, &m->sizes, i, err));
		s.bytes = tiff_strip_bytes(m, i);
		s.end = s.at + (m->sizes.count != 0 ? size : s.bytes);
		if (s.end != s.at)
			check_plain(x, m, &s);
		ATHAR_TRY(add_strip(x, &s, err));
	}
	return ATHAR_OK;
}

/* The largest is what it is all about. */
static void note_size(tiff *x, const tiff_image *m)
{
	if (m->width * m->height > x->width * x->height) {
		x->width = m->width;
		x->height = m->height;
	}
}

static athar_status read_pixels(tiff *x, const tiff_image *m, bool chain, athar_error *err)
{
	if (m->width == 0 || m->height == 0 || m->width > INT32_MAX || m->height > INT32_MAX ||
	    m->samples == 0)
		return athar_walk_stop(x->w, "an image has no size");
	x->raw = x->raw || m->photometric == TIFF_FILTER_ARRAY || m->photometric == TIFF_LINEAR_RAW;
	x->pages += chain && (m->kind & 1) == 0;
	note_size(x, m);
	return read_strips(x, m, err);
}

static athar_status read_image(tiff *x, const tiff_image *m, bool chain, athar_error *err)
{
	const tiff_strip preview = {.at = m->jpeg_at,
	                            .end = m->jpeg_at + m->jpeg_size,
	                            .coding = {OLD_JPEG, false, false}};
	tiff_image old = *m;

	if (x->sony && m->sony_at != 0)
		cover(x, m->sony_at, m->sony_size);
	if (m->offsets.count == 0)
		return m->jpeg_at != 0 ? add_strip(x, &preview, err) : ATHAR_OK;
	/* JPEG as TIFF 6.0 had it: the strips are pieces of one, their tables lie elsewhere. */
	old.tables = m->tables || m->jpeg_at != 0;
	if (m->jpeg_at != 0)
		cover(x, m->jpeg_at, m->jpeg_size);
	return read_pixels(x, &old, chain, err);
}

/* ---- directories ---- */

/* Exif alone, as it lies in a JPEG, is no file: a file has pixels, or a directory of them. */
static athar_status check_first(tiff *x, const tiff_image *m, uint64_t end)
{
	const bool pixels = m->width != 0 && m->height != 0 && m->offsets.count != 0;

	if (!pixels && !x->sub)
		return athar_walk_stop(x->w, "its first directory has no picture");
	athar_walk_begin(x->w, 8);
	if (x->directory[0] <= 16)
		athar_walk_begin(x->w, end);
	return ATHAR_OK;
}

static athar_status read_entries(tiff_image *m, tiff *x, size_t n, size_t count, athar_error *err)
{
	for (size_t i = 0; i < count; i++) {
		athar_tiff_entry e;

		ATHAR_TRY(athar_tiff_entry_get(&e, &x->t, x->directory[n], i, err));
		ATHAR_TRY(read_entry(m, x, &e, n == 0, err));
	}
	return ATHAR_OK;
}

/* Directory n, and the one that it says comes next. */
static athar_status read_directory(uint64_t *next, tiff *x, size_t n, bool chain, athar_error *err)
{
	const uint64_t at = x->directory[n];
	tiff_image m = {
		.compression = PLAIN, .rows = UINT32_MAX, .samples = 1, .bits = 1, .planar = 1};
	size_t count = 0;
	athar_bytes b;

	ATHAR_TRY(athar_tiff_count(&count, &x->t, at, err));
	if (count == 0)
		return athar_walk_stop(x->w, "a directory is empty");
	ATHAR_TRY(afford(x, count));
	ATHAR_TRY(read_entries(&m, x, n, count, err));
	const uint64_t end = at + 2 + ATHAR_TIFF_ENTRY * (uint64_t)count;

	if (n == 0)
		ATHAR_TRY(check_first(x, &m, end));
	cover(x, at, end + 4 - at);
	ATHAR_TRY(read_image(x, &m, chain, err));
	ATHAR_TRY(athar_reader_get(&b, x->w->in, end, 4, err));
	*next = athar_tiff_32(&x->t, b.ptr);
	return ATHAR_OK;
}

/* Those of the chain, and those that they point to, which have no successor that could be relied
 * on. */
static athar_status read_directories(tiff *x, athar_error *err)
{
	uint64_t chain = x->count == 0 ? 0 : x->directory[0];

	for (size_t n = 0; n < x->count; n++) {
		const bool in_chain = x->directory[n] == chain;
		uint64_t next = 0;

		ATHAR_TRY(read_directory(&next, x, n, in_chain, err));
		if (!in_chain)
			continue;
		chain = next;
		ATHAR_TRY(add_directory(x, next));
	}
	return ATHAR_OK;
}

/* ---- pixels ---- */

static int by_place(const void *a, const void *b, const void *user)
{
	const tiff_strip *x = a, *y = b;

	(void)user;
	return x->at != y->at ? (x->at < y->at ? -1 : 1) : (x->end > y->end) - (x->end < y->end);
}

/* Two strips that share bytes are not both what they seem, but for those that share all. */
static bool check_overlaps(tiff *x)
{
	if (x->strip_count == 0)
		return true;
	athar_sort(x->strips, x->strip_count, sizeof *x->strips, by_place, NULL);
	for (size_t i = 1; i < x->strip_count; i++) {
		const tiff_strip *a = &x->strips[i - 1], *b = &x->strips[i];

		if (b->at < a->end && (b->at != a->at || b->end != a->end)) {
			athar_walk_flaw(x->w, "at %llu a strip lies over another",
			                (unsigned long long)b->at);
			return false;
		}
	}
	return true;
}

static athar_status check_strips(tiff *x, athar_error *err)
{
	if (!check_overlaps(x))
		return ATHAR_OK;
	for (size_t i = 0; i < x->strip_count; i++) {
		const tiff_strip *s = &x->strips[i];
		tiff_verdict verdict;

		if (i != 0 && s->at == s[-1].at)
			continue;
		if (s->end > athar_reader_size(x->w->in))
			return ATHAR_EOF;
		ATHAR_TRY(tiff_strip_check(&verdict, s, &x->unpacker, x->w->in, err));
		x->unknown = x->unknown || verdict == TIFF_UNKNOWN;
		if (verdict == TIFF_BAD) {
			athar_walk_flaw(x->w, "what the strip at %llu holds is damaged",
			                (unsigned long long)s->at);
			return ATHAR_OK;
		}
	}
	return ATHAR_OK;
}

/* ---- what it all comes to ---- */

static bool made_by(const tiff *x, const char *make)
{
	return strncmp(x->make, make, strlen(make)) == 0;
}

/* A RAW file whose whole structure is known; "": it is none. */
static const char *kind(const tiff *x)
{
	return x->dng                                ? "dng"
	       : x->canon                            ? "cr2"
	       : !x->raw || !x->sub                  ? ""
	       : made_by(x, "NIKON")                 ? "nef"
	       : made_by(x, "SONY") && x->sony       ? "arw"
	       : made_by(x, "Eastman Kodak Company") ? "kdc"
	                                             : "";
}

static void name_it(tiff *x)
{
	const char *name = kind(x);
	athar_claim *claim = x->w->claim;

	if (name[0] != '\0') {
		(void)snprintf(claim->subtype, sizeof claim->subtype, "%s", name);
		(void)snprintf(claim->extension, sizeof claim->extension, "%s", name);
	} else if (x->raw) {
		athar_walk_flaw(x->w, "it is a camera's own kind, whose end is not known");
	}
}

static athar_status note_fields(tiff *x, athar_error *err)
{
	if (x->width != 0) {
		athar_walk_field(x->w, "width", "%llu", (unsigned long long)x->width);
		athar_walk_field(x->w, "height", "%llu", (unsigned long long)x->height);
	}
	if (x->pages > 1 && !x->raw && !x->canon)
		athar_walk_field(x->w, "pages", "%llu", (unsigned long long)x->pages);
	return athar_exif_fields(x->w, 0, x->t.len, err);
}

static athar_status header(tiff *x, athar_error *err)
{
	uint64_t ifd;
	athar_bytes b;

	ATHAR_TRY(athar_tiff_begin(&x->t, &ifd, x->w->in, 0, UINT64_MAX, err));
	ATHAR_TRY(athar_reader_get(&b, x->w->in, 0, 16, err));
	if (ifd < 8 || athar_tiff_16(&x->t, b.ptr + 2) != 42 ||
	    (b.ptr[0] != 'I' && b.ptr[0] != 'M') || b.ptr[1] != b.ptr[0])
		return athar_walk_stop(x->w, "it does not begin as TIFF");
	/* Phase One: a place that only it knows. */
	if (memcmp(b.ptr + 8, "IIII", 4) == 0)
		return athar_walk_stop(x->w, "it is of a kind that is not followed");
	x->canon = memcmp(b.ptr + 8, "CR\2", 3) == 0;
	cover(x, 0, x->canon ? 16 : 8);
	return add_directory(x, ifd);
}

/* What has been read says how far the file reaches; what lies far out is foreign, or its place is
 * wrong. */
static athar_status sum_up(tiff *x, athar_error *err)
{
	name_it(x);
	ATHAR_TRY(note_fields(x, err));
	if (x->covered >= x->end / 2)
		athar_walk_reach(x->w, x->end);
	else
		athar_walk_flaw(x->w, "most of it belongs to nothing");
	return ATHAR_OK;
}

static athar_status conclude(tiff *x, athar_error *err)
{
	if (x->strip_count == 0)
		return athar_walk_stop(x->w, "its directories end without a picture");
	if (x->covered < x->end / 2)
		return ATHAR_EFORMAT;
	ATHAR_TRY(check_strips(x, err));
	if (x->end > athar_reader_size(x->w->in))
		return ATHAR_EOF;
	athar_walk_close(x->w, ATHAR_GRADE_COMPLETE, x->end,
	                 x->unknown ? "its directories close; nothing they point to lies behind it"
	                            : "its directories close, every strip gives just its pixels");
	x->w->claim->alike = x->unknown;
	return ATHAR_OK;
}

static athar_status walk(tiff *x, athar_error *err)
{
	ATHAR_TRY(header(x, err));
	const athar_status status = read_directories(x, err);

	if ((status == ATHAR_EOF || status == ATHAR_EFORMAT || status == ATHAR_OK) &&
	    x->w->claim->ours)
		ATHAR_TRY(sum_up(x, err));
	ATHAR_TRY(status);
	return conclude(x, err);
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	ATHAR_AUTO(tiff) tiff *x = athar_alloc(sizeof *x, err);
	athar_walk w;

	athar_walk_init(&w, out, in);
	if (x == NULL)
		return ATHAR_ENOMEM;
	x->w = &w;
	ATHAR_TRY(athar_unpacker_init(&x->unpacker, err));
	return athar_walk_settle(&w, walk(x, err), err);
}

static const athar_magic magic[] = {
	{0, 4, {'I', 'I', 42, 0}}, {0, 4, {'M', 'M', 0, 42}}, {0, 0, {0}}};

const athar_format athar_format_tiff = {
	.name = "tiff",
	.extension = "tif",
	.mime = "image/tiff",
	.summary = "TIFF pictures, and the RAW files DNG, CR2, NEF, ARW, KDC",
	.end = "the highest byte that its directories point to",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
