/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PDF (ISO 32000-1): a header, objects, and at the end of each revision a cross-reference, where it
 * is (startxref) and %%EOF. All of it is walked as tokens, so that foreign bytes between two
 * objects end the walk; streams are passed by their length, those of Flate and JPEG are decoded on
 * the way. The end is the last %%EOF whose startxref leads to a cross-reference. Tables of the
 * classic kind must point to the objects they name. Streams packed otherwise, and all of an
 * encrypted file, are measured but not proven.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/jpeg.h"
#include "format/list.h"
#include "format/pdf_info.h"
#include "format/pdf_lex.h"
#include "format/unpack.h"
#include "format/walk.h"

#define DEPTH_MOST 256u
#define REVISIONS_MOST 4096u
#define SEARCH_MOST (UINT64_C(256) << 20) /* for the end of a stream whose length is elsewhere */
#define LENGTH_SLACK 64u                  /* that a stated length may be wrong by */
#define BATCH 64u                         /* entries of a table that are checked at a time */

/* What the dictionary of an object says that matters here. */
typedef struct pdf_object {
	uint64_t at, data; /* of the object; of its stream */
	uint64_t length, linear;
	bool has_length, encrypt, linearized;
	bool flate, jpeg; /* the first filter, the one that sees the bytes of the file */
	bool filtered;    /* it is known */
	pdf_info info;
} pdf_object;

typedef struct pdf {
	athar_walk *w;
	athar_stream s;
	athar_unpacker *unpacker;
	bool encrypted;
	bool suspect;    /* a stream does not unpack: damage, unless the file is encrypted */
	uint64_t linear; /* the length that a linearised file states; 0: it is none */
	uint64_t end;    /* behind the last %%EOF that closes; 0: none has so far */
	unsigned revisions;
	bool open; /* something follows that end */
	uint64_t startxref;
	bool has_startxref;
	uint64_t objects, entries, wrong; /* entries of tables, those that point elsewhere */
	pdf_info info;
} pdf;

static athar_status stop(pdf *p, const char *why)
{
	return athar_walk_stop(p->w, "%s", why);
}

/* All before `at` holds, unless a stream was suspect. */
static void prove(pdf *p, uint64_t at)
{
	if (p->suspect)
		athar_walk_reach(p->w, at);
	else
		athar_walk_prove(p->w, at);
}

/* ---- dictionaries ---- */

typedef struct dictionary {
	char key[24];  /* whose value comes next, or has come; "" before the first */
	bool expected; /* the next token is its value */
	uint64_t value;
} dictionary;

static bool key_is(const dictionary *d, const char *key)
{
	return strcmp(d->key, key) == 0;
}

static void take_filter(pdf_object *o, const pdf_token *t)
{
	if (o->filtered || t->kind != PDF_NAME)
		return;
	o->filtered = true;
	o->flate = strcmp(t->text, "FlateDecode") == 0;
	o->jpeg = strcmp(t->text, "DCTDecode") == 0;
}

static void take_value(pdf_object *o, dictionary *d, const pdf_token *t)
{
	d->expected = false;
	pdf_info_take(&o->info, d->key, t);
	if (key_is(d, "Length") && t->kind == PDF_INTEGER) {
		o->length = t->value;
		o->has_length = true;
	} else if (key_is(d, "L") && t->kind == PDF_INTEGER) {
		o->linear = t->value;
	} else if (key_is(d, "Filter")) {
		take_filter(o, t);
	} else if (key_is(d, "Encrypt")) {
		o->encrypt = true;
	} else if (key_is(d, "Linearized")) {
		o->linearized = true;
	}
}

/* A token right inside the outermost dictionary. */
static void take_token(pdf_object *o, dictionary *d, const pdf_token *t)
{
	if (d->expected) {
		take_value(o, d, t);
	} else if (t->kind == PDF_NAME) {
		memcpy(d->key, t->text, sizeof d->key);
		d->expected = true;
	} else if (pdf_is_word(t, "R") && key_is(d, "Length")) {
		o->has_length = false;
	}
}

static bool is_value_word(const pdf_token *t)
{
	return pdf_is_word(t, "R") || pdf_is_word(t, "true") || pdf_is_word(t, "false") ||
	       pdf_is_word(t, "null");
}

