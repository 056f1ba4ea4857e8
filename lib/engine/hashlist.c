/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/hashlist.h"

#include <ctype.h>
#include <string.h>

#include "base/alloc.h"
#include "base/files.h"

#define LIST_LIMIT (16u << 20)

#define EITHER (ATHAR_SHA512 | ATHAR_BLAKE2B)

unsigned athar_hash_guess(const char *hex, size_t len)
{
	unsigned fit = 0;

	for (size_t i = 0; i < len; i++)
		if (!isxdigit((unsigned char)hex[i]))
			return 0;
	for (unsigned bit = 0; bit < ATHAR_DIGEST_COUNT; bit++)
		if (athar_digest_hex_length(1u << bit) == len)
			fit |= 1u << bit;
	return fit;
}

bool athar_hash_set(athar_digests *out, unsigned algorithms, const char *hex)
{
	bool set = algorithms != 0;

	for (unsigned bit = 0; bit < ATHAR_DIGEST_COUNT; bit++)
		if (algorithms & 1u << bit)
			set = athar_digests_set(out, 1u << bit, hex) && set;
	return set;
}

static void forget(athar_digests *d, unsigned algorithm)
{
	athar_digests kept = {0};

	for (unsigned bit = 0; bit < ATHAR_DIGEST_COUNT; bit++)
		if (d->algorithms & 1u << bit & ~algorithm)
			(void)athar_digests_set(&kept, 1u << bit, athar_digests_get(d, 1u << bit));
	*d = kept;
}

void athar_hash_settle(athar_digests *given, const athar_digests *computed)
{
	const char *hex = athar_digests_get(given, ATHAR_SHA512);

	if ((given->algorithms & EITHER) != EITHER ||
	    strcmp(hex, athar_digests_get(given, ATHAR_BLAKE2B)) != 0)
		return;
	forget(given, strcmp(hex, athar_digests_get(computed, ATHAR_BLAKE2B)) == 0 ? ATHAR_SHA512
	                                                                           : ATHAR_BLAKE2B);
}

/* coreutils put a backslash before lines whose name has \\, \n or \r written out. */
static void unescape(char *name)
{
	char *to = name;

	for (const char *from = name; *from != '\0'; from++) {
		char c = *from;

		if (c == '\\' && from[1] != '\0') {
			from++;
			c = *from == 'n' ? '\n' : *from == 'r' ? '\r' : *from;
		}
		*to++ = c;
	}
	*to = '\0';
}

static athar_status add(athar_hash_list *list, const char *name, const athar_digests *digests,
                        athar_error *err)
{
	ATHAR_TRY(athar_grow(&list->entry, &list->capacity, list->count + 1, sizeof *list->entry,
	                     err));
	char *copy = athar_copy_text(name, err);
	if (copy == NULL)
		return ATHAR_ENOMEM;
	list->entry[list->count++] = (athar_hash_entry){copy, *digests};
	list->algorithms |= digests->algorithms;
	return ATHAR_OK;
}

/* "HEX  name", "HEX *name", and with a backslash before it. */
static athar_status plain_line(athar_hash_list *list, char *line, athar_error *err)
{
	bool escaped = line[0] == '\\';
	char *hex = line + escaped;
	size_t len = strcspn(hex, " ");
	unsigned algorithms = athar_hash_guess(hex, len);
	athar_digests digests = {0};

	if (algorithms == 0 || hex[len] != ' ' || (hex[len + 1] != ' ' && hex[len + 1] != '*'))
		return ATHAR_OK;
	hex[len] = '\0';
	if (!athar_hash_set(&digests, algorithms, hex))
		return ATHAR_OK;
	char *name = hex + len + 2;
	if (escaped)
		unescape(name);
	return add(list, name, &digests, err);
}

