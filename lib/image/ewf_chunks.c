/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where chunks are, and fetching them as they are stored.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "image/ewf_walk.h"
#include "inflate/inflate.h"

size_t athar_ewf_table_of(const athar_ewf_set *set, uint64_t index)
{
	size_t low = 0, high = set->tables;

	while (high - low > 1) {
		const size_t middle = low + (high - low) / 2;

		if (set->table[middle].first <= index)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* Reads the entries at `at`; *sound: they could be read, and the checksum behind them holds. */
static athar_status read_entries(athar_ewf_set *set, const athar_ewf_table *t, uint64_t at,
                                 bool *sound, athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;
	const athar_ewf_segment *g = &set->segment[t->segment];
	const size_t len = (size_t)t->count * 4;
	uint8_t *bytes = (uint8_t *)set->entry;
	uint8_t sum[4];

	ATHAR_TRY(athar_media_read(&g->media, bytes, len, at, at, &bad, err));
	*sound = bad.count == 0;
	if (!t->summed)
		return ATHAR_OK;
	ATHAR_TRY(athar_media_read(&g->media, sum, sizeof sum, at + len, at + len, &bad, err));
	*sound = bad.count == 0 && athar_le32(sum) == athar_adler32(1, bytes, len);
	return ATHAR_OK;
}

/* EnCase 6.7 let offsets grow past 31 bits: from the first that does, all 32 bits are offset and
 * chunks are stored as they are. Returns that entry's index. */
static size_t find_overflow(const uint32_t *entry, size_t count)
{
	for (size_t i = 0; i + 1 < count; i++) {
		const uint32_t here = entry[i] & ~ATHAR_EWF_PACKED;
		const uint32_t next = entry[i + 1] & ~ATHAR_EWF_PACKED;

		if (next < here && entry[i + 1] > here &&
		    entry[i + 1] - here <= ATHAR_EWF_CHUNK_MAX)
			return i + 1;
	}
	return count;
}

static athar_status load_table(athar_ewf_set *set, size_t index, athar_error *err)
{
	const athar_ewf_table *t = &set->table[index];

	if (set->loaded == index)
		return ATHAR_OK;
	set->loaded = SIZE_MAX;
	ATHAR_TRY(athar_grow(&set->entry, &set->entry_capacity, t->count, sizeof *set->entry, err));
	ATHAR_TRY(read_entries(set, t, t->entries, &set->sound, err));
	if (!set->sound)
		athar_ewf_find(set, &set->segment[t->segment], t->entries, "table of chunks");
	if (!set->sound && t->copy != 0)
		ATHAR_TRY(read_entries(set, t, t->copy, &set->sound, err));
	for (size_t i = 0; i < t->count; i++)
		set->entry[i] = athar_le32((const uint8_t *)&set->entry[i]);
	set->overflow = find_overflow(set->entry, t->count);
	set->loaded = index;
	return ATHAR_OK;
}

static uint64_t offset_of(const athar_ewf_set *set, const athar_ewf_table *t, size_t i)
{
	const uint32_t entry = set->entry[i];

	/* base was checked to lie inside the file: no overflow. */
	return t->base + (i < set->overflow ? entry & ~ATHAR_EWF_PACKED : entry);
}

athar_status athar_ewf_check_table(athar_ewf_set *set, size_t index, bool *sound, athar_error *err)
{
	const athar_ewf_table *t = &set->table[index];
	uint64_t at = t->sectors + ATHAR_EWF_DESCRIPTOR;

	ATHAR_TRY(load_table(set, index, err));
	*sound = set->sound && t->summed && set->overflow == t->count;
	for (size_t i = 0; i < t->count && *sound; i++) {
		*sound = offset_of(set, t, i) >= at && offset_of(set, t, i) < t->end;
		at = offset_of(set, t, i) + 1;
	}
	return ATHAR_OK;
}

/* NULL: the place makes sense; else what is wrong with it. */
static const char *locate(athar_ewf_place *out, const athar_ewf_set *set, uint64_t index)
{
	const athar_ewf_table *t = &set->table[set->loaded];
	const size_t i = (size_t)(index - t->first);
	const uint64_t begin = offset_of(set, t, i);
	const uint64_t end = i + 1 < t->count ? offset_of(set, t, i + 1) : t->end;

	if (!set->sound)
		return "the table that places it is damaged, and so is its copy";
	if (begin >= end || end > set->segment[t->segment].size)
		return "the table places it outside its file";
	out->segment = t->segment;
	out->offset = begin;
	out->length = end - begin;
	out->packed = set->smart || (i < set->overflow && (set->entry[i] & ATHAR_EWF_PACKED) != 0);
	return NULL;
}

static athar_status damaged(athar_chunk *chunk, const char *why)
{
	chunk->damaged = true;
	chunk->length = 0;
	snprintf(chunk->why, sizeof chunk->why, "%s", why);
	return ATHAR_OK;
}

/* The bytes themselves, and behind them their Adler-32. */
static athar_status split_sum(athar_chunk *chunk, uint32_t chunk_size)
{
	if (chunk->length < chunk->media + 4 || chunk->length > (size_t)chunk_size + 4)
		return damaged(chunk, "it is stored with a length that is not its own");
	chunk->length -= 4;
	chunk->sum = athar_le32(chunk->data + chunk->length);
	return ATHAR_OK;
}

athar_status athar_ewf_fetch(athar_ewf_set *set, uint64_t index, athar_chunk *chunk,
                             athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;
	athar_ewf_place p = {0};
	const char *wrong;

	chunk->media =
		(size_t)athar_min(set->chunk_size, set->media_size - index * set->chunk_size);
	chunk->damaged = false;
	chunk->why[0] = '\0';
	chunk->sum = 0;
	ATHAR_TRY(load_table(set, athar_ewf_table_of(set, index), err));
	wrong = locate(&p, set, index);
	if (wrong == NULL && p.length > chunk->capacity)
		wrong = "it is stored with more bytes than a chunk can have";
	if (wrong != NULL)
		return damaged(chunk, wrong);
	chunk->packed = p.packed;
	chunk->length = (size_t)p.length;
	ATHAR_TRY(athar_media_read(&set->segment[p.segment].media, chunk->data, chunk->length,
	                           p.offset, p.offset, &bad, err));
	if (bad.count != 0)
		return damaged(chunk, "the file that holds it cannot be read here");
	return p.packed ? ATHAR_OK : split_sum(chunk, set->chunk_size);
}
