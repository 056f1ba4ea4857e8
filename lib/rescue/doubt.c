/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Failures in a row may be a bad area or a drive that died. Only a place that was read before can
 * tell: while it still reads, the failures are the medium's.
 *
 * Failures of a dead drive say nothing about the medium. They are taken back, so that the next
 * session, or another drive's electronics, begins where this one was still alive.
 */
#include "base/check.h"
#include "rescue/rescuer.h"

enum {
	DYING_AFTER = 64,
	/* Without anything ever read there is nothing to compare with. */
	DEAD_AFTER = 4,
	/* Each read that hangs costs the time-out, and a thread and a cluster until it returns. One
	 * that hangs is the place's fault; after four with nothing read between a good sector is
	 * asked, once. */
	HANGS_IN_A_ROW = 4,
	HANGS_MAX = 32,
	PROOFS_MAX = 24,
	TARGETS = 64,
	NEAR_PART = 64,
};

/* Multiples of the golden ratio fall evenly over [0, 2^64), however many there are. */
#define GOLDEN UINT64_C(0x9E3779B97F4A7C15)

/* Takes back what was changed after the first `kept` changes. */
static athar_status take_back(athar_rescuer *r, size_t kept, athar_error *err)
{
	athar_streak *s = &r->streak;

	s->failures = 0;
	while (s->count > kept) {
		const athar_map_block was = s->was[--s->count];

		ATHAR_TRY(
			athar_rescuer_mark(r, was.offset, was.offset + was.length, was.state, err));
	}
	return ATHAR_OK;
}

static athar_status return_to(athar_rescuer *r, athar_streak_place place, athar_error *err)
{
	r->map->position = place.position;
	r->map->phase = place.phase;
	r->map->pass = place.pass;
	return take_back(r, place.kept, err);
}

/* The first failure stands: it may be what drove the device away, and each session is to learn
 * something. */
static athar_status lose(athar_rescuer *r, uint64_t where, athar_error *err)
{
	athar_rescuer_stop(r, ATHAR_RESCUE_GONE, where);
	return take_back(r, r->streak.second.kept, err);
}

/* The place that threw the device off its bus is not the first one to be asked when it is back. */
athar_status athar_rescuer_lost(athar_rescuer *r, const athar_piece *slice, athar_error *err)
{
	r->map->position = r->backwards ? slice->offset : slice->end;
	return lose(r, slice->offset, err);
}

/* The place of the next target; even, and the same for the same medium. */
static uint64_t next_target(athar_rescuer *r)
{
	const uint64_t fraction = ++r->probes * GOLDEN;
	const uint64_t size = r->map->size;

	/* size * fraction / 2^64 with what 64 bits hold: size is below 2^63. */
	return (size >> 32) * (fraction >> 32) + (((size & UINT32_MAX) * (fraction >> 32)) >> 32);
}

/* A whole sector of a finished block, from the target on. */
static bool sector_of(uint64_t *out, const athar_rescuer *r, athar_map_block b, uint64_t target)
{
	const uint64_t sector = r->spec->sector;
	const uint64_t from = athar_round_up(b.offset, sector);
	const uint64_t wanted = athar_round_down(athar_max(target, from), sector);
	const uint64_t end = b.offset + b.length;

	*out = wanted + sector <= end ? wanted : from;
	return b.state == ATHAR_MAP_FINISHED && *out + sector <= end;
}

static bool is_near(const athar_rescuer *r, uint64_t offset)
{
	const uint64_t near = athar_max(r->map->size / NEAR_PART, r->cluster);
	const uint64_t failed = r->last_failure;

	return offset < failed ? failed - offset < near : offset - failed < near;
}

/* A sector that was read before, far from where it fails now if there is one: another one each
 * time, so that no cache has it. */
static bool find_good(uint64_t *out, athar_rescuer *r)
{
	const athar_map *map = r->map;
	uint64_t target = 0;

	for (int i = 0; i < TARGETS; i++) {
		target = next_target(r);
		if (sector_of(out, r, athar_map_at(map, athar_map_find(map, target)), target) &&
		    !is_near(r, *out))
			return true;
	}
	for (size_t i = 0, first = athar_map_find(map, target); i < map->count; i++)
		if (sector_of(out, r, athar_map_at(map, (first + i) % map->count), target))
			return true;
	return false;
}

