/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * E01 as EnCase 6 has it, written by libewf. Chunks come packed: libewf only places them, keeps the
 * tables and writes the sections around.
 *
 * The same media, settings and stated times give the same bytes: libewf would else take the time
 * of day and a random set id.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libewf.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/files.h"
#include "digest/digest.h"
#include "image/ewf.h"
#include "image/sink.h"

#define CHUNK 32768u
#define SEGMENT_DEFAULT UINT64_C(2146435072) /* 2047 MiB: offsets in tables have 31 bits */
#define SEGMENT_MIN UINT64_C(1048576)
#define CHUNKS_MAX UINT64_C(0x7FFFFFFF)
#define CHUNK_OVERHEAD 16 /* checksum, entry in the table and in its copy */
#define SEGMENT_OVERHEAD 8192
#define IMAGE_OVERHEAD (UINT64_C(4) << 20) /* headers, hashes, error table */
#define LOOK_EVERY (UINT64_C(32) << 20)    /* bytes between two looks for new segment files */

struct ewf {
	libewf_handle_t *handle;
	char *first;     /* path of the first file */
	uint64_t media;  /* bytes put */
	uint64_t padded; /* bytes the image has */
	uint64_t unseen; /* stored bytes since the segments were counted */
	uint32_t sector;
};

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
	return athar_fail(err, ATHAR_EIO, "%s: cannot %s: libewf: %.150s%s%.120s", path, what,
	                  first, last == NULL ? "" : "; ", last == NULL ? "" : last + 1);
}

static uint32_t sector_of(const athar_sink_spec *spec)
{
	return spec->sector_size == 0 ? 512 : spec->sector_size;
}

static uint64_t segment_of(const athar_sink_spec *spec)
{
	return spec->segment_size == 0 ? SEGMENT_DEFAULT : spec->segment_size;
}

static uint64_t ewf_worst(const athar_sink_spec *spec)
{
	const uint64_t segment = athar_max(segment_of(spec), SEGMENT_MIN);
	const uint64_t padded = athar_round_up(spec->media_size, sector_of(spec));
	const uint64_t stored = padded + (padded / CHUNK + 1) * CHUNK_OVERHEAD + IMAGE_OVERHEAD;

	/* A segment is closed when the next chunk might not fit: one chunk may be left over. */
	return stored + (stored / (segment - CHUNK - SEGMENT_OVERHEAD) + 1) * SEGMENT_OVERHEAD;
}

static athar_status check_sizes(const athar_sink_spec *spec, athar_error *err)
{
	const uint64_t segment = segment_of(spec);

	if (sector_of(spec) < 512 || CHUNK % sector_of(spec) != 0)
		return athar_fail(err, ATHAR_EREFUSED,
		                  "an E01 cannot hold sectors of %u bytes: use --format raw",
		                  spec->sector_size);
	if (segment < SEGMENT_MIN || segment > SEGMENT_DEFAULT)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "the files of an E01 have from 1 MiB to 2047 MiB, not %llu bytes",
		                  (unsigned long long)segment);
	if (ewf_worst(spec) / segment >= ATHAR_EWF_SEGMENTS_MAX ||
	    spec->media_size / CHUNK >= CHUNKS_MAX)
		return athar_fail(err, ATHAR_EREFUSED,
		                  "the image could need more than %u files of %llu bytes: choose a "
		                  "larger --segment-size or --format raw",
		                  ATHAR_EWF_SEGMENTS_MAX, (unsigned long long)segment);
	return ATHAR_OK;
}

/* libewf overwrites what has the name of a segment: so none may be there. */
static athar_status check_free(const athar_sink_spec *spec, athar_error *err)
{
	const size_t len = strlen(spec->name);
	athar_status status = ATHAR_OK;
	DIR *dir = opendir(spec->folder);

	if (dir == NULL)
		return athar_fail_errno(err, "cannot list %s", spec->folder);
	for (struct dirent *e = readdir(dir); e != NULL && status == ATHAR_OK; e = readdir(dir))
		if (strncmp(e->d_name, spec->name, len) == 0 && e->d_name[len] == '.' &&
		    strlen(e->d_name) == len + 4 && e->d_name[len + 1] >= 'E' &&
		    e->d_name[len + 1] <= 'Z')
			status = athar_fail(err, ATHAR_EREFUSED,
			                    "%s/%s exists: nothing is overwritten", spec->folder,
			                    e->d_name);
	(void)closedir(dir);
	return status;
}