/* "SHA256 (name) = HEX" */
static athar_status tagged_line(athar_hash_list *list, char *line, athar_error *err)
{
	char *open = strstr(line, " (");
	char *close = NULL;
	unsigned algorithm = 0;
	athar_digests digests = {0};
	athar_error ignored = ATHAR_ERROR_INIT;

	for (char *p = line; (p = strstr(p, ") = ")) != NULL; p++)
		close = p;
	if (open == NULL || close == NULL || close < open)
		return ATHAR_OK;
	*open = *close = '\0';
	for (char *p = line; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	if (athar_digest_parse(&algorithm, line, &ignored) != ATHAR_OK)
		return ATHAR_OK;
	if (!athar_digests_set(&digests, algorithm, close + 4))
		return ATHAR_OK;
	return add(list, open + 2, &digests, err);
}

/* The columns of a hashdeep list, from its "%%%% size,md5,sha256,filename". */
typedef struct columns {
	unsigned algorithm[8]; /* 0: a column that is no hash */
	size_t count;          /* the last one is the name, and may hold commas */
} columns;

static void learn_columns(columns *c, char *names)
{
	athar_error ignored = ATHAR_ERROR_INIT;
	char *rest = NULL;

	c->count = 0;
	for (char *name = strtok_r(names, ",", &rest);
	     name != NULL && c->count < ATHAR_COUNT(c->algorithm);
	     name = strtok_r(NULL, ",", &rest)) {
		c->algorithm[c->count] = 0;
		if (athar_digest_parse(&c->algorithm[c->count], name, &ignored) != ATHAR_OK)
			c->algorithm[c->count] = 0;
		c->count++;
	}
}

static athar_status hashdeep_line(athar_hash_list *list, const columns *c, char *line,
                                  athar_error *err)
{
	athar_digests digests = {0};

	for (size_t i = 0; i + 1 < c->count; i++) {
		char *comma = strchr(line, ',');

		if (comma == NULL)
			return ATHAR_OK;
		*comma = '\0';
		if (c->algorithm[i] != 0 && !athar_digests_set(&digests, c->algorithm[i], line))
			return ATHAR_OK;
		line = comma + 1;
	}
	return digests.algorithms == 0 ? ATHAR_OK : add(list, line, &digests, err);
}

static athar_status take_line(athar_hash_list *list, columns *c, char *line, athar_error *err)
{
	if (strncmp(line, "%%%% HASHDEEP", 13) == 0 || line[0] == '#')
		return ATHAR_OK;
	if (strncmp(line, "%%%% ", 5) == 0) {
		learn_columns(c, line + 5);
		return ATHAR_OK;
	}
	if (c->count != 0)
		return hashdeep_line(list, c, line, err);
	if (strstr(line, ") = ") != NULL)
		return tagged_line(list, line, err);
	return plain_line(list, line, err);
}

athar_status athar_hash_list_parse(athar_hash_list *out, const char *text, size_t len,
                                   athar_error *err)
{
	ATHAR_AUTO(hash_list) athar_hash_list list = {NULL, 0, 0, 0};
	ATHAR_AUTO(free) char *copy = (char *)athar_copy_bytes(text, len, err);
	columns c = {.count = 0};

	if (copy == NULL)
		return ATHAR_ENOMEM;
	for (char *line = copy, *next; line != NULL; line = next) {
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		line[strcspn(line, "\r")] = '\0';
		ATHAR_TRY(take_line(&list, &c, line, err));
	}
	if (list.count == 0)
		return athar_fail(err, ATHAR_EFORMAT, "no line is one of a hash list");
	*out = list;
	list = (athar_hash_list){NULL, 0, 0, 0};
	return ATHAR_OK;
}

athar_status athar_hash_list_load(athar_hash_list *out, const char *path, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *text = NULL;
	size_t len = 0;
	athar_status status = athar_file_load(&text, &len, path, LIST_LIMIT, err);

	if (status == ATHAR_ELIMIT)
		return athar_fail(err, ATHAR_EFORMAT, "%s is too large for a hash list", path);
	ATHAR_TRY(status);
	return athar_hash_list_parse(out, (const char *)text, len, err);
}

void athar_hash_list_clear(athar_hash_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->entry[i].name);
	free(list->entry);
	*list = (athar_hash_list){NULL, 0, 0, 0};
}
