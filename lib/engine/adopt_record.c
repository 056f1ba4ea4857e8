/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/adopt_record.h"

#include <string.h>

#include "athar/version.h"
#include "base/alloc.h"
#include "engine/record.h"

/* Ranges listed of each log; the log itself, kept beside, has all. */
#define RANGES_MOST 100000u

/* ---- who made it ---- */

static const athar_said *maker_of(const athar_logs *logs)
{
	for (size_t i = 0; i < logs->count; i++)
		if (logs->file[i].said.text[ATHAR_SAID_TOOL][0] != '\0')
			return &logs->file[i].said;
	return NULL;
}

athar_status athar_adopt_maker(char **out, const athar_logs *logs, const athar_source_info *image,
                               athar_error *err)
{
	const athar_said *said = maker_of(logs);

	if (said == NULL && image->fields.software == NULL)
		return ATHAR_OK;
	*out = said == NULL
	               ? athar_copy_text(image->fields.software, err)
	               : athar_format_text(err, "%s%s%s", said->text[ATHAR_SAID_TOOL],
	                                   said->text[ATHAR_SAID_VERSION][0] == '\0' ? "" : " ",
	                                   said->text[ATHAR_SAID_VERSION]);
	return *out == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

static athar_json *made_by(const athar_adopt_record *r)
{
	const athar_said *said = maker_of(r->logs);
	athar_json *o = athar_json_object();

	athar_json_set_text(o, "tool",
	                    said != NULL ? said->text[ATHAR_SAID_TOOL] : r->image->fields.software);
	athar_json_set_text(o, "version",
	                    said == NULL || said->text[ATHAR_SAID_VERSION][0] == '\0'
	                            ? NULL
	                            : said->text[ATHAR_SAID_VERSION]);
	return o;
}

/* ---- what was said ---- */

static void set_stated(athar_json *o, const char *key, const char *text)
{
	if (text != NULL && text[0] != '\0')
		athar_json_set_text(o, key, text);
}

static athar_json *container_said(const athar_source_info *image)
{
	const athar_source_fields *f = &image->fields;
	athar_json *o = athar_json_object();

	athar_json_set_text(o, "by", "container");
	athar_json_set_text(o, "format", image->driver);
	athar_json_set_number(o, "size", image->size);
	athar_json_set_number(o, "sector_size", image->sector_size);
	athar_json_set(o, "stored_hashes", athar_digests_to_json(&image->stored));
	set_stated(o, "case_number", f->case_number);
	set_stated(o, "evidence_number", f->evidence_number);
	set_stated(o, "description", f->description);
	set_stated(o, "examiner", f->examiner);
	set_stated(o, "notes", f->notes);
	set_stated(o, "acquired", f->acquired);
	set_stated(o, "system_date", f->system_date);
	set_stated(o, "tool", f->software);
	return o;
}

static athar_json *log_said(const athar_log_file *f)
{
	athar_json *o = athar_said_json(&f->said, RANGES_MOST);

	athar_json_set_text(o, "by", f->name);
	if (f->failure[0] != '\0')
		athar_json_set_text(o, "failure", f->failure);
	return o;
}

/* A raw image says nothing of itself. */
static athar_json *said_of(const athar_adopt_record *r)
{
	athar_json *list = athar_json_array();

	if (strcmp(r->image->driver, "ewf") == 0)
		athar_json_append(list, container_said(r->image));
	for (size_t i = 0; i < r->logs->count; i++)
		athar_json_append(list, log_said(&r->logs->file[i]));
	return list;
}

athar_json *athar_adopt_logs_json(const athar_logs *logs)
{
	athar_json *list = athar_json_array();

	for (size_t i = 0; i < logs->count; i++) {
		const athar_log_file *f = &logs->file[i];
		athar_json *o = athar_json_object();

		athar_json_set_text(o, "from", f->path);
		athar_json_set_text(o, "name", f->name);
		athar_json_set_text(o, "sha256", f->sha256);
		athar_json_set_number(o, "size", f->len);
		athar_json_append(list, o);
	}
	return list;
}

/* ---- what was seen ---- */

static void set_pieces(athar_json *o, const athar_adopt_record *r)
{
	size_t same = 0, differs = 0;

	for (size_t i = 0; i < r->logs->count; i++) {
		same += athar_pieces_in(&r->seen->pieces[i], ATHAR_PIECE_SAME);
		differs += athar_pieces_in(&r->seen->pieces[i], ATHAR_PIECE_DIFFERS);
	}
	if (same + differs == 0)
		return;
	athar_json_set_number(o, "pieces_same", same);
	athar_json_set_number(o, "pieces_differ", differs);
}

static athar_json *seen_of(const athar_adopt_record *r)
{
	const athar_reading *seen = r->seen;
	athar_json *o = athar_json_object();

	athar_json_set_text(o, "format", r->image->driver);
	athar_json_set_number(o, "size", r->image->size);
	athar_json_set_number(o, "sector_size", r->image->sector_size);
	athar_json_set(o, "hashes", athar_digests_to_json(&seen->pass.hashes));
	athar_json_set_number(o, "damaged_bytes", athar_runs_total(&seen->pass.bad));
	athar_json_set(o, "damaged", athar_record_ranges(&seen->pass.bad, RANGES_MOST));
	if (seen->pass.why[0][0] != '\0')
		athar_json_set_text(o, "damage", seen->pass.why[0]);
	if (r->image->finding != NULL)
		athar_json_set_text(o, "finding", r->image->finding);
	if (seen->bad_with_data != 0)
		athar_json_set_number(o, "bad_with_data", seen->bad_with_data);
	set_pieces(o, r);
	return o;
}

static athar_json *files_of(const athar_image_files *files)
{
	athar_json *list = athar_json_array();

	for (size_t i = 0; i < files->count; i++) {
		const athar_image_file *f = &files->file[i];
		athar_json *o = athar_json_object();

		athar_json_set_text(o, "name", f->copy != NULL ? f->copy : f->name);
		athar_json_set_text(o, "from", f->path);
		athar_json_set_number(o, "size", f->size);
		if (f->sha256[0] != '\0')
			athar_json_set_text(o, "sha256", f->sha256);
		athar_json_append(list, o);
	}
	return list;
}

static athar_json *image_of(const athar_adopt_record *r)
{
	athar_json *o = athar_json_object();

	if (r->options->copy)
		athar_json_set_text(o, "name", r->files->file[0].copy);
	else
		athar_json_set_text(o, "path", r->path);
	athar_json_set_number(o, "segments", r->files->count);
	athar_json_set_number(o, "bytes", r->files->bytes);
	athar_json_set_number(o, "media_size", r->image->size);
	athar_json_set_number(o, "padded_bytes", 0);
	athar_json_set(o, "files", files_of(r->files));
	return o;
}

/* ---- the record ---- */

static athar_json *blocks_of(const athar_adopt_record *r)
{
	athar_json *o = athar_json_object();
	char name[300];

	(void)snprintf(name, sizeof name, "%s.sha256", r->slug);
	athar_json_set_text(o, "name", name);
	athar_json_set_text(o, "algorithm", "sha256");
	athar_json_set_number(o, "block_size", ATHAR_BLOCK_SIZE);
	return o;
}

static void set_circumstances(athar_json *o, const athar_adopt_record *r)
{
	athar_record_time(o, "started", r->started);
	athar_record_time(o, "ended", r->ended);
	athar_json_set(o, "versions", athar_version_libraries());
	athar_json_set_text(o, "confinement", r->confinement);
	athar_json_set_text(o, "host", r->context->host);
	athar_json_set_text(o, "system", r->context->system);
	athar_json_set_text(o, "login", r->context->login);
	athar_json_set_text(o, "examiner", r->context->examiner);
	athar_json_set_text(o, "command", r->context->command);
}

athar_json *athar_adopt_record_json(const athar_adopt_record *r)
{
	athar_json *o = athar_json_object();

	athar_json_set_number(o, "v", 1);
	athar_json_set_text(o, "exhibit", r->options->exhibit);
	athar_json_set_bool(o, "by_reference", !r->options->copy);
	athar_json_set(o, "made_by", made_by(r));
	athar_json_set(o, "image", image_of(r));
	athar_json_set(o, "said", said_of(r));
	athar_json_set(o, "seen", seen_of(r));
	athar_json_set_number(o, "compared", r->comparison->hashes);
	athar_json_set(o, "differences", athar_json_copy(r->comparison->differences));
	athar_json_set(o, "notes", athar_json_copy(r->comparison->notes));
	athar_json_set(o, "logs", athar_adopt_logs_json(r->logs));
	athar_json_set(o, "hashes", athar_digests_to_json(&r->seen->pass.hashes));
	athar_json_set_number(o, "bad_bytes", athar_runs_total(&r->seen->bad));
	athar_json_set(o, "bad", athar_record_ranges(&r->seen->bad, SIZE_MAX));
	athar_json_set(o, "block_hashes", blocks_of(r));
	set_circumstances(o, r);
	return o;
}
