/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar/info.h"

#include <inttypes.h>
#include <stdlib.h>

#include "athar/text.h"
#include "events.h"
#include "facts.h"
#include "sheet.h"
#include "terminal.h"

typedef struct info_values {
	athar_common common;
	bool devices;
} info_values;

static const info_values defaults = {.devices = false};

static const athar_option options[] = {
	{"devices", 0, NULL, ATHAR_OPTION_FLAG, offsetof(info_values, devices), "What to look at",
         "the disks that are attached to this machine", NULL},
	ATHAR_OPTION_UNCONFINED,
	ATHAR_OPTIONS_OUTPUT,
	ATHAR_OPTIONS_END,
};

static void put_number(const athar_json *object, const char *key, const char *label)
{
	uint64_t n = 0;

	if (athar_json_get_number(object, key, &n))
		(void)printf("  %-14s %" PRIu64 "\n", label, n);
}

static void put_size(const athar_json *object, const char *key, const char *label)
{
	uint64_t n = 0;

	if (athar_json_get_number(object, key, &n))
		athar_terminal_fact_size(stdout, label, n);
}

static void put_text(const athar_json *object, const char *key, const char *label)
{
	const char *text = athar_json_get_text(object, key);

	if (text != NULL && text[0] != '\0')
		athar_terminal_fact_again(stdout, label, text);
}

static void row(const athar_call *call, const char *key, const athar_json *value)
{
	athar_json *event = athar_json_object();

	athar_json_set(event, key, athar_json_copy(value));
	athar_event(call, "row", event);
}

/* ---- an image ---- */

static void put_container(const athar_json *container)
{
	const athar_json *fields = athar_json_get(container, "fields");
	athar_digests stored = {.algorithms = 0};

	(void)fputs("Container\n", stdout);
	put_text(container, "driver", "Read as");
	put_size(container, "size", "Size");
	put_number(container, "sector_size", "Sector size");
	put_number(container, "segments", "Files");
	put_size(container, "bad_bytes", "Unreadable");
	put_text(fields, "case_number", "Case number");
	put_text(fields, "evidence_number", "Exhibit");
	put_text(fields, "description", "Description");
	put_text(fields, "examiner", "Examiner");
	put_text(fields, "notes", "Notes");
	put_text(fields, "acquired", "Acquired");
	put_text(fields, "system_date", "System date");
	put_text(fields, "software", "Software");
	athar_digests_from_json(&stored, athar_json_get(container, "hashes"));
	athar_facts_hashes(stdout, "Stored ", &stored);
}

static void put_volume(const athar_json *volume)
{
	uint64_t number = 0;

	(void)athar_json_get_number(volume, "number", &number);
	(void)printf("Volume %" PRIu64 "\n", number);
	put_text(volume, "kind", "Kind");
	put_text(volume, "description", "Description");
	put_text(volume, "label", "Label");
	put_size(volume, "offset", "Offset");
	put_size(volume, "length", "Length");
	put_number(volume, "block_size", "Block size");
	put_text(athar_json_get(volume, "last_use"), "mounted", "Last mounted");
	put_text(athar_json_get(volume, "last_use"), "written", "Last written");
}

static void put_image(const athar_json *info)
{
	const athar_json *volumes = athar_json_get(info, "volumes");
	const athar_json *findings = athar_json_get(info, "findings");

	put_container(athar_json_get(info, "container"));
	put_text(info, "partition_table", "Partitions");
	for (size_t i = 0; i < athar_json_count(volumes); i++)
		put_volume(athar_json_at(volumes, i));
	if (athar_json_count(findings) > 0)
		(void)fputs("Not examined\n", stdout);
	for (size_t i = 0; i < athar_json_count(findings); i++)
		athar_terminal_fact_again(stdout, "-", athar_json_text(athar_json_at(findings, i)));
}

static athar_status look_at_image(athar_call *call, athar_error *err)
{
	athar_json *info = NULL;
	char count[48];
	const athar_status status = athar_info(&info, call->operands.word[0], &call->context, err);

	if (info != NULL && call->common->json)
		row(call, "image", info);
	else if (info != NULL)
		put_image(info);
	athar_call_done(call, "%s",
	                athar_facts_count(count, sizeof count,
	                                  athar_json_count(athar_json_get(info, "volumes")),
	                                  "volume", "volumes"));
	athar_json_free(info);
	return status;
}

/* ---- the disks ---- */

static athar_status look_at_devices(athar_call *call, athar_error *err)
{
	athar_json *devices = NULL;
	char count[48];
	const athar_status status = athar_info_devices(&devices, err);

	for (size_t i = 0; i < athar_json_count(devices); i++) {
		if (call->common->json)
			row(call, "device", athar_json_at(devices, i));
		else
			athar_sheet_put(stdout, athar_json_at(devices, i));
	}
	athar_call_done(
		call, "%s attached",
		athar_facts_count(count, sizeof count, athar_json_count(devices), "disk", "disks"));
	athar_json_free(devices);
	return status;
}

static athar_status run(athar_call *call, athar_error *err)
{
	const info_values *v = call->values;

	if (v->devices && call->operands.count > 0)
		return athar_fail(err, ATHAR_EUSAGE, "--devices goes without an image");
	if (v->devices)
		return look_at_devices(call, err);
	if (call->operands.count == 0)
		return athar_fail(err, ATHAR_EUSAGE, "IMAGE or --devices is missing");
	return look_at_image(call, err);
}

const athar_command athar_command_info = {
	.name = "info",
	.operands = "IMAGE|--devices",
	.least = 0,
	.most = 1,
	.summary = "what an image holds, or what is attached",
	.about = "Shows what an image says of itself and which volumes it holds, or which disks "
		 "are\n"
		 "attached to this machine. Nothing is written, nothing is mounted.",
	.options = options,
	.defaults = &defaults,
	.values_size = sizeof defaults,
	.run = run,
};
