/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * XML 1.0, in ASCII, UTF-8, UTF-16 and character sets of bytes: each element ends by its own name,
 * and the end of the first one is the end of the document, but for comments and instructions.
 */
#include <string.h>

#include "format/list.h"
#include "format/text_scan.h"

#define DEPTH 256u
#define NAME 32u
#define BEHIND 65536u /* of comments that follow the last tag */

typedef struct xml {
	athar_walk *w;
	athar_scan scan;
	uint64_t open[DEPTH]; /* names of the elements that are open, as hashes */
	size_t depth;
	uint64_t hash;   /* of the name read last */
	char name[NAME]; /* without its prefix, as far as it is ASCII and goes in */
	const char *key; /* of the field that the text of this element is */
	athar_snip snip;
	uint64_t elements;
} xml;

static athar_status next(int *c, xml *x, athar_error *err)
{
	return athar_scan_next(c, &x->scan, err);
}

static athar_status broken(xml *x, const char *why)
{
	athar_walk_reach(x->w, x->scan.at);
	return athar_walk_stop(x->w, "%s", why);
}

static athar_status ended(xml *x)
{
	return broken(x, "text ends before the end of its first element");
}

static bool begins_name(int c)
{
	return athar_is_letter(c) || c == '_' || c == ':' || c >= 0x80;
}

static bool is_name(int c)
{
	return begins_name(c) || athar_is_digit(c) || c == '-' || c == '.';
}

/* The name that *c begins; *c is then what follows it. */
static athar_status read_name(int *c, xml *x, athar_error *err)
{
	size_t n = 0;

	x->hash = UINT64_C(0xCBF29CE484222325); /* FNV-1a */
	if (!begins_name(*c))
		return *c == ATHAR_TEXT_END ? ended(x) : broken(x, "a name begins as no name does");
	while (is_name(*c)) {
		x->hash = (x->hash ^ (uint64_t)*c) * UINT64_C(0x100000001B3);
		if (*c == ':')
			n = 0;
		else if (n + 1 < NAME)
			x->name[n++] = *c < 0x80 ? (char)*c : '?';
		ATHAR_TRY(next(c, x, err));
	}
	x->name[n] = '\0';
	return ATHAR_OK;
}

static athar_status spaces(int *c, xml *x, athar_error *err)
{
	while (athar_is_space(*c))
		ATHAR_TRY(next(c, x, err));
	return ATHAR_OK;
}

/* All up to `mark`, the first two characters of which may be the same. */
static athar_status pass(xml *x, const char *mark, athar_error *err)
{
	size_t met = 0;
	int c = 0;

	while (mark[met] != '\0') {
		ATHAR_TRY(next(&c, x, err));
		if (c == ATHAR_TEXT_END)
			return ended(x);
		if (c == mark[met])
			met++;
		else if (!(met == 2 && c == mark[1] && mark[0] == mark[1]))
			met = c == mark[0];
	}
	return ATHAR_OK;
}

/* The rest of "<!DOCTYPE": up to the '>' outside of quotes and brackets. */
static athar_status doctype(xml *x, athar_error *err)
{
	int c = 0, quote = 0, brackets = 0;

	for (;;) {
		ATHAR_TRY(next(&c, x, err));
		if (c == ATHAR_TEXT_END)
			return ended(x);
		if (quote != 0)
			quote = c == quote ? 0 : quote;
		else if (c == '"' || c == '\'')
			quote = c;
		else if (c == '[' || c == '<')
			brackets++;
		else if (brackets != 0 && (c == ']' || c == '>'))
			brackets--;
		else if (c == '>')
			return ATHAR_OK;
	}
}

/* "<!": a comment, a piece of text, or the type of the document. */
static athar_status declaration(xml *x, athar_error *err)
{
	int c = 0;

	ATHAR_TRY(next(&c, x, err));
	if (c == '-') {
		ATHAR_TRY(next(&c, x, err));
		return c == '-' ? pass(x, "-->", err) : broken(x, "a comment is none");
	}
	if (c == '[' && x->depth != 0) {
		for (const char *s = "CDATA["; *s != '\0'; s++) {
			ATHAR_TRY(next(&c, x, err));
			if (c != *s)
				return broken(x, "a declaration is none");
		}
		return pass(x, "]]>", err);
	}
	if (c != 'D' || x->depth != 0 || x->elements != 0)
		return broken(x, "a declaration is none");
	return doctype(x, err);
}

