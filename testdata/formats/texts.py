# SPDX-License-Identifier: BSD-2-Clause
"""Mails, contacts, keys, markup, property lists, vaults."""
import base64
import datetime
import hashlib
import plistlib
import tempfile

from basics import *


def base64_lines(data, width, eol):
    text = base64.b64encode(data)
    return b"".join(text[i:i + width] + eol for i in range(0, len(text), width))


def texts_of_people():
    rng = random.Random(2426)
    photo = bytes(rng.randrange(256) for _ in range(900))
    cards = b""
    for i, name in enumerate(("Ada Lovelace", "\u0623\u062b\u0631", "Grace Hopper")):
        cards += b"BEGIN:VCARD\r\nVERSION:3.0\r\nN:%s;;;;\r\nFN:%s\r\n" % ((name.encode(),) * 2)
        cards += b"TEL;TYPE=CELL:+0 555 %04d\r\n" % i
        cards += b"NOTE:folded here\r\n and there\r\nEND:VCARD\r\n"
    save("contacts.vcf", cards)
    save("old.vcf", b"BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=84;A=\n=C3=84\n"
         b"FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=84da\nPHOTO;ENCODING=BASE64;TYPE=JPEG:\n" +
         base64_lines(photo, 74, b"\n") + b"\nEND:VCARD\n\n")
    save("events.ics", b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//athar//EN\r\n"
         b"BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20240301T120000Z\r\nSUMMARY:Meeting\\, once\r\n"
         b"BEGIN:VALARM\r\nACTION:AUDIO\r\nEND:VALARM\r\nEND:VEVENT\r\n"
         b"BEGIN:VTODO\r\nUID:2\r\nSUMMARY:Later\r\nEND:VTODO\r\nEND:VCALENDAR\r\n")


def mail():
    rng = random.Random(5322)
    noise = bytes(rng.randrange(256) for _ in range(1500))
    head = (b"From: =?utf-8?B?" + base64.b64encode("\u00c4da".encode()) + b"?= <ada@example.org>\r\n"
            b"To: grace@example.org\r\nSubject: =?iso-8859-1?Q?Gr=FC=DFe?=\r\n =?iso-8859-1?Q?_an?= all\r\n"
            b"Date: Fri, 1 Mar 2024 13:00:00 +0100\r\nMIME-Version: 1.0\r\n")
    parts = (b"Content-Type: multipart/mixed;\r\n boundary=\"outer\"\r\n\r\nno reader shows this\r\n"
             b"--outer\r\nContent-Type: multipart/alternative; boundary=outer-in\r\n\r\n"
             b"--outer-in\r\n\r\nplain\r\n--outer-in\r\nContent-Type: text/html\r\n\r\n<p>rich\r\n--outer-in--\r\n"
             b"--outer\r\nContent-Type: message/rfc822\r\n\r\nFrom: a@example.org\r\nSubject: inside\r\n\r\ntext\r\n"
             b"--outer\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
             base64_lines(noise, 76, b"\r\n") + b"--outer--\r\n\r\n")
    save("parts.eml", head + parts)
    save("encoded.eml", head + b"Content-Transfer-Encoding: base64\r\n\r\n" +
         base64_lines(noise[:1000], 76, b"\r\n"))
    save("single.eml", head + b"\r\nAll there is to say.\r\n")
    sender = b"From ada@example.org Fri Mar  1 12:00:00 2024\n"
    save("box.mbox", sender + (head + parts).replace(b"\r\n", b"\n") + b"\n" + sender +
         (head + b"\r\nAs said:\r\n>From now on\r\nFrom me\r\n\r\nFrom me too\r\n\r\n").replace(b"\r\n", b"\n"))


