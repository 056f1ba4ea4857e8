/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ZIP (APPNOTE 6.3) in pieces: the CRC-32 of what a member unpacks to proves it, its header, its
 * descriptor and the directory lead from one to the next, and the directory must list just the
 * members that were met. Of what cannot be unpacked here nothing is proven, nor behind it.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "format/feeding.h"
#include "format/validators.h"
#include "format/zip.h"
#include "format/zip_xml.h"

/* Kept of an extra field: what says 64-bit sizes stands in front. */
#define EXTRA_KEPT 128u
#define SEEK_WORK \
	32u /* looking for a descriptor costs so much more than looking at a byte, times 4 */
#define SIGNED_MOST (UINT64_C(64) << 20) /* what Android's signatures may be long */

typedef enum part {
	PART_SIGN,
	PART_LOCAL,
	PART_NAME,
	PART_EXTRA,
	PART_COMMENT,
	PART_PACKED,
	PART_PLAIN, /* stored, or not to be unpacked here */
	PART_DESCRIPTOR,
	PART_SEEK, /* plain, and its length comes after it */
	PART_CENTRAL,
	PART_END64,
	PART_SKIP, /* bytes that say nothing */
	PART_LOCATOR,
	PART_END,
	PART_SIGNED,
	PART_SIGNED_END
} part;

typedef struct zip {
	athar_fed fed;
	part part;
	athar_held held;
	zip_member m;
	bool entry, stalled; /* m is one of the directory; something was met that proves nothing */
	uint64_t left;       /* of what the part is about */
	uint32_t name_left, extra_left, comment_left, extra_kept, crc;
	uint8_t extra[EXTRA_KEPT];
	uint64_t members, listed, met_sum, listed_sum;
	uint64_t directory, directory_end, end64, block;
	uint32_t times; /* of the member, as it stands there */
	uint64_t met_times, listed_times;
	uint64_t unpacked; /* of members before this one */
	zip_xml xml;
	athar_fed_deflate deflate;
} zip;

static void to(zip *z, part p)
{
	z->part = p;
	z->held.count = 0;
}

/* ---- members ---- */

static bool local(zip *z)
{
	const uint8_t *b = z->held.bytes;

	z->m = (zip_member){.flags = athar_le16(b + 6),
	                    .method = athar_le16(b + 8),
	                    .crc = athar_le32(b + 14),
	                    .packed = athar_le32(b + 18),
	                    .size = athar_le32(b + 22),
	                    .at = z->fed.followed};
	z->name_left = athar_le16(b + 26);
	z->extra_left = athar_le16(b + 28);
	z->comment_left = z->extra_kept = 0;
	z->entry = false;
	z->times = athar_le32(b + 10);
	to(z, PART_NAME);
	return b[4] <= 90 && zip_is_method(z->m.method) && z->directory == 0;
}

/* Date and time of a member as one number. */
static uint64_t fold_times(const zip *z)
{
	return (z->m.at + 1) * UINT64_C(0x9E3779B97F4A7C15) * (z->times | UINT64_C(1) << 32);
}

/* Some Android tools fill gaps with nameless members that the directory leaves out. */
static void count(zip *z, uint64_t at)
{
	if (z->m.name != 0 || z->m.packed != 0) {
		z->members++;
		z->met_sum += zip_member_fold(&z->m);
		z->met_times += fold_times(z);
	}
	to(z, PART_SIGN);
	/* no bytes, no proof */
	if (!z->stalled && z->m.size > 0)
		z->fed.proven = at;
}

/* Behind the header of a member. */
static athar_status enter(zip *z, bool *wrong, uint64_t at, athar_error *err)
{
	zip_member *m = &z->m;

	zip_member_widen((uint64_t *const[]){&m->size, &m->packed}, 2, z->extra, z->extra_kept);
	m->data = at;
	z->crc = 0;
	z->xml = (zip_xml){.off = false};
	if (m->method == 8 && !zip_is_encrypted(m)) {
		to(z, PART_PACKED);
		z->unpacked += z->deflate.sum.produced;
		return athar_fed_deflate_begin(&z->deflate, err);
	}
	if (zip_has_descriptor(m) && m->packed == 0) {
		to(z, PART_SEEK);
		return ATHAR_OK;
	}
	z->left = m->packed;
	to(z, PART_PLAIN);
	*wrong = m->packed > INT64_MAX || (m->method == 0 && !zip_is_encrypted(m) &&
	                                   m->packed != m->size && !zip_has_descriptor(m));
	return ATHAR_OK;
}

