/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists become sets: of lists, by athar_known_compile; of a carve, by athar_known_load. */
#include "engine/known.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/files.h"
#include "digest/hash_list.h"

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

static void name_origin(athar_hash_origin *origin, const char *path)
{
	const char *name = last_component(path);

	memset(origin->name, 0, sizeof origin->name);
	memcpy(origin->name, name, strnlen(name, sizeof origin->name - 1));
}

/* ---- one list ---- */

static athar_status take(void *user, const athar_listed *entry, athar_error *err)
{
	static const unsigned algorithms[] = {ATHAR_MD5, ATHAR_SHA1, ATHAR_SHA256};
	athar_hash_maker *maker = user;
	const unsigned best = athar_listed_best(entry);

	for (size_t i = 0; i < ATHAR_COUNT(algorithms); i++)
		if (algorithms[i] == best)
			return athar_hash_maker_add(maker, best, entry->hash[i], entry->category,
			                            err);
	return ATHAR_OK;
}

static athar_status date_of(int64_t *out, const char *path, athar_error *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return athar_fail_errno(err, "cannot look at %s", path);
	*out = st.st_mtim.tv_sec;
	return ATHAR_OK;
}

static athar_status add_list(athar_known_row *row, athar_hash_origin *origin,
                             athar_hash_maker *maker, const char *path,
                             const athar_watcher *watcher, athar_error *err)
{
	athar_list_sink sink = {.entry = take, .user = maker, .watcher = watcher};

	ATHAR_TRY(date_of(&origin->date, path, err));
	ATHAR_TRY(athar_list_read(&sink, path, err));
	origin->entries = sink.facts.entries;
	origin->unread = sink.facts.unread;
	memcpy(origin->sha256, sink.facts.sha256, sizeof origin->sha256);
	name_origin(origin, path);
	*row = (athar_known_row){.path = path,
	                         .format = sink.facts.format,
	                         .entries = origin->entries,
	                         .unread = origin->unread,
	                         .first_unread = sink.facts.first_unread,
	                         .algorithms = sink.facts.algorithms,
	                         .sha256 = origin->sha256,
	                         .date = origin->date};
	return athar_hash_maker_origin(maker, origin, err);
}

/* ---- sets ---- */

/* *fd: of a file that begins like a set; -1: it does not. */
static athar_status open_if_set(int *fd, const char *path, athar_error *err)
{
	ATHAR_AUTO(fd) int opened = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char magic[16];
	struct stat st;

	*fd = -1;
	if (opened < 0 || fstat(opened, &st) != 0)
		return athar_fail_errno(err, "cannot open %s", path);
	if (!S_ISREG(st.st_mode) || pread(opened, magic, sizeof magic, 0) != sizeof magic ||
	    memcmp(magic, ATHAR_HASH_SET_MAGIC, sizeof magic) != 0)
		return ATHAR_OK;
	*fd = opened;
	opened = -1;
	return ATHAR_OK;
}

/* A set that is compiled into another: the lists that it came from stay named. */
static athar_status add_set(athar_known_row *row, athar_hash_origin *origin,
                            athar_hash_maker *maker, int fd, const char *path,
                            const athar_watcher *watcher, athar_error *err)
{
	ATHAR_AUTO(hash_set) athar_hash_set *set = NULL;

	ATHAR_TRY(athar_hash_set_open(&set, fd, path, watcher, err));
	ATHAR_TRY(athar_hash_maker_add_set(maker, set, err));
	for (size_t i = 0; i < athar_hash_set_origins(set); i++) {
		const athar_hash_origin of = athar_hash_set_origin(set, i);

		ATHAR_TRY(athar_hash_maker_origin(maker, &of, err));
	}
	memcpy(origin->sha256, athar_hash_set_sha256(set), sizeof origin->sha256);
	*row = (athar_known_row){.path = path,
	                         .format = "set",
	                         .entries = athar_hash_set_count(set, ATHAR_DIGEST_ALL),
	                         .algorithms = athar_hash_set_algorithms(set),
	                         .sha256 = origin->sha256,
	                         .date = athar_hash_set_made(set)};
	return ATHAR_OK;
}

static athar_status add_either(athar_known_row *row, athar_hash_origin *origin,
                               athar_hash_maker *maker, const char *path,
                               const athar_watcher *watcher, athar_error *err)
{
	ATHAR_AUTO(fd) int fd = -1;

	ATHAR_TRY(open_if_set(&fd, path, err));
	return fd >= 0 ? add_set(row, origin, maker, fd, path, watcher, err)
	               : add_list(row, origin, maker, path, watcher, err);
}

/* ---- compiling ---- */

static char *folder_of(const char *path, athar_error *err)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return athar_copy_text(".", err);
	return (char *)athar_copy_bytes(path, slash == path ? 1 : (size_t)(slash - path), err);
}

static athar_status describe(athar_known_result *out, int fd, const char *path,
                             const athar_watcher *watcher, athar_error *err)
{
	ATHAR_AUTO(hash_set) athar_hash_set *set = NULL;
	struct stat st;

	ATHAR_TRY(athar_hash_set_open(&set, fd, path, watcher, err));
	if (fstat(fd, &st) != 0)
		return athar_fail_errno(err, "cannot look at %s", path);
	for (unsigned i = 0; i < ATHAR_COUNT(out->hashes); i++)
		out->hashes[i] = athar_hash_set_count(set, 1u << i);
	out->bytes = (uint64_t)st.st_size;
	memcpy(out->sha256, athar_hash_set_sha256(set), sizeof out->sha256);
	return ATHAR_OK;
}

