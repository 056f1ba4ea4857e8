/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The objects of an ASF header: how large the file is, what its streams are, who made it.
 */
#include <string.h>

#include "athar/text.h"
#include "base/check.h"
#include "base/endian.h"
#include "format/asf.h"
#include "format/utf16.h"

#define EPOCH INT64_C(11644473600) /* seconds from 1601 to 1970 */
#define OBJECTS_MOST 10000u
#define PACKET_MOST (1u << 20)

typedef struct object {
	uint64_t at, payload, end;
} object;

typedef athar_status read_object(asf *a, const object *o, athar_error *err);

/* Bytes of an object, from `skip` behind its header; stops where it has fewer. */
static athar_status get(athar_bytes *out, asf *a, const object *o, uint64_t skip, size_t len,
                        athar_error *err)
{
	if (!athar_inside(skip, len, o->end - o->payload))
		return athar_walk_stop(a->w, "an object of the header is too short");
	return athar_reader_get(out, a->w->in, o->payload + skip, len, err);
}

static athar_status read_file(asf *a, const object *o, athar_error *err)
{
	char text[32];
	athar_bytes b;

	ATHAR_TRY(get(&b, a, o, 0, 80, err));
	const uint64_t created = athar_le64(b.ptr + 24);
	const uint32_t least = athar_le32(b.ptr + 68);

	memcpy(a->id, b.ptr, 16);
	a->live = (b.ptr[64] & 1) != 0;
	a->file_size = athar_le64(b.ptr + 16);
	a->packets = athar_le64(b.ptr + 32);
	a->duration = athar_le64(b.ptr + 40) / 10000;
	a->preroll = athar_le64(b.ptr + 56);
	a->packet_size = athar_le32(b.ptr + 72);
	if (a->described || least != a->packet_size || least < 16 || least > PACKET_MOST)
		return athar_walk_stop(a->w, "what describes the file makes no sense");
	a->described = true;
	/* FFmpeg gives the beginning of 1970 for a time that it does not know. */
	if (created != 0 && created / 10000000 != (uint64_t)EPOCH)
		athar_walk_field(
			a->w, "created", "%s",
			athar_text_time(text, sizeof text, (int64_t)(created / 10000000) - EPOCH));
	if (!a->live && a->duration > a->preroll)
		athar_walk_field(a->w, "duration_ms", "%llu",
		                 (unsigned long long)(a->duration - a->preroll));
	return ATHAR_OK;
}

/* Title, author, copyright, description, rating: their lengths, then they. */
static athar_status read_content(asf *a, const object *o, athar_error *err)
{
	static const char *const keys[5] = {"title", "author", NULL, "comment", NULL};
	uint64_t at = 10;
	size_t lens[5];
	athar_bytes b;

	ATHAR_TRY(get(&b, a, o, 0, 10, err));
	for (size_t i = 0; i < 5; i++)
		lens[i] = athar_le16(b.ptr + 2 * i);
	for (size_t i = 0; i < 5; at += lens[i++]) {
		if (keys[i] == NULL || lens[i] == 0)
			continue;
		ATHAR_TRY(get(&b, a, o, at, lens[i], err));
		athar_walk_field_utf16(a->w, keys[i], b.ptr, lens[i], false);
	}
	return ATHAR_OK;
}

/* A film's description begins with its size, sound's with what it is coded in. */
static athar_status read_stream(asf *a, const object *o, athar_error *err)
{
	static const uint8_t video[16] = {0xC0, 0xEF, 0x19, 0xBC, 0x4D, 0x5B, 0xCF, 0x11,
	                                  0xA8, 0xFD, 0x00, 0x80, 0x5F, 0x5C, 0x44, 0x2B};
	athar_bytes b;

	ATHAR_TRY(get(&b, a, o, 0, 54, err));
	if ((b.ptr[49] & 0x80) != 0)
		athar_walk_field(a->w, "encrypted", "yes");
	if (memcmp(b.ptr, video, 16) != 0)
		return ATHAR_OK;
	(void)snprintf(a->w->claim->subtype, sizeof a->w->claim->subtype, "wmv");
	a->w->claim->extension[0] = '\0';
	ATHAR_TRY(get(&b, a, o, 54, 31, err));
	athar_walk_field(a->w, "width", "%u", athar_le32(b.ptr));
	athar_walk_field(a->w, "height", "%u", athar_le32(b.ptr + 4));
	athar_walk_field_bytes(a->w, "codec", b.ptr + 27, 4);
	return ATHAR_OK;
}

static athar_status read_locked(asf *a, const object *o, athar_error *err)
{
	(void)o;
	(void)err;
	athar_walk_field(a->w, "encrypted", "yes");
	return ATHAR_OK;
}

static const struct kind {
	uint8_t guid[16];
	read_object *read;
} kinds[] = {
	{{0xA1, 0xDC, 0xAB, 0x8C, 0x47, 0xA9, 0xCF, 0x11, 0x8E, 0xE4, 0x00, 0xC0, 0x0C, 0x20, 0x53,
          0x65},
         read_file},
	{{0x91, 0x07, 0xDC, 0xB7, 0xB7, 0xA9, 0xCF, 0x11, 0x8E, 0xE6, 0x00, 0xC0, 0x0C, 0x20, 0x53,
          0x65},
         read_stream},
	{{0x33, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11, 0xA6, 0xD9, 0x00, 0xAA, 0x00, 0x62, 0xCE,
          0x6C},
         read_content},
	/* Content Encryption, Extended Content Encryption */
	{{0xFB, 0xB3, 0x11, 0x22, 0x23, 0xBD, 0xD2, 0x11, 0xB4, 0xB7, 0x00, 0xA0, 0xC9, 0x55, 0xFC,
          0x6E},
         read_locked},
	{{0x14, 0xE6, 0x8A, 0x29, 0x22, 0x26, 0x17, 0x4C, 0xB9, 0x35, 0xDA, 0xE0, 0x7E, 0xE9, 0x28,
          0x9C},
         read_locked},
};

static athar_status take(object *o, asf *a, uint64_t at, uint64_t end, athar_error *err)
{
	uint8_t guid[16];
	athar_bytes b;

	if (!athar_inside(at, 24, end))
		return athar_walk_stop(a->w, "the objects of the header do not fill it");
	ATHAR_TRY(athar_reader_get(&b, a->w->in, at, 24, err));
	const uint64_t size = athar_le64(b.ptr + 16);

	if (size < 24 || !athar_inside(at, size, end))
		return athar_walk_stop(a->w, "an object of the header has an impossible size");
	*o = (object){.at = at, .payload = at + 24, .end = at + size};
	memcpy(guid, b.ptr, sizeof guid);
	for (size_t i = 0; i < ATHAR_COUNT(kinds); i++) {
		if (memcmp(guid, kinds[i].guid, sizeof guid) == 0)
			return kinds[i].read(a, o, err);
	}
	return ATHAR_OK;
}

athar_status asf_header(asf *a, uint64_t at, uint64_t end, uint32_t count, athar_error *err)
{
	object o;

	if (count > OBJECTS_MOST)
		return athar_walk_stop(a->w, "it has more than %u objects", OBJECTS_MOST);
	for (uint32_t i = 0; i < count; i++, at = o.end)
		ATHAR_TRY(take(&o, a, at, end, err));
	if (at != end || !a->described)
		return athar_walk_stop(a->w, "the objects of the header do not fill it");
	return ATHAR_OK;
}
