/* SPDX-License-Identifier: BSD-2-Clause */
/* One image: read once, compared with everything that speaks about it. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/check.h"
#include "digest/digest.h"
#include "engine/hashlist.h"
#include "engine/judge.h"
#include "engine/pass.h"
#include "image/driver.h"

/* Rows of damaged ranges shown one by one; the rest is counted. */
#define RANGES_SHOWN 20
/* Ranges kept sector by sector. */
#define RANGES_MOST 100000

typedef struct trial {
	athar_judge *judge;
	const athar_expected *expected;
	athar_source *image;
	const athar_source_info *info;
	athar_source *other; /* the image it is compared with */
	uint8_t *other_block;
	FILE *blocks; /* the block hashes on record */
	athar_hash_list list;
	athar_digests given;            /* the hash the user typed */
	athar_runs differ;              /* from the other image */
	athar_runs changed;             /* blocks whose hash is not the one on record */
	bool blocks_short, blocks_long; /* the list, against the image */
	unsigned compared;
} trial;

static void clear(trial *t)
{
	athar_source_close(t->other);
	athar_source_close(t->image);
	athar_hash_list_clear(&t->list);
	athar_runs_clear(&t->differ);
	athar_runs_clear(&t->changed);
	free(t->other_block);
	if (t->blocks != NULL)
		(void)fclose(t->blocks);
}

ATHAR_DEFINE_AUTO_VALUE(trial, trial, clear)

/* ---- what the user gave ---- */

/* A hash, when it looks like one and no file has that name; a list, when it parses as one; else an
 * image. */
static athar_status open_against(trial *t, const char *against, athar_error *err)
{
	unsigned algorithms = athar_hash_guess(against, strlen(against));
	athar_error list_error = ATHAR_ERROR_INIT;
	struct stat st;

	if (stat(against, &st) != 0) {
		if (athar_hash_set(&t->given, algorithms, against))
			return ATHAR_OK;
		return athar_fail_errno(err, "%s is neither a hash nor a file that can be opened",
		                        against);
	}
	if (S_ISREG(st.st_mode) && athar_hash_list_load(&t->list, against, &list_error) == ATHAR_OK)
		return ATHAR_OK;
	t->other_block = athar_alloc(ATHAR_BLOCK_SIZE, err);
	if (t->other_block == NULL)
		return ATHAR_ENOMEM;
	return athar_source_open(&t->other, against, err);
}

/* ---- block by block ---- */

/* Sector by sector, so that the examiner learns which; of images that have hardly anything in
 * common, block by block. */
static athar_status note_difference(trial *t, uint64_t offset, const uint8_t *a, const uint8_t *b,
                                    size_t len, athar_error *err)
{
	size_t step = t->differ.count < RANGES_MOST ? t->info->sector_size : ATHAR_BLOCK_SIZE;

	for (size_t at = 0; at < len; at += step) {
		size_t n = (size_t)athar_min(step, len - at);

		if (memcmp(a + at, b + at, n) != 0)
			ATHAR_TRY(athar_runs_add(&t->differ, offset + at, n, ATHAR_RUN_BAD, err));
	}
	return ATHAR_OK;
}

/* What the other container holds, as it stands there: see read_slab in pass.c. */
static athar_status compare_other(trial *t, uint64_t offset, const uint8_t *data, size_t len,
                                  athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;
	uint64_t size = athar_source_describe(t->other)->size;

	if (offset >= size)
		return ATHAR_OK;
	len = (size_t)athar_min(len, size - offset);
	ATHAR_TRY(t->other->driver->read(t->other, t->other_block, len, offset, &bad, err));
	for (size_t i = 0; i < bad.count; i++)
		ATHAR_TRY(athar_runs_add(&t->differ, bad.run[i].offset, bad.run[i].length,
		                         ATHAR_RUN_UNREAD, err));
	return note_difference(t, offset, data, t->other_block, len, err);
}

/* The last block of a padded image was hashed without its padding. */
static athar_status block_hex(char hex[65], const trial *t, uint64_t offset, const uint8_t *data,
                              size_t len, const uint8_t hash[32], athar_error *err)
{
	uint64_t size = t->expected->true_size;

	if (size != 0 && offset + len > size)
		return athar_digest_sha256(hex, data, (size_t)(size - athar_min(size, offset)),
		                           err);
	athar_digest_hex(hex, hash);
	return ATHAR_OK;
}

/* The next line that is a hash; false: there is none. */
static bool next_line(trial *t, char *line, int size)
{
	do {
		if (fgets(line, size, t->blocks) == NULL)
			return false;
	} while (line[0] == '#');
	return true;
}

static athar_status compare_recorded(trial *t, uint64_t offset, const uint8_t *data, size_t len,
                                     const uint8_t hash[32], athar_error *err)
{
	char line[128], hex[65];

	if (!next_line(t, line, sizeof line)) {
		t->blocks_short = true;
		return ATHAR_OK;
	}
	ATHAR_TRY(block_hex(hex, t, offset, data, len, hash, err));
	if (strncmp(line, hex, 64) == 0 && strtoull(line + 64, NULL, 10) == offset)
		return ATHAR_OK;
	return athar_runs_add(&t->changed, offset, len, ATHAR_RUN_BAD, err);
}

