/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What kind of file an archive is, by the names of its members and the content of the first.
 */
#ifndef ATHAR_FORMAT_ZIP_H
#define ATHAR_FORMAT_ZIP_H

#include "format/format.h"

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
