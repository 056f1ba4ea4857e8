/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keys, certificates and messages in base64 between a line that begins and one that ends them (RFC
 * 7468, RFC 1421, RFC 4880 6.2), one or many in a file.
 */
#include <string.h>

#include "format/der.h"
#include "format/list.h"
#include "format/openssh.h"
#include "format/text_code.h"
#include "format/text_scan.h"

#define LABEL 48u
#define KEPT 16384u /* of what is decoded, to look at */
#define BETWEEN 64u /* lines of text between two blocks */
#define BEFORE 400u /* and before the first, where a program wrote them */
#define BEGIN "-----BEGIN "
#define END "-----END "

typedef struct pem {
	athar_walk *w;
	athar_lines lines;
	char label[LABEL];
	athar_base64 base64;
	uint8_t kept[KEPT];
	uint64_t len; /* of what was decoded */
	uint32_t crc24;
	bool checked;   /* this block has a CRC */
	bool encrypted; /* and its header says that it is encrypted */
	bool unchecked; /* something in the file has none */
	uint64_t count, end;
} pem;

static bool is_label(int c)
{
	return (c >= 'A' && c <= 'Z') || athar_is_digit(c) || c == ' ' || c == '#' || c == '.';
}

/* "-----BEGIN LABEL-----" */
static bool read_label(char out[LABEL], const athar_lines *l, const char *word)
{
	size_t at = strlen(word), n = 0;

	if (l->len < at || memcmp(l->line, word, at) != 0)
		return false;
	while (at < l->len && n + 1 < LABEL && is_label(l->line[at]))
		out[n++] = l->line[at++];
	out[n] = '\0';
	return n != 0 && l->len >= at + 5 && memcmp(l->line + at, "-----", 5) == 0;
}

static bool label_ends(const pem *p, const char *with)
{
	const size_t len = strlen(p->label), of = strlen(with);

	return len >= of && strcmp(p->label + len - of, with) == 0;
}

static bool is_pgp(const pem *p)
{
	return strncmp(p->label, "PGP ", 4) == 0;
}

/* RFC 4880, 6.1 */
static uint32_t crc24(uint32_t crc, uint8_t byte)
{
	crc ^= (uint32_t)byte << 16;
	for (int i = 0; i < 8; i++) {
		crc <<= 1;
		if (crc & 0x1000000)
			crc ^= 0x1864CFB;
	}
	return crc & 0xFFFFFF;
}

/* ---- inside a block ---- */

/* White space at the end of a line does not count. */
static size_t text_len(const athar_lines *l)
{
	size_t len = l->len;

	while (len != 0 && athar_is_space(l->line[len - 1]))
		len--;
	return len;
}

/* False where the line is no base64, or ends it. */
static bool decode_line(pem *p)
{
	const size_t len = text_len(&p->lines);
	bool got = false;

	for (size_t i = 0; i < len; i++) {
		uint8_t byte = 0;

		if (!athar_base64_step(&p->base64, &byte, &got, (uint8_t)p->lines.line[i]))
			return false;
		if (!got)
			continue;
		if (p->len < KEPT)
			p->kept[p->len] = byte;
		p->len++;
		if (is_pgp(p))
			p->crc24 = crc24(p->crc24, byte);
	}
	return !p->lines.cut && len != 0;
}

/* "=aGVs" */
static bool is_sum(const athar_lines *l)
{
	const size_t len = text_len(l);

	for (size_t i = 1; i < len; i++)
		if (!athar_is_base64(l->line[i]))
			return false;
	return len == 5 && l->line[0] == '=';
}

static bool sum_holds(pem *p)
{
	athar_base64 b = {0};
	uint32_t sum = 0;
	bool got = false;

	for (size_t i = 1; i < 5; i++) {
		uint8_t byte = 0;

		(void)athar_base64_step(&b, &byte, &got, (uint8_t)p->lines.line[i]);
		sum = got ? sum << 8 | byte : sum;
	}
	p->checked = true;
	return sum == p->crc24;
}

/* "Proc-Type: 4,ENCRYPTED" and the like, up to the empty line; none where base64 begins at once. */
static athar_status fields(pem *p, athar_error *err)
{
	const athar_lines *l = &p->lines;

	while (l->whole && memchr(l->line, ':', l->len) != NULL) {
		p->encrypted |= athar_lines_start(l, "Proc-Type: 4,ENCRYPTED");
		if (athar_lines_start(l, "Comment: ") && is_pgp(p))
			athar_walk_field_bytes(p->w, "comment", (const uint8_t *)l->line + 9,
			                       l->len - 9);
		ATHAR_TRY(athar_text_next(&p->lines, err));
		while (l->whole && l->len != 0 && (l->line[0] == ' ' || l->line[0] == '\t'))
			ATHAR_TRY(athar_text_next(&p->lines, err));
	}
	while (l->whole && text_len(l) == 0)
		ATHAR_TRY(athar_text_next(&p->lines, err));
	return ATHAR_OK;
}

