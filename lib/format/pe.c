/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs and libraries of Windows ("PE Format" of Microsoft): a header behind an old one,
 * sections at places it names, and perhaps symbols, data for debuggers and signatures behind them.
 * The header has a sum of all 16-bit words; a signature has a digest of all but itself.
 */
#include "format/pe.h"

#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "digest/digest.h"
#include "format/list.h"

#define OLD_HEADER 64u
#define PE_AT_MOST 4096u
#define COFF 24u
#define SECTION 40u
#define SYMBOL 18u
#define DIRECTORIES 16u
#define SECURITY 4u
#define DEBUG 6u
#define DEBUG_ENTRY 28u
#define DEBUGS 32u
#define REPRODUCIBLE 16u
#define SUM_AT 64u
#define PIECE 65536u
#define SIGNATURE_MOST (1u << 20)

#define IS_IMAGE 0x0002u
#define IS_LIBRARY 0x2000u

static const char *machine_name(uint16_t machine)
{
	switch (machine) {
	case 0x014C:
		return "i386";
	case 0x8664:
		return "x86-64";
	case 0x01C0:
	case 0x01C2:
	case 0x01C4:
		return "arm";
	case 0xAA64:
		return "arm64";
	case 0x0200:
		return "ia64";
	case 0x0EBC:
		return "efi bytecode";
	default:
		return NULL;
	}
}

static bool is_power(uint32_t value)
{
	return value != 0 && (value & (value - 1)) == 0;
}

/* ---- the headers ---- */

static void set_kind(athar_pe *p, const uint8_t *coff, const uint8_t *optional)
{
	const uint16_t subsystem = athar_le16(optional + 68);
	const char *kind = "exe";

	if (subsystem >= 10 && subsystem <= 13)
		kind = "efi";
	else if (subsystem == 1)
		kind = "sys";
	else if ((athar_le16(coff + 22) & IS_LIBRARY) != 0)
		kind = "dll";
	(void)snprintf(p->w->claim->subtype, sizeof p->w->claim->subtype, "%s", kind);
	(void)snprintf(p->w->claim->extension, sizeof p->w->claim->extension, "%s", kind);
	athar_walk_field(p->w, "machine", "%s", machine_name(athar_le16(coff + 4)));
}

/* What the optional header says, `len` bytes of it. */
static bool read_optional(athar_pe *p, const uint8_t *o, uint32_t len)
{
	const bool wide = athar_le16(o) == 0x20B;
	const uint32_t first = wide ? 112 : 96;
	const uint32_t unit = athar_le32(o + 36);

	if ((!wide && athar_le16(o) != 0x10B) || len < first || !is_power(unit) ||
	    !is_power(athar_le32(o + 32)) || unit > athar_le32(o + 32))
		return false;
	p->sum = athar_le32(o + SUM_AT);
	p->headers = athar_le32(o + 60);
	p->directories = (uint32_t)athar_min(athar_le32(o + first - 4), DIRECTORIES);
	if (len - first < p->directories * 8)
		return false;
	for (uint32_t i = 0; i < p->directories; i++)
		p->directory[i] = (athar_pe_part){athar_le32(o + first + 8 * i),
		                                  athar_le32(o + first + 8 * i + 4)};
	p->security_entry = p->optional + first + 8 * SECURITY;
	return true;
}

static athar_status read_coff(athar_pe *p, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, p->w->in, 0, OLD_HEADER, err));
	const uint32_t at = athar_le32(b.ptr + 60);

	if (at < 4 || at > PE_AT_MOST || at % 4 != 0)
		return athar_walk_stop(p->w, "no header of a program follows");
	ATHAR_TRY(athar_reader_get(&b, p->w->in, at, COFF, err));
	const uint32_t len = athar_le16(b.ptr + 20);

	if (memcmp(b.ptr, "PE\0\0", 4) != 0 || machine_name(athar_le16(b.ptr + 4)) == NULL ||
	    (athar_le16(b.ptr + 22) & IS_IMAGE) == 0 || len < 96 || len > 1024)
		return athar_walk_stop(p->w, "no header of a program follows");
	p->count = athar_le16(b.ptr + 6);
	p->made = athar_le32(b.ptr + 8);
	p->symbols = (athar_pe_part){athar_le32(b.ptr + 12), athar_le32(b.ptr + 16)};
	p->optional = at + COFF;
	ATHAR_TRY(athar_reader_get(&b, p->w->in, at, COFF + len, err));
	if (p->count == 0 || p->count > ATHAR_PE_SECTIONS || !read_optional(p, b.ptr + COFF, len))
		return athar_walk_stop(p->w, "its header makes no sense");
	p->table = p->optional + len;
	athar_walk_begin(p->w, p->table);
	set_kind(p, b.ptr, b.ptr + COFF);
	return ATHAR_OK;
}

