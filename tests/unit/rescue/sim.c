/* SPDX-License-Identifier: BSD-2-Clause */
#include "sim.h"

static size_t last_sector(const sim *s, uint64_t offset, size_t len)
{
	return (size_t)((offset + len - 1) / s->sector);
}

/* The first sector of the read that fails now; SIZE_MAX when none does. */
static size_t first_failure(sim *s, size_t first, size_t last)
{
	size_t failure = SIZE_MAX;

	for (size_t i = first; i <= last; i++) {
		sim_sector *sector = &s->at[i];

		if (!sector->bad && sector->fails == 0)
			continue;
		if (!sector->bad)
			sector->fails--;
		if (failure == SIZE_MAX)
			failure = i;
	}
	return failure;
}

/* Of a sector from the last failure, in bytes. */
static uint64_t distance(const sim *s, size_t sector)
{
	const uint64_t offset = (uint64_t)sector * s->sector;

	return offset > s->last_failed ? offset - s->last_failed : s->last_failed - offset;
}

static void note_tries(sim *s, size_t first, size_t last)
{
	for (size_t i = first; i <= last; i++) {
		sim_sector *sector = &s->at[i];

		if (sector->written) {
			/* Only single good sectors are ever asked again, to see whether the disk
			 * lives. */
			assert_int_equal(first, last);
			sector->asked++;
			s->nearest = distance(s, i) < s->nearest ? distance(s, i) : s->nearest;
			s->asked_again++;
		} else if (first == last) {
			sector->alone++;
		} else {
			sector->together++;
		}
	}
}

static void pass_time(sim *s, size_t first, size_t last, size_t len)
{
	int64_t slowest = 0;

	for (size_t i = first; i <= last; i++)
		if (s->at[i].milliseconds > slowest)
			slowest = s->at[i].milliseconds;
	s->clock += s->per_read + slowest * SIM_MILLISECOND;
	if (s->per_second > 0)
		s->clock += (int64_t)(len * (uint64_t)SIM_SECOND / s->per_second);
}

static void check_request(sim *s, size_t len, uint64_t offset)
{
	const size_t cluster = s->spec.cluster != 0 ? s->spec.cluster : 65536;

	assert_true(len > 0 && len <= cluster * (s->spec.strides != 0 ? s->spec.strides : 1));
	assert_int_equal(offset % s->sector, 0);
	assert_true(offset + len <= s->size);
	assert_true(len % s->sector == 0 || offset + len == s->size);
	if (s->allowed != NULL)
		assert_int_equal(athar_runs_overlap(s->allowed, offset, len), len);
	s->hash = (s->hash ^ offset ^ len << 48) * UINT64_C(0x100000001B3);
	if (s->reads == 0)
		s->first_offset = offset;
	if (len <= s->sector && s->alones < 2)
		s->alone[s->alones++] = offset;
	if (s->phase == ATHAR_MAP_COPYING)
		s->reads_in[s->pass % 8]++;
}

static bool is_hanging(const sim *s, size_t first, size_t last)
{
	for (size_t i = first; i <= last; i++)
		if (s->at[i].hangs)
			return true;
	return s->reads > s->hangs_after;
}

static athar_attempt fail_read(sim *s, size_t first, size_t last)
{
	s->failures++;
	s->last_failed = (uint64_t)first * s->sector;
	if (s->phase == ATHAR_MAP_COPYING)
		s->failures_in[s->pass % 8]++;
	for (size_t i = first; i <= last; i++)
		s->at[i].failed = true;
	return ATHAR_ATTEMPT_FAILED;
}

static athar_attempt live_read(sim *s, void *buf, size_t len, uint64_t offset, size_t *got)
{
	const size_t first = (size_t)(offset / s->sector);
	const size_t last = last_sector(s, offset, len);
	size_t failure = 0;

	note_tries(s, first, last);
	pass_time(s, first, last, len);
	if (is_hanging(s, first, last)) {
		s->clock += 60 * SIM_SECOND;
		(void)fail_read(s, first, last);
		return ATHAR_ATTEMPT_HUNG;
	}
	failure = first_failure(s, first, last);
	*got = failure == SIZE_MAX ? len : s->partial ? (failure - first) * s->sector : 0;
	memcpy(buf, s->disk + offset, *got);
	if (failure == SIZE_MAX)
		return ATHAR_ATTEMPT_READ;
	return fail_read(s, first + *got / s->sector, last);
}

