/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a JSON value is.
 */
#ifndef ATHAR_CASE_VALUE_H
#define ATHAR_CASE_VALUE_H

#include "athar/json.h"

typedef enum athar_kind {
	ATHAR_KIND_NONE, /* memory ran out, or there is no value */
	ATHAR_KIND_NULL,
	ATHAR_KIND_BOOL,
	ATHAR_KIND_NUMBER,
	ATHAR_KIND_TEXT,
	ATHAR_KIND_ARRAY,
	ATHAR_KIND_OBJECT
} athar_kind;

athar_kind athar_value_kind(const athar_json *value);

#endif
