#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Makes the practice exhibit: practice.img.xz and key.json, beside this script.

A disk of 64 MiB with a DOS partition table: a FAT32 card and an ext4 volume. Every file on it is made
here, from seeds; some are live, some deleted, two in pieces, one partly overwritten. The FAT side is
written by mtools, the ext4 side by the running kernel, because only a kernel deletes as a kernel does.

Needs root (loop devices), python3-pil, ffmpeg, mtools, dosfstools, e2fsprogs, fdisk, xz-utils.
The result is not the same byte for byte each time (the kernel's clock is in it); the key is made with
it and always fits it.
"""
import hashlib
import io
import json
import os
import random
import sqlite3
import subprocess
import tempfile
import zipfile

from PIL import Image, ImageDraw

HERE = os.path.dirname(os.path.abspath(__file__))
MIB = 1 << 20
FAT_START, FAT_SIZE = 1 * MIB, 40 * MIB
EXT_START, EXT_SIZE = 41 * MIB, 22 * MIB
EPOCH = 1767225600  # 2026-01-01


def run(*command, **more):
    return subprocess.run(command, check=True, capture_output=True, **more).stdout


# ---- the files: everything is drawn, written or filmed here ----

def picture(seed, width, height):
    rng = random.Random(seed)
    image = Image.new('RGB', (width, height))
    draw = ImageDraw.Draw(image)
    for y in range(height):
        draw.line([(0, y), (width, y)], fill=(40 + y * 150 // height, 90, 200 - y * 120 // height))
    for _ in range(300):
        x, y, r = rng.randrange(width), rng.randrange(height), rng.randrange(4, 40)
        draw.ellipse([x - r, y - r, x + r, y + r], fill=tuple(rng.randrange(256) for _ in range(3)))
    return image


def encode(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def jpeg(seed, width=640, height=480, **options):
    return encode(picture(seed, width, height), 'JPEG', quality=88, **options)


def png(seed, width=240, height=180):
    return encode(picture(seed, width, height), 'PNG')


def gif(seed):
    return encode(picture(seed, 200, 150).convert('P'), 'GIF')


def pdf(seed, lines):
    """A PDF of one page, with a classic cross-reference table."""
    text = 'BT /F1 12 Tf 72 770 Td 14 TL ' + ' '.join('(%s) Tj T*' % line for line in lines) + ' ET'
    noise = random.Random(seed).randbytes(20000).hex()
    bodies = ['<< /Type /Catalog /Pages 2 0 R >>',
              '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
              '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R '
              '/Resources << /Font << /F1 5 0 R >> >> >>',
              '<< /Length %d >>\nstream\n%s\nendstream' % (len(text), text),
              '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
              '<< /Length %d >>\nstream\n%s\nendstream' % (len(noise), noise)]
    out, offsets = b'%PDF-1.4\n%\xe2\xe3\xcf\xd3\n', []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(out))
        out += ('%d 0 obj\n%s\nendobj\n' % (number, body)).encode()
    table = 'xref\n0 %d\n0000000000 65535 f \n' % (len(bodies) + 1)
    table += ''.join('%010d 00000 n \n' % offset for offset in offsets)
    table += 'trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n' % (len(bodies) + 1, len(out))
    return out + table.encode()


def archive(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
        for name, data in members:
            z.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 12, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def docx(seed, text):
    kind = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml'
    rels = 'http://schemas.openxmlformats.org/package/2006/relationships'
    office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument'
    word = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main'
    return archive([
        ('[Content_Types].xml',
         '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/'
         '2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-'
         'package.relationships+xml"/><Default Extension="png" ContentType="image/png"/><Override '
         'PartName="/word/document.xml" ContentType="%s"/></Types>' % kind),
        ('_rels/.rels',
         '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="%s"><Relationship Id="rId1" '
         'Type="%s" Target="word/document.xml"/></Relationships>' % (rels, office)),
        ('word/document.xml',
         '<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="%s"><w:body><w:p><w:r><w:t>%s'
         '</w:t></w:r></w:p></w:body></w:document>' % (word, text)),
        ('word/media/image1.png', png(seed)),
    ])


def database(rows):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'db')
        db = sqlite3.connect(path)
        db.execute('PRAGMA page_size=4096')
        db.execute('CREATE TABLE messages(id INTEGER PRIMARY KEY, sender TEXT, body TEXT, sent INTEGER)')
        db.executemany('INSERT INTO messages(sender, body, sent) VALUES(?, ?, ?)', rows)
        db.commit()
        db.close()
        with open(path, 'rb') as f:
            return f.read()


def messages(seed, count):
    rng = random.Random(seed)
    return [('+973 3600 %04d' % rng.randrange(10000), 'رسالة رقم %d' % i, EPOCH + 60 * i)
            for i in range(count)]


def video(front):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'v.mp4')
        run('ffmpeg', '-v', 'error', '-f', 'lavfi', '-i', 'testsrc=size=176x144:rate=10:duration=4',
            '-c:v', 'mpeg4', '-q:v', '8', '-fflags', '+bitexact', '-flags:v', '+bitexact',
            *(['-movflags', '+faststart'] if front else []), path)
        with open(path, 'rb') as f:
            return f.read()


# ---- the key ----

KEY = []


def note(volume, path, data, state, expect):
    """expect: live; metadata (whole, with its path); content (whole, by its content); assumed
    (all its bytes, but its format cannot prove the last ones); partial."""
    KEY.append({'volume': volume, 'path': path, 'size': len(data), 'state': state, 'expect': expect,
                'sha256': hashlib.sha256(data).hexdigest()})


# ---- the FAT32 card, by mtools ----

class Card:
    def __init__(self, path):
        self.env = dict(os.environ, MTOOLS_SKIP_CHECK='1', LC_ALL='C.UTF-8', TZ='UTC')
        self.image = path
        self.scratch = tempfile.mkdtemp()
        run('truncate', '-s', str(FAT_SIZE), path)
        run('mkfs.fat', '-F', '32', '-s', '1', '-n', 'CARD', '-i', '20260101', '--invariant', path)

    def folder(self, name):
        run('mmd', '-i', self.image, '::' + name, env=self.env)

    def put(self, name, data):
        path = os.path.join(self.scratch, 'x')
        with open(path, 'wb') as f:
            f.write(data)
        os.utime(path, (EPOCH, EPOCH))
        run('mcopy', '-m', '-i', self.image, path, '::' + name, env=self.env)

    def delete(self, name):
        run('mdel', '-i', self.image, '::' + name, env=self.env)


def fill_card(path):
    card = Card(path)
    card.folder('DCIM')
    live = [('DCIM/IMG_0001.jpg', jpeg(1)), ('رحلة إلى الصحراء.jpg', jpeg(2)),
            ('notes.txt', 'ملاحظات\nnotes of the practice exhibit\n'.encode() * 40)]
    gone = [('DCIM/IMG_0002.jpg', jpeg(3)), ('DCIM/IMG_0003.png', png(4)),
            ('DCIM/IMG_0010.jpg', jpeg(5, progressive=True)),
            ('تقرير سري.docx', docx(6, 'تقرير')), ('report.pdf', pdf(7, ['A report that was deleted'])),
            ('clip.mp4', video(True)), ('messages.db', database(messages(8, 400))),
            ('sticker.gif', gif(9))]
    for name, data in live:
        card.put(name, data)
        note('card', name, data, 'live', 'live')
    for name, data in gone:
        card.put(name, data)
        note('card', name, data, 'deleted', 'assumed' if name == 'clip.mp4' else 'metadata')

    # In two pieces: it fills a hole between live files and goes on behind the second one.
    hole, guard, pieces = bytes(12000), b'a live file between two pieces\n' * 400, png(10, 900, 700)
    card.put('hole.bin', hole)
    card.put('guard.txt', guard)
    card.delete('hole.bin')
    note('card', 'guard.txt', guard, 'live', 'live')
    place_first_free(card)
    card.put('DCIM/IMG_0004.png', pieces)
    note('card', 'DCIM/IMG_0004.png', pieces, 'deleted', 'metadata')

    # Partly overwritten: deleted first, then a live file takes its first clusters.
    victim, robber = jpeg(11), b'these bytes lie where a picture was\n' * 300
    card.put('DCIM/IMG_0005.jpg', victim)
    note('card', 'DCIM/IMG_0005.jpg', victim, 'deleted', 'partial')
    for name, _ in gone:
        card.delete(name)
    start = first_cluster(card, 'DCIM/IMG_0005.jpg')
    card.delete('DCIM/IMG_0004.png')
    card.delete('DCIM/IMG_0005.jpg')
    place_next_free(card, start)
    card.put('robber.txt', robber)
    note('card', 'robber.txt', robber, 'live', 'live')


def first_cluster(card, name):
    """mshowfat prints "::name <first-last> ...": the first number."""
    out = run('mshowfat', '-i', card.image, '::' + name, env=card.env).decode()
    return int(out.split('<')[-1 - out.count('> <')].split('-')[0].rstrip('>'))


def place_next_free(card, cluster):
    """mtools allocates from the hint in the FSINFO sector on: so the hint says where."""
    with open(card.image, 'r+b') as f:
        f.seek(512 + 492)
        f.write((cluster - 1).to_bytes(4, 'little'))


def place_first_free(card):
    place_next_free(card, 2)


# ---- the ext4 volume, by the kernel ----

def fill_ext4(path):
    run('truncate', '-s', str(EXT_SIZE), path)
    run('mkfs.ext4', '-q', '-b', '1024', '-L', 'volume', '-U', 'a7ba7000-0000-4000-8000-000000000001',
        '-E', 'hash_seed=a7ba7000-0000-4000-8000-000000000002', path)
    live = [('photos/beach.jpg', jpeg(21)), ('رسائل.db', database(messages(22, 100))),
            ('readme.txt', b'live on ext4\n' * 200)]
    gone = [('photos/port.jpg', jpeg(23)), ('photos/map.png', png(24)), ('مستند.pdf', pdf(25, ['ext4'])),
            ('backup.zip', archive([('a.txt', b'first' * 900), ('b.bin', random.Random(26).randbytes(9000))])),
            ('film.mp4', video(False)), ('contacts.db', database(messages(27, 300))),
            ('letter.docx', docx(28, 'letter')), ('small.gif', gif(29))]
    with tempfile.TemporaryDirectory() as mount:
        run('mount', '-o', 'loop', path, mount)
        try:
            os.mkdir(os.path.join(mount, 'photos'))
            for name, data in live + gone:
                with open(os.path.join(mount, name), 'wb') as f:
                    f.write(data)
                    f.flush()
                    os.fsync(f.fileno())
            os.sync()
            for name, _ in gone:
                os.unlink(os.path.join(mount, name))
        finally:
            run('umount', mount)
    for name, data in live:
        note('ext4', name, data, 'live', 'live')
    for name, data in gone:
        note('ext4', name, data, 'deleted', 'content')


# ---- the disk ----

def main():
    image = os.path.join(HERE, 'practice.img')
    with tempfile.TemporaryDirectory() as folder:
        card, volume = os.path.join(folder, 'card'), os.path.join(folder, 'ext4')
        fill_card(card)
        fill_ext4(volume)
        with open(image, 'wb') as out:
            out.truncate(EXT_START + EXT_SIZE + MIB)
            for start, part in ((FAT_START, card), (EXT_START, volume)):
                out.seek(start)
                with open(part, 'rb') as f:
                    out.write(f.read())
    table = 'label: dos\nlabel-id: 0x61746872\n%d,%d,c\n%d,%d,83\n' % (
        FAT_START // 512, FAT_SIZE // 512, EXT_START // 512, EXT_SIZE // 512)
    run('sfdisk', '-q', image, input=table.encode())
    with open(image, 'rb') as f:
        whole = hashlib.sha256(f.read()).hexdigest()
    with open(os.path.join(HERE, 'key.json'), 'w', encoding='utf-8') as f:
        json.dump({'v': 1, 'image': {'name': 'practice.img', 'sha256': whole}, 'files': KEY}, f,
                  ensure_ascii=False, indent=1)
        f.write('\n')
    run('xz', '-9e', '-T1', '-f', image)


if __name__ == '__main__':
    main()
