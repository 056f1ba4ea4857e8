/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A format is a pure function from a bounded reader to a claim: no I/O of its own, no globals, no
 * state. A new one is five files: one .c here, one line in formats.c, one unit test, one sample or
 * generator, one paragraph in athar-formats(7).
 */
#ifndef ATHAR_FORMAT_FORMAT_H
#define ATHAR_FORMAT_FORMAT_H

#include "athar/item.h"
#include "image/reader.h"

typedef struct athar_claim {
	bool ours; /* false: it is not this format after all; nothing else counts */
	athar_grade grade;
	uint64_t length;   /* bytes from the beginning, as far as the grade reaches */
	uint64_t proven;   /* all before this is proven; at most length */
	uint64_t unseen;   /* bytes before length that nothing was checked of: foreign ones, or the
	                      file's own out of place, would not show */
	bool open;         /* partial only because it has no end mark: it may be all */
	bool alike;        /* nor would pieces of another file of its kind, anywhere */
	char subtype[16];  /* "docx" for a zip; "" */
	char extension[8]; /* overrides the format's; "" */
	athar_item_field
		field[ATHAR_ITEM_FIELDS]; /* what the examiner looks for: athar_walk_field */
	size_t field_count;
	char why[120]; /* what decided it, one clause: "every chunk's CRC holds, IEND follows" */
} athar_claim;

typedef struct athar_magic {
	uint16_t at; /* offset of the pattern from the beginning of the file */
	uint8_t len; /* 0 ends the list */
	uint8_t bytes[21];
} athar_magic;

typedef struct athar_format {
	const char *name, *extension, *mime, *summary;
	const char *end;          /* for people: how the end is proven */
	athar_grade best;         /* the highest grade it can reach */
	const athar_magic *magic; /* any of them lets measure() look */
	bool chained; /* each of its members looks like a beginning: inside what was proven of one
	                 file none is looked for again */
	/*
	 * Looks at a file that begins at 0 of the reader. The reader's end may be the image's: a
	 * file cut there is ATHAR_GRADE_PARTIAL with the length that is proven. Wrong content is no
	 * failure but a claim of a lower grade or ours = false; it returns only ATHAR_ENOMEM,
	 * ATHAR_ELIMIT (work ran out) and the reader's own failures other than ATHAR_EOF. Runs in
	 * time linear in what it reads.
	 */
	athar_status (*measure)(athar_claim *out, athar_reader *in, athar_error *err);
} athar_format;

/* All of them in name order; NULL-terminated. */
const athar_format *const *athar_formats(void);
const athar_format *athar_format_find(const char *name); /* NULL: no such */

/* Asks every format whose magic fits at the reader's 0, in order, until one says ours. *format is
 * NULL when none does. */
athar_status athar_format_identify(const athar_format **format, athar_claim *out, athar_reader *in,
                                   athar_error *err);

/* Does any magic of the format fit here? head: the first bytes, as many as are there. */
bool athar_format_fits(const athar_format *format, const uint8_t *head, size_t len);
/* Bytes of head that all magics together need. */
#define ATHAR_FORMAT_HEAD 320 /* the magic of a tar lies at 257 */

#endif
