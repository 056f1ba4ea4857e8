/* SPDX-License-Identifier: BSD-2-Clause */
#include "image/ewf_make.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "digest/digest.h"
#include "inflate/inflate.h"
#include "inflate/zpack.h"

#define MEDIA_REMOVABLE 0
#define MEDIA_FIXED 1
#define FLAGS_IMAGE_PHYSICAL 3
#define DEFLATE_LEVEL 6 /* as libewf does it, so that the bytes are the same */

/* The Adler-32 of the bytes goes behind them. */
static void sum(uint8_t *bytes, size_t len)
{
	athar_put_le32(bytes + len, athar_adler32(1, bytes, len));
}

static void describe(uint8_t d[ATHAR_EWF_DESCRIPTOR], const char *type, uint64_t next,
                     uint64_t size)
{
	memset(d, 0, ATHAR_EWF_DESCRIPTOR);
	memcpy(d, type, strlen(type));
	athar_put_le64(d + 16, next);
	athar_put_le64(d + 24, size);
	sum(d, ATHAR_EWF_DESCRIPTOR - 4);
}

void athar_ewf_descriptor(uint8_t d[ATHAR_EWF_DESCRIPTOR], const char *type, uint64_t at,
                          uint64_t len)
{
	describe(d, type, at + ATHAR_EWF_DESCRIPTOR + len, ATHAR_EWF_DESCRIPTOR + len);
}

athar_status athar_ewf_put_section(athar_output *o, const char *type, const void *content,
                                   size_t len, athar_error *err)
{
	uint8_t d[ATHAR_EWF_DESCRIPTOR];

	athar_ewf_descriptor(d, type, athar_output_at(o), len);
	ATHAR_TRY(athar_output_write(o, d, sizeof d, err));
	return athar_output_write(o, content, len, err);
}

/* It points at itself. */
athar_status athar_ewf_put_end(athar_output *o, const char *type, athar_error *err)
{
	uint8_t d[ATHAR_EWF_DESCRIPTOR];

	describe(d, type, athar_output_at(o), 0);
	return athar_output_write(o, d, sizeof d, err);
}

athar_status athar_ewf_put_file_header(athar_output *o, uint32_t number, athar_error *err)
{
	uint8_t h[ATHAR_EWF_FILE_HEADER] = {'E', 'V', 'F', 0x09, 0x0D, 0x0A, 0xFF, 0x00, 1};

	h[9] = (uint8_t)number;
	h[10] = (uint8_t)(number >> 8);
	return athar_output_write(o, h, sizeof h, err);
}

static athar_status deflate_text(uint8_t **out, size_t *len, const uint8_t *text, size_t text_len,
                                 athar_error *err)
{
	const size_t room = text_len + text_len / 8 + 64;
	athar_zpack *z = NULL;

	*out = athar_alloc(room, err);
	if (*out == NULL)
		return err->status;
	ATHAR_TRY(athar_zpack_new(&z, DEFLATE_LEVEL, err));
	*len = athar_zpack_deflate(z, *out, room, text, text_len);
	athar_zpack_free(z);
	return *len != 0 ? ATHAR_OK : athar_fail(err, ATHAR_ENOMEM, "cannot deflate a header");
}

static athar_status put_header(athar_output *o, const char *type, unsigned times,
                               const uint8_t *text, size_t text_len, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *packed = NULL;
	size_t len;

	ATHAR_TRY(deflate_text(&packed, &len, text, text_len, err));
	for (unsigned i = 0; i < times; i++)
		ATHAR_TRY(athar_ewf_put_section(o, type, packed, len, err));
	return ATHAR_OK;
}

athar_status athar_ewf_put_headers(athar_output *o, const athar_sink_fields *fields,
                                   athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *new = NULL;
	ATHAR_AUTO(free) uint8_t *old = NULL;
	size_t len;

	ATHAR_TRY(athar_ewf_header2_text(&new, &len, fields, err));
	ATHAR_TRY(put_header(o, "header2", 2, new, len, err));
	ATHAR_TRY(athar_ewf_header_text(&old, &len, fields, err));
	return put_header(o, "header", 1, old, len, err);
}

static void put_table(athar_output *o, const char *type, uint64_t base, const uint8_t *entries,
                      uint32_t count)
{
	const size_t len = (size_t)count * 4;
	uint8_t d[ATHAR_EWF_DESCRIPTOR], h[ATHAR_EWF_TABLE_HEADER] = {0}, end[4];

	athar_ewf_descriptor(d, type, athar_output_at(o), sizeof h + len + sizeof end);
	athar_put_le32(h, count);
	athar_put_le64(h + 8, base);
	sum(h, sizeof h - 4);
	athar_put_le32(end, athar_adler32(1, entries, len));
	athar_output_put(o, d, sizeof d);
	athar_output_put(o, h, sizeof h);
	athar_output_put(o, entries, len);
	athar_output_put(o, end, sizeof end);
}

