/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The part of an item that tells where a content lies: the members that each element of `also` has
 * too.
 */
#ifndef ATHAR_CASE_PLACE_H
#define ATHAR_CASE_PLACE_H

#include "athar/item.h"

/* address extents method path path_hex state times via volume */
void athar_place_set(athar_json *object, const athar_item *item);
athar_status athar_place_get(athar_item *item, const athar_json *object, athar_error *err);

/* A text into one of the item's small buffers; null gives "". ATHAR_EFORMAT when it is missing, no
 * text, or does not fit. */
athar_status athar_place_text(char *out, size_t size, const athar_json *object, const char *key,
                              athar_error *err);
/* An array of extents, and back from the member "extents". */
athar_json *athar_place_extents(const athar_extents *x);
athar_status athar_place_extents_get(athar_extents *x, const athar_json *object, athar_error *err);
athar_status athar_place_missing(const char *key, athar_error *err);

#endif
