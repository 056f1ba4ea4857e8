# SPDX-License-Identifier: BSD-2-Clause
"""WebP, BMP, TIFF and RAW, JPEG 2000, PSD, JPEG XL; what telephones leave behind a JPEG."""
from basics import *


def ground(width, height, seed, mode="RGB"):
    """As picture(), but out of a seed of its own."""
    rng = random.Random(seed)
    im = Image.new("RGB", (width, height))
    im.putdata([((x * 3 + rng.randrange(40)) % 256, (y * 5 + rng.randrange(40)) % 256,
                 ((x + y) * 2 + rng.randrange(40)) % 256) for y in range(height) for x in range(width)])
    return im.convert(mode)


def directory(at, entries, following=0, order="<"):
    """A directory of TIFF that lies at `at`: (tag, type, values) in order, long values behind it."""
    out, behind, place = struct.pack(order + "H", len(entries)), b"", at + 2 + 12 * len(entries) + 4
    for tag, kind, value in entries:
        if kind == 2:
            value += b"\0"
        count = len(value)
        data = value if isinstance(value, bytes) else struct.pack(order + {3: "H", 4: "I"}[kind] * count, *value)
        out += struct.pack(order + "HHI", tag, kind, count)
        if len(data) <= 4:
            out += data.ljust(4, b"\0")
        else:
            out += struct.pack(order + "I", place + len(behind))
            behind += data + b"\0" * (len(data) % 2)
    return out + struct.pack(order + "I", following) + behind


CAMERA = [(0x10f, 2, b"Athar"), (0x110, 2, b"Model 7"), (0x131, 2, b"make.py"), (0x132, 2, b"2024:03:02 08:00:00"),
          (0x13b, 2, b"Nobody")]


TAKEN = [(0x9003, 2, b"2024:03:01 12:34:56"), (0x9011, 2, b"+02:00"), (0xa431, 2, b"SN 0042")]


def notes(order="<"):
    """Exif as a file of TIFF."""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    size = len(directory(8, CAMERA + [(0x8769, 4, (0,))], 0, order))
    return head + directory(8, CAMERA + [(0x8769, 4, (8 + size,))], 0, order) + directory(8 + size, TAKEN, 0, order)


def webp():
    im = ground(70, 50, 2010)
    save("lossy.webp", encoded(im, "WEBP", quality=60))
    save("lossless.webp", encoded(ground(60, 40, 2011), "WEBP", lossless=True))
    alpha = ground(64, 48, 2012, "RGBA")
    alpha.putalpha(ground(64, 48, 2013, "L"))
    save("notes.webp", encoded(alpha, "WEBP", quality=50, exif=b"Exif\0\0" + notes(">")))
    frames = [ground(50, 40, seed) for seed in (2014, 2015, 2016)]
    save("moving.webp", encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], quality=40, duration=80))


def bitmap(header, rows_at, rows, tail=b""):
    size = rows_at + len(rows) + len(tail)
    return (b"BM" + struct.pack("<IHHI", size, 0, 0, rows_at) + header).ljust(rows_at, b"\0") + rows + tail


