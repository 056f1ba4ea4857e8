/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The making of a set. Entries go, by their algorithm and first byte, into chunks of one nameless
 * file; each such share, which is a 256th of all, is then read back, sorted and written.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "base/files.h"
#include "base/sort.h"
#include "digest/algorithms.h"
#include "digest/digest.h"
#include "digest/hash_set.h"

#define CHUNK ((size_t)32 << 10)
#define SHARES 256u
/* Of one share: 256 times as much is thirty thousand million bytes, a thousand million hashes. */
#define SHARE_MOST ((size_t)128 << 20)
#define OUT_BLOCK ((size_t)1 << 20)
/* Hashes a value of the index has on average, or half of them. */
#define BUCKET 8u
#define MOST_BITS 24u
#define LEAST_BITS 4u
#define GROUPS 65536u

/* Entries of one algorithm that begin with the same byte. */
typedef struct share {
	uint8_t *open; /* the last chunk, in memory; NULL before the first entry */
	size_t used;
	uint64_t *chunk; /* offsets of the others in the file */
	size_t chunks, capacity;
} share;

struct athar_hash_maker {
	char *folder;
	int fd; /* of the chunks */
	uint64_t end;
	share share[ATHAR_HASH_PARTS][SHARES];
	athar_hash_origin *origin;
	size_t origins, capacity;
};

/* What is on its way to the set. */
typedef struct output {
	int fd;
	const char *name;
	uint8_t *block;
	size_t used;
	uint64_t at;
} output;

int athar_hash_nameless(const char *folder, athar_error *err)
{
	ATHAR_AUTO(free) char *name = NULL;
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0)
		return fd;
	/* Not every file system has O_TMPFILE. */
	name = athar_format_text(err, "%s/.known-XXXXXX", folder);
	if (name == NULL)
		return -1;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd >= 0)
		(void)unlink(name);
	else
		(void)athar_fail_errno(err, "cannot make a working file in %s", folder);
	return fd;
}

athar_status athar_hash_maker_new(athar_hash_maker **out, const char *folder, athar_error *err)
{
	ATHAR_AUTO(hash_maker) athar_hash_maker *m = athar_alloc(sizeof *m, err);

	if (m == NULL)
		return err->status;
	m->fd = -1;
	m->folder = athar_copy_text(folder, err);
	if (m->folder == NULL)
		return err->status;
	*out = ATHAR_GIVE(m);
	return ATHAR_OK;
}

void athar_hash_maker_free(athar_hash_maker *maker)
{
	if (maker == NULL)
		return;
	for (unsigned part = 0; part < ATHAR_HASH_PARTS; part++)
		for (unsigned i = 0; i < SHARES; i++) {
			free(maker->share[part][i].open);
			free(maker->share[part][i].chunk);
		}
	if (maker->fd >= 0)
		(void)close(maker->fd);
	free(maker->origin);
	free(maker->folder);
	free(maker);
}

/* ---- coming in ---- */

/* The full chunk goes to the file. */
static athar_status put_away(athar_hash_maker *m, share *s, athar_error *err)
{
	if (m->fd < 0)
		m->fd = athar_hash_nameless(m->folder, err);
	if (m->fd < 0)
		return err->status;
	ATHAR_TRY(athar_grow(&s->chunk, &s->capacity, s->chunks + 1, sizeof *s->chunk, err));
	ATHAR_TRY(athar_file_write(m->fd, s->open, CHUNK, "the working file", err));
	s->chunk[s->chunks++] = m->end;
	m->end += CHUNK;
	s->used = 0;
	return ATHAR_OK;
}

