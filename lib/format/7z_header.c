/* SPDX-License-Identifier: BSD-2-Clause */
/* 7zFormat.txt of the LZMA SDK, "Archive structure" and what follows there. */
#include "format/7z.h"

#include <string.h>

#include "base/endian.h"

enum { PACK = 6, UNPACK, SUBSTREAMS, SIZE, CRC, FOLDER, LENGTHS, COUNTS, NAMES = 0x11 };

#define CODERS_MOST 32u

uint8_t athar_7z_byte(athar_7z_cursor *c)
{
	if (c->failed || c->next == c->end) {
		c->failed = true;
		return 0;
	}
	return *c->next++;
}

/* As many ones as the first byte begins with, so many bytes follow, the lowest first; what is left
 * of the first byte is highest. */
uint64_t athar_7z_number(athar_7z_cursor *c)
{
	const uint8_t first = athar_7z_byte(c);
	uint64_t value = 0;
	unsigned n = 0;

	for (; n < 8 && (first & 0x80u >> n) != 0; n++)
		value |= (uint64_t)athar_7z_byte(c) << 8 * n;
	if (n < 8)
		value |= (uint64_t)(first & ((0x80u >> n) - 1)) << 8 * n;
	return c->failed ? 0 : value;
}

uint32_t athar_7z_fixed(athar_7z_cursor *c)
{
	if (c->failed || c->end - c->next < 4) {
		c->failed = true;
		return 0;
	}
	c->next += 4;
	return athar_le32(c->next - 4);
}

void athar_7z_skip(athar_7z_cursor *c, uint64_t len)
{
	if (c->failed || len > (uint64_t)(c->end - c->next)) {
		c->failed = true;
		return;
	}
	c->next += len;
}

/* Each thing that a list counts takes at least one byte of what is left, or none can be. */
static bool fits(const athar_7z_cursor *c, uint64_t count)
{
	return !c->failed && count <= (uint64_t)(c->end - c->next);
}

static void skip_numbers(athar_7z_cursor *c, uint64_t count)
{
	for (uint64_t i = 0; i < count && !c->failed; i++)
		(void)athar_7z_number(c);
}

/* ---- sums ---- */

static bool is_defined(const athar_7z_sums *s, uint64_t i)
{
	return i < s->count && (s->defined == NULL || (s->defined[i / 8] & 0x80u >> i % 8) != 0);
}

bool athar_7z_sum(uint32_t *crc, athar_7z_sums *s)
{
	const bool defined = is_defined(s, s->at++);

	*crc = defined ? athar_7z_fixed(&s->crc) : 0;
	return defined && !s->crc.failed;
}

static void read_sums(athar_7z_sums *out, athar_7z_cursor *c, uint64_t count)
{
	const bool all = athar_7z_byte(c) != 0;
	uint64_t defined = 0;

	*out = (athar_7z_sums){.count = count};
	if (!all) {
		out->defined = c->next;
		athar_7z_skip(c, count / 8 + (count % 8 != 0));
	}
	if (c->failed || (all && !fits(c, count))) {
		c->failed = true;
		*out = (athar_7z_sums){.count = 0};
		return;
	}
	for (uint64_t i = 0; i < count; i++)
		defined += is_defined(out, i);
	out->crc = *c;
	athar_7z_skip(c, 4 * defined);
}

/* ---- folders ---- */

static void read_coder(athar_7z_folder *f, uint64_t *ins, uint64_t *outs, athar_7z_cursor *c)
{
	const uint8_t flags = athar_7z_byte(c);
	uint64_t in = 1, out = 1;

	f->method = 0;
	for (unsigned i = 0; i < (flags & 0xFu); i++)
		f->method = f->method << 8 | athar_7z_byte(c);
	if (flags & 0x10) {
		in = athar_7z_number(c);
		out = athar_7z_number(c);
	}
	f->properties_len = flags & 0x20 ? athar_7z_number(c) : 0;
	f->properties = c->next;
	athar_7z_skip(c, f->properties_len);
	f->encrypted = f->encrypted || f->method == ATHAR_7Z_AES;
	if (in > CODERS_MOST || out > CODERS_MOST || flags & 0x80)
		c->failed = true;
	*ins += in;
	*outs += out;
}

/* Coders, what is bound to what, and which are packed; *outs: how many lengths it has. */
static bool read_folder(athar_7z_folder *f, uint64_t *outs, athar_7z_cursor *c)
{
	uint64_t ins = 0;

	*f = (athar_7z_folder){.coders = athar_7z_number(c)};
	*outs = 0;
	if (f->coders == 0 || f->coders > CODERS_MOST)
		c->failed = true;
	for (uint64_t i = 0; i < f->coders && !c->failed; i++)
		read_coder(f, &ins, outs, c);
	if (c->failed || *outs == 0 || ins < *outs - 1)
		return false;
	skip_numbers(c, 2 * (*outs - 1));
	f->packs = ins - (*outs - 1);
	if (f->packs > 1)
		skip_numbers(c, f->packs);
	return !c->failed;
}

bool athar_7z_folder_next(athar_7z_folder *out, athar_7z_streams *s)
{
	uint64_t outs = 0;

	if (!read_folder(out, &outs, &s->folder))
		return false;
	for (uint64_t i = 0; i < outs; i++) /* the last coder's is taken for the folder's */
		out->length = athar_7z_number(&s->lengths);
	out->streams = s->has_counts ? athar_7z_number(&s->counts) : 1;
	out->summed = athar_7z_sum(&out->crc, &s->folder_sums);
	return !s->lengths.failed && !s->counts.failed;
}

