/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/compare.h"

#include <stdarg.h>
#include <string.h>

/* Entries of each list; what is beyond is counted. */
#define LISTED 1000u

typedef struct matter {
	athar_comparison *out;
	const athar_reading *seen;
	const athar_source_info *image;
	athar_image_files *files;
	unsigned file_hashes; /* said of files by anybody */
	const athar_watcher *watcher;
	const char *by; /* who says it: "container", "log-1.txt" */
	const athar_said *said;
	const athar_pieces *pieces;
} matter;

void athar_comparison_clear(athar_comparison *comparison)
{
	athar_json_free(comparison->differences);
	athar_json_free(comparison->notes);
	*comparison = (athar_comparison){.hashes = 0};
}

static void differ(const matter *m, const char *what, const char *said, const char *seen)
{
	athar_json *o;

	m->out->differs++;
	if (m->out->differs > LISTED)
		return;
	o = athar_json_object();
	athar_json_set_text(o, "by", m->by);
	athar_json_set_text(o, "what", what);
	athar_json_set_text(o, "said", said);
	athar_json_set_text(o, "seen", seen);
	athar_json_append(m->out->differences, o);
}

ATHAR_PRINTF(2, 3) static void note(const matter *m, const char *format, ...)
{
	char text[700];
	va_list args;
	size_t len;

	if (athar_json_count(m->out->notes) >= LISTED)
		return;
	(void)snprintf(text, sizeof text, "%s: ", m->by);
	len = strlen(text);
	va_start(args, format);
	(void)vsnprintf(text + len, sizeof text - len, format, args);
	va_end(args);
	athar_json_append_text(m->out->notes, text);
}

/* ---- hashes ---- */

/* One of the algorithms that it may be, by the length. */
static bool matches(const athar_said_hash *h, const athar_digests *seen)
{
	for (unsigned bit = 0; bit < ATHAR_DIGEST_COUNT; bit++)
		if ((h->algorithms & seen->algorithms & 1u << bit) != 0 &&
		    strcmp(athar_digests_get(seen, 1u << bit), h->hex) == 0)
			return true;
	return false;
}

static unsigned first_of(unsigned algorithms)
{
	return algorithms & ~(algorithms - 1);
}

static void compare_hash(const matter *m, const athar_said_hash *h, const char *what,
                         const athar_digests *seen)
{
	const unsigned algorithm = first_of(h->algorithms & seen->algorithms);

	if (algorithm == 0)
		return;
	m->out->hashes++;
	if (!matches(h, seen))
		differ(m, what, h->hex, athar_digests_get(seen, algorithm));
}

static void compare_medium(const matter *m, const athar_said_hash *h)
{
	char what[96];

	(void)snprintf(what, sizeof what, "%s of the %s",
	               athar_digest_name(first_of(h->algorithms)),
	               h->of == ATHAR_OF_READ_BACK ? "image as it was read again" : "medium");
	compare_hash(m, h, what, &m->seen->pass.hashes);
}

static unsigned file_algorithms(const athar_logs *logs)
{
	unsigned algorithms = 0;

	for (size_t i = 0; i < logs->count; i++)
		for (size_t k = 0; k < logs->file[i].said.hashes; k++)
			if (logs->file[i].said.hash[k].of == ATHAR_OF_FILE)
				algorithms |= logs->file[i].said.hash[k].algorithms;
	return algorithms;
}

/* A hash of a raw image's only file is that of the medium: it need not be read again. */
static athar_status hash_file(athar_image_file *f, const matter *m, athar_error *err)
{
	if (strcmp(m->image->driver, "raw") != 0)
		return athar_image_file_hash(f, m->file_hashes, m->watcher, err);
	f->had = m->seen->pass.hashes;
	return ATHAR_OK;
}

/* Who makes a list of hashes may have hashed the medium: then it matches, whatever the name is. */
static athar_status compare_file(const matter *m, const athar_said_hash *h, athar_error *err)
{
	athar_image_file *f = athar_image_files_find(m->files, h->file);
	char what[400];

	if (matches(h, &m->seen->pass.hashes)) {
		m->out->hashes++;
		return ATHAR_OK;
	}
	if (f == NULL) {
		note(m, "%s of %s: no file of the image has this name",
		     athar_digest_name(first_of(h->algorithms)), h->file);
		return ATHAR_OK;
	}
	ATHAR_TRY(hash_file(f, m, err));
	(void)snprintf(what, sizeof what, "%s of the file %s",
	               athar_digest_name(first_of(h->algorithms)), f->name);
	compare_hash(m, h, what, &f->had);
	return ATHAR_OK;
}

/* The source was read twice, and the second time it gave something else: that is no difference of
 * the image. */
static void compare_reread(const matter *m, const athar_said_hash *h)
{
	if (!matches(h, &m->seen->pass.hashes))
		note(m, "when the tool read the medium again, its %s was %s",
		     athar_digest_name(first_of(h->algorithms)), h->hex);
}

