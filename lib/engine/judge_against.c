/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/judge_against.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "digest/digest.h"
#include "image/driver.h"

/* Ranges kept sector by sector. */
#define RANGES_MOST 100000u

void athar_against_clear(athar_against *a)
{
	athar_source_close(a->other);
	athar_digester_free(a->digester);
	athar_digester_free(a->mended);
	free(a->block);
	free(a->joined);
	athar_beside_clear(&a->here);
	athar_beside_clear(&a->there);
	athar_twins_clear(&a->twins);
	athar_runs_clear(&a->tail);
}

static athar_status add_all(athar_runs *out, const athar_runs *more, athar_error *err)
{
	for (size_t i = 0; i < more->count; i++)
		ATHAR_TRY(athar_runs_add(out, more->run[i].offset, more->run[i].length,
		                         more->run[i].kind, err));
	return ATHAR_OK;
}

/* What the container's error table says, and the record beside it. */
static athar_status open_side(athar_twin_side *side, athar_beside *beside, athar_source *source,
                              athar_error *err)
{
	const athar_source_info *info = athar_source_describe(source);

	ATHAR_TRY(athar_beside_load(beside, info->path, err));
	ATHAR_TRY(add_all(&side->lacking, athar_source_known_bad(source), err));
	ATHAR_TRY(add_all(&side->lacking, &beside->lacking, err));
	side->summed = info->chunk_size != 0;
	return ATHAR_OK;
}

