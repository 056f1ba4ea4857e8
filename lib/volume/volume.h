/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Partitions, file systems and the files they know, over an athar_source. libtsk lives here and
 * nowhere else. Runs in confined workers only: single-threaded, may crash, may be killed.
 */
#ifndef ATHAR_VOLUME_VOLUME_H
#define ATHAR_VOLUME_VOLUME_H

#include "athar/item.h"
#include "athar/source.h"
#include "base/idiom.h"

typedef struct athar_volume_info {
	unsigned number;         /* in order of offset, from 0 */
	uint64_t offset, length; /* in the image */
	char kind[16]; /* "fat32", "ntfs", "ext4", "hfs+", "apfs", "iso9660", ...; "unknown" */
	char description[64]; /* the partition table's word, escaped; "" */
	char label[64];       /* escaped; "" */
	uint32_t block_size;  /* cluster or block */
	uint64_t blocks;
	uint64_t pool_block; /* APFS: which volume of the container that begins at offset; else 0 */
	bool file_system;    /* false: a partition without one that we can read */
	char finding[160];   /* why it could not be read; "" */
} athar_volume_info;

/* Finds the volumes: partition tables (DOS, GPT, APM, BSD, Sun), else the whole image as one.
 * Partitions that hold no file system are reported with file_system false. ATHAR_OK with no call:
 * nothing at all was recognised. ATHAR_ELIMIT after the last call: there are more partitions than
 * the 512 that are looked at. `table` (32) receives "gpt", "dos", ..., "none". Two volumes may have
 * one offset: an APFS container holds several, and where two file systems begin in one place both
 * are given. */
athar_status athar_volumes_each(athar_source *source, char table[32],
                                athar_status (*volume)(void *user, const athar_volume_info *info,
                                                       athar_error *err),
                                void *user, athar_error *err);

typedef struct athar_volume athar_volume;
athar_status athar_volume_open(athar_volume **out, athar_source *source,
                               const athar_volume_info *info, athar_error *err);
void athar_volume_close(athar_volume *volume);
ATHAR_DEFINE_AUTO(volume, athar_volume *, athar_volume_close)

/* One file (content stream) that the file system knows, live or not. */
typedef struct athar_volume_file {
	const uint8_t *path; /* raw bytes, '/' between components, no leading '/'; orphans: the name
	                        only, or the path below an orphaned folder */
	size_t path_len;     /* 0: no name is known */
	athar_state state;   /* live, trash, deleted, orphan, earlier, unallocated */
	athar_method method; /* metadata, journal, fragments */
	bool folder;
	uint64_t size;
	/* "inode" or "inode-type-id" as libtsk prints it; of what no table leads to, "@" and the
	 * image offset of its record: "inode@offset", "mft@offset-type-id". Of a state out of the
	 * journal of ext, "inode@transaction". */
	char address[40];
	uint64_t meta; /* what athar_volume_read takes; with ATHAR_META_AT the image offset of a
	                  record that no table leads to any more */
	uint32_t type;
	uint16_t id;
	/* Image offsets, covering size; what is not known is MISSING. Of DERIVED content only
	 * athar_volume_read gives the bytes: `image` is then where what it is made from begins (it
	 * may lie in several places), or ATHAR_NOWHERE. */
	athar_extents extents;
	bool readable; /* false: the metadata no longer says where the content is; why has it */
	bool assumed;  /* the places follow from a rule, not from a record: FAT forgets at deletion
	                  which  clusters follow the first. Only the content's own format can prove
	                  them. */
	char why[160]; /* what is to be known of the content's places; "" where all is recorded */
	athar_item_time times[ATHAR_ITEM_TIMES];
	size_t time_count;
	char owner[64], group[64]; /* as recorded: a number, or a security identifier; "" */
	char mode[8];              /* permissions in octal, "0644"; "" */
	uint64_t reused; /* bytes of its extents that live files own now (by the allocation bitmap),
	                    or that files have owned since and can have been written over */
	athar_runs reused_at; /* where in the file: the first ATHAR_REUSED_MOST pieces */
} athar_volume_file;

#define ATHAR_REUSED_MOST 256u

/* In athar_volume_file.meta: the rest is an image offset, not an address of the file system. */
#define ATHAR_META_AT (UINT64_C(1) << 63)

typedef struct athar_volume_walk {
	/* Every file, live and deleted, in a fixed order. Borrowed. */
	athar_status (*file)(void *user, const athar_volume_file *file, athar_error *err);
	/* Something could not be looked at. */
	athar_status (*finding)(void *user, const char *text, athar_error *err);
	/* Something to be known, though nothing was missed. */
	athar_status (*note)(void *user, const char *text, athar_error *err);
	/* From time to time, with a count that grows: shows that the walk goes on. */
	athar_status (*beat)(void *user, uint64_t done, athar_error *err);
	void *user;
} athar_volume_walk;

typedef struct athar_volume_counts {
	uint64_t files, deleted,
		orphans;       /* content streams given; how many of them deleted, orphaned */
	uint64_t folders;      /* given, of any state */
	uint64_t failed_reads; /* since the volume was opened: reads that met bytes which could not
	                          be had; libtsk reads up to 64 KiB ahead */
	uint64_t errors;       /* libtsk's own */
	bool partial;          /* the walk did not reach its end */
} athar_volume_counts;

/* Deleted files are given after all live ones. Bounded: depth 64, 10 million files. */
athar_status athar_volume_walk_files(athar_volume_counts *out, athar_volume *volume,
                                     const athar_volume_walk *walk, athar_error *err);
/* The same without orphans: on FAT they are looked for in all that is free. */
athar_status athar_volume_walk_names(athar_volume_counts *out, athar_volume *volume,
                                     const athar_volume_walk *walk, athar_error *err);

/* Called from time to time while athar_volume_allocated reads on, with a count that grows; what it
 * returns ends that. NULL: nobody is told. */
void athar_volume_watch(athar_volume *volume,
                        athar_status (*beat)(void *user, uint64_t done, athar_error *err),
                        void *user);

/* Image ranges of the blocks that the file system says are allocated, metadata included.
 * ATHAR_EINCOMPLETE where it does not say it of all: those it says are in *out. */
athar_status athar_volume_allocated(athar_runs *out, athar_volume *volume, athar_error *err);

/* Content of a file by its address, through libtsk: for files with derived extents. Bytes past the
 * end are not delivered. */
athar_status athar_volume_read(size_t *got, athar_volume *volume, uint64_t meta, uint32_t type,
                               uint16_t id, void *buf, size_t len, uint64_t offset,
                               athar_error *err);

/* "4.11.1": of the libtsk loaded. */
const char *athar_volume_engine(void);

#endif
