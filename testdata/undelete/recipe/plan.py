#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""plan.py KIND SEED OUT: what is to be done to a seed volume, by a generator with a fixed start.

Writes OUT/stage-N.sh, a POSIX shell script for each time the volume is mounted (run with the root of
the volume as working folder and $X the folder of the contents), OUT/extra/, the contents, and
OUT/versions.json with OUT/versions/N, every state that every file had at any time.
SEED "twin" makes the same tree of files as seed 1 with nothing ever deleted, renamed or overwritten.
"""
import hashlib
import json
import os
import random
import sys

import contents

EPOCH = 1767225600  # 2026-01-01
FILL = 262144
PACKED = (('f2fs', 5), ('ntfs', 4))

ARABIC = 'تقرير الشاهد عن الحادث في السوق القديم'
CHINESE = '证人关于旧市场事件的报告与照片'
ODD = ['%s %d', 'Letter to the bank, final (%d)', 'صورة %d', '照片%d', 'naïve café %d', 'Ærø Straße %d',
       'cafe\u0301 %d', '%d \u202egnp', 'note-%d', 'IMG_%04d', 'DSC%05d', 'scan %d of 12', '🗂 %d']
SHORT = ['IMG_%04d', 'NOTE%04d', 'DSC%05d', 'X%d']
RAW = [b'caf\xe9 %d', b'\xff\xfe broken %d', b'half \xe4\xb8 %d']
KINDS = ['txt'] * 4 + ['log', 'dat', 'dat'] + ['png', 'gif', 'pdf', 'pdf', 'zip', 'docx', 'docx', 'db', 'png']


def quote(path):
    return b"'" + path.replace(b"'", b"'\\''") + b"'"


class File:
    def __init__(self, path):
        self.path, self.versions, self.alive = path, [], True


class Plan:
    def __init__(self, kind, seed, out):
        self.kind, self.out, self.seed = kind, out, seed
        self.rng = random.Random('%s/%s' % (kind, 1 if seed == 'twin' else seed))
        self.tag = {'f2fs': 'f', 'fat32': 'v', 'ntfs': 'n', 'exfat': 'x', 'ext2': 'b', 'ext3': 'c',
                    'ext4': 'e'}[kind] + str(seed)[0]
        self.raw_names = kind in ('ext2', 'ext3', 'ext4', 'f2fs')
        self.stages, self.lines, self.files, self.folders = [], [], [], []
        self.streams, self.quote, self.notes, self.packed = [], quote, 0, PACKED
        self.count, self.clock, self.numbers = 0, EPOCH + 86400, 0
        os.makedirs(out + '/extra')
        os.makedirs(out + '/versions')

    # ---- what the shell is told ----

    def do(self, *parts):
        self.lines.append(b' '.join(p if isinstance(p, bytes) else p.encode() for p in parts))

    def sync(self):
        self.do('sync')

    def stage(self):
        """The volume is unmounted and mounted again here; what lives then is noted, with its inode."""
        self.sync()
        if (self.kind, self.seed) in PACKED:
            for file in self.alive():
                version = file.versions[-1]
                version.setdefault('stages', []).append(len(self.stages))
                version['note'] = self.notes
                self.do('echo "INODE %d $(stat -c %%i' % self.notes, quote(file.path) + b')"')
                self.notes += 1
        self.stages.append(self.lines)
        self.lines = []

    def store(self, content):
        name = '%04d' % self.count
        self.count += 1
        with open('%s/extra/%s' % (self.out, name), 'wb') as f:
            f.write(content)
        return '"$X"/' + name

    def stamp(self, file, content):
        """The file now has this content."""
        self.clock += self.rng.randrange(2, 4000, 2)
        self.do('touch -d @%d' % self.clock, quote(file.path))
        file.versions.append({'data': content, 'mtime': self.clock, 'path': file.path})

    # ---- names and contents ----

    def name(self, kind):
        self.numbers += 1
        if self.raw_names and self.rng.random() < 0.08:
            return self.rng.choice(RAW) % self.numbers + b'.' + kind.encode()
        pick = self.rng.random()
        if pick < 0.12:
            stem = (ARABIC * 4)[:self.rng.randrange(60, 115)].strip() + str(self.numbers)
        elif pick < 0.2:
            stem = (CHINESE * 6)[:self.rng.randrange(20, 75)] + str(self.numbers)
        elif pick < 0.28:
            stem = ('a very long name of a file that somebody kept ' * 6)[:self.rng.randrange(150, 240)].strip() + \
                str(self.numbers)
        elif pick < 0.5 and self.kind in ('fat32', 'exfat', 'ntfs'):
            return ((self.rng.choice(SHORT) % self.numbers)[:8] + '.' + kind[:3].upper()).encode()
        else:
            stem = self.rng.choice(ODD)
            stem = stem % (('minutes', self.numbers) if stem.startswith('%s') else self.numbers)
        if self.raw_names and self.rng.random() < 0.03:
            stem = 'two\nlines ' + str(self.numbers)
        return (stem + '.' + kind).encode()

    def size(self):
        pick = self.rng.random()
        for share, low, high in ((0.03, 0, 1), (0.11, 20, 60), (0.22, 60, 700), (0.45, 700, 8192),
                                 (0.85, 8192, 98304), (0.98, 98304, 400000)):
            if pick < share:
                return self.rng.randrange(low, high)
        return self.rng.randrange(900000, 1600000)

    def content(self, size=None, kind=None):
        size = self.size() if size is None else size
        if kind is None:
            if size < 500:
                kind = 'txt'
            elif size < 6000 and self.rng.random() < 0.15:
                kind = 'jpg'
            else:
                kind = self.rng.choice(KINDS)
        self.numbers += 1
        return kind, contents.make(kind, '%s.%03d' % (self.tag, self.numbers), size)

    def folder(self):
        return self.rng.choice(self.folders)

    # ---- what happens to files ----

    def make_folders(self):
        rng = self.rng
        for n in range(8):
            name = [b'photos', 'وثائق'.encode(), '文件'.encode(), b'mail box', b'old', b'WORK', b'a.b.c',
                    'Ümläut'.encode()][n]
            parent = rng.choice(self.folders) + b'/' if self.folders and rng.random() < 0.5 else b''
            self.folders.append(parent + name)
        deep = b'deep'
        for n in range(5):
            deep += b'/' + rng.choice((b'level', 'مجلد'.encode(), b'folder with spaces', '层'.encode())) + \
                b'%d' % n
            self.folders.append(deep)
        for path in self.folders:
            self.do('mkdir -p', quote(path))
        if (self.kind, self.seed) == ('ntfs', 4):
            for path in self.folders[::2]:
                self.do('setfattr -h -v 0x00000800 -n system.ntfs_attrib_be', quote(path))
        self.sync()

    def new(self, size=None, kind=None, folder=None):
        kind, body = self.content(size, kind)
        file = File((folder or self.folder()) + b'/' + self.name(kind))
        self.do('cat', self.store(body), '>', quote(file.path))
        self.stamp(file, body)
        self.files.append(file)
        return file

    def interleave(self, count, rounds):
        """Files that grow in turns, so that their blocks lie among each other's."""
        group = []
        for _ in range(count):
            kind, body = self.content(self.rng.randrange(rounds * 9000, rounds * 24000))
            file = File(self.folder() + b'/' + self.name(kind))
            group.append((file, body, self.store(body)))
            self.files.append(file)
        for n in range(rounds):
            for file, body, stored in group:
                pages = -(-len(body) // 4096)
                first, last = pages * n // rounds, pages * (n + 1) // rounds
                if first == last:
                    continue
                self.do('dd if=%s of=%s bs=4096 skip=%d seek=%d count=%d conv=notrunc status=none' % (
                    stored, '@', first, first, last - first))
                self.lines[-1] = self.lines[-1].replace(b'of=@', b'of=' + quote(file.path))
                self.stamp(file, body[:last * 4096])
                self.sync()

    def fill(self, folder, left):
        """Files of one line each until no more than `left` KiB are free."""
        self.do('mkdir -p', folder)
        body = (b'This one only takes room, over and over. ' * (FILL // 40))[:FILL]
        stored = self.store(body)
        self.do('n=0; while [ $(($(stat -f -c "%%a * %%S / 1024" .))) -gt %d ] && [ $n -lt 400 ]; do '
                'cat %s >%s/$n.dat || break; n=$((n + 1)); [ $((n %% 8)) -ne 0 ] || sync; done; sync; '
                'echo "%s: $n, left $(stat -f -c %%a .)"' % (left, stored, folder, folder))
        return {'data': body, 'mtime': 0, 'path': folder.encode() + b'/*', 'status': 'fill'}

    def alive(self):
        return [f for f in self.files if f.alive]

    def remove(self, file):
        self.do('rm -f', quote(file.path))
        file.alive = False

    def remove_some(self, count):
        for file in self.rng.sample(self.alive(), min(count, len(self.alive()))):
            self.remove(file)

    def remove_folder(self, folder):
        self.do('rm -rf', quote(folder))
        for file in self.alive():
            if file.path.startswith(folder + b'/'):
                file.alive = False
        self.folders = [f for f in self.folders if f != folder and not f.startswith(folder + b'/')]
        if not self.folders:
            self.folders.append(b'again')
            self.do('mkdir again')

    def rename(self, file):
        kind = file.path.rsplit(b'.', 1)[1].decode()
        path = self.folder() + b'/' + self.name(kind)
        self.do('mv', quote(file.path), quote(path))
        file.path = path
        if file.versions:
            file.versions[-1] = dict(file.versions[-1], path=path)

    def overwrite(self, file):
        """In place, the same length or a part in the middle."""
        old = file.versions[-1]['data']
        self.numbers += 1
        fresh = contents.text('%s.%03d' % (self.tag, self.numbers), len(old))
        if len(old) > 20000 and self.rng.random() < 0.7:
            pages = len(old) // 4096
            at = self.rng.randrange(1, pages - 2)
            body = old[:at * 4096] + fresh[at * 4096:(at + 2) * 4096] + old[(at + 2) * 4096:]
            body = body[:len(old)]
        else:
            body = fresh
        self.do('dd if=%s bs=4096 conv=notrunc status=none of=' % self.store(body))
        self.lines[-1] += quote(file.path)
        self.stamp(file, body)

    def rewrite(self, file):
        kind = file.path.rsplit(b'.', 1)[1].decode().lower()
        kind, body = self.content(kind=kind if kind in contents.KINDS else 'docx')
        self.do('cat', self.store(body), '>', quote(file.path))
        self.stamp(file, body)

    def shorten(self, file):
        old = file.versions[-1]['data']
        size = self.rng.randrange(len(old) // 4, len(old))
        self.do('truncate -s %d' % size, quote(file.path))
        self.stamp(file, old[:size])

    def change_some(self, count):
        for file in self.rng.sample([f for f in self.alive() if len(f.versions[-1]['data']) > 700], count):
            self.rng.choice((self.overwrite, self.rewrite, self.rewrite, self.shorten))(file)
            self.sync()
        for file in self.rng.sample(self.alive(), count):
            self.rename(file)
        self.sync()

    def patch_some(self, count):
        """Parts in the middle of files are written anew."""
        large = [f for f in self.alive() if len(f.versions[-1]['data']) > 20000]
        for file in self.rng.sample(large, min(count, len(large))):
            self.overwrite(file)
            self.sync()

    def holes(self, count):
        """Every second of them will go, and large files take the holes."""
        group = [self.new(self.rng.randrange(5000, 24000)) for _ in range(count)]
        self.sync()
        return group

    def fill_holes(self, group):
        freed = 0
        for file in group[::2]:
            freed += len(file.versions[-1]['data'])
            self.remove(file)
        self.sync()
        for kind in self.rng.sample(('pdf', 'png', 'txt', 'zip', 'docx', 'db', 'gif'), 4):
            self.new(max(8192, freed // 8), kind)
            self.sync()
        self.interleave(3, 3)

    # ---- the end ----

    def finish(self, extra):
        self.stage()
        for n, lines in enumerate(self.stages):
            with open('%s/stage-%d.sh' % (self.out, n), 'wb') as f:
                f.write(b'export LC_ALL=C\n' + b'\n'.join(lines) + b'\n')
        rows = []
        for file in self.files:
            for n, version in enumerate(file.versions):
                later = file.versions[n + 1:]
                if not later:
                    status = 'alloc' if file.alive else 'deleted'
                elif any(v['data'].startswith(version['data']) for v in later):
                    status = 'prefix'
                else:
                    status = 'earlier'
                rows.append(dict(version, status=version.get('status', status)))
        for base, name, body in self.streams:
            rows.append({'data': body, 'mtime': base.versions[-1]['mtime'], 'path': base.path + b':' + name,
                         'status': 'alloc' if base.alive else 'deleted'})
        index = []
        for n, row in enumerate(rows + extra):
            body = row.pop('data')
            with open('%s/versions/%d' % (self.out, n), 'wb') as f:
                f.write(body)
            index.append(dict(row, path=row['path'].hex(), size=len(body), id=n,
                              sha256=hashlib.sha256(body).hexdigest()))
        with open(self.out + '/versions.json', 'w') as f:
            json.dump(index, f, indent=1)
        report(rows, self.out)


def report(rows, out):
    """Says what is not unique in the contents, since the truth rests on that."""
    seen, twice = {}, 0
    tally = {}
    for row in rows:
        tally[row['status']] = tally.get(row['status'], 0) + 1
    for n in range(len(rows)):
        if rows[n]['status'] == 'prefix':
            continue
        with open('%s/versions/%d' % (out, n), 'rb') as f:
            body = f.read()
        for at in range(0, len(body) - 511, 512):
            cell = body[at:at + 512]
            twice += seen.setdefault(cell, (n, at)) != (n, at)
    print(out, tally, 'cells', len(seen), 'not unique', twice)


from kinds import history, twin  # noqa: E402


def main():
    kind, seed, out = sys.argv[1:]
    plan = Plan(kind, seed if seed == 'twin' else int(seed), out)
    plan.finish(twin(plan) if seed == 'twin' else history(plan))


if __name__ == '__main__':
    main()