static athar_status read_sections(athar_pe *p, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, p->w->in, p->table, p->count * SECTION, err));
	p->end = athar_max(p->table + p->count * SECTION, p->headers);
	for (uint32_t i = 0; i < p->count; i++) {
		const uint8_t *s = b.ptr + (size_t)i * SECTION;

		p->section[i] = (athar_pe_section){
			.address = athar_le32(s + 12),
			.raw = {athar_le32(s + 20), athar_le32(s + 16)},
		};
		if (p->section[i].raw.len != 0 && p->section[i].raw.at != 0)
			p->end = athar_max(p->end,
			                   (uint64_t)p->section[i].raw.at + p->section[i].raw.len);
	}
	athar_walk_begin(p->w, p->table + p->count * SECTION);
	athar_walk_reach(p->w, p->end);
	return ATHAR_OK;
}

uint64_t athar_pe_place(const athar_pe *p, uint32_t address)
{
	for (uint32_t i = 0; i < p->count; i++) {
		const athar_pe_section *s = &p->section[i];

		if (address >= s->address && address - s->address < s->raw.len)
			return (uint64_t)s->raw.at + (address - s->address);
	}
	return 0;
}

/* ---- what lies behind the sections ---- */

/* Symbols, and behind them their names, whose size is told first. */
static athar_status pass_symbols(athar_pe *p, athar_error *err)
{
	const uint64_t names = p->symbols.at + (uint64_t)p->symbols.len * SYMBOL;
	athar_bytes b;

	if (p->symbols.at == 0 || p->symbols.len == 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, p->w->in, names, 4, err));
	const uint32_t size = athar_le32(b.ptr);

	if (size < 4 || size > INT32_MAX)
		return athar_walk_stop(p->w,
		                       "the names of its symbols are not where they should be");
	p->end = athar_max(p->end, names + size);
	return ATHAR_OK;
}

/* Data for debuggers, of which some lie behind all sections; and whether the time in the header is
 * one: a build that is to be the same each time puts a digest there. */
static athar_status pass_debug(athar_pe *p, athar_error *err)
{
	const athar_pe_part d =
		p->directories > DEBUG ? p->directory[DEBUG] : (athar_pe_part){0, 0};
	const uint32_t count = (uint32_t)athar_min(d.len / DEBUG_ENTRY, DEBUGS);
	const uint64_t at = athar_pe_place(p, d.at);
	athar_bytes b;

	if (count == 0 || at == 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, p->w->in, at, count * DEBUG_ENTRY, err));
	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *e = b.ptr + (size_t)i * DEBUG_ENTRY;
		const uint32_t len = athar_le32(e + 16), place = athar_le32(e + 24);

		if (athar_le32(e + 12) == REPRODUCIBLE)
			p->made = 0;
		else if (place != 0 && len <= INT32_MAX)
			p->end = athar_max(p->end, (uint64_t)place + len);
	}
	return ATHAR_OK;
}

/* Signatures lie at the end, each with its size. */
static athar_status pass_signatures(athar_pe *p, athar_error *err)
{
	if (p->directories <= SECURITY || p->directory[SECURITY].at == 0 ||
	    p->directory[SECURITY].len == 0)
		return ATHAR_OK;
	const athar_pe_part d = p->directory[SECURITY];
	const uint64_t end = (uint64_t)d.at + d.len;
	athar_bytes b;

	if (d.at < p->end || d.at % 8 != 0)
		return athar_walk_stop(p->w, "its signatures lie where they cannot");
	athar_walk_reach(p->w, end);
	for (uint64_t at = d.at; at < end;) {
		ATHAR_TRY(athar_reader_get(&b, p->w->in, at, 8, err));
		const uint32_t len = athar_le32(b.ptr);

		if (len < 8 || len > end - at ||
		    (athar_le16(b.ptr + 4) != 0x100 && athar_le16(b.ptr + 4) != 0x200))
			return athar_walk_stop(p->w, "at %llu there is no signature",
			                       (unsigned long long)at);
		at = athar_round_up(at + len, 8);
	}
	p->is_signed = true;
	p->unsigned_end = d.at;
	p->end = end;
	return ATHAR_OK;
}

/* ---- sums ---- */

/* Takes the bytes of [from, to) into the sum, or into the digest, or both. */
typedef struct taker {
	athar_digester *digester;
	uint64_t sum;
} taker;

static athar_status take(taker *t, athar_pe *p, uint64_t from, uint64_t to, athar_error *err)
{
	while (from < to) {
		athar_bytes b;

		ATHAR_TRY(athar_reader_get(&b, p->w->in, from, (size_t)athar_min(to - from, PIECE),
		                           err));
		for (size_t i = 0; i < b.len; i++)
			t->sum += (uint32_t)b.ptr[i] << ((from + i) % 2 * 8);
		if (t->digester != NULL)
			ATHAR_TRY(athar_digester_update(t->digester, b.ptr, b.len, err));
		from += b.len;
	}
	return ATHAR_OK;
}