/* ---- elements ---- */

/* Attributes up to '>' or "/>"; *c is what follows the name. */
static athar_status attributes(bool *empty, int c, xml *x, athar_error *err)
{
	*empty = false;
	for (;;) {
		ATHAR_TRY(spaces(&c, x, err));
		if (c == '>')
			return ATHAR_OK;
		if (c == '/') {
			*empty = true;
			ATHAR_TRY(next(&c, x, err));
			return c == '>' ? ATHAR_OK : broken(x, "a tag does not end");
		}
		ATHAR_TRY(read_name(&c, x, err));
		ATHAR_TRY(spaces(&c, x, err));
		if (c != '=')
			return broken(x, "an attribute has no value");
		ATHAR_TRY(next(&c, x, err));
		ATHAR_TRY(spaces(&c, x, err));
		const int quote = c;

		if (quote != '"' && quote != '\'')
			return broken(x, "an attribute has no value");
		do {
			ATHAR_TRY(next(&c, x, err));
		} while (c != quote && c != '<' && c != ATHAR_TEXT_END);
		if (c != quote)
			return c == '<' ? broken(x, "a tag begins in an attribute") : ended(x);
		ATHAR_TRY(next(&c, x, err));
	}
}

static const struct {
	const char *root, *subtype, *extension;
} kinds[] = {
	{"plist", "plist", "plist"},
	{"svg", "svg", "svg"},
	{"kml", "kml", "kml"},
	{"gpx", "gpx", "gpx"},
	{"rss", "rss", "rss"},
	{"feed", "atom", "atom"},
	{"html", "xhtml", "xhtml"},
	{"TrainingCenterDatabase", "tcx", "tcx"},
	{"FictionBook", "fb2", "fb2"},
	{"osm", "osm", "osm"},
	{"COLLADA", "dae", "dae"},
	{"smses", "sms", "xml"},
	{"Workbook", "spreadsheet", "xml"},
	{"wordDocument", "word", "xml"},
};

static void name_kind(xml *x)
{
	athar_claim *claim = x->w->claim;

	for (size_t i = 0; i < ATHAR_COUNT(kinds); i++) {
		if (strcmp(x->name, kinds[i].root) != 0)
			continue;
		(void)snprintf(claim->subtype, sizeof claim->subtype, "%s", kinds[i].subtype);
		(void)snprintf(claim->extension, sizeof claim->extension, "%s", kinds[i].extension);
	}
}

static athar_status begin_element(int c, xml *x, athar_error *err)
{
	bool empty = false;

	if (x->depth == 0 && x->elements != 0)
		return broken(x, "an element follows the first one");
	ATHAR_TRY(read_name(&c, x, err));
	const uint64_t hash = x->hash;

	if (x->elements++ == 0)
		name_kind(x);
	x->key = NULL;
	if (x->depth != 0 && x->depth <= 3)
		x->key = strcmp(x->name, "title") == 0  ? "title"
		         : strcmp(x->name, "name") == 0 ? "name"
		                                        : NULL;
	x->snip.len = 0;
	ATHAR_TRY(attributes(&empty, c, x, err));
	if (empty)
		return ATHAR_OK;
	if (x->depth == DEPTH)
		return broken(x, "too many elements lie in one another");
	x->open[x->depth++] = hash;
	return ATHAR_OK;
}

static athar_status end_element(xml *x, athar_error *err)
{
	int c = 0;

	ATHAR_TRY(next(&c, x, err));
	ATHAR_TRY(read_name(&c, x, err));
	ATHAR_TRY(spaces(&c, x, err));
	if (c != '>')
		return c == ATHAR_TEXT_END ? ended(x) : broken(x, "a tag does not end");
	if (x->depth == 0 || x->open[x->depth - 1] != x->hash)
		return broken(x, "an element ends that is not open");
	x->depth--;
	if (x->key != NULL)
		athar_walk_field_bytes(x->w, x->key, x->snip.text, x->snip.len);
	x->key = NULL;
	athar_walk_prove(x->w, x->scan.at);
	return ATHAR_OK;
}

