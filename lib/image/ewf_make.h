/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sections of an E01 as bytes: what ewf.h describes, the other way round. The layout is that of
 * EnCase 6.
 */
#ifndef ATHAR_IMAGE_EWF_MAKE_H
#define ATHAR_IMAGE_EWF_MAKE_H

#include "image/ewf.h"
#include "image/output.h"
#include "image/sink.h"

/* Of table and table2 together. */
#define ATHAR_EWF_TABLES(count) \
	(2 * (ATHAR_EWF_DESCRIPTOR + ATHAR_EWF_TABLE_HEADER + 4 * (uint64_t)(count) + 4))

/* Descriptor and content at the output's place. */
athar_status athar_ewf_put_section(athar_output *o, const char *type, const void *content,
                                   size_t len, athar_error *err);
/* "next" or "done", which end a file. */
athar_status athar_ewf_put_end(athar_output *o, const char *type, athar_error *err);
athar_status athar_ewf_put_file_header(athar_output *o, uint32_t number, athar_error *err);
/* header2 twice and header. */
athar_status athar_ewf_put_headers(athar_output *o, const athar_sink_fields *fields,
                                   athar_error *err);
/* table and table2 of `count` little-endian entries, which count from `base`; needs
 * ATHAR_EWF_TABLES bytes of room. */
void athar_ewf_put_tables(athar_output *o, uint64_t base, const uint8_t *entries, uint32_t count);
/* digest and hash, of what there is of MD5 and SHA-1. */
athar_status athar_ewf_put_hashes(athar_output *o, const athar_digests *media, athar_error *err);
/* error2, of runs in whole sectors. */
athar_status athar_ewf_put_errors(athar_output *o, const athar_runs *bad, uint32_t sector,
                                  athar_error *err);

/* A section's first 76 bytes; it begins at `at` and has `len` bytes of content. */
void athar_ewf_descriptor(uint8_t d[ATHAR_EWF_DESCRIPTOR], const char *type, uint64_t at,
                          uint64_t len);
/* The content of volume and data sections. `padded` is the size in whole sectors; 0: not known. */
athar_status athar_ewf_volume(uint8_t v[ATHAR_EWF_VOLUME], const athar_sink_spec *spec,
                              uint32_t chunk, uint64_t padded, athar_error *err);

/* The texts of the two headers before they are deflated, malloc'd. */
athar_status athar_ewf_header_text(uint8_t **out, size_t *len, const athar_sink_fields *fields,
                                   athar_error *err); /* windows-1256 */
athar_status athar_ewf_header2_text(uint8_t **out, size_t *len, const athar_sink_fields *fields,
                                    athar_error *err); /* UTF-16 with its byte order mark */

#endif
