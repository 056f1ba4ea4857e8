/* SPDX-License-Identifier: BSD-2-Clause */
/* A reader of a dying medium, played: the medium is a file, what was read of it is another one. */
#ifndef ATHAR_WORTH_SUPPORT_H
#define ATHAR_WORTH_SUPPORT_H

#include "athar_test.h"

#include "engine/worth.h"

#define MIB (UINT64_C(1) << 20)

typedef struct reader {
	char folder[4000], medium[4096], image[4096];
	int in, out;
	uint64_t size;
	athar_runs lacking;
	uint64_t read, life;           /* bytes read so far; it dies after so many */
	uint64_t sick_at, sick_length; /* a range that cannot be read */
	unsigned asks;
	uint64_t wanted, seeks; /* bytes and ranges */
	athar_worth *worth;
	athar_worth_answer answer;
} reader;

/* A shell command in the folder; fails the test where it fails. */
void sh(const char *folder, const char *format, ...) ATHAR_PRINTF(2, 3);
/* Its output, malloc'd. */
char *sh_out(const char *folder, const char *format, ...) ATHAR_PRINTF(2, 3);
/* Skips the test. */
void needs(const char *program);

/* "disk" in the folder is the medium. */
void reader_open(reader *r, const char *folder);
void reader_close(reader *r);
/* Asks and reads until the depth has ended; fails the test when it does not. */
void reader_ask(reader *r, athar_worth_depth depth);
/* Reads the ranges, as far as life reaches. */
void reader_read(reader *r, const athar_runs *ranges);
/* Bytes of [offset, offset + length) that are in the image. */
uint64_t reader_has(const reader *r, uint64_t offset, uint64_t length);

/* What of a volume the Sleuth Kit says is in use, in bytes of the disk. */
void truth_in_use(athar_runs *out, const char *folder, uint64_t offset, uint64_t unit,
                  uint64_t first);
/* All of `inner` lies in `outer`; else the first place is printed. */
bool covers(const athar_runs *outer, const athar_runs *inner);

#endif
