/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * OpenPGP (RFC 4880, RFC 9580) in packets: keys and rings of them, encrypted messages, signatures.
 * A packet's first two bytes are nothing: the first packet must add up inside, and what follows it
 * must be what may.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/walk.h"

#define LOOK 4096u            /* of a packet's body */
#define FIRST_TIME 662688000u /* 1991 */

enum {
	SESSION = 1,
	SIGNATURE = 2,
	PASSWORD = 3,
	SECRET = 5,
	PUBLIC = 6,
	SECRET_SUB = 7,
	TRUST = 12,
	USER = 13,
	PUBLIC_SUB = 14,
	ATTRIBUTE = 17,
	DATA = 18
};

typedef struct packet {
	unsigned tag;
	uint64_t body, end; /* offsets; the end of its first piece where it is in pieces */
	bool pieces, old;
} packet;

/* ---- packets ---- */

static bool old_length(packet *p, const uint8_t *b, size_t len, uint64_t at)
{
	const unsigned kind = b[0] & 3;
	const size_t size = (size_t)1 << kind;

	if (kind == 3 || len < 1 + size)
		return false;
	const uint64_t body = kind == 0 ? b[1] : kind == 1 ? athar_be16(b + 1) : athar_be32(b + 1);

	p->old = true;
	p->body = at + 1 + size;
	return athar_add(p->body, body, &p->end);
}

static bool new_length(packet *p, const uint8_t *b, size_t len, uint64_t at)
{
	size_t size = 1;
	uint64_t body = b[0];

	if (b[0] >= 224 && b[0] < 255) {
		body = UINT64_C(1) << (b[0] & 31);
		p->pieces = true;
	} else if (b[0] == 255) {
		size = 5;
		body = len < 5 ? 0 : athar_be32(b + 1);
	} else if (b[0] >= 192) {
		size = 2;
		body = len < 2 ? 0 : ((uint64_t)(b[0] - 192) << 8) + b[1] + 192;
	}
	p->body = at + size;
	return len >= size && athar_add(p->body, body, &p->end);
}

/* *is: a packet's head stands at `at`. */
static athar_status read_packet(bool *is, packet *p, athar_reader *in, uint64_t at,
                                athar_error *err)
{
	athar_bytes b;

	*is = false;
	*p = (packet){.tag = 0};
	if (at >= athar_reader_size(in))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_some(&b, in, at, 6, err));
	if (b.len < 2 || b.ptr[0] < 0x80)
		return ATHAR_OK;
	if (b.ptr[0] & 0x40) {
		p->tag = b.ptr[0] & 0x3F;
		*is = new_length(p, b.ptr + 1, b.len - 1, at + 1);
	} else {
		p->tag = (b.ptr[0] & 0x3F) >> 2;
		*is = old_length(p, b.ptr, b.len, at);
	}
	return ATHAR_OK;
}

/* ---- what the first packet holds ---- */

typedef struct span {
	const uint8_t *ptr;
	size_t len;
} span;

/* A number: how many bits it has, then just so many bytes, the first bit of them set. */
static bool take_mpi(span *s)
{
	if (s->len < 2)
		return false;
	const unsigned bits = athar_be16(s->ptr), len = (bits + 7) / 8;

	if (bits == 0 || s->len < 2 + len || s->ptr[2] >> ((bits - 1) % 8) != 1)
		return false;
	s->ptr += 2 + len;
	s->len -= 2 + len;
	return true;
}

/* A length and as much: the name of a curve, a wrapped key. */
static bool take_short(span *s)
{
	if (s->len == 0 || s->ptr[0] == 0 || s->ptr[0] > 64 || s->len < 1u + s->ptr[0])
		return false;
	s->len -= 1u + s->ptr[0];
	s->ptr += 1u + s->ptr[0];
	return true;
}

static bool take_numbers(span *s, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!take_mpi(s))
			return false;
	return true;
}

/* RFC 4880, 5.5.2: version 4, a time, an algorithm and its numbers; a secret key has more behind
 * them. */
static bool is_key(const packet *p, span s)
{
	if (s.len < 8 || s.ptr[0] != 4 || athar_be32(s.ptr + 1) < FIRST_TIME)
		return false;
	const uint8_t algorithm = s.ptr[5];
	bool good = false;

	s = (span){s.ptr + 6, s.len - 6};
	if (algorithm >= 1 && algorithm <= 3)
		good = take_numbers(&s, 2);
	else if (algorithm == 16)
		good = take_numbers(&s, 3);
	else if (algorithm == 17)
		good = take_numbers(&s, 4);
	else if (algorithm == 19 || algorithm == 22)
		good = take_short(&s) && take_mpi(&s);
	else if (algorithm == 18)
		good = take_short(&s) && take_mpi(&s) && take_short(&s);
	return good && (p->tag == PUBLIC ? s.len == 0 : s.len != 0);
}

