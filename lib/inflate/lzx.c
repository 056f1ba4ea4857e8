/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * LZX as WIM archives have it: chunks of up to 32 KiB that know nothing of each other, in blocks,
 * each with its codes. The lengths of a code are kept as differences to those of the block before.
 */
#include "base/idiom.h"
#include "inflate/bits.h"
#include "inflate/unpack.h"
#include "inflate/window.h"

#define ROOM_MOST ((size_t)32768)
#define LITERALS 256
#define SLOTS 30 /* sizes of distance in a window of 32 KiB */
#define MAIN_SYMBOLS ((size_t)LITERALS + SLOTS * 8)
#define LENGTH_SYMBOLS ((size_t)249)
#define ALIGNED_SYMBOLS ((size_t)8)
#define PRE_SYMBOLS ((size_t)20)
#define LENGTH_MORE 7
#define MATCH_MIN 2
#define RECENT 3
#define ALIGNED_SLOT 8 /* from here on distances have three low bits with a code of their own */
#define CALL 0xE8
#define CALL_TAIL ((size_t)10) /* bytes at the end that are never the start of a call */
#define CALL_SIZE 12000000

enum block { VERBATIM = 1, ALIGNED = 2, STORED = 3 };

typedef struct lzx {
	athar_bits bits;
	athar_window out;
	size_t room; /* of the chunk; out.room ends with the block */
	uint32_t recent[RECENT];
	uint8_t main_lengths[MAIN_SYMBOLS], length_lengths[LENGTH_SYMBOLS];
	athar_prefix main, length, aligned;
} lzx;

static athar_status cut_short(athar_error *err)
{
	return athar_fail(err, ATHAR_EFORMAT, "LZX: the chunk is cut short");
}

static athar_status no_code(const char *which, athar_error *err)
{
	return athar_fail(err, ATHAR_EFORMAT, "LZX: the lengths of the %s code make no code",
	                  which);
}

static athar_status take(unsigned *out, lzx *z, unsigned n, athar_error *err)
{
	return athar_bits_take(out, &z->bits, n) ? ATHAR_OK : cut_short(err);
}

static athar_status symbol_of(unsigned *out, const athar_prefix *code, lzx *z, athar_error *err)
{
	if (!athar_prefix_take(out, code, &z->bits))
		return athar_fail(err, ATHAR_EFORMAT,
		                  "LZX: the chunk is cut short or uses a code that is empty");
	return ATHAR_OK;
}

/* A code whose lengths stand as they are, in so many bits each. */
static athar_status plain_code(athar_prefix *code, lzx *z, size_t count, unsigned size,
                               athar_error *err)
{
	uint8_t lengths[PRE_SYMBOLS];

	for (size_t i = 0; i < count; i++) {
		unsigned length = 0;

		ATHAR_TRY(take(&length, z, size, err));
		lengths[i] = (uint8_t)length;
	}
	if (!athar_prefix_make(code, lengths, count))
		return no_code(count == PRE_SYMBOLS ? "first" : "aligned", err);
	return ATHAR_OK;
}

/* What a symbol of the first code stands for: how many lengths, and their difference to those of
 * before; 17 is whatever makes them zero. */
static athar_status run_of(size_t *count, unsigned *difference, const athar_prefix *pre, lzx *z,
                           athar_error *err)
{
	unsigned symbol = 0;
	unsigned more = 0;

	ATHAR_TRY(symbol_of(&symbol, pre, z, err));
	*count = 1;
	*difference = symbol;
	if (symbol < 17)
		return ATHAR_OK;
	ATHAR_TRY(take(&more, z, symbol == 17 ? 4 : symbol == 18 ? 5 : 1, err));
	*count = more + (symbol == 18 ? 20 : 4);
	*difference = 17;
	if (symbol < 19)
		return ATHAR_OK;
	ATHAR_TRY(symbol_of(difference, pre, z, err));
	if (*difference > 16)
		return athar_fail(err, ATHAR_EFORMAT, "LZX: a run of code lengths in a run");
	return ATHAR_OK;
}