static bool is_plain(const zip_member *m)
{
	return m->method == 0 && !zip_is_encrypted(m);
}

/* Behind data whose length was known. */
static bool leave_plain(zip *z, uint64_t at)
{
	z->stalled = z->stalled || !is_plain(&z->m);
	if (zip_has_descriptor(&z->m)) {
		to(z, PART_DESCRIPTOR);
		return true;
	}
	if (is_plain(&z->m) && z->crc != z->m.crc)
		return false;
	count(z, at);
	return true;
}

static bool leave_packed(zip *z, uint64_t at)
{
	const athar_inflated *sum = &z->deflate.sum;
	zip_member *m = &z->m;

	if (zip_has_descriptor(m)) {
		m->packed = sum->consumed;
		m->size = sum->produced;
		m->crc = sum->crc32;
		to(z, PART_DESCRIPTOR);
		return true;
	}
	if (sum->consumed != m->packed || sum->produced != m->size || sum->crc32 != m->crc)
		return false;
	count(z, at);
	return true;
}

static bool look(void *user, const uint8_t *bytes, size_t len)
{
	return zip_xml_take(user, bytes, len);
}

static athar_status packed(zip *z, bool *wrong, athar_feeding *in, athar_error *err)
{
	const athar_inflated *sum = &z->deflate.sum;
	const bool open = zip_has_descriptor(&z->m);
	const uint64_t most = open ? UINT64_MAX : z->m.packed - sum->consumed;

	if (!sum->ended && most > 0)
		ATHAR_TRY(athar_fed_deflate_feed(&z->deflate, wrong, in, most, look, &z->xml, err));
	if (*wrong)
		return ATHAR_OK;
	if (sum->ended)
		*wrong = !leave_packed(z, in->at);
	else
		*wrong = !open && (sum->consumed == z->m.packed || sum->produced > z->m.size);
	return ATHAR_OK;
}

static bool plain(zip *z, athar_feeding *in)
{
	const uint8_t *from = in->next;
	const size_t len = athar_feeding_take(in, z->left);

	z->crc = athar_crc32(z->crc, from, len);
	z->left -= len;
	return z->left > 0 || leave_plain(z, in->at);
}

/* ---- descriptors ---- */

/* The descriptor of packed data, with its signature or without. */
static bool repeated(zip *z, bool *wrong, athar_feeding *in)
{
	static const size_t len[] = {12, 16, 20, 24};

	for (size_t i = 0; i < ATHAR_COUNT(len); i++) {
		const bool sign = athar_le32(z->held.bytes) == ZIP_DESCRIPTOR;

		if (z->held.count >= len[i])
			continue;
		if (!athar_held_fill(&z->held, in, len[i]))
			return false;
		if ((i & 1) == 0 ? zip_member_repeats(&z->m, z->held.bytes, i == 2)
		                 : sign && zip_member_repeats(&z->m, z->held.bytes + 4, i == 3))
			return true;
		*wrong = i == 3 || (athar_le32(z->held.bytes) != z->m.crc &&
		                    athar_le32(z->held.bytes + 4) != z->m.crc);
		if (*wrong)
			return false;
	}
	return false;
}

/* The descriptor of plain data whose length the header knew. */
static bool closed(zip *z, bool *wrong, athar_feeding *in)
{
	zip_member m = z->m;

	if (!athar_held_fill(&z->held, in, 16))
		return false;
	/* the upper half of a size of 64 bits: eight bytes more */
	if (athar_le32(z->held.bytes + 12) == 0 && !athar_held_fill(&z->held, in, 24))
		return false;
	*wrong = zip_member_closes(&m, z->held.bytes, m.packed) == 0 ||
	         (is_plain(&m) && (m.crc != z->crc || m.size != m.packed));
	z->m = m;
	return !*wrong;
}

