/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers, ranges and times as a report writes them.
 */
#ifndef ATHAR_REPORT_WORDS_H
#define ATHAR_REPORT_WORDS_H

#include "report/model.h"

/* "1572864 bytes (1.5 MiB)"; buf of 64 is enough. */
const char *athar_words_size(char *buf, size_t len, uint64_t bytes);
/* "1 item", "2 items": the plural takes an s. buf of 64 is enough. */
const char *athar_words_count(char *buf, size_t len, uint64_t count, const char *one);

/*
 * Ranges in file order, separated by blanks: "1048576+4096" is 4096 bytes at offset 1048576 of the
 * image; "hole+512" zeros by the file system's word; "missing+512" not known where;
 * "lznt1(2048+512)+4096" 4096 bytes made by the transform from 512 bytes at 2048. `most` bounds how
 * many are written out; 0: all. malloc'd.
 */
athar_status athar_words_extents(char **out, const athar_extents *x, size_t most, athar_error *err);

/* "2024-01-02T03:04:05Z", or without the Z where the zone is not recorded; fractions of a second
 * where there are any. buf of 48 is enough. */
const char *athar_words_item_time(char *buf, size_t len, const athar_item_time *time);

/* Can dd and sha256sum check the item by themselves? */
bool athar_words_plain(const athar_report_exhibit *x, const athar_item *item);
/* The command that does, run in the case folder. malloc'd. */
athar_status athar_words_dd(char **out, const athar_report_exhibit *x, const athar_item *item,
                            athar_error *err);
/* The media's bytes lie in one file as they are: its name below the exhibit; else NULL. */
const char *athar_words_raw_image(const athar_report_exhibit *x);

#endif
