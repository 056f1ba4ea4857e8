# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Every byte of a run's folder, from a raw image and from an E01.
needs xz
needs_confinement
xz -dc "$ATHAR_SOURCE/testdata/practice/practice.img.xz" >practice.img
for format in raw ewf; do
  for j in 1 4; do
    quietly 0 athar acquire practice.img --case case --exhibit 1 --format $format
    quietly 0 athar carve case -j $j
    mv case $format-$j
  done
  diff -r $format-1/1/carve-001 $format-4/1/carve-001
done
cmp raw-1/1/carve-001/items.jsonl ewf-1/1/carve-001/items.jsonl
