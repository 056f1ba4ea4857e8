/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FLV (Adobe, "Video File Format Specification 10.1", 2010): a header, then tags, each with its
 * length before it and behind it. Nothing closes the file; what describes it may say how large it
 * is, in values as ActionScript codes them.
 */
#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/walk.h"

#define HEAD 9u
#define TAG 11u
#define AUDIO 8u
#define VIDEO 9u
#define SCRIPT 18u
#define FILTERED 0x20u
#define DEPTH 8u
#define VALUES_MOST 100000u /* with numbers of keys of all depths: places of key pictures */
#define KEY_MOST 16u

/* ---- what describes the film ---- */

enum kind { NUMBER, BOOL, TEXT, OBJECT, ARRAY = 8, END = 9, LIST = 10, DATE = 11, LONG = 12 };

typedef struct script {
	athar_walk *w;
	uint64_t at, end;
	uint32_t values;
	double file_size;
} script;

/* Whole numbers only: places and sizes are. */
static void note_number(script *s, const char *key, double v)
{
	const bool sane = isfinite(v) && v > 0 && v < 1e15;

	if (sane && strcmp(key, "duration") == 0)
		athar_walk_field(s->w, "duration_ms", "%.0f", v * 1000);
	if (sane && (strcmp(key, "width") == 0 || strcmp(key, "height") == 0))
		athar_walk_field(s->w, key, "%.0f", v);
	if (sane && strcmp(key, "filesize") == 0)
		s->file_size = v;
}

static athar_status take(athar_bytes *out, script *s, size_t len, athar_error *err)
{
	if (len > s->end - s->at)
		return ATHAR_EFORMAT;
	ATHAR_TRY(athar_reader_get(out, s->w->in, s->at, len, err));
	s->at += len;
	return ATHAR_OK;
}

static athar_status pass(script *s, uint64_t len)
{
	if (len > s->end - s->at)
		return ATHAR_EFORMAT;
	s->at += len;
	return ATHAR_OK;
}

static athar_status value(script *s, const char *key, unsigned depth, athar_error *err);

/* The key of a member; cut where it is none of those that are looked for. */
static athar_status take_key(char key[KEY_MOST], script *s, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(take(&b, s, 2, err));
	const size_t len = athar_be16(b.ptr), some = athar_min(len, KEY_MOST - 1);

	key[0] = '\0';
	if (some != 0) {
		ATHAR_TRY(take(&b, s, some, err));
		memcpy(key, b.ptr, some);
	}
	key[some] = '\0';
	return pass(s, len - some);
}

/* Members up to the empty one that says that no more follow. */
static athar_status members(script *s, unsigned depth, athar_error *err)
{
	char key[KEY_MOST];
	athar_bytes b;

	while (s->at < s->end) {
		ATHAR_TRY(take_key(key, s, err));
		ATHAR_TRY(take(&b, s, 1, err));
		if (b.ptr[0] == END)
			return ATHAR_OK;
		s->at--;
		ATHAR_TRY(value(s, depth == 1 ? key : "", depth, err));
	}
	return ATHAR_OK;
}

static athar_status elements(script *s, unsigned depth, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(take(&b, s, 4, err));
	for (uint32_t n = athar_be32(b.ptr); n != 0; n--)
		ATHAR_TRY(value(s, "", depth, err));
	return ATHAR_OK;
}

static athar_status number(script *s, const char *key, athar_error *err)
{
	athar_bytes b;
	double v;

	ATHAR_TRY(take(&b, s, 8, err));
	const uint64_t bits = athar_be64(b.ptr);

	memcpy(&v, &bits, sizeof v);
	note_number(s, key, v);
	return ATHAR_OK;
}

static athar_status value(script *s, const char *key, unsigned depth, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(take(&b, s, 1, err));
	const uint8_t kind = b.ptr[0];

	if (depth > DEPTH || ++s->values > VALUES_MOST)
		return ATHAR_EFORMAT;
	switch (kind) {
	case NUMBER:
		return number(s, key, err);
	case BOOL:
		return pass(s, 1);
	case TEXT:
		ATHAR_TRY(take(&b, s, 2, err));
		return pass(s, athar_be16(b.ptr));
	case LONG:
		ATHAR_TRY(take(&b, s, 4, err));
		return pass(s, athar_be32(b.ptr));
	case DATE:
		return pass(s, 10);
	case ARRAY:
		ATHAR_TRY(pass(s, 4));
		return members(s, depth + 1, err);
	case OBJECT:
		return members(s, depth + 1, err);
	case LIST:
		return elements(s, depth + 1, err);
	default: /* null and undefined have nothing */
		return kind == 5 || kind == 6 ? ATHAR_OK : ATHAR_EFORMAT;
	}
}

