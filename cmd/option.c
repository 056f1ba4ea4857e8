/* SPDX-License-Identifier: BSD-2-Clause */
#include "option.h"

#include <string.h>

#include "athar/digest.h"
#include "athar/text.h"

#define MOST_OPTIONS 64
#define LONGEST_NAME 48

typedef struct parser {
	const athar_option *table;
	void *values;
	int argc, at;
	char **argv;
	athar_operands operands;
	uint64_t given; /* bit: place in the table */
	bool stop;      /* help was asked for */
} parser;

size_t athar_option_count(const athar_option *table)
{
	size_t count = 0;

	while (table[count].name != NULL)
		count++;
	return count;
}

bool athar_option_word(const char *words, const char *word, size_t len)
{
	for (const char *w = words; len > 0; w++) {
		const size_t n = strcspn(w, ",");

		if (n == len && memcmp(w, word, n) == 0)
			return true;
		w += n;
		if (*w == '\0')
			return false;
	}
	return false;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance, in one row. */
static size_t distance(const char *a, const char *b)
{
	size_t row[LONGEST_NAME + 1];
	const size_t n = strlen(b);

	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 0; a[i] != '\0'; i++) {
		size_t corner = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < n; j++) {
			const size_t change = corner + (a[i] != b[j]);

			corner = row[j + 1];
			row[j + 1] = smaller(change, smaller(row[j], corner) + 1);
		}
	}
	return row[n];
}

/* A beginning is nearer than any misspelling. */
static size_t farness(const char *word, const char *name)
{
	const size_t len = strlen(word);

	if (len >= 2 && strncmp(word, name, len) == 0)
		return 0;
	return distance(word, name);
}

const char *athar_option_nearest(const char *word, const char *const *names, size_t count)
{
	const size_t len = strlen(word);
	size_t best = len < 3 ? 2 : 3; /* farther than this is no hint */
	const char *name = NULL;

	if (len == 0 || len > LONGEST_NAME)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		if (strlen(names[i]) > LONGEST_NAME)
			continue;
		const size_t far = farness(word, names[i]);

		if (far < best) {
			best = far;
			name = names[i];
		}
	}
	return name;
}

static athar_status unknown(const parser *p, const char *name, athar_error *err)
{
	const char *names[MOST_OPTIONS];
	const char *hint;
	size_t count = 0;

	for (; count < MOST_OPTIONS && p->table[count].name != NULL; count++)
		names[count] = p->table[count].name;
	hint = athar_option_nearest(name, names, count);
	if (hint == NULL)
		return athar_fail(err, ATHAR_EUSAGE, "there is no option --%s", name);
	return athar_fail(err, ATHAR_EUSAGE, "there is no option --%s; did you mean --%s?", name,
	                  hint);
}

static athar_status store_number(uint64_t *out, const athar_option *o, const char *value,
                                 athar_error *err)
{
	uint64_t n = 0;

	if (value[0] == '\0' || strlen(value) > 18 || strspn(value, "0123456789") != strlen(value))
		return athar_fail(err, ATHAR_EUSAGE, "--%s takes a whole number, not \"%s\"",
		                  o->name, value);
	for (const char *c = value; *c != '\0'; c++)
		n = 10 * n + (uint64_t)(*c - '0');
	*out = n;
	return ATHAR_OK;
}

static athar_status check_words(const athar_option *o, const char *value, athar_error *err)
{
	const bool list = o->type == ATHAR_OPTION_LIST;

	if (o->words == NULL)
		return ATHAR_OK;
	for (const char *w = value;; w++) {
		const size_t len = list ? strcspn(w, ",") : strlen(w);

		if (!athar_option_word(o->words, w, len))
			return athar_fail(err, ATHAR_EUSAGE, "--%s takes %s%s, not \"%.*s\"",
			                  o->name, list ? "some of " : "one of ", o->words,
			                  (int)smaller(len, 60), w);
		w += len;
		if (*w == '\0')
			return ATHAR_OK;
	}
}

static athar_status store_path(athar_paths *paths, const athar_option *o, const char *value,
                               athar_error *err)
{
	if (value[0] == '\0')
		return athar_fail(err, ATHAR_EUSAGE, "--%s is given an empty value", o->name);
	if (paths->count == ATHAR_PATHS_MOST)
		return athar_fail(err, ATHAR_EUSAGE, "--%s is given more than %d times", o->name,
		                  ATHAR_PATHS_MOST);
	paths->path[paths->count++] = value;
	return ATHAR_OK;
}

