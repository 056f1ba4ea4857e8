# SPDX-License-Identifier: BSD-2-Clause
"""What the modules of make.py share, and the samples of the first formats."""
import io
import math
import os
import random
import re
import sqlite3
import struct
import subprocess
import sys
import zipfile
import zlib
from PIL import Image
OUT = sys.argv[1]
RNG = random.Random(1789)


def save(name, data):
    with open(os.path.join(OUT, name), "wb") as f:
        f.write(data)


def run(*args, data=None):
    return subprocess.run(args, input=data, stdout=subprocess.PIPE, check=True,
                          stderr=subprocess.DEVNULL).stdout


def picture(width, height, mode="RGB"):
    """Smooth ground with noise on it: neither trivial nor hopeless to compress."""
    im = Image.new("RGB", (width, height))
    im.putdata([((x * 3 + RNG.randrange(40)) % 256, (y * 5 + RNG.randrange(40)) % 256,
                 ((x + y) * 2 + RNG.randrange(40)) % 256)
                for y in range(height) for x in range(width)])
    return im.convert(mode)


def encoded(im, form, **options):
    f = io.BytesIO()
    im.save(f, form, **options)
    return f.getvalue()


def png():
    save("rgb.png", encoded(picture(64, 64), "PNG"))
    save("palette.png", encoded(picture(40, 40, "P"), "PNG"))


def gif():
    frames = [picture(80, 64, "P") for _ in range(3)]
    save("moving.gif", encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    save("still.gif", encoded(Image.new("L", (300, 50), 7), "GIF"))


def exif(thumbnail):
    """An APP1 whose IFD1 points to a JPEG thumbnail, as cameras write it."""
    ifd0 = struct.pack("<HHHIII", 1, 0x0112, 3, 1, 1, 26)
    ifd1 = struct.pack("<HHHIIHHIII", 2, 0x0201, 4, 1, 56, 0x0202, 4, 1, len(thumbnail), 0)
    tiff = b"II*\0" + struct.pack("<I", 8) + ifd0 + ifd1
    body = b"Exif\0\0" + tiff.ljust(56, b"\0") + thumbnail
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def mpf(first, second):
    """Two pictures in one file: CIPA DC-007, the second right behind the first."""
    def segment(size, offset):
        ifd = struct.pack("<H", 3)
        ifd += struct.pack("<HHI4s", 0xB000, 7, 4, b"0100")
        ifd += struct.pack("<HHII", 0xB001, 4, 1, 2)
        ifd += struct.pack("<HHII", 0xB002, 7, 32, 50) + struct.pack("<I", 0)
        entries = struct.pack("<IIIHH", 0x030000, size, 0, 0, 0)
        entries += struct.pack("<IIIHH", 0x020002, len(second), offset, 0, 0)
        body = b"MPF\0" + b"II*\0" + struct.pack("<I", 8) + ifd + entries
        return b"\xff\xe2" + struct.pack(">H", len(body) + 2) + body
    size = len(first) + len(segment(0, 0))
    start_of_tiff = 2 + 4 + 4
    return first[:2] + segment(size, size - start_of_tiff) + first[2:] + second


def jpeg():
    im = picture(136, 104)
    ppm = encoded(im, "PPM")
    base = run("cjpeg", "-quality", "85", data=ppm)
    save("baseline.jpg", base)
    save("restarts.jpg", run("cjpeg", "-quality", "70", "-restart", "2", "-sample", "1x1", data=ppm))
    save("progressive.jpg", run("cjpeg", "-quality", "85", "-progressive", data=ppm))
    save("progressive-restarts.jpg",
         run("cjpeg", "-quality", "80", "-progressive", "-restart", "3B", data=ppm))
    save("arithmetic.jpg", run("cjpeg", "-quality", "60", "-arithmetic", data=ppm))
    save("grey.jpg", encoded(picture(120, 110, "L"), "JPEG", quality=90))
    save("cmyk.jpg", encoded(picture(60, 60, "CMYK"), "JPEG", quality=80))
    thumb = encoded(picture(40, 30), "JPEG", quality=50)
    save("thumbnail.jpg", base[:2] + exif(thumb) + base[2:])
    save("mpf.jpg", mpf(base, run("cjpeg", "-quality", "40", data=encoded(picture(80, 60), "PPM"))))


def plain_pdf(eol=b"\n", side=48):
    """Classic cross-reference table; one Flate and one raw stream, one length given indirectly."""
    page = picture(side, side).tobytes()
    text = b"BT /F1 24 Tf 72 720 Td (trace) Tj ET\n"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        b"/Resources << /XObject << /Im1 5 0 R >> /Font << /F1 7 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n" % len(text) + text + b"endstream",
    ]
    packed = zlib.compress(page)
    objects.append(b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8 "
                   b"/ColorSpace /DeviceRGB /Filter /FlateDecode /Length 6 0 R >>\nstream\n"
                   % (side, side) +
                   packed + b"\nendstream")
    objects.append(b"%d" % len(packed))
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    out = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    places = []
    for i, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % i + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % p for p in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    return out + eol


