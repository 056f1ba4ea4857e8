/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/seen.h"

#include "base/alloc.h"

#define SEEN_FIRST 64

static size_t slot_of(const uint64_t *slot, size_t capacity, uint64_t value)
{
	size_t at = (size_t)((value * UINT64_C(0x9E3779B97F4A7C15)) >> 20) & (capacity - 1);

	while (slot[at] != 0 && slot[at] != value)
		at = (at + 1) & (capacity - 1);
	return at;
}

static athar_status seen_grow(athar_seen *seen, athar_error *err)
{
	const size_t capacity = seen->capacity == 0 ? SEEN_FIRST : seen->capacity * 2;
	uint64_t *slot = athar_alloc_array(capacity, sizeof *slot, err);

	if (slot == NULL)
		return err->status;
	for (size_t i = 0; i < seen->capacity; i++) {
		if (seen->slot[i] != 0)
			slot[slot_of(slot, capacity, seen->slot[i])] = seen->slot[i];
	}
	free(seen->slot);
	seen->slot = slot;
	seen->capacity = capacity;
	return ATHAR_OK;
}

/* No file system has 2^64 - 1 as an address; it would wrap to the empty slot's 0. */
static uint64_t value_of(uint64_t address)
{
	return address == UINT64_MAX ? address : address + 1;
}

bool athar_seen_has(const athar_seen *seen, uint64_t address)
{
	return seen->count > 0 &&
	       seen->slot[slot_of(seen->slot, seen->capacity, value_of(address))] != 0;
}

athar_status athar_seen_add(athar_seen *seen, uint64_t address, bool *fresh, athar_error *err)
{
	const uint64_t value = value_of(address);
	size_t at;

	if (seen->count * 2 >= seen->capacity)
		ATHAR_TRY(seen_grow(seen, err));
	at = slot_of(seen->slot, seen->capacity, value);
	*fresh = seen->slot[at] == 0;
	if (*fresh) {
		seen->slot[at] = value;
		seen->count++;
	}
	return ATHAR_OK;
}

void athar_seen_clear(athar_seen *seen)
{
	free(seen->slot);
	*seen = (athar_seen){NULL, 0, 0};
}
