# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs openssl
needs_confinement
mixed 3000111 >disk.img
# The source: its bytes, its size, when it was changed and by whom.
state() { sha256sum disk.img; stat -c '%s %y %z %U %G %a' disk.img; }
state >before
quietly 0 athar acquire disk.img --case case --exhibit one --format raw
cmp disk.img case/one/one.dd
quietly 0 athar acquire disk.img --case case --exhibit parts --format raw --segment-size 1000000
cat case/parts/parts.0* | cmp - disk.img
ls case/parts
quietly 0 athar verify case/parts/parts.001 --against disk.img
quietly 0 athar verify case
state | cmp - before
