/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar/search.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "athar/text.h"
#include "events.h"
#include "facts.h"
#include "progress.h"
#include "terminal.h"

#define PATTERNS_SIZE ((size_t)1 << 20)
#define CONTEXT 24u

typedef struct search_values {
	athar_common common;
	athar_search_options options;
	const char *presets, *encodings, *file;
	bool regex;
	uint64_t context;
} search_values;

static const search_values defaults = {.options = ATHAR_SEARCH_OPTIONS_INIT, .context = CONTEXT};

#define AT(member) offsetof(search_values, member)
#define WHAT "What to look for"
#define HOW "How"

static const athar_option options[] = {
	{"regex", 0, NULL, ATHAR_OPTION_FLAG, AT(regex), WHAT, "the patterns are expressions",
         NULL},
	{"preset", 0, "LIST", ATHAR_OPTION_LIST, AT(presets), WHAT,
         "phone, email, url: beside the patterns, or alone", "phone,email,url"},
	{"patterns", 0, "FILE", ATHAR_OPTION_PATH, AT(file), WHAT, "more patterns, one a line",
         NULL},
	{"word", 0, NULL, ATHAR_OPTION_FLAG, AT(options.whole_words), HOW,
         "no letter or digit before and after", NULL},
	{"case-sensitive", 0, NULL, ATHAR_OPTION_FLAG, AT(options.case_sensitive), HOW,
         "upper and lower case of Latin letters differ", NULL},
	{"encoding", 0, "LIST", ATHAR_OPTION_LIST, AT(encodings), HOW,
         "utf-8, utf-16le, windows-1256; default all", "utf-8,utf-16le,windows-1256"},
	{"context", 0, "N", ATHAR_OPTION_NUMBER, AT(context), HOW,
         "characters shown before and after a hit; default 24", NULL},
	{"exhibit", 0, "ID", ATHAR_OPTION_TEXT, AT(options.exhibit), "Where",
         "which exhibit of the case", NULL},
	ATHAR_OPTION_EXAMINER,
	ATHAR_OPTION_THREADS,
	ATHAR_OPTION_UNCONFINED,
	ATHAR_OPTIONS_OUTPUT,
	ATHAR_OPTIONS_END,
};

/* ---- patterns ---- */

typedef struct patterns {
	athar_search_pattern pattern[ATHAR_SEARCH_PATTERNS];
	size_t count;
	char *file; /* the texts of --patterns */
} patterns;

static athar_status add(patterns *p, athar_search_kind kind, const char *text, athar_error *err)
{
	if (p->count == ATHAR_SEARCH_PATTERNS)
		return athar_fail(err, ATHAR_EUSAGE, "at most %u patterns are looked for at once",
		                  ATHAR_SEARCH_PATTERNS);
	p->pattern[p->count++] = (athar_search_pattern){kind, text};
	return ATHAR_OK;
}

static athar_status add_presets(patterns *p, const char *list, athar_error *err)
{
	for (athar_search_kind kind = ATHAR_SEARCH_PHONE; list != NULL && kind <= ATHAR_SEARCH_URL;
	     kind++) {
		const char *name = athar_search_kind_name(kind);

		if (athar_option_word(list, name, strlen(name)) &&
		    add(p, kind, NULL, err) != ATHAR_OK)
			return err->status;
	}
	return ATHAR_OK;
}

static athar_status load_file(char **out, size_t *len, const char *path, athar_error *err)
{
	FILE *from = fopen(path, "rbe");
	char *text = from == NULL ? NULL : malloc(PATTERNS_SIZE + 1);
	bool failed;

	*len = text == NULL ? 0 : fread(text, 1, PATTERNS_SIZE + 1, from);
	failed = text == NULL || ferror(from);
	if (failed)
		(void)athar_fail_errno(err, "cannot read the patterns of %s", path);
	if (from != NULL)
		(void)fclose(from);
	*out = text;
	if (failed)
		return err->status;
	if (*len > PATTERNS_SIZE || memchr(text, '\0', *len) != NULL)
		return athar_fail(
			err, ATHAR_EUSAGE,
			"%s is no list of patterns: it has more than 1 MiB, or bytes that "
			"are no text",
			path);
	text[*len] = '\0';
	return ATHAR_OK;
}

