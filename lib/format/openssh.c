/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/openssh.h"

#include <string.h>

#include "base/endian.h"

typedef struct span {
	const uint8_t *ptr;
	size_t len;
} span;

static bool take(span *out, span *from, size_t len)
{
	if (from->len < len)
		return false;
	*out = (span){from->ptr, len};
	from->ptr += len;
	from->len -= len;
	return true;
}

static bool take_number(uint32_t *out, span *from)
{
	span s;

	if (!take(&s, from, 4))
		return false;
	*out = athar_be32(s.ptr);
	return true;
}

static bool take_string(span *out, span *from)
{
	uint32_t len = 0;

	return take_number(&len, from) && take(out, from, len);
}

static bool is(const span *s, const char *text)
{
	return s->len == strlen(text) && memcmp(s->ptr, text, s->len) == 0;
}

/* How many strings a private key of that type has; 0: not known. */
static size_t parts_of(const span *type)
{
	static const char ecdsa[] = "ecdsa-sha2-nistp";

	if (is(type, "ssh-ed25519"))
		return 2;
	if (is(type, "ssh-rsa"))
		return 6;
	if (is(type, "ssh-dss"))
		return 5;
	return type->len > sizeof ecdsa - 1 && memcmp(type->ptr, ecdsa, sizeof ecdsa - 1) == 0 ? 3
	                                                                                       : 0;
}

/* What is not encrypted: two equal numbers, the key, its comment, padding 1, 2, 3 ... */
static bool plain_part(athar_walk *w, span s)
{
	uint32_t first = 0, second = 0;
	span type, part, comment;

	if (!take_number(&first, &s) || !take_number(&second, &s) || first != second ||
	    !take_string(&type, &s))
		return false;
	const size_t parts = parts_of(&type);

	if (parts == 0)
		return true;
	for (size_t i = 0; i < parts; i++)
		if (!take_string(&part, &s))
			return false;
	if (!take_string(&comment, &s))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] != (uint8_t)(i + 1))
			return false;
	athar_walk_field_bytes(w, "comment", comment.ptr, comment.len);
	return true;
}

bool athar_openssh_key(athar_walk *w, const uint8_t *bytes, size_t len)
{
	span s = {bytes, len}, magic, cipher, kdf, options, public_key, private_keys;
	uint32_t keys = 0;

	if (!take(&magic, &s, 15) || memcmp(magic.ptr, "openssh-key-v1", 15) != 0 ||
	    !take_string(&cipher, &s) || !take_string(&kdf, &s) || !take_string(&options, &s) ||
	    !take_number(&keys, &s) || keys != 1 || !take_string(&public_key, &s) ||
	    !take_string(&private_keys, &s))
		return false;
	if (is(&cipher, "none"))
		return s.len == 0 && plain_part(w, private_keys);
	athar_walk_field(w, "encrypted", "yes");
	return s.len == 0 || s.len == 16; /* the tag of a cipher that has one */
}
