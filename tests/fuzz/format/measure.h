/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One measure() over the fuzzer's bytes, with what every claim must keep.
 */
#ifndef ATHAR_FUZZ_MEASURE_H
#define ATHAR_FUZZ_MEASURE_H

#include "format/list.h"
#include "image/driver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline int fuzz_measure(const athar_format *format, const uint8_t *data, size_t size)
{
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(source) athar_source *source = NULL;
	ATHAR_AUTO(reader) athar_reader *in = NULL;
	athar_claim c;

	if (athar_source_memory(&source, data, size, &err) != ATHAR_OK ||
	    athar_reader_new(&in, source, 0, size, 0, &err) != ATHAR_OK)
		return 0;
	const athar_status status = format->measure(&c, in, &err);

	if (status != ATHAR_OK && status != ATHAR_ELIMIT && status != ATHAR_ENOMEM)
		abort();
	if (status == ATHAR_OK && c.ours &&
	    (c.length > size || c.proven > c.length || c.grade > format->best))
		abort();
	return 0;
}

#endif
