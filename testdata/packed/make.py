#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""make.py FORMAT: writes FORMAT.vectors, data packed by others than athar.

lz4: liblz4; zstd: libzstd; lzo: liblzo2; xpress, lzx: wimlib. Each record is a byte for the kind
of data, one that is zero, the length of the data and of what is packed (32 bits, little-endian),
and the packed bytes. The data themselves are made again by packed.h of the tests, by the same rule.
"""
import ctypes
import struct
import sys

ZEROS, RANDOM, TEXT, RECORDS, PROGRAM = range(5)
WORDS = ("the quick brown fox jumps over a lazy dog and cluster sector volume attribute run "
         "stream").split()
MASK = (1 << 64) - 1
BORDERS = [4095, 4096, 4097, 32767, 32768, 32769, 65535, 65536]


class Splitmix:
    def __init__(self, seed):
        self.seed = seed

    def draw(self):
        self.seed = (self.seed + 0x9E3779B97F4A7C15) & MASK
        z = self.seed
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)


def piece(kind, random, at):
    if kind == RANDOM:
        return bytes([random.draw() & 255])
    if kind == TEXT:
        return (WORDS[random.draw() % len(WORDS)] + " ").encode()
    if kind == RECORDS:
        return b"record %06u of the same kind, state %u\n" % (at, random.draw() % 4)
    if kind == PROGRAM:  # calls of a few functions, as x86 has them
        target = random.draw() % 5 * 1000
        return b"\x48\x89\xe8" + struct.pack("<Bi", 0xE8, target - at)
    return bytes(64)


def make(kind, length):
    random, out = Splitmix(kind + 1), bytearray()
    while len(out) < length:
        out += piece(kind, random, len(out))
    return bytes(out[:length])


def lz4(data):
    lib = ctypes.CDLL("liblz4.so.1")
    out = ctypes.create_string_buffer(len(data) + len(data) // 255 + 16)
    made = lib.LZ4_compress_default(data, out, len(data), len(out))
    assert made > 0
    return out.raw[:made]


def zstd(data):
    lib = ctypes.CDLL("libzstd.so.1")
    size = ctypes.c_size_t
    lib.ZSTD_compress.restype = size
    lib.ZSTD_compress.argtypes = [ctypes.c_char_p, size, ctypes.c_char_p, size, ctypes.c_int]
    out = ctypes.create_string_buffer(len(data) + 1024)
    made = lib.ZSTD_compress(out, len(out), data, len(data), 3)
    assert 0 < made <= len(out)
    return out.raw[:made]


def lzo(data):
    lib = ctypes.CDLL("liblzo2.so.2")
    out = ctypes.create_string_buffer(len(data) + len(data) // 16 + 67)
    made = ctypes.c_size_t(len(out))
    work = ctypes.create_string_buffer(1 << 20)
    best = len(data) % 2  # LZO1X-1 and LZO1X-999 in turn: the one never writes all instructions
    pack = lib.lzo1x_999_compress if best else lib.lzo1x_1_compress
    assert pack(data, ctypes.c_size_t(len(data)), out, ctypes.byref(made), work) == 0
    return out.raw[:made.value]


def wimlib(number, data):
    lib = ctypes.CDLL("libwim.so.15")
    size = ctypes.c_size_t
    lib.wimlib_compress.restype = size
    lib.wimlib_compress.argtypes = [ctypes.c_char_p, size, ctypes.c_char_p, size, ctypes.c_void_p]
    packer = ctypes.c_void_p()
    room = 32768 if number == 2 else 65536
    assert lib.wimlib_create_compressor(number, size(room), 50, ctypes.byref(packer)) == 0
    out = ctypes.create_string_buffer(len(data) + 1)
    made = lib.wimlib_compress(data, len(data), out, max(len(data) - 1, 0), packer)
    lib.wimlib_free_compressor(packer)
    return out.raw[:made]  # none where it would not get smaller: such a chunk is stored


def xpress(data):
    return wimlib(1, data)


def lzx(data):
    return wimlib(2, data)


LENGTHS = {
    ZEROS: [0] + BORDERS,
    RANDOM: [1, 2, 300, 4096],
    TEXT: [1, 2, 300, 4095, 4096, 32768],
    RECORDS: BORDERS,
    PROGRAM: [11, 300, 4097, 32768],
}


def write(name, most):
    pack, count = globals()[name], 0
    with open(name + ".vectors", "wb") as f:
        for kind, lengths in LENGTHS.items():
            for length in (x for x in lengths if x <= most):
                packed = pack(make(kind, length))
                if packed:
                    f.write(struct.pack("<BBII", kind, 0, length, len(packed)) + packed)
                    count += 1
    print(name, count, "records")


if __name__ == "__main__":
    for format_name in sys.argv[1:]:
        write(format_name, 32768 if format_name == "lzx" else 65536)
