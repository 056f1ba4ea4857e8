/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A PDF object after object: join_pdf.c finds a cross-reference and follows it, pdf_break.c finds
 * where an object goes on that does not lie in one piece.
 */
#ifndef ATHAR_CARVE_PDF_WALK_H
#define ATHAR_CARVE_PDF_WALK_H

#include "carve/pdf_table.h"

/* Objects of any file in the space, by their numbers. */
typedef struct athar_pdf_objects {
	athar_pdf_entry *entry; /* `file` counts nothing */
	size_t count, capacity;
} athar_pdf_objects;

typedef struct athar_pdf_walk {
	athar_trail trail;
	athar_pdf_table table;     /* what this file says */
	athar_pdf_objects objects; /* what is there */
	athar_spots sections;
	uint64_t end; /* in the file: behind the last %%EOF */
	bool encrypted;
} athar_pdf_walk;

/* The sections that the file's last startxref leads to, which stands at `at` in the source, become
 * w->table. *linked: one of them ends there; w->end is then where that is in the file. */
athar_status athar_pdf_chain_read(bool *linked, athar_pdf_walk *w, uint64_t startxref, uint64_t at,
                                  athar_error *err);

/* *solved: the bytes [from, to) of the file make sound objects when its piece at `image` begins
 * somewhere between, which places to there; the trail leads so. */
athar_status athar_pdf_mend(bool *solved, athar_pdf_walk *w, uint64_t from, uint64_t to,
                            uint64_t image, athar_error *err);

#endif
