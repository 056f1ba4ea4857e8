/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/gate.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "engine/block.h"
#include "engine/hold.h"
#include "engine/smart.h"
#include "engine/target.h"
#include "image/adopt.h"
#include "jail/porter.h"

/* Requests: one byte. */
enum { REOPEN = 1, CHECK, HEALTH };

/* Milliseconds. A dead disk keeps whoever opens it for as long as the kernel tries. */
enum { LOOK = 40000, ASK = (ATHAR_SMART_SECONDS + 10) * 1000 };

/* What the porter has of it: a copy from the moment of the fork. */
typedef struct keeper {
	athar_identity then;
	bool hold;
	athar_hold held; /* of what came back */
} keeper;

struct athar_gate {
	athar_porter *porter; /* NULL: there is nothing to go back to */
	keeper keeper;
	athar_source_info info; /* texts are ours */
};

/* ---- in the porter ---- */

static athar_status open_file(athar_porter_reply *reply, const char *path, athar_error *err)
{
	const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

	reply->fd[0] = open(path, flags);
	if (reply->fd[0] < 0)
		return athar_fail_errno(err, "cannot open %s", path);
	reply->fd[1] = open(path, flags | O_DIRECT);
	return ATHAR_OK;
}

/* What was opened is what was looked at: both descriptors are asked, not the name. */
static athar_status check_opened(const athar_porter_reply *reply, const athar_identity *now,
                                 athar_error *err)
{
	ATHAR_AUTO(identity) athar_identity opened = {.path = NULL};
	ATHAR_AUTO(free) char *folder = NULL;
	uint64_t size = 0;
	struct stat st[2];

	for (int i = 0; i < 2 && reply->fd[i] >= 0; i++)
		if (fstat(reply->fd[i], &st[i]) != 0 || st[i].st_rdev != st[0].st_rdev ||
		    st[i].st_ino != st[0].st_ino || st[i].st_mode != st[0].st_mode)
			return athar_fail(err, ATHAR_EIO, "%s has changed meanwhile", now->path);
	if (!now->device)
		return S_ISREG(st[0].st_mode) && st[0].st_ino == now->inode
		               ? ATHAR_OK
		               : athar_fail(err, ATHAR_EIO, "%s has changed meanwhile", now->path);
	folder = S_ISBLK(st[0].st_mode) ? athar_block_folder(st[0].st_rdev) : NULL;
	if (folder == NULL || ioctl(reply->fd[0], BLKGETSIZE64, &size) != 0)
		return athar_fail(err, ATHAR_EIO, "%s is gone again", now->path);
	ATHAR_TRY(athar_identity_of(&opened, folder, err));
	ATHAR_TRY(athar_identity_same(now, &opened, err));
	if (size != now->size)
		return athar_fail(err, ATHAR_EREFUSED, "%s had %llu bytes, has %llu now", now->path,
		                  (unsigned long long)now->size, (unsigned long long)size);
	return ATHAR_OK;
}

/* The folder of the same partition on this disk, or of the disk; NULL: it has no such. */
static char *part_folder(const char *disk, unsigned partition)
{
	ATHAR_AUTO(block_names) athar_block_names parts = {NULL, 0, 0};
	athar_error err = ATHAR_ERROR_INIT;
	char path[ATHAR_BLOCK_PATH];

	if (partition == 0)
		return athar_copy_text(disk, &err);
	if (athar_block_partitions(&parts, disk, &err) != ATHAR_OK)
		return NULL;
	for (size_t i = 0; i < parts.count; i++)
		if (athar_block_path(path, disk, parts.name[i]) &&
		    athar_block_value(path, "partition") == partition)
			return athar_copy_text(path, &err);
	return NULL;
}

/* Two that are the same by all that is known are the same device by two ways (or two cheap sticks):
 * the one in the old place is taken, else none. */
static void keep_match(athar_identity *found, size_t *matches, athar_identity *now,
                       const athar_identity *then)
{
	const bool in_place = strcmp(now->path, then->path) == 0;

	if (*matches > 0 && strcmp(found->path, then->path) == 0)
		return;
	*matches = in_place ? 1 : *matches + 1;
	athar_identity_clear(found);
	*found = *now;
	*now = (athar_identity){.path = NULL};
}

static athar_status search_disks(athar_identity *found, size_t *matches, const athar_identity *then,
                                 athar_error *err)
{
	ATHAR_AUTO(block_names) athar_block_names disks = {NULL, 0, 0};
	char path[ATHAR_BLOCK_PATH];

	ATHAR_TRY(athar_block_disks(&disks, ATHAR_BLOCK_FOLDER, err));
	for (size_t i = 0; i < disks.count; i++) {
		ATHAR_AUTO(identity) athar_identity now = {.path = NULL};
		ATHAR_AUTO(free) char *folder = NULL;
		athar_error mine = ATHAR_ERROR_INIT;

		if (athar_block_path(path, ATHAR_BLOCK_FOLDER, disks.name[i]))
			folder = part_folder(path, then->partition);
		if (folder == NULL || athar_identity_of(&now, folder, &mine) != ATHAR_OK ||
		    athar_identity_same(then, &now, &mine) != ATHAR_OK)
			continue;
		keep_match(found, matches, &now, then);
	}
	return ATHAR_OK;
}

