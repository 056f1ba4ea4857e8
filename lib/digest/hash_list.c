/* SPDX-License-Identifier: BSD-2-Clause */
/* Which kind of list a file is, and what all kinds share. */
#include "digest/hash_list.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "digest/digest.h"

#define BLOCK ((size_t)1 << 20)

/* ---- entries ---- */

unsigned athar_listed_best(const athar_listed *entry)
{
	if (entry->algorithms & ATHAR_SHA256)
		return ATHAR_SHA256;
	return entry->algorithms & ATHAR_SHA1 ? ATHAR_SHA1 : entry->algorithms & ATHAR_MD5;
}

athar_status athar_list_take(athar_list_sink *sink, const athar_listed *entry, uint64_t at,
                             athar_error *err)
{
	if (entry->algorithms == 0) {
		if (sink->facts.unread++ == 0)
			sink->facts.first_unread = at;
		return ATHAR_OK;
	}
	sink->facts.entries++;
	sink->facts.algorithms |= athar_listed_best(entry);
	return sink->entry(sink->user, entry, err);
}

static unsigned part_of(unsigned algorithm)
{
	return algorithm == ATHAR_MD5 ? 0 : algorithm == ATHAR_SHA1 ? 1 : 2;
}

bool athar_listed_set(athar_listed *entry, unsigned algorithm, const char *hex, size_t len)
{
	uint8_t raw[32];
	char padded[64];

	if (len != athar_digest_hex_length(algorithm) || len > sizeof padded)
		return false;
	memset(padded, '0', sizeof padded);
	memcpy(padded, hex, len);
	if (!athar_digest_unhex(raw, padded))
		return false;
	memcpy(entry->hash[part_of(algorithm)], raw, len / 2);
	entry->algorithms |= algorithm;
	return true;
}

unsigned athar_listed_by_length(size_t len)
{
	return len == 32 ? ATHAR_MD5 : len == 40 ? ATHAR_SHA1 : len == 64 ? ATHAR_SHA256 : 0;
}

unsigned athar_listed_by_name(const char *name, size_t len)
{
	char folded[16];
	size_t n = 0;

	for (size_t i = 0; i < len && n < sizeof folded - 1; i++) {
		const char c = name[i];

		if (c != '-' && c != '_' && c != ' ' && c != '"')
			folded[n++] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
	}
	folded[n] = '\0';
	if (strcmp(folded, "md5") == 0)
		return ATHAR_MD5;
	if (strcmp(folded, "sha1") == 0)
		return ATHAR_SHA1;
	return strcmp(folded, "sha256") == 0 || strcmp(folded, "sha2256") == 0 ? ATHAR_SHA256 : 0;
}

bool athar_listed_category(athar_listed *entry, const char *text, size_t len)
{
	unsigned value = 0;

	if (len == 0 || len > 3)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		value = value * 10 + (unsigned)(text[i] - '0');
	}
	if (value >= ATHAR_HASH_NO_CATEGORY)
		return false;
	entry->category = (uint8_t)value;
	return true;
}

/* ---- files ---- */

typedef struct stream {
	athar_list_sink *sink;
	const char *path;
	int fd;
	uint64_t size, done;
	uint8_t *block;
	size_t len;
	athar_digester *digester;
	athar_list_text *text;
	athar_list_vics *vics;
} stream;

static void clear_stream(stream *s)
{
	athar_digester_free(s->digester);
	athar_list_text_free(s->text);
	athar_list_vics_free(s->vics);
	free(s->block);
	if (s->fd >= 0)
		(void)close(s->fd);
}

ATHAR_DEFINE_AUTO_VALUE(stream, stream, clear_stream)

/* The next block; none at the end. */
static athar_status fill(stream *s, athar_error *err)
{
	const athar_progress progress = {.phase = "known", .done = s->done, .total = s->size};
	ssize_t got;

	athar_watch_progress(s->sink->watcher, &progress);
	if (athar_watch_cancelled(s->sink->watcher))
		return athar_fail(err, ATHAR_ECANCELED,
		                  "the lists of known files were not read to their end");
	do
		got = read(s->fd, s->block, BLOCK);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return athar_fail_errno(err, "cannot read %s", s->path);
	s->len = (size_t)got;
	s->done += s->len;
	return ATHAR_OK;
}

