/* SPDX-License-Identifier: BSD-2-Clause */
/* One image: read once, compared with everything that speaks about it. */
#include <string.h>
#include <sys/stat.h>

#include "base/check.h"
#include "digest/digest.h"
#include "engine/hashlist.h"
#include "engine/judge_against.h"
#include "engine/pass.h"
#include "image/driver.h"

typedef struct trial {
	athar_judge *judge;
	const athar_expected *expected;
	athar_source *image;
	const athar_source_info *info;
	athar_pass pass;
	athar_against against;
	athar_block_list blocks; /* the block hashes on record */
	const char *blocks_path;
	athar_hash_list list;
	athar_digests given; /* the hash the user typed */
	athar_runs changed;  /* blocks whose hash is not the one on record */
	athar_runs trailing; /* behind the end that is on record */
	athar_ranges ranges;
	char what[8][200]; /* names of rows */
	char behind[80];   /* of trailing */
	unsigned compared;
} trial;

/* Names of rows that several rows have. */
enum { WHAT_CHUNKS, WHAT_BLOCKS, WHAT_TRAILING, WHAT_SIZE, WHAT_AGAINST, WHAT_STORED };

static void clear(trial *t)
{
	athar_pass_clear(&t->pass);
	athar_against_clear(&t->against);
	athar_block_list_close(&t->blocks);
	athar_source_close(t->image);
	athar_hash_list_clear(&t->list);
	athar_runs_clear(&t->changed);
	athar_runs_clear(&t->trailing);
	athar_ranges_clear(&t->ranges);
}

ATHAR_DEFINE_AUTO_VALUE(trial, trial, clear)

static void name_rows(trial *t)
{
	static const char *const names[] = {
		"chunks", "blocks", "trailing bytes", "size", "against the other", "stored"};

	for (size_t i = 0; i < ATHAR_COUNT(names); i++)
		(void)snprintf(t->what[i], sizeof t->what[i], "%.150s %s", t->expected->what,
		               names[i]);
}

/* ---- what the user gave ---- */

/* A hash, when it looks like one and no file has that name; a list, when it parses as one; else an
 * image. */
static athar_status open_against(trial *t, const char *against, athar_error *err)
{
	unsigned algorithms = athar_hash_guess(against, strlen(against));
	athar_error list_error = ATHAR_ERROR_INIT;
	uint64_t faults = 0;
	struct stat st;

	if (stat(against, &st) != 0) {
		if (athar_hash_set(&t->given, algorithms, against))
			return ATHAR_OK;
		return athar_fail_errno(err, "%s is neither a hash nor a file that can be opened",
		                        against);
	}
	if (S_ISREG(st.st_mode) && athar_hash_list_load(&t->list, against, &list_error) == ATHAR_OK)
		return ATHAR_OK;
	ATHAR_TRY(athar_against_open(&t->against, t->image, against, err));
	ATHAR_TRY(athar_judge_faults(t->judge, against, "other", true, &faults, err));
	t->blocks_path = athar_against_blocks(&t->blocks, &t->against);
	return ATHAR_OK;
}

/* ---- block by block ---- */

/* Bytes of the media that the record speaks of: what fills up the last sector of a padded image was
 * not hashed, nor was what has been appended since. */
static uint64_t recorded_size(const trial *t)
{
	const uint64_t beside = athar_against_true_size(&t->against);
	const uint64_t size = t->expected->true_size != 0 ? t->expected->true_size : beside;

	return size != 0 ? size : t->expected->media_size;
}

static athar_status block_hex(char hex[65], const trial *t, uint64_t offset, const uint8_t *data,
                              size_t len, const uint8_t hash[32], athar_error *err)
{
	const uint64_t size = recorded_size(t);

	if (size != 0 && offset + len > size)
		return athar_digest_sha256(hex, data, (size_t)(size - athar_min(size, offset)),
		                           err);
	athar_digest_hex(hex, hash);
	return ATHAR_OK;
}

static athar_status compare_recorded(trial *t, athar_against_block *block, char recorded[65],
                                     const uint8_t hash[32], athar_error *err)
{
	const uint64_t size = recorded_size(t);
	char hex[65];

	if (size != 0 && block->offset >= size)
		return ATHAR_OK;
	if (athar_block_list_next(recorded, &t->blocks, block->offset))
		block->recorded = recorded;
	else if (t->blocks.ended)
		return ATHAR_OK;
	ATHAR_TRY(block_hex(hex, t, block->offset, block->data, block->len, hash, err));
	block->same = block->recorded != NULL && strcmp(hex, recorded) == 0;
	if (block->same)
		return ATHAR_OK;
	return athar_damage_add(&t->changed, &t->pass.coarse, block->offset, block->len,
	                        ATHAR_RUN_BAD, err);
}