def scan_pdf():
    """What a scanner writes: a JPEG on a page, its length given directly."""
    picture_data = encoded(picture(104, 96), "JPEG", quality=85)
    out = b"%PDF-1.3\n"
    places = []
    for i, body in enumerate([
            b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 104 96]/Resources<</XObject<</I 4 0 R>>>>>>",
            b"<</Type/XObject/Subtype/Image/Width 104/Height 96/BitsPerComponent 8/ColorSpace"
            b"/DeviceRGB/Filter[/DCTDecode]/Length %d>>\nstream\r\n" % len(picture_data) +
            picture_data + b"\r\nendstream"], 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % i + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % p for p in places)
    return out + b"trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start


def updated_pdf(base):
    """An incremental update: one object added, a second table that points to the first."""
    previous = int(base.split(b"startxref")[-1].split()[0])
    root = re.search(rb"/Root (\d+) 0 R", base).group(1)
    size = int(re.search(rb"/Size (\d+)", base).group(1)) + 5
    place = len(base)
    out = base + b"%d 0 obj\n<< /Length 9 >>\nstream\nBT ET    \nendstream\nendobj\n" % (size - 1)
    start = len(out)
    out += b"xref\n%d 1\n%010d 00000 n \n" % (size - 1, place)
    out += b"trailer\n<< /Size %d /Root %s 0 R /Prev %d >>\n" % (size, root, previous)
    return out + b"startxref\n%d\n%%%%EOF\n" % start


def qpdf(data, *args):
    path = os.path.join(OUT, "tmp.pdf")
    save("tmp.pdf", data)
    done = path + ".out"
    run("qpdf", "--deterministic-id", *args, path, done)
    with open(done, "rb") as f:
        data = f.read()
    os.remove(path)
    os.remove(done)
    return data


def pdf():
    plain = plain_pdf()
    save("plain.pdf", plain)
    save("no-eol.pdf", plain_pdf(b"", 8))
    save("crlf.pdf", plain_pdf(b"\r\n", 8))
    save("scan.pdf", scan_pdf())
    save("updated.pdf", updated_pdf(plain))
    save("streams.pdf", qpdf(plain, "--object-streams=generate"))
    save("linear.pdf", qpdf(plain, "--linearize"))
    save("updated-linear.pdf", updated_pdf(qpdf(plain, "--linearize", "--object-streams=disable")))


class Pipe(io.RawIOBase):
    """A file that cannot seek, so that zipfile writes data descriptors."""

    def __init__(self):
        self.data = b""

    def writable(self):
        return True

    def write(self, b):
        self.data += bytes(b)
        return len(b)


def archive(members, method=zipfile.ZIP_DEFLATED, pipe=False, comment=b""):
    f = Pipe() if pipe else io.BytesIO()
    with zipfile.ZipFile(f, "w", method) as z:
        for name, data in members:
            info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else method
            z.writestr(info, data)
        z.comment = comment
    return f.data if pipe else f.getvalue()


def noise(n):
    return bytes(RNG.randrange(256) for _ in range(n))


def words(n):
    return " ".join(RNG.choice(["trace", "sand", "river", "lamp", "count", "seven"])
                    for _ in range(n)).encode()