/* What follows a '<'. */
static athar_status markup(xml *x, athar_error *err)
{
	int c = 0;

	ATHAR_TRY(next(&c, x, err));
	if (c == '!')
		return declaration(x, err);
	if (c == '?')
		return pass(x, "?>", err);
	if (c == '/')
		return end_element(x, err);
	return begin_element(c, x, err);
}

/* What the five names that need no declaration stand for; 0: another name. */
static int predefined(const char *name)
{
	static const char *const names[] = {"amp", "lt", "gt", "quot", "apos"};

	for (size_t i = 0; i < ATHAR_COUNT(names); i++)
		if (strcmp(name, names[i]) == 0)
			return "&<>\"'"[i];
	return 0;
}

/* "&name;" */
static athar_status reference(xml *x, athar_error *err)
{
	char name[8] = "";
	int c = 0, n = 0;

	ATHAR_TRY(next(&c, x, err));
	const bool number = c == '#';

	if (number)
		ATHAR_TRY(next(&c, x, err));
	for (; is_name(c) && n < 64; n++) {
		if (n < 7 && c < 0x80)
			name[n] = (char)c;
		ATHAR_TRY(next(&c, x, err));
	}
	if (c != ';' || n == 0)
		return broken(x, "a reference is none");
	c = number ? 0 : predefined(name);
	if (x->key != NULL && c != 0)
		athar_snip_add(&x->snip, c, &x->scan);
	return ATHAR_OK;
}

static athar_status document(xml *x, athar_error *err)
{
	int c = 0;

	while (x->depth != 0 || x->elements == 0) {
		ATHAR_TRY(next(&c, x, err));
		if (c == ATHAR_TEXT_END)
			return ended(x);
		if (c == '<')
			ATHAR_TRY(markup(x, err));
		else if (x->depth == 0 && !athar_is_space(c))
			return broken(x, "text stands outside of its first element");
		else if (c == '&')
			ATHAR_TRY(reference(x, err));
		else if (x->key != NULL)
			athar_snip_add(&x->snip, c, &x->scan);
	}
	return ATHAR_OK;
}

/* ---- the whole ---- */

/* Comments, instructions and line ends behind the first element belong to it where they are whole.
 */
static athar_status behind(uint64_t *end, xml *x, athar_error *err)
{
	const uint64_t begin = x->scan.at;
	int c = 0, lines = 0;

	*end = begin;
	for (;;) {
		ATHAR_TRY(next(&c, x, err));
		lines += c == '\n';
		if ((c == '\n' || c == '\r') && lines <= 4 && *end + 4 >= x->scan.at)
			*end = x->scan.at;
		if (athar_is_space(c) && x->scan.at - begin < BEHIND)
			continue;
		if (c != '<')
			return ATHAR_OK;
		ATHAR_TRY(next(&c, x, err));
		if (c != '!' && c != '?')
			return ATHAR_OK;
		const athar_claim before = *x->w->claim;
		const athar_status status = c == '?' ? pass(x, "?>", err) : declaration(x, err);

		if (status != ATHAR_OK || x->scan.at - begin > BEHIND) {
			*x->w->claim = before;
			return status == ATHAR_EFORMAT ? ATHAR_OK : status;
		}
		*end = x->scan.at;
		lines = 0;
	}
}

/* Which characters the declaration says there are. */
static athar_charset declared(const athar_bytes *b)
{
	static const char word[] = "encoding=";
	const char *text = (const char *)b->ptr;
	size_t at = 0;

	while (at < b->len && text[at] != '>' && !athar_text_starts(text + at, b->len - at, word))
		at++;
	if (at >= b->len || text[at] == '>')
		return ATHAR_CHARSET_UTF8;
	at += sizeof word;
	if (at < b->len && athar_text_starts(text + at, b->len - at, "utf-8"))
		return ATHAR_CHARSET_UTF8;
	return ATHAR_CHARSET_BYTES;
}

