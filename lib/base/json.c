/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An athar_json is jansson's json_t under another name, so that getters borrow without allocating.
 *
 * Every value has one owner, hence one reference. A second reference is our mark of a failure while
 * building: it needs no memory, and the value it stands on is never written out.
 */
#include "athar/json.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "athar/text.h"
#include "base/alloc.h"
#include "base/check.h"
#include "base/idiom.h"
#include "base/utf8.h"

#define DEPTH_MAX 64
#define LENGTH_MAX ((size_t)64 << 20)
/* Above it a reader that takes numbers for doubles rounds. */
#define NUMBER_MAX (UINT64_C(1) << 53)

static json_t *inner(const athar_json *json)
{
	return (json_t *)(uintptr_t)json;
}

static athar_json *outer(json_t *json)
{
	return (athar_json *)json;
}

/* true, false and null are constants that count no references. */
static bool counted(const json_t *json)
{
	return json->refcount != (size_t)-1;
}

static void mark_failed(athar_json *json)
{
	if (json != NULL && inner(json)->refcount == 1)
		(void)json_incref(inner(json));
}

typedef bool visit_function(json_t *json, unsigned depth);

/* Calls visit for a value and all below it until one says false; false then. */
static bool visit_all(json_t *json, visit_function *visit, unsigned depth)
{
	const char *key = NULL;
	json_t *member = NULL;
	size_t index = 0;

	if (!visit(json, depth))
		return false;
	json_object_foreach(json, key,
	                    member) if (!visit_all(member, visit, depth + 1)) return false;
	json_array_foreach(json, index,
	                   member) if (!visit_all(member, visit, depth + 1)) return false;
	return true;
}

static bool is_whole(json_t *json, unsigned depth)
{
	(void)depth;
	return !counted(json) || json->refcount == 1;
}

static bool is_shallow(json_t *json, unsigned depth)
{
	(void)json;
	return depth <= DEPTH_MAX;
}

static bool unmark(json_t *json, unsigned depth)
{
	(void)depth;
	while (counted(json) && json->refcount > 1)
		json_decref(json);
	return true;
}

athar_json *athar_json_object(void)
{
	return outer(json_object());
}

athar_json *athar_json_array(void)
{
	return outer(json_array());
}

void athar_json_free(athar_json *json)
{
	if (json == NULL)
		return;
	(void)visit_all(inner(json), unmark, 0);
	json_decref(inner(json));
}

/* The container holds a reference of its own now, or could not take one: ours goes. */
static void handed_over(athar_json *container, json_t *value, bool taken)
{
	if (taken) {
		json_decref(value);
		return;
	}
	mark_failed(container);
	athar_json_free(outer(value));
}

/* Takes value over; NULL is a value that could not be made. */
static void set(athar_json *object, const char *key, json_t *value)
{
	handed_over(object, value,
	            object != NULL && value != NULL &&
	                    json_object_set(inner(object), key, value) == 0);
}

/* KEY and, where the text alone would lose something, KEY_hex. */
static void set_lossless(athar_json *object, const char *key, const void *bytes, size_t len)
{
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) char *key_hex = athar_format_text(&err, "%s_hex", key);
	ATHAR_AUTO(free) char *text = NULL;
	ATHAR_AUTO(free) char *hex = NULL;
	bool changed = false;

	if (key_hex == NULL || athar_text_utf8(&text, bytes, len, &changed, &err) != ATHAR_OK ||
	    (changed && athar_text_hex(&hex, bytes, len, &err) != ATHAR_OK)) {
		mark_failed(object);
		return;
	}
	set(object, key, json_string(text));
	if (changed)
		set(object, key_hex, json_string(hex));
	else if (object != NULL)
		(void)json_object_del(inner(object), key_hex);
}

void athar_json_set_text(athar_json *object, const char *key, const char *text)
{
	if (text == NULL)
		set(object, key, json_null());
	else if (athar_text_is_utf8(text, strlen(text)))
		set(object, key, json_string_nocheck(text));
	else
		set_lossless(object, key, text, strlen(text));
}

void athar_json_set_bytes(athar_json *object, const char *key, const void *bytes, size_t len)
{
	set_lossless(object, key, bytes, len);
}

static json_t *decimal(const char *sign, uint64_t number)
{
	char text[32];

	(void)snprintf(text, sizeof text, "%s%llu", sign, (unsigned long long)number);
	return json_string(text);
}

void athar_json_set_number(athar_json *object, const char *key, uint64_t number)
{
	set(object, key,
	    number <= NUMBER_MAX ? json_integer((json_int_t)number) : decimal("", number));
}

void athar_json_set_signed(athar_json *object, const char *key, int64_t number)
{
	const uint64_t size = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

	set(object, key,
	    size <= NUMBER_MAX ? json_integer(number) : decimal(number < 0 ? "-" : "", size));
}

void athar_json_set_bool(athar_json *object, const char *key, bool value)
{
	set(object, key, json_boolean(value));
}

