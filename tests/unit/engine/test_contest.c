/* SPDX-License-Identifier: BSD-2-Clause */
/* Which deleted file loses a block that another one claims too. */
#include <sys/resource.h>

#include "athar_test.h"
#include "engine/contest.h"
#include "jail/sanitizers.h"

typedef struct field {
	char *folder;
	athar_spool *finds;
} field;

static void begin(field *s)
{
	athar_error err = ATHAR_ERROR_INIT;

	s->folder = athar_test_mkdir();
	assert_ok(athar_spool_new(&s->finds, s->folder, &err), err);
}

static void end(field *s)
{
	athar_spool_free(s->finds);
	athar_test_rmdir(s->folder);
}

static athar_find deleted(const char *address, uint64_t at, uint64_t length)
{
	athar_find f = ATHAR_FIND_INIT;
	athar_error err = ATHAR_ERROR_INIT;

	f.state = ATHAR_STATE_DELETED;
	f.volume = 0;
	f.size = length;
	(void)snprintf(f.address, sizeof f.address, "%s", address);
	assert_ok(athar_extents_add_data(&f.extents, at, length, &err), err);
	return f;
}

static void add_time(athar_find *f, const char *meaning, int64_t seconds)
{
	athar_item_time *t = &f->times[f->time_count++];

	(void)snprintf(t->meaning, sizeof t->meaning, "%s", meaning);
	(void)snprintf(t->zone, sizeof t->zone, "utc");
	t->seconds = seconds;
}

static void add(field *s, athar_find f)
{
	ATHAR_AUTO(wire) athar_wire w = ATHAR_WIRE_INIT;
	athar_error err = ATHAR_ERROR_INIT;

	athar_find_wire(&w, &f);
	assert_ok(athar_spool_add(s->finds, (athar_bytes){.ptr = w.bytes, .len = w.len}, &err),
	          err);
	athar_find_clear(&f);
}

static void judge(field *s, athar_contest *c)
{
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_contest_judge(c, s->finds, &err), err);
	assert_false(c->full);
}

static void apart_nobody_loses(void **state)
{
	ATHAR_AUTO(contest) athar_contest c = {.count = 0};
	field s;

	(void)state;
	begin(&s);
	add(&s, deleted("5", 0, 4096));
	add(&s, deleted("6", 4096, 4096));
	judge(&s, &c);
	assert_int_equal(athar_contest_lost(&c, 0), 0);
	assert_int_equal(athar_contest_lost(&c, 1), 0);
	end(&s);
}

static void without_times_both_lose(void **state)
{
	ATHAR_AUTO(contest) athar_contest c = {.count = 0};
	field s;

	(void)state;
	begin(&s);
	add(&s, deleted("5", 0, 8192));
	add(&s, deleted("6", 4096, 8192));
	add(&s, deleted("7", 6000, 100));
	judge(&s, &c);
	assert_int_equal(athar_contest_lost(&c, 0), 4096);
	assert_int_equal(athar_contest_lost(&c, 1), 4096);
	assert_int_equal(athar_contest_lost(&c, 2), 100);
	end(&s);
}

/* Created after the other was last touched: its blocks were free by then. */
static void the_later_file_keeps_its_blocks(void **state)
{
	ATHAR_AUTO(contest) athar_contest c = {.count = 0};
	athar_find old = deleted("5", 0, 8192);
	athar_find young = deleted("6", 4096, 8192);
	field s;

	(void)state;
	add_time(&old, "created", 100);
	add_time(&old, "modified", 200);
	add_time(&young, "created", 201);
	add_time(&young, "modified", 150); /* copied with its old time */
	begin(&s);
	add(&s, young);
	add(&s, old);
	judge(&s, &c);
	assert_int_equal(athar_contest_lost(&c, 0), 0);
	assert_int_equal(athar_contest_lost(&c, 1), 4096);
	end(&s);
}

