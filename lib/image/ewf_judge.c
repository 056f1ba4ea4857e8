/* SPDX-License-Identifier: BSD-2-Clause */
#include "image/ewf_judge.h"

#include <libewf.h>
#include <string.h>

#include "base/alloc.h"
#include "image/ewf.h"

#define SAMPLE_MAX (1u << 20)

struct judge {
	libewf_handle_t *handle;
	char **name;
	size_t names;
};

static void judge_free(struct judge *j)
{
	if (j->handle != NULL) {
		(void)libewf_handle_close(j->handle, NULL);
		(void)libewf_handle_free(&j->handle, NULL);
	}
	for (size_t i = 0; i < j->names; i++)
		free(j->name[i]);
	free(j->name);
}
ATHAR_DEFINE_AUTO_VALUE(judge, struct judge, judge_free)

/* libewf reports a failure as a list of lines: the first is the cause, the last what was wanted. */
static athar_status fail_ewf(libewf_error_t **e, const char *path, const char *what,
                             athar_error *err)
{
	char lines[4096] = "";
	char *first = lines, *last;
	size_t len;

	if (*e != NULL)
		(void)libewf_error_backtrace_sprint(*e, lines, sizeof lines);
	libewf_error_free(e);
	len = strlen(lines);
	while (len > 0 && lines[len - 1] == '\n')
		lines[--len] = '\0';
	last = strrchr(lines, '\n');
	first[strcspn(first, "\n")] = '\0';
	return athar_fail(err, ATHAR_EFORMAT, "%s: libewf cannot %s: %.150s%s%.120s", path, what,
	                  first, last == NULL ? "" : "; ", last == NULL ? "" : last + 1);
}

static athar_status name_files(struct judge *j, const char *first, size_t segments,
                               athar_error *err)
{
	j->name = athar_alloc_array(segments, sizeof *j->name, err);
	if (j->name == NULL)
		return err->status;
	for (; j->names < segments; j->names++)
		ATHAR_TRY(athar_ewf_name(&j->name[j->names], first, (uint32_t)j->names + 1, err));
	return ATHAR_OK;
}

static athar_status open_set(struct judge *j, const char *first, athar_error *err)
{
	libewf_error_t *e = NULL;

	if (libewf_handle_initialize(&j->handle, &e) != 1 ||
	    libewf_handle_open(j->handle, j->name, (int)j->names, LIBEWF_OPEN_READ, &e) != 1)
		return fail_ewf(&e, first, "open it", err);
	return ATHAR_OK;
}

/* Hex of a hash that the image holds, or nothing. */
static athar_status get_hash(char *out, size_t room, const struct judge *j, const char *key,
                             const char *first, athar_error *err)
{
	libewf_error_t *e = NULL;
	const int found = libewf_handle_get_utf8_hash_value(j->handle, (const uint8_t *)key,
	                                                    strlen(key), (uint8_t *)out, room, &e);

	if (found < 0)
		return fail_ewf(&e, first, "tell the hashes", err);
	if (found == 0)
		out[0] = '\0';
	return ATHAR_OK;
}

static athar_status describe(athar_ewf_judgement *out, const struct judge *j, const char *first,
                             athar_error *err)
{
	libewf_error_t *e = NULL;

	if (libewf_handle_get_media_size(j->handle, &out->media_size, &e) != 1 ||
	    libewf_handle_get_bytes_per_sector(j->handle, &out->sector_size, &e) != 1 ||
	    libewf_handle_get_number_of_acquiry_errors(j->handle, &out->errors, &e) < 0)
		return fail_ewf(&e, first, "describe it", err);
	ATHAR_TRY(get_hash(out->md5, sizeof out->md5, j, "MD5", first, err));
	return get_hash(out->sha1, sizeof out->sha1, j, "SHA1", first, err);
}

static athar_status compare(athar_ewf_judgement *out, const struct judge *j,
                            const athar_bytes *sample, const char *first, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *bytes = athar_alloc(sample->len, err);
	libewf_error_t *e = NULL;

	if (bytes == NULL)
		return err->status;
	if (sample->len > SAMPLE_MAX)
		return athar_fail(err, ATHAR_EUSAGE, "a sample of more than 1 MiB");
	if (libewf_handle_read_random(j->handle, bytes, sample->len, (off64_t)sample->origin, &e) !=
	    (ssize_t)sample->len)
		return fail_ewf(&e, first, "read it", err);
	for (size_t i = 0; i < sample->len && out->differs == ATHAR_NOWHERE; i++)
		if (bytes[i] != sample->ptr[i])
			out->differs = sample->origin + i;
	return ATHAR_OK;
}

/* False: it would take more files or memory than a second opinion is worth. */
static bool is_bounded(athar_ewf_judgement *out, size_t segments, const athar_bytes *samples,
                       size_t count)
{
	if (segments == 0 || segments > ATHAR_EWF_JUDGE_SEGMENTS) {
		snprintf(out->note, sizeof out->note,
		         "libewf was not asked: it opens all %zu files of the set at once",
		         segments);
		return false;
	}
	for (size_t i = 0; i < count; i++)
		if (samples[i].origin > ATHAR_EWF_JUDGE_MEDIA)
			snprintf(out->note, sizeof out->note,
			         "libewf was not asked: it takes much memory for more than 1 TiB");
	return out->note[0] == '\0';
}

athar_status athar_ewf_judge(athar_ewf_judgement *out, const char *first, size_t segments,
                             const athar_bytes *samples, size_t count, athar_error *err)
{
	ATHAR_AUTO(judge) struct judge j = {0};

	*out = (athar_ewf_judgement){.differs = ATHAR_NOWHERE};
	snprintf(out->engine, sizeof out->engine, "%s", libewf_get_version());
	if (!is_bounded(out, segments, samples, count))
		return ATHAR_OK;
	ATHAR_TRY(name_files(&j, first, segments, err));
	ATHAR_TRY(open_set(&j, first, err));
	ATHAR_TRY(describe(out, &j, first, err));
	for (size_t i = 0; i < count; i++)
		ATHAR_TRY(compare(out, &j, &samples[i], first, err));
	out->asked = true;
	return ATHAR_OK;
}