def bmp():
    rng = random.Random(1985)
    save("rgb.bmp", encoded(ground(61, 40, 1986), "BMP"))
    table = bytes(rng.randrange(256) for _ in range(4 * 100))
    rows = b"".join(bytes(rng.randrange(100) for _ in range(50)) + b"\0\0" for _ in range(40))
    save("palette.bmp", bitmap(struct.pack("<IiiHHIIiiII", 40, 50, -40, 1, 8, 0, 0, 0, 0, 100, 0) + table, 454, rows))
    core = struct.pack("<IHHHH", 12, 40, 30, 1, 4) + bytes(rng.randrange(256) for _ in range(48))
    save("core.bmp", bitmap(core, 74, bytes(rng.randrange(256) for _ in range(20 * 30))))
    five = struct.pack("<IiiHHIIiiII", 124, 33, 20, 1, 32, 3, 33 * 80, 0, 0, 0, 0)
    five += struct.pack("<IIII", 0xff0000, 0xff00, 0xff, 0xff000000) + struct.pack("<I", 0x4d424544) + b"\0" * 48
    five += struct.pack("<IIII", 0, 124 + 33 * 80, 300, 0)
    save("profile.bmp", bitmap(five, 138, ground(33, 20, 1987, "RGBA").tobytes(), bytes(rng.randrange(256) for _ in range(300))))
    flat = Image.new("P", (90, 60), 3)
    flat.putpalette(bytes(range(256)) * 3)
    flat.paste(ground(30, 20, 1988, "P"), (20, 20))
    flat.save(os.path.join(OUT, "tmp.png"))
    run("convert", os.path.join(OUT, "tmp.png"), "-compress", "RLE", "BMP3:" + os.path.join(OUT, "runs.bmp"))
    os.remove(os.path.join(OUT, "tmp.png"))


def raw(make, first, more=(), dng=False, sony=False):
    """A RAW file as cameras write it: a preview in JPEG, Exif, and pixels of a sensor in a sub-directory."""
    preview, rng = encoded(ground(48, 32, 1992), "JPEG", quality=60), random.Random(1993)
    sensor = bytes(rng.randrange(64) for _ in range(64 * 48 * 2))
    key = bytes(rng.randrange(256) for _ in range(200))
    at = dict.fromkeys(("exif", "sub", "jpeg", "sensor", "sony", "key"), 0)

    def build():
        ifd = list(first) + CAMERA[1:]
        ifd += [(0x10f, 2, make), (0x14a, 4, (at["sub"],)), (0x201, 4, (at["jpeg"],)), (0x202, 4, (len(preview),)),
                (0x8769, 4, (at["exif"],))]
        ifd += [(0xc612, 1, b"\1\4\0\0")] if dng else []
        ifd += [(0xc634, 1, struct.pack("<I", at["sony"]))] if sony else []
        out = b"II*\0\x08\0\0\0" + directory(8, sorted(ifd + list(more)))
        at["exif"] = len(out)
        out += directory(len(out), TAKEN)
        at["sub"] = len(out)
        out += directory(len(out), [(0xfe, 4, (0,)), (0x100, 3, (64,)), (0x101, 3, (48,)), (0x102, 3, (16,)),
                                    (0x103, 3, (1,)), (0x106, 3, (32803,)), (0x111, 4, (at["sensor"],)),
                                    (0x115, 3, (1,)), (0x116, 3, (48,)), (0x117, 4, (len(sensor),))])
        at["sony"] = len(out)
        out += directory(len(out), [(0x7200, 4, (at["key"],)), (0x7201, 4, (len(key),))]) if sony else b""
        at["jpeg"] = len(out)
        out += preview + b"\0" * (len(preview) % 2)
        at["sensor"] = len(out)
        out += sensor
        at["key"] = len(out)
        return out + (key if sony else b"")

    build()
    return build()


