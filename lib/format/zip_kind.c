/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "format/zip.h"

enum {
	CONTENT_TYPES = 1u << 0,
	WORD = 1u << 1,
	EXCEL = 1u << 2,
	POWERPOINT = 1u << 3,
	ANDROID = 1u << 4,
	MANIFEST = 1u << 5,
	KML = 1u << 6
};

/* Names, or folders where they end in '/'. */
static const struct {
	const char *name;
	unsigned bit;
} telling[] = {
	{"[Content_Types].xml", CONTENT_TYPES},
	{"word/", WORD},
	{"xl/", EXCEL},
	{"ppt/", POWERPOINT},
	{"AndroidManifest.xml", ANDROID},
	{"META-INF/MANIFEST.MF", MANIFEST},
	{"doc.kml", KML},
};

/* In the order of asking: all bits must have been seen. */
static const struct {
	unsigned bits;
	const char *kind;
} kinds[] = {
	{CONTENT_TYPES | WORD, "docx"},
	{CONTENT_TYPES | EXCEL, "xlsx"},
	{CONTENT_TYPES | POWERPOINT, "pptx"},
	{ANDROID, "apk"},
	{MANIFEST, "jar"},
	{KML, "kmz"},
};

static const struct {
	const char *mime, *kind;
} stated[] = {
	{"application/vnd.oasis.opendocument.text", "odt"},
	{"application/vnd.oasis.opendocument.spreadsheet", "ods"},
	{"application/vnd.oasis.opendocument.presentation", "odp"},
	{"application/vnd.oasis.opendocument.graphics", "odg"},
	{"application/epub+zip", "epub"},
};

static bool is_telling(const char *name, const uint8_t *member, size_t len)
{
	const size_t n = strlen(name);

	return name[n - 1] == '/' ? len > n && memcmp(member, name, n) == 0
	                          : len == n && memcmp(member, name, n) == 0;
}

void zip_kind_name(zip_kind *k, const uint8_t *name, size_t len)
{
	k->mimetype = !k->started && is_telling("mimetype", name, len);
	k->started = true;
	for (size_t i = 0; i < ATHAR_COUNT(telling); i++) {
		if (is_telling(telling[i].name, name, len))
			k->seen |= telling[i].bit;
	}
}

athar_status zip_kind_content(zip_kind *k, athar_reader *in, uint64_t at, uint64_t size,
                              athar_error *err)
{
	athar_bytes b;

	if (!k->mimetype || size == 0 || size > 128)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, in, at, (size_t)size, err));
	for (size_t i = 0; i < ATHAR_COUNT(stated); i++) {
		if (b.len == strlen(stated[i].mime) && memcmp(b.ptr, stated[i].mime, b.len) == 0)
			k->stated = stated[i].kind;
	}
	return ATHAR_OK;
}

void zip_kind_tell(athar_claim *claim, const zip_kind *k)
{
	const char *kind = k->stated;

	for (size_t i = 0; kind == NULL && i < ATHAR_COUNT(kinds); i++) {
		if ((k->seen & kinds[i].bits) == kinds[i].bits)
			kind = kinds[i].kind;
	}
	if (kind == NULL)
		return;
	(void)snprintf(claim->subtype, sizeof claim->subtype, "%s", kind);
	(void)snprintf(claim->extension, sizeof claim->extension, "%s", kind);
}