/* The base64, line by line, and the CRC behind it. */
static athar_status content(pem *p, athar_error *err)
{
	const athar_lines *l = &p->lines;

	while (l->whole && !is_sum(l) && l->line[0] != '-') {
		if (!decode_line(p))
			return athar_walk_stop(p->w, "a line of a block is no base64");
		athar_walk_reach(p->w, l->to);
		ATHAR_TRY(athar_text_next(&p->lines, err));
	}
	if (l->whole && is_sum(l)) {
		if (!is_pgp(p) || !sum_holds(p))
			return athar_walk_stop(p->w, "the CRC of a block does not hold");
		ATHAR_TRY(athar_text_next(&p->lines, err));
	}
	if (!athar_base64_ends(&p->base64))
		return athar_walk_stop(p->w, "the base64 of a block breaks off");
	return ATHAR_OK;
}

/* ---- what a block holds ---- */

static const struct {
	const char *label, *subtype;
} subtypes[] = {
	{"OPENSSH PRIVATE KEY", "openssh"},
	{"PRIVATE KEY", "key"},
	{"CERTIFICATE REQUEST", "csr"},
	{"CERTIFICATE", "cert"},
	{"PUBLIC KEY", "public"},
	{"CRL", "crl"},
	{"PARAMETERS", "parameters"},
	{"CMS", "cms"},
	{"PKCS7", "cms"},
};

/* A private key counts more than what comes before it. */
static void name_kind(pem *p)
{
	athar_claim *claim = p->w->claim;
	const char *name = is_pgp(p) ? "pgp" : "";

	for (size_t i = 0; name[0] == '\0' && i < ATHAR_COUNT(subtypes); i++)
		if (label_ends(p, subtypes[i].label))
			name = subtypes[i].subtype;
	if (p->count == 0 || strcmp(name, "key") == 0)
		(void)snprintf(claim->subtype, sizeof claim->subtype, "%s", name);
	if (p->count == 0 && is_pgp(p))
		(void)snprintf(claim->extension, sizeof claim->extension, "asc");
}

/* The first packet is a session key or encrypted data (RFC 4880, 4.2 and 4.3). */
static bool begins_encrypted(const pem *p)
{
	const uint8_t first = p->len == 0 ? 0 : p->kept[0];
	const unsigned tag = first & 0x40 ? first & 0x3F : (first & 0x3F) >> 2;

	return first >= 0x80 && (tag == 1 || tag == 3 || tag == 9 || tag == 18 || tag == 20);
}

/* One element of DER as long as what was decoded. */
static bool is_der(const pem *p)
{
	athar_der d;
	const size_t have = p->len < KEPT ? (size_t)p->len : KEPT;

	if (!athar_der_read(&d, p->kept, have))
		return false;
	if (strcmp(p->label, "TRUSTED CERTIFICATE") == 0)
		return d.tag == ATHAR_DER_SEQUENCE && d.total <= p->len;
	return (d.tag == ATHAR_DER_SEQUENCE || d.tag == ATHAR_DER_OID) && d.total == p->len;
}

/* Does what was decoded agree with the label? */
static athar_status look(pem *p)
{
	const size_t have = p->len < KEPT ? (size_t)p->len : KEPT;

	if (p->encrypted || strcmp(p->label, "ENCRYPTED PRIVATE KEY") == 0 ||
	    (strcmp(p->label, "PGP MESSAGE") == 0 && begins_encrypted(p)))
		athar_walk_field(p->w, "encrypted", "yes");
	if (is_pgp(p)) {
		if (have == 0 || p->kept[0] < 0x80)
			return athar_walk_stop(p->w, "a block does not begin with a packet");
	} else if (p->encrypted) {
		if (have == 0 || p->len % 8 != 0)
			return athar_walk_stop(p->w, "an encrypted key is no row of blocks");
	} else if (strcmp(p->label, "OPENSSH PRIVATE KEY") == 0) {
		if (p->len > KEPT || !athar_openssh_key(p->w, p->kept, have))
			return athar_walk_stop(p->w, "the parts of a key do not add up");
	} else {
		for (size_t i = 0; i < ATHAR_COUNT(subtypes); i++)
			if (label_ends(p, subtypes[i].label) && !is_der(p))
				return athar_walk_stop(
					p->w, "what a block holds is not as long as it says");
		if (label_ends(p, "CERTIFICATE"))
			(void)athar_der_certificate(p->w, p->kept, have);
	}
	return ATHAR_OK;
}

/* ---- blocks ---- */

/* Text that is signed goes on to the block of its signature. */
static athar_status signed_text(pem *p, athar_error *err)
{
	p->unchecked = true;
	while (p->lines.whole && !read_label(p->label, &p->lines, BEGIN)) {
		athar_walk_prove(p->w, p->lines.to);
		ATHAR_TRY(athar_text_next(&p->lines, err));
	}
	if (!p->lines.whole || strcmp(p->label, "PGP SIGNATURE") != 0)
		return athar_walk_stop(p->w, "no signature follows the text");
	return athar_text_next(&p->lines, err);
}

