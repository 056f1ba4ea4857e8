# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Whole files, each filled up to the end of its cluster.
needs jq sha256sum
needs_confinement
# shellcheck source=tests/cli/pieces.sh
. "$ATHAR_SOURCE/tests/cli/pieces.sh"
pieces contiguous 4096 1 2 -- rgb.png deflated.zip tone.ogg plain.pdf wal.sqlite photo-first.jpg tail.mp4 moving.gif stereo.flac
pieces contiguous 512 1 2 -- rgb.png deflated.zip tone.ogg plain.pdf wal.sqlite photo-first.jpg tail.mp4 moving.gif stereo.flac