/* RFC 4880, 5.1: version 3, a key's number, an algorithm and what it made of the session key. */
static bool is_session(span s)
{
	if (s.len < 12 || s.ptr[0] != 3)
		return false;
	const uint8_t algorithm = s.ptr[9];

	s = (span){s.ptr + 10, s.len - 10};
	if (algorithm == 18)
		return take_mpi(&s) && take_short(&s) && s.len == 0;
	return (algorithm == 1 || algorithm == 2 || algorithm == 16) &&
	       take_numbers(&s, algorithm == 16 ? 2 : 1) && s.len == 0;
}

/* RFC 4880, 5.3: version 4, a cipher, how the password becomes a key. */
static bool is_password(span s)
{
	if (s.len < 4 || s.ptr[0] != 4 || s.ptr[1] == 0 || s.ptr[1] > 13 || s.ptr[3] == 0 ||
	    s.ptr[3] > 14)
		return false;
	const size_t least = s.ptr[2] == 0 ? 4 : s.ptr[2] == 1 ? 12 : s.ptr[2] == 3 ? 13 : SIZE_MAX;

	return s.len == least || (s.len > least && s.len <= least + 33);
}

static athar_status add_up(bool *out, const packet *p, athar_walk *w, athar_error *err)
{
	athar_bytes b;

	*out = false;
	if (p->pieces || p->end - p->body > LOOK || p->end - p->body < 4)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, w->in, p->body, (size_t)(p->end - p->body), err));
	const span s = {b.ptr, b.len};

	if (p->tag == SECRET || p->tag == PUBLIC)
		*out = is_key(p, s);
	else if (p->tag == SESSION)
		*out = is_session(s);
	else if (p->tag == PASSWORD)
		*out = is_password(s);
	return ATHAR_OK;
}

/* ---- the chain ---- */

/* Part of a key, behind its first packet. */
static bool is_of_key(unsigned tag)
{
	return tag == SIGNATURE || tag == USER || tag == PUBLIC_SUB || tag == SECRET_SUB ||
	       tag == ATTRIBUTE || tag == TRUST || tag == SECRET || tag == PUBLIC;
}

static athar_status note_user(athar_walk *w, const packet *p, athar_error *err)
{
	athar_bytes b;

	if (p->tag != USER || p->end == p->body)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_some(&b, w->in, p->body, (size_t)athar_min(p->end - p->body, 100),
	                            err));
	athar_walk_field_bytes(w, "name", b.ptr, b.len);
	return ATHAR_OK;
}

/* Nothing says which packet is the last: as far as they follow one another. */
static athar_status keys(athar_walk *w, uint64_t at, athar_error *err)
{
	packet p;
	bool is = true;
	uint64_t count = 0;

	for (;;) {
		ATHAR_TRY(read_packet(&is, &p, w->in, at, err));
		if (!is || p.pieces || !is_of_key(p.tag) || p.end - p.body > 1u << 20)
			break;
		if (p.end > athar_reader_size(w->in))
			return athar_walk_stop(w, "a packet breaks off");
		if (p.tag == SECRET || p.tag == PUBLIC) {
			ATHAR_TRY(add_up(&is, &p, w, err));
			if (!is)
				break;
		}
		ATHAR_TRY(note_user(w, &p, err));
		at = p.end;
		athar_walk_prove(w, at);
		count++;
	}
	if (count == 0)
		return athar_walk_stop(w, "nothing of a key follows its first packet");
	w->claim->open = true;
	return athar_walk_stop(
		w, "packets of keys follow one another; nothing says which is the last");
}

/* Encrypted data, in one piece or in many, are the last packet of a message. */
static athar_status data(athar_walk *w, packet p, athar_error *err)
{
	athar_bytes b;

	while (p.pieces) {
		athar_walk_reach(w, p.end);
		ATHAR_TRY(athar_reader_some(&b, w->in, p.end, 5, err));
		p.pieces = false;
		if (!new_length(&p, b.ptr, b.len, p.end))
			return athar_walk_stop(w, "a piece of the message has no length");
	}
	athar_walk_reach(w, p.end);
	if (p.end > athar_reader_size(w->in))
		return athar_walk_stop(w, "the message breaks off");
	athar_walk_close(w, ATHAR_GRADE_COMPLETE, p.end,
	                 "the packets of a message follow one another, the encrypted data end");
	return ATHAR_OK;
}

