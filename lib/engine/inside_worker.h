/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a worker answers about files inside of others.
 */
#ifndef ATHAR_ENGINE_INSIDE_WORKER_H
#define ATHAR_ENGINE_INSIDE_WORKER_H

#include "engine/worker.h"

/* Was its format asked for? */
bool athar_inside_chosen(const athar_worker_spec *spec, const athar_find *find);
/* ATHAR_TASK_INSIDE; u: behind the task's number. */
athar_status athar_inside_answer(athar_source *image, const athar_worker_spec *spec,
                                 const athar_unwire *u, athar_jail_reply *reply, athar_error *err);
/* The content of a find for which athar_find_wrapped is true: DATA ..., BAD. */
athar_status athar_inside_send(athar_source *image, const athar_find *find, athar_jail_reply *reply,
                               athar_error *err);

#endif
