/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar/verify.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "athar/text.h"
#include "events.h"
#include "facts.h"
#include "progress.h"
#include "terminal.h"

#define MOST_RANGES 20

typedef struct verify_values {
	athar_common common;
	athar_verify_options options;
} verify_values;

static const verify_values defaults = {.options = ATHAR_VERIFY_OPTIONS_INIT};

#define AT(member) offsetof(verify_values, member)

static const athar_option options[] = {
	{"against", 0, "WHAT", ATHAR_OPTION_PATH, AT(options.against), "What to compare",
         "a hash, a list of hashes, or another image", NULL},
	{"hash", 0, "LIST", ATHAR_OPTION_HASHES, AT(options.hashes), "What to compare",
         "hashes to compute; those on record are added", "md5,sha1,sha256,sha512,blake2b"},
	ATHAR_OPTION_EXAMINER,
	ATHAR_OPTION_THREADS,
	ATHAR_OPTION_UNCONFINED,
	ATHAR_OPTIONS_OUTPUT,
	ATHAR_OPTIONS_END,
};

typedef struct rows {
	const athar_call *call;
	const char *path;
	athar_progress_line *line;
} rows;

static athar_ink ink_of(athar_check check)
{
	switch (check) {
	case ATHAR_CHECK_SAME:
		return ATHAR_INK_GOOD;
	case ATHAR_CHECK_DIFFERS:
		return ATHAR_INK_BAD;
	case ATHAR_CHECK_NOTHING:
	case ATHAR_CHECK_FAILED:
		break;
	}
	return ATHAR_INK_DOUBT;
}

static athar_json *place_json(const athar_verify_row *row, const athar_place *p)
{
	athar_json *o = athar_json_object();

	athar_json_set_text(o, "kind", athar_place_kind_name(p->kind));
	if (p->volume >= 0)
		athar_json_set_number(o, "volume", (uint64_t)p->volume);
	if (p->file_system[0] != '\0')
		athar_json_set_text(o, "file_system", p->file_system);
	athar_json_set_number(o, "offset", p->offset);
	athar_json_set_number(o, "sector", p->offset / row->sector_size);
	athar_json_set_number(o, "bytes", p->bytes);
	if (p->kind != ATHAR_PLACE_FILE && p->kind != ATHAR_PLACE_SLACK)
		return o;
	if (p->path != NULL)
		athar_json_set_bytes(o, "path", p->path, p->path_len);
	athar_json_set_text(o, "state", athar_state_name(p->state));
	athar_json_set_text(o, "address", p->address);
	athar_json_set_number(o, "from", p->from);
	athar_json_set_number(o, "size", p->size);
	return o;
}

static void add_range(athar_json *event, const athar_verify_row *row)
{
	athar_json *places = athar_json_array();

	athar_json_set_number(event, "offset", row->offset);
	athar_json_set_number(event, "length", row->length);
	athar_json_set_number(event, "sector", row->offset / row->sector_size);
	athar_json_set_number(event, "last_sector",
	                      (row->offset + row->length - 1) / row->sector_size);
	athar_json_set_text(event, "segment", row->segment);
	for (size_t i = 0; i < row->places; i++)
		athar_json_append(places, place_json(row, &row->place[i]));
	athar_json_set(event, "places", places);
	athar_json_set_number(event, "more_files", row->more);
}

static void row_event(const rows *r, const athar_verify_row *row)
{
	athar_json *event = athar_json_object();

	athar_json_set_text(event, "path", r->path);
	athar_json_set_text(event, "check", athar_check_name(row->check));
	athar_json_set_text(event, "kind", athar_verify_kind_name(row->kind));
	athar_json_set_text(event, "what", row->what);
	athar_json_set_text(event, "detail", row->detail);
	if (row->twin != ATHAR_TWIN_NONE)
		athar_json_set_text(event, "good", athar_twin_name(row->twin));
	if (row->ranged)
		add_range(event, row);
	athar_event(r->call, "row", event);
}

static void put_file(const athar_place *p)
{
	const char *state = athar_state_name(p->state);

	if (p->path != NULL)
		athar_terminal_put_bytes(stdout, p->path, p->path_len);
	else
		(void)printf("a file without a name (%s)", p->address);
	if (p->state != ATHAR_STATE_LIVE)
		(void)printf(" (%s)", state);
	if (p->kind == ATHAR_PLACE_SLACK)
		(void)printf(": the rest of its last block, %" PRIu64 " bytes", p->bytes);
	else
		(void)printf(": %" PRIu64 " bytes of %" PRIu64 ", from byte %" PRIu64, p->bytes,
		             p->size, p->from);
}

