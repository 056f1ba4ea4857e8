/* SPDX-License-Identifier: BSD-2-Clause */
#include "case/run_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "athar/text.h"
#include "base/alloc.h"
#include "base/files.h"

#define NAME_MOST 180u
#define DEPTH_MOST 64u
#define PATH_MOST 3000u

/* ---- one component ---- */

static bool is_kept(uint8_t c)
{
	return c >= 0x20 && c < 0x7F && strchr("/\\:*?\"<>|%", c) == NULL;
}

static bool is_dots(const uint8_t *name, size_t len)
{
	return (len == 1 && name[0] == '.') || (len == 2 && name[0] == '.' && name[1] == '.');
}

/* The character at name[0]: is it shown as it is? */
static athar_status shows(bool *out, const uint8_t *name, size_t len, athar_error *err)
{
	ATHAR_AUTO(free) char *shown = NULL;

	ATHAR_TRY(athar_text_terminal(&shown, name, len, err));
	*out = strlen(shown) == len && memcmp(shown, name, len) == 0;
	return ATHAR_OK;
}

/* Bytes of the UTF-8 character that begins here; 1 where none does. */
static size_t character(const uint8_t *name, size_t len)
{
	const size_t want = name[0] >= 0xF0 ? 4 : name[0] >= 0xE0 ? 3 : name[0] >= 0xC0 ? 2 : 1;

	return want <= len && athar_text_is_utf8(name, want) ? want : 1;
}

static size_t put_escaped(char *to, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		(void)snprintf(to + 3 * i, 4, "%%%02X", bytes[i]);
	return 3 * len;
}

athar_status athar_run_tree_name(char **out, const uint8_t *name, size_t len, athar_error *err)
{
	ATHAR_AUTO(free) char *made = athar_alloc(NAME_MOST + 16, err);
	const bool dots = is_dots(name, len);
	size_t at = 0;

	if (made == NULL)
		return ATHAR_ENOMEM;
	for (size_t i = 0, step; i < len && at < NAME_MOST; i += step) {
		const bool last = i + 1 == len && (name[i] == '.' || name[i] == ' ');
		bool kept = false;

		step = character(name + i, len - i);
		if (step > 1)
			ATHAR_TRY(shows(&kept, name + i, step, err));
		else
			kept = is_kept(name[i]) && !last && !dots;
		if (kept) {
			memcpy(made + at, name + i, step);
			at += step;
		} else {
			at += put_escaped(made + at, name + i, step);
		}
	}
	made[at] = '\0';
	if (at == 0)
		strcpy(made, "%00");
	*out = ATHAR_GIVE(made);
	return ATHAR_OK;
}

/* ---- the link ---- */

typedef struct place {
	char path[PATH_MOST + NAME_MOST + 64]; /* of the folder so far */
	size_t len, depth;
} place;

static bool append(place *p, const char *slash, const char *name)
{
	const int n = snprintf(p->path + p->len, sizeof p->path - p->len, "%s%s", slash, name);

	if (n < 0 || (size_t)n >= sizeof p->path - p->len || p->len > PATH_MOST)
		return false;
	p->len += (size_t)n;
	return true;
}

/* Makes the folder, or uses it; what is there and is no folder stays beside it. */
static athar_status enter(place *p, const athar_case *c, const char *name, athar_error *err)
{
	struct stat st;
	bool there;

	p->depth++;
	if (!append(p, "/", name))
		return athar_fail(err, ATHAR_ELIMIT, "a path is too long");
	while ((there = lstat(p->path, &st) == 0) && !S_ISDIR(st.st_mode))
		if (!append(p, "", "~"))
			return athar_fail(err, ATHAR_ELIMIT, "a path is too long");
	if (there)
		return ATHAR_OK;
	ATHAR_TRY(athar_folder_create(p->path, err));
	return athar_case_hand_over(c, p->path, err);
}

