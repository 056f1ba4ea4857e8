# SPDX-License-Identifier: BSD-2-Clause
"""Samples of what Windows writes, put together byte by byte after the published descriptions; make.py calls it.

Nothing on Linux writes these files. What reads them there (libevtx, libregf, hivex, liblnk, libscca) takes them;
libpff takes the pages and blocks of the mail stores, up to where it looks for mail in them.
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
    base += utf16("\\Config\\ATHAR.DAT").ljust(64, b"\0")
    base = base.ljust(508, b"\0")
    total = 0
    for (word,) in struct.iter_unpack("<I", base):
        total ^= word
    return (base + struct.pack("<I", total)).ljust(4096, b"\0") + bytes(h.data)


def regf(save):
    save("keys.hiv", hive((7, 7), 60))
    save("open.hiv", hive((8, 7), 4))


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


# ---- prefetch ----

KINDS = {17: (68, 20, 12, 40), 23: (156, 32, 12, 104), 26: (220, 32, 12, 104), 30: (212, 32, 8, 96)}


def prefetch(version, names, pages):
    info, file_size, page_size, volume_size = KINDS[version]
    files, texts = b"", b""
    for i, name in enumerate(names):
        text = utf16("\\DEVICE\\HARDDISKVOLUME1\\SAND\\" + name)
        entry = (i, 1) if version == 17 else (i, 1, 1)
        files += struct.pack("<%dI" % (len(entry) + 3), *entry, len(texts), len(text) // 2, 2).ljust(file_size, b"\0")
        texts += text + b"\0\0"
    texts += b"\0" * (-len(texts) % 8)
    first = 84 + info
    places = [first, first + len(files), first + len(files) + pages * page_size]
    places.append(places[2] + len(texts))
    device = utf16("\\DEVICE\\HARDDISKVOLUME1")
    inner = device + b"\0" * (8 - len(device) % 8)
    volume = struct.pack("<II", volume_size, len(device) // 2) + filetime(1500000000)
    volume += struct.pack("<IIIII", 0x70ecfa33, volume_size + len(inner), 16, volume_size + len(inner) + 16, 0)
    volumes = volume.ljust(volume_size, b"\0") + inner + struct.pack("<IIQ", 3, 0, 0)
    size = places[3] + len(volumes)
    out = struct.pack("<I4sII", version, b"SCCA", 0x11, size) + utf16("LAMP.EXE").ljust(60, b"\0")
    out += struct.pack("<II", 0x1234abcd, 0)
    out += struct.pack("<9I", places[0], len(names), places[1], pages, places[2], len(texts), places[3], 1, len(volumes))
    last, runs = {17: (120, 144), 23: (128, 152), 26: (128, 208), 30: (128, 200)}[version]
    out = out.ljust(last, b"\0") + filetime(1600000000)
    out = out.ljust(runs, b"\0") + struct.pack("<I", 7)
    return out.ljust(first, b"\0") + files + b"\0" * (pages * page_size) + texts + volumes


class Words:
    """How [MS-XCA] 2.1.4.3 has bits put into words: two places are always kept, bytes go behind them."""

    def __init__(self):
        self.out = bytearray(4)
        self.first, self.second = 0, 2
        self.word, self.free = 0, 16

    def bits(self, count, value):
        if self.free >= count:
            self.free -= count
            self.word = self.word << count | value
            return
        over = count - self.free
        self.word = self.word << self.free | value >> over
        self.out[self.first:self.first + 2] = struct.pack("<H", self.word)
        self.first, self.second = self.second, len(self.out)
        self.out += b"\0\0"
        self.free = 16 - over
        self.word = value & ((1 << over) - 1)

    def close(self):
        self.out[self.first:self.first + 2] = struct.pack("<H", self.word << self.free & 0xffff)
        return bytes(self.out)


def xpress(data):
    """All 512 symbols have 9 bits. Matches are runs, and what the last 64 KiB had at the same distance."""
    at, packed = 0, b""
    while at < len(data):
        words, until = Words(), at + 65536
        while at < min(until, len(data)):
            found, where = 0, 1
            for distance in (1, 32, 20, 70):
                n = 0
                while distance <= at and at + n < len(data) and n < 60000 and data[at + n] == data[at + n - distance]:
                    n += 1
                if n > found:
                    found, where = n, distance
            if found < 3:
                words.bits(9, data[at])
                at += 1
                continue
            size, length = where.bit_length() - 1, found - 3
            words.bits(9, 256 + (size << 4) + min(length, 15))
            if length >= 15:
                words.out += bytes([min(length - 15, 255)])
                if length - 15 >= 255:
                    words.out += struct.pack("<H", length)
            words.bits(size, where - (1 << size))
            at += found
        if at == len(data):
            words.bits(9, 256)
        packed += b"\x99" * 256 + words.close()
    return b"MAM\x04" + struct.pack("<I", len(data)) + packed


def prefetches(save):
    names = ["NTDLL.DLL", "LAMP.EXE", "RIVER.NLS"]
    save("xp.pf", prefetch(17, names, 5))
    save("seven.pf", prefetch(23, names, 5))
    save("eight.pf", prefetch(26, names, 5))
    plain = prefetch(30, names, 9000)
    save("ten.pf", xpress(plain))
    save("unpacked.pf", prefetch(30, names, 5))


# ---- pst ----

def pst_crc(data):
    return zlib.crc32(data, 0xffffffff) ^ 0xffffffff


class Store:
    """Blocks and two trees of pages, as [MS-PST] has them; what the nodes mean is left out."""

    def __init__(self, kind, crypt):
        self.kind, self.crypt = kind, crypt
        self.word = "I" if kind == "ansi" else "Q"
        self.page_size = 4096 if kind == "4k" else 512
        self.data = bytearray(0x4600)
        self.next = 4
        self.blocks = []
        self.page_at(0x4400, b"\xff" * 496, 0x84, 0x4400)

    def mix(self, place, number):
        x = (place ^ number) & 0xffffffff
        return (x >> 16 ^ x) & 0xffff

    def page_at(self, place, body, kind, number):
        room = {"ansi": 500, "wide": 496, "4k": 4072}[self.kind]
        body = body.ljust(room, b"\0")
        sig = 0 if kind == 0x84 else self.mix(place, number)
        tail = struct.pack("<BBH", kind, kind, sig)
        tail += struct.pack("<II", number, pst_crc(body)) if self.kind == "ansi" else \
            struct.pack("<IQ", pst_crc(body), number)
        self.data[place:place + self.page_size] = (body + tail).ljust(self.page_size, b"\0")

    def page(self, body, kind):
        self.data += b"\0" * (-len(self.data) % self.page_size)
        place, number = len(self.data), self.next
        self.next += 4
        self.page_at(place, body, kind, number)
        return number, place

    def block(self, content):
        tail = {"ansi": 12, "wide": 16, "4k": 24}[self.kind]
        unit = 512 if self.kind == "4k" else 64
        self.data += b"\0" * (-len(self.data) % unit)
        place, number = len(self.data), self.next
        self.next += 4
        size = -(-(len(content) + tail) // unit) * unit
        end = struct.pack("<HH", len(content), self.mix(place, number))
        end += struct.pack("<II", number, pst_crc(content)) if self.kind == "ansi" else \
            struct.pack("<IQ", pst_crc(content), number)
        if self.kind == "4k":
            end += struct.pack("<HHI", 0, len(content), 0)
        self.data += content.ljust(size - tail, b"\0") + end
        self.blocks.append((number, place, len(content)))

    def tree(self, entries, kind, most):
        """Leaves of `most` entries, and one page above them when there are several."""
        room = {"ansi": 496, "wide": 488, "4k": 4056}[self.kind]

        def node(items, level):
            size = len(items[0])
            counted = struct.pack("<HHBB", len(items), room // size, size, level) if self.kind == "4k" else \
                struct.pack("<BBBB", len(items), room // size, size, level)
            return self.page(b"".join(items).ljust(room, b"\0") + counted, kind)

        leaves = [(entries[i][0], node([e for _, e in entries[i:i + most]], 0)) for i in range(0, len(entries), most)]
        if len(leaves) == 1:
            return leaves[0][1]
        return node([struct.pack("<3" + self.word, key, *ref) for key, ref in leaves], 1)

    def close(self, client=b"SM"):
        q = self.word
        size = 12 if self.kind == "ansi" else 24
        bbt = []
        for n, at, length in self.blocks:
            counts = (length, length, 2) if self.kind == "4k" else (length, 2)
            bbt.append((n, struct.pack("<%s%s%dH" % (q, q, len(counts)), n, at, *counts).ljust(size, b"\0")))
        nbt = [(0x21 + 32 * i, struct.pack("<%s%s%s" % (q, q, q), 0x21 + 32 * i, n, 0) +
                struct.pack("<II", 0, 0)) for i, (n, _, _) in enumerate(self.blocks[:3])]
        nodes, blocks = self.tree(nbt, 0x81, 2), self.tree(bbt, 0x80, 4)
        self.data += b"\0" * (-len(self.data) % self.page_size) + b"\0" * 1024
        root = struct.pack("<I" + 8 * q, 0, len(self.data), 0x4400, 0, 0, *nodes, *blocks) + b"\2"
        version = {"ansi": 14, "wide": 23, "4k": 36}[self.kind]
        head = client + struct.pack("<HHBBII", version, 19, 1, 1, 0, 0)
        if self.kind == "ansi":
            head += struct.pack("<III", self.next, self.next, 1)
            head = head.ljust(156, b"\0") + root
            head = head.ljust(196, b"\0") + b"\xff" * 256 + bytes([0x80, self.crypt])
        else:
            head += struct.pack("<QQI", 0, self.next, 1)
            head = head.ljust(172, b"\0") + root
            head = head.ljust(248, b"\0") + b"\xff" * 256 + bytes([0x80, self.crypt, 0, 0]) + struct.pack("<Q", self.next)
        head = head.ljust(516, b"\0")
        sums = b"" if self.kind == "ansi" else struct.pack("<I", pst_crc(head[:516]))
        out = b"!BDN" + struct.pack("<I", pst_crc(head[:471])) + head + sums
        self.data[:len(out)] = out
        return bytes(self.data)


def pst(save):
    rng = random.Random(1997)
    for name, kind, crypt, client in (("mail.pst", "wide", 1, b"SM"), ("old.pst", "ansi", 0, b"SM"),
                                      ("large.ost", "4k", 0x10, b"SO")):
        s = Store(kind, crypt)
        for size in (40, 300, 900, 1, 2000, 52):
            s.block(bytes(rng.randrange(256) for _ in range(size)))
        save(name, s.close(client))


def make(save):
    for made in (evtx, regf, lnk, prefetches, pst):
        made(save)