static athar_status message(athar_walk *w, uint64_t at, athar_error *err)
{
	packet p;
	athar_bytes b;
	bool is = false;

	for (;;) {
		ATHAR_TRY(read_packet(&is, &p, w->in, at, err));
		if (!is || (p.tag != SESSION && p.tag != PASSWORD))
			break;
		ATHAR_TRY(add_up(&is, &p, w, err));
		if (!is)
			break;
		at = p.end;
	}
	if (!is || p.tag != DATA)
		return athar_walk_stop(w, "no encrypted data follow");
	ATHAR_TRY(athar_reader_get(&b, w->in, p.body, 1, err));
	if (b.ptr[0] != 1 && b.ptr[0] != 2)
		return athar_walk_stop(w, "the encrypted data are of no known version");
	athar_walk_begin(w, p.body);
	athar_walk_field(w, "encrypted", "yes");
	w->claim->alike = true;
	return data(w, p, err);
}

static void name_kind(athar_walk *w, const char *name)
{
	(void)snprintf(w->claim->subtype, sizeof w->claim->subtype, "%s", name);
}

static athar_status walk(athar_walk *w, athar_error *err)
{
	packet p, next;
	bool is = false;

	ATHAR_TRY(read_packet(&is, &p, w->in, 0, err));
	if (is)
		ATHAR_TRY(add_up(&is, &p, w, err));
	if (!is)
		return athar_walk_stop(w, "its first packet does not add up");
	if (p.tag == SESSION || p.tag == PASSWORD) {
		name_kind(w, "message");
		return message(w, 0, err);
	}
	ATHAR_TRY(read_packet(&is, &next, w->in, p.end, err));
	if (!is || next.pieces || !is_of_key(next.tag) || next.end - next.body > 65536)
		return athar_walk_stop(w, "nothing of a key follows its first packet");
	name_kind(w, p.tag == SECRET ? "secret" : "public");
	athar_walk_begin(w, p.end);
	w->claim->alike = true;
	return keys(w, p.end, err);
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&w, err), err);
}

/* The tag and the length, or the higher half of it, of what GnuPG and others write. */
static const athar_magic magic[] = {
	{0, 2, {0x99, 0x01}}, {0, 2, {0x99, 0x02}}, {0, 2, {0x99, 0x03}}, {0, 2, {0x99, 0x04}},
	{0, 2, {0x98, 0x33}}, {0, 2, {0x98, 0x52}}, {0, 2, {0x98, 0x53}}, {0, 2, {0x98, 0x6F}},
	{0, 2, {0x98, 0x8B}}, {0, 2, {0x98, 0x8C}}, {0, 2, {0x98, 0x8D}}, {0, 2, {0x98, 0x93}},
	{0, 2, {0xC6, 0x33}}, {0, 2, {0xC6, 0xC0}}, {0, 2, {0xC6, 0xC1}}, {0, 2, {0xC6, 0xC2}},
	{0, 2, {0x95, 0x01}}, {0, 2, {0x95, 0x02}}, {0, 2, {0x95, 0x03}}, {0, 2, {0x95, 0x04}},
	{0, 2, {0x95, 0x05}}, {0, 2, {0x95, 0x06}}, {0, 2, {0x95, 0x07}}, {0, 2, {0x95, 0x09}},
	{0, 2, {0x94, 0x58}}, {0, 2, {0x94, 0x77}}, {0, 2, {0x94, 0x78}}, {0, 2, {0x94, 0x86}},
	{0, 2, {0x94, 0xA5}}, {0, 2, {0xC5, 0x58}}, {0, 2, {0xC5, 0xC1}}, {0, 2, {0xC5, 0xC3}},
	{0, 2, {0xC5, 0xC7}}, {0, 2, {0x85, 0x01}}, {0, 2, {0x85, 0x02}}, {0, 2, {0x85, 0x03}},
	{0, 2, {0x85, 0x04}}, {0, 2, {0x84, 0x5E}}, {0, 2, {0x84, 0x7E}}, {0, 2, {0xC1, 0x5E}},
	{0, 2, {0xC1, 0xC0}}, {0, 2, {0xC1, 0xC1}}, {0, 2, {0xC1, 0xC2}}, {0, 2, {0x8C, 0x0D}},
	{0, 2, {0x8C, 0x2D}}, {0, 2, {0x8C, 0x2E}}, {0, 2, {0xC3, 0x0D}}, {0, 0, {0}}};

const athar_format athar_format_pgp = {
	.name = "pgp",
	.extension = "gpg",
	.mime = "application/pgp-encrypted",
	.summary = "OpenPGP keys and encrypted messages in packets",
	.end = "the encrypted data of a message; keys have no end mark",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
