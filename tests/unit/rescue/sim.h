/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A disk, its clock and the target of a rescue. The disk knows which of its sectors fail and how,
 * counts who asks for them, and can die, vanish or hang; the clock goes on only while it reads.
 */
#ifndef ATHAR_TEST_SIM_H
#define ATHAR_TEST_SIM_H

#include "athar_test.h"
#include "rescue/rescue.h"

#define SIM_NEVER UINT64_MAX
/* Good sectors asked again when a run ends with a failure. */
#define SIM_SETTLED 1
#define SIM_MILLISECOND INT64_C(1000000)
#define SIM_SECOND INT64_C(1000000000)

/* What a sector is and what became of it. */
typedef struct sim_sector {
	bool bad;                 /* always fails */
	bool hangs;               /* the read does not come back; it is given up after a minute */
	uint8_t fails;            /* so many times, then reads */
	uint16_t asked;           /* again, after it was read */
	uint16_t together, alone; /* tries before retries: with others, by itself */
	uint16_t milliseconds;    /* a read that touches it takes so long in addition */
	bool failed;              /* in a read, while the disk lived */
	bool written;             /* to the target */
} sim_sector;

typedef struct sim {
	uint64_t size;
	uint32_t sector;
	size_t sectors;
	uint8_t *disk, *target;
	sim_sector *at;
	bool partial; /* a read that fails gives what lies before the failure */
	int64_t clock;
	int64_t per_read;    /* nanoseconds */
	uint64_t per_second; /* bytes; 0: reads take no time but per_read */
	uint64_t reads, failures, asked_again, after_death, hash;
	/* In the passes of copying, where each read is slow enough for a tick of its own. */
	uint64_t reads_in[8], failures_in[8];
	uint64_t alone[2]; /* offsets of the first reads of one sector */
	size_t alones;
	uint64_t nearest;      /* of sectors asked again, to the failure before; bytes */
	uint64_t last_failed;  /* offset of the last read that failed */
	uint64_t first_offset; /* of the first read */
	uint64_t dies_after, gone_after, hangs_after; /* reads; from then on */
	uint64_t breaks_after, write_fails_after;     /* the callback itself fails */
	uint64_t cancels_after;                       /* reads */
	uint64_t cancels_at;                          /* bytes written */
	uint64_t bytes_written;
	const athar_runs *allowed; /* no read may leave it; NULL: all */
	unsigned saves, saves_that_fail;
	char *saved;             /* the map, as it was saved last */
	uint64_t saved_finished; /* bytes in it */
	athar_map_phase phase;   /* as told last */
	unsigned pass;
	unsigned ticks;
	athar_rescue_spec spec; /* of this disk; what a test changes it changes here */
} sim;

void sim_init(sim *s, uint64_t size, uint32_t sector, uint64_t seed);
void sim_free(sim *s);
void sim_bad(sim *s, size_t first, size_t count);
/* Ranges, single sectors and, when asked, sectors that read after up to three failures. */
void sim_scatter(sim *s, uint64_t *seed, bool transient);
/* A map of the disk, untried. */
void sim_map(athar_map *map, const sim *s);
/* One call; the end it must have. */
athar_rescue sim_run(sim *s, athar_map *map, athar_rescue_end end);
/* Everything readable is in the target, and the map says so, and nothing else. */
void sim_check_whole(const sim *s, const athar_map *map);
/* Whatever the map calls finished is in the target; whatever it says failed did so while the disk
 * lived. */
void sim_check_true(const sim *s, const athar_map *map);
uint64_t sim_bad_bytes(const sim *s);
void sim_check_map(const athar_map *map);

#endif