def keys():
    """Keys of nobody, made here and now."""
    with tempfile.TemporaryDirectory() as folder:
        def path(name):
            return os.path.join(folder, name)

        def read(name):
            with open(path(name), "rb") as f:
                return f.read()

        run("openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", path("key"), "-out", path("cert"),
            "-subj", "/O=athar/CN=athar.example", "-days", "9", "-set_serial", "0x1122334455")
        run("openssl", "pkcs12", "-export", "-inkey", path("key"), "-in", path("cert"), "-passout", "pass:athar",
            "-out", path("p12"))
        run("openssl", "x509", "-in", path("cert"), "-outform", "DER", "-out", path("der"))
        run("openssl", "pkcs8", "-topk8", "-in", path("key"), "-passout", "pass:athar", "-out", path("pkcs8"))
        save("bundle.pem", read("cert") + read("key"))
        save("locked.pem", read("pkcs8"))
        save("cert.der", read("der"))
        save("store.p12", read("p12"))
        for name, kind, password in (("ed25519", "ed25519", ""), ("locked", "ecdsa", "athar")):
            run("ssh-keygen", "-q", "-t", kind, "-N", password, "-C", "ada@example.org", "-f", path(name))
            save("openssh-%s.key" % name, read(name))

        def gpg(*args, data=None):
            return run("gpg", "--homedir", folder, "-q", "--batch", "--passphrase", "", "--pinentry-mode",
                       "loopback", "--trust-model", "always", *args, data=data)

        gpg("--quick-gen-key", "Ada <ada@example.org>", "future-default", "default", "never")
        save("public.asc", gpg("--armor", "--export"))
        save("secret.asc", gpg("--armor", "--export-secret-keys"))
        save("signed.asc", gpg("--clearsign", data=b"- dashed\nsaid\n"))
        save("message.asc", gpg("-e", "-a", "-r", "ada@example.org", data=b"said\n"))
        save("public.gpg", gpg("--export"))
        save("secret.gpg", gpg("--export-secret-keys"))
        save("message.gpg", gpg("-e", "-r", "ada@example.org", "-z", "0", data=RNG.randbytes(5000)))
        subprocess.run(["gpgconf", "--homedir", folder, "--kill", "gpg-agent"], check=True)


def markup():
    save("note.rtf", b"{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}{\\info{\\title Gr\\'fc\\u223 ?e}{\\author Ada}"
         b"{\\creatim\\yr2024\\mo3\\dy1\\hr12\\min5}}\r\n\\pard A brace \\{ and another \\}.\\par\r\n"
         b"{\\pict\\pngblip\\bin12 {\0\1\2}}}}\xff{{\0}\\par}\r\n")
    save("page.html", b"<!DOCTYPE html>\n<html lang=en>\n<!-- </html> -->\n<head><title>A page</title>\n"
         b"<script>document.write(\"</html>\");</script></head>\n<body title='</html>'>a < b, don't\n</body>\n</HTML >\n"
         b"<!-- made by make.py -->\n")
    save("track.gpx", b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- a track -->\n<gpx version='1.1'>\n"
         b"<metadata><name>Home &amp; away</name></metadata>\n<trk><trkseg><trkpt lat=\"1\" lon=\"2\"/>"
         b"<![CDATA[</gpx>]]></trkseg></trk>\n</gpx>\n<!-- end -->\n")
    save("list.plist", ("<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD>\" "
                        "[<!ENTITY a \"]>\">]>\n<plist version=\"1.0\"><dict><key>K\u00f6ln</key><true/></dict></plist>\n"
                        ).encode("utf-16"))


def bplist():
    rng = random.Random(2002)
    save("small.plist", plistlib.dumps({"name": "K\u00f6ln", "on": True, "at": datetime.datetime(2024, 3, 1),
                                        "list": [1, 2.5, b"raw", -1]}, fmt=plistlib.FMT_BINARY))
    # More than 256 objects, so that references have two bytes, and offsets of two bytes.
    save("archive.plist", plistlib.dumps({"$archiver": "NSKeyedArchiver", "$top": plistlib.UID(1), "$objects": [
        "item %d" % rng.randrange(10 ** 6) for _ in range(400)]}, fmt=plistlib.FMT_BINARY))


