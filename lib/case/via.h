/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way to an embedded file: the member `via` of an item.
 */
#ifndef ATHAR_CASE_VIA_H
#define ATHAR_CASE_VIA_H

#include "athar/item.h"

void athar_via_set(athar_json *object, const athar_item *item);
/* Items that are in no container do not have it. */
athar_status athar_via_get(athar_item *item, const athar_json *object, athar_error *err);

#endif
