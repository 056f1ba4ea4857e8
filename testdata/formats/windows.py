# SPDX-License-Identifier: BSD-2-Clause
"""Samples of what Windows writes, put together byte by byte after the published descriptions; make.py calls it.

Nothing on Linux writes these files. What reads them (libevtx, libregf, hivex, liblnk, libscca, libpff) takes
them all.
"""
import random
import struct
import zlib

EPOCH = 11644473600


def filetime(seconds, rest=0):
    return struct.pack("<Q", (seconds + EPOCH) * 10**7 + rest)


def utf16(text):
    return text.encode("utf-16le")


# ---- evtx ----

def chunk(first, count, seconds, size, seed):
    """A chunk with `count` records of `size` bytes, a minute apart. Words stand for their binary XML."""
    rng = random.Random(seed)
    data = b""
    for i in range(count):
        text = utf16(" ".join(rng.choice(["trace", "sand", "river", "lamp"]) for _ in range(size // 8)))
        data += b"**\0\0" + struct.pack("<IQ", size, first + i) + filetime(seconds + 60 * i)
        data += text[:size - 28] + struct.pack("<I", size)
    last = first + count - 1
    head = b"ElfChnk\0" + struct.pack("<QQQQIIII", first, last, first, last, 128, 512 + len(data) - size,
                                      512 + len(data), zlib.crc32(data))
    head = head.ljust(120, b"\0")
    tables = b"\0" * 384
    sums = b"\0" * 4 + struct.pack("<I", zlib.crc32(tables, zlib.crc32(head)))
    return (head + sums + tables + data).ljust(65536, b"\0")


def log(chunks, following, flags=0, stated=None):
    stated = len(chunks) if stated is None else stated
    head = b"ElfFile\0" + struct.pack("<QQQIHHHH", 0, stated - 1, following, 128, 1, 3, 4096, stated)
    head = head.ljust(120, b"\0")
    return (head + struct.pack("<II", flags, zlib.crc32(head))).ljust(4096, b"\0") + b"".join(chunks)


def evtx(save):
    full = chunk(1, 64, 1700000000, 1016, 1)
    save("full.evtx", log([full], 65))
    two = [full, chunk(65, 3, 1700010000, 600, 2)]
    save("two.evtx", log(two, 68))
    save("dirty.evtx", log(two, 65, 1, 1))


def make(save):
    for made in (evtx,):
        made(save)
