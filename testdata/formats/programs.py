# SPDX-License-Identifier: BSD-2-Clause
"""Samples of programs and of captured packets, made by the tools that make them; make.py calls it.

Needs gcc and binutils for MinGW-w64, osslsigncode and openssl (PE); clang and binutils (ELF); clang, lld and
llvm-lipo of LLVM 14 (Mach-O); text2pcap and editcap of Wireshark.
"""
import hashlib
import os
import random
import struct
import subprocess
import tempfile
import zlib

CODE = "int counts[400] = {1, 2, 3, 5, 8};\nint start(void) { return counts[2]; }\n"
RESOURCE = """1 VERSIONINFO
FILEVERSION 3,1,4,15
{ BLOCK "StringFileInfo" { BLOCK "040904b0" { VALUE "ProductName", "river" } } }
"""


def tool(folder, *args):
    subprocess.run(args, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def read(folder, name):
    with open(os.path.join(folder, name), "rb") as f:
        return f.read()


def write(folder, name, text):
    with open(os.path.join(folder, name), "w") as f:
        f.write(text)


def pe(save):
    """A program, the same signed, and a library of 32 bits with symbols behind its sections."""
    with tempfile.TemporaryDirectory() as d:
        write(d, "a.c", CODE)
        write(d, "a.rc", RESOURCE)
        cross = "x86_64-w64-mingw32-"
        tool(d, cross + "windres", "a.rc", "a.res.o")
        flags = ["-nostdlib", "-ffreestanding", "-Os", "-fno-asynchronous-unwind-tables", "-fno-ident"]
        stamp = "-Wl,--no-insert-timestamp"
        tool(d, cross + "gcc", *flags, "-s", "-Wl,-estart", stamp, "a.c", "a.res.o", "-o", "a.exe")
        save("sum.exe", read(d, "a.exe"))
        tool(d, "openssl", "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-subj", "/CN=athar", "-keyout", "key.pem",
             "-out", "cert.pem", "-days", "30")
        tool(d, "osslsigncode", "sign", "-h", "sha256", "-certs", "cert.pem", "-key", "key.pem", "-in", "a.exe",
             "-out", "b.exe")
        save("signed.exe", read(d, "b.exe"))
        tool(d, "i686-w64-mingw32-gcc", *flags, "-shared", "-Wl,-e_start", "a.c", "-o", "a.dll")
        data = bytearray(read(d, "a.dll"))
        at = struct.unpack("<I", data[60:64])[0]
        data[at + 24 + 64:at + 24 + 68] = b"\0" * 4
        data[at + 8:at + 12] = struct.pack("<I", 1600000000)
        save("symbols.dll", bytes(data))


def elf(save):
    """Forms of 32 and 64 bits in both byte orders; objects are made by clang, since it knows all machines."""
    with tempfile.TemporaryDirectory() as d:
        write(d, "a.c", CODE)
        flags = ["-Os", "-ffreestanding", "-fno-ident", "-fno-asynchronous-unwind-tables", "-fPIC"]
        for name, target in (("little32.o", "armv7-linux-gnueabi"), ("big32.o", "powerpc-linux-gnu"),
                             ("big64.o", "s390x-linux-gnu"), ("little64.o", "x86_64-linux-gnu")):
            tool(d, "clang", "--target=" + target, *flags, "-c", "a.c", "-o", name)
            save(name, read(d, name))
        page = ["-z", "max-page-size=512", "--build-id=none"]
        tool(d, "ld", *page, "-e", "start", "little64.o", "-o", "static.elf")
        save("static.elf", read(d, "static.elf"))
        tool(d, "ld", *page, "-shared", "little64.o", "-o", "shared.so")
        save("shared.so", read(d, "shared.so"))
        tool(d, "ld", *page, "-s", "-e", "start", "little64.o", "-o", "s.elf")
        data = bytearray(read(d, "s.elf"))
        segments = [struct.unpack("<QQQQQ", data[64 + 56 * i + 8:64 + 56 * i + 48]) for i in
                    range(struct.unpack("<H", data[56:58])[0])]
        data[40:48], data[58:64] = b"\0" * 8, b"\0" * 6
        save("segments.elf", bytes(data[:max(s[0] + s[3] for s in segments)]))


def dex(save):
    """The header and a map; what it holds is noise."""
    rng = random.Random(2008)
    body = bytes(rng.randrange(256) for _ in range(3000))
    tail = struct.pack("<III", 112 + len(body), 112, 0x12345678).ljust(112 - 32, b"\0") + body
    sums = hashlib.sha1(tail).digest() + tail
    save("classes.dex", b"dex\n035\0" + struct.pack("<I", zlib.adler32(sums)) + sums)


def macho(save):
    """Objects by clang, a library by lld, and both kinds of it in one file by llvm-lipo."""
    with tempfile.TemporaryDirectory() as d:
        write(d, "a.c", CODE)
        flags = ["-Os", "-ffreestanding", "-fno-asynchronous-unwind-tables"]
        for cpu, arch in (("arm64", "arm64"), ("x86_64", "x86_64"), ("i386", "i386")):
            tool(d, "clang", "--target=%s-apple-macos11" % arch, *flags, "-c", "a.c", "-o", cpu + ".o")
            save("%s.macho.o" % cpu, read(d, cpu + ".o"))
        for cpu in ("arm64", "x86_64"):
            tool(d, "ld64.lld-14", "-arch", cpu, "-platform_version", "macos", "11.0", "11.0", "-dylib",
                 "-install_name", "river", cpu + ".o", "-o", cpu + ".dylib")
        save("x86_64.dylib", read(d, "x86_64.dylib"))
        tool(d, "llvm-lipo-14", "-create", "x86_64.o", "arm64.o", "-output", "fat.o")
        save("fat.macho.o", read(d, "fat.o"))


def pcap(save):
    """Packets of seeded noise, by text2pcap and editcap; the other byte order and a length by hand."""
    rng = random.Random(1998)
    with tempfile.TemporaryDirectory() as d:
        lines = []
        for i in range(12):
            body = bytes(rng.randrange(256) for _ in range(40 + 60 * i))
            lines.append("2020-09-13 12:26:%02d.25" % (40 + i))
            lines += ["%06x %s" % (k, body[k:k + 16].hex(" ")) for k in range(0, len(body), 16)] + [""]
        write(d, "a.txt", "\n".join(lines))
        env = ["env", "TZ=UTC"]
        tool(d, *env, "text2pcap", "-q", "-t", "%Y-%m-%d %H:%M:%S.%f", "a.txt", "a.pcapng")
        tool(d, *env, "editcap", "-F", "pcap", "a.pcapng", "a.pcap")
        tool(d, *env, "editcap", "-F", "nsecpcap", "a.pcapng", "n.pcap")
        tool(d, *env, "editcap", "-F", "pcapng", "a.pcapng", "b.pcapng")
        plain, blocks = read(d, "a.pcap"), bytearray(read(d, "b.pcapng"))
        save("packets.pcap", plain)
        save("nano.pcap", read(d, "n.pcap"))
        save("packets.pcapng", bytes(blocks))
        blocks[16:24] = struct.pack("<Q", len(blocks) - struct.unpack("<I", blocks[4:8])[0])
        save("length.pcapng", bytes(blocks))
        big = struct.pack(">IHHIIII", *struct.unpack("<IHHIIII", plain[:24]))
        at = 24
        while at < len(plain):
            head = struct.unpack("<IIII", plain[at:at + 16])
            big += struct.pack(">IIII", *head) + plain[at + 16:at + 16 + head[2]]
            at += 16 + head[2]
        save("big.pcap", big)


def make(save):
    for made in (pe, elf, dex, macho, pcap):
        made(save)
