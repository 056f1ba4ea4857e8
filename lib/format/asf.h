/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ASF, which WMV and WMA are (Microsoft, "Advanced Systems Format Specification 1.2", 2004):
 * objects, each with a GUID and its length. asf.c walks them and judges the file, asf_packet.c
 * goes through the packets that the media are cut into.
 */
#ifndef ATHAR_FORMAT_ASF_H
#define ATHAR_FORMAT_ASF_H

#include "format/walk.h"

#define ASF_STREAMS 128u

/* A piece of a stream that is put together out of several packets. */
typedef struct asf_piece {
	bool begun, sized;
	uint32_t number, size, have;
} asf_piece;

typedef struct asf {
	athar_walk *w;
	uint64_t file_size, packets, duration, preroll; /* as the header says */
	uint32_t packet_size;
	bool described, live; /* file properties were met; its sizes are not told */
	uint8_t id[16];
	asf_piece piece[ASF_STREAMS];
	uint64_t last; /* the last header of a payload ends here */
} asf;

/* The packet at `at`. *fits: all its payloads lie in it and end where its padding begins. */
athar_status asf_packet(bool *fits, asf *a, uint64_t at, athar_error *err);

/* What the objects of the header say; stops where one makes no sense. */
athar_status asf_header(asf *a, uint64_t at, uint64_t end, uint32_t count, athar_error *err);

#endif
