/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar/acquire.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ask.h"
#include "athar/info.h"
#include "athar/text.h"
#include "facts.h"
#include "folder.h"
#include "progress.h"
#include "sheet.h"
#include "terminal.h"

typedef struct acquire_values {
	athar_common common;
	const char *folder, *compression, *first;
	uint64_t retries, timeout, stop_after, wait_device;
	athar_acquire_options options;
} acquire_values;

static const acquire_values defaults = {
	.compression = "fast", .retries = 3, .options = ATHAR_ACQUIRE_OPTIONS_INIT};

#define AT(member) offsetof(acquire_values, member)
#define PLACE "Where it goes"
#define IMAGE "The image"
#define PART "The source"
#define GOING_ON "Going on"
#define DAMAGED "Damaged media"
#define WORDS_OF "The examiner's words"

static const athar_option options[] = {
	{"case", 0, "DIR", ATHAR_OPTION_FOLDER, AT(folder), PLACE,
         "the case folder; made where there is none", NULL},
	{"exhibit", 0, "ID", ATHAR_OPTION_TEXT, AT(options.exhibit), PLACE,
         "the exhibit's id as on its label", NULL},
	{"copy", 0, "DIR", ATHAR_OPTION_FOLDER, AT(options.copy), PLACE,
         "a second image of the same, on another disk", NULL},
	{"spill", 0, "DIR", ATHAR_OPTION_FOLDER, AT(options.spill), PLACE,
         "where further image files go when the target is full", NULL},
	{"format", 0, "NAME", ATHAR_OPTION_CHOICE, AT(options.format), IMAGE,
         "ewf (E01) or raw; default ewf", "ewf,raw"},
	{"compression", 0, "LEVEL", ATHAR_OPTION_CHOICE, AT(compression), IMAGE,
         "of an E01: none, fast, best; default fast", "none,fast,best"},
	{"hash", 0, "LIST", ATHAR_OPTION_HASHES, AT(options.hashes), IMAGE,
         "hashes to compute; default md5,sha1,sha256", "md5,sha1,sha256,sha512,blake2b"},
	{"segment-size", 0, "SIZE", ATHAR_OPTION_SIZE, AT(options.segment_size), IMAGE,
         "of each file; default 2047MiB, of raw one file", NULL},
	{"no-verify", 0, NULL, ATHAR_OPTION_FLAG, AT(options.no_verify), IMAGE,
         "leave out reading the image back; recorded", NULL},
	{"offset", 0, "SIZE", ATHAR_OPTION_SIZE, AT(options.offset), PART,
         "where the part to read begins; 2048s is in sectors", NULL},
	{"size", 0, "SIZE", ATHAR_OPTION_SIZE, AT(options.size), PART,
         "of the part to read; default to the end", NULL},
	{"expect-serial", 0, "SERIAL", ATHAR_OPTION_TEXT, AT(options.expect_serial), PART,
         "refuse a device with another one; its last four will do", NULL},
	{"force-own-disk", 0, "DISK", ATHAR_OPTION_TEXT, AT(options.force_own_disk), PART,
         "node or serial of the disk this system runs from", NULL},
	{"seized", 0, "DATE", ATHAR_OPTION_TEXT, AT(options.seized), PART,
         "of the seizure; file systems that were used after it are named", NULL},
	{"resume", 0, NULL, ATHAR_OPTION_FLAG, AT(options.resume), GOING_ON,
         "go on with an acquisition that was interrupted", NULL},
	{"as-is", 0, NULL, ATHAR_OPTION_FLAG, AT(options.as_is), GOING_ON,
         "with --resume: read no more, make the exhibit of what stands", NULL},
	{"wait-device", 0, "SECONDS", ATHAR_OPTION_NUMBER, AT(wait_device), GOING_ON,
         "for a device that went away to come back", NULL},
	{"rescue", 0, NULL, ATHAR_OPTION_FLAG, AT(options.rescue), DAMAGED,
         "in rescue mode from the first byte on", NULL},
	{"first", 0, "LIST", ATHAR_OPTION_LIST, AT(first), DAMAGED,
         "what is read first, of a disk that may die", "metadata,allocated"},
	{"retries", 0, "N", ATHAR_OPTION_NUMBER, AT(retries), DAMAGED,
         "passes over what is bad; default 3", NULL},
	{"timeout", 0, "SECONDS", ATHAR_OPTION_NUMBER, AT(timeout), DAMAGED,
         "after which a read is given up; default never", NULL},
	{"max-bad", 0, "SIZE", ATHAR_OPTION_SIZE, AT(options.max_bad), DAMAGED,
         "stop when more than that is bad", NULL},
	{"min-rate", 0, "SIZE", ATHAR_OPTION_SIZE, AT(options.min_rate), DAMAGED,
         "bytes a second; slower areas are read last", NULL},
	{"reverse", 0, NULL, ATHAR_OPTION_FLAG, AT(options.reverse), DAMAGED, "begin at the end",
         NULL},
	{"stop-after", 0, "SECONDS", ATHAR_OPTION_NUMBER, AT(stop_after), DAMAGED,
         "stop, to go on later, after so long", NULL},
	{"domain", 0, "MAP", ATHAR_OPTION_PATH, AT(options.domain), DAMAGED,
         "read only what this map calls finished", NULL},
	{"from-map", 0, "MAP", ATHAR_OPTION_PATH, AT(options.from_map), DAMAGED,
         "what ddrescue, or athar, read before", NULL},
	{"from-image", 0, "IMAGE", ATHAR_OPTION_PATH, AT(options.from_image), DAMAGED,
         "the image that map speaks of", NULL},
	{"description", 0, "TEXT", ATHAR_OPTION_TEXT, AT(options.description), WORDS_OF,
         "what the exhibit is", NULL},
	{"notes", 0, "TEXT", ATHAR_OPTION_TEXT, AT(options.notes), WORDS_OF, "anything else", NULL},
	{"seal", 0, "TEXT", ATHAR_OPTION_TEXT, AT(options.seal), WORDS_OF,
         "numbers of the seals found and broken", NULL},
	{"condition", 0, "TEXT", ATHAR_OPTION_TEXT, AT(options.condition), WORDS_OF,
         "in which the exhibit was received", NULL},
	{"write-blocker", 0, "TEXT", ATHAR_OPTION_TEXT, AT(options.write_blocker), WORDS_OF,
         "make and serial number of the write blocker", NULL},
	ATHAR_OPTION_EXAMINER,
	ATHAR_OPTION_THREADS,
	ATHAR_OPTION_UNCONFINED,
	ATHAR_OPTION_YES,
	ATHAR_OPTIONS_OUTPUT,
	ATHAR_OPTIONS_END,
};

