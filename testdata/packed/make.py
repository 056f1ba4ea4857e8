#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""make.py FORMAT: writes FORMAT.vectors, data packed by others than athar.

lz4: liblz4; zstd: libzstd; lzo: liblzo2; xpress, lzx: wimlib; lznt1: ntfs-3g, as root, the clusters
of files in a compressed folder, of which ntfsinfo says where they lie; lzx_stored: by hand, as wimlib
stores no blocks, and read by wimlib; wof: the stream WofCompressedData of a file, with chunks of
wimlib. Each record is a byte for the kind
of data, one for the packing of wof (else zero), the length of the data and of what is packed (32 bits, little-endian),
and the packed bytes. The data themselves are made again by packed.h of the tests, by the same rule.
"""
import ctypes
import os
import struct
import subprocess
import sys
import tempfile

ZEROS, RANDOM, TEXT, RECORDS, PROGRAM, LETTERS, MIXED = range(7)
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
    if kind == MIXED:
        kind = RANDOM if 32768 <= at < 40960 else RECORDS
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


def ntfs_clusters(image, name):
    """Of a compressed file's first unit of 16 clusters those that are there."""
    text = subprocess.check_output(["ntfsinfo", "-v", "-F", "c/" + name, image], text=True,
                                   stderr=subprocess.DEVNULL)
    runs, there = text.split("attribute $DATA")[1].partition("Runlist:")[2].split("\n")[1:], []
    for run in runs:
        fields = run.split()
        if len(fields) != 3 or not fields[0].startswith("0x") or int(fields[0], 16) >= 16:
            break
        if fields[1].startswith("0x"):
            first = int(fields[1], 16)
            there += range(first, first + int(fields[2], 16))
    return there[:16]


def ntfs_image(folder, files):
    image, mount = folder + "/image", folder + "/mount"
    os.mkdir(mount)
    with open(image, "wb") as f:
        f.truncate(16 << 20)
    subprocess.check_call(["mkntfs", "-q", "-F", "-c", "4096", image], stderr=subprocess.DEVNULL)
    subprocess.check_call(["ntfs-3g", "-o", "compression", image, mount])
    try:
        os.mkdir(mount + "/c")
        subprocess.check_call(["setfattr", "-h", "-v", "0x00000800", "-n", "system.ntfs_attrib_be",
                               mount + "/c"])
        for name, data in files.items():
            with open(mount + "/c/" + name, "wb") as f:
                f.write(data)
    finally:
        subprocess.check_call(["fusermount", "-u", mount])
    return image


def without_slack(unit):
    """The chunks, the head of zero behind them and a little of what follows."""
    at = 0
    while at + 2 <= len(unit) and unit[at:at + 2] != b"\0\0":
        at += (struct.unpack_from("<H", unit, at)[0] & 0xFFF) + 3
    return unit[:at + 6]


def lznt1_unit(image, name):
    """The unit is packed where some of its clusters are not there."""
    there = ntfs_clusters(image, name)
    if not there or len(there) == 16:
        return b""
    with open(image, "rb") as f:
        return without_slack(b"".join(os.pread(f.fileno(), 4096, 4096 * x) for x in there))


def write_lznt1():
    names = [(k, n) for k, lengths in LENGTHS.items() for n in lengths]
    with tempfile.TemporaryDirectory() as folder, open("lznt1.vectors", "wb") as out:
        image = ntfs_image(folder, {f"{k}-{n}": make(k, n) for k, n in names})
        for kind, length in names:
            packed = lznt1_unit(image, f"{kind}-{length}")
            if packed:
                out.write(struct.pack("<BBII", kind, 0, length, len(packed)) + packed)
                print("lznt1", kind, length, len(packed))


