/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a PDF says of itself: its document information and the count of its pages (ISO
 * 32000-1, 14.3.3 and 7.7.3), where they do not lie in packed objects.
 */
#ifndef ATHAR_FORMAT_PDF_INFO_H
#define ATHAR_FORMAT_PDF_INFO_H

#include "format/pdf_lex.h"

#define PDF_INFO_STRINGS 5

/* Of one object while it is read, and of the file. */
typedef struct pdf_info {
	uint64_t at[PDF_INFO_STRINGS]; /* of the strings; 0: none */
	bool tells;                    /* some keys are in it that only the information has */
	bool pages, child;             /* it is of the tree of pages, but not its root */
	uint64_t count;
} pdf_info;

/* The first token of a value in the outermost dictionary of an object. */
void pdf_info_take(pdf_info *one, const char *key, const pdf_token *value);
/* The object ends: what it says counts for the file. */
void pdf_info_keep(pdf_info *all, const pdf_info *one);
athar_status pdf_info_note(const pdf_info *all, athar_walk *w, athar_error *err);

#endif
