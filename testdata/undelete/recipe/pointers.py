# SPDX-License-Identifier: BSD-2-Clause
"""Whether something in the image still points at the place where a file lies.

Looked for as bytes, wherever they are: an extent, a list of block numbers, a run list, an entry of a
folder. all: every part of the file is pointed at; some; none: only its content can give it back.
"""
import re
import struct


class Shape:
    """The size of a block and where block 0 is; kind."""

    def __init__(self, image, kind):
        self.kind, self.base = kind, 0
        if kind.startswith('ext'):
            self.block = 1024 << struct.unpack_from('<I', image, 1024 + 24)[0]
        elif kind == 'f2fs':
            self.block = 4096
        elif kind == 'ntfs':
            self.block = struct.unpack_from('<H', image, 11)[0] * image[13]
        elif kind == 'fat32':
            sector, spc, reserved, fats = struct.unpack_from('<HBHB', image, 11)
            self.block = sector * spc
            self.base = (reserved + fats * struct.unpack_from('<I', image, 36)[0]) * sector
        elif kind == 'exfat':
            self.base = struct.unpack_from('<I', image, 88)[0] << image[108]
            self.block = 1 << (image[108] + image[109])


# ---- NTFS records ----

def ntfs_records(image):
    """Each record of the MFT with its fixups undone: (offset, bytes in use, content)."""
    out = []
    for at in range(0, len(image) - 1023, 512):
        if image[at:at + 4] != b'FILE':
            continue
        body = bytearray(image[at:at + 1024])
        array, count = struct.unpack_from('<HH', body, 4)
        if count == 3 and array < 500:
            for n in (1, 2):
                body[n * 512 - 2:n * 512] = body[array + 2 * n:array + 2 * n + 2]
        out.append((at, struct.unpack_from('<I', body, 24)[0], bytes(body)))
    return out


def ntfs_resident(records, content):
    """Only what the record still counts as its own; behind its end old bytes may lie."""
    for at, used, body in records:
        place = body.find(content)
        if 0 <= place and place + len(content) <= used:
            return [(at + place, len(content))]
    return None


# ---- what points ----

def addresses(image, row, where):
    """The number of each block of the file, in order; None where it does not lie on blocks."""
    shape, out, at = image.shape, [], 0
    for place, length in where:
        if at % shape.block or (place - shape.base) % shape.block:
            return None
        out += range(image.block(place), image.block(place + length - 1) + 1)
        at += length
    return out


def runs(numbers):
    out = []
    for n, number in enumerate(numbers):
        if out and out[-1][1] + out[-1][2] == number:
            out[-1][2] += 1
        else:
            out.append([n, number, 1])
    return out


def extents_of(image):
    """Every extent of every leaf that looks like one, also behind the count of those in use."""
    out = {}
    for match in re.finditer(rb'\x0a\xf3', image.bytes):
        at = match.start()
        entries, most, depth = struct.unpack_from('<HHH', image.bytes, at + 2) if at + 12 < len(image.bytes) else (9, 0, 1)
        if at % 4 or depth or entries > most or most > 680:
            continue
        for n in range(most):
            if at + 24 + n * 12 > len(image.bytes):
                break
            logical, length, high, low = struct.unpack_from('<IHHI', image.bytes, at + 12 + n * 12)
            if length and low:
                out.setdefault((logical, high << 32 | low), set()).add(length & 0x7FFF)
    return out


def ext4_still(image, numbers):
    if not hasattr(image, 'extents'):
        image.extents = extents_of(image)
    hits = total = 0
    for logical, first, count in runs(numbers):
        done = 0
        while done < count:
            lengths = image.extents.get((logical + done, first + done))
            if not lengths:
                break
            done += max(lengths)
        hits, total = hits + min(done, count), total + count
    return hits, total


def listed(image, numbers, pieces):
    """Lists of 32-bit numbers, cut where a list of the file system ends."""
    hits = total = at = 0
    for size in pieces:
        part = numbers[at:at + size]
        if not part:
            break
        if image.bytes.find(struct.pack('<%dI' % len(part), *part)) >= 0:
            hits += len(part)
        total, at = total + len(part), at + len(part)
    return hits, total


def run_list(numbers):
    out, before = b'', 0
    for _, first, count in runs(numbers):
        delta, before = first - before, first
        length = count.to_bytes((count.bit_length() + 8) // 8, 'little', signed=True)
        step = delta.to_bytes((max(delta, ~delta).bit_length() + 8) // 8, 'little', signed=True)
        out += bytes([len(step) << 4 | len(length)]) + length + step
    return out


def still(image, row, where):
    kind = image.shape.kind
    numbers = addresses(image, row, where)
    if numbers is None or not numbers:
        return 'inline'
    if kind == 'ext4':
        hits, total = ext4_still(image, numbers)
    elif kind in ('ext2', 'ext3'):
        each = image.shape.block // 4
        hits, total = listed(image, numbers, [12] + [each] * (len(numbers) // each + 1))
    elif kind == 'f2fs':
        each = [64] * (len(numbers) // 64 + 1)
        hits, total = listed(image, numbers, each)
    elif kind == 'ntfs':
        hits, total = int(run_list(numbers) in image.bytes), 1
    elif kind == 'fat32':
        first = numbers[0] + 2
        entry = rb'\xe5.{19}' + re.escape(struct.pack('<H', first >> 16)) + rb'.{4}' + re.escape(
            struct.pack('<HI', first & 0xFFFF, row['size']))
        hits, total = int(re.search(entry, image.bytes, re.S) is not None), 1
    else:
        entry = re.escape(struct.pack('<IQ', numbers[0] + 2, row['size']))
        hits, total = int(re.search(rb'\x40.{19}' + entry, image.bytes, re.S) is not None), 1
    return 'all' if hits == total else 'some' if hits else 'none'
