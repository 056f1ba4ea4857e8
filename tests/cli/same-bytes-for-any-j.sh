# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
needs openssl jq
needs_confinement
{ bytes 500000; head -c 700000 /dev/zero; gif; bytes 3000; } >stick.img
for j in 1 2 7; do
  quietly 0 athar acquire stick.img --case case-$j --exhibit 1 -j $j
  quietly 0 athar carve case-$j -j $j
  jq 'del(.command, .sessions[].command)' case-$j/1/acquisition.json >case-$j/1/record
  (cd case-$j/1 && sha256sum 1.E01 1.map 1.sha256 record exhibit.json carve-001/items.jsonl) >sums-$j
done
cmp sums-1 sums-2
cmp sums-1 sums-7
