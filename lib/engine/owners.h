/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What lies at many places of an image? Each file system is walked once, however many places there
 * are. A place has one owner: the file inside of whose NTFS record it is, else the live file that
 * holds it, else the one whose last block it is in the rest of, else a deleted file that describes
 * it; else what the file system says of the block.
 */
#ifndef ATHAR_ENGINE_OWNERS_H
#define ATHAR_ENGINE_OWNERS_H

#include "athar/verify.h"
#include "engine/survey.h"

/* Places that are asked about at once. */
#define ATHAR_OWNERS_MOST 100000u

typedef struct athar_owner_of {
	uint32_t place; /* index; see ATHAR_OWNER_NONE */
	uint64_t from;  /* in its file */
	uint64_t more;  /* deleted files besides */
} athar_owner_of;

#define ATHAR_OWNER_NONE UINT32_MAX

typedef struct athar_owners {
	athar_place *place; /* without `offset`, `bytes` and `from` */
	size_t count, capacity;
	athar_owner_of *of; /* one for each offset */
	size_t asked;
	size_t path_bytes;
} athar_owners;

typedef struct athar_owners_calls {
	/* Something could not be told. */
	athar_status (*finding)(void *user, const athar_volume_info *volume, const char *text,
	                        athar_error *err);
	bool (*tick)(void *user, uint64_t done);
	void *user;
} athar_owners_calls;

/* offset: sorted, at most ATHAR_OWNERS_MOST of them. */
athar_status athar_owners_find(athar_owners *out, athar_jail *jail, const athar_survey *survey,
                               const uint64_t *offset, size_t count,
                               const athar_owners_calls *calls, athar_error *err);
void athar_owners_clear(athar_owners *owners);
ATHAR_DEFINE_AUTO_VALUE(owners, athar_owners, athar_owners_clear)

/* ---- the worker's part ---- */

/* The task's number has been read. Answers: OWNER ..., FINDING ..., OTHERS. */
typedef struct athar_owners_request {
	athar_volume_info volume;
	uint64_t *offset;
	size_t count;
} athar_owners_request;

void athar_owners_wire(athar_wire *w, const athar_volume_info *volume, const uint64_t *offset,
                       size_t count);
/* Sorted offsets within the volume. */
athar_status athar_owners_unwire(athar_owners_request *out, athar_unwire *u, athar_error *err);
void athar_owners_request_clear(athar_owners_request *request);
ATHAR_DEFINE_AUTO_VALUE(owners_request, athar_owners_request, athar_owners_request_clear)

/* One file, or one kind of place, and the offsets (by index) that it owns. */
typedef struct athar_owner {
	athar_place place;    /* kind, state, path, size, address */
	const uint64_t *spot; /* pairs: index, from */
	size_t spots;
} athar_owner;

void athar_owner_wire(athar_wire *w, const athar_owner *owner);
/* place.path is yours; the pairs follow in *u, owner->spots of them. */
athar_status athar_owner_unwire(athar_owner *out, athar_unwire *u, athar_bytes message,
                                athar_error *err);

athar_status athar_owners_in(athar_volume *volume, const athar_owners_request *request,
                             athar_jail_reply *reply, athar_error *err);

#endif
