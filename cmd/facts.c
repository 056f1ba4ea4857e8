/* SPDX-License-Identifier: BSD-2-Clause */
#include "facts.h"

#include <inttypes.h>

#include "athar/text.h"
#include "terminal.h"

static const char *hash_label(unsigned algorithm)
{
	switch (algorithm) {
	case ATHAR_MD5:
		return "MD5";
	case ATHAR_SHA1:
		return "SHA-1";
	case ATHAR_SHA256:
		return "SHA-256";
	case ATHAR_SHA512:
		return "SHA-512";
	default:
		return "BLAKE2b-512";
	}
}

void athar_facts_hashes(FILE *to, const char *before, const athar_digests *digests)
{
	for (unsigned i = 0; i < ATHAR_DIGEST_COUNT; i++) {
		char label[32];

		if ((digests->algorithms & 1u << i) == 0)
			continue;
		(void)snprintf(label, sizeof label, "%s%s", before, hash_label(1u << i));
		athar_terminal_fact(to, label, digests->hex[i]);
	}
}

static const char *kind_name(athar_run_kind kind)
{
	static const char *const name[] = {"data", "sparse", "unread", "bad"};

	return name[kind];
}

void athar_facts_runs(FILE *to, const char *label, const athar_runs *runs, size_t most)
{
	for (size_t i = 0; i < runs->count && i < most; i++) {
		const athar_run *r = &runs->run[i];

		(void)fprintf(to, "  %-14s %" PRIu64 " bytes at %" PRIu64 " (sector %" PRIu64 ")\n",
		              label, r->length, r->offset, r->offset / 512);
	}
	if (runs->count > most)
		(void)fprintf(to, "  %-14s and %zu more ranges\n", label, runs->count - most);
}

athar_json *athar_facts_runs_json(const athar_runs *runs)
{
	athar_json *array = athar_json_array();

	for (size_t i = 0; i < runs->count; i++) {
		athar_json *run = athar_json_object();

		athar_json_set_number(run, "offset", runs->run[i].offset);
		athar_json_set_number(run, "length", runs->run[i].length);
		athar_json_set_text(run, "kind", kind_name(runs->run[i].kind));
		athar_json_append(array, run);
	}
	return array;
}

const char *athar_facts_count(char *buf, size_t len, uint64_t count, const char *one,
                              const char *many)
{
	(void)snprintf(buf, len, "%" PRIu64 " %s", count, count == 1 ? one : many);
	return buf;
}
