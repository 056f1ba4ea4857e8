/* SPDX-License-Identifier: BSD-2-Clause */
/* The side of a set that is looked up. */
#include "digest/hash_set.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "digest/algorithms.h"
#include "digest/digest.h"

#define TRAILER 32u
#define BLOCK ((size_t)8 << 20)
#define MOST_BITS 24u

struct athar_hash_set {
	const uint8_t *bytes; /* mapped */
	size_t size;
	athar_hash_layout layout;
	char sha256[65];
	const char *name; /* while it is being opened */
};

size_t athar_hash_width(unsigned part)
{
	return athar_algorithms[part].size;
}

uint32_t athar_hash_prefix(const uint8_t *hash, uint32_t bits)
{
	return bits == 0 ? 0 : athar_be24(hash) >> (MOST_BITS - bits);
}

/* ---- opening ---- */

static athar_status broken(const athar_hash_set *s, const char *why, athar_error *err)
{
	return athar_fail(err, ATHAR_EFORMAT,
	                  "%s is no whole set of known hashes: %s; compile it again from its lists",
	                  s->name, why);
}

static athar_status read_head(athar_hash_set *s, athar_error *err)
{
	athar_hash_layout *l = &s->layout;
	const uint8_t *p = s->bytes;

	if (s->size < ATHAR_HASH_HEAD + TRAILER || memcmp(p, ATHAR_HASH_SET_MAGIC, 16) != 0)
		return broken(s, "it does not begin like one", err);
	if (athar_le32(p + 16) != 1)
		return athar_fail(err, ATHAR_EFORMAT,
		                  "%s is a set of known hashes in form %u, this athar knows form "
		                  "1: use a newer athar",
		                  s->name, athar_le32(p + 16));
	l->origins = athar_le32(p + 20);
	l->made = (int64_t)athar_le64(p + 24);
	l->size = athar_le64(p + 32);
	for (unsigned i = 0; i < ATHAR_HASH_PARTS; i++) {
		l->part[i].offset = athar_le64(p + 40 + 16 * i);
		l->part[i].count = athar_le64(p + 48 + 16 * i);
		l->part[i].bits = athar_le32(p + 88 + 4 * i);
	}
	return l->size == s->size ? ATHAR_OK : broken(s, "it is cut off", err);
}

static uint64_t index_size(uint32_t bits)
{
	return ((UINT64_C(1) << bits) + 1) * 8;
}

/* The parts follow each other without gaps from the origins to the trailer. */
static athar_status check_layout(const athar_hash_set *s, athar_error *err)
{
	const athar_hash_layout *l = &s->layout;
	uint64_t at = ATHAR_HASH_HEAD + (uint64_t)l->origins * ATHAR_HASH_ORIGIN;
	uint64_t bytes = 0;

	if (l->origins > ATHAR_HASH_ORIGINS)
		return broken(s, "it names too many lists", err);
	for (unsigned i = 0; i < ATHAR_HASH_PARTS; i++) {
		if (l->part[i].bits > MOST_BITS || l->part[i].offset != at)
			return broken(s, "its parts are not where they should be", err);
		if (!athar_mul(l->part[i].count, athar_hash_width(i) + 1, &bytes) ||
		    !athar_add(at, index_size(l->part[i].bits), &at) || !athar_add(at, bytes, &at))
			return broken(s, "its parts are too large", err);
	}
	if (at != s->size - TRAILER)
		return broken(s, "its parts do not fill it", err);
	return ATHAR_OK;
}

static const uint8_t *index_of(const athar_hash_set *s, unsigned part)
{
	return s->bytes + s->layout.part[part].offset;
}

static const uint8_t *records_of(const athar_hash_set *s, unsigned part)
{
	return index_of(s, part) + index_size(s->layout.part[part].bits);
}

/* The records of a value of the index: in it, and each greater than the one before. */
static bool bucket_good(const athar_hash_set *s, unsigned part, uint32_t value, uint64_t from,
                        uint64_t to)
{
	const size_t width = athar_hash_width(part);
	const uint8_t *record = records_of(s, part) + from * (width + 1);

	for (uint64_t i = from; i < to; i++, record += width + 1)
		if (athar_hash_prefix(record, s->layout.part[part].bits) != value ||
		    (i > from && memcmp(record - width - 1, record, width) >= 0))
			return false;
	return true;
}

