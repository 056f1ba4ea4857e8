/* SPDX-License-Identifier: BSD-2-Clause */
#include "layout.h"

#include <stdlib.h>
#include <string.h>

#define PIECES 8u
#define GAP 96u

const char *const layout_names[LAYOUT_SCENARIOS] = {"contiguous", "gap",     "gaps",  "disorder",
                                                    "braid",      "missing", "decoys"};

typedef struct maker {
	layout *l;
	const layout_file *file;
	size_t count;
	bool alone; /* nothing of the files lies elsewhere */
} maker;

/* splitmix64 */
static uint64_t next(layout *l)
{
	uint64_t z = (l->seed += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

/* Between low and high, both included. */
static size_t between(layout *l, size_t low, size_t high)
{
	return low + (size_t)(next(l) % (high - low + 1));
}

static void *grown(void *p, size_t *capacity, size_t count, size_t size)
{
	if (count <= *capacity)
		return p;
	*capacity = count * 2;
	p = realloc(p, *capacity * size);
	if (p == NULL)
		abort();
	return p;
}

/* Room for so many blocks, zeroed. */
static uint8_t *add_blocks(layout *l, size_t blocks)
{
	const size_t len = blocks * l->block;

	l->image = grown(l->image, &l->capacity, l->size + len, 1);
	memset(l->image + l->size, 0, len);
	l->size += len;
	return l->image + l->size - len;
}

static size_t blocks_of(const maker *m, size_t file)
{
	return (m->file[file].len + m->l->block - 1) / m->l->block;
}

/* Blocks of a file as they lie on a medium: zeros behind its end. */
static void copy_blocks(const maker *m, uint8_t *to, size_t file, size_t from, size_t blocks)
{
	const size_t at = from * m->l->block, left = m->file[file].len - at;
	const size_t len = blocks * m->l->block;

	memcpy(to, m->file[file].bytes + at, len < left ? len : left);
}

static void fill_text(layout *l, uint8_t *to, size_t len)
{
	static const char *const word[] = {"the ",  "of ",  "piece ", "\n",     "and ", "disk ",
	                                   "block", ", ",   "was ",   "found ", "in ",  "<b>",
	                                   "12",    "0.5 ", "file ",  "a "};

	for (size_t i = 0; i < len;) {
		const char *w = word[next(l) % (sizeof word / sizeof *word)];

		for (; *w != '\0' && i < len; w++)
			to[i++] = (uint8_t)*w;
	}
}

/* Noise, text, zeros, or a part of the middle of another file. */
static void fill(maker *m, size_t blocks, size_t but)
{
	layout *l = m->l;
	uint8_t *to = add_blocks(l, blocks);
	const size_t other = between(l, 0, m->count - 1);
	const size_t have = blocks_of(m, other);

	switch (next(l) % 4) {
	case 0:
		return;
	case 1:
		fill_text(l, to, blocks * l->block);
		return;
	case 2:
		if (!m->alone && other != but && have > 2) {
			const size_t from = between(l, 1, have - 1);

			copy_blocks(m, to, other, from,
			            blocks < have - from ? blocks : have - from);
			return;
		}
		break;
	default:
		break;
	}
	for (size_t i = 0; i < blocks * l->block; i++)
		to[i] = (uint8_t)next(l);
}

static void gap(maker *m, size_t but)
{
	fill(m, between(m->l, 1, m->l->gap), but);
}

static void note(maker *m, size_t file, size_t from, size_t blocks, size_t at)
{
	layout *l = m->l;
	layout_piece p = {.file = file, .from = (uint64_t)from * l->block, .at = at};

	p.len = blocks * l->block;
	if (p.len > m->file[file].len - p.from)
		p.len = m->file[file].len - p.from;
	l->piece = grown(l->piece, &l->piece_capacity, l->pieces + 1, sizeof *l->piece);
	l->piece[l->pieces++] = p;
}

static void put(maker *m, size_t file, size_t from, size_t blocks)
{
	note(m, file, from, blocks, m->l->size);
	copy_blocks(m, add_blocks(m->l, blocks), file, from, blocks);
}

/* Cuts `blocks` into `pieces`: cut[i] is where piece i begins, cut[pieces] the end. Fewer come
 * where there would be fewer than four blocks in each, but two of them where there are two blocks.
 */
static size_t cut_up(layout *l, size_t *cut, size_t blocks, size_t pieces)
{
	if (pieces > 2 && pieces > blocks / 4)
		pieces = blocks < 8 ? 2 : blocks / 4;
	if (pieces > blocks)
		pieces = blocks;
	const size_t least = 1 + blocks / pieces / 4;

	for (size_t i = 0; i <= pieces; i++)
		cut[i] = blocks * i / pieces;
	for (size_t i = 1; i < pieces && least * pieces <= blocks; i++) {
		const size_t low = cut[i - 1] + least, high = cut[i + 1] - least;

		cut[i] = low < high ? between(l, low, high) : low;
	}
	return pieces;
}

static void in_order(maker *m, size_t file, size_t pieces)
{
	size_t cut[PIECES + 1];

	pieces = cut_up(m->l, cut, blocks_of(m, file), pieces);
	for (size_t i = 0; i < pieces; i++) {
		put(m, file, cut[i], cut[i + 1] - cut[i]);
		gap(m, file);
	}
}

static void disorder(maker *m, size_t file)
{
	size_t cut[PIECES + 1], order[PIECES], at[PIECES];
	const size_t pieces = cut_up(m->l, cut, blocks_of(m, file), between(m->l, 3, 4));

	for (size_t i = 0; i < pieces; i++) {
		const size_t k = between(m->l, 0, i);

		order[i] = order[k];
		order[k] = i;
	}
	/* in order after all: turned round */
	for (size_t i = 0; pieces > 1 && i < pieces && order[i] == i; i++)
		if (i == pieces - 1) {
			order[0] = i;
			order[i] = 0;
		}
	for (size_t i = 0; i < pieces; i++) {
		const size_t p = order[i], blocks = cut[p + 1] - cut[p];

		at[p] = m->l->size;
		copy_blocks(m, add_blocks(m->l, blocks), file, cut[p], blocks);
		gap(m, file);
	}
	for (size_t i = 0; i < pieces; i++)
		note(m, file, cut[i], cut[i + 1] - cut[i], at[i]);
}

static void braid(maker *m, size_t a, size_t b)
{
	size_t one[PIECES + 1], two[PIECES + 1];
	const size_t n = cut_up(m->l, one, blocks_of(m, a), 2);
	const size_t k = cut_up(m->l, two, blocks_of(m, b), 2);
	layout_piece turn;

	put(m, a, 0, one[1]);
	put(m, b, 0, two[1]);
	if (n > 1)
		put(m, a, one[1], one[2] - one[1]);
	if (n > 1) {
		turn = m->l->piece[m->l->pieces - 1];
		m->l->piece[m->l->pieces - 1] = m->l->piece[m->l->pieces - 2];
		m->l->piece[m->l->pieces - 2] = turn;
	}
	if (k > 1)
		put(m, b, two[1], two[2] - two[1]);
}

static void missing(maker *m, size_t file)
{
	size_t cut[PIECES + 1];
	const size_t pieces = cut_up(m->l, cut, blocks_of(m, file), 3);

	for (size_t i = 0; i < pieces; i++) {
		if (i == pieces / 2)
			fill(m, cut[i + 1] - cut[i], file);
		else
			put(m, file, cut[i], cut[i + 1] - cut[i]);
	}
}

static void decoys(maker *m, size_t file)
{
	size_t cut[PIECES + 1];
	const size_t pieces = cut_up(m->l, cut, blocks_of(m, file), 2);
	const size_t other = (file + 1) % m->count, head = blocks_of(m, other) / 2;

	put(m, file, 0, cut[1]);
	copy_blocks(m, add_blocks(m->l, head), other, 0, head);
	if (pieces < 2)
		return;
	const size_t blocks = cut[2] - cut[1], at = m->l->size;
	const size_t used = (m->file[file].len - cut[1] * m->l->block - 1) % m->l->block + 1;

	copy_blocks(m, add_blocks(m->l, blocks), file, cut[1], blocks);
	for (size_t i = 0; i < used; i += 7)
		m->l->image[at + i] ^= 0x10;
	gap(m, file);
	put(m, file, cut[1], blocks);
}

static void lay(maker *m, size_t file, layout_scenario scenario)
{
	switch (scenario) {
	case LAYOUT_GAP:
		in_order(m, file, 2);
		break;
	case LAYOUT_GAPS:
		in_order(m, file, between(m->l, 3, 5));
		break;
	case LAYOUT_DISORDER:
		disorder(m, file);
		break;
	case LAYOUT_MISSING:
		missing(m, file);
		break;
	case LAYOUT_DECOYS:
		decoys(m, file);
		break;
	default:
		put(m, file, 0, blocks_of(m, file));
	}
}

void layout_make(layout *out, const layout_file *files, size_t count, layout_scenario scenario,
                 uint32_t block, uint64_t seed)
{
	maker m = {.l = out, .file = files, .count = count, .alone = scenario == LAYOUT_MISSING};

	*out = (layout){.block = block, .seed = seed, .gap = GAP};
	gap(&m, count);
	for (size_t i = 0; i < count; i++) {
		if (scenario == LAYOUT_BRAID && i + 1 < count) {
			braid(&m, i, i + 1);
			i++;
		} else
			lay(&m, i, scenario);
		gap(&m, count);
	}
}

void layout_free(layout *l)
{
	free(l->image);
	free(l->piece);
	*l = (layout){.size = 0};
}

size_t layout_pieces(size_t *first, const layout *l, size_t file)
{
	size_t count = 0;

	for (*first = 0; *first < l->pieces && l->piece[*first].file != file;)
		++*first;
	while (*first + count < l->pieces && l->piece[*first + count].file == file)
		count++;
	return count;
}

bool layout_whole(const layout *l, size_t file, size_t len)
{
	size_t first;
	const size_t count = layout_pieces(&first, l, file);
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += l->piece[first + i].len;
	return sum == len;
}
