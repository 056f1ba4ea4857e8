/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ZIP (APPNOTE 6.3): members, each behind a local header, then the central directory, then its end
 * record. Members are unpacked and their CRC-32 compared; the directory must list just the members
 * that were met, at their places; the end record must count them. What cannot be unpacked here
 * (encryption, rare methods) is measured, and the archive is no more than complete.
 */
#include "format/zip.h"

#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/unpack.h"
#include "format/walk.h"

typedef zip_member member;

typedef struct archive {
	athar_walk *w;
	athar_unpacker *unpacker;
	uint64_t at;
	uint64_t members, listed; /* local headers met; entries of the directory */
	uint64_t met_sum, listed_sum;
	uint64_t directory, directory_end; /* where it is; 0: not yet */
	uint64_t end64;                    /* where the zip64 end record is; 0: none */
	size_t unchecked;                  /* members that could not be unpacked */
	bool encrypted;                    /* some are encrypted */
	zip_kind kind;
} archive;

static athar_status stop(archive *a, const char *why)
{
	return athar_walk_stop(a->w, "%s", why);
}

/* ---- members ---- */

static athar_status read_local(member *m, archive *a, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, a->w->in, a->at, 30, err));
	const size_t name = athar_le16(b.ptr + 26), extra = athar_le16(b.ptr + 28);

	*m = (member){.flags = athar_le16(b.ptr + 6),
	              .method = athar_le16(b.ptr + 8),
	              .crc = athar_le32(b.ptr + 14),
	              .packed = athar_le32(b.ptr + 18),
	              .size = athar_le32(b.ptr + 22),
	              .at = a->at,
	              .data = a->at + 30 + name + extra};
	if (b.ptr[4] > 90 || !zip_is_method(m->method))
		return stop(a, "a member's header makes no sense");
	ATHAR_TRY(athar_reader_get(&b, a->w->in, a->at + 30, name + extra, err));
	m->name = athar_crc32(0, b.ptr, name);
	zip_member_widen((uint64_t *const[]){&m->size, &m->packed}, 2, b.ptr + name, extra);
	zip_kind_name(&a->kind, b.ptr, name);
	return ATHAR_OK;
}

/* The data descriptor at `at`, with or without its signature, with sizes of 32 or 64 bits: the form
 * that repeats what unpacking gave. Its length, or 0. */
static athar_status match_descriptor(size_t *len, const archive *a, uint64_t at, const member *m,
                                     athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_some(&b, a->w->in, at, 24, err));
	const size_t sign = b.len >= 4 && athar_le32(b.ptr) == ZIP_DESCRIPTOR ? 4 : 0;

	*len = 0;
	for (size_t skip = sign;; skip = 0) {
		const uint8_t *p = b.ptr + skip;

		if (b.len >= skip + 12 && athar_le32(p) == m->crc &&
		    athar_le32(p + 4) == m->packed && athar_le32(p + 8) == m->size)
			*len = skip + 12;
		else if (b.len >= skip + 20 && athar_le32(p) == m->crc &&
		         athar_le64(p + 4) == m->packed && athar_le64(p + 12) == m->size)
			*len = skip + 20;
		if (*len != 0 || skip == 0)
			break;
	}
	if (*len == 0 && b.len < 24)
		return athar_fail(err, ATHAR_EOF, "the range ends in a data descriptor");
	return ATHAR_OK;
}

