/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tags before and behind the frames of an MP3 file. Facts: id3.org for ID3 and Lyrics3,
 * wiki.hydrogenaud.io for APE.
 */
#ifndef ATHAR_FORMAT_MP3_H
#define ATHAR_FORMAT_MP3_H

#include "format/walk.h"

/* The ID3v2 tag at `at`: *len is 0 when none is there. *sound: its frames follow one another to
 * its end, so far as that can be seen. */
athar_status mp3_tag_before(uint64_t *len, bool *sound, athar_walk *w, uint64_t at,
                            athar_error *err);
/* A tag that may stand behind the frames: *len is 0 when none is there, *last: no other follows. */
athar_status mp3_tag_behind(uint64_t *len, bool *last, athar_walk *w, uint64_t at,
                            athar_error *err);

#endif
