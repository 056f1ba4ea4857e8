/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Matroska and WebM (RFC 9559) in EBML (RFC 8794): what its files share.
 *
 * An element is an identifier, a size and a payload, which may be elements again. A CRC-32 may
 * stand first among them and covers the rest. mkv.c walks the parts at the top and judges the file,
 * mkv_cluster.c those that hold the media, mkv_head.c what describes and indexes them.
 */
#ifndef ATHAR_FORMAT_MKV_H
#define ATHAR_FORMAT_MKV_H

#include "format/walk.h"

#define MKV_VOID 0xECu
#define MKV_CRC 0xBFu
#define MKV_SEGMENT 0x18538067u
#define MKV_SEEKHEAD 0x114D9B74u
#define MKV_INFO 0x1549A966u
#define MKV_TRACKS 0x1654AE6Bu
#define MKV_CLUSTER 0x1F43B675u
#define MKV_CUES 0x1C53BB6Bu
#define MKV_ATTACHMENTS 0x1941A469u
#define MKV_CHAPTERS 0x1043A770u
#define MKV_TAGS 0x1254C367u

#define MKV_TRACKS_MOST 128u

typedef struct mkv_element {
	uint64_t at, payload, end;
	uint32_t id;
	bool open; /* its size is not told; then end is that of what holds it */
} mkv_element;

typedef struct mkv_track {
	uint64_t number, kind; /* kind: 1 a film, 2 sound, 17 words */
	uint64_t width, height;
	uint8_t codec[40];
	size_t codec_len;
	bool encrypted;
} mkv_track;

typedef struct mkv {
	athar_walk *w;
	mkv_element segment;
	mkv_element *top; /* the parts at the top, in order */
	size_t count, capacity;
	bool sealed;       /* so far: a CRC that holds covers each part */
	bool cued;         /* an index of its clusters is there */
	uint64_t clusters; /* how many */
	uint64_t last;     /* the header of the last block ends here */
	uint64_t previous; /* size of the cluster before */
	uint64_t scale;    /* nanoseconds of a tick */
	mkv_track track[MKV_TRACKS_MOST];
	size_t tracks;
	uint32_t seek_id;
	uint64_t seek_at;
} mkv;

/* The element at `at`, which must not leave `end`; stops where none is. */
athar_status mkv_read(mkv_element *out, mkv *m, uint64_t at, uint64_t end, athar_error *err);
/* Its payload as a number, of at most 8 bytes. */
athar_status mkv_number(uint64_t *out, mkv *m, const mkv_element *e, athar_error *err);
/* Each element inside `parent`, which they must fill; not those that are there to be skipped. */
typedef athar_status mkv_visit(mkv *m, const mkv_element *e, athar_error *err);
athar_status mkv_children(mkv *m, const mkv_element *parent, mkv_visit *visit, athar_error *err);
/* A number of 1 to 8 bytes that tells its own length; *len 0: none stands there. */
uint64_t mkv_vint(unsigned *len, const uint8_t *b, size_t have);

/* The stop of a segment that does not say where it ends, once nothing of it follows. */
athar_status mkv_unclosed(mkv *m);
/* Is this what may stand inside the segment? */
bool mkv_is_top(uint32_t id);
/* The part of this kind that begins at `at`. */
bool mkv_has(const mkv *m, uint64_t at, uint32_t id);

/* The media. *end: where the next part begins, which a cluster of unknown size does not tell. */
athar_status mkv_cluster(uint64_t *end, mkv *m, const mkv_element *cluster, athar_error *err);
/* What is known when the walk passes it: info, tracks and what else has nothing to check. */
athar_status mkv_describe(mkv *m, const mkv_element *part, athar_error *err);
/* What points to other parts, once all of them are known. */
athar_status mkv_check_index(mkv *m, const mkv_element *part, athar_error *err);

#endif
