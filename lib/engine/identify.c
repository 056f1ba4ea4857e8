/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/identify.h"

#include <string.h>

#include "base/check.h"
#include "engine/name_says.h"

/* Bytes read to find out what a content is: a hostile one must not cost a day. */
#define IDENTIFY_LIMIT (UINT64_C(16) << 30)

void athar_identify_note(athar_find *f, const athar_format *format, const athar_claim *claim,
                         uint64_t bad)
{
	(void)snprintf(f->format, sizeof f->format, "%s", format->name);
	(void)snprintf(f->subtype, sizeof f->subtype, "%s", claim->subtype);
	(void)snprintf(f->extension, sizeof f->extension, "%s",
	               claim->extension[0] != '\0' ? claim->extension : format->extension);
	(void)snprintf(f->claim_why, sizeof f->claim_why, "%s", claim->why);
	memcpy(f->field, claim->field, sizeof f->field);
	f->field_count = claim->field_count;
	f->claim_grade = claim->grade;
	f->claim_length = claim->length;
	f->claim_proven = athar_min(claim->proven, claim->length);
	f->claim_ends = claim->open && claim->proven == claim->length;
	f->claim_unseen = claim->alike ? claim->length : athar_min(claim->unseen, claim->length);
	f->bad = bad;
}

athar_status athar_identify_not(athar_find *f, const char *why)
{
	(void)snprintf(f->claim_why, sizeof f->claim_why, "%s", why);
	return ATHAR_OK;
}

static uint64_t work_for(uint64_t size)
{
	uint64_t work = 0;

	return athar_mul(size, 64, &work) ? athar_min(work, IDENTIFY_LIMIT) : IDENTIFY_LIMIT;
}

/* Not of what the file system has encrypted: it looks like nothing. */
static athar_status doubt_name(athar_find *f, athar_source *content, athar_error *err)
{
	ATHAR_AUTO(reader) athar_reader *reader = NULL;

	if (f->path == NULL || strncmp(f->why, "encrypted", 9) == 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_new(&reader, content, 0, f->size, 0, err));
	return athar_name_says(f->doubt, f->path, f->path_len, f->format, reader, err);
}

athar_status athar_identify(athar_find *f, athar_source *content, athar_error *err)
{
	ATHAR_AUTO(reader) athar_reader *reader = NULL;
	const athar_format *format = NULL;
	athar_claim claim = {.ours = false};

	ATHAR_TRY(athar_reader_new(&reader, content, 0, f->size, work_for(f->size), err));
	athar_status status = athar_format_identify(&format, &claim, reader, err);
	if (status == ATHAR_ELIMIT || status == ATHAR_EOF)
		return athar_identify_not(f, "checking its content was too much work");
	ATHAR_TRY(status);
	if (format != NULL)
		athar_identify_note(f, format, &claim, athar_reader_bad(reader, f->size));
	return doubt_name(f, content, err);
}
