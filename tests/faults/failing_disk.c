/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * failing_disk BACKING FAULTS CONTROL MOUNTPOINT
 *
 * Serves the file BACKING as MOUNTPOINT/disk, read only and past the page cache, and fails as the
 * file FAULTS says. A loop device over it is a disk that fails sector by sector. One fault a line:
 *
 *      sector BYTES              what START and COUNT below count; 512 unless given first
 *      bad START COUNT           each read that touches it fails
 *      slow START COUNT MS       is answered after so long: a disk that hangs when MS is large
 *      slowbad START COUNT MS    fails after so long
 *      flaky START COUNT TIMES   fails so many times, then is good
 *      dies reads N              after N reads the disk is dead
 *      dies bytes N              after N bytes were given out
 *      goes bytes N              then it is gone
 *
 * The folder CONTROL holds the disk's state, for a test to see and to change while it runs:
 *
 *      dead    while it is there each read fails with EIO; made by the disk itself when it dies,
 * and only once, so that whoever removes it has brought the disk back gone    while it is there
 * each read fails with ENODEV size    a number of bytes: the disk has become so small log     a
 * line a read: seconds since the beginning, offset, length, ok | short | an error
 */
#define FUSE_USE_VERSION 31

#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MOST_FAULTS 4096
#define NEVER UINT64_MAX

enum kind { BAD, SLOW, SLOWBAD, FLAKY };

struct fault {
	enum kind kind;
	uint64_t begin, end; /* bytes */
	unsigned argument;   /* milliseconds, or times that are left */
};

static struct disk {
	int backing, control;
	uint64_t size;
	uint64_t dies_reads, dies_bytes; /* NEVER; and again once it died */
	bool goes;                       /* and does not die */
	uint64_t reads, bytes;           /* begun; given out */
	struct fault fault[MOST_FAULTS];
	size_t faults;
	FILE *log;
	struct timespec start;
	pthread_mutex_t lock; /* of the counters, the faults and the log */
} disk = {.dies_reads = NEVER, .dies_bytes = NEVER, .lock = PTHREAD_MUTEX_INITIALIZER};

/* What is to become of a read: 0 or an errno, after a delay. */
struct verdict {
	int code;
	unsigned delay;
};

static bool is_set(const char *name)
{
	return faccessat(disk.control, name, F_OK, 0) == 0;
}