static void the_same_moment_decides_nothing(void **state)
{
	ATHAR_AUTO(contest) athar_contest c = {.count = 0};
	athar_find a = deleted("5", 0, 4096);
	athar_find b = deleted("6", 0, 8192);
	field s;

	(void)state;
	add_time(&a, "created", 100);
	add_time(&b, "created", 100);
	begin(&s);
	add(&s, a);
	add(&s, b);
	judge(&s, &c);
	assert_int_equal(athar_contest_lost(&c, 0), 4096);
	assert_int_equal(athar_contest_lost(&c, 1), 4096);
	end(&s);
}

/* The same places once more: only time tells that it is another file. */
static void the_same_places_later_are_the_later_files(void **state)
{
	ATHAR_AUTO(contest) athar_contest c = {.count = 0};
	athar_find old = deleted("5", 0, 4096);
	athar_find again = deleted("5@9", 0, 4096); /* the number was used again, too */
	athar_find longer = deleted("7", 0, 8192);
	field s;

	(void)state;
	add_time(&old, "created", 100);
	add_time(&old, "modified", 200);
	add_time(&again, "created", 201);
	add_time(&longer, "created", 202);
	begin(&s);
	add(&s, old);
	add(&s, again);
	add(&s, longer);
	judge(&s, &c);
	assert_int_equal(athar_contest_lost(&c, 0), 4096);
	assert_true(athar_contest_headless(&c, 0));
	assert_int_equal(athar_contest_lost(&c, 1), 4096);
	assert_true(athar_contest_headless(&c, 1));
	assert_int_equal(athar_contest_lost(&c, 2), 0);
	assert_false(athar_contest_headless(&c, 2));
	end(&s);
}

/* A copy of a record lies at another address. */
static void copies_of_a_record_are_told_by_their_times(void **state)
{
	ATHAR_AUTO(contest) athar_contest c = {.count = 0};
	athar_find find[4];
	field s;

	(void)state;
	begin(&s);
	for (size_t i = 0; i < 4; i++) {
		find[i] = deleted(i == 0 ? "5" : i == 1 ? "at 4096" : "6", i / 2 * 8192, 4096);
		if (i < 2)
			add_time(&find[i], "created", 100);
	}
	(void)snprintf(find[3].address, sizeof find[3].address, "7");
	for (size_t i = 0; i < 4; i++)
		add(&s, find[i]);
	judge(&s, &c);
	assert_int_equal(athar_contest_lost(&c, 0), 0);
	assert_int_equal(athar_contest_lost(&c, 1), 0);
	assert_int_equal(athar_contest_lost(&c, 2), 4096); /* without times they are two */
	assert_int_equal(athar_contest_lost(&c, 3), 4096);
	assert_false(athar_contest_headless(&c, 3));
	end(&s);
}

static void one_content_under_many_names_is_no_contest(void **state)
{
	ATHAR_AUTO(contest) athar_contest c = {.count = 0};
	field s;

	(void)state;
	begin(&s);
	for (unsigned i = 0; i < 100; i++)
		add(&s, deleted("5", 0, 4096));
	judge(&s, &c);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(athar_contest_lost(&c, i), 0);
	end(&s);
}

static void versions_of_a_file_share_blocks(void **state)
{
	ATHAR_AUTO(contest) athar_contest c = {.count = 0};
	athar_find before = deleted("5@77", 0, 4096);
	field s;

	(void)state;
	before.state = ATHAR_STATE_EARLIER;
	begin(&s);
	add(&s, deleted("5", 0, 8192));
	add(&s, before);
	add(&s, deleted("9@12", 16384, 4096));
	add(&s, deleted("9@40", 16384, 8192)); /* another file that had the number later */
	judge(&s, &c);
	assert_int_equal(athar_contest_lost(&c, 0), 0);
	assert_int_equal(athar_contest_lost(&c, 1), 0);
	assert_int_equal(athar_contest_lost(&c, 2), 4096);
	assert_int_equal(athar_contest_lost(&c, 3), 4096);
	end(&s);
}