static void descriptor(zip *z, bool *wrong, athar_feeding *in)
{
	if (z->m.method == 8 && !zip_is_encrypted(&z->m) ? repeated(z, wrong, in)
	                                                 : closed(z, wrong, in))
		count(z, in->at);
}

static athar_status step(zip *z, bool *wrong, athar_feeding *in, athar_error *err);

/* Byte for byte, with what may be a descriptor held back. */
static athar_status seek(zip *z, bool *wrong, athar_feeding *in, athar_error *err)
{
	zip_member m = z->m;

	if (!athar_held_fill(&z->held, in, 24))
		return ATHAR_OK;
	const uint64_t at = in->at - 24;
	const size_t len = zip_member_closes(&m, z->held.bytes, at - m.data);

	if (len == 0 || (is_plain(&m) && (m.crc != z->crc || m.size != m.packed))) {
		z->crc = athar_crc32(z->crc, z->held.bytes, 1);
		z->unpacked += SEEK_WORK;
		memmove(z->held.bytes, z->held.bytes + 1, --z->held.count);
		return ATHAR_OK;
	}
	athar_feeding rest = {.next = z->held.bytes + len, .left = 24 - len, .at = at + len};
	uint8_t kept[8];

	memcpy(kept, rest.next, rest.left);
	rest.next = kept;
	z->stalled = z->stalled || !is_plain(&m);
	z->m = m;
	count(z, at + len);
	while (rest.left > 0 && !*wrong && z->fed.verdict == ATHAR_VERDICT_MORE)
		ATHAR_TRY(step(z, wrong, &rest, err));
	return ATHAR_OK;
}

/* ---- the directory ---- */

static bool central(zip *z)
{
	const uint8_t *b = z->held.bytes;

	z->times = athar_le32(b + 12);
	z->m = (zip_member){.method = athar_le16(b + 10),
	                    .crc = athar_le32(b + 16),
	                    .packed = athar_le32(b + 20),
	                    .size = athar_le32(b + 24),
	                    .at = athar_le32(b + 42)};
	z->name_left = athar_le16(b + 28);
	z->extra_left = athar_le16(b + 30);
	z->comment_left = athar_le16(b + 32);
	z->extra_kept = 0;
	z->entry = true;
	if (z->directory == 0)
		z->directory = z->fed.followed;
	to(z, PART_NAME);
	return z->listed < z->members && zip_is_method(z->m.method);
}

static void leave_entry(zip *z, uint64_t at)
{
	zip_member *m = &z->m;

	zip_member_widen((uint64_t *const[]){&m->size, &m->packed, &m->at}, 3, z->extra,
	                 z->extra_kept);
	z->directory_end = at;
	z->listed++;
	z->listed_sum += zip_member_fold(m);
	z->listed_times += fold_times(z);
	to(z, PART_SIGN);
}

/* Names, extra fields and comments of members and entries. */
static athar_status texts(zip *z, bool *wrong, athar_feeding *in, athar_error *err)
{
	const uint8_t *from = in->next;
	size_t len = athar_feeding_take(in, z->name_left);

	z->m.name = athar_crc32(z->m.name, from, len);
	z->name_left -= (uint32_t)len;
	for (size_t i = 0; i < len; i++)
		*wrong = *wrong || from[i] < 0x20;
	from = in->next;
	len = athar_feeding_take(in, z->extra_left);
	z->extra_left -= (uint32_t)len;
	len = (size_t)athar_min(len, EXTRA_KEPT - z->extra_kept);
	memcpy(z->extra + z->extra_kept, from, len);
	z->extra_kept += (uint32_t)len;
	z->comment_left -= (uint32_t)athar_feeding_take(in, z->comment_left);
	if (z->name_left + z->extra_left + z->comment_left > 0 || *wrong)
		return ATHAR_OK;
	if (!z->entry)
		return enter(z, wrong, in->at, err);
	leave_entry(z, in->at);
	return ATHAR_OK;
}

