# SPDX-License-Identifier: BSD-2-Clause
"""The contents of the seed volumes: valid files whose every 512 bytes are unique, and that pack well.

Everything is made of cells of 512 bytes: the number of the file, the number of the cell, and a phrase
of the file over and over. So any 512 bytes of a file tell which file they belong to and where, and an
image full of them packs to almost nothing.
"""
import io
import os
import random
import sqlite3
import struct
import tempfile
import zipfile
import zlib

CELL = 512
WORDS = ('ledger harbour copper window orchard signal paper winter bridge lantern garden market river '
         'engine letter silver morning village number island station account picture record').split()


def phrase(tag):
    rng = random.Random(tag)
    return ' '.join(rng.choice(WORDS) for _ in range(5)).encode()


def cells(tag, size, width=80, twice=False):
    """Text of that many bytes; twice: the number also stands in the middle of each cell."""
    line = phrase(tag)
    line = (line * (width // len(line) + 1))[:width - 1] + b'\n'
    body = line * (CELL // width + 1)
    out = []
    for n in range(size // CELL + 1):
        head = b'%s %06d ' % (tag.encode(), n)
        cell = head + body[len(head):CELL - 1] + b'\n'
        if twice:
            cell = cell[:CELL // 2] + b' <%06d> ' % n + cell[CELL // 2 + 10:]
        out.append(cell)
    return b''.join(out)[:size]


def text(tag, size):
    return cells(tag, size)


def data(tag, size):
    """Bytes without a structure anybody knows."""
    return bytes(b ^ 0x15 for b in cells(tag, size, CELL))


def png(tag, size):
    chunk = lambda kind, body: struct.pack('>I', len(body)) + kind + body + struct.pack(
        '>I', zlib.crc32(kind + body))
    rows = max(1, (size - 100) // CELL)
    pixels = cells(tag, rows * CELL, CELL)
    raw = b''.join(b'\0' + pixels[n * CELL:n * CELL + CELL - 1] for n in range(rows))
    packed = zlib.compress(raw, 0)
    step = random.Random(tag).choice((8192, 1 << 20))
    return (b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', CELL - 1, rows, 8, 0, 0, 0, 0)) +
            b''.join(chunk(b'IDAT', packed[n:n + step]) for n in range(0, len(packed), step)) +
            chunk(b'IEND', b''))


def gif(tag, size):
    """Its codes are whole bytes: a clear code comes before the table grows."""
    rows = max(1, size // CELL)
    pixels = cells(tag, rows * CELL, twice=True)
    codes = bytearray()
    for n in range(0, len(pixels), 120):
        codes += b'\x80' + pixels[n:n + 120]
    codes += b'\x81'
    blocks = b''.join(bytes([len(codes[n:n + 255])]) + codes[n:n + 255] for n in range(0, len(codes), 255))
    palette = b''.join(bytes([n * 2, n, 255 - n]) for n in range(128))
    return (b'GIF89a' + struct.pack('<HHBBB', CELL, rows, 0xE6, 0, 0) + palette +
            b',' + struct.pack('<HHHHB', 0, 0, CELL, rows, 0) + b'\x07' + blocks + b'\0;')


def pdf(tag, size):
    pages = max(1, min(8, size // 4000))
    each = max(64, (size - 400 - 300 * pages) // pages)
    stored = random.Random(tag).random() < 0.7
    objects = [b'<< /Type /Catalog /Pages 2 0 R >>',
               b'<< /Type /Pages /Count %d /Kids [%s] >>' % (
                   pages, b' '.join(b'%d 0 R' % (4 + 2 * n) for n in range(pages))),
               b'<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>']
    written = cells(tag, each * pages, twice=True)
    for n in range(pages):
        lines = written[n * each:(n + 1) * each].replace(b'\n', b') Tj T* (')
        body = b'BT /F1 8 Tf 36 800 Td 9 TL (' + lines + b') Tj ET\n'
        if stored:
            body = zlib.compress(body, 0)
        objects.append(b'<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R '
                       b'/Resources << /Font << /F1 3 0 R >> >> >>' % (5 + 2 * n))
        objects.append(b'<< /Length %d%s >>\nstream\n' % (
            len(body), b' /Filter /FlateDecode' if stored else b'') + body + b'\nendstream')
    out = bytearray(b'%PDF-1.4\n%\xe2\xe3\xcf\xd3\n')
    places = []
    for n, body in enumerate(objects):
        places.append(len(out))
        out += b'%d 0 obj\n' % (n + 1) + body + b'\nendobj\n'
    table = len(out)
    out += b'xref\n0 %d\n0000000000 65535 f \n' % (len(objects) + 1)
    out += b''.join(b'%010d 00000 n \n' % place for place in places)
    out += b'trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n' % (len(objects) + 1, table)
    return bytes(out)


def archive(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_STORED) as z:
        for name, body in members:
            z.writestr(zipfile.ZipInfo(name, (2026, 1, 2, 3, 4, 6)), body)
    return out.getvalue()


def zipped(tag, size):
    share = max(32, (size - 400) // 3)
    return archive([('%s/part%d.txt' % (tag, n), cells('%s.%d' % (tag, n), share)) for n in range(3)])


def docx(tag, size):
    head = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<!-- %s -->\n' % tag.encode()
    types = (b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override '
             b'PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
             b'wordprocessingml.document.main+xml"/></Types>')
    rels = (b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            b'<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
            b'relationships/officeDocument" Target="word/document.xml"/></Relationships>')
    body = (b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
            b'<w:p><w:r><w:t>' + cells(tag, max(64, size - 1500)) + b'</w:t></w:r></w:p></w:body></w:document>')
    return archive([('[Content_Types].xml', head + types), ('_rels/.rels', head + rels),
                    ('word/document.xml', head + body)])


def sqlite(tag, size):
    with tempfile.TemporaryDirectory() as folder:
        name = os.path.join(folder, 'a.db')
        base = sqlite3.connect(name)
        base.execute('pragma page_size=%d' % random.Random(tag).choice((1024, 4096)))
        base.execute('create table messages (id integer primary key, sender text, body text)')
        rows = cells(tag, max(CELL, size * 9 // 10 - 4096)).decode()
        base.executemany('insert into messages (sender, body) values (?, ?)',
                         [(tag, rows[n:n + CELL // 2]) for n in range(0, len(rows), CELL // 2)])
        base.commit()
        base.close()
        with open(name, 'rb') as f:
            return f.read()


# ---- JPEG: grey, baseline, one value for each 8x8 block ----

DC_COUNTS = (0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0)


def huffman(counts):
    codes, code, symbol = {}, 0, 0
    for length, count in enumerate(counts, 1):
        for _ in range(count):
            codes[symbol] = format(code, '0%db' % length)
            code, symbol = code + 1, symbol + 1
        code <<= 1
    return codes


def jpeg(tag, size):
    rng = random.Random(tag)
    side = max(2, min(64, int(size ** 0.5)))
    codes, bits, before = huffman(DC_COUNTS), [], 0
    for _ in range(side * side):
        value = rng.randrange(-60, 61)
        diff, before = value - before, value
        length = abs(diff).bit_length()
        bits.append(codes[length])
        if length:
            bits.append(format(diff if diff > 0 else diff + (1 << length) - 1, '0%db' % length))
        bits.append('0')
    bits = ''.join(bits)
    bits += '1' * (-len(bits) % 8)
    scan = int(bits, 2).to_bytes(len(bits) // 8, 'big').replace(b'\xff', b'\xff\0')
    segment = lambda kind, body: b'\xff' + bytes([kind]) + struct.pack('>H', len(body) + 2) + body
    return (b'\xff\xd8' + segment(0xE0, b'JFIF\0\1\1\0\0\1\0\1\0\0') + segment(0xFE, tag.encode()) +
            segment(0xDB, b'\0' + b'\x08' * 64) +
            segment(0xC0, struct.pack('>BHHB', 8, side * 8, side * 8, 1) + b'\1\x11\0') +
            segment(0xC4, b'\0' + bytes(DC_COUNTS) + bytes(range(12))) +
            segment(0xC4, b'\x10' + b'\1' + b'\0' * 15 + b'\0') +
            segment(0xDA, b'\1\1\0\0\x3f\0') + scan + b'\xff\xd9')


KINDS = {'txt': text, 'log': text, 'dat': data, 'png': png, 'gif': gif, 'pdf': pdf, 'zip': zipped,
         'docx': docx, 'db': sqlite, 'jpg': jpeg}


def make(kind, tag, size):
    """A file of about that many bytes; text and data have exactly as many."""
    return KINDS[kind](tag, size)