static athar_compression compression_of(const char *word)
{
	if (strcmp(word, "none") == 0)
		return ATHAR_COMPRESSION_NONE;
	return strcmp(word, "best") == 0 ? ATHAR_COMPRESSION_BEST : ATHAR_COMPRESSION_FAST;
}

/* The parser has seen that there are no other words. */
static unsigned first_of(const char *list)
{
	unsigned first = 0;

	if (list != NULL && strstr(list, "metadata") != NULL)
		first |= ATHAR_FIRST_METADATA;
	if (list != NULL && strstr(list, "allocated") != NULL)
		first |= ATHAR_FIRST_ALLOCATED;
	return first;
}

static unsigned whole(uint64_t number)
{
	return number > UINT32_MAX ? UINT32_MAX : (unsigned)number;
}

/* ---- what is asked on a terminal ---- */

/* The answers live as long as the call: what is not stated stays NULL. */
typedef struct answers {
	char *text[11];
	size_t count;
	athar_json *fields; /* of a new case */
} answers;

static void answers_clear(answers *a)
{
	for (size_t i = 0; i < a->count; i++)
		free(a->text[i]);
	athar_json_free(a->fields);
}

/* Asks for what was not given on the command line. */
static athar_status ask_field(const char **field, answers *a, const char *question,
                              athar_error *err)
{
	char **text = &a->text[a->count];

	if (*field != NULL)
		return ATHAR_OK;
	if (athar_ask_text(text, question, NULL, err) != ATHAR_OK)
		return err->status;
	*field = *text;
	a->count++;
	return ATHAR_OK;
}

