/* SPDX-License-Identifier: BSD-2-Clause */
#include "case/contents.h"

#include <string.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "digest/digest.h"

/* A SHA-256 is a hash already: its first bytes choose the slot. Evidence can make files whose
 * hashes share a few bytes, not enough of them to matter. */
static uint32_t *find_slot(const athar_contents *t, const uint8_t sha256[32], uint64_t size)
{
	size_t i = (size_t)athar_le64(sha256) & (t->slots - 1);

	for (;; i = (i + 1) & (t->slots - 1)) {
		const athar_content *c;

		if (t->slot[i] == 0)
			return &t->slot[i];
		c = &t->content[t->slot[i] - 1];
		if (c->size == size && memcmp(c->sha256, sha256, 32) == 0)
			return &t->slot[i];
	}
}

athar_content *athar_contents_find(const athar_contents *t, const uint8_t sha256[32], uint64_t size)
{
	uint32_t index = t->slots == 0 ? 0 : *find_slot(t, sha256, size);

	return index == 0 ? NULL : &t->content[index - 1];
}

/* Twice the slots, when more than half of them would be taken. */
static athar_status make_slots(athar_contents *t, athar_error *err)
{
	athar_contents wider = *t;

	if ((t->count + 1) * 2 <= t->slots)
		return ATHAR_OK;
	wider.slots = t->slots == 0 ? 1024 : t->slots * 2;
	wider.slot = athar_alloc_array(wider.slots, sizeof *wider.slot, err);
	if (wider.slot == NULL)
		return err->status;
	for (size_t i = 0; i < t->slots; i++) {
		const athar_content *c;

		if (t->slot[i] == 0)
			continue;
		c = &t->content[t->slot[i] - 1];
		*find_slot(&wider, c->sha256, c->size) = t->slot[i];
	}
	free(t->slot);
	*t = wider;
	return ATHAR_OK;
}

athar_status athar_contents_add(athar_contents *t, const athar_content *content, bool again,
                                athar_error *err)
{
	if (t->count >= UINT32_MAX - 1)
		return athar_fail(err, ATHAR_ELIMIT, "a run holds at most 2^32 contents");
	ATHAR_TRY(make_slots(t, err));
	ATHAR_TRY(athar_grow(&t->content, &t->capacity, t->count + 1, sizeof *t->content, err));
	t->content[t->count++] = *content;
	if (again)
		*find_slot(t, content->sha256, content->size) = (uint32_t)t->count;
	return ATHAR_OK;
}

void athar_contents_clear(athar_contents *t)
{
	free(t->content);
	free(t->slot);
	*t = (athar_contents){NULL, 0, 0, NULL, 0};
}

static uint8_t digit(char c)
{
	return (uint8_t)(c >= 'a' ? c - 'a' + 10 : c - '0');
}

void athar_content_set_hex(athar_content *content, const char *hex)
{
	for (size_t i = 0; i < sizeof content->sha256; i++)
		content->sha256[i] = (uint8_t)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
}

void athar_content_get_hex(char hex[65], const athar_content *content)
{
	athar_digest_hex(hex, content->sha256);
}