static athar_status unpack(archive *a, member *m, athar_error *err)
{
	athar_inflated out;
	size_t descriptor;
	bool dear;

	const athar_status status =
		athar_unpacker_run(&out, &dear, a->unpacker, a->w->in, m->data,
	                           zip_has_descriptor(m) ? UINT64_MAX : m->packed, err);

	if (status == ATHAR_EFORMAT)
		return stop(a, "the packed data of a member are damaged");
	ATHAR_TRY(status);
	if (dear && zip_has_descriptor(m))
		return stop(a, "a member is packed tighter than can be checked");
	if (dear) {
		a->unchecked++;
		a->at = m->data + m->packed;
		return ATHAR_OK;
	}
	if (zip_has_descriptor(m)) {
		m->packed = out.consumed;
		m->size = out.produced;
		m->crc = out.crc32;
		a->at = m->data + m->packed;
		ATHAR_TRY(match_descriptor(&descriptor, a, a->at, m, err));
		a->at += descriptor;
		return descriptor != 0 ? ATHAR_OK
		                       : stop(a, "a member is not what its descriptor says");
	}
	a->at = m->data + m->packed;
	if (!out.ended || out.consumed != m->packed || out.produced != m->size)
		athar_walk_flaw(a->w, "a member unpacks to another size than it says");
	else if (out.crc32 != m->crc)
		athar_walk_flaw(a->w, "the CRC of a member does not hold");
	return ATHAR_OK;
}

/* Looks for the descriptor of data that begin at m->data in b, which lies at `at`. *crc goes on
 * over what is passed. Returns how many bytes that is; *len: the descriptor's, 0 where none is
 * here. */
static size_t search(member *m, size_t *len, uint32_t *crc, athar_bytes b, uint64_t at)
{
	const bool plain = m->method == 0 && !zip_is_encrypted(m);
	const size_t most = b.len - 23;
	size_t i = 0;

	for (;;) {
		const uint8_t *p = memmem(b.ptr + i, most - i + 3, "PK\7\10", 4);
		const size_t to = p == NULL ? most : (size_t)(p - b.ptr);

		*crc = athar_crc32(*crc, b.ptr + i, to - i);
		*len = p == NULL ? 0 : zip_member_closes(m, p, at + to - m->data);
		if (p == NULL ||
		    (*len != 0 && (!plain || (m->crc == *crc && m->size == m->packed))))
			return to;
		*crc = athar_crc32(*crc, p, 1);
		i = to + 1;
		if (i == most) {
			*len = 0;
			return i;
		}
	}
}

/* Data that cannot be unpacked and whose length comes after them: the first descriptor whose length
 * fits its place, and where the data are plain, whose CRC is theirs. An end record follows it, so
 * that 24 bytes can be asked for. */
static athar_status seek_descriptor(archive *a, member *m, athar_error *err)
{
	uint64_t at = m->data;
	uint32_t crc = 0;
	size_t len = 0;

	while (len == 0) {
		athar_bytes b;

		ATHAR_TRY(athar_reader_get(&b, a->w->in, at, 24, err));
		ATHAR_TRY(athar_reader_some(&b, a->w->in, at, athar_unpacker_piece(at - m->data),
		                            err));
		at += search(m, &len, &crc, b, at);
	}
	a->at = at + len;
	return ATHAR_OK;
}

/* The descriptor of data whose length the header knew. */
static athar_status read_descriptor(archive *a, member *m, athar_error *err)
{
	athar_bytes b;
	uint64_t at;

	if (m->packed == 0)
		return seek_descriptor(a, m, err);
	if (!athar_add(m->data, m->packed, &at))
		return stop(a, "a member claims an impossible length");
	ATHAR_TRY(athar_reader_get(&b, a->w->in, at, 24, err));
	const size_t len = zip_member_closes(m, b.ptr, m->packed);

	a->at = at + len;
	return len != 0 ? ATHAR_OK : stop(a, "a member is not what its descriptor says");
}

static athar_status check_stored(archive *a, const member *m, athar_error *err)
{
	uint32_t crc;

	ATHAR_TRY(athar_walk_crc(&crc, a->w->in, m->data, m->packed, err));
	if (m->packed != m->size)
		athar_walk_flaw(a->w, "a stored member has two sizes");
	else if (crc != m->crc)
		athar_walk_flaw(a->w, "the CRC of a member does not hold");
	return ATHAR_OK;
}

