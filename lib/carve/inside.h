/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is inside of a file: members of archives, pictures in documents, thumbnails, attachments.
 * Each kind of container lists its entries, with the place of their bytes in the container's own
 * offsets and the transform that undoes their packing. Whether an entry is anything is for the
 * formats to say.
 */
#ifndef ATHAR_CARVE_INSIDE_H
#define ATHAR_CARVE_INSIDE_H

#include "format/format.h"

/* A listing under way; the kinds of containers call athar_listing_give. */
typedef struct athar_listing {
	athar_reader *in;    /* over all of the container */
	uint64_t size;       /* of it */
	const char *format;  /* as the formats call it */
	const char *subtype; /* "docx"; "" */
	uint64_t *left;      /* entries that may still be given; counts down */
	/* Takes an entry. layer->size is UINT64_MAX where nothing tells it before its unpacking. */
	athar_status (*take)(void *user, const athar_layer *layer, athar_error *err);
	void *user;
} athar_listing;

/* A kind: const, one file each. A container that makes no sense simply lists less. list returns
 * what the reader, memory and `take` fail with. */
typedef struct athar_container {
	const char *format;
	athar_status (*list)(athar_listing *x, athar_error *err);
} athar_container;

extern const athar_container athar_container_eml, athar_container_gzip, athar_container_jpeg,
	athar_container_mbox, athar_container_pdf, athar_container_tar, athar_container_tiff,
	athar_container_zip;

/* Can files of this format hold others? NULL: not that we know. */
const athar_container *athar_container_find(const char *format);

/* Gives one entry. layer->container and a name that is too long are settled here; an entry that is
 * empty or not inside the container is passed over. ATHAR_ELIMIT: no more are taken. */
athar_status athar_listing_give(athar_listing *x, const athar_layer *layer, athar_error *err);
/* The name of a layer, cut where it is too long. */
void athar_layer_name(athar_layer *layer, const void *name, size_t len);

/*
 * The bytes of a layer into new memory, yours to free. `in` is what the layer's offset counts in.
 * The layer's size is set where it was not known; one that was and is another is ATHAR_EFORMAT, as
 * damaged data are. ATHAR_ELIMIT: it is or would be larger than `most`, or 200 times larger than
 * what is stored and more than 1 MiB.
 */
athar_status athar_layer_unpack(uint8_t **out, athar_layer *layer, athar_source *in, size_t most,
                                athar_error *err);

#endif
