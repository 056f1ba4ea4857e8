# SPDX-License-Identifier: BSD-2-Clause
"""Samples of programs, made by the tools that make programs; make.py calls it.

Needs binutils and gcc for MinGW-w64, windres, osslsigncode and openssl; binutils; clang and lld (Mach-O).
"""
import os
import random
import struct
import subprocess
import tempfile
import zlib
import hashlib

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


def make(save):
    for made in (pe,):
        made(save)