static athar_status check_part(const athar_hash_set *s, unsigned part, const athar_watcher *watcher,
                               athar_error *err)
{
	const uint64_t values = UINT64_C(1) << s->layout.part[part].bits;
	const uint64_t count = s->layout.part[part].count;
	const uint8_t *index = index_of(s, part);
	uint64_t from = athar_le64(index);

	if (from != 0 || athar_le64(index + 8 * values) != count)
		return broken(s, "its index does not fit", err);
	for (uint64_t v = 0; v < values; v++) {
		const uint64_t to = athar_le64(index + 8 * (v + 1));

		if (to < from || to > count || !bucket_good(s, part, (uint32_t)v, from, to))
			return broken(s, "its hashes are not in order", err);
		from = to;
		if (v % 4096 == 0 && athar_watch_cancelled(watcher))
			return athar_fail(err, ATHAR_ECANCELED,
			                  "the lists of known files were not read to their end");
	}
	return ATHAR_OK;
}

/* One pass gives both the sum that stands at the end and that of the whole file. */
static athar_status check_sum(athar_hash_set *s, const athar_watcher *watcher, athar_error *err)
{
	ATHAR_AUTO(digester) athar_digester *d = NULL;
	ATHAR_AUTO(digester) athar_digester *whole = NULL;
	const size_t body = s->size - TRAILER;
	athar_digests sum;
	uint8_t raw[32];

	ATHAR_TRY(athar_digester_new(&d, ATHAR_SHA256, err));
	for (size_t at = 0; at < body; at += BLOCK) {
		const athar_progress progress = {.phase = "known", .done = at, .total = s->size};

		ATHAR_TRY(
			athar_digester_update(d, s->bytes + at, athar_min(BLOCK, body - at), err));
		athar_watch_progress(watcher, &progress);
		if (athar_watch_cancelled(watcher))
			return athar_fail(err, ATHAR_ECANCELED,
			                  "the lists of known files were not read to their end");
	}
	ATHAR_TRY(athar_digester_copy(&whole, d, err));
	ATHAR_TRY(athar_digester_finish(&sum, d, err));
	if (!athar_digest_unhex(raw, athar_digests_get(&sum, ATHAR_SHA256)) ||
	    memcmp(raw, s->bytes + body, TRAILER) != 0)
		return broken(s, "its bytes were changed", err);
	ATHAR_TRY(athar_digester_update(whole, s->bytes + body, TRAILER, err));
	ATHAR_TRY(athar_digester_finish(&sum, whole, err));
	memcpy(s->sha256, athar_digests_get(&sum, ATHAR_SHA256), sizeof s->sha256);
	return ATHAR_OK;
}

/* Workers are forked later and have limits of memory: they do not get it. */
static athar_status map(athar_hash_set *s, int fd, athar_error *err)
{
	struct stat st;
	void *bytes;

	if (fstat(fd, &st) != 0)
		return athar_fail_errno(err, "cannot look at %s", s->name);
	if (!S_ISREG(st.st_mode) || st.st_size < (off_t)(ATHAR_HASH_HEAD + TRAILER))
		return broken(s, "it is too short", err);
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return athar_fail_errno(err, "cannot map %s", s->name);
	s->bytes = bytes;
	s->size = (size_t)st.st_size;
	if (madvise(bytes, s->size, MADV_DONTFORK) != 0)
		return athar_fail_errno(err, "cannot keep %s from the workers", s->name);
	return ATHAR_OK;
}

athar_status athar_hash_set_open(athar_hash_set **out, int fd, const char *name,
                                 const athar_watcher *watcher, athar_error *err)
{
	ATHAR_AUTO(hash_set) athar_hash_set *s = athar_alloc(sizeof *s, err);

	if (s == NULL)
		return err->status;
	s->name = name;
	ATHAR_TRY(map(s, fd, err));
	ATHAR_TRY(read_head(s, err));
	ATHAR_TRY(check_layout(s, err));
	ATHAR_TRY(check_sum(s, watcher, err));
	for (unsigned i = 0; i < ATHAR_HASH_PARTS; i++)
		ATHAR_TRY(check_part(s, i, watcher, err));
	s->name = NULL;
	*out = ATHAR_GIVE(s);
	return ATHAR_OK;
}