def zips():
    body = [("a.txt", words(900)), ("b.bin", noise(7000)), ("empty", b"")]
    save("stored.zip", archive(body, zipfile.ZIP_STORED, comment=b"a comment"))
    save("deflated.zip", archive(body))
    save("pipe.zip", archive(body, pipe=True))
    save("pipe-stored.zip", archive(body, zipfile.ZIP_STORED, pipe=True))
    save("bzip2.zip", archive(body[:1], zipfile.ZIP_BZIP2))
    f = io.BytesIO()
    with zipfile.ZipFile(f, "w", zipfile.ZIP_DEFLATED) as z:
        with z.open(zipfile.ZipInfo("a.txt"), "w", force_zip64=True) as m:
            m.write(words(500))
    save("zip64.zip", f.getvalue())
    path = os.path.join(OUT, "secret.txt")
    save("secret.txt", words(500))
    run("zip", "-q", "-j", "-X", "-P", "athar", os.path.join(OUT, "encrypted.zip"), path)
    os.remove(path)
    xml = b"<?xml version='1.0'?><x/>"
    for kind, part in (("docx", "word/document.xml"), ("xlsx", "xl/workbook.xml"),
                       ("pptx", "ppt/presentation.xml")):
        save("least." + kind, archive([("[Content_Types].xml", xml), ("_rels/.rels", xml), (part, xml)]))
    for kind, mime in (("odt", "application/vnd.oasis.opendocument.text"),
                       ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
                       ("odp", "application/vnd.oasis.opendocument.presentation"),
                       ("epub", "application/epub+zip")):
        save("least." + kind, archive([("mimetype", mime), ("content.xml", xml)]))
    manifest = ("META-INF/MANIFEST.MF", b"Manifest-Version: 1.0\r\n\r\n")
    save("least.jar", archive([manifest, ("A.class", b"\xca\xfe\xba\xbe")]))
    save("least.kmz", archive([("doc.kml", xml)]))
    apk = archive([manifest, ("AndroidManifest.xml", noise(300)), ("classes.dex", noise(900))])
    save("least.apk", signed(apk))


def signed(apk):
    """Puts an APK Signing Block before the central directory, as apksigner does."""
    end = apk.rindex(b"PK\5\6")
    directory = struct.unpack("<I", apk[end + 16:end + 20])[0]
    pair = struct.pack("<QI", 4 + 100, 0x7109871A) + noise(100)
    size = len(pair) + 24
    block = struct.pack("<Q", size) + pair + struct.pack("<Q", size) + b"APK Sig Block 42"
    tail = apk[end:end + 16] + struct.pack("<I", directory + len(block)) + apk[end + 20:]
    return apk[:directory] + block + apk[directory:end] + tail


def database(name, page, rows, setup="", finish=""):
    path = os.path.join(OUT, name)
    db = sqlite3.connect(path)
    db.executescript("PRAGMA page_size=%d; %s" % (page, setup))
    db.executescript("CREATE TABLE message(id INTEGER PRIMARY KEY, text, body BLOB);"
                     "CREATE INDEX by_text ON message(text);"
                     "CREATE TABLE wordy(k TEXT PRIMARY KEY, v) WITHOUT ROWID;"
                     "CREATE VIEW v AS SELECT text FROM message;"
                     "CREATE TABLE %s(x);" % ("long_name_" * 30))
    for i in range(rows):
        db.execute("INSERT INTO message VALUES(?,?,?)",
                   (i, "%s %d" % (words(3).decode(), i), noise(RNG.randrange(120))))
        db.execute("INSERT INTO wordy VALUES(?,?)", ("%s%d" % (words(5).decode(), i), i))
    db.execute("INSERT INTO message VALUES(1000,'big',?)", (noise(4000),))
    db.execute("INSERT INTO message VALUES(1001,?,'')", (words(200).decode(),))
    db.commit()
    db.executescript(finish)
    db.close()


def sqlite():
    database("small-pages.sqlite", 512, 60, finish="DELETE FROM message WHERE id BETWEEN 5 AND 45;")
    database("vacuum.sqlite", 1024, 50, "PRAGMA auto_vacuum=INCREMENTAL;",
             "DELETE FROM message WHERE id BETWEEN 5 AND 45;")
    database("wal.sqlite", 2048, 5, "PRAGMA journal_mode=WAL;")


def ffmpeg(name, *args):
    run("ffmpeg", "-v", "error", "-y", "-bitexact", *args, "-fflags", "+bitexact", "-flags:v",
        "+bitexact", "-flags:a", "+bitexact", os.path.join(OUT, name))


def box(kind, *parts):
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def full(kind, version, *parts):
    return box(kind, struct.pack(">I", version << 24), *parts)


