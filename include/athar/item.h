/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was recovered: one content, with the places and names it was found under, how, and how sure.
 * Written as one line of items.jsonl: see athar-case(5).
 */
#ifndef ATHAR_ITEM_H
#define ATHAR_ITEM_H

#include "athar/digest.h"
#include "athar/extents.h"

ATHAR_BEGIN

typedef enum athar_method {
	ATHAR_METHOD_METADATA,  /* the file system still describes it */
	ATHAR_METHOD_JOURNAL,   /* its journal does */
	ATHAR_METHOD_CONTENT,   /* found by its content, the end proven by its structure */
	ATHAR_METHOD_FRAGMENTS, /* pieces joined where the format proves it */
	ATHAR_METHOD_EMBEDDED   /* inside another item */
} athar_method;

typedef enum athar_state {
	ATHAR_STATE_LIVE,
	ATHAR_STATE_TRASH,
	ATHAR_STATE_DELETED,
	ATHAR_STATE_ORPHAN,  /* metadata without a name or a parent */
	ATHAR_STATE_EARLIER, /* an earlier state of something that lives on */
	ATHAR_STATE_UNALLOCATED,
	ATHAR_STATE_UNKNOWN /* no file system that could be read says whether it is in use */
} athar_state;

typedef enum athar_grade {
	ATHAR_GRADE_HEADER,   /* a beginning, nothing more is proven */
	ATHAR_GRADE_PARTIAL,  /* part of it, or over blocks that are bad, unread or reused */
	ATHAR_GRADE_COMPLETE, /* the structure closes, or the metadata describes all of it */
	ATHAR_GRADE_INTACT    /* its own checks hold */
} athar_grade;

ATHAR_API const char *athar_method_name(athar_method method);
ATHAR_API const char *athar_state_name(athar_state state);
ATHAR_API const char *athar_grade_name(athar_grade grade);
ATHAR_API bool athar_method_parse(athar_method *out, const char *name);
ATHAR_API bool athar_state_parse(athar_state *out, const char *name);
ATHAR_API bool athar_grade_parse(athar_grade *out, const char *name);

/* One time of a file: what the file system recorded, with its meaning. */
typedef struct athar_item_time {
	char meaning[16]; /* "modified", "accessed", "changed", "created", "deleted" */
	char source[24];  /* "fat", "ntfs.si", "ext4.inode", ... */
	char zone[12];    /* "utc", or "unrecorded": local time of an unknown clock */
	int64_t seconds;  /* since 1970, as if UTC where the zone is unrecorded */
	uint32_t nanoseconds;
} athar_item_time;

#define ATHAR_ITEM_TIMES 6

/* A little of what is inside, as its format says it: "width", "height", "camera", "duration_ms"
 * ...; athar-formats(7) has them all. The words are the evidence's own: valid UTF-8 without control
 * characters, cut where they are longer. */
typedef struct athar_item_field {
	char key[16];
	char value[80];
} athar_item_field;

#define ATHAR_ITEM_FIELDS 10

/* A step of the way to an embedded file: `size` bytes, made by the transform from `stored` bytes at
 * `offset` of what the step before gave; the first step goes into the outermost container. */
typedef struct athar_layer {
	char container[16]; /* its format: "zip", "jpeg", ... */
	uint8_t name[256];  /* raw bytes: "word/media/image1.png", "exif thumbnail"; cut there */
	size_t name_len;
	uint64_t item; /* the container's number in the run; 0: it is no item */
	uint64_t offset, stored, size;
	athar_transform transform;
} athar_layer;

#define ATHAR_ITEM_DEPTH 5

typedef struct athar_item {
	uint64_t number; /* within the run, from 1; never given twice */
	athar_method method;
	athar_state state;
	athar_grade grade;
	char why[160]; /* what decided the grade, in one sentence */
	uint8_t *path; /* raw bytes as recorded, '/' between components; NULL when no name is known
	                */
	size_t path_len;
	char file[64]; /* below the run's folder: "recovered/000/000001.jpg"; "" when listed only */
	uint64_t size;
	char type[16];    /* format name: "jpeg", "zip", ...; "" when no format claimed it */
	char subtype[16]; /* "docx", "apk", "heic", ...; "" */
	athar_item_field field[ATHAR_ITEM_FIELDS];
	size_t field_count;
	athar_extents extents;
	athar_layer via[ATHAR_ITEM_DEPTH]; /* of an embedded file, from the outermost container on
	                                    */
	size_t via_count;
	athar_extents packed; /* where the bytes lie that its first transform undoes; empty without
	                         one */
	athar_digests hashes;
	int volume;       /* number of the volume in the run's volumes.json; -1 outside any */
	char address[40]; /* the file system's own: inode, or inode-type-id as libtsk prints it */
	athar_item_time times[ATHAR_ITEM_TIMES];
	size_t time_count;
	char owner[64], group[64]; /* as recorded: a number, or a security identifier; "" */
	char mode[8];              /* permissions in octal, "0644"; "" */
	uint64_t bytes_bad;        /* of its source: unreadable or unread, handed out as zeros */
	uint64_t bytes_reused;     /* of its source: another file owns them now, or has since */
	athar_runs reused_at;      /* where in the item another file owns them now: at most the
	                              first 256 pieces */
	athar_json *also;          /* array of further places of the same content, or NULL */
	athar_json *known;         /* array of the lists that have its content, or NULL */
} athar_item;

#define ATHAR_ITEM_INIT \
	{ \
		.volume = -1 \
	}

ATHAR_API void athar_item_clear(athar_item *item);

/* As a line of items.jsonl and back; unknown members are passed over, missing ones refused. */
ATHAR_API athar_json *athar_item_to_json(const athar_item *item, const char *run,
                                         const char *exhibit);
ATHAR_API ATHAR_MUST athar_status athar_item_from_json(athar_item *out, const athar_json *json,
                                                       athar_error *err);

ATHAR_END

#endif