static athar_status take_block(void *user, uint64_t offset, const uint8_t *data, size_t len,
                               const uint8_t hash[32], athar_error *err)
{
	trial *t = user;
	char recorded[65];
	athar_against_block block = {
		.offset = offset, .data = data, .len = len, .here_bad = &t->pass.bad};

	if (t->blocks.file != NULL)
		ATHAR_TRY(compare_recorded(t, &block, recorded, hash, err));
	return t->against.other == NULL ? ATHAR_OK : athar_against_take(&t->against, &block, err);
}

/* ---- rows ---- */

static void blocks_row(trial *t)
{
	const char *what = t->what[WHAT_BLOCKS];

	if (t->blocks.file == NULL)
		return;
	t->compared++;
	const bool more = athar_block_list_more(&t->blocks);
	if (ferror(t->blocks.file))
		athar_judge_row(t->judge, ATHAR_CHECK_FAILED, ATHAR_VERIFY_BLOCKS, what,
		                "%s cannot be read to its end", t->blocks_path);
	else if (t->blocks.ended || more)
		athar_judge_row(t->judge, ATHAR_CHECK_DIFFERS, ATHAR_VERIFY_BLOCKS, what,
		                "the image has %s blocks than %s lists",
		                t->blocks.ended ? "more" : "fewer", t->blocks_path);
	else if (t->changed.count == 0)
		athar_judge_row(t->judge, ATHAR_CHECK_SAME, ATHAR_VERIFY_BLOCKS, what, NULL);
	athar_ranges_rows(&t->ranges, ATHAR_VERIFY_BLOCKS);
}

static void size_row(trial *t)
{
	const uint64_t recorded = t->expected->media_size;

	if (recorded != 0 && t->info->size < recorded)
		athar_judge_row(t->judge, ATHAR_CHECK_DIFFERS, ATHAR_VERIFY_SIZE,
		                t->what[WHAT_SIZE], "on record %llu bytes, now %llu",
		                (unsigned long long)recorded, (unsigned long long)t->info->size);
	athar_ranges_rows(&t->ranges, ATHAR_VERIFY_TRAILING);
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
		athar_judge_row(t->judge, ATHAR_CHECK_NOTHING, ATHAR_VERIFY_LIST, "list",
		                "no line of it names %s or has its hash", base_of(path));
		return;
	}
	for (size_t i = 0; i < t->list.count; i++) {
		const athar_hash_entry *entry = &t->list.entry[i];

		if (strcmp(entry->name, found->name) != 0)
			continue;
		if (!same_hash(&entry->digests, computed) && is_of_file(t, path, entry)) {
			athar_judge_row(t->judge, ATHAR_CHECK_SAME, ATHAR_VERIFY_LIST, "list",
			                "of the file %s itself, not of the medium in it",
			                base_of(path));
			t->compared++;
		} else {
			athar_judge_hashes(t->judge, "list", &entry->digests, computed,
			                   &t->compared);
		}
	}
}

/* What opening and reading noticed and the look at the files did not. */
static void finding_row(trial *t, uint64_t faults)
{
	char what[200];

	if (faults != 0 || t->info->finding == NULL || t->info->finding[0] == '\0')
		return;
	(void)snprintf(what, sizeof what, "%.150s structure", t->expected->what);
	athar_judge_row(t->judge, ATHAR_CHECK_DIFFERS, ATHAR_VERIFY_STRUCTURE, what, "%s",
	                t->info->finding);
}

static void hash_rows(trial *t, const char *path)
{
	const athar_digests *now = &t->pass.hashes;

	athar_judge_hashes(t->judge, t->what[WHAT_STORED], &t->info->stored, now, &t->compared);
	if (t->expected->recorded != NULL)
		athar_judge_hashes(t->judge, t->expected->what, t->expected->recorded, now,
		                   &t->compared);
	athar_hash_settle(&t->given, now);
	athar_judge_hashes(t->judge, "given hash", &t->given, now, &t->compared);
	list_rows(t, path, now);
}

/* Without its block hashes an image can still be held against those of the whole. */
static void open_blocks(trial *t)
{
	athar_error why = ATHAR_ERROR_INIT;

	if (t->expected->blocks == NULL)
		return;
	t->blocks_path = t->expected->blocks;
	if (athar_block_list_open(&t->blocks, t->blocks_path, &why) != ATHAR_OK)
		athar_judge_row(t->judge, ATHAR_CHECK_FAILED, ATHAR_VERIFY_BLOCKS,
		                t->what[WHAT_BLOCKS], "%s", why.text);
}