def still(brand, payload, codec):
    """A picture in ISO boxes with one item: enough of HEIF for the structure, nothing to look at."""
    def whole(place):
        iloc = full(b"iloc", 0, struct.pack(">BBHHHHII", 0x44, 0, 1, 1, 0, 1, place, len(payload)))
        infe = full(b"infe", 2, struct.pack(">HH4s", 1, 0, codec), b"\0")
        return (box(b"ftyp", brand, b"\0\0\0\0", b"mif1", brand) +
                full(b"meta", 0, full(b"hdlr", 0, b"\0\0\0\0pict", b"\0" * 13),
                     full(b"pitm", 0, struct.pack(">H", 1)), iloc,
                     full(b"iinf", 0, struct.pack(">H", 1), infe)) +
                box(b"mdat", payload))
    return whole(len(whole(0)) - len(payload))


def bmff():
    src = ("-f", "lavfi", "-i", "testsrc2=size=96x64:rate=10:duration=2")
    tone = ("-f", "lavfi", "-i", "sine=frequency=440:duration=1")
    h264 = ("-c:v", "libx264", "-crf", "30", "-pix_fmt", "yuv420p")
    ffmpeg("tail.mp4", *src, *tone, *h264, "-c:a", "aac", "-b:a", "24k")
    ffmpeg("front.mp4", *src, *h264, "-movflags", "+faststart")
    ffmpeg("pieces.mp4", *src, *h264, "-g", "5", "-movflags", "+frag_keyframe+empty_moov")
    ffmpeg("film.mov", *src, *h264)
    ffmpeg("phone.3gp", *src, *h264)
    ffmpeg("sound.m4a", *tone, "-c:a", "aac", "-b:a", "32k")
    nal = noise(5000)
    save("still.heic", still(b"heic", struct.pack(">I", len(nal)) + nal, b"hvc1"))
    save("still.avif", still(b"avif", noise(4500), b"av01"))


def chunk(kind, *parts):
    body = b"".join(parts)
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def wav():
    tone = ("-f", "lavfi", "-i", "sine=frequency=440:duration=0.5", "-ar", "8000")
    ffmpeg("sound.wav", *tone, "-metadata", "title=tone")
    ffmpeg("sound.rf64.wav", *tone, "-c:a", "pcm_u8", "-rf64", "always")
    odd = (b"WAVE" + chunk(b"JUNK", noise(29)) +
           chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 8000, 8000, 1, 8)) +
           chunk(b"data", noise(5001)) + chunk(b"LIST", b"INFO", chunk(b"ISFT", b"make.py\0")))
    save("odd.wav", chunk(b"RIFF", odd))


def stream(kind, scale, rate, *form):
    head = struct.pack("<4s4sIHHIIIIIIII8x", kind, b"MJPG", 0, 0, 0, 0, scale, rate, 0, 0, 0, 0, 0)
    return (chunk(b"strh", head), chunk(b"strf", *form))


def segments():
    """OpenDML: a second segment, and an index of indexes that lists a part in each."""
    def movi(start, parts, rec):
        data = b"".join(parts)
        at, entries, old = start + (24 if rec else 12), [], []
        for part in parts:
            size = struct.unpack("<I", part[4:8])[0]
            entries.append(struct.pack("<II", at + 8, size))
            old.append(struct.pack("<4sIII", part[:4], 16, at - start - 8, size))
            at += len(part)
        index = chunk(b"ix00", struct.pack("<HBBI4sQI", 2, 0, 1, len(parts), b"00dc", 0, 0), *entries)
        if rec:
            data = chunk(b"LIST", b"rec ", data)
        return chunk(b"LIST", b"movi", data, index), at, chunk(b"idx1", *old)

    def parts():
        return [chunk(b"00dc", noise(700 + 37 * i)) for i in range(6)]

    def whole(places):
        superindex = chunk(b"indx", struct.pack("<HBBI4s12x", 4, 0, 0, len(places), b"00dc"),
                           *(struct.pack("<QII", p, 80, 6) for p in places))
        avih = struct.pack("<14I", 100000, 0, 0, 0x10, 12, 0, 1, 0, 96, 64, 0, 0, 0, 0)
        hdrl = chunk(b"LIST", b"hdrl", chunk(b"avih", avih),
                     chunk(b"LIST", b"strl", *stream(b"vids", 1, 10, noise(40)), superindex))
        first, index1, old = movi(12 + len(hdrl), one, False)
        head = chunk(b"RIFF", b"AVI ", hdrl, first, chunk(b"JUNK", b"\0" * 21), old)
        more, index2, _ = movi(len(head) + 12, two, True)
        return head + chunk(b"RIFF", b"AVIX", more), [index1, index2]

    one, two = parts(), parts()
    save("segments.avi", whole(whole([0, 0])[1])[0])