static athar_status take_block(void *user, uint64_t offset, const uint8_t *data, size_t len,
                               const uint8_t hash[32], athar_error *err)
{
	trial *t = user;

	if (t->other != NULL)
		ATHAR_TRY(compare_other(t, offset, data, len, err));
	if (t->blocks != NULL)
		ATHAR_TRY(compare_recorded(t, offset, data, len, hash, err));
	return ATHAR_OK;
}

/* ---- rows ---- */

static void range_row(trial *t, const char *what, const athar_run *r, const char *why)
{
	uint64_t sector = t->info->sector_size;
	const char *file = athar_source_segment(t->image, r->offset);

	athar_judge_row(t->judge, ATHAR_CHECK_DIFFERS, what, "sectors %llu to %llu%s%s%s%s",
	                (unsigned long long)(r->offset / sector),
	                (unsigned long long)((r->offset + r->length - 1) / sector),
	                file != NULL ? ", in " : "", file != NULL ? file : "",
	                why[0] != '\0' ? ": " : "", why);
}

static athar_status range_rows(trial *t, const char *what, const athar_runs *runs, const char *why,
                               athar_error *err)
{
	for (size_t i = 0; i < runs->count; i++) {
		const athar_run *r = &runs->run[i];

		if (i < RANGES_SHOWN)
			range_row(t, what, r, why);
		ATHAR_TRY(athar_runs_add(&t->judge->out->bad, r->offset, r->length, r->kind, err));
	}
	if (runs->count > RANGES_SHOWN)
		athar_judge_row(t->judge, ATHAR_CHECK_DIFFERS, what, "%zu more ranges",
		                runs->count - RANGES_SHOWN);
	return ATHAR_OK;
}

static athar_status block_rows(trial *t, athar_error *err)
{
	char what[200], line[128];

	if (t->blocks == NULL)
		return ATHAR_OK;
	t->compared++;
	(void)snprintf(what, sizeof what, "%s blocks", t->expected->what);
	t->blocks_long = next_line(t, line, sizeof line);
	if (ferror(t->blocks))
		athar_judge_row(t->judge, ATHAR_CHECK_FAILED, what, "%s cannot be read to its end",
		                t->expected->blocks);
	else if (t->blocks_short || t->blocks_long)
		athar_judge_row(t->judge, ATHAR_CHECK_DIFFERS, what,
		                "the image has %s blocks than %s lists",
		                t->blocks_short ? "more" : "fewer", t->expected->blocks);
	else if (t->changed.count == 0)
		athar_judge_row(t->judge, ATHAR_CHECK_SAME, what, NULL);
	return range_rows(t, what, &t->changed, "", err);
}

static athar_status other_rows(trial *t, athar_error *err)
{
	char what[200];

	if (t->other == NULL)
		return ATHAR_OK;
	uint64_t a = t->info->size, b = athar_source_describe(t->other)->size;
	t->compared++;
	(void)snprintf(what, sizeof what, "%s against the other", t->expected->what);
	if (a != b)
		athar_judge_row(t->judge, ATHAR_CHECK_DIFFERS, what, "%llu bytes here, %llu there",
		                (unsigned long long)a, (unsigned long long)b);
	else if (t->differ.count == 0)
		athar_judge_row(t->judge, ATHAR_CHECK_SAME, what, NULL);
	return range_rows(t, what, &t->differ, "", err);
}

static bool same_hash(const athar_digests *a, const athar_digests *b)
{
	unsigned both = a->algorithms & b->algorithms;

	for (unsigned bit = 0; bit < ATHAR_DIGEST_COUNT; bit++)
		if (both & 1u << bit &&
		    strcmp(athar_digests_get(a, 1u << bit), athar_digests_get(b, 1u << bit)) != 0)
			return false;
	return both != 0;
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/* The line that speaks of the image: by its hash, or else by its name, or as the only one there is;
 * NULL: none does. */
static const athar_hash_entry *find_entry(const athar_hash_list *list, const char *path,
                                          const athar_digests *computed)
{
	for (size_t i = 0; i < list->count; i++)
		if (same_hash(&list->entry[i].digests, computed))
			return &list->entry[i];
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(base_of(list->entry[i].name), base_of(path)) == 0)
			return &list->entry[i];
	return list->count == 1 ? &list->entry[0] : NULL;
}

/* Who makes a list of a folder hashes the files of an image, not the medium in them. */
static bool is_of_file(const trial *t, const char *path, const athar_hash_entry *entry)
{
	athar_error none = ATHAR_ERROR_INIT;
	athar_digests file;

	if (strcmp(t->info->driver, "ewf") != 0 && strcmp(t->info->driver, "split") != 0)
		return false;
	if (athar_digest_file(&file, NULL, path, entry->digests.algorithms, &none) != ATHAR_OK)
		return false;
	return same_hash(&entry->digests, &file);
}

