/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * 7z (7zFormat.txt of the LZMA SDK): a start of 32 bytes, packed streams, a header at the end,
 * which mostly is packed itself. The start has a CRC, and says where the header is and what its CRC
 * is; the header has the CRC of each member.
 */
#include "format/7z.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "base/utf8.h"
#include "format/list.h"
#include "format/lzma.h"
#include "format/walk.h"
#include "inflate/inflate.h"

#define START 32u
#define HEADER_MOST (4u << 20) /* of larger ones only the CRC is looked at */
#define NESTED 4u              /* a header packed into a header packed into ... */
/* Output that may be made: for free, and for each byte of the file. */
#define OUTPUT_FREE (UINT64_C(64) << 20)
#define OUTPUT_A_BYTE 200u

typedef struct archive {
	athar_walk *w;
	athar_lzma *lzma;
	uint64_t limit;      /* from START on: where the packed streams have to end */
	uint64_t packed;     /* likewise: where those that were looked at end */
	uint64_t unseen;     /* packed bytes of which the content was not checked */
	uint64_t made, most; /* output */
	uint8_t *header;
	size_t len, capacity;
} archive;

/* The members of a folder as they come out. */
typedef struct members {
	athar_7z_streams streams; /* its own cursors */
	const athar_7z_folder *folder;
	uint64_t index, rest, left; /* of the member; of the folder after it; of the member */
	uint32_t crc;
	bool unsummed, broken;
} members;

/* ---- unpacking ---- */

static void next_member(members *m)
{
	m->left = m->rest;
	if (m->index + 1 < m->folder->streams)
		m->left = athar_min(m->rest, athar_7z_number(&m->streams.sub_lengths));
	m->rest -= m->left;
	m->crc = 0;
}

static void end_member(members *m)
{
	uint32_t crc = m->folder->crc;
	const bool own = m->folder->streams == 1 && m->folder->summed;
	const bool summed = own || athar_7z_sum(&crc, &m->streams.sub_sums);

	m->unsummed = m->unsummed || !summed;
	m->broken = m->broken || (summed && crc != m->crc);
	m->index++;
	next_member(m);
}

static void take_members(void *user, const uint8_t *bytes, size_t len)
{
	members *m = user;

	while (len != 0 && m->index < m->folder->streams) {
		const size_t n = (size_t)athar_min(len, m->left);

		m->crc = athar_crc32(m->crc, bytes, n);
		m->left -= n;
		bytes += n;
		len -= n;
		if (m->left == 0)
			end_member(m);
	}
}

static void take_header(void *user, const uint8_t *bytes, size_t len)
{
	archive *a = user;

	if (len > a->capacity - a->len)
		return; /* there is room for what was announced; more fails by its length */
	memcpy(a->header + a->len, bytes, len);
	a->len += len;
}

static void copy(athar_lzma_job *job, athar_bytes b)
{
	job->take(job->user, b.ptr, b.len);
	job->produced += b.len;
}

static athar_status unpack_copy(athar_lzma_job *job, athar_error *err)
{
	athar_bytes b;

	for (job->produced = 0; job->produced < job->limit;) {
		ATHAR_TRY(athar_reader_some(&b, job->in, job->at + job->produced,
		                            (size_t)athar_min(job->limit - job->produced, 65536),
		                            err));
		copy(job, b);
	}
	return ATHAR_OK;
}

/* Unpacks a folder of one coder that is known; *done: it did. */
static athar_status unpack(bool *done, archive *a, const athar_7z_folder *f, athar_lzma_job *job,
                           athar_error *err)
{
	athar_status status = ATHAR_OK;

	*done = false;
	job->in = a->w->in;
	job->most = a->most > a->made ? a->most - a->made : 0;
	if (f->coders != 1 || f->packs != 1 || f->length > job->most)
		return ATHAR_OK;
	if (f->method == ATHAR_7Z_LZMA && f->properties_len == 5) {
		job->dictionary = athar_le32(f->properties + 1);
		status = athar_lzma_run(a->lzma, job, f->properties[0], f->length, err);
	} else if (f->method == ATHAR_7Z_LZMA2 && f->properties_len == 1 &&
	           f->properties[0] <= 40) {
		job->dictionary = athar_lzma2_dictionary(f->properties[0]);
		status = athar_lzma2_run(a->lzma, job, err);
	} else if (f->method == ATHAR_7Z_COPY) {
		status = unpack_copy(job, err);
	} else {
		return ATHAR_OK;
	}
	*done = status == ATHAR_OK && !job->dear;
	a->made += job->produced;
	return status;
}

/* ---- the streams ---- */

/* How long the packed streams of a folder are; false: they lead past what is there. */
static bool packed_size(uint64_t *size, const archive *a, athar_7z_streams *s,
                        const athar_7z_folder *f)
{
	uint64_t end = 0;

	*size = 0;
	for (uint64_t i = 0; i < f->packs; i++)
		if (!athar_add(*size, athar_7z_number(&s->pack_sizes), size))
			return false;
	return athar_add(a->packed, *size, &end) && end <= a->limit && !s->pack_sizes.failed;
}

