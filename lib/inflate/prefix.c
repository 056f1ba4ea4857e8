/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "inflate/bits.h"

#define WHOLE \
	((uint32_t)1 << ATHAR_PREFIX_LONGEST) /* all codes together, when they are one code \
	                                       */

static void sort_symbols(athar_prefix *p, const uint8_t *lengths, size_t count)
{
	uint16_t next[ATHAR_PREFIX_LONGEST + 1] = {0};

	memcpy(next + 1, p->place + 1, sizeof next - sizeof next[0]);
	for (size_t i = 0; i < count; i++)
		if (lengths[i] > 0)
			p->symbol[next[lengths[i]]++] = (uint16_t)i;
}

static void set_starts(athar_prefix *p)
{
	unsigned length = 1;

	for (uint32_t i = 0; i < 256; i++) {
		while (length < ATHAR_PREFIX_LONGEST && i << 8 >= p->limit[length])
			length++;
		p->start[i] = (uint8_t)length;
	}
}

bool athar_prefix_make(athar_prefix *out, const uint8_t *lengths, size_t count)
{
	uint16_t counts[ATHAR_PREFIX_LONGEST + 1] = {0};
	uint32_t code = 0;
	uint16_t place = 0;

	for (size_t i = 0; i < count; i++) {
		if (lengths[i] > ATHAR_PREFIX_LONGEST)
			return false;
		counts[lengths[i]]++;
	}
	for (unsigned length = 1; length <= ATHAR_PREFIX_LONGEST; length++) {
		out->first[length] = code;
		out->place[length] = place;
		code += (uint32_t)counts[length] << (ATHAR_PREFIX_LONGEST - length);
		place = (uint16_t)(place + counts[length]);
		out->limit[length] = code;
	}
	if (code != WHOLE && code != 0)
		return false;
	sort_symbols(out, lengths, count);
	set_starts(out);
	return true;
}
