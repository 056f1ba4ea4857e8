/* SPDX-License-Identifier: BSD-2-Clause */
#include "jail/frame.h"

#include <string.h>

#include "base/endian.h"

enum { ERROR_FIXED = 16, LONGEST_READY = 64 };

/* May a frame of this type have this length? */
static bool has_sense(uint32_t type, uint32_t len)
{
	if (type < ATHAR_FRAME_OWN)
		return len <= ATHAR_FRAME_PAYLOAD;
	switch (type) {
	case ATHAR_FRAME_READY:
		return len < LONGEST_READY;
	case ATHAR_FRAME_BEAT:
		return len == 8;
	case ATHAR_FRAME_UNFIT:
	case ATHAR_FRAME_END:
		return len >= ERROR_FIXED && len < ATHAR_FRAME_ERROR;
	default:
		return false;
	}
}

athar_frame_state athar_frame_read(athar_frame *out, const uint8_t *bytes, size_t len)
{
	*out = (athar_frame){0, {NULL, 0, 0}};
	if (len < ATHAR_FRAME_HEADER)
		return ATHAR_FRAME_PART;
	out->type = athar_le32(bytes);
	out->payload.len = athar_le32(bytes + 4);
	if (!has_sense(out->type, athar_le32(bytes + 4)))
		return ATHAR_FRAME_SENSELESS;
	if (len - ATHAR_FRAME_HEADER < out->payload.len)
		return ATHAR_FRAME_PART;
	out->payload.ptr = bytes + ATHAR_FRAME_HEADER;
	return ATHAR_FRAME_WHOLE;
}

void athar_frame_put_header(uint8_t out[ATHAR_FRAME_HEADER], uint32_t type, size_t len)
{
	athar_put_le32(out, type);
	athar_put_le32(out + 4, (uint32_t)len);
}

size_t athar_frame_put_error(uint8_t out[ATHAR_FRAME_ERROR], athar_status status,
                             const athar_error *err)
{
	const size_t len = strnlen(err->text, sizeof err->text - 1);

	athar_put_le32(out, (uint32_t)status);
	athar_put_le32(out + 4, (uint32_t)err->os_errno);
	athar_put_le64(out + 8, err->offset);
	memcpy(out + ERROR_FIXED, err->text, len);
	return ERROR_FIXED + len;
}

bool athar_frame_get_error(athar_error *out, athar_bytes payload)
{
	const int32_t status = payload.len >= ERROR_FIXED ? (int32_t)athar_le32(payload.ptr) : 1;

	if (status > ATHAR_OK || status < ATHAR_EINCOMPLETE || payload.len >= ATHAR_FRAME_ERROR)
		return false;
	(void)athar_fail_at(out, (athar_status)status, athar_le64(payload.ptr + 8), "%.*s",
	                    (int)(payload.len - ERROR_FIXED),
	                    (const char *)payload.ptr + ERROR_FIXED);
	out->os_errno = (int)athar_le32(payload.ptr + 4);
	return true;
}
