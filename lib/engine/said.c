/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/said.h"

#include <string.h>

#include "athar/text.h"
#include "base/alloc.h"
#include "base/check.h"
#include "base/utf8.h"

void athar_said_init(athar_said *said)
{
	*said = (athar_said){.format = ""};
	for (size_t i = 0; i < ATHAR_SAID_NUMBERS; i++)
		said->number[i] = ATHAR_NOWHERE;
}

void athar_said_clear(athar_said *said)
{
	free(said->hash);
	free(said->piece);
	athar_runs_clear(&said->bad);
	athar_said_init(said);
}

void athar_said_forget(athar_said *said)
{
	athar_said kept = *said;

	athar_said_clear(said);
	memcpy(said->format, kept.format, sizeof said->format);
	said->lines = kept.lines;
	said->dropped = kept.dropped;
}

/* At most size - 1 bytes, never half a character. */
static void put_text(char *out, size_t size, const char *text)
{
	size_t len = strnlen(text, size);

	if (len == size)
		for (len = size - 1; len > 0 && ((uint8_t)text[len] & 0xC0) == 0x80;)
			len--;
	memcpy(out, text, len);
	out[len] = '\0';
}

void athar_said_set_text(athar_said *said, athar_said_text which, const char *text)
{
	if (said->text[which][0] == '\0')
		put_text(said->text[which], sizeof said->text[which], text);
}

void athar_said_set_number(athar_said *said, athar_said_number which, uint64_t number)
{
	if (said->number[which] == ATHAR_NOWHERE)
		said->number[which] = number;
}

/* ---- hashes ---- */

static bool same(const athar_said_hash *a, const athar_said_hash *b)
{
	return a->of == b->of && a->algorithms == b->algorithms && strcmp(a->hex, b->hex) == 0 &&
	       strcmp(a->file, b->file) == 0;
}

/* Lists of files never repeat themselves: only the few hashes of a medium are looked through. */
static bool known(const athar_said *said, const athar_said_hash *h)
{
	for (size_t i = 0; h->of != ATHAR_OF_FILE && i < said->hashes; i++)
		if (same(&said->hash[i], h))
			return true;
	return false;
}

athar_status athar_said_add_hash(athar_said *said, athar_said_of of, unsigned algorithms,
                                 const char *hex, const char *file, athar_error *err)
{
	athar_said_hash h = {.of = of, .algorithms = algorithms};
	athar_digests folded = {0};
	unsigned bit = 0;

	while (bit < ATHAR_DIGEST_COUNT && (algorithms & 1u << bit) == 0)
		bit++;
	if (!athar_digests_set(&folded, 1u << bit, hex) || said->hashes == ATHAR_SAID_HASHES_MOST) {
		said->dropped++;
		return ATHAR_OK;
	}
	(void)snprintf(h.hex, sizeof h.hex, "%s", athar_digests_get(&folded, 1u << bit));
	if (file != NULL)
		put_text(h.file, sizeof h.file, file);
	if (known(said, &h))
		return ATHAR_OK;
	ATHAR_TRY(athar_grow(&said->hash, &said->hash_capacity, said->hashes + 1,
	                     sizeof *said->hash, err));
	said->hash[said->hashes++] = h;
	return ATHAR_OK;
}

/* ---- pieces ---- */

