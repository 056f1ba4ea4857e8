/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Images that were interrupted, for the tests of standing() and resume().
 */
#ifndef ATHAR_RESUME_TEST_H
#define ATHAR_RESUME_TEST_H

#include "base/endian.h"
#include "ewf_test.h"

static inline uint64_t standing_size(const athar_sink_driver *driver, const athar_sink_spec *spec)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = NULL;
	uint64_t size;

	assert_ok(driver->standing(&s, spec, &err), err);
	size = athar_source_describe(s)->size;
	athar_source_close(s);
	return size;
}

/* Exactly these bytes stand, and nothing of them is bad. */
static inline void assert_standing(const athar_sink_driver *driver, const athar_sink_spec *spec,
                                   const uint8_t *media, uint64_t size)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = NULL;

	assert_ok(driver->standing(&s, spec, &err), err);
	assert_media(s, media, (size_t)size, 300000);
	athar_source_close(s);
}

/* Goes on behind `keep` bytes, up to the end. `len` is what the image holds. */
static inline void finish_image(const athar_sink_driver *driver, const athar_sink_spec *spec,
                                uint64_t keep, const uint8_t *media, size_t len)
{
	const athar_digests hashes = hash_of(media, len);
	athar_error err = ATHAR_ERROR_INIT;
	athar_sink *sink = NULL;

	assert_ok(athar_sink_resume(&sink, driver, spec, keep, &err), err);
	if (keep < len)
		assert_ok(feed(sink, media + keep, len - (size_t)keep, &err), err);
	assert_ok(athar_sink_commit(sink, &hashes, &err), err);
	athar_sink_close(sink);
}

/* Puts the first `put` bytes into a new image and leaves it. */
static inline void begin_image(const athar_sink_driver *driver, const athar_sink_spec *spec,
                               const uint8_t *media, size_t put)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_sink *sink = NULL;

	assert_ok(athar_sink_open(&sink, driver, spec, &err), err);
	if (put > 0)
		assert_ok(feed(sink, media, put, &err), err);
	sink->keep = true;
	athar_sink_close(sink);
}

/* The two folders hold the same files, also hidden ones. */
static inline void assert_same_files(const char *one, const char *two)
{
	char command[9000];

	snprintf(command, sizeof command, "diff -r -x out.txt '%s' '%s'", one, two);
	assert_int_equal(system(command), 0);
}

static inline void copy_files(const char *from, const char *to)
{
	char command[9000];

	snprintf(command, sizeof command, "rm -rf '%s'/* && cp -a '%s'/. '%s'/", to, from, to);
	assert_int_equal(system(command), 0);
}

/* Offset of the content of the first section of this type at or after `from`; 0: none. */
static inline size_t section_at(const uint8_t *file, size_t len, const char *type, size_t from)
{
	for (size_t at = 13; at + 76 <= len;) {
		const size_t next = (size_t)athar_le64(file + at + 16);

		if (at >= from && strcmp((const char *)file + at, type) == 0)
			return at + 76;
		if (next <= at)
			break;
		at = next;
	}
	return 0;
}

#endif
