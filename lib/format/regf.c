/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hives of the registry (M. Suhanov: "Windows registry file format specification"; libregf): a base
 * block of 4 KiB under a sum, then bins, each of which says where it lies and is made of cells
 * without a gap. Keys and values are cells. Windows lets a hive grow by 256 KiB, so that most end
 * in space that is in no bin.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/windows.h"

#define BASE 4096u
#define SUMMED 508u
#define BIN_HEAD 32u
#define GROWTH (256u << 10)
#define GROWS_FROM (64u << 10) /* smaller ones are written as they are */
#define KEY_LEAST 80u

typedef struct hive {
	athar_walk *w;
	uint32_t size; /* of all bins */
	uint32_t root;
	bool closed, has_root;
} hive;

/* The exclusive or of its words. */
static uint32_t sum(const uint8_t *base)
{
	uint32_t x = 0;

	for (uint32_t i = 0; i < SUMMED; i += 4)
		x ^= athar_le32(base + i);
	if (x == 0)
		return 1;
	return x == UINT32_MAX ? UINT32_MAX - 1 : x;
}

static bool is_base(const uint8_t *base)
{
	return athar_le32(base + 20) == 1 && athar_le32(base + 24) <= 6 &&
	       athar_le32(base + 28) == 0 && athar_le32(base + 32) == 1 &&
	       athar_le32(base + SUMMED) == sum(base);
}

static athar_status check_base(hive *h, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, h->w->in, 0, 512, err));
	if (!is_base(b.ptr))
		return athar_walk_stop(h->w, "the sum of its base block does not hold");
	h->root = athar_le32(b.ptr + 36);
	h->size = athar_le32(b.ptr + 40);
	h->closed = athar_le32(b.ptr + 4) == athar_le32(b.ptr + 8);
	athar_walk_begin(h->w, 512);
	athar_windows_text(h->w, "name", b.ptr + 48, 64);
	athar_walk_field(h->w, "version", "1.%u", athar_le32(b.ptr + 24));
	athar_windows_time(h->w, "modified", athar_le64(b.ptr + 12));
	if (h->size == 0 || h->size % BASE != 0 || h->size > INT32_MAX)
		return athar_walk_stop(h->w, "its bins have an impossible size");
	return ATHAR_OK;
}

/* The cells of the bin in [at, end): its head is behind it. */
static athar_status check_cells(hive *h, uint64_t at, uint64_t end, athar_error *err)
{
	const uint64_t root = (uint64_t)BASE + h->root;

	while (at < end) {
		athar_bytes b;

		ATHAR_TRY(athar_reader_get(&b, h->w->in, at, 8, err));
		const uint32_t stored = athar_le32(b.ptr);
		const bool used = stored > INT32_MAX;
		const uint32_t size = used ? 0 - stored : stored;

		if (size < 8 || size % 8 != 0 || size > end - at) {
			athar_walk_flaw(h->w, "at %llu there is no cell", (unsigned long long)at);
			return ATHAR_OK;
		}
		if (at == root && used && size >= KEY_LEAST)
			h->has_root = memcmp(b.ptr + 4, "nk", 2) == 0;
		at += size;
	}
	return ATHAR_OK;
}

static athar_status check_bin(uint32_t *size, hive *h, uint32_t at, athar_error *err)
{
	const uint64_t place = (uint64_t)BASE + at;
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, h->w->in, place, BIN_HEAD, err));
	*size = athar_le32(b.ptr + 8);
	if (memcmp(b.ptr, "hbin", 4) != 0 || athar_le32(b.ptr + 4) != at)
		return athar_walk_stop(h->w, "at %llu there is no bin", (unsigned long long)place);
	if (*size == 0 || *size % BASE != 0 || *size > h->size - at)
		return athar_walk_stop(h->w, "the bin at %llu has an impossible size",
		                       (unsigned long long)place);
	ATHAR_TRY(check_cells(h, place + BIN_HEAD, place + *size, err));
	/* One that is cut has a byte missing. */
	ATHAR_TRY(athar_reader_get(&b, h->w->in, place + *size - 1, 1, err));
	athar_walk_prove(h->w, place + *size);
	return ATHAR_OK;
}

/* Behind the bins lies what Windows reserved, if all of it is there and empty. */
static athar_status close_hive(hive *h, athar_error *err)
{
	const uint64_t end = (uint64_t)BASE + h->size;
	const uint64_t grown = end < GROWS_FROM ? end : athar_round_up(end, GROWTH);
	bool empty = false;

	if (!h->has_root)
		athar_walk_flaw(h->w, "its root is no key");
	if (grown != end)
		ATHAR_TRY(athar_windows_zeros(&empty, h->w, end, grown, err));
	athar_walk_close(h->w, ATHAR_GRADE_COMPLETE, empty ? grown : end,
	                 h->closed
	                         ? "cells fill all its bins, and its root is a key"
	                         : "cells fill all its bins, but it was not closed: changes may be "
	                           "in its logs");
	h->w->claim->alike = true;
	return ATHAR_OK;
}

static athar_status walk(hive *h, athar_error *err)
{
	uint32_t size;

	ATHAR_TRY(check_base(h, err));
	for (uint32_t at = 0; at < h->size; at += size)
		ATHAR_TRY(check_bin(&size, h, at, err));
	return close_hive(h, err);
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	hive h = {.w = &w};

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&h, err), err);
}

static const athar_magic magic[] = {{0, 4, {'r', 'e', 'g', 'f'}}, {0, 0, {0}}};

const athar_format athar_format_regf = {
	.name = "regf",
	.extension = "hiv",
	.mime = "application/x-ms-registry",
	.summary = "hives of the Windows registry",
	.end = "bins of the size that the base block says, filled with cells",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