athar_status athar_hash_maker_add(athar_hash_maker *maker, unsigned algorithm, const uint8_t *hash,
                                  uint8_t category, athar_error *err)
{
	const int part = athar_algorithm_index(algorithm);
	size_t width;
	share *s;

	if (part < 0 || (unsigned)part >= ATHAR_HASH_PARTS)
		return athar_fail(err, ATHAR_EUSAGE, "a set holds md5, sha1 and sha256");
	width = athar_hash_width((unsigned)part);
	s = &maker->share[part][hash[0]];
	if (s->open == NULL && (s->open = athar_alloc(CHUNK, err)) == NULL)
		return err->status;
	memcpy(s->open + s->used, hash, width);
	s->open[s->used + width] = category;
	s->used += width + 1;
	return s->used + width + 1 <= CHUNK ? ATHAR_OK : put_away(maker, s, err);
}

athar_status athar_hash_maker_origin(athar_hash_maker *maker, const athar_hash_origin *origin,
                                     athar_error *err)
{
	if (maker->origins >= ATHAR_HASH_ORIGINS)
		return athar_fail(err, ATHAR_ELIMIT, "a set comes from at most %u lists",
		                  ATHAR_HASH_ORIGINS);
	ATHAR_TRY(athar_grow(&maker->origin, &maker->capacity, maker->origins + 1,
	                     sizeof *maker->origin, err));
	maker->origin[maker->origins++] = *origin;
	return ATHAR_OK;
}

/* ---- one share ---- */

static size_t chunk_records(unsigned part)
{
	return CHUNK / (athar_hash_width(part) + 1);
}

static uint64_t share_records(const share *s, unsigned part)
{
	return (uint64_t)s->chunks * chunk_records(part) + s->used / (athar_hash_width(part) + 1);
}

static athar_status read_chunk(const athar_hash_maker *m, uint8_t *to, size_t len, uint64_t offset,
                               athar_error *err)
{
	for (size_t got = 0; got < len;) {
		const ssize_t n = pread(m->fd, to + got, len - got, (off_t)(offset + got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return athar_fail_errno(err, "cannot read the working file back");
		got += (size_t)n;
	}
	return ATHAR_OK;
}

static athar_status load_share(uint8_t **out, const athar_hash_maker *m, const share *s,
                               unsigned part, athar_error *err)
{
	const size_t width = athar_hash_width(part) + 1, whole = chunk_records(part) * width;
	const uint64_t bytes = share_records(s, part) * width;
	ATHAR_AUTO(free) uint8_t *all = NULL;

	if (bytes > SHARE_MOST)
		return athar_fail(
			err, ATHAR_ELIMIT,
			"too many entries begin with the same byte to be hashes, or there "
			"are more than a thousand million");
	all = athar_alloc((size_t)bytes, err);
	if (all == NULL)
		return err->status;
	for (size_t i = 0; i < s->chunks; i++)
		ATHAR_TRY(read_chunk(m, all + i * whole, whole, s->chunk[i], err));
	memcpy(all + s->chunks * whole, s->open, s->used);
	*out = ATHAR_GIVE(all);
	return ATHAR_OK;
}

static int compare_records(const void *a, const void *b, const void *user)
{
	return memcmp(a, b, *(const size_t *)user);
}

/* By its second and third byte first, which leaves a few each, then those. */
static athar_status sort_share(uint8_t **records, size_t count, size_t width, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *sorted = athar_alloc(count * width, err);
	ATHAR_AUTO(free) size_t *start = athar_alloc_array(GROUPS + 2, sizeof *start, err);
	uint8_t *given;

	if (sorted == NULL || start == NULL)
		return ATHAR_ENOMEM;
	for (size_t i = 0; i < count; i++)
		start[2 + athar_be16(*records + i * width + 1)]++;
	for (size_t g = 2; g < GROUPS + 2; g++)
		start[g] += start[g - 1];
	for (size_t i = 0; i < count; i++)
		memcpy(sorted + start[1 + athar_be16(*records + i * width + 1)]++ * width,
		       *records + i * width, width);
	for (size_t g = 0; g < GROUPS; g++)
		athar_sort(sorted + start[g] * width, start[g + 1] - start[g], width,
		           compare_records, &width);
	given = *records;
	*records = sorted;
	sorted = given;
	return ATHAR_OK;
}

/* Records of one hash lie together with the lowest category first: that one stays. */
static size_t drop_doubles(uint8_t *records, size_t count, size_t width)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (kept > 0 &&
		    memcmp(records + (kept - 1) * width, records + i * width, width - 1) == 0)
			continue;
		memmove(records + kept * width, records + i * width, width);
		kept++;
	}
	return kept;
}