/* A value of a header: a tab or a line's end would shift all that follow. */
static athar_status set_value(struct ewf *w, const char *key, const char *value, athar_error *err)
{
	ATHAR_AUTO(free) char *clean = NULL;
	libewf_error_t *e = NULL;

	if (value == NULL || value[0] == '\0')
		return ATHAR_OK;
	clean = athar_copy_text(value, err);
	if (clean == NULL)
		return err->status;
	for (char *p = clean; *p != '\0'; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	if (libewf_handle_set_utf8_header_value(w->handle, (const uint8_t *)key, strlen(key),
	                                        (uint8_t *)clean, strlen(clean), &e) != 1)
		return fail_ewf(&e, w->first, "set the case fields", err);
	return ATHAR_OK;
}

static athar_status set_values(struct ewf *w, const athar_sink_fields *f, athar_error *err)
{
	char date[32];

	/* The newer of the two headers, the one that tools read, has Unix times. */
	snprintf(date, sizeof date, "%lld", (long long)f->acquired);
	ATHAR_TRY(set_value(w, "case_number", f->case_number, err));
	ATHAR_TRY(set_value(w, "evidence_number", f->evidence_number, err));
	ATHAR_TRY(set_value(w, "description", f->description, err));
	ATHAR_TRY(set_value(w, "examiner_name", f->examiner, err));
	ATHAR_TRY(set_value(w, "notes", f->notes, err));
	ATHAR_TRY(set_value(w, "model", f->model, err));
	ATHAR_TRY(set_value(w, "serial_number", f->serial, err));
	ATHAR_TRY(set_value(w, "acquiry_software_version", f->software, err));
	ATHAR_TRY(set_value(w, "acquiry_operating_system", "Linux", err));
	ATHAR_TRY(set_value(w, "acquiry_date", date, err));
	return set_value(w, "system_date", date, err);
}

/* The set id binds the files of a set; ours follows from what the set is. */
static athar_status make_id(uint8_t id[16], const athar_sink_spec *spec, athar_error *err)
{
	const athar_sink_fields *f = &spec->fields;
	ATHAR_AUTO(free) char *text = NULL;
	uint8_t hash[32];

#define OR_NONE(x) ((x) == NULL ? "" : (x))
	text = athar_format_text(err, "athar\n%s\n%llu\n%u\n%llu\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%lld",
	                         spec->name, (unsigned long long)spec->media_size,
	                         spec->sector_size, (unsigned long long)segment_of(spec),
	                         OR_NONE(f->case_number), OR_NONE(f->evidence_number),
	                         OR_NONE(f->description), OR_NONE(f->examiner), OR_NONE(f->notes),
	                         OR_NONE(f->model), OR_NONE(f->serial), (long long)f->acquired);
#undef OR_NONE
	if (text == NULL)
		return err->status;
	ATHAR_TRY(athar_digest_sha256_raw(hash, text, strlen(text), err));
	memcpy(id, hash, 16);
	id[6] = (uint8_t)(0x80 | (id[6] & 0x0F)); /* a UUID of version 8: made by its own rules */
	id[8] = (uint8_t)(0x80 | (id[8] & 0x3F));
	return ATHAR_OK;
}

static athar_status set_media(struct ewf *w, const athar_sink_spec *spec, athar_error *err)
{
	static const int8_t levels[] = {LIBEWF_COMPRESSION_NONE, LIBEWF_COMPRESSION_FAST,
	                                LIBEWF_COMPRESSION_BEST};
	libewf_handle_t *h = w->handle;
	libewf_error_t *e = NULL;
	uint8_t id[16];

	ATHAR_TRY(make_id(id, spec, err));
	if (libewf_handle_set_format(h, LIBEWF_FORMAT_ENCASE6, &e) != 1 ||
	    libewf_handle_set_media_size(h, w->padded, &e) != 1 ||
	    libewf_handle_set_bytes_per_sector(h, w->sector, &e) != 1 ||
	    libewf_handle_set_sectors_per_chunk(h, CHUNK / w->sector, &e) != 1 ||
	    libewf_handle_set_maximum_segment_size(h, segment_of(spec), &e) != 1 ||
	    libewf_handle_set_compression_values(h, levels[spec->compression], 0, &e) != 1 ||
	    libewf_handle_set_media_type(
		    h, spec->removable ? LIBEWF_MEDIA_TYPE_REMOVABLE : LIBEWF_MEDIA_TYPE_FIXED,
		    &e) != 1 ||
	    libewf_handle_set_media_flags(h, LIBEWF_MEDIA_FLAG_PHYSICAL, &e) != 1 ||
	    libewf_handle_set_segment_file_set_identifier(h, id, sizeof id, &e) != 1 ||
	    libewf_handle_set_header_codepage(h, LIBEWF_CODEPAGE_WINDOWS_1256, &e) != 1)
		return fail_ewf(&e, w->first, "set what the image is", err);
	return set_values(w, &spec->fields, err);
}

static athar_status ewf_open(athar_sink *sink, const athar_sink_spec *spec, athar_error *err)
{
	ATHAR_AUTO(free) char *base = NULL;
	libewf_error_t *e = NULL;
	struct ewf *w;

	ATHAR_TRY(check_sizes(spec, err));
	ATHAR_TRY(check_free(spec, err));
	sink->state = w = athar_alloc(sizeof *w, err);
	if (w == NULL)
		return err->status;
	w->sector = sector_of(spec);
	w->padded = athar_round_up(spec->media_size, w->sector);
	base = athar_join(spec->folder, spec->name, err);
	w->first = athar_format_text(err, "%s/%s.E01", spec->folder, spec->name);
	if (base == NULL || w->first == NULL)
		return err->status;
	if (libewf_handle_initialize(&w->handle, &e) != 1 ||
	    libewf_handle_open(w->handle, &base, 1, LIBEWF_OPEN_WRITE, &e) != 1)
		return fail_ewf(&e, w->first, "make the image", err);
	return set_media(w, spec, err);
}

static athar_status ewf_pack(athar_chunk *chunk, athar_packer *packer, const uint8_t *media,
                             size_t len, athar_error *err)
{
	if (len > CHUNK || len > chunk->capacity)
		return athar_fail(err, ATHAR_EUSAGE, "a chunk has room for %u bytes, not %zu",
		                  CHUNK, len);
	chunk->media = len;
	chunk->damaged = false;
	chunk->sum = 0;
	chunk->length = packer == NULL ? 0
	                               : athar_packer_deflate(packer, chunk->data, chunk->capacity,
	                                                      media, len);
	chunk->packed = chunk->length != 0;
	if (chunk->packed)
		return ATHAR_OK;
	memcpy(chunk->data, media, len);
	chunk->length = len;
	chunk->sum = athar_adler32(1, media, len);
	return ATHAR_OK;
}

/* Which files libewf has made by now. */
static athar_status count_segments(athar_sink *sink, struct ewf *w, athar_error *err)
{
	w->unseen = 0;
	for (;;) {
		ATHAR_AUTO(free) char *name = NULL;
		struct stat st;

		ATHAR_TRY(athar_ewf_name(&name, w->first, (uint32_t)sink->segments + 1, err));
		if (lstat(name, &st) != 0)
			return ATHAR_OK;
		sink->segments++;
	}
}

/* libewf does not pass on what the system said; that the disk is full can be seen. */
static athar_status fail_write(const athar_sink *sink, libewf_error_t **e, const char *what,
                               athar_error *err)
{
	const struct ewf *w = sink->state;
	struct statvfs fs;

	if (statvfs(sink->spec.folder, &fs) != 0 ||
	    (uint64_t)fs.f_bavail * fs.f_frsize >= LOOK_EVERY)
		return fail_ewf(e, w->first, what, err);
	libewf_error_free(e);
	return athar_fail(err, ATHAR_EIO, "%s: cannot %s: the disk is full (%llu bytes are left)",
	                  w->first, what, (unsigned long long)fs.f_bavail * fs.f_frsize);
}

static athar_status ewf_put(athar_sink *sink, const athar_chunk *chunk, athar_error *err)
{
	struct ewf *w = sink->state;
	libewf_error_t *e = NULL;
	uint8_t room[4]; /* libewf writes the checksum here before it goes to the file */

	if (chunk->media > w->padded - w->media ||
	    (chunk->media != CHUNK && chunk->media != w->padded - w->media))
		return athar_fail(err, ATHAR_EUSAGE, "more or other bytes than the image has");
	if (libewf_handle_write_chunk(w->handle, chunk->data, chunk->length, chunk->media,
	                              chunk->packed ? 1 : 0, room, chunk->sum,
	                              chunk->packed ? 0 : 1, &e) <= 0)
		return fail_write(sink, &e, "write", err);
	w->media += chunk->media;
	w->unseen += chunk->length;
	if (sink->segments == 0 || w->unseen >= athar_min(LOOK_EVERY, segment_of(&sink->spec) / 2))
		return count_segments(sink, w, err);
	return ATHAR_OK;
}

/* The table of an E01 counts sectors in 32 bits: what lies beyond is in the map and the record
 * beside the image. */
static athar_status ewf_bad(athar_sink *sink, const athar_runs *bad, athar_error *err)
{
	struct ewf *w = sink->state;
	libewf_error_t *e = NULL;

	for (size_t i = 0; i < bad->count; i++) {
		const athar_run *run = &bad->run[i];
		const uint64_t first = run->offset / w->sector;
		const uint64_t end = (run->offset + run->length + w->sector - 1) / w->sector;

		if (run->kind < ATHAR_RUN_UNREAD || first >= UINT32_MAX)
			continue;
		if (libewf_handle_append_acquiry_error(w->handle, first,
		                                       athar_min(end, UINT32_MAX) - first, &e) != 1)
			return fail_ewf(&e, w->first, "note unreadable sectors", err);
	}
	return ATHAR_OK;
}

static athar_status set_hashes(struct ewf *w, const athar_digests *media, athar_error *err)
{
	static const struct {
		unsigned algorithm;
		const char *key;
	} kept[] = {{ATHAR_MD5, "MD5"}, {ATHAR_SHA1, "SHA1"}};
	libewf_error_t *e = NULL;

	for (size_t i = 0; i < ATHAR_COUNT(kept); i++) {
		const char *hex = athar_digests_get(media, kept[i].algorithm);

		if (hex == NULL || hex[0] == '\0')
			continue;
		if (libewf_handle_set_utf8_hash_value(w->handle, (const uint8_t *)kept[i].key,
		                                      strlen(kept[i].key), (const uint8_t *)hex,
		                                      strlen(hex), &e) != 1)
			return fail_ewf(&e, w->first, "store the hashes", err);
	}
	return ATHAR_OK;
}

/* Private and durable. */
static athar_status seal(const char *path, athar_error *err)
{
	ATHAR_AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 || fchmod(fd, 0600) != 0 || fsync(fd) != 0)
		return athar_fail_errno(err, "cannot finish %s", path);
	return ATHAR_OK;
}

