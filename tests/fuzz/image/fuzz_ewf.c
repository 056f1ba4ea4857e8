/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An E01 of one file. Each input is tried as it is, and once more with its checksums made right, so
 * that what lies behind them is reached too; both also as what stands of an image that was never
 * finished.
 */
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "base/endian.h"
#include "base/files.h"
#include "base/idiom.h"
#include "image/driver.h"
#include "image/faults.h"
#include "image/source_new.h"
#include "inflate/inflate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_READS 8

static uint8_t buf[1 << 20];

/* Any kind of failure is an answer; a range that fails must be told. */
static void read_some(athar_source *s)
{
	const uint64_t size = athar_source_describe(s)->size;

	for (unsigned i = 0; i < MAX_READS; i++) {
		ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;
		athar_error err = ATHAR_ERROR_INIT;
		const uint64_t at = size / MAX_READS * i + i * 777;
		size_t got = 0;

		if (athar_source_read(s, buf, i % 2 == 0 ? 5000 : sizeof buf, at, &got, &bad,
		                      &err) == ATHAR_OK &&
		    athar_runs_total(&bad) > got)
			__builtin_trap();
		(void)athar_source_segment(s, at);
	}
}

static void fetch_some(athar_source *s)
{
	const athar_source_info *info = athar_source_describe(s);
	ATHAR_AUTO(free) uint8_t *room = NULL;
	ATHAR_AUTO(free) uint8_t *out = NULL;

	if (info->chunk_size > sizeof buf)
		return;
	room = malloc(info->chunk_size + 4096);
	out = malloc(info->chunk_size);
	for (uint64_t i = 0; room != NULL && out != NULL && i < MAX_READS; i++) {
		athar_chunk c = {.data = room, .capacity = info->chunk_size + 4096};
		athar_error err = ATHAR_ERROR_INIT;
		char why[120];

		if (athar_source_ewf.fetch(s, i, &c, &err) == ATHAR_OK)
			(void)athar_chunk_unpack(out, &c, why);
	}
}

static void take_fault(void *user, const athar_fault *fault)
{
	(void)user;
	if (fault->text[0] == '\0')
		__builtin_trap();
}

static void find_faults(const char *path)
{
	athar_fault_sink sink = {.fault = take_fault};
	athar_error err = ATHAR_ERROR_INIT;

	(void)athar_ewf_faults(&sink, path, &err);
}

static void try_image(const uint8_t *data, size_t size)
{
	static const athar_source_driver *const drivers[] = {&athar_source_ewf, NULL};
	ATHAR_AUTO(fd) int fd = memfd_create("image", MFD_CLOEXEC);
	ATHAR_AUTO(source) athar_source *s = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	char path[64];

	if (fd < 0 || athar_file_write(fd, data, size, "image", &err) != ATHAR_OK)
		return;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	find_faults(path);
	if (athar_source_open_with(&s, path, drivers, &err) != ATHAR_OK)
		return;
	read_some(s);
	fetch_some(s);
}

/* What stands can be read, and every chunk of it can be placed. */
static void try_standing(const uint8_t *data, size_t size)
{
	ATHAR_AUTO(fd) int fd = memfd_create("image", MFD_CLOEXEC);
	ATHAR_AUTO(source) athar_source *s = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	char path[64];

	if (fd < 0 || athar_file_write(fd, data, size, "image", &err) != ATHAR_OK)
		return;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (athar_source_ewf_standing(&s, path, &err) != ATHAR_OK)
		return;
	if (athar_source_describe(s)->size == 0)
		return;
	/* A table needs four bytes for each chunk. */
	if (athar_source_describe(s)->size / athar_source_describe(s)->chunk_size > size / 4)
		__builtin_trap();
	read_some(s);
	fetch_some(s);
}

static void fix(uint8_t *p, uint64_t room, uint64_t len)
{
	if (len <= room && room - len >= 4)
		athar_put_le32(p + len, athar_adler32(1, p, len));
}

static void fix_section(uint8_t *section, uint64_t room)
{
	uint8_t *content = section + 76;

	if (memcmp(section, "volume", 7) == 0)
		fix(content, room, room == 94 ? 90 : 1048);
	if (memcmp(section, "table", 5) == 0 && room >= 24) {
		fix(content, room, 20);
		fix(content + 24, room - 24, (uint64_t)athar_le32(content) * 4);
	}
	if (memcmp(section, "error2", 7) == 0 && room >= 520) {
		fix(content, room, 516);
		fix(content + 520, room - 520, (uint64_t)athar_le32(content) * 8);
	}
}

static void fix_sums(uint8_t *file, size_t size)
{
	for (size_t at = 13; at <= size && size - at >= 76;) {
		const uint64_t next = athar_le64(file + at + 16);

		fix(file + at, 76, 72);
		if (next < at + 76 || next > size)
			return;
		fix_section(file + at, next - at - 76);
		at = (size_t)next;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ATHAR_AUTO(free) uint8_t *copy = malloc(size + 1);

	try_image(data, size);
	try_standing(data, size);
	if (copy == NULL || size == 0)
		return 0;
	memcpy(copy, data, size);
	fix_sums(copy, size);
	try_image(copy, size);
	try_standing(copy, size);
	return 0;
}