def vaults():
    rng = random.Random(2017)

    def noise(length):
        return bytes(rng.randrange(256) for _ in range(length))

    def fields(form, *pairs):
        return b"".join(struct.pack(form, number, len(data)) + data for number, data in pairs)

    common = ((2, noise(16)), (3, struct.pack("<I", 1)), (4, noise(32)))
    head = b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5"
    four = head + struct.pack("<HH", 1, 4) + fields("<BI", *common, (7, noise(12)), (11, noise(139)), (0, b"\r\n\r\n"))
    body = b"".join(noise(32) + struct.pack("<I", n) + noise(n) for n in (1500, 300, 0))
    save("four.kdbx", four + hashlib.sha256(four).digest() + noise(32) + body)
    three = head + struct.pack("<HH", 1, 3) + fields(
        "<BH", *common, (5, noise(32)), (6, struct.pack("<Q", 6000)), (7, noise(16)), (8, noise(32)), (9, noise(32)),
        (10, struct.pack("<I", 2)), (0, b"\r\n\r\n"))
    save("three.kdbx", three + noise(1600))
    save("one.kdb", head[:4] + b"\x65" + head[5:] + struct.pack("<II", 3, 0x30004) + noise(32) + struct.pack("<II", 2, 5) +
         noise(32 + 32) + struct.pack("<I", 6000) + noise(800))

    def luks2(magic, size):
        text = (b'{"keyslots":{},"config":{"json_size":"%d","keyslots_size":"512"}}' % (size - 4096)).ljust(size - 4096, b"\0")
        plain = (magic + struct.pack(">HQQ", 2, size, 3) + b"vault".ljust(48, b"\0") + b"sha256".ljust(32, b"\0") +
                 noise(64) + b"01234567-89ab-cdef-0123-456789abcdef".ljust(40, b"\0") + b"\0" * 48 +
                 struct.pack(">Q", 0 if magic[0] == 76 else size)).ljust(4096, b"\0") + text
        return plain[:448] + hashlib.sha256(plain).digest() + plain[480:]

    save("two.luks", luks2(b"LUKS\xba\xbe", 16384) + luks2(b"SKUL\xba\xbe", 16384) + noise(512))
    slots = b"".join(struct.pack(">II", state, 9000 if state == 0xac71f3 else 0) + noise(32) +
                     struct.pack(">II", 8 + 128 * i, 4000) for i, state in enumerate([0xac71f3] + [0xdead] * 7))
    save("one.luks", (b"LUKS\xba\xbe\0\1" + b"aes".ljust(32, b"\0") + b"xts-plain64".ljust(32, b"\0") +
                      b"sha256".ljust(32, b"\0") + struct.pack(">II", 4096, 16) + noise(52) + struct.pack(">I", 1000) +
                      b"01234567-89ab-cdef-0123-456789abcdef".ljust(40, b"\0") + slots))
    with tempfile.TemporaryDirectory() as folder:
        run("perl", "-MDB_File", "-MFcntl", "-e", """
            for (["tree.db", $DB_BTREE], ["hash.db", DB_File::HASHINFO->new]) {
                my ($name, $info) = @$_;
                $name eq "tree.db" ? $info->{psize} = 512 : ($info->{bsize} = 512);
                tie my %h, "DB_File", "$ARGV[0]/$name", O_RDWR | O_CREAT, 0644, $info or die $!;
                $h{"main"} = "m";
                $h{"\\x04mkey\\x01"} = "k" x 40;
                $h{"\\x04" . "ckey" . chr $_} = "v$_" x 20 for 1 .. 30;
            }""", folder)
        for name in ("tree.db", "hash.db"):
            with open(os.path.join(folder, name), "rb") as f:
                save(name, f.read())