/* onMetaData and what it holds. What cannot be read is not used, and is no flaw. */
static athar_status describe(double *file_size, athar_walk *w, uint64_t at, uint64_t end,
                             athar_error *err)
{
	static const uint8_t name[] = "\2\0\12onMetaData";
	script s = {.w = w, .at = at + sizeof name - 1, .end = end};
	athar_bytes b;

	*file_size = 0;
	if (end - at < sizeof name)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, w->in, at, sizeof name - 1, err));
	if (memcmp(b.ptr, name, sizeof name - 1) != 0)
		return ATHAR_OK;
	const athar_status status = value(&s, "", 0, err);

	*file_size = s.file_size;
	return status == ATHAR_EFORMAT ? ATHAR_OK : status;
}

/* ---- tags ---- */

typedef struct film {
	athar_walk *w;
	uint64_t at, tags;
	uint64_t told; /* how large the file is; 0: it does not say */
} film;

typedef struct tag {
	uint8_t kind;
	bool filtered;
	uint64_t data, end; /* of what is in it; its length follows again */
} tag;

/* The tag at `at`. *good: it is one, with its length behind it. */
static athar_status read_tag(tag *out, bool *good, film *f, athar_error *err)
{
	const uint64_t size = athar_reader_size(f->w->in);
	athar_bytes b;

	*good = false;
	if (f->at == size)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, f->w->in, f->at, TAG, err));
	const uint32_t len = athar_be24(b.ptr + 1);

	*out = (tag){.kind = b.ptr[0] & 0x1F, .filtered = (b.ptr[0] & FILTERED) != 0};
	out->data = f->at + TAG;
	out->end = out->data + len;
	if (b.ptr[0] >> 6 != 0 || athar_be24(b.ptr + 8) != 0 || len == 0 ||
	    (out->kind != AUDIO && out->kind != VIDEO && out->kind != SCRIPT))
		return ATHAR_OK;
	if (f->tags != 0)
		athar_walk_reach(f->w, out->end);
	ATHAR_TRY(athar_reader_get(&b, f->w->in, out->end, 4, err));
	*good = athar_be32(b.ptr) == TAG + len;
	return ATHAR_OK;
}

static void note_codec(film *f, const tag *t, uint8_t first)
{
	static const char *const video[16] = {
		[2] = "Sorenson H.263", [3] = "Screen video", [4] = "VP6",  [5] = "VP6 with alpha",
		[6] = "Screen video 2", [7] = "AVC",          [12] = "HEVC"};
	const char *name = t->kind == VIDEO ? video[first & 15] : NULL;

	if (t->filtered)
		athar_walk_field(f->w, "encrypted", "yes");
	else if (name != NULL)
		athar_walk_field(f->w, "codec", "%s", name);
}

static athar_status take_tag(film *f, const tag *t, athar_error *err)
{
	double size = 0;
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, f->w->in, t->data, 1, err));
	note_codec(f, t, b.ptr[0]);
	if (t->kind == SCRIPT && !t->filtered && f->told == 0)
		ATHAR_TRY(describe(&size, f->w, t->data, t->end, err));
	if (size != 0)
		f->told = (uint64_t)size;
	f->tags++;
	f->at = t->end + 4;
	athar_walk_prove(f->w, f->at);
	return ATHAR_OK;
}

static athar_status header(film *f, athar_error *err)
{
	athar_bytes b;
	bool good;
	tag t;

	ATHAR_TRY(athar_reader_get(&b, f->w->in, 0, HEAD + 4, err));
	if ((b.ptr[4] & 0xFA) != 0 || athar_be32(b.ptr + 5) != HEAD || athar_be32(b.ptr + 9) != 0)
		return athar_walk_stop(f->w, "it does not begin with a header");
	f->at = HEAD + 4;
	athar_walk_begin(f->w, f->at);
	ATHAR_TRY(read_tag(&t, &good, f, err));
	return good ? take_tag(f, &t, err) : athar_walk_stop(f->w, "no tag follows the header");
}

static athar_status judge(film *f)
{
	athar_walk *w = f->w;

	if (f->told == 0) {
		w->claim->open = true;
		return athar_walk_stop(w, "its tags end, and it does not say how long it is");
	}
	if (f->at != f->told)
		return athar_walk_stop(w,
		                       "its tags end at %llu, and it says that it has %llu bytes",
		                       (unsigned long long)f->at, (unsigned long long)f->told);
	athar_walk_close(w, ATHAR_GRADE_COMPLETE, f->at,
	                 "its tags follow one another to the size that it says");
	return ATHAR_OK;
}

static athar_status walk(film *f, athar_error *err)
{
	bool more = true;
	tag t;

	ATHAR_TRY(header(f, err));
	while (f->told == 0 || f->at < f->told) {
		ATHAR_TRY(read_tag(&t, &more, f, err));
		if (!more)
			break;
		ATHAR_TRY(take_tag(f, &t, err));
	}
	return judge(f);
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	film f = {.w = &w};

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&f, err), err);
}

static const athar_magic magic[] = {{0, 4, {'F', 'L', 'V', 1}}, {0, 0, {0}}};

const athar_format athar_format_flv = {
	.name = "flv",
	.extension = "flv",
	.mime = "video/x-flv",
	.summary = "Flash Video",
	.end = "tags that follow one another to the size that the film says",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
