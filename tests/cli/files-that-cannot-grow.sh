# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs openssl jq
needs_confinement
# A limit on the size of files stands for a target that stops to take what is written.
mixed 6000000 >disk.img
quietly 0 athar case new case
for format in ewf raw; do
  (
    trap '' XFSZ
    ulimit -f 2000
    one_line 4 athar acquire disk.img --case case --exhibit $format --format $format
  )
done
ls case
jq -r '[.action, .data.result // empty] | join(" ")' case/custody.jsonl
quietly 0 athar verify case