athar_status athar_against_open(athar_against *a, athar_source *image, const char *path,
                                athar_error *err)
{
	a->block = athar_alloc(ATHAR_BLOCK_SIZE, err);
	a->joined = athar_alloc(ATHAR_BLOCK_SIZE, err);
	if (a->block == NULL || a->joined == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(athar_source_open(&a->other, path, err));
	ATHAR_TRY(open_side(&a->twins.here, &a->here, image, err));
	ATHAR_TRY(open_side(&a->twins.there, &a->there, a->other, err));
	const unsigned stored = athar_source_describe(a->other)->stored.algorithms;
	if (stored != 0)
		ATHAR_TRY(athar_digester_new(&a->digester, stored, err));
	if (athar_source_describe(image)->stored.algorithms != 0)
		ATHAR_TRY(athar_digester_new(&a->mended,
		                             athar_source_describe(image)->stored.algorithms, err));
	a->twins.size = athar_min(athar_source_describe(image)->size,
	                          athar_source_describe(a->other)->size);
	return ATHAR_OK;
}

/* The list that the record names may be gone. */
static bool open_list(athar_block_list *out, athar_beside *beside)
{
	athar_error none = ATHAR_ERROR_INIT;

	if (beside->blocks == NULL)
		return false;
	if (athar_block_list_open_known(out, beside->blocks, &none) == ATHAR_OK)
		return true;
	free(beside->blocks);
	beside->blocks = NULL;
	return false;
}

const char *athar_against_blocks(athar_block_list *out, athar_against *a)
{
	if (open_list(out, &a->here))
		return a->here.blocks;
	return open_list(out, &a->there) ? a->there.blocks : NULL;
}

uint64_t athar_against_true_size(const athar_against *a)
{
	return a->here.blocks != NULL ? a->here.true_size : a->there.true_size;
}

/* ---- block by block ---- */

/* Sector by sector, so that the examiner learns which; of images that have hardly anything in
 * common, block by block. */
static athar_status note_difference(athar_against *a, const athar_against_block *b, size_t len,
                                    athar_error *err)
{
	const uint32_t sector = athar_source_describe(a->other)->sector_size;
	const size_t step = a->twins.differ.count < RANGES_MOST ? sector : ATHAR_BLOCK_SIZE;

	for (size_t at = 0; at < len; at += step) {
		const size_t n = (size_t)athar_min(step, len - at);

		if (memcmp(b->data + at, a->block + at, n) != 0)
			ATHAR_TRY(athar_damage_add(&a->twins.differ, &a->coarse, b->offset + at, n,
			                           ATHAR_RUN_BAD, err));
	}
	return ATHAR_OK;
}

/* Hashes are of the source: the last block of a padded image was hashed without its padding. */
static athar_status has_hash(bool *out, const athar_against *a, const athar_against_block *b,
                             const uint8_t *data, athar_error *err)
{
	const uint64_t size = athar_against_true_size(a);
	size_t len = b->len;
	char hex[65];

	if (size != 0 && b->offset + len > size)
		len = (size_t)(size - athar_min(size, b->offset));
	ATHAR_TRY(athar_digest_sha256(hex, data, len, err));
	*out = strcmp(hex, b->recorded) == 0;
	return ATHAR_OK;
}

static athar_status note_block(athar_runs *runs, const athar_against_block *b, athar_error *err)
{
	return athar_runs_add(runs, b->offset, b->len, ATHAR_RUN_DATA, err);
}

/* This block, and where it is damaged the other one's bytes. */
static void mend(athar_against *a, const athar_against_block *b)
{
	memcpy(a->joined, b->data, b->len);
	for (size_t i = athar_runs_find(b->here_bad, b->offset); i < b->here_bad->count; i++) {
		const athar_run *r = &b->here_bad->run[i];
		const uint64_t from = athar_max(r->offset, b->offset);
		const uint64_t to = athar_min(r->offset + r->length, b->offset + b->len);

		if (from >= to)
			break;
		memcpy(a->joined + (from - b->offset), a->block + (from - b->offset), to - from);
	}
}

static athar_status ask_record(athar_against *a, const athar_against_block *b, size_t len,
                               athar_error *err)
{
	bool same = false;

	ATHAR_TRY(note_block(b->same ? &a->twins.here.proven : &a->twins.here.wrong, b, err));
	if (len < b->len)
		return ATHAR_OK;
	ATHAR_TRY(has_hash(&same, a, b, a->block, err));
	ATHAR_TRY(note_block(same ? &a->twins.there.proven : &a->twins.there.wrong, b, err));
	if (b->same || same)
		return ATHAR_OK;
	ATHAR_TRY(has_hash(&same, a, b, a->joined, err));
	return same ? note_block(&a->twins.joined, b, err) : ATHAR_OK;
}

static bool at_stake(const athar_against *a, const athar_against_block *b)
{
	const athar_runs *const stakes[] = {&a->twins.differ, &a->twins.there.bad, b->here_bad,
	                                    &a->twins.here.lacking, &a->twins.there.lacking};

	for (size_t i = 0; i < ATHAR_COUNT(stakes); i++)
		if (athar_runs_overlap(stakes[i], b->offset, b->len) != 0)
			return true;
	return false;
}

/* What the other container holds, as it stands there: see read_slab in pass.c. */
static athar_status read_other(athar_against *a, uint64_t offset, size_t len, athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;

	ATHAR_TRY(a->other->driver->read(a->other, a->block, len, offset, &bad, err));
	for (size_t i = 0; i < bad.count; i++)
		ATHAR_TRY(athar_damage_add(&a->twins.there.bad, &a->coarse, bad.run[i].offset,
		                           bad.run[i].length, bad.run[i].kind, err));
	return a->digester == NULL ? ATHAR_OK
	                           : athar_digester_update(a->digester, a->block, len, err);
}

/* Where the other one has ended, this one stands alone. */
static athar_status take_mended(athar_against *a, const athar_against_block *b, size_t len,
                                athar_error *err)
{
	memset(a->block + len, 0, b->len - len);
	mend(a, b);
	return a->mended == NULL ? ATHAR_OK
	                         : athar_digester_update(a->mended, a->joined, b->len, err);
}

athar_status athar_against_take(athar_against *a, const athar_against_block *b, athar_error *err)
{
	const uint64_t size = athar_source_describe(a->other)->size;
	const uint64_t left = size - athar_min(size, b->offset);
	const size_t len = (size_t)athar_min(b->len, left);

	if (len != 0)
		ATHAR_TRY(read_other(a, b->offset, len, err));
	ATHAR_TRY(take_mended(a, b, len, err));
	ATHAR_TRY(note_difference(a, b, len, err));
	if (b->recorded == NULL || !at_stake(a, b))
		return ATHAR_OK;
	return ask_record(a, b, len, err);
}

/* ---- the verdict ---- */

static athar_status all_zeros(bool *out, athar_source *source, uint64_t from, uint64_t len,
                              athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;
	uint8_t bytes[4096];
	size_t got = 0;

	*out = false;
	if (len > sizeof bytes)
		return ATHAR_OK;
	ATHAR_TRY(athar_source_read(source, bytes, (size_t)len, from, &got, &bad, err));
	*out = got == len && bad.count == 0;
	for (size_t i = 0; i < got; i++)
		*out = *out && bytes[i] == 0;
	return ATHAR_OK;
}

/* A container holds whole sectors: what fills up the last one is no difference. */
static athar_status judge_tail(athar_against *a, athar_source *image, athar_error *err)
{
	const athar_source_info *here = athar_source_describe(image);
	const athar_source_info *there = athar_source_describe(a->other);
	const bool longer = here->size > there->size;
	const uint64_t from = athar_min(here->size, there->size);
	const uint64_t len = athar_max(here->size, there->size) - from;
	const uint32_t sector = longer ? here->sector_size : there->sector_size;
	bool zeros = false;

	if (len < sector && from % sector != 0)
		ATHAR_TRY(all_zeros(&zeros, longer ? image : a->other, from, len, err));
	a->padding = zeros ? len : 0;
	return zeros ? ATHAR_OK : athar_runs_add(&a->tail, from, len, ATHAR_RUN_BAD, err);
}

/* Do the hashes stored in a container hold? Then all of it is what was acquired. */
static bool stored_hold(const athar_digests *stored, const athar_digests *now)
{
	for (unsigned bit = 0; bit < ATHAR_DIGEST_COUNT; bit++)
		if (stored->algorithms & 1u << bit &&
		    ((now->algorithms & 1u << bit) == 0 ||
		     strcmp(athar_digests_get(stored, 1u << bit),
		            athar_digests_get(now, 1u << bit)) != 0))
			return false;
	return stored->algorithms != 0;
}

static athar_status finish_mended(athar_against *a, const athar_digests *stored, bool any,
                                  athar_error *err)
{
	athar_digests mended;

	if (a->mended == NULL)
		return ATHAR_OK;
	ATHAR_TRY(athar_digester_finish(&mended, a->mended, err));
	a->twins.joined_whole = any && stored_hold(stored, &mended);
	return ATHAR_OK;
}

/* The rest of the other one, where it is longer, counts in its hash. */
static athar_status finish_other(athar_against *a, uint64_t from, athar_error *err)
{
	const athar_source_info *info = athar_source_describe(a->other);

	if (a->digester == NULL)
		return ATHAR_OK;
	for (uint64_t at = from; at < info->size;) {
		const size_t len = (size_t)athar_min(ATHAR_BLOCK_SIZE, info->size - at);

		ATHAR_TRY(read_other(a, at, len, err));
		at += len;
	}
	ATHAR_TRY(athar_digester_finish(&a->hashes, a->digester, err));
	a->twins.there.whole = stored_hold(&info->stored, &a->hashes);
	return ATHAR_OK;
}

/* What could not be read in one of them may be zeros in both: then nothing differs. */
static athar_check check_of(const athar_against *a, athar_twin twin, const athar_runs *runs)
{
	if (twin != ATHAR_TWIN_ONLY_HERE && twin != ATHAR_TWIN_ONLY_THERE)
		return ATHAR_CHECK_DIFFERS;
	for (size_t i = 0; i < runs->count; i++)
		if (athar_runs_overlap(&a->twins.differ, runs->run[i].offset,
		                       runs->run[i].length) != 0)
			return ATHAR_CHECK_DIFFERS;
	return ATHAR_CHECK_SAME;
}

static void add_group(athar_against *a, athar_ranges *ranges, const char *what, athar_twin twin,
                      athar_evidence evidence)
{
	const athar_runs *runs = &a->twins.verdict[twin][evidence];
	athar_verify_tally *tally = &ranges->judge->out->twins[twin];

	athar_twins_text(a->text[twin][evidence], twin, evidence);
	tally->ranges += runs->count;
	tally->bytes += athar_runs_total(runs);
	athar_ranges_add(ranges, (athar_range_group){.kind = ATHAR_VERIFY_AGAINST,
	                                             .what = what,
	                                             .why = a->text[twin][evidence],
	                                             .check = check_of(a, twin, runs),
	                                             .twin = twin,
	                                             .runs = runs});
}

athar_status athar_against_judge(athar_against *a, athar_ranges *ranges, const char *what,
                                 const athar_pass *here, athar_error *err)
{
	const athar_source_info *info = athar_source_describe(ranges->image);
	const bool longer = info->size > a->twins.size;

	ATHAR_TRY(finish_other(a, info->size, err));
	ATHAR_TRY(add_all(&a->twins.here.bad, &here->bad, err));
	a->twins.here.whole = stored_hold(&info->stored, &here->hashes);
	ATHAR_TRY(finish_mended(a, &info->stored, here->bad.count != 0, err));
	ATHAR_TRY(judge_tail(a, ranges->image, err));
	ATHAR_TRY(athar_twins_judge(&a->twins, err));
	for (athar_twin twin = ATHAR_TWIN_HERE; twin < ATHAR_TWINS; twin++)
		for (athar_evidence e = ATHAR_EVIDENCES; e-- > 0;)
			add_group(a, ranges, what, twin, e);
	athar_ranges_add(ranges, (athar_range_group){.kind = ATHAR_VERIFY_SIZE,
	                                             .what = what,
	                                             .why = longer ? "only here" : "only there",
	                                             .check = ATHAR_CHECK_DIFFERS,
	                                             .runs = &a->tail,
	                                             .there = !longer});
	return ATHAR_OK;
}

void athar_against_rows(const athar_against *a, athar_ranges *ranges, const char *what)
{
	athar_judge *judge = ranges->judge;
	const uint64_t here = athar_source_describe(ranges->image)->size;
	const uint64_t there = athar_source_describe(a->other)->size;

	athar_judge_hashes(judge, "other stored", &athar_source_describe(a->other)->stored,
	                   &a->hashes, NULL);
	if (a->padding != 0)
		athar_judge_row(judge, ATHAR_CHECK_SAME, ATHAR_VERIFY_SIZE, what,
		                "%llu zeros fill up the last sector %s",
		                (unsigned long long)a->padding, here > there ? "here" : "there");
	else if (here != there)
		athar_judge_row(judge, ATHAR_CHECK_DIFFERS, ATHAR_VERIFY_SIZE, what,
		                "%llu bytes here, %llu there", (unsigned long long)here,
		                (unsigned long long)there);
	athar_ranges_rows(ranges, ATHAR_VERIFY_SIZE);
	if (a->tail.count == 0 && a->twins.differ.count == 0 && a->twins.there.bad.count == 0 &&
	    a->twins.here.bad.count == 0)
		athar_judge_row(judge, ATHAR_CHECK_SAME, ATHAR_VERIFY_AGAINST, what, NULL);
	athar_ranges_rows(ranges, ATHAR_VERIFY_AGAINST);
}
