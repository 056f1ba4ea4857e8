# SPDX-License-Identifier: BSD-2-Clause
"""tar, RAR, xz, 7z, bzip2, zstd, LZ4, cabinets, logs of SQLite."""
import tempfile

from basics import *


def tars():
    rng = random.Random(257)
    with tempfile.TemporaryDirectory() as folder:
        def put(name, data):
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as f:
                f.write(data)

        def tar(name, *args):
            run("tar", "-C", folder, "--mtime=2024-03-01 12:00:00Z", "--owner=a:1", "--group=b:2", "--mode=644",
                "-cf", os.path.join(OUT, name), *args)

        put("letters/first.txt", b"line\n" * 100)
        put("letters/second.bin", bytes(rng.randrange(256) for _ in range(3000)))
        put("long/" + "n" * 120 + ".txt", b"the name is longer than its field\n")
        os.symlink("first.txt", os.path.join(folder, "letters/link"))
        os.link(os.path.join(folder, "letters/first.txt"), os.path.join(folder, "letters/same.txt"))
        with open(os.path.join(folder, "holes"), "wb") as f:
            for i in range(6):
                f.seek(i * 65536)
                f.write(b"data")
            f.truncate(6 * 65536)
        tar("gnu.tar", "--format=gnu", "long/" + "n" * 120 + ".txt", "letters")
        tar("sparse.tar", "--format=gnu", "--hole-detection=raw", "--sparse", "holes", "letters/second.bin")
        tar("pax.tar", "--format=posix", "--pax-option=delete=atime,delete=ctime",
            "long/" + "n" * 120 + ".txt", "letters/first.txt", "letters/link")
        tar("short.tar", "--format=ustar", "-b", "1", "letters/first.txt", "letters/second.bin")


def rar4_block(kind, flags, fields, data=b""):
    body = struct.pack("<BHH", kind, flags, 7 + len(fields)) + fields
    return struct.pack("<H", zlib.crc32(body) & 0xffff) + body + data


def rar4_member(name, data, method=0x30, flags=0, kind=0x74):
    """technote.txt: sizes, system, CRC, time, version, method, name; the CRC of packed data is made up."""
    crc = zlib.crc32(data) if method == 0x30 else 0x12345678
    large = struct.pack("<II", 0, 0) if flags & 0x100 else b""
    fields = struct.pack("<IIBIIBBHI", len(data), len(data), 3, crc,
                         0x58616000, 29, method, len(name), 0o100644)
    return rar4_block(kind, 0x8000 | flags, fields + large + name + (b"salt0123" if flags & 0x400 else b""), data)


def vint(n):
    out = b""
    while n > 0x7f:
        out += bytes((n & 0x7f | 0x80,))
        n >>= 7
    return out + bytes((n,))


def rar5_block(kind, flags, fields, extra=b"", data=b""):
    flags |= (1 if extra else 0) | (2 if data else 0)
    body = vint(kind) + vint(flags) + (vint(len(extra)) if extra else b"") + (vint(len(data)) if data else b"")
    body += fields + extra
    body = vint(len(body)) + body
    return struct.pack("<I", zlib.crc32(body)) + body + data


def rar5_member(name, data, method=0, flags=0, extra=b""):
    crc = zlib.crc32(data) if method == 0 else 0x12345678
    fields = (vint(2 | 4) + vint(len(data)) + vint(0o100644) + struct.pack("<II", 1709294400, crc) +
              vint(method << 7) + vint(1) + vint(len(name)) + name)
    return rar5_block(2, flags, fields, extra, data)


def rars():
    rng = random.Random(1993)
    noise = bytes(rng.randrange(256) for _ in range(5000))
    text = b"".join(b"line %d of %d\n" % (i, rng.randrange(10 ** 9)) for i in range(120))
    old, new = b"Rar!\x1a\x07\0", b"Rar!\x1a\x07\1\0"
    head = rar4_block(0x73, 0, b"\0" * 6)
    save("stored4.rar", old + head + rar4_member(b"folder\\noise.bin", noise) +
         rar4_member(b"text.txt", text, flags=0x100) + rar4_block(0x7b, 0x4000, b""))
    save("volume4.rar", old + rar4_block(0x73, 0x0111, b"\0" * 6) + rar4_member(b"noise.bin", noise, 0x33, 0x01) +
         rar4_member(b"secret.txt", text, 0x33, 0x404) +
         rar4_member(b"CMT", text[:60], kind=0x7a) +
         rar4_block(0x7b, 0x4008, struct.pack("<H", 2)))
    save("hidden4.rar", old + rar4_block(0x73, 0x0080, b"\0" * 6) + b"saltsalt" + noise[:600])
    save("stored5.rar", new + rar5_block(1, 0, vint(0)) + rar5_member("تقرير.bin".encode(), noise) +
         rar5_member(b"text.txt", text) + rar5_block(5, 0, vint(0)))
    lock = vint(1) + vint(0) + vint(1) + bytes((15,)) + b"s" * 16 + b"i" * 16 + b"c" * 12
    save("volume5.rar", new + rar5_block(1, 0, vint(3) + vint(1)) + rar5_member(b"noise.bin", noise, 3, 0x08) +
         rar5_member(b"secret.txt", text, 3, 0, vint(len(lock)) + lock) + rar5_block(5, 0, vint(0)))
    save("hidden5.rar", new + rar5_block(4, 0, vint(0) + vint(0) + bytes((15,)) + b"s" * 16) + noise[:600])


