/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * HTML that is XML too: no script, one stylesheet whose hash the page's own policy names, no image,
 * no link but to its own sections. Whatever the case holds is shown, and nothing of it is executed.
 */
#include <inttypes.h>
#include <string.h>

#include <libxml/xmlwriter.h>

#include "athar/text.h"
#include "base/alloc.h"
#include "digest/digest.h"
#include "report/paper.h"
#include "report/renderer.h"
#include "report/story.h"
#include "report/style.h"

struct page {
	xmlTextWriterPtr w;
	bool cover;   /* the header is open */
	bool section; /* a section is */
	bool body;    /* a row of a table is */
	bool details; /* and details of it */
};

/* ---- writing ---- */

static athar_status written(int result, athar_error *err)
{
	if (result >= 0)
		return ATHAR_OK;
	return athar_fail(err, ATHAR_EIO,
	                  "cannot write the report: the file's system or the memory gave out");
}

static athar_status open_tag(struct page *page, const char *name, const char *class,
                             athar_error *err)
{
	ATHAR_TRY(written(xmlTextWriterStartElement(page->w, BAD_CAST name), err));
	if (class == NULL)
		return ATHAR_OK;
	return written(xmlTextWriterWriteAttribute(page->w, BAD_CAST "class", BAD_CAST class), err);
}

static athar_status close_tag(struct page *page, athar_error *err)
{
	return written(xmlTextWriterFullEndElement(page->w), err);
}

static athar_status close_tags(struct page *page, unsigned count, athar_error *err)
{
	while (count-- > 0)
		ATHAR_TRY(close_tag(page, err));
	return ATHAR_OK;
}

static athar_status set(struct page *page, const char *name, const char *value, athar_error *err)
{
	return written(xmlTextWriterWriteAttribute(page->w, BAD_CAST name, BAD_CAST value), err);
}

static athar_status feed(struct page *page, athar_error *err)
{
	return written(xmlTextWriterWriteRaw(page->w, BAD_CAST "\n"), err);
}

/*
 * Bytes of any kind. athar_text_visible takes out what deceives the reader; U+FFFE and U+FFFF are
 * harmless to a reader but no characters to XML.
 */
static athar_status show(struct page *page, const void *bytes, size_t len, bool *changed,
                         athar_error *err)
{
	ATHAR_AUTO(free) char *text = NULL;
	char *at, *bad;

	ATHAR_TRY(athar_text_visible(&text, bytes, len, err));
	*changed |= strlen(text) != len || memcmp(text, bytes, len) != 0;
	for (at = text; (bad = strstr(at, "\xEF\xBF")) != NULL; at = bad + 3) {
		const bool last = (unsigned char)bad[2] == 0xBF;

		if ((unsigned char)bad[2] != 0xBE && !last)
			continue;
		*changed = true;
		bad[0] = '\0';
		ATHAR_TRY(written(xmlTextWriterWriteString(page->w, BAD_CAST at), err));
		ATHAR_TRY(
			written(xmlTextWriterWriteString(
					page->w, BAD_CAST(last ? "\xE2\x80\xB9U+FFFF\xE2\x80\xBA"
		                                               : "\xE2\x80\xB9U+FFFE\xE2\x80\xBA")),
		                err));
		at = bad + 3;
	}
	return written(xmlTextWriterWriteString(page->w, BAD_CAST at), err);
}

static athar_status show_text(struct page *page, const char *text, athar_error *err)
{
	bool changed = false;

	return show(page, text, strlen(text), &changed, err);
}

static athar_status element(struct page *page, const char *name, const char *class,
                            const char *text, athar_error *err)
{
	ATHAR_TRY(open_tag(page, name, class, err));
	ATHAR_TRY(show_text(page, text, err));
	return close_tag(page, err);
}

/* ---- cells ---- */

/* Line feeds become <br/>, but only where they are ours or the examiner's. */
static athar_status show_lines(struct page *page, const char *text, size_t len, athar_error *err)
{
	for (size_t at = 0; at <= len;) {
		const char *end = memchr(text + at, '\n', len - at);
		const size_t stop = end != NULL ? (size_t)(end - text) : len;
		bool changed = false;

		if (at > 0) {
			ATHAR_TRY(written(xmlTextWriterStartElement(page->w, BAD_CAST "br"), err));
			ATHAR_TRY(written(xmlTextWriterEndElement(page->w), err));
		}
		ATHAR_TRY(show(page, text + at, stop - at, &changed, err));
		at = stop + 1;
	}
	return ATHAR_OK;
}

