/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scripts: text whose first line names its interpreter (execve(2)). Text has neither a length nor a
 * check; but a file system fills the rest of a file's last sector with zeros, and text has none. So
 * the end is where zeros begin that reach to the end of the sector, and that is all that speaks for
 * it.
 */
#include <string.h>

#include "base/check.h"
#include "format/list.h"
#include "format/walk.h"

#define LINE_MOST 256u /* what Linux reads of the first line */
#define TEXT_MOST (UINT64_C(16) << 20)
#define SECTOR 512u
#define PIECE (1u << 16)

/* Where in a sequence of UTF-8 the text is. */
typedef struct utf8 {
	uint8_t left;      /* bytes that must follow */
	uint8_t low, high; /* bounds of the next one */
} utf8;

static bool is_plain(uint8_t c)
{
	return (c >= 0x20 && c < 0x7F) || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* The first byte of a sequence of more than one: Table 3-7 of the Unicode Standard. */
static bool utf8_begin(utf8 *u, uint8_t c)
{
	if (c < 0xC2 || c > 0xF4)
		return false;
	*u = (utf8){.left = c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3, .low = 0x80, .high = 0xBF};
	if (c == 0xE0)
		u->low = 0xA0;
	else if (c == 0xED)
		u->high = 0x9F;
	else if (c == 0xF0)
		u->low = 0x90;
	else if (c == 0xF4)
		u->high = 0x8F;
	return true;
}

/* False: the text cannot go on with this byte. */
static bool utf8_step(utf8 *u, uint8_t c)
{
	if (u->left == 0)
		return is_plain(c) || utf8_begin(u, c);
	if (c < u->low || c > u->high)
		return false;
	*u = (utf8){.left = (uint8_t)(u->left - 1), .low = 0x80, .high = 0xBF};
	return true;
}

static bool is_path(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       strchr("/._-+", c) != NULL;
}

static const char *const extensions[][2] = {
	{"ash", "sh"},    {"awk", "awk"},    {"bash", "sh"},    {"dash", "sh"}, {"gawk", "awk"},
	{"ksh", "sh"},    {"lua", "lua"},    {"node", "js"},    {"perl", "pl"}, {"php", "php"},
	{"python", "py"}, {"python2", "py"}, {"python3", "py"}, {"ruby", "rb"}, {"sed", "sed"},
	{"sh", "sh"},     {"tclsh", "tcl"},  {"zsh", "sh"},
};

/* The last part of the path, or behind env the first word that is no option or assignment. */
static void name_interpreter(athar_claim *claim, const char *line)
{
	char words[LINE_MOST + 1], *rest = NULL;

	(void)snprintf(words, sizeof words, "%s", line);
	char *word = strtok_r(words, " \t\r", &rest), *name = strrchr(word, '/') + 1;

	if (strcmp(name, "env") == 0) {
		do {
			word = strtok_r(NULL, " \t\r", &rest);
		} while (word != NULL && (word[0] == '-' || strchr(word, '=') != NULL));
		name = word;
	}
	for (size_t i = 0; name != NULL && i < ATHAR_COUNT(extensions); i++) {
		if (strcmp(name, extensions[i][0]) != 0)
			continue;
		(void)snprintf(claim->subtype, sizeof claim->subtype, "%s", name);
		(void)snprintf(claim->extension, sizeof claim->extension, "%s", extensions[i][1]);
	}
}

/* "#!", a path, and what may follow it on its line. */
static athar_status header(athar_walk *w, athar_error *err)
{
	char line[LINE_MOST + 1];
	athar_bytes b;
	size_t len = 2, path = 0;

	ATHAR_TRY(athar_reader_some(&b, w->in, 0, LINE_MOST, err));
	while (len < b.len && b.ptr[len] != '\n' && is_plain(b.ptr[len]))
		len++;
	while (2 + path < len && is_path(b.ptr[2 + path]))
		path++;
	if (len >= b.len || b.ptr[len] != '\n' || path < 2 || b.ptr[2] != '/' ||
	    b.ptr[1 + path] == '/' || (2 + path < len && strchr(" \t\r", b.ptr[2 + path]) == NULL))
		return athar_walk_stop(w, "its first line names no interpreter");
	memcpy(line, b.ptr + 2, len - 2);
	line[len - 2] = '\0';
	athar_walk_begin(w, len + 1);
	name_interpreter(w->claim, line);
	return ATHAR_OK;
}

/* Where the text ends: at the first byte that is none, the end of the range or the most. */
static athar_status text_end(uint64_t *end, bool *whole, athar_walk *w, athar_error *err)
{
	const uint64_t most = athar_min(athar_reader_size(w->in), TEXT_MOST);
	utf8 u = {0};

	*end = 0;
	for (uint64_t at = 0; at < most;) {
		size_t i = 0;
		athar_bytes b;

		ATHAR_TRY(
			athar_reader_some(&b, w->in, at, (size_t)athar_min(PIECE, most - at), err));
		while (i < b.len && utf8_step(&u, b.ptr[i])) {
			i++;
			if (u.left == 0)
				*end = at + i;
		}
		at += i;
		if (i < b.len)
			break;
	}
	*whole = u.left == 0;
	return ATHAR_OK;
}

/* Is all from `at` to the end of its sector zero? Bytes that are not there are. */
static athar_status zeros_follow(bool *out, athar_walk *w, uint64_t at, athar_error *err)
{
	athar_bytes b;

	*out = true;
	if (at % SECTOR == 0 || at >= athar_reader_size(w->in))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_some(&b, w->in, at, SECTOR - at % SECTOR, err));
	for (size_t i = 0; i < b.len; i++)
		*out = *out && b.ptr[i] == 0;
	return ATHAR_OK;
}

static athar_status walk(athar_walk *w, athar_error *err)
{
	bool whole = true, zeros = true;
	uint64_t end = 0;

	ATHAR_TRY(header(w, err));
	ATHAR_TRY(text_end(&end, &whole, w, err));
	ATHAR_TRY(zeros_follow(&zeros, w, end, err));
	athar_walk_reach(w, end);
	if (end == TEXT_MOST)
		return athar_walk_stop(w, "text goes on and on; nothing says where it ends");
	if (!whole || !zeros)
		return athar_walk_stop(w, "text that breaks off in the middle of a sector");
	if (end == athar_reader_size(w->in))
		return athar_walk_stop(w, "text to the last byte; it has no check");
	if (end % SECTOR == 0)
		return athar_walk_stop(w, "text to the end of a sector; it has no check");
	return athar_walk_stop(w,
	                       "text up to the zeros that fill its last sector; it has no check");
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&w, err), err);
}

static const athar_magic magic[] = {{0, 3, {'#', '!', '/'}}, {0, 0, {0}}};

const athar_format athar_format_script = {
	.name = "script",
	.extension = "txt",
	.mime = "text/plain",
	.summary = "scripts: text that begins with the name of its interpreter",
	.end = "zeros that fill the last sector behind text",
	.best = ATHAR_GRADE_PARTIAL,
	.magic = magic,
	.measure = measure,
};