class Words:
    """Bits in words of 16, little-endian, the highest bit first."""

    def __init__(self):
        self.out, self.bits = bytearray(), ""

    def put(self, value, count):
        self.bits += format(value, f"0{count}b")
        while len(self.bits) >= 16:
            self.out += struct.pack("<H", int(self.bits[:16], 2))
            self.bits = self.bits[16:]

    def next_word(self):
        self.put(0, 16 - len(self.bits))


def letters_block(w, text, again):
    """A verbatim block whose main code has the letters a and b, one bit each."""
    def zeros(count):
        while count >= 20:
            run = min(count, 51)
            w.put(3, 2)
            w.put(run - 20, 5)
            count -= run
        while count >= 4:
            run = min(count, 19)
            w.put(2, 2)
            w.put(run - 4, 4)
            count -= run
        for _ in range(count):
            w.put(0, 2)

    def pre():  # symbols 0, 16, 17, 18 with two bits each
        for symbol in range(20):
            w.put(2 if symbol in (0, 16, 17, 18) else 0, 4)

    w.put(1, 3)
    w.put(len(text), 17)
    pre()
    zeros(97)
    for _ in range(2):
        w.put(0 if again else 1, 2)
    zeros(157)
    pre()
    zeros(240)
    pre()
    zeros(249)
    for letter in text:
        w.put(letter - ord("a"), 1)


def stored_block(w, data):
    w.put(3, 3)
    w.put(len(data), 17)
    w.next_word()
    w.out += struct.pack("<3I", 1, 1, 1) + data + bytes(len(data) % 2)


def letters(length):
    return bytes(ord("a") + i * 7 // 3 % 2 for i in range(length)) + b"helloword" + b"abba"


def lzx_stored(length):
    w = Words()
    letters_block(w, letters(length)[:length], False)
    stored_block(w, b"hello")
    stored_block(w, b"word")
    letters_block(w, b"abba", True)
    w.next_word()
    return bytes(w.out)


def wimlib_reads(packed, data):
    lib, unpacker = ctypes.CDLL("libwim.so.15"), ctypes.c_void_p()
    size = ctypes.c_size_t
    lib.wimlib_decompress.argtypes = [ctypes.c_char_p, size, ctypes.c_char_p, size,
                                      ctypes.c_void_p]
    assert lib.wimlib_create_decompressor(2, size(32768), ctypes.byref(unpacker)) == 0
    out = ctypes.create_string_buffer(len(data))
    result = lib.wimlib_decompress(packed, len(packed), out, len(data), unpacker)
    lib.wimlib_free_decompressor(unpacker)
    return result == 0 and out.raw == data


def write_lzx_stored():
    """The first stored block begins at each of the 16 bits of a word."""
    with open("lzx_stored.vectors", "wb") as f:
        for length in range(1, 17):
            packed = lzx_stored(length)
            assert wimlib_reads(packed, letters(length))
            f.write(struct.pack("<BBII", LETTERS, 0, length + 13, len(packed)) + packed)


def wof(packing, data):
    pack, size = [(xpress, 4096), (lzx, 32768), (xpress, 8192), (xpress, 16384)][packing]
    chunks = [data[i:i + size] for i in range(0, len(data), size)]
    chunks = [pack(x) or x for x in chunks]
    ends, at = [], 0
    for chunk in chunks[:-1]:
        at += len(chunk)
        ends.append(at)
    return struct.pack(f"<{len(ends)}I", *ends) + b"".join(chunks)


def write_wof():
    with open("wof.vectors", "wb") as f:
        for packing in range(4):
            for kind, length in ((MIXED, 45000), (TEXT, 4096), (TEXT, 4097), (ZEROS, 65536),
                                 (RANDOM, 1)):
                packed = wof(packing, make(kind, length))
                f.write(struct.pack("<BBII", kind, packing, length, len(packed)) + packed)


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
        if format_name in ("lznt1", "lzx_stored", "wof"):
            globals()["write_" + format_name]()
        else:
            write(format_name, 32768 if format_name == "lzx" else 65536)