static athar_status ask(athar_attempt *how, athar_rescuer *r, uint64_t offset, athar_error *err)
{
	const athar_rescue_spec *spec = r->spec;
	size_t got = 0;

	ATHAR_TRY(spec->read(spec->user, r->buffer, spec->sector, offset, &got, how, err));
	r->progress.reads++;
	r->progress.failures += *how == ATHAR_ATTEMPT_READ ? 0 : 1;
	r->hangs += *how == ATHAR_ATTEMPT_HUNG ? 1 : 0;
	return ATHAR_OK;
}

static athar_status die(athar_rescuer *r, uint64_t where, athar_error *err)
{
	athar_rescuer_stop(r, ATHAR_RESCUE_DYING, where);
	return return_to(r, r->streak.start, err);
}

/* Two good sectors are asked: one of them may have gone bad meanwhile. */
static athar_status probe(athar_rescuer *r, uint64_t first, athar_error *err)
{
	athar_attempt how = ATHAR_ATTEMPT_READ;
	uint64_t offset = first;

	ATHAR_TRY(ask(&how, r, offset, err));
	if (how == ATHAR_ATTEMPT_FAILED || how == ATHAR_ATTEMPT_HUNG) {
		(void)find_good(&offset, r);
		ATHAR_TRY(ask(&how, r, offset, err));
	}
	if (how == ATHAR_ATTEMPT_READ) {
		athar_streak_prove(&r->streak);
		return ATHAR_OK;
	}
	return how == ATHAR_ATTEMPT_GONE ? lose(r, offset, err) : die(r, offset, err);
}

/* Nothing was ever read, and what failed lies all over the medium. */
static bool is_dead(const athar_rescuer *r, uint64_t dying)
{
	const athar_streak *s = &r->streak;

	return s->failures / DEAD_AFTER >= dying && s->highest - s->lowest >= r->map->size / 2;
}

static athar_status hang(athar_rescuer *r, athar_error *err)
{
	athar_rescuer_stop(r, ATHAR_RESCUE_HUNG, r->last_failure);
	/* The first may have been the place's fault, and is not to be asked first again. */
	return return_to(r, r->streak.hang, err);
}

static athar_status doubt_hanging(athar_rescuer *r, athar_error *err)
{
	athar_attempt how = ATHAR_ATTEMPT_HUNG;
	uint64_t good = 0;

	if (!find_good(&good, r))
		return hang(r, err);
	ATHAR_TRY(ask(&how, r, good, err));
	if (how == ATHAR_ATTEMPT_GONE)
		return lose(r, good, err);
	if (how != ATHAR_ATTEMPT_READ)
		return hang(r, err);
	athar_streak_prove(&r->streak);
	return ATHAR_OK;
}

/* A long bad area is one streak. Each proof that the drive lives makes the next one wait twice as
 * long: it is a seek out of the area and back, and nothing is lost by waiting, since all that
 * failed after the last proof is taken back. */
static uint64_t patience(const athar_rescuer *r)
{
	const uint64_t dying = r->spec->dying != 0 ? r->spec->dying : DYING_AFTER;

	return dying << (r->streak.proofs < PROOFS_MAX ? r->streak.proofs : PROOFS_MAX);
}

athar_status athar_rescuer_doubt(athar_rescuer *r, athar_error *err)
{
	const uint64_t dying = patience(r);
	uint64_t good = 0;

	if (r->hangs >= HANGS_MAX) {
		athar_rescuer_stop(r, ATHAR_RESCUE_HUNG, r->last_failure);
		return ATHAR_OK;
	}
	if (r->streak.hung >= HANGS_IN_A_ROW)
		return doubt_hanging(r, err);
	if (r->streak.failures % dying != 0)
		return ATHAR_OK;
	if (find_good(&good, r))
		return probe(r, good, err);
	return is_dead(r, dying) ? die(r, r->last_failure, err) : ATHAR_OK;
}

athar_status athar_rescuer_settle(athar_rescuer *r, athar_error *err)
{
	uint64_t good = 0;

	if (r->over || r->streak.failures == 0 || !find_good(&good, r))
		return ATHAR_OK;
	return probe(r, good, err);
}
