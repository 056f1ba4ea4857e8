/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is asked of every format: the exact end whatever follows, no claim above what is proven when
 * a piece is missing or foreign, no byte read that is not there, and time linear in the size.
 */
#ifndef ATHAR_TEST_JUDGE_H
#define ATHAR_TEST_JUDGE_H

#include "athar_test.h"
#include "format/format.h"

typedef struct sample {
	uint8_t *bytes;
	size_t len;
} sample;

/* A file of testdata/formats. */
sample sample_load(const char *name);
sample sample_load_path(const char *path);
void sample_free(sample s);

/* athar_grade_name lives in a higher room. */
const char *grade_name(athar_grade grade);

/* The claim over a buffer of exactly this size. */
athar_claim judge(const athar_format *format, const void *bytes, size_t len);
athar_claim judge_file(const athar_format *format, const char *name);

/* The file alone, and followed by zeros, 0xFF, random bytes, itself and a foreign file: always the
 * same grade and its own length. */
void judge_end(const athar_format *format, const char *name, athar_grade grade);
/* Cut at many places: never complete, never longer than it is. */
void judge_cuts(const athar_format *format, const char *name);
/* A foreign block of `block` bytes over each place of the file, from `first` on: never intact, and
 * where `proves` never complete. Returns how many were graded complete. */
size_t judge_foreign(const athar_format *format, const char *name, size_t block, size_t first,
                     bool proves);
/* The first `keep` bytes, then noise: at most partial. */
void judge_noise(const athar_format *format, const char *name, size_t keep);
/* `unit` again and again behind `head`, 16 MiB of it: ends within seconds. */
void judge_time(const athar_format *format, const void *head, size_t head_len, const void *unit,
                size_t unit_len);
/* Bit flips and cuts all over: only that it returns, under the sanitizers' eyes. */
void judge_flips(const athar_format *format, const char *name);

#endif