static athar_status store(const athar_option *o, void *member, const char *value, athar_error *err)
{
	switch (o->type) {
	case ATHAR_OPTION_FLAG:
		*(bool *)member = true;
		return ATHAR_OK;
	case ATHAR_OPTION_NUMBER:
		return store_number(member, o, value, err);
	case ATHAR_OPTION_SIZE:
		if (athar_text_parse_size(member, value, err) != ATHAR_OK)
			return athar_within(err, "--%s", o->name);
		return ATHAR_OK;
	case ATHAR_OPTION_HASHES:
		if (athar_digest_parse(member, value, err) != ATHAR_OK)
			return athar_within(err, "--%s", o->name);
		return ATHAR_OK;
	case ATHAR_OPTION_PATHS:
		return store_path(member, o, value, err);
	case ATHAR_OPTION_CHOICE:
	case ATHAR_OPTION_LIST:
		if (check_words(o, value, err) != ATHAR_OK)
			return err->status;
		break;
	case ATHAR_OPTION_TEXT:
	case ATHAR_OPTION_PATH:
	case ATHAR_OPTION_FOLDER:
		break;
	}
	if (value[0] == '\0')
		return athar_fail(err, ATHAR_EUSAGE, "--%s is given an empty value", o->name);
	*(const char **)member = value;
	return ATHAR_OK;
}

/* `value`: what stands in the same word, or NULL. */
static athar_status take(parser *p, const athar_option *o, const char *value, athar_error *err)
{
	const uint64_t bit = UINT64_C(1) << (o - p->table);
	char *member = (char *)p->values + o->offset;

	if (o->type == ATHAR_OPTION_FLAG && value != NULL)
		return athar_fail(err, ATHAR_EUSAGE, "--%s takes no value", o->name);
	if (o->type != ATHAR_OPTION_FLAG) {
		if (value == NULL && p->at + 1 >= p->argc)
			return athar_fail(err, ATHAR_EUSAGE, "--%s needs a value: %s", o->name,
			                  o->argument);
		if (value == NULL)
			value = p->argv[++p->at];
		if ((p->given & bit) != 0 && o->type != ATHAR_OPTION_PATHS)
			return athar_fail(err, ATHAR_EUSAGE, "--%s is given twice", o->name);
	}
	p->given |= bit;
	p->stop = strcmp(o->name, "help") == 0;
	return store(o, member, value, err);
}

static athar_status take_long(parser *p, const char *word, athar_error *err)
{
	char name[LONGEST_NAME + 1];
	const size_t len = strcspn(word, "=");

	if (len > LONGEST_NAME)
		return athar_fail(err, ATHAR_EUSAGE, "there is no option --%.60s", word);
	memcpy(name, word, len);
	name[len] = '\0';
	for (const athar_option *o = p->table; o->name != NULL; o++) {
		if (strcmp(o->name, name) == 0)
			return take(p, o, word[len] == '=' ? word + len + 1 : NULL, err);
	}
	return unknown(p, name, err);
}

static const athar_option *by_letter(const athar_option *table, char letter)
{
	for (const athar_option *o = table; o->name != NULL; o++) {
		if (o->letter == letter)
			return o;
	}
	return NULL;
}

/* "-qj4", "-j 4" */
static athar_status take_short(parser *p, const char *word, athar_error *err)
{
	for (const char *c = word; *c != '\0' && !p->stop; c++) {
		const athar_option *o = by_letter(p->table, *c);

		if (o == NULL)
			return athar_fail(err, ATHAR_EUSAGE, "there is no option -%c", *c);
		if (o->type != ATHAR_OPTION_FLAG)
			return take(p, o, c[1] == '\0' ? NULL : c + 1, err);
		if (take(p, o, NULL, err) != ATHAR_OK)
			return err->status;
	}
	return ATHAR_OK;
}

static void take_operand(parser *p, char *word)
{
	p->operands.word[p->operands.count++] = word;
}

athar_status athar_options_parse(athar_operands *out, const athar_option *table, void *values,
                                 int argc, char **argv, athar_error *err)
{
	parser p = {.table = table, .values = values, .argc = argc, .argv = argv};
	athar_status status = ATHAR_OK;
	bool ended = false;

	/* Operands move to places that have been read already. */
	p.operands.word = argv;
	for (; p.at < argc && status == ATHAR_OK && !p.stop; p.at++) {
		char *word = argv[p.at];

		if (ended || word[0] != '-' || word[1] == '\0')
			take_operand(&p, word);
		else if (strcmp(word, "--") == 0)
			ended = true;
		else if (word[1] == '-')
			status = take_long(&p, word + 2, err);
		else
			status = take_short(&p, word + 1, err);
	}
	*out = p.operands;
	return status;
}