static athar_status code_lengths(uint8_t *lengths, size_t count, lzx *z, athar_error *err)
{
	athar_prefix pre;
	size_t at = 0;

	ATHAR_TRY(plain_code(&pre, z, PRE_SYMBOLS, 4, err));
	while (at < count) {
		size_t run = 0;
		unsigned difference = 0;

		ATHAR_TRY(run_of(&run, &difference, &pre, z, err));
		if (run > count - at)
			return athar_fail(err, ATHAR_EFORMAT,
			                  "LZX: more code lengths than symbols");
		/* All of a run have the length that its first one comes to. */
		const unsigned length = difference == 17 ? 0 : (lengths[at] + 17 - difference) % 17;

		memset(lengths + at, (int)length, run);
		at += run;
	}
	return ATHAR_OK;
}

static athar_status block_codes(lzx *z, enum block type, athar_error *err)
{
	if (type == ALIGNED)
		ATHAR_TRY(plain_code(&z->aligned, z, ALIGNED_SYMBOLS, 3, err));
	ATHAR_TRY(code_lengths(z->main_lengths, LITERALS, z, err));
	ATHAR_TRY(code_lengths(z->main_lengths + LITERALS, MAIN_SYMBOLS - LITERALS, z, err));
	if (!athar_prefix_make(&z->main, z->main_lengths, MAIN_SYMBOLS))
		return no_code("main", err);
	ATHAR_TRY(code_lengths(z->length_lengths, LENGTH_SYMBOLS, z, err));
	if (!athar_prefix_make(&z->length, z->length_lengths, LENGTH_SYMBOLS))
		return no_code("length", err);
	return ATHAR_OK;
}

/* One of the three last distances, which changes places with the last. */
static uint32_t recall(lzx *z, unsigned slot)
{
	const uint32_t distance = z->recent[slot];

	z->recent[slot] = z->recent[0];
	z->recent[0] = distance;
	return distance;
}

/* A distance of its own: slots of 1, 1, 1, 1, 2, 2, 4, 4, 8 ... distances. */
static athar_status new_distance(uint32_t *out, lzx *z, enum block type, unsigned slot,
                                 athar_error *err)
{
	const unsigned extra = slot < 4 ? 0 : slot / 2 - 1;
	const uint32_t base = slot < 4 ? slot : (2 + slot % 2) << extra;
	unsigned high = 0;
	unsigned low = 0;

	if (type == ALIGNED && slot >= ALIGNED_SLOT) {
		ATHAR_TRY(take(&high, z, extra - 3, err));
		ATHAR_TRY(symbol_of(&low, &z->aligned, z, err));
		high <<= 3;
	} else {
		ATHAR_TRY(take(&high, z, extra, err));
	}
	*out = base + high + low - (RECENT - 1);
	z->recent[2] = z->recent[1];
	z->recent[1] = z->recent[0];
	z->recent[0] = *out;
	return ATHAR_OK;
}

static athar_status match(lzx *z, enum block type, unsigned symbol, athar_error *err)
{
	const unsigned slot = (symbol - LITERALS) >> 3;
	unsigned length = symbol & 7;
	unsigned more = 0;
	uint32_t distance = 0;

	if (length == LENGTH_MORE)
		ATHAR_TRY(symbol_of(&more, &z->length, z, err));
	length += more + MATCH_MIN;
	if (slot < RECENT)
		distance = recall(z, slot);
	else
		ATHAR_TRY(new_distance(&distance, z, type, slot, err));
	if (!athar_window_match(&z->out, distance, length))
		return athar_fail(err, ATHAR_EFORMAT,
		                  "LZX: a match of %u bytes from %u before, at %zu of %zu bytes",
		                  length, (unsigned)distance, z->out.at, z->out.room);
	return ATHAR_OK;
}

