/* SPDX-License-Identifier: BSD-2-Clause */
#include "image/lacking.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/idiom.h"
#include "image/source_new.h"

struct partial {
	athar_source *base;
	const athar_runs *lacking;
	uint64_t piece;
	athar_runs wanted, doubtful, met;
};

static uint64_t end_of(const athar_run *run)
{
	return run->offset + run->length;
}

/* Full sets note no more: they are bounds, not records. */
static athar_status note(athar_runs *runs, uint64_t offset, uint64_t length, athar_error *err)
{
	if (runs->count >= ATHAR_LACKING_MET)
		return ATHAR_OK;
	return athar_runs_add(runs, offset, length, ATHAR_RUN_DATA, err);
}

/* The unread parts of [offset, end), until there are `most`. */
static athar_status each_unread(athar_runs *out, const struct partial *p, uint64_t offset,
                                uint64_t end, size_t most, athar_error *err)
{
	for (size_t i = athar_runs_find(p->lacking, offset); i < p->lacking->count; i++) {
		const athar_run *run = &p->lacking->run[i];
		const uint64_t from = athar_max(run->offset, offset);

		if (run->offset >= end || out->count >= most)
			break;
		if (run->kind == ATHAR_RUN_UNREAD)
			ATHAR_TRY(athar_runs_add(out, from, athar_min(end_of(run), end) - from,
			                         ATHAR_RUN_DATA, err));
	}
	return ATHAR_OK;
}

static athar_status note_unread(athar_runs *out, const struct partial *p, uint64_t offset,
                                uint64_t end, athar_error *err)
{
	return each_unread(out, p, offset, end, ATHAR_LACKING_MET, err);
}

static athar_status read_there(struct partial *p, uint8_t *buf, size_t len, uint64_t at,
                               athar_runs *bad, athar_error *err)
{
	size_t got;

	ATHAR_TRY(athar_source_read(p->base, buf, len, at, &got, bad, err));
	if (got != len)
		return athar_fail_at(err, ATHAR_EIO, at, "the image has become shorter");
	return note(&p->met, at, len, err);
}

static athar_status partial_read(athar_source *source, void *buf, size_t len, uint64_t offset,
                                 athar_runs *bad, athar_error *err)
{
	struct partial *p = source->state;
	size_t i = athar_runs_find(p->lacking, offset);

	ATHAR_TRY(note_unread(&p->wanted, p, offset, offset + len, err));
	for (size_t done = 0, piece = 0; done < len; done += piece) {
		const athar_run *run = i < p->lacking->count ? &p->lacking->run[i] : NULL;
		const uint64_t at = offset + done;

		piece = len - done;
		if (run != NULL && run->offset <= at) {
			piece = (size_t)athar_min(piece, end_of(run) - at);
			memset((uint8_t *)buf + done, 0, piece);
			ATHAR_TRY(athar_runs_add(bad, at, piece, run->kind, err));
			i++;
			continue;
		}
		if (run != NULL)
			piece = (size_t)athar_min(piece, run->offset - at);
		ATHAR_TRY(read_there(p, (uint8_t *)buf + done, piece, at, bad, err));
	}
	return ATHAR_OK;
}

static void partial_close(athar_source *source)
{
	struct partial *p = source->state;

	if (p != NULL) {
		athar_runs_clear(&p->wanted);
		athar_runs_clear(&p->doubtful);
		athar_runs_clear(&p->met);
	}
	free(p);
}

static const athar_source_driver partial_driver = {
	.name = "lacking",
	.summary = "what was read so far of another source",
	.read = partial_read,
	.close = partial_close,
};

athar_status athar_source_lacking(athar_source **out, athar_source *base, const athar_runs *lacking,
                                  uint64_t piece, athar_error *err)
{
	ATHAR_AUTO(source) athar_source *s = NULL;
	struct partial *p;

	ATHAR_TRY(athar_source_new(&s, &partial_driver, base->info.path, err));
	s->state = p = athar_alloc(sizeof *p, err);
	if (p == NULL)
		return err->status;
	p->base = base;
	p->lacking = lacking;
	p->piece = piece;
	s->info.size = base->info.size;
	s->info.sector_size = base->info.sector_size;
	s->info.physical_sector_size = base->info.physical_sector_size;
	*out = ATHAR_GIVE(s);
	return ATHAR_OK;
}

static struct partial *partial_of(const athar_source *source)
{
	return source->driver == &partial_driver ? source->state : NULL;
}

/* Bytes from offset on before the first unread one, `len` at most. */
static size_t readable(const struct partial *p, uint64_t offset, size_t len)
{
	for (size_t i = athar_runs_find(p->lacking, offset); i < p->lacking->count; i++) {
		const athar_run *run = &p->lacking->run[i];

		if (run->offset >= offset + len)
			break;
		if (run->kind == ATHAR_RUN_UNREAD)
			return run->offset <= offset ? 0 : (size_t)(run->offset - offset);
	}
	return len;
}

size_t athar_lacking_clip(athar_source *source, uint64_t offset, size_t len, size_t ahead)
{
	struct partial *p = partial_of(source);
	athar_error lost = ATHAR_ERROR_INIT; /* without memory it is not noted, and not read */
	size_t there;
	uint64_t end;

	if (p == NULL || offset >= source->info.size)
		return len;
	len = (size_t)athar_min(len, source->info.size - offset);
	there = readable(p, offset, len);
	if (there == len)
		return len;
	if (len > ahead) {
		(void)note_unread(&p->wanted, p, offset, offset + len, &lost);
		return 0;
	}
	if (!athar_add(offset + there, p->piece, &end))
		end = source->info.size;
	(void)note_unread(there == 0 ? &p->wanted : &p->doubtful, p, offset + there, end, &lost);
	return there;
}

bool athar_lacking_has(const athar_source *source, uint64_t offset, uint64_t length)
{
	const struct partial *p = partial_of(source);
	uint64_t end;

	if (p == NULL)
		return true;
	if (!athar_add(offset, length, &end))
		end = UINT64_MAX;
	for (size_t i = athar_runs_find(p->lacking, offset);
	     i < p->lacking->count && p->lacking->run[i].offset < end; i++)
		if (p->lacking->run[i].kind == ATHAR_RUN_UNREAD)
			return false;
	return true;
}

athar_status athar_lacking_want(athar_source *source, uint64_t offset, uint64_t length,
                                athar_error *err)
{
	struct partial *p = partial_of(source);

	if (p == NULL || offset >= source->info.size || p->wanted.count >= ATHAR_LACKING_RUNS)
		return ATHAR_OK;
	length = athar_min(length, source->info.size - offset);
	return each_unread(&p->wanted, p, offset, offset + length, ATHAR_LACKING_RUNS, err);
}

athar_status athar_lacking_insist(athar_source *source, athar_error *err)
{
	struct partial *p = partial_of(source);

	for (size_t i = 0; p != NULL && i < p->doubtful.count; i++)
		ATHAR_TRY(note(&p->wanted, p->doubtful.run[i].offset, p->doubtful.run[i].length,
		               err));
	return ATHAR_OK;
}

const athar_runs *athar_lacking_wanted(const athar_source *source)
{
	return &((const struct partial *)source->state)->wanted;
}

const athar_runs *athar_lacking_met(const athar_source *source)
{
	return &((const struct partial *)source->state)->met;
}