void athar_hash_set_close(athar_hash_set *set)
{
	if (set == NULL)
		return;
	if (set->bytes != NULL)
		(void)munmap((void *)(uintptr_t)set->bytes, set->size);
	free(set);
}

/* ---- looking up ---- */

bool athar_hash_set_has(uint8_t *category, const athar_hash_set *set, unsigned algorithm,
                        const uint8_t *hash)
{
	const int part = athar_algorithm_index(algorithm);
	const uint8_t *entry, *records;
	size_t width;

	if (part < 0 || (unsigned)part >= ATHAR_HASH_PARTS || set->layout.part[part].count == 0)
		return false;
	width = athar_hash_width((unsigned)part);
	records = records_of(set, (unsigned)part);
	entry = index_of(set, (unsigned)part) +
	        (size_t)8 * athar_hash_prefix(hash, set->layout.part[part].bits);
	for (uint64_t low = athar_le64(entry), high = athar_le64(entry + 8); low < high;) {
		const uint64_t middle = low + (high - low) / 2;
		const uint8_t *record = records + middle * (width + 1);
		const int order = memcmp(record, hash, width);

		if (order == 0) {
			if (category != NULL)
				*category = record[width];
			return true;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

bool athar_hash_set_find(uint8_t *category, const athar_hash_set *set, const athar_digests *digests)
{
	for (unsigned part = 0; part < ATHAR_HASH_PARTS; part++) {
		const char *hex = athar_digests_get(digests, 1u << part);
		char padded[65];
		uint8_t raw[32];

		if (hex[0] == '\0' || set->layout.part[part].count == 0)
			continue;
		memset(padded, '0', sizeof padded);
		memcpy(padded, hex, athar_min(strlen(hex), 64));
		if (athar_digest_unhex(raw, padded) &&
		    athar_hash_set_has(category, set, 1u << part, raw))
			return true;
	}
	return false;
}

unsigned athar_hash_set_algorithms(const athar_hash_set *set)
{
	unsigned mask = 0;

	for (unsigned i = 0; i < ATHAR_HASH_PARTS; i++)
		mask |= set->layout.part[i].count != 0 ? 1u << i : 0;
	return mask;
}

uint64_t athar_hash_set_count(const athar_hash_set *set, unsigned algorithms)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < ATHAR_HASH_PARTS; i++)
		sum += (algorithms & 1u << i) != 0 ? set->layout.part[i].count : 0;
	return sum;
}

size_t athar_hash_set_origins(const athar_hash_set *set)
{
	return set->layout.origins;
}

athar_hash_origin athar_hash_set_origin(const athar_hash_set *set, size_t index)
{
	const uint8_t *p = set->bytes + ATHAR_HASH_HEAD + index * ATHAR_HASH_ORIGIN;
	athar_hash_origin o = {.entries = athar_le64(p),
	                       .unread = athar_le64(p + 8),
	                       .date = (int64_t)athar_le64(p + 16)};

	athar_digest_hex(o.sha256, p + 24);
	memcpy(o.name, p + 56, sizeof o.name - 1);
	return o;
}

const char *athar_hash_set_sha256(const athar_hash_set *set)
{
	return set->sha256;
}

int64_t athar_hash_set_made(const athar_hash_set *set)
{
	return set->layout.made;
}

/* ---- all of it ---- */

athar_status athar_hash_maker_add_set(athar_hash_maker *maker, const athar_hash_set *set,
                                      athar_error *err)
{
	for (unsigned part = 0; part < ATHAR_HASH_PARTS; part++) {
		const size_t width = athar_hash_width(part);
		const uint8_t *record = records_of(set, part);

		for (uint64_t i = 0; i < set->layout.part[part].count; i++, record += width + 1)
			ATHAR_TRY(athar_hash_maker_add(maker, 1u << part, record, record[width],
			                               err));
	}
	return ATHAR_OK;
}
