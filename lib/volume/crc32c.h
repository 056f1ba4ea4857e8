/* SPDX-License-Identifier: BSD-2-Clause */
/* CRC-32C (Castagnoli, RFC 3720), as ext4 and its journal use it: neither inverted at the end nor
 * begun by itself. Both begin with ATHAR_CRC32C_BEGIN. */
#ifndef ATHAR_VOLUME_CRC32C_H
#define ATHAR_VOLUME_CRC32C_H

#include <stddef.h>
#include <stdint.h>

#include "base/endian.h"

#define ATHAR_CRC32C_BEGIN UINT32_C(0xFFFFFFFF)

/* Goes on from `sum`. */
uint32_t athar_crc32c(uint32_t sum, const void *bytes, size_t len);
/* The same with a number as it lies on disk. */
uint32_t athar_crc32c_le32(uint32_t sum, uint32_t value);

#endif
