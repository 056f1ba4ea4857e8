/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/identity.h"

#include <string.h>
#include <sys/stat.h>

#include "athar/text.h"
#include "base/alloc.h"
#include "base/check.h"
#include "engine/block.h"
#include "image/device_facts.h"

/* Fewer could be anybody's. */
#define LAST_CHARACTERS 4

void athar_identity_clear(athar_identity *identity)
{
	free(identity->path);
	free(identity->model);
	free(identity->serial);
	free(identity->wwn);
	free(identity->backing);
	*identity = (athar_identity){.path = NULL};
}

const char *athar_identity_name(athar_identity_kind kind)
{
	static const char *const names[] = {"node", "backing", "inode", "wwn", "serial"};

	return names[kind];
}

/* Where a loop device begins in its file matters too. */
static athar_status read_backing(athar_identity *out, const char *disk, athar_error *err)
{
	char line[2048];

	if (athar_block_line(line, sizeof line, disk, "loop/backing_file"))
		out->backing = athar_format_text(
			err, "%s+%llu", line,
			(unsigned long long)athar_block_value(disk, "loop/offset"));
	else if (athar_block_line(line, sizeof line, disk, "dm/uuid") ||
	         athar_block_line(line, sizeof line, disk, "dm/name") ||
	         athar_block_line(line, sizeof line, disk, "md/uuid"))
		out->backing = athar_copy_text(line, err);
	else
		return ATHAR_OK;
	return out->backing == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

static athar_status read_facts(athar_identity *out, const char *disk, athar_error *err)
{
	ATHAR_AUTO(device_facts) athar_device_facts facts = {.model = NULL};

	ATHAR_TRY(athar_device_facts_read(&facts, disk, err));
	out->model = ATHAR_GIVE(facts.model);
	out->serial = ATHAR_GIVE(facts.serial);
	out->wwn = ATHAR_GIVE(facts.wwn);
	return read_backing(out, disk, err);
}

static athar_identity_kind kind_of(const athar_identity *i)
{
	if (!i->device)
		return ATHAR_IDENTITY_INODE;
	if (i->serial != NULL)
		return ATHAR_IDENTITY_SERIAL;
	if (i->wwn != NULL)
		return ATHAR_IDENTITY_WWN;
	return i->backing != NULL ? ATHAR_IDENTITY_BACKING : ATHAR_IDENTITY_NODE;
}

/* The kernel counts in sectors of 512 bytes here, whatever the disk's are. */
static uint64_t sectors(const char *folder, const char *name)
{
	uint64_t bytes = 0;

	return athar_mul(athar_block_value(folder, name), 512, &bytes) ? bytes : 0;
}

athar_status athar_identity_of(athar_identity *out, const char *folder, athar_error *err)
{
	ATHAR_AUTO(identity) athar_identity i = {.device = true};
	ATHAR_AUTO(free) char *disk = athar_block_disk(folder);

	if (disk == NULL)
		return athar_fail(err, ATHAR_EIO, "the device is not there any more");
	i.path = athar_block_node(folder, err);
	if (i.path == NULL)
		return ATHAR_ENOMEM;
	i.size = sectors(folder, "size");
	i.sector_size = (uint32_t)athar_block_value(disk, "queue/logical_block_size");
	i.partition = (unsigned)athar_block_value(folder, "partition");
	i.start = sectors(folder, "start");
	i.instance = athar_block_value(disk, "diskseq");
	ATHAR_TRY(read_facts(&i, disk, err));
	i.kind = kind_of(&i);
	*out = i;
	i = (athar_identity){.path = NULL};
	return ATHAR_OK;
}

static athar_status of_file(athar_identity *out, const char *path, const struct stat *st,
                            athar_error *err)
{
	*out = (athar_identity){.kind = ATHAR_IDENTITY_INODE,
	                        .size = (uint64_t)st->st_size,
	                        .sector_size = 512,
	                        .inode = st->st_ino,
	                        .changed = st->st_mtim.tv_sec,
	                        .changed_nanoseconds = st->st_mtim.tv_nsec};
	out->path = athar_copy_text(path, err);
	return out->path == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

athar_status athar_identity_at(athar_identity *out, const char *path, athar_error *err)
{
	ATHAR_AUTO(free) char *folder = NULL;
	struct stat st;

	if (stat(path, &st) != 0)
		return athar_fail_errno(err, "%s is not there", path);
	if (S_ISREG(st.st_mode))
		return of_file(out, path, &st, err);
	if (!S_ISBLK(st.st_mode))
		return athar_fail(err, ATHAR_EREFUSED, "%s is neither a device nor a file", path);
	folder = athar_block_folder(st.st_rdev);
	if (folder == NULL)
		return athar_fail(err, ATHAR_EIO, "the device of %s is not there", path);
	return athar_identity_of(out, folder, err);
}

/* ---- the same? ---- */

static bool same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static athar_status differs(const athar_identity *now, const char *what, const char *was,
                            const char *is, athar_error *err)
{
	return athar_fail(err, ATHAR_EREFUSED,
	                  "%s is another device now: its %s was %.80s, is %.80s", now->path, what,
	                  was != NULL ? was : "not said", is != NULL ? is : "not said");
}

static athar_status differs_number(const athar_identity *now, const char *what, uint64_t was,
                                   uint64_t is, athar_error *err)
{
	char a[32], b[32];

	(void)snprintf(a, sizeof a, "%llu", (unsigned long long)was);
	(void)snprintf(b, sizeof b, "%llu", (unsigned long long)is);
	return differs(now, what, a, b, err);
}

static athar_status same_device(const athar_identity *then, const athar_identity *now,
                                athar_error *err)
{
	if (!same_text(then->serial, now->serial))
		return differs(now, "serial number", then->serial, now->serial, err);
	if (!same_text(then->wwn, now->wwn))
		return differs(now, "WWN", then->wwn, now->wwn, err);
	if (!same_text(then->model, now->model))
		return differs(now, "model", then->model, now->model, err);
	if (!same_text(then->backing, now->backing))
		return differs(now, "origin", then->backing, now->backing, err);
	if (then->sector_size != now->sector_size)
		return differs_number(now, "sector size", then->sector_size, now->sector_size, err);
	if (then->partition != now->partition)
		return differs_number(now, "partition", then->partition, now->partition, err);
	if (then->start != now->start)
		return differs_number(now, "start", then->start, now->start, err);
	if (then->kind == ATHAR_IDENTITY_NODE &&
	    (then->instance != now->instance || !same_text(then->path, now->path)))
		return athar_fail(err, ATHAR_EREFUSED,
		                  "%s has been away and has nothing by which it could be known "
		                  "again (no serial number, no WWN)",
		                  then->path);
	return ATHAR_OK;
}

static athar_status same_file(const athar_identity *then, const athar_identity *now,
                              athar_error *err)
{
	if (then->inode != now->inode)
		return athar_fail(err, ATHAR_EREFUSED, "%s is another file now", now->path);
	if (then->changed != now->changed || then->changed_nanoseconds != now->changed_nanoseconds)
		return athar_fail(err, ATHAR_EREFUSED, "%s has been written to since it was opened",
		                  now->path);
	return ATHAR_OK;
}

athar_status athar_identity_same(const athar_identity *then, const athar_identity *now,
                                 athar_error *err)
{
	if (then->device != now->device)
		return athar_fail(err, ATHAR_EREFUSED, "%s is %s now", now->path,
		                  now->device ? "a device" : "a file");
	if (then->size != now->size)
		return athar_fail(err, ATHAR_EREFUSED, "%s had %llu bytes, has %llu now", now->path,
		                  (unsigned long long)then->size, (unsigned long long)now->size);
	return then->device ? same_device(then, now, err) : same_file(then, now, err);
}

bool athar_serial_matches(const char *expected, const athar_source_info *info)
{
	const size_t wanted = strlen(expected);
	const size_t len = info->serial != NULL ? strlen(info->serial) : 0;

	if (wanted == 0 || len < wanted)
		return false;
	if (len > wanted && wanted < LAST_CHARACTERS)
		return false;
	return strcmp(info->serial + (len - wanted), expected) == 0;
}
