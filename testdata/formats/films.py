# SPDX-License-Identifier: BSD-2-Clause
"""Matroska, FLAC, ASF, FLV, AAC, AMR, MPEG-TS, AIFF, AU, MIDI."""
from basics import *


def ebml(kind, *parts, wide=0):
    """An EBML element; `wide`: bytes of its size, 0 the least that does."""
    body = b"".join(parts)
    n = wide or next(n for n in range(1, 9) if len(body) < (1 << 7 * n) - 1)
    return bytes.fromhex(kind) + (len(body) | 1 << 7 * n).to_bytes(n, "big") + body


def number(kind, value):
    return ebml(kind, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def laced_mka():
    """Sound in blocks of several frames, their sizes coded in each of the three ways, in two clusters that
    say where they are; nothing has a CRC, and the index comes first."""
    rng = random.Random(9559)

    def block(kind, time, flags, sizes):
        count = bytes((len(sizes) - 1,))
        if flags & 6 == 2:
            lace = b"".join(b"\xff" * (n // 255) + bytes((n % 255,)) for n in sizes[:-1])
        elif flags & 6 == 6:
            lace = (sizes[0] | 0x4000).to_bytes(2, "big")
            lace += b"".join((b - a + 0x1fff | 0x4000).to_bytes(2, "big") for a, b in zip(sizes, sizes[1:-1]))
        else:
            lace = b""
        data = bytes(rng.randrange(256) for _ in range(sum(sizes)))
        return ebml(kind, b"\x81" + struct.pack(">hB", time, flags), (count + lace if flags & 6 else b"") + data)

    def media(place, previous, time):
        blocks = (block("a3", 0, 0x82, [300, 255, 20]), ebml("a0", block("a1", 30, 0x06, [90, 200, 40, 7]),
                                                              number("9b", 40)),
                  block("a3", 70, 0x84, [64] * 5), block("a3", 90, 0x80, [150]))
        return ebml("1f43b675", number("e7", time), ebml("a7", struct.pack(">I", place)),
                    *([number("ab", previous)] if previous else []), *blocks)

    def whole(places):
        info = ebml("1549a966", number("2ad7b1", 500000), ebml("4489", struct.pack(">f", 250)),
                    ebml("4461", struct.pack(">q", 86400 * 10 ** 9)), ebml("7ba9", "Töne".encode()), ebml("5741", b"make.py"))
        tracks = ebml("1654ae6b", ebml("ae", number("d7", 1), number("73c5", 1), number("83", 2), ebml("86", b"A_MPEG/L3"),
                                       ebml("e1", ebml("b5", struct.pack(">f", 8000)), number("9f", 1)),
                                       ebml("6d80", ebml("6240", number("5033", 1), ebml("5035", number("47e1", 5))))))
        cues = ebml("1c53bb6b", *(ebml("bb", number("b3", 200 * i),
                                       ebml("b7", number("f7", 1), ebml("f1", struct.pack(">I", p))))
                                  for i, p in enumerate(places)))
        front = info + tracks + cues + ebml("ec", b"\0" * 20)
        first = media(len(front), 0, 0)
        return front, first, media(len(front) + len(first), len(first), 200)

    front, first, _ = whole([0, 0])
    rng.seed(9559)
    parts = whole([len(front), len(front) + len(first)])
    head = ebml("1a45dfa3", number("4286", 1), number("42f7", 1), number("42f2", 4), number("42f3", 8),
                ebml("4282", b"matroska"), number("4287", 4), number("4285", 2))
    save("laced.mka", head + ebml("18538067", *parts, wide=8))


def mkv():
    src = ("-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10:duration=1")
    tone = ("-f", "lavfi", "-i", "sine=frequency=440:duration=1", "-ar", "8000")
    ffmpeg("film.mkv", *src, *tone, "-c:v", "mpeg4", "-q:v", "20", "-g", "5", "-c:a", "libmp3lame", "-b:a", "8k",
           "-cluster_time_limit", "300", "-metadata", "title=a film",
           "-metadata", "creation_time=2024-03-01T12:00:00Z")
    ffmpeg("film.webm", *src, "-c:v", "libvpx", "-b:v", "40k")
    ffmpeg("live.webm", *src, "-c:v", "libvpx", "-b:v", "40k", "-live", "1", "-cluster_time_limit", "300")
    laced_mka()


def flac():
    rng = random.Random(9639)

    def encoded_sound(channels, samples, *args):
        """Sound, then silence, then noise; written to a file, since what goes into a pipe has no total."""
        pcm = b""
        for i in range(samples):
            v = (int(6000 * math.sin(i / 9)) + rng.randrange(-99, 99) if i < samples / 2
                 else 0 if i < samples * 3 / 4 else rng.randrange(-32768, 32760))
            pcm += struct.pack("<h", v) + b"".join(struct.pack("<h", v + rng.randrange(7)) for _ in range(channels - 1))
        path = os.path.join(OUT, "tmp.raw")
        save("tmp.raw", pcm)
        run("flac", "--force-raw-format", "--endian=little", "--sign=signed", "--bps=16", "--sample-rate=8000",
            "--channels=%d" % channels, *args, "-f", "-o", path + ".flac", path)
        with open(path + ".flac", "rb") as f:
            data = f.read()
        os.remove(path)
        os.remove(path + ".flac")
        return data

    tags = ("-T", "TITLE=T\u00f6ne", "-T", "artist=make.py", "-T", "DATE=2024")
    mono = encoded_sound(1, 4000, "-8", "--blocksize=576", "-P", "40", *tags)
    save("tone.flac", mono)
    save("endless.flac", mono[:21] + bytes((mono[21] & 0xf0,)) + b"\0\0\0\0" + mono[26:])
    save("stereo.flac", encoded_sound(2, 2500, "-5", "--no-padding"))
    picture = struct.pack(">II9sI0sIIIII", 3, 9, b"image/png", 0, b"", 1, 1, 24, 0, 900)
    body = picture + bytes(rng.randrange(256) for _ in range(900))
    save("cover.flac", mono[:42] + b"\6" + len(body).to_bytes(3, "big") + body + mono[42:])


def asf():
    src = ("-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10:duration=0.6")
    tone = ("-f", "lavfi", "-i", "sine=frequency=440:duration=0.6", "-ar", "8000")
    coded = ("-c:v", "wmv2", "-q:v", "12", "-c:a", "wmav1", "-b:a", "24k", "-packet_size", "500")
    ffmpeg("film.wmv", *src, *tone, *coded, "-metadata", "title=T\u00f6ne", "-metadata", "artist=make.py",
           "-metadata", "creation_time=2024-03-01T12:00:00Z")
    ffmpeg("sound.wma", *tone, "-c:a", "wmav1", "-b:a", "24k", "-packet_size", "700")
    with open(os.path.join(OUT, "sound.wma"), "rb") as f:
        sound = bytearray(f.read())
    # Live: the sizes that a recording cannot know, and the flag that says so.
    at = sound.index(bytes.fromhex("a1dcab8c47a9cf11"))
    sound[at + 40:at + 48] = sound[at + 56:at + 64] = b"\0" * 8
    sound[at + 88] |= 1
    at = sound.index(bytes.fromhex("3626b2758e66cf11"))
    sound[at + 16:at + 24] = sound[at + 40:at + 48] = b"\0" * 8
    save("live.wma", bytes(sound))


def flv():
    src = ("-f", "lavfi", "-i", "testsrc2=size=48x32:rate=10:duration=0.6")
    tone = ("-f", "lavfi", "-i", "sine=frequency=440:duration=0.6", "-ar", "11025")
    ffmpeg("film.flv", *src, *tone, "-c:v", "flv1", "-q:v", "20", "-c:a", "libmp3lame", "-b:a", "16k")
    with open(os.path.join(OUT, "film.flv"), "rb") as f:
        film = f.read()
    at = film.index(b"filesize") + 9
    save("open.flv", film[:at] + b"\0" * 8 + film[at + 8:])
    # A player's index was put in: objects and lists inside what describes the film.
    places = b"".join(b"\0" + struct.pack(">d", v) for v in (0, 1, 2))
    index = b"\0\x09keyframes\3\0\5times\x0a\0\0\0\3" + places + b"\0\0\x09"

    def described(size):
        body = (b"\2\0\x0aonMetaData\x08\0\0\0\5" + index + b"\0\4date\x0b" + b"\0" * 10 + b"\0\7creator\2\0\2me" +
                b"\0\5width\0" + struct.pack(">d", 320) + b"\0\x08filesize\0" + struct.pack(">d", size) + b"\0\0\x09")
        return (b"FLV\1\1\0\0\0\x09\0\0\0\0" + tag(18, body) +
                b"".join(tag(0x29, b"\x27" + bytes((i,)) * 200) for i in range(9)))

    def tag(kind, body):
        return bytes((kind,)) + len(body).to_bytes(3, "big") + b"\0" * 7 + body + struct.pack(">I", len(body) + 11)

    save("locked.flv", described(len(described(0))))


def aac():
    ffmpeg("tone.aac", "-f", "lavfi", "-i", "sine=frequency=440:duration=1", "-ar", "16000", "-c:a", "aac", "-b:a", "24k")


def amr():
    """Frames of noise in the modes that a recording has: speech, a pause, nothing sent, another rate."""
    rng = random.Random(4867)

    def frames(bits, modes):
        out = b""
        for mode in modes:
            n = bits[mode]
            data = rng.getrandbits(n) if n else 0
            out += bytes((mode << 3 | 4,)) + (data << -n % 8).to_bytes((n + 7) // 8, "big")
        return out

    narrow = {0: 95, 7: 244, 8: 39, 15: 0}
    wide = {2: 253, 8: 477, 9: 40, 14: 0}
    save("speech.amr", b"#!AMR\n" + frames(narrow, [7] * 60 + [8, 15, 15, 8] + [7] * 40 + [0] * 30 + [7] * 5))
    save("speech.awb", b"#!AMR-WB\n" + frames(wide, [2] * 40 + [9, 14] * 3 + [2] * 20 + [8] * 9))


def ts():
    src = ("-f", "lavfi", "-i", "testsrc2=size=48x32:rate=10:duration=1")
    tone = ("-f", "lavfi", "-i", "sine=frequency=440:duration=1", "-ar", "16000")
    coded = ("-c:v", "mpeg2video", "-q:v", "31", "-c:a", "mp2", "-b:a", "8k", "-ac", "1", "-f", "mpegts")
    ffmpeg("film.ts", *src, *tone, *coded)
    ffmpeg("camera.m2ts", *src, *coded[:4], *coded[-2:], "-mpegts_m2ts_mode", "1")


def notes():
    """What films and pictures say of themselves: notes of a camera, and the size of the right picture of two."""
    src = ("-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10:duration=1", "-c:v", "mpeg4", "-q:v", "31")
    key = "com.apple.quicktime."
    ffmpeg("camera.mp4", *src, "-movflags", "use_metadata_tags", "-metadata", key + "make=Mak\u00e9", "-metadata",
           key + "model=py 3", "-metadata", key + "creationdate=2024-03-01T13:00:00+0100", "-metadata",
           key + "location.ISO6709=+48.1000+011.5000/", "-metadata", "creation_time=2024-03-01T12:00:00Z")
    ffmpeg("named.mov", *src, "-metadata", "title=T\u00f6ne", "-metadata", "make=make.py", "-metadata", "model=3")

    bext = (b"an interview".ljust(256, b"\0") + b"recorder 7".ljust(64, b"\0") + b"2024-03-0112:34:56" + b"\0" * 264)
    save("broadcast.wav", chunk(b"RIFF", b"WAVE", chunk(b"bext", bext),
                                chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 1000, 1000, 1, 8)),
                                chunk(b"data", b"\x80\x90" * 500)))
    save("tmp.raw", b"\0\0\1\0" * 400)
    run("flac", "-f", "--ogg", "--serial-number=1004", "--force-raw-format", "--endian=little", "--sign=signed", "--bps=16",
        "--channels=1", "--sample-rate=8000", "--no-padding", "-T", "TITLE=T\u00f6ne", "-T", "ARTIST=make.py", "-o",
        os.path.join(OUT, "named.oga"), os.path.join(OUT, "tmp.raw"))
    os.remove(os.path.join(OUT, "tmp.raw"))

    def whole(place):
        size = [full(b"ispe", 0, struct.pack(">II", *s)) for s in ((160, 120), (4032, 3024))]
        uses = struct.pack(">IHBBHBBB", 2, 1, 1, 0x81, 2, 2, 0x83, 0x02)
        iloc = full(b"iloc", 0, struct.pack(">BBHHHHIIHHHII", 0x44, 0, 2, 1, 0, 1, place, 40, 2, 0, 1, place + 40, 60))
        return (box(b"ftyp", b"heic", b"\0\0\0\0", b"mif1", b"heic") +
                full(b"meta", 0, full(b"hdlr", 0, b"\0\0\0\0pict", b"\0" * 13), full(b"pitm", 0, struct.pack(">H", 2)),
                     iloc, box(b"iprp", box(b"ipco", size[0], size[1], full(b"pixi", 0, b"\3\x08\x08\x08")),
                               full(b"ipma", 0, uses))) +
                box(b"mdat", bytes(range(100))))

    save("sized.heic", whole(len(whole(0)) - 100))


def plain_sound():
    tone = ("-f", "lavfi", "-i", "sine=frequency=440:duration=0.25", "-ar", "8000")
    ffmpeg("tone.aiff", *tone, "-metadata", "title=a tone")
    ffmpeg("tone.aifc", *tone, "-c:a", "pcm_mulaw")
    ffmpeg("tone.au", *tone, "-c:a", "pcm_mulaw")


def midi():
    """Two tracks: names, a tempo, notes with and without their status repeated, an exclusive message."""
    rng = random.Random(1983)

    def track(events):
        body = events + b"\0\xff\x2f\0"
        return b"MTrk" + struct.pack(">I", len(body)) + body

    notes = b"".join(bytes((96, rng.randrange(40, 80), 64 if i % 2 else 0)) for i in range(300))
    first = b"\0\xff\3\5T\xc3\xb6ne\0\xff\x51\3\7\xa1\x20\0\xff\x58\4\4\2\x18\x08"
    second = (b"\0\xff\3\5piano\0\xc0\5\0\xf0\5\x7e\x7f\x09\1\xf7\0\xb0\7\x64\0\x90\x3c\x40" + notes + b"\x81\x40\xe0\0\x40")
    save("tune.mid", b"MThd" + struct.pack(">IHHH", 6, 1, 2, 96) + track(first) + track(second))
