/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * losing_disk FOLDER MOUNTPOINT
 *
 * A file system whose power can fail. What is written to MOUNTPOINT is kept in FOLDER/live, where
 * programs see it; only what was fsynced reaches FOLDER/durable, which is what a machine finds when
 * the power is back:
 *
 *      bytes of a file     when that file was fsynced, as they were then
 *      names in a folder   when that folder was fsynced: new, renamed and removed ones alike
 *
 * So it is as strict as POSIX lets a file system be. FOLDER/durable is whole at every moment. In
 * FOLDER there are also, for a test:
 *
 *      cut     made by the test: N, or N torn SEED. With the N-th change the power fails: it and
 *              all that follows, reading too, gets EIO. Torn: each page that was written and not
 *              fsynced reached the medium or did not, by the seed.
 *      log     a line a change, numbered from 1
 *      store   durable files and folders by their number, whether they have a name or not
 */
#define FUSE_USE_VERSION 31

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define PAGE 4096u

/* One file or folder, found by its number in FOLDER/live. */
struct node {
	struct node *next;
	ino_t live, durable;         /* their numbers */
	int live_fd, durable_fd;     /* held open, so that no number is given twice */
	uint64_t dirty_lo, dirty_hi; /* bytes of the file that are not durable */
};

static struct world {
	int folder, live, store; /* descriptors */
	struct node *nodes;
	FILE *log;
	uint64_t changes;
	bool dark; /* the power failed */
} world;

/* ---- durable things ---- */

static struct node *find_live(ino_t number)
{
	struct node *n = world.nodes;

	while (n != NULL && n->live != number)
		n = n->next;
	return n;
}

static struct node *find_durable(ino_t number)
{
	struct node *n = world.nodes;

	while (n != NULL && n->durable != number)
		n = n->next;
	return n;
}

static void stored_name(char name[24], ino_t live)
{
	(void)snprintf(name, 24, "%" PRIuMAX, (uintmax_t)live);
}

static struct node *add_node(ino_t live, int live_fd, int durable_fd)
{
	struct node *n = calloc(1, sizeof *n);
	struct stat st;

	if (n == NULL || durable_fd < 0 || fstat(durable_fd, &st) != 0)
		abort();
	*n = (struct node){world.nodes, live, st.st_ino, live_fd, durable_fd, 0, 0};
	world.nodes = n;
	return n;
}

/* The node of a live file or folder; its durable twin is made empty and without a name. */
static struct node *node_at(int parent, const char *name)
{
	const int live_fd = openat(parent, name, O_RDONLY | O_CLOEXEC);
	struct node *known;
	struct stat st;
	char stored[24];

