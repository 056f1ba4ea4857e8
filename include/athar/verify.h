/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verify: does an image, or a whole case, still say what it said?
 */
#ifndef ATHAR_VERIFY_H
#define ATHAR_VERIFY_H

#include "athar/bytes.h"
#include "athar/case.h"
#include "athar/digest.h"
#include "athar/item.h"
#include "athar/source.h"

ATHAR_BEGIN

typedef enum athar_check {
	ATHAR_CHECK_SAME,
	ATHAR_CHECK_DIFFERS,
	ATHAR_CHECK_NOTHING, /* nothing on record to compare with */
	ATHAR_CHECK_FAILED   /* could not be looked at */
} athar_check;

/* "same", "DIFFERS", "nothing to compare with", "could not be checked". */
ATHAR_API const char *athar_check_name(athar_check check);

/* What a row is about. The words are those of --json, and stay. */
typedef enum athar_verify_kind {
	ATHAR_VERIFY_HASH,      /* "hash": of the whole, stored in the container or on record */
	ATHAR_VERIFY_CHUNK,     /* "chunk": a checksum inside the container */
	ATHAR_VERIFY_BLOCKS,    /* "blocks": hashes of 1 MiB blocks on record */
	ATHAR_VERIFY_STRUCTURE, /* "structure": a section of the container is damaged */
	ATHAR_VERIFY_CUT,       /* "cut": a file of the set ends too early */
	ATHAR_VERIFY_MISSING,   /* "missing-segment": a file of the set is not there */
	ATHAR_VERIFY_FOREIGN,   /* "foreign-segment": a file belongs to another set */
	ATHAR_VERIFY_EXTRA,     /* "extra-segment": a file that goes on after the set's end */
	ATHAR_VERIFY_TABLE,     /* "table": a table of chunks and its copy; the media can be read */
	ATHAR_VERIFY_SIZE,      /* "size": against the record, the parts or the other image */
	ATHAR_VERIFY_TRAILING,  /* "trailing": bytes behind the end */
	ATHAR_VERIFY_AGAINST,   /* "against": the other image, sector by sector */
	ATHAR_VERIFY_LIST,      /* "list": nothing in a list of hashes speaks of the image */
	ATHAR_VERIFY_CUSTODY,   /* "custody": the log */
	ATHAR_VERIFY_FILE,      /* "file": a file of a case */
	ATHAR_VERIFY_MEDIA,     /* "media": the image itself could not be looked at */
	ATHAR_VERIFY_PLACES     /* "places": what lies in a range could not be told */
} athar_verify_kind;

/* "hash", "missing-segment", ... */
ATHAR_API const char *athar_verify_kind_name(athar_verify_kind kind);

/* Of a range where two images of one medium are not the same, or not equally sound: which is good?
 * "here" is the image verified, "there" the one it is compared with. */
typedef enum athar_twin {
	ATHAR_TWIN_NONE,      /* no such comparison */
	ATHAR_TWIN_HERE,      /* "here": good here, not there */
	ATHAR_TWIN_THERE,     /* "there": the other way round */
	ATHAR_TWIN_NEITHER,   /* "neither": good in neither */
	ATHAR_TWIN_EITHER,    /* "either": nothing is wrong with either, and they differ */
	ATHAR_TWIN_ONLY_HERE, /* "only-here": could not be read there when it was acquired */
	ATHAR_TWIN_ONLY_THERE /* "only-there" */
} athar_twin;

#define ATHAR_TWINS 7

/* "here", ...; NULL for ATHAR_TWIN_NONE. */
ATHAR_API const char *athar_twin_name(athar_twin twin);

typedef enum athar_place_kind {
	ATHAR_PLACE_FILE,        /* "file": content of a file */
	ATHAR_PLACE_SLACK,       /* "slack": the rest of its last block */
	ATHAR_PLACE_METADATA,    /* "metadata": of the file system */
	ATHAR_PLACE_IN_USE,      /* "in-use": it could not be told by what */
	ATHAR_PLACE_UNALLOCATED, /* "unallocated" */
	ATHAR_PLACE_UNMAPPED,    /* "unmapped": which blocks are in use could not be told */
	ATHAR_PLACE_PARTITION,   /* "partition": one whose file system cannot be read */
	ATHAR_PLACE_OUTSIDE      /* "outside": in no volume */
} athar_place_kind;

