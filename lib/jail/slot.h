/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The supervisor's side of one worker: its process, its channel, the bytes on their way. Knows
 * nothing of tasks and their order.
 */
#ifndef ATHAR_JAIL_SLOT_H
#define ATHAR_JAIL_SLOT_H

#include <sys/types.h>

#include "jail/frame.h"
#include "jail/jail.h"

typedef enum athar_slot_state {
	ATHAR_SLOT_EMPTY,
	ATHAR_SLOT_STARTING, /* in its setup */
	ATHAR_SLOT_IDLE,
	ATHAR_SLOT_BUSY /* with `task` */
} athar_slot_state;

typedef struct athar_slot {
	athar_slot_state state;
	pid_t pid;
	int channel;
	uint8_t *in; /* from in_at to in_end: what came and was not yet taken */
	size_t in_at, in_end, in_capacity;
	uint8_t *out; /* from out_at to out_end: what is still to go */
	size_t out_at, out_end, out_capacity;

	uint64_t task;
	uint64_t done; /* its last beat */
	size_t kept;   /* bytes of messages kept until their task's turn; outlives the worker */
	int64_t clock, idle; /* nanoseconds of the task, and since its last frame */
	bool watched;        /* was polled without a pause since the last reckoning */
} athar_slot;

/* Processes that were killed and have not gone yet: one that hangs in a failing device cannot. */
typedef struct athar_slot_dying {
	pid_t *pid;
	size_t count, capacity;
} athar_slot_dying;

/* Forks a worker into an empty slot. */
athar_status athar_slot_start(athar_slot *slot, const athar_jail_spec *spec, athar_error *err);
/* Kills it and empties the slot. */
void athar_slot_stop(athar_slot *slot, athar_slot_dying *dying);
void athar_slot_free(athar_slot *slot);
/* Takes note of those that have gone. */
void athar_slot_reap(athar_slot_dying *dying);

/* Queues a request; BUSY from now on. */
athar_status athar_slot_request(athar_slot *slot, uint64_t task, athar_bytes request,
                                athar_error *err);
/* Sends what goes without waiting. */
void athar_slot_flush(athar_slot *slot);
/* Receives once, what is there without waiting; *over: nothing will come any more. */
athar_status athar_slot_receive(athar_slot *slot, bool *over, athar_error *err);
/* The next frame received; athar_slot_take drops it. */
athar_frame_state athar_slot_frame(const athar_slot *slot, athar_frame *out);
void athar_slot_take(athar_slot *slot, const athar_frame *frame);

/* Why a worker closed its channel: waits for its end, shortly. */
void athar_slot_autopsy(athar_jail_end *out, athar_slot *slot);

#endif
