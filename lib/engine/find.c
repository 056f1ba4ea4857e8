/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/find.h"

#include <ctype.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"

void athar_find_clear(athar_find *find)
{
	free(find->path);
	find->path = NULL;
	athar_extents_clear(&find->extents);
	athar_extents_clear(&find->packed);
	athar_runs_clear(&find->reused_at);
}

static void wire_time(athar_wire *w, const athar_item_time *t)
{
	athar_wire_text(w, t->meaning);
	athar_wire_text(w, t->source);
	athar_wire_text(w, t->zone);
	athar_wire_number(w, (uint64_t)t->seconds);
	athar_wire_number(w, t->nanoseconds);
}

static void unwire_time(athar_item_time *t, athar_unwire *u)
{
	athar_unwire_text(u, t->meaning, sizeof t->meaning);
	athar_unwire_text(u, t->source, sizeof t->source);
	athar_unwire_text(u, t->zone, sizeof t->zone);
	t->seconds = (int64_t)athar_unwire_number(u);
	t->nanoseconds = (uint32_t)athar_unwire_below(u, 1000000000);
}

static void wire_via(athar_wire *w, const athar_find *f)
{
	athar_wire_number(w, f->via_count);
	for (size_t i = 0; i < f->via_count; i++) {
		const athar_layer *l = &f->via[i];

		athar_wire_text(w, l->container);
		athar_wire_bytes(w, l->name, l->name_len);
		athar_wire_number(w, l->item);
		athar_wire_number(w, l->offset);
		athar_wire_number(w, l->stored);
		athar_wire_number(w, l->size);
		athar_wire_number(w, l->transform);
	}
	athar_wire_extents(w, &f->packed);
}

static void unwire_layer(athar_layer *l, athar_unwire *u)
{
	athar_unwire_text(u, l->container, sizeof l->container);
	const athar_bytes name = athar_unwire_bytes(u);

	u->failed = u->failed || name.len > sizeof l->name;
	if (u->failed)
		return;
	if (name.len != 0)
		memcpy(l->name, name.ptr, name.len);
	l->name_len = name.len;
	l->item = athar_unwire_number(u);
	l->offset = athar_unwire_number(u);
	l->stored = athar_unwire_number(u);
	l->size = athar_unwire_number(u);
	l->transform = (athar_transform)athar_unwire_below(u, ATHAR_TRANSFORM_QUOTED + 1);
}

static athar_status unwire_via(athar_find *f, athar_unwire *u, athar_error *err)
{
	f->via_count = (size_t)athar_unwire_below(u, ATHAR_ITEM_DEPTH + 1);
	for (size_t i = 0; i < f->via_count; i++)
		unwire_layer(&f->via[i], u);
	return athar_unwire_extents(&f->packed, u, err);
}

static void wire_record(athar_wire *w, const athar_find *f)
{
	athar_wire_number(w, f->method);
	athar_wire_number(w, f->state);
	athar_wire_number(w, f->path != NULL);
	athar_wire_bytes(w, f->path, f->path_len);
	athar_wire_number(w, f->size);
	athar_wire_extents(w, &f->extents);
	wire_via(w, f);
	athar_wire_number(w, (uint64_t)(f->volume + 1));
	athar_wire_text(w, f->address);
	athar_wire_number(w, f->meta);
	athar_wire_number(w, f->type);
	athar_wire_number(w, f->id);
	athar_wire_number(w, f->block_size);
	athar_wire_number(w, f->readable);
	athar_wire_number(w, f->assumed);
	athar_wire_text(w, f->why);
	athar_wire_number(w, f->unmapped);
	athar_wire_number(w, f->reused);
	athar_wire_number(w, f->reused_at.count);
	for (size_t i = 0; i < f->reused_at.count; i++) {
		athar_wire_number(w, f->reused_at.run[i].offset);
		athar_wire_number(w, f->reused_at.run[i].length);
	}
	athar_wire_number(w, f->settled);
	athar_wire_number(w, f->grade);
	athar_wire_number(w, f->contested);
	athar_wire_number(w, f->bad);
	athar_wire_text(w, f->owner);
	athar_wire_text(w, f->group);
	athar_wire_text(w, f->mode);
}