/* A name in a direction of its own, its raw bytes beside it where they could not be shown. */
static athar_status show_name(struct page *page, const athar_cell *cell, athar_error *err)
{
	ATHAR_AUTO(free) char *hex = NULL;
	bool changed = false;

	ATHAR_TRY(open_tag(page, "bdi", NULL, err));
	ATHAR_TRY(set(page, "lang", "", err));
	ATHAR_TRY(show(page, cell->bytes, cell->len, &changed, err));
	ATHAR_TRY(close_tag(page, err));
	if (!changed)
		return ATHAR_OK;
	ATHAR_TRY(athar_text_hex(&hex, cell->bytes, cell->len, err));
	ATHAR_TRY(open_tag(page, "span", "raw", err));
	ATHAR_TRY(show_text(page, "bytes ", err));
	ATHAR_TRY(show_text(page, hex, err));
	return close_tag(page, err);
}

static athar_status show_cell(struct page *page, const athar_cell *cell, athar_error *err)
{
	char number[24];

	if (athar_cell_empty(cell))
		return element(page, "span", cell->ink == ATHAR_INK_STATED ? "missing" : "none",
		               athar_cell_nothing(cell->ink), err);
	switch (cell->ink) {
	case ATHAR_INK_NUMBER:
		(void)snprintf(number, sizeof number, "%" PRIu64, cell->number);
		return show_text(page, number, err);
	case ATHAR_INK_NAME:
		return show_name(page, cell, err);
	case ATHAR_INK_WORD:
		return show_lines(page, cell->bytes, cell->len, err);
	case ATHAR_INK_CODE:
	case ATHAR_INK_STATED:
		break;
	}
	ATHAR_TRY(open_tag(page, cell->ink == ATHAR_INK_CODE ? "code" : "bdi", NULL, err));
	ATHAR_TRY(show_lines(page, cell->bytes, cell->len, err));
	return close_tag(page, err);
}

/* ---- the head of the page ---- */

/* The stylesheet with the report's id at the foot of each printed page. */
static char *make_style(const athar_report *r, athar_error *err)
{
	return athar_format_text(
		err,
		"%s%s@page{size:A4;margin:20mm 18mm 22mm;"
		"@bottom-left{content:'Report %s%s';font:8pt system-ui,sans-serif;color:#59636e}"
		"@bottom-right{content:'Page ' counter(page) ' of ' counter(pages);"
		"font:8pt system-ui,sans-serif;color:#59636e}}\n",
		athar_style_screen, athar_style_print, r->id,
		athar_report_draft(r) ? " - DRAFT" : "");
}

static athar_status write_policy(struct page *page, const char *style, athar_error *err)
{
	uint8_t hash[32];

	ATHAR_TRY(athar_digest_sha256_raw(hash, style, strlen(style), err));
	ATHAR_TRY(open_tag(page, "meta", NULL, err));
	ATHAR_TRY(set(page, "http-equiv", "Content-Security-Policy", err));
	ATHAR_TRY(written(xmlTextWriterStartAttribute(page->w, BAD_CAST "content"), err));
	ATHAR_TRY(written(xmlTextWriterWriteRaw(page->w,
	                                        BAD_CAST "default-src 'none'; base-uri 'none'; "
	                                                 "form-action 'none'; "
	                                                 "style-src 'sha256-"),
	                  err));
	ATHAR_TRY(written(xmlTextWriterWriteBase64(page->w, (const char *)hash, 0, sizeof hash),
	                  err));
	ATHAR_TRY(written(xmlTextWriterWriteRaw(page->w, BAD_CAST "'"), err));
	ATHAR_TRY(written(xmlTextWriterEndAttribute(page->w), err));
	return written(xmlTextWriterEndElement(page->w), err);
}