/* ---- the file ---- */

static athar_status flush(output *o, athar_error *err)
{
	ATHAR_TRY(athar_file_write(o->fd, o->block, o->used, o->name, err));
	o->used = 0;
	return ATHAR_OK;
}

static athar_status put(output *o, const void *bytes, size_t len, athar_error *err)
{
	o->at += len;
	for (const uint8_t *p = bytes; len > 0;) {
		const size_t n = athar_min(len, OUT_BLOCK - o->used);

		memcpy(o->block + o->used, p, n);
		o->used += n;
		p += n;
		len -= n;
		if (o->used == OUT_BLOCK)
			ATHAR_TRY(flush(o, err));
	}
	return ATHAR_OK;
}

static athar_status put_at(const output *o, const uint8_t *bytes, size_t len, uint64_t offset,
                           athar_error *err)
{
	for (size_t done = 0; done < len;) {
		const ssize_t n = pwrite(o->fd, bytes + done, len - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return athar_fail_errno(err, "cannot write %s", o->name);
		done += (size_t)n;
	}
	return ATHAR_OK;
}

static uint32_t bits_for(uint64_t count)
{
	uint32_t bits = LEAST_BITS;

	while (bits < MOST_BITS && count >> bits >= 2 * BUCKET)
		bits++;
	return count == 0 ? 0 : bits;
}

/* Sorted records of a share into the file; where they lie into the index. */
static athar_status put_share(output *o, uint8_t *index, uint64_t *count, uint32_t bits,
                              uint8_t *records, size_t kept, size_t width, athar_error *err)
{
	for (size_t i = 0; i < kept; i++) {
		uint8_t *next =
			index + (size_t)8 * (athar_hash_prefix(records + i * width, bits) + 1);

		athar_put_le64(next, ++*count);
	}
	return put(o, records, kept * width, err);
}

/* Values of the index that no hash has end where the one before ends. */
static void fill_index(uint8_t *index, uint32_t bits)
{
	uint64_t last = 0;

	for (uint64_t v = 0; v <= UINT64_C(1) << bits; v++) {
		const uint64_t end = athar_le64(index + 8 * v);

		last = end > last ? end : last;
		athar_put_le64(index + 8 * v, last);
	}
}

static athar_status put_records(output *o, const athar_hash_maker *m, athar_hash_layout *layout,
                                unsigned part, uint8_t *index, const athar_watcher *watcher,
                                athar_error *err)
{
	const size_t width = athar_hash_width(part) + 1;

	for (unsigned i = 0; i < SHARES; i++) {
		const share *s = &m->share[part][i];
		const size_t count = (size_t)share_records(s, part);
		const athar_progress progress = {
			.phase = "compile", .done = part * SHARES + i, .total = 3 * SHARES};
		ATHAR_AUTO(free) uint8_t *records = NULL;

		athar_watch_progress(watcher, &progress);
		if (athar_watch_cancelled(watcher))
			return athar_fail(err, ATHAR_ECANCELED,
			                  "the lists of known files were not read to their end");
		if (count == 0)
			continue;
		ATHAR_TRY(load_share(&records, m, s, part, err));
		ATHAR_TRY(sort_share(&records, count, width, err));
		ATHAR_TRY(put_share(o, index, &layout->part[part].count, layout->part[part].bits,
		                    records, drop_doubles(records, count, width), width, err));
	}
	return ATHAR_OK;
}

static athar_status put_part(output *o, const athar_hash_maker *m, athar_hash_layout *layout,
                             unsigned part, const athar_watcher *watcher, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *index = NULL;
	uint64_t all = 0;
	size_t len;

	for (unsigned i = 0; i < SHARES; i++)
		all += share_records(&m->share[part][i], part);
	layout->part[part].bits = bits_for(all);
	layout->part[part].offset = o->at;
	len = (((size_t)1 << layout->part[part].bits) + 1) * 8;
	index = athar_alloc(len, err);
	if (index == NULL)
		return err->status;
	ATHAR_TRY(put(o, index, len, err));
	ATHAR_TRY(put_records(o, m, layout, part, index, watcher, err));
	fill_index(index, layout->part[part].bits);
	ATHAR_TRY(flush(o, err));
	return put_at(o, index, len, layout->part[part].offset, err);
}

static athar_status put_origin(output *o, const athar_hash_origin *origin, athar_error *err)
{
	uint8_t record[ATHAR_HASH_ORIGIN] = {0};

	athar_put_le64(record, origin->entries);
	athar_put_le64(record + 8, origin->unread);
	athar_put_le64(record + 16, (uint64_t)origin->date);
	if (!athar_digest_unhex(record + 24, origin->sha256))
		return athar_fail(err, ATHAR_EUSAGE, "a list has a SHA-256");
	memcpy(record + 56, origin->name, strnlen(origin->name, sizeof origin->name - 1));
	return put(o, record, sizeof record, err);
}

static void fill_head(uint8_t head[ATHAR_HASH_HEAD], const athar_hash_layout *l)
{
	memcpy(head, ATHAR_HASH_SET_MAGIC, 16);
	athar_put_le32(head + 16, 1);
	athar_put_le32(head + 20, l->origins);
	athar_put_le64(head + 24, (uint64_t)l->made);
	athar_put_le64(head + 32, l->size);
	for (unsigned i = 0; i < ATHAR_HASH_PARTS; i++) {
		athar_put_le64(head + 40 + 16 * i, l->part[i].offset);
		athar_put_le64(head + 48 + 16 * i, l->part[i].count);
		athar_put_le32(head + 88 + 4 * i, l->part[i].bits);
	}
}

/* Of what stands in the file by now, behind it. */
static athar_status put_sum(output *o, athar_error *err)
{
	ATHAR_AUTO(digester) athar_digester *d = NULL;
	athar_digests sum;
	uint8_t raw[32];

	ATHAR_TRY(athar_digester_new(&d, ATHAR_SHA256, err));
	for (uint64_t at = 0; at < o->at;) {
		const ssize_t n =
			pread(o->fd, o->block, athar_min(OUT_BLOCK, o->at - at), (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return athar_fail_errno(err, "cannot read %s back", o->name);
		ATHAR_TRY(athar_digester_update(d, o->block, (size_t)n, err));
		at += (uint64_t)n;
	}
	ATHAR_TRY(athar_digester_finish(&sum, d, err));
	if (!athar_digest_unhex(raw, athar_digests_get(&sum, ATHAR_SHA256)))
		return athar_fail(err, ATHAR_EIO, "OpenSSL failed at sha256");
	return put_at(o, raw, sizeof raw, o->at, err);
}

athar_status athar_hash_maker_write(athar_hash_maker *maker, int fd, const char *name, int64_t made,
                                    const athar_watcher *watcher, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *block = athar_alloc(OUT_BLOCK, err);
	athar_hash_layout layout = {.origins = (uint32_t)maker->origins, .made = made};
	output o = {.fd = fd, .name = name, .block = block};
	uint8_t head[ATHAR_HASH_HEAD] = {0};

	if (block == NULL)
		return err->status;
	ATHAR_TRY(put(&o, head, sizeof head, err));
	for (size_t i = 0; i < maker->origins; i++)
		ATHAR_TRY(put_origin(&o, maker->origin + i, err));
	for (unsigned part = 0; part < ATHAR_HASH_PARTS; part++)
		ATHAR_TRY(put_part(&o, maker, &layout, part, watcher, err));
	layout.size = o.at + 32;
	fill_head(head, &layout);
	ATHAR_TRY(put_at(&o, head, sizeof head, 0, err));
	return put_sum(&o, err);
}