static void wire_fields(athar_wire *w, const athar_find *f)
{
	athar_wire_number(w, f->field_count);
	for (size_t i = 0; i < f->field_count; i++) {
		athar_wire_text(w, f->field[i].key);
		athar_wire_text(w, f->field[i].value);
	}
}

static void unwire_fields(athar_find *out, athar_unwire *u)
{
	out->field_count = (size_t)athar_unwire_below(u, ATHAR_ITEM_FIELDS + 1);
	for (size_t i = 0; i < out->field_count; i++) {
		athar_unwire_text(u, out->field[i].key, sizeof out->field[i].key);
		athar_unwire_text(u, out->field[i].value, sizeof out->field[i].value);
	}
}

static void wire_claim(athar_wire *w, const athar_find *f)
{
	athar_wire_text(w, f->format);
	athar_wire_text(w, f->subtype);
	athar_wire_text(w, f->extension);
	athar_wire_number(w, f->claim_grade);
	athar_wire_number(w, f->claim_length);
	athar_wire_number(w, f->claim_proven);
	athar_wire_number(w, f->claim_ends);
	athar_wire_number(w, f->claim_unseen);
	athar_wire_text(w, f->claim_why);
	wire_fields(w, f);
	athar_wire_text(w, f->doubt);
}

static void unwire_claim(athar_find *out, athar_unwire *u)
{
	athar_unwire_text(u, out->format, sizeof out->format);
	athar_unwire_text(u, out->subtype, sizeof out->subtype);
	athar_unwire_text(u, out->extension, sizeof out->extension);
	out->claim_grade = (athar_grade)athar_unwire_below(u, ATHAR_GRADE_INTACT + 1);
	out->claim_length = athar_unwire_number(u);
	out->claim_proven = athar_unwire_number(u);
	out->claim_ends = athar_unwire_below(u, 2) != 0;
	out->claim_unseen = athar_unwire_number(u);
	athar_unwire_text(u, out->claim_why, sizeof out->claim_why);
	unwire_fields(out, u);
	athar_unwire_text(u, out->doubt, sizeof out->doubt);
}

void athar_find_wire(athar_wire *w, const athar_find *f)
{
	wire_record(w, f);
	athar_wire_number(w, f->time_count);
	for (size_t i = 0; i < f->time_count; i++)
		wire_time(w, &f->times[i]);
	wire_claim(w, f);
}

void athar_find_claim_wire(athar_wire *w, const athar_find *f)
{
	athar_wire_number(w, f->readable);
	athar_wire_text(w, f->why);
	athar_wire_number(w, f->bad);
	wire_claim(w, f);
}