static bool end64(zip *z)
{
	const uint8_t *b = z->held.bytes;

	z->left = athar_le64(b + 4) - 44;
	z->end64 = z->fed.followed;
	to(z, z->left > 0 ? PART_SKIP : PART_SIGN);
	return z->left <= 65536 && athar_le64(b + 32) == z->listed &&
	       athar_le64(b + 48) == z->directory &&
	       athar_le64(b + 40) == z->directory_end - z->directory;
}

static bool locator(zip *z)
{
	to(z, PART_SIGN);
	return z->end64 != 0 && athar_le64(z->held.bytes + 8) == z->end64;
}

static bool agrees(uint64_t said, uint64_t found, bool wide, uint64_t full)
{
	return said == found || (wide && said == full);
}

static void end(zip *z, uint64_t at)
{
	z->fed.verdict = ATHAR_VERDICT_END;
	z->fed.end = at;
	if (!z->stalled)
		z->fed.proven = at;
}

static bool read_end(zip *z, uint64_t at)
{
	const uint8_t *b = z->held.bytes;
	const bool wide = z->end64 != 0;

	z->comment_left = athar_le16(b + 20);
	if (!agrees(athar_le16(b + 10), z->listed, wide, 0xFFFF) ||
	    !agrees(athar_le32(b + 12), z->directory_end - z->directory, wide, ZIP_HUGE32) ||
	    !agrees(athar_le32(b + 16), z->directory, wide, ZIP_HUGE32) ||
	    z->listed != z->members || z->listed_sum != z->met_sum ||
	    z->listed_times != z->met_times)
		return false;
	to(z, PART_COMMENT);
	if (z->comment_left == 0)
		end(z, at);
	return true;
}

/* ---- what stands between ---- */

/* Android's signatures: a block with its length at both ends and a name behind. */
static bool begin_signed(zip *z)
{
	z->block = athar_le64(z->held.bytes);
	z->left = z->block - 24;
	to(z, z->left > 0 ? PART_SKIP : PART_SIGNED_END);
	z->stalled = true;
	return z->block >= 24 && z->block <= SIGNED_MOST && z->members > 0 && z->directory == 0;
}

static bool end_signed(zip *z)
{
	const bool holds = athar_le64(z->held.bytes) == z->block &&
	                   memcmp(z->held.bytes + 8, "APK Sig Block 42", 16) == 0;

	z->block = 0;
	to(z, PART_SIGN);
	return holds;
}

/* What record begins with these four bytes? They stay held. */
static bool sign(zip *z)
{
	const bool listed = z->directory_end != 0;

	switch (athar_le32(z->held.bytes)) {
	case ZIP_LOCAL:
		z->part = PART_LOCAL;
		return !listed;
	case ZIP_CENTRAL:
		z->part = PART_CENTRAL;
		return z->end64 == 0;
	case ZIP_END64:
		z->part = PART_END64;
		return listed && z->end64 == 0;
	case ZIP_LOCATOR64:
		z->part = PART_LOCATOR;
		return listed;
	case ZIP_END:
		z->part = PART_END;
		return true;
	default:
		z->part = PART_SIGNED;
		return !listed && z->members > 0;
	}
}

/* A record of fixed length, once it is there. */
static bool record(zip *z, uint64_t at)
{
	z->fed.followed = at - z->held.count;
	switch (z->part) {
	case PART_SIGN:
		return sign(z);
	case PART_LOCAL:
		return local(z);
	case PART_CENTRAL:
		return central(z);
	case PART_END64:
		return end64(z);
	case PART_LOCATOR:
		return locator(z);
	case PART_END:
		return read_end(z, at);
	case PART_SIGNED:
		return begin_signed(z);
	default:
		return end_signed(z);
	}
}

static void skip(zip *z, athar_feeding *in)
{
	z->left -= athar_feeding_take(in, z->left);
	if (z->left == 0)
		to(z, z->block != 0 ? PART_SIGNED_END : PART_SIGN);
}

