/* SPDX-License-Identifier: BSD-2-Clause */
/* The custody log read as a whole: does each line follow the one before? */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/files.h"
#include "case/private.h"
#include "digest/digest.h"

athar_status athar_line_sha256(char hex[65], const athar_line *line, athar_error *err)
{
	ATHAR_AUTO(digester) athar_digester *d = NULL;
	athar_digests digests = {0};

	ATHAR_TRY(athar_digester_new(&d, ATHAR_SHA256, err));
	ATHAR_TRY(athar_digester_update(d, line->bytes, line->len, err));
	ATHAR_TRY(athar_digester_update(d, "\n", 1, err));
	ATHAR_TRY(athar_digester_finish(&digests, d, err));
	memcpy(hex, athar_digests_get(&digests, ATHAR_SHA256), 65);
	return ATHAR_OK;
}

/* An action begun and not yet ended. */
typedef struct begun {
	uint64_t seq;
	char *action; /* without ".begin" */
} begun;

/* A line that is no record; a recovery line has to name it. */
typedef struct stray {
	uint64_t number;
	char sha256[65];
	char why[160];
} stray;

typedef struct chain {
	athar_custody_state *out;
	char after[65]; /* hash of the last record */
	begun *open;
	size_t open_count, open_capacity;
	stray *strays;
	size_t stray_count, stray_capacity;
} chain;

static void chain_clear(chain *ch)
{
	for (size_t i = 0; i < ch->open_count; i++)
		free(ch->open[i].action);
	free(ch->open);
	free(ch->strays);
}
ATHAR_DEFINE_AUTO_VALUE(chain, chain, chain_clear)

/* Only the first break counts: after it nothing follows. */
static void broken(chain *ch, uint64_t number, const char *format, ...) ATHAR_PRINTF(3, 4);
static void broken(chain *ch, uint64_t number, const char *format, ...)
{
	va_list args;

	if (ch->out->broken_at != 0)
		return;
	ch->out->broken_at = number;
	va_start(args, format);
	(void)vsnprintf(ch->out->why, sizeof ch->out->why, format, args);
	va_end(args);
}

/* ---- begin and end ---- */

static athar_status note_begin(chain *ch, uint64_t seq, const char *action, size_t len,
                               athar_error *err)
{
	begun *b;

	ATHAR_TRY(athar_grow(&ch->open, &ch->open_capacity, ch->open_count + 1, sizeof *ch->open,
	                     err));
	b = &ch->open[ch->open_count];
	b->seq = seq;
	b->action = (char *)athar_copy_bytes(action, len, err);
	if (b->action == NULL)
		return err->status;
	ch->open_count++;
	return ATHAR_OK;
}

/* The begin line that data.begin names, or, where it names none, the last of this action. */
static void note_end(chain *ch, uint64_t number, const athar_json *record, const char *action,
                     size_t len)
{
	uint64_t seq = 0;
	const bool named = athar_json_get_number(athar_json_get(record, "data"), "begin", &seq);

	for (size_t i = ch->open_count; i-- > 0;) {
		begun *b = &ch->open[i];

		if (strlen(b->action) != len || memcmp(b->action, action, len) != 0 ||
		    (named && b->seq != seq))
			continue;
		free(b->action);
		memmove(b, b + 1, (ch->open_count - i - 1) * sizeof *b);
		ch->open_count--;
		return;
	}
	broken(ch, number, "it ends an action that no line before it begins");
}

static athar_status note_action(chain *ch, uint64_t number, const athar_json *record,
                                athar_error *err)
{
	const char *action = athar_json_get_text(record, "action");
	const char *dot = strrchr(action, '.');

	if (dot != NULL && strcmp(dot, ".begin") == 0)
		return note_begin(ch, number, action, (size_t)(dot - action), err);
	if (dot != NULL && strcmp(dot, ".end") == 0)
		note_end(ch, number, record, action, (size_t)(dot - action));
	return ATHAR_OK;
}

/* ---- lines ---- */

static bool names_stray(const athar_json *line, const stray *s)
{
	const char *hex = athar_json_get_text(line, "sha256");
	uint64_t number = 0;

	return hex != NULL && strcmp(hex, s->sha256) == 0 &&
	       athar_json_get_number(line, "line", &number) && number == s->number;
}

/* Lines that are no records are answered by the record behind them, or they break the chain. */
static void answer_strays(chain *ch, const athar_json *record)
{
	const athar_json *data = athar_json_get(record, "data");
	const athar_json *lines = athar_json_get(data, "lines");
	const char *after = athar_json_get_text(data, "after");
	bool answered = strcmp(athar_json_get_text(record, "action"), "recovery") == 0 &&
	                after != NULL && strcmp(after, ch->after) == 0 &&
	                athar_json_count(lines) == ch->stray_count;

	for (size_t i = 0; answered && i < ch->stray_count; i++)
		answered = names_stray(athar_json_at(lines, i), &ch->strays[i]);
	if (!answered)
		broken(ch, ch->strays[0].number, "%s", ch->strays[0].why);
	ch->stray_count = 0;
}

