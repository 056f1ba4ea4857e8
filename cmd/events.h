/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * --json: one object a line, {"type":"progress|notice|item|row|summary",...}; the last is always a
 * summary. Numbers are bytes, without units. New members may be added, none changes its meaning.
 */
#ifndef ATHAR_CMD_EVENTS_H
#define ATHAR_CMD_EVENTS_H

#include "command.h"

/* Where the events of this call go: stdout, or stderr where stdout is the data itself. */
FILE *athar_events_stream(const athar_call *call);

/* Adds the type, writes the line at once, takes `event` over. Does nothing without --json. */
void athar_event(const athar_call *call, const char *type, athar_json *event);
void athar_event_notice(const athar_call *call, const char *text);

/* {"status":"refused","text":...}, with offset and errno where there are any. */
athar_json *athar_event_error(const athar_error *err);

#endif
