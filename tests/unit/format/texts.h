/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Judging text that a test has written down, and what may follow a file where what is like it goes
 * on with it.
 */
#ifndef ATHAR_TEST_TEXTS_H
#define ATHAR_TEST_TEXTS_H

#include "judge.h"

athar_claim judge_text(const athar_format *format, const char *text);
/* Grade and length of the text whatever follows it, unless that is like it. */
void judge_text_end(const athar_format *format, const void *text, size_t len, athar_grade grade);
/* The same of a file of testdata/formats. */
void judge_end_apart(const athar_format *format, const char *name, athar_grade grade);
/* As judge_cuts, but what is cut off of the last `tail` bytes, which are line ends, does not show.
 */
void judge_text_cuts(const athar_format *format, const char *name, size_t tail);
/* "" where the claim has no such field. */
const char *claim_field(const athar_claim *claim, const char *key);

#endif
