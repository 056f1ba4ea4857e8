/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A block of bzip2 has no standard; "bzip2: Format Specification" (J. Tsai, 2016) describes it as
 * Seward's program has it: runs of four bytes and more shortened, Burrows-Wheeler transform, move
 * to front with runs of the front one as numbers, up to six prefix codes that change every 50
 * symbols.
 */
#include "format/bunzip.h"

#include <string.h>

#include "base/alloc.h"

#define GROUP 50u
#define CODES 6u
#define LONGEST 20u
#define SYMBOLS 258u
#define SELECTORS 32768u
#define ROOM 900000u

/* Symbols by the length of their codes; codes of one length follow each other. */
typedef struct code {
	uint32_t limit[LONGEST + 2], base[LONGEST + 2]; /* the codes below limit, as so many bits */
	uint16_t symbol[SYMBOLS];
	uint8_t shortest;
} code;

typedef struct athar_bunzip_block {
	athar_bunzip *z;
	bool unpack;
	uint32_t room, origin;
	unsigned symbols; /* of each code */
	uint8_t front[256];
	uint32_t counts[256];
	unsigned codes;
	uint32_t selectors;
	uint8_t selector[SELECTORS];
	code code[CODES];
} block;

void athar_bunzip_seek(athar_bunzip *z, athar_reader *in, uint64_t at)
{
	athar_stream_seek(&z->in, in, at);
	z->held = 0;
	z->count = 0;
	z->status = ATHAR_OK;
}

void athar_bunzip_clear(athar_bunzip *z)
{
	free(z->table);
	free(z->block);
	z->table = NULL;
	z->block = NULL;
}

uint64_t athar_bunzip_at(const athar_bunzip *z)
{
	return athar_stream_at(&z->in) - (z->count + 7) / 8;
}

static void load(athar_bunzip *z)
{
	uint8_t byte = 0;

	if (z->status == ATHAR_OK)
		z->status = athar_stream_byte(&byte, &z->in, z->err);
	z->held = z->held << 8 | byte;
	z->count += 8;
}

uint32_t athar_bunzip_bits(athar_bunzip *z, unsigned n)
{
	while (z->count < n)
		load(z);
	z->count -= n;
	return (uint32_t)(z->held >> z->count & ((UINT64_C(1) << n) - 1));
}

static athar_status damaged(const block *b, athar_error *err)
{
	if (b->z->status != ATHAR_OK)
		return b->z->status;
	return athar_fail(err, ATHAR_EFORMAT, "bzip2: a block is damaged");
}

/* ---- the head of a block ---- */

/* Which bytes are there: a map of 16 bits, then one of 16 bits for each bit set. */
static bool read_bytes(block *b)
{
	const uint32_t parts = athar_bunzip_bits(b->z, 16);
	unsigned count = 0;

	for (unsigned i = 0; i < 16; i++) {
		const uint32_t map = parts & 0x8000u >> i ? athar_bunzip_bits(b->z, 16) : 0;

		for (unsigned k = 0; k < 16; k++)
			if (map & 0x8000u >> k)
				b->front[count++] = (uint8_t)(16 * i + k);
	}
	b->symbols = count + 2;
	return count != 0;
}

/* Which code each group of symbols has, as numbers moved to front. */
static bool read_selectors(block *b)
{
	uint8_t order[CODES] = {0, 1, 2, 3, 4, 5};

	b->codes = athar_bunzip_bits(b->z, 3);
	b->selectors = athar_bunzip_bits(b->z, 15);
	if (b->codes < 2 || b->codes > CODES || b->selectors == 0)
		return false;
	for (uint32_t i = 0; i < b->selectors; i++) {
		unsigned n = 0;

		while (athar_bunzip_bits(b->z, 1) != 0)
			if (++n == b->codes)
				return false;
		const uint8_t chosen = order[n];

		memmove(order + 1, order, n);
		order[0] = chosen;
		b->selector[i] = chosen;
	}
	return true;
}

static void make_code(code *c, const uint8_t *lengths, unsigned symbols)
{
	uint32_t next = 0, place = 0;

	c->shortest = LONGEST;
	for (unsigned length = 1; length <= LONGEST; length++) {
		next <<= 1;
		c->base[length] = next - place; /* wraps; so does what is counted from it */
		for (unsigned i = 0; i < symbols; i++) {
			if (lengths[i] != length)
				continue;
			if (length < c->shortest)
				c->shortest = (uint8_t)length;
			c->symbol[place++] = (uint16_t)i;
			next++;
		}
		c->limit[length] = next;
	}
}

static bool read_code(block *b, code *c)
{
	uint32_t length = athar_bunzip_bits(b->z, 5);
	uint8_t lengths[SYMBOLS];

	for (unsigned i = 0; i < b->symbols; i++) {
		for (;;) {
			if (length < 1 || length > LONGEST)
				return false;
			if (athar_bunzip_bits(b->z, 1) == 0)
				break;
			length += athar_bunzip_bits(b->z, 1) == 0 ? 1u : UINT32_MAX;
		}
		lengths[i] = (uint8_t)length;
	}
	make_code(c, lengths, b->symbols);
	return true;
}

