/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading a failing medium in the order that saves most before it dies: GNU ddrescue's phases over
 * callbacks. Copying in five passes that flip direction and skip what fails; trimming the edges of
 * what failed; scraping sector by sector what lies between; retrying. Nothing here knows devices
 * or files, so that a test can be the disk, the clock and the target.
 */
#ifndef ATHAR_RESCUE_RESCUE_H
#define ATHAR_RESCUE_RESCUE_H

#include "rescue/map.h"

/* How one read ended. */
typedef enum athar_attempt {
	ATHAR_ATTEMPT_READ,   /* all of it */
	ATHAR_ATTEMPT_FAILED, /* the medium failed after *got good bytes (a whole number of sectors)
	                       */
	ATHAR_ATTEMPT_HUNG,   /* given up after the time-out; *got is 0 */
	ATHAR_ATTEMPT_GONE    /* there is no device any more */
} athar_attempt;

/*
 * Why a rescue ended. Where it was the drive that ended it, failures that say nothing about the
 * medium are taken back, and those places are as untried as before:
 *
 *      DYING   all failures since something was read or a good sector was read again
 *      GONE    the same, but not the first of them: it may be what drove the device away; the map's
 *              position is beyond the place where it went
 *      HUNG    those behind the first of four reads that hung with nothing read between, when a
 *              good sector does not read either; 32 that hung in all end it too, with nothing
 *              taken back, for each costs a thread and a buffer until it returns
 */
typedef enum athar_rescue_end {
	ATHAR_RESCUE_DONE,      /* every phase went through; what is still bad is in the map */
	ATHAR_RESCUE_CANCELLED, /* tick said so */
	ATHAR_RESCUE_TIME,      /* stop_after */
	ATHAR_RESCUE_MAX_BAD,   /* more than max_bad bytes are bad */
	ATHAR_RESCUE_DYING,     /* many failures in a row, and a sector that was good failed too */
	ATHAR_RESCUE_GONE,      /* the device is away */
	ATHAR_RESCUE_HUNG       /* too many reads hang */
} athar_rescue_end;

typedef struct athar_rescue_progress {
	athar_map_phase phase;
	unsigned pass;
	uint64_t read, bad, left; /* bytes of the domain: finished; '-'; all else */
	uint64_t reads, failures; /* attempts made, and those that did not give all */
} athar_rescue_progress;

typedef struct athar_rescue_spec {
	uint64_t size;    /* of the medium */
	uint32_t sector;  /* the smallest piece that can fail alone */
	uint32_t cluster; /* a copying read; a multiple of sector; 0: 64 KiB */
	/* Clusters of one read where all is well; 0: 1. Fewer calls; but where such a read
	 * fails, its failing cluster is read once more. */
	uint32_t strides;
	/* One plain read, aligned to sectors except at an unaligned end of the medium; no tries of
	 * its own. A failure of the callback itself ends the rescue. */
	athar_status (*read)(void *user, void *buf, size_t len, uint64_t offset, size_t *got,
	                     athar_attempt *how, athar_error *err);
	athar_status (*write)(void *user, const void *buf, size_t len, uint64_t offset,
	                      athar_error *err);
	/* What was written is to be made durable, then the map saved. Called at least every
	 * save_bytes read, every save_seconds, and at the end, whatever the end. */
	athar_status (*save)(void *user, const athar_map *map, athar_error *err);
	int64_t (*now)(void *user); /* nanoseconds, steady */
	/* About ten times a second and between reads; true: stop. May be NULL. */
	bool (*tick)(void *user, const athar_rescue_progress *progress);
	void *user;

	/* Only these ranges are read; NULL: all. They are widened to whole sectors. Called several
	 * times, each with its own domain and the same map, a rescue reads what is worth most
	 * first. To find out whether the drive lives, single sectors that are finished in the map
	 * are read again, wherever they are. */
	const athar_runs *domain;
	bool copy_only;    /* no trimming, scraping and retrying: for early domains */
	unsigned retries;  /* passes over what is bad, those of an interrupted rescue counted */
	bool reverse;      /* begin at the end */
	uint64_t max_bad;  /* bytes; UINT64_MAX: no bound */
	uint64_t min_rate; /* bytes a second: slower areas are left for later; 0: by the average */
	unsigned stop_after; /* seconds; 0: no bound */
	/* Failures in a row before a good sector is asked again, and twice as many each further
	 * time until something new is read; 0: 64. Also asked at the end, after any failure. */
	unsigned dying;
	uint64_t save_bytes;   /* 0: 256 MiB */
	unsigned save_seconds; /* 0: 30 */
} athar_rescue_spec;

typedef struct athar_rescue {
	athar_rescue_end end;
	uint64_t reads, failures;
	uint64_t last_bad; /* where the failure was that ended it, or ATHAR_NOWHERE; DYING: the
	                    * sector that was good before */
} athar_rescue;

/* Goes on from what the map says: its phase, pass and position too, where nothing is left to do
 * before them. A map that is done begins anew with what it lacks. After copy_only its phase is
 * copying, at the first pass. ATHAR_EUSAGE when the map is not of the medium's size. The map is at
 * every moment true: a range is finished only after write() took it. A failure of read, write or
 * save is returned, after the map was offered to save once more. */
athar_status athar_rescue_run(athar_rescue *out, athar_map *map, const athar_rescue_spec *spec,
                              athar_error *err);

/* "dying", "gone", ...: for records. */
const char *athar_rescue_end_name(athar_rescue_end end);

#endif
