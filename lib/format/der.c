/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Certificates (RFC 5280), stores of them and of keys (PKCS#12, RFC 7292) and private keys (PKCS#1,
 * PKCS#8) in DER. Two bytes of magic are nothing: the parts of each must be there in their order,
 * and every element must fill the one around it.
 */
#include "format/der.h"

#include <string.h>

#include "base/endian.h"
#include "format/list.h"

#define HEAD 4u
#define DEPTH 24u

static bool is_oid(const athar_der *d, const uint8_t *oid, size_t len)
{
	return d->tag == ATHAR_DER_OID && d->have == len && memcmp(d->content, oid, len) == 0;
}

/* Do the elements inside each constructed one fill it, to any depth? */
static bool fills(const uint8_t *bytes, size_t len)
{
	const uint8_t *ends[DEPTH], *at = bytes;
	size_t depth = 1;
	athar_der d;

	ends[0] = bytes + len;
	while (depth != 0) {
		if (at == ends[depth - 1]) {
			depth--;
			continue;
		}
		if (!athar_der_read(&d, at, (size_t)(ends[depth - 1] - at)) || d.have != d.len)
			return false;
		at = d.content;
		if ((d.tag & 0x20) == 0)
			at += d.have;
		else if (depth == DEPTH)
			return false;
		else
			ends[depth++] = d.content + d.have;
	}
	return true;
}

/* The first parts of a sequence; how many there are, `most` at most. */
static size_t parts_of(athar_der *out, size_t most, const athar_der *sequence)
{
	const uint8_t *at = sequence->content;
	size_t len = sequence->have, n = 0;

	while (n < most && len != 0 && athar_der_read(&out[n], at, len)) {
		if (out[n].total > len)
			return n + 1;
		at += out[n].total;
		len -= (size_t)out[n++].total;
	}
	return n;
}

/* Behind what is signed: the algorithm that is named inside as well, and the signature. */
static bool is_certificate(athar_walk *w, const athar_der *whole, const uint8_t *bytes, size_t len)
{
	athar_der parts[4], inside[4];

	if (parts_of(parts, 4, whole) != 3 || parts[1].tag != ATHAR_DER_SEQUENCE ||
	    parts[2].tag != 0x03)
		return false;
	const size_t n = parts_of(inside, 4, &parts[0]);
	const size_t algorithm = n != 0 && inside[0].tag == 0xA0 ? 2 : 1;

	return n > algorithm && inside[algorithm].have == parts[1].have &&
	       memcmp(inside[algorithm].content, parts[1].content, parts[1].have) == 0 &&
	       athar_der_certificate(w, bytes, len);
}

/* Version 3, then data, pkcs7-data or pkcs7-signedData. */
static bool is_store(const athar_der *whole)
{
	static const uint8_t pkcs7[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07};
	athar_der parts[3], inside[2];
	const size_t n = parts_of(parts, 3, whole);

	return n >= 2 && parts[0].tag == ATHAR_DER_INTEGER && parts[0].len == 1 &&
	       parts[0].content[0] == 3 && parts[1].tag == ATHAR_DER_SEQUENCE &&
	       parts_of(inside, 2, &parts[1]) == 2 && inside[0].have == 9 &&
	       is_oid(&(athar_der){.tag = inside[0].tag, .content = inside[0].content, .have = 8},
	              pkcs7, sizeof pkcs7) &&
	       inside[1].tag == 0xA0;
}

/* PKCS#8: version 0 or 1, an algorithm, the key. PKCS#1: version 0, eight numbers. */
static bool is_key(const athar_der *whole)
{
	athar_der parts[10], inside[2];
	const size_t n = parts_of(parts, 10, whole);

	if (n < 3 || parts[0].tag != ATHAR_DER_INTEGER || parts[0].len != 1 ||
	    parts[0].content[0] > 1)
		return false;
	if (parts[1].tag == ATHAR_DER_SEQUENCE)
		return parts_of(inside, 2, &parts[1]) != 0 && inside[0].tag == ATHAR_DER_OID &&
		       parts[2].tag == ATHAR_DER_OCTETS;
	for (size_t i = 1; i < n; i++)
		if (parts[i].tag != ATHAR_DER_INTEGER)
			return false;
	return n == 9;
}

/* PKCS#8 under a password: PKCS#5's algorithms, then the key. */
static bool is_locked_key(const athar_der *whole)
{
	static const uint8_t pkcs5[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x05};
	athar_der parts[3], inside[2];

	return parts_of(parts, 3, whole) == 2 && parts[0].tag == ATHAR_DER_SEQUENCE &&
	       parts[1].tag == ATHAR_DER_OCTETS && parts_of(inside, 2, &parts[0]) == 2 &&
	       inside[0].have == 9 &&
	       is_oid(&(athar_der){.tag = inside[0].tag, .content = inside[0].content, .have = 8},
	              pkcs5, sizeof pkcs5);
}

static void name_kind(athar_walk *w, const char *subtype, const char *extension)
{
	(void)snprintf(w->claim->subtype, sizeof w->claim->subtype, "%s", subtype);
	(void)snprintf(w->claim->extension, sizeof w->claim->extension, "%s", extension);
}

static bool recognise(athar_walk *w, const athar_der *whole, const uint8_t *bytes, size_t len)
{
	if (is_certificate(w, whole, bytes, len)) {
		name_kind(w, "cert", "der");
	} else if (is_store(whole)) {
		name_kind(w, "pkcs12", "p12");
		athar_walk_field(w, "encrypted", "yes");
	} else if (is_locked_key(whole)) {
		name_kind(w, "key", "der");
		athar_walk_field(w, "encrypted", "yes");
	} else if (is_key(whole)) {
		name_kind(w, "key", "der");
	} else {
		return false;
	}
	return true;
}

static athar_status walk(athar_walk *w, athar_error *err)
{
	athar_bytes b;
	athar_der whole;

	ATHAR_TRY(athar_reader_get(&b, w->in, 0, HEAD, err));
	if (b.ptr[0] != ATHAR_DER_SEQUENCE || b.ptr[1] != 0x82 || athar_be16(b.ptr + 2) < 0x100)
		return athar_walk_stop(w, "it is no sequence");
	ATHAR_TRY(athar_reader_some(&b, w->in, 0, HEAD + athar_be16(b.ptr + 2), err));
	if (!athar_der_read(&whole, b.ptr, b.len) || !recognise(w, &whole, b.ptr, b.len))
		return athar_walk_stop(w, "its parts are those of nothing that is known");
	athar_walk_begin(w, HEAD);
	w->claim->alike = true; /* what the elements hold is not looked at */
	if (whole.have != whole.len) {
		athar_walk_reach(w, b.len);
		return athar_walk_stop(w, "the space that could be searched ends before the file");
	}
	if (!fills(b.ptr, b.len)) {
		athar_walk_reach(w, b.len);
		return athar_walk_stop(w, "an element does not fill the one around it");
	}
	athar_walk_close(w, ATHAR_GRADE_COMPLETE, b.len,
	                 "every element fills the one around it, and they are in their order");
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&w, err), err);
}

static const athar_magic magic[] = {{0, 2, {0x30, 0x82}}, {0, 0, {0}}};

const athar_format athar_format_der = {
	.name = "der",
	.extension = "der",
	.mime = "application/octet-stream",
	.summary = "certificates, private keys and stores of them (PKCS#12) in DER",
	.end = "the length of the outermost element, which all inside must fill",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
