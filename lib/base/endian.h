/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Integers out of bytes. The caller has checked that they are there; never a struct laid over
 * bytes.
 */
#ifndef ATHAR_BASE_ENDIAN_H
#define ATHAR_BASE_ENDIAN_H

#include <stdint.h>

static inline uint16_t athar_le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t athar_le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t athar_le64(const uint8_t *p)
{
	return (uint64_t)athar_le32(p) | (uint64_t)athar_le32(p + 4) << 32;
}

static inline uint16_t athar_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t athar_be24(const uint8_t *p)
{
	return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | (uint32_t)p[2];
}

static inline uint32_t athar_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

static inline uint64_t athar_be64(const uint8_t *p)
{
	return (uint64_t)athar_be32(p) << 32 | (uint64_t)athar_be32(p + 4);
}

static inline void athar_put_le32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static inline void athar_put_le64(uint8_t *p, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

#endif