void athar_ewf_put_tables(athar_output *o, uint64_t base, const uint8_t *entries, uint32_t count)
{
	put_table(o, "table", base, entries, count);
	put_table(o, "table2", base, entries, count);
}

/* False: there is no such hash. */
static bool hash_bytes(uint8_t *out, const athar_digests *media, unsigned algorithm)
{
	const char *hex = athar_digests_get(media, algorithm);

	if (hex == NULL || hex[0] == '\0')
		return false;
	for (size_t i = 0; hex[2 * i] != '\0'; i++) {
		const char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};

		out[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return true;
}

athar_status athar_ewf_put_hashes(athar_output *o, const athar_digests *media, athar_error *err)
{
	uint8_t digest[80] = {0}, hash[36] = {0};
	const bool md5 = hash_bytes(hash, media, ATHAR_MD5);
	const bool sha1 = hash_bytes(digest + 16, media, ATHAR_SHA1);

	memcpy(digest, hash, 16);
	sum(digest, sizeof digest - 4);
	sum(hash, sizeof hash - 4);
	if (sha1)
		ATHAR_TRY(athar_ewf_put_section(o, "digest", digest, sizeof digest, err));
	if (md5)
		ATHAR_TRY(athar_ewf_put_section(o, "hash", hash, sizeof hash, err));
	return ATHAR_OK;
}

athar_status athar_ewf_put_errors(athar_output *o, const athar_runs *bad, uint32_t sector,
                                  athar_error *err)
{
	const size_t count = (size_t)athar_min(bad->count, ATHAR_EWF_ERRORS_MAX);
	const size_t len = ATHAR_EWF_ERRORS_HEADER + 8 * count + 4;
	ATHAR_AUTO(free) uint8_t *table = NULL;

	if (count == 0)
		return ATHAR_OK;
	table = athar_alloc(len, err);
	if (table == NULL)
		return err->status;
	athar_put_le32(table, (uint32_t)count);
	sum(table, ATHAR_EWF_ERRORS_HEADER - 4);
	for (size_t i = 0; i < count; i++) {
		uint8_t *entry = table + ATHAR_EWF_ERRORS_HEADER + 8 * i;

		athar_put_le32(entry, (uint32_t)(bad->run[i].offset / sector));
		athar_put_le32(entry + 4, (uint32_t)(bad->run[i].length / sector));
	}
	sum(table + ATHAR_EWF_ERRORS_HEADER, 8 * count);
	return athar_ewf_put_section(o, "error2", table, len, err);
}

/* The set id binds the files of a set; ours follows from what the set is. */
static athar_status make_id(uint8_t id[16], const athar_sink_spec *spec, athar_error *err)
{
	const athar_sink_fields *f = &spec->fields;
	ATHAR_AUTO(free) char *text = NULL;
	uint8_t hash[32];

#define OR_NONE(x) ((x) == NULL ? "" : (x))
	text = athar_format_text(err, "athar\n%s\n%llu\n%u\n%llu\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%lld",
	                         spec->name, (unsigned long long)spec->media_size,
	                         spec->sector_size, (unsigned long long)spec->segment_size,
	                         OR_NONE(f->case_number), OR_NONE(f->evidence_number),
	                         OR_NONE(f->description), OR_NONE(f->examiner), OR_NONE(f->notes),
	                         OR_NONE(f->model), OR_NONE(f->serial), (long long)f->acquired);
#undef OR_NONE
	if (text == NULL)
		return err->status;
	ATHAR_TRY(athar_digest_sha256_raw(hash, text, strlen(text), err));
	memcpy(id, hash, 16);
	id[6] = (uint8_t)(0x80 | (id[6] & 0x0F)); /* a UUID of version 8: made by its own rules */
	id[8] = (uint8_t)(0x80 | (id[8] & 0x3F));
	return ATHAR_OK;
}

athar_status athar_ewf_volume(uint8_t v[ATHAR_EWF_VOLUME], const athar_sink_spec *spec,
                              uint32_t chunk, uint64_t padded, athar_error *err)
{
	const uint32_t sector = spec->sector_size;

	memset(v, 0, ATHAR_EWF_VOLUME);
	v[0] = spec->removable ? MEDIA_REMOVABLE : MEDIA_FIXED;
	athar_put_le32(v + 4, (uint32_t)(padded / chunk + (padded % chunk != 0)));
	athar_put_le32(v + 8, chunk / sector);
	athar_put_le32(v + 12, sector);
	athar_put_le64(v + 16, padded / sector);
	v[36] = FLAGS_IMAGE_PHYSICAL;
	v[52] = (uint8_t)spec->compression;
	ATHAR_TRY(make_id(v + 64, spec, err));
	sum(v, ATHAR_EWF_VOLUME - 4);
	return ATHAR_OK;
}