static const char *place_words(athar_place_kind kind)
{
	switch (kind) {
	case ATHAR_PLACE_METADATA:
		return "metadata of the file system";
	case ATHAR_PLACE_IN_USE:
		return "in use: metadata of the file system, or a file that could not be told";
	case ATHAR_PLACE_UNALLOCATED:
		return "unallocated";
	case ATHAR_PLACE_UNMAPPED:
		return "whether it is in use could not be told";
	case ATHAR_PLACE_PARTITION:
		return "what lies in it could not be told";
	default:
		return "in no volume that was found";
	}
}

/* "      volume 0 (ext4): a/b.txt: 512 bytes of 20000, from byte 4096" */
static void put_place(const athar_place *p)
{
	(void)fputs("      ", stdout);
	if (p->volume >= 0)
		(void)printf("volume %d (%s): ", p->volume, p->file_system);
	if (p->kind == ATHAR_PLACE_FILE || p->kind == ATHAR_PLACE_SLACK)
		put_file(p);
	else
		(void)printf("%s, %" PRIu64 " bytes at %" PRIu64, place_words(p->kind), p->bytes,
		             p->offset);
	(void)putchar('\n');
}

static void on_row(void *user, const athar_verify_row *row)
{
	const rows *r = user;

	if (r->call->common->json) {
		row_event(r, row);
		return;
	}
	if (r->call->common->quiet && row->check == ATHAR_CHECK_SAME)
		return;
	athar_progress_wipe(r->line);
	(void)printf("  %s%-23s%s ", athar_terminal_ink(stdout, ink_of(row->check)),
	             athar_check_name(row->check), athar_terminal_ink(stdout, ATHAR_INK_PLAIN));
	athar_terminal_put_again(stdout, row->what);
	if (row->detail != NULL) {
		(void)fputs(": ", stdout);
		athar_terminal_put_again(stdout, row->detail);
	}
	(void)putchar('\n');
	for (size_t i = 0; i < row->places; i++)
		put_place(&row->place[i]);
	if (row->more != 0)
		(void)printf("      and %" PRIu64 " more files\n", row->more);
}

/* Only what there is of them. */
static athar_json *twins_json(const athar_verify_result *r)
{
	athar_json *o = athar_json_object();

	for (athar_twin twin = ATHAR_TWIN_HERE; twin < ATHAR_TWINS; twin++) {
		athar_json *t;

		if (r->twins[twin].ranges == 0)
			continue;
		t = athar_json_object();
		athar_json_set_number(t, "ranges", r->twins[twin].ranges);
		athar_json_set_number(t, "bytes", r->twins[twin].bytes);
		athar_json_set(o, athar_twin_name(twin), t);
	}
	return o;
}

/* Ranges in the summary; the rest is counted. */
#define MOST_IN_SUMMARY 10000u

static void add_damage(athar_json *s, const athar_verify_result *r)
{
	athar_runs first = r->bad; /* borrowed */

	if (first.count > MOST_IN_SUMMARY)
		first.count = MOST_IN_SUMMARY;
	athar_json_set(s, "damaged", athar_facts_runs_json(&first));
	athar_json_set_number(s, "damaged_ranges", r->bad.count);
	athar_json_set_number(s, "damaged_bytes", athar_runs_total(&r->bad));
	athar_json_set_bool(s, "coarse", r->coarse);
	athar_json_set_number(s, "files", r->files);
	athar_json_set_number(s, "deleted_files", r->deleted);
	athar_json_set(s, "twins", twins_json(r));
}

static athar_json *json_of(const athar_verify_result *r, const char *path, athar_status status,
                           const athar_error *err)
{
	athar_json *s = athar_json_object();

	athar_json_set_text(s, "path", path);
	athar_json_set_number(s, "exit", (uint64_t)athar_status_exit(status));
	if (status != ATHAR_OK)
		athar_json_set(s, "error", athar_event_error(err));
	athar_json_set_number(s, "same", r->same);
	athar_json_set_number(s, "differs", r->differs);
	athar_json_set_number(s, "nothing", r->nothing);
	athar_json_set_number(s, "failed", r->failed);
	athar_json_set_number(s, "bytes", r->bytes);
	if (!athar_case_exists(path))
		athar_json_set(s, "hashes", athar_digests_to_json(&r->hashes));
	add_damage(s, r);
	athar_json_set_bool(s, "logged", r->logged);
	return s;
}

