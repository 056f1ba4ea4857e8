/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/f2fs_super.h"

#include "athar/text.h"
#include "base/endian.h"
#include "base/utf8.h"
#include "inflate/inflate.h"
#include "volume/volume_state.h"

#define SUM_FEATURE 0x800u /* the superblock has a sum */
#define SUM_AT 3068u
#define LABEL_AT 124u
#define LABEL_UNITS 512u

uint32_t athar_f2fs_crc(uint32_t seed, const uint8_t *bytes, size_t len)
{
	return ~athar_crc32(~seed, bytes, len);
}

static bool bad(char why[160], const char *text)
{
	snprintf(why, 160, "%s", text);
	return false;
}

/* UTF-16, up to a zero. */
static void read_label(char out[64], const uint8_t *bytes)
{
	uint8_t text[LABEL_UNITS * 4];
	size_t len = 0;

	for (size_t i = 0; i < LABEL_UNITS; i++) {
		uint32_t c = athar_le16(bytes + i * 2);

		if (c == 0)
			break;
		if (c >= 0xD800 && c < 0xDC00 && i + 1 < LABEL_UNITS) {
			const uint32_t low = athar_le16(bytes + i * 2 + 2);

			if (low >= 0xDC00 && low < 0xE000) {
				c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
				i++;
			}
		}
		if (c >= 0xD800 && c < 0xE000)
			c = 0xFFFD;
		len += athar_utf8_encode(text + len, c);
	}
	athar_volume_text(out, 64, text, len);
}

static void read_hidden(athar_f2fs_super *out, const uint8_t *b)
{
	out->hidden[0] = athar_le32(b + 100);
	out->hidden[1] = athar_le32(b + 104);
	for (size_t i = 0; i < 3; i++)
		out->hidden[2 + i] = athar_le32(b + 2745 + i * 4);
}

static bool read_sizes(char why[160], const uint8_t *b)
{
	if (athar_le32(b + 16) != 12) {
		snprintf(why, 160,
		         "F2FS with blocks of 2^%u bytes: those of 4096 bytes are read; only "
		         "carving sees its content",
		         athar_le32(b + 16));
		return false;
	}
	if (athar_le32(b + 20) != 9)
		return bad(why, "an F2FS superblock whose segments are not 512 blocks long");
	return true;
}

/* Each area begins where the one before it ends. A reader that took less for granted could be led
 * to take one area for another. */
static bool areas_follow(const athar_f2fs_super *s, const uint8_t *b)
{
	const uint64_t sizes[] = {athar_le32(b + 52), s->sit_segments, s->nat_segments,
	                          athar_le32(b + 64), s->main_segments};
	const uint32_t begins[] = {s->checkpoint, s->sit, s->nat, s->ssa, s->main};
	uint64_t at = athar_le32(b + 72);

	for (size_t i = 0; i < ATHAR_COUNT(sizes); i++) {
		if (begins[i] != at || sizes[i] == 0)
			return false;
		at += sizes[i] * ATHAR_F2FS_SEGMENT;
	}
	return at <= UINT32_MAX && at <= s->blocks && s->checkpoint >= 2;
}

static bool sane(const athar_f2fs_super *s, const uint8_t *b)
{
	return areas_follow(s, b) && athar_le32(b + 52) == 2 && s->sit_segments % 2 == 0 &&
	       s->nat_segments % 2 == 0 &&
	       (uint64_t)athar_le32(b + 64) * ATHAR_F2FS_SEGMENT >= s->main_segments &&
	       (uint64_t)s->sit_segments / 2 * ATHAR_F2FS_SEGMENT * 55 >= s->main_segments &&
	       s->payload < ATHAR_F2FS_SEGMENT - 8;
}

bool athar_f2fs_super_read(athar_f2fs_super *out, char why[160], const uint8_t *b)
{
	why[0] = '\0';
	if (athar_le32(b) != ATHAR_F2FS_MAGIC || !read_sizes(why, b))
		return false;
	*out = (athar_f2fs_super){.blocks = athar_le64(b + 36),
	                          .features = athar_le32(b + 2180),
	                          .checkpoint = athar_le32(b + 76),
	                          .sit = athar_le32(b + 80),
	                          .nat = athar_le32(b + 84),
	                          .ssa = athar_le32(b + 88),
	                          .main = athar_le32(b + 92),
	                          .sit_segments = athar_le32(b + 56),
	                          .nat_segments = athar_le32(b + 60),
	                          .main_segments = athar_le32(b + 68),
	                          .payload = athar_le32(b + 1664),
	                          .root = athar_le32(b + 96)};
	if ((out->features & SUM_FEATURE) != 0 &&
	    athar_le32(b + SUM_AT) != athar_f2fs_crc(ATHAR_F2FS_MAGIC, b, SUM_AT))
		return bad(why, "an F2FS superblock whose sum is wrong");
	if (!sane(out, b))
		return bad(why, "an F2FS superblock whose areas contradict each other");
	read_hidden(out, b);
	read_label(out->label, b + LABEL_AT);
	return true;
}
