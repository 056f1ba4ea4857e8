# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs jq xz cmp
needs_confinement
xz -dc "$ATHAR_SOURCE/testdata/practice/practice.img.xz" >practice.img
athar carve practice.img --grade partial --case case --exhibit 1 >out 2>err
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
# Some types only: the same items as among all.
types='select(.type == "jpeg" or .type == "pdf") | [.hashes.sha256, .grade, .state] | @csv'
quietly 0 athar carve case --type pdf,jpeg
cmp <(jq -r "$types" $run/items.jsonl | sort) <(jq -r '[.hashes.sha256, .grade, .state] | @csv' \
  case/1/carve-002/items.jsonl | sort)
# Content alone looks where no live file is, all the same.
quietly 0 athar carve case --method content
jq -r .state case/1/carve-003/items.jsonl | sort -u
jq -r 'select(.grade == "intact" or .grade == "complete") | .hashes.sha256' case/1/carve-003/items.jsonl |
  grep -c -F -f <(jq -r '.files[] | select(.expect == "content") | .sha256' \
    "$ATHAR_SOURCE/testdata/practice/key.json")
athar cat practice.img --offset 1234567 --size 654321 -q |
  cmp - <(dd if=practice.img iflag=skip_bytes,count_bytes skip=1234567 count=654321 status=none)
