/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What file systems compress files with, undone. All functions are pure, have one shape and may run
 * in any number of threads:
 *
 *     athar_status athar_NAME_unpack(size_t *made, uint8_t *out, size_t room,
 *                                    const uint8_t *in, size_t len, athar_error *err);
 *
 * They read the len bytes of `in`, write at most `room` bytes to `out` and say in *made how many
 * they were. ATHAR_EFORMAT: the input makes no sense, is cut short, or would be longer than `room`;
 * *made is then as it was, and what stands in `out` is not to be used. None but zstd allocates:
 * it takes memory of one size, whatever the input claims, and may return ATHAR_ENOMEM. Only zstd
 * may carry a checksum: of the others, damage is often not seen here, and comes out as other bytes.
 */
#ifndef ATHAR_INFLATE_UNPACK_H
#define ATHAR_INFLATE_UNPACK_H

#include "athar/error.h"

/* LZ4, one block without a frame (F2FS, squashfs, EROFS). Source: lz4_Block_format.md of LZ4. The
 * block ends where the input does. Undone by liblz4. */
athar_status athar_lz4_unpack(size_t *made, uint8_t *out, size_t room, const uint8_t *in,
                              size_t len, athar_error *err);

/* Zstandard, one frame (F2FS, Btrfs, squashfs). Source: RFC 8878. Bytes after the frame's end are
 * passed over; dictionaries, skippable frames and the formats before 2016 are not taken. Undone by
 * libzstd. */
athar_status athar_zstd_unpack(size_t *made, uint8_t *out, size_t room, const uint8_t *in,
                               size_t len, athar_error *err);

/* LZO1X and its variant with runs of zeros, "lzo-rle" (F2FS, Btrfs, squashfs). Source: "LZO stream
 * format as understood by Linux's LZO decompressor", Documentation/staging/lzo.rst of Linux. The
 * stream says itself where it ends, which has to be where the input does. */
athar_status athar_lzo_unpack(size_t *made, uint8_t *out, size_t room, const uint8_t *in,
                              size_t len, athar_error *err);

/* LZNT1 (NTFS, a compression unit of the attribute). Source: MS-XCA, 2.5. The data end where the
 * input does or at a head of zero, and what follows that is slack; where they come to less than the
 * unit, the rest of the unit is zeros, which the caller knows. */
athar_status athar_lznt1_unpack(size_t *made, uint8_t *out, size_t room, const uint8_t *in,
                                size_t len, athar_error *err);

/* XPRESS with prefix codes, one chunk (NTFS through WOF: chunks of 4, 8 and 16 KiB). Source:
 * MS-XCA, 2.1 and 2.2. Neither it nor LZX says where it ends: just `room` bytes are made, which is
 * the chunk's length and at most 64 KiB (else ATHAR_EUSAGE); input that is left is passed over. */
athar_status athar_xpress_unpack(size_t *made, uint8_t *out, size_t room, const uint8_t *in,
                                 size_t len, athar_error *err);

/* The same, of any length: a new table follows after each 64 KiB, matches reach back over it, and a
 * symbol ends it, which is passed over where it is (prefetch files of Windows 10). Just `size`
 * bytes are made; *used is how many of the input it took. */
athar_status athar_xpress_stream(size_t *used, uint8_t *out, size_t size, const uint8_t *in,
                                 size_t len, athar_error *err);

/* LZX as in WIM archives, one chunk of at most 32 KiB in its own window (NTFS through WOF). Source:
 * MS-PATCH, 2 and "Microsoft LZX Data Compression Format", with what is other in WIM: no header,
 * blocks of 32 KiB by one bit, calls (E8) always undone, for a file of 12,000,000 bytes. */
athar_status athar_lzx_unpack(size_t *made, uint8_t *out, size_t room, const uint8_t *in,
                              size_t len, athar_error *err);

/* "1.9.4": of the liblz4 and the libzstd loaded; goes into the record. */
const char *athar_lz4_engine(void);
const char *athar_zstd_engine(void);

#endif