/* One a line. A mark of the byte order, CR at the end of a line and empty lines are no patterns. */
static athar_status add_file(patterns *p, const char *path, athar_search_kind kind,
                             athar_error *err)
{
	size_t len = 0;
	char *line, *rest;

	if (load_file(&p->file, &len, path, err) != ATHAR_OK)
		return err->status;
	line = strncmp(p->file, "\xEF\xBB\xBF", 3) == 0 ? p->file + 3 : p->file;
	for (; line != NULL; line = rest) {
		rest = strchr(line, '\n');
		if (rest != NULL)
			*rest++ = '\0';
		line[strcspn(line, "\r")] = '\0';
		if (line[0] != '\0' && add(p, kind, line, err) != ATHAR_OK)
			return err->status;
	}
	return ATHAR_OK;
}

static unsigned encodings_of(const char *list)
{
	unsigned mask = 0;

	for (unsigned e = 0; e < ATHAR_SEARCH_ENCODINGS; e++) {
		const char *name = athar_search_encoding_name((athar_search_encoding)e);

		if (athar_option_word(list, name, strlen(name)))
			mask |= 1u << e;
	}
	return mask;
}

static athar_status settle(patterns *p, const athar_call *call, athar_error *err)
{
	search_values *v = call->values;
	const athar_search_kind kind = v->regex ? ATHAR_SEARCH_REGEX : ATHAR_SEARCH_WORD;

	for (size_t i = 1; i < call->operands.count; i++)
		if (add(p, kind, call->operands.word[i], err) != ATHAR_OK)
			return err->status;
	if (v->file != NULL && add_file(p, v->file, kind, err) != ATHAR_OK)
		return err->status;
	if (add_presets(p, v->presets, err) != ATHAR_OK)
		return err->status;
	if (p->count == 0)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "nothing is looked for: give a PATTERN, --patterns or --preset");
	if (v->context > ATHAR_SEARCH_CONTEXT)
		return athar_fail(err, ATHAR_EUSAGE, "--context is 0 to %u", ATHAR_SEARCH_CONTEXT);
	v->options.path = call->operands.word[0];
	v->options.pattern = p->pattern;
	v->options.patterns = p->count;
	v->options.context = (unsigned)v->context;
	if (v->encodings != NULL)
		v->options.encodings = encodings_of(v->encodings);
	return ATHAR_OK;
}

/* ---- hits ---- */

typedef struct lister {
	const athar_call *call;
	athar_progress_line *line;
} lister;

static const char *place_words(athar_place_kind kind)
{
	switch (kind) {
	case ATHAR_PLACE_METADATA:
		return "metadata of the file system";
	case ATHAR_PLACE_IN_USE:
		return "in use";
	case ATHAR_PLACE_UNALLOCATED:
		return "unallocated";
	case ATHAR_PLACE_UNMAPPED:
		return "not told";
	case ATHAR_PLACE_PARTITION:
		return "no file system that could be read";
	default:
		return "in no volume";
	}
}

/* "volume 0: docs/a.txt (deleted)", "volume 0: slack of docs/a.txt", "volume 0: unallocated" */
static void put_owner(const athar_search_hit *hit)
{
	const athar_place *p = hit->owner;

	if (p == NULL) {
		(void)fputs("not told", stdout);
		return;
	}
	if (p->volume >= 0)
		(void)printf("volume %d: ", p->volume);
	if (p->kind != ATHAR_PLACE_FILE && p->kind != ATHAR_PLACE_SLACK) {
		(void)fputs(place_words(p->kind), stdout);
		return;
	}
	if (p->kind == ATHAR_PLACE_SLACK)
		(void)fputs("slack of ", stdout);
	if (p->path != NULL)
		athar_terminal_put_bytes(stdout, p->path, p->path_len);
	else
		(void)printf("file %s", p->address);
	if (p->kind == ATHAR_PLACE_FILE)
		(void)printf(" (%s)", athar_state_name(p->state));
	if (hit->owners != 0)
		(void)printf(" and %" PRIu64 " more", hit->owners);
}