def avi():
    src = ("-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10:duration=1")
    tone = ("-f", "lavfi", "-i", "sine=frequency=440:duration=1", "-ar", "8000")
    ffmpeg("film.avi", *src, *tone, "-c:v", "mpeg4", "-q:v", "20", "-c:a", "pcm_u8")
    with open(os.path.join(OUT, "film.avi"), "rb") as f:
        film = bytearray(f.read())
    movi, index = film.index(b"movi"), film.index(b"idx1")
    for at in range(index + 8, len(film), 16):
        film[at + 8:at + 12] = struct.pack("<I", struct.unpack("<I", film[at + 8:at + 12])[0] + movi)
    save("absolute.avi", bytes(film))
    segments()


def syncsafe(n):
    return bytes(n >> s & 127 for s in (21, 14, 7, 0))


def id3(*frames, pad=0):
    body = b"".join(n + syncsafe(len(d)) + b"\0\0" + d for n, d in frames) + b"\0" * pad
    return b"ID3\4\0\0" + syncsafe(len(body)) + body


def ape(key, value):
    item = struct.pack("<II", len(value), 0) + key + b"\0" + value
    def mark(flags):
        return b"APETAGEX" + struct.pack("<IIII8x", 2000, len(item) + 32, 1, flags)
    return mark(0xA0000000) + item + mark(0x80000000)


def lame(*args):
    """Into a file: what goes into a pipe has no counts."""
    pcm = b"".join(struct.pack("<h", int(9000 * math.sin(i * i / 90000)) + RNG.randrange(-500, 500))
                   for i in range(22050))
    path = os.path.join(OUT, "tmp.mp3")
    run("lame", "--quiet", "-r", "-s", "22.05", "-m", "m", *args, "-", path, data=pcm)
    with open(path, "rb") as f:
        data = f.read()
    os.remove(path)
    return data


def mp3():
    save("counted.mp3", lame("-b", "64"))
    text = (b"TIT2", b"\0a tone")
    v1 = b"TAG" + b"a tone".ljust(125, b"\0")
    save("tagged.mp3", id3(text, (b"APIC", b"\0image/png\0\3\0" + noise(900)), pad=100) +
         lame("-V", "5") + v1)
    bare = lame("-b", "24", "-t")
    lyrics = b"LYRICSBEGININD0000200LYR00005la la"
    lyrics += b"%06dLYRICS200" % len(lyrics)
    save("open.mp3", id3(text) + bare)
    save("closed.mp3", id3(text) + bare + ape(b"Title", b"a tone") + lyrics + v1)


def mpeg():
    src = ("-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25:duration=1")
    tone = ("-f", "lavfi", "-i", "sine=frequency=440:duration=1", "-ar", "44100")
    slow = ("-q:v", "31", "-c:a", "mp2", "-b:a", "32k", "-ac", "1")
    ffmpeg("open.mpg", *src, *tone, "-c:v", "mpeg1video", *slow)
    ffmpeg("second.vob", *src, *tone, "-c:v", "mpeg2video", *slow, "-f", "vob")
    for name, done in (("open.mpg", "first.mpg"), ("second.vob", "second.mpg")):
        with open(os.path.join(OUT, name), "rb") as f:
            save(done, f.read() + b"\0\0\1\xb9")
    os.remove(os.path.join(OUT, "second.vob"))