/* Passes over what the lists say of the members of a folder. */
static void pass_members(athar_7z_streams *s, const athar_7z_folder *f)
{
	uint32_t crc;

	for (uint64_t i = 0; i < f->streams; i++) {
		if (i + 1 < f->streams)
			(void)athar_7z_number(&s->sub_lengths);
		if (f->streams != 1 || !f->summed)
			(void)athar_7z_sum(&crc, &s->sub_sums);
	}
}

static athar_status check_folder(archive *a, athar_7z_streams *s, athar_error *err)
{
	athar_7z_folder f;
	uint64_t size = 0;
	bool done = false;

	if (!athar_7z_folder_next(&f, s) || !packed_size(&size, a, s, &f))
		return athar_walk_stop(a->w, "the header describes streams that cannot be");
	members m = {.streams = *s, .folder = &f, .rest = f.length};
	athar_lzma_job job = {
		.at = START + a->packed, .limit = size, .take = take_members, .user = &m};

	pass_members(s, &f);
	next_member(&m);
	if (f.encrypted)
		athar_walk_field(a->w, "encrypted", "yes");
	const athar_status status = unpack(&done, a, &f, &job, err);

	if (status != ATHAR_OK && status != ATHAR_EFORMAT)
		return status;
	if (status == ATHAR_EFORMAT || m.broken || (done && job.produced != f.length))
		athar_walk_flaw(a->w, "what is packed between %llu and %llu is damaged",
		                (unsigned long long)job.at, (unsigned long long)(job.at + size));
	if (!done || m.unsummed)
		a->unseen += size;
	a->packed += size;
	athar_walk_prove(a->w, START + a->packed);
	return ATHAR_OK;
}

static athar_status check_streams(archive *a, athar_7z_cursor *c, athar_error *err)
{
	athar_7z_streams s;

	if (!athar_7z_streams_read(&s, c) || s.pack_at > a->limit)
		return athar_walk_stop(a->w, "the header describes streams that cannot be");
	a->unseen += s.pack_at;
	a->packed = s.pack_at;
	for (uint64_t i = 0; i < s.folders; i++)
		ATHAR_TRY(check_folder(a, &s, err));
	return ATHAR_OK;
}

/* ---- the header ---- */

/* The header is packed: it is replaced by what it unpacks to. */
static athar_status unpack_header(bool *done, archive *a, athar_7z_cursor *c, athar_error *err)
{
	athar_7z_streams s;
	athar_7z_folder f;
	uint64_t size = 0;

	*done = false;
	if (!athar_7z_streams_read(&s, c) || s.folders != 1 || s.pack_at > a->limit)
		return athar_walk_stop(a->w, "the packed header cannot be");
	a->packed = s.pack_at;
	if (!athar_7z_folder_next(&f, &s) || !packed_size(&size, a, &s, &f))
		return athar_walk_stop(a->w, "the packed header cannot be");
	if (f.encrypted)
		athar_walk_field(a->w, "encrypted", "yes");
	if (f.length > HEADER_MOST)
		return ATHAR_OK;
	ATHAR_AUTO(free) uint8_t *old = ATHAR_GIVE(a->header);
	athar_lzma_job job = {
		.at = START + a->packed, .limit = size, .take = take_header, .user = a};

	a->len = 0;
	a->capacity = (size_t)f.length;
	a->header = athar_alloc(a->capacity, err);
	if (a->header == NULL)
		return ATHAR_ENOMEM;
	const athar_status status = unpack(done, a, &f, &job, err);

	if (status == ATHAR_EFORMAT ||
	    (*done && (job.produced != f.length ||
	               (f.summed && athar_crc32(0, a->header, a->len) != f.crc))))
		return athar_walk_stop(a->w, "the packed header is damaged");
	a->unseen += a->limit - a->packed - size;
	a->limit = a->packed;
	return status;
}

/* UTF-16 to UTF-8; what is no character becomes '?'. */
static void note_name(archive *a, const athar_7z_files *f)
{
	uint8_t name[256];
	size_t n = 0;

	for (size_t i = 0; i + 1 < f->name_len && n + 4 <= sizeof name; i += 2) {
		uint32_t c = athar_le16(f->name + i);

		if (c >= 0xD800 && c < 0xDC00 && i + 3 < f->name_len) {
			const uint32_t low = athar_le16(f->name + i + 2);

			c = low >= 0xDC00 && low < 0xE000
			            ? 0x10000 + ((c & 0x3FF) << 10 | (low & 0x3FF))
			            : '?';
			i += 2;
		} else if (c >= 0xD800 && c < 0xE000) {
			c = '?';
		}
		n += athar_utf8_encode(name + n, c);
	}
	athar_walk_field_bytes(a->w, "name", name, n);
}

static void skip_properties(athar_7z_cursor *c)
{
	while (athar_7z_number(c) != ATHAR_7Z_END && !c->failed)
		athar_7z_skip(c, athar_7z_number(c));
}