static athar_status seal_all(athar_sink *sink, struct ewf *w, athar_error *err)
{
	ATHAR_TRY(count_segments(sink, w, err));
	for (size_t i = 1; i <= sink->segments; i++) {
		ATHAR_AUTO(free) char *name = NULL;

		ATHAR_TRY(athar_ewf_name(&name, w->first, (uint32_t)i, err));
		ATHAR_TRY(seal(name, err));
	}
	return athar_folder_sync(sink->spec.folder, err);
}

static athar_status ewf_commit(athar_sink *sink, const athar_digests *media, athar_error *err)
{
	struct ewf *w = sink->state;
	libewf_error_t *e = NULL;

	if (w->media != w->padded)
		return athar_fail(err, ATHAR_EUSAGE, "the image got %llu of its %llu bytes",
		                  (unsigned long long)w->media, (unsigned long long)w->padded);
	ATHAR_TRY(set_hashes(w, media, err));
	if (libewf_handle_write_finalize(w->handle, &e) < 0 ||
	    libewf_handle_close(w->handle, &e) != 0)
		return fail_write(sink, &e, "finish the image", err);
	return seal_all(sink, w, err);
}

static void remove_segments(athar_sink *sink, struct ewf *w)
{
	athar_error err = ATHAR_ERROR_INIT;

	(void)count_segments(sink, w, &err);
	for (size_t i = 1; i <= sink->segments; i++) {
		ATHAR_AUTO(free) char *name = NULL;

		if (athar_ewf_name(&name, w->first, (uint32_t)i, &err) == ATHAR_OK)
			(void)unlink(name);
	}
}

static void ewf_abandon(athar_sink *sink)
{
	struct ewf *w = sink->state;

	if (w == NULL)
		return;
	/* Freeing closes; that it may fail to write is of no matter here. Only a handle that was
	 * made can have made files. */
	if (w->handle != NULL) {
		(void)libewf_handle_free(&w->handle, NULL);
		if (!sink->committed)
			remove_segments(sink, w);
	}
	free(w->first);
	free(w);
	sink->state = NULL;
}

const athar_sink_driver athar_sink_ewf = {
	.name = "ewf",
	.chunk_size = CHUNK,
	.open = ewf_open,
	.pack = ewf_pack,
	.put = ewf_put,
	.bad = ewf_bad,
	.commit = ewf_commit,
	.abandon = ewf_abandon,
	.worst = ewf_worst,
};
