/* SPDX-License-Identifier: BSD-2-Clause */
#include "carve/blocks.h"

#include <string.h>

#include "base/alloc.h"
#include "format/format.h"

#define PAGE 4096u
/* Shorter magics stand at the beginning of a block by chance. */
#define MAGIC_LEAST 4u
/* Different bytes that packed data have at least in 512; random ones have 209 to 230. */
#define DENSE_LEAST 150u

static bool begins(const uint8_t *bytes, size_t len)
{
	for (const athar_format *const *f = athar_formats(); *f != NULL; f++)
		for (const athar_magic *m = (*f)->magic; m->len != 0; m++)
			if (m->len >= MAGIC_LEAST && (size_t)m->at + m->len <= len &&
			    memcmp(bytes + m->at, m->bytes, m->len) == 0)
				return true;
	return false;
}

uint8_t athar_block_look(const uint8_t *bytes, size_t len)
{
	uint16_t times[256] = {0};
	size_t distinct = 0, text = 0;
	uint8_t kind = ATHAR_BLOCK_MIXED;

	for (size_t i = 0; i < len; i++)
		distinct += times[bytes[i]]++ == 0;
	for (unsigned c = 0; c < 256; c++)
		text += (c >= 0x20 && c < 0x7F) || (c >= 9 && c <= 13) ? times[c] : 0;
	if (distinct <= 1)
		kind = ATHAR_BLOCK_BLANK;
	else if (text >= len - len / 32)
		kind = ATHAR_BLOCK_TEXT;
	else if (distinct > DENSE_LEAST)
		kind = ATHAR_BLOCK_DENSE;
	return kind | (begins(bytes, len) ? ATHAR_BLOCK_BEGINS : 0);
}

athar_status athar_blocks_get(uint8_t *out, athar_blocks *b, uint64_t count, uint64_t index,
                              athar_error *err)
{
	const uint64_t pages = count / PAGE + 1;

	if (b->page == NULL) {
		b->page = athar_alloc_array((size_t)pages, sizeof *b->page, err);
		if (b->page == NULL)
			return ATHAR_ENOMEM;
		b->pages = (size_t)pages;
	}
	uint8_t **page = &b->page[index / PAGE];

	if (*page == NULL && (*page = athar_alloc(PAGE, err)) == NULL)
		return ATHAR_ENOMEM;
	*out = (*page)[index % PAGE];
	return ATHAR_OK;
}

void athar_blocks_put(athar_blocks *b, uint64_t index, uint8_t look)
{
	b->page[index / PAGE][index % PAGE] = look;
}

void athar_blocks_clear(athar_blocks *b)
{
	for (size_t i = 0; i < b->pages; i++)
		free(b->page[i]);
	free(b->page);
	*b = (athar_blocks){.pages = 0};
}