static athar_status packed_block(lzx *z, enum block type, athar_error *err)
{
	ATHAR_TRY(block_codes(z, type, err));
	while (z->out.at < z->out.room) {
		unsigned symbol = 0;

		ATHAR_TRY(symbol_of(&symbol, &z->main, z, err));
		if (symbol < LITERALS)
			z->out.bytes[z->out.at++] = (uint8_t)symbol;
		else
			ATHAR_TRY(match(z, type, symbol, err));
	}
	return ATHAR_OK;
}

/* To the next word; from the beginning of a word to the one after it. */
static void skip_to_word(athar_bits *b)
{
	const size_t loaded = b->count / 16;

	/* Words that were looked at only are given back. */
	b->at -= 2 * loaded;
	if (b->count % 16 == 0)
		b->at += 2;
	b->held = 0;
	b->count = 0;
}

/* The three last distances and the bytes; an odd number of them is followed by one more. */
static athar_status stored_block(lzx *z, athar_error *err)
{
	athar_bits *b = &z->bits;
	const size_t size = z->out.room - z->out.at;

	if (b->beyond > 0)
		return cut_short(err);
	skip_to_word(b);
	if (b->at > b->len || b->len - b->at < 4 * (size_t)RECENT ||
	    b->len - b->at - 4 * (size_t)RECENT < size)
		return cut_short(err);
	for (size_t i = 0; i < RECENT; i++)
		z->recent[i] = athar_le32(b->in + b->at + 4 * i);
	(void)athar_window_literals(&z->out, b->in + b->at + 4 * (size_t)RECENT, size);
	b->at += 4 * (size_t)RECENT + size;
	if (size % 2 == 1 && b->at < b->len)
		b->at++;
	return ATHAR_OK;
}

static athar_status block(lzx *z, athar_error *err)
{
	unsigned type = 0;
	unsigned usual = 0;
	unsigned size = ROOM_MOST;

	ATHAR_TRY(take(&type, z, 3, err));
	if (type != VERBATIM && type != ALIGNED && type != STORED)
		return athar_fail(err, ATHAR_EFORMAT, "LZX: a block of type %u", type);
	ATHAR_TRY(take(&usual, z, 1, err));
	if (usual == 0)
		ATHAR_TRY(take(&size, z, 16, err));
	if (size == 0 || size > z->room - z->out.at)
		return athar_fail(err, ATHAR_EFORMAT,
		                  "LZX: a block of %u bytes at %zu of %zu bytes", size, z->out.at,
		                  z->room);
	z->out.room = z->out.at + size;
	return type == STORED ? stored_block(z, err) : packed_block(z, (enum block)type, err);
}

/* Calls of x86 code, whose relative targets were made absolute before packing, whatever the data
 * are. Those of targets outside of a file of 12 million bytes were left alone. */
static void undo_calls(uint8_t *data, size_t len)
{
	for (size_t i = 0; i + CALL_TAIL < len; i++) {
		if (data[i] != CALL)
			continue;
		const int64_t target = (int32_t)athar_le32(data + i + 1);
		const int64_t place = (int64_t)i;

		if (target >= 0 && target < CALL_SIZE)
			athar_put_le32(data + i + 1, (uint32_t)(target - place));
		else if (target < 0 && target >= -place)
			athar_put_le32(data + i + 1, (uint32_t)(target + CALL_SIZE));
		i += 4;
	}
}

athar_status athar_lzx_unpack(size_t *made, uint8_t *out, size_t room, const uint8_t *in,
                              size_t len, athar_error *err)
{
	lzx z = {.bits = {.in = in, .len = len},
	         .out = {.bytes = out},
	         .room = room,
	         .recent = {1, 1, 1}};

	if (room > ROOM_MOST)
		return athar_fail(err, ATHAR_EUSAGE, "LZX: a chunk has at most 32 KiB");
	while (z.out.at < room)
		ATHAR_TRY(block(&z, err));
	undo_calls(out, room);
	*made = room;
	return ATHAR_OK;
}
