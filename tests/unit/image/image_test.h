/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tests of this room share: files with known bytes, sources opened from a list.
 */
#ifndef ATHAR_IMAGE_TEST_H
#define ATHAR_IMAGE_TEST_H

#include "athar_test.h"

#include <sys/stat.h>
#include <unistd.h>

#include "athar/source.h"
#include "base/idiom.h"
#include "image/driver.h"

static inline void put_file(const char *folder, const char *name, const void *bytes, size_t len)
{
	char path[4300];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static inline uint8_t *get_file(const char *folder, const char *name, size_t *len)
{
	char path[4300];
	uint8_t *bytes;
	struct stat st;
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "rb");
	assert_non_null(f);
	assert_int_equal(fstat(fileno(f), &st), 0);
	*len = (size_t)st.st_size;
	bytes = malloc(*len + 1);
	assert_non_null(bytes);
	assert_int_equal(fread(bytes, 1, *len, f), *len);
	fclose(f);
	return bytes;
}

static inline athar_status open_in(athar_source **out, const char *folder, const char *name,
                                   const athar_source_driver *const *drivers, athar_error *err)
{
	char path[4300];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return athar_source_open_with(out, path, drivers, err);
}

/* All of the source, read in pieces of `step`; nothing of it may be bad. */
static inline void assert_media(athar_source *s, const uint8_t *expected, size_t len, size_t step)
{
	uint8_t *buf = malloc(step + 1);
	athar_error err = ATHAR_ERROR_INIT;

	assert_non_null(buf);
	assert_int_equal(athar_source_describe(s)->size, len);
	for (size_t at = 0; at < len; at += step) {
		const size_t want = len - at < step ? len - at : step;
		size_t got;

		assert_ok(athar_source_read(s, buf, step, at, &got, NULL, &err), err);
		assert_int_equal(got, want);
		assert_memory_equal(buf, expected + at, want);
	}
	free(buf);
}

#endif
