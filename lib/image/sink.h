/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An image being made. Files are created new (O_EXCL, 0600) in a folder that exists; they become
 * final only by the caller's rename of that folder.
 *
 * pack() is pure and runs in workers; everything else is called from one thread.
 *
 * A call that fails changes nothing: it may be made again with the same arguments, say when there
 * is room on the disk, and what was put before is not lost by it. Only a failed commit, and what
 * the system took and then could not bring to the disk (a failed fsync), end the sink: set `keep`,
 * close it and resume. A full disk is ATHAR_EIO with os_errno ENOSPC.
 *
 * While an E01 is made, a file named .reserve (2 MiB) lies beside it, so that on a full disk what
 * was begun can be ended. It is removed at commit and at close, and after a crash by resume.
 */
#ifndef ATHAR_IMAGE_SINK_H
#define ATHAR_IMAGE_SINK_H

#include "athar/acquire.h"
#include "athar/digest.h"
#include "base/idiom.h"
#include "image/chunk.h"
#include "inflate/inflate.h"

typedef struct athar_sink athar_sink;

/* What an E01 carries of the case; texts are UTF-8, NULL where not stated. */
typedef struct athar_sink_fields {
	const char *case_number, *evidence_number, *description, *examiner, *notes;
	const char *model, *serial;
	const char *software; /* "athar 0.1.0" */
	int64_t acquired; /* Unix time; written as UTC so that the same input gives the same file */
} athar_sink_fields;

/* A pipe tells its size by its end. */
#define ATHAR_MEDIA_UNKNOWN UINT64_MAX

typedef struct athar_sink_spec {
	const char *folder, *name; /* folder/name.E01, .E02 ...; .dd; or .001 ... */
	uint64_t media_size; /* true bytes of the source; ATHAR_MEDIA_UNKNOWN: set before commit */
	uint32_t sector_size;
	uint64_t segment_size; /* 0: the driver's default */
	/* A folder where further files go when `folder` is full, each with a link of its name in
	 * `folder` that leads there; NULL: nowhere. A raw image needs a segment_size for it. Making
	 * links is a right that a confined process may lack. */
	const char *spill;
	athar_compression compression;
	bool removable; /* media type in the E01's volume section */
	athar_sink_fields fields;
} athar_sink_spec;

typedef struct athar_sink_driver {
	const char *name;    /* "ewf", "raw" */
	uint32_t chunk_size; /* bytes of media to a chunk; slabs are multiples of it */
	/* ATHAR_EREFUSED when the segments would not suffice. */
	athar_status (*open)(athar_sink *sink, const athar_sink_spec *spec, athar_error *err);
	/* media bytes into chunk->data (chunk_size + 4096 bytes of room). An E01's last chunk is
	 * padded to the sector: pass the padded bytes. packer may be NULL where the driver has no
	 * use for one. */
	athar_status (*pack)(athar_chunk *chunk, athar_packer *packer, const uint8_t *media,
	                     size_t len, athar_error *err);
	athar_status (*put)(athar_sink *sink, const athar_chunk *chunk, athar_error *err);
	/* Sectors that could not be read or were not, before commit, any number of times. Of an
	 * E01's error table: what lies past sector 2^32 or is more than 2^20 ranges is left out,
	 * and the table may make the last file larger than segment_size. May be NULL. */
	athar_status (*bad)(athar_sink *sink, const athar_runs *bad, athar_error *err);
	/* MD5 and SHA-1 of the (padded) media go in, all files are finished and fsynced. */
	athar_status (*commit)(athar_sink *sink, const athar_digests *media, athar_error *err);
	/* Gives back what the sink holds; what becomes of the files say sink->committed and keep.
	 */
	void (*abandon)(athar_sink *sink);
	/* Brings what was put so far to the disk, files and names. Of an E01 that would be found by
	 * standing() after a crash is what lies before the last multiple of 8192 chunks (256 MiB of
	 * media) or in finished files: groups of chunks get their tables there and nowhere else, so
	 * that the files are the same however often somebody looks. So call it at multiples of 256
	 * MiB of media. Of a raw image it is all that was put. */
	athar_status (*checkpoint)(athar_sink *sink, athar_error *err);
	/* A source over what stands of an image that was never committed, wherever it was cut off:
	 * its size is that of the whole chunks from the beginning on that can be placed. Size 0 and
	 * a source where nothing stands. Nothing is changed. After sink->keep and a close, all that
	 * was put stands. What was not brought to the disk before a power cut may be anything: of
	 * an E01 chunks with wrong sums are reported as bad by the source, and `keep` has to leave
	 * them out; a raw image has no sums. ATHAR_EIO when files are on a spill folder that is not
	 * there. */
	athar_status (*standing)(athar_source **out, const athar_sink_spec *spec, athar_error *err);
	/* Opens what stands, cuts it behind the first `keep` bytes of media (a multiple of
	 * chunk_size, or all of a medium that ends within a chunk; at most what standing() gave)
	 * and goes on from there with put(). What comes of it is what an undisturbed run would have
	 * written. With 0 all files of the image go. ATHAR_EREFUSED, and nothing is changed, when
	 * an E01 was begun with another spec than this one (the time in it counts, too). A raw
	 * image kept as a whole is not cut but may be written at places. */
	athar_status (*resume)(athar_sink *sink, const athar_sink_spec *spec, uint64_t keep,
	                       athar_error *err);
	/* Media bytes anywhere, in any order, on holes that read as zeros: NULL where the form of
	 * the image forbids it, and where the size is not known. After put() it may be used, not
	 * before it; it does not spill; commit then checks the files against the size in the spec.
	 */
	athar_status (*write_at)(athar_sink *sink, const void *bytes, size_t len, uint64_t offset,
	                         athar_error *err);
	/* Upper bound of the bytes on disk, for the room check; UINT64_MAX where the size is not
	 * known. */
	uint64_t (*worst)(const athar_sink_spec *spec);
} athar_sink_driver;

struct athar_sink {
	const athar_sink_driver *driver;
	athar_sink_spec spec; /* texts borrowed */
	size_t segments;      /* files made so far */
	size_t spilled;       /* of them in a spill folder */
	bool committed;
	bool keep; /* close leaves the files, with tables for all that was put, for a later resume
	            */
	void *state;
};

extern const athar_sink_driver athar_sink_raw, athar_sink_ewf;

/* `driver` NULL is ATHAR_EUSAGE. */
athar_status athar_sink_open(athar_sink **out, const athar_sink_driver *driver,
                             const athar_sink_spec *spec, athar_error *err);
athar_status athar_sink_put(athar_sink *sink, const athar_chunk *chunk, athar_error *err);
athar_status athar_sink_commit(athar_sink *sink, const athar_digests *media, athar_error *err);
/* See driver->resume. On failure what stands is left as it is. */
athar_status athar_sink_resume(athar_sink **out, const athar_sink_driver *driver,
                               const athar_sink_spec *spec, uint64_t keep, athar_error *err);
athar_status athar_sink_checkpoint(athar_sink *sink, athar_error *err);
/* Of a source whose size was not known, in true bytes: before commit. */
athar_status athar_sink_set_size(athar_sink *sink, uint64_t media_size, athar_error *err);
/* Closes; removes the files unless committed or kept: those that this sink made or went on with,
 * also in the spill folder, and no others. */
void athar_sink_close(athar_sink *sink);
ATHAR_DEFINE_AUTO(sink, athar_sink *, athar_sink_close)

#endif
