/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A raw image in parts: NAME.001, NAME.002 ...; NAME.000, NAME.001 ...; NAME.aa, NAME.ab ...; with
 * three letters likewise.
 *
 * Parts follow each other by name. What must not happen is that a part is missing and the rest
 * moves up unnoticed: so a gap in the names, and a part of another size than the first before the
 * last one, are errors.
 */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/check.h"
#include "image/driver.h"
#include "image/faults.h"
#include "image/media.h"

#define PARTS_MAX 20000u

struct part {
	athar_media media;
	uint64_t begin, size;
};

struct split {
	struct part *part;
	size_t parts, capacity;
};

/* How the parts of a set are named: what is common, and how the rest counts. */
struct naming {
	const char *path;
	size_t stem; /* length of the path up to and with the dot */
	size_t width;
	bool letters;
	uint64_t given; /* what the path counts as */
};

static bool all(const char *text, size_t len, char low, char high)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] < low || text[i] > high)
			return false;
	return len > 0;
}

static uint64_t count_of(const char *text, size_t len, bool letters)
{
	uint64_t n = 0;

	for (size_t i = 0; i < len; i++)
		n = letters ? n * 26 + (uint64_t)(text[i] - 'a')
		            : n * 10 + (uint64_t)(text[i] - '0');
	return n;
}

/* Three digits or more; two or three letters. */
static bool parse_suffix(struct naming *n, const char *suffix, size_t len)
{
	if (len >= 3 && len <= 5 && all(suffix, len, '0', '9'))
		n->letters = false;
	else if ((len == 2 || len == 3) && all(suffix, len, 'a', 'z'))
		n->letters = true;
	else
		return false;
	n->width = len;
	n->given = count_of(suffix, len, n->letters);
	return true;
}

static bool parse_name(struct naming *n, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *dot = strrchr(path, '.');

	if (dot == NULL || (slash != NULL && dot < slash))
		return false;
	n->path = path;
	n->stem = (size_t)(dot - path) + 1;
	return parse_suffix(n, dot + 1, strlen(dot + 1));
}

/* The name of the part that counts as `number`, malloc'd. Past 999 digits become four. */
static char *name_of(const struct naming *n, uint64_t number, athar_error *err)
{
	char letters[4] = {0};

	if (!n->letters)
		return athar_format_text(err, "%.*s%0*llu", (int)n->stem, n->path, (int)n->width,
		                         (unsigned long long)number);
	for (size_t i = n->width; i-- > 0; number /= 26)
		letters[i] = (char)('a' + number % 26);
	return athar_format_text(err, "%.*s%s", (int)n->stem, n->path, letters);
}

static bool exists(const struct naming *n, uint64_t number)
{
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) char *name = name_of(n, number, &err);
	struct stat st;

	return name != NULL && stat(name, &st) == 0;
}

/* .001 speaks for itself; 000, aa and later parts do where their neighbours are. */
static int split_bid(athar_bytes head, const char *path, unsigned mode)
{
	struct naming n;

	(void)head;
	if (!S_ISREG(mode) || !parse_name(&n, path))
		return 0;
	if (!n.letters && n.given == 1)
		return 8;
	if (n.given == 0)
		return exists(&n, 1) || exists(&n, 2) ? 8 : 0;
	return exists(&n, 0) || (!n.letters && exists(&n, 1)) || exists(&n, n.given - 1) ? 8 : 0;
}

static athar_status open_part(struct split *s, const char *path, athar_error *err)
{
	struct part *p;

	ATHAR_TRY(athar_grow(&s->part, &s->capacity, s->parts + 1, sizeof *s->part, err));
	p = &s->part[s->parts];
	*p = (struct part){ATHAR_MEDIA_INIT, 0, 0};
	s->parts++;
	ATHAR_TRY(athar_media_open(&p->media, path, err));
	ATHAR_TRY(athar_media_size(&p->size, &p->media, err));
	if (p->size == 0)
		return athar_fail(err, ATHAR_EFORMAT, "%s is empty: a part of the image is lost",
		                  path);
	return ATHAR_OK;
}

