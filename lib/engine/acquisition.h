/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One acquisition under way; what the files acquire*.c share.
 *
 *      acquire.c         the verb: options, custody, the order of the rest
 *      acquire_open.c    the source, the checks, confinement
 *      acquire_target.c  the exhibit's folder, the image or two, what stands of an earlier run
 *      acquire_room.c    what is kept back for the end
 *      acquire_level.c   two images that do not stand equally far
 *      acquire_read.c    in order, while the medium is healthy
 *      acquire_rescue.c  in the order that saves most, when it is not
 *      acquire_worth.c   what is worth most of it, first
 *      acquire_health.c  how the device fares meanwhile
 *      acquire_wait.c    when the device is away
 *      acquire_back.c    the read-back
 *      acquire_judge.c   what libewf makes of the image
 *      acquire_end.c     the records, the exhibit
 */
#ifndef ATHAR_ENGINE_ACQUISITION_H
#define ATHAR_ENGINE_ACQUISITION_H

#include "athar/acquire.h"
#include "athar/version.h"
#include "case/exhibit.h"
#include "engine/gate.h"
#include "engine/hold.h"
#include "engine/imaging.h"
#include "engine/session.h"
#include "engine/sheet.h"
#include "engine/worth.h"
#include "rescue/map.h"
#include "rescue/rescue.h"

/* The first line of our maps. */
#define ATHAR_MAP_TITLE "# Mapfile. Created by athar " ATHAR_VERSION "\n"

/* The end of the name of the file that grows in no order. */
#define ATHAR_SALVAGE "rescue"

/* A finished image in its folder. */
typedef struct athar_place {
	const char *folder; /* borrowed */
	char *image;        /* name of its first file; NULL: there is none */
	uint64_t bytes;     /* of all its files */
	athar_read_back read_back;
	athar_json *judged; /* what libewf makes of it; NULL: it was not asked */
	athar_status ended; /* how the read-back ended, and its failure */
	athar_error unread;
} athar_place;

typedef struct athar_acquisition {
	athar_case *c;
	athar_acquire_options options; /* with the words of an earlier session */
	const athar_context *context;
	const athar_watcher *watcher;
	athar_acquire_result *out;
	const char *confinement;

	athar_source *source;
	const athar_source_info *info;
	bool has_medium; /* the source can fail, and be read piece by piece */
	athar_medium medium;
	athar_gate *gate;  /* the way back to it; NULL: the source is no medium */
	athar_json *sheet; /* of a device, as it was before the first read */
	athar_json *notes; /* what is allowed and has to be said of it */
	athar_json *uses;  /* what superblocks say of its use after the declared seizure */
	athar_hold hold;
	int64_t asked;      /* when its health was asked last; 0: never */
	uint64_t hottest;   /* told of */
	bool ailing;        /* told of */
	athar_json *health; /* of a device, after the last read */
	const char *after;  /* is it still there, and the same? static; NULL: not asked */
	athar_runs domain;  /* with options.domain */
	athar_map earlier;  /* with options.from_map */
	athar_source *earlier_image;

	athar_exhibit *exhibit;
	athar_session session;
	athar_imaging imaging;
	uint64_t standing; /* bytes of the image that an earlier session left, whatever they are */
	uint64_t stood[ATHAR_OUTLETS]; /* of each: so far it is what its list says */
	char *copy_folder;             /* of the second image; NULL: there is none */
	bool copy_made;                /* it is there, and ours */

	size_t spare;  /* bytes behind session.healthy that are in medium.spare */
	athar_map map; /* count 0 until something is rescued */
	int salvage;   /* the file that grows in no order, where the image cannot; -1: none */
	athar_rescue rescued;
	int64_t rescuing_since; /* 0: not yet */
	athar_worth *worth;     /* with options.first */

	athar_place first, second;
	athar_json *files; /* for the custody line; not NULL: the exhibit stands */
} athar_acquisition;

/* ---- acquire_open.c ---- */
athar_status athar_acquisition_open(athar_acquisition *a, athar_error *err);
/* Of the source, just opened, the part that was asked for. */
athar_status athar_acquisition_window(athar_acquisition *a, athar_error *err);

