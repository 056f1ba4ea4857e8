/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/worker.h"

void athar_volume_wire(athar_wire *w, const athar_volume_info *v)
{
	athar_wire_number(w, v->number);
	athar_wire_number(w, v->offset);
	athar_wire_number(w, v->length);
	athar_wire_text(w, v->kind);
	athar_wire_text(w, v->description);
	athar_wire_text(w, v->label);
	athar_wire_number(w, v->block_size);
	athar_wire_number(w, v->blocks);
	athar_wire_number(w, v->pool_block);
	athar_wire_number(w, v->file_system);
	athar_wire_text(w, v->finding);
}

void athar_volume_unwire(athar_volume_info *out, athar_unwire *u)
{
	*out = (athar_volume_info){.number = (unsigned)athar_unwire_below(u, 512)};
	out->offset = athar_unwire_number(u);
	out->length = athar_unwire_number(u);
	athar_unwire_text(u, out->kind, sizeof out->kind);
	athar_unwire_text(u, out->description, sizeof out->description);
	athar_unwire_text(u, out->label, sizeof out->label);
	out->block_size = (uint32_t)athar_unwire_below(u, UINT64_C(1) << 32);
	out->blocks = athar_unwire_number(u);
	out->pool_block = athar_unwire_number(u);
	out->file_system = athar_unwire_below(u, 2) != 0;
	athar_unwire_text(u, out->finding, sizeof out->finding);
}

void athar_last_use_wire(athar_wire *w, const athar_last_use *use)
{
	athar_wire_number(w, (uint64_t)use->mounted);
	athar_wire_number(w, (uint64_t)use->written);
	athar_wire_text(w, use->source);
}

void athar_last_use_unwire(athar_last_use *out, athar_unwire *u)
{
	*out = (athar_last_use){.mounted = 0};
	out->mounted = (int64_t)athar_unwire_below(u, UINT64_C(1) << 40);
	out->written = (int64_t)athar_unwire_below(u, UINT64_C(1) << 40);
	athar_unwire_text(u, out->source, sizeof out->source);
}

void athar_counts_wire(athar_wire *w, const athar_volume_counts *c)
{
	athar_wire_number(w, c->files);
	athar_wire_number(w, c->deleted);
	athar_wire_number(w, c->orphans);
	athar_wire_number(w, c->folders);
	athar_wire_number(w, c->failed_reads);
	athar_wire_number(w, c->errors);
	athar_wire_number(w, c->partial);
}

void athar_counts_unwire(athar_volume_counts *out, athar_unwire *u)
{
	out->files = athar_unwire_number(u);
	out->deleted = athar_unwire_number(u);
	out->orphans = athar_unwire_number(u);
	out->folders = athar_unwire_number(u);
	out->failed_reads = athar_unwire_number(u);
	out->errors = athar_unwire_number(u);
	out->partial = athar_unwire_below(u, 2) != 0;
}

void athar_request_survey(athar_wire *w)
{
	athar_wire_number(w, ATHAR_TASK_SURVEY);
}

void athar_request_walk(athar_wire *w, const athar_volume_info *volume, athar_walk_depth depth)
{
	athar_wire_number(w, ATHAR_TASK_WALK);
	athar_volume_wire(w, volume);
	athar_wire_number(w, depth);
}

void athar_request_scan(athar_wire *w, uint64_t start, uint64_t length, uint64_t limit)
{
	athar_wire_number(w, ATHAR_TASK_SCAN);
	athar_wire_number(w, start);
	athar_wire_number(w, length);
	athar_wire_number(w, limit);
}

void athar_request_join(athar_wire *w, const athar_join_request *request)
{
	athar_wire_number(w, ATHAR_TASK_JOIN);
	athar_join_request_wire(w, request);
}

void athar_request_extract(athar_wire *w, const athar_find *find, const athar_volume_info *volume,
                           unsigned what)
{
	athar_wire_number(w, ATHAR_TASK_EXTRACT);
	athar_wire_number(w, what);
	athar_wire_number(w, volume != NULL);
	if (volume != NULL)
		athar_volume_wire(w, volume);
	athar_find_wire(w, find);
}
