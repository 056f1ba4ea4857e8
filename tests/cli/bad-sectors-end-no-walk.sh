# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# A sector of a table that could not be read costs what was in it, not all that is deleted.
needs jq xz od
needs_confinement
xz -dc "$ATHAR_SOURCE/testdata/undelete/ntfs-1.img.xz" >ntfs.img
quietly 0 athar acquire ntfs.img --case case --exhibit 1 --format raw
quietly 0 athar carve case --method metadata --list-only
# The table of files begins at this cluster of 4 KiB; its records 24 to 63 are never used.
mft=$(od -An -t u8 -j 48 -N 8 ntfs.img)
jq --argjson at $((mft * 4096 + 30 * 1024)) '.bad = [{"offset": $at, "length": 512, "kind": "bad"}]' \
  case/1/acquisition.json >edited
cat edited >case/1/acquisition.json
quietly 3 athar carve case --method metadata --list-only
jq -r '.text | sub("[0-9]+"; "N")' case/1/carve-002/findings.jsonl
for n in 1 2; do
  jq -c 'del(.run)' case/1/carve-00$n/items.jsonl >items.$n
done
cmp items.1 items.2 && echo "as many as before"
