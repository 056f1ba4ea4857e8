/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Distinguished encoding (X.690): one element after another in memory, and what keys and
 * certificates are made of.
 */
#ifndef ATHAR_FORMAT_DER_H
#define ATHAR_FORMAT_DER_H

#include "format/walk.h"

enum {
	ATHAR_DER_INTEGER = 0x02,
	ATHAR_DER_OCTETS = 0x04,
	ATHAR_DER_OID = 0x06,
	ATHAR_DER_SEQUENCE = 0x30,
	ATHAR_DER_SET = 0x31
};

typedef struct athar_der {
	uint8_t tag;
	const uint8_t *content; /* where it begins; as much as `have` is there */
	uint64_t len, total;    /* of the content; with tag and length */
	size_t have;
} athar_der;

/* The element at the beginning of the bytes; false where its tag and length are none in DER. */
bool athar_der_read(athar_der *out, const uint8_t *bytes, size_t len);
/* Takes the element off the front, which must be there as a whole. */
bool athar_der_take(athar_der *out, const uint8_t **bytes, size_t *len);
/* Has a certificate's parts in their order (RFC 5280, 4.1), as far as bytes are there; notes who it
 * is for and its serial number. */
bool athar_der_certificate(athar_walk *w, const uint8_t *bytes, size_t len);

#endif
