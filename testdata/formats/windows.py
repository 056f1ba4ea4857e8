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


# ---- regf ----

class Hive:
    """Cells are put one behind the other; a bin is closed with a free cell when the next does not fit."""

    def __init__(self):
        self.data = bytearray()
        self.room = 0

    def close(self):
        if self.room:
            self.data += struct.pack("<i", self.room).ljust(self.room, b"\0")
        self.room = 0

    def put(self, body):
        size = -(-(len(body) + 4) // 8) * 8
        if size > self.room:
            self.close()
            bin_size = -(-(size + 32) // 4096) * 4096
            self.data += (b"hbin" + struct.pack("<II8x", len(self.data), bin_size) + filetime(1700000000)
                          ).ljust(32, b"\0")
            self.room = bin_size - 32
        place = len(self.data)
        self.data += struct.pack("<i", -size) + body.ljust(size - 4, b"\0")
        self.room -= size
        return place

    def key(self, name, flags, parent, subkeys, values, sk):
        """Subkeys and values are places; a parent can only be told once it is there."""
        none = 0xffffffff
        keys = none
        if subkeys:
            keys = self.put(b"lf" + struct.pack("<H", len(subkeys)) +
                            b"".join(struct.pack("<I", p) + n.encode()[:4] for n, p in subkeys))
        listed = self.put(b"".join(struct.pack("<I", v) for v in values)) if values else none
        body = b"nk" + struct.pack("<H", flags) + filetime(1700000000)
        body += struct.pack("<IIIIIIIIII", 0, parent, len(subkeys), 0, keys, none, len(values), listed, sk, none)
        body += struct.pack("<IIIIIHH", 32, 0, 32, 64, 0, len(name), 0) + name.encode()
        place = self.put(body)
        for _, p in subkeys:
            self.data[p + 20:p + 24] = struct.pack("<I", place)
        return place

    def value(self, name, kind, data):
        size, where = len(data), int.from_bytes(data[:4], "little")
        if size > 4:
            where = self.put(data)
        else:
            size |= 0x80000000
        return self.put(b"vk" + struct.pack("<HIIIHH", len(name), size, where, kind, 1, 0) + name.encode())


def hive(sequences, keys):
    h = Hive()
    sd = struct.pack("<BBHIIII", 1, 0, 0x8000, 0, 0, 0, 0)
    sk = h.put(b"sk\0\0" + struct.pack("<IIII", 0x20, 0x20, keys + 1, len(sd)) + sd)
    subkeys = []
    for i in range(keys):
        values = [h.value("Path", 1, utf16("C:\\sand\\river%d.exe\0" % i)), h.value("Count", 4, struct.pack("<I", i))]
        subkeys.append(("Key%d" % i, h.key("Key%d" % i, 0x20, 0, [], values, sk)))
    root = h.key("ROOT", 0x2c, 0xffffffff, subkeys, [], sk)
    h.close()
    base = b"regf" + struct.pack("<II", *sequences) + filetime(1700000000)
    base += struct.pack("<IIIIIII", 1, 5, 0, 1, root, len(h.data), 1)
    base += utf16("\\Config\\ATHAR.hve").ljust(64, b"\0")
    base = base.ljust(508, b"\0")
    total = 0
    for (word,) in struct.iter_unpack("<I", base):
        total ^= word
    return (base + struct.pack("<I", total)).ljust(4096, b"\0") + bytes(h.data)


def regf(save):
    save("keys.hve", hive((7, 7), 60))
    save("open.hve", hive((8, 7), 4))


# ---- lnk ----

def items(*bodies):
    data = b"".join(struct.pack("<H", len(b) + 2) + b for b in bodies) + b"\0\0"
    return struct.pack("<H", len(data)) + data


def drive(wide):
    """Volume and path of a target on a drive; the path also as UTF-16 where `wide`."""
    head = 36 if wide else 28
    volume = struct.pack("<IIII", 22, 3, 0x70ecfa33, 16) + b"SAND\0\0"
    base, rest = b"C:\\river\\", b"l\xe4mp.exe\0"
    place = head + len(volume)
    out = struct.pack("<IIIII", head, 1, head, place, 0) + struct.pack("<I", place + len(base) + 1)
    tail = volume + base + b"\0" + rest
    if wide:
        first = utf16("C:\\river\\\0")
        out += struct.pack("<II", head + len(tail), head + len(tail) + len(first))
        tail += first + utf16("l\u00e4mp.exe\0")
    return struct.pack("<I", 4 + len(out + tail)) + out + tail


def share():
    net = struct.pack("<IIIII", 20 + 13, 2, 20, 0, 0x20000) + b"\\\\sand\\lamp\0\0"
    return struct.pack("<IIIIIII", 28 + len(net) + 10, 28, 2, 0, 0, 28, 28 + len(net)) + net + b"river.txt\0"


def tracker(machine):
    return struct.pack("<IIII", 0x60, 0xa0000003, 0x58, 0) + machine.ljust(16, b"\0") + bytes(range(64))


def lnk_head(flags):
    clsid = bytes.fromhex("0114020000000000c000000000000046")
    return (struct.pack("<I", 76) + clsid + struct.pack("<II", flags, 0x20) + filetime(1600000000) +
            filetime(1600000100) + filetime(1600000200) + struct.pack("<IIIH10x", 4096, 0, 1, 0))


def lnk(save):
    root = b"\x1f\x50" + bytes.fromhex("e04fd020ea3a6910a2d808002b30309d")
    volume = b"\x2fC:\\".ljust(23, b"\0")

    def strings(code, *texts):
        return b"".join(struct.pack("<H", len(t)) + t.encode(code) for t in texts)

    save("drive.lnk", lnk_head(0x9f) + items(root, volume) + drive(True) +
         strings("utf-16le", "Counts the sand", "..\\l\u00e4mp.exe", "C:\\river") +
         tracker(b"desktop-7") + struct.pack("<IIII", 16, 0xa0000005, 37, 20) + b"\0" * 4)
    save("share.lnk", lnk_head(0x23) + items(root) + share() + strings("latin-1", "-count seven") + b"\0" * 4)
    save("narrow.lnk", lnk_head(0x02) + drive(False) + b"\0" * 4)
    where = b"%windir%\\lamp.exe"
    save("variables.lnk", lnk_head(0x280) + struct.pack("<II", 0x314, 0xa0000001) + where.ljust(260, b"\0") +
         utf16(where.decode()).ljust(520, b"\0") + b"\0" * 4)


def make(save):
    for made in (evtx, regf, lnk):
        made(save)