static athar_status sim_read(void *user, void *buf, size_t len, uint64_t offset, size_t *got,
                             athar_attempt *how, athar_error *err)
{
	sim *s = user;

	check_request(s, len, offset);
	memset(buf, 0xEE, len);
	*got = 0;
	s->reads++;
	if (s->reads > s->breaks_after)
		return athar_fail_at(err, ATHAR_EIO, offset, "the callback broke");
	if (s->reads > s->gone_after) {
		*how = ATHAR_ATTEMPT_GONE;
		return ATHAR_OK;
	}
	if (s->reads > s->dies_after) {
		s->clock += s->per_read;
		s->after_death++;
		s->failures++;
		*how = ATHAR_ATTEMPT_FAILED;
		return ATHAR_OK;
	}
	*how = live_read(s, buf, len, offset, got);
	return ATHAR_OK;
}

static athar_status sim_write(void *user, const void *buf, size_t len, uint64_t offset,
                              athar_error *err)
{
	sim *s = user;

	if (s->write_fails_after == 0)
		return athar_fail_at(err, ATHAR_EIO, offset, "the target is full");
	s->write_fails_after--;
	assert_true(len > 0 && offset + len <= s->size);
	memcpy(s->target + offset, buf, len);
	s->bytes_written += len;
	for (size_t i = (size_t)(offset / s->sector); i <= last_sector(s, offset, len); i++)
		s->at[i].written = true;
	return ATHAR_OK;
}

static athar_status sim_save(void *user, const athar_map *map, athar_error *err)
{
	sim *s = user;

	s->saves++;
	sim_check_map(map);
	if (s->after_death == 0)
		sim_check_true(s, map);
	if (s->saves_that_fail > 0) {
		s->saves_that_fail--;
		return athar_fail(err, ATHAR_EIO, "the map's disk is full");
	}
	free(s->saved);
	s->saved = NULL;
	s->saved_finished = athar_map_total(map, ATHAR_MAP_FINISHED);
	return athar_map_print(&s->saved, map, NULL, err);
}

static int64_t sim_now(void *user)
{
	return ((const sim *)user)->clock;
}

static bool sim_tick(void *user, const athar_rescue_progress *progress)
{
	sim *s = user;

	s->ticks++;
	s->phase = progress->phase;
	s->pass = progress->pass;
	if (s->spec.domain == NULL)
		assert_int_equal(progress->read + progress->bad + progress->left, s->size);
	return s->reads >= s->cancels_after || s->bytes_written >= s->cancels_at;
}

void sim_init(sim *s, uint64_t size, uint32_t sector, uint64_t seed)
{
	*s = (sim){.size = size, .sector = sector, .per_read = SIM_MILLISECOND / 10};
	s->sectors = (size_t)((size + sector - 1) / sector);
	s->disk = malloc((size_t)size);
	s->target = calloc(1, (size_t)size);
	s->at = calloc(s->sectors, sizeof *s->at);
	assert_true(s->disk != NULL && s->target != NULL && s->at != NULL);
	athar_test_fill(s->disk, (size_t)size, seed);
	s->nearest = UINT64_MAX;
	s->dies_after = s->gone_after = s->hangs_after = s->breaks_after = SIM_NEVER;
	s->write_fails_after = s->cancels_after = s->cancels_at = SIM_NEVER;
	s->spec = (athar_rescue_spec){.size = size,
	                              .sector = sector,
	                              .read = sim_read,
	                              .write = sim_write,
	                              .save = sim_save,
	                              .now = sim_now,
	                              .tick = sim_tick,
	                              .user = s,
	                              .retries = 3,
	                              .max_bad = UINT64_MAX};
}

void sim_free(sim *s)
{
	free(s->disk);
	free(s->target);
	free(s->at);
	free(s->saved);
}

void sim_bad(sim *s, size_t first, size_t count)
{
	for (size_t i = first; i < first + count; i++)
		s->at[i].bad = true;
}