static uint64_t size_now(void)
{
	char text[32] = "";
	const int fd = openat(disk.control, "size", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return disk.size;
	if (read(fd, text, sizeof text - 1) <= 0)
		text[0] = '\0';
	(void)close(fd);
	return text[0] == '\0' ? disk.size : strtoull(text, NULL, 10);
}

/* Its own death leaves a file, so that a test can end it. */
static void die_when_due(size_t len)
{
	if (disk.reads <= disk.dies_reads &&
	    (disk.dies_bytes == NEVER || disk.bytes + len <= disk.dies_bytes))
		return;
	disk.dies_reads = disk.dies_bytes = NEVER;
	(void)close(openat(disk.control, disk.goes ? "gone" : "dead",
	                   O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
}

static void apply(struct verdict *v, struct fault *f)
{
	if (f->kind == SLOW || f->kind == SLOWBAD)
		v->delay += f->argument;
	if (f->kind == BAD || f->kind == SLOWBAD || (f->kind == FLAKY && f->argument > 0))
		v->code = EIO;
	if (f->kind == FLAKY && f->argument > 0)
		f->argument--;
}

static struct verdict judge(uint64_t offset, size_t len)
{
	struct verdict v = {0, 0};

	disk.reads++;
	die_when_due(len);
	if (is_set("gone"))
		v.code = ENODEV;
	else if (is_set("dead"))
		v.code = EIO;
	for (size_t i = 0; v.code != ENODEV && i < disk.faults; i++) {
		struct fault *f = &disk.fault[i];

		if (offset < f->end && offset + len > f->begin)
			apply(&v, f);
	}
	if (v.code == 0)
		disk.bytes += len;
	return v;
}

static void note(uint64_t offset, size_t len, ssize_t result)
{
	struct timespec now;
	const char *word = "ok";

	if (result < 0)
		word = strerrorname_np((int)-result);
	else if ((size_t)result < len)
		word = "short";
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	(void)fprintf(disk.log, "%.3f %" PRIu64 " %zu %s\n",
	              (double)(now.tv_sec - disk.start.tv_sec) +
	                      (double)(now.tv_nsec - disk.start.tv_nsec) / 1e9,
	              offset, len, word);
}

static ssize_t read_backing(char *buf, size_t len, uint64_t offset)
{
	const uint64_t size = size_now();
	ssize_t n;

	if (offset >= size)
		return 0;
	if (len > size - offset)
		len = (size_t)(size - offset);
	n = pread(disk.backing, buf, len, (off_t)offset);
	return n < 0 ? -errno : n;
}

static int disk_read(const char *path, char *buf, size_t len, off_t offset,
                     struct fuse_file_info *info)
{
	struct verdict v;
	struct timespec delay;
	ssize_t n;

	(void)path;
	(void)info;
	(void)pthread_mutex_lock(&disk.lock);
	v = judge((uint64_t)offset, len);
	(void)pthread_mutex_unlock(&disk.lock);
	delay = (struct timespec){v.delay / 1000, (long)(v.delay % 1000) * 1000000};
	(void)nanosleep(&delay, NULL);
	n = v.code != 0 ? -v.code : read_backing(buf, len, (uint64_t)offset);
	(void)pthread_mutex_lock(&disk.lock);
	note((uint64_t)offset, len, n);
	(void)pthread_mutex_unlock(&disk.lock);
	return (int)n;
}

static int disk_getattr(const char *path, struct stat *st, struct fuse_file_info *info)
{
	(void)info;
	*st = (struct stat){.st_nlink = 1};
	if (strcmp(path, "/") == 0)
		st->st_mode = S_IFDIR | 0755;
	else
		st->st_mode = S_IFREG | 0444;
	st->st_size = (off_t)size_now();
	return strcmp(path, "/") == 0 || strcmp(path, "/disk") == 0 ? 0 : -ENOENT;
}

static int disk_readdir(const char *path, void *buf, fuse_fill_dir_t fill, off_t offset,
                        struct fuse_file_info *info, enum fuse_readdir_flags flags)
{
	(void)path;
	(void)offset;
	(void)info;
	(void)flags;
	return fill(buf, "disk", NULL, 0, (enum fuse_fill_dir_flags)0) != 0 ? -ENOMEM : 0;
}

/* Nothing of it is cached: each read comes here, and its size is asked for each time. */
static void *disk_init(struct fuse_conn_info *connection, struct fuse_config *config)
{
	(void)connection;
	config->direct_io = 1;
	config->attr_timeout = 0;
	return NULL;
}

/* ---- the file of faults ---- */

static bool take_range(const char *word, uint64_t sector, uint64_t start, uint64_t count,
                       unsigned argument)
{
	static const char *const names[] = {"bad", "slow", "slowbad", "flaky"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(word, names[i]) != 0 || disk.faults == MOST_FAULTS)
			continue;
		disk.fault[disk.faults++] = (struct fault){(enum kind)i, start * sector,
		                                           (start + count) * sector, argument};
		return true;
	}
	return false;
}

static bool take_line(const char *line, uint64_t *sector)
{
	char word[16];
	uint64_t a, b = 0;
	unsigned c = 0;

	if (sscanf(line, "sector %" SCNu64, &a) == 1) {
		*sector = a;
		return true;
	}
	if (sscanf(line, "dies reads %" SCNu64, &disk.dies_reads) == 1 ||
	    sscanf(line, "dies bytes %" SCNu64, &disk.dies_bytes) == 1)
		return true;
	if (sscanf(line, "goes bytes %" SCNu64, &disk.dies_bytes) == 1) {
		disk.goes = true;
		return true;
	}
	return sscanf(line, "%15s %" SCNu64 " %" SCNu64 " %u", word, &a, &b, &c) >= 3 &&
	       take_range(word, *sector, a, b, c);
}

/* A line that is not understood would be a disk that is healthier than its test believes. */
static bool read_faults(const char *path)
{
	FILE *f = fopen(path, "re");
	char line[256];
	uint64_t sector = 512;
	bool good = f != NULL;

	while (good && fgets(line, sizeof line, f) != NULL) {
		good = line[0] == '#' || line[0] == '\n' || take_line(line, &sector);
		if (!good)
			(void)fprintf(stderr, "failing_disk: not a fault: %s", line);
	}
	if (f != NULL)
		(void)fclose(f);
	return good;
}

static bool open_all(const char *backing, const char *control)
{
	struct stat st;
	int log;

	disk.backing = open(backing, O_RDONLY | O_CLOEXEC);
	disk.control = open(control, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (disk.backing < 0 || disk.control < 0 || fstat(disk.backing, &st) != 0)
		return false;
	disk.size = (uint64_t)st.st_size;
	log = openat(disk.control, "log", O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
	disk.log = log < 0 ? NULL : fdopen(log, "a");
	/* A line is in the file before the read is answered. */
	return disk.log != NULL && setvbuf(disk.log, NULL, _IOLBF, BUFSIZ) == 0;
}

int main(int argc, char **argv)
{
	static const struct fuse_operations operations = {
		.init = disk_init,
		.getattr = disk_getattr,
		.readdir = disk_readdir,
		.read = disk_read,
	};

	if (argc != 5) {
		(void)fprintf(stderr, "usage: failing_disk BACKING FAULTS CONTROL MOUNTPOINT\n");
		return 2;
	}
	if (!open_all(argv[1], argv[3]) || !read_faults(argv[2])) {
		perror("failing_disk");
		return 1;
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &disk.start);
	return fuse_main(2, ((char *[]){argv[0], argv[4], NULL}), &operations, NULL);
}
