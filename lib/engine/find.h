/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Something a worker found, on its way to becoming an item: what the file system recorded of it,
 * and what the format says of its content. The supervisor grades it.
 */
#ifndef ATHAR_ENGINE_FIND_H
#define ATHAR_ENGINE_FIND_H

#include "athar/item.h"
#include "engine/wire.h"
#include "format/format.h"
#include "volume/volume.h"

typedef struct athar_find {
	athar_method method;
	athar_state state;
	uint8_t *path;
	size_t path_len;
	uint64_t size;
	athar_extents extents;
	athar_layer via[ATHAR_ITEM_DEPTH]; /* as an item has them */
	size_t via_count;
	athar_extents packed;
	int volume; /* -1: outside any */
	char address[40];
	uint64_t meta;
	uint32_t type;
	uint16_t id;
	uint64_t block_size; /* of its volume; 0 outside any */
	bool readable;       /* false: the metadata no longer says where the content is */
	bool assumed;        /* that its clusters follow one another is not recorded */
	char why[160];       /* of readable or assumed */
	athar_item_time times[ATHAR_ITEM_TIMES];
	size_t time_count;
	char owner[64], group[64], mode[8];
	bool unmapped; /* which blocks are in use again is not known */
	uint64_t reused, bad;
	athar_runs reused_at;
	bool settled; /* graded in an earlier run, with more at hand: grade and why stand */
	athar_grade grade;
	uint64_t contested; /* bytes that another deleted file claims; UINT64_MAX: not compared */

	char format[16]; /* that claims the content; "" none */
	char subtype[16], extension[8];
	athar_grade claim_grade;
	uint64_t claim_length;
	uint64_t claim_proven; /* all before it is proven */
	bool claim_ends;       /* all of claim_length is proven; the format has no end mark */
	uint64_t claim_unseen; /* bytes at its end that the format cannot check */
	char claim_why[120];   /* without a format: why the content was not checked */
	athar_item_field field[ATHAR_ITEM_FIELDS];
	size_t field_count;
	char doubt[100]; /* the content is not what its name says; "" */
} athar_find;

#define ATHAR_FIND_INIT \
	{ \
		.volume = -1, .readable = true \
	}

void athar_find_clear(athar_find *find);
ATHAR_DEFINE_AUTO_VALUE(find, athar_find, athar_find_clear)

void athar_find_wire(athar_wire *w, const athar_find *find);
athar_status athar_find_unwire(athar_find *out, athar_bytes message, athar_error *err);

/* What the format says of the content, and whether it could be read: of a find known already. */
void athar_find_claim_wire(athar_wire *w, const athar_find *find);
athar_status athar_find_claim_unwire(athar_find *out, athar_bytes message, athar_error *err);

/* What format and metadata together prove. `bad`: bytes of the content that could not be read. */
athar_grade athar_find_grade(char why[160], const athar_find *find, uint64_t bad);

/* Are the bytes of its extents proven to be its own, so that nothing else need be looked for there?
 */
bool athar_find_proven(const athar_find *find);

/* Copies what the item says; hashes and number are the run's. */
athar_status athar_find_item(athar_item *out, const athar_find *find, uint64_t bad,
                             athar_error *err);

/* What an item's address says: "inode-type-id"; "inode" alone is the default stream. What no table
 * leads to has its place in the image behind an @. */
bool athar_find_parse_address(athar_find *find, const char *address);

/* The extension its recovered file gets: the format's, else the recorded name's, else "bin". */
void athar_find_extension(char out[8], const athar_find *find);

#endif
