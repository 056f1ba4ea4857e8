/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "format/der.h"

bool athar_der_read(athar_der *out, const uint8_t *bytes, size_t len)
{
	size_t head = 2;

	if (len < 2 || (bytes[0] & 0x1F) == 0x1F)
		return false;
	*out = (athar_der){.tag = bytes[0], .len = bytes[1]};
	if (bytes[1] >= 0x80) {
		const size_t count = bytes[1] & 0x7F;

		head += count;
		if (count == 0 || count > 4 || len < head || bytes[2] == 0)
			return false;
		out->len = 0;
		for (size_t i = 0; i < count; i++)
			out->len = out->len << 8 | bytes[2 + i];
		if (out->len < 0x80)
			return false;
	}
	out->content = bytes + head;
	out->total = out->len + head;
	out->have = len - head < out->len ? len - head : (size_t)out->len;
	return true;
}

bool athar_der_take(athar_der *out, const uint8_t **bytes, size_t *len)
{
	if (!athar_der_read(out, *bytes, *len) || out->total > *len)
		return false;
	*bytes += out->total;
	*len -= (size_t)out->total;
	return true;
}

/* The common name in a Name (RFC 5280, 4.1.2.4), or its last attribute. */
static void note_name(athar_walk *w, const athar_der *name)
{
	static const uint8_t common[] = {0x55, 0x04, 0x03};
	const uint8_t *at = name->content;
	size_t len = name->have;
	athar_der set, attribute, oid, value = {0};

	while (athar_der_take(&set, &at, &len)) {
		const uint8_t *in = set.content;
		size_t in_len = set.have;

		if (!athar_der_take(&attribute, &in, &in_len))
			return;
		in = attribute.content;
		in_len = attribute.have;
		if (!athar_der_take(&oid, &in, &in_len) || !athar_der_take(&value, &in, &in_len))
			return;
		if (oid.len == sizeof common && memcmp(oid.content, common, sizeof common) == 0)
			break;
	}
	if (value.content != NULL && value.tag != 0x1E)
		athar_walk_field_bytes(w, "subject", value.content, value.have);
}

static void note_serial(athar_walk *w, const athar_der *serial)
{
	char hex[41] = "";

	for (size_t i = 0; i < serial->have && i < 20; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", serial->content[i]);
	athar_walk_field(w, "serial", "%s", hex);
}

bool athar_der_certificate(athar_walk *w, const uint8_t *bytes, size_t len)
{
	athar_der whole, tbs, version, serial, part, subject;

	if (!athar_der_read(&whole, bytes, len) || whole.tag != ATHAR_DER_SEQUENCE ||
	    !athar_der_read(&tbs, whole.content, whole.have) || tbs.tag != ATHAR_DER_SEQUENCE ||
	    tbs.total >= whole.len)
		return false;
	const uint8_t *at = tbs.content;
	size_t left = tbs.have;

	if (left != 0 && at[0] == 0xA0 && !athar_der_take(&version, &at, &left))
		return false;
	if (!athar_der_take(&serial, &at, &left) || serial.tag != ATHAR_DER_INTEGER)
		return false;
	for (int i = 0; i < 3; i++) /* signature, issuer, validity */
		if (!athar_der_take(&part, &at, &left) || part.tag != ATHAR_DER_SEQUENCE)
			return false;
	if (!athar_der_take(&subject, &at, &left) || subject.tag != ATHAR_DER_SEQUENCE ||
	    !athar_der_read(&part, at, left) || part.tag != ATHAR_DER_SEQUENCE)
		return false;
	note_name(w, &subject);
	note_serial(w, &serial);
	return true;
}