/* Tokens of one object or trailer up to the word that ends it, which is left in *t. */
static athar_status read_body(pdf *p, pdf_object *o, pdf_token *t, athar_error *err)
{
	dictionary d = {.expected = false};
	unsigned depth = 0;

	for (;;) {
		ATHAR_TRY(pdf_lex(t, &p->s, err));
		if (t->kind == PDF_NONE || t->kind == PDF_END_OF_FILE || t->kind == PDF_HEADER)
			return stop(p, "an object breaks off");
		if (t->kind == PDF_WORD && !is_value_word(t))
			return depth == 0 ? ATHAR_OK : stop(p, "an object breaks off");
		if (t->kind == PDF_CLOSE && depth-- == 0)
			return stop(p, "an object closes what it did not open");
		if (depth == 1 && t->kind != PDF_CLOSE)
			take_token(o, &d, t);
		else if (depth == 2 && key_is(&d, "Filter"))
			take_filter(o, t);
		if (t->kind == PDF_OPEN && ++depth > DEPTH_MOST)
			return stop(p, "an object nests too deep");
	}
}

/* ---- streams ---- */

/* The Adler-32 behind the packed data is that of what was unpacked. */
static athar_status check_adler(bool *good, pdf *p, uint64_t at, const athar_inflated *sum,
                                athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, p->w->in, at, 4, err));
	*good = athar_be32(b.ptr) == sum->adler32;
	return ATHAR_OK;
}

/* A zlib stream at o->data. *len: its length; 0 where it is given up. */
static athar_status unpack(uint64_t *len, bool *good, pdf *p, const pdf_object *o, athar_error *err)
{
	const uint64_t limit = o->has_length ? o->length : UINT64_MAX;
	athar_inflated out;
	athar_bytes b;
	bool dear;

	*len = 0;
	*good = limit == 0;
	if (limit < 6)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, p->w->in, o->data, 2, err));
	if ((b.ptr[0] & 15) != 8 || athar_be16(b.ptr) % 31 != 0 || (b.ptr[1] & 32) != 0)
		return ATHAR_OK;
	const athar_status status =
		athar_unpacker_run(&out, &dear, p->unpacker, p->w->in, o->data + 2, limit - 2, err);

	if (status == ATHAR_EFORMAT)
		return ATHAR_OK;
	ATHAR_TRY(status);
	*good = dear;
	if (!out.ended)
		return ATHAR_OK;
	*len = athar_min(out.consumed + 6, limit);
	return check_adler(good, p, o->data + 2 + out.consumed, &out, err);
}

/* A JPEG at o->data. *len: its length; 0 where its end is not found. */
static athar_status check_jpeg(uint64_t *len, bool *good, pdf *p, const pdf_object *o,
                               athar_error *err)
{
	jpeg_verdict v;

	const athar_status status = jpeg_check(&v, p->w->in, o->data, err);

	if (status == ATHAR_EOF && o->has_length)
		v.good = false;
	else
		ATHAR_TRY(status);
	*len = v.end == 0 ? 0 : v.end - o->data;
	*good = v.good && (!o->has_length || *len <= o->length);
	return ATHAR_OK;
}

/* Finds "endstream" from `at` on, before `limit` more bytes are gone. */
static athar_status find_end(uint64_t *out, pdf *p, uint64_t at, uint64_t limit, athar_error *err)
{
	for (uint64_t done = 0; done <= limit;) {
		athar_bytes b;

		ATHAR_TRY(athar_reader_get(&b, p->w->in, at + done, 9, err));
		ATHAR_TRY(athar_reader_some(&b, p->w->in, at + done, athar_unpacker_piece(done),
		                            err));
		const uint8_t *found = memmem(b.ptr, b.len, "endstream", 9);

		if (found != NULL) {
			*out = at + done + (uint64_t)(found - b.ptr);
			return ATHAR_OK;
		}
		done += b.len - 8;
	}
	return stop(p, "a stream does not end");
}

/* Where the data of a stream begin: behind one line end. */
static athar_status skip_line_end(pdf *p, athar_error *err)
{
	uint8_t c;

	ATHAR_TRY(athar_stream_byte(&c, &p->s, err));
	while (c == ' ' || c == '\t')
		ATHAR_TRY(athar_stream_byte(&c, &p->s, err));
	if (c == '\r')
		ATHAR_TRY(athar_stream_byte(&c, &p->s, err));
	if (c != '\n')
		p->s.next--;
	return ATHAR_OK;
}

