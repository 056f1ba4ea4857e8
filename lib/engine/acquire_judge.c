/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A second opinion on an E01 that was just written: what libewf, which most tools of the field read
 * with, makes of it. It had no part in the writing.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "engine/acquisition.h"
#include "engine/drivers.h"
#include "image/ewf_judge.h"

#define SAMPLE 32768u

typedef struct samples {
	uint8_t *bytes; /* two of SAMPLE */
	athar_bytes sample[2];
} samples;

/* The first and the last piece of the media, as our own reader has them. */
static athar_status take_samples(samples *s, athar_source *image, athar_error *err)
{
	const uint64_t size = athar_source_describe(image)->size;
	const size_t len = (size_t)athar_min(SAMPLE, size);
	const uint64_t places[] = {0, size - len};

	for (size_t i = 0; i < ATHAR_COUNT(places); i++) {
		ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;
		uint8_t *to = s->bytes + i * SAMPLE;
		size_t got = 0;

		ATHAR_TRY(athar_source_read(image, to, len, places[i], &got, &bad, err));
		s->sample[i] = (athar_bytes){to, got, places[i]};
	}
	return ATHAR_OK;
}

static bool differs(const char *theirs, const athar_digests *ours, unsigned algorithm)
{
	const char *hex = athar_digests_get(ours, algorithm);

	return hex != NULL && hex[0] != '\0' && strcmp(theirs, hex) != 0;
}

/* What it finds otherwise than we do; NULL: nothing. */
static const char *find_difference(const athar_ewf_judgement *j, const athar_imaging *m,
                                   uint64_t media)
{
	const athar_digests *ours = m->padded.algorithms != 0 ? &m->padded : &m->hashes;

	if (j->media_size != media)
		return "libewf reads another size from it";
	if (differs(j->md5, ours, ATHAR_MD5) || differs(j->sha1, ours, ATHAR_SHA1))
		return "libewf reads other hashes from it";
	return j->differs != ATHAR_NOWHERE ? "libewf reads other bytes from it" : NULL;
}

static void tell(athar_place *p, const athar_ewf_judgement *j, const char *difference)
{
	p->judged = athar_json_object();
	athar_json_set_bool(p->judged, "asked", j->asked);
	athar_json_set_text(p->judged, "by", j->engine[0] == '\0' ? NULL : j->engine);
	athar_json_set_text(p->judged, "note", j->note[0] == '\0' ? NULL : j->note);
	if (j->asked)
		athar_json_set_text(p->judged, "finding", difference);
}

static athar_status fail(athar_place *p, const char *why, athar_error *err)
{
	p->read_back = ATHAR_READ_BACK_DIFFERS;
	return athar_fail(err, ATHAR_EMISMATCH, "%s", why);
}

athar_status athar_place_judge(athar_place *p, const athar_acquisition *a, const char *path,
                               athar_source *image, athar_error *err)
{
	const athar_imaging *m = &a->imaging;
	ATHAR_AUTO(free) uint8_t *bytes = athar_alloc(2 * (size_t)SAMPLE, err);
	samples s = {.bytes = bytes};
	athar_ewf_judgement j;
	athar_error own = ATHAR_ERROR_INIT;

	if (bytes == NULL)
		return ATHAR_ENOMEM;
	if (m->driver != &athar_sink_ewf)
		return ATHAR_OK;
	ATHAR_TRY(take_samples(&s, image, err));
	j = (athar_ewf_judgement){.asked = true};
	if (athar_ewf_judge(&j, path, m->outlets.one[p == &a->second ? 1 : 0].sink->segments,
	                    s.sample, 2, &own) != ATHAR_OK) {
		tell(p, &j, own.text);
		return fail(p, own.text, err);
	}
	const char *difference =
		j.asked ? find_difference(&j, m, athar_source_describe(image)->size) : NULL;
	tell(p, &j, difference);
	return difference == NULL ? ATHAR_OK : fail(p, difference, err);
}