static athar_status step(zip *z, bool *wrong, athar_feeding *in, athar_error *err)
{
	static const uint8_t lengths[] = {
		[PART_SIGN] = 4,     [PART_LOCAL] = 30, [PART_CENTRAL] = 46, [PART_END64] = 56,
		[PART_LOCATOR] = 20, [PART_END] = 22,   [PART_SIGNED] = 8,   [PART_SIGNED_END] = 24,
	};

	switch (z->part) {
	case PART_NAME:
	case PART_EXTRA:
		return texts(z, wrong, in, err);
	case PART_COMMENT:
		z->comment_left -= (uint32_t)athar_feeding_take(in, z->comment_left);
		if (z->comment_left == 0)
			end(z, in->at);
		return ATHAR_OK;
	case PART_PACKED:
		return packed(z, wrong, in, err);
	case PART_PLAIN:
		*wrong = !plain(z, in);
		return ATHAR_OK;
	case PART_DESCRIPTOR:
		descriptor(z, wrong, in);
		return ATHAR_OK;
	case PART_SEEK:
		return seek(z, wrong, in, err);
	case PART_SKIP:
		skip(z, in);
		return ATHAR_OK;
	default:
		if (athar_held_fill(&z->held, in, lengths[z->part]))
			*wrong = !record(z, in->at);
		return ATHAR_OK;
	}
}

/* ---- the validator ---- */

/* Parts that take no bytes are done at once: the next piece may never come. */
static bool is_idle(const zip *z)
{
	return (z->part == PART_NAME && z->name_left + z->extra_left + z->comment_left == 0) ||
	       (z->part == PART_PLAIN && z->left == 0);
}

static athar_status feed(athar_fed *out, void *state, const uint8_t *bytes, size_t len,
                         athar_error *err)
{
	zip *z = state;
	athar_feeding in = {.next = bytes, .left = len, .at = z->fed.followed};
	bool wrong = false;

	while ((in.left > 0 || is_idle(z)) && !wrong && z->fed.verdict == ATHAR_VERDICT_MORE)
		ATHAR_TRY(step(z, &wrong, &in, err));
	if (wrong)
		z->fed.verdict = ATHAR_VERDICT_WRONG;
	z->fed.followed = z->fed.need = in.at;
	if (z->part == PART_PLAIN || z->part == PART_SKIP)
		z->fed.need = z->left > INT64_MAX ? UINT64_MAX : in.at + z->left;
	else if (z->part == PART_SEEK)
		z->fed.need = UINT64_MAX;
	z->fed.lost = z->stalled || (z->part == PART_PLAIN && !is_plain(&z->m)) ||
	              (z->part == PART_SEEK && !is_plain(&z->m));
	z->fed.work = (z->unpacked + z->deflate.sum.produced) / 4;
	*out = z->fed;
	return ATHAR_OK;
}

static bool next(uint64_t *at, const void *state)
{
	const zip *z = state;

	*at = z->fed.followed;
	switch (z->part) {
	case PART_SIGN:
		return z->held.count == 0;
	case PART_PLAIN:
		*at += z->left;
		return !zip_has_descriptor(&z->m);
	case PART_PACKED:
		*at += z->m.packed - z->deflate.sum.consumed;
		return !zip_has_descriptor(&z->m);
	default:
		return false;
	}
}

static athar_status begin(void **state, athar_error *err)
{
	*state = athar_alloc(sizeof(zip), err);
	return *state == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

static void release(void *state)
{
	zip *z = state;

	if (z == NULL)
		return;
	athar_fed_deflate_clear(&z->deflate);
	free(z);
}

static athar_status copy(void **out, const void *state, athar_error *err)
{
	const zip *z = state;
	ATHAR_AUTO(free) zip *made = athar_alloc(sizeof *made, err);

	if (made == NULL)
		return ATHAR_ENOMEM;
	*made = *z;
	/* the window of a stream that has ended is nothing to keep */
	if (z->part != PART_PACKED)
		made->deflate.inflater = NULL;
	else
		ATHAR_TRY(athar_fed_deflate_copy(&made->deflate, &z->deflate, err));
	*out = ATHAR_GIVE(made);
	return ATHAR_OK;
}

const athar_validator athar_validator_zip = {
	.format = "zip",
	.begin = begin,
	.copy = copy,
	.release = release,
	.feed = feed,
	.next = next,
};