static athar_status read_stream(pdf *p, pdf_object *o, athar_error *err)
{
	uint64_t packed = 0, end;
	bool good = true;

	ATHAR_TRY(skip_line_end(p, err));
	o->data = athar_stream_at(&p->s);
	if (o->has_length && !athar_inside(o->data, o->length, athar_reader_size(p->w->in)))
		return stop(p, "the space that could be searched ends inside a stream");
	if (o->flate && !p->encrypted)
		ATHAR_TRY(unpack(&packed, &good, p, o, err));
	else if (o->jpeg && !p->encrypted)
		ATHAR_TRY(check_jpeg(&packed, &good, p, o, err));
	ATHAR_TRY(find_end(&end, p, o->data + (o->has_length ? o->length : packed),
	                   o->has_length ? LENGTH_SLACK : SEARCH_MOST, err));
	p->suspect = p->suspect || !good;
	athar_stream_seek(&p->s, p->w->in, end + 9);
	return ATHAR_OK;
}

/* ---- objects ---- */

/* Behind "N G obj". */
static athar_status read_object(pdf *p, uint64_t at, athar_error *err)
{
	pdf_object o = {.at = at};
	pdf_token t;

	p->open = p->end != 0;
	ATHAR_TRY(read_body(p, &o, &t, err));
	p->encrypted = p->encrypted || o.encrypt;
	if (pdf_is_word(&t, "stream")) {
		ATHAR_TRY(read_stream(p, &o, err));
		ATHAR_TRY(pdf_lex(&t, &p->s, err));
	}
	if (!pdf_is_word(&t, "endobj"))
		return stop(p, "an object breaks off");
	if (o.linearized && p->objects == 0)
		p->linear = o.linear;
	p->objects++;
	pdf_info_keep(&p->info, &o.info);
	prove(p, athar_stream_at(&p->s));
	return ATHAR_OK;
}

static athar_status read_numbered(pdf *p, uint64_t at, athar_error *err)
{
	pdf_token t;

	ATHAR_TRY(pdf_lex(&t, &p->s, err));
	if (t.kind != PDF_INTEGER)
		return stop(p, "what follows the last good object is none");
	ATHAR_TRY(pdf_lex(&t, &p->s, err));
	if (!pdf_is_word(&t, "obj"))
		return stop(p, "what follows the last good object is none");
	return read_object(p, at, err);
}

/* ---- cross-references ---- */

typedef struct entry {
	uint64_t number, offset;
} entry;

/* An unsigned number and the white space behind it. */
static size_t number_at(uint64_t *out, const uint8_t *p, size_t len)
{
	size_t i = 0;

	*out = 0;
	while (i < len && i < 19 && p[i] >= '0' && p[i] <= '9')
		*out = *out * 10 + (uint64_t)(p[i++] - '0');
	if (i == 0)
		return 0;
	while (i < len && pdf_is_space(p[i]))
		i++;
	return i;
}

/* Does "N G obj" begin here? White space may come first. */
static bool is_object(const uint8_t *p, size_t len, uint64_t *number)
{
	uint64_t generation;
	size_t at = 0, n;

	while (at < len && pdf_is_space(p[at]))
		at++;
	n = number_at(number, p + at, len - at);
	at += n;
	if (n == 0)
		return false;
	n = number_at(&generation, p + at, len - at);
	at += n;
	return n != 0 && len - at >= 3 && memcmp(p + at, "obj", 3) == 0;
}

static athar_status check_entries(pdf *p, const entry *e, size_t count, athar_error *err)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t number = 0;
		athar_bytes b;
		const athar_status status = athar_reader_some(&b, p->w->in, e[i].offset, 40, err);

		p->entries++;
		if (status == ATHAR_EOF) {
			p->wrong++;
			continue;
		}
		ATHAR_TRY(status);
		if (!is_object(b.ptr, b.len, &number) || number != e[i].number)
			p->wrong++;
	}
	return ATHAR_OK;
}