static void put_hit(const athar_search_hit *hit)
{
	(void)printf("%14" PRIu64 "  %-12s  ", hit->offset,
	             athar_search_encoding_name(hit->encoding));
	put_owner(hit);
	(void)fputs("  ", stdout);
	athar_terminal_put_bytes(stdout, hit->before.ptr, hit->before.len);
	(void)printf("%s[", athar_terminal_ink(stdout, ATHAR_INK_GOOD));
	athar_terminal_put_bytes(stdout, hit->text.ptr, hit->text.len);
	(void)printf("]%s", athar_terminal_ink(stdout, ATHAR_INK_PLAIN));
	athar_terminal_put_bytes(stdout, hit->after.ptr, hit->after.len);
	(void)putchar('\n');
}

static void on_hit(void *user, const athar_search_hit *hit)
{
	const lister *l = user;
	const search_values *v = l->call->values;

	if (l->call->common->json) {
		athar_event(l->call, "row", athar_search_hit_to_json(hit, &v->options));
		return;
	}
	athar_progress_wipe(l->line);
	put_hit(hit);
}

/* ---- what came of it ---- */

static athar_json *summary(const athar_search_result *r)
{
	athar_json *s = athar_json_object(), *encodings = athar_json_object();

	for (unsigned e = 0; e < ATHAR_SEARCH_ENCODINGS; e++)
		athar_json_set_number(encodings,
		                      athar_search_encoding_name((athar_search_encoding)e),
		                      r->by_encoding[e]);
	if (r->run != NULL) {
		athar_json_set_text(s, "exhibit", r->slug);
		athar_json_set_text(s, "run", r->run);
		athar_json_set_text(s, "custody_head", r->custody_head);
	}
	athar_json_set_number(s, "hits", r->hits);
	athar_json_set_number(s, "more", r->more);
	athar_json_set(s, "by_encoding", encodings);
	athar_json_set_number(s, "searched", r->searched);
	athar_json_set_number(s, "total", r->total);
	athar_json_set_number(s, "bad_bytes", r->bad);
	athar_json_set_number(s, "findings", r->findings);
	athar_json_set_number(s, "workers_lost", r->workers_lost);
	return s;
}

static void say_done(athar_call *call, const athar_search_result *r)
{
	char count[48], searched[32], total[32];

	(void)athar_facts_count(count, sizeof count, r->hits, "hit", "hits");
	(void)athar_text_size(searched, sizeof searched, r->searched);
	(void)athar_text_size(total, sizeof total, r->total);
	if (r->run != NULL)
		athar_call_done(call, "%s in %s of %s; %s of exhibit %s", count, searched, total,
		                r->run, r->slug);
	else
		athar_call_done(call, "%s in %s of %s", count, searched, total);
}

static athar_status work(athar_call *call, athar_error *err)
{
	const search_values *v = call->values;
	athar_search_result result = {.hits = 0};
	athar_progress_line line;
	lister l = {.call = call, .line = &line};
	const athar_search_sink sink = {on_hit, &l};
	athar_status status;

	status = athar_search(&result, &v->options, &call->context, &sink,
	                      athar_progress_begin(&line, call), err);
	athar_progress_wipe(&line);
	if (status == ATHAR_OK || status == ATHAR_EINCOMPLETE || status == ATHAR_ECANCELED) {
		if (call->common->json)
			call->summary = summary(&result);
		say_done(call, &result);
	}
	athar_search_result_clear(&result);
	return status;
}

static athar_status run(athar_call *call, athar_error *err)
{
	patterns *p = calloc(1, sizeof *p);
	athar_status status;

	if (p == NULL)
		return athar_fail_errno(err, "no memory for the patterns");
	status = settle(p, call, err);
	if (status == ATHAR_OK)
		status = work(call, err);
	free(p->file);
	free(p);
	return status;
}

const athar_command athar_command_search = {
	.name = "search",
	.operands = "CASE|IMAGE [PATTERN...]",
	.least = 1,
	.most = 1 + ATHAR_SEARCH_PATTERNS,
	.summary = "text with addresses",
	.about = "Looks for words, expressions and presets in all bytes of an image, or of the "
		 "image\n"
		 "of an exhibit, and says of each hit where it lies and in what.",
	.options = options,
	.defaults = &defaults,
	.values_size = sizeof defaults,
	.run = run,
};
