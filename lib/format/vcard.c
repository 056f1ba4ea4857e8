/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vCards: contacts as telephones and address books give them away, versions 2.1 to 4.0 (RFC 6350),
 * often many in one file.
 */
#include "format/list.h"
#include "format/vobject.h"

static void line(athar_walk *w, void *context, const athar_vline *v)
{
	(void)context;
	if (v->depth != 1)
		return;
	if (athar_vline_is(v, "FN"))
		athar_vline_note(w, "name", v);
	else if (athar_vline_is(v, "VERSION"))
		athar_vline_note(w, "version", v);
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	static const athar_vobject_kind kind = {.name = "VCARD", .line = line};
	athar_walk w;
	uint64_t count = 0;

	athar_walk_init(&w, out, in);
	const athar_status status = athar_vobject_walk(&count, &w, &kind, NULL, err);

	if (count != 0)
		athar_walk_field(&w, "count", "%llu", (unsigned long long)count);
	return athar_walk_settle(&w, status, err);
}

static const athar_magic magic[] = {
	{0, 11, {'B', 'E', 'G', 'I', 'N', ':', 'V', 'C', 'A', 'R', 'D'}},
	{0, 11, {'b', 'e', 'g', 'i', 'n', ':', 'v', 'c', 'a', 'r', 'd'}},
	{0, 0, {0}}};

const athar_format athar_format_vcard = {
	.name = "vcard",
	.extension = "vcf",
	.mime = "text/vcard",
	.summary = "vCards: contacts of address books and telephones",
	.end = "END:VCARD, behind which no other card begins",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