static bool read_head(block *b)
{
	if (athar_bunzip_bits(b->z, 1) != 0) /* shuffled, as before version 0.9.5 */
		return false;
	b->origin = athar_bunzip_bits(b->z, 24);
	if (!read_bytes(b) || !read_selectors(b))
		return false;
	for (unsigned i = 0; i < b->codes; i++)
		if (!read_code(b, &b->code[i]))
			return false;
	return b->z->status == ATHAR_OK;
}

/* ---- its symbols ---- */

/* UINT32_MAX: no code begins so. */
static uint32_t read_symbol(block *b, const code *c)
{
	uint32_t bits = athar_bunzip_bits(b->z, c->shortest);

	for (unsigned length = c->shortest; length <= LONGEST; length++) {
		/* The difference wraps for what lies before the first code of this length. */
		if (bits < c->limit[length] && bits - c->base[length] < b->symbols)
			return c->symbol[bits - c->base[length]];
		bits = bits << 1 | athar_bunzip_bits(b->z, 1);
	}
	return UINT32_MAX;
}

static bool put(block *b, uint8_t byte, uint32_t times)
{
	athar_bunzip *z = b->z;

	if (times > b->room - z->length)
		return false;
	b->counts[byte] += times;
	if (b->unpack)
		for (uint32_t i = 0; i < times; i++)
			z->table[z->length + i] = byte;
	z->length += times;
	return true;
}

static uint8_t to_front(block *b, unsigned n)
{
	const uint8_t byte = b->front[n];

	memmove(b->front + 1, b->front, n);
	b->front[0] = byte;
	return byte;
}

static bool read_symbols(block *b)
{
	uint32_t run = 0, weight = 1; /* of the front one: digits 1 and 2, the lowest first */

	for (uint32_t i = 0; b->z->status == ATHAR_OK; i++) {
		if (i / GROUP >= b->selectors)
			return false;
		const uint32_t symbol = read_symbol(b, &b->code[b->selector[i / GROUP]]);

		if (symbol <= 1) {
			if (weight > b->room)
				return false;
			run += weight << symbol;
			weight <<= 1;
			continue;
		}
		if (run != 0 && !put(b, b->front[0], run))
			return false;
		run = 0;
		weight = 1;
		if (symbol == b->symbols - 1)
			return true;
		if (symbol == UINT32_MAX || !put(b, to_front(b, symbol - 1), 1))
			return false;
	}
	return false;
}

/* ---- what it was ---- */

/* CRC-32 with the highest bit first, which nothing else here has. */
static uint32_t add_crc(uint32_t crc, uint8_t byte, const uint32_t table[256])
{
	return crc << 8 ^ table[crc >> 24 ^ byte];
}

static void make_crc_table(uint32_t table[256])
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i << 24;

		for (int k = 0; k < 8; k++)
			c = c & 0x80000000u ? c << 1 ^ 0x04C11DB7u : c << 1;
		table[i] = c;
	}
}

/* Of the transform: each place learns which one comes after it. */
static void link_places(block *b)
{
	uint32_t *t = b->z->table, sum = 0;

	for (unsigned i = 0; i < 256; i++) {
		const uint32_t count = b->counts[i];

		b->counts[i] = sum;
		sum += count;
	}
	for (uint32_t i = 0; i < b->z->length; i++)
		t[b->counts[t[i] & 0xFF]++] |= i << 8;
}

/* Four bytes alike are followed by a count of more. */
static void sum_up(block *b)
{
	athar_bunzip *z = b->z;
	uint32_t table[256], place = z->table[b->origin] >> 8, crc = UINT32_MAX;
	unsigned alike = 0;
	uint8_t last = 0;

	make_crc_table(table);
	for (uint32_t i = 0; i < z->length; i++) {
		const uint8_t byte = (uint8_t)z->table[place];

		place = z->table[place] >> 8;
		if (alike == 4) {
			for (unsigned k = 0; k < byte; k++)
				crc = add_crc(crc, last, table);
			z->made += byte;
			alike = 0;
			continue;
		}
		alike = i != 0 && alike != 0 && byte == last ? alike + 1 : 1;
		last = byte;
		crc = add_crc(crc, byte, table);
		z->made++;
	}
	z->crc = ~crc;
}

static athar_status make_room(athar_bunzip *z, bool unpack, athar_error *err)
{
	if (z->block == NULL)
		z->block = athar_alloc(sizeof *z->block, err);
	if (z->block == NULL)
		return ATHAR_ENOMEM;
	if (unpack && z->table == NULL)
		z->table = athar_alloc_array(ROOM, sizeof *z->table, err);
	return unpack && z->table == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

athar_status athar_bunzip_block(athar_bunzip *z, uint32_t room, bool unpack, athar_error *err)
{
	ATHAR_TRY(make_room(z, unpack, err));
	block *b = z->block;

	b->z = z;
	b->unpack = unpack;
	b->room = room;
	memset(b->counts, 0, sizeof b->counts);
	z->err = err;
	z->length = 0;
	if (!read_head(b) || !read_symbols(b) || b->origin >= z->length)
		return damaged(b, err);
	if (unpack) {
		link_places(b);
		sum_up(b);
	}
	return ATHAR_OK;
}
