#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""truth.py KIND WORK IMAGE: what is really in the finished image, as a table on stdout.

Nothing but the bytes of the image and the contents that were written (WORK/versions, by plan.py) is
believed: every 512 bytes of every content are unique, so where a file lies is found by looking for
them. No file system is walked, save for its block size and, in pointers.py, for whether a record still
points at the place. The columns are told in the README of the folder above.
"""
import json
import os
import sys

import packed
import pointers

CELL = 512


def load(work):
    with open(work + '/versions.json') as f:
        rows = json.load(f)
    for row in rows:
        with open('%s/versions/%d' % (work, row['id']), 'rb') as f:
            row['data'] = f.read()
        row['path'] = bytes.fromhex(row['path'])
    return rows


class Image:
    """The bytes, where each cell of interest lies, and which blocks hold something live."""

    def __init__(self, name, kind, rows):
        with open(name, 'rb') as f:
            self.bytes = f.read()
        self.shape = pointers.Shape(self.bytes, kind)
        self.places = {}
        for row in rows:
            for at in range(0, row['size'] - CELL + 1, CELL):
                self.places.setdefault(row['data'][at:at + CELL], [])
        for at in range(0, len(self.bytes) - CELL + 1, CELL):
            found = self.places.get(self.bytes[at:at + CELL])
            if found is not None:
                found.append(at)
        self.live_blocks = set()
        self.records = pointers.ntfs_records(self.bytes) if kind == 'ntfs' else None

    def block(self, at):
        return (at - self.shape.base) // self.shape.block

    def take_live(self, where):
        """A block belongs to a live file when anything of it lies there."""
        for place, length in where:
            if place is not None and not self.inline([(place, length)]):
                self.live_blocks.update(range(self.block(place), self.block(place + length - 1) + 1))

    def inline(self, where):
        return len(where) == 1 and (where[0][0] - self.shape.base) % CELL != 0


def whole_cells(image, body):
    """The place of each cell, in the file's order, None where it is not; the tail may follow."""
    places = []
    for at in range(0, len(body) - CELL + 1, CELL):
        found = image.places[body[at:at + CELL]]
        before = places[-1] + CELL if places and places[-1] is not None else None
        if before in found:
            places.append(before)
            continue
        # Among several the one that goes on with the next cell.
        after = image.places.get(body[at + CELL:at + 2 * CELL], ())
        places.append(next((p for p in found if p + CELL in after), found[0] if found else None))
    return places


def tail_place(image, body, before):
    """The last bytes lie behind the cell before them, or at the start of a block with zeros behind."""
    rest = len(body) % CELL
    tail = body[-rest:]
    if before is not None and image.bytes[before + CELL:before + CELL + rest] == tail:
        return before + CELL
    at, loose = image.bytes.find(tail), None
    while at >= 0:
        if (at - image.shape.base) % CELL == 0 and not any(image.bytes[at + rest:at + CELL]):
            return at
        if rest >= 16 and (at - image.shape.base) % image.shape.block == 0:
            loose = at
        at = image.bytes.find(tail, at + 1)
    return loose


def merge(places, size):
    where = []
    for n, place in enumerate(places):
        length = min(CELL, size - n * CELL)
        if where and place is None and where[-1][0] is None:
            where[-1] = (None, where[-1][1] + length)
        elif where and place is not None and where[-1][0] is not None and sum(where[-1]) == place:
            where[-1] = (where[-1][0], where[-1][1] + length)
        else:
            where.append((place, length))
    return where


def inline_place(image, kind, body):
    """In a record: all together, or for ext4 60 bytes in the inode and the rest behind it."""
    if image.records is not None:
        return pointers.ntfs_resident(image.records, body)
    at = image.bytes.find(body)
    if at >= 0:
        return [(at, len(body))]
    if kind == 'ext4' and 60 < len(body) < 256:
        at = image.bytes.find(body[:60])
        while at >= 0:
            rest = image.bytes.find(body[60:], at + 60, at + 256)
            if rest >= 0:
                return [(at, 60), (rest, len(body) - 60)]
            at = image.bytes.find(body[:60], at + 1)
    return None


def find(image, kind, row):
    body = row['data']
    if not body:
        return []
    places = whole_cells(image, body)
    if len(body) % CELL:
        places.append(tail_place(image, body, places[-1] if places else None))
    where = merge(places, len(body))
    if any(place is None for place, _ in where) and len(body) < 4096:
        return inline_place(image, kind, body) or where
    return where


def judge(image, row, where):
    """whole: all there, and no live file owns any of it; shared: all there, some of it a live file's."""
    if not row['size']:
        return 'empty'
    missing = sum(length for place, length in where if place is None)
    if missing == row['size']:
        return 'none'
    if missing:
        return 'partly'
    again = b''.join(image.bytes[place:place + length] for place, length in where)
    if again != row['data'] and not (image.records is not None and row['size'] < 1024):
        raise SystemExit('truth.py: %r is not where it was found' % row['path'])
    if row['size'] < CELL and any(row['data'] in live for live in image.live_small):
        return 'shared'
    if len(where) == 1 and image.inline(where) or image.shape.kind == 'ext4' and len(where) == 2 and where[0][1] == 60:
        return 'whole'
    for place, length in where:
        if any(b in image.live_blocks for b in range(image.block(place), image.block(place + length - 1) + 1)):
            return 'shared'
    return 'whole'


def shown(path):
    """As inside a JSON string; in hex where it is no UTF-8."""
    try:
        text = path.decode()
    except UnicodeDecodeError:
        return 'hex:' + path.hex()
    text = json.dumps(text, ensure_ascii=False)[1:-1]
    return ''.join(c if c.isprintable() else '\\u%04x' % ord(c) for c in text)


def main():
    kind, work, name = sys.argv[1:]
    rows = load(work)
    image = Image(name, kind, [r for r in rows if r['status'] != 'fill'])
    found = {}
    for row in rows:
        if row['status'] != 'fill':
            found[row['id']] = find(image, kind, row)
    live = [row for row in rows if row['status'] == 'alloc']
    image.live_small = [row['data'] for row in live if row['size'] < 2 * CELL]
    for row in live:
        image.take_live(found[row['id']])
    packs = packed.find(kind, work, image, rows, found)
    print('#path\tsize\tsha256\tstatus\tpresent\tpointers\tmtime\twhere')
    tally = {}
    for row in rows:
        if row['status'] == 'fill':
            present, pointed, where = '-', '-', '-'
        elif row['id'] in packs:
            present, pointed, where = packs[row['id']]
        else:
            places = found[row['id']]
            present = judge(image, row, places)
            pointed = pointers.still(image, row, places) if present in ('whole', 'shared') else '-'
            where = ','.join('%s+%d' % ('-' if p is None else p, n) for p, n in places) or '-'
        if row['status'] == 'alloc' and present in ('whole', 'shared', 'packed'):
            present = 'whole'
        print('\t'.join(map(str, (shown(row['path']), row['size'], row['sha256'], row['status'], present,
                                  pointed, row['mtime'] or '-', where))))
        key = '%s/%s/%s' % (row['status'], present, pointed) if row['status'] != 'alloc' else 'alloc/' + present
        tally[key] = tally.get(key, 0) + 1
    print(os.path.basename(name), dict(sorted(tally.items())), file=sys.stderr)


if __name__ == '__main__':
    main()
