/* SPDX-License-Identifier: BSD-2-Clause */
#include "case/record_set.h"

#include <string.h>

#include "base/alloc.h"

/* FNV-1a. The names are athar's own; names made to collide would only cost time. */
static size_t hash_name(const char *name)
{
	uint64_t h = UINT64_C(0xCBF29CE484222325);

	for (; *name != '\0'; name++)
		h = (h ^ (uint8_t)*name) * UINT64_C(0x100000001B3);
	return (size_t)h;
}

static uint32_t *find_slot(const athar_record_set *s, const char *name)
{
	size_t i = hash_name(name) & (s->slots - 1);

	while (s->slot[i] != 0 && strcmp(s->record[s->slot[i] - 1].name, name) != 0)
		i = (i + 1) & (s->slots - 1);
	return &s->slot[i];
}

static athar_status make_slots(athar_record_set *s, athar_error *err)
{
	athar_record_set wider = *s;

	if ((s->count + 1) * 2 <= s->slots)
		return ATHAR_OK;
	wider.slots = s->slots == 0 ? 64 : s->slots * 2;
	wider.slot = athar_alloc_array(wider.slots, sizeof *wider.slot, err);
	if (wider.slot == NULL)
		return err->status;
	for (size_t i = 0; i < s->count; i++)
		*find_slot(&wider, s->record[i].name) = (uint32_t)i + 1;
	free(s->slot);
	*s = wider;
	return ATHAR_OK;
}

static athar_status append(athar_file_record **out, athar_record_set *s, const char *name,
                           athar_error *err)
{
	if (s->count >= UINT32_MAX - 1)
		return athar_fail(err, ATHAR_ELIMIT, "more than 2^32 files are on record");
	ATHAR_TRY(athar_grow(&s->record, &s->capacity, s->count + 1, sizeof *s->record, err));
	*out = &s->record[s->count];
	(*out)->name = athar_copy_text(name, err);
	if ((*out)->name == NULL)
		return err->status;
	s->count++;
	*find_slot(s, name) = (uint32_t)s->count;
	return ATHAR_OK;
}

athar_status athar_record_set_add(athar_record_set *s, const char *name, const char *hex,
                                  uint64_t size, athar_error *err)
{
	athar_file_record *record = NULL;
	uint32_t index;

	ATHAR_TRY(make_slots(s, err));
	index = *find_slot(s, name);
	if (index != 0)
		record = &s->record[index - 1];
	else
		ATHAR_TRY(append(&record, s, name, err));
	snprintf(record->sha256, sizeof record->sha256, "%.64s", hex);
	record->size = size;
	return ATHAR_OK;
}

bool athar_record_set_has(const athar_record_set *s, const char *name)
{
	return s->slots != 0 && *find_slot(s, name) != 0;
}

void athar_record_set_clear(athar_record_set *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->record[i].name);
	free(s->record);
	free(s->slot);
	*s = (athar_record_set){NULL, 0, 0, NULL, 0};
}

bool athar_record_hex_form(const char *text)
{
	return strspn(text, "0123456789abcdef") == 64;
}

bool athar_record_name_form(const char *name)
{
	for (;;) {
		const size_t len = strcspn(name, "/");

		if (len == 0 || (len == 1 && name[0] == '.') ||
		    (len == 2 && name[0] == '.' && name[1] == '.'))
			return false;
		if (name[len] == '\0')
			return true;
		name += len + 1;
	}
}
