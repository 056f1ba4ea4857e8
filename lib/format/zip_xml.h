/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Members of office documents are XML, which shows within some hundred bytes when a deflate stream
 * goes on with foreign bits: long before its CRC does.
 */
#ifndef ATHAR_FORMAT_ZIP_XML_H
#define ATHAR_FORMAT_ZIP_XML_H

#include "base/idiom.h"

typedef struct zip_xml {
	bool off;       /* it does not begin like XML, or has parts with rules of their own */
	uint8_t begun;  /* bytes of "<?xml" that were met */
	bool tag, open; /* inside a tag; just behind its '<' */
} zip_xml;

/* The next bytes of a member; false: they cannot be XML any more. */
bool zip_xml_take(zip_xml *x, const uint8_t *bytes, size_t len);

#endif
