/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What those share that read an archive: its records, and what kind of file it is, by the names of
 * its members and the content of the first.
 */
#ifndef ATHAR_FORMAT_ZIP_H
#define ATHAR_FORMAT_ZIP_H

#include "format/format.h"

#define ZIP_LOCAL 0x04034B50u
#define ZIP_CENTRAL 0x02014B50u
#define ZIP_END 0x06054B50u
#define ZIP_END64 0x06064B50u
#define ZIP_LOCATOR64 0x07064B50u
#define ZIP_DESCRIPTOR 0x08074B50u
#define ZIP_HUGE32 0xFFFFFFFFu

typedef struct zip_member {
	uint16_t flags, method;
	uint32_t crc;
	uint64_t packed, size; /* as far as the header knows them */
	uint64_t at, data;     /* of the header, of the data */
	uint32_t name;         /* CRC-32 of the name */
} zip_member;

static inline bool zip_is_encrypted(const zip_member *m)
{
	return m->flags & 1;
}

static inline bool zip_has_descriptor(const zip_member *m)
{
	return m->flags & 8;
}

bool zip_is_method(uint16_t method);
/* A member as one number, so that the sum over all is the same for members and directory whatever
 * their order. */
uint64_t zip_member_fold(const zip_member *m);
/* The zip64 field of an extra field: 64-bit values for those of the 32-bit ones that are full. */
void zip_member_widen(uint64_t *const *values, size_t count, const uint8_t *extra, size_t len);
/* Does the descriptor p (24 bytes, though it may be 16) close data of `len` bytes? Its length, or
 * 0; the member learns what it says. */
size_t zip_member_closes(zip_member *m, const uint8_t *p, uint64_t len);

/* Do the numbers at p, 12 bytes or where they are wide 20, say what was met? */
bool zip_member_repeats(const zip_member *m, const uint8_t *p, bool wide);

typedef struct zip_kind {
	bool started;       /* the first member has been seen */
	bool mimetype;      /* it was "mimetype", and its content is still to be read */
	unsigned seen;      /* a bit for each name that tells */
	const char *stated; /* by the content of mimetype; NULL: none that is known */
} zip_kind;

/* Notes a member's name, in the order of the file. */
void zip_kind_name(zip_kind *k, const uint8_t *name, size_t len);
/* Behind the first member: its stored content. size 0: it is not stored. */
athar_status zip_kind_content(zip_kind *k, athar_reader *in, uint64_t at, uint64_t size,
                              athar_error *err);
/* Subtype and extension; nothing where it is just an archive. */
void zip_kind_tell(athar_claim *claim, const zip_kind *k);

#endif
