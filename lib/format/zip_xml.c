/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/zip_xml.h"

static bool begin(zip_xml *x, uint8_t c)
{
	static const char declaration[] = "<?xml";

	if (c == (uint8_t)declaration[x->begun])
		x->begun++;
	else
		x->off = true;
	x->tag = true;
	return true;
}

static bool is_name_start(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == ':' ||
	       c >= 0x80;
}

static bool take(zip_xml *x, uint8_t c)
{
	const bool open = x->open;

	x->open = false;
	if (c < 0x20 && c != '\n' && c != '\r' && c != '\t')
		return false;
	if (open) {
		/* comments and the like may hold anything */
		x->off = c == '!';
		return c == '!' || c == '/' || c == '?' || is_name_start(c);
	}
	if (c == '<') {
		x->open = !x->tag;
		x->tag = true;
		return x->open;
	}
	if (c == '>')
		x->tag = false;
	return true;
}

bool zip_xml_take(zip_xml *x, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len && !x->off; i++)
		if (!(x->begun < 5 ? begin(x, bytes[i]) : take(x, bytes[i])))
			return false;
	return true;
}