static uint8_t digit(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

athar_status athar_said_add_piece(athar_said *said, uint64_t first, uint64_t count,
                                  unsigned algorithm, const char *hex, athar_error *err)
{
	athar_said_piece p = {.first = first, .count = count, .algorithm = algorithm};
	athar_digests check = {0};
	uint64_t end = 0;

	if (!athar_digests_set(&check, algorithm, hex) || count == 0 ||
	    !athar_add(first, count, &end) || said->pieces == ATHAR_SAID_PIECES_MOST) {
		said->dropped++;
		return ATHAR_OK;
	}
	for (size_t i = 0; i < strlen(hex) / 2; i++)
		p.value[i] = (uint8_t)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
	ATHAR_TRY(athar_grow(&said->piece, &said->piece_capacity, said->pieces + 1,
	                     sizeof *said->piece, err));
	said->piece[said->pieces++] = p;
	return ATHAR_OK;
}

athar_status athar_said_add_bad(athar_said *said, uint64_t first, uint64_t count,
                                uint64_t sector_size, athar_error *err)
{
	uint64_t offset = 0, length = 0, end = 0;

	if (!athar_mul(first, sector_size, &offset) || !athar_mul(count, sector_size, &length) ||
	    !athar_add(offset, length, &end) || end > INT64_MAX ||
	    said->bad.count >= ATHAR_SAID_BAD_MOST) {
		said->dropped++;
		return ATHAR_OK;
	}
	return athar_runs_add(&said->bad, offset, length, ATHAR_RUN_BAD, err);
}

/* ---- what it says as a whole ---- */

bool athar_said_anything(const athar_said *said)
{
	bool anything = said->hashes != 0 || said->pieces != 0 || said->bad.count != 0;

	for (size_t i = 0; i < ATHAR_SAID_NUMBERS; i++)
		anything = anything || said->number[i] != ATHAR_NOWHERE;
	return anything;
}

uint64_t athar_said_media(const athar_said *said)
{
	uint64_t size = 0;

	if (said->number[ATHAR_SAID_SIZE] != ATHAR_NOWHERE)
		return said->number[ATHAR_SAID_SIZE];
	if (said->number[ATHAR_SAID_SECTORS] == ATHAR_NOWHERE ||
	    said->number[ATHAR_SAID_SECTOR_SIZE] == ATHAR_NOWHERE ||
	    !athar_mul(said->number[ATHAR_SAID_SECTORS], said->number[ATHAR_SAID_SECTOR_SIZE],
	               &size))
		return ATHAR_NOWHERE;
	return size;
}

const char *athar_said_of_name(athar_said_of of)
{
	static const char *const names[] = {"medium", "read back", "medium read again", "file",
	                                    "not known"};

	return names[of];
}

/* ---- the record ---- */

static const char *const text_names[ATHAR_SAID_TEXTS] = {
	"tool",         "version",  "tool_serial", "command", "case_number", "evidence_number",
	"description",  "examiner", "notes",       "source",  "vendor",      "model",
	"serial",       "firmware", "bus",         "started", "ended",       "state",
	"verification",
};

static const char *const number_names[ATHAR_SAID_NUMBERS] = {"size", "sectors", "sector_size",
                                                             "bad_sectors", "errors"};

static athar_json *hash_json(const athar_said_hash *h)
{
	athar_json *o = athar_json_object();
	char names[64] = "";

	for (unsigned bit = 0; bit < ATHAR_DIGEST_COUNT; bit++)
		if (h->algorithms & 1u << bit)
			(void)snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s",
			               names[0] == '\0' ? "" : " or ",
			               athar_digest_name(1u << bit));
	athar_json_set_text(o, "algorithm", names);
	athar_json_set_text(o, "of", athar_said_of_name(h->of));
	athar_json_set_text(o, "value", h->hex);
	if (h->file[0] != '\0')
		athar_json_set_text(o, "file", h->file);
	return o;
}

static athar_json *bad_json(const athar_runs *bad, size_t most)
{
	athar_json *list = athar_json_array();

	for (size_t i = 0; i < bad->count && i < most; i++) {
		athar_json *range = athar_json_object();

		athar_json_set_number(range, "offset", bad->run[i].offset);
		athar_json_set_number(range, "length", bad->run[i].length);
		athar_json_append(list, range);
	}
	return list;
}

athar_json *athar_said_json(const athar_said *said, size_t most)
{
	athar_json *o = athar_json_object();
	athar_json *hashes = athar_json_array();

	athar_json_set_text(o, "format", said->format[0] == '\0' ? NULL : said->format);
	for (size_t i = 0; i < ATHAR_SAID_TEXTS; i++)
		if (said->text[i][0] != '\0')
			athar_json_set_text(o, text_names[i], said->text[i]);
	for (size_t i = 0; i < ATHAR_SAID_NUMBERS; i++)
		if (said->number[i] != ATHAR_NOWHERE)
			athar_json_set_number(o, number_names[i], said->number[i]);
	for (size_t i = 0; i < said->hashes; i++)
		athar_json_append(hashes, hash_json(&said->hash[i]));
	athar_json_set(o, "hashes", hashes);
	if (said->pieces != 0)
		athar_json_set_number(o, "pieces", said->pieces);
	if (said->bad.count != 0) {
		athar_json_set(o, "bad", bad_json(&said->bad, most));
		athar_json_set_number(o, "bad_ranges", said->bad.count);
	}
	athar_json_set_number(o, "lines", said->lines);
	athar_json_set_number(o, "not_understood", said->dropped);
	return o;
}

/* ---- between worker and supervisor ---- */

void athar_said_wire(athar_wire *w, const athar_said *said)
{
	athar_wire_text(w, said->format);
	for (size_t i = 0; i < ATHAR_SAID_TEXTS; i++)
		athar_wire_text(w, said->text[i]);
	for (size_t i = 0; i < ATHAR_SAID_NUMBERS; i++)
		athar_wire_number(w, said->number[i]);
	athar_wire_number(w, said->in_sectors);
	athar_wire_number(w, said->lines);
	athar_wire_number(w, said->dropped);
	athar_wire_number(w, said->hashes);
	for (size_t i = 0; i < said->hashes; i++) {
		athar_wire_number(w, said->hash[i].of);
		athar_wire_number(w, said->hash[i].algorithms);
		athar_wire_text(w, said->hash[i].hex);
		athar_wire_text(w, said->hash[i].file);
	}
}