static athar_status take_stray(chain *ch, const athar_line *line, const char *hex, const char *why,
                               athar_error *err)
{
	stray *s;

	if (ch->out->broken_at != 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_grow(&ch->strays, &ch->stray_capacity, ch->stray_count + 1,
	                     sizeof *ch->strays, err));
	s = &ch->strays[ch->stray_count++];
	s->number = line->number;
	memcpy(s->sha256, hex, 65);
	snprintf(s->why, sizeof s->why, "it is no record: %.140s", why);
	return ATHAR_OK;
}

static athar_status take_record(chain *ch, const athar_line *line, const char *hex,
                                const athar_json *record, athar_error *err)
{
	uint64_t seq = 0;

	if (ch->stray_count != 0)
		answer_strays(ch, record);
	if (line->number == 1 && strcmp(athar_json_get_text(record, "action"), "case.new") != 0)
		broken(ch, 1, "it is not case.new: lines before it are missing");
	if (strcmp(athar_json_get_text(record, "prev"), ch->out->head) != 0)
		broken(ch, line->number, "its prev is not the SHA-256 of the line before it");
	if (!athar_json_get_number(record, "seq", &seq) || seq != line->number)
		broken(ch, line->number, "its seq is not the number of the line");
	memcpy(ch->after, hex, 65);
	return note_action(ch, line->number, record, err);
}

static athar_status take_line(chain *ch, const athar_line *line, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *record = NULL;
	char why[160] = "", hex[65];

	ch->out->lines = line->number;
	ch->out->torn = line->torn;
	ATHAR_TRY(athar_line_sha256(hex, line, err));
	ATHAR_TRY(athar_record_parse(&record, why, line->bytes, line->len, err));
	if (record != NULL)
		ATHAR_TRY(take_record(ch, line, hex, record, err));
	else
		ATHAR_TRY(take_stray(ch, line, hex, why, err));
	memcpy(ch->out->head, hex, sizeof hex);
	return ATHAR_OK;
}

static athar_status take_lines(chain *ch, const char *path, athar_error *err)
{
	ATHAR_AUTO(lines) athar_lines lines = {NULL, NULL, 0, NULL};
	athar_line line = {0};
	athar_status status;

	ATHAR_TRY(athar_lines_open(&lines, path, err));
	while ((status = athar_lines_next(&lines, &line, err)) == ATHAR_OK)
		ATHAR_TRY(take_line(ch, &line, err));
	if (status == ATHAR_ELIMIT)
		broken(ch, line.number, "it is longer than 16 MiB");
	return status == ATHAR_EOF || status == ATHAR_ELIMIT ? ATHAR_OK : status;
}

athar_status athar_custody_check(athar_custody_state *out, const char *folder, athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_join(folder, "custody.jsonl", err);
	ATHAR_AUTO(chain) chain ch = {.out = out};

	if (path == NULL)
		return err->status;
	*out = (athar_custody_state){0};
	memset(out->head, '0', 64);
	memset(ch.after, '0', 64);
	if (access(path, F_OK) != 0 && errno == ENOENT && athar_case_exists(folder)) {
		broken(&ch, 1, "custody.jsonl is missing");
		return ATHAR_OK;
	}
	ATHAR_TRY(take_lines(&ch, path, err));
	/* One torn line at the very end is what an interruption leaves; torn says so. */
	if (ch.stray_count > (out->torn ? 1u : 0u))
		broken(&ch, ch.strays[0].number, "%s", ch.strays[0].why);
	if (out->lines == 0)
		broken(&ch, 1, "the log is empty");
	out->open = ch.open_count;
	return ATHAR_OK;
}

athar_status athar_custody_each(const char *folder,
                                athar_status (*line)(void *user, uint64_t number,
                                                     const athar_json *line, athar_error *err),
                                void *user, athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_join(folder, "custody.jsonl", err);
	ATHAR_AUTO(lines) athar_lines lines = {NULL, NULL, 0, NULL};
	athar_line each = {0};
	athar_status status;

	if (path == NULL)
		return err->status;
	ATHAR_TRY(athar_lines_open(&lines, path, err));
	while ((status = athar_lines_next(&lines, &each, err)) == ATHAR_OK) {
		ATHAR_AUTO(json) athar_json *record = NULL;
		char why[160];

		ATHAR_TRY(athar_record_parse(&record, why, each.bytes, each.len, err));
		if (record != NULL)
			ATHAR_TRY(line(user, each.number, record, err));
	}
	return status == ATHAR_EOF ? ATHAR_OK : status;
}
