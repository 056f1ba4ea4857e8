/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cross-references of PDF files (ISO 32000-1, 7.5.4 and 7.5.8) for the joiner: tables and streams
 * that say at which offset of the file each object begins, wherever in the source they lie.
 */
#ifndef ATHAR_CARVE_PDF_TABLE_H
#define ATHAR_CARVE_PDF_TABLE_H

#include "carve/trail.h"

/* Of what is no object: a section, and a joint that is known to be one. */
#define ATHAR_PDF_SECTION (UINT32_MAX - 1)
#define ATHAR_PDF_JOINT UINT32_MAX

/* Something that begins at an offset of the file. */
typedef struct athar_pdf_entry {
	uint64_t file, image; /* image: where it is; ATHAR_NOWHERE for objects */
	uint32_t number;      /* of the object */
} athar_pdf_entry;

typedef struct athar_pdf_table {
	athar_pdf_entry *entry;
	size_t count, capacity;
} athar_pdf_table;

void athar_pdf_table_clear(athar_pdf_table *t);
ATHAR_DEFINE_AUTO_VALUE(pdf_table, athar_pdf_table, athar_pdf_table_clear)
athar_status athar_pdf_table_add(athar_pdf_table *t, athar_pdf_entry e, athar_error *err);
/* By offset in the file; of those with one, one is kept. */
void athar_pdf_table_sort(athar_pdf_table *t);

typedef struct athar_pdf_section {
	bool good, encrypted;
	uint64_t length; /* to the word behind its rows, which is "trailer" or "endstream"; 0: the
	                    head does not say */
	uint64_t end;    /* in the file: "startxref" behind it; 0: it is not near */
	uint64_t prev;   /* the one before; 0: none */
} athar_pdf_section;

/* The section at `file`, as the trail leads: its entries are added to the table. */
athar_status athar_pdf_section_read(athar_pdf_section *out, athar_pdf_table *t,
                                    const athar_trail *trail, uint64_t file, athar_error *err);

/* Places where sections may begin, in order. */
athar_status athar_pdf_sections_find(athar_spots *out, athar_joining *j, athar_error *err);

/* "N G obj" at the beginning of these bytes: white space may come first. */
bool athar_pdf_is_object(uint32_t *number, const uint8_t *bytes, size_t len);
/* A number, and what it is long; 0: none is there. */
size_t athar_pdf_number(uint64_t *out, const uint8_t *bytes, size_t len);
/* White space. */
size_t athar_pdf_blank(const uint8_t *bytes, size_t len);

#endif
