/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A source driver: one file, one const table, one line in engine/drivers.c.
 */
#ifndef ATHAR_IMAGE_DRIVER_H
#define ATHAR_IMAGE_DRIVER_H

#include "athar/extents.h"
#include "athar/source.h"
#include "image/chunk.h"

typedef struct athar_source_driver athar_source_driver;
struct athar_fault_sink;

struct athar_source {
	const athar_source_driver *driver;
	athar_source_info info; /* filled by open; its texts are the driver's until close */
	athar_runs known_bad;
	void *state; /* the driver's */
};

struct athar_source_driver {
	const char *name, *summary;
	/* How many bits of evidence speak for it; 0 declines, raw bids 1. `head` is what the first
	 * file begins with (up to 4096 bytes, empty for devices), mode is its st_mode. */
	int (*bid)(athar_bytes head, const char *path, unsigned mode);
	athar_status (*open)(athar_source *source, const char *path, athar_error *err);
	/* As athar_source_read, but never past the end: len is cut already. Reports ranges that
	 * fail through `bad`, which is never NULL here. */
	athar_status (*read)(athar_source *source, void *buf, size_t len, uint64_t offset,
	                     athar_runs *bad, athar_error *err);
	/* In place of read where there are no offsets, but one byte after the other; sets info.size
	 * at the end. As athar_source_read says of streams. NULL else. */
	athar_status (*stream)(athar_source *source, void *buf, size_t len, uint64_t offset,
	                       size_t *got, athar_error *err);
	void (*close)(athar_source *source);
	const char *(*segment)(athar_source *source, uint64_t offset); /* may be NULL */
	/* Where stored chunks can be fetched as they are, so that other threads unpack them; NULL
	 * else. chunk->capacity is info.chunk_size + 4096. What the container's error table says is
	 * not applied here: the chunk is what its hashes were computed over. */
	athar_status (*fetch)(athar_source *source, uint64_t index, athar_chunk *chunk,
	                      athar_error *err);
	/* Of media that can fail: a descriptor for plain reads at offsets of the media; direct: one
	 * that bypasses the page cache, where there is such a one. -1: none. NULL where the source
	 * is no medium of its own (containers, sets). */
	int (*medium)(const athar_source *source, bool direct);
	/* What is wrong with the files at `path`, whether they open or not: see faults.h. NULL
	 * where there is no structure that could be. */
	athar_status (*faults)(struct athar_fault_sink *sink, const char *path, athar_error *err);
};

extern const athar_source_driver athar_source_raw, athar_source_split, athar_source_ewf,
	athar_source_device;

/* NULL-terminated list; the highest bid opens it. Directories, empty files and paths that do not
 * exist get one clear line. */
athar_status athar_source_open_with(athar_source **out, const char *path,
                                    const athar_source_driver *const *drivers, athar_error *err);
/* The one that would open it. */
athar_status athar_source_choose(const athar_source_driver **out, const char *path,
                                 const athar_source_driver *const *drivers, athar_error *err);

/* "20140813": of the libewf loaded. */
const char *athar_image_engine(void);

/* A source over memory, for tests, fuzz targets and embedded content. `bytes` is borrowed. */
athar_status athar_source_memory(athar_source **out, const void *bytes, size_t len,
                                 athar_error *err);

/* A source over extents of another (borrowed) one: a recovered file that can be read like an image.
 * Holes and missing parts read as zeros; missing parts and bad ranges below are reported as bad.
 * ATHAR_EUSAGE when an extent is derived. */
athar_status athar_source_extents(athar_source **out, athar_source *base,
                                  const athar_extents *extents, athar_error *err);

#endif
