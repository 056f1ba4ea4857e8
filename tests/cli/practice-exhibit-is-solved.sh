# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs jq xz cmp
needs_confinement
xz -dc "$ATHAR_SOURCE/testdata/practice/practice.img.xz" >practice.img
athar carve practice.img --case case --exhibit 1 >out 2>err
echo "exit $?"
"$ATHAR_SOURCE/testdata/practice/score.sh" case/1/carve-001 2>/dev/null
echo "exit $?"
run=case/1/carve-001
# Every item comes out again as it went in; plain ones with dd as well.
jq -r 'select(.file != null and .file != "") | [.item, .hashes.sha256] | join(" ")' $run/items.jsonl |
  while read -r n hash; do
    [ "$(athar cat case --item "$n" -q | sha256sum | cut -c1-64)" = "$hash" ] || echo "item $n differs"
  done
jq -r 'select((.extents | length) == 1 and .extents[0].kind == "data" and .file != "")
  | [.extents[0].at, .size, .hashes.sha256] | join(" ")' $run/items.jsonl |
  while read -r at size hash; do
    dd if=practice.img iflag=skip_bytes,count_bytes skip="$at" count="$size" status=none | sha256sum |
      grep -q "^$hash" || echo "dd at $at differs"
  done
athar cat practice.img --offset 1234567 --size 654321 -q |
  cmp - <(dd if=practice.img iflag=skip_bytes,count_bytes skip=1234567 count=654321 status=none)
