/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Images made by the sinks, for the tests of sinks and of the E01 source.
 */
#ifndef ATHAR_EWF_TEST_H
#define ATHAR_EWF_TEST_H

#include "digest/digest.h"
#include "image/sink.h"
#include "image_test.h"
#include "inflate/inflate.h"

/* A third zeros, a third text, a third noise, in stripes of 64 KiB. */
static inline uint8_t *make_media(size_t len)
{
	uint8_t *media = calloc(1, len + 1);

	assert_non_null(media);
	for (size_t at = 0; at < len; at += 65536) {
		const size_t piece = len - at < 65536 ? len - at : 65536;

		if (at / 65536 % 3 == 1)
			athar_test_fill(media + at, piece, at);
		else if (at / 65536 % 3 == 2)
			for (size_t i = 0; i < piece; i++)
				media[at + i] = (uint8_t) "a trace of the text "[(at + i * i) % 20];
	}
	return media;
}

static inline athar_digests hash_of(const uint8_t *bytes, size_t len)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_digester *d = NULL;
	athar_digests out;

	assert_ok(athar_digester_new(&d, ATHAR_MD5 | ATHAR_SHA1, &err), err);
	assert_ok(athar_digester_update(d, bytes, len, &err), err);
	assert_ok(athar_digester_finish(&out, d, &err), err);
	athar_digester_free(d);
	return out;
}

/* Feeds media (padded: `len` is what the sink stores) chunk by chunk; the first failure comes
 * back. */
static inline athar_status feed(athar_sink *sink, const uint8_t *media, size_t len,
                                athar_error *err)
{
	const uint32_t size = sink->driver->chunk_size;
	ATHAR_AUTO(free) uint8_t *room = malloc(size + 4096);
	athar_packer *packer = NULL;
	athar_status status = ATHAR_OK;

	assert_non_null(room);
	if (sink->spec.compression != ATHAR_COMPRESSION_NONE)
		assert_ok(athar_packer_new(&packer, sink->spec.compression, err), *err);
	for (size_t at = 0; at < len && status == ATHAR_OK; at += size) {
		athar_chunk c = {.data = room, .capacity = size + 4096};

		assert_ok(sink->driver->pack(&c, packer, media + at,
		                             len - at < size ? len - at : size, err),
		          *err);
		status = athar_sink_put(sink, &c, err);
	}
	athar_packer_free(packer);
	return status;
}

static inline athar_sink_spec spec_of(const char *folder, size_t size)
{
	return (athar_sink_spec){
		.folder = folder,
		.name = "img",
		.media_size = size,
		.sector_size = 512,
		.compression = ATHAR_COMPRESSION_FAST,
		.fields = {.case_number = "قضية 7/2026",
	                   .evidence_number = "3-1",
	                   .description = "USB stick",
	                   .examiner = "عمر خالد",
	                   .notes = "one\ttwo\nthree \xE2\x80\xAE four",
	                   .software = "athar 0.1.0",
	                   .acquired = 1700000000},
	};
}

/* media has room up to a whole sector; it is what the image then holds. */
static inline size_t make_image(const athar_sink_driver *driver, const athar_sink_spec *spec,
                                const uint8_t *media, const athar_runs *bad)
{
	const size_t sector = driver == &athar_sink_ewf ? spec->sector_size : 1;
	const size_t padded = ((size_t)spec->media_size + sector - 1) / sector * sector;
	const athar_digests hashes = hash_of(media, padded);
	athar_error err = ATHAR_ERROR_INIT;
	athar_sink *sink = NULL;
	size_t segments;

	assert_ok(athar_sink_open(&sink, driver, spec, &err), err);
	assert_ok(feed(sink, media, padded, &err), err);
	if (bad != NULL)
		assert_ok(driver->bad(sink, bad, &err), err);
	assert_ok(athar_sink_commit(sink, &hashes, &err), err);
	segments = sink->segments;
	athar_sink_close(sink);
	return segments;
}

static inline bool have(const char *tool)
{
	char command[200];

	snprintf(command, sizeof command, "command -v %s >/dev/null 2>&1", tool);
	return system(command) == 0;
}

/* Runs a shell command in the folder; its output goes to folder/out.txt. */
static inline int run_in(const char *folder, const char *command)
{
	char line[5000];

	snprintf(line, sizeof line, "cd '%s' && (%s) >out.txt 2>&1", folder, command);
	return system(line);
}

static inline bool said(const char *folder, const char *text)
{
	size_t len;
	uint8_t *out = get_file(folder, "out.txt", &len);
	bool found;

	out[len] = '\0';
	found = strstr((const char *)out, text) != NULL;
	free(out);
	return found;
}

static inline size_t count_files(const char *folder)
{
	size_t len, n = 0;
	uint8_t *out;

	assert_int_equal(run_in(folder, "ls | grep -v out.txt | wc -l"), 0);
	out = get_file(folder, "out.txt", &len);
	out[len] = '\0';
	n = (size_t)strtoul((const char *)out, NULL, 10);
	free(out);
	return n;
}

#endif
