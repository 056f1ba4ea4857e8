# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs jq sha256sum
needs_confinement
sample ntfs
athar carve ntfs.img --grade partial --case case --exhibit 1 >out 2>err
echo "exit $?"
judge_sample case/1/carve-001
jq -r '[.item, .hashes.sha256] | join(" ")' case/1/carve-001/items.jsonl | while read -r n hash; do
  [ "$(athar cat case --item "$n" -q | sha256sum | cut -c1-64)" = "$hash" ] || echo "item $n differs"
done