/* "../../../recovered/000/000001.jpg" */
static athar_status make_link(const place *p, const athar_case *c, const char *name,
                              const athar_item *item, athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_join(p->path, name, err);
	char target[3 * (DEPTH_MOST + 4) + sizeof item->file];
	size_t at = 0;

	if (path == NULL)
		return err->status;
	for (size_t i = 0; i < p->depth; i++)
		at += (size_t)snprintf(target + at, 4, "../");
	(void)snprintf(target + at, sizeof target - at, "%s", item->file);
	if (symlink(target, path) != 0)
		return errno == EEXIST ? ATHAR_EREFUSED
		                       : athar_fail_errno(err, "cannot make %s", path);
	return athar_case_hand_over(c, path, err);
}

/* "photo~12.jpg" */
static athar_status make_other_link(const place *p, const athar_case *c, const char *name,
                                    const athar_item *item, athar_error *err)
{
	const char *dot = strrchr(name, '.');
	const size_t stem = dot == NULL || dot == name ? strlen(name) : (size_t)(dot - name);
	ATHAR_AUTO(free)
	char *other = athar_format_text(err, "%.*s~%llu%s", (int)stem, name,
	                                (unsigned long long)item->number, name + stem);

	if (other == NULL)
		return ATHAR_ENOMEM;
	/* One item of one name twice is one link. */
	athar_status status = make_link(p, c, other, item, err);
	return status == ATHAR_EREFUSED ? ATHAR_OK : status;
}

static athar_status begin(place *p, const athar_case *c, const char *folder, const athar_item *item,
                          athar_error *err)
{
	char volume[32];

	*p = (place){.len = 0};
	(void)snprintf(volume, sizeof volume, "volume-%d", item->volume);
	if (!append(p, "", folder))
		return athar_fail(err, ATHAR_ELIMIT, "a path is too long");
	ATHAR_TRY(enter(p, c, "tree", err));
	return enter(p, c, item->volume < 0 ? "elsewhere" : volume, err);
}

static athar_status add(const athar_case *c, const char *folder, const athar_item *item,
                        athar_error *err)
{
	const uint8_t *name = item->path, *end = item->path + item->path_len;
	ATHAR_AUTO(free) char *last = NULL;
	place p;

	ATHAR_TRY(begin(&p, c, folder, item, err));
	for (const uint8_t *slash; (slash = memchr(name, '/', (size_t)(end - name))) != NULL;
	     name = slash + 1) {
		ATHAR_AUTO(free) char *part = NULL;

		if (slash == name)
			continue;
		if (p.depth >= DEPTH_MOST)
			return athar_fail(err, ATHAR_ELIMIT, "a path is too deep");
		ATHAR_TRY(athar_run_tree_name(&part, name, (size_t)(slash - name), err));
		ATHAR_TRY(enter(&p, c, part, err));
	}
	ATHAR_TRY(athar_run_tree_name(&last, name, (size_t)(end - name), err));
	athar_status status = make_link(&p, c, last, item, err);
	return status == ATHAR_EREFUSED ? make_other_link(&p, c, last, item, err) : status;
}

athar_status athar_run_tree_add(const athar_case *c, const char *folder, const athar_item *item,
                                athar_error *err)
{
	if (item->path == NULL || item->path_len == 0 || item->file[0] == '\0')
		return ATHAR_OK;
	athar_status status = add(c, folder, item, err);
	/* A path that no system can hold is in items.jsonl all the same. */
	return status == ATHAR_ELIMIT ? ATHAR_OK : status;
}

/* ---- its time ---- */

athar_status athar_run_set_time(const char *path, const athar_item *item, athar_error *err)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_nsec = UTIME_OMIT}};

	for (size_t i = 0; i < item->time_count && i < ATHAR_ITEM_TIMES; i++) {
		const athar_item_time *t = &item->times[i];

		if (strcmp(t->meaning, "modified") != 0)
			continue;
		times[1] = (struct timespec){.tv_sec = t->seconds, .tv_nsec = t->nanoseconds};
		break;
	}
	if (times[1].tv_nsec != UTIME_OMIT && utimensat(AT_FDCWD, path, times, 0) != 0)
		return athar_fail_errno(err, "cannot set the time of %s", path);
	return ATHAR_OK;
}
