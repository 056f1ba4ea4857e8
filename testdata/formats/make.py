#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Makes the samples of this folder: make.py FOLDER. README.md says what is what.

Needs Pillow, ImageMagick, libtiff's and OpenJPEG's tools, cjxl, cwebp, ffmpeg, lame, cjpeg and jpegtran
(libjpeg-turbo), flac, GnuPG, OpenSSH, OpenSSL, opus-tools, Perl with DB_File, qpdf, speex, vorbis-tools, zip,
sqlite3, tar, bsdtar, 7z, xz, bzip2, zstd, lz4, gcab; windows.py and programs.py name what they need. Encoders
change, so other versions give other bytes; the tests depend on none of them, only on the files being sound.
"""
import archives
import basics
import films
import photos
import pictures
import programs
import texts
import windows

MAKERS = {
    basics: "png gif jpeg pdf zips sqlite bmff wav avi mp3 mpeg ogg netpbm xcf gzip ole",
    photos: "photos",
    pictures: "webp bmp tiff telephone jp2 psd jxl",
    films: "mkv flac asf flv aac amr ts notes plain_sound midi",
    texts: "texts_of_people mail keys markup bplist vaults",
    archives: "tars rars xzs sevens bzip2s zstds lz4s cabs wals",
}

for module, names in MAKERS.items():
    for name in names.split():
        getattr(module, name)()
windows.make(basics.save)
programs.make(basics.save)