static athar_status compare_hashes(const matter *m, athar_error *err)
{
	size_t unknown = 0, found = 0;

	for (size_t i = 0; i < m->said->hashes; i++) {
		const athar_said_hash *h = &m->said->hash[i];

		switch (h->of) {
		case ATHAR_OF_MEDIUM:
		case ATHAR_OF_READ_BACK:
			compare_medium(m, h);
			break;
		case ATHAR_OF_REREAD:
			compare_reread(m, h);
			break;
		case ATHAR_OF_FILE:
			ATHAR_TRY(compare_file(m, h, err));
			break;
		case ATHAR_OF_UNKNOWN:
			unknown++;
			found += matches(h, &m->seen->pass.hashes);
			break;
		}
	}
	m->out->hashes += found;
	if (unknown != 0 && found == 0)
		note(m, "its form is not known, and no hash in it (there are %zu) is the image's",
		     unknown);
	return ATHAR_OK;
}

/* ---- pieces ---- */

static void compare_pieces(const matter *m)
{
	const athar_pieces *p = m->pieces;

	for (size_t i = 0; i < p->count; i++) {
		const athar_piece *x = &p->piece[i];
		char what[120], hex[2 * ATHAR_DIGEST_MAX_SIZE + 1];

		if (x->state == ATHAR_PIECE_DIFFERS) {
			(void)snprintf(what, sizeof what, "%s of the bytes %llu to %llu",
			               athar_digest_name(x->said->algorithm),
			               (unsigned long long)x->offset,
			               (unsigned long long)(x->offset + x->length - 1));
			athar_piece_said(hex, x->said);
			differ(m, what, hex, x->seen);
		}
	}
	m->out->hashes += p->count - athar_pieces_in(p, ATHAR_PIECE_UNREAD);
	if (p->outside != 0)
		note(m, "%zu hashes of pieces that overlap or lie past the end of the image",
		     p->outside);
}

/* ---- sizes ---- */

static void compare_number(const matter *m, const char *what, uint64_t said, uint64_t seen)
{
	char a[32], b[32];

	if (said == ATHAR_NOWHERE || said == seen)
		return;
	(void)snprintf(a, sizeof a, "%llu", (unsigned long long)said);
	(void)snprintf(b, sizeof b, "%llu", (unsigned long long)seen);
	differ(m, what, a, b);
}

/* ddrescue ends an image behind the last sector that it could read. */
static const char *size_name(const matter *m)
{
	if (strcmp(m->said->format, "ddrescue") == 0 && athar_said_media(m->said) > m->image->size)
		return "bytes of the medium: the image is shorter than its map says";
	return "bytes of the medium";
}

/* Only a container knows the size of its sectors. */
static void compare_sizes(const matter *m)
{
	compare_number(m, size_name(m), athar_said_media(m->said), m->image->size);
	if (strcmp(m->image->driver, "ewf") == 0)
		compare_number(m, "bytes of a sector", m->said->number[ATHAR_SAID_SECTOR_SIZE],
		               m->image->sector_size);
}

/* ---- all of it ---- */

static void compare_container(const matter *m)
{
	char text[200];

	for (unsigned bit = 0; bit < ATHAR_DIGEST_COUNT; bit++) {
		athar_said_hash h = {.of = ATHAR_OF_MEDIUM, .algorithms = 1u << bit};

		if ((m->image->stored.algorithms & h.algorithms) == 0)
			continue;
		(void)snprintf(h.hex, sizeof h.hex, "%s",
		               athar_digests_get(&m->image->stored, h.algorithms));
		compare_medium(m, &h);
	}
	if (m->image->finding != NULL && m->image->finding[0] != '\0')
		differ(m, "container", NULL, m->image->finding);
	if (m->seen->pass.bad.count == 0)
		return;
	(void)snprintf(text, sizeof text, "%llu bytes are damaged (ranges: %zu)%s%.120s",
	               (unsigned long long)athar_runs_total(&m->seen->pass.bad),
	               m->seen->pass.bad.count, m->seen->pass.why[0][0] == '\0' ? "" : ": ",
	               m->seen->pass.why[0]);
	differ(m, "sectors", NULL, text);
}

static athar_status compare_log(const matter *m, const athar_log_file *f, athar_error *err)
{
	if (f->failure[0] != '\0')
		note(m, "it could not be understood: %s", f->failure);
	else if (!athar_said_anything(m->said))
		note(m, "nothing in it is understood");
	else if (m->said->dropped != 0)
		note(m, "not understood: %llu lines", (unsigned long long)m->said->dropped);
	compare_sizes(m);
	compare_pieces(m);
	return compare_hashes(m, err);
}

athar_status athar_compare(athar_comparison *out, const athar_logs *logs, const athar_reading *seen,
                           const athar_source_info *image, athar_image_files *files,
                           const athar_watcher *watcher, athar_error *err)
{
	matter m = {.out = out,
	            .seen = seen,
	            .image = image,
	            .files = files,
	            .file_hashes = file_algorithms(logs),
	            .watcher = watcher,
	            .by = "container"};

	out->differences = athar_json_array();
	out->notes = athar_json_array();
	compare_container(&m);
	for (size_t i = 0; i < logs->count; i++) {
		m.by = logs->file[i].name;
		m.said = &logs->file[i].said;
		m.pieces = &seen->pieces[i];
		ATHAR_TRY(compare_log(&m, &logs->file[i], err));
	}
	m.by = "logs";
	if (seen->bad_with_data != 0)
		note(&m, "%llu bytes that are said to be unreadable are no zeros in the image",
		     (unsigned long long)seen->bad_with_data);
	return ATHAR_OK;
}