void athar_json_set_null(athar_json *object, const char *key)
{
	set(object, key, json_null());
}

void athar_json_set(athar_json *object, const char *key, athar_json *value)
{
	set(object, key, inner(value));
}

void athar_json_append(athar_json *array, athar_json *value)
{
	handed_over(array, inner(value),
	            array != NULL && value != NULL &&
	                    json_array_append(inner(array), inner(value)) == 0);
}

void athar_json_append_text(athar_json *array, const char *text)
{
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) char *valid = NULL;

	if (array == NULL)
		return;
	if (text == NULL)
		athar_json_append(array, outer(json_null()));
	else if (athar_text_utf8(&valid, text, strlen(text), NULL, &err) != ATHAR_OK)
		mark_failed(array);
	else
		athar_json_append(array, outer(json_string(valid)));
}

/* \u202E, and above U+FFFF a pair of surrogates. */
static int write_escape(char *out, uint32_t character)
{
	if (character < 0x10000)
		return snprintf(out, 13, "\\u%04X", (unsigned)character);
	character -= 0x10000;
	return snprintf(out, 13, "\\u%04X\\u%04X", 0xD800 + (unsigned)(character >> 10),
	                0xDC00 + (unsigned)(character & 0x3FF));
}

/* Bytes up to the first that may begin a character with an escape: of ASCII only DEL is hidden and
 * not escaped already. Most records have nothing else. */
static size_t plain_length(const char *p, size_t len)
{
	size_t i = 0;

	while (i < len && (uint8_t)p[i] < 0x7F)
		i++;
	return i;
}

/* Does the character at p need an escape that jansson did not write? It leaves all but the C0
 * controls as they are; those that are left stand outside strings, as line ends of the pretty form.
 */
static size_t next_character(bool *escape, uint32_t *character, const char *p, size_t len)
{
	const size_t size = athar_utf8_decode(character, (const uint8_t *)p, len);

	*escape = *character >= 0x20 && athar_utf8_hidden(*character);
	return size;
}

/* Bytes by which the escapes make the text longer, at most. */
static size_t escape_growth(const char *json, size_t len)
{
	uint32_t character = 0;
	size_t growth = 0;
	bool escape = false;

	for (size_t i = 0; i < len; growth += escape ? 12 : 0) {
		i += plain_length(json + i, len - i);
		if (i < len)
			i += next_character(&escape, &character, json + i, len - i);
	}
	return growth;
}

static athar_status escape_hidden(char **out, const char *json, size_t growth, athar_error *err)
{
	const size_t len = strlen(json);
	char *escaped = athar_alloc(len + growth + 1, err);
	char *p = escaped;

	if (escaped == NULL)
		return err->status;
	for (size_t i = 0; i < len;) {
		uint32_t character = 0;
		bool escape = false;
		const size_t size = next_character(&escape, &character, json + i, len - i);

		if (escape)
			p += write_escape(p, character);
		else
			p = (char *)memcpy(p, json + i, size) + size;
		i += size;
	}
	*out = escaped;
	return ATHAR_OK;
}

/* Where jansson writes to. It passes over some failures of its writer (jansson 2.14 does for keys
 * of objects), so that half a record would look whole: the failure is kept here. */
typedef struct written {
	char *text;
	size_t len, capacity;
	athar_error *err;
	athar_status status;
} written;

static int write_more(const char *bytes, size_t len, void *user)
{
	written *w = user;

	if (w->status == ATHAR_OK)
		w->status = athar_grow(&w->text, &w->capacity, w->len + len + 1, 1, w->err);
	if (w->status != ATHAR_OK)
		return -1;
	memcpy(w->text + w->len, bytes, len);
	w->len += len;
	w->text[w->len] = '\0';
	return 0;
}

static athar_status dump(char **out, const athar_json *json, size_t flags, athar_error *err)
{
	ATHAR_AUTO(free) char *text = NULL;
	written w = {NULL, 0, 0, err, ATHAR_OK};
	int result = 0;

	if (json == NULL || !visit_all(inner(json), is_whole, 0))
		return athar_fail(err, ATHAR_ENOMEM, "memory ran out while a record was made");
	result = json_dump_callback(inner(json), write_more, &w,
	                            flags | JSON_SORT_KEYS | JSON_ENCODE_ANY);
	text = w.text;
	if (result != 0 || w.status != ATHAR_OK || text == NULL)
		return athar_fail(err, ATHAR_ENOMEM, "memory ran out while a record was written");
	const size_t growth = escape_growth(text, w.len);

	if (growth > 0)
		return escape_hidden(out, text, growth, err);
	*out = ATHAR_GIVE(text);
	return ATHAR_OK;
}

athar_status athar_json_line(char **out, const athar_json *json, athar_error *err)
{
	return dump(out, json, JSON_COMPACT, err);
}

athar_status athar_json_pretty(char **out, const athar_json *json, athar_error *err)
{
	return dump(out, json, JSON_INDENT(2), err);
}

