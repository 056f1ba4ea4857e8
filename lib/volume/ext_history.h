/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the journal and the inode tables say of each inode over time. An inode number is used again
 * and again: each use is a life of its own, told from the next by generation, type and time of
 * creation.
 */
#ifndef ATHAR_VOLUME_EXT_HISTORY_H
#define ATHAR_VOLUME_EXT_HISTORY_H

#include "volume/jbd2.h"

#define ATHAR_EXT_HOME UINT32_MAX /* as a version's copy: it lies in its place */

/* In force from transaction `order` to before `until`. */
typedef struct athar_ext_version {
	int32_t order, until;
	int32_t seen;  /* the last transaction that has it so */
	uint32_t copy; /* in jbd2.copy, or ATHAR_EXT_HOME */
	uint32_t map;  /* a sum of all that says where its content is: differs where that does */
	uint32_t deleted;
	uint16_t mode;
	bool in_use; /* it has links */
	bool has_size;
	bool has_place; /* blocks, or content in the inode */
} athar_ext_version;

typedef struct athar_ext_life {
	uint32_t number, generation;
	uint32_t created;      /* lower 32 bits; 0: not recorded */
	int32_t since, until;  /* until: when it was deleted, or ATHAR_JBD2_NOW */
	size_t version, count; /* in versions: its own, by order */
	size_t name;           /* of athar_ext_names; 0: none */
	uint32_t deleted;      /* time of deletion; 0: not recorded */
	uint8_t type;          /* the mode's upper four bits */
	bool dead;             /* it is over */
	bool current;          /* nothing has used the number since */
} athar_ext_life;

typedef struct athar_ext_history {
	const athar_jbd2 *journal; /* borrowed */
	athar_ext_life *life;      /* by number, then by time */
	size_t count, capacity;
	athar_ext_version *version;
	size_t versions, versions_capacity;
	bool full; /* a bound was reached */
} athar_ext_history;

/* Goes over all copies of blocks of inode tables. */
athar_status athar_ext_history_read(athar_ext_history *out, const athar_jbd2 *j,
                                    athar_status (*beat)(void *user, athar_error *err), void *user,
                                    athar_error *err);
void athar_ext_history_clear(athar_ext_history *h);
ATHAR_DEFINE_AUTO_VALUE(ext_history, athar_ext_history, athar_ext_history_clear)

/* The life that an inode number had in a transaction, ATHAR_JBD2_NOW: has; NULL: none is known. */
athar_ext_life *athar_ext_history_at(const athar_ext_history *h, uint32_t number, int32_t order);
/* The latest that was over before; NULL: none is known. */
athar_ext_life *athar_ext_history_before(const athar_ext_history *h, uint32_t number,
                                         int32_t order);

/* The bytes of a version's inode into buf (a block), which is where they begin; *place: where in
 * the volume. NULL: they cannot be had any more. */
const uint8_t *athar_ext_version_get(athar_ext_inode *out, uint64_t *place,
                                     const athar_ext_history *h, const athar_ext_life *life,
                                     const athar_ext_version *version, uint8_t *buf);

/* Blocks of maps as they were before a transaction: athar_ext_nodes.get with this as user. */
typedef struct athar_ext_past {
	const athar_jbd2 *journal;
	int32_t before;
} athar_ext_past;
bool athar_ext_past_get(void *user, uint8_t *buf, uint64_t block, unsigned later);

#endif
