/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Anything that can be read at an offset: a raw image, a split one, an E01, a block device. There
 * is no way to write to one.
 */
#ifndef ATHAR_SOURCE_H
#define ATHAR_SOURCE_H

#include "athar/bytes.h"
#include "athar/digest.h"

ATHAR_BEGIN

typedef struct athar_source athar_source;

/* Of a stream whose end was not met yet. */
#define ATHAR_SIZE_UNKNOWN UINT64_MAX

/* Case fields that a container carries; NULL where it has none. Escaped already, safe to print. */
typedef struct athar_source_fields {
	const char *case_number, *evidence_number, *description, *examiner, *notes;
	const char *acquired, *system_date, *software;
} athar_source_fields;

typedef struct athar_source_info {
	const char *driver;   /* "raw", "split", "ewf", "device" */
	const char *path;     /* as opened */
	uint64_t size;        /* of the media, in bytes; see `streamed` */
	uint64_t origin;      /* of a part of a medium: where in it byte 0 lies; else 0 */
	uint32_t sector_size; /* logical; 512 where nothing says otherwise */
	uint32_t physical_sector_size;
	uint32_t chunk_size; /* of a compressed container, else 0 */
	size_t segments;     /* files that hold it; 1 for a device */
	bool device, read_only;
	/* A pipe: it is read once, in order, and size is ATHAR_SIZE_UNKNOWN until a read met its
	 * end. */
	bool streamed;
	const char *model, *serial, *firmware, *wwn, *bus; /* devices only, else NULL */
	athar_digests stored; /* hashes on record inside the container */
	athar_source_fields fields;
	/* What of the container itself is damaged although its media can be read (a hash on record,
	 * a table that has a copy); one line, NULL where nothing was found. May come up while
	 * reading. */
	const char *finding;
} athar_source_info;

/* Opens with every driver athar has; the one that recognises most wins. `path` may be any segment's
 * first file. Nothing is written, not even access times where the system lets us avoid it. */
ATHAR_API ATHAR_MUST athar_status athar_source_open(athar_source **out, const char *path,
                                                    athar_error *err);
ATHAR_API void athar_source_close(athar_source *source);
ATHAR_API const athar_source_info *athar_source_describe(const athar_source *source);

/*
 * Reads len bytes at offset into buf. *got is less than len only at the end of the media.
 *
 * Where the medium or the container fails, or is known to have failed when the image was made, the
 * bytes are zeros, and the range is added to *bad with its kind; the call still succeeds. Without
 * `bad` (NULL) such a range makes it fail with ATHAR_EIO and err->offset: no caller can take zeros
 * for data without having asked to.
 *
 * A stream is read from where the last read ended, else ATHAR_EUSAGE. When nothing comes for a
 * while *got may be less, even 0, although its size is still unknown: then the caller, who has had
 * the time to see whether to go on, asks again.
 *
 * A source is used by one thread at a time.
 */
ATHAR_API ATHAR_MUST athar_status athar_source_read(athar_source *source, void *buf, size_t len,
                                                    uint64_t offset, size_t *got, athar_runs *bad,
                                                    athar_error *err);

/* Ranges known to be unreadable or unread from the container's error table or athar_source_mark. */
ATHAR_API const athar_runs *athar_source_known_bad(const athar_source *source);
/* Adds what a map beside the image says. */
ATHAR_API ATHAR_MUST athar_status athar_source_mark(athar_source *source, const athar_runs *bad,
                                                    athar_error *err);

/* Which file of the set holds this media offset, for messages: borrowed until the next call, NULL
 * where the driver cannot say. */
ATHAR_API const char *athar_source_segment(athar_source *source, uint64_t offset);

ATHAR_END

#endif