static athar_status write_meta(struct page *page, const char *name, const char *content,
                               athar_error *err)
{
	ATHAR_TRY(open_tag(page, "meta", NULL, err));
	ATHAR_TRY(set(page, "name", name, err));
	ATHAR_TRY(set(page, "content", content, err));
	ATHAR_TRY(written(xmlTextWriterEndElement(page->w), err));
	return feed(page, err);
}

static athar_status write_head(struct page *page, const athar_report *r, athar_error *err)
{
	ATHAR_AUTO(free) char *style = make_style(r, err);
	ATHAR_AUTO(free)
	char *title = athar_format_text(err, "Technical report %s%s", r->id,
	                                athar_report_draft(r) ? " (DRAFT)" : "");

	if (style == NULL || title == NULL)
		return err->status;
	ATHAR_TRY(open_tag(page, "head", NULL, err));
	ATHAR_TRY(open_tag(page, "meta", NULL, err));
	ATHAR_TRY(set(page, "charset", "utf-8", err));
	ATHAR_TRY(written(xmlTextWriterEndElement(page->w), err));
	ATHAR_TRY(feed(page, err));
	ATHAR_TRY(write_policy(page, style, err));
	ATHAR_TRY(feed(page, err));
	ATHAR_TRY(write_meta(page, "referrer", "no-referrer", err));
	ATHAR_TRY(write_meta(page, "viewport", "width=device-width, initial-scale=1", err));
	ATHAR_TRY(write_meta(page, "generator", "athar", err));
	ATHAR_TRY(element(page, "title", NULL, title, err));
	ATHAR_TRY(feed(page, err));
	ATHAR_TRY(open_tag(page, "style", NULL, err));
	ATHAR_TRY(written(xmlTextWriterWriteRaw(page->w, BAD_CAST style), err));
	ATHAR_TRY(close_tag(page, err));
	ATHAR_TRY(close_tag(page, err));
	return feed(page, err);
}

/* ---- the kind of paper ---- */

static athar_status html_begin(athar_paper *p, const athar_report *r, athar_error *err)
{
	struct page *page = p->page;

	ATHAR_TRY(written(xmlTextWriterWriteDTD(page->w, BAD_CAST "html", NULL, NULL, NULL), err));
	ATHAR_TRY(feed(page, err));
	ATHAR_TRY(open_tag(page, "html", NULL, err));
	ATHAR_TRY(set(page, "xmlns", "http://www.w3.org/1999/xhtml", err));
	ATHAR_TRY(set(page, "lang", "en", err));
	ATHAR_TRY(set(page, "xml:lang", "en", err));
	ATHAR_TRY(set(page, "dir", "ltr", err));
	ATHAR_TRY(write_head(page, r, err));
	ATHAR_TRY(open_tag(page, "body", athar_report_draft(r) ? "draft" : NULL, err));
	ATHAR_TRY(open_tag(page, "main", NULL, err));
	page->cover = true;
	return open_tag(page, "header", "cover", err);
}

static athar_status html_end(athar_paper *p, athar_error *err)
{
	struct page *page = p->page;

	ATHAR_TRY(written(xmlTextWriterEndDocument(page->w), err));
	return written(xmlTextWriterFlush(page->w), err);
}

static athar_status html_title(athar_paper *p, const char *title, const char *subtitle,
                               athar_error *err)
{
	ATHAR_TRY(element(p->page, "h1", NULL, title, err));
	return element(p->page, "p", "kind", subtitle, err);
}

static athar_status html_contents(athar_paper *p, athar_error *err)
{
	struct page *page = p->page;

	ATHAR_TRY(open_tag(page, "nav", NULL, err));
	ATHAR_TRY(open_tag(page, "ol", NULL, err));
	for (size_t i = 0; athar_story_title(i) != NULL; i++) {
		char target[24];

		(void)snprintf(target, sizeof target, "#s%zu", i + 1);
		ATHAR_TRY(open_tag(page, "li", NULL, err));
		ATHAR_TRY(open_tag(page, "a", NULL, err));
		ATHAR_TRY(set(page, "href", target, err));
		ATHAR_TRY(show_text(page, athar_story_title(i), err));
		ATHAR_TRY(close_tags(page, 2, err));
	}
	return close_tags(page, 2, err);
}