def canon():
    """CR2: a chain of four directories, a mark and the place of the last behind the header."""
    preview, thumb = encoded(ground(64, 48, 1994), "JPEG"), encoded(ground(32, 24, 1995), "JPEG")
    rng = random.Random(1996)
    rgb = ground(20, 16, 1997).tobytes()
    lossless = (b"\xff\xd8\xff\xc3\0\x0b\x0e\0\x30\0\x40\1\1\x11\0\xff\xda\0\x08\1\1\0\1\0\0" +
                bytes(rng.randrange(255) for _ in range(3000)) + b"\xff\xd9")

    def strip(width, height, kind, at, size, samples):
        return [(0x100, 3, (width,)), (0x101, 3, (height,)), (0x102, 3, (8,) * samples), (0x103, 3, (kind,)),
                (0x106, 3, (2,)), (0x111, 4, (at,)), (0x115, 3, (samples,)), (0x116, 3, (height,)), (0x117, 4, (size,))]

    at = [0] * 9

    def build():
        out = b"II*\0\x10\0\0\0CR\2\0" + struct.pack("<I", at[3])
        parts = [sorted(strip(64, 48, 6, at[4], len(preview), 3) + CAMERA + [(0x8769, 4, (at[8],))]),
                 [(0x201, 4, (at[5],)), (0x202, 4, (len(thumb),))], strip(20, 16, 1, at[6], len(rgb), 3),
                 [(0x103, 3, (6,)), (0x111, 4, (at[7],)), (0x117, 4, (len(lossless),)), (0x100, 3, (64,)),
                  (0x101, 3, (48,))]]
        for i, entries in enumerate(parts):
            at[i] = len(out)
            out += directory(len(out), entries, at[i + 1] if i < 3 else 0)
        at[8] = len(out)
        out += directory(len(out), TAKEN)
        for i, data in enumerate((preview, thumb, rgb, lossless), 4):
            at[i] = len(out)
            out += data + b"\0" * (len(data) % 2 if i < 7 else 0)
        return out

    build()
    return build()


def tiff():
    im = ground(64, 48, 1990)
    for name, packing in (("lzw", "tiff_lzw"), ("packbits", "packbits"), ("plain", None)):
        save(name + ".tif", encoded(im.convert("L") if name == "packbits" else im, "TIFF", compression=packing))
    path = [os.path.join(OUT, n) for n in ("tmp1.tif", "tmp2.tif", "pages.tif")]
    save("tmp1.tif", encoded(im, "TIFF"))
    save("tmp2.tif", encoded(ground(40, 40, 1991, "L"), "TIFF"))
    run("tiffcp", "-B", "-c", "zip:2", "-t", "-w", "32", "-l", "32", *path)
    os.remove(path[0])
    os.remove(path[1])
    pixels = ground(50, 30, 1998, "L").tobytes()
    entries = [(0x100, 3, (50,)), (0x101, 3, (30,)), (0x102, 3, (8,)), (0x103, 3, (1,)), (0x106, 3, (1,)),
               (0x111, 4, (8,)), (0x115, 3, (1,)), (0x116, 3, (30,)), (0x117, 4, (len(pixels),))]
    at = 8 + len(pixels)
    ifd = sorted(entries + CAMERA + [(0x8769, 4, (0,))])
    exif_at = at + len(directory(at, ifd, 0, ">"))
    ifd = sorted(entries + CAMERA + [(0x8769, 4, (exif_at,))])
    save("notes.tif", b"MM\0*" + struct.pack(">I", at) + pixels + directory(at, ifd, 0, ">") +
         directory(exif_at, TAKEN, 0, ">"))
    thumb = [(0xfe, 4, (1,)), (0x103, 3, (6,))]
    save("raw.dng", raw(b"Athar", thumb, dng=True))
    save("raw.nef", raw(b"NIKON CORPORATION", thumb))
    save("raw.arw", raw(b"SONY", thumb, sony=True))
    save("raw.cr2", canon())