static athar_status read_data(archive *a, member *m, athar_error *err)
{
	athar_bytes b;

	if (m->method == 8 && !zip_is_encrypted(m))
		return unpack(a, m, err);
	if (zip_has_descriptor(m))
		ATHAR_TRY(read_descriptor(a, m, err));
	else if (!athar_add(m->data, m->packed, &a->at))
		return stop(a, "a member claims an impossible length");
	if (m->method == 0 && !zip_is_encrypted(m))
		return check_stored(a, m, err);
	a->unchecked++;
	a->encrypted = a->encrypted || zip_is_encrypted(m);
	return athar_reader_get(&b, a->w->in, a->at - 1, 1, err);
}

static athar_status read_member(archive *a, athar_error *err)
{
	member m;

	if (a->directory_end != 0)
		return stop(a, "a member follows the directory");
	ATHAR_TRY(read_local(&m, a, err));
	if (a->at == 0)
		athar_walk_begin(a->w, m.data);
	ATHAR_TRY(read_data(a, &m, err));
	ATHAR_TRY(zip_kind_content(&a->kind, a->w->in, m.data, m.method == 0 ? m.size : 0, err));
	/* Some Android tools fill gaps with nameless members that the directory leaves out. */
	if (m.name != 0 || m.packed != 0) {
		a->members++;
		a->met_sum += zip_member_fold(&m);
	}
	return ATHAR_OK;
}

/* ---- the directory ---- */

static athar_status read_entry(archive *a, athar_error *err)
{
	athar_bytes b;
	member m;

	ATHAR_TRY(athar_reader_get(&b, a->w->in, a->at, 46, err));
	const size_t name = athar_le16(b.ptr + 28), extra = athar_le16(b.ptr + 30);
	const size_t comment = athar_le16(b.ptr + 32);

	m = (member){.method = athar_le16(b.ptr + 10),
	             .crc = athar_le32(b.ptr + 16),
	             .packed = athar_le32(b.ptr + 20),
	             .size = athar_le32(b.ptr + 24),
	             .at = athar_le32(b.ptr + 42)};
	ATHAR_TRY(athar_reader_get(&b, a->w->in, a->at + 46, name + extra + comment, err));
	m.name = athar_crc32(0, b.ptr, name);
	zip_member_widen((uint64_t *const[]){&m.size, &m.packed, &m.at}, 3, b.ptr + name, extra);
	if (a->directory == 0)
		a->directory = a->at;
	a->at += 46 + name + extra + comment;
	a->directory_end = a->at;
	a->listed++;
	a->listed_sum += zip_member_fold(&m);
	return ATHAR_OK;
}

static athar_status read_end64(archive *a, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, a->w->in, a->at, 56, err));
	const uint64_t rest = athar_le64(b.ptr + 4);

	if (rest < 44 || rest > 65536 || a->end64 != 0)
		return stop(a, "the zip64 end record makes no sense");
	if (athar_le64(b.ptr + 32) != a->listed || athar_le64(b.ptr + 48) != a->directory ||
	    athar_le64(b.ptr + 40) != a->directory_end - a->directory)
		return stop(a, "the zip64 end record does not fit the directory");
	a->end64 = a->at;
	a->at += 12 + rest;
	return ATHAR_OK;
}

static athar_status read_locator(archive *a, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, a->w->in, a->at, 20, err));
	if (a->end64 == 0 || athar_le64(b.ptr + 8) != a->end64)
		return stop(a, "the zip64 locator points elsewhere");
	a->at += 20;
	return ATHAR_OK;
}

static bool agrees(uint64_t said, uint64_t found, uint64_t full)
{
	return said == found || said == full;
}

