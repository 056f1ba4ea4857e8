# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Words are planted in a live file, in the rest of its last block, in a deleted one, in a free block, in
# a folder, between partitions; what is said of them is what was made, and what sleuthkit says.
needs jq sfdisk mkfs.vfat mkfs.ext4 mkfs.ntfs ntfscp mcopy mdel istat ifind debugfs openssl
needs_confinement
export MTOOLS_SKIP_CHECK=1
{ bytes 5000; printf 'PlantedWord'; bytes 3000; } >live.bin
{ bytes 900; printf 'PlantedWord'; bytes 900; } >gone.bin
truncate -s 16M fat.img
mkfs.vfat -F 16 -s 4 fat.img >/dev/null
mmd -i fat.img ::/docs
mcopy -i fat.img live.bin ::/docs/live.bin
mcopy -i fat.img gone.bin ::/gone.bin
mcopy -i fat.img gone.bin "::/plantedword and more.bin"
sectors() { istat -f fat16 fat.img "$(ifind -f fat16 -n "$1" fat.img)" | sed -n '/^Sectors/,$p' | tail -n +2 | xargs; }
live=$(sectors docs/live.bin)
last=$((${live##* } * 512))
free=$((30000 * 512 + 100))
mdel -i fat.img ::/gone.bin
printf 'PlantedWord' | dd of=fat.img bs=1 seek=$((last + 400)) conv=notrunc status=none
printf 'PlantedWord' | dd of=fat.img bs=1 seek=$free conv=notrunc status=none
truncate -s 8M ext.img
mkfs.ext4 -q -b 4096 ext.img
for command in 'mkdir docs' 'write gone.bin docs/inside.bin' 'write gone.bin plantedword.bin'; do
  debugfs -w -R "$command" ext.img >/dev/null 2>&1
done
truncate -s 28M disk.img
printf 'label: dos\nstart=2048,size=32768,type=6\nstart=34816,size=16384,type=83\nstart=53248,size=2048,type=83\n' |
  sfdisk -q disk.img
dd if=fat.img of=disk.img bs=512 seek=2048 conv=notrunc status=none
dd if=ext.img of=disk.img bs=512 seek=34816 conv=notrunc status=none
for sector in 100 53300; do
  printf 'PlantedWord' | dd of=disk.img bs=512 seek=$sector conv=notrunc status=none
done
athar search disk.img plantedword --json 2>err |
  jq -r 'select(.type == "row") | .owner |
    "\(.volume // "-") \(.kind) \(.path // "-") \(.state // "-") \(.from // "-") \(.size // "-")"' | sort
cat err
athar search disk.img plantedword | sed 's/^ *[0-9]* *//' | sort -u

# A small file of NTFS lies inside of its record, which is in a file itself.
truncate -s 8M ntfs.img
mkfs.ntfs -q -F -c 4096 ntfs.img >/dev/null 2>&1
printf 'a small PlantedWord' >small.txt
ntfscp -q ntfs.img small.txt small.txt
ntfscp -q ntfs.img live.bin live.bin
athar search ntfs.img plantedword --json -q |
  jq -r 'select(.type == "row") | .owner | "\(.kind) \(.path) \(.state) \(.from) \(.size)"' | sort

# Of a case it is a run, and the log and verify know its files.
quietly 0 athar acquire disk.img --case case --exhibit 1 --format raw
say athar search case plantedword --word -j 2 | tail -n 2
quietly 0 athar search case nothing --regex
quietly 3 athar search case plantedword --word -j 1
ls case/1 case/1/search-001
(cd case/1/search-001 && sha256sum -c manifest.sha256)
cmp case/1/search-001/hits.jsonl case/1/search-003/hits.jsonl
jq -c '[.run, .exhibit, .patterns, .whole_words, .hits, .searched == .total, .result]' case/1/search-00?/search.json
sed -n 1p case/1/search-001/hits.jsonl
jq -c 'select(.action | startswith("search")) | [.action, .exhibit, .data.result, .data.hits,
  (.data.files // [] | map(.name))]' case/custody.jsonl | head -n 2
quietly 0 athar verify case
printf 'x' >>case/1/search-001/hits.jsonl
quietly 1 athar verify case

# What is on record as bad is searched as zeros, and told.
at=$(jq -s '.[] | select(.owner.kind == "outside") | .offset' case/1/search-003/hits.jsonl | head -n 1)
jq --argjson at "$at" '.bad = [{"offset": $at, "length": 512, "kind": "bad"},
  {"offset": 20000000, "length": 4096, "kind": "unread"}]' case/1/acquisition.json >edited
cat edited >case/1/acquisition.json
say athar search case --word plantedword -q | tail -n 4
jq -c '[.kind, .offset, .length, .text]' case/1/search-004/findings.jsonl
jq -c '[.hits, .bad_bytes, .findings, .total - .searched, .result]' case/1/search-004/search.json
