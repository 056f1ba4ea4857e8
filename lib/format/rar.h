/* SPDX-License-Identifier: BSD-2-Clause */
/* What the two forms of RAR share. */
#ifndef ATHAR_FORMAT_RAR_H
#define ATHAR_FORMAT_RAR_H

#include "format/walk.h"

typedef struct athar_rar {
	athar_walk *w;
	uint64_t at;     /* of the next block */
	uint64_t count;  /* members that begin in it */
	uint64_t unseen; /* packed bytes, which only unpacking would check */
} athar_rar;

/* The data of a block: `len` bytes, of which the CRC is known or not. */
typedef struct athar_rar_data {
	uint64_t at, len;
	bool summed;
	uint32_t crc;
} athar_rar_data;

/* Passes the data, checked where there is a sum of them. */
athar_status athar_rar_pass(athar_rar *r, const athar_rar_data *data, athar_error *err);
/* The end block is before r->at. */
athar_status athar_rar_close(athar_rar *r);

/* What follows the signature of RAR 5. */
athar_status athar_rar5_walk(athar_rar *r, athar_error *err);

#endif