static athar_status html_notice(athar_paper *p, athar_notice notice, const char *text,
                                athar_error *err)
{
	static const char *const classes[] = {
		[ATHAR_NOTICE_NOTE] = "notice",
		[ATHAR_NOTICE_DRAFT] = "notice draft",
		[ATHAR_NOTICE_BROKEN] = "notice broken",
	};

	return element(p->page, "p", classes[notice], text, err);
}

/* Leaves the cover or the section before, and begins the next. */
static athar_status begin_section(struct page *page, unsigned number, athar_error *err)
{
	char id[16];

	if (page->cover || page->section)
		ATHAR_TRY(close_tag(page, err));
	page->cover = false;
	page->section = true;
	ATHAR_TRY(feed(page, err));
	ATHAR_TRY(open_tag(page, "section", NULL, err));
	(void)snprintf(id, sizeof id, "s%u", number);
	return set(page, "id", id, err);
}

static athar_status html_heading(athar_paper *p, unsigned level, const char *text, athar_cell name,
                                 athar_error *err)
{
	static const char *const tags[] = {"h1", "h2", "h3", "h4"};
	struct page *page = p->page;
	char number[16];

	if (level == 1)
		ATHAR_TRY(begin_section(page, p->section, err));
	ATHAR_TRY(open_tag(page, tags[level < 3 ? level : 3], NULL, err));
	if (level == 1) {
		(void)snprintf(number, sizeof number, "%u", p->section);
		ATHAR_TRY(element(page, "span", "no", number, err));
	}
	ATHAR_TRY(show_text(page, text, err));
	if (!athar_cell_empty(&name)) {
		ATHAR_TRY(show_text(page, " ", err));
		ATHAR_TRY(show_cell(page, &name, err));
	}
	return close_tag(page, err);
}

static athar_status html_paragraph(athar_paper *p, const char *text, athar_error *err)
{
	return element(p->page, "p", NULL, text, err);
}

static athar_status html_entry(athar_paper *p, athar_cell entry, athar_error *err)
{
	struct page *page = p->page;

	if (p->open != ATHAR_OPEN_ENTRIES)
		ATHAR_TRY(open_tag(page, "ul", NULL, err));
	ATHAR_TRY(open_tag(page, "li", NULL, err));
	ATHAR_TRY(show_cell(page, &entry, err));
	return close_tag(page, err);
}

/* <dt>label</dt><dd>value</dd> */
static athar_status label_and_value(struct page *page, const char *label, const athar_cell *value,
                                    athar_error *err)
{
	ATHAR_TRY(element(page, "dt", NULL, label, err));
	ATHAR_TRY(open_tag(page, "dd", NULL, err));
	ATHAR_TRY(show_cell(page, value, err));
	return close_tag(page, err);
}

static athar_status html_fact(athar_paper *p, const char *label, athar_cell value, athar_error *err)
{
	struct page *page = p->page;

	if (p->open != ATHAR_OPEN_FACTS)
		ATHAR_TRY(open_tag(page, "dl", "facts", err));
	ATHAR_TRY(open_tag(page, "div", NULL, err));
	ATHAR_TRY(label_and_value(page, label, &value, err));
	return close_tag(page, err);
}

static athar_status html_command(athar_paper *p, const char *text, athar_error *err)
{
	struct page *page = p->page;
	const size_t len = strlen(text);

	ATHAR_TRY(open_tag(page, "pre", NULL, err));
	for (size_t at = 0; at <= len;) {
		const char *end = memchr(text + at, '\n', len - at);
		const size_t stop = end != NULL ? (size_t)(end - text) : len;
		bool changed = false;

		if (at > 0)
			ATHAR_TRY(feed(page, err));
		ATHAR_TRY(show(page, text + at, stop - at, &changed, err));
		at = stop + 1;
	}
	return close_tag(page, err);
}

