/* SPDX-License-Identifier: BSD-2-Clause */
/* A stream of frames as a worker that was taken over might send it: every frame lies inside what
 * was received, and every error that is accepted is one that athar could have made. */
#include <stdlib.h>
#include <string.h>

#include "jail/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void try_error(athar_bytes payload)
{
	athar_error one = ATHAR_ERROR_INIT;
	athar_error two = ATHAR_ERROR_INIT;
	uint8_t bytes[ATHAR_FRAME_ERROR];
	athar_bytes again = {bytes, 0, 0};

	if (!athar_frame_get_error(&one, payload))
		return;
	require(one.status <= ATHAR_OK && one.status >= ATHAR_EINCOMPLETE);
	require(strnlen(one.text, sizeof one.text) < sizeof one.text);
	for (const char *p = one.text; *p != '\0'; p++)
		require((uint8_t)*p >= 0x20 && *p != 0x7F);
	again.len = athar_frame_put_error(bytes, one.status, &one);
	require(athar_frame_get_error(&two, again));
	require(two.status == one.status && two.offset == one.offset &&
	        two.os_errno == one.os_errno && strcmp(two.text, one.text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	athar_frame frame;
	size_t at = 0;

	while (athar_frame_read(&frame, data + at, size - at) == ATHAR_FRAME_WHOLE) {
		require(frame.payload.len <= ATHAR_FRAME_PAYLOAD);
		require(frame.payload.ptr == data + at + ATHAR_FRAME_HEADER);
		require(frame.payload.len <= size - at - ATHAR_FRAME_HEADER);
		if (frame.type == ATHAR_FRAME_END || frame.type == ATHAR_FRAME_UNFIT)
			try_error(frame.payload);
		at += ATHAR_FRAME_HEADER + frame.payload.len;
	}
	return 0;
}
