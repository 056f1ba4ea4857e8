/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a worker says, as bytes: four of type, four of length, the payload; little-endian. The
 * worker may have been taken over by what it reads, so every byte of it is checked here, by pure
 * functions.
 */
#ifndef ATHAR_JAIL_FRAME_H
#define ATHAR_JAIL_FRAME_H

#include "athar/bytes.h"

#define ATHAR_FRAME_HEADER 8u
#define ATHAR_FRAME_PAYLOAD (16u << 20) /* the longest */
/* Types from here on are the jail's own; those below are its caller's. */
#define ATHAR_FRAME_OWN 0x80000000u
#define ATHAR_FRAME_READY 0x80000000u /* set up and locked down; a text says how */
#define ATHAR_FRAME_UNFIT 0x80000001u /* could not be set up; an error says why */
#define ATHAR_FRAME_BEAT 0x80000002u  /* eight bytes: how far it is */
#define ATHAR_FRAME_END 0x80000003u   /* of a task; an error, or ATHAR_OK */

/* The longest payload of the jail's own frames. */
#define ATHAR_FRAME_ERROR (16u + sizeof((athar_error *)NULL)->text)

typedef struct athar_frame {
	uint32_t type;
	athar_bytes payload; /* borrowed; ptr is NULL while it is not all there */
} athar_frame;

typedef enum athar_frame_state {
	ATHAR_FRAME_PART,     /* more bytes are needed; type and length are set if they are there */
	ATHAR_FRAME_WHOLE,    /* out has it; it took ATHAR_FRAME_HEADER + out->payload.len bytes */
	ATHAR_FRAME_SENSELESS /* no frame begins like this */
} athar_frame_state;

athar_frame_state athar_frame_read(athar_frame *out, const uint8_t *bytes, size_t len);

void athar_frame_put_header(uint8_t out[ATHAR_FRAME_HEADER], uint32_t type, size_t len);

/* An error as the payload of a frame; its length. */
size_t athar_frame_put_error(uint8_t out[ATHAR_FRAME_ERROR], athar_status status,
                             const athar_error *err);
/* False: there is no such error. The text is escaped anew: it is a stranger's. */
bool athar_frame_get_error(athar_error *out, athar_bytes payload);

#endif