static athar_status open_stream(stream *s, athar_error *err)
{
	struct stat st;

	s->fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (s->fd < 0 || fstat(s->fd, &st) != 0)
		return athar_fail_errno(err, "cannot open %s", s->path);
	if (S_ISDIR(st.st_mode))
		return athar_fail(err, ATHAR_EUSAGE, "%s is a folder, not a list", s->path);
	s->size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	s->block = athar_alloc(BLOCK, err);
	if (s->block == NULL)
		return err->status;
	ATHAR_TRY(athar_digester_new(&s->digester, ATHAR_SHA256, err));
	return fill(s, err);
}

static bool begins(const stream *s, const char *with, size_t len)
{
	return s->len >= len && memcmp(s->block, with, len) == 0;
}

/* The first character behind a mark of UTF-8 and white space. */
static char first_character(const stream *s)
{
	size_t at = begins(s, "\xEF\xBB\xBF", 3) ? 3 : 0;

	while (at < s->len && strchr(" \t\r\n", s->block[at]) != NULL && s->block[at] != '\0')
		at++;
	return at < s->len ? (char)s->block[at] : '\0';
}

static athar_status begin(stream *s, athar_error *err)
{
	const char first = first_character(s);

	if (begins(s, "\xFF\xFE", 2) || begins(s, "\xFE\xFF", 2))
		return athar_fail(err, ATHAR_EFORMAT,
		                  "%s is written in UTF-16: convert it with iconv -t UTF-8 first",
		                  s->path);
	s->sink->facts.format = first == '{' || first == '[' ? "vics" : "sums";
	if (first == '{' || first == '[')
		return athar_list_vics_new(&s->vics, s->sink, err);
	return athar_list_text_new(&s->text, s->sink, err);
}

static athar_status feed(stream *s, athar_error *err)
{
	while (s->len != 0) {
		ATHAR_TRY(athar_digester_update(s->digester, s->block, s->len, err));
		if (s->vics != NULL)
			ATHAR_TRY(athar_list_vics_feed(s->vics, s->block, s->len, err));
		else
			ATHAR_TRY(athar_list_text_feed(s->text, s->block, s->len, err));
		ATHAR_TRY(fill(s, err));
	}
	return s->vics != NULL ? athar_list_vics_end(s->vics, err)
	                       : athar_list_text_end(s->text, err);
}

static athar_status read_stream(stream *s, athar_error *err)
{
	athar_digests sum;
	athar_status status;

	ATHAR_TRY(begin(s, err));
	status = feed(s, err);
	if (status == ATHAR_EFORMAT)
		return athar_within(err, "%s", s->path);
	ATHAR_TRY(status);
	ATHAR_TRY(athar_digester_finish(&sum, s->digester, err));
	memcpy(s->sink->facts.sha256, athar_digests_get(&sum, ATHAR_SHA256), 65);
	return ATHAR_OK;
}

static athar_status read_database(athar_list_sink *sink, const char *path, athar_error *err)
{
	athar_digests sum;

	sink->facts.format = "sqlite";
	ATHAR_TRY(athar_digest_file(&sum, NULL, path, ATHAR_SHA256, err));
	memcpy(sink->facts.sha256, athar_digests_get(&sum, ATHAR_SHA256), 65);
	return athar_list_sqlite_read(sink, path, err);
}

athar_status athar_list_read(athar_list_sink *sink, const char *path, athar_error *err)
{
	ATHAR_AUTO(stream) stream s = {.sink = sink, .path = path, .fd = -1};

	sink->facts = (athar_list_facts){.format = ""};
	ATHAR_TRY(open_stream(&s, err));
	if (begins(&s, "SQLite format 3", 16))
		ATHAR_TRY(read_database(sink, path, err));
	else
		ATHAR_TRY(read_stream(&s, err));
	if (sink->facts.entries == 0)
		return athar_fail(err, ATHAR_EFORMAT,
		                  "nothing in %s is an MD5, SHA-1 or SHA-256: it is no list of "
		                  "hashes that athar knows",
		                  path);
	return ATHAR_OK;
}
