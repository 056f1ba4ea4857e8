/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/reading.h"

#include <string.h>

#include "base/check.h"
#include "digest/digest.h"

/* The smallest piece of a medium that fails alone. */
#define SECTOR 512u

typedef struct look {
	const athar_reading_spec *spec;
	athar_reading *out;
} look;

static bool zeros(const uint8_t *data, size_t len)
{
	return len == 0 || (data[0] == 0 && memcmp(data, data + 1, len - 1) == 0);
}

/* Of a range that was said to be unreadable: what is zeros is taken for its fill, and what is not
 * was read by somebody after all. */
static athar_status note_range(athar_reading *out, const athar_run *r, uint64_t offset,
                               const uint8_t *data, size_t len, athar_error *err)
{
	const uint64_t from = athar_max(r->offset, offset);
	const uint64_t to = athar_min(r->offset + r->length, offset + len);

	for (uint64_t at = from; at < to;) {
		const uint64_t next = athar_min(to, athar_round_down(at, SECTOR) + SECTOR);
		const size_t n = (size_t)(next - at);

		if (zeros(data + (at - offset), n))
			ATHAR_TRY(athar_runs_add(&out->bad, at, n, r->kind, err));
		else
			out->bad_with_data += n;
		at = next;
	}
	return ATHAR_OK;
}

static athar_status note_bad(athar_reading *out, const athar_runs *said, uint64_t offset,
                             const uint8_t *data, size_t len, athar_error *err)
{
	for (size_t i = athar_runs_find(said, offset);
	     i < said->count && said->run[i].offset < offset + len; i++)
		ATHAR_TRY(note_range(out, &said->run[i], offset, data, len, err));
	return ATHAR_OK;
}

static athar_status write_line(const look *r, uint64_t offset, const uint8_t hash[32],
                               athar_error *err)
{
	char hex[65];

	athar_digest_hex(hex, hash);
	if (fprintf(r->spec->blocks, "%s  %llu\n", hex, (unsigned long long)offset) < 0)
		return athar_fail_errno(err, "cannot write the block hashes");
	return ATHAR_OK;
}

static athar_status block(void *user, uint64_t offset, const uint8_t *data, size_t len,
                          const uint8_t hash[32], athar_error *err)
{
	const look *r = user;
	const athar_logs *logs = r->spec->logs;

	for (size_t i = 0; i < logs->count; i++) {
		ATHAR_TRY(athar_pieces_feed(&r->out->pieces[i], offset, data, len, err));
		ATHAR_TRY(note_bad(r->out, &logs->file[i].said.bad, offset, data, len, err));
	}
	return write_line(r, offset, hash, err);
}

/* All that anybody says of the whole. */
static unsigned said_algorithms(const athar_logs *logs)
{
	unsigned algorithms = 0;

	for (size_t i = 0; i < logs->count; i++)
		for (size_t k = 0; k < logs->file[i].said.hashes; k++)
			algorithms |= logs->file[i].said.hash[k].algorithms;
	return algorithms;
}

static athar_status add_known(athar_reading *out, const athar_runs *known, athar_error *err)
{
	for (size_t i = 0; i < known->count; i++)
		ATHAR_TRY(athar_runs_add(&out->bad, known->run[i].offset, known->run[i].length,
		                         known->run[i].kind, err));
	return ATHAR_OK;
}

athar_status athar_reading_run(athar_reading *out, const athar_reading_spec *spec, athar_error *err)
{
	const athar_source_info *info = athar_source_describe(spec->source);
	look r = {spec, out};
	athar_pass_spec pass = {.source = spec->source,
	                        .size = UINT64_MAX,
	                        .hashes = spec->hashes | info->stored.algorithms |
	                                  said_algorithms(spec->logs),
	                        .threads = spec->context->threads,
	                        .block = block,
	                        .block_hashes = true,
	                        .user = &r,
	                        .phase = "check",
	                        .watcher = spec->watcher};

	for (size_t i = 0; i < spec->logs->count; i++)
		ATHAR_TRY(athar_pieces_init(&out->pieces[i], &spec->logs->file[i].said, info->size,
		                            err));
	if (fprintf(spec->blocks, "# athar block hashes 1: SHA-256 of each %u bytes, offset\n",
	            ATHAR_BLOCK_SIZE) < 0)
		return athar_fail_errno(err, "cannot write the block hashes");
	ATHAR_TRY(athar_pass_run(&out->pass, &pass, err));
	return add_known(out, athar_source_known_bad(spec->source), err);
}

void athar_reading_clear(athar_reading *seen)
{
	athar_pass_clear(&seen->pass);
	athar_runs_clear(&seen->bad);
	for (size_t i = 0; i < ATHAR_LOGS_MOST; i++)
		athar_pieces_clear(&seen->pieces[i]);
}