def sectors(pack, body, rng):
    """Packed with so much noise behind it that it fills sectors: what follows then begins one."""
    while len(pack(body)) % 512:
        body += bytes(rng.randrange(256) for _ in range(-len(pack(body)) % 512 // 4 + 1))
    return pack(body)


def xzs():
    rng = random.Random(2009)
    noise = bytes(rng.randrange(256) for _ in range(3000))
    text = b"".join(b"line %d of %d\n" % (i, rng.randrange(10 ** 6)) for i in range(500))
    body = text + noise + text[::-1] + b"\0" * 9000

    def xz(name, length, *args):
        save(name, sectors(lambda data: run("xz", "-c", *args, data=data), body[:length], rng))

    xz("crc64.xz", 40000)
    xz("blocks.xz", 40000, "--check=crc32", "--block-size=9000", "-T1")
    xz("sha.xz", 9000, "--check=sha256")
    xz("filtered.xz", 9000, "--x86", "--lzma2=preset=6")
    xz("small-window.xz", 40000, "--lzma2=dict=4KiB,lc=0,lp=2,pb=0")
    save("empty.xz", run("xz", "-c", data=b""))


def sevens():
    rng = random.Random(1999)
    with tempfile.TemporaryDirectory() as folder:
        def put(name, data):
            with open(os.path.join(folder, name), "wb") as f:
                f.write(data)
            os.utime(os.path.join(folder, name), (1709294400, 1709294400))

        def seven(name, *args):
            path = os.path.abspath(os.path.join(OUT, name))
            if os.path.exists(path):
                os.remove(path)
            subprocess.run(("7z", "a", "-bd", path) + args, cwd=folder, check=True, stdout=subprocess.DEVNULL)

        put("تقرير.txt", b"".join(b"line %d of %d\n" % (i, rng.randrange(10 ** 6)) for i in range(200)))
        put("noise", bytes(rng.randrange(256) for _ in range(2000)))
        put("zeros", b"\0" * 9000)
        put("empty", b"")
        files = ("تقرير.txt", "empty", "noise", "zeros")
        seven("lzma2.7z", *files)
        seven("lzma.7z", "-m0=lzma", "-ms=off", *files)
        seven("copy.7z", "-mx=0", "-mhc=off", *files[:3])
        seven("filtered.7z", "-m0=BCJ", "-m1=LZMA", "noise", "zeros")
        seven("encrypted.7z", "-pathar", *files)
        run("bsdtar", "-C", folder, "--format=7zip", "-cf", os.path.join(OUT, "marked.7z"), *files)
        seven("hidden.7z", "-pathar", "-mhe=on", *files)


def bzip2s():
    rng = random.Random(1996)
    noise = bytes(rng.randrange(256) for _ in range(2500))
    text = b"".join(b"line %d of %d\n" % (i, rng.randrange(10 ** 6)) for i in range(300))
    body = text + noise + b"aaaa" * 90 + b"\0" * 3000 + b"aaaab" * 70

    def bzip2(data):
        return run("bzip2", "-c", data=data)

    save("one.bz2", sectors(bzip2, body, rng))
    # The transform makes nothing of noise that repeats, so a block of 100,000 bytes packs to little of it.
    save("blocks.bz2", sectors(lambda data: run("bzip2", "-1c", data=data), b"0123456789" * 23000 + noise[:900], rng))
    save("zeros.bz2", bzip2(b"\0" * 45000000))
    save("streams.bz2", bzip2(text) + bzip2(b"") + bzip2(noise[:1000]))


def zstds():
    rng = random.Random(8878)
    noise = bytes(rng.randrange(256) for _ in range(2500))
    text = b"".join(b"line %d of %d\n" % (i, rng.randrange(10 ** 6)) for i in range(300))
    body = text + noise + b"\0" * 300000

    def zstd(*args):
        return lambda data: run("zstd", "-qc", *args, data=data)

    save("sum.zst", sectors(zstd(), body, rng))
    save("no-sum.zst", sectors(zstd("--no-check"), body, rng))
    save("frames.zst", zstd()(text) + b"\x5a\x2a\x4d\x18\5\0\0\0skip!" + zstd()(noise) + zstd()(b""))


def lz4s():
    rng = random.Random(2011)
    noise = bytes(rng.randrange(256) for _ in range(1500))
    text = b"".join(b"line %d of %d\n" % (i, rng.randrange(10 ** 6)) for i in range(200))
    body = text + noise + b"\0" * 70000

    def lz4(*args):
        return lambda data: run("lz4", "-c", *args, data=data)

    save("sum.lz4", lz4("-B4")(body))
    save("linked.lz4", lz4("-B4", "-BD")(body))
    save("linked-sums.lz4", lz4("-B4", "-BD", "-BX")(body))
    save("no-sum.lz4", lz4("--no-frame-crc")(body))
    path = os.path.join(OUT, "length.lz4")
    with open(path, "wb") as f:
        f.write(text)
    save("length.lz4", run("lz4", "-z", "-c", "--content-size", path))


def cab_sum(data, seed=0):
    """[MS-CAB] 3.1"""
    for i in range(0, len(data) - 3, 4):
        seed ^= struct.unpack_from("<I", data, i)[0]
    return seed ^ int.from_bytes(data[len(data) & ~3:], "big")


def cabinet(names, blocks, flags=0, number=0, reserve=None, sums=True, texts=b""):
    """Stored; with a reserve it is signed, by nobody."""
    head = b"" if reserve is None else struct.pack("<HBB", 20, 0, 0) + b"\0" * 20
    at = 36 + len(head) + len(texts)
    listed = b"".join(struct.pack("<IIHHHH", len(b"".join(blocks)) if i == 0 else 0, 0, 0, 0x5861, 0x6000, 0x20) +
                      name + b"\0" for i, name in enumerate(names))
    data = b""
    for block in blocks:
        tail = struct.pack("<HH", len(block), len(block))
        data += struct.pack("<I", cab_sum(tail, cab_sum(block)) if sums else 0) + tail + block
    begin = at + 8 + len(listed)
    size = begin + len(data)
    if reserve is not None:
        head = struct.pack("<HBBIIIII", 20, 0, 0, 0x100000, size, len(reserve), 0, 0)
    return (b"MSCF" + struct.pack("<IIIIIBBHHHHH", 0, size, 0, at + 8, 0, 3, 1, 1, len(names), flags, 7, number) +
            head + texts + struct.pack("<IHH", begin, len(blocks), 0) + listed + data + (reserve or b""))


def cabs():
    rng = random.Random(1996)
    noise = bytes(rng.randrange(256) for _ in range(1503))
    with tempfile.TemporaryDirectory() as folder:
        def put(name, data):
            with open(os.path.join(folder, name), "wb") as f:
                f.write(data)
            os.utime(os.path.join(folder, name), (1709294400, 1709294400))

        put("text.txt", b"".join(b"line %d of %d\n" % (i, rng.randrange(10 ** 6)) for i in range(250)))
        put("noise.bin", noise)
        for name, *args in (("zipped.cab", "-z"), ("stored.cab",)):
            path = os.path.abspath(os.path.join(OUT, name))
            subprocess.run(("gcab", *args, "-c", path, "text.txt", "noise.bin"), cwd=folder, check=True)
    save("signed.cab", cabinet((b"noise.bin",), (noise,), 4, reserve=noise[:333]))
    save("no-sums.cab", cabinet((b"noise.bin",), (noise,), sums=False))
    save("part.cab", cabinet((b"folder\\noise.bin", b"none"), (noise,), 3, 2, texts=b"2.cab\0disk 2\0" + b"4.cab\0disk 4\0"))


def wals():
    rng = random.Random(2010)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "db")

        def copy(name, source="-wal"):
            with open(path + source, "rb") as f:
                save(name, f.read())

        db = sqlite3.connect(path, isolation_level=None)
        db.execute("pragma page_size=512")
        db.execute("pragma journal_mode=wal")
        db.execute("create table t(id integer primary key, body text)")
        for _ in range(4):
            db.execute("insert into t(body) values(?)", ("".join(rng.choice("abcdef") for _ in range(300)),))
        copy("round.wal")
        # A new round over the beginning of the old one, which stays behind it.
        db.execute("pragma wal_checkpoint(restart)")
        db.execute("insert into t(body) values('one row')")
        copy("rounds.wal")
        # A transaction that is too large for the cache is written before it ends.
        db.execute("pragma wal_checkpoint(truncate)")
        db.execute("pragma cache_size=3")
        db.execute("begin")
        db.executemany("insert into t(body) values(?)", [("x" * 400,)] * 12)
        copy("open.wal")
        db.execute("rollback")
        db.close()
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("pragma journal_mode=persist")
        db.execute("pragma cache_size=3")
        db.execute("begin")
        db.execute("update t set body=upper(body)")
        db.executemany("insert into t(body) values(?)", [("y" * 400,)] * 12)
        copy("hot.journal", "-journal")
        db.execute("commit")
        copy("done.journal", "-journal")
        db.close()
