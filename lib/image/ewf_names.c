/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/alloc.h"
#include "image/ewf.h"

static bool is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* E01 ... E99, then EAA ... EZZ, FAA ... ZZZ, in the case of the first letter. */
athar_status athar_ewf_name(char **out, const char *first, uint32_t number, athar_error *err)
{
	const size_t len = strlen(first);
	ATHAR_AUTO(free) char *name = NULL;
	char *end;

	if (len < 4 || first[len - 4] != '.' || !is_letter(first[len - 3]) ||
	    strcmp(first + len - 2, "01") != 0)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "%s: the first file of a set is named like image.E01", first);
	name = athar_copy_text(first, err);
	if (name == NULL)
		return err->status;
	end = name + len - 3;
	if (number < 100) {
		end[1] = (char)('0' + number / 10);
		end[2] = (char)('0' + number % 10);
	} else {
		const uint32_t k = number - 100;
		const uint32_t low = *end >= 'a' ? 'a' : 'A';
		const uint32_t letter = (uint32_t)*end + k / 676;

		if (letter > low + 25)
			return athar_fail(err, ATHAR_ELIMIT,
			                  "%s: there are no more names than up to ZZZ", first);
		end[0] = (char)letter;
		end[1] = (char)(low + k / 26 % 26);
		end[2] = (char)(low + k % 26);
	}
	*out = ATHAR_GIVE(name);
	return ATHAR_OK;
}