static athar_status read_end(archive *a, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, a->w->in, a->at, 22, err));
	const uint64_t size = a->directory_end - a->directory;
	const size_t comment = athar_le16(b.ptr + 20);
	const bool wide = a->end64 != 0;

	if (!agrees(athar_le16(b.ptr + 10), a->listed, wide ? 0xFFFF : a->listed) ||
	    !agrees(athar_le32(b.ptr + 12), size, wide ? ZIP_HUGE32 : size) ||
	    !agrees(athar_le32(b.ptr + 16), a->directory, wide ? ZIP_HUGE32 : a->directory))
		return stop(a, "the end record does not fit the directory");
	if (comment != 0)
		ATHAR_TRY(athar_reader_get(&b, a->w->in, a->at + 22, comment, err));
	a->at += 22 + comment;
	if (a->listed != a->members || a->listed_sum != a->met_sum)
		athar_walk_flaw(a->w, "the directory lists other members than there are");
	if (a->unchecked == 0)
		athar_walk_close(a->w, ATHAR_GRADE_INTACT, a->at,
		                 "the CRC of every member holds, the directory lists them all");
	else
		athar_walk_close(a->w, ATHAR_GRADE_COMPLETE, a->at,
		                 "the directory lists every member; %zu could not be unpacked here",
		                 a->unchecked);
	return ATHAR_OK;
}

/* Android's signatures stand between the members and the directory: a block with its length at both
 * ends and a name behind. */
static athar_status read_signatures(archive *a, athar_error *err)
{
	static const char name[] = "APK Sig Block 42";
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, a->w->in, a->at, 8, err));
	const uint64_t size = athar_le64(b.ptr);

	if (size < 24 || size > (UINT64_C(64) << 20) || a->members == 0)
		return stop(a, "what follows the last good member is none");
	ATHAR_TRY(athar_reader_get(&b, a->w->in, a->at + size - 16, 24, err));
	if (athar_le64(b.ptr) != size || memcmp(b.ptr + 8, name, 16) != 0)
		return stop(a, "what follows the last good member is none");
	a->at += 8 + size;
	return ATHAR_OK;
}

static athar_status walk(archive *a, athar_error *err)
{
	athar_bytes b;

	for (;;) {
		ATHAR_TRY(athar_reader_get(&b, a->w->in, a->at, 4, err));
		switch (athar_le32(b.ptr)) {
		case ZIP_LOCAL:
			ATHAR_TRY(read_member(a, err));
			break;
		case ZIP_CENTRAL:
			ATHAR_TRY(read_entry(a, err));
			break;
		case ZIP_END64:
			ATHAR_TRY(read_end64(a, err));
			break;
		case ZIP_LOCATOR64:
			ATHAR_TRY(read_locator(a, err));
			break;
		case ZIP_END:
			return read_end(a, err);
		default:
			if (a->directory != 0)
				return stop(a, "the directory breaks off");
			ATHAR_TRY(read_signatures(a, err));
		}
		athar_walk_prove(a->w, a->at);
	}
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	ATHAR_AUTO(unpacker) athar_unpacker unpacker = {.inflater = NULL};
	archive a = {.w = &w, .unpacker = &unpacker};

	athar_walk_init(&w, out, in);
	ATHAR_TRY(athar_unpacker_init(&unpacker, err));
	const athar_status status = walk(&a, err);

	zip_kind_tell(out, &a.kind);
	if (out->ours)
		athar_walk_field(&w, "count", "%llu", (unsigned long long)a.members);
	if (out->ours && a.encrypted)
		athar_walk_field(&w, "encrypted", "yes");
	return athar_walk_settle(&w, status, err);
}

static const athar_magic magic[] = {{0, 4, {'P', 'K', 3, 4}}, {0, 0, {0}}};

const athar_format athar_format_zip = {
	.name = "zip",
	.extension = "zip",
	.mime = "application/zip",
	.summary = "ZIP, and office documents, Android packages, e-books made of it",
	.end = "the end record behind a directory that lists just the members met, whose CRCs hold",
	.best = ATHAR_GRADE_INTACT,
	.magic = magic,
	.measure = measure,
};