athar_status athar_json_parse(athar_json **out, const char *text, size_t len, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *json = NULL;
	json_error_t why = {0};

	if (len > LENGTH_MAX)
		return athar_fail(err, ATHAR_EFORMAT,
		                  "JSON of %zu bytes is longer than athar reads", len);
	json = outer(json_loadb(text, len, JSON_REJECT_DUPLICATES, &why));
	/* jansson explains everything but that memory ran out. */
	if (json == NULL && why.text[0] == '\0')
		return athar_fail(err, ATHAR_ENOMEM, "memory ran out while JSON was read");
	if (json == NULL)
		return athar_fail(err, ATHAR_EFORMAT,
		                  "this is not the JSON athar writes: line %d: %s", why.line,
		                  why.text);
	if (!visit_all(inner(json), is_shallow, 1))
		return athar_fail(err, ATHAR_EFORMAT, "JSON is nested deeper than %d levels",
		                  DEPTH_MAX);
	*out = ATHAR_GIVE(json);
	return ATHAR_OK;
}

const athar_json *athar_json_get(const athar_json *object, const char *key)
{
	return outer(json_object_get(inner(object), key));
}

const char *athar_json_get_text(const athar_json *object, const char *key)
{
	return athar_json_text(athar_json_get(object, key));
}

/* Digits and nothing else, without leading zeros: as athar_json_set_number writes them. */
static bool read_decimal(const char *p, uint64_t *out)
{
	if (*p < '0' || *p > '9' || (*p == '0' && p[1] != '\0'))
		return false;
	for (*out = 0; *p != '\0'; p++) {
		if (*p < '0' || *p > '9' || !athar_mul(*out, 10, out) ||
		    !athar_add(*out, (uint64_t)(*p - '0'), out))
			return false;
	}
	return true;
}

bool athar_json_get_number(const athar_json *object, const char *key, uint64_t *out)
{
	const json_t *value = json_object_get(inner(object), key);
	uint64_t number = 0;

	if (json_is_integer(value) && json_integer_value(value) >= 0)
		number = (uint64_t)json_integer_value(value);
	else if (!json_is_string(value) || !read_decimal(json_string_value(value), &number))
		return false;
	*out = number;
	return true;
}

bool athar_json_get_signed(const athar_json *object, const char *key, int64_t *out)
{
	const json_t *value = json_object_get(inner(object), key);
	const char *text = json_string_value(value);
	const bool negative = text != NULL && text[0] == '-';
	uint64_t size = 0;

	if (json_is_integer(value)) {
		*out = json_integer_value(value);
		return true;
	}
	if (text == NULL || !read_decimal(text + negative, &size) ||
	    size > (uint64_t)INT64_MAX + negative)
		return false;
	*out = (int64_t)(negative ? 0 - size : size);
	return true;
}

bool athar_json_get_bool(const athar_json *object, const char *key, bool *out)
{
	const json_t *value = json_object_get(inner(object), key);

	if (!json_is_boolean(value))
		return false;
	*out = json_is_true(value);
	return true;
}

athar_status athar_json_get_bytes(uint8_t **out, size_t *out_len, const athar_json *object,
                                  const char *key, athar_error *err)
{
	ATHAR_AUTO(free) char *key_hex = athar_format_text(err, "%s_hex", key);
	const char *text = athar_json_get_text(object, key);
	const char *hex = NULL;

	if (key_hex == NULL)
		return err->status;
	hex = athar_json_get_text(object, key_hex);
	if (hex != NULL)
		return athar_text_unhex(out, out_len, hex, err);
	if (text == NULL)
		return athar_fail(err, ATHAR_EFORMAT, "a record lacks the text \"%s\"", key);
	*out = athar_copy_bytes(text, strlen(text), err);
	if (*out == NULL)
		return err->status;
	*out_len = strlen(text);
	return ATHAR_OK;
}

size_t athar_json_count(const athar_json *json)
{
	return json_is_array(inner(json)) ? json_array_size(inner(json))
	                                  : json_object_size(inner(json));
}

const athar_json *athar_json_at(const athar_json *array, size_t index)
{
	return outer(json_array_get(inner(array), index));
}

const char *athar_json_text(const athar_json *value)
{
	return json_string_value(inner(value));
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *athar_json_key(const athar_json *object, size_t index)
{
	const size_t count = json_object_size(inner(object));
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) const char **keys = NULL;
	const char *key = NULL;
	json_t *member = NULL;
	size_t i = 0;

	if (index >= count)
		return NULL;
	keys = athar_alloc_array(count, sizeof *keys, &err);
	if (keys == NULL)
		return NULL;
	json_object_foreach(inner(object), key, member) keys[i++] = key;
	qsort(keys, count, sizeof *keys, compare_keys);
	return keys[index];
}

athar_json *athar_json_copy(const athar_json *value)
{
	athar_json *copy = value == NULL ? NULL : outer(json_deep_copy(inner(value)));

	if (copy != NULL && !visit_all(inner(value), is_whole, 0))
		mark_failed(copy);
	return copy;
}