/* ---- acquire_target.c ---- */
athar_status athar_acquisition_target(athar_acquisition *a, athar_error *err);
void athar_acquisition_spec(athar_sink_spec *out, const athar_acquisition *a);
/* "FOLDER/SLUG.END" of the exhibit's folder. */
char *athar_acquisition_path(const athar_acquisition *a, const char *end, athar_error *err);
/* The map as it is, malloc'd. */
athar_status athar_acquisition_map(char **out, const athar_acquisition *a, athar_error *err);
/* The same, durably, in the exhibit's folder. */
athar_status athar_acquisition_save(athar_acquisition *a, athar_error *err);

/* ---- acquire_room.c ---- */
/* Keeps some room back, and gives it up when the records or the state are to be written. */
void athar_acquisition_keep_room(const athar_acquisition *a);
void athar_acquisition_give_room(athar_acquisition *a);

/* ---- acquire_level.c ---- */
/* The next outlet, which stands up to `stood`, gets from the other one what that has before
 * a->imaging.at. One that cannot be written to is left behind. */
athar_status athar_acquisition_level(athar_acquisition *a, const athar_sink_spec *spec,
                                     uint64_t stood, athar_source *from, athar_error *err);

/* Before a map is saved: of two images that grow in no order the one that failed is noted, durably,
 * as lacking what the other has. */
athar_status athar_acquisition_note_behind(athar_acquisition *a, athar_error *err);
/* Such a one gets what it lacks, where it can be written again. */
athar_status athar_acquisition_catch_up(athar_acquisition *a, athar_error *err);

/* ---- acquire_read.c ---- */
/* All legs; afterwards the image has all its bytes. */
athar_status athar_acquisition_read(athar_acquisition *a, athar_error *err);
/* After the last read: a source that became another one meanwhile is ATHAR_EIO. */
athar_status athar_acquisition_same(athar_acquisition *a, athar_error *err);

/* ---- acquire_rescue.c ---- */
athar_status athar_acquisition_rescue(athar_acquisition *a, athar_error *err);
/* What the map tells of is on the disk, as far as an image works. */
athar_status athar_acquisition_make_durable(athar_acquisition *a, athar_error *err);
/* Does the image itself grow in no order? Else a file beside it does. */
bool athar_acquisition_in_place(const athar_acquisition *a);
/* What grows in no order is there, in its full size. */
athar_status athar_acquisition_rescue_open(athar_acquisition *a, athar_error *err);
/* One rescue of these ranges. hasty: what fails is left for later. a->rescued tells the end. */
athar_status athar_acquisition_rescue_ranges(athar_acquisition *a, const athar_runs *ranges,
                                             bool hasty, athar_error *err);

/* ---- acquire_worth.c ---- */
/* With options.first: before confinement; makes the target, too. */
athar_status athar_acquisition_worth_open(athar_acquisition *a, athar_error *err);
/* Reads what is worth most; the rest is left. a->rescued tells the end. */
athar_status athar_acquisition_worth(athar_acquisition *a, athar_error *err);

/* ---- acquire_wait.c ---- */
/* *back: the device, which was away, is open again. False where nobody wants to wait for it, or the
 * time is over. ATHAR_EREFUSED when another one is in its place. */
athar_status athar_acquisition_wait(bool *back, athar_acquisition *a, athar_error *err);

/* ---- acquire_health.c ---- */
/* From time to time, on the main thread: asks the device how it is, and tells of heat. */
void athar_acquisition_watch(athar_acquisition *a);

/* ---- acquire_back.c ---- */
athar_status athar_place_measure(athar_place *p, const char *folder, athar_error *err);
void athar_place_read_back(athar_place *p, const athar_acquisition *a);
void athar_place_clear(athar_place *p);

/* ---- acquire_judge.c ---- */
/* libewf's opinion of an E01 that reads back the same: ATHAR_EMISMATCH where it has another. */
athar_status athar_place_judge(athar_place *p, const athar_acquisition *a, const char *path,
                               athar_source *image, athar_error *err);

/* ---- acquire_end.c ---- */
/* Read back, recorded, renamed; then what is to be said of it. */
athar_status athar_acquisition_end(athar_acquisition *a, athar_error *err);

#endif