/* One entry: offset, generation, n or f. *used: it names an object of this file. */
static athar_status read_entry(pdf *p, entry *e, bool *used, athar_error *err)
{
	pdf_token offset, generation, kind;

	ATHAR_TRY(pdf_lex(&offset, &p->s, err));
	ATHAR_TRY(pdf_lex(&generation, &p->s, err));
	ATHAR_TRY(pdf_lex(&kind, &p->s, err));
	*used = pdf_is_word(&kind, "n");
	if (offset.kind != PDF_INTEGER || generation.kind != PDF_INTEGER ||
	    (!*used && !pdf_is_word(&kind, "f")))
		return stop(p, "the cross-reference table breaks off");
	e->offset = offset.value;
	*used = *used && e->offset != 0;
	return ATHAR_OK;
}

static athar_status read_section(pdf *p, uint64_t first, uint64_t count, athar_error *err)
{
	entry batch[BATCH];
	size_t n = 0;

	for (uint64_t i = 0; i < count; i++) {
		bool used;

		ATHAR_TRY(read_entry(p, &batch[n], &used, err));
		batch[n].number = first + i;
		n += used;
		if (n < BATCH && i + 1 < count)
			continue;
		const uint64_t at = athar_stream_at(&p->s);

		ATHAR_TRY(check_entries(p, batch, n, err));
		athar_stream_seek(&p->s, p->w->in, at);
		n = 0;
	}
	return ATHAR_OK;
}

/* Behind "xref": sections of a first number and a count, then the trailer. */
static athar_status read_table(pdf *p, athar_error *err)
{
	pdf_object trailer = {.at = 0};
	pdf_token t, count;

	p->open = p->end != 0;
	for (;;) {
		ATHAR_TRY(pdf_lex(&t, &p->s, err));
		if (t.kind != PDF_INTEGER)
			break;
		ATHAR_TRY(pdf_lex(&count, &p->s, err));
		if (count.kind != PDF_INTEGER || count.value > UINT32_MAX)
			return stop(p, "the cross-reference table breaks off");
		ATHAR_TRY(read_section(p, t.value, count.value, err));
	}
	if (!pdf_is_word(&t, "trailer"))
		return stop(p, "the cross-reference table breaks off");
	ATHAR_TRY(read_body(p, &trailer, &t, err));
	p->encrypted = p->encrypted || trailer.encrypt;
	if (!pdf_is_word(&t, "startxref"))
		return stop(p, "the trailer breaks off");
	athar_stream_seek(&p->s, p->w->in, t.at);
	prove(p, t.at);
	return ATHAR_OK;
}

/* Is there a cross-reference at `at`: the word, or an object that says it is one? */
static athar_status is_reference(bool *out, pdf *p, uint64_t at, athar_error *err)
{
	uint64_t number;
	athar_bytes b;
	const athar_status status = athar_reader_some(&b, p->w->in, at, 2048, err);
	size_t i = 0;

	*out = false;
	if (status == ATHAR_EOF)
		return ATHAR_OK;
	ATHAR_TRY(status);
	while (i < b.len && pdf_is_space(b.ptr[i]))
		i++;
	if (b.len - i >= 4 && memcmp(b.ptr + i, "xref", 4) == 0)
		*out = true;
	else if (is_object(b.ptr, b.len, &number))
		*out = memmem(b.ptr, b.len, "/XRef", 5) != NULL;
	return ATHAR_OK;
}

/* ---- ends ---- */

/* The line end behind %%EOF belongs to the file. */
static athar_status skip_last_line_end(pdf *p, uint64_t at, uint64_t *end, athar_error *err)
{
	athar_bytes b;
	const athar_status status = athar_reader_some(&b, p->w->in, at, 2, err);

	*end = at;
	if (status == ATHAR_EOF)
		return ATHAR_OK;
	ATHAR_TRY(status);
	if (b.len == 2 && memcmp(b.ptr, "\r\n", 2) == 0)
		*end = at + 2;
	else if (b.ptr[0] == '\n' || b.ptr[0] == '\r')
		*end = at + 1;
	return ATHAR_OK;
}

/* Behind %%EOF. */
static athar_status close_revision(pdf *p, athar_error *err)
{
	const uint64_t at = athar_stream_at(&p->s);
	bool good = false;
	uint64_t end;

	if (p->has_startxref && p->startxref != 0 && p->startxref < at && p->objects != 0)
		ATHAR_TRY(is_reference(&good, p, p->startxref, err));
	if (++p->revisions > REVISIONS_MOST)
		return stop(p, "it has more revisions than a file has");
	ATHAR_TRY(skip_last_line_end(p, at, &end, err));
	p->has_startxref = false;
	if (good) {
		p->end = end;
		p->open = false;
	}
	prove(p, end);
	athar_stream_seek(&p->s, p->w->in, end);
	return ATHAR_OK;
}

