# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# What the acquisition record calls bad is bad for every item over it, listed or taken out.
needs jq openssl mformat mcopy mdel
needs_confinement
export MTOOLS_SKIP_CHECK=1
truncate -s 2M fat.img
mformat -i fat.img -t 64 -h 1 -s 64 ::
bytes 2000 >a.bin
bytes 1500 >b.bin
gif >c.gif
mcopy -i fat.img a.bin b.bin c.gif ::
mdel -i fat.img ::a.bin ::b.bin ::c.gif
quietly 0 athar acquire fat.img --case case --exhibit 1 --format raw
athar carve case --list-only -q
at=$(jq -r 'select(.size == 1500) | .extents[0].at' case/1/carve-001/items.jsonl)
gif_at=$(jq -r 'select(.type == "gif") | .extents[0].at' case/1/carve-001/items.jsonl)
jq --argjson at "$at" --argjson gif "$gif_at" '.bad = [
    {"offset": $at, "length": 512, "kind": "bad"},
    {"offset": ($gif + 20), "length": 1, "kind": "unread"}]' case/1/acquisition.json >edited
cat edited >case/1/acquisition.json
quietly 3 athar carve case --list-only
quietly 3 athar carve case --allocated
quietly 0 athar carve case --method content --every-byte
jq .bad_bytes case/1/carve-004/run.json
for n in 2 3 4; do
  echo "carve-00$n"
  jq -r 'select(.size > 0) | [.size, .grade, .state, .quality.bad, .why] | @csv' case/1/carve-00$n/items.jsonl | sort
done
# A record that says nothing sensible is no sound image.
echo '{' >case/1/acquisition.json
one_line 4 athar carve case