static athar_status open_parts(struct split *s, const struct naming *n, uint64_t *next,
                               athar_error *err)
{
	for (*next = n->given;; ++*next) {
		ATHAR_AUTO(free) char *name = name_of(n, *next, err);
		struct stat st;

		if (name == NULL)
			return err->status;
		if (stat(name, &st) != 0 && errno == ENOENT)
			return ATHAR_OK;
		if (s->parts == PARTS_MAX)
			return athar_fail(err, ATHAR_ELIMIT, "%s: more than %u parts", n->path,
			                  PARTS_MAX);
		ATHAR_TRY(open_part(s, name, err));
	}
}

/* Does this file name belong to the set, and to a place after `next`? */
static bool is_later(const struct naming *n, const char *stem, const char *file, uint64_t next)
{
	const size_t len = strlen(stem);
	struct naming other = {0};

	return strncmp(file, stem, len) == 0 &&
	       parse_suffix(&other, file + len, strlen(file + len)) &&
	       other.letters == n->letters &&
	       (n->letters ? other.width == n->width : other.width >= n->width) &&
	       other.given > next;
}

/* A part after the first missing one shows that it is missing. */
static athar_status check_gap(const struct naming *n, uint64_t next, athar_error *err)
{
	const char *slash = strrchr(n->path, '/');
	const size_t folder_len = slash == NULL ? 0 : (size_t)(slash - n->path) + 1;
	ATHAR_AUTO(free) char *folder = athar_format_text(err, "%.*s.", (int)folder_len, n->path);
	ATHAR_AUTO(free)
	char *stem =
		athar_format_text(err, "%.*s", (int)(n->stem - folder_len), n->path + folder_len);
	ATHAR_AUTO(free) char *missing = name_of(n, next, err);
	athar_status status = ATHAR_OK;
	DIR *dir;

	if (folder == NULL || stem == NULL || missing == NULL)
		return err->status;
	dir = opendir(folder);
	if (dir == NULL)
		return athar_fail_errno(err, "cannot list %s", folder);
	for (struct dirent *e = readdir(dir); e != NULL && status == ATHAR_OK; e = readdir(dir))
		if (is_later(n, stem, e->d_name, next))
			status = athar_fail(err, ATHAR_EFORMAT,
			                    "%s is missing, and %s is there: put all parts into "
			                    "one folder",
			                    missing, e->d_name);
	(void)closedir(dir);
	return status;
}

static athar_status check_first(const struct naming *n, athar_error *err)
{
	ATHAR_AUTO(free) char *before = NULL;

	if (n->given == 0 || !exists(n, n->given - 1)) {
		if (n->given <= 1 && !(n->letters && n->given == 1))
			return ATHAR_OK;
		return athar_fail(err, ATHAR_EFORMAT,
		                  "%s is a later part of an image, and the part before it is "
		                  "missing",
		                  n->path);
	}
	before = name_of(n, n->given - 1, err);
	if (before == NULL)
		return err->status;
	return athar_fail(err, ATHAR_EUSAGE, "%s is a later part: name the first one (%s is there)",
	                  n->path, before);
}

static athar_status place_parts(struct split *s, uint64_t *size, athar_error *err)
{
	*size = 0;
	for (size_t i = 0; i < s->parts; i++) {
		struct part *p = &s->part[i];

		if (i > 0 && i + 1 < s->parts && p->size != s->part[0].size)
			return athar_fail(
				err, ATHAR_EFORMAT,
				"%s has %llu bytes and the parts before it %llu: it is cut "
				"or belongs elsewhere",
				p->media.path, (unsigned long long)p->size,
				(unsigned long long)s->part[0].size);
		p->begin = *size;
		if (!athar_add(*size, p->size, size) || *size > INT64_MAX)
			return athar_fail(err, ATHAR_ELIMIT, "%s: the parts are too large together",
			                  s->part[0].media.path);
	}
	return ATHAR_OK;
}

