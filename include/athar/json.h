/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JSON as athar writes it: one value a line, keys sorted, no spaces, integers only (above 2^53 as
 * strings, since many readers round them), hidden characters as \uXXXX so that no reader's terminal
 * is turned round, text that is not UTF-8 with U+FFFD and its raw bytes beside it in KEY_hex.
 */
#ifndef ATHAR_JSON_H
#define ATHAR_JSON_H

#include "athar/error.h"

ATHAR_BEGIN

typedef struct athar_json athar_json;

/* NULL only when memory ran out; every setter and athar_json_line then report it, so building need
 * not be checked step by step. */
ATHAR_API athar_json *athar_json_object(void);
ATHAR_API athar_json *athar_json_array(void);
ATHAR_API void athar_json_free(athar_json *json);

/* Setters of an object's members. A failure (memory, NULL object) is remembered in the value and
 * reported by athar_json_line, so that records are built in straight lines. */
ATHAR_API void athar_json_set_text(athar_json *object, const char *key,
                                   const char *text); /* NULL: null */
ATHAR_API void athar_json_set_bytes(athar_json *object, const char *key, const void *bytes,
                                    size_t len);
ATHAR_API void athar_json_set_number(athar_json *object, const char *key, uint64_t number);
ATHAR_API void athar_json_set_signed(athar_json *object, const char *key, int64_t number);
ATHAR_API void athar_json_set_bool(athar_json *object, const char *key, bool value);
ATHAR_API void athar_json_set_null(athar_json *object, const char *key);
/* Takes `value` over. */
ATHAR_API void athar_json_set(athar_json *object, const char *key, athar_json *value);
/* Array: takes `value` over. */
ATHAR_API void athar_json_append(athar_json *array, athar_json *value);
ATHAR_API void athar_json_append_text(athar_json *array, const char *text);

/* One line, keys sorted, no newline at the end; yours to free. */
ATHAR_API ATHAR_MUST athar_status athar_json_line(char **out, const athar_json *json,
                                                  athar_error *err);
/* The same for people: indented by two. */
ATHAR_API ATHAR_MUST athar_status athar_json_pretty(char **out, const athar_json *json,
                                                    athar_error *err);

/* Reading. Duplicate keys, trailing bytes, depth over 64 and lengths over 64 MiB are ATHAR_EFORMAT.
 */
ATHAR_API ATHAR_MUST athar_status athar_json_parse(athar_json **out, const char *text, size_t len,
                                                   athar_error *err);

/* Getters borrow. They return NULL (or false) where the member is missing or of another type. */
ATHAR_API const athar_json *athar_json_get(const athar_json *object, const char *key);
ATHAR_API const char *athar_json_get_text(const athar_json *object, const char *key);
/* Takes numbers and decimal strings, as athar_json_set_number writes them. */
ATHAR_API bool athar_json_get_number(const athar_json *object, const char *key, uint64_t *out);
ATHAR_API bool athar_json_get_signed(const athar_json *object, const char *key, int64_t *out);
ATHAR_API bool athar_json_get_bool(const athar_json *object, const char *key, bool *out);
/* The raw bytes: from KEY_hex when it is there, else the text itself. Yours to free. */
ATHAR_API ATHAR_MUST athar_status athar_json_get_bytes(uint8_t **out, size_t *out_len,
                                                       const athar_json *object, const char *key,
                                                       athar_error *err);
ATHAR_API size_t athar_json_count(const athar_json *array_or_object);
ATHAR_API const athar_json *athar_json_at(const athar_json *array, size_t index);
ATHAR_API const char *athar_json_text(const athar_json *value);
/* The key of the index-th member in sorted order. */
ATHAR_API const char *athar_json_key(const athar_json *object, size_t index);
/* A deep copy, to put a borrowed value into another record. */
ATHAR_API athar_json *athar_json_copy(const athar_json *value);

ATHAR_END

#endif
