/* SPDX-License-Identifier: BSD-2-Clause */
/* The image is made: it is recorded, and becomes an exhibit. */
#include <string.h>

#include "base/alloc.h"
#include "base/files.h"
#include "digest/digest.h"
#include "engine/acquisition.h"
#include "engine/record.h"

/* ---- the record ---- */

static athar_status save(athar_acquisition *a, const char *name, char *text, athar_error *err)
{
	ATHAR_AUTO(free) char *owned = text;

	/* Takes the place of what an earlier session left of it: a map is there at any time. */
	return athar_exhibit_replace(a->exhibit, name, owned, strlen(owned), err);
}

static athar_status save_beside(athar_acquisition *a, const char *name, char *text,
                                athar_error *err)
{
	ATHAR_AUTO(free) char *owned = text;
	ATHAR_AUTO(free) char *path = athar_join(a->second.folder, name, err);

	if (path == NULL)
		return ATHAR_ENOMEM;
	return athar_file_replace(path, owned, strlen(owned), err);
}

typedef athar_status saver(athar_acquisition *a, const char *name, char *text, athar_error *err);

static athar_status save_map(athar_acquisition *a, saver *to, athar_error *err)
{
	ATHAR_AUTO(free) char *name = athar_format_text(err, "%s.map", a->out->slug);
	char *text = NULL;

	if (name == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(athar_acquisition_map(&text, a, err));
	return to(a, name, text, err);
}

static athar_status save_all(athar_acquisition *a, saver *to, athar_error *err)
{
	athar_record record = {.acquisition = a, .ended = a->session.ended};
	char *text = NULL;

	ATHAR_TRY(athar_record_acquisition(&text, &record, err));
	ATHAR_TRY(to(a, "acquisition.json", text, err));
	ATHAR_TRY(athar_record_exhibit(&text, &a->options, err));
	ATHAR_TRY(to(a, "exhibit.json", text, err));
	return save_map(a, to, err);
}

/* Beside the second image first: should it get no record there is none, and the record says so. */
static athar_status save_records(athar_acquisition *a, athar_error *err)
{
	athar_error own = ATHAR_ERROR_INIT;

	if (a->second.image != NULL && save_all(a, save_beside, &own) != ATHAR_OK) {
		a->imaging.outlets.one[1].failed = own;
		athar_place_clear(&a->second);
	}
	return save_all(a, save, err);
}

/* The block hashes vouch for the image: the log vouches for them. */
static athar_status hash_blocks(athar_json *known, const athar_acquisition *a, athar_error *err)
{
	ATHAR_AUTO(free)
	char *path = athar_outlet_blocks_path(athar_exhibit_folder(a->exhibit),
	                                      athar_exhibit_name(a->exhibit), err);
	athar_digests digests;

	if (path == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(athar_digest_file(&digests, NULL, path, ATHAR_SHA256, err));
	athar_json_set_text(known, strrchr(path, '/') + 1,
	                    athar_digests_get(&digests, ATHAR_SHA256));
	return ATHAR_OK;
}

/* What only the way to here needed. */
static athar_status clear_away(athar_acquisition *a, athar_error *err)
{
	ATHAR_AUTO(free)
	char *salvage = athar_format_text(err, "%s." ATHAR_SALVAGE, a->out->slug);

	if (salvage == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(athar_exhibit_drop(a->exhibit, salvage, err));
	return athar_exhibit_drop_last(a->exhibit, ATHAR_SESSION_FILE, err);
}

/* ---- the second image ---- */

/* It becomes a folder like the exhibit's own. */
static athar_status rename_copy(athar_acquisition *a, athar_error *err)
{
	ATHAR_AUTO(free) char *final = NULL;

	final = athar_join(a->options.copy, a->out->slug, err);
	if (final == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(athar_folder_sync(a->second.folder, err));
	ATHAR_TRY(athar_rename_new(a->second.folder, final, err));
	a->out->copy = athar_join(final, a->second.image, err);
	return a->out->copy == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

/* After the exhibit has its name: before that a run goes on by both. */
static void finish_copy(athar_acquisition *a)
{
	athar_error err = ATHAR_ERROR_INIT;

	if (a->second.image != NULL && rename_copy(a, &err) != ATHAR_OK)
		a->imaging.outlets.one[1].failed = err;
}

static const athar_error *failed(const athar_acquisition *a, size_t which)
{
	const athar_outlets *o = &a->imaging.outlets;

	return which < o->count && o->one[which].failed.status != ATHAR_OK ? &o->one[which].failed
	                                                                   : NULL;
}

static athar_status measure(athar_acquisition *a, athar_error *err)
{
	const athar_outlets *o = &a->imaging.outlets;

	if (failed(a, 0) != NULL) {
		*err = *failed(a, 0);
		return athar_within(err, "the second image is whole, the first one is not");
	}
	ATHAR_TRY(athar_place_measure(&a->first, athar_exhibit_folder(a->exhibit), err));
	if (o->count > 1 && failed(a, 1) == NULL)
		ATHAR_TRY(athar_place_measure(&a->second, a->copy_folder, err));
	a->out->segments = o->one[0].sink->segments;
	a->out->image_bytes = a->first.bytes;
	return ATHAR_OK;
}

static void read_back(athar_acquisition *a)
{
	if (a->options.no_verify)
		return;
	athar_place_read_back(&a->first, a);
	a->out->read_back = a->first.read_back;
	if (a->second.image != NULL && a->first.ended != ATHAR_ECANCELED)
		athar_place_read_back(&a->second, a);
}

/* ---- what is to be said ---- */

static athar_status say_read_back(const athar_acquisition *a, const athar_place *p,
                                  const char *path, athar_error *err)
{
	if (p->ended == ATHAR_ECANCELED)
		return athar_fail(
			err, ATHAR_ECANCELED,
			"%s is whole, but reading it back was interrupted: athar verify %s", path,
			athar_case_folder(a->c));
	if (p->read_back == ATHAR_READ_BACK_DIFFERS)
		return athar_fail(err, ATHAR_EMISMATCH,
		                  "%s does not read back as it was written%s%s: the target disk is "
		                  "not to be trusted",
		                  path, p->ended == ATHAR_OK ? "" : ": ", p->unread.text);
	if (p->ended != ATHAR_OK)
		return athar_fail(err, ATHAR_EINCOMPLETE, "%s was not read back: %s", path,
		                  p->unread.text);
	return ATHAR_OK;
}

static athar_status say_lacking(const athar_acquisition *a, athar_error *err)
{
	const athar_acquire_result *out = a->out;

	if (out->bad_bytes == 0 && out->unread_bytes == 0)
		return ATHAR_OK;
	if (out->unread_bytes == 0)
		return athar_fail_at(err, ATHAR_EINCOMPLETE, a->imaging.bad.run[0].offset,
		                     "%llu bytes of %s could not be read; %s.map lists them",
		                     (unsigned long long)out->bad_bytes, a->options.source,
		                     out->slug);
	return athar_fail_at(err, ATHAR_EINCOMPLETE, a->imaging.bad.run[0].offset,
	                     "%llu bytes of %s could not be read and %llu were not tried; %s.map "
	                     "lists them",
	                     (unsigned long long)out->bad_bytes, a->options.source,
	                     (unsigned long long)out->unread_bytes, out->slug);
}

static athar_status verdict(const athar_acquisition *a, athar_error *err)
{
	ATHAR_TRY(say_read_back(a, &a->first, a->out->image, err));
	if (a->out->copy != NULL)
		ATHAR_TRY(say_read_back(a, &a->second, a->out->copy, err));
	if (failed(a, 1) != NULL)
		return athar_fail(err, ATHAR_EINCOMPLETE, "there is no second image in %s: %s",
		                  a->options.copy, failed(a, 1)->text);
	return say_lacking(a, err);
}

static athar_status commit(athar_acquisition *a, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *known = athar_json_object();

	ATHAR_TRY(hash_blocks(known, a, err));
	a->out->image = athar_format_text(err, "%s/%s/%s", athar_case_folder(a->c), a->out->slug,
	                                  a->first.image);
	if (a->out->image == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(clear_away(a, err));
	ATHAR_TRY(athar_exhibit_commit(&a->files, a->exhibit, known, err));
	finish_copy(a);
	return ATHAR_OK;
}

/* How the device is when all is read. */
static void look_again(athar_acquisition *a)
{
	athar_error err = ATHAR_ERROR_INIT;

	if (a->gate != NULL && a->info->device && a->after != NULL && strcmp(a->after, "same") == 0)
		(void)athar_gate_health(&a->health, a->gate, &err);
}

static void count_lacking(athar_acquisition *a)
{
	for (size_t i = 0; i < a->imaging.bad.count; i++) {
		const athar_run *r = &a->imaging.bad.run[i];

		if (r->kind == ATHAR_RUN_BAD)
			a->out->bad_bytes += r->length;
		else
			a->out->unread_bytes += r->length;
	}
}

athar_status athar_acquisition_end(athar_acquisition *a, athar_error *err)
{
	ATHAR_TRY(athar_imaging_end(&a->imaging, err));
	a->out->hashes = a->imaging.hashes;
	a->out->padded = a->imaging.padded;
	athar_acquisition_give_room(a);
	count_lacking(a);
	look_again(a);
	ATHAR_TRY(measure(a, err));
	read_back(a);
	a->session.ended = a->context->now(a->context->user);
	a->session.to = a->imaging.size;
	a->session.result = a->imaging.bad.count == 0 ? "done" : "incomplete";
	ATHAR_TRY(save_records(a, err));
	ATHAR_TRY(commit(a, err));
	return verdict(a, err);
}
