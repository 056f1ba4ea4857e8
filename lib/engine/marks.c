/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/marks.h"

#include <errno.h>
#include <string.h>

static athar_status add(athar_runs *out, const athar_json *range, athar_error *err)
{
	uint64_t offset = 0, length = 0;
	const char *kind = athar_json_get_text(range, "kind");
	bool unread = kind != NULL && strcmp(kind, "unread") == 0;

	if (!athar_json_get_number(range, "offset", &offset) ||
	    !athar_json_get_number(range, "length", &length))
		return athar_fail(err, ATHAR_EFORMAT,
		                  "acquisition.json: a bad range has no offset or length");
	return athar_runs_add(out, offset, length, unread ? ATHAR_RUN_UNREAD : ATHAR_RUN_BAD, err);
}

athar_status athar_marks_of(athar_runs *out, const athar_json *record, athar_error *err)
{
	const athar_json *bad = athar_json_get(record, "bad");

	for (size_t i = 0; bad != NULL && i < athar_json_count(bad); i++)
		ATHAR_TRY(add(out, athar_json_at(bad, i), err));
	return ATHAR_OK;
}

athar_status athar_marks_load(athar_runs *out, const athar_case *c, const char *slug,
                              athar_error *err)
{
	ATHAR_AUTO(json) athar_json *record = NULL;
	athar_error own = ATHAR_ERROR_INIT;
	athar_status status = athar_case_acquisition(&record, c, slug, &own);

	/* A record that is there and cannot be read may tell of bad ranges. */
	if (status == ATHAR_EIO && own.os_errno == ENOENT)
		return ATHAR_OK;
	if (status != ATHAR_OK) {
		*err = own;
		return status;
	}
	return athar_marks_of(out, record, err);
}