/* Half of the ranges are single sectors, some are long; the last sector is bad now and then. */
void sim_scatter(sim *s, uint64_t *seed, bool transient)
{
	const size_t ranges = athar_test_random(seed) % 14;

	for (size_t i = 0; i < ranges; i++) {
		const size_t first = athar_test_random(seed) % s->sectors;
		const size_t most = (size_t)1 << athar_test_random(seed) % 12;
		const size_t count = i % 2 == 0 ? 1 : 1 + athar_test_random(seed) % most;

		sim_bad(s, first, count < s->sectors - first ? count : s->sectors - first);
	}
	if (athar_test_random(seed) % 4 == 0)
		s->at[s->sectors - 1].bad = true;
	for (size_t i = 0; transient && i < 3; i++)
		s->at[athar_test_random(seed) % s->sectors].fails =
			(uint8_t)(1 + athar_test_random(seed) % 3);
}

void sim_map(athar_map *map, const sim *s)
{
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_map_init(map, s->size, &err), err);
}

/* Every end saves, and what was saved is the map as it is. */
static void check_saved(const sim *s, const athar_map *map)
{
	athar_error err = ATHAR_ERROR_INIT;
	char *text = NULL;

	assert_ok(athar_map_print(&text, map, NULL, &err), err);
	assert_string_equal(s->saved, text);
	free(text);
}

athar_rescue sim_run(sim *s, athar_map *map, athar_rescue_end end)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_rescue out = {0};
	const uint64_t reads = s->reads;
	const unsigned saves = s->saves;

	assert_ok(athar_rescue_run(&out, map, &s->spec, &err), err);
	assert_string_equal(athar_rescue_end_name(out.end), athar_rescue_end_name(end));
	assert_int_equal(out.reads, s->reads - reads);
	assert_true(s->saves > saves);
	check_saved(s, map);
	return out;
}

/* The state of a sector; *block is where the last one was, and only goes up. */
static athar_map_state state_of(const athar_map *map, size_t *block, uint64_t offset)
{
	while (athar_map_at(map, *block).offset + athar_map_at(map, *block).length <= offset)
		(*block)++;
	return athar_map_at(map, *block).state;
}

void sim_check_whole(const sim *s, const athar_map *map)
{
	size_t block = 0;

	for (size_t i = 0; i < s->sectors; i++) {
		const uint64_t offset = (uint64_t)i * s->sector;
		const uint64_t rest = s->size - offset;
		const size_t len = rest < s->sector ? (size_t)rest : s->sector;

		assert_int_equal(state_of(map, &block, offset),
		                 s->at[i].bad ? ATHAR_MAP_BAD : ATHAR_MAP_FINISHED);
		if (!s->at[i].bad)
			assert_memory_equal(s->disk + offset, s->target + offset, len);
	}
	sim_check_map(map);
	assert_int_equal(map->phase, ATHAR_MAP_DONE);
}

void sim_check_true(const sim *s, const athar_map *map)
{
	size_t block = 0;

	for (size_t i = 0; i < s->sectors; i++) {
		const athar_map_state state = state_of(map, &block, (uint64_t)i * s->sector);

		if (state == ATHAR_MAP_FINISHED)
			assert_true(s->at[i].written);
		else if (state != ATHAR_MAP_NONTRIED)
			assert_true(s->at[i].failed);
	}
}

uint64_t sim_bad_bytes(const sim *s)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < s->sectors; i++)
		if (s->at[i].bad)
			bytes += i + 1 < s->sectors ? s->sector : s->size - (uint64_t)i * s->sector;
	return bytes;
}

void sim_check_map(const athar_map *map)
{
	static const athar_map_state states[] = {ATHAR_MAP_NONTRIED, ATHAR_MAP_NONTRIMMED,
	                                         ATHAR_MAP_NONSCRAPED, ATHAR_MAP_BAD,
	                                         ATHAR_MAP_FINISHED};
	uint64_t end = 0;
	uint64_t sum = 0;

	for (size_t i = 0; i < map->count; i++) {
		const athar_map_block b = athar_map_at(map, i);

		assert_int_equal(b.offset, end);
		assert_true(b.length > 0);
		assert_true(i == 0 || athar_map_at(map, i - 1).state != b.state);
		end += b.length;
	}
	assert_int_equal(end, map->size);
	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		sum += athar_map_total(map, states[i]);
	assert_int_equal(sum, map->size);
}