static athar_status read_image(trial *t, athar_error *err)
{
	unsigned recorded = t->expected->recorded == NULL ? 0 : t->expected->recorded->algorithms;
	athar_pass_spec spec = {.source = t->image,
	                        .size = UINT64_MAX,
	                        .hashes = t->expected->hashes | t->info->stored.algorithms |
	                                  recorded | t->given.algorithms | t->list.algorithms,
	                        .threads = t->judge->context->threads,
	                        .block_hashes = t->blocks.file != NULL,
	                        .user = t,
	                        .phase = "verify",
	                        .watcher = t->judge->watcher};

	if (t->blocks.file != NULL || t->against.other != NULL)
		spec.block = take_block;
	ATHAR_TRY(athar_pass_run(&t->pass, &spec, err));
	t->judge->out->bytes += t->pass.bytes;
	t->judge->out->hashes = t->pass.hashes;
	return ATHAR_OK;
}

/* The ranges that something is wrong with, and what lies there. */
static athar_status gather(trial *t, const char *path, athar_error *err)
{
	const uint64_t recorded = t->expected->media_size;
	const athar_range_group groups[] = {
		{.kind = ATHAR_VERIFY_CHUNK,
	         .what = t->what[WHAT_CHUNKS],
	         .why = "",
	         .whys = t->pass.why,
	         .runs = &t->pass.bad},
		{.kind = ATHAR_VERIFY_BLOCKS,
	         .what = t->what[WHAT_BLOCKS],
	         .why = "",
	         .runs = &t->changed},
		{.kind = ATHAR_VERIFY_TRAILING,
	         .what = t->what[WHAT_TRAILING],
	         .why = t->behind,
	         .runs = &t->trailing},
	};

	t->ranges.judge = t->judge;
	t->ranges.image = t->image;
	t->ranges.other = t->against.other;
	if (recorded != 0 && t->info->size > recorded) {
		(void)snprintf(t->behind, sizeof t->behind, "%llu bytes behind the end on record",
		               (unsigned long long)(t->info->size - recorded));
		ATHAR_TRY(athar_runs_add(&t->trailing, recorded, t->info->size - recorded,
		                         ATHAR_RUN_BAD, err));
	}
	for (size_t i = 0; i < ATHAR_COUNT(groups); i++) {
		athar_range_group group = groups[i];

		group.check = ATHAR_CHECK_DIFFERS;
		athar_ranges_add(&t->ranges, group);
	}
	if (t->against.other != NULL)
		ATHAR_TRY(athar_against_judge(&t->against, &t->ranges, t->what[WHAT_AGAINST],
		                              &t->pass, err));
	t->judge->out->coarse = t->pass.coarse || t->against.coarse;
	return athar_ranges_locate(&t->ranges, path, err);
}

static void rows(trial *t, const char *path, uint64_t faults)
{
	athar_ranges_rows(&t->ranges, ATHAR_VERIFY_CHUNK);
	finding_row(t, faults);
	hash_rows(t, path);
	size_row(t);
	blocks_row(t);
	if (t->against.other != NULL) {
		t->compared++;
		athar_against_rows(&t->against, &t->ranges, t->what[WHAT_AGAINST]);
	}
	athar_ranges_doubt(&t->ranges, t->expected->what);
	if (t->compared == 0 && t->list.count == 0)
		athar_judge_row(t->judge, ATHAR_CHECK_NOTHING, ATHAR_VERIFY_HASH, t->expected->what,
		                "no hash is on record: give one with --against");
}

/* What is wrong with its files has been told; that it cannot be read is told with it. */
static athar_status open_image(trial *t, const char *path, uint64_t *faults, athar_error *err)
{
	athar_error why = ATHAR_ERROR_INIT;
	athar_status status;

	*faults = 0;
	status = athar_source_open(&t->image, path, &why);
	if (status == ATHAR_OK || status == ATHAR_EFORMAT)
		ATHAR_TRY(athar_judge_faults(t->judge, path, t->expected->what, status == ATHAR_OK,
		                             faults, err));
	if (status == ATHAR_OK) {
		t->info = athar_source_describe(t->image);
		return ATHAR_OK;
	}
	if (*faults != 0) {
		athar_judge_row(t->judge, ATHAR_CHECK_FAILED, ATHAR_VERIFY_MEDIA, t->expected->what,
		                "it was not read: %s", why.text);
		return ATHAR_OK;
	}
	*err = why;
	return status;
}

athar_status athar_judge_image(athar_judge *judge, const char *path, const athar_expected *expected,
                               athar_error *err)
{
	ATHAR_AUTO(trial) trial t = {.judge = judge, .expected = expected};
	uint64_t faults = 0;

	name_rows(&t);
	ATHAR_TRY(open_image(&t, path, &faults, err));
	if (t.image == NULL)
		return ATHAR_OK;
	if (expected->against != NULL)
		ATHAR_TRY(open_against(&t, expected->against, err));
	open_blocks(&t);
	ATHAR_TRY(read_image(&t, err));
	ATHAR_TRY(gather(&t, path, err));
	rows(&t, path, faults);
	return ATHAR_OK;
}
