/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a volume keeps what says where all else is: so that a medium that dies is asked for all of
 * it at once, and not block by block as a walk comes upon it.
 */
#ifndef ATHAR_VOLUME_LAYOUT_H
#define ATHAR_VOLUME_LAYOUT_H

#include "volume/volume.h"

/* Image ranges. */
typedef struct athar_layout {
	athar_runs maps;     /* what says which blocks are in use, and what leads to it */
	athar_runs metadata; /* what a walk over all files reads, maps included */
	bool exact; /* the system is known here: a walk should need nothing that is not listed */
	bool whole; /* all that leads there could be read and made sense */
} athar_layout;

#define ATHAR_LAYOUT_INIT \
	{ \
		ATHAR_RUNS_INIT, ATHAR_RUNS_INIT, false, false \
	}

/* Of NTFS, FAT, exFAT and ext; of others nothing. As far as the source leads: over one of
 * image/lacking.h what is not there yet is wanted, all that is known of it at once. maps_only: no
 * more than that is looked for. beat is called from time to time. */
athar_status athar_layout_find(athar_layout *out, athar_source *source,
                               const athar_volume_info *info, bool maps_only,
                               athar_status (*beat)(void *user, athar_error *err), void *user,
                               athar_error *err);
void athar_layout_clear(athar_layout *layout);
ATHAR_DEFINE_AUTO_VALUE(layout, athar_layout, athar_layout_clear)

#endif