	if (live_fd < 0 || fstat(live_fd, &st) != 0)
		abort();
	known = find_live(st.st_ino);
	if (known != NULL) {
		(void)close(live_fd);
		return known;
	}
	stored_name(stored, st.st_ino);
	if (S_ISDIR(st.st_mode))
		(void)mkdirat(world.store, stored, st.st_mode & 0777);
	return add_node(st.st_ino, live_fd,
	                S_ISDIR(st.st_mode)
	                        ? openat(world.store, stored, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
	                        : openat(world.store, stored, O_RDWR | O_CREAT | O_CLOEXEC,
	                                 st.st_mode & 0777));
}

static void dirty(struct node *n, uint64_t lo, uint64_t hi)
{
	if (lo >= hi)
		return;
	if (n->dirty_lo == n->dirty_hi) {
		n->dirty_lo = lo;
		n->dirty_hi = hi;
	}
	n->dirty_lo = lo < n->dirty_lo ? lo : n->dirty_lo;
	n->dirty_hi = hi > n->dirty_hi ? hi : n->dirty_hi;
}

static void copy_range(const struct node *n, uint64_t lo, uint64_t hi)
{
	static char buf[1 << 20];

	while (lo < hi) {
		const size_t want = hi - lo < sizeof buf ? (size_t)(hi - lo) : sizeof buf;
		const ssize_t got = pread(n->live_fd, buf, want, (off_t)lo);

		if (got <= 0)
			return;
		if (pwrite(n->durable_fd, buf, (size_t)got, (off_t)lo) != got)
			abort();
		lo += (uint64_t)got;
	}
}

static void sync_file(struct node *n)
{
	struct stat st;

	copy_range(n, n->dirty_lo, n->dirty_hi);
	if (fstat(n->live_fd, &st) != 0 || ftruncate(n->durable_fd, st.st_size) != 0)
		abort();
	n->dirty_lo = n->dirty_hi = 0;
}

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Calls back for each name in the folder, which is read to its end first. */
static void each_name(int folder, void (*call)(int folder, const char *name, void *user),
                      void *user)
{
	DIR *d = fdopendir(openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	char(*names)[256] = NULL;
	size_t count = 0;

	for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
		if (is_dots(e->d_name))
			continue;
		names = realloc(names, (count + 1) * sizeof *names);
		if (names == NULL)
			abort();
		(void)snprintf(names[count++], sizeof *names, "%s", e->d_name);
	}
	for (size_t i = 0; i < count; i++)
		call(folder, names[i], user);
	free(names);
	if (d != NULL)
		(void)closedir(d);
}

/* A durable thing loses its name and goes back to the store. */
static void forget_name(int durable, const char *name, void *user)
{
	struct stat st;
	const struct node *n;
	char stored[24];

	(void)user;
	if (fstatat(durable, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		abort();
	if (!S_ISDIR(st.st_mode)) {
		(void)unlinkat(durable, name, 0);
		return;
	}
	n = find_durable(st.st_ino);
	if (n == NULL)
		abort();
	stored_name(stored, n->live);
	if (renameat(durable, name, world.store, stored) != 0)
		abort();
}

/* A folder of the same fsync may still lie where it had its last durable name. */
static void learn_name(int live, const char *name, void *user)
{
	const int durable = *(const int *)user;
	struct stat st;
	char from[64], stored[24], old[4096];
	ssize_t len;

	if (fstatat(live, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		abort();
	if (!S_ISDIR(st.st_mode)) {
		stored_name(stored, node_at(live, name)->live);
		if (linkat(world.store, stored, durable, name, 0) != 0)
			abort();
		return;
	}
	(void)snprintf(from, sizeof from, "/proc/self/fd/%d", node_at(live, name)->durable_fd);
	len = readlink(from, old, sizeof old - 1);
	if (len < 0)
		abort();
	old[len] = '\0';
	if (renameat(AT_FDCWD, old, durable, name) != 0)
		abort();
}

static void sync_folder(int live, const char *path)
{
	const int folder = openat(live, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int durable;

	if (folder < 0)
		return;
	durable = node_at(live, path)->durable_fd;
	each_name(durable, forget_name, NULL);
	each_name(folder, learn_name, &durable);
	(void)close(folder);
}

/* ---- the power ---- */

static uint64_t next_random(uint64_t *seed)
{
	uint64_t z = (*seed += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

/* The kernel had begun to write back, in whatever order. */
static void tear(uint64_t seed)
{
	for (struct node *n = world.nodes; n != NULL; n = n->next)
		for (uint64_t at = n->dirty_lo; at < n->dirty_hi;) {
			const uint64_t page = at - at % PAGE + PAGE;
			const uint64_t end = page < n->dirty_hi ? page : n->dirty_hi;

			if (next_random(&seed) & 1)
				copy_range(n, at, end);
			at = end;
		}
}

static void cut_when_due(void)
{
	char text[64] = "";
	const int fd = openat(world.folder, "cut", O_RDONLY | O_CLOEXEC);
	uint64_t last, seed;

	if (fd < 0)
		return;
	if (read(fd, text, sizeof text - 1) > 0 && sscanf(text, "%" SCNu64, &last) == 1 &&
	    world.changes >= last) {
		world.dark = true;
		if (sscanf(text, "%*u torn %" SCNu64, &seed) == 1)
			tear(seed);
	}
	(void)close(fd);
}

/* Counts a change; false: the power is off and there is none. */
static bool may_change(const char *what, const char *path)
{
	if (world.dark)
		return false;
	world.changes++;
	cut_when_due();
	(void)fprintf(world.log, "%" PRIu64 " %s %s%s\n", world.changes, what,
	              path == NULL ? "?" : path, world.dark ? " (dark)" : "");
	return !world.dark;
}

/* ---- the file system; one thread, so that a change is whole or not at all ---- */

static const char *below(const char *path)
{
	return path[1] == '\0' ? "." : path + 1;
}

static int answer(int result)
{
	return result < 0 ? -errno : 0;
}

static int losing_getattr(const char *path, struct stat *st, struct fuse_file_info *info)
{
	if (world.dark)
		return -EIO;
	if (info != NULL)
		return answer(fstat((int)info->fh, st));
	return answer(fstatat(world.live, below(path), st, AT_SYMLINK_NOFOLLOW));
}

static int losing_readdir(const char *path, void *buf, fuse_fill_dir_t fill, off_t offset,
                          struct fuse_file_info *info, enum fuse_readdir_flags flags)
{
	DIR *d = world.dark ? NULL
	                    : fdopendir(openat(world.live, below(path), O_RDONLY | O_DIRECTORY));

	(void)offset;
	(void)info;
	(void)flags;
	if (d == NULL)
		return -EIO;
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		(void)fill(buf, e->d_name, NULL, 0, (enum fuse_fill_dir_flags)0);
	(void)closedir(d);
	return 0;
}

static int open_with(const char *path, mode_t mode, struct fuse_file_info *info)
{
	/* The kernel gives the offsets, also of what is appended. */
	const int fd = openat(world.live, below(path), (info->flags & ~O_APPEND) | O_CLOEXEC, mode);

	if (fd < 0)
		return -errno;
	info->fh = (uint64_t)fd;
	return 0;
}

static int losing_open(const char *path, struct fuse_file_info *info)
{
	return world.dark ? -EIO : open_with(path, 0, info);
}

static int losing_create(const char *path, mode_t mode, struct fuse_file_info *info)
{
	return may_change("create", path) ? open_with(path, mode, info) : -EIO;
}

static int losing_read(const char *path, char *buf, size_t len, off_t offset,
                       struct fuse_file_info *info)
{
	const ssize_t n = world.dark ? -1 : pread((int)info->fh, buf, len, offset);

	(void)path;
	return n < 0 ? -EIO : (int)n;
}

static struct node *node_of(uint64_t fd)
{
	char path[64];

	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", (int)fd);
	return node_at(AT_FDCWD, path);
}

static int losing_write(const char *path, const char *buf, size_t len, off_t offset,
                        struct fuse_file_info *info)
{
	ssize_t n;

	if (!may_change("write", path))
		return -EIO;
	n = pwrite((int)info->fh, buf, len, offset);
	if (n < 0)
		return -errno;
	dirty(node_of(info->fh), (uint64_t)offset, (uint64_t)offset + (uint64_t)n);
	if ((info->flags & (O_SYNC | O_DSYNC)) != 0)
		sync_file(node_of(info->fh));
	return (int)n;
}

static int losing_truncate(const char *path, off_t size, struct fuse_file_info *info)
{
	const int fd = info != NULL ? dup((int)info->fh)
	                            : openat(world.live, below(path), O_WRONLY | O_CLOEXEC);
	struct stat st;
	int result;

	if (fd < 0 || fstat(fd, &st) != 0 || !may_change("truncate", path)) {
		(void)close(fd);
		return -EIO;
	}
	/* What is cut off and grows again is zeros, and those are new too. */
	dirty(node_of((uint64_t)fd), (uint64_t)size, (uint64_t)st.st_size);
	result = answer(ftruncate(fd, size));
	(void)close(fd);
	return result;
}

static int losing_fallocate(const char *path, int mode, off_t offset, off_t len,
                            struct fuse_file_info *info)
{
	if (!may_change("fallocate", path))
		return -EIO;
	dirty(node_of(info->fh), (uint64_t)offset, (uint64_t)(offset + len));
	return answer(fallocate((int)info->fh, mode, offset, len));
}

static int losing_fsync(const char *path, int data_only, struct fuse_file_info *info)
{
	(void)data_only;
	if (!may_change("fsync", path))
		return -EIO;
	sync_file(node_of(info->fh));
	return 0;
}

static int losing_fsyncdir(const char *path, int data_only, struct fuse_file_info *info)
{
	(void)data_only;
	(void)info;
	if (!may_change("fsyncdir", path))
		return -EIO;
	sync_folder(world.live, below(path));
	return 0;
}

static int losing_release(const char *path, struct fuse_file_info *info)
{
	(void)path;
	return answer(close((int)info->fh));
}

static int losing_mkdir(const char *path, mode_t mode)
{
	return may_change("mkdir", path) ? answer(mkdirat(world.live, below(path), mode)) : -EIO;
}

static int losing_rmdir(const char *path)
{
	return may_change("rmdir", path) ? answer(unlinkat(world.live, below(path), AT_REMOVEDIR))
	                                 : -EIO;
}

static int losing_unlink(const char *path)
{
	return may_change("unlink", path) ? answer(unlinkat(world.live, below(path), 0)) : -EIO;
}

static int losing_rename(const char *from, const char *to, unsigned flags)
{
	return may_change("rename", from)
	               ? answer(renameat2(world.live, below(from), world.live, below(to), flags))
	               : -EIO;
}

static int losing_link(const char *from, const char *to)
{
	return may_change("link", from)
	               ? answer(linkat(world.live, below(from), world.live, below(to), 0))
	               : -EIO;
}

static int losing_chmod(const char *path, mode_t mode, struct fuse_file_info *info)
{
	(void)info;
	return world.dark ? -EIO : answer(fchmodat(world.live, below(path), mode, 0));
}

static int losing_chown(const char *path, uid_t uid, gid_t gid, struct fuse_file_info *info)
{
	(void)info;
	return world.dark ? -EIO : answer(fchownat(world.live, below(path), uid, gid, 0));
}

static int losing_utimens(const char *path, const struct timespec times[2],
                          struct fuse_file_info *info)
{
	(void)info;
	return world.dark ? -EIO : answer(utimensat(world.live, below(path), times, 0));
}

static int losing_statfs(const char *path, struct statvfs *fs)
{
	(void)path;
	return world.dark ? -EIO : answer(fstatvfs(world.live, fs));
}

static void *losing_init(struct fuse_conn_info *connection, struct fuse_config *config)
{
	(void)connection;
	config->use_ino = 1;
	config->hard_remove = 1;
	return NULL;
}

static const struct fuse_operations operations = {
	.init = losing_init,
	.getattr = losing_getattr,
	.readdir = losing_readdir,
	.open = losing_open,
	.create = losing_create,
	.read = losing_read,
	.write = losing_write,
	.truncate = losing_truncate,
	.fallocate = losing_fallocate,
	.fsync = losing_fsync,
	.fsyncdir = losing_fsyncdir,
	.release = losing_release,
	.mkdir = losing_mkdir,
	.rmdir = losing_rmdir,
	.unlink = losing_unlink,
	.rename = losing_rename,
	.link = losing_link,
	.chmod = losing_chmod,
	.chown = losing_chown,
	.utimens = losing_utimens,
	.statfs = losing_statfs,
};

static int open_below(const char *name)
{
	(void)mkdirat(world.folder, name, 0700);
	return openat(world.folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool open_all(const char *folder)
{
	int log, durable;
	struct stat st;

	world.folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	world.live = open_below("live");
	world.store = open_below("store");
	durable = open_below("durable");
	log = openat(world.folder, "log", O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
	world.log = log < 0 ? NULL : fdopen(log, "a");
	if (world.live < 0 || world.store < 0 || world.log == NULL || fstat(world.live, &st) != 0)
		return false;
	(void)add_node(st.st_ino, world.live, durable);
	return setvbuf(world.log, NULL, _IOLBF, BUFSIZ) == 0;
}

int main(int argc, char **argv)
{
	char one_thread[] = "-s";

	if (argc != 3) {
		(void)fprintf(stderr, "usage: losing_disk FOLDER MOUNTPOINT\n");
		return 2;
	}
	if (!open_all(argv[1])) {
		perror("losing_disk");
		return 1;
	}
	return fuse_main(3, ((char *[]){argv[0], one_thread, argv[2], NULL}), &operations, NULL);
}