/* The sum leaves out itself, and the length is added to it. */
static athar_status check_sum(bool *holds, athar_pe *p, athar_error *err)
{
	const uint64_t at = p->optional + SUM_AT;
	taker t = {NULL, 0};

	ATHAR_TRY(take(&t, p, 0, at, err));
	ATHAR_TRY(take(&t, p, at + 4, p->end, err));
	while (t.sum > UINT16_MAX)
		t.sum = (t.sum & UINT16_MAX) + (t.sum >> 16);
	*holds = p->sum != 0 && p->sum == (uint32_t)(t.sum + p->end);
	return ATHAR_OK;
}

/* Does the raw form of the digest lie in the bytes? */
static bool contains(const athar_bytes *b, const char *hex)
{
	uint8_t raw[32];
	const size_t len = strlen(hex) / 2;

	for (size_t i = 0; i < len; i++) {
		unsigned byte = 0;

		(void)sscanf(hex + 2 * i, "%2x", &byte);
		raw[i] = (uint8_t)byte;
	}
	return memmem(b->ptr, b->len, raw, len) != NULL;
}

/* The digest of all but the sum, the entry of the signatures, and these. */
static athar_status check_digest(bool *holds, athar_pe *p, athar_error *err)
{
	ATHAR_AUTO(digester) athar_digester *d = NULL;
	const uint64_t sum = p->optional + SUM_AT;
	const uint64_t len = p->end - p->unsigned_end;
	athar_digests digests;
	athar_bytes b;

	ATHAR_TRY(athar_digester_new(&d, ATHAR_SHA1 | ATHAR_SHA256, err));
	taker t = {d, 0};

	ATHAR_TRY(take(&t, p, 0, sum, err));
	ATHAR_TRY(take(&t, p, sum + 4, p->security_entry, err));
	ATHAR_TRY(take(&t, p, p->security_entry + 8, p->unsigned_end, err));
	ATHAR_TRY(athar_digester_finish(&digests, d, err));
	ATHAR_TRY(athar_reader_get(&b, p->w->in, p->unsigned_end,
	                           (size_t)athar_min(len, SIGNATURE_MOST), err));
	*holds = contains(&b, athar_digests_get(&digests, ATHAR_SHA1)) ||
	         contains(&b, athar_digests_get(&digests, ATHAR_SHA256));
	return ATHAR_OK;
}

/* ---- the whole ---- */

/* The digest is not of the signatures; the sum, where there is one, is of these too. */
static athar_status judge(athar_pe *p, athar_error *err)
{
	bool digest = false, sum = false;
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, p->w->in, p->end - 1, 1, err));
	ATHAR_TRY(check_sum(&sum, p, err));
	if (p->is_signed && !sum)
		ATHAR_TRY(check_digest(&digest, p, err));
	if (sum) {
		athar_walk_close(p->w, ATHAR_GRADE_INTACT, p->end, "the sum in its header holds");
		return ATHAR_OK;
	}
	p->w->claim->unseen = p->end - (digest ? p->unsigned_end : p->w->claim->proven);
	if (digest && p->sum == 0)
		athar_walk_close(p->w, ATHAR_GRADE_INTACT, p->end,
		                 "the digest in its signature holds");
	else if (digest)
		athar_walk_close(
			p->w, ATHAR_GRADE_COMPLETE, p->end,
			"the digest in its signature holds, the sum in its header does not");
	else
		athar_walk_close(
			p->w, ATHAR_GRADE_COMPLETE, p->end,
			"all its parts are there; no sum or digest holds, and more may follow");
	return ATHAR_OK;
}

static athar_status walk(athar_pe *p, athar_error *err)
{
	ATHAR_TRY(read_coff(p, err));
	ATHAR_TRY(read_sections(p, err));
	ATHAR_TRY(pass_debug(p, err));
	athar_windows_seconds(p->w, "created", p->made);
	ATHAR_TRY(athar_pe_version(p, err));
	ATHAR_TRY(pass_symbols(p, err));
	ATHAR_TRY(pass_signatures(p, err));
	athar_walk_reach(p->w, p->end);
	return judge(p, err);
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	athar_pe p = {.w = &w};

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&p, err), err);
}

static const athar_magic magic[] = {{0, 2, {'M', 'Z'}}, {0, 0, {0}}};

const athar_format athar_format_pe = {
	.name = "pe",
	.extension = "exe",
	.mime = "application/vnd.microsoft.portable-executable",
	.summary = "programs, libraries and drivers of Windows",
	.end = "its last section or signature; the sum or a digest",
	.best = ATHAR_GRADE_INTACT,
	.magic = magic,
	.measure = measure,
};
