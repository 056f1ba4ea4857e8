# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Files whose bytes are not the image's own, since the file system packed them: cat gives what carve gave, of
# live records and of those that no table leads to.
needs jq xz
needs_confinement
for seed in ntfs-4 f2fs-5; do
  xz -dc "$ATHAR_SOURCE/testdata/undelete/$seed.img.xz" >$seed.img
  quietly 0 athar carve $seed.img --case $seed --exhibit 1 --allocated --method metadata,content
  jq -r 'select(.file != null and any(.extents[]; .kind == "derived")) | [.item, .hashes.sha256] | @tsv' \
    $seed/1/carve-001/items.jsonl >packed
  [ "$(wc -l <packed)" -gt 10 ] || echo "$seed: few are packed"
  while read -r item hash; do
    [ "$(athar cat $seed --item "$item" -q | hash_of sha256sum)" = "$hash" ] || echo "$seed: item $item differs"
  done <packed
  echo "$seed: done"
done
