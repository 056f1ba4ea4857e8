/* SPDX-License-Identifier: BSD-2-Clause */
/* What pe.c knows of a program, for the part of it that reads resources. */
#ifndef ATHAR_FORMAT_PE_H
#define ATHAR_FORMAT_PE_H

#include "format/windows.h"

#define ATHAR_PE_SECTIONS 96u
#define ATHAR_PE_RESOURCES 2u /* which directory */

typedef struct athar_pe_part {
	uint32_t at, len;
} athar_pe_part;

typedef struct athar_pe_section {
	uint32_t address; /* in memory */
	athar_pe_part raw;
} athar_pe_section;

typedef struct athar_pe {
	athar_walk *w;
	uint32_t optional, table; /* where the optional header and the sections are */
	uint32_t count, made, sum, headers;
	uint32_t directories;
	uint32_t security_entry; /* where the header tells of signatures */
	athar_pe_part symbols;   /* len: how many */
	athar_pe_part directory[16];
	athar_pe_section section[ATHAR_PE_SECTIONS];
	bool is_signed;
	uint64_t unsigned_end, end;
} athar_pe;

/* Where in the file an address is; 0: nowhere. */
uint64_t athar_pe_place(const athar_pe *p, uint32_t address);
/* Notes the version that its resources have, if there is one. */
athar_status athar_pe_version(athar_pe *p, athar_error *err);

#endif