def telephone():
    """A JPEG with Exif, and with the trailer of Samsung's telephones: blocks, then where they are."""
    base = run("cjpeg", "-quality", "75", data=encoded(ground(72, 56, 2013), "PPM"))
    body = b"Exif\0\0" + notes()
    picture_data = base[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + base[2:]
    save("notes.jpg", picture_data)
    blocks, places = b"", []
    for kind, name, data in ((0x0a01, b"Image_UTC_Data", b"1709296496000"), (0x0a30, b"MotionPhoto_Data", b"SEFH" * 9)):
        places.append((kind, len(blocks)))
        blocks += struct.pack("<HHI", 0, kind, len(name)) + name + data
    ends = [at for _, at in places[1:]] + [len(blocks)]
    table = b"SEFH" + struct.pack("<II", 106, len(places))
    for (kind, at), end in zip(places, ends):
        table += struct.pack("<HHII", 0, kind, len(blocks) - at, end - at)
    save("trailer.jpg", picture_data + blocks + table + struct.pack("<I", len(table)) + b"SEFT")


def jp2():
    path = os.path.join(OUT, "tmp.ppm")
    with open(path, "wb") as f:
        f.write(encoded(ground(60, 40, 2000), "PPM"))
    for name, options in (("box.jp2", ("-r", "8")), ("tiles.j2k", ("-r", "6", "-t", "32,32", "-TP", "R", "-n", "3"))):
        run("opj_compress", "-i", path, "-o", os.path.join(OUT, name), *options)
    os.remove(path)
    with open(os.path.join(OUT, "box.jp2"), "rb") as f:
        data = f.read()
    # The box of the picture open, a box before it.
    at = data.index(b"jp2c") - 4
    save("open.jp2", data[:at] + chunk_be(b"xml ", b"<a>made by make.py</a>") + b"\0\0\0\0" + data[at + 4:])


def chunk_be(kind, payload):
    return struct.pack(">I", len(payload) + 8) + kind + payload


def packbits(row):
    return b"".join(bytes((len(row[i:i + 128]) - 1,)) + row[i:i + 128] for i in range(0, len(row), 128))


def psd():
    """One with Exif and packed rows, a layer's section that is not looked into; one of plain rows, large."""
    rng = random.Random(1988)

    def head(version, channels, width, height):
        return b"8BPS" + struct.pack(">H6xHIIHHI", version, channels, height, width, 8, 3 if channels == 3 else 1, 0)

    def resource(number, name, data):
        name = bytes((len(name),)) + name
        return (b"8BIM" + struct.pack(">H", number) + name + b"\0" * (len(name) % 2) + struct.pack(">I", len(data)) +
                data + b"\0" * (len(data) % 2))

    resources = resource(1005, b"", b"\0\x48\0\0\0\1\0\1\0\x48\0\0\0\1\0\1") + resource(1058, b"exif", notes(">"))
    rows = [packbits(bytes(rng.randrange(256) for _ in range(20)) + b"\7" * 20) for _ in range(3 * 30)]
    packed = b"\0\1" + b"".join(struct.pack(">H", len(r)) for r in rows) + b"".join(rows)
    save("packed.psd", head(1, 3, 40, 30) + struct.pack(">I", len(resources)) + resources + b"\0\0\0\0" + packed)
    save("plain.psb", head(2, 1, 37, 29) + b"\0\0\0\0" + struct.pack(">Q", 12) +
         b"\0" * 12 + b"\0\0" + bytes(rng.randrange(256) for _ in range(37 * 29)))
    for name, seed in (("tmp1.png", 1), ("tmp2.png", 2)):
        save(name, encoded(ground(40, 30, seed), "PNG"))
    path = [os.path.join(OUT, n) for n in ("tmp1.png", "tmp2.png", "layers.psd")]
    run("convert", *path[:2], "-compress", "RLE", path[2])
    os.remove(path[0])
    os.remove(path[1])


def jxl():
    """The codestream as cjxl has it, in one box and in two parts; Exif before it."""
    path = [os.path.join(OUT, n) for n in ("tmp.ppm", "tmp.jxl")]
    with open(path[0], "wb") as f:
        f.write(encoded(ground(52, 44, 2021), "PPM"))
    run("cjxl", "--container=0", "-d", "4", *path)
    with open(path[1], "rb") as f:
        data = f.read()
    for p in path:
        os.remove(p)
    head = chunk_be(b"JXL ", b"\r\n\x87\n") + chunk_be(b"ftyp", b"jxl \0\0\0\0jxl ")
    save("box.jxl", head + chunk_be(b"Exif", b"\0\0\0\0" + notes()) + chunk_be(b"jxlc", data))
    save("parts.jxl", head + chunk_be(b"jxlp", b"\0\0\0\0" + data[:200]) +
         chunk_be(b"jxlp", b"\x80\0\0\1" + data[200:]))