/* Without a declaration only those kinds that have a magic; their first tag is read again. */
static athar_status bare(uint64_t *at, xml *x, const athar_bytes *b, athar_error *err)
{
	bool empty = false;
	int c = 0;

	for (size_t i = 0; i < 5; i++) {
		const size_t len = strlen(kinds[i].root);

		if (memcmp(b->ptr + 1, kinds[i].root, len) != 0 || !athar_is_space(b->ptr[1 + len]))
			continue;
		ATHAR_TRY(next(&c, x, err));
		ATHAR_TRY(next(&c, x, err));
		ATHAR_TRY(read_name(&c, x, err));
		ATHAR_TRY(attributes(&empty, c, x, err));
		*at = x->scan.at;
		athar_scan_begin(&x->scan, x->w->in, 0, ATHAR_CHARSET_UTF8);
		return ATHAR_OK;
	}
	return athar_walk_stop(x->w, "it does not begin as one");
}

static athar_status header(uint64_t *at, xml *x, athar_error *err)
{
	athar_bytes b;
	athar_charset charset;
	size_t begin = 0;

	ATHAR_TRY(athar_reader_some(&b, x->w->in, 0, 200, err));
	if (b.len < 12)
		return athar_walk_stop(x->w, "it does not begin as one");
	if (memcmp(b.ptr, "\xFF\xFE", 2) == 0 || memcmp(b.ptr, "\xFE\xFF", 2) == 0)
		begin = 2;
	else if (memcmp(b.ptr, "\xEF\xBB\xBF", 3) == 0)
		begin = 3;
	if (memcmp(b.ptr + begin, "<\0?\0", 4) == 0)
		charset = ATHAR_CHARSET_UTF16LE;
	else if (memcmp(b.ptr + begin, "\0<\0?", 4) == 0)
		charset = ATHAR_CHARSET_UTF16BE;
	else
		charset = declared(&b);
	athar_scan_begin(&x->scan, x->w->in, begin, charset);
	if (b.ptr[begin] == '<' && athar_is_letter(b.ptr[begin + 1]))
		return bare(at, x, &b, err);
	for (const char *s = "<?xml "; *s != '\0'; s++) {
		int c = 0;

		ATHAR_TRY(next(&c, x, err));
		if (c != *s)
			return athar_walk_stop(x->w, "it does not begin as one");
	}
	ATHAR_TRY(pass(x, "?>", err));
	*at = x->scan.at;
	return ATHAR_OK;
}

static athar_status walk(xml *x, athar_error *err)
{
	uint64_t at = 0, end = 0;
	const athar_status status = header(&at, x, err);

	if (status == ATHAR_EFORMAT) /* what a piece of it has reached does not count */
		*x->w->claim = (athar_claim){.ours = false};
	ATHAR_TRY(status);
	athar_walk_begin(x->w, at);
	x->w->claim->alike = true; /* elements of another are elements as well */
	ATHAR_TRY(document(x, err));
	ATHAR_TRY(behind(&end, x, err));
	athar_walk_close(x->w, ATHAR_GRADE_COMPLETE, end,
	                 "its first element ends, and each of %llu in it by its own name",
	                 (unsigned long long)x->elements - 1);
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	xml x = {.w = &w};

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&x, err), err);
}

static const athar_magic magic[] = {{0, 6, {'<', '?', 'x', 'm', 'l', ' '}},
                                    {0, 8, {0xEF, 0xBB, 0xBF, '<', '?', 'x', 'm', 'l'}},
                                    {0, 8, {0xFF, 0xFE, '<', 0, '?', 0, 'x', 0}},
                                    {0, 8, {0xFE, 0xFF, 0, '<', 0, '?', 0, 'x'}},
                                    {0, 8, {'<', 0, '?', 0, 'x', 0, 'm', 0}},
                                    {0, 8, {0, '<', 0, '?', 0, 'x', 0, 'm'}},
                                    {0, 0, {0}}};

const athar_format athar_format_xml = {
	.name = "xml",
	.extension = "xml",
	.mime = "application/xml",
	.summary = "XML: property lists, SVG, KML, GPX, feeds and whatever else",
	.end = "the end tag of the first element, all others closed by their own names",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