/* Nothing that is the same: what stands in the old place says why. */
static athar_status name_stranger(const athar_identity *then, athar_error *err)
{
	ATHAR_AUTO(identity) athar_identity now = {.path = NULL};
	athar_error mine = ATHAR_ERROR_INIT;

	if (athar_identity_at(&now, then->path, &mine) == ATHAR_OK && now.size != 0)
		ATHAR_TRY(athar_identity_same(then, &now, err));
	return athar_fail(err, ATHAR_EIO, "%s is not there", then->path);
}

static athar_status find(athar_identity *found, const athar_identity *then, athar_error *err)
{
	size_t matches = 0;

	if (!then->device) {
		ATHAR_TRY(athar_identity_at(found, then->path, err));
		return athar_identity_same(then, found, err);
	}
	ATHAR_TRY(search_disks(found, &matches, then, err));
	if (matches == 0)
		return name_stranger(then, err);
	if (matches > 1)
		return athar_fail(err, ATHAR_EREFUSED,
		                  "%zu devices look like %s (%s): unplug those that are not it",
		                  matches, then->path, found->path);
	return ATHAR_OK;
}

/* It may have been mounted in the moment before. */
static athar_status keep_out(keeper *k, const athar_identity *now, athar_error *err)
{
	const athar_source_info info = {.path = now->path, .device = now->device};

	if (!k->hold)
		return ATHAR_OK;
	athar_hold_release(&k->held);
	ATHAR_TRY(athar_hold_take(&k->held, now->path, false, err));
	return athar_target_source_idle(&info, err);
}

static void put_path(athar_porter_reply *reply, const char *path)
{
	reply->len = strnlen(path, sizeof reply->bytes);
	memcpy(reply->bytes, path, reply->len);
}

static athar_status answer_reopen(keeper *k, athar_porter_reply *reply, athar_error *err)
{
	ATHAR_AUTO(identity) athar_identity now = {.path = NULL};

	ATHAR_TRY(find(&now, &k->then, err));
	ATHAR_TRY(open_file(reply, now.path, err));
	ATHAR_TRY(check_opened(reply, &now, err));
	ATHAR_TRY(keep_out(k, &now, err));
	put_path(reply, now.path);
	athar_identity_clear(&k->then);
	k->then = now;
	now = (athar_identity){.path = NULL};
	return ATHAR_OK;
}

/* In its place, and not anywhere. */
static athar_status answer_check(const keeper *k, athar_error *err)
{
	ATHAR_AUTO(identity) athar_identity now = {.path = NULL};

	ATHAR_TRY(athar_identity_at(&now, k->then.path, err));
	if (now.size == 0 && k->then.size != 0)
		return athar_fail(err, ATHAR_EIO, "%s holds no medium any more", now.path);
	return athar_identity_same(&k->then, &now, err);
}