static void put_twins(const athar_verify_result *r)
{
	static const char *const words[ATHAR_TWINS] = {
		NULL,
		"good here, not there",
		"good there, not here",
		"good in neither",
		"different, and nothing says which is right",
		"read here, could not be read there",
		"could not be read here, read there",
	};

	for (athar_twin twin = ATHAR_TWIN_HERE; twin < ATHAR_TWINS; twin++)
		if (r->twins[twin].ranges != 0)
			(void)printf("  %-14s %" PRIu64 " bytes in %" PRIu64 " %s %s\n", "Compared",
			             r->twins[twin].bytes, r->twins[twin].ranges,
			             r->twins[twin].ranges == 1 ? "range" : "ranges", words[twin]);
}

/* A case may hold many images: their hashes are in its rows. */
static void put_result(const athar_verify_result *r, const char *path)
{
	if (!athar_case_exists(path))
		athar_facts_hashes(stdout, "", &r->hashes);
	athar_facts_runs(stdout, "Damaged", &r->bad, MOST_RANGES);
	if (r->coarse)
		(void)printf("  %-14s the last of these ranges holds good sectors too\n",
		             "Damaged");
	if (r->files != 0 || r->deleted != 0)
		(void)printf("  %-14s %" PRIu64 " live, %" PRIu64 " deleted lie in these ranges\n",
		             "Files", r->files, r->deleted);
	put_twins(r);
}

/* The verification of one of the paths; its part of the summary goes to `paths`. */
static athar_status verify_one(athar_call *call, const char *path, athar_json *paths,
                               uint64_t *same, athar_error *err)
{
	verify_values *v = call->values;
	athar_verify_result result = {.same = 0};
	athar_progress_line line;
	rows r = {.call = call, .path = path, .line = &line};
	const athar_verify_sink sink = {.row = on_row, .user = &r};
	athar_status status;

	v->options.path = path;
	if (!call->common->json && call->operands.count > 1) {
		athar_terminal_put(stdout, path);
		(void)putchar('\n');
	}
	status = athar_verify(&result, &v->options, &call->context, &sink,
	                      athar_progress_begin(&line, call), err);
	athar_progress_wipe(&line);
	athar_json_append(paths, json_of(&result, path, status, err));
	if (!call->common->json && !call->common->quiet)
		put_result(&result, path);
	*same += result.same;
	athar_verify_result_clear(&result);
	return status;
}

/* All of them at once: what is confined to the first could not open the second. */
static athar_status open_verifier(const athar_call *call, athar_error *err)
{
	verify_values *v = call->values;
	const size_t count = call->operands.count;
	const char **paths = calloc(count + 1, sizeof *paths);
	athar_status status;

	if (paths == NULL)
		return athar_fail(err, ATHAR_ENOMEM, "out of memory");
	for (size_t i = 0; i < count; i++)
		paths[i] = call->operands.word[i];
	status = athar_verifier_open(&v->options.verifier, paths, v->options.against,
	                             &call->context, err);
	free(paths);
	return status;
}

/* Of several failures the gravest counts, of equals the first. */
static athar_status verify_all(athar_call *call, athar_json *paths, uint64_t *same,
                               athar_error *err)
{
	athar_status worst = ATHAR_OK;

	for (size_t i = 0; i < call->operands.count && worst != ATHAR_ECANCELED; i++) {
		athar_error one = ATHAR_ERROR_INIT;
		const athar_status status =
			verify_one(call, call->operands.word[i], paths, same, &one);
		const int so_far = athar_status_exit(worst);

		if (athar_exit_gravest(so_far, athar_status_exit(status)) == so_far)
			continue;
		worst = status;
		*err = one;
		if (call->operands.count > 1 && strstr(err->text, call->operands.word[i]) == NULL)
			(void)athar_within(err, "%s", call->operands.word[i]);
	}
	return worst;
}

static athar_status run(athar_call *call, athar_error *err)
{
	verify_values *v = call->values;
	athar_status status = open_verifier(call, err);
	athar_json *paths;
	uint64_t same = 0;
	char count[48];

	if (status != ATHAR_OK)
		return status;
	paths = athar_json_array();
	status = verify_all(call, paths, &same, err);
	athar_verifier_close(v->options.verifier);
	call->summary = athar_json_object();
	athar_json_set(call->summary, "paths", paths);
	athar_call_done(call, "%s, all the same",
	                athar_facts_count(count, sizeof count, same, "check", "checks"));
	return status;
}

const athar_command athar_command_verify = {
	.name = "verify",
	.operands = "IMAGE|CASE...",
	.least = 1,
	.most = SIZE_MAX,
	.summary = "is an image or a case still what it was?",
	.about = "Reads images and cases again and compares them with the hashes that they, their\n"
		 "records and their logs hold. Says what differs, where, and which files lie "
		 "there;\n"
		 "of two damaged images, which is good where.",
	.options = options,
	.defaults = &defaults,
	.values_size = sizeof defaults,
	.run = run,
};
