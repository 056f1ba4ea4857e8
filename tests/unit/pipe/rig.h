/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A pipe whose every callback keeps book. Slab i starts with the number i and ends up with
 * i * i + 1; the callbacks check that they see the one or the other. What each saw is asserted
 * after the run, on the main thread: cmocka cannot fail on another.
 */
#ifndef ATHAR_TEST_PIPE_RIG_H
#define ATHAR_TEST_PIPE_RIG_H

#include <stdatomic.h>
#include <time.h>

#include "athar_test.h"
#include "pipe/pipe.h"

enum { RIG_TAPS = 3, RIG_SLAB = 4096 };
#define NEVER UINT64_MAX

/* How often in order, and the next index expected. */
typedef struct rig_seen {
	uint64_t next;
	bool wrong; /* out of order, or with other contents than promised */
} rig_seen;

typedef struct rig {
	athar_pipe_spec spec;
	athar_pipe_tap tap[RIG_TAPS];
	struct rig_tap {
		struct rig *rig;
		rig_seen seen;
		uint64_t fail_at;
		unsigned delay; /* microseconds a slab */
	} taps[RIG_TAPS];
	uint64_t slabs; /* there are */
	uint64_t fail_read, fail_work, fail_commit;
	unsigned commit_delay, read_delay;
	uint64_t read; /* so far */
	atomic_uint_fast64_t worked, locals;
	uint8_t *places[64]; /* the slab memories seen by read */
	size_t place_count;
	rig_seen committed;
	bool foreign_local;    /* work saw a local of another making */
	uint64_t cancel_after; /* slabs committed at which tick says stop */
	uint64_t ticked;       /* last number tick was given */
	bool tick_fell;        /* and whether it ever went back */
} rig;

static inline void rig_sleep(unsigned microseconds)
{
	const struct timespec t = {0, (long)microseconds * 1000};

	if (microseconds > 0)
		(void)nanosleep(&t, NULL);
}

static inline uint64_t rig_worth(uint64_t index, bool worked)
{
	return worked ? index * index + 1 : index;
}

/* Unequal work, so that with several workers later slabs are done first. */
static inline void rig_spin(uint64_t index)
{
	volatile uint64_t x = index;

	for (uint64_t i = 0; i < (index * 7919) % 5000; i++)
		x = x * 3 + 1;
}

static inline void rig_see(rig_seen *seen, const athar_slab *slab, bool worked)
{
	const bool right = slab->index == seen->next && slab->offset == slab->index * RIG_SLAB &&
	                   slab->length == RIG_SLAB &&
	                   *(const uint64_t *)slab->extra == rig_worth(slab->index, worked);

	seen->wrong = seen->wrong || !right;
	seen->next++;
}

static inline void rig_note_place(rig *r, uint8_t *data)
{
	for (size_t i = 0; i < r->place_count; i++)
		if (r->places[i] == data)
			return;
	if (r->place_count < 64)
		r->places[r->place_count++] = data;
}

static inline athar_status rig_read(void *user, athar_slab *slab, bool *end, athar_error *err)
{
	rig *r = user;

	rig_sleep(r->read_delay);
	if (slab->index == r->fail_read)
		return athar_fail(err, ATHAR_EIO, "read %ju", (uintmax_t)slab->index);
	if (slab->index == r->slabs) {
		*end = true;
		return ATHAR_OK;
	}
	rig_note_place(r, slab->data);
	memset(slab->data, (int)slab->index, r->spec.slab_size);
	slab->offset = slab->index * RIG_SLAB;
	slab->length = RIG_SLAB;
	*(uint64_t *)slab->extra = rig_worth(slab->index, r->spec.work == NULL);
	r->read++;
	return ATHAR_OK;
}

static inline athar_status rig_work(void *user, void *local, athar_slab *slab, athar_error *err)
{
	rig *r = user;

	if (local == NULL || *(rig **)local != r)
		r->foreign_local = true;
	rig_spin(slab->index);
	if (slab->index >= r->fail_work) /* and all after it, sooner or later */
		return athar_fail(err, ATHAR_EFORMAT, "work %ju", (uintmax_t)slab->index);
	if (r->spec.taps_after_work || r->spec.tap_count == 0)
		*(uint64_t *)slab->extra = rig_worth(slab->index, true);
	atomic_fetch_add(&r->worked, 1);
	return ATHAR_OK;
}

static inline athar_status rig_worker_new(void **local, void *user, athar_error *err)
{
	rig *r = user;
	rig **mine = malloc(sizeof *mine);

	if (mine == NULL)
		return athar_fail(err, ATHAR_ENOMEM, "no memory");
	*mine = r;
	*local = mine;
	atomic_fetch_add(&r->locals, 1);
	return ATHAR_OK;
}

static inline void rig_worker_free(void *local)
{
	rig **mine = local;

	atomic_fetch_sub(&(*mine)->locals, 1);
	free(mine);
}

/* Whether work has left its mark on what the taps and the committer see. */
static inline bool rig_marked(const rig *r)
{
	return r->spec.taps_after_work || r->spec.tap_count == 0 || r->spec.work == NULL;
}

static inline athar_status rig_tap_take(void *user, const athar_slab *slab, athar_error *err)
{
	struct rig_tap *t = user;

	rig_sleep(t->delay);
	rig_see(&t->seen, slab, rig_marked(t->rig));
	if (slab->index == t->fail_at)
		return athar_fail(err, ATHAR_ELIMIT, "tap %ju", (uintmax_t)slab->index);
	return ATHAR_OK;
}

static inline athar_status rig_commit(void *user, const athar_slab *slab, athar_error *err)
{
	rig *r = user;

	rig_sleep(r->commit_delay);
	if (slab->index == r->fail_commit)
		return athar_fail(err, ATHAR_EREFUSED, "commit %ju", (uintmax_t)slab->index);
	rig_see(&r->committed, slab, rig_marked(r));
	return ATHAR_OK;
}

static inline bool rig_tick(void *user, uint64_t committed)
{
	rig *r = user;

	r->tick_fell = r->tick_fell || committed < r->ticked;
	r->ticked = committed;
	return committed >= r->cancel_after;
}

static inline void rig_init(rig *r, uint64_t slabs, unsigned workers)
{
	memset(r, 0, sizeof *r);
	r->slabs = slabs;
	r->fail_read = r->fail_work = r->fail_commit = r->cancel_after = NEVER;
	for (size_t i = 0; i < RIG_TAPS; i++) {
		r->taps[i].rig = r;
		r->taps[i].fail_at = NEVER;
		r->tap[i] = (athar_pipe_tap){rig_tap_take, &r->taps[i]};
	}
	r->spec = (athar_pipe_spec){.slab_size = RIG_SLAB,
	                            .extra_size = sizeof(uint64_t),
	                            .slabs = workers + 6,
	                            .workers = workers,
	                            .read = rig_read,
	                            .work = rig_work,
	                            .worker_new = rig_worker_new,
	                            .worker_free = rig_worker_free,
	                            .commit = rig_commit,
	                            .taps = r->tap,
	                            .tap_count = RIG_TAPS,
	                            .user = r};
}

/* Every callback saw the right slabs in order, and the workers' locals are gone. */
static inline void rig_check(rig *r)
{
	assert_false(r->committed.wrong);
	assert_false(r->foreign_local);
	for (size_t i = 0; i < RIG_TAPS; i++)
		assert_false(r->taps[i].seen.wrong);
	assert_int_equal(atomic_load(&r->locals), 0);
	assert_true(r->place_count <= r->spec.slabs);
}

#endif