/* Several lines may speak of one file, each with another hash. */
static void list_rows(trial *t, const char *path, const athar_digests *computed)
{
	const athar_hash_entry *found;

	if (t->list.count == 0)
		return;
	for (size_t i = 0; i < t->list.count; i++)
		athar_hash_settle(&t->list.entry[i].digests, computed);
	found = find_entry(&t->list, path, computed);
	if (found == NULL) {
		athar_judge_row(t->judge, ATHAR_CHECK_NOTHING, "list",
		                "no line of it names %s or has its hash", base_of(path));
		return;
	}
	for (size_t i = 0; i < t->list.count; i++) {
		const athar_hash_entry *entry = &t->list.entry[i];

		if (strcmp(entry->name, found->name) != 0)
			continue;
		if (!same_hash(&entry->digests, computed) && is_of_file(t, path, entry)) {
			athar_judge_row(t->judge, ATHAR_CHECK_SAME, "list",
			                "of the file %s itself, not of the medium in it",
			                base_of(path));
			t->compared++;
		} else {
			athar_judge_hashes(t->judge, "list", &entry->digests, computed,
			                   &t->compared);
		}
	}
}

static athar_status hash_rows(trial *t, const char *path, const athar_pass *pass, athar_error *err)
{
	char what[200];

	(void)snprintf(what, sizeof what, "%s sectors", t->expected->what);
	ATHAR_TRY(range_rows(t, what, &pass->bad, pass->why, err));
	if (t->info->finding != NULL && t->info->finding[0] != '\0') {
		(void)snprintf(what, sizeof what, "%s container", t->expected->what);
		athar_judge_row(t->judge, ATHAR_CHECK_DIFFERS, what, "%s", t->info->finding);
	}
	(void)snprintf(what, sizeof what, "%s stored", t->expected->what);
	athar_judge_hashes(t->judge, what, &t->info->stored, &pass->hashes, &t->compared);
	if (t->expected->recorded != NULL)
		athar_judge_hashes(t->judge, t->expected->what, t->expected->recorded,
		                   &pass->hashes, &t->compared);
	athar_hash_settle(&t->given, &pass->hashes);
	athar_judge_hashes(t->judge, "given hash", &t->given, &pass->hashes, &t->compared);
	list_rows(t, path, &pass->hashes);
	return ATHAR_OK;
}

/* A case that came from elsewhere may hold anything under that name: a pipe would never answer. */
static athar_status open_list(FILE **out, const char *path, athar_error *err)
{
	ATHAR_AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return athar_fail_errno(err, "cannot open %s", path);
	if (!S_ISREG(st.st_mode))
		return athar_fail(err, ATHAR_EFORMAT, "%s is no file", path);
	*out = fdopen(fd, "r");
	if (*out == NULL)
		return athar_fail_errno(err, "cannot open %s", path);
	fd = -1;
	return ATHAR_OK;
}

/* Without its block hashes an image can still be held against those of the whole. */
static void open_blocks(trial *t)
{
	athar_error why = ATHAR_ERROR_INIT;
	char what[200];

	if (t->expected->blocks == NULL ||
	    open_list(&t->blocks, t->expected->blocks, &why) == ATHAR_OK)
		return;
	(void)snprintf(what, sizeof what, "%s blocks", t->expected->what);
	athar_judge_row(t->judge, ATHAR_CHECK_FAILED, what, "%s", why.text);
}

static athar_status read_image(trial *t, athar_pass *pass, athar_error *err)
{
	unsigned recorded = t->expected->recorded == NULL ? 0 : t->expected->recorded->algorithms;
	athar_pass_spec spec = {.source = t->image,
	                        .size = UINT64_MAX,
	                        .hashes = t->expected->hashes | t->info->stored.algorithms |
	                                  recorded | t->given.algorithms | t->list.algorithms,
	                        .threads = t->judge->context->threads,
	                        .block_hashes = t->blocks != NULL,
	                        .user = t,
	                        .phase = "verify",
	                        .watcher = t->judge->watcher};

	if (t->blocks != NULL || t->other != NULL)
		spec.block = take_block;
	return athar_pass_run(pass, &spec, err);
}

athar_status athar_judge_image(athar_judge *judge, const char *path, const athar_expected *expected,
                               athar_error *err)
{
	ATHAR_AUTO(pass) athar_pass pass = {.bytes = 0};
	ATHAR_AUTO(trial) trial t = {.judge = judge, .expected = expected};

	ATHAR_TRY(athar_source_open(&t.image, path, err));
	t.info = athar_source_describe(t.image);
	if (expected->against != NULL)
		ATHAR_TRY(open_against(&t, expected->against, err));
	open_blocks(&t);
	ATHAR_TRY(read_image(&t, &pass, err));
	judge->out->bytes += pass.bytes;
	judge->out->hashes = pass.hashes;
	ATHAR_TRY(hash_rows(&t, path, &pass, err));
	ATHAR_TRY(block_rows(&t, err));
	ATHAR_TRY(other_rows(&t, err));
	if (t.compared == 0 && t.list.count == 0)
		athar_judge_row(judge, ATHAR_CHECK_NOTHING, expected->what,
		                "no hash is on record: give one with --against");
	return ATHAR_OK;
}