static athar_status ask_case(answers *a, athar_error *err)
{
	char *number = NULL;

	a->fields = athar_json_object();
	if (athar_ask_text(&number, "Case number", NULL, err) != ATHAR_OK)
		return err->status;
	if (number != NULL)
		athar_json_set_text(a->fields, "number", number);
	free(number);
	return ATHAR_OK;
}

/* ewfacquire's order, then what it does not ask. */
static athar_status ask_fields(athar_call *call, answers *a, bool new_case, athar_error *err)
{
	acquire_values *v = call->values;
	athar_acquire_options *o = &v->options;
	const struct {
		const char **field;
		const char *question;
	} order[] = {
		{&o->description, "Description"},
		{&o->exhibit, "Exhibit"},
		{&v->common.examiner, "Examiner"},
		{&o->notes, "Notes"},
		{&o->seal, "Seal"},
		{&o->condition, "Condition on receipt"},
		{&o->write_blocker, "Write blocker"},
	};

	(void)fputs("Enter alone leaves a field not stated.\n", stderr);
	if (new_case && ask_case(a, err) != ATHAR_OK)
		return err->status;
	for (size_t i = 0; i < ATHAR_COUNT_OF(order); i++) {
		if (ask_field(order[i].field, a, order[i].question, err) != ATHAR_OK)
			return err->status;
	}
	call->context.examiner = v->common.examiner;
	return ATHAR_OK;
}

static void put_sheet_of_source(const athar_source_info *info)
{
	char sector[64];

	(void)fputs("\nSource\n", stderr);
	athar_terminal_fact(stderr, "Path", info->path);
	athar_terminal_fact(stderr, "Read as", info->driver);
	athar_terminal_fact_size(stderr, "Size", info->size);
	(void)snprintf(sector, sizeof sector, "%" PRIu32 " bytes", info->sector_size);
	athar_terminal_fact(stderr, "Sector", sector);
	athar_terminal_fact(stderr, "Model", info->model);
	athar_terminal_fact(stderr, "Serial", info->serial);
	athar_terminal_fact(stderr, "Firmware", info->firmware);
	athar_terminal_fact(stderr, "WWN", info->wwn);
	athar_terminal_fact(stderr, "Bus", info->bus);
	if (info->device)
		athar_terminal_fact(stderr, "Read-only", info->read_only ? "yes" : "NO");
}

static void put_sheet_of_image(const acquire_values *v)
{
	static const char *const not_stated = "(not stated)";
	const athar_acquire_options *o = &v->options;

	(void)fputs("\nImage\n", stderr);
	athar_terminal_fact(stderr, "Case", v->folder);
	athar_terminal_fact(stderr, "Exhibit", o->exhibit);
	athar_terminal_fact(stderr, "Format", o->format);
	if (strcmp(o->format, "ewf") == 0)
		athar_terminal_fact(stderr, "Compression", v->compression);
	if (o->segment_size != 0)
		athar_terminal_fact_size(stderr, "Segment size", o->segment_size);
	athar_terminal_fact(stderr, "Read back", o->no_verify ? "no" : "yes");
	athar_terminal_fact(stderr, "Examiner",
	                    v->common.examiner != NULL ? v->common.examiner : not_stated);
	athar_terminal_fact(stderr, "Write blocker",
	                    o->write_blocker != NULL ? o->write_blocker : not_stated);
	(void)fputc('\n', stderr);
}

/* A pipe is opened once, by who reads it. */
static bool is_pipe(const char *path)
{
	struct stat st;

	return strcmp(path, "-") == 0 || (stat(path, &st) == 0 && S_ISFIFO(st.st_mode));
}

/* All that is known of a device; and is it the one that lies on the table? */
static athar_status show_device(acquire_values *v, answers *a, const athar_source_info *info,
                                athar_error *err)
{
	athar_json *sheet = NULL;

	if (athar_info_device(&sheet, v->options.source, err) != ATHAR_OK)
		return err->status;
	athar_sheet_put(stderr, sheet);
	athar_json_free(sheet);
	if (info->serial == NULL)
		return ATHAR_OK;
	return ask_field(&v->options.expect_serial, a,
	                 "The last four characters of the serial number, from its label", err);
}