static athar_status split_open(athar_source *source, const char *path, athar_error *err)
{
	struct split *s = athar_alloc(sizeof *s, err);
	struct naming n;
	uint64_t next;

	if (s == NULL)
		return err->status;
	source->state = s;
	if (!parse_name(&n, path))
		return athar_fail(err, ATHAR_EUSAGE, "%s is not named like a part", path);
	ATHAR_TRY(check_first(&n, err));
	ATHAR_TRY(open_parts(s, &n, &next, err));
	ATHAR_TRY(check_gap(&n, next, err));
	ATHAR_TRY(place_parts(s, &source->info.size, err));
	source->info.segments = s->parts;
	return ATHAR_OK;
}

static void split_close(athar_source *source)
{
	struct split *s = source->state;

	if (s == NULL)
		return;
	for (size_t i = 0; i < s->parts; i++)
		athar_media_close(&s->part[i].media);
	free(s->part);
	free(s);
}

/* The first thing that is wrong with the parts, by name. */
static athar_status find_fault(athar_fault_sink *sink, struct split *s, const struct naming *n)
{
	athar_error why = ATHAR_ERROR_INIT;
	athar_fault_kind kind = ATHAR_FAULT_MISSING;
	uint64_t next = 0, size = 0;
	athar_status status = check_first(n, &why);

	if (status == ATHAR_OK) {
		kind = ATHAR_FAULT_CUT;
		status = open_parts(s, n, &next, &why);
	}
	if (status == ATHAR_OK) {
		kind = ATHAR_FAULT_MISSING;
		status = check_gap(n, next, &why);
	}
	if (status == ATHAR_OK) {
		kind = ATHAR_FAULT_SIZE;
		status = place_parts(s, &size, &why);
	}
	if (status == ATHAR_EFORMAT)
		athar_fault_tell(sink, kind, "%s", why.text);
	return ATHAR_OK;
}

/* What is no fault of the parts shows when they are opened. */
static athar_status split_faults(athar_fault_sink *sink, const char *path, athar_error *err)
{
	athar_source scratch = {.state = athar_alloc(sizeof(struct split), err)};
	athar_status status = ATHAR_ENOMEM;
	struct naming n;

	if (scratch.state != NULL)
		status = parse_name(&n, path) ? find_fault(sink, scratch.state, &n) : ATHAR_OK;
	split_close(&scratch);
	return status;
}

static const struct part *part_of(const struct split *s, uint64_t offset)
{
	size_t low = 0, high = s->parts;

	while (high - low > 1) {
		const size_t middle = low + (high - low) / 2;

		if (s->part[middle].begin <= offset)
			low = middle;
		else
			high = middle;
	}
	return &s->part[low];
}

static athar_status split_read(athar_source *source, void *buf, size_t len, uint64_t offset,
                               athar_runs *bad, athar_error *err)
{
	const struct part *p = part_of(source->state, offset);

	for (size_t done = 0; done < len; p++) {
		const uint64_t at = offset + done;
		const size_t piece = (size_t)athar_min(len - done, p->begin + p->size - at);

		ATHAR_TRY(athar_media_read(&p->media, (uint8_t *)buf + done, piece, at - p->begin,
		                           at, bad, err));
		done += piece;
	}
	return ATHAR_OK;
}

static const char *split_segment(athar_source *source, uint64_t offset)
{
	return part_of(source->state, offset)->media.path;
}

const athar_source_driver athar_source_split = {
	.name = "split",
	.summary = "raw image in parts (.001, .002, ...; .aa, .ab, ...)",
	.bid = split_bid,
	.open = split_open,
	.read = split_read,
	.close = split_close,
	.segment = split_segment,
	.faults = split_faults,
};
