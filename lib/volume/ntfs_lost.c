/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/ntfs_lost.h"

#include <string.h>

#include "base/check.h"
#include "volume/ntfs_names.h"
#include "volume/vss.h"

static void lost_clear(athar_ntfs_lost *l)
{
	athar_ntfs_found_clear(&l->found);
	athar_seen_clear(&l->bodies);
	athar_seen_clear(&l->named);
}
ATHAR_DEFINE_AUTO_VALUE(lost, athar_ntfs_lost, lost_clear)

/* Of the same table what was in use is of later than what was not. */
static athar_status give_records(athar_ntfs_lost *l, athar_error *err)
{
	for (int freed = 0; freed <= 1; freed++) {
		for (size_t i = 0; i < l->found.count && !l->w->full; i++) {
			const athar_ntfs_lost_record *lost = &l->found.record[i];

			if (lost->in_use != (freed == 0))
				continue;
			ATHAR_TRY(athar_ntfs_give_record(l, lost, err));
			if (i % 256 == 0)
				ATHAR_TRY(athar_walk_beat(l->w, err));
		}
	}
	return ATHAR_OK;
}

static athar_status tell(athar_ntfs_lost *l, athar_error *err)
{
	char text[160];

	if (l->found.full)
		ATHAR_TRY(athar_walk_finding(
			l->w, false, err,
			"there are more lost file records than are looked at: some are left out"));
	if (l->unnamed > 0)
		ATHAR_TRY(
			athar_walk_finding(l->w, false, err,
		                           "up to %llu more deleted files are known by name only: "
		                           "they are not listed",
		                           (unsigned long long)l->unnamed));
	if (l->contradictory + l->found.torn == 0)
		return ATHAR_OK;
	snprintf(text, sizeof text,
	         "left out: %llu lost file records that are torn or contradict this volume",
	         (unsigned long long)(l->contradictory + l->found.torn));
	return athar_walk_note(l->w, text, err);
}

athar_status athar_ntfs_lost_prepare(athar_walk *w, athar_error *err)
{
	ATHAR_TRY(athar_ntfs_present_load(&w->present, w, err));
	return athar_usn_load(&w->usn, w, err);
}

athar_status athar_ntfs_lost_walk(athar_walk *w, athar_error *err)
{
	ATHAR_AUTO(lost) athar_ntfs_lost l = {.w = w, .present = w->present};
	athar_status status;

	ATHAR_TRY(athar_vss_tell(w, err));
	status = athar_ntfs_found_search(&l.found, w, w->present, err);
	if (status == ATHAR_EFORMAT)
		return athar_walk_finding(w, false, err, "lost file records are not looked for: %s",
		                          err->text);
	ATHAR_TRY(status);
	ATHAR_TRY(athar_ntfs_claims_settle(&w->present->claims, err));
	ATHAR_TRY(give_records(&l, err));
	ATHAR_TRY(athar_ntfs_names_walk(&l, err));
	return tell(&l, err);
}

athar_status athar_ntfs_lost_read(size_t *got, athar_volume *volume, uint64_t record, uint32_t type,
                                  uint16_t id, void *buf, size_t len, uint64_t offset,
                                  athar_error *err)
{
	ATHAR_AUTO(ntfs_stream) athar_ntfs_stream s = {.count = 0};
	athar_ntfs_ground ground;
	bool good = false;

	*got = 0;
	if (athar_volume_is_ntfs(volume))
		ATHAR_TRY(
			athar_ntfs_give_stream(&s, &ground, &good, volume, record, type, id, err));
	if (!good)
		return athar_fail_at(err, ATHAR_EFORMAT, record, "no record of a file is there");
	return athar_ntfs_stream_read(got, &s, &ground, volume->image->source, buf, len, offset,
	                              err);
}