/* ---- lists of streams ---- */

static void read_pack(athar_7z_streams *s, athar_7z_cursor *c)
{
	athar_7z_sums sums;
	uint64_t id;

	s->pack_at = athar_7z_number(c);
	s->pack_count = athar_7z_number(c);
	if (!fits(c, s->pack_count))
		c->failed = true;
	while ((id = athar_7z_number(c)) != ATHAR_7Z_END && !c->failed) {
		if (id == SIZE) {
			s->pack_sizes = *c;
			skip_numbers(c, s->pack_count);
		} else if (id == CRC) {
			read_sums(&sums, c, s->pack_count);
		} else {
			c->failed = true;
		}
	}
	if (s->pack_count != 0 && s->pack_sizes.next == NULL)
		c->failed = true;
}

/* *lengths: how many of them all folders have together. */
static void read_folders(athar_7z_streams *s, uint64_t *lengths, athar_7z_cursor *c)
{
	uint64_t packs = 0;

	*lengths = 0;
	s->folders = athar_7z_number(c);
	if (athar_7z_byte(c) != 0 || !fits(c, s->folders)) /* else they lie somewhere else */
		c->failed = true;
	s->folder = *c;
	for (uint64_t i = 0; i < s->folders && !c->failed; i++) {
		athar_7z_folder f;
		uint64_t outs = 0;

		if (!read_folder(&f, &outs, c))
			c->failed = true;
		*lengths += outs;
		packs += f.packs;
	}
	if (packs != s->pack_count)
		c->failed = true;
}

static void read_unpack(athar_7z_streams *s, athar_7z_cursor *c)
{
	uint64_t lengths = 0, id;

	if (athar_7z_number(c) != FOLDER)
		c->failed = true;
	read_folders(s, &lengths, c);
	if (athar_7z_number(c) != LENGTHS)
		c->failed = true;
	s->lengths = *c;
	skip_numbers(c, lengths);
	while ((id = athar_7z_number(c)) != ATHAR_7Z_END && !c->failed) {
		if (id == CRC)
			read_sums(&s->folder_sums, c, s->folders);
		else
			c->failed = true;
	}
}

/* How many streams have no CRC by their folder, and how many lengths are listed. */
static void count_streams(uint64_t *unsummed, uint64_t *listed, const athar_7z_streams *s,
                          athar_7z_cursor *c)
{
	athar_7z_cursor counts = s->counts;

	*unsummed = *listed = 0;
	for (uint64_t i = 0; i < s->folders && !c->failed; i++) {
		const uint64_t n = s->has_counts ? athar_7z_number(&counts) : 1;

		if (n > (uint64_t)(c->end - c->next)) {
			c->failed = true;
			return;
		}
		*listed += n == 0 ? 0 : n - 1;
		if (n != 1 || !is_defined(&s->folder_sums, i))
			*unsummed += n;
	}
}

static void read_substreams(athar_7z_streams *s, athar_7z_cursor *c)
{
	uint64_t id = athar_7z_number(c), unsummed = 0, listed = 0;

	s->has_counts = id == COUNTS;
	if (s->has_counts) {
		s->counts = *c;
		skip_numbers(c, s->folders);
		id = athar_7z_number(c);
	}
	count_streams(&unsummed, &listed, s, c);
	if (id == SIZE) {
		s->sub_lengths = *c;
		skip_numbers(c, listed);
		id = athar_7z_number(c);
	} else if (listed != 0) {
		c->failed = true;
	}
	if (id == CRC) {
		read_sums(&s->sub_sums, c, unsummed);
		id = athar_7z_number(c);
	}
	if (id != ATHAR_7Z_END)
		c->failed = true;
}

bool athar_7z_streams_read(athar_7z_streams *out, athar_7z_cursor *c)
{
	uint64_t id = athar_7z_number(c);

	*out = (athar_7z_streams){.pack_at = 0};
	if (id == PACK) {
		read_pack(out, c);
		id = athar_7z_number(c);
	}
	if (id == UNPACK && !c->failed) {
		read_unpack(out, c);
		id = athar_7z_number(c);
	}
	if (id == SUBSTREAMS && !c->failed) {
		read_substreams(out, c);
		id = athar_7z_number(c);
	}
	return id == ATHAR_7Z_END && !c->failed;
}

/* ---- files ---- */

static void first_name(athar_7z_files *f, athar_7z_cursor *c)
{
	if (athar_7z_byte(c) != 0) /* the names lie somewhere else */
		return;
	f->name = c->next;
	while (c->end - c->next >= 2 && athar_le16(c->next) != 0)
		c->next += 2;
	f->name_len = (size_t)(c->next - f->name);
}

bool athar_7z_files_read(athar_7z_files *out, athar_7z_cursor *c)
{
	uint64_t id;

	*out = (athar_7z_files){.count = athar_7z_number(c)};
	while ((id = athar_7z_number(c)) != ATHAR_7Z_END && !c->failed) {
		const uint64_t size = athar_7z_number(c);
		athar_7z_cursor inside = *c;

		athar_7z_skip(c, size);
		inside.end = c->next;
		if (!c->failed && id == NAMES)
			first_name(out, &inside);
	}
	return !c->failed;
}
