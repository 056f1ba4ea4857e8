/* SPDX-License-Identifier: BSD-2-Clause */
/* A JPEG in pieces of a size that its first byte gives; at each border the bytes before are tried
 * once more, and forgotten. What comes out is the same as without. */
#include <string.h>

#include "format/jpeg_judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct outcome {
	jpeg_state state;
	bool failed;
} outcome;

static outcome feed(jpeg_judge *j, const uint8_t *data, size_t size, size_t piece, bool tries)
{
	athar_error err = ATHAR_ERROR_INIT;
	outcome out = {jpeg_judge_begin(), false};

	for (size_t at = 0; at < size && out.state.verdict == ATHAR_VERDICT_MORE; at += piece) {
		const size_t len = size - at < piece ? size - at : piece;
		jpeg_state other = out.state;

		/* before a frame header another one may come, which the states behind share */
		if (tries && out.state.framed && at >= piece &&
		    jpeg_judge_feed(j, &other, data + at - piece, piece, &err) != ATHAR_OK)
			out.failed = true;
		if (jpeg_judge_feed(j, &out.state, data + at, len, &err) != ATHAR_OK)
			out.failed = true;
		if (out.failed)
			return out;
	}
	return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(jpeg_judge) jpeg_judge *a = NULL;
	ATHAR_AUTO(jpeg_judge) jpeg_judge *b = NULL;

	if (size < 2 || jpeg_judge_new(&a, &err) != ATHAR_OK ||
	    jpeg_judge_new(&b, &err) != ATHAR_OK)
		return 0;
	const outcome x = feed(a, data + 1, size - 1, 1 + (size_t)data[0] * 4, true);
	const outcome y = feed(b, data + 1, size - 1, size - 1, false);

	if (x.failed || y.failed)
		return 0;
	if (x.state.verdict != y.state.verdict ||
	    (x.state.verdict == ATHAR_VERDICT_END &&
	     (x.state.end != y.state.end || x.state.gained != y.state.gained ||
	      x.state.end > size - 1)))
		abort();
	return 0;
}