/* What follows the id of a plain header. */
static athar_status plain_header(archive *a, athar_7z_cursor *c, athar_error *err)
{
	uint64_t id = athar_7z_number(c);
	athar_7z_files files;

	a->packed = 0;
	if (id == ATHAR_7Z_ARCHIVE) {
		skip_properties(c);
		id = athar_7z_number(c);
	}
	if (id == ATHAR_7Z_MAIN) {
		ATHAR_TRY(check_streams(a, c, err));
		id = athar_7z_number(c);
	}
	if (id == ATHAR_7Z_FILES && athar_7z_files_read(&files, c)) {
		athar_walk_field(a->w, "count", "%llu", (unsigned long long)files.count);
		note_name(a, &files);
		id = athar_7z_number(c);
	}
	if (id != ATHAR_7Z_END || c->failed)
		return athar_walk_stop(a->w, "the header makes no sense");
	a->unseen += a->limit - a->packed;
	return ATHAR_OK;
}

static athar_status check_header(archive *a, athar_error *err)
{
	for (unsigned level = 0; level < NESTED; level++) {
		athar_7z_cursor c = {.next = a->header, .end = a->header + a->len};
		const uint64_t id = athar_7z_number(&c);
		bool done = false;

		if (id == ATHAR_7Z_HEADER)
			return plain_header(a, &c, err);
		if (id != ATHAR_7Z_ENCODED)
			break;
		ATHAR_TRY(unpack_header(&done, a, &c, err));
		if (!done) {
			a->unseen += a->limit;
			return ATHAR_OK;
		}
	}
	return athar_walk_stop(a->w, "the header makes no sense");
}

static athar_status load_header(archive *a, uint64_t at, athar_error *err)
{
	athar_bytes b;

	a->header = athar_alloc(a->capacity, err);
	if (a->header == NULL)
		return ATHAR_ENOMEM;
	while (a->len < a->capacity) {
		ATHAR_TRY(athar_reader_some(
			&b, a->w->in, at + a->len,
			a->capacity - a->len < 65536 ? a->capacity - a->len : 65536, err));
		take_header(a, b.ptr, b.len);
	}
	return ATHAR_OK;
}

static athar_status close_archive(archive *a, uint64_t end)
{
	a->w->claim->unseen = a->unseen;
	if (a->unseen == 0)
		athar_walk_close(a->w, ATHAR_GRADE_INTACT, end,
		                 "the CRC of the header and of every member hold");
	else
		athar_walk_close(
			a->w, ATHAR_GRADE_COMPLETE, end,
			"the CRC of the header at its end holds; not all that is packed was "
			"checked");
	return ATHAR_OK;
}

static athar_status walk(archive *a, athar_error *err)
{
	uint64_t at = 0, end = 0;
	uint32_t crc = 0;
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, a->w->in, 0, START, err));
	if (memcmp(b.ptr, "7z\xBC\xAF\x27\x1C", 6) != 0 ||
	    athar_crc32(0, b.ptr + 12, 20) != athar_le32(b.ptr + 8))
		return athar_walk_stop(a->w, "the CRC of the start does not hold");
	const uint64_t size = athar_le64(b.ptr + 20);
	const uint32_t stated = athar_le32(b.ptr + 28);

	a->limit = athar_le64(b.ptr + 12);
	if (!athar_add(START, a->limit, &at) || !athar_add(at, size, &end) || end > INT64_MAX)
		return athar_walk_stop(a->w, "the start leads nowhere");
	athar_walk_begin(a->w, START);
	athar_walk_reach(a->w, end);
	if (end > athar_reader_size(a->w->in))
		return ATHAR_EOF;
	a->most = OUTPUT_FREE + OUTPUT_A_BYTE * athar_min(end, athar_reader_size(a->w->in));
	ATHAR_TRY(athar_walk_crc(&crc, a->w->in, at, size, err));
	if (crc != stated)
		return athar_walk_stop(a->w, "the CRC of the header at its end does not hold");
	if (size != 0 && size <= HEADER_MOST) {
		a->capacity = (size_t)size;
		ATHAR_TRY(load_header(a, at, err));
		ATHAR_TRY(check_header(a, err));
	} else {
		a->unseen = a->limit;
	}
	return close_archive(a, end);
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	ATHAR_AUTO(lzma) athar_lzma *lzma = NULL;
	athar_walk w;
	archive a = {.w = &w};

	athar_walk_init(&w, out, in);
	ATHAR_TRY(athar_lzma_new(&lzma, err));
	a.lzma = lzma;
	const athar_status status = walk(&a, err);

	free(a.header);
	return athar_walk_settle(&w, status, err);
}

static const athar_magic magic[] = {{0, 7, {'7', 'z', 0xBC, 0xAF, 0x27, 0x1C, 0}}, {0, 0, {0}}};

const athar_format athar_format_7z = {
	.name = "7z",
	.extension = "7z",
	.mime = "application/x-7z-compressed",
	.summary = "7z archives",
	.end = "the CRC of the header that the start leads to, and those of the members",
	.best = ATHAR_GRADE_INTACT,
	.magic = magic,
	.measure = measure,
};
