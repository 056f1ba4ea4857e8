/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench_known FOLDER [COUNT]: a set of COUNT random SHA-256, five million by default: how long it
 * takes to make, to open and to ask. Half of what is asked is in it. What the answers should be is
 * known, and checked.
 */
#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "digest/hash_set.h"

#define QUESTIONS 2000000u

static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* splitmix64 */
static uint64_t mix(uint64_t z)
{
	z += UINT64_C(0x9E3779B97F4A7C15);
	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

static void hash_at(uint8_t out[32], uint64_t i)
{
	for (size_t k = 0; k < 4; k++) {
		const uint64_t word = mix(4 * i + k);

		memcpy(out + 8 * k, &word, 8);
	}
}

static athar_status make(int fd, const char *folder, uint64_t count, athar_error *err)
{
	ATHAR_AUTO(hash_maker) athar_hash_maker *maker = NULL;
	uint8_t hash[32];

	ATHAR_TRY(athar_hash_maker_new(&maker, folder, err));
	for (uint64_t i = 0; i < count; i++) {
		hash_at(hash, i);
		ATHAR_TRY(athar_hash_maker_add(maker, ATHAR_SHA256, hash, (uint8_t)(i % 3), err));
	}
	return athar_hash_maker_write(maker, fd, "the set", 0, NULL, err);
}

/* Numbers of entries and of others in turn, in no order. The answers that were wrong. */
static uint64_t ask(const athar_hash_set *set, uint64_t count)
{
	uint64_t wrong = 0;
	uint8_t hash[32], category = 0;

	for (uint64_t q = 0; q < QUESTIONS; q++) {
		const uint64_t i = mix(~q) % count;
		const bool there = q % 2 == 0;

		hash_at(hash, there ? i : count + i);
		if (athar_hash_set_has(&category, set, ATHAR_SHA256, hash) != there ||
		    (there && category != i % 3))
			wrong++;
	}
	return wrong;
}

/* What of the time the questions themselves take. */
static double idle(uint64_t count)
{
	const double begin = now();
	volatile uint8_t sink = 0;
	uint8_t hash[32];

	for (uint64_t q = 0; q < QUESTIONS; q++) {
		hash_at(hash, mix(~q) % count);
		sink = (uint8_t)(sink ^ hash[q % 32]);
	}
	return now() - begin;
}

static athar_status run(const char *folder, uint64_t count, athar_error *err)
{
	ATHAR_AUTO(hash_set) athar_hash_set *set = NULL;
	ATHAR_AUTO(fd) int fd = athar_hash_nameless(folder, err);
	struct rusage used;
	double begin = now();

	if (fd < 0)
		return err->status;
	ATHAR_TRY(make(fd, folder, count, err));
	(void)getrusage(RUSAGE_SELF, &used);
	(void)printf("known: %" PRIu64 " hashes compiled in %.1f s, %ld MiB of memory at most\n",
	             count, now() - begin, used.ru_maxrss / 1024);
	begin = now();
	ATHAR_TRY(athar_hash_set_open(&set, fd, "the set", NULL, err));
	(void)printf("known: opened and checked in %.1f s\n", now() - begin);
	if (athar_hash_set_count(set, ATHAR_SHA256) != count)
		return athar_fail(err, ATHAR_EMISMATCH, "the set does not have what it was given");
	begin = now();
	if (ask(set, count) != 0)
		return athar_fail(err, ATHAR_EMISMATCH, "answers were wrong");
	(void)printf("known: %.2f us a question, %u asked, every answer right\n",
	             (now() - begin - idle(count)) / QUESTIONS * 1e6, QUESTIONS);
	return ATHAR_OK;
}

int main(int argc, char **argv)
{
	const uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : 5000000;
	athar_error err = ATHAR_ERROR_INIT;

	if (argc < 2 || count == 0) {
		(void)fputs("usage: bench_known FOLDER [COUNT]\n", stderr);
		return 2;
	}
	if (run(argv[1], count, &err) == ATHAR_OK)
		return 0;
	(void)fprintf(stderr, "bench_known: %s\n", err.text);
	return 4;
}
