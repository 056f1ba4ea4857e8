/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

#define PAGE 4096

static void *lacking(size_t size, athar_error *err)
{
	(void)athar_fail(err, ATHAR_ENOMEM, "memory ran out: %zu bytes were asked for", size);
	return NULL;
}

void *athar_alloc(size_t size, athar_error *err)
{
	return athar_alloc_array(size == 0 ? 1 : size, 1, err);
}

void *athar_alloc_array(size_t count, size_t size, athar_error *err)
{
	uint64_t bytes = 0;
	void *p = NULL;

	if (!athar_mul(count, size, &bytes) || bytes > PTRDIFF_MAX)
		return lacking(SIZE_MAX, err);
	p = calloc(1, bytes == 0 ? 1 : (size_t)bytes);
	return p != NULL ? p : lacking((size_t)bytes, err);
}

void *athar_alloc_pages(size_t size, athar_error *err)
{
	void *p = NULL;
	size_t whole = 0;

	if (size > PTRDIFF_MAX - PAGE)
		return lacking(size, err);
	whole = (size_t)athar_round_up(size == 0 ? 1 : size, PAGE);
	p = aligned_alloc(PAGE, whole);
	if (p == NULL)
		return lacking(whole, err);
	memset(p, 0, whole);
	return p;
}

athar_status athar_grow(void *array, size_t *capacity, size_t count, size_t size, athar_error *err)
{
	size_t wanted = *capacity < 4 ? 8 : *capacity;
	uint64_t bytes = 0;
	void *old = NULL;
	void *new = NULL;

	if (count <= *capacity)
		return ATHAR_OK;
	while (wanted < count && wanted <= SIZE_MAX / 2)
		wanted *= 2;
	if (wanted < count || !athar_mul(wanted, size, &bytes) || bytes > PTRDIFF_MAX)
		return athar_fail(err, ATHAR_ENOMEM, "memory ran out: %zu elements were asked for",
		                  count);
	/* The pointer behind `array` has a type of its own: it is copied, not cast. */
	memcpy(&old, array, sizeof old);
	new = realloc(old, (size_t)bytes);
	if (new == NULL)
		return athar_fail(err, ATHAR_ENOMEM, "memory ran out: %zu bytes were asked for",
		                  (size_t)bytes);
	memcpy(array, &new, sizeof new);
	*capacity = wanted;
	return ATHAR_OK;
}

char *athar_copy_text(const char *text, athar_error *err)
{
	return (char *)athar_copy_bytes(text, strlen(text), err);
}

uint8_t *athar_copy_bytes(const void *bytes, size_t len, athar_error *err)
{
	uint8_t *copy = len == SIZE_MAX ? lacking(len, err) : athar_alloc(len + 1, err);

	if (copy != NULL && len > 0)
		memcpy(copy, bytes, len);
	return copy;
}

char *athar_format_text(athar_error *err, const char *format, ...)
{
	va_list arguments;
	char *text = NULL;
	int len = 0;

	va_start(arguments, format);
	len = vasprintf(&text, format, arguments);
	va_end(arguments);
	return len >= 0 ? text : lacking(strlen(format), err);
}