/* "file", "slack", ... */
ATHAR_API const char *athar_place_kind_name(athar_place_kind kind);

/* What lies in a range of an image. */
typedef struct athar_place {
	athar_place_kind kind;
	int volume;           /* its number; -1: none */
	char file_system[16]; /* "ext4"; "" none */
	uint64_t offset;      /* in the image, of the first byte of it in the range */
	uint64_t bytes;       /* of it in the range */
	/* Files only. */
	uint8_t *path; /* raw bytes, '/' between components, as athar_volume_file has it */
	size_t path_len;
	athar_state state;
	uint64_t from, size; /* in the file, of that first byte; of the file */
	char address[40];
} athar_place;

/* One thing checked: "image md5", "custody chain", "image blocks", "1/exhibit.json". Borrowed. */
typedef struct athar_verify_row {
	athar_check check;
	athar_verify_kind kind;
	const char *what;
	const char *detail; /* what is wrong and where; NULL when nothing is to say */
	/* Of the image, where the row is about one. */
	bool ranged;
	uint64_t offset, length;
	uint32_t sector_size;
	const char *segment; /* the file that holds its beginning; NULL: not known */
	athar_twin twin;
	const athar_place *place; /* what lies there, volume by volume, live files first */
	size_t places;            /* at most 24 a volume */
	uint64_t more;            /* files beyond those */
} athar_verify_row;

/* What several athar_verify in one process share: its confinement, and a confined worker an image
 * that can say which files lie where. */
typedef struct athar_verifier athar_verifier;

typedef struct athar_verify_options {
	const char *path;         /* image, or case folder */
	const char *against;      /* a hash, a sha256sum/hashdeep list, or another image; or NULL */
	unsigned hashes;          /* to compute; those on record are added */
	athar_verifier *verifier; /* NULL: one of its own, which confines the process to `path` */
} athar_verify_options;

#define ATHAR_VERIFY_OPTIONS_INIT \
	{ \
		.hashes = ATHAR_SHA256 \
	}

typedef struct athar_verify_sink {
	void (*row)(void *user, const athar_verify_row *row);
	void *user;
} athar_verify_sink;

typedef struct athar_verify_tally {
	uint64_t ranges, bytes;
} athar_verify_tally;

typedef struct athar_verify_result {
	uint64_t same, differs, nothing, failed; /* rows */
	uint64_t bytes;
	athar_digests hashes; /* of the image; none when a case held several */
	athar_runs bad;       /* ranges of it that are damaged or differ; likewise */
	bool coarse; /* past a million ranges the last ones are given as one: it holds good sectors
	                too */
	athar_verify_tally twins[ATHAR_TWINS]; /* by athar_twin */
	uint64_t files, deleted; /* that lie in those ranges, wholly or in part; likewise */
	bool logged;             /* a custody line was written (cases only) */
} athar_verify_result;

ATHAR_API void athar_verify_result_clear(athar_verify_result *result);

/* Forks the workers, then confines the process, for good, to reading these images and cases and
 * what they are compared with (NULL-terminated; `against` may be NULL), and to adding to the cases'
 * logs. What is not there is passed over. Before any other thread exists. Only the first 64 images
 * get a worker. */
ATHAR_API ATHAR_MUST athar_status athar_verifier_open(athar_verifier **out,
                                                      const char *const *paths, const char *against,
                                                      const athar_context *context,
                                                      athar_error *err);
ATHAR_API void athar_verifier_close(athar_verifier *verifier);

/* ATHAR_OK: all same. ATHAR_EMISMATCH: something differs. ATHAR_EINCOMPLETE: nothing differs, but
 * something could not be checked or had nothing to compare with. Rows come in a fixed order. */
ATHAR_API ATHAR_MUST athar_status athar_verify(athar_verify_result *out,
                                               const athar_verify_options *options,
                                               const athar_context *context,
                                               const athar_verify_sink *sink,
                                               const athar_watcher *watcher, athar_error *err);

ATHAR_END

#endif
