/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fields that an examiner has to state, in the order of the report. The tool fills none.
 */
#ifndef ATHAR_REPORT_STATED_H
#define ATHAR_REPORT_STATED_H

typedef struct athar_field {
	const char *key;   /* path in its record */
	const char *name;  /* stable name in the list of fields not stated */
	const char *label; /* as printed */
} athar_field;

/* Each ends with a NULL key. */
extern const athar_field athar_case_fields_wanted[];
extern const athar_field athar_request_fields_wanted[];
extern const athar_field athar_authority_fields_wanted[];
extern const athar_field athar_lab_fields_wanted[];
extern const athar_field athar_person_fields_wanted[];
extern const athar_field athar_exhibit_fields_wanted[];

#endif
