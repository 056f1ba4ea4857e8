# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# A picture with a picture in it: the whole comes out, and what is inside is no file of its own on the disk.
needs jq sha256sum
needs_confinement
samples=$ATHAR_SOURCE/testdata/formats
head -c 8192 /dev/zero >image.img
for file in thumbnail.jpg mpf.jpg; do
  cat "$samples/$file" >>image.img
  head -c $((16384 - $(stat -c %s "$samples/$file"))) /dev/zero >>image.img
done
for every in '' --every-byte; do
  # shellcheck disable=SC2086
  quietly 0 athar carve image.img --case "case$every" --exhibit 1 --method content $every -y
  jq -r 'select(.method == "content") | "\(.grade) \(.size)"' "case$every/1/carve-001/items.jsonl"
  jq -r 'select(.method == "content") | .hashes.sha256' "case$every/1/carve-001/items.jsonl" | sort |
    cmp - <(cd "$samples" && sha256sum thumbnail.jpg mpf.jpg | cut -c1-64 | sort)
done