static athar_status html_table(athar_paper *p, athar_error *err)
{
	struct page *page = p->page;

	page->body = page->details = false;
	ATHAR_TRY(open_tag(page, "table", NULL, err));
	if (p->table->caption != NULL)
		ATHAR_TRY(element(page, "caption", NULL, p->table->caption, err));
	ATHAR_TRY(open_tag(page, "thead", NULL, err));
	ATHAR_TRY(open_tag(page, "tr", NULL, err));
	for (size_t i = 0; i < p->table->count; i++) {
		ATHAR_TRY(open_tag(page, "th", p->table->column[i].number ? "n" : NULL, err));
		ATHAR_TRY(set(page, "scope", "col", err));
		ATHAR_TRY(show_text(page, p->table->column[i].label, err));
		ATHAR_TRY(close_tag(page, err));
	}
	return close_tags(page, 2, err);
}

/* Ends the row that is open, with its details. */
static athar_status end_row(struct page *page, athar_error *err)
{
	if (page->details)
		ATHAR_TRY(close_tags(page, 3, err));
	if (page->body)
		ATHAR_TRY(close_tag(page, err));
	page->details = page->body = false;
	return ATHAR_OK;
}

static athar_status html_row(athar_paper *p, const athar_cell *cells, athar_error *err)
{
	struct page *page = p->page;

	ATHAR_TRY(end_row(page, err));
	ATHAR_TRY(feed(page, err));
	ATHAR_TRY(open_tag(page, "tbody", NULL, err));
	ATHAR_TRY(open_tag(page, "tr", NULL, err));
	page->body = true;
	for (size_t i = 0; i < p->table->count; i++) {
		const char *class = p->table->column[i].number       ? "n"
		                    : cells[i].ink == ATHAR_INK_WORD ? "w"
		                                                     : NULL;

		ATHAR_TRY(open_tag(page, "td", class, err));
		ATHAR_TRY(show_cell(page, cells + i, err));
		ATHAR_TRY(close_tag(page, err));
	}
	return close_tag(page, err);
}

static athar_status html_detail(athar_paper *p, const char *label, athar_cell value,
                                athar_error *err)
{
	struct page *page = p->page;
	char span[24];

	if (!page->details) {
		(void)snprintf(span, sizeof span, "%zu", p->table->count - 1);
		ATHAR_TRY(open_tag(page, "tr", "more", err));
		ATHAR_TRY(element(page, "td", NULL, "", err));
		ATHAR_TRY(open_tag(page, "td", NULL, err));
		ATHAR_TRY(set(page, "colspan", span, err));
		ATHAR_TRY(open_tag(page, "dl", "more", err));
		page->details = true;
	}
	return label_and_value(page, label, &value, err);
}

static athar_status html_close(athar_paper *p, athar_error *err)
{
	if (p->open == ATHAR_OPEN_TABLE)
		ATHAR_TRY(end_row(p->page, err));
	ATHAR_TRY(close_tag(p->page, err));
	return feed(p->page, err);
}

static const athar_paper_kind html_kind = {
	.begin = html_begin,
	.end = html_end,
	.title = html_title,
	.contents = html_contents,
	.notice = html_notice,
	.heading = html_heading,
	.paragraph = html_paragraph,
	.entry = html_entry,
	.fact = html_fact,
	.command = html_command,
	.table = html_table,
	.row = html_row,
	.detail = html_detail,
	.close = html_close,
};

/* ---- the stream below ---- */

static int write_bytes(void *to, const char *bytes, int len)
{
	return fwrite(bytes, 1, (size_t)len, to) == (size_t)len ? len : -1;
}

static athar_status render_html(const athar_report *r, FILE *to, athar_error *err)
{
	struct page page = {NULL, false, false, false, false};
	athar_paper paper = {.kind = &html_kind, .page = &page, .err = err};
	xmlOutputBufferPtr buffer = xmlOutputBufferCreateIO(write_bytes, NULL, to, NULL);
	athar_status status;

	if (buffer == NULL)
		return athar_fail(err, ATHAR_ENOMEM, "out of memory while writing a report");
	page.w = xmlNewTextWriter(buffer);
	if (page.w == NULL) {
		(void)xmlOutputBufferClose(buffer);
		return athar_fail(err, ATHAR_ENOMEM, "out of memory while writing a report");
	}
	athar_story_tell(&paper, r);
	status = athar_paper_end(&paper);
	xmlFreeTextWriter(page.w);
	return status;
}

const athar_renderer athar_renderer_html = {
	.name = "html",
	.extension = "html",
	.render = render_html,
};