static athar_status show_source(acquire_values *v, answers *a, const athar_source_info *info,
                                athar_error *err)
{
	if (info->device)
		return show_device(v, a, info, err);
	put_sheet_of_source(info);
	return ATHAR_OK;
}

/* Opens it once: what cannot be opened must not leave a new case behind. */
static athar_status look_at_source(acquire_values *v, answers *a, bool show, athar_error *err)
{
	athar_source *source = NULL;
	athar_status status = ATHAR_OK;

	if (is_pipe(v->options.source))
		return ATHAR_OK;
	if (athar_source_open(&source, v->options.source, err) != ATHAR_OK)
		return err->status;
	if (show)
		status = show_source(v, a, athar_source_describe(source), err);
	athar_source_close(source);
	return status;
}

static athar_status confirm(const acquire_values *v, athar_error *err)
{
	bool yes = false;

	put_sheet_of_image(v);
	if (athar_ask_yes(&yes, "Continue with these values?", true, err) != ATHAR_OK)
		return err->status;
	if (!yes)
		return athar_fail(err, ATHAR_ECANCELED, "nothing was acquired");
	return ATHAR_OK;
}

static athar_status check_stated(const acquire_values *v, athar_error *err)
{
	if (v->folder == NULL)
		return athar_fail(err, ATHAR_EUSAGE, "--case DIR is missing");
	if (v->options.exhibit == NULL)
		return athar_fail(err, ATHAR_EUSAGE, "--exhibit ID is missing");
	return ATHAR_OK;
}

/* "serial:S" is the disk that says it has this serial number, under whatever node. */
static athar_status name_source(acquire_values *v, answers *a, const char *word, athar_error *err)
{
	static const char by_serial[] = "serial:";

	v->options.source = word;
	if (strncmp(word, by_serial, sizeof by_serial - 1) != 0)
		return ATHAR_OK;
	word += sizeof by_serial - 1;
	if (athar_info_by_serial(&a->text[a->count], word, err) != ATHAR_OK)
		return err->status;
	v->options.source = a->text[a->count++];
	if (v->options.expect_serial == NULL)
		v->options.expect_serial = word;
	return ATHAR_OK;
}

/* All questions come before anything is written. */
static athar_status settle(athar_call *call, answers *a, bool *new_case, athar_error *err)
{
	acquire_values *v = call->values;
	const bool may = athar_ask_may(call);

	if (name_source(v, a, call->operands.word[0], err) != ATHAR_OK)
		return err->status;
	v->options.compression = compression_of(v->compression);
	v->options.first = first_of(v->first);
	v->options.retries = whole(v->retries);
	v->options.timeout = whole(v->timeout);
	v->options.stop_after = whole(v->stop_after);
	v->options.wait_device = whole(v->wait_device);
	if (may && ask_field(&v->folder, a, "Case folder", err) != ATHAR_OK)
		return err->status;
	if (v->folder == NULL)
		return check_stated(v, err);
	if (athar_folder_decide(new_case, call, v->folder, err) != ATHAR_OK)
		return err->status;
	if (may && ask_fields(call, a, *new_case, err) != ATHAR_OK)
		return err->status;
	if (check_stated(v, err) != ATHAR_OK || look_at_source(v, a, may, err) != ATHAR_OK)
		return err->status;
	return may ? confirm(v, err) : ATHAR_OK;
}

/* ---- what came of it ---- */

static const char *read_back_name(athar_read_back read_back)
{
	static const char *const name[] = {"not done", "same", "DIFFERS"};

	return name[read_back];
}

static void put_result(const athar_acquire_result *r)
{
	char files[48], image[64];

	athar_terminal_fact(stdout, "Exhibit", r->slug);
	athar_terminal_fact_size(stdout, "Size", r->size);
	athar_terminal_fact_size(stdout, "Unreadable", r->bad_bytes);
	if (r->unread_bytes != 0)
		athar_terminal_fact_size(stdout, "Not tried", r->unread_bytes);
	athar_facts_hashes(stdout, "", &r->hashes);
	athar_facts_hashes(stdout, "Padded ", &r->padded);
	athar_terminal_fact(stdout, "Read-back", read_back_name(r->read_back));
	athar_terminal_fact(stdout, "Image", r->image);
	if (r->copy != NULL)
		athar_terminal_fact(stdout, "Second image", r->copy);
	(void)snprintf(image, sizeof image, "%s, %" PRIu64 " bytes",
	               athar_facts_count(files, sizeof files, r->segments, "file", "files"),
	               r->image_bytes);
	athar_terminal_fact(stdout, "Image files", image);
	athar_terminal_fact(stdout, "Custody head", r->custody_head);
}

