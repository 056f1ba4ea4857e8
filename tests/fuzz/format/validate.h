/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A validator fed the fuzzer's bytes at once, and in pieces with a copy taken on the way: all
 * agree.
 */
#ifndef ATHAR_FUZZ_VALIDATE_H
#define ATHAR_FUZZ_VALIDATE_H

#include "format/validators.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void fuzz_must(bool holds)
{
	if (!holds)
		abort();
}

/* From data[from] on, in pieces of `step` bytes. */
static inline athar_fed fuzz_feed(const athar_validator *v, void *state, const uint8_t *data,
                                  size_t from, size_t size, size_t step)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_fed fed = {.followed = from};
	uint64_t at;

	for (size_t i = from; i < size && fed.verdict == ATHAR_VERDICT_MORE; i += step) {
		const size_t n = step < size - i ? step : size - i;

		fuzz_must(v->feed(&fed, state, data + i, n, &err) == ATHAR_OK);
		fuzz_must(fed.followed <= i + n && fed.proven <= fed.followed);
		fuzz_must(fed.verdict != ATHAR_VERDICT_MORE || fed.followed == i + n);
		fuzz_must(fed.verdict != ATHAR_VERDICT_END || fed.end <= fed.followed);
		fuzz_must(fed.need >= fed.followed);
		if (v->next != NULL && fed.verdict == ATHAR_VERDICT_MORE)
			(void)v->next(&at, state);
	}
	return fed;
}

static inline int fuzz_validate(const athar_validator *v, const uint8_t *data, size_t size)
{
	athar_error err = ATHAR_ERROR_INIT;
	void *one = NULL, *two = NULL, *copy = NULL;
	athar_fed a, b = {.followed = 0};

	if (v->begin(&one, &err) != ATHAR_OK || v->begin(&two, &err) != ATHAR_OK)
		abort();
	a = fuzz_feed(v, one, data, 0, size, size + 1);
	b = fuzz_feed(v, two, data, 0, size / 2, 61);
	if (b.verdict == ATHAR_VERDICT_MORE) {
		fuzz_must(v->copy(&copy, two, &err) == ATHAR_OK);
		b = fuzz_feed(v, copy, data, size / 2, size, 509);
	}
	if (size > 1) {
		fuzz_must(a.verdict == b.verdict);
		fuzz_must(a.verdict != ATHAR_VERDICT_END || a.end == b.end);
	}
	v->release(one);
	v->release(two);
	v->release(copy);
	return 0;
}

#endif