/* Read back, as a whole, before it gets its name. */
static athar_status write_set(athar_known_result *out, athar_hash_maker *maker, int *fd,
                              const char *partial, int64_t made, const athar_watcher *watcher,
                              athar_error *err)
{
	ATHAR_TRY(athar_hash_maker_write(maker, *fd, partial, made, watcher, err));
	ATHAR_TRY(describe(out, *fd, partial, watcher, err));
	return athar_file_finish(fd, partial, err);
}

/* It is read back on the way: athar_file_create opens for writing only. */
static athar_status create(int *fd, const char *path, athar_error *err)
{
	*fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (*fd >= 0)
		return ATHAR_OK;
	if (errno == EEXIST)
		return athar_fail(err, ATHAR_EREFUSED,
		                  "%s is there: another set is being compiled, or that was "
		                  "interrupted. If none is, remove it",
		                  path);
	return athar_fail_errno(err, "cannot create %s", path);
}

static athar_status save_set(athar_known_result *out, athar_hash_maker *maker, const char *path,
                             int64_t made, const athar_watcher *watcher, athar_error *err)
{
	ATHAR_AUTO(free) char *partial = athar_format_text(err, "%s.partial", path);
	ATHAR_AUTO(fd) int fd = -1;
	athar_status status;

	if (partial == NULL)
		return err->status;
	ATHAR_TRY(create(&fd, partial, err));
	status = write_set(out, maker, &fd, partial, made, watcher, err);
	if (status == ATHAR_OK)
		status = athar_rename_new(partial, path, err);
	if (status != ATHAR_OK)
		(void)unlink(partial);
	return status;
}

static athar_status refuse_existing(const char *path, athar_error *err)
{
	struct stat st;

	if (lstat(path, &st) == 0)
		return athar_fail(err, ATHAR_EREFUSED,
		                  "%s exists already and is not overwritten; choose another name "
		                  "or move it away",
		                  path);
	return errno == ENOENT ? ATHAR_OK : athar_fail_errno(err, "cannot look at %s", path);
}

athar_status athar_known_compile(athar_known_result *out, const char *path,
                                 const char *const *lists, size_t count,
                                 const athar_context *context,
                                 void (*row)(void *user, const athar_known_row *row), void *user,
                                 const athar_watcher *watcher, athar_error *err)
{
	ATHAR_AUTO(hash_maker) athar_hash_maker *maker = NULL;
	ATHAR_AUTO(free) char *folder = folder_of(path, err);

	*out = (athar_known_result){.unread = 0};
	if (folder == NULL)
		return err->status;
	ATHAR_TRY(refuse_existing(path, err));
	ATHAR_TRY(athar_hash_maker_new(&maker, folder, err));
	for (size_t i = 0; i < count; i++) {
		athar_hash_origin origin = {.entries = 0};
		athar_known_row r = {.path = lists[i]};

		ATHAR_TRY(add_either(&r, &origin, maker, lists[i], watcher, err));
		out->unread += r.unread;
		if (row != NULL)
			row(user, &r);
	}
	ATHAR_TRY(save_set(out, maker, path, context->now(context->user), watcher, err));
	if (out->unread == 0)
		return ATHAR_OK;
	return athar_fail(err, ATHAR_EINCOMPLETE,
	                  "%s stands, but %llu lines or records of its lists were not understood",
	                  path, (unsigned long long)out->unread);
}

/* ---- for a carve ---- */

static athar_status compile_here(athar_known_list *list, int *fd, const char *path,
                                 const char *folder, const athar_watcher *watcher, athar_error *err)
{
	ATHAR_AUTO(hash_maker) athar_hash_maker *maker = NULL;
	athar_known_row row = {.path = path};

	ATHAR_TRY(athar_hash_maker_new(&maker, folder, err));
	ATHAR_TRY(add_list(&row, &list->origin, maker, path, watcher, err));
	list->format = athar_copy_text(row.format, err);
	*fd = athar_hash_nameless(folder, err);
	if (list->format == NULL || *fd < 0)
		return err->status;
	if (row.unread != 0)
		athar_watch_notice(
			watcher, "%s: %llu lines or records were not understood, the first is %llu",
			path, (unsigned long long)row.unread, (unsigned long long)row.first_unread);
	return athar_hash_maker_write(maker, *fd, path, list->origin.date, watcher, err);
}

static athar_status open_list(athar_known_list *list, const char *path, const char *folder,
                              const athar_watcher *watcher, athar_error *err)
{
	ATHAR_AUTO(fd) int fd = -1;
	bool is_set;

	ATHAR_TRY(open_if_set(&fd, path, err));
	is_set = fd >= 0;
	if (!is_set)
		ATHAR_TRY(compile_here(list, &fd, path, folder, watcher, err));
	ATHAR_TRY(athar_hash_set_open(&list->set, fd, path, watcher, err));
	if (!is_set)
		return ATHAR_OK;
	list->format = athar_copy_text("set", err);
	list->origin.date = athar_hash_set_made(list->set);
	memcpy(list->origin.sha256, athar_hash_set_sha256(list->set), sizeof list->origin.sha256);
	for (size_t i = 0; i < athar_hash_set_origins(list->set); i++) {
		const athar_hash_origin of = athar_hash_set_origin(list->set, i);

		list->origin.entries += of.entries;
		list->origin.unread += of.unread;
	}
	return list->format != NULL ? ATHAR_OK : err->status;
}

athar_status athar_known_load(athar_known *known, const char *path, const char *folder,
                              const athar_watcher *watcher, athar_error *err)
{
	athar_known_list *list;

	ATHAR_TRY(athar_grow(&known->list, &known->capacity, known->count + 1, sizeof *known->list,
	                     err));
	list = &known->list[known->count];
	*list = (athar_known_list){.name = athar_copy_text(last_component(path), err)};
	if (list->name == NULL)
		return err->status;
	known->count++;
	return open_list(list, path, folder, watcher, err);
}
