/* SPDX-License-Identifier: BSD-2-Clause */
/* A disk that answers what it likes: the pages and registers of what it sends are within bounds,
 * and what is said of it makes a line of JSON. The input is what each of its answers is made of. */
#include <stdlib.h>
#include <string.h>

#include "engine/ata.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct answers {
	const uint8_t *at;
	size_t left;
} answers;

static size_t take(answers *a, void *out, size_t len)
{
	const size_t n = len < a->left ? len : a->left;

	if (n > 0)
		memcpy(out, a->at, n);
	a->at += n;
	a->left -= n;
	return n;
}

static bool answer(void *user, const uint8_t cdb[16], uint8_t *data, size_t len, uint8_t sense[32],
                   size_t *sense_len)
{
	answers *a = user;
	uint8_t kind = 0;

	(void)cdb;
	(void)take(a, &kind, 1);
	if (data != NULL)
		(void)take(a, data, len);
	*sense_len = take(a, sense, kind & 31);
	return (kind & 32) == 0;
}

static void require(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	answers a = {data, size};
	const athar_ata_port port = {answer, &a};
	ATHAR_AUTO(json) athar_json *o = athar_ata_hidden(&port);
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) char *line = NULL;
	athar_ata_registers r;

	require(athar_json_line(&line, o, &err) == ATHAR_OK);
	require(athar_json_get_text(o, "hpa") != NULL && athar_json_get_text(o, "dco") != NULL);
	if (athar_ata_registers_parse(&r, data, size))
		require(r.lba < UINT64_C(1) << 48);
	return 0;
}