def ogg():
    rng = random.Random(3533)
    wav = os.path.join(OUT, "tone.wav")
    pcm = b"".join(struct.pack("<h", int(6000 * ((i * 220 // 8000) % 2) + rng.randrange(2000)))
                   for i in range(8000))
    save("tone.wav", b"RIFF" + struct.pack("<I4s4sIHHIIHH4sI", 36 + len(pcm), b"WAVE", b"fmt ", 16, 1,
                                           1, 8000, 16000, 2, 16, b"data", len(pcm)) + pcm)
    run("oggenc", "-q", "0", "--serial", "1001", "-o", os.path.join(OUT, "tone.ogg"), wav)
    run("opusenc", "--serial", "1002", "--bitrate", "24", wav, os.path.join(OUT, "tone.opus"))
    run("speexenc", "-n", wav, os.path.join(OUT, "tone.spx"))
    run("flac", "-f", "--ogg", "--serial-number=1003", "-o", os.path.join(OUT, "tone.oga"), wav)
    os.remove(wav)
    ffmpeg("film.ogv", "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10:duration=2", "-f", "lavfi", "-i",
           "sine=frequency=440:duration=2:sample_rate=8000", "-c:v", "libtheora", "-q:v", "3", "-c:a", "libvorbis",
           "-q:a", "0", "-page_duration", "200000")


def netpbm():
    rng = random.Random(1988)

    def shade(x, y, most):
        return min(most, (x * 3 + y * 2) * most // 700 + rng.randrange(most // 8 + 1))

    def samples(width, height, depth, most):
        return [shade(x, y, most) for y in range(height) for x in range(width) for _ in range(depth)]

    def text(values):
        return b"".join(b" ".join(b"%d" % v for v in values[i:i + 15]) + b"\n" for i in range(0, len(values), 15))

    bits = bytes(rng.randrange(256) for _ in range(13 * 64))
    save("bits.pbm", b"P4\n# thirteen bytes a row\n100 64\n" + bits)
    save("grey.pgm", b"P5 120 90 255\n" + bytes(samples(120, 90, 1, 255)))
    save("deep.pgm", b"P5\n80 60\n1000\n" +
         b"".join(struct.pack(">H", v) for v in samples(80, 60, 1, 1000)))
    save("rgb.ppm", b"P6\n# made by make.py\n100 70\n255\n" + bytes(samples(100, 70, 3, 255)))
    save("low.ppm", b"P6\n80 60\n63\n" + bytes(samples(80, 60, 3, 63)))
    save("alpha.pam", b"P7\n# made by make.py\nWIDTH 64\nHEIGHT 64\nDEPTH 4\nMAXVAL 127\nTUPLTYPE RGB_ALPHA\n"
         b"ENDHDR\n" + bytes(samples(64, 64, 4, 127)))
    save("text.pbm", b"P1\n60 50\n" + b"".join(b"".join(rng.choice((b"0", b"1")) for _ in range(60)) + b"\n"
                                              for _ in range(50)))
    save("text.pgm", b"P2\n40 40\n255\n" + text(samples(40, 40, 1, 255)))
    save("text.ppm", b"P3 30 30 255\n" + text(samples(30, 30, 3, 255)))


def rle(plane):
    """One byte plane of a tile: runs of three and more, and what lies between them as it is."""
    out, i, plain = b"", 0, b""

    def flush(data):
        short = b"".join(bytes((256 - len(data[k:k + 127]),)) + data[k:k + 127] for k in range(0, len(data), 127))
        return short if len(data) < 128 else b"\x80" + struct.pack(">H", len(data)) + data

    while i < len(plane):
        n = 1
        while i + n < len(plane) and plane[i + n] == plane[i]:
            n += 1
        if n < 3:
            plain += plane[i:i + n]
        else:
            out += flush(plain) + (bytes((n - 1,)) if n < 128 else b"\x7f" + struct.pack(">H", n)) + plane[i:i + 1]
            plain = b""
        i += n
    return out + flush(plain)


class Xcf:
    """An image as GIMP writes it, in the same order of structures."""

    def __init__(self, version, packing, seed):
        self.wide, self.packing, self.rng = version >= 11, packing, random.Random(seed)
        self.out = b"gimp xcf " + (b"v%03d" % version if version else b"file") + b"\0"

    def pointer(self, value):
        return struct.pack(">Q" if self.wide else ">I", value)

    @staticmethod
    def text(value):
        return struct.pack(">I", len(value) + 1) + value + b"\0" if value else struct.pack(">I", 0)

    @staticmethod
    def prop(kind, payload=b""):
        return struct.pack(">II", kind, len(payload)) + payload

    def parasite(self, name, data):
        return self.prop(21, self.text(name) + struct.pack(">II", 1, len(data)) + data)

    def tile(self, width, height, depth):
        count = width * height
        planes = [bytes((self.rng.randrange(256) if self.rng.randrange(3) else 7) if i % 64 < 40 else 200
                        for i in range(count)) for _ in range(depth)]
        if self.packing == 1:
            return b"".join(rle(p) for p in planes)
        data = b"".join(bytes(pixel) for pixel in zip(*planes))
        return zlib.compress(data) if self.packing == 2 else data

    def hierarchy(self, width, height, depth):
        """At the end of what is there: hierarchy, first level, tiles, empty levels."""
        count, side = 1, max(width, height)
        while side > 64:
            count, side = count + 1, side // 2
        size = len(self.pointer(0))
        level = len(self.out) + 12 + size * (count + 1)
        tiles = [self.tile(min(64, width - x), min(64, height - y), depth)
                 for y in range(0, height, 64) for x in range(0, width, 64)]
        at = level + 8 + size * (len(tiles) + 1)
        places = []
        for t in tiles:
            places.append(at)
            at += len(t)
        levels = [level] + [at + 12 * i for i in range(count - 1)]
        self.out += struct.pack(">III", width, height, depth) + b"".join(map(self.pointer, levels + [0]))
        self.out += struct.pack(">II", width, height) + b"".join(map(self.pointer, places + [0]))
        self.out += b"".join(tiles)
        for i in range(1, count):
            self.out += struct.pack(">III", width >> i, height >> i, 0)

    def drawable(self, name, width, height, depth, kind=None, mask=False):
        """Returns where it begins; a layer has a kind and may have a mask."""
        begin, size = len(self.out), len(self.pointer(0))
        self.out += struct.pack(">II", width, height) + (b"" if kind is None else struct.pack(">I", kind))
        self.out += self.text(name) + self.prop(6, struct.pack(">I", 255)) + self.prop(8, struct.pack(">I", 1))
        self.out += self.prop(15 if kind is not None else 16, b"\0" * (8 if kind is not None else 3)) + self.prop(0)
        hole = len(self.out)
        self.out += self.pointer(hole + size * (1 if kind is None else 2)) + (b"" if kind is None else self.pointer(0))
        self.hierarchy(width, height, depth)
        if mask:
            at = self.drawable(b"mask", width, height, 1)
            self.out = self.out[:hole + size] + self.pointer(at) + self.out[hole + 2 * size:]
        return begin

    def image(self, base, precision, props, layers, channels=()):
        width, height = layers[0][1:3]
        self.out += struct.pack(">III", width, height, base)
        self.out += struct.pack(">I", precision) if precision is not None else b""
        self.out += props + self.prop(17, bytes((self.packing,))) + self.prop(0)
        hole, size = len(self.out), len(self.pointer(0))
        self.out += b"\0" * size * (len(layers) + len(channels) + 2)
        places = [self.drawable(*layer) for layer in layers] + [0]
        places += [self.drawable(*channel) for channel in channels] + [0]
        table = b"".join(map(self.pointer, places))
        self.out = self.out[:hole] + table + self.out[hole + len(table):]
        return self.out


def xcf():
    x = Xcf(11, 1, 1)
    save("layers.xcf", x.image(0, 150, x.prop(19, struct.pack(">ff", 72, 72)) +
                               x.parasite(b"gimp-comment", b"made by make.py\0"),
                               [(b"above", 100, 70, 4, 1, True), (b"below", 70, 100, 3, 0)],
                               [(b"a selection", 100, 70, 1)]))
    x = Xcf(0, 0, 2)
    save("plain.xcf", x.image(1, None, b"", [(b"", 90, 65, 1, 2)]))
    x = Xcf(8, 2, 3)
    colours = x.prop(1, struct.pack(">I", 3) + b"\1\2\3\4\5\6\7\x08\x09")
    save("packed.xcf", x.image(2, 150, colours, [(b"indexed", 130, 64, 2, 5)]))


def gzip():
    rng = random.Random(1952)
    body = b"".join(b"line %d of %d\n" % (i, rng.randrange(10 ** 9)) for i in range(600))

    def member(flags, fields, level):
        pack = zlib.compressobj(level, zlib.DEFLATED, -15)
        head = b"\x1f\x8b\x08" + bytes((flags,)) + b"\0\0\0\0\0\3" + fields
        if flags & 2:
            head += struct.pack("<H", zlib.crc32(head) & 0xffff)
        return head + pack.compress(body) + pack.flush() + struct.pack("<II", zlib.crc32(body), len(body))

    save("named.txt.gz", member(8, b"named.txt\0", 6))
    # Padded to whole sectors by its comment, so that what follows begins one.
    full = len(member(0x1e, b"\4\0ab\0\0name\0\0", 1))
    save("fields.gz", member(0x1e, b"\4\0ab\0\0name\0" + b"c" * (-full % 512) + b"\0", 1))


def compound(version, streams):
    """[MS-CFB]: root, a storage with all streams but the first in it, one FAT sector."""
    size = 512 if version == 3 else 4096
    free, end, own = 0xffffffff, 0xfffffffe, 0xfffffffd
    fat, body, mini, small = [own], [b""], [], b""

    def put(data):
        """Sectors of the file, every second one of them in another order; returns the first."""
        pieces = [data[i:i + size].ljust(size, b"\0") for i in range(0, len(data), size)]
        places = list(range(len(fat), len(fat) + len(pieces)))
        places[1:] = places[:0:-1]
        fat.extend([end] * len(pieces))
        body.extend([b""] * len(pieces))
        for i, piece in enumerate(pieces):
            body[places[i]] = piece
            fat[places[i]] = places[i + 1] if i + 1 < len(places) else end
        return places[0] if places else end

    def entry(name, kind, left, right, child, start, length):
        text = name.encode("utf-16le")
        return (text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text) + 2, kind, 1, left, right, child) +
                b"\0" * 36 + struct.pack("<IQ", start, length))

    entries = []
    for i, (name, data) in enumerate(streams):
        if len(data) >= 4096:
            start = put(data)
        else:
            start = len(mini) if data else end
            count = (len(data) + 63) // 64
            mini.extend(list(range(len(mini) + 1, len(mini) + count)) + [end] if count else [])
            small += data.ljust(64 * count, b"\0")
        right = free if i in (0, len(streams) - 1) else i + 3
        entries.append(entry(name, 2, free, right, free, start, len(data)))
    root = entry("Root Entry", 5, free, free, 2, put(small) if small else end, len(small))
    storage = entry("Store", 1, free, free, 3 if len(streams) > 1 else free, 0, 0)
    first = entries[0][:68] + struct.pack("<II", 1, free) + entries[0][76:]
    listed = b"".join([root, storage, first] + entries[1:])
    unused = b"\0" * 68 + struct.pack("<III", free, free, free) + b"\0" * 48
    listed += unused * (-len(listed) % size // 128)
    directory = put(listed)
    table = b"".join(struct.pack("<I", v) for v in mini)
    table += b"\xff" * (-len(table) % size)
    minifat = put(table) if mini else end
    fat += [free] * (size // 4 - len(fat))
    body[0] = b"".join(struct.pack("<I", v) for v in fat)
    head = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 +
            struct.pack("<HHHHH6xIIIIIIIIII", 0x3e, version, 0xfffe, 9 if version == 3 else 12, 6,
                        len(listed) // size if version == 4 else 0, 1, directory, 0, 4096, minifat,
                        len(table) // size, end, 0, 0))
    return head.ljust(512, b"\xff").ljust(size, b"\0") + b"".join(body)


def ole():
    rng = random.Random(1997)
    big, small = bytes(rng.randrange(256) for _ in range(6000)), bytes(rng.randrange(256) for _ in range(700))
    save("least.doc", compound(3, [("WordDocument", big), ("1Table", small), ("Data", b""), ("x", small[:64])]))
    save("least.msg", compound(4, [("__properties_version1.0", small), ("__substg1.0_0037001F", big)]))
    save("least.xls", compound(3, [("Workbook", big)]))

    def text(value):
        data = value.encode("latin-1") + b"\0"
        return struct.pack("<II", 0x1e, len(data)) + data.ljust((len(data) + 3) // 4 * 4, b"\0")

    def time(seconds):
        return struct.pack("<IQ", 0x40, (seconds + 11644473600) * 10 ** 7)

    values = [(1, struct.pack("<IHH", 2, 1252, 0)), (2, text("Gr\u00fc\u00dfe")), (4, text("Ada")),
              (10, time(-11644473600 + 90)), (12, time(1709294400)), (14, struct.pack("<II", 3, 7)),
              (18, text("make.py"))]
    places, body = b"", b""
    for number, value in values:
        places += struct.pack("<II", number, 8 + 8 * len(values) + len(body))
        body += value
    section = struct.pack("<II", 8 + len(places + body), len(values)) + places + body
    summary = struct.pack("<HHI16xI16xI", 0xfffe, 0, 0x20006, 1, 48) + section
    save("titled.doc", compound(3, [("WordDocument", big), ("1Table", small), ("\5SummaryInformation", summary)]))
