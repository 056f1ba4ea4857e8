/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of all kinds and sets: the file is tried as each of them. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "digest/digest.h"
#include "digest/hash_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static athar_status take(void *user, const athar_listed *entry, athar_error *err)
{
	(void)user;
	(void)err;
	if (entry->algorithms == 0 || athar_listed_best(entry) == 0)
		abort();
	return ATHAR_OK;
}

static void as_text(const uint8_t *data, size_t size)
{
	athar_list_sink sink = {.entry = take};
	ATHAR_AUTO(list_text) athar_list_text *t = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	if (athar_list_text_new(&t, &sink, &err) != ATHAR_OK ||
	    athar_list_text_feed(t, data, size / 2, &err) != ATHAR_OK ||
	    athar_list_text_feed(t, data + size / 2, size - size / 2, &err) != ATHAR_OK ||
	    athar_list_text_end(t, &err) != ATHAR_OK)
		abort();
}

static void as_vics(const uint8_t *data, size_t size)
{
	athar_list_sink sink = {.entry = take};
	ATHAR_AUTO(list_vics) athar_list_vics *v = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	if (athar_list_vics_new(&v, &sink, &err) != ATHAR_OK)
		abort();
	if (athar_list_vics_feed(v, data, size, &err) == ATHAR_OK)
		(void)athar_list_vics_end(v, &err);
}

/* Its sum is made good, or no change would come further than that. */
static void as_set(const uint8_t *data, size_t size)
{
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(hash_set) athar_hash_set *set = NULL;
	ATHAR_AUTO(fd) int fd = memfd_create("set", MFD_CLOEXEC);
	uint8_t sum[32];

	if (size < sizeof sum || fd < 0)
		return;
	size -= sizeof sum;
	if (athar_digest_sha256_raw(sum, data, size, &err) != ATHAR_OK ||
	    write(fd, data, size) != (ssize_t)size || write(fd, sum, sizeof sum) != sizeof sum)
		abort();
	if (athar_hash_set_open(&set, fd, "a set", NULL, &err) != ATHAR_OK)
		return;
	for (unsigned bit = 0; bit < ATHAR_HASH_PARTS; bit++)
		(void)athar_hash_set_has(NULL, set, 1u << bit, sum);
	for (size_t i = 0; i < athar_hash_set_origins(set); i++)
		(void)athar_hash_set_origin(set, i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	as_text(data, size);
	as_vics(data, size);
	as_set(data, size);
	return 0;
}
