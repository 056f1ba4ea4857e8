/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The version in the resources of a program: a tree of three levels, kind, name and language, whose
 * leaves say where the data are. Nothing depends on it: what cannot be read is not noted.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/pe.h"

#define VERSION 16u /* the kind */
#define ENTRIES 512u
#define HEAD 16u
#define DEEPER UINT32_C(0x80000000)
#define FIXED 40u /* of VS_VERSIONINFO, where its numbers are */

/* What the entry of the directory at `at` leads to that has this name; or the first one. */
static athar_status find(uint32_t *out, athar_pe *p, uint64_t at, bool any, uint32_t name,
                         athar_error *err)
{
	athar_bytes b;

	*out = UINT32_MAX;
	ATHAR_TRY(athar_reader_get(&b, p->w->in, at, HEAD, err));
	const uint32_t count = (uint32_t)athar_le16(b.ptr + 12) + athar_le16(b.ptr + 14);

	if (count > ENTRIES)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, p->w->in, at + HEAD, (size_t)count * 8, err));
	for (uint32_t i = 0; i < count && *out == UINT32_MAX; i++) {
		if (any || athar_le32(b.ptr + 8 * i) == name)
			*out = athar_le32(b.ptr + 8 * i + 4);
	}
	return ATHAR_OK;
}

/* The leaf below the kind; 0: there is none. */
static athar_status find_leaf(uint64_t *leaf, athar_pe *p, uint64_t root, athar_error *err)
{
	uint32_t next;

	*leaf = 0;
	ATHAR_TRY(find(&next, p, root, false, VERSION, err));
	for (int level = 0; level < 2; level++) {
		if (next == UINT32_MAX || (next & DEEPER) == 0)
			return ATHAR_OK;
		ATHAR_TRY(find(&next, p, root + (next & ~DEEPER), true, 0, err));
	}
	if (next < DEEPER)
		*leaf = root + next;
	return ATHAR_OK;
}

static athar_status read_version(athar_pe *p, uint64_t root, athar_error *err)
{
	uint64_t leaf;
	athar_bytes b;

	ATHAR_TRY(find_leaf(&leaf, p, root, err));
	if (leaf == 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, p->w->in, leaf, 8, err));
	const uint64_t at = athar_pe_place(p, athar_le32(b.ptr));

	if (at == 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, p->w->in, at, FIXED + 16, err));
	const uint8_t *v = b.ptr + FIXED;

	if (athar_le32(v) == 0xFEEF04BD)
		athar_walk_field(p->w, "version", "%u.%u.%u.%u", athar_le16(v + 10),
		                 athar_le16(v + 8), athar_le16(v + 14), athar_le16(v + 12));
	return ATHAR_OK;
}

athar_status athar_pe_version(athar_pe *p, athar_error *err)
{
	const uint64_t root = p->directories <= ATHAR_PE_RESOURCES
	                              ? 0
	                              : athar_pe_place(p, p->directory[ATHAR_PE_RESOURCES].at);

	return root == 0 ? ATHAR_OK : read_version(p, root, err);
}