static athar_status read_startxref(pdf *p, athar_error *err)
{
	pdf_token t;

	ATHAR_TRY(pdf_lex(&t, &p->s, err));
	if (t.kind != PDF_INTEGER)
		return stop(p, "startxref is followed by no number");
	p->startxref = t.value;
	p->has_startxref = true;
	return ATHAR_OK;
}

static athar_status read_items(pdf *p, athar_error *err)
{
	pdf_token t;

	for (;;) {
		ATHAR_TRY(pdf_lex(&t, &p->s, err));
		if (t.kind == PDF_INTEGER)
			ATHAR_TRY(read_numbered(p, t.at, err));
		else if (pdf_is_word(&t, "xref"))
			ATHAR_TRY(read_table(p, err));
		else if (pdf_is_word(&t, "startxref"))
			ATHAR_TRY(read_startxref(p, err));
		else if (t.kind == PDF_END_OF_FILE)
			ATHAR_TRY(close_revision(p, err));
		else
			return stop(p, "what follows the last good object is none");
	}
}

/* "%PDF-1.4" and the like. */
static athar_status read_header(pdf *p, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, p->w->in, 0, 8, err));
	if (memcmp(b.ptr, "%PDF-", 5) != 0 || b.ptr[5] < '1' || b.ptr[5] > '2' || b.ptr[6] != '.' ||
	    b.ptr[7] < '0' || b.ptr[7] > '9')
		return stop(p, "the header names no version");
	athar_walk_begin(p->w, 8);
	athar_stream_seek(&p->s, p->w->in, 8);
	return ATHAR_OK;
}

/* The walk went as far as it could; what stands behind the last end decides. */
static athar_status conclude(pdf *p, athar_status status)
{
	if ((status != ATHAR_EOF && status != ATHAR_EFORMAT) || p->end == 0)
		return status;
	if (p->open)
		return stop(p, "an update behind its last end breaks off");
	if (p->linear > p->end)
		return stop(p, "it is shorter than the length it states");
	if (p->suspect && !p->encrypted)
		athar_walk_flaw(p->w, "a stream does not unpack or decode");
	if (p->wrong != 0)
		athar_walk_flaw(p->w, "%llu of %llu places in its table hold no such object",
		                (unsigned long long)p->wrong, (unsigned long long)p->entries);
	if (p->encrypted)
		athar_walk_close(p->w, ATHAR_GRADE_COMPLETE, p->end,
		                 "its objects and cross-reference close; it is encrypted");
	else if (p->entries != 0)
		athar_walk_close(p->w, ATHAR_GRADE_COMPLETE, p->end,
		                 "its objects close, all %llu places in its table hold them",
		                 (unsigned long long)p->entries);
	else
		athar_walk_close(p->w, ATHAR_GRADE_COMPLETE, p->end,
		                 "its objects close, startxref leads to the cross-reference");
	return ATHAR_OK;
}

static athar_status walk(pdf *p, athar_error *err)
{
	ATHAR_TRY(read_header(p, err));
	const athar_status status = conclude(p, read_items(p, err));

	if (p->encrypted)
		athar_walk_field(p->w, "encrypted", "yes");
	else if (status == ATHAR_OK)
		ATHAR_TRY(pdf_info_note(&p->info, p->w, err));
	return status;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	ATHAR_AUTO(unpacker) athar_unpacker unpacker = {.inflater = NULL};
	athar_walk w;
	pdf p = {.w = &w, .unpacker = &unpacker};

	athar_walk_init(&w, out, in);
	ATHAR_TRY(athar_unpacker_init(&unpacker, err));
	return athar_walk_settle(&w, walk(&p, err), err);
}

static const athar_magic magic[] = {{0, 5, {'%', 'P', 'D', 'F', '-'}}, {0, 0, {0}}};

const athar_format athar_format_pdf = {
	.name = "pdf",
	.extension = "pdf",
	.mime = "application/pdf",
	.summary = "Portable Document Format",
	.end = "the last %%EOF whose startxref leads to a cross-reference, behind objects that "
	       "close",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