/* The current line begins a block. */
static athar_status block(pem *p, athar_error *err)
{
	char label[LABEL];

	p->base64 = (athar_base64){0};
	p->len = 0;
	p->crc24 = 0xB704CE;
	p->checked = p->encrypted = false;
	name_kind(p);
	ATHAR_TRY(athar_text_next(&p->lines, err));
	if (strcmp(p->label, "PGP SIGNED MESSAGE") == 0)
		ATHAR_TRY(signed_text(p, err));
	ATHAR_TRY(fields(p, err));
	if (p->count == 0 && (!p->lines.whole || !decode_line(p)))
		return athar_walk_stop(p->w, "no base64 follows the first line");
	if (p->count == 0) {
		athar_walk_begin(p->w, p->lines.to);
		athar_walk_reach(p->w, p->lines.to);
		p->w->claim->alike = true; /* base64 of another block is base64 as well */
		ATHAR_TRY(athar_text_next(&p->lines, err));
	}
	ATHAR_TRY(content(p, err));
	if (!read_label(label, &p->lines, END) || strcmp(label, p->label) != 0)
		return athar_walk_stop(p->w, "no line ends what began as %s", p->label);
	ATHAR_TRY(look(p));
	p->count++;
	p->unchecked |= !p->checked;
	p->end = p->lines.from + strlen(END) + strlen(label) + 5;
	return ATHAR_OK;
}

/* Behind a block: *more where another one begins after empty lines or a little text. */
static athar_status between(bool *more, pem *p, athar_error *err)
{
	const athar_lines *l = &p->lines;
	const bool clean = l->whole && text_len(l) == p->end - l->from;

	*more = false;
	if (!clean)
		return ATHAR_OK;
	p->end = l->to;
	ATHAR_TRY(athar_text_next(&p->lines, err));
	ATHAR_TRY(athar_lines_blank(&p->end, &p->lines, err));
	for (size_t n = 0; n < BETWEEN && l->whole && !*more; n++) {
		*more = read_label(p->label, l, BEGIN);
		if (!*more)
			ATHAR_TRY(athar_text_next(&p->lines, err));
	}
	return ATHAR_OK;
}

/* The first line that begins a block; some programs explain it first. */
static athar_status first(pem *p, athar_error *err)
{
	const athar_lines *l = &p->lines;

	athar_lines_begin(&p->lines, p->w->in, 0, ATHAR_CHARSET_OPEN);
	ATHAR_TRY(athar_text_next(&p->lines, err));
	const bool explained =
		athar_lines_are(l, "Bag Attributes") || athar_lines_are(l, "Certificate:");

	for (size_t n = 0; n < BEFORE && l->whole; n++) {
		if (read_label(p->label, l, BEGIN))
			return ATHAR_OK;
		if (!explained)
			break;
		ATHAR_TRY(athar_text_next(&p->lines, err));
	}
	return athar_walk_stop(p->w, "no block begins");
}

static athar_status walk(pem *p, athar_error *err)
{
	bool more = true;

	ATHAR_TRY(first(p, err));
	while (more) {
		ATHAR_TRY(block(p, err));
		athar_walk_prove(p->w, p->end);
		ATHAR_TRY(between(&more, p, err));
	}
	if (p->unchecked) {
		athar_walk_close(p->w, ATHAR_GRADE_COMPLETE, p->end,
		                 "each block ends as it began, and is as long as it says");
		return ATHAR_OK;
	}
	p->w->claim->alike = false;
	athar_walk_close(p->w, ATHAR_GRADE_INTACT, p->end,
	                 "each block ends as it began, and its CRC holds");
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	pem p = {.w = &w};

	athar_walk_init(&w, out, in);
	const athar_status status = walk(&p, err);

	if (!out->ours)
		out->field_count = 0;
	else if (p.count != 0)
		athar_walk_field(&w, "count", "%llu", (unsigned long long)p.count);
	return athar_walk_settle(&w, status, err);
}

static const athar_magic magic[] = {
	{0, 11, {'-', '-', '-', '-', '-', 'B', 'E', 'G', 'I', 'N', ' '}},
	{0, 14, {'B', 'a', 'g', ' ', 'A', 't', 't', 'r', 'i', 'b', 'u', 't', 'e', 's'}},
	{0, 12, {'C', 'e', 'r', 't', 'i', 'f', 'i', 'c', 'a', 't', 'e', ':'}},
	{0, 0, {0}}};

const athar_format athar_format_pem = {
	.name = "pem",
	.extension = "pem",
	.mime = "application/x-pem-file",
	.summary = "keys, certificates and PGP messages as text",
	.end = "the line that ends the last block, whose content is as long as it says",
	.best = ATHAR_GRADE_INTACT,
	.magic = magic,
	.measure = measure,
};