/* The disk is asked where the source is a partition of it; what it says is read by who asked. */
static athar_status answer_health(const keeper *k, athar_porter_reply *reply, athar_error *err)
{
	ATHAR_AUTO(free) char *folder = NULL;
	ATHAR_AUTO(free) char *disk = NULL;
	ATHAR_AUTO(free) char *node = NULL;
	int exit_status = -1;
	dev_t device;

	ATHAR_TRY(answer_check(k, err));
	if (athar_block_of_node(&device, k->then.path))
		folder = athar_block_folder(device);
	disk = folder != NULL ? athar_block_disk(folder) : NULL;
	if (disk == NULL)
		return athar_fail(err, ATHAR_EUSAGE, "only a device has a health");
	node = athar_block_node(disk, err);
	if (node == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(
		athar_smart_run(&reply->fd[0], &exit_status, NULL, node, ATHAR_SMART_SECONDS, err));
	athar_put_le32(reply->bytes, (uint32_t)exit_status);
	reply->len = 4;
	return ATHAR_OK;
}

static athar_status answer(void *user, athar_bytes request, athar_porter_reply *reply,
                           athar_error *err)
{
	keeper *k = user;

	switch (request.len == 1 ? request.ptr[0] : 0) {
	case REOPEN:
		return answer_reopen(k, reply, err);
	case CHECK:
		return answer_check(k, err);
	case HEALTH:
		return answer_health(k, reply, err);
	default:
		return athar_fail(err, ATHAR_EUSAGE, "no such request");
	}
}

/* ---- in the imager ---- */

static athar_status copy_text(const char **out, const char *text, athar_error *err)
{
	*out = text != NULL ? athar_copy_text(text, err) : NULL;
	return text != NULL && *out == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

static athar_status copy_info(athar_source_info *out, const athar_source_info *info,
                              athar_error *err)
{
	out->size = info->size;
	out->sector_size = info->sector_size;
	out->device = info->device;
	ATHAR_TRY(copy_text(&out->path, info->path, err));
	ATHAR_TRY(copy_text(&out->model, info->model, err));
	ATHAR_TRY(copy_text(&out->serial, info->serial, err));
	ATHAR_TRY(copy_text(&out->firmware, info->firmware, err));
	ATHAR_TRY(copy_text(&out->wwn, info->wwn, err));
	return copy_text(&out->bus, info->bus, err);
}

void athar_gate_close(athar_gate *gate)
{
	if (gate == NULL)
		return;
	const char *const texts[] = {gate->info.path,     gate->info.model, gate->info.serial,
	                             gate->info.firmware, gate->info.wwn,   gate->info.bus};

	athar_porter_close(gate->porter);
	athar_identity_clear(&gate->keeper.then);
	for (size_t i = 0; i < ATHAR_COUNT(texts); i++)
		free((void *)(uintptr_t)texts[i]);
	free(gate);
}

static bool comes_back(const athar_source_info *info)
{
	return info->device || strcmp(info->driver, "raw") == 0;
}

/* It is looked at by its name; what was opened by it must still be that. */
static athar_status remember(athar_identity *then, const athar_source_info *info, athar_error *err)
{
	const char *serial = info->serial != NULL ? info->serial : "";

	ATHAR_TRY(athar_identity_at(then, info->path, err));
	if (then->size != info->size || then->device != info->device ||
	    strcmp(then->serial != NULL ? then->serial : "", serial) != 0)
		return athar_fail(err, ATHAR_EREFUSED,
		                  "%s is no longer what it was when it was opened", info->path);
	return ATHAR_OK;
}

athar_status athar_gate_open(athar_gate **out, const athar_source *source, bool hold,
                             athar_error *err)
{
	const athar_source_info *info = athar_source_describe(source);
	ATHAR_AUTO(gate) athar_gate *gate = athar_alloc(sizeof *gate, err);

	if (gate == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(copy_info(&gate->info, info, err));
	gate->keeper.hold = hold;
	gate->keeper.held = (athar_hold)ATHAR_HOLD_INIT;
	if (comes_back(info)) {
		ATHAR_TRY(remember(&gate->keeper.then, info, err));
		ATHAR_TRY(athar_porter_open(&gate->porter, answer, &gate->keeper, err));
	}
	*out = ATHAR_GIVE(gate);
	return ATHAR_OK;
}

athar_identity_kind athar_gate_identity(const athar_gate *gate)
{
	return gate->keeper.then.kind;
}

static athar_status ask(athar_porter_reply *reply, athar_gate *gate, uint8_t what,
                        unsigned milliseconds, athar_error *err)
{
	const athar_bytes request = {&what, 1, 0};

	if (gate->porter == NULL)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "%s is neither a device nor a raw image: it cannot be opened "
		                  "again",
		                  gate->info.path);
	return athar_porter_ask(reply, gate->porter, request, milliseconds, err);
}

athar_status athar_gate_reopen(athar_source **out, athar_gate *gate, athar_error *err)
{
	ATHAR_AUTO(porter_reply) athar_porter_reply reply = ATHAR_PORTER_REPLY_INIT;
	ATHAR_AUTO(free) char *path = NULL;
	athar_opened opened;

	ATHAR_TRY(ask(&reply, gate, REOPEN, LOOK, err));
	path = (char *)athar_copy_bytes(reply.bytes, reply.len, err);
	if (path == NULL)
		return ATHAR_ENOMEM;
	opened = (athar_opened){path, reply.fd[0], reply.fd[1]};
	reply.fd[0] = reply.fd[1] = -1;
	return gate->info.device ? athar_source_device_adopt(out, &opened, &gate->info, err)
	                         : athar_source_raw_adopt(out, &opened, &gate->info, err);
}

athar_status athar_gate_check(athar_gate *gate, athar_error *err)
{
	ATHAR_AUTO(porter_reply) athar_porter_reply reply = ATHAR_PORTER_REPLY_INIT;

	return ask(&reply, gate, CHECK, LOOK, err);
}

static athar_status no_health(athar_json **out, const char *why)
{
	*out = athar_json_object();
	athar_json_set_bool(*out, "available", false);
	athar_json_set_text(*out, "why", why);
	return ATHAR_OK;
}

athar_status athar_gate_health(athar_json **out, athar_gate *gate, athar_error *err)
{
	ATHAR_AUTO(porter_reply) athar_porter_reply reply = ATHAR_PORTER_REPLY_INIT;
	athar_error mine = ATHAR_ERROR_INIT;
	athar_status status;

	if (!gate->info.device)
		return no_health(out, "only a device has a health");
	status = ask(&reply, gate, HEALTH, ASK, &mine);
	if (status == ATHAR_OK && reply.len == 4)
		return athar_smart_load(out, reply.fd[0], (int)athar_le32(reply.bytes), err);
	return no_health(out, mine.text);
}
