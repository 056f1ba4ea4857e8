/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar/extents.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/idiom.h"

static const char *const kind_names[] = {"data", "hole", "derived", "missing"};
static const char *const transform_names[] = {
	"none",   "fixup", "lznt1",  "deflate",         "lz4", "zstd", "lzo",
	"xpress", "lzx",   "base64", "quoted-printable"};

/* Zeros have no place; data lies in the image as it is; both sides of a range end below 2^64. */
static athar_status check(const athar_extent *extent, athar_error *err)
{
	const bool zeros =
		extent->kind == ATHAR_EXTENT_HOLE || extent->kind == ATHAR_EXTENT_MISSING;
	uint64_t end = 0;

	if (!athar_add(extent->logical, extent->length, &end))
		return athar_fail(err, ATHAR_ELIMIT, "a file's extents pass the end of addresses");
	if (zeros)
		return ATHAR_OK;
	if (!athar_add(extent->image, extent->stored, &end))
		return athar_fail_at(err, ATHAR_ELIMIT, extent->image,
		                     "an extent passes the end of addresses");
	return ATHAR_OK;
}

/* What each kind says by itself is set here, so that a caller cannot contradict it. */
static void settle(athar_extent *extent, uint64_t logical)
{
	extent->logical = logical;
	if (extent->kind == ATHAR_EXTENT_HOLE || extent->kind == ATHAR_EXTENT_MISSING) {
		extent->image = ATHAR_NOWHERE;
		extent->stored = 0;
	}
	if (extent->kind == ATHAR_EXTENT_DATA)
		extent->stored = extent->length;
	if (extent->kind != ATHAR_EXTENT_DERIVED)
		extent->transform = ATHAR_TRANSFORM_NONE;
}

/* Can b be told as part of a, which lies right before it? Derived pieces are undone one by one and
 * stay apart. */
static bool continues(const athar_extent *a, const athar_extent *b)
{
	if (a->kind != b->kind || a->kind == ATHAR_EXTENT_DERIVED)
		return false;
	return a->kind != ATHAR_EXTENT_DATA || a->image + a->stored == b->image;
}

athar_status athar_extents_add(athar_extents *x, athar_extent extent, athar_error *err)
{
	athar_extent *last = x->count == 0 ? NULL : &x->extent[x->count - 1];

	settle(&extent, athar_extents_size(x));
	if (extent.length == 0)
		return ATHAR_OK;
	ATHAR_TRY(check(&extent, err));
	if (last != NULL && continues(last, &extent)) {
		last->length += extent.length;
		last->stored += extent.stored;
		return ATHAR_OK;
	}
	ATHAR_TRY(athar_grow(&x->extent, &x->capacity, x->count + 1, sizeof *x->extent, err));
	x->extent[x->count++] = extent;
	return ATHAR_OK;
}

athar_status athar_extents_add_data(athar_extents *x, uint64_t image, uint64_t length,
                                    athar_error *err)
{
	const athar_extent extent = {.image = image, .length = length, .kind = ATHAR_EXTENT_DATA};

	return athar_extents_add(x, extent, err);
}

void athar_extents_truncate(athar_extents *x, uint64_t size)
{
	while (x->count > 0 && x->extent[x->count - 1].logical >= size)
		x->count--;
	if (x->count == 0 || athar_extents_size(x) <= size)
		return;
	athar_extent *last = &x->extent[x->count - 1];

	last->length = size - last->logical;
	/* A derived extent is made of all it has stored, however much of it is wanted. */
	if (last->kind == ATHAR_EXTENT_DATA)
		last->stored = last->length;
}

uint64_t athar_extents_size(const athar_extents *x)
{
	if (x->count == 0)
		return 0;
	return x->extent[x->count - 1].logical + x->extent[x->count - 1].length;
}

bool athar_extents_plain(const athar_extents *x)
{
	for (size_t i = 0; i < x->count; i++)
		if (x->extent[i].kind != ATHAR_EXTENT_DATA)
			return false;
	return true;
}

athar_status athar_extents_copy(athar_extents *out, const athar_extents *x, athar_error *err)
{
	ATHAR_AUTO(extents) athar_extents copy = ATHAR_EXTENTS_INIT;

	if (out == x)
		return ATHAR_OK;
	ATHAR_TRY(athar_grow(&copy.extent, &copy.capacity, x->count, sizeof *x->extent, err));
	if (x->count > 0)
		memcpy(copy.extent, x->extent, x->count * sizeof *x->extent);
	copy.count = x->count;
	athar_extents_clear(out);
	*out = copy;
	copy = (athar_extents)ATHAR_EXTENTS_INIT;
	return ATHAR_OK;
}

void athar_extents_clear(athar_extents *x)
{
	free(x->extent);
	*x = (athar_extents)ATHAR_EXTENTS_INIT;
}

const char *athar_extent_kind_name(athar_extent_kind kind)
{
	return (size_t)kind < ATHAR_COUNT(kind_names) ? kind_names[kind] : "unknown";
}

const char *athar_transform_name(athar_transform transform)
{
	return (size_t)transform < ATHAR_COUNT(transform_names) ? transform_names[transform]
	                                                        : "unknown";
}

static bool find_name(size_t *index, const char *const *names, size_t count, const char *name)
{
	for (*index = 0; name != NULL && *index < count; ++*index)
		if (strcmp(names[*index], name) == 0)
			return true;
	return false;
}

bool athar_extent_kind_parse(athar_extent_kind *out, const char *name)
{
	size_t index = 0;

	if (!find_name(&index, kind_names, ATHAR_COUNT(kind_names), name))
		return false;
	*out = (athar_extent_kind)index;
	return true;
}

bool athar_transform_parse(athar_transform *out, const char *name)
{
	size_t index = 0;

	if (!find_name(&index, transform_names, ATHAR_COUNT(transform_names), name))
		return false;
	*out = (athar_transform)index;
	return true;
}