static athar_status unwire_hash(athar_said *out, athar_unwire *u, athar_error *err)
{
	athar_said_hash h = {.of = (athar_said_of)athar_unwire_below(u, ATHAR_OF_UNKNOWN + 1)};
	uint64_t dropped = out->dropped;

	h.algorithms = (unsigned)athar_unwire_below(u, ATHAR_DIGEST_ALL + 1);
	athar_unwire_text(u, h.hex, sizeof h.hex);
	athar_unwire_text(u, h.file, sizeof h.file);
	if (u->failed)
		return ATHAR_OK;
	ATHAR_TRY(athar_said_add_hash(out, h.of, h.algorithms, h.hex, h.file, err));
	u->failed = out->dropped != dropped;
	return ATHAR_OK;
}

athar_status athar_said_unwire(athar_said *out, athar_bytes message, athar_error *err)
{
	athar_unwire u = athar_unwire_begin(message);

	athar_unwire_text(&u, out->format, sizeof out->format);
	for (size_t i = 0; i < ATHAR_SAID_TEXTS; i++)
		athar_unwire_text(&u, out->text[i], sizeof out->text[i]);
	for (size_t i = 0; i < ATHAR_SAID_NUMBERS; i++)
		out->number[i] = athar_unwire_number(&u);
	out->in_sectors = athar_unwire_below(&u, 2) != 0;
	out->lines = athar_unwire_number(&u);
	out->dropped = athar_unwire_number(&u);
	uint64_t count = athar_unwire_below(&u, ATHAR_SAID_HASHES_MOST + 1);
	for (uint64_t i = 0; i < count && !u.failed; i++)
		ATHAR_TRY(unwire_hash(out, &u, err));
	return athar_unwire_end(&u, err);
}

void athar_said_wire_pieces(athar_wire *w, const athar_said *said, size_t from, size_t count)
{
	for (size_t i = from; i < from + count; i++) {
		const athar_said_piece *p = &said->piece[i];

		athar_wire_number(w, p->first);
		athar_wire_number(w, p->count);
		athar_wire_number(w, p->algorithm);
		athar_wire_bytes(w, p->value, athar_digest_hex_length(p->algorithm) / 2);
	}
}

static athar_status unwire_piece(athar_said *out, athar_unwire *u, athar_error *err)
{
	athar_said_piece p = {.first = athar_unwire_number(u), .count = athar_unwire_number(u)};
	uint64_t end = 0;

	p.algorithm = (unsigned)athar_unwire_below(u, ATHAR_DIGEST_ALL + 1);
	athar_bytes value = athar_unwire_bytes(u);
	if (u->failed || athar_digest_name(p.algorithm) == NULL ||
	    value.len != athar_digest_hex_length(p.algorithm) / 2 || p.count == 0 ||
	    !athar_add(p.first, p.count, &end) || out->pieces == ATHAR_SAID_PIECES_MOST) {
		u->failed = true;
		return ATHAR_OK;
	}
	memcpy(p.value, value.ptr, value.len);
	ATHAR_TRY(athar_grow(&out->piece, &out->piece_capacity, out->pieces + 1, sizeof *out->piece,
	                     err));
	out->piece[out->pieces++] = p;
	return ATHAR_OK;
}

athar_status athar_said_unwire_pieces(athar_said *out, athar_bytes message, athar_error *err)
{
	athar_unwire u = athar_unwire_begin(message);

	while (u.left != 0 && !u.failed)
		ATHAR_TRY(unwire_piece(out, &u, err));
	return athar_unwire_end(&u, err);
}

void athar_said_wire_bad(athar_wire *w, const athar_said *said, size_t from, size_t count)
{
	for (size_t i = from; i < from + count; i++) {
		athar_wire_number(w, said->bad.run[i].offset);
		athar_wire_number(w, said->bad.run[i].length);
		athar_wire_number(w, said->bad.run[i].kind == ATHAR_RUN_UNREAD);
	}
}

athar_status athar_said_unwire_bad(athar_said *out, athar_bytes message, athar_error *err)
{
	athar_unwire u = athar_unwire_begin(message);

	while (u.left != 0 && !u.failed) {
		uint64_t offset = athar_unwire_number(&u), length = athar_unwire_number(&u);
		bool unread = athar_unwire_below(&u, 2) != 0;
		uint64_t end = 0;

		u.failed = u.failed || !athar_add(offset, length, &end) || end > INT64_MAX ||
		           out->bad.count > ATHAR_SAID_BAD_MOST;
		if (!u.failed)
			ATHAR_TRY(athar_runs_add(&out->bad, offset, length,
			                         unread ? ATHAR_RUN_UNREAD : ATHAR_RUN_BAD, err));
	}
	return athar_unwire_end(&u, err);
}