static athar_json *summary(const athar_acquire_result *r)
{
	athar_json *s = athar_json_object();

	athar_json_set_text(s, "exhibit", r->slug);
	athar_json_set_number(s, "size", r->size);
	athar_json_set_number(s, "bad_bytes", r->bad_bytes);
	athar_json_set_number(s, "unread_bytes", r->unread_bytes);
	athar_json_set(s, "hashes", athar_digests_to_json(&r->hashes));
	if (r->padded.algorithms != 0)
		athar_json_set(s, "padded_hashes", athar_digests_to_json(&r->padded));
	athar_json_set_text(s, "read_back", read_back_name(r->read_back));
	athar_json_set_text(s, "image", r->image);
	if (r->copy != NULL)
		athar_json_set_text(s, "copy", r->copy);
	athar_json_set_number(s, "image_files", r->segments);
	athar_json_set_number(s, "image_bytes", r->image_bytes);
	athar_json_set_text(s, "custody_head", r->custody_head);
	return s;
}

/* No exhibit, but a run with --resume has something to go on with. */
static athar_json *summary_of_rest(const athar_acquire_result *r)
{
	athar_json *s = athar_json_object();

	athar_json_set_text(s, "exhibit", r->slug);
	athar_json_set_number(s, "size", r->size);
	athar_json_set_bool(s, "resumable", true);
	athar_json_set_number(s, "saved_bytes", r->saved_bytes);
	athar_json_set_text(s, "custody_head", r->custody_head);
	return s;
}

/* An exhibit stands after these. */
static bool stands(athar_status status, const athar_acquire_result *r)
{
	if (r->resumable)
		return false;
	return status == ATHAR_OK || status == ATHAR_EINCOMPLETE || status == ATHAR_EMISMATCH ||
	       (status == ATHAR_ECANCELED && r->image != NULL);
}

static void tell(athar_call *call, const athar_acquire_result *r)
{
	if (call->common->json)
		call->summary = summary(r);
	else if (!call->common->quiet)
		put_result(r);
	athar_call_done(call, "%" PRIu64 " bytes acquired%s", r->size,
	                r->read_back == ATHAR_READ_BACK_SAME ? ", and the image reads back the same"
	                                                     : ", the image was not read back");
}

static athar_status work(athar_call *call, athar_case *c, athar_error *err)
{
	const acquire_values *v = call->values;
	athar_acquire_result result = {.size = 0};
	athar_progress_line line;
	athar_status status;

	status = athar_acquire(&result, c, &v->options, athar_progress_begin(&line, call), err);
	athar_progress_wipe(&line);
	if (stands(status, &result))
		tell(call, &result);
	else if (result.resumable && call->common->json)
		call->summary = summary_of_rest(&result);
	athar_acquire_result_clear(&result);
	return status;
}

static athar_status run(athar_call *call, athar_error *err)
{
	const acquire_values *v = call->values;
	answers a = {.count = 0};
	athar_case *c = NULL;
	bool new_case = false;
	athar_status status = settle(call, &a, &new_case, err);

	if (status == ATHAR_OK)
		status = athar_folder_open(&c, call, v->folder, new_case, a.fields, err);
	if (status == ATHAR_OK)
		status = work(call, c, err);
	athar_case_close(c);
	answers_clear(&a);
	return status;
}

const athar_command athar_command_acquire = {
	.name = "acquire",
	.operands = "SOURCE",
	.least = 1,
	.most = 1,
	.summary = "make an image of a device or of another image",
	.about = "Reads SOURCE, a device or an image, into an exhibit of a case: the image, a map "
		 "of\n"
		 "what could be read, hashes, and a record. SOURCE is never written to.",
	.options = options,
	.defaults = &defaults,
	.values_size = sizeof defaults,
	.run = run,
};
