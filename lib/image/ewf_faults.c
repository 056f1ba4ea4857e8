/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The files of an E01 set, one after the other: is each there, and is none there that should not
 * be?
 */
#include "image/ewf_faults.h"

#include <dirent.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/check.h"

static bool is_present(const athar_ewf_look *s, uint32_t number)
{
	return (s->present[number / 8] & 1u << number % 8) != 0;
}

/* Number of the file whose last two characters these are, with the case of `first`; 0: none. */
static uint32_t number_of(const char *first, const char suffix[3])
{
	const char low = first[0] >= 'a' ? 'a' : 'A';
	const bool tens = suffix[1] >= '0' && suffix[1] <= '9';
	uint32_t letter, middle, right;

	if (tens && suffix[2] >= '0' && suffix[2] <= '9')
		return suffix[0] == first[0]
		               ? (uint32_t)(suffix[1] - '0') * 10 + (uint32_t)(suffix[2] - '0')
		               : 0;
	letter = (uint32_t)(suffix[0] - first[0]);
	middle = (uint32_t)(suffix[1] - low);
	right = (uint32_t)(suffix[2] - low);
	if (suffix[0] < first[0] || suffix[0] > low + 25 || middle > 25 || right > 25)
		return 0;
	return 100 + letter * 676 + middle * 26 + right;
}

static void note_present(athar_ewf_look *s, const char *file)
{
	const char *own = athar_ewf_base(s->first);
	const size_t len = strlen(own);
	uint32_t number;

	if (strlen(file) != len || strncmp(file, own, len - 3) != 0)
		return;
	number = number_of(own + len - 3, file + len - 3);
	if (number == 0 || number > ATHAR_EWF_SEGMENTS_MAX)
		return;
	s->present[number / 8] |= (uint8_t)(1u << number % 8);
	s->last = (uint32_t)athar_max(s->last, number);
}

static athar_status list_files(athar_ewf_look *s, athar_error *err)
{
	const size_t len = (size_t)(athar_ewf_base(s->first) - s->first);
	ATHAR_AUTO(free) char *folder = athar_format_text(err, "%.*s.", (int)len, s->first);
	DIR *dir;

	if (folder == NULL)
		return err->status;
	dir = opendir(folder);
	if (dir == NULL)
		return athar_fail_errno(err, "cannot list %s", folder);
	for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
		note_present(s, e->d_name);
	(void)closedir(dir);
	return ATHAR_OK;
}

static athar_status tell_missing(athar_ewf_look *s, uint32_t from, uint32_t to, athar_error *err)
{
	ATHAR_AUTO(free) char *a = NULL;
	ATHAR_AUTO(free) char *b = NULL;

	ATHAR_TRY(athar_ewf_name(&a, s->first, from, err));
	ATHAR_TRY(athar_ewf_name(&b, s->first, to, err));
	if (from == to)
		athar_fault_tell(s->sink, ATHAR_FAULT_MISSING, "%s is missing", athar_ewf_base(a));
	else
		athar_fault_tell(s->sink, ATHAR_FAULT_MISSING, "%s to %s are missing: %u files",
		                 athar_ewf_base(a), athar_ewf_base(b), to - from + 1);
	return ATHAR_OK;
}

/* A file behind the end of the set counts as one more, whatever is in it. */
static athar_status tell_extra(athar_ewf_look *s, const char *path, athar_error *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return athar_fail_errno(err, "cannot open %s", path);
	athar_fault_tell(s->sink, ATHAR_FAULT_EXTRA,
	                 "%s (%llu bytes) is there, and the set ends before it",
	                 athar_ewf_base(path), (unsigned long long)st.st_size);
	return ATHAR_OK;
}

static athar_status look_at_files(athar_ewf_look *s, athar_error *err)
{
	uint32_t gap = 0; /* first of the files missing just now */

	for (uint32_t number = 1; number <= s->last; number++) {
		ATHAR_AUTO(free) char *path = NULL;

		if (!is_present(s, number)) {
			gap = gap == 0 ? number : gap;
			continue;
		}
		ATHAR_TRY(athar_ewf_name(&path, s->first, number, err));
		if (gap != 0 && !s->ended)
			ATHAR_TRY(tell_missing(s, gap, number - 1, err));
		gap = 0;
		ATHAR_TRY(s->ended ? tell_extra(s, path, err)
		                   : athar_ewf_look_at(s, path, number, err));
	}
	return s->next > s->last ? tell_missing(s, s->next, s->next, err) : ATHAR_OK;
}

/* Only where nothing else explains it. */
static void check_chunks(const athar_ewf_look *s)
{
	if (s->sink->told != 0 || !s->begun)
		return;
	if (!s->has_volume)
		athar_fault_tell(s->sink, ATHAR_FAULT_STRUCTURE,
		                 "%s has no volume section: it is damaged or holds no medium",
		                 athar_ewf_base(s->first));
	else if (s->placed != s->need)
		athar_fault_tell(s->sink, ATHAR_FAULT_SIZE,
		                 "the tables place %llu chunks, and the medium has %llu",
		                 (unsigned long long)s->placed, (unsigned long long)s->need);
}

/* Names that do not count, like a copy called image.bak, have no set to look at. */
athar_status athar_ewf_faults(athar_fault_sink *sink, const char *path, athar_error *err)
{
	ATHAR_AUTO(free) athar_ewf_look *s = athar_alloc(sizeof *s, err);
	ATHAR_AUTO(free) char *first = NULL;
	athar_error unnamed = ATHAR_ERROR_INIT;

	if (s == NULL)
		return err->status;
	s->sink = sink;
	s->first = path;
	if (athar_ewf_name(&first, path, 1, &unnamed) != ATHAR_OK)
		ATHAR_TRY(athar_ewf_look_at(s, path, 1, err));
	else {
		ATHAR_TRY(list_files(s, err));
		ATHAR_TRY(look_at_files(s, err));
	}
	check_chunks(s);
	return ATHAR_OK;
}