/* What is in use is not for this to judge: the allocation says it. */
static void live_files_take_no_part(void **state)
{
	ATHAR_AUTO(contest) athar_contest c = {.count = 0};
	athar_find live = deleted("5", 0, 4096);
	field s;

	(void)state;
	live.state = ATHAR_STATE_LIVE;
	begin(&s);
	add(&s, live);
	add(&s, deleted("6", 0, 4096));
	judge(&s, &c);
	assert_int_equal(athar_contest_lost(&c, 0), 0);
	end(&s);
}

/* A byte that two others claim is lost once. */
static void losses_are_counted_once(void **state)
{
	ATHAR_AUTO(contest) athar_contest c = {.count = 0};
	field s;

	(void)state;
	begin(&s);
	add(&s, deleted("5", 0, 4096));
	add(&s, deleted("6", 0, 8192));
	add(&s, deleted("7", 1024, 9000));
	judge(&s, &c);
	assert_int_equal(athar_contest_lost(&c, 0), 4096);
	assert_int_equal(athar_contest_lost(&c, 1), 8192);
	assert_int_equal(athar_contest_lost(&c, 2), 7168);
	end(&s);
}

/* Each claim meets as many others as are compared at once. What is lost takes no memory for each
 * meeting: with 24 bytes for every loss these would need 200 MB. */
static void many_claims_on_one_place_stay_small(void **state)
{
	enum { FINDS = 40, EXTENTS = 4000, STEP = 512, LENGTH = FINDS * STEP };
	ATHAR_AUTO(contest) athar_contest c = {.count = 0};
	struct rusage before, after;
	field s;

	(void)state;
	begin(&s);
	for (unsigned i = 0; i < FINDS; i++) {
		athar_find f = ATHAR_FIND_INIT;
		athar_error err = ATHAR_ERROR_INIT;

		f.state = ATHAR_STATE_DELETED;
		(void)snprintf(f.address, sizeof f.address, "%u", i);
		/* Backwards, so that none is joined with the one before it. */
		for (uint64_t k = EXTENTS; k-- > 0;)
			assert_ok(athar_extents_add_data(&f.extents,
			                                 (uint64_t)i * STEP + k * LENGTH, LENGTH,
			                                 &err),
			          err);
		f.size = (uint64_t)EXTENTS * LENGTH;
		add(&s, f);
	}
	assert_int_equal(getrusage(RUSAGE_SELF, &before), 0);
	judge(&s, &c);
	assert_int_equal(getrusage(RUSAGE_SELF, &after), 0);
	/* The first has its first place for itself; beyond so many, all is lost unseen. */
	assert_int_equal(athar_contest_lost(&c, 0), (uint64_t)EXTENTS * LENGTH - STEP);
	assert_int_equal(athar_contest_lost(&c, 20), (uint64_t)EXTENTS * LENGTH);
	assert_int_equal(athar_contest_lost(&c, 39), (uint64_t)EXTENTS * LENGTH);
	if (!ATHAR_SANITIZED)
		assert_in_range(after.ru_maxrss - before.ru_maxrss, 0, 32 << 10);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(apart_nobody_loses),
		cmocka_unit_test(without_times_both_lose),
		cmocka_unit_test(the_later_file_keeps_its_blocks),
		cmocka_unit_test(the_same_moment_decides_nothing),
		cmocka_unit_test(the_same_places_later_are_the_later_files),
		cmocka_unit_test(copies_of_a_record_are_told_by_their_times),
		cmocka_unit_test(one_content_under_many_names_is_no_contest),
		cmocka_unit_test(versions_of_a_file_share_blocks),
		cmocka_unit_test(live_files_take_no_part),
		cmocka_unit_test(losses_are_counted_once),
		cmocka_unit_test(many_claims_on_one_place_stay_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
