# SPDX-License-Identifier: BSD-2-Clause
"""Where compressed files lie, whose bytes cannot be looked for.

Where a compressed file lay while it lived is told by ntfsinfo or dump.f2fs, of a copy of the image that
was made then. It is whole when all these blocks still hold the same bytes in the finished image.
"""
import re
import struct
import subprocess

HOLE = None


def said(*command):
    return subprocess.run(command, input=b'n\n', capture_output=True, check=False).stdout.decode('latin-1')


def ntfs_runs(name, inode):
    """(first cluster or HOLE, count) of the unnamed data of a compressed file."""
    text = said('ntfsinfo', '-i', str(inode), '-v', name)
    for part in text.split('Dumping attribute ')[1:]:
        if part.startswith('$DATA') and 'Name length:\t\t 0' in part and 'Attribute flags:\t 0x0001' in part:
            return [(HOLE if first == '<HOLE>' else int(first, 16), int(count, 16)) for first, count in
                    re.findall(r'^\t+0x[0-9a-f]+\t+(0x[0-9a-f]+|<HOLE>)\t+(0x[0-9a-f]+)', part, re.M)]
    return []


def f2fs_list(name, inode):
    """The words of the list of blocks of a compressed file."""
    text = said('dump.f2fs', '-i', str(inode), name)
    if not re.search(r'^i_flags\s+\[0x\s*[0-9a-f]*[4567cdef] :', text, re.M):
        return []
    return [int(word, 16) for word in
            re.findall(r'^i_addr\[0x[0-9a-f]+\](?: \w+ flag)?\s+\[0x\s*([0-9a-f]+) :', text, re.M)]


def mapping(runs):
    """The runs as an MFT record has them."""
    out, before = b'', 0
    for first, count in runs:
        length = count.to_bytes((count.bit_length() + 8) // 8, 'little', signed=True)
        step = b''
        if first is not HOLE:
            delta, before = first - before, first
            step = delta.to_bytes((max(delta, ~delta).bit_length() + 8) // 8, 'little', signed=True)
        out += bytes([len(step) << 4 | len(length)]) + length + step
    return out


def places(kind, name, inode, block):
    """(offset, length) of what is stored, and the bytes that point there."""
    if kind == 'ntfs':
        runs = ntfs_runs(name, inode)
        return [(first * block, count * block) for first, count in runs if first is not HOLE], mapping(runs)
    words = f2fs_list(name, inode)
    return ([(word * block, block) for word in words if 0 < word < 0xFFFFFFFE],
            struct.pack('<%dI' % len(words), *words))


def inodes(work, stage):
    with open('%s/stage-%d.log' % (work, stage), 'rb') as f:
        return {int(a): int(b) for a, b in re.findall(rb'^INODE (\d+) (\d+)', f.read(), re.M)}


def joined(stored):
    out = []
    for place, length in stored:
        if out and sum(out[-1]) == place:
            out[-1] = (out[-1][0], out[-1][1] + length)
        else:
            out.append((place, length))
    return out


def find(kind, work, image, rows, found):
    """id: (present, pointers, where) of the rows that were compressed."""
    out, notes, copies = {}, {}, {}
    for row in rows:
        there = row['id'] in found and found[row['id']] and all(p is not None for p, _ in found[row['id']])
        if not row.get('stages') or there or not row['size']:
            continue
        stage = row['stages'][-1]
        name = '%s/stage-%d.img' % (work, stage)
        if stage not in notes:
            notes[stage] = inodes(work, stage)
            with open(name, 'rb') as f:
                copies[stage] = f.read()
        stored, pointing = places(kind, name, notes[stage][row['note']], image.shape.block)
        if not stored:
            continue
        kept = [image.bytes[p:p + n] == copies[stage][p:p + n] for p, n in stored]
        present = 'whole' if all(kept) else 'partly' if any(kept) else 'none'
        out[row['id']] = (present, 'all' if pointing in image.bytes else 'none',
                          'packed:' + ','.join('%d+%d' % part for part in joined(stored)))
    return out
