# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs openssl
needs_confinement
bytes 100000 >a.img
bytes 50000 >b.img
quietly 0 athar acquire a.img --case case --exhibit 3-1
find case/3-1 -type f -exec sha256sum {} + | sort >before
# The id again, and another id with the same folder name.
one_line 5 athar acquire b.img --case case --exhibit 3-1
one_line 5 athar acquire b.img --case case --exhibit 3/1
find case/3-1 -type f -exec sha256sum {} + | sort | cmp - before
# The case may not lie in an image's place.
one_line 4 athar acquire b.img --case a.img/case --exhibit 1
ls