static athar_status unwire_path(athar_find *f, athar_unwire *u, athar_error *err)
{
	bool there = athar_unwire_below(u, 2) != 0;
	athar_bytes path = athar_unwire_bytes(u);

	if (!there || u->failed)
		return ATHAR_OK;
	f->path = athar_copy_bytes(path.ptr, path.len, err);
	f->path_len = path.len;
	return f->path == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

static athar_status unwire_reused(athar_find *f, athar_unwire *u, athar_error *err)
{
	const uint64_t count = athar_unwire_below(u, ATHAR_REUSED_MOST + 1);

	for (uint64_t i = 0; i < count && !u->failed; i++) {
		const uint64_t offset = athar_unwire_number(u);
		const uint64_t length = athar_unwire_number(u);

		if (!athar_inside(offset, length, f->size))
			return athar_fail(err, ATHAR_EFORMAT, "a worker's message makes no sense");
		ATHAR_TRY(athar_runs_add(&f->reused_at, offset, length, ATHAR_RUN_DATA, err));
	}
	return ATHAR_OK;
}

static athar_status unwire_record(athar_find *f, athar_unwire *u, athar_error *err)
{
	f->method = (athar_method)athar_unwire_below(u, ATHAR_METHOD_EMBEDDED + 1);
	f->state = (athar_state)athar_unwire_below(u, ATHAR_STATE_UNKNOWN + 1);
	ATHAR_TRY(unwire_path(f, u, err));
	f->size = athar_unwire_number(u);
	ATHAR_TRY(athar_unwire_extents(&f->extents, u, err));
	ATHAR_TRY(unwire_via(f, u, err));
	f->volume = (int)athar_unwire_below(u, 1u << 16) - 1;
	athar_unwire_text(u, f->address, sizeof f->address);
	f->meta = athar_unwire_number(u);
	f->type = (uint32_t)athar_unwire_below(u, UINT64_C(1) << 32);
	f->id = (uint16_t)athar_unwire_below(u, 1u << 16);
	f->block_size = athar_unwire_below(u, UINT64_C(1) << 32);
	f->readable = athar_unwire_below(u, 2) != 0;
	f->assumed = athar_unwire_below(u, 2) != 0;
	athar_unwire_text(u, f->why, sizeof f->why);
	f->unmapped = athar_unwire_below(u, 2) != 0;
	f->reused = athar_unwire_number(u);
	ATHAR_TRY(unwire_reused(f, u, err));
	f->settled = athar_unwire_below(u, 2) != 0;
	f->grade = (athar_grade)athar_unwire_below(u, ATHAR_GRADE_INTACT + 1);
	f->contested = athar_unwire_number(u);
	f->bad = athar_unwire_number(u);
	athar_unwire_text(u, f->owner, sizeof f->owner);
	athar_unwire_text(u, f->group, sizeof f->group);
	athar_unwire_text(u, f->mode, sizeof f->mode);
	return ATHAR_OK;
}

athar_status athar_find_unwire(athar_find *out, athar_bytes message, athar_error *err)
{
	athar_unwire u = athar_unwire_begin(message);

	*out = (athar_find)ATHAR_FIND_INIT;
	ATHAR_TRY(unwire_record(out, &u, err));
	out->time_count = (size_t)athar_unwire_below(&u, ATHAR_ITEM_TIMES + 1);
	for (size_t i = 0; i < out->time_count; i++)
		unwire_time(&out->times[i], &u);
	unwire_claim(out, &u);
	return athar_unwire_end(&u, err);
}

athar_status athar_find_claim_unwire(athar_find *out, athar_bytes message, athar_error *err)
{
	athar_unwire u = athar_unwire_begin(message);

	out->readable = athar_unwire_below(&u, 2) != 0;
	athar_unwire_text(&u, out->why, sizeof out->why);
	out->bad = athar_unwire_number(&u);
	unwire_claim(out, &u);
	return athar_unwire_end(&u, err);
}

/* ---- grading ---- */

/* Does what the format proves reach to the end of the file, or into its last block, which holds no
 * other file's bytes? */
static bool claim_covers(const athar_find *f, uint64_t length)
{
	if (length >= f->size)
		return true;
	if (f->block_size == 0)
		return false;
	return length / f->block_size == (f->size - 1) / f->block_size;
}

static athar_grade say(char why[160], athar_grade grade, const char *text)
{
	(void)snprintf(why, 160, "%s", text);
	return grade;
}

/* Has the format a say? One that can prove nothing has none over what the file system records. */
static bool speaks(const athar_find *f)
{
	const athar_format *format = athar_format_find(f->format);

	return f->format[0] != '\0' &&
	       (format == NULL || format->best >= ATHAR_GRADE_COMPLETE ||
	        f->method == ATHAR_METHOD_CONTENT || f->claim_length < f->size);
}

/* How far the format can tell its own bytes from others'. */
static uint64_t seen_length(const athar_find *f)
{
	return f->claim_length - athar_min(f->claim_unseen, f->claim_length);
}

/* A live file may be called what its owner likes. */
static bool is_doubted(const athar_find *f)
{
	return f->doubt[0] != '\0' && f->state != ATHAR_STATE_LIVE && f->state != ATHAR_STATE_TRASH;
}

/* Live files and deleted ones alike: the file system says where all of it is. */
static athar_grade grade_recorded(char why[160], const athar_find *f)
{
	if (f->size == 0)
		return say(why, ATHAR_GRADE_COMPLETE, "the file is empty");
	if (f->assumed || f->method == ATHAR_METHOD_FRAGMENTS)
		return say(why, ATHAR_GRADE_PARTIAL, f->why);
	if (is_doubted(f))
		return say(why, ATHAR_GRADE_PARTIAL, f->doubt);
	if (f->unmapped && f->state != ATHAR_STATE_LIVE)
		return say(why, ATHAR_GRADE_PARTIAL, "which blocks are in use again is not known");
	if (f->why[0] != '\0' && !f->assumed)
		return say(why, ATHAR_GRADE_COMPLETE, f->why);
	if (f->claim_why[0] == '\0')
		return say(why, ATHAR_GRADE_COMPLETE,
		           f->state == ATHAR_STATE_LIVE || f->state == ATHAR_STATE_TRASH
		                   ? "the file system records all of its places; its content has "
		                     "no check of its own"
		                   : "the file system records all of its places; that nobody wrote "
		                     "there since is not proven by its content");
	(void)snprintf(why, 160, "the file system records all of its places; %.100s", f->claim_why);
	return ATHAR_GRADE_COMPLETE;
}

/* A format without an end mark cannot say where it ends; the file system does. */
static bool holds_to_the_end(const athar_find *f)
{
	return f->claim_ends && f->claim_length == f->size && !f->assumed &&
	       f->method != ATHAR_METHOD_CONTENT && f->method != ATHAR_METHOD_FRAGMENTS &&
	       (!f->unmapped || f->state == ATHAR_STATE_LIVE) && f->doubt[0] == '\0';
}

/* The format has the last word where it speaks. */
static athar_grade grade_claimed(char why[160], const athar_find *f)
{
	if (f->claim_grade < ATHAR_GRADE_COMPLETE && holds_to_the_end(f))
		return say(why, ATHAR_GRADE_COMPLETE,
		           "the file system records all of its places, and its structure holds to "
		           "the last byte");
	if (f->claim_grade < ATHAR_GRADE_COMPLETE)
		return say(why, ATHAR_GRADE_PARTIAL, f->claim_why);
	if (is_doubted(f) && f->claim_length != f->size)
		return say(why, ATHAR_GRADE_PARTIAL, f->doubt);
	if (claim_covers(f, f->claim_length)) {
		if (!f->assumed || claim_covers(f, seen_length(f)))
			return say(why, f->claim_grade, f->claim_why);
		return say(why, ATHAR_GRADE_PARTIAL,
		           "its structure closes, but nothing in its last part shows whether the "
		           "clusters that are assumed are its own");
	}
	if (f->assumed || (f->unmapped && f->state != ATHAR_STATE_LIVE)) {
		(void)snprintf(why, 160, "%.100s; what follows it is assumed", f->claim_why);
		return ATHAR_GRADE_PARTIAL;
	}
	(void)snprintf(why, 160, "%.100s; more bytes follow it in the file", f->claim_why);
	return ATHAR_GRADE_COMPLETE;
}

/* Its format proves all of it. */
static bool closes(const athar_find *f)
{
	return speaks(f) && f->claim_grade >= ATHAR_GRADE_COMPLETE &&
	       claim_covers(f, seen_length(f));
}

static athar_grade grade_contested(char why[160], const athar_find *f)
{
	if (f->contested == UINT64_MAX)
		return say(why, ATHAR_GRADE_PARTIAL,
		           "which deleted files claim its blocks too was not worked out");
	(void)snprintf(why, 160, "%llu bytes of it lie in blocks that another deleted file claims",
	               (unsigned long long)athar_min(f->contested, f->size));
	return ATHAR_GRADE_PARTIAL;
}

static bool whole_places(const athar_find *f)
{
	for (size_t i = 0; i < f->extents.count; i++)
		if (f->extents.extent[i].kind == ATHAR_EXTENT_MISSING)
			return false;
	return athar_extents_size(&f->extents) >= f->size;
}

athar_grade athar_find_grade(char why[160], const athar_find *f, uint64_t bad)
{
	if (f->settled)
		return say(why, f->grade, f->why);
	if (!f->readable)
		return say(why, ATHAR_GRADE_HEADER, f->why);
	if (!whole_places(f))
		return say(why, ATHAR_GRADE_PARTIAL, "not all of its places are known");
	if (bad != 0) {
		(void)snprintf(why, 160, "%llu bytes of it could not be read from the medium",
		               (unsigned long long)bad);
		return ATHAR_GRADE_PARTIAL;
	}
	if (f->reused != 0) {
		(void)snprintf(
			why, 160,
			"%llu bytes of it lie in blocks that another file has, or has had since",
			(unsigned long long)f->reused);
		return ATHAR_GRADE_PARTIAL;
	}
	if (f->contested != 0 && !closes(f))
		return grade_contested(why, f);
	return speaks(f) ? grade_claimed(why, f) : grade_recorded(why, f);
}

bool athar_find_proven(const athar_find *f)
{
	char why[160];

	return f->readable && speaks(f) && athar_find_grade(why, f, f->bad) >= ATHAR_GRADE_COMPLETE;
}

/* ---- the item ---- */

bool athar_find_parse_address(athar_find *find, const char *address)
{
	const char *at = strchr(address, '@');
	const char *number = at == NULL ? address : at + 1;
	char *end = NULL;

	find->meta = strtoull(number, &end, 10);
	if (end == number || (find->meta & ATHAR_META_AT) != 0)
		return false;
	if (at != NULL)
		find->meta |= ATHAR_META_AT;
	if (*end == '-')
		find->type = (uint32_t)strtoul(end + 1, &end, 10);
	if (*end == '-')
		find->id = (uint16_t)strtoul(end + 1, &end, 10);
	return *end == '\0';
}

void athar_find_extension(char out[8], const athar_find *f)
{
	size_t n = 0;

	(void)snprintf(out, 8, "%s", f->extension[0] != '\0' ? f->extension : "bin");
	if (f->extension[0] != '\0' || f->path == NULL)
		return;
	const uint8_t *dot = memrchr(f->path, '.', f->path_len);
	if (dot == NULL)
		return;
	size_t len = f->path_len - (size_t)(dot + 1 - f->path);
	if (len == 0 || len > 7)
		return;
	for (; n < len; n++) {
		if (!isalnum(dot[1 + n]))
			return;
	}
	for (n = 0; n < len; n++)
		out[n] = (char)tolower(dot[1 + n]);
	out[len] = '\0';
}

static void copy_record(athar_item *out, const athar_find *f, uint64_t bad)
{
	out->method = f->method;
	out->state = f->state;
	out->size = f->size;
	out->volume = f->volume;
	memcpy(out->via, f->via, sizeof out->via);
	out->via_count = f->via_count;
	(void)snprintf(out->type, sizeof out->type, "%s", f->format);
	(void)snprintf(out->subtype, sizeof out->subtype, "%s", f->subtype);
	memcpy(out->field, f->field, sizeof out->field);
	out->field_count = f->field_count;
	(void)snprintf(out->address, sizeof out->address, "%s", f->address);
	memcpy(out->times, f->times, sizeof out->times);
	out->time_count = f->time_count;
	(void)snprintf(out->owner, sizeof out->owner, "%s", f->owner);
	(void)snprintf(out->group, sizeof out->group, "%s", f->group);
	(void)snprintf(out->mode, sizeof out->mode, "%s", f->mode);
	out->bytes_bad = bad;
	out->bytes_reused = f->reused;
}

athar_status athar_find_item(athar_item *out, const athar_find *f, uint64_t bad, athar_error *err)
{
	copy_record(out, f, bad);
	out->grade = athar_find_grade(out->why, f, bad);
	if (f->path != NULL) {
		out->path = athar_copy_bytes(f->path, f->path_len, err);
		if (out->path == NULL)
			return ATHAR_ENOMEM;
		out->path_len = f->path_len;
	}
	for (size_t i = 0; i < f->reused_at.count; i++)
		ATHAR_TRY(athar_runs_add(&out->reused_at, f->reused_at.run[i].offset,
		                         f->reused_at.run[i].length, ATHAR_RUN_DATA, err));
	ATHAR_TRY(athar_extents_copy(&out->packed, &f->packed, err));
	return athar_extents_copy(&out->extents, &f->extents, err);
}
